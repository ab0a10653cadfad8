/* SPDX-License-Identifier: MIT */
#include "mm/ipc_ids.h"

#include <errno.h>
#include <stdlib.h>
#include "mm/id_set.h"

#define CYCLE 64		/* ipc_min_cycle: indices that are used before they start over */
#define SEQ_SHIFT 15
#define SEQ_MAX 0xffffu		/* ipcid_seq_max(): the first that is not used */

static struct ipc_perm *of_key(const struct tree_node *n)
{
	return tree_entry(n, struct ipc_perm, by_key);
}

static int compare_keys(const struct tree_node *a, const struct tree_node *b)
{
	int32_t ka = of_key(a)->key, kb = of_key(b)->key;

	return ka < kb ? -1 : ka > kb;
}

static const struct tree_ops key_ops = { compare_keys, NULL };

void ipc_ids_init(struct ipc_ids *t)
{
	*t = (struct ipc_ids){ .last = -1, .highest = -1 };
	tree_init(&t->keys, &key_ops);
}

void ipc_ids_fini(struct ipc_ids *t)
{
	free(t->slots);
	ipc_ids_init(t);
}

/*
 * The next free index behind the last one, starting over at `limit` (idr_alloc_cyclic()).  At most two thirds of the
 * indices below it are taken, in turn: usually the first one looked at is free.
 */
static int find_slot(const struct ipc_ids *t, int limit)
{
	int from = t->last + 1 < limit ? t->last + 1 : 0;

	for (int i = 0; i < limit; i++) {
		int at = (from + i) % limit;

		if (at >= t->room || !t->slots[at])
			return at;
	}
	return -ENOSPC;
}

static int make_room(struct ipc_ids *t, int index)
{
	int room = t->room ? t->room : CYCLE;
	struct ipc_perm **slots;

	if (index < t->room)
		return 0;
	while (room <= index)
		room *= 2;
	slots = realloc(t->slots, (size_t)room * sizeof *slots);
	if (!slots)
		return -ENOMEM;
	for (int i = t->room; i < room; i++)
		slots[i] = NULL;
	t->slots = slots;
	t->room = room;
	return 0;
}

int ipc_ids_add(struct ipc_ids *t, struct ipc_perm *p, int limit, const struct ipc_cred *c)
{
	int indices = t->used * 3 / 2, at, err;

	if (t->used >= (limit < IPC_IDS_MAX ? limit : IPC_IDS_MAX))
		return -ENOSPC;
	indices = indices < CYCLE ? CYCLE : indices;
	indices = indices > IPC_IDS_MAX ? IPC_IDS_MAX : indices;
	at = find_slot(t, indices);
	if (at < 0)
		return at;
	err = make_room(t, at);
	if (err)
		return err;
	if (at <= t->last && ++t->seq >= SEQ_MAX)
		t->seq = 0;
	t->last = at;
	if (at > t->highest)
		t->highest = at;
	t->slots[at] = p;
	t->used++;
	p->seq = t->seq;
	p->id = (int)(t->seq << SEQ_SHIFT) + at;
	p->uid = p->cuid = c->uid;
	p->gid = p->cgid = c->gid;
	if (p->key != IPC_KEY_PRIVATE)
		tree_insert(&t->keys, &p->by_key);
	return 0;
}

void ipc_ids_remove(struct ipc_ids *t, struct ipc_perm *p)
{
	int at = ipc_index(p);

	ipc_ids_forget_key(t, p);
	t->slots[at] = NULL;
	t->used--;
	if (at == t->highest)
		while (t->highest >= 0 && !t->slots[t->highest])
			t->highest--;
}

void ipc_ids_forget_key(struct ipc_ids *t, struct ipc_perm *p)
{
	if (p->key != IPC_KEY_PRIVATE)
		tree_remove(&t->keys, &p->by_key);
	p->key = IPC_KEY_PRIVATE;
}

struct ipc_perm *ipc_ids_by_key(const struct ipc_ids *t, int32_t key)
{
	struct tree_node *n = t->keys.root;

	while (n && of_key(n)->key != key)
		n = key < of_key(n)->key ? n->left : n->right;
	return n ? of_key(n) : NULL;
}

struct ipc_perm *ipc_ids_by_index(const struct ipc_ids *t, int index)
{
	index &= (1 << SEQ_SHIFT) - 1;
	return index < t->room ? t->slots[index] : NULL;
}

struct ipc_perm *ipc_ids_by_id(const struct ipc_ids *t, int id)
{
	struct ipc_perm *p = ipc_ids_by_index(t, id);

	return p && p->id == id ? p : NULL;
}

struct ipc_perm *ipc_ids_next(const struct ipc_ids *t, int index)
{
	while (index <= t->highest && !t->slots[index])
		index++;
	return index <= t->highest ? t->slots[index] : NULL;
}

/* --- Permissions --- */

static bool in_group(const struct ipc_cred *c, uint32_t gid)
{
	return c->gid == gid || id_set_has(c->groups, c->ngroups, gid);
}

bool ipc_permitted(const struct ipc_perm *p, uint32_t mode, const struct ipc_cred *c)
{
	uint32_t asked = (mode >> 6) | (mode >> 3) | mode, granted = p->mode;

	if (c->uid == p->cuid || c->uid == p->uid)
		granted >>= 6;
	else if (in_group(c, p->cgid) || in_group(c, p->gid))
		granted >>= 3;
	return !(asked & ~granted & 7) || c->privileged;
}

bool ipc_owns(const struct ipc_perm *p, const struct ipc_cred *c)
{
	return c->uid == p->cuid || c->uid == p->uid || c->privileged;
}

int ipc_set_perm(struct ipc_perm *p, uint32_t uid, uint32_t gid, uint32_t mode)
{
	if (uid == UINT32_MAX || gid == UINT32_MAX)
		return -EINVAL;
	p->uid = uid;
	p->gid = gid;
	p->mode = (p->mode & ~0777u) | (mode & 0777);
	return 0;
}

const char *ipc_ids_check(const struct ipc_ids *t)
{
	size_t keyed = 0;
	int used = 0, highest = -1;

	for (int i = 0; i < t->room; i++) {
		const struct ipc_perm *p = t->slots[i];

		if (!p)
			continue;
		used++;
		highest = i;
		keyed += p->key != IPC_KEY_PRIVATE;
		if (ipc_index(p) != i)
			return "ipc: an object is not where its id says";
	}
	if (used != t->used || highest != t->highest)
		return "ipc: the number of objects is wrong";
	if (!tree_check(&t->keys) || t->keys.count != keyed)
		return "ipc: the tree of keys is damaged";
	return NULL;
}
