/* SPDX-License-Identifier: MIT
 *
 * The scheduler: what runs on the hart, and for how long (docs/scheduler.md).  The run queue says who is next; each runs
 * for a slice of retired instructions.
 *
 * Between slices the outside world is served: deadlines, timers, host descriptors.  When
 * nothing can run the emulator sleeps in host_poll().
 */
#include <errno.h>
#include <stdlib.h>
#include "emu/strace/strace.h"
#include "emu/display/display.h"
#include "emu/host/clock.h"
#include "emu/host/poll.h"
#include "emu/host/signals.h"
#include "emu/host/ticks.h"
#include "emu/kernel/check.h"
#include "emu/kernel/cred.h"
#include "emu/kernel/clock_event.h"
#include "emu/kernel/log.h"
#include "emu/kernel/rseq.h"
#include "emu/ptrace/ptrace.h"
#include "emu/sys/syscall.h"
#include "emu/kernel/tasks.h"
#include "emu/kernel/timers.h"

#define POLL_INTERVAL_NS 1000000u	/* host descriptors are looked at at least this often, and at most */

static struct task *task_of_run(struct run_node *n)
{
	return n ? (struct task *)(void *)((char *)n - offsetof(struct task, run)) : NULL;
}

void sched_enqueue_as(struct task *t, enum run_how how)
{
	struct tasks *ts = t->machine->tasks;

	if (t->run.queued || t->dl.throttled.place || t == ts->current)
		return;
	if (how == RUN_WOKEN && t->policy == POLICY_DEADLINE)
		sched_deadline_wake(t);
	run_queue_add(&ts->queue, &t->run, how);
	if (ts->current && run_queue_preempts(&t->run, &ts->current->run))
		ts->current->yields |= YIELD_PREEMPTED;
}

void sched_enqueue(struct task *t)
{
	sched_enqueue_as(t, RUN_WOKEN);
}

bool sched_dequeue(struct task *t)
{
	struct tasks *ts = t->machine->tasks;
	bool waited = t->run.queued || t->dl.throttled.place;

	run_queue_remove(&ts->queue, &t->run);
	time_heap_remove(&ts->throttled, &t->dl.throttled);
	return waited;
}

void sched_look(struct machine *m)
{
	struct tasks *ts = m->tasks;
	const struct run_node *first = run_queue_first(&ts->queue);

	if (ts->current && first && run_queue_preempts(first, &ts->current->run))
		ts->current->yields |= YIELD_PREEMPTED;
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
	t->yields |= YIELD_BEHIND;
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
	uint64_t end = h->instret + (t->stepping ? 1 : m->options.slice);

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
		h->on_ecall = t->traced || t->filtered || m->strace ? NULL : syscall_in_hart;
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

/* It comes off the hart, having run for so many instructions and ns. */
static void off_hart(struct task *t, uint64_t instructions, uint64_t ns, uint64_t now)
{
	struct tasks *ts = t->machine->tasks;
	enum run_how how = t->yields & YIELD_BEHIND ? RUN_BEHIND : RUN_ON;
	bool goes_on = t->state == TASK_RUNNABLE;

	run_queue_charge(&ts->queue, &t->run, instructions, ns);
	if (policy_is_rt(t->policy)) {
		t->rt_ns = goes_on ? t->rt_ns + ns : 0;
		t->rr_left -= t->rr_left < instructions ? t->rr_left : instructions;
		if (t->policy == POLICY_RR && !t->rr_left) {
			t->rr_left = SCHED_RR_SLICE;
			how = RUN_BEHIND;
		}
	}
	if (t->policy == POLICY_DEADLINE && !sched_deadline_ran(t, ns, now, goes_on))
		return;
	if (goes_on)
		sched_enqueue_as(t, how);
}

/* Runs t for a slice.  Both of these return the time then: looking at the clock is a good part of what a switch costs. */
static uint64_t run_task(struct machine *m, struct task *t, uint64_t now)
{
	struct tasks *ts = m->tasks;
	uint64_t before = m->hart.instret, stime = t->stime_ns, end;
	bool switched = t != ts->previous;

	ts->current = t;
	ts->slice_start_ns = now;
	ts->slice_start_insns = before;
	t->yields = 0;
	ts->switches += switched;
	m->hart.regs = &t->regs;
	m->hart.ecall_owner = t;
	hart_drop_reservation(&m->hart);
	if (t->rseq.addr && switched)
		rseq_interrupted(t);

	run_slice(m, t);

	t->instructions += m->hart.instret - before;
	end = sched_account(m);
	ts->current = NULL;
	ts->previous = t;
	if (t->state != TASK_ZOMBIE && t->state != TASK_DEAD) {
		/* Not for a try of a blocked call alone: who sleeps on his own CPU time would wake himself for ever. */
		if (t->process->timers && m->hart.instret != before)
			timers_charge(t->process);
		sched_check_limits(t);
	}
	m->hart.regs = &m->hart.own_regs;
	/* A ns of system time counts as an instruction. */
	off_hart(t, m->hart.instret - before + t->stime_ns - stime, end - now, end);
	/* As the kernel counts: somebody else's turn, or nobody's. */
	if (t->state != TASK_RUNNABLE) {
		t->nvcsw++;
		ts->previous = NULL;
	} else if (run_queue_first(&ts->queue) != &t->run) {
		t->nivcsw++;
	}
	log_debug(m, SCHED, "%s[%d]: ran %llu instructions, %s", t->comm, t->tid, (unsigned long long)(m->hart.instret - before),
		  t->state == TASK_RUNNABLE ? "goes on later" : t->in_syscall ? "waits" : "stopped or ended");
	bury(ts);
	return end;
}

static uint64_t next_event(struct machine *m)
{
	const struct tasks *ts = m->tasks;
	uint64_t until = time_heap_next(&ts->deadlines), timer = clock_events_next(m);
	uint64_t more = time_heap_next(&ts->throttled);

	if (timer < until)
		until = timer;
	return more < until ? more : until;
}

/* Nothing can run: sleeps until something may. */
static uint64_t idle(struct machine *m, uint64_t now)
{
	struct tasks *ts = m->tasks;
	uint64_t until = next_event(m), woken;

	if (until == UINT64_MAX)
		host_poll(m, m->options.deterministic ? 0 : -1);
	else if (until > now)
		host_poll(m, m->options.deterministic ? 0 : (int64_t)(until - now));
	if (!ts->queue.count) {
		if (until != UINT64_MAX)
			clock_skip(m, until);
		else if (m->options.deterministic)
			host_poll(m, -1);
	}
	ts->switches++;		/* the kernel's idle task has its turns, too */
	woken = clock_monotonic(m);
	ts->idle_ns += woken - now;
	sched_load(ts, woken, 0);
	return woken;
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

/* --self-check: a record that is wrong is the emulator's fault, and the end. */
static void self_check(struct machine *m)
{
	const char *broken = kernel_check(m);

	if (!broken)
		return;
	klog(m, KLOG_EMERG, "self-check: %s", broken);
	m->halted = true;
	m->status = 125;
}

void tasks_run(struct machine *m)
{
	struct tasks *ts = m->tasks;
	uint64_t now = clock_monotonic(m);
	bool ticking = false;

	while (!m->halted) {
		struct task *t;

		host_signals_poll(m);
		if (now >= m->frame_due)
			display_frame(m, now);
		expire_deadlines(ts, now);
		if (clock_events_next(m) <= now)
			clock_events_run(m, now);
		sched_deadline_expire(ts, now);
		sched_load(ts, now, ts->queue.count);
		if (now - ts->last_poll_ns >= POLL_INTERVAL_NS) {
			ts->last_poll_ns = now;
			host_poll(m, 0);
		}
		t = task_of_run(run_queue_first(&ts->queue));
		if (!t) {
			now = idle(m, now);
			continue;
		}
		run_queue_remove(&ts->queue, &t->run);
		now = run_task(m, t, now);
		if (m->options.self_check)
			self_check(m);
		/* Whoever is through in one time slice needs none. */
		if (!ticking && !m->halted) {
			host_ticks_start(m);
			ticking = true;
		}
	}
	host_ticks_stop();
}

/* --- The table --- */

int tasks_new(struct machine *m)
{
	m->tasks = calloc(1, sizeof *m->tasks);
	if (!m->tasks)
		return -ENOMEM;
	m->tasks->queue.bonus = m->options.slice;
	return 0;
}

struct task *tasks_make_init(struct machine *m)
{
	struct task *t;
	int err;

	t = task_alloc(m, &err);
	if (!t)
		return NULL;
	t->state = TASK_SLEEPING;
	t->cred.cap_effective = t->cred.cap_permitted = t->cred.cap_bounding = CAP_ALL;
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
	time_heap_fini(&ts->throttled);
	run_queue_fini(&ts->queue);
	free(ts);
	m->tasks = NULL;
}
