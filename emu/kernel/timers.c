/* SPDX-License-Identifier: MIT */
#include "emu/kernel/timers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include "emu/event/quota.h"
#include "emu/host/clock.h"
#include "emu/signal/signal_internal.h"
#include "emu/kernel/timer.h"

#define TICK_NS 4000000u	/* a kernel's with HZ=250 */

static struct timer *of(struct clock_event *e)
{
	return (struct timer *)(void *)((char *)e - offsetof(struct timer, event));
}

/* --- Arming --- */

static void expire(struct clock_event *e);

void timer_disarm(struct timer *t)
{
	if (t->expires && guest_clock_is_cpu(&t->clock) && !t->awaited)
		tree_remove(&t->process->timers->cpu_armed, &t->cpu_armed);
	clock_event_remove(t->process->machine, &t->event);
	t->expires = 0;
	t->awaited = false;
}

/* again: as the next of its periods. */
static int arm(struct timer *t, uint64_t expires, uint64_t interval, bool again)
{
	struct machine *m = t->process->machine;
	int err = 0;

	timer_disarm(t);
	t->interval = expires ? interval : 0;
	if (!expires)
		return 0;
	t->expires = expires;
	if (guest_clock_is_cpu(&t->clock)) {
		tree_insert(&t->process->timers->cpu_armed, &t->cpu_armed);
	} else if (t->notify != TIMER_NONE) {
		t->event.realtime = t->clock.kind == CLOCK_KIND_REAL;
		t->event.expires = expires;
		t->event.fire = expire;
		err = again ? clock_event_again(m, &t->event) : clock_event_add(m, &t->event);
		if (err)
			t->expires = 0;
	}
	return err;
}

int timer_arm(struct timer *t, uint64_t expires, uint64_t interval)
{
	t->rests_until = 0;
	return arm(t, expires, interval, false);
}

/* Moves an expired periodic timer behind `by`, and counts the periods. */
static void forward(struct timer *t, uint64_t by)
{
	uint64_t n;

	if (by < t->expires)
		return;
	n = (by - t->expires) / t->interval + 1;
	t->expires += n * t->interval;
	t->passed += n;
}

/* Into its next period; now by its clock. */
static int go_on(struct timer *t, uint64_t now)
{
	t->rests_until = now + CLOCK_EVENT_REST_NS;
	return arm(t, t->expires, t->interval, true);
}

uint64_t timer_left(struct timer *t)
{
	uint64_t now;

	if (!t->expires || !guest_clock_read(t->process->machine, &t->clock, &now))
		return 0;
	if (t->awaited && t->id < 0)
		return 0;
	if (t->interval && (t->awaited || t->notify == TIMER_NONE))
		forward(t, now);
	if (t->expires > now)
		return t->expires - now;
	return t->notify == TIMER_NONE ? 0 : 1;		/* about to expire: not yet over */
}

/* --- Expiring --- */

/* rest: ns from now on in which it does not expire (the periods of that time count as over). */
static void next_period(struct timer *t, uint64_t rest)
{
	uint64_t now;

	if (!t->interval || !guest_clock_read(t->process->machine, &t->clock, &now)) {
		timer_disarm(t);
		return;
	}
	forward(t, now + rest);
	(void)go_on(t, now);	/* cannot fail: it was in the heap a moment ago */
}

/* It waits, out of all queues, until its signal is taken: a program that does not keep up is not sent more of them. */
static void await_signal(struct timer *t)
{
	clock_event_remove(t->process->machine, &t->event);
	if (guest_clock_is_cpu(&t->clock))
		tree_remove(&t->process->timers->cpu_armed, &t->cpu_armed);
	t->awaited = true;
}

static void expire_itimer(struct timer *t)
{
	signal_send_process(t->process, t->signo, NULL);
	if (!t->interval || guest_clock_is_cpu(&t->clock))
		next_period(t, 0);
	else
		await_signal(t);	/* it_real_fn(): for good, if the signal is ignored */
}

static void expire_posix(struct timer *t)
{
	struct signal_info info = { .signo = t->signo, .code = SI_TIMER };
	struct task *to = t->tid ? task_find(t->process->machine, t->tid) : NULL;
	bool queued;

	info.timer.timer_id = t->id;
	info.timer.value = t->value;
	if (t->notify == TIMER_NONE || (t->tid && (!to || to->process != t->process)))
		queued = false;
	else
		queued = (t->sent && signal_timer_again(t->process, t->id)) || signal_send_timer(t->process, to, &info);
	t->sent |= queued;
	if (!t->interval || t->notify == TIMER_NONE)
		next_period(t, 0);
	else if (!queued)	/* posix_timer_fn(): once a tick it looks whether the signal is still ignored */
		next_period(t, t->interval < TICK_NS ? TICK_NS : 0);
	else
		await_signal(t);
}

static void expire(struct clock_event *e)
{
	struct timer *t = of(e);

	if (t->id < 0)
		expire_itimer(t);
	else
		expire_posix(t);
}

void timers_signal_taken(struct process *p, struct signal_info *info)
{
	struct timer *t = timer_by_id(p, info->timer.timer_id);
	uint64_t now;

	if (!t)
		return;
	t->sent = false;
	if (!t->awaited)
		return;
	if (!guest_clock_read(p->machine, &t->clock, &now))
		return;
	forward(t, now);
	t->overrun = t->passed ? t->passed - 1 : 0;	/* one is that of this signal; none if the clock was set back */
	t->passed = 0;
	info->timer.overrun = t->overrun > INT32_MAX ? INT32_MAX : (int)t->overrun;
	if (go_on(t, now))
		t->interval = 0;	/* no memory: it was the last one */
}

void timers_alarm_taken(struct process *p)
{
	struct timer *t = p->timers ? &p->timers->itimer[0] : NULL;

	if (t && t->awaited)
		next_period(t, 0);
}

/* --- On CPU time --- */

void timers_charge(struct process *p)
{
	struct posix_timers *pt = p->timers;

	wake_all(&pt->cpu_wait);
	for (struct tree_node *n = tree_first(&pt->cpu_armed), *next; n; n = next) {
		struct timer *t = tree_entry(n, struct timer, cpu_armed);
		uint64_t now;

		next = tree_next(n);
		if (guest_clock_read(p->machine, &t->clock, &now) && t->expires <= now && t->rests_until <= now)
			expire(&t->event);
	}
}

void timers_wait_cpu(struct task *t)
{
	struct posix_timers *pt = timers_of(t->process);

	if (pt)
		wait_on(&pt->cpu_wait, t);
	else
		task_wake(t);	/* no memory: ask again */
}

/* --- A process's timers --- */

static struct timer *of_id(const struct tree_node *n) { return tree_entry(n, struct timer, by_id); }
static struct timer *of_armed(const struct tree_node *n) { return tree_entry(n, struct timer, cpu_armed); }

static int compare_ids(const struct tree_node *a, const struct tree_node *b) { return of_id(a)->id < of_id(b)->id ? -1 : 1; }
static int compare_armed(const struct tree_node *a, const struct tree_node *b) { return of_armed(a)->id < of_armed(b)->id ? -1 : 1; }

static const struct tree_ops id_ops = { compare_ids, NULL }, armed_ops = { compare_armed, NULL };

struct posix_timers *timers_of(struct process *p)
{
	static const int signals[ITIMER_COUNT] = { SIGALRM, SIGVTALRM, SIGPROF };
	struct posix_timers *pt = p->timers;

	if (pt)
		return pt;
	pt = calloc(1, sizeof *pt);
	if (!pt)
		return NULL;
	tree_init(&pt->by_id, &id_ops);
	tree_init(&pt->cpu_armed, &armed_ops);
	for (int i = 0; i < ITIMER_COUNT; i++) {
		struct timer *t = &pt->itimer[i];

		t->process = p;
		t->id = -1 - i;
		t->signo = signals[i];
		t->clock = (struct guest_clock){
			.kind = i ? CLOCK_KIND_CPU_PROCESS : CLOCK_KIND_MONOTONIC, .resolution = 1,
			.id = p->pid, .user_only = i == 1,
		};
		t->base = t->clock;
	}
	p->timers = pt;
	return pt;
}

int timer_new(struct task *by, struct timer **out)
{
	struct process *p = by->process;
	struct posix_timers *pt = timers_of(p);
	struct timer *t;

	if (!pt || quota_take_up_to(p->machine, by->cred.uid, QUOTA_SIGNALS, p->rlimit[11].cur))
		return -EAGAIN;
	t = calloc(1, sizeof *t);
	if (!t) {
		quota_give(p->machine, by->cred.uid, QUOTA_SIGNALS);
		return -EAGAIN;
	}
	t->process = p;
	t->uid = by->cred.uid;
	do {
		t->id = pt->next_id;
		pt->next_id = t->id == INT32_MAX ? 0 : t->id + 1;
	} while (timer_by_id(p, t->id));
	tree_insert(&pt->by_id, &t->by_id);
	*out = t;
	return 0;
}

struct timer *timer_by_id(struct process *p, int id)
{
	struct tree_node *n = p->timers ? p->timers->by_id.root : NULL;

	while (n && of_id(n)->id != id)
		n = id < of_id(n)->id ? n->left : n->right;
	return n ? of_id(n) : NULL;
}

void timer_delete_one(struct timer *t)
{
	timer_disarm(t);
	if (t->sent)
		signal_cancel_timer(t->process, t->id);
	tree_remove(&t->process->timers->by_id, &t->by_id);
	quota_give(t->process->machine, t->uid, QUOTA_SIGNALS);
	free(t);
}

void timers_exec(struct process *p)
{
	struct posix_timers *pt = p->timers;

	while (pt && pt->by_id.root)
		timer_delete_one(of_id(pt->by_id.root));
}

void timers_exit(struct process *p)
{
	struct posix_timers *pt = p->timers;

	if (!pt)
		return;
	timers_exec(p);
	for (int i = 0; i < ITIMER_COUNT; i++)
		timer_disarm(&pt->itimer[i]);
	wait_queue_fini(&pt->cpu_wait);
	p->timers = NULL;
	free(pt);
}
