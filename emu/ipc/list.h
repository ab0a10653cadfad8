/* SPDX-License-Identifier: MIT
 *
 * Intrusive lists, circular: the head is a node like the others, and any node can be taken out in O(1).
 */
#ifndef EMU_IPC_LIST_H
#define EMU_IPC_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list { struct list *next, *prev; };

#define list_entry(node, type, member) ((type *)(void *)((char *)(node) - offsetof(type, member)))

static inline void list_init(struct list *l) { l->next = l->prev = l; }
static inline bool list_empty(const struct list *l) { return l->next == l; }

static inline void list_insert(struct list *n, struct list *prev, struct list *next)
{
	n->prev = prev;
	n->next = next;
	prev->next = next->prev = n;
}

static inline void list_add_head(struct list *head, struct list *n) { list_insert(n, head, head->next); }
static inline void list_add_tail(struct list *head, struct list *n) { list_insert(n, head->prev, head); }

/* Afterwards it is in no list, and may be taken out once more. */
static inline void list_remove(struct list *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	list_init(n);
}

/* Everything of `from` goes behind what `to` has. */
static inline void list_splice_tail(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

/* n may be taken out while it is looked at, but not the one behind it. */
#define list_for_each(head, n, following) \
	for (struct list *n = (head)->next, *following = n->next; n != (head); n = following, following = n->next)

#endif
