/* SPDX-License-Identifier: MIT
 *
 * What the file system calls share: private to sys_{open,rw,path,stat,...}.c.
 *
 * Descriptors: O_PATH ones name a file but cannot be used for I/O; files_io() hides them.
 * Blocking: in one place, files_wait().
 * Buffers: a guest buffer that runs out of memory behind its first byte is cut there, so that a
 * transfer comes back short as Linux's does; a buffer without its first byte is -EFAULT.
 */
#ifndef EMU_KERNEL_FILES_H
#define EMU_KERNEL_FILES_H

#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

/* The guest's numbers where a host's <fcntl.h> may have others. */
enum {
	G_O_NONBLOCK = 04000, G_O_DIRECT = 040000, G_O_LARGEFILE = 0100000, G_O_DIRECTORY = 0200000,
	G_O_NOFOLLOW = 0400000, G_O_CLOEXEC = 02000000, G_O_PATH = 010000000,
	G_AT_FDCWD = -100, G_AT_SYMLINK_NOFOLLOW = 0x100, G_AT_EACCESS = 0x200, G_AT_REMOVEDIR = 0x200,
	G_AT_SYMLINK_FOLLOW = 0x400, G_AT_NO_AUTOMOUNT = 0x800, G_AT_EMPTY_PATH = 0x1000,
	G_AT_STATX_SYNC_TYPE = 0x6000,
};
enum { CAP_CHOWN_ = 0, CAP_DAC_READ_SEARCH_ = 2, CAP_SYS_CHROOT_ = 18, CAP_SYS_ADMIN_ = 21,
       CAP_SYS_RESOURCE_ = 24, CAP_MKNOD_ = 27 };
enum { RLIMIT_FSIZE_ = 1, RLIMIT_NOFILE_ = 7 };
#define MAX_RW_COUNT 0x7ffff000u	/* INT_MAX & PAGE_MASK, include/linux/fs.h */

/* The file behind fd, or NULL if there is none or it was opened with O_PATH: -EBADF. */
struct file *files_io(struct task *t, uint32_t fd);
static inline unsigned files_limit(const struct task *t)
{
	uint64_t limit = task_rlimit(t, RLIMIT_NOFILE_);

	return limit > 1u << 20 ? 1u << 20 : (unsigned)limit;
}
/* True if it has a position: what FMODE_PREAD says in the kernel. */
bool files_seekable(struct file *f);
/* Installs a new file (the caller's reference, always consumed) at the lowest free number. */
int64_t files_install(struct task *t, struct file *f, unsigned from, bool cloexec);

/*
 * After an operation on f answered -EAGAIN: -EAGAIN for non-blocking files, else waits
 * for a change of f's readiness.
 */
int64_t files_wait(struct task *t, struct file *f);
bool files_block(const struct file *f);		/* it does wait */

/* The host view of up to *len bytes at addr, to be filled; *len is cut to what there is. NULL: -EFAULT. */
void *files_buffer(struct task *t, uint32_t addr, uint32_t *len);
/* The same to be read only. */
const void *files_data(struct task *t, uint32_t addr, uint32_t *len);

/* A file named by dirfd and path, or, with AT_EMPTY_PATH and "", by the descriptor alone. */
struct at_target {
	struct path_ref path;	/* a reference; dentry NULL for files without a name */
	struct inode *inode;	/* borrowed */
};
/* flags: AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH; the rest is the caller's.  0 or -errno. */
int files_at(struct task *t, int32_t dirfd, uint32_t path, unsigned flags, struct at_target *out);
/* The same to say what it is and nothing else: inode may be seen, whose attributes are as they are now, and path without a dentry. */
int files_look(struct task *t, int32_t dirfd, uint32_t path, unsigned flags, struct at_target *out, struct inode *seen);
/* files_at() with a path in host memory and credentials of the caller's choice (NULL: t's). */
int files_at_cred(struct task *t, int32_t dirfd, const char *path, unsigned flags,
		  const struct vfs_cred *cred, struct at_target *out);
/* The target of a descriptor; not a new reference: do not put. */
void files_of(struct file *f, struct at_target *out);
void files_at_put(struct at_target *a);
/* -EROFS if the target lies in a read-only mount. */
int files_check_writable(const struct at_target *a);

/* Bytes of a regular file: -EFBIG and SIGXFSZ over the limit; else *len is cut to what fits. */
int files_check_size(struct task *t, struct file *f, uint64_t pos, uint32_t *len);

/* Moves bytes for read(2) and its relatives: see sys_rw.c. */
struct io_vec { uint32_t base, len; };
struct io {
	struct task *t;
	struct file *f;
	const struct io_vec *vec;
	unsigned count;
	uint64_t *pos;		/* NULL: the file's own */
	bool nowait;
};
/* Reads and checks an array of struct iovec (lib/iov_iter.c __import_iovec).  0, -EINVAL, -EFAULT. */
enum { IOV_LIMIT = 1024 };
int io_import(struct task *t, uint32_t addr, uint32_t count, struct io_vec out[IOV_LIMIT]);
/* SIGPIPE to the writer itself, as send_sig(SIGPIPE, current, 0). */
void io_broken_pipe(struct task *t);
int64_t io_read(struct io *io);
int64_t io_write(struct io *io);

#endif
