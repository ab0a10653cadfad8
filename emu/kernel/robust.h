/* SPDX-License-Identifier: MIT
 *
 * What a task that ends owes to those who wait for its locks: the robust list (kernel/futex/core.c
 * exit_robust_list) and its priority-inheriting locks.
 */
#ifndef EMU_KERNEL_ROBUST_H
#define EMU_KERNEL_ROBUST_H

struct task;

/* Before the task leaves its memory: at its end and at execve. */
void robust_exit(struct task *t);

#endif
