/* SPDX-License-Identifier: MIT
 *
 * What is known about a file, and changing it: statx, statfs, access, modes, owners, times, sizes.
 * riscv32 has statx only; libc makes stat, fstat and lstat of it.
 */
#include "emu/kernel/files.h"
#include "emu/kernel/cred.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "emu/fs/notify.h"
#include "emu/host/clock.h"

/* --- statx --- */

struct statx_time { int64_t sec; uint32_t nsec; int32_t pad; };
/* linux/stat.h: 256 bytes. */
struct statx_out {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, pad0;
	uint64_t ino, size, blocks, attributes_mask;
	struct statx_time atime, btime, ctime, mtime;
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t mnt_id;
	uint32_t dio_mem_align, dio_offset_align;
	uint64_t spare[12];
};
_Static_assert(sizeof(struct statx_out) == 256, "struct statx");

enum {
	STATX_BASIC_STATS_ = 0x7ff,
	STATX_BTIME_ = 0x800,
	STATX_MNT_ID_ = 0x1000,
	STATX_RESERVED_ = (int)0x80000000
};
enum { STATX_ATTR_MOUNT_ROOT_ = 0x2000 };

static struct statx_time statx_time(const struct vfs_time *v)
{
	return (struct statx_time){ .sec = v->sec, .nsec = v->nsec };
}

static void fill_statx(const struct at_target *what, struct statx_out *s)
{
	struct inode *i = what->inode;
	uint32_t dev = i->super ? i->super->dev : 0;

	if (i->ops && i->ops->refresh)
		i->ops->refresh(i);
	*s = (struct statx_out){
		.mask = STATX_BASIC_STATS_, .blksize = FLAT_PAGE_SIZE, .nlink = i->nlink, .uid = i->uid,
		.gid = i->gid, .mode = (uint16_t)i->mode, .ino = i->ino, .size = i->size, .blocks = i->blocks,
		.atime = statx_time(&i->atime), .ctime = statx_time(&i->ctime),
		.mtime = statx_time(&i->mtime),
		.rdev_major = vfs_major(i->rdev), .rdev_minor = vfs_minor(i->rdev),
		.dev_major = vfs_major(dev), .dev_minor = vfs_minor(dev),
		.attributes_mask = STATX_ATTR_MOUNT_ROOT_,
	};
	if (i->btime.sec || i->btime.nsec) {
		s->btime = statx_time(&i->btime);
		s->mask |= STATX_BTIME_;
	}
	if (what->path.mnt) {
		s->mnt_id = (uint64_t)what->path.mnt->id;
		s->mask |= STATX_MNT_ID_;
		if (what->path.dentry == what->path.mnt->root)
			s->attributes |= STATX_ATTR_MOUNT_ROOT_;
	}
}

int64_t sys_statx(struct task *t, const uint32_t a[6])
{
	struct statx_out s;
	struct at_target what;
	struct inode seen;
	int err;

	if (a[3] & (uint32_t)STATX_RESERVED_ || (a[2] & G_AT_STATX_SYNC_TYPE) == G_AT_STATX_SYNC_TYPE ||
	    a[2] & ~(uint32_t)(G_AT_SYMLINK_NOFOLLOW | G_AT_NO_AUTOMOUNT | G_AT_EMPTY_PATH |
			       G_AT_STATX_SYNC_TYPE))
		return -EINVAL;
	/* Since 6.11 a NULL path is the empty one. */
	if (!a[1] && (a[2] & G_AT_EMPTY_PATH))
		err = files_at_cred(t, (int32_t)a[0], "", a[2], NULL, &what);
	else
		err = files_look(t, (int32_t)a[0], a[1], a[2], &what, &seen);
	if (err)
		return err;
	fill_statx(&what, &s);
	files_at_put(&what);
	return user_write(t, a[4], &s, sizeof s);
}

/* --- statfs --- */

struct statfs_out {
	uint32_t type, bsize;
	uint64_t blocks, bfree, bavail, files, ffree;
	uint32_t fsid[2], namelen, frsize, flags, spare[4];
};
_Static_assert(sizeof(struct statfs_out) == 88, "struct statfs64");

static int64_t put_statfs(struct task *t, const struct path_ref *p, struct inode *i, uint32_t addr)
{
	enum {
		ST_VALID_ = 0x20,
		ST_RELATIME_ = 0x1000,
		ST_PLAIN = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_SYNCHRONOUS,
		ST_NOATIME_ = 0x400,
		ST_NODIRATIME_ = 0x800
	};
	struct fs_super *super = p->mnt ? p->mnt->super : i->super;
	struct vfs_statfs v = { .bsize = FLAT_PAGE_SIZE };
	struct statfs_out s = { .namelen = 255, .flags = ST_VALID_ };

	if (!super)
		return -ENOSYS;
	if (super->statfs)
		super->statfs(super, &v);
	if (v.namelen)
		s.namelen = v.namelen;
	s.type = super->type ? super->type->magic : 0;
	s.bsize = s.frsize = (uint32_t)v.bsize;
	s.blocks = v.blocks;
	s.bfree = v.bfree;
	s.bavail = v.bavail;
	s.files = v.files;
	s.ffree = v.ffree;
	s.fsid[0] = super->dev;
	if (p->mnt) {
		s.flags |= (p->mnt->flags & ST_PLAIN) | p->mnt->super->read_only;
		if (p->mnt->flags & MS_NOATIME)
			s.flags |= ST_NOATIME_;
		else
			s.flags |= ST_RELATIME_;
		if (p->mnt->flags & MS_NODIRATIME)
			s.flags |= ST_NODIRATIME_;
	}
	return user_write(t, addr, &s, sizeof s);
}

int64_t sys_statfs64(struct task *t, const uint32_t a[6])
{
	struct at_target what;
	int64_t r;

	if (a[1] != sizeof(struct statfs_out))
		return -EINVAL;
	r = files_at(t, G_AT_FDCWD, a[0], 0, &what);
	if (r)
		return r;
	r = put_statfs(t, &what.path, what.inode, a[2]);
	files_at_put(&what);
	return r;
}

int64_t sys_fstatfs64(struct task *t, const uint32_t a[6])
{
	struct file *f;

	if (a[1] != sizeof(struct statfs_out))
		return -EINVAL;
	f = task_file(t, a[0]);
	return f ? put_statfs(t, &f->path, f->inode, a[2]) : -EBADF;
}

/* --- access --- */

static int64_t access_at(struct task *t, const uint32_t a[6], uint32_t flags)
{
	char path[PATH_MAX_GUEST];
	struct at_target what;
	struct vfs_cred cred;
	int64_t r;

	if (a[2] & ~7u || flags & ~(uint32_t)(G_AT_EACCESS | G_AT_SYMLINK_NOFOLLOW | G_AT_EMPTY_PATH))
		return -EINVAL;
	r = user_path(t, path, a[1]);
	if (r < 0)
		return r;
	task_vfs_cred(t, &cred);
	if (!(flags & G_AT_EACCESS)) {
		/* access_override_creds: the real ids, and root's powers by the real uid. */
		cred.uid = t->cred.uid;
		cred.gid = t->cred.gid;
		if (!(t->cred.securebits & SECURE_NO_SETUID_FIXUP))
			cred.caps = t->cred.uid ? 0 : t->cred.cap_permitted;
	}
	r = files_at_cred(t, (int32_t)a[0], path, flags & ~(uint32_t)G_AT_EACCESS, &cred, &what);
	if (r)
		return r;
	if ((a[2] & 1) && S_ISREG(what.inode->mode) && what.path.mnt && (what.path.mnt->flags & MS_NOEXEC))
		r = -EACCES;
	if (!r && a[2])
		r = vfs_permission(what.inode, (int)a[2], &cred);
	if (!r && (a[2] & 2) && !S_ISCHR(what.inode->mode) && !S_ISBLK(what.inode->mode) &&
	    !S_ISFIFO(what.inode->mode) && !S_ISSOCK(what.inode->mode))
		r = files_check_writable(&what);
	files_at_put(&what);
	return r;
}

int64_t sys_faccessat(struct task *t, const uint32_t a[6]) { return access_at(t, a, 0); }
int64_t sys_faccessat2(struct task *t, const uint32_t a[6]) { return access_at(t, a, a[3]); }

/* --- Modes and owners --- */

/* Files without a name (pipes) have modes and owners too. */
static int may_change(struct task *t, const struct inode *i)
{
	return t->cred.fsuid == i->uid || task_capable(t, 3 /* CAP_FOWNER */) ? 0 : -EPERM;
}

static int64_t chmod_target(struct task *t, const struct at_target *what, uint32_t mode)
{
	struct vfs_cred cred;
	int err = files_check_writable(what);

	if (err)
		return err;
	if (!what->path.dentry) {
		err = may_change(t, what->inode);
		if (err)
			return err;
		what->inode->mode = (what->inode->mode & S_IFMT) | (mode & 07777);
		inode_touch(what->inode, 4);
		return 0;
	}
	if (S_ISLNK(what->inode->mode))
		return -EOPNOTSUPP;
	task_vfs_cred(t, &cred);
	return vfs_chmod(&what->path, mode & 07777, &cred);
}

static int64_t chmod_at(struct task *t, const uint32_t a[6], uint32_t flags)
{
	struct at_target what;
	int64_t r;

	if (flags & ~(uint32_t)(G_AT_SYMLINK_NOFOLLOW | G_AT_EMPTY_PATH))
		return -EINVAL;
	r = files_at(t, (int32_t)a[0], a[1], flags, &what);
	if (r)
		return r;
	r = chmod_target(t, &what, a[2]);
	files_at_put(&what);
	return r;
}

int64_t sys_fchmodat(struct task *t, const uint32_t a[6]) { return chmod_at(t, a, 0); }
int64_t sys_fchmodat2(struct task *t, const uint32_t a[6]) { return chmod_at(t, a, a[3]); }

int64_t sys_fchmod(struct task *t, const uint32_t a[6])
{
	struct file *f = files_io(t, a[0]);
	struct at_target what;

	if (!f)
		return -EBADF;
	files_of(f, &what);
	return chmod_target(t, &what, a[1]);
}

static int64_t chown_target(struct task *t, const struct at_target *what, uint32_t uid, uint32_t gid)
{
	struct vfs_cred cred;
	int err = files_check_writable(what);

	if (err)
		return err;
	if (!what->path.dentry) {
		if (!task_capable(t, CAP_CHOWN_))
			return -EPERM;
		if (uid != UINT32_MAX)
			what->inode->uid = uid;
		if (gid != UINT32_MAX)
			what->inode->gid = gid;
		inode_touch(what->inode, 4);
		return 0;
	}
	task_vfs_cred(t, &cred);
	return vfs_chown(&what->path, uid, gid, &cred);
}

int64_t sys_fchownat(struct task *t, const uint32_t a[6])
{
	struct at_target what;
	int64_t r;

	if (a[4] & ~(uint32_t)(G_AT_SYMLINK_NOFOLLOW | G_AT_EMPTY_PATH))
		return -EINVAL;
	r = files_at(t, (int32_t)a[0], a[1], a[4], &what);
	if (r)
		return r;
	r = chown_target(t, &what, a[2], a[3]);
	files_at_put(&what);
	return r;
}

int64_t sys_fchown(struct task *t, const uint32_t a[6])
{
	struct file *f = files_io(t, a[0]);
	struct at_target what;

	if (!f)
		return -EBADF;
	files_of(f, &what);
	return chown_target(t, &what, a[1], a[2]);
}

/* --- Times --- */

enum { UTIME_NOW_ = 0x3fffffff, UTIME_OMIT_ = 0x3ffffffe };

static bool valid_nsec(int64_t nsec)
{
	return nsec == UTIME_NOW_ || nsec == UTIME_OMIT_ || (nsec >= 0 && nsec < 1000000000);
}

static int set_times(struct task *t, const struct at_target *what, const struct user_timespec ts[2])
{
	int64_t now = clock_realtime(t->machine);
	struct vfs_time v[2], *set[2];
	struct vfs_cred cred;
	int err = files_check_writable(what);

	if (err)
		return err;
	for (int i = 0; i < 2; i++) {
		v[i] = (struct vfs_time){ ts[i].sec, (uint32_t)ts[i].nsec };
		if (ts[i].nsec == UTIME_NOW_)
			v[i] = (struct vfs_time){ now / 1000000000, (uint32_t)(now % 1000000000) };
		set[i] = ts[i].nsec == UTIME_OMIT_ ? NULL : &v[i];
	}
	if (!what->path.dentry) {
		err = may_change(t, what->inode);
		if (err)
			return err;
		if (set[0])
			what->inode->atime = v[0];
		if (set[1])
			what->inode->mtime = v[1];
		inode_touch(what->inode, 4);
		return 0;
	}
	task_vfs_cred(t, &cred);
	return vfs_utimes(&what->path, set[0], set[1], ts[0].nsec != UTIME_NOW_ || ts[1].nsec != UTIME_NOW_,
			  &cred);
}

int64_t sys_utimensat_time64(struct task *t, const uint32_t a[6])
{
	struct user_timespec ts[2] = { { 0, UTIME_NOW_ }, { 0, UTIME_NOW_ } };
	struct at_target what;
	struct file *f;
	int err;

	if (a[2]) {
		if (user_read(t, ts, a[2], sizeof ts))
			return -EFAULT;
		/* The kernel's tv_nsec has 32 bits; the rest of the field is padding (get_timespec64). */
		ts[0].nsec = (int32_t)ts[0].nsec;
		ts[1].nsec = (int32_t)ts[1].nsec;
		if (ts[0].nsec == UTIME_OMIT_ && ts[1].nsec == UTIME_OMIT_)
			return 0;
	}
	if (!valid_nsec(ts[0].nsec) || !valid_nsec(ts[1].nsec))
		return -EINVAL;
	if (!a[1] && (int32_t)a[0] != G_AT_FDCWD) {
		if (a[3])
			return -EINVAL;
		f = files_io(t, a[0]);
		if (!f)
			return -EBADF;
		files_of(f, &what);
		return set_times(t, &what, ts);
	}
	if (a[3] & ~(uint32_t)(G_AT_SYMLINK_NOFOLLOW | G_AT_EMPTY_PATH))
		return -EINVAL;
	err = files_at(t, (int32_t)a[0], a[1], a[3], &what);
	if (err)
		return err;
	err = set_times(t, &what, ts);
	files_at_put(&what);
	return err;
}

/* --- Sizes --- */

static int64_t set_size(struct task *t, struct inode *i, struct dentry *name, uint64_t size)
{
	if (size > i->size && size > task_rlimit(t, RLIMIT_FSIZE_)) {
		signal_send_task(t, 25 /* SIGXFSZ */, NULL);
		return -EFBIG;
	}
	return vfs_truncate(i, name, size);
}

int64_t sys_truncate64(struct task *t, const uint32_t a[6])
{
	int64_t size = (int64_t)arg64(a, 1), r;
	struct at_target what;
	struct vfs_cred cred;

	if (size < 0)
		return -EINVAL;
	r = files_at(t, G_AT_FDCWD, a[0], 0, &what);
	if (r)
		return r;
	task_vfs_cred(t, &cred);
	if (S_ISDIR(what.inode->mode))
		r = -EISDIR;
	else if (!S_ISREG(what.inode->mode))
		r = -EINVAL;
	else
		r = files_check_writable(&what);
	if (!r)
		r = vfs_permission(what.inode, 2, &cred);
	if (!r)
		r = set_size(t, what.inode, what.path.dentry, (uint64_t)size);
	files_at_put(&what);
	return r;
}

int64_t sys_ftruncate64(struct task *t, const uint32_t a[6])
{
	int64_t size = (int64_t)arg64(a, 1);
	struct file *f;

	if (size < 0)
		return -EINVAL;
	f = files_io(t, a[0]);
	if (!f)
		return -EBADF;
	if (!S_ISREG(f->inode->mode) || !file_writable(f))
		return -EINVAL;
	return set_size(t, f->inode, f->path.dentry, (uint64_t)size);
}

/*
 * Memory file systems of a no-MMU kernel have no fallocate; here mode 0 makes the file as long as was asked
 * and KEEP_SIZE is a hint, so that programs which insist on it go on.  Punching holes is not offered.
 */
int64_t sys_fallocate(struct task *t, const uint32_t a[6])
{
	enum { KEEP_SIZE = 1 };
	int64_t off = (int64_t)arg64(a, 2), len = (int64_t)arg64(a, 4), end;
	struct file *f = files_io(t, a[0]);

	if (!f)
		return -EBADF;
	if (off < 0 || len <= 0)
		return -EINVAL;
	if (a[1] & ~(uint32_t)KEEP_SIZE)
		return -EOPNOTSUPP;
	if (!file_writable(f))
		return -EBADF;
	if (S_ISFIFO(f->inode->mode))
		return -ESPIPE;
	if (S_ISDIR(f->inode->mode))
		return -EISDIR;
	if (!S_ISREG(f->inode->mode))
		return -ENODEV;
	if (__builtin_add_overflow(off, len, &end))
		return -EFBIG;
	/* On disks as well, where room would have to be taken now, which ext2 does not do. */
	if (t->machine->options.compat_linux || f->inode->super->disk)
		return -EOPNOTSUPP;
	if (a[1] & KEEP_SIZE || (uint64_t)end <= f->inode->size) {
		notify_file(f, NOTIFY_MODIFY);
		return 0;
	}
	return set_size(t, f->inode, f->path.dentry, (uint64_t)end);
}
