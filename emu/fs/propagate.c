/* SPDX-License-Identifier: MIT
 *
 * Propagation of mounts (fs/pnode.c, Documentation/filesystems/sharedsubtree.rst), within a namespace and between them.
 *
 * A mount may be in a peer group: what is mounted on one of its peers, or unmounted, is so on all that show the same place. And it
 * may be a slave of a group: then it gets what happens there, and gives nothing back.  Both are numbers here: a group's
 * members are those with its number, found in the list of all mounts, which every mount walks anyway.
 */
#include "emu/fs/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mount.h>

/* --- Groups --- */

static bool has_members(const struct vfs *v, int group)
{
	for (const struct mount *n = v->root; n; n = n->next)
		if (n->group == group)
			return true;
	return false;
}

/* The lowest number that is no group's. */
int propagation_new_group(const struct vfs *v)
{
	uint8_t taken[MOUNT_LIMIT + 2] = { 0 };		/* no more groups than mounts */
	int group = 1;

	for (const struct mount *n = v->root; n; n = n->next)
		if (n->group < (int)sizeof taken)
			taken[n->group] = 1;
	while (taken[group])
		group++;
	return group;
}

/* Without its last member a group's slaves are those of the group that this was a slave of, if it was. */
static void leave_group(struct vfs *v, struct mount *n)
{
	int group = n->group;

	n->group = 0;
	if (!group || has_members(v, group))
		return;
	for (struct mount *s = v->root; s; s = s->next)
		if (s->master == group)
			s->master = n->master;
}

void propagation_end(struct vfs *v, struct mount *n)
{
	leave_group(v, n);
	n->master = 0;
}

static void change(struct vfs *v, struct mount *n, unsigned type)
{
	int group = n->group;

	if (type == MS_SHARED) {
		if (!group)
			n->group = propagation_new_group(v);
		n->unbindable = false;
		return;
	}
	leave_group(v, n);
	if (group && has_members(v, group))
		n->master = group;
	if (type == MS_SLAVE)
		return;
	n->master = 0;
	n->unbindable = type == MS_UNBINDABLE;
}

int vfs_change_propagation(struct machine *m, const struct path_ref *p, unsigned type, bool recurse)
{
	if (p->dentry != p->mnt->root)
		return -EINVAL;
	if (type != MS_SHARED && type != MS_PRIVATE && type != MS_SLAVE && type != MS_UNBINDABLE)
		return -EINVAL;
	change(m->vfs, p->mnt, type);
	for (struct mount *n = m->vfs->root; n && recurse; n = n->next)
		if (n != p->mnt && mount_is_below(n, p->mnt))
			change(m->vfs, n, type);
	return 0;
}

/* --- Who gets what happens on a mount --- */

/* A group that is reached, and what its members get their copies from. */
struct reached {
	int group;
	struct mount *model;		/* NULL: only taken down */
};

struct spread {
	struct reached *groups;
	unsigned count, done;
};

static struct reached *find_group(struct spread *s, int group)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->groups[i].group == group)
			return &s->groups[i];
	return NULL;
}

/* Room for each mount's group. */
static int begin(struct machine *m, struct spread *s, int group, struct mount *model)
{
	*s = (struct spread){ .groups = malloc((m->vfs->mounts + 1) * sizeof *s->groups) };
	if (!s->groups)
		return -ENOMEM;
	s->groups[s->count++] = (struct reached){ group, model };
	return 0;
}

/* --- Mounting --- */

/* Is it part of a copy that was made for somebody else? */
static bool is_copy(const struct mount *r)
{
	while (r && !r->copied)
		r = r->parent;
	return r;
}

/* Does r receive what is mounted on `on`: can that place be seen through it, and is it none of the new mounts? */
static bool receives(const struct mount *r, const struct path_ref *on, const struct mount *new)
{
	return r != on->mnt && !mount_is_below(r, new) && dentry_is_ancestor(r->root, on->dentry);
}

/* The tree of the copies' originals: all of it is shared, since it has peers or slaves now. */
static void share_tree(struct vfs *v, struct mount *top)
{
	change(v, top, MS_SHARED);
	for (struct mount *n = v->root; n; n = n->next)
		if (n != top && mount_is_below(n, top))
			change(v, n, MS_SHARED);
}

/* One receiver: a peer of the model's, or its slave, which is shared itself if the receiver is. */
static int receive(struct machine *m, struct mount *model, struct mount *r, const struct path_ref *on, bool slave, struct mount **out)
{
	struct path_ref from = { model, model->root }, place = { r, on->dentry };
	int err;

	/* It could come to lie in the very namespace that it stands for (propagate_one(), copy_tree()). */
	if (mount_shows_ns(model->root))
		return -EINVAL;
	err = mount_copy(m, &from, &place, COPY_TREE, slave ? r->group ? MOUNT_SHARED_SLAVE : MOUNT_SLAVE : MOUNT_PEER, out);

	if (!err)
		(*out)->copied = true;
	return err;
}

/* All members and slaves of one group. */
static int reach(struct machine *m, struct spread *s, struct reached from, const struct path_ref *on, struct mount *new)
{
	struct mount *copy;
	int err = 0;

	for (struct mount *r = m->vfs->root; r && !err; r = r->next) {
		struct reached *other;
		bool peer = r->group == from.group, slave = !peer && r->master == from.group;

		if ((!peer && !slave) || is_copy(r))
			continue;
		other = slave && r->group ? find_group(s, r->group) : NULL;
		if (slave && r->group && !other) {
			other = &s->groups[s->count++];
			*other = (struct reached){ r->group, NULL };
		} else if (other && other->model) {
			continue;	/* a peer of it has been here: it is that one's peer */
		}
		if (!receives(r, on, new))
			continue;
		if (peer && r == from.model->parent)
			continue;	/* the first of a group of slaves, which has it already */
		err = receive(m, from.model, r, on, slave, &copy);
		if (!err && other)
			other->model = copy;
	}
	for (unsigned i = 0; i < s->count; i++)
		if (!s->groups[i].model)
			s->groups[i].model = from.model;
	return err;
}

int propagate_mount(struct machine *m, struct mount *new)
{
	struct path_ref on = { new->parent, new->point };
	struct spread s;
	int err;

	if (!on.mnt->group)
		return 0;
	share_tree(m->vfs, new);
	err = begin(m, &s, on.mnt->group, new);
	while (!err && s.done < s.count) {
		struct reached next = s.groups[s.done++];

		err = reach(m, &s, next, &on, new);
	}
	free(s.groups);
	for (struct mount *n = m->vfs->root, *next; n; n = next) {
		next = n->next;
		if (!n->copied)
			continue;
		n->copied = false;
		if (err) {
			mount_detach_tree(m->vfs, n);
			next = m->vfs->root;	/* others have gone with it */
		}
	}
	return err;
}

/* --- Unmounting --- */

int propagate_umount(struct machine *m, const struct mount *n, bool lazy, bool only_look)
{
	struct path_ref on = { n->parent, n->point };
	struct spread s;
	int err = 0;

	if (!on.mnt || !on.mnt->group)
		return 0;
	err = begin(m, &s, on.mnt->group, NULL);
	for (; !err && s.done < s.count; s.done++) {
		int group = s.groups[s.done].group;

		for (struct mount *r = m->vfs->root; r && !err; r = r->next) {
			struct path_ref place = { r, on.dentry };
			struct mount *c;

			if (r->group != group && r->master != group)
				continue;
			if (r->group && !find_group(&s, r->group))
				s.groups[s.count++] = (struct reached){ r->group, NULL };
			c = r == on.mnt ? NULL : mount_at(&place);
			if (!c || (c->children && !lazy))
				continue;
			if (only_look) {
				err = c->refs > 1 && !lazy ? -EBUSY : 0;
			} else {
				mount_detach_tree(m->vfs, c);
				r = m->vfs->root;	/* begin anew: what was next may be gone */
			}
		}
	}
	free(s.groups);
	return err;
}
