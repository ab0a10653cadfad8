/* SPDX-License-Identifier: MIT
 *
 * Namespaces of mounts (fs/namespace.c: copy_mnt_ns(), free_mnt_ns()).
 *
 * All mounts of the machine are in one list, whichever tree they belong to; a namespace is the tree that hangs on its root.  So
 * mounts of different ones can be peers and slaves, and what is mounted in one is told the others by propagate.c as within one.
 */
#include "emu/fs/internal.h"

#include <errno.h>
#include <stdlib.h>

enum { FIRST_ID = 2 };		/* as a real kernel's is */

static void free_ns(struct ns *n)
{
	struct mount_ns *ns = mount_ns_from(n);
	struct vfs *v = n->machine->vfs;

	*(ns->prev ? &ns->prev->next : &v->namespaces) = ns->next;
	if (ns->next)
		ns->next->prev = ns->prev;
	if (ns->root) {
		ns->root->ns = NULL;
		mount_detach_tree(v, ns->root);
	}
	free(ns);
}

const struct ns_ops mount_ns_ops = { .name = "mnt", .flag = CLONE_NEWNS_, .free = free_ns };

/* The tree that hangs on root becomes one. */
static void give_root(struct mount_ns *ns, struct mount *root)
{
	ns->root = root;
	root->ns = ns;
}

static int make(struct machine *m, uint32_t ino, struct mount_ns **out)
{
	struct mount_ns *ns = calloc(1, sizeof *ns), *last = m->vfs->namespaces;
	int err;

	if (!ns)
		return -ENOMEM;
	err = ns_init(&ns->ns, m, &mount_ns_ops, ino);
	if (err) {
		free(ns);
		return err;
	}
	while (last && last->next)
		last = last->next;
	ns->id = last ? m->vfs->next_ns_id : FIRST_ID;
	m->vfs->next_ns_id = ns->id + 1;
	ns->prev = last;
	*(last ? &last->next : &m->vfs->namespaces) = ns;
	*out = ns;
	return 0;
}

int mount_ns_begin(struct machine *m)
{
	struct mount_ns *ns;
	int err = make(m, NS_FIRST_FREE_INO - 1, &ns);

	if (!err)
		give_root(ns, m->vfs->root);
	return err;
}

struct mount_ns *mount_ns_of(const struct mount *m)
{
	while (m->parent)
		m = m->parent;
	return m->ns;
}

/* A path that leads to what was copied leads to the copy. */
static void go_along(struct path_ref *p)
{
	struct mount *old = p->mnt;

	if (!old->twin)
		return;
	p->mnt = mount_get(old->twin);
	mount_put(old);
}

int mount_ns_copy(struct mount_ns *from, struct fs_context *fs, struct mount_ns **out)
{
	struct machine *m = from->ns.machine;
	struct mount_ns *ns;
	struct mount *root;
	int err = make(m, 0, &ns);

	if (err)
		return err;
	err = mount_copy_all(m, from->root, &root);
	if (!err) {
		give_root(ns, root);
		go_along(&fs->root);
		go_along(&fs->cwd);
		*out = ns;
	} else {
		ns_put(&ns->ns);
	}
	mount_forget_twins(m->vfs);
	return err;
}

void mount_ns_root(const struct mount_ns *ns, struct path_ref *out)
{
	*out = (struct path_ref){ ns->root, ns->root->root };
	path_get(out);
	path_follow_mounts(out);
}

struct mount_ns *mount_ns_first(struct machine *m)
{
	return m->vfs->namespaces;
}

struct mount_ns *mount_ns_by_id(struct machine *m, uint64_t id)
{
	struct mount_ns *ns = m->vfs->namespaces;

	while (ns && ns->id != id)
		ns = ns->next;
	return ns;
}
