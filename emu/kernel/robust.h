/* SPDX-License-Identifier: MIT
 *
 * What a task that ends owes to those who wait for its locks: the robust list (kernel/futex/core.c
 * exit_robust_list) and its priority-inheriting locks.
 */
#ifndef EMU_KERNEL_ROBUST_H
#define EMU_KERNEL_ROBUST_H

struct task;

/* A futex word of a lock. */
#define FUTEX_WAITERS_		0x80000000u
#define FUTEX_OWNER_DIED_	0x40000000u
#define FUTEX_TID_MASK_		0x3fffffffu

/* Before the task leaves its memory: at its end and at execve. */
void robust_exit(struct task *t);
/* sys_futex.c: hands PI locks the task holds and other threads wait for to the first of them. */
void futex_release_pi(struct task *t);

#endif
