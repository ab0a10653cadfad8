/* SPDX-License-Identifier: MIT
 *
 * open (fs/namei.c path_openat, fs/open.c do_dentry_open).
 */
#include "emu/fs/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "emu/fs/notify.h"

static const struct file_ops no_fops;

/* What of the permissions an open needs: 4 read, 2 write. */
static int access_mask(uint32_t flags)
{
	static const int by_mode[4] = { 4, 2, 6, 6 };

	return by_mode[flags & FO_ACCMODE] | (flags & FO_TRUNC ? 2 : 0);
}

/* may_open() and the checks before it, of something that exists already. */
static int may_open(const struct path_ref *p, uint32_t *flags, const struct vfs_cred *cred)
{
	struct inode *i = p->dentry->inode;
	int mask = access_mask(*flags), err;

	if ((*flags & FO_DIRECTORY) && !S_ISDIR(i->mode))
		return -ENOTDIR;
	switch (i->mode & S_IFMT) {
	case S_IFLNK:
		return -ELOOP;
	case S_IFDIR:
		if (mask & 2)
			return -EISDIR;
		break;
	case S_IFBLK: case S_IFCHR:
		if (p->mnt->flags & MS_NODEV)
			return -EACCES;
		*flags &= ~(uint32_t)FO_TRUNC;
		break;
	case S_IFIFO: case S_IFSOCK:
		*flags &= ~(uint32_t)FO_TRUNC;
		break;
	case S_IFREG:
		if ((mask & 2) && path_read_only(p))
			return -EROFS;
	}
	if (!cred)
		return 0;
	err = vfs_permission(i, mask, cred);
	if (!err && (*flags & FO_NOATIME) && cred->uid != i->uid && !vfs_capable(cred, VFS_FOWNER))
		err = -EPERM;
	return err;
}

static int count_writer(struct file *f)
{
	struct inode *i = f->inode;

	if (!S_ISREG(i->mode) || !file_writable(f))
		return 0;
	if (i->denied)
		return -ETXTBSY;
	i->writers++;
	f->path.mnt->writers++;
	f->writer = true;
	return 0;
}

static int attach_driver(struct file *f, bool exclusive)
{
	const struct vfs_chrdev *d;

	if (S_ISSOCK(f->inode->mode))
		return -ENXIO;
	if (S_ISBLK(f->inode->mode))
		return blkdev_attach(f, exclusive);
	if (!S_ISCHR(f->inode->mode) || f->inode->super == f->inode->super->machine->vfs->anon)
		return 0;
	d = vfs_find_chrdev(f->inode->super->machine, f->inode->rdev);
	if (!d)
		return -ENXIO;
	f->ops = d->fops;
	f->private = d->private;
	f->source = d->source;
	return 0;
}

/* do_dentry_open(): permissions are checked. -EAGAIN with *out: a FIFO to be waited for. */
static int open_checked(const struct path_ref *p, uint32_t flags, bool privileged, struct file **out)
{
	struct inode *i = p->dentry->inode;
	struct file *f = file_new(i, i->fops, flags & ~(uint32_t)(FO_CREAT | FO_EXCL | FO_TRUNC));
	bool opened = false;
	int err;

	if (!f)
		return -ENOMEM;
	f->path = *p;
	path_get(&f->path);
	f->privileged = privileged;
	if (flags & FO_PATH) {
		f->flags &= ~(uint32_t)FO_NOCTTY;
		f->ops = &no_fops;
		f->source = NULL;
		*out = f;
		return 0;
	}
	i->alias = p->dentry;
	err = attach_driver(f, flags & FO_EXCL);
	if (!err)
		err = count_writer(f);
	if (!err && !f->ops->open && i->super == i->super->machine->vfs->anon && !S_ISREG(i->mode))
		err = -ENXIO;
	if (!err && f->ops->open)
		err = f->ops->open(f);
	f->flags &= ~(uint32_t)FO_NOCTTY;	/* only terminals, while they are opened, want to know */
	opened = !err;
	if (err == -EAGAIN && S_ISFIFO(i->mode)) {
		f->opening = true;
		*out = f;
		return err;
	}
	if (!err) {
		f->opened = true;
		notify_file(f, NOTIFY_OPEN);
	}
	if (!err && (flags & FO_TRUNC) && S_ISREG(i->mode))
		err = vfs_truncate(i, p->dentry, 0);
	if (err) {
		if (!opened)	/* nothing to release */
			f->ops = &no_fops;
		file_put(f);
		return err;
	}
	*out = f;
	return 0;
}

int file_open_again(struct file *f)
{
	int err;

	if (!f->opening)
		return 0;
	err = fifo_open_again(f);
	if (err == -EAGAIN)
		return err;
	f->opening = false;
	if (!err) {
		f->opened = true;
		notify_file(f, NOTIFY_OPEN);
	}
	return err;
}

int vfs_open_path(const struct path_ref *p, uint32_t flags, const struct vfs_cred *cred, struct file **out)
{
	int err = flags & FO_PATH ? 0 : may_open(p, &flags, cred);

	return err ? err : open_checked(p, flags, !cred || vfs_capable(cred, VFS_FSETID), out);
}

/* A file without a name in the directory p. */
static int open_tmpfile(const struct walk *w, const struct path_ref *p, uint32_t flags, uint32_t mode,
			struct file **out)
{
	struct inode *dir = p->dentry->inode, *i;
	struct path_ref made = { .mnt = p->mnt };
	char name[24];
	int err, len;

	if (!S_ISDIR(dir->mode))
		return -ENOTDIR;
	if (path_read_only(p))
		return -EROFS;
	err = vfs_permission(dir, 2 | 1, w->cred);
	if (err)
		return err;
	mode = S_IFREG | (mode & 07777);
	if (dir->ops->tmpfile)
		err = dir->ops->tmpfile(dir, mode, w->cred, &i);
	else if (is_tree(dir) && dir->ops->create && !dir->ops->fixed_names)
		err = dir->ops->create(dir, mode, 0, NULL, w->cred, &i);
	else
		err = -EOPNOTSUPP;
	if (err)
		return err;
	i->nlink = 0;
	i->linkable = !(flags & FO_EXCL);
	len = snprintf(name, sizeof name, "#%llu", (unsigned long long)i->ino);
	made.dentry = dentry_alloc(p->dentry, name, (size_t)len, i);
	inode_put(i);
	if (!made.dentry)
		return -ENOMEM;
	err = open_checked(&made, flags & ~(uint32_t)FO_TMPFILE, vfs_capable(w->cred, VFS_FSETID), out);
	if (!err)
		(*out)->flags |= FO_TMPFILE | FO_DIRECTORY;	/* which F_GETFL tells */
	dentry_put(made.dentry);
	return err;
}

/* The last component of an open with O_CREAT. 0 and nd->path, 1 (a link: go on), or -errno. */
static int create_last(struct nd *nd, uint32_t flags, uint32_t mode, bool *created)
{
	const struct vfs_cred *cred = nd->w->cred;
	struct path_ref dir = nd->path;
	struct dentry *d;
	int err;

	if (nd->last_type != LAST_NAME)
		return flags & FO_EXCL ? -EEXIST : -EISDIR;
	if (nd->slash)
		return -EISDIR;
	err = may_make(nd, false, flags & FO_EXCL, cred);
	if (err == -EEXIST && !(flags & FO_EXCL))
		return nd_step(nd, !(flags & FO_NOFOLLOW));
	if (err)
		return err;
	err = create_name(dir.dentry, nd->last, nd->last_len, S_IFREG | (mode & 07777), 0, NULL, cred, &d);
	if (err)
		return err == -EPERM ? -EACCES : err;
	nd->path.dentry = d;
	dentry_put(dir.dentry);
	*created = true;
	return 0;
}

int vfs_open(const struct walk *w, const char *path, uint32_t flags, uint32_t mode, struct file **out)
{
	bool follow = !(flags & FO_NOFOLLOW), created = false, creates;
	struct path_ref p;
	struct nd nd;
	int err;

	if (flags & FO_PATH)
		flags &= FO_DIRECTORY | FO_NOFOLLOW | FO_PATH | FO_CLOEXEC;
	creates = flags & FO_CREAT;
	*out = NULL;
	err = (access_mask(flags) == 4 && !creates ? nd_begin_to_read : nd_begin)(&nd, w, path);
	if (err)
		return err;
	do {
		err = nd_parent(&nd);
		if (err)
			goto out;
		err = creates ? create_last(&nd, flags, mode, &created) : nd_step(&nd, follow);
	} while (err == 1);
	if (err)
		goto out;
	p = nd.path;
	if (flags & FO_TMPFILE & ~FO_DIRECTORY) {
		err = open_tmpfile(w, &p, flags & ~(uint32_t)FO_DIRECTORY, mode, out);
		goto out;
	}
	if (created) {
		/* A new file is not cut: FMODE_CREATED. */
		err = open_checked(&p, flags & ~(uint32_t)FO_TRUNC, vfs_capable(w->cred, VFS_FSETID), out);
		if (!err)
			(*out)->created = true;
		goto out;
	}
	if (creates && S_ISDIR(p.dentry->inode->mode))
		err = -EISDIR;
	else if ((nd.slash || (flags & FO_DIRECTORY)) && !S_ISDIR(p.dentry->inode->mode))
		err = -ENOTDIR;
	else
		err = creates ? may_create_in_sticky(&nd, p.dentry->inode) : 0;
	if (!err)
		err = vfs_open_path(&p, flags, w->cred, out);
out:
	nd_end(&nd);
	return err;
}
