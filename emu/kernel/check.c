/* SPDX-License-Identifier: MIT
 *
 * The task tree, the run queue, what tasks share, what they wait for, their signals, their descriptors; sockets by
 * net_check(), locks of files by locks_check(), and all of mm/ by mm_check().  Each record is compared with what the others say of it: lists with counts,
 * references with who holds them, wait queues with the waiters that stand in them.
 */
#include "emu/kernel/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "emu/fs/locks.h"
#include "emu/kernel/tasks.h"
#include "emu/net/net.h"
#include "emu/seccomp/seccomp.h"

struct check {
	struct machine *m;
	const char *broken;
	unsigned tasks, processes, queued;
};

static char text[200];

__attribute__((format(printf, 2, 3)))
static void broken(struct check *c, const char *fmt, ...)
{
	va_list ap;

	if (c->broken)		/* the first one counts */
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	c->broken = text;
}

/* --- One task --- */

static void check_waits(struct check *c, const struct task *t)
{
	for (const struct wait_entry *e = t->waiter.entries; e; e = e->waiter_next) {
		if (e->waiter != &t->waiter)
			broken(c, "task %d: an entry in a wait queue is another waiter's", t->tid);
		if (!e->queue)
			continue;
		if ((e->prev ? e->prev->next : e->queue->first) != e || (e->next ? e->next->prev : e->queue->last) != e)
			broken(c, "task %d: a wait queue it stands in does not know it", t->tid);
	}
	if (t->waiter.entries && !t->in_syscall)
		broken(c, "task %d stands in a wait queue, but in no system call", t->tid);
}

static void check_signals(struct check *c, const struct signal_queue *q, const char *whose, int id)
{
	uint64_t set = 0;
	unsigned n = 0;
	const struct signal_pending *last = NULL;

	for (const struct signal_pending *p = q->first; p; last = p, p = p->next, n++) {
		if (p->info.signo < 1 || p->info.signo > SIGNALS)
			broken(c, "%s %d: signal %d is queued", whose, id, p->info.signo);
		else
			set |= 1ull << (p->info.signo - 1);
	}
	if (set & ~q->set)
		broken(c, "%s %d: signals %#llx are queued, but only %#llx pending", whose, id,
		       (unsigned long long)set, (unsigned long long)q->set);
	if (n != q->count || last != q->last)
		broken(c, "%s %d: %u signals are queued, not %u", whose, id, n, q->count);
}

/* In the run queue, or one whose deadline class has used its share. */
static bool waits_to_run(const struct task *t) { return t->run.queued || t->dl.throttled.place; }

static void check_state(struct check *c, const struct task *t)
{
	bool live = t->state != TASK_ZOMBIE && t->state != TASK_DEAD;
	const struct time_heap *h = &c->m->tasks->deadlines;

	if (live && (!t->space || !t->fds || !t->fs || !t->sighand) && t->process != c->m->tasks->init)
		broken(c, "task %d lives without memory, files or signals", t->tid);
	if (!live && t->waiter.entries)
		broken(c, "task %d has ended and waits", t->tid);
	if ((t->state == TASK_RUNNABLE) != waits_to_run(t) && t != c->m->tasks->current)
		broken(c, t->run.queued ? "task %d is in the run queue, but cannot run" :
		       "task %d can run, but is not in the run queue", t->tid);
	if (t->deadline.place && (t->deadline.place > h->count || h->at[t->deadline.place] != &t->deadline))
		broken(c, "task %d: its deadline is not where it says", t->tid);
	if (t->traced != (t->ptrace != NULL))
		broken(c, "task %d: traced, or not?", t->tid);
	if (live && (t->filtered == 2) != (t->filters != NULL))
		broken(c, "task %d: filtered, or not?", t->tid);
	if (t->asked && !t->in_syscall && t != c->m->tasks->current)
		broken(c, "task %d waits for a supervisor, but is in no system call", t->tid);
	if (t->in_syscall && live && t->sys.nr == ~0u)
		broken(c, "task %d is in a system call without a number", t->tid);
	if (t->vfork_child && t->vfork_child->vfork_parent != t)
		broken(c, "task %d waits for a vfork child that does not know it", t->tid);
}

static void check_task(struct check *c, const struct task *t)
{
	if (t->tid <= 0 || t->tid >= PID_LIMIT || c->m->tasks->id[t->tid].task != t)
		broken(c, "task %d is not found by its number", t->tid);
	c->tasks++;
	c->queued += t->run.queued;
	check_state(c, t);
	check_waits(c, t);
	check_signals(c, &t->pending, "task", t->tid);
}

/* --- Processes --- */

static void check_threads(struct check *c, const struct process *p)
{
	const struct task *before = NULL;
	unsigned n = 0;
	bool leader = false;

	for (const struct task *t = p->threads; t; before = t, t = t->thread_next, n++) {
		if (t->process != p || t->thread_prev != before)
			broken(c, "process %d: thread %d is not its own", p->pid, t->tid);
		leader |= t == p->leader;
		check_task(c, t);
	}
	if (n != p->nthreads)
		broken(c, "process %d has %u threads, not %u", p->pid, n, p->nthreads);
	if (p->leader && !leader)
		broken(c, "process %d: its leader is none of its threads", p->pid);
	if (p->zombie && (!p->leader || n != 1 || p->leader->state != TASK_ZOMBIE))
		broken(c, "process %d is a zombie with %u threads", p->pid, n);
}

static void check_family(struct check *c, const struct process *p)
{
	const struct process *before = NULL;

	for (const struct process *k = p->children; k; before = k, k = k->sibling_next)
		if (k->parent != p || k->sibling_prev != before)
			broken(c, "process %d: child %d has another parent", p->pid, k->pid);
	if (!p->parent && p != c->m->tasks->init)
		broken(c, "process %d has no parent", p->pid);
}

static void check_processes(struct check *c)
{
	struct tasks *ts = c->m->tasks;
	const struct process *before = NULL;

	for (const struct process *p = ts->first; p; before = p, p = p->next) {
		if (p->pid <= 0 || p->pid >= PID_LIMIT || ts->id[p->pid].process != p || p->prev != before)
			broken(c, "process %d is not found by its number", p->pid);
		if (!ts->id[p->pgid].in_group || !ts->id[p->sid].in_session)
			broken(c, "process %d: its group or session is empty", p->pid);
		c->processes++;
		check_threads(c, p);
		check_family(c, p);
		check_signals(c, &p->pending, "process", p->pid);
	}
	if (ts->last != before)
		broken(c, "the last process is not the last");
	if (c->processes != ts->processes)
		broken(c, "there are %u processes, not %u", c->processes, ts->processes);
	if (c->tasks != ts->count)
		broken(c, "there are %u tasks, not %u", c->tasks, ts->count);
}

/* --- The scheduler --- */

static void check_heap(struct check *c, const struct time_heap *h, const char *what)
{
	for (size_t i = 1; i <= h->count; i++) {
		const struct time_node *n = h->at[i], *up = i > 1 ? h->at[i / 2] : NULL;

		if (n->place != i)
			broken(c, "%s: a node is not where it says", what);
		if (up && (up->when > n->when || (up->when == n->when && up->serial > n->serial)))
			broken(c, "%s: a node stands before an earlier one", what);
	}
}

static void check_run_queue(struct check *c)
{
	const struct run_queue *q = &c->m->tasks->queue;
	size_t n = q->fair.count + q->deadline.count, rt = 0;

	check_heap(c, &q->fair, "the run queue");
	check_heap(c, &q->deadline, "the run queue of deadlines");
	for (unsigned i = 0; i < RUN_PRIORITIES; i++) {
		const struct run_node *before = NULL;

		for (const struct run_node *r = q->rt[i].first; r; before = r, r = r->next, rt++)
			if (!r->queued || r->prev != before || r->priority != i)
				broken(c, "a task stands wrongly in the run queue of priority %u", i);
		if (q->rt[i].last != before || (q->rt_used[i / 64] >> (i % 64) & 1) != (before != NULL))
			broken(c, "the run queue of priority %u ends wrongly", i);
	}
	if (rt != q->rt_count || n + rt != q->count || q->count != c->queued)
		broken(c, "%zu tasks stand in the run queue, %u say so, %u are counted", n + rt, c->queued, q->count);
}

static void check_deadlines(struct check *c)
{
	const struct time_heap *h = &c->m->tasks->deadlines;

	check_heap(c, h, "deadlines");
	for (size_t i = 1; i <= h->count; i++) {
		const struct task *t = task_of_deadline(h->at[i]);

		if (t->state == TASK_ZOMBIE || t->state == TASK_DEAD)
			broken(c, "task %d has ended and has a deadline", t->tid);
	}
}

/* --- What tasks share --- */

static int by_address(const void *a, const void *b)
{
	const void *x = *(void *const *)a, *y = *(void *const *)b;

	return (x > y) - (x < y);
}

/* Calls `each` with every different pointer among n, and how often it is there. */
static void shared(struct check *c, void **list, size_t n, void (*each)(struct check *c, void *what, unsigned holders))
{
	qsort(list, n, sizeof *list, by_address);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i; k < n && list[k] == list[i]; k++)
			;
		each(c, list[i], (unsigned)(k - i));
	}
}

static void check_fds(struct check *c, void *what, unsigned holders)
{
	const char *why = fds_check(what, holders);

	if (why)
		broken(c, "descriptors: %s", why);
}

static void check_fs(struct check *c, void *what, unsigned holders)
{
	const struct fs_context *fs = what;

	if (fs->refs != holders)
		broken(c, "a file system context has %u holders, not %u", holders, fs->refs);
	if (!fs->root.dentry || !fs->cwd.dentry)
		broken(c, "a file system context without root or directory");
}

static void check_sighand(struct check *c, void *what, unsigned holders)
{
	const struct sighand *s = what;

	if (s->refs != holders)
		broken(c, "signal actions have %u holders, not %u", holders, s->refs);
}

/* A vfork child and its parent know each other.  The parent may be gone: it is looked for, not into. */
static void check_vfork(struct check *c, void **tasks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct task *t = tasks[i], *parent = t->vfork_parent;

		if (parent && (!bsearch(&parent, tasks, n, sizeof *tasks, by_address) || parent->vfork_child != t))
			broken(c, "task %d: its vfork parent is gone, or waits for another", t->tid);
	}
}

/* Collects one pointer of each task; those that have none are left out. */
static size_t collect(struct check *c, void **list, size_t offset)
{
	size_t n = 0;

	for (const struct process *p = c->m->tasks->first; p; p = p->next)
		for (const struct task *t = p->threads; t; t = t->thread_next) {
			void *what = *(void *const *)(const void *)((const char *)t + offset);

			if (what)
				list[n++] = what;
		}
	return n;
}

static void check_shared(struct check *c)
{
	void **list = calloc(c->tasks + 1, sizeof *list);
	size_t n = 0;

	if (!list)
		return;		/* nothing is known to be wrong */
	shared(c, list, collect(c, list, offsetof(struct task, fds)), check_fds);
	shared(c, list, collect(c, list, offsetof(struct task, fs)), check_fs);
	shared(c, list, collect(c, list, offsetof(struct task, sighand)), check_sighand);
	for (const struct process *p = c->m->tasks->first; p; p = p->next)
		for (struct task *t = p->threads; t; t = t->thread_next)
			list[n++] = t;
	qsort(list, n, sizeof *list, by_address);
	check_vfork(c, list, n);
	free(list);
}

const char *kernel_check(struct machine *m)
{
	struct check c = { .m = m };

	check_processes(&c);
	check_run_queue(&c);
	check_deadlines(&c);
	if (!c.broken)
		check_shared(&c);
	if (!c.broken)
		c.broken = net_check(m->net);
	if (!c.broken)
		c.broken = locks_check(m);
	return c.broken ? c.broken : mm_check(m->mm);
}
