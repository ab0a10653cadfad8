/* SPDX-License-Identifier: MIT
 *
 * Descriptors: open, close, dup, pipe, memfd.
 */
#define _GNU_SOURCE
#include "emu/kernel/files.h"
#include "emu/kernel/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include "emu/fs/memfd.h"

/* What openat(2) knows; more is ignored, as build_open_flags does for the old call. */
#define OPEN_FLAGS \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | G_O_NONBLOCK | O_DSYNC | FASYNC_ | \
	 G_O_DIRECT | G_O_LARGEFILE | G_O_DIRECTORY | G_O_NOFOLLOW | O_NOATIME | G_O_CLOEXEC | 04000000 | \
	 G_O_PATH | 020000000)
enum { FASYNC_ = 020000, TMPFILE_ = 020000000, O_NOTIFICATION_PIPE_ = 0200 /* O_EXCL */ };

/* build_open_flags of fs/open.c: 0 or -EINVAL; *flags and *mode become what vfs_open wants. */
static int open_flags(uint32_t *flags, uint32_t *mode)
{
	*flags &= OPEN_FLAGS;
	if (*flags & G_O_PATH)
		*flags &= G_O_DIRECTORY | G_O_NOFOLLOW | G_O_PATH | G_O_CLOEXEC;
	if (!(*flags & (O_CREAT | TMPFILE_)))
		*mode = 0;
	*mode &= 07777;
	if ((*flags & (G_O_DIRECTORY | O_CREAT)) == (G_O_DIRECTORY | O_CREAT))
		return -EINVAL;
	if (*flags & TMPFILE_)
		if (!(*flags & G_O_DIRECTORY) || (*flags & O_ACCMODE) == O_RDONLY)
			return -EINVAL;
	return 0;
}

/* A FIFO whose other end is awaited: the half-open file is kept in t->sys.file. */
static int64_t open_wait(struct task *t, struct file *f)
{
	if (task_signalled(t))
		return -ERESTARTSYS;
	if (!t->sys.file) {
		t->sys.file = file_get(f);
		t->sys.fd = -1;		/* no descriptor's file */
	}
	file_poll(f, &t->waiter);
	return task_block(t);
}

/* The second and later tries of an open that waits for a FIFO's other end. */
static int64_t open_goes_on(struct task *t)
{
	struct file *f = t->sys.file;
	int err = file_open_again(f);

	if (err == -EAGAIN)
		return open_wait(t, f);
	return err ? err : files_install(t, file_get(f), 0, f->flags & G_O_CLOEXEC);
}

/* flags and mode as vfs_open() wants them; resolve: WALK_* flags. */
static int64_t open_at(struct task *t, int32_t dirfd, uint32_t name, uint32_t flags, uint32_t mode, unsigned resolve)
{
	char path[PATH_MAX_GUEST];
	struct vfs_cred cred;
	struct file *f;
	struct walk w;
	int64_t r;
	int err;

	r = user_path(t, path, name);
	if (r < 0)
		return r;
	err = task_walk(t, dirfd, path, resolve, &w, &cred);
	if (err)
		return err;
	/* Linux takes the number first, so that a full table opens (and creates) nothing. */
	if (fds_lowest(t->fds, 0) >= files_limit(t))
		return -EMFILE;
	f = NULL;
	err = vfs_open(&w, path, flags, mode & ~t->fs->umask, &f);
	if (err == -EAGAIN && f) {
		if (t->sys.file)	/* dirfd's */
			file_put(t->sys.file);
		t->sys.file = NULL;
		t->sys.flag = 1;
		r = open_wait(t, f);
		file_put(f);
		return r;
	}
	log_debug(t->machine, FS, "%s[%d]: %s is opened, flags %#x: %s", t->comm, t->tid, path, flags, err ? strerror(-err) : "done");
	return err ? err : files_install(t, f, 0, flags & G_O_CLOEXEC);
}

int64_t sys_openat(struct task *t, const uint32_t a[6])
{
	uint32_t flags = a[2], mode = a[3];
	int err;

	if (t->sys.restarted && t->sys.flag)
		return open_goes_on(t);
	err = open_flags(&flags, &mode);
	return err ? err : open_at(t, (int32_t)a[0], a[1], flags, mode, 0);
}

/* --- openat2: what openat ignores is refused --- */

struct guest_open_how { uint64_t flags, mode, resolve; };
enum { RESOLVE_NO_XDEV_ = 1, RESOLVE_NO_MAGICLINKS_ = 2, RESOLVE_NO_SYMLINKS_ = 4, RESOLVE_BENEATH_ = 8,
       RESOLVE_IN_ROOT_ = 16, RESOLVE_CACHED_ = 32, RESOLVE_ALL = 63 };

/* copy_struct_from_user(): a longer one is fine if what we do not know is zero. */
static int get_how(struct task *t, uint32_t addr, uint32_t size, struct guest_open_how *how)
{
	const uint8_t *rest;

	if (size < sizeof *how)
		return -EINVAL;
	if (size > FLAT_PAGE_SIZE)
		return -E2BIG;
	rest = user_span(t, addr, size);
	if (!rest)
		return -EFAULT;
	for (uint32_t i = sizeof *how; i < size; i++)
		if (rest[i])
			return -E2BIG;
	memcpy(how, rest, sizeof *how);
	return 0;
}

/* build_open_flags(), as strict as it is. */
static int check_how(const struct guest_open_how *how)
{
	const uint64_t both = RESOLVE_BENEATH_ | RESOLVE_IN_ROOT_, flags = how->flags;
	uint32_t as_openat = (uint32_t)flags, mode = 0;

	if (flags & ~(uint64_t)OPEN_FLAGS)
		return -EINVAL;
	if ((how->resolve & ~(uint64_t)RESOLVE_ALL) || (how->resolve & both) == both)
		return -EINVAL;
	if (how->mode & ~(uint64_t)(flags & (O_CREAT | TMPFILE_) ? 07777 : 0))
		return -EINVAL;
	if (open_flags(&as_openat, &mode))
		return -EINVAL;
	if ((flags & G_O_PATH) && (flags & ~(uint64_t)(O_DIRECTORY | O_NOFOLLOW | G_O_PATH | G_O_CLOEXEC)))
		return -EINVAL;
	if ((how->resolve & RESOLVE_CACHED_) && (flags & (O_TRUNC | O_CREAT | TMPFILE_)))
		return -EAGAIN;
	return 0;
}

static unsigned walk_flags(uint64_t resolve)
{
	/* RESOLVE_CACHED: everything is at hand. */
	return (resolve & RESOLVE_NO_XDEV_ ? WALK_NO_XDEV : 0) | (resolve & RESOLVE_NO_MAGICLINKS_ ? WALK_NO_MAGIC : 0) |
	       (resolve & RESOLVE_NO_SYMLINKS_ ? WALK_NO_SYMLINKS : 0) | (resolve & RESOLVE_BENEATH_ ? WALK_BENEATH : 0) |
	       (resolve & RESOLVE_IN_ROOT_ ? WALK_IN_ROOT : 0);
}

int64_t sys_openat2(struct task *t, const uint32_t a[6])
{
	struct guest_open_how how;
	int err;

	if (t->sys.restarted && t->sys.flag)
		return open_goes_on(t);
	err = get_how(t, a[2], a[3], &how);
	if (!err)
		err = check_how(&how);
	if (err)
		return err;
	return open_at(t, (int32_t)a[0], a[1], (uint32_t)how.flags, (uint32_t)how.mode, walk_flags(how.resolve));
}

int64_t sys_close(struct task *t, const uint32_t a[6])
{
	return fds_close(t->fds, a[0]);
}

int64_t sys_close_range(struct task *t, const uint32_t a[6])
{
	enum { UNSHARE = 2, CLOEXEC = 4 };
	struct fd_table *copy;

	if (a[2] & ~(UNSHARE | CLOEXEC))
		return -EINVAL;
	if (a[0] > a[1])
		return -EINVAL;
	if (a[2] & UNSHARE) {
		copy = fds_copy(t->fds);
		if (!copy)
			return -ENOMEM;
		fds_put(t->fds);
		t->fds = copy;
	}
	for (int64_t fd = a[0]; fd <= INT32_MAX; fd++) {
		fd = fds_next(t->fds, (unsigned)fd);
		if (fd < 0 || fd > a[1])
			break;
		if (a[2] & CLOEXEC)
			fds_set_cloexec(t->fds, (unsigned)fd, true);
		else
			fds_close(t->fds, (unsigned)fd);
	}
	return 0;
}

int64_t sys_dup(struct task *t, const uint32_t a[6])
{
	struct file *f = task_file(t, a[0]);

	return f ? files_install(t, file_get(f), 0, false) : -EBADF;
}

int64_t sys_dup3(struct task *t, const uint32_t a[6])
{
	struct file *f;
	int fd;

	if (a[2] & ~(uint32_t)G_O_CLOEXEC || a[0] == a[1])
		return -EINVAL;
	if (a[1] >= files_limit(t))
		return -EBADF;
	f = task_file(t, a[0]);
	if (!f)
		return -EBADF;
	fd = fds_install_at(t->fds, file_get(f), a[1], files_limit(t), a[2] & G_O_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

int64_t sys_pipe2(struct task *t, const uint32_t a[6])
{
	struct file *end[2];
	int32_t fd[2];
	int err;

	if (a[1] & ~(uint32_t)(G_O_CLOEXEC | G_O_NONBLOCK | G_O_DIRECT | O_NOTIFICATION_PIPE_))
		return -EINVAL;
	if (a[1] & O_NOTIFICATION_PIPE_)
		return -ENOPKG;
	err = pipe_new(t->machine, a[1] & ~(uint32_t)G_O_CLOEXEC, &end[0], &end[1]);
	if (err)
		return err;
	for (int i = 0; i < 2; i++) {
		fd[i] = (int32_t)files_install(t, end[i], 0, a[1] & G_O_CLOEXEC);
		if (fd[i] < 0) {
			err = fd[i];
			if (i == 0)
				file_put(end[1]);
			else
				fds_close(t->fds, (unsigned)fd[0]);
			return err;
		}
	}
	if (user_write(t, a[0], fd, sizeof fd)) {
		fds_close(t->fds, (unsigned)fd[0]);
		fds_close(t->fds, (unsigned)fd[1]);
		return -EFAULT;
	}
	return 0;
}

int64_t sys_memfd_create(struct task *t, const uint32_t a[6])
{
	enum { CLOEXEC = 1, ALLOW_SEALING = 2, NOEXEC_SEAL = 8, EXEC = 16, NAME_MAX_ = 249 };
	char name[PATH_MAX_GUEST];
	struct file *f;
	int64_t n;
	int err;

	if (a[1] & ~(uint32_t)(CLOEXEC | ALLOW_SEALING | NOEXEC_SEAL | EXEC) ||
	    (a[1] & (NOEXEC_SEAL | EXEC)) == (NOEXEC_SEAL | EXEC))
		return -EINVAL;
	n = user_path(t, name, a[0]);
	if (n == -ENAMETOOLONG || n > NAME_MAX_)
		return -EINVAL;
	if (n < 0)
		return n;
	err = ramfs_memfd(t->machine, name, O_RDWR | G_O_LARGEFILE, &f);
	return err ? err : files_install(t, f, 0, a[1] & CLOEXEC);
}
