/* SPDX-License-Identifier: MIT
 *
 * Queues and semaphores: sysvipc/, and their limits in sys/ (ipc/ipc_sysctl.c, ipc/mq_sysctl.c).
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "emu/ipc/msg.h"
#include "emu/ipc/sem.h"
#include "emu/proc/internal.h"

/* --- sysvipc/ --- */

int show_sysvipc_msg(struct proc_out *o, const struct proc_who *w)
{
	const struct ipc_ids *ids = &w->m->ipc->queues;
	struct ipc_perm *p;

	out(o, "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime"
	       "      ctime\n");
	for (int i = 0; (p = ipc_ids_next(ids, i)); i = ipc_index(p) + 1) {
		const struct msg_queue *q = msg_queue_of(p);

		out(o, "%10d %10d  %4o  %10u %10u %5u %5u %5u %5u %5u %5u %10llu %10llu %10llu\n", p->key, p->id,
		    p->mode, q->bytes, q->count, (unsigned)q->lspid, (unsigned)q->lrpid, p->uid, p->gid, p->cuid,
		    p->cgid, (unsigned long long)q->stime, (unsigned long long)q->rtime,
		    (unsigned long long)q->ctime);
	}
	return 0;
}

int show_sysvipc_sem(struct proc_out *o, const struct proc_who *w)
{
	const struct ipc_ids *ids = &w->m->ipc->sets;
	struct ipc_perm *p;

	out(o, "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n");
	for (int i = 0; (p = ipc_ids_next(ids, i)); i = ipc_index(p) + 1) {
		const struct sem_set *s = sem_set_of(p);

		out(o, "%10d %10d  %4o %10u %5u %5u %5u %5u %10llu %10llu\n", p->key, p->id, p->mode, s->count,
		    p->uid, p->gid, p->cuid, p->cgid, (unsigned long long)s->otime,
		    (unsigned long long)s->ctime);
	}
	return 0;
}

/* --- Limits: proc_dointvec(), of one number or more --- */

/* One number, to be stored if it is in the range.  The text behind it, or NULL: it is none. */
static char *parse(char *text, int min, int max, int *value)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(text, &end, 0);
	if (end == text || (*end && !strchr(" \t\n", *end)) || errno || v < min || v > max)
		return NULL;
	*value = (int)v;
	return end + strspn(end, " \t\n");
}

static int store(char *text, int min, int max, int *value)
{
	char *rest;
	int v;

	text += strspn(text, " \t\n");
	rest = parse(text, min, max, &v);
	if (!rest)
		return -EINVAL;
	*value = v;
	return 0;
}

#define LIMIT(name, member, min, max) \
	int show_##name(struct proc_out *o, const struct proc_who *w) \
	{ \
		out(o, "%d\n", w->m->ipc->member); \
		return 0; \
	} \
	int store_##name(const struct proc_who *w, char *text) \
	{ \
		return store(text, min, max, &w->m->ipc->member); \
	}

LIMIT(msgmax, msg.max, 0, INT_MAX)
LIMIT(msgmnb, msg.mnb, 0, INT_MAX)
LIMIT(msgmni, msg.mni, 0, IPC_IDS_MAX)
/* fs/mqueue: MIN_MSGMAX, HARD_MSGMAX, MIN_MSGSIZEMAX, HARD_MSGSIZEMAX of include/linux/ipc_namespace.h */
LIMIT(mq_queues_max, mq.queues_max, INT_MIN, INT_MAX)
LIMIT(mq_msg_max, mq.msg_max, 1, 65536)
LIMIT(mq_msgsize_max, mq.msgsize_max, 128, 16 << 20)
LIMIT(mq_msg_default, mq.msg_default, 1, 65536)
LIMIT(mq_msgsize_default, mq.msgsize_default, 128, 16 << 20)

int show_sem_limits(struct proc_out *o, const struct proc_who *w)
{
	const struct sem_limits *l = &w->m->ipc->sem;

	out(o, "%d\t%d\t%d\t%d\n", l->msl, l->mns, l->opm, l->mni);
	return 0;
}

/* Up to four numbers; those before a wrong one are set, but for semmni, which has to be possible. */
int store_sem_limits(const struct proc_who *w, char *text)
{
	struct sem_limits *l = &w->m->ipc->sem;
	int *const values[] = { &l->msl, &l->mns, &l->opm, &l->mni };

	text += strspn(text, " \t\n");
	for (int i = 0; i < 4 && *text; i++) {
		int v;
		char *rest = parse(text, INT_MIN, INT_MAX, &v);

		if (!rest)
			return -EINVAL;
		if (i == 3 && (v < 0 || v > IPC_IDS_MAX))
			return -ERANGE;
		*values[i] = v;
		text = rest;
	}
	return 0;
}
