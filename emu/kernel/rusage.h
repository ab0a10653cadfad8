/* SPDX-License-Identifier: MIT
 *
 * struct rusage as riscv32's system calls write it: 32-bit times, 32-bit counters.
 */
#ifndef EMU_KERNEL_RUSAGE_H
#define EMU_KERNEL_RUSAGE_H

#include "emu/kernel/task.h"

struct guest_rusage {
	int32_t utime_sec, utime_usec, stime_sec, stime_usec;
	int32_t maxrss, ixrss, idrss, isrss, minflt, majflt, nswap, inblock, oublock, msgsnd, msgrcv, nsignals;
	int32_t nvcsw, nivcsw;
};

void rusage_of_process(const struct process *p, struct guest_rusage *out);	/* RUSAGE_SELF */
void rusage_of_child(const struct process *p, struct guest_rusage *out);	/* p and what it reaped */
/* CPU time of all its threads, living and gone, in ns. */
void process_cpu_time(const struct process *p, uint64_t *utime, uint64_t *stime);

#endif
