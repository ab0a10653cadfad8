/* SPDX-License-Identifier: MIT
 *
 * rename (fs/namei.c do_renameat2 and vfs_rename; the checks in their order).
 */
#include "emu/fs/internal.h"

#include <errno.h>
#include <sys/stat.h>
#include "emu/fs/notify.h"

enum { NOREPLACE = 1, EXCHANGE = 2 };

/* Both ends: the names' directories and, if there, what they name (references). */
struct ends { struct nd from, to; struct dentry *old, *new; };

static bool is_dir(const struct dentry *d)
{
	return S_ISDIR(d->inode->mode);
}

/* The permissions, and what a directory asks. */
static int check(const struct ends *e, unsigned flags, const struct vfs_cred *cred)
{
	const struct path_ref *from = &e->from.path, *to = &e->to.path;
	int err = may_delete(from, e->old, is_dir(e->old), cred);

	if (err)
		return err;
	if (!e->new)
		err = may_create(to, cred);
	else
		err = may_delete(to, e->new, flags & EXCHANGE ? is_dir(e->new) : is_dir(e->old), cred);
	if (err)
		return err;
	if (from->dentry == to->dentry)
		return 0;
	/* A directory that gets another parent has its ".." written. */
	if (is_dir(e->old))
		err = vfs_permission(e->old->inode, 2, cred);
	if (!err && (flags & EXCHANGE) && is_dir(e->new))
		err = vfs_permission(e->new->inode, 2, cred);
	return err;
}

static void relink_parents(struct inode *from, struct inode *to)
{
	from->nlink--;
	to->nlink++;
}

static int rename_in_tree(struct ends *e, unsigned flags)
{
	struct inode *from = e->from.path.dentry->inode, *to = e->to.path.dentry->inode;
	int err;

	if (!from->ops->create || !to->ops->create)
		return -EPERM;
	if (flags & EXCHANGE) {
		dentry_exchange(e->old, e->new);
		if (is_dir(e->old) != is_dir(e->new))
			is_dir(e->old) ? relink_parents(from, to) : relink_parents(to, from);
		inode_touch(e->new->inode, 4);
	} else {
		if (e->new && is_dir(e->new) && !dentry_empty(e->new))
			return -ENOTEMPTY;
		err = dentry_move(e->old, e->to.path.dentry, e->to.last, e->to.last_len, e->new);
		if (err)
			return err;
		if (e->new && is_dir(e->new)) {
			e->new->inode->nlink = 0;
			to->nlink--;
		} else if (e->new) {
			e->new->inode->nlink--;
		}
		if (e->new)
			inode_touch(e->new->inode, 4);
		if (is_dir(e->old))
			relink_parents(from, to);
	}
	inode_touch(e->old->inode, 4);
	inode_touch(from, 2 | 4);
	inode_touch(to, 2 | 4);
	return 0;
}

/* Elsewhere the file system does it, and the names in use follow. */
static int rename_elsewhere(struct ends *e, unsigned flags)
{
	struct inode *from = e->from.path.dentry->inode, *to = e->to.path.dentry->inode;
	int err;

	if (!from->ops->rename)
		return -EPERM;
	err = from->ops->rename(from, e->from.last, to, e->to.last, flags);
	if (err)
		return err;
	if (flags & EXCHANGE) {
		dentry_exchange(e->old, e->new);
		return 0;
	}
	if (e->new)
		inode_lost_name(e->new->inode);
	if (dentry_move(e->old, e->to.path.dentry, e->to.last, e->to.last_len, e->new))
		dentry_drop(e->old);	/* it will be looked up again */
	return 0;
}

static void tell(struct ends *e, unsigned flags)
{
	struct inode *from = e->from.path.dentry->inode, *to = e->to.path.dentry->inode;
	bool exchange = flags & EXCHANGE;

	notify_move(from, e->from.last, to, e->old, e->new && !exchange ? e->new->inode : NULL);
	if (exchange)
		notify_move(to, e->to.last, from, e->new, NULL);
}

/* Everything between the walks and the doing. */
static int rename_ends(struct ends *e, unsigned flags, const struct vfs_cred *cred)
{
	int err = lookup_one(e->from.path.dentry, e->from.last, e->from.last_len, &e->old);

	if (err)
		return err;
	err = lookup_one(e->to.path.dentry, e->to.last, e->to.last_len, &e->new);
	if (err && err != -ENOENT)
		return err;
	if (e->new && (flags & NOREPLACE))
		return -EEXIST;
	if (flags & EXCHANGE) {
		if (!e->new)
			return -ENOENT;
		if (!is_dir(e->new) && e->to.slash)
			return -ENOTDIR;
	}
	if (!is_dir(e->old) && (e->from.slash || (!(flags & EXCHANGE) && e->to.slash)))
		return -ENOTDIR;
	if (dentry_is_ancestor(e->old, e->to.path.dentry))
		return -EINVAL;
	if (e->new && dentry_is_ancestor(e->new, e->from.path.dentry))
		return flags & EXCHANGE ? -EINVAL : -ENOTEMPTY;
	if (e->new && e->new->inode == e->old->inode)
		return 0;		/* two names of one file: nothing is done, as POSIX wants it */
	err = check(e, flags, cred);
	if (err)
		return err;
	if (e->from.path.dentry->inode->ops->fixed_names)
		return -EPERM;
	err = is_tree(e->from.path.dentry->inode) ? rename_in_tree(e, flags) : rename_elsewhere(e, flags);
	if (!err)
		tell(e, flags);
	return err;
}

int vfs_rename(const struct walk *from, const char *old, const struct walk *to, const char *new, unsigned flags)
{
	struct ends e = { .old = NULL, .new = NULL };
	int err = nd_to_parent(&e.from, from, old);

	if (err)
		return err;
	err = nd_to_parent(&e.to, to, new);
	if (err)
		goto out_from;
	if (e.from.path.mnt != e.to.path.mnt)
		err = -EXDEV;
	else if (e.from.last_type != LAST_NAME)
		err = -EBUSY;
	else if (e.to.last_type != LAST_NAME)
		err = flags & NOREPLACE ? -EEXIST : -EBUSY;
	else if (path_read_only(&e.from.path))
		err = -EROFS;
	else
		err = rename_ends(&e, flags, from->cred);
	if (e.old)
		dentry_put(e.old);
	if (e.new)
		dentry_put(e.new);
	nd_end(&e.to);
out_from:
	nd_end(&e.from);
	return err;
}
