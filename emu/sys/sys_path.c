/* SPDX-License-Identifier: MIT
 *
 * Names: make, link, rename and remove them; the working directory and the root.
 */
#include "emu/kernel/files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* A path argument and the walk it starts: what most calls here begin with. */
struct named {
	char path[PATH_MAX_GUEST];
	struct vfs_cred cred;
	struct walk walk;
};

static int name_at(struct task *t, uint32_t dirfd, uint32_t path, unsigned flags, struct named *n)
{
	int64_t len = user_path(t, n->path, path);

	if (len < 0)
		return (int)len;
	return task_walk(t, (int32_t)dirfd, n->path, flags, &n->walk, &n->cred);
}

int64_t sys_mkdirat(struct task *t, const uint32_t a[6])
{
	struct named n;
	int err = name_at(t, a[0], a[1], 0, &n);

	return err ? err : vfs_mkdir(&n.walk, n.path, a[2] & 01777 & ~t->fs->umask);
}

int64_t sys_mknodat(struct task *t, const uint32_t a[6])
{
	uint32_t mode = a[2] & 0xffff;
	struct named n;
	int err;

	switch (mode & S_IFMT) {
	case 0:
		mode |= S_IFREG;
		break;
	case S_IFREG: case S_IFIFO: case S_IFSOCK: case S_IFCHR: case S_IFBLK:
		break;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
	err = name_at(t, a[0], a[1], 0, &n);
	if (err)
		return err;
	return vfs_mknod(&n.walk, n.path, mode & ~t->fs->umask, a[3]);
}

int64_t sys_symlinkat(struct task *t, const uint32_t a[6])
{
	char target[PATH_MAX_GUEST];
	int64_t len = user_path(t, target, a[0]);
	struct named n;
	int err;

	if (len < 0)
		return len;
	if (!len)
		return -ENOENT;
	err = name_at(t, a[1], a[2], 0, &n);
	return err ? err : vfs_symlink(&n.walk, target, n.path);
}

int64_t sys_unlinkat(struct task *t, const uint32_t a[6])
{
	struct named n;
	int err;

	if (a[2] & ~(uint32_t)G_AT_REMOVEDIR)
		return -EINVAL;
	err = name_at(t, a[0], a[1], 0, &n);
	if (err)
		return err;
	return a[2] ? vfs_rmdir(&n.walk, n.path) : vfs_unlink(&n.walk, n.path);
}

int64_t sys_linkat(struct task *t, const uint32_t a[6])
{
	struct named from, to;
	int err;

	if (a[4] & ~(uint32_t)(G_AT_SYMLINK_FOLLOW | G_AT_EMPTY_PATH))
		return -EINVAL;
	err = name_at(t, a[0], a[1], a[4] & G_AT_SYMLINK_FOLLOW ? WALK_FOLLOW : 0, &from);
	if (err)
		return err;
	err = name_at(t, a[2], a[3], 0, &to);
	if (err)
		return err;
	if (!from.path[0] && (a[4] & G_AT_EMPTY_PATH)) {
		struct at_target what;

		if (!task_capable(t, CAP_DAC_READ_SEARCH_))
			return -ENOENT;
		err = files_at_cred(t, (int32_t)a[0], "", G_AT_EMPTY_PATH, NULL, &what);
		if (err)
			return err;
		err = what.path.dentry ? vfs_link_ref(&what.path, &to.walk, to.path) : -EXDEV;
		files_at_put(&what);
		return err;
	}
	return vfs_link(&from.walk, from.path, &to.walk, to.path);
}

int64_t sys_renameat2(struct task *t, const uint32_t a[6])
{
	enum { NOREPLACE = 1, EXCHANGE = 2, WHITEOUT = 4 };
	struct named from, to;
	int err;

	if (a[4] & ~(uint32_t)(NOREPLACE | EXCHANGE | WHITEOUT) ||
	    ((a[4] & EXCHANGE) && (a[4] & (NOREPLACE | WHITEOUT))))
		return -EINVAL;
	if (a[4] & WHITEOUT)
		return -EINVAL;		/* no file system here has it */
	err = name_at(t, a[0], a[1], 0, &from);
	if (err)
		return err;
	err = name_at(t, a[2], a[3], 0, &to);
	return err ? err : vfs_rename(&from.walk, from.path, &to.walk, to.path, a[4]);
}

int64_t sys_readlinkat(struct task *t, const uint32_t a[6])
{
	char name[PATH_MAX_GUEST], target[PATH_MAX_GUEST];
	struct at_target what;
	struct inode *i;
	int64_t r;
	int err;

	if ((int32_t)a[3] <= 0)
		return -EINVAL;
	r = user_path(t, name, a[1]);
	if (r < 0)
		return r;
	if (!name[0] && (int32_t)a[0] == G_AT_FDCWD)
		return -ENOENT;
	/* The empty name is a link opened with O_PATH | O_NOFOLLOW. */
	err = files_at_cred(t, (int32_t)a[0], name, G_AT_SYMLINK_NOFOLLOW | G_AT_EMPTY_PATH, NULL, &what);
	if (err)
		return err;
	i = what.inode;
	if (!S_ISLNK(i->mode) || !i->ops || !i->ops->readlink) {
		r = name[0] ? -EINVAL : -ENOENT;
	} else {
		r = i->ops->readlink(i, target, a[3] < sizeof target ? a[3] : sizeof target);
		if (r > 0 && user_write(t, a[2], target, (uint64_t)r))
			r = -EFAULT;
	}
	files_at_put(&what);
	return r;
}

/* --- Where relative and absolute names start --- */

static int64_t go(struct task *t, struct path_ref *where, struct path_ref *to)
{
	struct path_ref old = *where;
	struct vfs_cred cred;
	int err;

	task_vfs_cred(t, &cred);
	err = S_ISDIR(to->dentry->inode->mode) ? vfs_permission(to->dentry->inode, 1, &cred) : -ENOTDIR;
	if (err)
		return err;
	path_get(to);
	*where = *to;
	path_put(&old);
	return 0;
}

int64_t sys_chdir(struct task *t, const uint32_t a[6])
{
	struct at_target what;
	int64_t r = files_at(t, G_AT_FDCWD, a[0], 0, &what);

	if (r)
		return r;
	r = go(t, &t->fs->cwd, &what.path);
	files_at_put(&what);
	return r;
}

int64_t sys_fchdir(struct task *t, const uint32_t a[6])
{
	struct file *f = task_file(t, a[0]);

	if (!f)
		return -EBADF;
	return f->path.dentry ? go(t, &t->fs->cwd, &f->path) : -ENOTDIR;
}

int64_t sys_chroot(struct task *t, const uint32_t a[6])
{
	struct at_target what;
	int64_t r = files_at(t, G_AT_FDCWD, a[0], 0, &what);

	if (r)
		return r;
	if (!S_ISDIR(what.inode->mode))
		r = -ENOTDIR;
	else
		r = task_capable(t, CAP_SYS_CHROOT_) ? go(t, &t->fs->root, &what.path) : -EPERM;
	files_at_put(&what);
	return r;
}

int64_t sys_getcwd(struct task *t, const uint32_t a[6])
{
	char path[PATH_MAX_GUEST];
	int n;

	if (t->fs->cwd.dentry->unlinked)
		return -ENOENT;
	n = vfs_path_name(&t->fs->cwd, &t->fs->root, path, sizeof path);
	if (n < 0)
		return n == -ERANGE ? -ENAMETOOLONG : n;
	if ((uint32_t)n + 1 > a[1])
		return -ERANGE;
	return user_write(t, a[0], path, (uint64_t)n + 1) ? -EFAULT : n + 1;
}

int64_t sys_umask(struct task *t, const uint32_t a[6])
{
	uint32_t old = t->fs->umask;

	t->fs->umask = a[0] & 0777;
	return old;
}
