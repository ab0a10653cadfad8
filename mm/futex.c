/* SPDX-License-Identifier: MIT
 *
 * Waiters hang in FIFO order in a hash of queues by address (kernel/futex/waitwake.c, requeue.c).
 * Waking takes waiters off one at a time and looks again from the front after each call back, so
 * that a callback may cancel others.
 */
#include "mm/futex.h"

#include <errno.h>
#include <stdlib.h>

#include "mm/internal.h"

#define QUEUES 256u
#define MATCH_ANY UINT32_MAX

struct queue {
	struct mm_futex_waiter *first, **end;	/* end: where the next one is hung */
};

struct mm_futexes {
	struct queue queues[QUEUES];
};

int mm_futexes_new(struct mm_futexes **out)
{
	struct mm_futexes *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	for (unsigned i = 0; i < QUEUES; i++)
		f->queues[i].end = &f->queues[i].first;
	*out = f;
	return 0;
}

void mm_futexes_free(struct mm_futexes *f)
{
	free(f);
}

static struct queue *queue_of(struct mm_futexes *f, uint32_t addr)
{
	/* Fibonacci hashing: neighbouring words and equal offsets in pages both spread. */
	return &f->queues[(addr >> 2) * 2654435769u >> 24];
}

static void hang(struct queue *q, struct mm_futex_waiter *w, uint32_t addr)
{
	w->addr = addr;
	w->next = NULL;
	w->link = q->end;
	*q->end = w;
	q->end = &w->next;
}

static void take(struct queue *q, struct mm_futex_waiter *w)
{
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	else
		q->end = w->link;
	w->next = NULL;
	w->link = NULL;
	w->addr = 0;
}

/*
 * Aligned, and in a mapping of the space that is not of a device (nommu-mmap.txt, "Futexes").  The
 * kernel looks at neither mapping.
 */
static int check_addr(struct mm_space *s, uint32_t addr)
{
	struct mm_vma *v;

	if (addr % 4)
		return -EINVAL;
	if (!flat_span(s->mm->flat, addr, 4))
		return -EFAULT;
	if (s->mm->config.compat_linux)
		return 0;
	if (vma_covering_anon(s, addr, (uint64_t)addr + 4))
		return 0;
	v = vma_covering(s, addr, (uint64_t)addr + 4);
	if (!v || (v->region->source && v->region->source->kind == MM_CHAR))
		return -EFAULT;
	return 0;
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
	err = check_addr(s, addr);
	if (!err)
		err = load(s, addr, &holds);
	if (err)
		return err;
	if (holds != val)
		return -EAGAIN;
	w->bitset = bitset;
	hang(queue_of(f, addr), w, addr);
	return 0;
}

void mm_futex_cancel(struct mm_futexes *f, struct mm_futex_waiter *w)
{
	if (w->addr)
		take(queue_of(f, w->addr), w);
}

static struct mm_futex_waiter *find(const struct queue *q, uint32_t addr, uint32_t bitset)
{
	struct mm_futex_waiter *w = q->first;

	while (w && !(w->addr == addr && (w->bitset & bitset)))
		w = w->next;
	return w;
}

static int wake(struct mm_futexes *f, uint32_t addr, int n, uint32_t bitset)
{
	struct queue *q = queue_of(f, addr);
	struct mm_futex_waiter *w;
	int woken = 0;

	/* The kernel wakes one before it looks at the number, so 0 and less wake one. */
	while ((w = find(q, addr, bitset)) != NULL) {
		take(q, w);
		w->wake(w);
		if (++woken >= n)
			break;
	}
	return woken;
}

int mm_futex_wake(struct mm_futexes *f, struct mm_space *s, uint32_t addr, int n, uint32_t bitset)
{
	int err;

	if (!bitset)
		return -EINVAL;
	err = check_addr(s, addr);
	return err ? err : wake(f, addr, n, bitset);
}

int mm_futex_requeue(struct mm_futexes *f, struct mm_space *s, uint32_t from, uint32_t to,
		     int nr_wake, int nr_requeue, const uint32_t *cmp)
{
	struct queue *qf = queue_of(f, from), *qt = queue_of(f, to);
	struct mm_futex_waiter *w, *next;
	uint32_t holds;
	int done = 0, err;

	if (nr_wake < 0 || nr_requeue < 0)
		return -EINVAL;
	err = check_addr(s, from);
	if (!err)
		err = check_addr(s, to);
	if (!err)
		err = load(s, from, &holds);
	if (err)
		return err;
	if (cmp && holds != *cmp)
		return -EAGAIN;
	if (nr_wake)
		done = wake(f, from, nr_wake, MATCH_ANY);
	for (w = qf->first; w && nr_requeue; w = next) {
		next = w->next;
		if (w->addr != from)
			continue;
		nr_requeue--;
		done++;
		if (qf != qt) {
			take(qf, w);
			hang(qt, w, to);
		} else {
			w->addr = to;
		}
	}
	return done;
}

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
	int woken, err;

	err = check_addr(s, addr1);
	if (!err)
		err = check_addr(s, addr2);
	if (!err)
		err = apply(s, addr2, op, &met);
	if (err)
		return err;
	woken = wake(f, addr1, nr_wake1, MATCH_ANY);
	if (met)
		woken += wake(f, addr2, nr_wake2, MATCH_ANY);
	return woken;
}
