/* SPDX-License-Identifier: MIT
 *
 * Who is asking mm/ for memory: the running task, its system call, and where in its program it stands.
 */
#ifndef EMU_KERNEL_MM_CALLER_H
#define EMU_KERNEL_MM_CALLER_H

struct mm_caller;

/* mm_config.caller; the owner is the machine. */
void mm_caller_of(void *machine, struct mm_caller *out);

#endif
