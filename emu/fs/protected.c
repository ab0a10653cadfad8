/* SPDX-License-Identifier: MIT
 *
 * The sysctls fs.protected_*: links, FIFOs and files that others have laid out in sticky folders (fs/namei.c).  Those
 * of links are on at first, as in Debian's kernels.
 */
#include "emu/fs/internal.h"

#include <errno.h>
#include <sys/stat.h>

int may_follow_link(const struct nd *nd, const struct inode *link)
{
	const struct machine *m = link->super->machine;

	if (!m->fs_protected.symlinks || link->uid == nd->w->cred->uid ||
	    (nd->dir_mode & (S_ISVTX | S_IWOTH)) != (S_ISVTX | S_IWOTH) || nd->dir_uid == link->uid)
		return 0;
	return -EACCES;
}

/* safe_hardlink_source() */
static bool harmless(struct inode *i, const struct vfs_cred *cred)
{
	return S_ISREG(i->mode) && !(i->mode & S_ISUID) && (i->mode & (S_ISGID | S_IXGRP)) != (S_ISGID | S_IXGRP) &&
	       !vfs_permission(i, 4 | 2, cred);
}

int may_link(struct inode *i, const struct vfs_cred *cred)
{
	if (!i->super->machine->fs_protected.hardlinks || cred->uid == i->uid || vfs_capable(cred, VFS_FOWNER) ||
	    harmless(i, cred))
		return 0;
	return -EPERM;
}

int may_create_in_sticky(const struct nd *nd, const struct inode *i)
{
	const struct machine *m = i->super->machine;
	unsigned level = S_ISREG(i->mode) ? m->fs_protected.regular : S_ISFIFO(i->mode) ? m->fs_protected.fifos : 1;

	if (!(nd->dir_mode & S_ISVTX) || !level || i->uid == nd->dir_uid || i->uid == nd->w->cred->uid)
		return 0;
	if (nd->dir_mode & S_IWOTH)
		return -EACCES;
	return (nd->dir_mode & S_IWGRP) && level >= 2 ? -EACCES : 0;
}
