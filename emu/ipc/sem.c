/* SPDX-License-Identifier: MIT */
#include "emu/ipc/sem.h"

#include <errno.h>

static struct sem_wait *waiter(struct list *place)
{
	return list_entry(place, struct sem_wait, wait.place);
}

static uint64_t set_size(unsigned count)
{
	return sizeof(struct sem_set) + (uint64_t)count * sizeof(struct sem);
}

int sem_set_new(struct task *t, int32_t key, uint32_t flags, uint32_t count)
{
	struct ipc_cred c = ipc_cred(t, CAP_IPC_OWNER_);
	struct ipc *ipc = t->machine->ipc;
	struct sem_set *s;
	int err;

	if (!count)
		return -EINVAL;
	if ((int64_t)ipc->sems_used + count > ipc->sem.mns)
		return -ENOSPC;
	s = ipc_alloc(t->machine, set_size(count));
	if (!s)
		return -ENOMEM;
	s->perm.key = key;
	s->perm.mode = flags & 0777;
	s->ctime = ipc_now(t->machine);
	s->count = count;
	list_init(&s->alter);
	list_init(&s->zero);
	list_init(&s->undos);
	for (unsigned i = 0; i < count; i++) {
		list_init(&s->sems[i].alter);
		list_init(&s->sems[i].zero);
	}
	err = ipc_ids_add(&ipc->sets, &s->perm, ipc->sem.mni, &c);
	if (err) {
		ipc_release(t->machine, s, set_size(count));
		return err;
	}
	ipc->sems_used += (int)count;
	return s->perm.id;
}

static void turn_away(struct list *queue)
{
	while (!list_empty(queue))
		ipc_wait_decide(&waiter(queue->next)->wait, -EIDRM);
}

void sem_set_remove(struct machine *m, struct sem_set *s)
{
	sem_undo_drop(m, s);
	turn_away(&s->zero);
	turn_away(&s->alter);
	for (unsigned i = 0; i < s->count; i++) {
		turn_away(&s->sems[i].zero);
		turn_away(&s->sems[i].alter);
	}
	ipc_ids_remove(&m->ipc->sets, &s->perm);
	m->ipc->sems_used -= (int)s->count;
	ipc_release(m, s, set_size(s->count));
}

/* --- Operations --- */

/* Takes back the first n of them. */
static void roll_back(struct sem_set *s, struct sem_wait *w, unsigned n)
{
	while (n--) {
		const struct sem_op *o = &w->ops[n];

		s->sems[o->num].value -= o->op;
		if (o->flags & SEM_UNDO_)
			w->undo->adjust[o->num] = (int16_t)(w->undo->adjust[o->num] + o->op);
	}
}

/* One of them.  0, 1 or -ERANGE. */
static int apply(struct sem_set *s, struct sem_wait *w, const struct sem_op *o)
{
	struct sem *sem = &s->sems[o->num];
	int value = sem->value + o->op;

	if ((!o->op && sem->value) || value < 0)
		return 1;
	if (value > SEM_VALUE_MAX_)
		return -ERANGE;
	if (o->flags & SEM_UNDO_) {
		int adjust = w->undo->adjust[o->num] - o->op;

		if (adjust < -SEM_VALUE_MAX_ - 1 || adjust > SEM_VALUE_MAX_)
			return -ERANGE;
		w->undo->adjust[o->num] = (int16_t)adjust;
	}
	sem->value = value;
	return 0;
}

int sem_try(struct sem_set *s, struct sem_wait *w)
{
	for (unsigned i = 0; i < w->count; i++) {
		int r = apply(s, w, &w->ops[i]);

		if (!r)
			continue;
		roll_back(s, w, i);
		if (r < 0)
			return r;
		w->blocking = &w->ops[i];
		return w->ops[i].flags & IPC_NOWAIT_ ? -EAGAIN : 1;
	}
	for (unsigned i = 0; i < w->count; i++)
		s->sems[w->ops[i].num].pid = w->pid;
	return 0;
}

/* --- Queues --- */

void sem_enqueue(struct sem_set *s, struct sem_wait *w)
{
	struct sem *sem = &s->sems[w->ops[0].num];
	struct list *queue;

	if (w->count == 1) {
		queue = !w->alter ? &sem->zero : s->several ? &s->alter : &sem->alter;
	} else {
		/* merge_queues(): from now on those that change something stand in one line. */
		if (!s->several++)
			for (unsigned i = 0; i < s->count; i++)
				list_splice_tail(&s->alter, &s->sems[i].alter);
		queue = w->alter ? &s->alter : &s->zero;
	}
	list_add_tail(queue, &w->wait.place);
}

/* unmerge_queues(): nobody waits for several any more. */
static void unmerge(struct sem_set *s)
{
	if (s->several)
		return;
	while (!list_empty(&s->alter)) {
		struct sem_wait *w = waiter(s->alter.next);

		list_remove(&w->wait.place);
		list_add_tail(&s->sems[w->ops[0].num].alter, &w->wait.place);
	}
}

static void leave(struct sem_set *s, struct sem_wait *w)
{
	list_remove(&w->wait.place);
	if (w->count > 1)
		s->several--;
}

void sem_dequeue(struct sem_set *s, struct sem_wait *w)
{
	leave(s, w);
	unmerge(s);
}

/* wake_const_ops(): those in a queue that wait for zero.  True if any was served. */
static bool serve_zero(struct sem_set *s, struct list *queue)
{
	bool served = false;

	list_for_each(queue, n, following) {
		struct sem_wait *w = waiter(n);
		int r = sem_try(s, w);

		if (r > 0)
			continue;
		leave(s, w);
		ipc_wait_decide(&w->wait, r);
		served |= !r;
	}
	return served;
}

/* do_smart_wakeup_zero(): after these operations (NULL: whatever). */
static bool serve_all_zero(struct sem_set *s, const struct sem_wait *after)
{
	unsigned n = after ? after->count : s->count;
	bool served = false, zero = false;

	for (unsigned i = 0; i < n; i++) {
		struct sem *sem = &s->sems[after ? after->ops[i].num : i];

		if (sem->value)
			continue;
		zero = true;
		served |= serve_zero(s, &sem->zero);
	}
	if (zero)
		served |= serve_zero(s, &s->zero);
	return served;
}

/*
 * update_queue(): those in a queue that wait for more.  Who is served may serve others by that, so it begins again;
 * but a single decrement helps nobody who stood before it, see check_restart().
 */
static bool serve_alter(struct sem_set *s, struct list *queue, const struct sem *only)
{
	bool served = false, again;

	do {
		again = false;
		list_for_each(queue, n, following) {
			struct sem_wait *w = waiter(n);
			int r;

			if (only && !only->value)
				break;
			r = sem_try(s, w);
			if (r > 0)
				continue;
			leave(s, w);
			if (!r) {
				served = true;
				serve_all_zero(s, w);
				again = !list_empty(&s->alter) || w->count > 1;
			}
			ipc_wait_decide(&w->wait, r);
			if (again)
				break;
		}
	} while (again);
	return served;
}

/* do_smart_update() */
static void update(struct machine *m, struct sem_set *s, const struct sem_wait *after, bool done)
{
	done |= serve_all_zero(s, after);
	if (!list_empty(&s->alter)) {
		done |= serve_alter(s, &s->alter, NULL);
	} else if (!after) {
		for (unsigned i = 0; i < s->count; i++)
			done |= serve_alter(s, &s->sems[i].alter, &s->sems[i]);
	} else {
		for (unsigned i = 0; i < after->count; i++)
			if (after->ops[i].op > 0)
				done |= serve_alter(s, &s->sems[after->ops[i].num].alter, &s->sems[after->ops[i].num]);
	}
	if (done)
		s->otime = ipc_now(m);
	unmerge(s);
}

void sem_done(struct machine *m, struct sem_set *s, struct sem_wait *w)
{
	if (w->alter)
		update(m, s, w, true);
	else
		s->otime = ipc_now(m);
}

void sem_changed(struct machine *m, struct sem_set *s, bool done)
{
	update(m, s, NULL, done);
}

/* count_semcnt(): a task waits for the first operation that cannot be done, and for no other. */
int sem_waiting(const struct sem_set *s, unsigned num, bool zero)
{
	const struct list *single = zero ? &s->sems[num].zero : &s->sems[num].alter;
	const struct list *lines[2] = { &s->alter, zero ? &s->zero : NULL };
	int n = 0;

	for (const struct list *e = single->next; e != single; e = e->next)
		n++;
	for (int i = 0; i < 2 && lines[i]; i++)
		for (struct list *e = lines[i]->next; e != lines[i]; e = e->next) {
			const struct sem_op *o = waiter(e)->blocking;

			n += o->num == num && (zero ? o->op == 0 : o->op < 0);
		}
	return n;
}
