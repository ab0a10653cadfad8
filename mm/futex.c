/* SPDX-License-Identifier: MIT
 *
 * All waiters of the machine are in one balanced tree, ordered by address, priority and arrival (the order of
 * the kernel's plists, kernel/futex/core.c __futex_queue()), so that the queue of an address is a run of
 * neighbours.  Waking takes waiters off one at a time and looks again for the one that comes behind, so that a
 * callback may cancel others.
 */
#include "mm/futex.h"

#include <errno.h>
#include <stdlib.h>

#include "mm/internal.h"

#define MATCH_ANY UINT32_MAX

struct mm_futexes {
	struct tree waiters;
	uint64_t arrivals;
};

/* A place in the order; nobody need stand there. */
struct place {
	uint32_t addr;
	unsigned prio;
	uint64_t arrival;
};

static struct mm_futex_waiter *waiter_of(const struct tree_node *n)
{
	return n ? tree_entry(n, struct mm_futex_waiter, node) : NULL;
}

static struct place place_of(const struct mm_futex_waiter *w)
{
	return (struct place){ w->addr, w->prio, w->arrival };
}

static bool before(struct place a, struct place b)
{
	if (a.addr != b.addr)
		return a.addr < b.addr;
	if (a.prio != b.prio)
		return a.prio < b.prio;
	return a.arrival < b.arrival;
}

static int compare(const struct tree_node *a, const struct tree_node *b)
{
	return before(place_of(waiter_of(a)), place_of(waiter_of(b))) ? -1 : 1;
}

static const struct tree_ops waiter_order = { .compare = compare };

int mm_futexes_new(struct mm_futexes **out)
{
	struct mm_futexes *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	tree_init(&f->waiters, &waiter_order);
	*out = f;
	return 0;
}

void mm_futexes_free(struct mm_futexes *f)
{
	free(f);
}

/* --- Queues --- */

void mm_futex_cancel(struct mm_futexes *f, struct mm_futex_waiter *w)
{
	if (!w->addr)
		return;
	tree_remove(&f->waiters, &w->node);
	w->addr = 0;
}

void mm_futex_queue(struct mm_futexes *f, struct mm_futex_waiter *w, uint32_t addr)
{
	mm_futex_cancel(f, w);
	w->addr = addr;
	w->arrival = ++f->arrivals;
	tree_insert(&f->waiters, &w->node);
}

/* The first at p's address who stands at p or behind it. */
static struct mm_futex_waiter *from(const struct mm_futexes *f, struct place p)
{
	struct mm_futex_waiter *found = NULL;

	for (struct tree_node *n = f->waiters.root; n;) {
		struct mm_futex_waiter *w = waiter_of(n);

		if (before(place_of(w), p)) {
			n = n->right;
		} else {
			found = w;
			n = n->left;
		}
	}
	return found && found->addr == p.addr ? found : NULL;
}

struct mm_futex_waiter *mm_futex_first(struct mm_futexes *f, uint32_t addr)
{
	return from(f, (struct place){ .addr = addr });
}

struct mm_futex_waiter *mm_futex_next(struct mm_futex_waiter *w)
{
	struct mm_futex_waiter *next = waiter_of(tree_next(&w->node));

	return next && next->addr == w->addr ? next : NULL;
}

/* --- Addresses and words --- */

int mm_futex_check(struct mm_space *s, uint32_t addr)
{
	uint64_t end = (uint64_t)addr + 4;

	if (addr % 4)
		return -EINVAL;
	if (!flat_span(s->mm->flat, addr, 4))
		return -EFAULT;
	if (s->mm->config.compat_linux)
		return 0;
	if (vma_covering_anon(s, addr, end))
		return 0;
	/* More than one look only where a device lies over it: /dev/mem may, over everything. */
	for (struct mm_vma *v = vma_overlapping(s, addr, end); v && v->start <= addr; v = vma_next(v))
		if (v->end >= end && v->region->source && v->region->source->kind != MM_CHAR)
			return 0;
	return -EFAULT;
}

static int load(struct mm_space *s, uint32_t addr, uint32_t *val)
{
	return flat_read(s->mm->flat, val, addr, sizeof(*val));
}

int mm_futex_wait(struct mm_futexes *f, struct mm_space *s, uint32_t addr, uint32_t val,
		  uint32_t bitset, struct mm_futex_waiter *w)
{
	uint32_t holds;
	int err;

	if (!bitset)
		return -EINVAL;
	err = mm_futex_check(s, addr);
	if (!err)
		err = load(s, addr, &holds);
	if (err)
		return err;
	if (holds != val)
		return -EAGAIN;
	w->bitset = bitset;
	mm_futex_queue(f, w, addr);
	return 0;
}

/* --- Waking --- */

static int wake(struct mm_futexes *f, uint32_t addr, int n, uint32_t bitset)
{
	struct mm_futex_waiter *w = mm_futex_first(f, addr);
	int woken = 0;

	while (w) {
		struct place p = place_of(w);

		if (w->pi)
			return -EINVAL;
		if (w->bitset & bitset) {
			mm_futex_cancel(f, w);
			w->wake(w);
			/* The kernel wakes one before it looks at the number, so 0 and less wake one. */
			if (++woken >= n)
				break;
		}
		p.arrival++;
		w = from(f, p);
	}
	return woken;
}

int mm_futex_wake(struct mm_futexes *f, struct mm_space *s, uint32_t addr, int n, uint32_t bitset)
{
	int err;

	if (!bitset)
		return -EINVAL;
	err = mm_futex_check(s, addr);
	return err ? err : wake(f, addr, n, bitset);
}

int mm_futex_requeue(struct mm_futexes *f, struct mm_space *s, uint32_t from_addr, uint32_t to,
		     int nr_wake, int nr_requeue, const uint32_t *cmp)
{
	struct mm_futex_waiter *w, *next;
	uint32_t holds;
	int done = 0, err;

	if (nr_wake < 0 || nr_requeue < 0)
		return -EINVAL;
	err = mm_futex_check(s, from_addr);
	if (!err)
		err = mm_futex_check(s, to);
	if (!err)
		err = load(s, from_addr, &holds);
	if (err)
		return err;
	if (cmp && holds != *cmp)
		return -EAGAIN;
	if (nr_wake)
		done = wake(f, from_addr, nr_wake, MATCH_ANY);
	if (done < 0)
		return done;
	for (w = mm_futex_first(f, from_addr); w && nr_requeue; w = next, nr_requeue--, done++) {
		if (w->pi)
			return -EINVAL;
		next = mm_futex_next(w);
		if (from_addr != to)
			mm_futex_queue(f, w, to);
	}
	return done;
}

/* --- FUTEX_WAKE_OP --- */

static int32_t sign12(uint32_t bits)
{
	return (int32_t)(bits << 20) >> 20;
}

/* kernel/futex/core.c futex_atomic_op_inuser(): changes the word, and says whether to wake its waiters. */
static int apply(struct mm_space *s, uint32_t addr, uint32_t encoded, bool *met)
{
	uint32_t op = encoded >> 28 & 7, cmp = encoded >> 24 & 15, holds, result;
	int32_t arg = sign12(encoded >> 12 & 0xfff), cmp_arg = sign12(encoded & 0xfff), old;
	int err;

	if (encoded >> 28 & 8)
		arg = (int32_t)(1u << (arg & 31));
	err = load(s, addr, &holds);
	if (err)
		return err;
	switch (op) {
	case 0: result = (uint32_t)arg; break;
	case 1: result = holds + (uint32_t)arg; break;
	case 2: result = holds | (uint32_t)arg; break;
	case 3: result = holds & ~(uint32_t)arg; break;
	case 4: result = holds ^ (uint32_t)arg; break;
	default: return -ENOSYS;
	}
	err = flat_write(s->mm->flat, addr, &result, sizeof(result));
	if (err)
		return err;
	old = (int32_t)holds;
	switch (cmp) {
	case 0: *met = old == cmp_arg; return 0;
	case 1: *met = old != cmp_arg; return 0;
	case 2: *met = old < cmp_arg; return 0;
	case 3: *met = old >= cmp_arg; return 0;
	case 4: *met = old <= cmp_arg; return 0;
	case 5: *met = old > cmp_arg; return 0;
	default: return -ENOSYS;
	}
}

int mm_futex_wake_op(struct mm_futexes *f, struct mm_space *s, uint32_t addr1, uint32_t addr2,
		     int nr_wake1, int nr_wake2, uint32_t op)
{
	bool met = false;
	int woken, more, err;

	err = mm_futex_check(s, addr1);
	if (!err)
		err = mm_futex_check(s, addr2);
	if (!err)
		err = apply(s, addr2, op, &met);
	if (err)
		return err;
	woken = wake(f, addr1, nr_wake1, MATCH_ANY);
	if (woken < 0 || !met)
		return woken;
	more = wake(f, addr2, nr_wake2, MATCH_ANY);
	return more < 0 ? more : woken + more;
}
