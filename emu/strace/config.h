/* SPDX-License-Identifier: MIT
 *
 * What --strace shows, and how: strace(1)'s own options and expressions.
 *
 *	--strace			every call of every task
 *	--strace=EXPR			as `strace -e EXPR`: trace=file,!read  status=failed  inject=openat:error=EIO:when=2
 *	--strace='-c -e trace=%file'	options, when it begins with a dash; words may be quoted as in a shell
 *
 * May be given several times; what comes later adds to it, and of one kind the last counts, as with strace.
 * The table of options is in config.c, that of -e's keys in expr.c, the classes of calls in sets.c.
 */
#ifndef EMU_STRACE_CONFIG_H
#define EMU_STRACE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "emu/sys/syscall.h"

enum { STRACE_STRING_LIMIT = 32, STRACE_COLUMN = 40, STRACE_WHY = 200 };

/* A set of system calls.  unknown: the numbers that are in no table. */
struct strace_calls { uint64_t bit[SYSCALL_MAX / 64]; bool unknown; };
/* A set of descriptors: those listed, or with `others` all but those. */
struct strace_fds { bool others; unsigned count; int fd[32]; };

/* What is done to a call instead of, or before, making it (strace's -e inject). */
struct strace_injection {
	struct strace_injection *next;
	bool answered;			/* the call is not made; its result is: */
	int64_t result;			/* or -errno */
	int signo;			/* sent when the call begins; 0: none */
	unsigned first, last, step;	/* which of a task's calls, counted from 1; step 0: only the first */
};

enum strace_status { STRACE_SUCCESSFUL = 1, STRACE_FAILED = 2, STRACE_UNFINISHED = 4, STRACE_UNAVAILABLE = 8,
		     STRACE_DETACHED = 16, STRACE_ANY_STATUS = 31 };
enum strace_summary { SUMMARY_NONE, SUMMARY_ONLY, SUMMARY_TOO };
enum strace_stamp { STAMP_NONE, STAMP_TIME, STAMP_UNIX };
enum strace_xlat { XLAT_ABBREV, XLAT_RAW, XLAT_VERBOSE };
enum strace_decode { DECODE_PATH = 1, DECODE_SOCKET = 2, DECODE_DEV = 4, DECODE_PIDFD = 8, DECODE_ALL = 15 };
enum strace_order { ORDER_TIME, ORDER_CALLS, ORDER_ERRORS, ORDER_NAME, ORDER_AVERAGE, ORDER_NONE };

struct strace_config {
	char *output;			/* -o; NULL: stderr */
	bool append, separate;		/* -A; -ff: a file for each task, OUTPUT.PID */
	bool follow;			/* -f, the default */
	bool quiet_attach, quiet_exit;	/* -q, -qq */
	unsigned decode_fds;		/* -y: DECODE_PATH, -yy: all; enum strace_decode */
	enum strace_xlat xlat;		/* -X: names, numbers, or both */
	bool verbose;			/* -v */
	bool pc, number;		/* -i, -n */
	unsigned hex;			/* -x 1: strings that need it; -xx 2: all */
	unsigned string_limit, column;	/* -s, -a */
	enum strace_stamp stamp;	/* -t */
	unsigned stamp_digits;		/* of a second */
	bool relative, duration;	/* -r, -T */
	unsigned relative_digits, duration_digits;
	enum strace_summary summary;	/* -c, -C */
	bool wall;			/* -w */
	enum strace_order order;	/* -S */
	struct strace_calls trace, raw;
	uint64_t signals;		/* shown; bit n-1 for signal n */
	unsigned status;		/* enum strace_status */
	struct strace_fds dump_read, dump_write;
	char *path[16];			/* -P: only calls that concern one of these */
	unsigned paths;
	struct strace_injection *injection[SYSCALL_MAX];	/* the last one that names the call */
	struct strace_injection *injections;			/* all, owned */
};

struct strace_text;
/* --- flags.c: as -X says --- */
enum strace_xlat text_xlat(const struct strace_text *o);

void strace_config_init(struct strace_config *c);
/*
 * What was given to one --strace=TEXT. 0; or -EINVAL and what is wrong with it in why; -ENOMEM.  *c must be freed in
 * either case.
 */
int strace_config_parse(struct strace_config *c, const char *text, char why[STRACE_WHY]);
void strace_config_free(struct strace_config *c);

/* --- expr.c: -e --- */
int strace_expr(struct strace_config *c, const char *text, char why[STRACE_WHY]);

/* "path,dev", "all", "none"; 0 or -EINVAL. */
int strace_decode_parse(unsigned *decode, const char *text, char why[STRACE_WHY]);

/* --- sets.c --- */
/* "file,!read", "%network", "/^open", "all", "!write"; 0 or -EINVAL. */
int strace_calls_parse(struct strace_calls *set, const char *text, char why[STRACE_WHY]);
int strace_signals_parse(uint64_t *set, const char *text, char why[STRACE_WHY]);
int strace_fds_parse(struct strace_fds *set, const char *text, char why[STRACE_WHY]);
static inline bool strace_calls_has(const struct strace_calls *s, uint32_t nr)
{
	return syscall_name(nr) ? s->bit[nr / 64] >> (nr % 64) & 1 : s->unknown;
}
bool strace_fds_has(const struct strace_fds *s, int fd);
/* "SIGINT", "INT" or "2"; 0: none of them. */
int strace_signal_number(const char *text);

#endif
