/* SPDX-License-Identifier: MIT
 *
 * Queues and sending (kernel/signal.c: prepare_signal, __send_signal_locked, complete_signal).
 */
#include "emu/signal/signal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include "emu/event/quota.h"
#include "emu/ptrace/ptrace.h"
#include "emu/signal/signal_internal.h"
#include "emu/kernel/log.h"
#include "emu/kernel/tasks.h"
#include "emu/kernel/timers.h"

/* --- Queues --- */

/* of_timer: that has taken a place for it.  limit: how many t's user may have (__sigqueue_alloc()). */
static bool enqueue(struct task *t, struct signal_queue *q, const struct signal_info *info, bool of_timer, uint64_t limit)
{
	struct machine *m = t->machine;
	struct signal_pending *e;

	if (!of_timer && quota_take_up_to(m, t->cred.uid, QUOTA_SIGNALS, limit))
		return false;
	e = malloc(sizeof *e);
	if (!e) {
		if (!of_timer)
			quota_give(m, t->cred.uid, QUOTA_SIGNALS);
		return false;
	}
	*e = (struct signal_pending){ .info = *info, .machine = m, .uid = t->cred.uid, .of_timer = of_timer };
	*(q->last ? &q->last->next : &q->first) = e;
	q->last = e;
	q->count++;
	return true;
}

/* Frees the entry after prev (NULL: the first). */
static void drop_entry(struct signal_queue *q, struct signal_pending *prev, struct signal_pending *e)
{
	*(prev ? &prev->next : &q->first) = e->next;
	if (q->last == e)
		q->last = prev;
	q->count--;
	if (!e->of_timer)
		quota_give(e->machine, e->uid, QUOTA_SIGNALS);
	free(e);
}

static void discard(struct signal_queue *q, uint64_t set)
{
	struct signal_pending *e, *next, *prev = NULL;

	if (!(q->set & set))
		return;
	q->set &= ~set;
	for (e = q->first; e; e = next) {
		next = e->next;
		if (signal_in(e->info.signo, set))
			drop_entry(q, prev, e);
		else
			prev = e;
	}
}

void signal_queue_clear(struct signal_queue *q)
{
	discard(q, ~0ull);
}

void signal_discard(struct process *p, uint64_t set)
{
	discard(&p->pending, set);
	for (struct task *t = p->threads; t; t = t->thread_next)
		discard(&t->pending, set);
}

/* The first entry of signo; the bit goes with the last one. */
static void collect(struct signal_queue *q, int signo, struct signal_info *out)
{
	struct signal_pending *e, *prev = NULL, *found_prev = NULL, *found = NULL;
	bool more = false;

	for (e = q->first; e; prev = e, e = e->next) {
		if (e->info.signo != signo)
			continue;
		if (found) {
			more = true;
			break;
		}
		found = e;
		found_prev = prev;
	}
	if (!more)
		q->set &= ~signal_bit(signo);
	if (found) {
		*out = found->info;
		drop_entry(q, found_prev, found);
	} else {
		/* There was no memory for what came with it. */
		*out = (struct signal_info){ .signo = signo, .code = SI_USER };
	}
}

/* Synchronous ones first, then by number (next_signal). 0: none. */
static int next_signal(uint64_t set)
{
	if (set & SIGNALS_SYNC)
		set &= SIGNALS_SYNC;
	return set ? __builtin_ctzll(set) + 1 : 0;
}

/* The task's own fault goes before whatever else is pending (dequeue_synchronous_signal). */
static int fault_pending(const struct task *t, uint64_t mask)
{
	if (!(t->pending.set & mask & SIGNALS_SYNC))
		return 0;
	for (const struct signal_pending *e = t->pending.first; e; e = e->next)
		if (e->info.code > SI_USER && signal_in(e->info.signo, SIGNALS_SYNC & mask))
			return e->info.signo;
	return 0;
}

bool signal_take(struct task *t, uint64_t mask, struct signal_info *out)
{
	struct signal_queue *q = &t->pending;
	int signo = fault_pending(t, mask);

	if (!signo)
		signo = next_signal(q->set & mask);
	if (!signo) {
		q = &t->process->pending;
		signo = next_signal(q->set & mask);
		if (!signo)
			return false;
	}
	collect(q, signo, out);
	if (out->code == SI_TIMER)
		timers_signal_taken(t->process, out);
	if (signo == SIGALRM && q == &t->process->pending)
		timers_alarm_taken(t->process);
	return true;
}

/* --- Sending --- */

static bool unkillable(const struct process *p)
{
	return p == p->machine->tasks->init && !p->init_exposed;
}

/* sig_ignored(): forced signals come from the kernel itself. */
static bool ignored(const struct task *t, int signo, bool forced)
{
	uint32_t handler = t->sighand->action[signo - 1].handler;

	if (signal_in(signo, t->blocked))
		return false;		/* the action may be another one when it is unblocked */
	if (task_is_traced(t) && signo != SIGKILL)
		return false;		/* the tracer wants to know */
	if (unkillable(t->process) && handler == SIGNAL_DFL &&
	    !(forced && signal_in(signo, SIGNALS_KERNEL_ONLY)))
		return true;
	return handler == SIGNAL_IGN || (handler == SIGNAL_DFL && signal_in(signo, SIGNALS_IGNORED));
}

/* What happens at the sending itself; false: the signal ends here. */
static bool prepare(struct process *p, const struct task *t, int signo, bool forced)
{
	if (p->zombie || p->group_exit || p->fatal_signal)
		return false;
	if (signal_in(signo, SIGNALS_STOP)) {
		signal_discard(p, SBIT(SIGCONT));
	} else if (signo == SIGCONT) {
		signal_discard(p, SIGNALS_STOP);
		signal_continue_process(p);
	}
	return !ignored(t, signo, forced);
}

static bool gone(const struct task *t)
{
	return t->state == TASK_ZOMBIE || t->state == TASK_DEAD;
}

/* wants_signal(): would it do any good to wake this one? */
static bool wants(const struct task *t, int signo)
{
	if (gone(t) || signal_in(signo, t->blocked & ~t->awaited))
		return false;
	if (signo == SIGKILL)
		return true;
	if (t->state == TASK_STOPPED || t->state == TASK_TRACED)
		return false;
	return t == t->machine->tasks->current || !task_signalled(t);
}

/* Who takes it: the one it is for, or of a process the main thread if it can, or else any that can. */
static struct task *choose(struct process *p, struct task *to, int signo)
{
	if (to)
		return wants(to, signo) ? to : NULL;
	if (wants(p->leader, signo))
		return p->leader;
	for (struct task *t = p->threads; t; t = t->thread_next)
		if (wants(t, signo))
			return t;
	return NULL;
}

static bool ends_process(const struct task *t, int signo)
{
	if (task_is_traced(t) && signo != SIGKILL)
		return false;		/* the tracer is asked first */
	return t->sighand->action[signo - 1].handler == SIGNAL_DFL && !signal_in(signo, t->blocked) &&
	       !signal_in(signo, SIGNALS_IGNORED | SIGNALS_STOP | SIGNALS_CORE);
}

/* Whatever the threads are at, they end; each as soon as it is its turn, and this signal is the reason. */
static void doom(struct process *p, int signo)
{
	p->fatal_signal = signo;
	for (struct task *t = p->threads; t; t = t->thread_next) {
		if (gone(t))
			continue;
		t->killed = true;
		task_resume(t);
		task_wake(t);
	}
}

/* RLIMIT_SIGPENDING is not for what the kernel and kill(2) send of the old kind (__send_signal_locked()). */
static uint64_t limit_of(const struct process *p, int signo, const struct signal_info *info, bool forced)
{
	return forced || (signo < SIGNAL_RT && info->code >= 0) ? UINT64_MAX : p->rlimit[11].cur;
}

enum sent { SENT_QUEUED, SENT_DROPPED, SENT_FULL };

/* to NULL: to the process.  info is complete. */
static enum sent send(struct process *p, struct task *to, int signo, const struct signal_info *info, bool forced)
{
	struct signal_queue *q = to ? &to->pending : &p->pending;
	struct task *taker, *receiver = to ? to : p->leader;
	bool of_timer = forced && info->code == SI_TIMER;

	if (to && gone(to))
		return SENT_DROPPED;
	if (!prepare(p, receiver, signo, forced))
		return SENT_DROPPED;
	/* One of them is enough; but each timer has a place of its own (send_sigqueue). */
	if (signo < SIGNAL_RT && signal_in(signo, q->set) && !of_timer)
		return SENT_DROPPED;
	/* Before the signal is in the queue: who is awake already need not be woken. */
	taker = choose(p, to, signo);
	if (signo != SIGKILL && !enqueue(receiver, q, info, of_timer, limit_of(p, signo, info, forced))) {
		/* kill(2) may lose what came with it, sigqueue(3) must not. */
		if (signo >= SIGNAL_RT && info->code != SI_USER)
			return SENT_FULL;
	}
	q->set |= signal_bit(signo);
	if (p->leader->sighand->signalfds.first)
		wake_events(&p->leader->sighand->signalfds, POLLIN);
	if (!taker)
		return SENT_QUEUED;
	taker->notified = true;
	if (ends_process(taker, signo))
		doom(p, signo);
	else
		task_wake(taker);
	return SENT_QUEUED;
}

static int deliver_to(struct process *p, struct task *to, int signo, const struct signal_info *info)
{
	struct signal_info own = { .signo = signo, .code = SI_KERNEL };

	if (info) {
		own = *info;
		own.signo = signo;
	}
	return send(p, to, signo, &own, !info) == SENT_FULL ? -EAGAIN : 0;
}

int signal_send_task(struct task *t, int signo, const struct signal_info *info)
{
	log_debug(t->machine, SIGNAL, "%s is sent to task %d", signal_name(signo), t->tid);
	return deliver_to(t->process, t, signo, info);
}

int signal_send_process(struct process *p, int signo, const struct signal_info *info)
{
	log_debug(p->machine, SIGNAL, "%s is sent to process %d", signal_name(signo), p->pid);
	return deliver_to(p, NULL, signo, info);
}

int signal_send_group(struct machine *m, int pgid, int signo, const struct signal_info *info)
{
	int n = 0;

	for (struct process *p = process_first(m); p; p = p->next) {
		if (p->pgid != pgid)
			continue;
		signal_send_process(p, signo, info);
		n++;
	}
	return n;
}

bool signal_send_timer(struct process *p, struct task *t, const struct signal_info *info)
{
	return send(p, t, info->signo, info, true) == SENT_QUEUED;
}

static bool timer_again(struct signal_queue *q, int timer_id)
{
	for (struct signal_pending *e = q->first; e; e = e->next)
		if (e->of_timer && e->info.timer.timer_id == timer_id) {
			e->info.timer.overrun++;
			return true;
		}
	return false;
}

bool signal_timer_again(struct process *p, int timer_id)
{
	bool found = timer_again(&p->pending, timer_id);

	for (struct task *t = p->threads; t && !found; t = t->thread_next)
		found = timer_again(&t->pending, timer_id);
	return found;
}

static void cancel_timer(struct signal_queue *q, int timer_id)
{
	struct signal_pending *e, *prev = NULL;
	bool others = false;
	int signo;

	for (e = q->first; e; prev = e, e = e->next)
		if (e->of_timer && e->info.timer.timer_id == timer_id)
			break;
	if (!e)
		return;
	signo = e->info.signo;
	drop_entry(q, prev, e);
	for (e = q->first; e; e = e->next)
		others |= e->info.signo == signo;
	if (!others)
		q->set &= ~signal_bit(signo);
}

void signal_cancel_timer(struct process *p, int timer_id)
{
	cancel_timer(&p->pending, timer_id);
	for (struct task *t = p->threads; t; t = t->thread_next)
		cancel_timer(&t->pending, timer_id);
}

/* --- Faults --- */

/* force_sig_info_to_task(): neither blocked nor ignored can it be. */
static void force(struct task *t, const struct signal_info *info)
{
	struct signal_action *act = &t->sighand->action[info->signo - 1];

	if (signal_in(info->signo, t->blocked) || act->handler == SIGNAL_IGN) {
		act->handler = SIGNAL_DFL;
		t->blocked &= ~signal_bit(info->signo);
	}
	if (act->handler == SIGNAL_DFL && !task_is_traced(t))
		t->process->init_exposed = true;
	/* One that was pending while blocked is not queued again, but now it has to be seen: else it faults for ever. */
	t->notified = true;
	send(t->process, t, info->signo, info, true);
}

void signal_fault(struct task *t, int signo, int code, uint32_t addr)
{
	struct signal_info info = { .signo = signo, .code = code };

	info.fault.addr = addr;
	force(t, &info);
}

void signal_force(struct task *t, const struct signal_info *info, bool fatal)
{
	if (fatal) {
		t->sighand->action[info->signo - 1].handler = SIGNAL_DFL;
		t->sighand->action[info->signo - 1].flags |= SIGNAL_FINAL;
	}
	force(t, info);
}

void signal_force_segv(struct task *t, int signo)
{
	struct signal_info info = { .signo = SIGSEGV, .code = SI_KERNEL };

	if (signo == SIGSEGV)
		t->sighand->action[SIGSEGV - 1].handler = SIGNAL_DFL;
	force(t, &info);
}

/* --- Masks --- */

/* Signals to the process that this task was to take and now does not: somebody else may (retarget_shared_pending). */
static void retarget(struct task *t, uint64_t newly_blocked)
{
	uint64_t set = t->process->pending.set & newly_blocked;

	if (!set)
		return;
	for (struct task *o = t->process->threads; o; o = o->thread_next)
		if (o != t && !gone(o) && (set & ~o->blocked)) {
			o->notified = true;
			task_wake(o);
		}
}

void signal_set_blocked(struct task *t, uint64_t mask)
{
	uint64_t newly;

	mask &= ~SIGNALS_KERNEL_ONLY;
	newly = mask & ~t->blocked;
	t->blocked = mask;
	if (newly)
		retarget(t, newly);
	t->notified = true;
	if (task_signalled(t))
		task_wake(t);
	else
		t->notified = false;
}

void signal_mask_for_call(struct task *t, uint64_t mask)
{
	if (t->restore_blocked)
		return;		/* a later try */
	t->saved_blocked = t->blocked;
	t->restore_blocked = true;
	signal_set_blocked(t, mask);
}

void signal_exec(struct task *t)
{
	for (int i = 0; i < SIGNALS; i++) {
		struct signal_action *act = &t->sighand->action[i];

		*act = (struct signal_action){ .handler = act->handler == SIGNAL_IGN ? SIGNAL_IGN : SIGNAL_DFL };
	}
	t->altstack = (struct signal_stack){ 0 };
	t->awaited = 0;
	t->notified = true;	/* what another thread was to take is ours now */
}
