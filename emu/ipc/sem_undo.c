/* SPDX-License-Identifier: MIT
 *
 * SEM_UNDO: what a process did to semaphores is taken back at its end (ipc/sem.c: find_alloc_undo(), exit_sem()).
 */
#include "emu/ipc/sem.h"

#include <errno.h>
#include <string.h>

struct sem_undo_list {
	unsigned refs;			/* tasks */
	struct list undos;		/* used last comes first: the order they are made in */
	struct tree by_id;		/* the same, by the set's id */
};

static struct sem_undo *of_tree(const struct tree_node *n)
{
	return tree_entry(n, struct sem_undo, by_id);
}

static int compare(const struct tree_node *a, const struct tree_node *b)
{
	int ia = of_tree(a)->set->perm.id, ib = of_tree(b)->set->perm.id;

	return ia < ib ? -1 : ia > ib;
}

static const struct tree_ops by_id_ops = { compare, NULL };

static uint64_t undo_size(const struct sem_set *s)
{
	return sizeof(struct sem_undo) + (uint64_t)s->count * sizeof(int16_t);
}

static struct sem_undo_list *list_of(struct task *t)
{
	struct sem_undo_list *l = t->undo;

	if (l)
		return l;
	l = ipc_alloc(t->machine, sizeof *l);
	if (!l)
		return NULL;
	l->refs = 1;
	list_init(&l->undos);
	tree_init(&l->by_id, &by_id_ops);
	t->undo = l;
	return l;
}

static struct sem_undo *find(const struct sem_undo_list *l, int id)
{
	struct tree_node *n = l->by_id.root;

	while (n && of_tree(n)->set->perm.id != id)
		n = id < of_tree(n)->set->perm.id ? n->left : n->right;
	return n ? of_tree(n) : NULL;
}

struct sem_undo *sem_undo_get(struct task *t, struct sem_set *s)
{
	struct sem_undo_list *l = list_of(t);
	struct sem_undo *u = l ? find(l, s->perm.id) : NULL;

	if (!l)
		return NULL;
	if (u) {
		list_remove(&u->of_list);
		list_add_head(&l->undos, &u->of_list);
		return u;
	}
	u = ipc_alloc(t->machine, undo_size(s));
	if (!u)
		return NULL;
	u->list = l;
	u->set = s;
	tree_insert(&l->by_id, &u->by_id);
	list_add_head(&l->undos, &u->of_list);
	list_add_head(&s->undos, &u->of_set);
	return u;
}

void sem_undo_forget(struct sem_set *s, uint32_t num)
{
	for (struct list *n = s->undos.next; n != &s->undos; n = n->next) {
		struct sem_undo *u = list_entry(n, struct sem_undo, of_set);

		if (num == SEM_ALL)
			memset(u->adjust, 0, s->count * sizeof *u->adjust);
		else
			u->adjust[num] = 0;
	}
}

static void drop(struct machine *m, struct sem_undo *u)
{
	tree_remove(&u->list->by_id, &u->by_id);
	list_remove(&u->of_list);
	list_remove(&u->of_set);
	ipc_release(m, u, undo_size(u->set));
}

void sem_undo_drop(struct machine *m, struct sem_set *s)
{
	while (!list_empty(&s->undos))
		drop(m, list_entry(s->undos.next, struct sem_undo, of_set));
}

int sem_undo_share(struct task *t, struct task *child)
{
	struct sem_undo_list *l = list_of(t);

	if (!l)
		return -ENOMEM;
	l->refs++;
	child->undo = l;
	return 0;
}

/* The values are kept in their range, whatever was done meanwhile. */
static void adjust(struct machine *m, struct sem_undo *u, int pid)
{
	struct sem_set *s = u->set;

	for (unsigned i = 0; i < s->count; i++) {
		int value = s->sems[i].value + u->adjust[i];

		if (!u->adjust[i])
			continue;
		s->sems[i].value = value < 0 ? 0 : value > SEM_VALUE_MAX_ ? SEM_VALUE_MAX_ : value;
		s->sems[i].pid = pid;
	}
	drop(m, u);
	sem_changed(m, s, true);
}

void sem_undo_exit(struct task *t)
{
	struct sem_undo_list *l = t->undo;

	t->undo = NULL;
	if (!l || --l->refs)
		return;
	while (!list_empty(&l->undos))
		adjust(t->machine, list_entry(l->undos.next, struct sem_undo, of_list), t->process->pid);
	ipc_release(t->machine, l, sizeof *l);
}
