/* SPDX-License-Identifier: MIT */
#include "emu/kernel/run_queue.h"

/* ns of CPU time: what real-time nodes run at a stretch while fair ones wait, and how much of it a ns of theirs pays. */
#define RT_MOST (950 * 1000000ull)
#define RT_PAID 19u

static struct run_node *of(struct time_node *place)
{
	return place ? (struct run_node *)(void *)((char *)place - offsetof(struct run_node, place)) : NULL;
}

uint32_t run_weight(int nice)
{
	/* With 20 more bits, so that what is rounded away does not add up. */
	uint64_t weight = (uint64_t)RUN_WEIGHT << 20;

	for (; nice > 0; nice--)
		weight = weight * 4 / 5;
	for (; nice < 0; nice++)
		weight = weight * 5 / 4;
	return (uint32_t)((weight + (1u << 19)) >> 20);
}

int run_queue_reserve(struct run_queue *q, size_t n)
{
	int err = time_heap_reserve(&q->fair, n);

	return err ? err : time_heap_reserve(&q->deadline, n);
}

/* --- Real-time --- */

static void rt_add(struct run_queue *q, struct run_node *n, bool first)
{
	struct run_node **head = &q->rt[n->priority].first, **tail = &q->rt[n->priority].last;

	n->next = first ? *head : NULL;
	n->prev = first ? NULL : *tail;
	*(n->next ? &n->next->prev : tail) = n;
	*(n->prev ? &n->prev->next : head) = n;
	q->rt_used[n->priority / 64] |= 1ull << n->priority % 64;
	q->rt_count++;
}

static void rt_remove(struct run_queue *q, struct run_node *n)
{
	struct run_node **head = &q->rt[n->priority].first, **tail = &q->rt[n->priority].last;

	*(n->next ? &n->next->prev : tail) = n->prev;
	*(n->prev ? &n->prev->next : head) = n->next;
	if (!*head)
		q->rt_used[n->priority / 64] &= ~(1ull << n->priority % 64);
	q->rt_count--;
}

static struct run_node *rt_first(const struct run_queue *q)
{
	if (!q->rt_count)
		return NULL;
	for (int i = 1; ; i--)
		if (q->rt_used[i])
			return q->rt[64 * i + 63 - __builtin_clzll(q->rt_used[i])].first;
}

/* --- Fair --- */

static void fair_add(struct run_queue *q, struct run_node *n, enum run_how how)
{
	uint64_t least = q->now > q->bonus ? q->now - q->bonus : 0, next = time_heap_next(&q->fair);

	if (how == RUN_WOKEN && n->vruntime < least)
		n->vruntime = least;
	if (how == RUN_BEHIND && next != UINT64_MAX && n->vruntime < next)
		n->vruntime = next;
	n->place.when = n->vruntime;
	(void)time_heap_add(&q->fair, &n->place);	/* room was reserved */
}

/* --- All --- */

void run_queue_add(struct run_queue *q, struct run_node *n, enum run_how how)
{
	switch (n->class) {
	case RUN_FAIR:
		fair_add(q, n, how);
		break;
	case RUN_RT:
		rt_add(q, n, how == RUN_ON);
		break;
	case RUN_DEADLINE:
		n->place.when = n->deadline;
		(void)time_heap_add(&q->deadline, &n->place);
		break;
	}
	n->queued = true;
	q->count++;
}

void run_queue_remove(struct run_queue *q, struct run_node *n)
{
	if (!n->queued)
		return;
	if (n->class == RUN_RT)
		rt_remove(q, n);
	else
		time_heap_remove(n->class == RUN_FAIR ? &q->fair : &q->deadline, &n->place);
	n->queued = false;
	q->count--;
}

struct run_node *run_queue_first(const struct run_queue *q)
{
	struct run_node *fair = of(time_heap_first(&q->fair)), *rt = rt_first(q);

	if (q->deadline.count)
		return of(time_heap_first(&q->deadline));
	if (rt && !(fair && q->fair_turn))
		return rt;
	return fair;
}

/* Whether it is the fair nodes' turn: when real-time ones have run for too long, until fair ones have had their share. */
static void share(struct run_queue *q, enum run_class class, uint64_t ns)
{
	if (class != RUN_FAIR)
		q->rt_ran = q->fair.count ? q->rt_ran + ns : 0;
	else
		q->rt_ran -= q->rt_ran / RT_PAID < ns ? q->rt_ran : ns * RT_PAID;
	if (q->rt_ran >= RT_MOST)
		q->fair_turn = true;
	else if (!q->rt_ran)
		q->fair_turn = false;
}

void run_queue_charge(struct run_queue *q, struct run_node *n, uint64_t instructions, uint64_t ns)
{
	uint64_t next;

	share(q, n->class, ns);
	if (n->class != RUN_FAIR)
		return;
	/* Rounded up: nobody runs for nothing. */
	n->vruntime += (instructions * RUN_WEIGHT + n->weight - 1) / n->weight;
	next = time_heap_next(&q->fair);
	if (next > n->vruntime)
		next = n->vruntime;
	if (q->now < next)
		q->now = next;
}

bool run_queue_preempts(const struct run_node *woken, const struct run_node *running)
{
	if (woken->class != running->class)
		return woken->class > running->class;
	switch (woken->class) {
	case RUN_DEADLINE:
		return woken->deadline < running->deadline;
	case RUN_RT:
		return woken->priority > running->priority;
	case RUN_FAIR:
		return running->weight == RUN_WEIGHT_IDLE && woken->weight != RUN_WEIGHT_IDLE;
	}
	return false;
}

void run_queue_fini(struct run_queue *q)
{
	time_heap_fini(&q->fair);
	time_heap_fini(&q->deadline);
}
