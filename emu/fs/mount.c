/* SPDX-License-Identifier: MIT
 *
 * Mounts (fs/namespace.c, without propagation and with one namespace).
 *
 * A mount in the tree has one reference of the tree's; each mount on it, and each path in it, has another.
 */
#include "emu/fs/internal.h"
#include "emu/kernel/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

enum {
	NOATIME = 1024, NODIRATIME = 2048, NOSYMFOLLOW = 256, RELATIME = 1 << 21, STRICTATIME = 1 << 24,
	KEPT = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_SYNCHRONOUS | MS_DIRSYNC | NOATIME | NODIRATIME |
	       NOSYMFOLLOW | RELATIME,
	DETACH = 2, EXPIRE = 4,
};

static uint32_t mount_flags(uint32_t flags)
{
	uint32_t kept = flags & KEPT;

	if (flags & STRICTATIME)
		return kept & ~(uint32_t)(RELATIME | NOATIME);
	return kept & NOATIME ? kept & ~(uint32_t)RELATIME : kept | RELATIME;
}

struct mount *mount_get(struct mount *m)
{
	m->refs++;
	return m;
}

void mount_put(struct mount *m)
{
	while (m && --m->refs == 0) {
		struct mount *parent = m->parent;
		struct fs_super *s = m->super;

		dentry_put(m->root);
		if (m->point)
			dentry_put(m->point);
		free(m->source);
		free(m);
		super_put(s);
		m = parent;
	}
}

struct mount *mount_at(const struct path_ref *p)
{
	for (struct mount *m = p->dentry->mounted; m; m = m->next_here)
		if (m->parent == p->mnt)
			return m;
	return NULL;
}

int mount_new(struct machine *m, struct fs_super *s, struct dentry *root, const char *source, uint32_t flags,
	      struct mount **out)
{
	struct mount *n;

	if (m->vfs->mounts >= MOUNT_LIMIT)
		return -ENOSPC;
	n = calloc(1, sizeof *n);
	if (!n)
		return -ENOMEM;
	n->source = strdup(source ? source : "none");
	if (!n->source) {
		free(n);
		return -ENOMEM;
	}
	n->refs = 1;
	n->super = s;
	s->refs++;
	n->root = dentry_get(root);
	n->flags = mount_flags(flags);
	n->id = m->vfs->next_mount_id++;
	*out = n;
	return 0;
}

/* Hangs n, which is in no tree, over a place. */
static void attach(struct mount *n, const struct path_ref *on)
{
	n->parent = mount_get(on->mnt);
	n->parent->children++;
	n->point = dentry_get(on->dentry);
	n->next_here = n->point->mounted;
	n->point->mounted = n;
}

static void list_add(struct vfs *v, struct mount *n)
{
	struct mount **p = &v->root;

	while (*p)
		p = &(*p)->next;
	n->next = NULL;
	*p = n;
	v->mounts++;
}

static void list_remove(struct vfs *v, struct mount *n)
{
	struct mount **p = &v->root;

	while (*p != n)
		p = &(*p)->next;
	*p = n->next;
	v->mounts--;
}

/* Takes it from its place; it keeps no reference on the old one. */
static void unhang(struct mount *n)
{
	struct mount **p = &n->point->mounted, *parent = n->parent;

	while (*p != n)
		p = &(*p)->next_here;
	*p = n->next_here;
	parent->children--;
	dentry_put(n->point);
	n->point = NULL;
	n->parent = NULL;
	mount_put(parent);
}

static bool same_kind(const struct dentry *a, const struct dentry *b)
{
	return S_ISDIR(a->inode->mode) == S_ISDIR(b->inode->mode);
}

/* Can it be reached from the root?  One that was detached and is still in use cannot (check_mnt()). */
static bool in_tree(const struct vfs *v, const struct mount *m)
{
	while (m->parent)
		m = m->parent;
	return m == v->root;
}

static int check_point(const struct vfs *v, const struct path_ref *on, const struct dentry *root)
{
	if (!in_tree(v, on->mnt))
		return -EINVAL;
	if (!same_kind(on->dentry, root))
		return -ENOTDIR;
	return on->dentry->unlinked ? -ENOENT : 0;
}

static void log_mounted(struct machine *m, const char *type, const struct path_ref *on)
{
	char name[256];

	if (log_wants(m, LOG_FS, KLOG_INFO) && vfs_path_name(on, NULL, name, sizeof name) > 0)
		log_say(m, LOG_FS, "%s is mounted on %s", type, name);
}

int vfs_mount(struct machine *m, const char *type, const char *source, const struct path_ref *where,
	      uint32_t flags, const char *options)
{
	const struct fs_type *t = vfs_find_type(m, type);
	struct path_ref on = *where;
	struct fs_super *s;
	struct mount *n;
	int err;

	if (!t)
		return -ENODEV;
	if (!S_ISDIR(on.dentry->inode->mode))
		return -ENOTDIR;
	path_get(&on);
	path_follow_mounts(&on);
	err = t->mount(m, source, options, &s);
	if (err)
		goto out;
	err = check_point(m->vfs, &on, s->root);
	if (!err && on.mnt->super == s && on.dentry == on.mnt->root)
		err = -EBUSY;	/* the same once more in the same place */
	if (!err)
		err = mount_new(m, s, s->root, source, flags, &n);
	if (err) {
		if (!s->refs)
			super_free(s);
		goto out;
	}
	attach(n, &on);
	list_add(m->vfs, n);
	log_mounted(m, type, &on);
out:
	path_put(&on);
	return err;
}

static bool is_below(const struct mount *m, const struct mount *top)
{
	for (; m; m = m->parent)
		if (m == top)
			return true;
	return false;
}

static int bind_one(struct machine *m, struct mount *from, struct dentry *root, const struct path_ref *on,
		    struct mount **out)
{
	int err = mount_new(m, from->super, root, from->source, from->flags, out);

	if (err)
		return err;
	attach(*out, on);
	list_add(m->vfs, *out);
	return 0;
}

/* MS_REC: what is mounted below `from`, in the copy too.  Parents come before their children in the list. */
static int bind_children(struct machine *m, const struct path_ref *from, struct mount *copy)
{
	struct pair { struct mount *old, *new; } *pairs;
	struct mount *last;
	size_t n = 1, max = 1;
	int err = 0;

	for (struct mount *c = m->vfs->root; c; c = c->next)
		max++;
	pairs = calloc(max, sizeof *pairs);
	if (!pairs)
		return -ENOMEM;
	pairs[0] = (struct pair){ from->mnt, copy };
	last = copy;
	for (struct mount *c = m->vfs->root; c != last && !err; c = c->next) {
		if (!c->parent || (c->parent == from->mnt && !dentry_is_ancestor(from->dentry, c->point)))
			continue;
		for (size_t i = 0; i < n; i++) {
			struct path_ref on = { pairs[i].new, c->point };
			struct mount *made;

			if (pairs[i].old != c->parent)
				continue;
			err = bind_one(m, c, c->root, &on, &made);
			if (!err)
				pairs[n++] = (struct pair){ c, made };
			break;
		}
	}
	free(pairs);
	return err;
}

static void detach_tree(struct vfs *v, struct mount *top);

int vfs_bind(struct machine *m, const struct path_ref *from, const struct path_ref *where, uint32_t flags)
{
	struct path_ref on = *where;
	struct mount *n;
	int err;

	path_get(&on);
	path_follow_mounts(&on);
	err = check_point(m->vfs, &on, from->dentry);
	if (!err)
		err = bind_one(m, from->mnt, from->dentry, &on, &n);
	if (!err && (flags & MS_REC)) {
		err = bind_children(m, from, n);
		if (err)
			detach_tree(m->vfs, n);
	}
	path_put(&on);
	return err;
}

int vfs_remount(struct machine *m, const struct path_ref *p, uint32_t flags, const char *options)
{
	struct fs_super *s = p->mnt->super;
	int err;

	(void)m;
	if (p->dentry != p->mnt->root)
		return -EINVAL;
	if ((flags & MS_RDONLY) && p->mnt->writers)
		return -EBUSY;
	err = s->remount && !(flags & MS_BIND) ? s->remount(s, options) : 0;
	if (err)
		return err;
	p->mnt->flags = mount_flags(flags);
	return 0;
}

int vfs_move_mount(struct machine *m, const struct path_ref *from, const struct path_ref *to)
{
	struct mount *n = from->mnt;
	struct path_ref on = *to;
	int err;

	if (from->dentry != n->root || !n->parent || !in_tree(m->vfs, n))
		return -EINVAL;
	path_get(&on);
	path_follow_mounts(&on);
	err = check_point(m->vfs, &on, n->root);
	if (!err && is_below(on.mnt, n))
		err = -ELOOP;
	if (!err) {
		unhang(n);
		attach(n, &on);
		list_remove(m->vfs, n);
		list_add(m->vfs, n);
	}
	path_put(&on);
	return err;
}

/* Takes one mount, on which nothing is mounted any more, out of the tree. */
static void detach(struct vfs *v, struct mount *n)
{
	list_remove(v, n);
	if (n->parent)
		unhang(n);
	mount_put(n);
}

static void detach_tree(struct vfs *v, struct mount *top)
{
	struct mount *next;

	/* What is mounted on what is on top goes first: whatever has no children. */
	while (top->children) {
		for (struct mount *c = v->root; c; c = next) {
			next = c->next;
			if (c != top && !c->children && is_below(c, top)) {
				detach(v, c);
				break;
			}
		}
	}
	detach(v, top);
}

int vfs_umount(struct machine *m, const struct path_ref *p, unsigned flags)
{
	struct mount *n = p->mnt;

	if (p->dentry != n->root || !in_tree(m->vfs, n))
		return -EINVAL;
	if (!n->parent)
		return -EBUSY;		/* the root of all */
	if (flags & DETACH) {
		detach_tree(m->vfs, n);
		return 0;
	}
	/* The tree's reference and the caller's path. */
	if (n->children || n->refs > 2 || (n->super->refs == 1 && n->super->regions))
		return -EBUSY;
	if (flags & EXPIRE)
		return -EAGAIN;
	log_info(m, FS, "a file system is unmounted: mount %d", n->id);
	detach(m->vfs, n);
	return 0;
}

int vfs_pivot_root(struct machine *m, const struct path_ref *new_root, const struct path_ref *put_old)
{
	struct mount *n = new_root->mnt, *old = vfs_root_mount(m);
	struct path_ref under = *put_old;
	struct vfs *v = m->vfs;

	if (n == old || put_old->mnt == old)
		return -EBUSY;
	if (new_root->dentry != n->root || !n->parent || !old->parent || !is_below(put_old->mnt, n))
		return -EINVAL;	/* as in Linux, the very first root cannot be moved */
	if (put_old->mnt == n && !dentry_is_ancestor(n->root, put_old->dentry))
		return -EINVAL;
	path_get(&under);
	path_follow_mounts(&under);
	mount_get(n);
	mount_get(old);
	{
		struct path_ref place = { old->parent, old->point };

		path_get(&place);
		unhang(n);
		unhang(old);
		attach(n, &place);
		attach(old, &under);
		path_put(&place);
	}
	list_remove(v, old);
	list_add(v, old);
	mount_put(old);
	mount_put(n);
	path_put(&under);
	return 0;
}

void mounts_free(struct vfs *v)
{
	if (v->root)
		detach_tree(v, v->root);
}
