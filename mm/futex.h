/* SPDX-License-Identifier: MIT
 *
 * Futexes, keyed by physical address: without an MMU one word of memory has one
 * address in every process, so private and shared futexes are the same thing
 * (kernel/futex, FLAGS_SHARED is 0 on no-MMU).
 *
 * mm/ knows no tasks: a waiter is a record its owner embeds; waking calls it back.
 * Nothing here blocks.
 */
#ifndef MM_FUTEX_H
#define MM_FUTEX_H

#include "mm/mm.h"

struct mm_futexes;	/* the hash of queues */

struct mm_futex_waiter {
	uint32_t addr;		/* 0: not queued */
	uint32_t bitset;
	void (*wake)(struct mm_futex_waiter *w);	/* called after it was taken off its queue */
	struct mm_futex_waiter *next, **link;		/* the queue's own */
};

int mm_futexes_new(struct mm_futexes **out);
void mm_futexes_free(struct mm_futexes *f);

/*
 * Queues w (wake set by the caller) if the word at addr holds val.  0; -EAGAIN if it holds
 * something else; -EINVAL for a misaligned address or bitset 0; -EFAULT where the address lies
 * outside the space's mappings (nommu-mmap.txt, "Futexes").
 */
int mm_futex_wait(struct mm_futexes *f, struct mm_space *s, uint32_t addr, uint32_t val,
		  uint32_t bitset, struct mm_futex_waiter *w);
/* Takes w off its queue, if it is on one (timeout, signal). */
void mm_futex_cancel(struct mm_futexes *f, struct mm_futex_waiter *w);
/* Wakes up to n waiters whose bitset meets `bitset`, in FIFO order.  How many, or -errno. */
int mm_futex_wake(struct mm_futexes *f, struct mm_space *s, uint32_t addr, int n, uint32_t bitset);
/* FUTEX_REQUEUE, and FUTEX_CMP_REQUEUE when cmp != NULL.  Woken plus requeued, or -errno. */
int mm_futex_requeue(struct mm_futexes *f, struct mm_space *s, uint32_t from, uint32_t to,
		     int nr_wake, int nr_requeue, const uint32_t *cmp);
/* FUTEX_WAKE_OP with its encoded operation.  Woken in all, or -errno. */
int mm_futex_wake_op(struct mm_futexes *f, struct mm_space *s, uint32_t addr1, uint32_t addr2,
		     int nr_wake1, int nr_wake2, uint32_t op);

#endif
