/* SPDX-License-Identifier: MIT
 *
 * Trees of mounts as descriptors: open_tree, move_mount, mount_setattr (fs/namespace.c).
 */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include "emu/fs/internal.h"
#include "emu/kernel/files.h"
#include "emu/sys/mount_attr.h"

enum { NOATIME = 1024, NODIRATIME = 2048, NOSYMFOLLOW = 256, RELATIME = 1 << 21, AT_RECURSIVE_ = 0x8000 };

/* The bits that stand for themselves (attr_flags_to_mnt_flags()). */
static const struct { uint32_t attr, flag; } bits[] = {
	{ ATTR_RDONLY, MS_RDONLY }, { ATTR_NOSUID, MS_NOSUID }, { ATTR_NODEV, MS_NODEV }, { ATTR_NOEXEC, MS_NOEXEC },
	{ ATTR_NODIRATIME, NODIRATIME }, { ATTR_NOSYMFOLLOW, NOSYMFOLLOW },
};

static uint32_t plain_flags(uint32_t attr)
{
	uint32_t flags = 0;

	for (unsigned i = 0; i < sizeof bits / sizeof *bits; i++)
		if (attr & bits[i].attr)
			flags |= bits[i].flag;
	return flags;
}

/* How access times are kept is a number, not bits. 0 or -EINVAL. */
static int atime_flags(uint32_t attr, uint32_t *flags)
{
	switch (attr & ATTR_ATIME) {
	case ATTR_RELATIME:
		*flags |= RELATIME;
		return 0;
	case ATTR_NOATIME:
		*flags |= NOATIME;
		return 0;
	case ATTR_STRICTATIME:
		return 0;
	}
	return -EINVAL;
}

#define PLAIN_ATTRS (ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV | ATTR_NOEXEC | ATTR_NODIRATIME | ATTR_NOSYMFOLLOW)

int mount_attr_flags(uint32_t attr, uint32_t *flags)
{
	if (attr & ~(uint32_t)(PLAIN_ATTRS | ATTR_ATIME))
		return -EINVAL;
	*flags = plain_flags(attr);
	return atime_flags(attr, flags);
}

uint32_t mount_flags_attr(uint32_t flags)
{
	uint32_t attr = 0;

	for (unsigned i = 0; i < sizeof bits / sizeof *bits; i++)
		if (flags & bits[i].flag)
			attr |= bits[i].attr;
	return attr | (flags & NOATIME ? ATTR_NOATIME : flags & RELATIME ? ATTR_RELATIME : ATTR_STRICTATIME);
}

/* --- Descriptors --- */

static void release_tree(struct file *f)
{
	vfs_dissolve(f->inode->super->machine, f->path.mnt);
}

int64_t mount_tree_file(struct task *t, struct path_ref *p, bool cloexec)
{
	static const struct file_ops tree_ops = { .release = release_tree };
	struct file *f;
	int err = vfs_open_path(p, FO_PATH, NULL, &f);

	if (err) {
		vfs_dissolve(t->machine, p->mnt);
		path_put(p);
		return err;
	}
	f->ops = &tree_ops;
	path_put(p);
	return files_install(t, f, 0, cloexec);
}

int64_t sys_open_tree(struct task *t, const uint32_t a[6])
{
	enum { CLONE = 1 };
	struct at_target at;
	struct path_ref copy;
	struct file *f;
	int64_t err;

	if (a[2] & ~(uint32_t)(G_AT_EMPTY_PATH | G_AT_NO_AUTOMOUNT | AT_RECURSIVE_ | G_AT_SYMLINK_NOFOLLOW | CLONE | G_O_CLOEXEC))
		return -EINVAL;
	if ((a[2] & (AT_RECURSIVE_ | CLONE)) == AT_RECURSIVE_)
		return -EINVAL;
	if ((a[2] & CLONE) && !task_capable(t, CAP_SYS_ADMIN_))
		return -EPERM;
	err = files_at(t, (int32_t)a[0], a[1], a[2] & (G_AT_EMPTY_PATH | G_AT_SYMLINK_NOFOLLOW), &at);
	if (err)
		return err;
	if (!at.path.dentry)
		err = a[2] & CLONE ? -EINVAL : -EBADF;
	else if ((a[2] & CLONE) && mount_is_elsewhere(t, &at.path))
		err = -EINVAL;
	else if (a[2] & CLONE)
		err = vfs_clone_detached(t->machine, &at.path, a[2] & AT_RECURSIVE_, &copy);
	else
		err = vfs_open_path(&at.path, FO_PATH, NULL, &f);
	files_at_put(&at);
	if (err)
		return err;
	return a[2] & CLONE ? mount_tree_file(t, &copy, a[2] & G_O_CLOEXEC) : files_install(t, f, 0, a[2] & G_O_CLOEXEC);
}

int64_t sys_move_mount(struct task *t, const uint32_t a[6])
{
	enum { F_SYMLINKS = 1, F_EMPTY = 4, T_SYMLINKS = 0x10, T_EMPTY = 0x40, SET_GROUP = 0x100, BENEATH = 0x200, ALL = 0x377 };
	struct at_target from, to;
	int err;

	if (!task_capable(t, CAP_SYS_ADMIN_))
		return -EPERM;
	if ((a[4] & ~(uint32_t)ALL) || (a[4] & (BENEATH | SET_GROUP)) == (BENEATH | SET_GROUP))
		return -EINVAL;
	err = files_at(t, (int32_t)a[0], a[1], (a[4] & F_SYMLINKS ? 0 : G_AT_SYMLINK_NOFOLLOW) |
		       (a[4] & F_EMPTY ? G_AT_EMPTY_PATH : 0), &from);
	if (err)
		return err;
	err = files_at(t, (int32_t)a[2], a[3], (a[4] & T_SYMLINKS ? 0 : G_AT_SYMLINK_NOFOLLOW) |
		       (a[4] & T_EMPTY ? G_AT_EMPTY_PATH : 0), &to);
	if (err)
		goto out_from;
	/* There are no peer groups to join, and nothing is slid below another mount. */
	err = (a[4] & (SET_GROUP | BENEATH)) || !from.path.dentry || !to.path.dentry || mount_is_elsewhere(t, &from.path) ||
	      mount_is_elsewhere(t, &to.path) ? -EINVAL : vfs_move_mount(t->machine, &from.path, &to.path);
	files_at_put(&to);
out_from:
	files_at_put(&from);
	return err;
}

/* --- Attributes --- */

struct guest_mount_attr { uint64_t set, clear, propagation, userns_fd; };
_Static_assert(sizeof(struct guest_mount_attr) == 32, "struct mount_attr");

/* copy_struct_from_user(): what is behind the part we know has to be zero. */
static int read_attr(struct task *t, uint32_t addr, uint32_t size, struct guest_mount_attr *attr)
{
	const uint8_t *rest;

	if (user_read(t, attr, addr, sizeof *attr))
		return -EFAULT;
	rest = user_span(t, addr, size);
	if (!rest)
		return -EFAULT;
	for (uint32_t i = sizeof *attr; i < size; i++)
		if (rest[i])
			return -E2BIG;
	return 0;
}

/* build_mount_kattr() */
static int attr_change(const struct guest_mount_attr *attr, uint32_t *set, uint32_t *clear)
{
	const uint64_t known = PLAIN_ATTRS | ATTR_ATIME | ATTR_IDMAP;

	if ((attr->propagation & ~(uint64_t)(MS_UNBINDABLE | MS_PRIVATE | MS_SLAVE | MS_SHARED)) ||
	    (attr->propagation & (attr->propagation - 1)) || ((attr->set | attr->clear) & ~known))
		return -EINVAL;
	*set = plain_flags((uint32_t)attr->set);
	*clear = plain_flags((uint32_t)attr->clear);
	if (attr->clear & ATTR_ATIME) {
		if ((attr->clear & ATTR_ATIME) != ATTR_ATIME || atime_flags((uint32_t)attr->set, set))
			return -EINVAL;
		*clear |= RELATIME | NOATIME;
	} else if (attr->set & ATTR_ATIME) {
		return -EINVAL;
	}
	return (attr->set | attr->clear) & ATTR_IDMAP ? -EINVAL : 0;	/* there are no user namespaces */
}

int64_t sys_mount_setattr(struct task *t, const uint32_t a[6])
{
	struct guest_mount_attr attr;
	struct at_target at;
	uint32_t set, clear;
	int err;

	if (a[2] & ~(uint32_t)(G_AT_EMPTY_PATH | AT_RECURSIVE_ | G_AT_SYMLINK_NOFOLLOW | G_AT_NO_AUTOMOUNT))
		return -EINVAL;
	if (a[4] > FLAT_PAGE_SIZE)
		return -E2BIG;
	if (a[4] < sizeof attr)
		return -EINVAL;
	if (!task_capable(t, CAP_SYS_ADMIN_))
		return -EPERM;
	err = read_attr(t, a[3], a[4], &attr);
	if (err)
		return err;
	if (!attr.set && !attr.clear && !attr.propagation)
		return 0;
	err = attr_change(&attr, &set, &clear);
	if (!err)
		err = files_at(t, (int32_t)a[0], a[1], a[2] & (G_AT_EMPTY_PATH | G_AT_SYMLINK_NOFOLLOW), &at);
	if (err)
		return err;
	err = at.path.dentry && !mount_is_elsewhere(t, &at.path) ? vfs_change_flags(t->machine, &at.path, set, clear, a[2] & AT_RECURSIVE_) : -EINVAL;
	if (!err && attr.propagation)
		err = vfs_change_propagation(t->machine, &at.path, (unsigned)attr.propagation, a[2] & AT_RECURSIVE_);
	files_at_put(&at);
	return err;
}
