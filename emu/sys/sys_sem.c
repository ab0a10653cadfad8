/* SPDX-License-Identifier: MIT
 *
 * semget, semop, semtimedop, semctl: structures of riscv32 around emu/ipc/sem.h, in the order of ipc/sem.c.
 */
#include "emu/ipc/sem.h"

#include <errno.h>
#include <string.h>
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

enum { GETPID_ = 11, GETVAL_ = 12, GETALL_ = 13, GETNCNT_ = 14, GETZCNT_ = 15, SETVAL_ = 16, SETALL_ = 17,
       SEM_STAT_ = 18, SEM_INFO_ = 19, SEM_STAT_ANY_ = 20 };

/* struct semid64_ds */
struct guest_semid {
	struct guest_ipc_perm perm;
	uint32_t otime, otime_high, ctime, ctime_high, nsems, unused[2];
};
_Static_assert(sizeof(struct guest_semid) == 64, "struct semid64_ds");

/* struct seminfo */
struct guest_seminfo { int32_t map, mni, mns, mnu, msl, opm, ume, usz, vmx, aem; };

static struct sem_set *set_by_id(struct task *t, int id)
{
	struct ipc_perm *p = ipc_ids_by_id(&t->machine->ipc->sets, id);

	return p ? sem_set_of(p) : NULL;
}

static bool may(struct task *t, const struct sem_set *s, uint32_t mode)
{
	struct ipc_cred c = ipc_cred(t, CAP_IPC_OWNER_);

	return ipc_permitted(&s->perm, mode, &c);
}

static int make(struct task *t, int32_t key, uint32_t flags, uint32_t count)
{
	return sem_set_new(t, key, flags, count);
}

static int fits(const struct ipc_perm *p, uint32_t count)
{
	return count > tree_entry(p, const struct sem_set, perm)->count ? -EINVAL : 0;
}

int64_t sys_semget(struct task *t, const uint32_t a[6])
{
	const struct ipc_get get = { .ids = &t->machine->ipc->sets, .fits = fits, .make = make };

	if ((int32_t)a[1] < 0 || (int32_t)a[1] > t->machine->ipc->sem.msl)
		return -EINVAL;
	return ipc_get(t, &get, (int32_t)a[0], a[2], a[1]);
}

/* --- Operations --- */

static uint64_t wait_size(unsigned count)
{
	return sizeof(struct sem_wait) + (uint64_t)count * sizeof(struct sem_op);
}

static void end_wait(struct machine *m, struct ipc_wait *wait)
{
	struct sem_wait *w = list_entry(wait, struct sem_wait, wait);

	if (w->wait.status == IPC_WAITING && !list_empty(&w->wait.place))
		sem_dequeue(w->set, w);
	ipc_release(m, w, wait_size(w->count));
}

/* The operations as the task's wait, which is in no queue yet. */
static int load(struct task *t, uint32_t addr, uint32_t count)
{
	struct sem_wait *w;

	if (count > (uint32_t)t->machine->ipc->sem.opm)
		return -E2BIG;
	if (count < 1)
		return -EINVAL;
	if (!user_span(t, addr, (uint64_t)count * sizeof *w->ops))
		return -EFAULT;
	w = ipc_alloc(t->machine, wait_size(count));
	if (!w)
		return -ENOMEM;
	list_init(&w->wait.place);
	w->wait.task = t;
	w->wait.status = IPC_WAITING;
	w->wait.end = end_wait;
	w->pid = t->process->pid;
	w->count = count;
	t->ipc = &w->wait;
	return user_read(t, w->ops, addr, (uint64_t)count * sizeof *w->ops);
}

/* The first try: 0 done, 1 it has to wait, or -errno. */
static int begin(struct task *t, int id, struct sem_wait *w)
{
	unsigned highest = 0;
	bool undo = false;
	struct sem_set *s;
	int r;

	for (unsigned i = 0; i < w->count; i++) {
		highest = w->ops[i].num > highest ? w->ops[i].num : highest;
		undo |= w->ops[i].flags & SEM_UNDO_;
		w->alter |= w->ops[i].op != 0;
	}
	s = set_by_id(t, id);
	if (!s)
		return -EINVAL;
	if (undo) {
		w->undo = sem_undo_get(t, s);
		if (!w->undo)
			return -ENOMEM;
	}
	if (highest >= s->count)
		return -EFBIG;
	if (!may(t, s, w->alter ? 0222 : 0444))
		return -EACCES;
	r = sem_try(s, w);
	if (!r)
		sem_done(t->machine, s, w);
	if (r > 0) {
		w->set = s;
		sem_enqueue(s, w);
	}
	return r;
}

/* In the queue. */
static int64_t wait(struct task *t, struct sem_wait *w, bool limited, uint64_t ns)
{
	if (w->wait.status != IPC_WAITING)
		return w->wait.status;
	if (limited && task_deadline(t, ns))
		return -EAGAIN;
	return task_signalled(t) ? -EINTR : task_block(t);
}

static int64_t operate(struct task *t, const uint32_t a[6], uint32_t limit)
{
	uint64_t ns = 0;
	int bad_limit = limit ? user_get_limit(t, limit, &ns) : 0;
	int64_t r = 0;

	if (bad_limit == -EFAULT)
		return -EFAULT;
	if (!t->ipc) {
		r = load(t, a[1], a[2]);
		if (!r && ((int32_t)a[0] < 0 || bad_limit))
			r = -EINVAL;
		if (!r)
			r = begin(t, (int)a[0], list_entry(t->ipc, struct sem_wait, wait));
		if (r > 0)
			r = wait(t, list_entry(t->ipc, struct sem_wait, wait), limit, ns);
	} else {
		r = wait(t, list_entry(t->ipc, struct sem_wait, wait), limit, ns);
	}
	if (r != SYS_BLOCK)
		ipc_wait_end(t);
	return r;
}

int64_t sys_semop(struct task *t, const uint32_t a[6])
{
	return operate(t, a, 0);
}

int64_t sys_semtimedop_time64(struct task *t, const uint32_t a[6])
{
	return operate(t, a, a[3]);
}

/* --- Control --- */

static int64_t stat_set(struct task *t, int id, uint32_t cmd, uint32_t buf)
{
	struct guest_semid out;
	struct sem_set *s;
	struct ipc_perm *p;
	int err;

	p = ipc_for_stat(t, &t->machine->ipc->sets, id, cmd != IPC_STAT_, cmd == SEM_STAT_ANY_, &err);
	if (!p)
		return err;
	s = sem_set_of(p);
	out = (struct guest_semid){
		.perm = ipc_perm_to_guest(p), .nsems = s->count,
		.otime = (uint32_t)s->otime, .otime_high = (uint32_t)((uint64_t)s->otime >> 32),
		.ctime = (uint32_t)s->ctime, .ctime_high = (uint32_t)((uint64_t)s->ctime >> 32),
	};
	if (user_write(t, buf, &out, sizeof out))
		return -EFAULT;
	return cmd == IPC_STAT_ ? 0 : p->id;
}

/* IPC_INFO tells limits, some of them historical (include/uapi/linux/sem.h); SEM_INFO what there is. */
static int64_t info(struct task *t, uint32_t cmd, uint32_t buf)
{
	const struct ipc *ipc = t->machine->ipc;
	struct guest_seminfo out = {
		.map = 32000 * 32000, .mni = ipc->sem.mni, .mns = ipc->sem.mns, .mnu = 32000 * 32000,
		.msl = ipc->sem.msl, .opm = ipc->sem.opm, .ume = 500, .usz = 20, .vmx = SEM_VALUE_MAX_,
		.aem = SEM_VALUE_MAX_,
	};

	if (cmd == SEM_INFO_) {
		out.usz = ipc->sets.used;
		out.aem = ipc->sems_used;
	}
	if (user_write(t, buf, &out, sizeof out))
		return -EFAULT;
	return ipc_ids_highest(&ipc->sets);
}

static int64_t set_value(struct task *t, int id, uint32_t num, int32_t value)
{
	struct sem_set *s;

	if (value < 0 || value > SEM_VALUE_MAX_)
		return -ERANGE;
	s = set_by_id(t, id);
	if (!s || num >= s->count)
		return -EINVAL;
	if (!may(t, s, 0222))
		return -EACCES;
	sem_undo_forget(s, num);
	s->sems[num].value = value;
	s->sems[num].pid = t->process->pid;
	s->ctime = ipc_now(t->machine);
	sem_changed(t->machine, s, false);
	return 0;
}

static int64_t get_all(struct task *t, const struct sem_set *s, uint32_t addr)
{
	uint8_t *out = user_span_write(t, addr, 2ull * s->count);

	if (!out)
		return -EFAULT;
	for (unsigned i = 0; i < s->count; i++) {
		uint16_t v = (uint16_t)s->sems[i].value;

		memcpy(out + 2 * i, &v, sizeof v);
	}
	return 0;
}

static int64_t set_all(struct task *t, struct sem_set *s, uint32_t addr)
{
	const uint8_t *in = user_span(t, addr, 2ull * s->count);
	uint16_t v;

	if (!in)
		return -EFAULT;
	for (unsigned i = 0; i < s->count; i++) {
		memcpy(&v, in + 2 * i, sizeof v);
		if (v > SEM_VALUE_MAX_)
			return -ERANGE;
	}
	for (unsigned i = 0; i < s->count; i++) {
		memcpy(&v, in + 2 * i, sizeof v);
		s->sems[i].value = v;
		s->sems[i].pid = t->process->pid;
	}
	sem_undo_forget(s, SEM_ALL);
	s->ctime = ipc_now(t->machine);
	sem_changed(t->machine, s, false);
	return 0;
}

/* semctl_main() */
static int64_t values(struct task *t, int id, uint32_t num, uint32_t cmd, uint32_t arg)
{
	struct sem_set *s = set_by_id(t, id);

	if (!s)
		return -EINVAL;
	if (!may(t, s, cmd == SETALL_ ? 0222 : 0444))
		return -EACCES;
	if (cmd == GETALL_)
		return get_all(t, s, arg);
	if (cmd == SETALL_)
		return set_all(t, s, arg);
	if (num >= s->count)
		return -EINVAL;
	if (cmd == GETVAL_)
		return s->sems[num].value;
	if (cmd == GETPID_)
		return s->sems[num].pid;
	return sem_waiting(s, num, cmd == GETZCNT_);
}

static int64_t change(struct task *t, int id, uint32_t cmd, uint32_t buf)
{
	struct guest_semid in;
	struct ipc_perm *p;
	int err;

	if (cmd == IPC_SET_ && user_read(t, &in, buf, sizeof in))
		return -EFAULT;
	p = ipc_for_change(t, &t->machine->ipc->sets, id, &err);
	if (!p)
		return err;
	if (cmd == IPC_RMID_) {
		sem_set_remove(t->machine, sem_set_of(p));
		return 0;
	}
	err = ipc_set_perm(p, in.perm.uid, in.perm.gid, in.perm.mode);
	if (!err)
		sem_set_of(p)->ctime = ipc_now(t->machine);
	return err;
}

int64_t sys_semctl(struct task *t, const uint32_t a[6])
{
	int id = (int)a[0];
	uint32_t cmd = a[2];

	if (id < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO_:
	case SEM_INFO_:
		return info(t, cmd, a[3]);
	case IPC_STAT_:
	case SEM_STAT_:
	case SEM_STAT_ANY_:
		return stat_set(t, id, cmd, a[3]);
	case GETALL_:
	case GETVAL_:
	case GETPID_:
	case GETNCNT_:
	case GETZCNT_:
	case SETALL_:
		return values(t, id, a[1], cmd, a[3]);
	case SETVAL_:
		return set_value(t, id, a[1], (int32_t)a[3]);
	case IPC_SET_:
	case IPC_RMID_:
		return change(t, id, cmd, a[3]);
	default:
		return -EINVAL;
	}
}
