/* SPDX-License-Identifier: MIT
 *
 * stress: stressors of a system, each of which checks what it gets.
 *
 * A stressor is one function that does one kind of work over and over, as the program stress-ng has made usual: it is told for how
 * long or how often, counts what it did ("bogo operations"), and is wrong if anything it got was not what it must be.  Its workers are
 * threads of this one program, because a system without an MMU has no fork(); what is about processes runs this program again
 * (process/child.c).
 *
 * A stressor:
 *
 *	enum stress_status stress_eventfd(struct worker *w)
 *	{
 *		get what is needed, or return stress_errno(w, "eventfd");
 *		while (stress_go(w)) {
 *			do something short, and check it: stress_fail(w, "read %d", value)
 *			stress_bogo(w);
 *		}
 *		give all back;
 *		return STRESS_PASSED;
 *	}
 *
 * and a line in stressors.def.  It must pass under any Linux: one that fails on the host is wrong itself.  Workers run beside each
 * other, hundreds of them, with little memory, and are switched at any place: none may take a time for granted, nor the names, signals
 * and limits of the process for its own (but see below).  All descriptors are close-on-exec, and even so others have them for a while: a
 * child of vfork() until it has called execve().  A worker must end soon after stress_go() says so; who waits for another thread
 * has to be sure that that one comes.
 */
#ifndef STRESS_H
#define STRESS_H

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* What became of a worker, and the statuses with which the program ends, as stress-ng's. */
enum stress_status {
	STRESS_PASSED = 0,
	STRESS_USAGE = 1,		/* the program's only */
	STRESS_FAILED = 2,		/* something was not as it must be */
	STRESS_NO_RESOURCE = 3,		/* could not begin: no memory, descriptors, threads */
	STRESS_NOT_HERE = 4,		/* the system has no such thing */
};

struct worker {
	const struct stressor *stressor;
	unsigned number;		/* among those of its stressor, from 0 */
	const char *dir;		/* a folder of its own, which must be empty again in the end; only if the stressor wants one */
	uint32_t random;		/* of stress_random() */
	unsigned long limit;		/* bogo operations to do; 0: until time is up */
	unsigned long done;		/* bogo operations done */
	_Atomic unsigned long refused;	/* how often memory or the like was short */
	_Atomic bool failed;
	char why[96];			/* it could not begin */
	enum stress_status status;
	double seconds;			/* it ran for */
	bool ended;			/* run.c's, as the next */
	struct result *result;
};

enum { STRESS_WANTS_DIR = 1 };

struct stressor {
	const char *name;
	const char *class;
	enum stress_status (*run)(struct worker *w);
	int flags;
	const char *what;		/* a bogo operation of it is */
};

extern const struct stressor stressors[];
extern const int stressors_count;

#define STRESSOR(name, class, function, flags, what) enum stress_status function(struct worker *w);
#include "stressors.def"
#undef STRESSOR

/* How large things are that are said to be on the command line, bytes for each worker. */
struct stress_sizes {
	size_t vm, mmap, malloc, hdd;
};
extern struct stress_sizes stress_sizes;

/* --- what a worker calls */

/* Whether to go on: there is time, and something left to do. */
bool stress_go(const struct worker *w);

/* One bogo operation is done. */
static inline void stress_bogo(struct worker *w)
{
	w->done++;
}

/* Something is wrong, which is said.  The worker ends at its next stress_go().  Any thread of it may call this. */
__attribute__((format(printf, 2, 3)))
enum stress_status stress_fail(struct worker *w, const char *fmt, ...);

/*
 * A call that must not fail has failed, with errno.  Where it was for want of memory, descriptors, room or the like the worker is
 * skipped, and where there is no such call as well; anything else is a failure.  Only for what comes before the first bogo operation, or
 * what may run short at any time.
 */
enum stress_status stress_errno(struct worker *w, const char *call);

/* Whether errno says that something has run short, which is counted: how often a worker was refused what it asked for. */
bool stress_short(struct worker *w);

/* A second thread of a worker, with a small stack (32 KiB).  False: there is none, and errno says why. */
bool stress_thread(pthread_t *t, void *(*function)(void *), void *arg);

/* A pseudo-random number, and one below n, which is not 0. */
uint32_t stress_random(struct worker *w);
uint32_t stress_below(struct worker *w, uint32_t n);

/* CLOCK_MONOTONIC, in seconds. */
double stress_now(void);

/* DIR/NAME of a worker that wants a folder; valid until the worker's next call with the same buffer. */
#define STRESS_PATH 512
const char *stress_path(const struct worker *w, char path[STRESS_PATH], const char *name);

/*
 * A stream of bytes for each seed, from its byte `from` on: written to memory, and looked for there.  stress_check() returns the offset in
 * p of the first byte that is another, or -1.
 */
void stress_fill(void *p, size_t n, uint32_t seed, size_t from);
ssize_t stress_check(const void *p, size_t n, uint32_t seed, size_t from);

/* All n bytes, whatever of them a call takes or gives; n if there were that many, less at the end of file, -1 with errno. */
ssize_t stress_write(int fd, const void *p, size_t n);
ssize_t stress_read(int fd, void *p, size_t n);

/* --- signals: they belong to the whole process, so each has one stressor.  All of them are blocked in every worker. */
enum {
	STRESS_SIG_QUEUE,
	STRESS_SIG_FD,
	STRESS_SIG_SUSPEND,
	STRESS_SIG_PENDING,
	STRESS_SIG_TIMER,
	STRESS_SIG_NEST,		/* and the next three */
	STRESS_SIG_ALTSTACK = STRESS_SIG_NEST + 4,
	STRESS_SIG_RT,			/* and the next three */
	STRESS_SIG_END = STRESS_SIG_RT + 4,
};
static inline int stress_signal(int which)
{
	return SIGRTMIN + 1 + which;
}

/* Sends a queued signal with a value to one thread of this process; 0, or -1 with errno. */
int stress_queue(pid_t tid, int sig, void *value);
pid_t stress_tid(void);

/* Lets a signal through for this thread, or blocks it again. */
void stress_let(int sig, bool through);

/* --- processes: this program again, as process/child.c knows it */

/* The status with which `stress --child ARGV...` ends. */
int stress_child(char **argv);

/* Starts it: vfork() and execve().  The child's id, or -1 with errno.  in: what becomes its stdin, or -1. */
pid_t stress_spawn(const char *what, const char *arg, int in);

/* waitpid() as often as it is interrupted; the status, or -1. */
int stress_wait(pid_t pid, int flags);

/* --- the program */

/* Blocks the stressors' signals, for this thread and all it makes. */
void stress_signals_begin(void);

/* So many workers of a stressor, each of which does so much. */
struct stress_group {
	const struct stressor *stressor;
	unsigned workers;
	unsigned long ops;		/* 0: until time is up */
};

/* What they came to, added up. */
struct result {
	const struct stressor *stressor;
	unsigned workers, passed, failed, no_resource, not_here;
	unsigned long ops, refused;
	double seconds;			/* the mean of the workers' */
	char why[96];			/* one of the skipped was, because */
};

/*
 * Runs all groups at once for at most so many seconds (0: no limit), in a folder of the given one, with a seed for what is random.  Fills results,
 * one for each group.  Who does not end in time, and `grace` seconds more, is named, and the program ended.
 */
void stress_run(const struct stress_group *g, int n, double seconds, double grace, const char *dir, uint32_t seed, struct result *results);

/* Has workers end, from a signal handler too. */
void stress_stop(void);

#endif
