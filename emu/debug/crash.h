/* SPDX-License-Identifier: MIT
 *
 * The report on stderr when a process dies of a signal like SIGSEGV or SIGABRT: what it did, where, with which
 * registers, what lies there, and what that probably means.
 *
 *	--crash-report=off	only the line in the kernel log
 *	--crash-report=on	the default of `run`: of the first few crashes
 *	--crash-report=full	of all of them, and with the last system calls, which are then kept as strace would print them
 */
#ifndef EMU_DEBUG_CRASH_H
#define EMU_DEBUG_CRASH_H

#include <stdbool.h>
#include <stdint.h>

struct signal_info;
struct strace_text;
struct task;

enum { CRASH_CALLS = 8 };	/* system calls shown */

/* Before the process ends of it: its registers and memory are as they were. */
void crash_report(struct task *t, const struct signal_info *info);

/* --- crash_why.c --- */
/* A verdict and the next step, in lines that begin with "  ". */
void crash_verdict(struct strace_text *o, struct task *t, const struct signal_info *info);
/* The mappings that addr lies in or between, a line each as in /proc/PID/maps. */
void crash_maps(struct strace_text *o, struct task *t, uint32_t addr);
/* Did an access to memory cause it? */
bool crash_of_access(const struct signal_info *info);
/* "a store of 4 bytes, to 0x10": the one that did. */
const char *crash_access(struct task *t, char buf[64]);

#endif
