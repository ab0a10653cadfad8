/* SPDX-License-Identifier: MIT
 *
 * "Each allocation and each host call of this system call fails once": for programs that run in flat32-inject, whose prctl()
 * arms the failures (tests/inject/control.c).
 *
 *	static void do_pipe(void)		// a case: it makes what it needs, lets one call fail, and cleans up
 *	{
 *		int p[2], r = NTH(pipe2(p, 0));
 *
 *		if (r == 0)
 *			close(p[0]), close(p[1]);
 *	}
 *	static const struct nth_case cases[] = { { "pipe2", do_pipe }, ... };
 *	int main(void) { return nth_run(cases, sizeof cases / sizeof cases[0]); }
 *
 * A case runs until nothing is left to fail, with host calls and then with guest pages. After each run the call must have
 * worked or given an errno of "out of something", and the emulator hold as many allocations and descriptors, and the program
 * as many descriptors and as much memory, as before it.
 */
#ifndef NTH_H
#define NTH_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <unistd.h>
#include "tap.h"

enum { NTH_PRCTL = 0x4e746831, NTH_CALL = 0, NTH_PAGE, NTH_FIRED, NTH_LIVE, NTH_FILES, NTH_CHECK };
enum { NTH_MOST = 3000 };	/* a case that never ends is a mistake */

struct nth_case {
	const char *name;
	void (*run)(void);
};

static struct {
	int kind;		/* NTH_CALL or NTH_PAGE */
	unsigned n;		/* which fails; 0: none */
	int fired;		/* in the last run: it failed */
	int error;		/* errno of the last armed call that did not work, or 0 */
	int bad;		/* a case said so itself */
} nth;

static inline long nth_ctl(int op, unsigned long arg)
{
	return prctl(NTH_PRCTL, op, arg, 0, 0);
}

static inline void nth_arm(void)
{
	if (nth.n)
		nth_ctl(nth.kind, nth.n);
	errno = 0;
}

/* The armed call has come back with result r. */
static inline long nth_done(long r)
{
	int e = errno;

	if (r == -1)
		nth.error = e;
	if (nth.n) {
		nth.fired |= nth_ctl(NTH_FIRED, 0) > 0;
		nth_ctl(nth.kind, 0);
	}
	errno = e;
	return r;
}

#define NTH(call) (nth_arm(), nth_done((long)(call)))

/* What a call may say when something ran out. */
static inline int nth_is_shortage(int error)
{
	switch (error) {
	case 0:
	case ENOMEM:
	case EAGAIN:
	case ENOSPC:
	case ENOBUFS:
	case ENFILE:
	case EMFILE:
	case EIO:
	case ENOLCK:
	case EINTR:
		return 1;
	}
	return 0;
}

struct nth_state {
	long live, files;
	int fds;
	unsigned long free;
};

static inline struct nth_state nth_state(void)
{
	struct nth_state s = { nth_ctl(NTH_LIVE, 0), nth_ctl(NTH_FILES, 0), 0, 0 };
	struct sysinfo info;

	for (int fd = 0; fd < 300; fd++)
		s.fds += fcntl(fd, F_GETFD) != -1;
	sysinfo(&info);
	s.free = info.freeram;
	return s;
}

/* Says what is left behind; 0: nothing. */
static inline int nth_compare(const char *name, const struct nth_state *was)
{
	struct nth_state is = nth_state();
	const char *kind = nth.kind == NTH_CALL ? "host call" : "page allocation";
	int bad = 0;

#define NTH_SAME(field, what)								\
	if (is.field != was->field) {							\
		tap_diag("%s: %s %u fails (%s): %ld %s more than before", name, kind, nth.n,	\
			nth.error ? strerror(nth.error) : "it worked", (long)(is.field - was->field), what);	\
		bad = 1;								\
	}
	NTH_SAME(live, "host allocations");
	NTH_SAME(files, "host descriptors");
	NTH_SAME(fds, "descriptors");
	NTH_SAME(free, "bytes of free memory");
#undef NTH_SAME
	if (!nth_is_shortage(nth.error)) {
		tap_diag("%s: %s %u fails: %s is not an error for that", name, kind, nth.n, strerror(nth.error));
		bad = 1;
	}
	if (nth_ctl(NTH_CHECK, 0)) {
		tap_diag("%s: %s %u fails: the memory management is inconsistent", name, kind, nth.n);
		bad = 1;
	}
	return bad | nth.bad;
}

/* Returns how many failures were made; *bad counts the runs after which something was wrong. */
static inline unsigned nth_sweep(const struct nth_case *c, int kind, unsigned *bad)
{
	struct nth_state was;

	nth.kind = kind;
	nth.n = 0;
	for (int i = 0; i < 3; i++) {		/* what is cached on first use is there afterwards */
		nth.bad = nth.error = 0;
		c->run();
	}
	if (nth.error || nth.bad) {
		tap_diag("%s: fails even if nothing is made to: %s", c->name, strerror(nth.error));
		++*bad;
		return 0;
	}
	was = nth_state();
	for (nth.n = 1; nth.n < NTH_MOST; nth.n++) {
		nth.fired = nth.bad = nth.error = 0;
		c->run();
		if (nth_compare(c->name, &was)) {
			++*bad;
			was = nth_state();
		}
		if (!nth.fired)
			return nth.n - 1;
	}
	tap_diag("%s: does not come to an end", c->name);
	++*bad;
	return nth.n;
}

/* Runs all cases, or those named in only[] (NULL at its end). The status of the program. */
static inline int nth_run(const struct nth_case *cases, unsigned count, char *const *only)
{
	unsigned total = 0;

	tap_plan(0);
	if (nth_ctl(NTH_LIVE, 0) < 0)
		tap_bail("this is for flat32-inject");
	for (unsigned i = 0; i < count; i++) {
		unsigned bad = 0, calls, pages;
		int wanted = !only || !*only;

		for (char *const *name = only; name && *name; name++)
			wanted |= !strcmp(*name, cases[i].name);
		if (!wanted)
			continue;
		calls = nth_sweep(&cases[i], NTH_CALL, &bad);
		pages = nth_sweep(&cases[i], NTH_PAGE, &bad);
		tap_ok(!bad, "%s: %u host calls and %u page allocations failed, each once", cases[i].name, calls, pages);
		total += calls + pages;
	}
	tap_diag("%u failures", total);
	return tap_done();
}

#endif
