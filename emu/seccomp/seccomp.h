/* SPDX-License-Identifier: MIT
 *
 * seccomp(2): a task gives up system calls, for itself and whom it makes (kernel/seccomp.c).
 *
 * A task in a mode is `filtered`: only then does dispatch ask here, and translated code leave calls to it.  Filters are a tree
 * whose leaves are tasks: what is added stands before what was there, and a child shares its parent's.
 */
#ifndef EMU_SECCOMP_SECCOMP_H
#define EMU_SECCOMP_SECCOMP_H

#include <stdbool.h>
#include <stdint.h>
#include "emu/seccomp/bpf.h"

struct task;

/* Modes as /proc/PID/status has them. */
enum { SECCOMP_OFF_, SECCOMP_STRICT_, SECCOMP_FILTER_ };

/* What filters answer, apart from 16 bits of data; the least of these (as a signed number) counts. */
#define SECCOMP_KILL_PROCESS_	0x80000000u
#define SECCOMP_KILL_THREAD_	0x00000000u
#define SECCOMP_TRAP_		0x00030000u
#define SECCOMP_ERRNO_		0x00050000u
#define SECCOMP_USER_NOTIF_	0x7fc00000u
#define SECCOMP_TRACE_		0x7ff00000u
#define SECCOMP_LOG_		0x7ffc0000u
#define SECCOMP_ALLOW_		0x7fff0000u

struct seccomp_filter;

/* --- filter.c --- */

/*
 * A new filter before t's others, which takes over the program (malloc).  -ENOMEM: no memory, or too many instructions on
 * the way from t to the root; then the program stays the caller's.
 */
int seccomp_add(struct task *t, struct bpf_insn *prog, unsigned len, bool log);
/* c, new or to be synchronized, gets t's mode and filters. */
void seccomp_share(const struct task *t, struct task *c);
void seccomp_put(struct task *t);
/* Whether all of c's filters are also t's. */
bool seccomp_is_ancestor(const struct task *c, const struct task *t);
unsigned seccomp_count(const struct task *t);
/* What the filters say to the call in t->sys; *log: whether it is to be logged. */
uint32_t seccomp_ask(const struct task *t, bool *log);

/* --- check.c --- */

enum seccomp_verdict {
	SECCOMP_CALL,		/* make it */
	SECCOMP_RESULT,		/* do not: *result is what it returns */
	SECCOMP_STOPPED,	/* stopped for its tracer, who decides */
};
/*
 * The call in t->sys, pc behind it, of a filtered task.  after_trace: its tracer has let it go on.  The task may have ended or
 * been sent a signal: *result is SYS_NO_RETURN then.
 */
enum seccomp_verdict seccomp_check(struct task *t, bool after_trace, int64_t *result);

#endif
