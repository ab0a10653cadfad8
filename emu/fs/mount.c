/* SPDX-License-Identifier: MIT
 *
 * Mounts (fs/namespace.c); mount_ns.c has what is whose, propagate.c what they tell each other.
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
	TIMES = NOATIME | NODIRATIME | RELATIME,
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
	n->unique = m->vfs->next_unique_mount++;
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

static void list_append(struct vfs *v, struct mount *n)
{
	n->next = NULL;
	n->prev = v->last;
	*(n->prev ? &n->prev->next : &v->root) = n;
	v->last = n;
}

static void list_unlink(struct vfs *v, struct mount *n)
{
	*(n->prev ? &n->prev->next : &v->root) = n->next;
	*(n->next ? &n->next->prev : &v->last) = n->prev;
}

static void list_add(struct vfs *v, struct mount *n)
{
	list_append(v, n);
	v->mounts++;
}

static void list_remove(struct vfs *v, struct mount *n)
{
	list_unlink(v, n);
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

static int spread(struct machine *m, struct mount *n);

static bool same_kind(const struct dentry *a, const struct dentry *b)
{
	return S_ISDIR(a->inode->mode) == S_ISDIR(b->inode->mode);
}

/* Is it in a namespace?  One that was detached and is still in use is not (check_mnt(); whose it must be, the caller knows). */
static bool in_tree(const struct mount *m)
{
	return mount_ns_of(m) != NULL;
}

static int check_point(const struct path_ref *on, const struct dentry *root)
{
	if (!in_tree(on->mnt))
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
	err = vfs_get_super(m, t, source, flags & MS_RDONLY, options, &s);
	if (err)
		goto out;
	err = check_point(&on, s->root);
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
	err = spread(m, n);
	if (!err)
		log_mounted(m, type, &on);
out:
	path_put(&on);
	return err;
}

bool mount_is_below(const struct mount *m, const struct mount *top)
{
	for (; m; m = m->parent)
		if (m == top)
			return true;
	return false;
}

/* on NULL: it hangs nowhere. */
static int bind_one(struct machine *m, struct mount *from, struct dentry *root, const struct path_ref *on, enum mount_kinship kin,
		    struct mount **out)
{
	int err = mount_new(m, from->super, root, from->source, from->flags, out);

	if (err)
		return err;
	(*out)->flags = from->flags;
	(*out)->group = kin == MOUNT_PEER ? from->group : kin == MOUNT_SHARED_SLAVE ? propagation_new_group(m->vfs) : 0;
	(*out)->master = kin == MOUNT_PEER ? from->master : from->group;
	if (on)
		attach(*out, on);
	list_add(m->vfs, *out);
	return 0;
}

bool mount_shows_ns(const struct dentry *d)
{
	const struct ns *n = nsfs_of_dentry(d);

	return n && n->ops == &mount_ns_ops;
}

void mount_forget_twins(struct vfs *v)
{
	for (struct mount *n = v->root; n; n = n->next)
		n->twin = NULL;
}

/* What is mounted below `from`, in the copy too.  Parents come before their children in the list. */
static int copy_children(struct machine *m, const struct path_ref *from, struct mount *copy, enum mount_kinship kin, unsigned what)
{
	struct mount *made;
	int err = 0;

	from->mnt->twin = copy;
	for (struct mount *c = m->vfs->root; c && c != copy && !err; c = c->next) {
		struct path_ref on = { c->parent ? c->parent->twin : NULL, c->point };

		if (!on.mnt || (c->parent == from->mnt && !dentry_is_ancestor(from->dentry, c->point)))
			continue;
		if ((c->unbindable && !(what & COPY_UNBINDABLE)) || (mount_shows_ns(c->root) && !(what & COPY_BOUND)))
			continue;
		err = bind_one(m, c, c->root, &on, kin, &made);
		if (err)
			break;
		made->unbindable = c->unbindable;
		c->twin = made;
	}
	return err;
}

static int bind_children(struct machine *m, const struct path_ref *from, struct mount *copy, enum mount_kinship kin, unsigned what)
{
	int err = copy_children(m, from, copy, kin, what);

	mount_forget_twins(m->vfs);
	return err;
}

static void detach_children(struct vfs *v, struct mount *top);

int mount_copy(struct machine *m, const struct path_ref *from, const struct path_ref *on, unsigned what, enum mount_kinship kin,
	       struct mount **out)
{
	int err = bind_one(m, from->mnt, from->dentry, on, kin, out);

	if (err || !(what & COPY_TREE))
		return err;
	err = bind_children(m, from, *out, kin, what);
	if (err)
		mount_detach_tree(m->vfs, *out);
	return err;
}

int mount_copy_all(struct machine *m, struct mount *root, struct mount **out)
{
	struct path_ref from = { root, root->root };
	int err = bind_one(m, root, root->root, NULL, MOUNT_PEER, out);

	if (err)
		return err;
	(*out)->unbindable = root->unbindable;
	err = copy_children(m, &from, *out, MOUNT_PEER, COPY_UNBINDABLE);
	if (err)
		mount_detach_tree(m->vfs, *out);
	return err;
}

/* n hangs in its place: there it stays only if all peers and slaves of that have it, too. */
static int spread(struct machine *m, struct mount *n)
{
	int err = propagate_mount(m, n);

	if (err)
		mount_detach_tree(m->vfs, n);
	return err;
}

static bool may_bind(const struct path_ref *from)
{
	return !from->mnt->unbindable && (in_tree(from->mnt) || nsfs_of_dentry(from->dentry));
}

/* A namespace's file is mounted only in older ones: so none keeps itself alive (mnt_ns_loop()). */
static bool is_loop(const struct dentry *file, const struct mount *on)
{
	const struct mount_ns *in = mount_ns_of(on);

	return mount_shows_ns(file) && in && in->id >= mount_ns_from(nsfs_of_dentry(file))->id;
}

int vfs_bind(struct machine *m, const struct path_ref *from, const struct path_ref *where, uint32_t flags)
{
	struct path_ref on = *where;
	struct mount *n;
	int err;

	path_get(&on);
	path_follow_mounts(&on);
	err = !may_bind(from) || is_loop(from->dentry, on.mnt) ? -EINVAL : check_point(&on, from->dentry);
	if (!err)
		err = mount_copy(m, from, &on, flags & MS_REC ? COPY_TREE | COPY_BOUND : 0, MOUNT_PEER, &n);
	if (!err)
		err = spread(m, n);
	path_put(&on);
	return err;
}

/* Is a file of it open for writing, through any mount? (sb_prepare_remount_readonly()) */
static bool has_writers(const struct vfs *v, const struct fs_super *s)
{
	for (const struct mount *n = v->root; n; n = n->next)
		if (n->super == s && n->writers)
			return true;
	return false;
}

int vfs_reconfigure(struct machine *m, struct fs_super *s, bool read_only, const char *options)
{
	int err;

	if (read_only && !s->read_only && has_writers(m->vfs, s))
		return -EBUSY;
	if (s->type->read_only)
		read_only = true;
	else if (!read_only && s->write_protected)
		return -EROFS;
	err = s->remount ? s->remount(s, options) : 0;
	if (!err && s->set_read_only && s->read_only != read_only)
		err = s->set_read_only(s, read_only);
	if (!err)
		s->read_only = read_only;
	return err;
}

/* do_remount(), or with MS_BIND do_reconfigure_mnt(): that of the mount alone. */
int vfs_remount(struct machine *m, const struct path_ref *p, uint32_t flags, const char *options)
{
	int err;

	if (p->dentry != p->mnt->root || !in_tree(p->mnt))
		return -EINVAL;
	if (flags & MS_BIND) {
		if ((flags & MS_RDONLY) && p->mnt->writers)
			return -EBUSY;
	} else {
		err = vfs_reconfigure(m, p->mnt->super, flags & MS_RDONLY, options);
		if (err)
			return err;
	}
	/* Nothing said about times: they stay as they are (path_mount()). */
	if (!(flags & (NOATIME | NODIRATIME | RELATIME | STRICTATIME)))
		p->mnt->flags = (mount_flags(flags) & ~TIMES) | (p->mnt->flags & TIMES);
	else
		p->mnt->flags = mount_flags(flags);
	return 0;
}

int vfs_change_flags(struct machine *m, const struct path_ref *p, uint32_t set, uint32_t clear, bool recurse)
{
	struct mount *top = p->mnt;

	while (top->parent)
		top = top->parent;
	if (p->dentry != p->mnt->root || (!top->ns && !top->detached))
		return -EINVAL;
	top = p->mnt;
	if ((set & MS_RDONLY) && top->writers)
		return -EBUSY;
	for (struct mount *n = m->vfs->root; n && recurse && (set & MS_RDONLY); n = n->next)
		if (n->writers && mount_is_below(n, top))
			return -EBUSY;
	top->flags = (top->flags & ~clear) | set;
	for (struct mount *n = m->vfs->root; n && recurse; n = n->next)
		if (n != top && mount_is_below(n, top))
			n->flags = (n->flags & ~clear) | set;
	return 0;
}

/* --- Trees that hang nowhere --- */

static int detached_new(struct machine *m, struct fs_super *s, struct dentry *root, const char *source, uint32_t flags,
			struct path_ref *out)
{
	struct mount *n;
	int err = mount_new(m, s, root, source, 0, &n);

	if (err)
		return err;
	n->flags = flags & KEPT;
	n->detached = true;
	*out = (struct path_ref){ n, dentry_get(root) };
	return 0;
}

int vfs_mount_detached(struct machine *m, struct fs_super *s, const char *source, uint32_t flags, struct path_ref *out)
{
	return detached_new(m, s, s->root, source, flags, out);
}

int vfs_clone_detached(struct machine *m, const struct path_ref *from, bool recurse, struct path_ref *out)
{
	int err = !may_bind(from) ? -EINVAL :
		  detached_new(m, from->mnt->super, from->dentry, from->mnt->source, from->mnt->flags, out);

	if (err || !recurse)
		return err;
	err = bind_children(m, from, out->mnt, MOUNT_PEER, COPY_BOUND);
	if (err) {
		vfs_dissolve(m, out->mnt);
		path_put(out);
	}
	return err;
}

void vfs_dissolve(struct machine *m, struct mount *top)
{
	if (!top->detached)
		return;
	top->detached = false;
	detach_children(m->vfs, top);
}

/* top, which is in no list, goes behind all others, and what is on it behind that. */
static void list_move(struct vfs *v, struct mount *top)
{
	list_append(v, top);
	for (struct mount *n = v->root, *next; n != top; n = next) {
		next = n->next;
		if (!mount_is_below(n, top))
			continue;
		list_unlink(v, n);
		list_append(v, n);
	}
}

static bool has_unbindable(const struct vfs *v, const struct mount *top)
{
	for (const struct mount *n = v->root; n; n = n->next)
		if (n->unbindable && mount_is_below(n, top))
			return true;
	return top->unbindable;
}

int vfs_move_mount(struct machine *m, const struct path_ref *from, const struct path_ref *to)
{
	struct mount *n = from->mnt;
	struct path_ref on = *to;
	int err;

	if (from->dentry != n->root || !(n->detached || (n->parent && in_tree(n))))
		return -EINVAL;
	path_get(&on);
	path_follow_mounts(&on);
	err = check_point(&on, n->root);
	if (err == -ENOTDIR)
		err = -EINVAL;
	/* Peers of what it lies on would keep it; and what must not be copied cannot go where it would be. */
	if (!err && ((!n->detached && n->parent->group) || (on.mnt->group && has_unbindable(m->vfs, n))))
		err = -EINVAL;
	if (!err && mount_is_below(on.mnt, n))
		err = -ELOOP;
	if (!err) {
		if (n->detached) {
			mount_get(n);	/* the tree's */
			n->detached = false;
			m->vfs->mounts++;
		} else {
			unhang(n);
			list_unlink(m->vfs, n);
		}
		attach(n, &on);
		list_move(m->vfs, n);
		err = spread(m, n);
	}
	path_put(&on);
	return err;
}

/* Takes one mount, on which nothing is mounted any more, out of the tree. */
static void detach(struct vfs *v, struct mount *n)
{
	list_remove(v, n);
	propagation_end(v, n);
	if (n->parent)
		unhang(n);
	mount_put(n);
}

static void detach_children(struct vfs *v, struct mount *top)
{
	struct mount *next;

	/* What is mounted on what is on top goes first: whatever has no children. */
	while (top->children) {
		for (struct mount *c = v->root; c; c = next) {
			next = c->next;
			if (c != top && !c->children && mount_is_below(c, top)) {
				detach(v, c);
				break;
			}
		}
	}
}

void mount_detach_tree(struct vfs *v, struct mount *top)
{
	detach_children(v, top);
	detach(v, top);
}

int vfs_umount(struct machine *m, const struct path_ref *p, unsigned flags)
{
	struct mount *n = p->mnt;
	int err;

	if (p->dentry != n->root || !in_tree(n))
		return -EINVAL;
	if (!n->parent)
		return -EBUSY;		/* the root of all */
	if (flags & EXPIRE) {
		if (n->children || n->refs > 2)
			return -EBUSY;
		if (!n->expiring)
			return -EAGAIN;		/* the caller marks it */
	}
	if (flags & DETACH) {
		err = propagate_umount(m, n, true, false);
		if (!err)
			mount_detach_tree(m->vfs, n);
		return err;
	}
	/* The tree's reference and the caller's path. */
	if (n->children || n->refs > 2 || (n->super->refs == 1 && n->super->regions))
		return -EBUSY;
	err = propagate_umount(m, n, false, true);
	if (!err)
		err = propagate_umount(m, n, false, false);
	if (err)
		return err;
	log_info(m, FS, "a file system is unmounted: mount %d", n->id);
	detach(m->vfs, n);
	return 0;
}

int vfs_pivot_root(struct machine *m, const struct path_ref *root, const struct path_ref *new_root, const struct path_ref *put_old)
{
	struct mount *n = new_root->mnt, *old = root->mnt;
	struct path_ref under = *put_old;
	struct vfs *v = m->vfs;

	if (put_old->mnt->group || (n->parent && n->parent->group) || (old->parent && old->parent->group))
		return -EINVAL;
	if (!in_tree(n) || !in_tree(old))
		return -EINVAL;
	if (n == old || put_old->mnt == old)
		return -EBUSY;
	/* As in Linux, the very first root cannot be moved, nor can what only chroot(2) has made one. */
	if (root->dentry != old->root || !old->parent || new_root->dentry != n->root || !n->parent)
		return -EINVAL;
	if (!mount_is_below(put_old->mnt, n) || !mount_is_below(n, old))
		return -EINVAL;
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
	list_unlink(v, old);
	list_append(v, old);
	mount_put(old);
	mount_put(n);
	path_put(&under);
	return 0;
}

void vfs_sync(struct machine *m)
{
	for (struct mount *n = m->vfs->root; n; n = n->next)
		if (n->super->sync)
			n->super->sync(n->super, false);
	blkdevs_flush(m->vfs);
}

void mounts_free(struct vfs *v)
{
	while (v->namespaces)
		ns_put(&v->namespaces->ns);
	if (v->root)		/* there was no memory for the first one */
		mount_detach_tree(v, v->root);
}
