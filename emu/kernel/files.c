/* SPDX-License-Identifier: MIT */
#include "emu/kernel/files.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/stat.h>

struct file *files_io(struct task *t, uint32_t fd)
{
	struct file *f = task_file(t, fd);

	return f && !(f->flags & G_O_PATH) ? f : NULL;
}

bool files_seekable(struct file *f)
{
	uint64_t pos;

	switch (f->inode->mode & S_IFMT) {
	case S_IFREG: case S_IFBLK:
		return true;
	case S_IFDIR:
		return true;
	case S_IFCHR:
		if (!f->ops->lseek)
			return false;
		pos = f->pos;
		if (f->ops->lseek(f, 0, SEEK_CUR) < 0)
			return false;
		f->pos = pos;
		return true;
	}
	return false;
}

int64_t files_install(struct task *t, struct file *f, unsigned from, bool cloexec)
{
	int fd = fds_install(t->fds, f, from, files_limit(t), cloexec);

	if (fd < 0)
		file_put(f);
	return fd;
}

bool files_block(const struct file *f)
{
	return f->ops->killable || !(f->flags & G_O_NONBLOCK);
}

int64_t files_wait(struct task *t, struct file *f)
{
	if (!files_block(f) || !f->ops->poll)
		return -EAGAIN;
	if (f->ops->killable ? t->killed : task_signalled(t))
		return -ERESTARTSYS;
	file_poll(f, &t->waiter);
	if (f->ops->killable)
		return SYS_BLOCK;
	return task_block(t);
}

static bool reaches(struct task *t, uint32_t addr, uint32_t len, bool write)
{
	return write ? user_span_write(t, addr, len) != NULL : user_span(t, addr, len) != NULL;
}

/* How much of [addr, addr+len) there is from its beginning on; a len of 0 is all there. */
static bool reach(struct task *t, uint32_t addr, uint32_t *len, bool write)
{
	uint32_t fits = 0, fails = *len;

	if (reaches(t, addr, *len, write))
		return true;
	while (fails - fits > 1) {
		uint32_t middle = fits + (fails - fits) / 2;

		if (reaches(t, addr, middle, write))
			fits = middle;
		else
			fails = middle;
	}
	*len = fits;
	return fits > 0;
}

void *files_buffer(struct task *t, uint32_t addr, uint32_t *len)
{
	return reach(t, addr, len, true) ? user_span_write(t, addr, *len) : NULL;
}

const void *files_data(struct task *t, uint32_t addr, uint32_t *len)
{
	return reach(t, addr, len, false) ? user_span(t, addr, *len) : NULL;
}

void files_of(struct file *f, struct at_target *out)
{
	*out = (struct at_target){ .path = f->path, .inode = f->inode };
}

/* seen: as vfs_look() has it, or NULL. */
static int find_at(struct task *t, int32_t dirfd, const char *path, unsigned flags, const struct vfs_cred *cred,
		   struct at_target *out, struct inode *seen)
{
	struct vfs_cred own;
	struct walk w;
	int err;

	if (!path[0] && (flags & G_AT_EMPTY_PATH)) {
		if (dirfd == G_AT_FDCWD) {
			out->path = t->fs->cwd;
			out->inode = out->path.dentry->inode;
		} else {
			struct file *f = task_file(t, (uint32_t)dirfd);

			if (!f)
				return -EBADF;
			files_of(f, out);
		}
		if (out->path.dentry)
			path_get(&out->path);
		return 0;
	}
	err = task_walk(t, dirfd, path, flags & G_AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW, &w, &own);
	if (err)
		return err;
	if (cred)
		w.cred = cred;
	err = seen ? vfs_look(&w, path, &out->path, seen) : vfs_walk(&w, path, &out->path, NULL);
	if (!err)
		out->inode = out->path.dentry ? out->path.dentry->inode : seen;
	if (!err && seen)
		out->path.mnt->expiring = false;
	return err;
}

int files_at_cred(struct task *t, int32_t dirfd, const char *path, unsigned flags,
		  const struct vfs_cred *cred, struct at_target *out)
{
	return find_at(t, dirfd, path, flags, cred, out, NULL);
}

int files_look(struct task *t, int32_t dirfd, uint32_t path, unsigned flags, struct at_target *out, struct inode *seen)
{
	char name[PATH_MAX_GUEST];
	int64_t n = user_path(t, name, path);

	return n < 0 ? (int)n : find_at(t, dirfd, name, flags, NULL, out, seen);
}

int files_at(struct task *t, int32_t dirfd, uint32_t path, unsigned flags, struct at_target *out)
{
	char name[PATH_MAX_GUEST];
	int64_t n = user_path(t, name, path);

	return n < 0 ? (int)n : files_at_cred(t, dirfd, name, flags, NULL, out);
}

void files_at_put(struct at_target *a)
{
	if (a->path.dentry)
		a->path.mnt->expiring = false;	/* somebody was here */
	if (a->path.dentry)
		path_put(&a->path);
}

int files_check_writable(const struct at_target *a)
{
	return a->path.mnt && mount_read_only(a->path.mnt) ? -EROFS : 0;
}

int files_check_size(struct task *t, struct file *f, uint64_t pos, uint32_t *len)
{
	uint64_t limit = task_rlimit(t, RLIMIT_FSIZE_);

	if (limit == UINT64_MAX || !S_ISREG(f->inode->mode) || !*len)
		return 0;
	if (pos >= limit) {
		signal_send_task(t, 25 /* SIGXFSZ */, NULL);
		return -EFBIG;
	}
	if (*len > limit - pos)
		*len = (uint32_t)(limit - pos);
	return 0;
}
