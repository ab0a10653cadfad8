/* SPDX-License-Identifier: MIT */
#include "emu/event/sigio.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include "emu/kernel/tasks.h"

struct sigio {
	struct waiter waiter;
	struct file *file;
	int fd;
};

/* --- The owner --- */

/* Any use of a number counts, as for find_vpid(). */
static bool in_use(struct machine *m, int id)
{
	const struct tasks *ts = m->tasks;

	return id > 0 && id < PID_LIMIT && (ts->id[id].task || ts->id[id].process || ts->id[id].in_group || ts->id[id].in_session);
}

int sigio_set_owner(struct task *t, struct file *f, int type, int id)
{
	if (id && !in_use(t->machine, id))
		return -ESRCH;
	f->owner.type = type;
	f->owner.id = id;
	f->owner.uid = t->cred.uid;
	f->owner.euid = t->cred.euid;
	return 0;
}

int sigio_owner(struct machine *m, const struct file *f)
{
	const struct file_owner *o = &f->owner;
	bool there = false;

	if (o->id > 0 && o->id < PID_LIMIT) {
		if (o->type == SIGIO_OWNER_THREAD)
			there = m->tasks->id[o->id].task;
		else if (o->type == SIGIO_OWNER_PROCESS)
			there = m->tasks->id[o->id].process;
		else
			there = m->tasks->id[o->id].in_group;
	}
	return there ? o->id : 0;
}

int sigio_setown(struct task *t, struct file *f, int32_t who)
{
	if (who == INT32_MIN)
		return -EINVAL;
	return sigio_set_owner(t, f, who < 0 ? SIGIO_OWNER_GROUP : SIGIO_OWNER_PROCESS, who < 0 ? -who : who);
}

int sigio_getown(struct machine *m, const struct file *f)
{
	int id = sigio_owner(m, f);

	return f->owner.type == SIGIO_OWNER_GROUP ? -id : id;
}

/* --- Sending --- */

/* sigio_perm(): who asked for the signal must have been allowed to send it. */
static bool may_send(const struct file_owner *o, const struct task *to)
{
	const struct cred *c = &to->cred;

	return !o->euid || o->euid == c->suid || o->euid == c->uid || o->uid == c->suid || o->uid == c->uid;
}

static int send(struct task *to, bool thread, int signo, const struct signal_info *info)
{
	return thread ? signal_send_task(to, signo, info) : signal_send_process(to->process, signo, info);
}

/* Signals whose codes have meanings of their own (sig_specific_sicodes()). */
static bool has_own_codes(int signo)
{
	return signo == SIGILL || signo == SIGFPE || signo == SIGSEGV || signo == SIGBUS || signo == SIGTRAP ||
	       signo == SIGCHLD || signo == SIGSYS;
}

/* signo 0: SIGIO without a siginfo.  A queue that is full is no reason to say nothing. */
static void send_to(const struct file_owner *o, struct task *to, int signo, int reason, int band, int fd)
{
	bool thread = o->type == SIGIO_OWNER_THREAD;
	struct signal_info info = { .signo = signo, .code = has_own_codes(signo) ? SI_SIGIO : reason };

	info.poll.band = band;
	info.poll.fd = fd;
	if (may_send(o, to) && (!signo || send(to, thread, signo, &info)))
		send(to, thread, SIGIO, NULL);
}

/* fn for each task that stands for an owner: a thread, or main threads. */
static void for_owner(struct file *f, int signo, int reason, int band, int fd)
{
	struct machine *m = f->inode->super->machine;
	const struct file_owner *o = &f->owner;
	struct task *t;

	if (!o->id)
		return;
	if (o->type != SIGIO_OWNER_GROUP) {
		t = task_find(m, o->id);
		if (t && t->process)
			send_to(o, t, signo, reason, band, fd);
		return;
	}
	for (struct process *p = process_first(m), *next; p; p = next) {
		next = p->next;
		if (p->pgid == o->id && p->leader)
			send_to(o, p->leader, signo, reason, band, fd);
	}
}

/* The queue of a file that says nothing is woken for its readers, if it has such. */
static bool woken(struct waiter *w, unsigned events)
{
	const struct sigio *s = (const struct sigio *)(void *)w;
	struct file *f = s->file;

	if (!events)
		events = file_readable(f) ? POLLIN : POLLOUT;
	if (events & (POLLIN | POLLRDNORM | POLLPRI))
		for_owner(f, f->owner.sig, POLL_IN, POLLIN | POLLRDNORM, s->fd);
	else
		for_owner(f, f->owner.sig, POLL_OUT, POLLOUT | POLLWRNORM | POLLWRBAND, s->fd);
	return false;
}

void sigio_urgent(struct file *f)
{
	const struct file_owner *o = &f->owner;
	struct machine *m = f->inode->super->machine;
	struct task *t = o->id && o->type != SIGIO_OWNER_GROUP ? task_find(m, o->id) : NULL;

	if (o->type == SIGIO_OWNER_GROUP && o->id)
		signal_send_group(m, o->id, SIGURG, NULL);
	else if (t && t->process && may_send(o, t))
		send(t, o->type == SIGIO_OWNER_THREAD, SIGURG, NULL);
}

/* --- On and off --- */

void sigio_file_closed(struct file *f)
{
	waiter_cancel(&f->sigio->waiter);
	free(f->sigio);
	f->sigio = NULL;
}

int sigio_switch(struct file *f, int fd, bool on)
{
	struct sigio *s = f->sigio;

	if (!on) {
		if (s)
			sigio_file_closed(f);
		return 0;
	}
	if (s) {
		s->fd = fd;
		return 0;
	}
	s = calloc(1, sizeof *s);
	if (!s)
		return -ENOMEM;
	s->file = f;
	s->fd = fd;
	s->waiter.stays = true;
	s->waiter.woken = woken;
	f->sigio = s;
	/* Its queues are joined before it can be heard of: what comes up then is news to nobody. */
	f->ops->poll(f, &s->waiter);
	if (!s->waiter.failed)
		return 0;
	sigio_file_closed(f);
	return -ENOMEM;
}
