/* SPDX-License-Identifier: MIT */
#include "emu/ipc/ipc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/host/clock.h"
#include "emu/ipc/mqueue.h"
#include "emu/ipc/msg.h"
#include "emu/ipc/sem.h"
#include "emu/sys/user.h"

int ipc_new(struct machine *m)
{
	struct ipc *ipc = calloc(1, sizeof *ipc);

	if (!ipc)
		return -ENOMEM;
	m->ipc = ipc;
	ipc->charge_limit = m->options.ram_size;
	ipc_ids_init(&ipc->queues);
	ipc_ids_init(&ipc->sets);
	/* include/uapi/linux/msg.h, sem.h; include/linux/ipc_namespace.h */
	ipc->msg = (struct msg_limits){ .max = 8192, .mnb = 16384, .mni = 32000 };
	ipc->sem = (struct sem_limits){ .msl = 32000, .mns = 32000 * 32000, .opm = 500, .mni = 32000 };
	ipc->mq = (struct mq_limits){
		.queues_max = 256, .msg_max = 10, .msgsize_max = 8192, .msg_default = 10, .msgsize_default = 8192,
	};
	mqueue_users_init(ipc);
	return 0;
}

void ipc_free(struct machine *m)
{
	struct ipc *ipc = m->ipc;
	struct ipc_perm *p;

	if (!ipc)
		return;
	while ((p = ipc_ids_next(&ipc->queues, 0)))
		msg_queue_remove(m, msg_queue_of(p));
	while ((p = ipc_ids_next(&ipc->sets, 0)))
		sem_set_remove(m, sem_set_of(p));
	ipc_ids_fini(&ipc->queues);
	ipc_ids_fini(&ipc->sets);
	free(ipc);
	m->ipc = NULL;
}

void *ipc_alloc(struct machine *m, uint64_t size)
{
	struct ipc *ipc = m->ipc;
	void *p;

	if (size > ipc->charge_limit - ipc->charged)
		return NULL;
	p = calloc(1, size);
	if (p)
		ipc->charged += size;
	return p;
}

void ipc_release(struct machine *m, void *p, uint64_t size)
{
	if (!p)
		return;
	m->ipc->charged -= size;
	free(p);
}

struct ipc_cred ipc_cred(const struct task *t, int cap)
{
	return (struct ipc_cred){
		.uid = t->cred.euid, .gid = t->cred.fsgid,
		.ngroups = groups_count(t->cred.groups), .groups = groups_ids(t->cred.groups),
		.privileged = task_capable(t, cap),
	};
}

int64_t ipc_now(struct machine *m)
{
	return clock_realtime(m) / 1000000000;
}

/* --- Objects with ids --- */

struct guest_ipc_perm ipc_perm_to_guest(const struct ipc_perm *p)
{
	return (struct guest_ipc_perm){
		.key = p->key, .uid = p->uid, .gid = p->gid, .cuid = p->cuid, .cgid = p->cgid, .mode = p->mode,
		.seq = (uint16_t)p->seq,
	};
}

int ipc_get(struct task *t, const struct ipc_get *g, int32_t key, uint32_t flags, uint32_t arg)
{
	struct ipc_cred c = ipc_cred(t, CAP_IPC_OWNER_);
	struct ipc_perm *p = NULL;
	int err;

	if (key != IPC_KEY_PRIVATE)
		p = ipc_ids_by_key(g->ids, key);
	if (!p)
		return key == IPC_KEY_PRIVATE || (flags & IPC_FLAG_CREAT) ? g->make(t, key, flags, arg) : -ENOENT;
	if ((flags & IPC_FLAG_CREAT) && (flags & IPC_FLAG_EXCL))
		return -EEXIST;
	err = g->fits ? g->fits(p, arg) : 0;
	if (err)
		return err;
	return ipc_permitted(p, flags, &c) ? p->id : -EACCES;
}

struct ipc_perm *ipc_for_stat(struct task *t, const struct ipc_ids *ids, int id, bool by_index, bool anybody, int *err)
{
	struct ipc_perm *p = by_index ? ipc_ids_by_index(ids, id) : ipc_ids_by_id(ids, id);
	struct ipc_cred c = ipc_cred(t, CAP_IPC_OWNER_);

	*err = !p ? -EINVAL : anybody || ipc_permitted(p, 0444, &c) ? 0 : -EACCES;
	return *err ? NULL : p;
}

struct ipc_perm *ipc_for_change(struct task *t, const struct ipc_ids *ids, int id, int *err)
{
	struct ipc_cred c = ipc_cred(t, CAP_SYS_ADMIN_IPC_);
	struct ipc_perm *p = ipc_ids_by_id(ids, id);

	*err = !p ? -EINVAL : ipc_owns(p, &c) ? 0 : -EPERM;
	return *err ? NULL : p;
}

/* --- Waiting --- */

void ipc_wait_end(struct task *t)
{
	struct ipc_wait *w = t->ipc;

	if (!w)
		return;
	t->ipc = NULL;
	w->end(t->machine, w);
}

void ipc_wait_decide(struct ipc_wait *w, int status)
{
	list_remove(&w->place);
	w->status = status;
	task_wake(w->task);
}

/* --- Messages --- */

int message_load(struct task *t, uint32_t addr, uint32_t len, struct message **out)
{
	const void *text = len ? user_span(t, addr, len) : NULL;
	struct message *msg;

	if (len && !text)
		return -EFAULT;
	msg = ipc_alloc(t->machine, sizeof *msg + (uint64_t)len);
	if (!msg)
		return -ENOMEM;
	list_init(&msg->place);
	msg->len = len;
	if (len)
		memcpy(msg->text, text, len);
	*out = msg;
	return 0;
}

int message_store(struct task *t, uint32_t addr, const struct message *msg, uint32_t len)
{
	return len ? user_write(t, addr, msg->text, len) : 0;
}

void message_free(struct machine *m, struct message *msg)
{
	ipc_release(m, msg, sizeof *msg + (uint64_t)msg->len);
}
