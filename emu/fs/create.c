/* SPDX-License-Identifier: MIT
 *
 * Making and removing names: mknod, mkdir, symlink, link, unlink, rmdir.
 *
 * The order of the checks is Linux's (fs/namei.c), since it decides the errno.
 */
#include "emu/fs/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/notify.h"

bool is_tree(const struct inode *dir)
{
	return !dir->ops->lookup;
}

int may_create(const struct path_ref *dir, const struct vfs_cred *cred)
{
	if (dir->dentry->unlinked)
		return -ENOENT;
	return vfs_permission(dir->dentry->inode, 2 | 1, cred);
}

int may_delete(const struct path_ref *dir, struct dentry *victim, bool is_dir, const struct vfs_cred *cred)
{
	struct inode *d = dir->dentry->inode, *i = victim->inode;
	int err = vfs_permission(d, 2 | 1, cred);

	if (err)
		return err;
	if ((d->mode & S_ISVTX) && !vfs_capable(cred, VFS_FOWNER) && cred->uid != i->uid && cred->uid != d->uid)
		return -EPERM;
	if (is_dir && !S_ISDIR(i->mode))
		return -ENOTDIR;
	if (!is_dir && S_ISDIR(i->mode))
		return -EISDIR;
	if (dir->dentry->unlinked)
		return -ENOENT;
	return victim->mounted ? -EBUSY : 0;
}

int create_name(struct dentry *dir, const char *name, size_t len, uint32_t mode, uint32_t rdev, const char *target,
		const struct vfs_cred *cred, struct dentry **out)
{
	struct inode *d = dir->inode, *i;
	struct dentry *made;
	int err;

	if (!d->ops->create && !d->ops->create_named)
		return d->ops->lookup ? -ENOENT : -EPERM;
	/* Linux hands no name to create(); files of the host need one. */
	err = d->ops->create_named ? d->ops->create_named(d, name, mode, rdev, target, cred, &i) :
				     d->ops->create(d, mode, rdev, target, cred, &i);
	if (err)
		return err;
	if (is_tree(d)) {
		err = dentry_add(dir, name, len, i, &made);
	} else {
		made = dentry_alloc(dir, name, len, i);
		err = made ? dentry_hash(made) : -ENOMEM;
		if (err && made)
			dentry_put(made);
	}
	inode_put(i);
	if (err)
		return err;
	if (is_tree(d)) {
		if (S_ISDIR(mode))
			d->nlink++;
		inode_touch(d, 2 | 4);
	}
	notify_name(d, NOTIFY_CREATE, made->name, made->inode);
	if (out)
		*out = made;
	else
		dentry_put(made);
	return 0;
}

int may_make(const struct nd *nd, bool is_dir, bool only_new, const struct vfs_cred *cred)
{
	struct dentry *dir = nd->path.dentry, *there;
	int may = path_read_only(&nd->path) ? -EROFS : may_create(&nd->path, cred), err;

	/* If it is there, then that is the error, whatever else is wrong. */
	if (only_new && !may && !nd->slash && dir->inode->ops->create_looks && !dentry_find(dir, nd->last, nd->last_len))
		return 0;
	err = lookup_one(dir, nd->last, nd->last_len, &there);
	if (!err) {
		dentry_put(there);
		return -EEXIST;
	}
	return err != -ENOENT || (nd->slash && !is_dir) ? err : may;
}

/* What all that make a name have in common: filename_create() and may_create().  made: may be NULL. */
static int create_at(const struct walk *w, const char *path, uint32_t mode, uint32_t rdev, const char *target,
		     struct path_ref *made)
{
	struct nd nd;
	int err = nd_to_parent(&nd, w, path);

	if (err)
		return err;
	err = nd.last_type == LAST_NAME ? may_make(&nd, S_ISDIR(mode), true, w->cred) : -EEXIST;
	if (!err && (S_ISBLK(mode) || (S_ISCHR(mode) && rdev)) && !vfs_capable(w->cred, VFS_MKNOD))
		err = -EPERM;
	if (!err)
		err = create_name(nd.path.dentry, nd.last, nd.last_len, mode, rdev, target, w->cred,
				  made ? &made->dentry : NULL);
	if (!err && made)
		made->mnt = mount_get(nd.path.mnt);
	nd_end(&nd);
	return err;
}

int vfs_mknod(const struct walk *w, const char *path, uint32_t mode, uint32_t rdev)
{
	return create_at(w, path, mode, S_ISCHR(mode) || S_ISBLK(mode) ? rdev : 0, NULL, NULL);
}

int vfs_mknod_at(const struct walk *w, const char *path, uint32_t mode, struct path_ref *out)
{
	return create_at(w, path, mode, 0, NULL, out);
}

int vfs_mkdir(const struct walk *w, const char *path, uint32_t mode)
{
	return create_at(w, path, S_IFDIR | (mode & 01777), 0, NULL, NULL);
}

int vfs_symlink(const struct walk *w, const char *target, const char *path)
{
	size_t len = strlen(target);

	if (!len)
		return -ENOENT;
	if (len >= PATH_LIMIT)
		return -ENAMETOOLONG;
	return create_at(w, path, S_IFLNK | 0777, 0, target, NULL);
}

/* --- Removing --- */

static int remove_name(const struct path_ref *dir, struct dentry *d)
{
	struct inode *parent = dir->dentry->inode, *i = d->inode;
	bool is_dir = S_ISDIR(i->mode);

	if (!is_tree(parent)) {
		int err = parent->ops->remove ? parent->ops->remove(parent, d->name, i) : -EPERM;

		if (err)
			return err;
		inode_lost_name(i);
	} else {
		if (!parent->ops->create)
			return -EPERM;
		if (is_dir && !dentry_empty(d))
			return -ENOTEMPTY;
		if (is_dir) {
			i->nlink = 0;
			parent->nlink--;
		} else {
			i->nlink--;
		}
		inode_touch(i, 4);
		inode_touch(parent, 2 | 4);
	}
	dentry_drop(d);
	if (!is_dir)
		notify_inode(i, NOTIFY_ATTRIB);
	/* The caller's is the last reference on the name: nobody has the file by it (d_delete_notify()). */
	if (!i->nlink && d->refs == 1)
		notify_gone(i);
	notify_name(parent, NOTIFY_DELETE, d->name, i);
	return 0;
}

/*
 * A file of which there is nothing here need not be looked up to be removed: what it is decides whether it may, and its file
 * system does the rest by its name.  -EAGAIN: it must.
 */
static int remove_unseen(const struct nd *nd, const struct vfs_cred *cred)
{
	struct dentry *dir = nd->path.dentry;
	struct inode *d = dir->inode, seen;
	struct dentry victim = { .inode = &seen };
	int err;

	if (!d->ops->peek || !d->ops->remove || nd->slash || notify_anybody(d) || dentry_find(dir, nd->last, nd->last_len))
		return -EAGAIN;
	err = d->ops->peek(d, nd->last, nd->last_len, &seen);
	if (err)
		return err;
	if (seen.refs)
		return -EAGAIN;
	err = may_delete(&nd->path, &victim, false, cred);
	return err ? err : d->ops->remove(d, nd->last, &seen);
}

/* The last component of a walk that is to be removed: the checks before the permissions. */
static int remove_at(const struct walk *w, const char *path, bool is_dir)
{
	struct dentry *d;
	struct nd nd;
	int err = nd_to_parent(&nd, w, path);

	if (err)
		return err;
	switch (nd.last_type) {
	case LAST_NAME:
		break;
	case LAST_DOT:
		err = is_dir ? -EINVAL : -EISDIR;
		goto out;
	case LAST_DOTDOT:
		err = is_dir ? -ENOTEMPTY : -EISDIR;
		goto out;
	case LAST_ROOT:
		err = is_dir ? -EBUSY : -EISDIR;
		goto out;
	}
	if (path_read_only(&nd.path)) {
		err = -EROFS;
		goto out;
	}
	err = is_dir ? -EAGAIN : remove_unseen(&nd, w->cred);
	if (err != -EAGAIN)
		goto out;
	err = lookup_one(nd.path.dentry, nd.last, nd.last_len, &d);
	if (err)
		goto out;
	if (!is_dir && nd.slash)
		err = S_ISDIR(d->inode->mode) ? -EISDIR : -ENOTDIR;
	if (!err)
		err = may_delete(&nd.path, d, is_dir, w->cred);
	if (!err)
		err = remove_name(&nd.path, d);
	dentry_put(d);
out:
	nd_end(&nd);
	return err;
}

int vfs_unlink(const struct walk *w, const char *path)
{
	return remove_at(w, path, false);
}

int vfs_rmdir(const struct walk *w, const char *path)
{
	return remove_at(w, path, true);
}

/* --- Links --- */

static void linked(struct inode *dir, const char *name, struct inode *i)
{
	notify_inode(i, NOTIFY_ATTRIB);
	notify_name(dir, NOTIFY_CREATE, name, i);
}

static int link_name(const struct path_ref *from, struct nd *to, const struct vfs_cred *cred)
{
	struct inode *i = from->dentry->inode, *dir = to->path.dentry->inode;
	int err;

	if (path_read_only(&to->path))
		return -EROFS;
	err = may_link(i, cred);
	if (err)
		return err;
	if (from->mnt != to->path.mnt)
		return -EXDEV;
	err = may_create(&to->path, cred);
	if (err)
		return err;
	if (S_ISDIR(i->mode))
		return -EPERM;
	if (!is_tree(dir)) {
		err = dir->ops->link ? dir->ops->link(dir, to->last, i) : -EPERM;
		if (!err)	/* the next lookup sees it */
			linked(dir, to->last, i);
		return err;
	}
	if (!dir->ops->create || dir->ops->fixed_names)
		return -EPERM;
	if (!i->nlink && !i->linkable)
		return -ENOENT;
	err = dentry_add(to->path.dentry, to->last, to->last_len, i, NULL);
	if (err)
		return err;
	i->nlink++;
	i->linkable = false;
	inode_touch(i, 4);
	inode_touch(dir, 2 | 4);
	linked(dir, to->last, i);
	return 0;
}

int vfs_link_ref(const struct path_ref *from, const struct walk *to, const char *new)
{
	struct dentry *there;
	struct nd nd;
	int err = nd_to_parent(&nd, to, new);

	if (err)
		return err;
	err = nd.last_type == LAST_NAME ? lookup_one(nd.path.dentry, nd.last, nd.last_len, &there) : -EEXIST;
	if (!err) {
		dentry_put(there);
		err = -EEXIST;
	} else if (err == -ENOENT && !nd.slash) {
		err = link_name(from, &nd, to->cred);
	}
	nd_end(&nd);
	return err;
}

int vfs_link(const struct walk *from, const char *old, const struct walk *to, const char *new)
{
	struct path_ref p;
	int err = vfs_walk(from, old, &p, NULL);

	if (err)
		return err;
	err = vfs_link_ref(&p, to, new);
	path_put(&p);
	return err;
}
