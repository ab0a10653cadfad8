/* SPDX-License-Identifier: MIT
 *
 * Restartable sequences (rseq(2), kernel/rseq.c): a thread tells where it has a word for its processor's number, and which of its
 * code has to be begun again if it was interrupted in there.  Interrupted it is by other tasks and by signal handlers.
 *
 * A task without a registration (t->rseq.addr 0) is never looked at.
 */
#ifndef EMU_KERNEL_RSEQ_H
#define EMU_KERNEL_RSEQ_H

#include "emu/kernel/task.h"

/* t is about to run after others have, or to enter a handler: out of a sequence, to its abort address. May send SIGSEGV. */
void rseq_interrupted(struct task *t);

#endif
