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
struct seccomp_listener;

/* --- filter.c --- */

/*
 * A new filter before t's others, which takes over the program (malloc).  -ENOMEM: no memory, or too many instructions on
 * the way from t to the root; then the program stays the caller's.  l: who decides on SECCOMP_USER_NOTIF_; or NULL.
 */
int seccomp_add(struct task *t, struct bpf_insn *prog, unsigned len, bool log, struct seccomp_listener *l);
bool seccomp_listened(const struct task *t);	/* a filter of its has a listener */
/* c, new or to be synchronized, gets t's mode and filters. */
void seccomp_share(const struct task *t, struct task *c);
void seccomp_put(struct task *t);
/* Whether all of c's filters are also t's. */
bool seccomp_is_ancestor(const struct task *c, const struct task *t);
unsigned seccomp_count(const struct task *t);
/* What they are asked about: struct seccomp_data of the call in t->sys. */
void seccomp_data(const struct task *t, uint32_t data[BPF_DATA_WORDS]);
/* What the filters say to that call; *log: whether it is to be logged; *l: the listener of the filter that said so, or NULL. */
uint32_t seccomp_ask(const struct task *t, bool *log, struct seccomp_listener **l);

/* --- check.c --- */

enum seccomp_verdict {
	SECCOMP_CALL,		/* make it */
	SECCOMP_RESULT,		/* do not: *result is what it returns */
	SECCOMP_STOPPED,	/* stopped for its tracer, who decides */
	SECCOMP_WAITS,		/* for a supervisor, who does; t->asked is set until it is known what */
};
/*
 * The call in t->sys, pc behind it, of a filtered task.  after_trace: its tracer has let it go on.  The task may have ended or
 * been sent a signal: *result is SYS_NO_RETURN then.
 */
enum seccomp_verdict seccomp_check(struct task *t, bool after_trace, int64_t *result);

/* --- notify.c --- */

/* t, which waited for a supervisor, runs again: the same verdicts. */
enum seccomp_verdict seccomp_resume(struct task *t, int64_t *result);
/* Its call is over, or it is: nobody need decide any more. */
void seccomp_leave(struct task *t);

#endif
