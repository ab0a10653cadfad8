/* SPDX-License-Identifier: MIT
 *
 * strace -c: a table of the calls made, how often they failed and how long they took.
 */
#ifndef EMU_STRACE_SUMMARY_H
#define EMU_STRACE_SUMMARY_H

#include "emu/strace/config.h"

struct strace_text;

struct strace_count { uint32_t calls, errors; uint64_t ns; };
struct strace_counts { struct strace_count by_nr[SYSCALL_MAX], unknown; };

void strace_count(struct strace_counts *c, uint32_t nr, bool failed, uint64_t ns);
/* The table, as strace prints it; nothing if there were no calls. */
void strace_summary(struct strace_text *o, const struct strace_counts *c, enum strace_order order);

#endif
