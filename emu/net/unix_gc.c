/* SPDX-License-Identifier: MIT
 *
 * Descriptors in flight, and what only they keep alive.
 *
 * A socket's file that lies in a packet of that very socket's queue, or of another one in the same position, can never be
 * received: nobody has a descriptor any more, but the file has references.  So the sockets in flight are searched, as
 * the kernel did it from 2.6 to 6.9:
 *
 *	1. candidates: all references on the file are packets;
 *	2. of these, those with references from queues of others than candidates can be reached;
 *	3. so can what lies in their queues, and so on;
 *	4. the rest is garbage: the files are taken out of its queues, and everything ends by itself.
 *
 * That costs as much as there is in flight.  It is done when a descriptor of a candidate is closed or a socket goes; with
 * more than a few in flight, not before as many of these have happened as sockets survived the last search: per event
 * the cost is constant, and garbage at most as much as what is in use.
 */
#include <errno.h>
#include <stdlib.h>
#include "emu/kernel/task.h"
#include "emu/net/unix.h"

enum { RLIMIT_NOFILE_ = 7, CAP_SYS_ADMIN_ = 21, CAP_SYS_RESOURCE_ = 24 };
enum { FEW = 64 };
/* Descriptors in flight in the machine, whoever sent them: they are host memory that no limit on open files sees. */
enum { FLIGHT_LIMIT = 65536 };

/* --- Whose --- */

struct unix_user {
	struct tree_node node;
	uint32_t uid;
	unsigned files;
};

static struct unix_user *of_node(const struct tree_node *n) { return tree_entry(n, struct unix_user, node); }

static int compare(const struct tree_node *a, const struct tree_node *b)
{
	return of_node(a)->uid < of_node(b)->uid ? -1 : 1;
}

static const struct tree_ops user_ops = { .compare = compare };

static struct unix_user *user_find(const struct unix_net *n, uint32_t uid)
{
	struct tree_node *t = n->users.root;

	while (t && of_node(t)->uid != uid)
		t = uid < of_node(t)->uid ? t->left : t->right;
	return t ? of_node(t) : NULL;
}

void unix_users_init(struct unix_net *n)
{
	tree_init(&n->users, &user_ops);
}

int unix_count_files(struct sock_msg *m)
{
	const struct task *t = m->task;
	struct unix_net *n = t->machine->net->unix_;
	struct unix_user *u = user_find(n, t->cred.uid);

	if (u && u->files > task_rlimit(t, RLIMIT_NOFILE_) && !task_capable(t, CAP_SYS_RESOURCE_) &&
	    !task_capable(t, CAP_SYS_ADMIN_))
		return -ETOOMANYREFS;
	if (n->files + m->files->count > FLIGHT_LIMIT)
		return -ETOOMANYREFS;
	if (!u) {
		u = calloc(1, sizeof *u);
		if (!u)
			return -ENOMEM;
		u->uid = t->cred.uid;
		tree_insert(&n->users, &u->node);
	}
	u->files += m->files->count;
	n->files += m->files->count;
	m->files->user = u;
	return 0;
}

void unix_uncount_files(struct net *n, struct scm_files *f)
{
	struct unix_user *u = f->user;

	if (!u)
		return;
	f->user = NULL;
	n->unix_->files -= f->count;
	u->files -= f->count;
	if (!u->files) {
		tree_remove(&n->unix_->users, &u->node);
		free(u);
	}
}

/* --- What is in flight --- */

void unix_flight_begin(struct net *n, struct scm_files *f)
{
	struct unix_net *un = n->unix_;

	for (unsigned i = 0; f->sockets && i < f->count; i++) {
		struct unix_sock *u = unix_of_file(f->file[i]);

		if (!u || u->in_flight++)
			continue;
		u->flight_prev = NULL;
		u->flight_next = un->flight;
		if (un->flight)
			un->flight->flight_prev = u;
		un->flight = u;
		un->in_flight++;
	}
}

void unix_flight_end(struct net *n, struct scm_files *f)
{
	struct unix_net *un = n->unix_;

	unix_uncount_files(n, f);
	for (unsigned i = 0; f->sockets && i < f->count; i++) {
		struct unix_sock *u = unix_of_file(f->file[i]);

		if (!u || --u->in_flight)
			continue;
		*(u->flight_prev ? &u->flight_prev->flight_next : &un->flight) = u->flight_next;
		if (u->flight_next)
			u->flight_next->flight_prev = u->flight_prev;
		un->in_flight--;
	}
}

/* --- The search --- */

typedef void (*child_fn)(struct unix_sock *u, void *ctx);

/* Calls fn for each candidate that lies in u's queue, or in those of connections that wait there to be accepted. */
static void children(struct unix_sock *u, child_fn fn, void *ctx)
{
	for (struct packet *p = u->s.first; p; p = p->next) {
		if (p->child)
			children(unix_sk(p->child), fn, ctx);	/* these have no listeners' queues */
		for (unsigned i = 0; p->files && p->files->sockets && i < p->files->count; i++) {
			struct unix_sock *c = unix_of_file(p->files->file[i]);

			if (c && c->gc_candidate)
				fn(c, ctx);
		}
	}
}

static void seen_inside(struct unix_sock *u, void *ctx)
{
	(void)ctx;
	u->gc_outside--;
}

static void reached(struct unix_sock *u, void *ctx)
{
	struct unix_sock **todo = ctx;

	if (u->gc_reachable)
		return;
	u->gc_reachable = true;
	u->gc_next = *todo;
	*todo = u;
}

static void mark(struct unix_net *n, struct unix_sock *closing)
{
	struct unix_sock *todo = NULL, *u;

	for (u = n->flight; u; u = u->flight_next) {
		unsigned refs = u->s.file->refs - (u == closing);

		u->gc_candidate = refs == u->in_flight;
		u->gc_outside = u->in_flight;
		u->gc_reachable = false;
	}
	for (u = n->flight; u; u = u->flight_next)
		if (u->gc_candidate)
			children(u, seen_inside, NULL);
	for (u = n->flight; u; u = u->flight_next)
		if (u->gc_candidate && u->gc_outside)
			reached(u, &todo);
	while ((u = todo)) {
		todo = u->gc_next;
		children(u, reached, &todo);
	}
}

/* Takes the files out of u's queue, onto a list. */
static void strip(struct net *n, struct unix_sock *u, struct scm_files **list)
{
	for (struct packet *p = u->s.first; p; p = p->next) {
		if (p->child)
			strip(n, unix_sk(p->child), list);
		if (!p->files)
			continue;
		p->files->next = *list;
		*list = p->files;
		p->files = NULL;
	}
}

void unix_collect(struct net *n, struct unix_sock *closing)
{
	struct unix_net *un = n->unix_;
	struct scm_files *garbage = NULL, *f;

	if (!un->in_flight || un->gc_running || (un->gc_events++ < un->gc_survivors && un->in_flight > FEW))
		return;
	un->gc_running = true;
	mark(un, closing);
	for (struct unix_sock *u = un->flight; u; u = u->flight_next)
		if (u->gc_candidate && !u->gc_reachable)
			strip(n, u, &garbage);
	for (f = garbage; f; f = f->next)
		unix_flight_end(n, f);
	while ((f = garbage)) {
		garbage = f->next;
		scm_free(n, f);
	}
	un->gc_survivors = un->in_flight;
	un->gc_events = 0;
	un->gc_running = false;
}
