/* SPDX-License-Identifier: MIT
 *
 * Core dumps (fs/coredump.c): whether a process that a signal ends leaves one, where, and of what.  The file's
 * format is loader/core.h's.
 */
#ifndef EMU_KERNEL_COREDUMP_H
#define EMU_KERNEL_COREDUMP_H

#include <stdbool.h>
#include <stddef.h>

struct machine;
struct signal_info;
struct task;

#define CORE_PATTERN_MAX 128	/* CORENAME_MAX_SIZE */

/*
 * Before the task's process ends by the signal: writes a core file in the guest as kernel.core_pattern and
 * RLIMIT_CORE say, and one into --core-dir.  What goes wrong is a line in the log, and leaves no file.  True if
 * there is a core: the wait status has its bit.
 */
bool coredump(struct task *t, const struct signal_info *info);

/* core_name.c: kernel.core_pattern with its % filled in, cut to size.  -ENAMETOOLONG if it had to be. */
int core_name(const struct task *t, int signo, char *name, size_t size);

#endif
