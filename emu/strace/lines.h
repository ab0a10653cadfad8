/* SPDX-License-Identifier: MIT
 *
 * Between strace.c, which is told what happens, and lines.c, which writes lines: who is writing where.
 */
#ifndef EMU_STRACE_LINES_H
#define EMU_STRACE_LINES_H

#include "emu/strace/config.h"
#include "emu/strace/internal.h"
#include "emu/strace/summary.h"

struct traced;

/* Where lines go.  Of one for all tasks only one line at a time is unfinished. */
struct strace_out {
	int fd;				/* -1: lines are kept */
	struct traced *writing;		/* whose line is not ended */
	struct strace_text text;	/* not yet written */
};

/* What is known of a task. */
struct traced {
	struct task *task;
	struct traced *next;
	struct strace_out *out;		/* the common one, or with -ff its own */
	struct strace_call call;	/* the one begun and not ended, if `open` */
	bool open;
	bool hidden;			/* the call is not one to show */
	bool injected;			/* it was not made */
	bool comma;			/* the comma before the next argument is written */
	int next_arg;			/* register of the first argument not yet written; 6: all are */
	int column;
	uint64_t begun, served;		/* monotonic ns: when the call began; time spent on serving it */
	uint64_t try_began;
	uint64_t last_line;		/* when its last line was begun, for -r of -ff */
	struct strace_text held;	/* the line so far, if only the call's end says whether it is shown */
	uint16_t *counts;		/* calls so far, by number, of those with an injection */
};

enum { TRACED_BUCKETS = 256 };
struct strace {
	const struct strace_config *config;
	struct strace_out out;
	struct traced *bucket[TRACED_BUCKETS];
	unsigned count;
	bool kept;			/* no output; each task's last lines are kept */
	bool any;			/* there has been a task */
	struct task *only;		/* follow=no: the first */
	char *cwd;			/* with -P: where it all began; NULL: not known */
	uint64_t last_line;
	const struct strace_type *types[SYSCALL_MAX][6];	/* by argument */
	strace_ret_fn ret[SYSCALL_MAX];
	struct strace_counts counts;
};

/* Ends whatever line is unfinished there, " <unfinished ...>". */
void line_break(struct strace_out *out);
/* The prefix of a new line: number, time, and the like. */
void line_begin(struct strace *s, struct traced *r, struct strace_text *o);
/* "name(" and the arguments known before the call is over. */
void line_call(struct strace *s, struct traced *r);
/* The rest of it, r->call.over, up to the end of the line. */
void line_result(struct strace *s, struct traced *r);
/* Its task has ended in it. */
void line_never(struct strace *s, struct traced *r);
/* Where r's line is being written. */
struct strace_text *line_text(struct strace *s, struct traced *r);
/* Writes out what there is. */
void out_flush(struct strace_out *out);

#endif
