/* SPDX-License-Identifier: MIT
 *
 * Flags of inodes: lsattr, chattr (fs/ioctl.c ioctl_getflags(), ioctl_setflags(); fs/ext2/ioctl.c).
 */
#include <errno.h>
#include "emu/ext2/internal.h"
#include "emu/sys/user.h"

#define FS_IOC_GETFLAGS_ 0x80046601u	/* with the size of a riscv32 long in them */
#define FS_IOC_SETFLAGS_ 0x40046602u
#define FS_IOC_GETVERSION_ 0x80047601u

#define CAP_LINUX_IMMUTABLE_ 9

static int64_t set_flags(struct file *f, struct task *t, uint32_t arg)
{
	struct inode *i = f->inode;
	struct ext2_inode_large *r = &ext2_info(i)->raw;
	uint32_t flags, before = r->i_flags;
	struct vfs_cred cred;
	int err = ext2_may_change(i->super);

	if (!err && (f->path.mnt->flags & 1 /* MS_RDONLY */))
		err = -EROFS;
	if (err)
		return err;
	if (user_get32(t, arg, &flags))
		return -EFAULT;
	task_vfs_cred(t, &cred);
	if (cred.uid != i->uid && !vfs_capable(&cred, VFS_FOWNER))
		return -EPERM;
	if (((flags ^ before) & (EXT2_APPEND_FL | EXT2_IMMUTABLE_FL)) && !task_capable(t, CAP_LINUX_IMMUTABLE_))
		return -EPERM;
	r->i_flags = (before & ~(uint32_t)EXT2_FL_USER_MODIFIABLE) | (flags & EXT2_FL_USER_MODIFIABLE);
	/* How its blocks are found is no matter of taste, nor is a file's own journal. */
	r->i_flags = (r->i_flags & ~(uint32_t)(EXT4_EXTENTS_FL | EXT3_JOURNAL_DATA_FL | EXT4_PROJINHERIT_FL | EXT4_CASEFOLD_FL)) |
		     (before & (EXT4_EXTENTS_FL | EXT3_JOURNAL_DATA_FL | EXT4_PROJINHERIT_FL | EXT4_CASEFOLD_FL));
	inode_touch(i, 4);
	return ext2_inode_write(i, true);
}

int64_t ext2_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	const struct ext2_inode_large *r = &ext2_info(f->inode)->raw;

	switch (cmd) {
	case FS_IOC_GETFLAGS_:
		return user_put32(t, arg, r->i_flags & EXT2_FL_USER_VISIBLE);
	case FS_IOC_SETFLAGS_:
		return set_flags(f, t, arg);
	case FS_IOC_GETVERSION_:
		return user_put32(t, arg, r->i_generation);
	}
	return -ENOTTY;
}
