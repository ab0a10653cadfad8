/* SPDX-License-Identifier: MIT
 *
 * Permissions, modes, owners, times (fs/attr.c, fs/namei.c generic_permission).
 */
#include "emu/fs/internal.h"

#include <errno.h>
#include <sys/stat.h>
#include "emu/fs/file_caps.h"
#include "emu/fs/notify.h"
#include "emu/kernel/task.h"
#include "mm/id_set.h"

bool in_group(const struct vfs_cred *cred, uint32_t gid)
{
	return cred->gid == gid || id_set_has(cred->groups, cred->ngroups, gid);
}

static bool in_group_or_may(const struct vfs_cred *cred, uint32_t gid)
{
	return in_group(cred, gid) || vfs_capable(cred, VFS_FSETID);
}

int permission_by_mode(const struct inode *i, int mask, const struct vfs_cred *cred)
{
	uint32_t bits = i->mode;

	if (cred->uid == i->uid)
		bits >>= 6;
	else if (in_group(cred, i->gid))
		bits >>= 3;
	if (((uint32_t)mask & ~bits & 7) == 0)
		return 0;
	/* CAP_DAC_READ_SEARCH: read files, look through directories. */
	if (vfs_capable(cred, VFS_DAC_READ_SEARCH) && (S_ISDIR(i->mode) ? !(mask & 2) : (mask & 7) == 4))
		return 0;
	/* CAP_DAC_OVERRIDE: all, but execute only what somebody may execute. */
	if (vfs_capable(cred, VFS_DAC_OVERRIDE) && (S_ISDIR(i->mode) || !(mask & 1) || (i->mode & 0111)))
		return 0;
	return -EACCES;
}

int vfs_permission(struct inode *i, int mask, const struct vfs_cred *cred)
{
	return i->ops->permission ? i->ops->permission(i, mask, cred) : permission_by_mode(i, mask, cred);
}

static bool is_owner(const struct inode *i, const struct vfs_cred *cred)
{
	return cred->uid == i->uid || vfs_capable(cred, VFS_FOWNER);
}

static int set(struct inode *i, const struct inode *to, unsigned what)
{
	int err = i->ops->setattr ? i->ops->setattr(i, to, what) : 0;

	if (err)
		return err;
	i->mode = to->mode;
	i->uid = to->uid;
	i->gid = to->gid;
	i->atime = to->atime;
	i->mtime = to->mtime;
	if (i->super->coarse_times)
		i->atime.nsec = i->mtime.nsec = 0;
	inode_touch(i, 4);
	return 0;
}

/* The same, and tells who watches (fsnotify_change()): one time alone is what reading or writing does. */
static int set_by_name(const struct path_ref *p, const struct inode *to, unsigned what)
{
	const unsigned times = VFS_SET_ATIME | VFS_SET_MTIME;
	uint32_t mask = what & (VFS_SET_MODE | VFS_SET_UID | VFS_SET_GID) ? NOTIFY_ATTRIB : 0;
	int err = set(p->dentry->inode, to, what);

	if (err)
		return err;
	if ((what & times) == times)
		mask |= NOTIFY_ATTRIB;
	else if (what & VFS_SET_ATIME)
		mask |= NOTIFY_ACCESS;
	else if (what & VFS_SET_MTIME)
		mask |= NOTIFY_MODIFY;
	if (mask)
		notify_dentry(p->dentry, mask);
	return 0;
}

int vfs_chmod(const struct path_ref *p, uint32_t mode, const struct vfs_cred *cred)
{
	struct inode *i = p->dentry->inode, to = *i;

	if (path_read_only(p))
		return -EROFS;
	if (S_ISLNK(i->mode))
		return -EOPNOTSUPP;
	if (!is_owner(i, cred))
		return -EPERM;
	if (!in_group_or_may(cred, i->gid))
		mode &= ~(uint32_t)S_ISGID;
	to.mode = (i->mode & S_IFMT) | (mode & 07777);
	return set_by_name(p, &to, VFS_SET_MODE);
}

/* What setting the owner or writing takes away (setattr_should_drop_suidgid()). */
static uint32_t without_privs(const struct inode *i, const struct vfs_cred *cred)
{
	uint32_t mode = i->mode & ~(uint32_t)S_ISUID;

	if ((mode & S_IXGRP) || !in_group_or_may(cred, i->gid))
		mode &= ~(uint32_t)S_ISGID;
	return mode;
}

int vfs_chown(const struct path_ref *p, uint32_t uid, uint32_t gid, const struct vfs_cred *cred)
{
	struct inode *i = p->dentry->inode, to = *i;
	unsigned what = 0;

	if (path_read_only(p))
		return -EROFS;
	if (uid != UINT32_MAX) {
		if (!vfs_capable(cred, VFS_CHOWN) && (cred->uid != i->uid || uid != i->uid))
			return -EPERM;
		to.uid = uid;
		what |= VFS_SET_UID;
	}
	if (gid != UINT32_MAX) {
		if (!vfs_capable(cred, VFS_CHOWN) && (cred->uid != i->uid || (gid != i->gid && !in_group(cred, gid))))
			return -EPERM;
		to.gid = gid;
		what |= VFS_SET_GID;
	}
	if (!S_ISDIR(i->mode) && without_privs(i, cred) != i->mode) {
		to.mode = without_privs(i, cred);
		what |= VFS_SET_MODE;
	}
	if (!S_ISDIR(i->mode))
		file_caps_drop(i);
	return set_by_name(p, &to, what);
}

bool inode_remove_privs(struct inode *i)
{
	struct task *t = task_current(i->super->machine);
	struct vfs_cred cred = { 0 };
	struct inode to = *i;

	if (t)
		task_vfs_cred(t, &cred);
	if (!(i->mode & (S_ISUID | S_ISGID)) || vfs_capable(&cred, VFS_FSETID))
		return false;
	to.mode = without_privs(i, &cred);
	return to.mode != i->mode && !set(i, &to, VFS_SET_MODE);
}

int vfs_utimes(const struct path_ref *p, const struct vfs_time *atime, const struct vfs_time *mtime,
	       bool explicit_times, const struct vfs_cred *cred)
{
	struct inode *i = p->dentry->inode, to = *i;
	unsigned what = 0;

	if (path_read_only(p))
		return -EROFS;
	if (!is_owner(i, cred)) {
		if (explicit_times)
			return -EPERM;
		if (vfs_permission(i, 2, cred))
			return -EACCES;
	}
	if (atime) {
		to.atime = *atime;
		what |= VFS_SET_ATIME;
	}
	if (mtime) {
		to.mtime = *mtime;
		what |= VFS_SET_MTIME;
	}
	return set_by_name(p, &to, what);
}

int vfs_truncate(struct inode *i, struct dentry *name, uint64_t size)
{
	int err;

	if (S_ISDIR(i->mode))
		return -EISDIR;
	if (!S_ISREG(i->mode) || !i->ops->truncate)
		return -EINVAL;
	if (size > FILE_SIZE_LIMIT)
		return -EFBIG;
	if (i->denied)
		return -ETXTBSY;
	err = i->ops->truncate(i, size);
	if (err)
		return err;
	inode_touch(i, 2 | 4);
	file_caps_drop(i);
	if (name)
		notify_dentry(name, NOTIFY_MODIFY);
	else
		notify_inode(i, NOTIFY_MODIFY);
	if (task_current(i->super->machine))
		inode_remove_privs(i);
	return 0;
}
