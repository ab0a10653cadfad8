/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE	/* gettid */
#include "emu/host/ticks.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "emu/kernel/tasks.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define TICK_NS 4000000u	/* as a kernel with HZ=250 */

/* There is one thread that runs a guest. */
static struct {
	struct machine *machine;	/* NULL: none is running */
	timer_t timer;
	unsigned all, in_calls;
	const struct task *task;	/* the last one found, and when its slice began */
	uint64_t slice;
	struct sigaction before;
} ticks;

/* The handler runs in the thread it looks at, between two of its instructions. */
static void tick(int sig, siginfo_t *info, void *context)
{
	struct machine *m = ticks.machine;
	struct task *t = m ? m->tasks->current : NULL;
	unsigned n = 1;

	(void)sig;
	(void)context;
	if (!t)
		return;
	if (info->si_code == SI_TIMER && info->si_overrun > 0)
		n += (unsigned)info->si_overrun;
	__atomic_fetch_add(&ticks.all, n, __ATOMIC_RELAXED);
	if (t->sys.nr != ~0u)
		__atomic_fetch_add(&ticks.in_calls, n, __ATOMIC_RELAXED);
	if (ticks.task == t && ticks.slice == m->tasks->slice_start_insns) {
		t->yields |= YIELD_PREEMPTED;
		hart_interrupt(&m->hart);
	}
	ticks.task = t;
	ticks.slice = m->tasks->slice_start_insns;
}

void host_ticks_start(struct machine *m)
{
	struct sigaction sa = { .sa_sigaction = tick, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK };
	const struct itimerspec every = { { 0, TICK_NS }, { 0, TICK_NS } };
	struct sigevent event;

	if (m->options.deterministic)
		return;
	memset(&event, 0, sizeof event);
	event.sigev_notify = SIGEV_THREAD_ID;
	event.sigev_signo = SIGVTALRM;
	event.sigev_notify_thread_id = gettid();
	sigemptyset(&sa.sa_mask);
	/* --profile samples at the host's same ticks, and is to see what this handler interrupts, not the handler. */
	sigaddset(&sa.sa_mask, SIGPROF);
	if (sigaction(SIGVTALRM, &sa, &ticks.before))
		return;
	if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &ticks.timer)) {
		sigaction(SIGVTALRM, &ticks.before, NULL);
		return;
	}
	ticks.machine = m;
	ticks.all = ticks.in_calls = 0;
	timer_settime(ticks.timer, 0, &every, NULL);
}

void host_ticks_stop(void)
{
	if (!ticks.machine)
		return;
	timer_delete(ticks.timer);
	ticks.machine = NULL;
	sigaction(SIGVTALRM, &ticks.before, NULL);
}

unsigned host_ticks_take(struct machine *m, unsigned *in_calls)
{
	if (ticks.machine != m || !ticks.all)
		return 0;
	/* One that comes between the two is the next time's. */
	*in_calls = __atomic_exchange_n(&ticks.in_calls, 0, __ATOMIC_RELAXED);
	return __atomic_exchange_n(&ticks.all, 0, __ATOMIC_RELAXED);
}
