/* SPDX-License-Identifier: MIT
 *
 * fcntl and ioctl: what concerns descriptors and open files as such.  Record locks are in sys_lock.c.
 */
#define _GNU_SOURCE
#include "emu/kernel/files.h"

#include <errno.h>
#include <sys/stat.h>
#include "emu/event/sigio.h"
#include "emu/sys/sys_lock.h"

/* Numbers of asm-generic/fcntl.h and linux/fcntl.h. */
enum {
	F_DUPFD_ = 0, F_GETFD_, F_SETFD_, F_GETFL_, F_SETFL_, F_GETLK_, F_SETLK_, F_SETLKW_, F_SETOWN_,
	F_GETOWN_, F_SETSIG_, F_GETSIG_, F_GETLK64_, F_SETLK64_, F_SETLKW64_, F_SETOWN_EX_, F_GETOWN_EX_,
	F_OFD_GETLK_ = 36, F_OFD_SETLK_, F_OFD_SETLKW_,
	F_SETLEASE_ = 1024, F_GETLEASE_, F_NOTIFY_, F_DUPFD_QUERY_, F_CREATED_QUERY_, F_DUPFD_CLOEXEC_ = 1030,
	F_SETPIPE_SZ_, F_GETPIPE_SZ_,
};
/* What F_SETFL may change: O_APPEND, O_NONBLOCK, FASYNC, O_DIRECT, O_NOATIME (fs/fcntl.c). */
#define SETFL_MASK (02000u | 04000u | 020000u | 040000u | 01000000u)
#define FASYNC_ 020000u

static int64_t set_flags(struct task *t, struct file *f, uint32_t fd, uint32_t flags)
{
	int err = 0;

	if ((flags & ~f->flags & 01000000) && t->cred.fsuid != f->inode->uid &&
	    !task_capable(t, 3 /* CAP_FOWNER */))
		return -EPERM;
	if (((flags ^ f->flags) & FASYNC_) && f->ops->async)
		err = sigio_switch(f, (int)fd, flags & FASYNC_);
	if (!err)
		f->flags = (f->flags & ~SETFL_MASK) | (flags & SETFL_MASK);
	return err;
}

static int64_t set_owner_ex(struct task *t, struct file *f, uint32_t addr)
{
	int32_t ex[2];

	if (user_read(t, ex, addr, sizeof ex))
		return -EFAULT;
	if (ex[0] != SIGIO_OWNER_THREAD && ex[0] != SIGIO_OWNER_PROCESS && ex[0] != SIGIO_OWNER_GROUP)
		return -EINVAL;
	return sigio_set_owner(t, f, ex[0], ex[1]);
}

static int64_t get_owner_ex(struct task *t, struct file *f, uint32_t addr)
{
	int32_t ex[2] = { f->owner.type, sigio_owner(t->machine, f) };

	return user_write(t, addr, ex, sizeof ex);
}

/* What an O_PATH descriptor may be asked (check_fcntl_cmd). */
static bool path_command(uint32_t cmd)
{
	return cmd == F_DUPFD_ || cmd == F_DUPFD_CLOEXEC_ || cmd == F_DUPFD_QUERY_ || cmd == F_CREATED_QUERY_ ||
	       cmd == F_GETFD_ || cmd == F_SETFD_ || cmd == F_GETFL_;
}

int64_t sys_fcntl64(struct task *t, const uint32_t a[6])
{
	struct file *f = task_file(t, a[0]), *other;
	uint32_t arg = a[2];

	if (!f || ((f->flags & G_O_PATH) && !path_command(a[1])))
		return -EBADF;
	switch (a[1]) {
	case F_DUPFD_:
	case F_DUPFD_CLOEXEC_:
		if (arg >= files_limit(t))
			return -EINVAL;
		return files_install(t, file_get(f), arg, a[1] == F_DUPFD_CLOEXEC_);
	case F_DUPFD_QUERY_:
		other = fds_look(t->fds, arg);
		return other ? other == f : -EBADF;
	case F_GETFD_:
		return fds_cloexec(t->fds, a[0]);
	case F_SETFD_:
		fds_set_cloexec(t->fds, a[0], arg & 1);
		return 0;
	case F_GETFL_:
		return f->flags & ~(uint32_t)(G_O_CLOEXEC | 0100 | 0200 | 0400 | 01000);
	case F_SETFL_:
		return set_flags(t, f, a[0], arg);
	case F_SETOWN_:
		return sigio_setown(t, f, (int32_t)arg);
	case F_GETOWN_:
		return sigio_getown(t->machine, f);
	case F_SETSIG_:
		if (arg > SIGNALS)
			return -EINVAL;
		f->owner.sig = (int)arg;
		return 0;
	case F_GETSIG_:
		return f->owner.sig;
	case F_SETOWN_EX_:
		return set_owner_ex(t, f, arg);
	case F_GETOWN_EX_:
		return get_owner_ex(t, f, arg);
	case F_GETLK_:
	case F_GETLK64_:
		return lock_get(t, f, arg, a[1] == F_GETLK64_, false);
	case F_OFD_GETLK_:
		return lock_get(t, f, arg, true, true);
	case F_SETLK_:
	case F_SETLK64_:
		return lock_set(t, f, arg, a[1] == F_SETLK64_, false, false);
	case F_SETLKW_:
	case F_SETLKW64_:
		return lock_set(t, f, arg, a[1] == F_SETLKW64_, false, true);
	case F_OFD_SETLK_:
		return lock_set(t, f, arg, true, true, false);
	case F_OFD_SETLKW_:
		return lock_set(t, f, arg, true, true, true);
	case F_CREATED_QUERY_:
		return f->created;
	case F_GETLEASE_:
		return 2;	/* F_UNLCK: none */
	case F_GETPIPE_SZ_:
		return pipe_capacity(f);
	case F_SETPIPE_SZ_:
		return pipe_set_capacity(f, arg, task_capable(t, CAP_SYS_RESOURCE_));
	}
	return -EINVAL;
}

/* --- ioctl: what is the same for all files (fs/ioctl.c do_vfs_ioctl) --- */

enum { FIONCLEX_ = 0x5450, FIOCLEX_ = 0x5451, FIOASYNC_ = 0x5452, FIONBIO_ = 0x5421, FIOQSIZE_ = 0x5460,
       FIGETBSZ_ = 2, FIONREAD_ = 0x541b };

static int64_t flag_ioctl(struct task *t, struct file *f, uint32_t addr, uint32_t flag)
{
	uint32_t on;

	if (user_get32(t, addr, &on))
		return -EFAULT;
	f->flags = on ? f->flags | flag : f->flags & ~flag;
	return 0;
}

/* Where F_SETFL would let it pass, it is an error here that the file cannot (ioctl_fioasync()). */
static int64_t async_ioctl(struct task *t, struct file *f, uint32_t fd, uint32_t addr)
{
	uint32_t on;

	if (user_get32(t, addr, &on))
		return -EFAULT;
	if (!on == !(f->flags & FASYNC_))
		return 0;
	if (!f->ops->async)
		return -ENOTTY;
	return set_flags(t, f, fd, on ? f->flags | FASYNC_ : f->flags & ~FASYNC_);
}

int64_t sys_ioctl(struct task *t, const uint32_t a[6])
{
	struct file *f = files_io(t, a[0]);
	uint32_t mode;
	uint64_t size;
	int64_t r;

	if (!f)
		return -EBADF;
	mode = f->inode->mode;
	switch (a[1]) {
	case FIOCLEX_:
	case FIONCLEX_:
		fds_set_cloexec(t->fds, a[0], a[1] == FIOCLEX_);
		return 0;
	case FIONBIO_:
		return flag_ioctl(t, f, a[2], G_O_NONBLOCK);
	case FIOASYNC_:
		return async_ioctl(t, f, a[0], a[2]);
	case FIOQSIZE_:
		if (!S_ISREG(mode) && !S_ISDIR(mode) && !S_ISLNK(mode))
			return -ENOTTY;
		size = f->inode->size;
		return user_write(t, a[2], &size, sizeof size);
	case FIGETBSZ_:
		return user_put32(t, a[2], FLAT_PAGE_SIZE);
	case FIONREAD_:
		if (!S_ISREG(mode))
			break;
		size = f->inode->size > f->pos ? f->inode->size - f->pos : 0;
		return user_put32(t, a[2], (uint32_t)size);
	}
	if (!f->ops->ioctl)
		return -ENOTTY;
	r = f->ops->ioctl(f, t, a[1], a[2]);
	return r == -EAGAIN ? files_wait(t, f) : r;
}
