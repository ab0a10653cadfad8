/* SPDX-License-Identifier: MIT
 *
 * The scheduler.  Runnable tasks stand in one queue, first come first served; each runs for a slice of
 * retired instructions that grows and shrinks with its nice value as CFS weights do, so that the
 * shares of the processor are in the kernel's proportions and picking the next task is O(1).
 *
 * Between slices the outside world is served: deadlines, timers, host descriptors.  When
 * nothing can run the emulator sleeps in host_poll().
 */
#include <errno.h>
#include <stdlib.h>
#include "emu/debug/strace.h"
#include "emu/host/clock.h"
#include "emu/host/poll.h"
#include "emu/host/signals.h"
#include "emu/kernel/clock_event.h"
#include "emu/kernel/klog.h"
#include "emu/ptrace/ptrace.h"
#include "emu/sys/syscall.h"
#include "emu/kernel/tasks.h"
#include "emu/kernel/timers.h"

#define POLL_INTERVAL_NS 1000000u	/* host descriptors are looked at at least this often, and at most */
#define LOAD_INTERVAL_NS 5000000000u	/* LOAD_FREQ of kernel/sched/loadavg.c */

/* Weight of nice -20..19 relative to nice 0 = 1024: each step is 1.25 (sched_prio_to_weight). */
static uint64_t slice_of(const struct task *t)
{
	uint64_t slice = t->machine->options.slice;
	int n = t->nice;

	for (; n > 0; n--)
		slice = slice * 4 / 5;
	for (; n < 0; n++)
		slice = slice * 5 / 4;
	return slice ? slice : 1;
}

void sched_enqueue(struct task *t)
{
	struct tasks *ts = t->machine->tasks;

	if (t->queued || t == ts->current)
		return;
	t->queued = true;
	t->run_next = NULL;
	t->run_prev = ts->run_last;
	*(ts->run_last ? &ts->run_last->run_next : &ts->run_first) = t;
	ts->run_last = t;
	ts->runnable++;
}

void sched_dequeue(struct task *t)
{
	struct tasks *ts = t->machine->tasks;

	if (!t->queued)
		return;
	*(t->run_prev ? &t->run_prev->run_next : &ts->run_first) = t->run_next;
	*(t->run_next ? &t->run_next->run_prev : &ts->run_last) = t->run_prev;
	t->queued = false;
	ts->runnable--;
}

void task_wake(struct task *t)
{
	t->woken = true;
	if (t->state == TASK_SLEEPING) {
		t->state = TASK_RUNNABLE;
		sched_enqueue(t);
	}
}

void task_stop(struct task *t)
{
	if (t->state != TASK_RUNNABLE && t->state != TASK_SLEEPING)
		return;
	sched_dequeue(t);
	t->state = TASK_STOPPED;
}

void task_resume(struct task *t)
{
	if (t->state != TASK_STOPPED && t->state != TASK_TRACED)
		return;
	t->state = TASK_RUNNABLE;
	t->woken = true;
	sched_enqueue(t);
}

void task_yield(struct task *t)
{
	t->yields = true;
}

int64_t task_block(struct task *t)
{
	return task_signalled(t) ? -ERESTARTSYS : SYS_BLOCK;
}

bool task_deadline_at(struct task *t, uint64_t monotonic_ns)
{
	if (!t->sys.deadline) {
		t->sys.deadline = monotonic_ns ? monotonic_ns : 1;
		t->sys.timed_out = clock_monotonic(t->machine) >= monotonic_ns;
	}
	return t->sys.timed_out;
}

bool task_deadline(struct task *t, uint64_t ns_from_now)
{
	uint64_t now = clock_monotonic(t->machine);

	return task_deadline_at(t, ns_from_now > UINT64_MAX - 1 - now ? UINT64_MAX - 1 : now + ns_from_now);
}

bool task_deadline_realtime(struct task *t, uint64_t realtime_ns)
{
	uint64_t now = (uint64_t)clock_realtime(t->machine);

	t->sys.deadline = 0;
	t->sys.timed_out = false;
	return task_deadline(t, realtime_ns > now ? realtime_ns - now : 0);
}

/* --- Running --- */

/* What a stop of the hart that is not a system call means to the task. */
static void hart_trapped(struct task *t, enum hart_stop stop)
{
	const struct hart *h = &t->machine->hart;
	uint32_t pc = t->regs.pc;

	switch (stop) {
	case HART_FAULT:
		/* Linux on no-MMU says SEGV_ACCERR too, but reports the pc as the address. */
		signal_fault(t, 11, 2, t->machine->options.compat_linux ? pc : h->trap.value);
		break;
	case HART_MISALIGNED:
		signal_fault(t, 7, 1, h->trap.value);
		break;
	case HART_EBREAK:
		signal_fault(t, 5, 1, pc);
		break;
	default:
		signal_fault(t, 4, 1, pc);
		break;
	}
}

static bool deliverable(const struct task *t)
{
	return task_signalled(t) || t->restore_blocked;
}

/* Runs t until its slice is over, it blocks, stops or ends. */
static void run_slice(struct machine *m, struct task *t)
{
	struct hart *h = &m->hart;
	uint64_t end = h->instret + (t->stepping ? 1 : slice_of(t));

	if (t->process->continue_untold)
		signal_continued(t->process);
	if (t->ptrace)
		ptrace_go_on(t);
	if (t->in_syscall && t->state == TASK_RUNNABLE)
		syscall_retry(t);
	while (t->state == TASK_RUNNABLE && !t->in_syscall && !t->yields && !m->halted) {
		enum hart_stop stop;

		if (deliverable(t)) {
			signal_deliver(t, NULL);
			continue;
		}
		t->notified = false;	/* of what others have taken, or is blocked now */
		if (h->instret >= end)
			break;
		/* Calls that somebody watches are made between runs. */
		h->on_ecall = t->traced || m->strace ? NULL : syscall_in_hart;
		stop = hart_run(h, end - h->instret);
		if (stop == HART_ECALL)
			syscall_enter(t);
		else if (stop == HART_BUDGET)
			break;
		else if (stop != HART_CALLED)
			hart_trapped(t, stop);
	}
	if (t->stepping && h->instret >= end && t->state == TASK_RUNNABLE)
		ptrace_stepped(t);
}

/* Dead tasks are freed only here, where no call of theirs is under way. */
static void bury(struct tasks *ts)
{
	struct task *t;

	while ((t = ts->dead)) {
		ts->dead = t->hash_next;
		task_free(t);
	}
}

void sched_account(struct machine *m)
{
	struct tasks *ts = m->tasks;
	uint64_t now;

	if (!ts->current)
		return;
	now = clock_monotonic(m);
	ts->current->utime_ns += now - ts->slice_start_ns;
	ts->slice_start_ns = now;
}

static void run_task(struct machine *m, struct task *t, uint64_t now)
{
	struct tasks *ts = m->tasks;
	uint64_t before = m->hart.instret;

	ts->current = t;
	ts->slice_start_ns = now;
	ts->runnable++;
	t->yields = false;
	ts->switches++;
	m->hart.regs = &t->regs;
	m->hart.ecall_owner = t;
	hart_drop_reservation(&m->hart);

	run_slice(m, t);

	t->instructions += m->hart.instret - before;
	sched_account(m);
	ts->current = NULL;
	if (t->state != TASK_ZOMBIE && t->state != TASK_DEAD && t->process->timers)
		timers_charge(t->process);
	ts->runnable--;
	m->hart.regs = &m->hart.own_regs;
	if (t->state == TASK_RUNNABLE) {
		t->nivcsw++;
		sched_enqueue(t);
	} else {
		t->nvcsw++;
	}
	bury(ts);
}

/* The exponential averages of kernel/sched/loadavg.c, caught up after a long sleep. */
static void update_load(struct tasks *ts, uint64_t now)
{
	static const uint32_t decay[3] = { 1884, 2014, 2037 };	/* EXP_1, EXP_5, EXP_15 */
	uint32_t active = ts->runnable << 11;

	for (int n = 0; now - ts->last_load_ns >= LOAD_INTERVAL_NS; n++) {
		ts->last_load_ns += LOAD_INTERVAL_NS;
		if (n > 2000) {		/* hours of sleep: everything has decayed */
			ts->last_load_ns = now;
			break;
		}
		for (int i = 0; i < 3; i++) {
			uint64_t load = (uint64_t)ts->load[i] * decay[i] + (uint64_t)active * (2048 - decay[i]);

			if (active >= ts->load[i])
				load += 2047;
			ts->load[i] = (uint32_t)(load >> 11);
		}
	}
}

static void idle(struct machine *m, uint64_t now)
{
	struct tasks *ts = m->tasks;
	uint64_t until = time_heap_next(&ts->deadlines), timer = clock_events_next(m);

	if (timer < until)
		until = timer;
	if (until == UINT64_MAX)
		host_poll(m, m->options.deterministic ? 0 : -1);
	else if (until > now)
		host_poll(m, m->options.deterministic ? 0 : (int64_t)(until - now));
	if (ts->run_first)
		return;
	if (until != UINT64_MAX)
		clock_skip(m, until);
	else if (m->options.deterministic)
		host_poll(m, -1);
	ts->idle_ns += clock_monotonic(m) - now;
}

static void expire_deadlines(struct tasks *ts, uint64_t now)
{
	while (time_heap_next(&ts->deadlines) <= now) {
		struct task *t = task_of_deadline(time_heap_first(&ts->deadlines));

		time_heap_remove(&ts->deadlines, &t->deadline);
		t->sys.timed_out = true;
		task_wake(t);
	}
}

void tasks_run(struct machine *m)
{
	struct tasks *ts = m->tasks;

	while (!m->halted) {
		uint64_t now = clock_monotonic(m);
		struct task *t;

		host_signals_poll(m);
		expire_deadlines(ts, now);
		if (clock_events_next(m) <= now)
			clock_events_run(m, now);
		if (now - ts->last_load_ns >= LOAD_INTERVAL_NS)
			update_load(ts, now);
		if (now - ts->last_poll_ns >= POLL_INTERVAL_NS) {
			ts->last_poll_ns = now;
			host_poll(m, 0);
		}
		t = ts->run_first;
		if (!t) {
			idle(m, now);
			continue;
		}
		sched_dequeue(t);
		run_task(m, t, now);
	}
}

/* --- The table --- */

int tasks_new(struct machine *m)
{
	m->tasks = calloc(1, sizeof *m->tasks);
	return m->tasks ? 0 : -ENOMEM;
}

struct task *tasks_make_init(struct machine *m)
{
	struct task *t;
	int err;

	t = task_alloc(m, &err);
	if (!t)
		return NULL;
	t->state = TASK_SLEEPING;
	t->cred.cap_effective = t->cred.cap_permitted = (1ull << 41) - 1;
	t->sighand = sighand_copy(NULL);
	if (!t->sighand)
		goto fail;
	m->tasks->init = process_alloc(m, t, NULL);
	if (!m->tasks->init)
		goto fail;
	return t;
fail:
	task_free(t);
	return NULL;
}

void tasks_free(struct machine *m)
{
	struct tasks *ts = m->tasks;

	if (!ts)
		return;
	bury(ts);
	while (ts->first) {
		struct process *p = ts->first;
		struct task *leader = p->leader;

		while (p->threads) {
			struct task *t = p->threads;

			process_remove_thread(t);
			if (t != leader)
				task_free(t);
		}
		while (p->children)
			process_adopt(p->children, NULL);
		if (leader)
			task_free(leader);
		process_free(p);
	}
	time_heap_fini(&ts->deadlines);
	free(ts);
	m->tasks = NULL;
}
