/* SPDX-License-Identifier: MIT
 *
 * Walking paths (fs/namei.c).
 *
 * A walk is a place (nd->path) and the rest of the text.  A symbolic link puts its target before the rest;
 * so nothing recurses, and the limit of 40 links bounds the length.
 */
#include "emu/fs/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void path_get(struct path_ref *p)
{
	mount_get(p->mnt);
	dentry_get(p->dentry);
}

void path_put(struct path_ref *p)
{
	dentry_put(p->dentry);
	mount_put(p->mnt);
}

/* Replaces a reference by a new one on `to`. */
static void path_set(struct path_ref *p, struct path_ref to)
{
	path_get(&to);
	path_put(p);
	*p = to;
}

void path_follow_mounts(struct path_ref *p)
{
	struct mount *top;

	while (p->dentry->mounted && (top = mount_at(p)))
		path_set(p, (struct path_ref){ top, top->root });
}

int lookup_one(struct dentry *dir, const char *name, size_t len, struct dentry **out)
{
	struct inode *d_inode = dir->inode, *found;
	struct dentry *d = dentry_find(dir, name, len);
	int err;

	if (d) {
		const struct inode_ops *ops = d->inode->ops;

		if (ops->still_valid && !d->mounted && !ops->still_valid(d->inode)) {
			dentry_get(d);
			dentry_drop(d);
			dentry_put(d);
			d = NULL;
		} else if (!d_inode->ops->recheck || d->mounted || d_inode->ops->recheck(d_inode, name, len, d->inode)) {
			*out = dentry_get(d);
			return 0;
		}
	}
	if (!d_inode->ops->lookup)
		return -ENOENT;
	err = d_inode->ops->lookup(d_inode, name, len, &found);
	if (d && (err || found != d->inode)) {	/* it has gone, or is another file now */
		dentry_get(d);
		dentry_drop(d);
		dentry_put(d);
		d = NULL;
	}
	if (err)
		return err;
	if (d) {
		inode_put(found);
		*out = dentry_get(d);
		return 0;
	}
	d = dentry_alloc(dir, name, len, found);
	inode_put(found);
	if (!d)
		return -ENOMEM;
	err = dentry_hash(d);
	if (err) {
		dentry_put(d);
		return err;
	}
	*out = d;
	return 0;
}

int nd_begin(struct nd *nd, const struct walk *w, const char *path)
{
	size_t len = strnlen(path, PATH_LIMIT);

	*nd = (struct nd){ .w = w, .rest = path };
	if (len == 0)
		return -ENOENT;
	if (len == PATH_LIMIT)
		return -ENAMETOOLONG;
	if (*path == '/' && (w->flags & WALK_BENEATH))
		return -EXDEV;
	nd->path = w->start.dentry ? w->start : w->fs->cwd;
	nd->root = w->flags & (WALK_IN_ROOT | WALK_BENEATH) ? nd->path : w->fs->root;
	if (*path == '/')
		nd->path = nd->root;
	path_get(&nd->path);
	path_get(&nd->root);
	return 0;
}

/* Whether a file is under the prefix by this path. In it "/" and ".." lead no higher than the prefix. */
static bool in_prefix(const struct walk *w, const struct vfs *v, const char *path)
{
	struct walk in = { .fs = w->fs, .start = v->prefix, .cred = w->cred, .flags = WALK_FOLLOW | WALK_IN_ROOT };
	struct path_ref p;
	bool found;

	if (vfs_walk(&in, path + strspn(path, "/"), &p, NULL))
		return false;
	found = !S_ISDIR(p.dentry->inode->mode);
	path_put(&p);
	return found;
}

int nd_begin_to_read(struct nd *nd, const struct walk *w, const char *path)
{
	int err = nd_begin(nd, w, path);
	const struct vfs *v;

	if (err || *path != '/')
		return err;
	v = nd->root.mnt->super->machine->vfs;
	if (v->prefix.dentry && nd->root.dentry == v->prefix_root && in_prefix(w, v, path)) {
		path_set(&nd->path, v->prefix);
		path_set(&nd->root, v->prefix);
	}
	return 0;
}

void nd_end(struct nd *nd)
{
	path_put(&nd->path);
	path_put(&nd->root);
	free(nd->buf);
}

static bool at_root(const struct nd *nd)
{
	return nd->path.dentry == nd->root.dentry && nd->path.mnt == nd->root.mnt;
}

static int dotdot(struct nd *nd)
{
	struct path_ref up;

	if (at_root(nd))
		return nd->w->flags & WALK_BENEATH ? -EXDEV : 0;
	while (nd->path.dentry == nd->path.mnt->root) {
		struct mount *m = nd->path.mnt;

		if (!m->parent)
			return 0;
		if (nd->w->flags & WALK_NO_XDEV)
			return -EXDEV;
		path_set(&nd->path, (struct path_ref){ m->parent, m->point });
		if (at_root(nd))
			return nd->w->flags & WALK_BENEATH ? -EXDEV : 0;
	}
	up = (struct path_ref){ nd->path.mnt, nd->path.dentry->parent };
	path_set(&nd->path, up);
	path_follow_mounts(&nd->path);
	return 0;
}

/* Puts the link's target before what is left to walk. */
static int push_link(struct nd *nd, struct inode *link)
{
	char target[PATH_LIMIT];
	size_t rest = strlen(nd->rest), need;
	int len;
	char *buf;

	if (!link->ops->readlink)
		return -EINVAL;
	len = link->ops->readlink(link, target, sizeof target - 1);
	if (len < 0)
		return len;
	if (len == 0)
		return -ENOENT;
	need = (size_t)len + 1 + rest + 1;
	buf = malloc(need);
	if (!buf)
		return -ENOMEM;
	memcpy(buf, target, (size_t)len);
	if (rest || nd->slash)
		buf[len++] = '/';
	memcpy(buf + len, nd->rest, rest + 1);
	free(nd->buf);
	nd->buf = buf;
	nd->rest = buf;
	if (*buf == '/') {
		if (nd->w->flags & WALK_BENEATH)
			return -EXDEV;
		if ((nd->w->flags & WALK_NO_XDEV) && nd->path.mnt != nd->root.mnt)
			return -EXDEV;
		path_set(&nd->path, nd->root);
	}
	return 1;
}

static int follow_link(struct nd *nd, struct path_ref *link)
{
	struct inode *i = link->dentry->inode;
	unsigned flags = nd->w->flags;
	struct path_ref to;
	int err;

	if (++nd->links > LINK_LIMIT || (flags & WALK_NO_SYMLINKS) || (link->mnt->flags & 256 /* MS_NOSYMFOLLOW */))
		return -ELOOP;
	if (!*nd->rest) {
		err = may_follow_link(nd, i);
		if (err)
			return err;
	}
	if (!i->ops->follow)
		return push_link(nd, i);
	if (flags & (WALK_NO_MAGIC | WALK_BENEATH | WALK_IN_ROOT))
		return flags & WALK_NO_MAGIC ? -ELOOP : -EXDEV;
	err = i->ops->follow(i, &to);
	if (err)
		return err;
	if ((flags & WALK_NO_XDEV) && to.mnt != nd->path.mnt) {
		path_put(&to);
		return -EXDEV;
	}
	path_put(&nd->path);
	nd->path = to;
	return 0;
}

int nd_step(struct nd *nd, bool follow)
{
	struct path_ref to = { .mnt = nd->path.mnt };
	int err;

	if (nd->last_type == LAST_DOTDOT)
		return dotdot(nd);
	if (nd->last_type != LAST_NAME)
		return 0;
	err = lookup_one(nd->path.dentry, nd->last, nd->last_len, &to.dentry);
	if (err)
		return err;
	mount_get(to.mnt);
	path_follow_mounts(&to);
	if ((nd->w->flags & WALK_NO_XDEV) && to.mnt != nd->path.mnt) {
		path_put(&to);
		return -EXDEV;
	}
	if (S_ISLNK(to.dentry->inode->mode) && (follow || nd->slash)) {
		err = follow_link(nd, &to);
		path_put(&to);
		return err;
	}
	path_put(&nd->path);
	nd->path = to;
	return 0;
}

static enum last_type type_of(const char *name, size_t len)
{
	if (name[0] != '.' || len > 2)
		return LAST_NAME;
	if (len == 1)
		return LAST_DOT;
	return name[1] == '.' ? LAST_DOTDOT : LAST_NAME;
}

/*
 * Directories we know, as many in a row as there are: if they are where they were, which their file system finds out in one step,
 * there is no need to go from one to the other.
 */
static void leap(struct nd *nd)
{
	const char *from = nd->rest + strspn(nd->rest, "/"), *at = from, *to = from;
	struct dentry *d = nd->path.dentry, *start = d;
	char path[PATH_LIMIT];
	unsigned names = 0;

	if (!d->inode->ops->recheck_path || nd->w->flags & (WALK_BENEATH | WALK_IN_ROOT | WALK_NO_SYMLINKS))
		return;
	for (;;) {
		size_t len = strcspn(at, "/");
		const char *next = at + len + strspn(at + len, "/");
		struct dentry *child;

		/* The last name is somebody else's. */
		if (!len || len > NAME_LIMIT || !*next || type_of(at, len) != LAST_NAME || !S_ISDIR(d->inode->mode) ||
		    vfs_permission(d->inode, 1, nd->w->cred))
			break;
		child = dentry_find(d, at, len);
		if (!child || child->mounted || !S_ISDIR(child->inode->mode) || child->inode->super != start->inode->super)
			break;
		d = child;
		to = at + len;
		at = next;
		names++;
	}
	if (names < 2 || to - from >= PATH_LIMIT)
		return;
	memcpy(path, from, (size_t)(to - from));
	path[to - from] = 0;
	if (!start->inode->ops->recheck_path(start->inode, path, d->inode))
		return;
	path_set(&nd->path, (struct path_ref){ nd->path.mnt, d });
	nd->rest = at;
}

int nd_parent(struct nd *nd)
{
	leap(nd);
	for (;;) {
		const char *name = nd->rest + strspn(nd->rest, "/"), *after;
		struct inode *dir = nd->path.dentry->inode;
		size_t len = strcspn(name, "/");
		int err;

		nd->slash = false;
		if (!len) {
			nd->last_type = LAST_ROOT;
			nd->last_len = 1;
			strcpy(nd->last, "/");
			nd->rest = name;
			return 0;
		}
		if (!S_ISDIR(dir->mode))
			return -ENOTDIR;
		err = vfs_permission(dir, 1, nd->w->cred);
		if (err)
			return err;
		if (len > NAME_LIMIT)
			return -ENAMETOOLONG;
		after = name + len + strspn(name + len, "/");
		memcpy(nd->last, name, len);
		nd->last[len] = 0;
		nd->last_len = len;
		nd->last_type = type_of(name, len);
		nd->rest = after;
		if (!*after) {
			nd->dir_mode = dir->mode;
			nd->dir_uid = dir->uid;
			nd->slash = after != name + len;
			return 0;
		}
		err = nd_step(nd, true);
		if (err < 0)
			return err;
	}
}

int nd_to_parent(struct nd *nd, const struct walk *w, const char *path)
{
	int err = nd_begin(nd, w, path);

	if (err)
		return err;
	err = nd_parent(nd);
	if (err)
		nd_end(nd);
	return err;
}

/* Whether the last name need not be looked up: there is nothing of ours there, and the file system says what it is. 0, -EAGAIN: it must. */
static int peek(struct nd *nd, struct inode *seen)
{
	struct dentry *dir = nd->path.dentry;
	int err;

	if (!dir->inode->ops->peek || nd->last_type != LAST_NAME || nd->slash || (nd->w->flags & WALK_DIR) ||
	    dentry_find(dir, nd->last, nd->last_len))
		return -EAGAIN;
	err = dir->inode->ops->peek(dir->inode, nd->last, nd->last_len, seen);
	if (!err && S_ISLNK(seen->mode) && (nd->w->flags & WALK_FOLLOW))
		return -EAGAIN;
	return err;
}

static int walk(const struct walk *w, const char *path, struct path_ref *out, char last[256], struct inode *seen)
{
	struct nd nd;
	int err = (w->flags & WALK_PARENT ? nd_begin : nd_begin_to_read)(&nd, w, path);

	if (err)
		return err;
	do {
		err = nd_parent(&nd);
		if (err || (w->flags & WALK_PARENT))
			break;
		err = seen ? peek(&nd, seen) : -EAGAIN;
		if (err != -EAGAIN) {
			*out = (struct path_ref){ .mnt = nd.path.mnt };
			nd_end(&nd);
			return err;
		}
		err = nd_step(&nd, w->flags & WALK_FOLLOW);
	} while (err == 1);
	if (!err && !(w->flags & WALK_PARENT) && (nd.slash || (w->flags & WALK_DIR)) &&
	    !S_ISDIR(nd.path.dentry->inode->mode))
		err = -ENOTDIR;
	if (!err) {
		*out = nd.path;
		path_get(out);
		if (w->flags & WALK_PARENT)
			memcpy(last, nd.last, nd.last_len + 1);
	}
	nd_end(&nd);
	return err;
}

int vfs_walk(const struct walk *w, const char *path, struct path_ref *out, char last[256])
{
	return walk(w, path, out, last, NULL);
}

int vfs_look(const struct walk *w, const char *path, struct path_ref *out, struct inode *seen)
{
	return walk(w, path, out, NULL, seen);
}

int vfs_path_name(const struct path_ref *p, const struct path_ref *root, char *buf, size_t size)
{
	static const char gone[] = " (deleted)";
	struct mount *mnt = p->mnt;
	struct dentry *d = p->dentry;
	bool deleted = d->unlinked, reached = false;
	size_t at = size, len;	/* the text grows from the end of buf towards its start */

	if (size == 0)
		return -ERANGE;
	*buf = 0;
	if (size < 2)
		return -ERANGE;
	buf[--at] = 0;
	if (deleted) {
		if (at < sizeof gone - 1)
			return -ERANGE;
		at -= sizeof gone - 1;
		memcpy(buf + at, gone, sizeof gone - 1);
	}
	len = at;
	for (;;) {
		if (root && d == root->dentry && mnt == root->mnt) {
			reached = true;
			break;
		}
		if (d == mnt->root || d->parent == d) {
			if (!mnt->parent || d != mnt->root)
				break;
			d = mnt->point;
			mnt = mnt->parent;
			continue;
		}
		if (at < (size_t)d->len + 1)
			goto too_long;
		at -= d->len;
		memcpy(buf + at, d->name, d->len);
		buf[--at] = '/';
		d = d->parent;
	}
	if (at == len) {	/* the root itself */
		if (!at)
			goto too_long;
		buf[--at] = '/';
	}
	/* As getcwd puts it for what lies outside; nameless files lie nowhere. */
	if (root && !reached && p->mnt != p->mnt->super->machine->vfs->anon_mount) {
		static const char out[] = "(unreachable)";

		if (at < sizeof out - 1)
			goto too_long;
		at -= sizeof out - 1;
		memcpy(buf + at, out, sizeof out - 1);
	}
	memmove(buf, buf + at, size - at);
	return (int)(size - at - 1);
too_long:
	*buf = 0;
	return -ERANGE;
}
