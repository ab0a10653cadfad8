/* SPDX-License-Identifier: MIT
 * The one test every blocking handler makes, inlined.
 */
#ifndef EMU_KERNEL_TASK_INLINE_H
#define EMU_KERNEL_TASK_INLINE_H

static inline bool task_signalled(const struct task *t)
{
	return t->killed ||
	       (t->notified && (((t->pending.set | t->process->pending.set) & ~t->blocked) || t->trap_pending));
}

#endif
