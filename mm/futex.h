/* SPDX-License-Identifier: MIT
 *
 * Futexes, keyed by physical address: without an MMU one word of memory has one
 * address in every process, so private and shared futexes are the same thing
 * (kernel/futex, FLAGS_SHARED is 0 on no-MMU).
 *
 * mm/ knows no tasks: a waiter is a record its owner embeds; waking calls it back.
 * Nothing here blocks or allocates, and nothing costs more than a logarithm in the number of waiters,
 * besides those of the one address that are looked at.
 */
#ifndef MM_FUTEX_H
#define MM_FUTEX_H

#include "mm/mm.h"
#include "mm/tree.h"

struct mm_futexes;	/* all who wait */

struct mm_futex_waiter {
	uint32_t addr;		/* 0: not queued */
	uint32_t bitset;
	unsigned prio;		/* at one address the lowest is woken first; equal ones in order of arrival */
	/*
	 * It waits for more than a wake: for the unlocking of a priority-inheriting lock, or to be moved to one.
	 * mm_futex_wake() and its like that come upon it answer -EINVAL, and do not call wake.
	 */
	bool pi;
	void (*wake)(struct mm_futex_waiter *w);	/* called after it was taken off its queue */
	/* mm/'s own: */
	uint64_t arrival;
	struct tree_node node;
};

int mm_futexes_new(struct mm_futexes **out);
void mm_futexes_free(struct mm_futexes *f);

/*
 * Whether the address is one of a futex for the space: 0; -EINVAL: misaligned; -EFAULT: outside of the
 * space's mappings, or in one of a device (nommu-mmap.txt, "Futexes").  With compat_linux, as the kernel, the
 * mappings are not looked at.
 */
int mm_futex_check(struct mm_space *s, uint32_t addr);

/*
 * Queues w (wake and prio set by the caller) if the word at addr holds val.  0; -EAGAIN if it holds
 * something else; -EINVAL for bitset 0; or what mm_futex_check() says.
 */
int mm_futex_wait(struct mm_futexes *f, struct mm_space *s, uint32_t addr, uint32_t val,
		  uint32_t bitset, struct mm_futex_waiter *w);
/* Queues w, or moves it (it is then the last of its priority), whatever the word holds. */
void mm_futex_queue(struct mm_futexes *f, struct mm_futex_waiter *w, uint32_t addr);
/* Takes w off its queue, if it is on one (timeout, signal). */
void mm_futex_cancel(struct mm_futexes *f, struct mm_futex_waiter *w);
/* The first who waits at addr, and the next at the same address; NULL: nobody. */
struct mm_futex_waiter *mm_futex_first(struct mm_futexes *f, uint32_t addr);
struct mm_futex_waiter *mm_futex_next(struct mm_futex_waiter *w);

/* Wakes up to n waiters whose bitset meets `bitset`, in order.  How many, or -errno. */
int mm_futex_wake(struct mm_futexes *f, struct mm_space *s, uint32_t addr, int n, uint32_t bitset);
/* FUTEX_REQUEUE, and FUTEX_CMP_REQUEUE when cmp != NULL.  Woken plus requeued, or -errno. */
int mm_futex_requeue(struct mm_futexes *f, struct mm_space *s, uint32_t from, uint32_t to,
		     int nr_wake, int nr_requeue, const uint32_t *cmp);
/* FUTEX_WAKE_OP with its encoded operation.  Woken in all, or -errno. */
int mm_futex_wake_op(struct mm_futexes *f, struct mm_space *s, uint32_t addr1, uint32_t addr2,
		     int nr_wake1, int nr_wake2, uint32_t op);

#endif
