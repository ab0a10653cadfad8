/* SPDX-License-Identifier: MIT */
#include "emu/event/quota.h"

#include <errno.h>
#include <stdlib.h>
#include "emu/fs/vfs.h"
#include "emu/kernel/machine.h"
#include "mm/tree.h"

struct quota_user {
	struct tree_node node;
	uint32_t uid, count[QUOTA_KINDS];
};

struct quotas {
	struct tree users;
	uint32_t limit[QUOTA_KINDS];
};

static int by_uid(const struct tree_node *a, const struct tree_node *b)
{
	uint32_t x = tree_entry(a, struct quota_user, node)->uid, y = tree_entry(b, struct quota_user, node)->uid;

	return x < y ? -1 : x > y;
}

/* As the kernel starts: eventpoll_init() and inotify_user_setup(), by the size of memory. */
static uint32_t first_limit(struct machine *m, enum quota_kind kind)
{
	enum { EPOLL_ITEM_COST = 108, INOTIFY_WATCH_COST = 452 };	/* bytes on riscv32 */
	uint32_t n;

	switch (kind) {
	case QUOTA_EPOLL_WATCHES:
		return m->options.ram_size / 25 / EPOLL_ITEM_COST;
	case QUOTA_INOTIFY_WATCHES:
		n = m->options.ram_size / 100 / INOTIFY_WATCH_COST;
		return n < 8192 ? 8192 : n > 1048576 ? 1048576 : n;
	case QUOTA_INOTIFY_EVENTS:
		return 16384;
	default:
		return 128;
	}
}

static struct quotas *quotas_of(struct machine *m)
{
	static const struct tree_ops ops = { .compare = by_uid };
	struct quotas *q = m->quotas;

	if (q)
		return q;
	q = calloc(1, sizeof *q);
	if (!q)
		return NULL;
	tree_init(&q->users, &ops);
	for (int i = 0; i < QUOTA_KINDS; i++)
		q->limit[i] = first_limit(m, (enum quota_kind)i);
	m->quotas = q;
	return q;
}

static struct quota_user *find(struct quotas *q, uint32_t uid)
{
	struct tree_node *n = q->users.root;

	while (n) {
		struct quota_user *u = tree_entry(n, struct quota_user, node);

		if (u->uid == uid)
			return u;
		n = uid < u->uid ? n->left : n->right;
	}
	return NULL;
}

/* What one is to the host, about. */
enum { COST = 256 };

int quota_take_up_to(struct machine *m, uint32_t uid, enum quota_kind kind, uint64_t limit)
{
	struct quotas *q = quotas_of(m);
	struct quota_user *u;

	if (!q)
		return -ENOMEM;
	u = find(q, uid);
	if ((u ? u->count[kind] : 0) >= limit)
		return -ENOSPC;
	if (vfs_charge(m, COST))
		return -ENOSPC;
	if (!u) {
		u = calloc(1, sizeof *u);
		if (!u) {
			vfs_uncharge(m, COST);
			return -ENOMEM;
		}
		u->uid = uid;
		tree_insert(&q->users, &u->node);
	}
	u->count[kind]++;
	return 0;
}

int quota_take(struct machine *m, uint32_t uid, enum quota_kind kind)
{
	return quota_take_up_to(m, uid, kind, quota_limit(m, kind));
}

/* Who has nothing is not remembered: there are as many uids as numbers. */
static bool has_nothing(const struct quota_user *u)
{
	for (int i = 0; i < QUOTA_KINDS; i++)
		if (u->count[i])
			return false;
	return true;
}

void quota_give(struct machine *m, uint32_t uid, enum quota_kind kind)
{
	struct quota_user *u = find(m->quotas, uid);

	u->count[kind]--;
	vfs_uncharge(m, COST);
	if (has_nothing(u)) {
		tree_remove(&m->quotas->users, &u->node);
		free(u);
	}
}

uint32_t quota_count(struct machine *m, uint32_t uid, enum quota_kind kind)
{
	const struct quota_user *u = m->quotas ? find(m->quotas, uid) : NULL;

	return u ? u->count[kind] : 0;
}

uint32_t quota_limit(struct machine *m, enum quota_kind kind)
{
	const struct quotas *q = quotas_of(m);

	return q ? q->limit[kind] : first_limit(m, kind);
}

int quota_set_limit(struct machine *m, enum quota_kind kind, uint32_t limit)
{
	struct quotas *q = quotas_of(m);

	if (!q)
		return -ENOMEM;
	q->limit[kind] = limit;
	return 0;
}

void quotas_free(struct machine *m)
{
	struct tree_node *n;

	if (!m->quotas)
		return;
	while ((n = tree_first(&m->quotas->users))) {
		tree_remove(&m->quotas->users, n);
		free(tree_entry(n, struct quota_user, node));
	}
	free(m->quotas);
	m->quotas = NULL;
}
