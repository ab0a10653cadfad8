/* SPDX-License-Identifier: MIT
 *
 * Job control: a whole process stops and continues at once (kernel/signal.c: do_signal_stop,
 * do_notify_parent_cldstop).  In Linux each thread stops when it notices; here nothing
 * but the running task can be in the midst of anything, so there is nothing to wait for.
 */
#include "emu/ptrace/ptrace.h"
#include "emu/kernel/rusage.h"
#include "emu/signal/signal_internal.h"
#include "emu/kernel/tasks.h"

#define NS_PER_TICK 10000000u	/* USER_HZ 100 */

static void tell_parent(struct process *p, int code, int status)
{
	struct process *parent = p->parent;
	const struct signal_action *act;
	struct signal_info info = { .signo = SIGCHLD, .code = code };
	uint64_t utime, stime;

	if (!parent || !parent->leader)
		return;
	act = &parent->leader->sighand->action[SIGCHLD - 1];
	if (act->handler != SIGNAL_IGN && !(act->flags & ACT_NOCLDSTOP)) {
		process_cpu_time(p, &utime, &stime);
		info.child.pid = p->pid;
		info.child.uid = p->leader->cred.uid;
		info.child.status = status;
		info.child.utime = (uint32_t)(utime / NS_PER_TICK);
		info.child.stime = (uint32_t)(stime / NS_PER_TICK);
		signal_send_process(parent, SIGCHLD, &info);
	}
	wake_all(&parent->child_wait);
}

void signal_stop_process(struct process *p, int signo)
{
	for (struct task *t = p->threads; t; t = t->thread_next) {
		if (task_is_traced(t))
			ptrace_group_stop(t, signo);
		else
			task_stop(t);
	}
	if (!p->stopped)
		p->machine->tasks->stopped++;
	p->stopped = true;
	p->continued = false;
	p->stop_signal = (uint32_t)signo;
	p->stop_reported = false;
	p->continue_untold = false;
	/* A parent that traces it is told of the stop of each thread instead. */
	if (!task_is_traced(p->leader) || task_is_traced_by_other(p->leader))
		tell_parent(p, CLD_STOPPED, signo);
}

void signal_continue_process(struct process *p)
{
	bool was = p->stopped;

	p->stopped = false;
	for (struct task *t = p->threads; t; t = t->thread_next) {
		if (t->state == TASK_STOPPED) {
			t->notified = true;	/* of what came while it stood still */
			task_resume(t);
		} else if (task_is_traced(t)) {
			ptrace_group_continue(t);
		}
	}
	if (!was)
		return;
	p->machine->tasks->stopped--;
	p->continued = true;
	p->continue_untold = true;
}

/* wait(2) can know at once, but it is the continued process that sends the signal (get_signal()). */
void signal_continued(struct process *p)
{
	p->continue_untold = false;
	tell_parent(p, CLD_CONTINUED, SIGCONT);
}
