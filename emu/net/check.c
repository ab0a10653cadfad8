/* SPDX-License-Identifier: MIT
 *
 * Do the records of sockets agree with each other?  For --self-check.  References are counted anew, as are the bytes that
 * sockets and the machine are charged for, and the descriptors in flight.
 */
#include <stdio.h>
#include "emu/net/inet.h"
#include "emu/net/tcp.h"
#include "emu/net/unix.h"

struct check {
	struct net *n;
	const char *broken;
	uint64_t bytes;
	unsigned files;
};

static char text[120];

static void broken(struct check *c, const struct sock *s, const char *what)
{
	if (c->broken)		/* the first one counts */
		return;
	snprintf(text, sizeof text, "%s socket %llu: %s", s->ops->name, (unsigned long long)s->ino, what);
	c->broken = text;
}

static void begin(struct net *n)
{
	for (struct sock *s = n->first; s; s = s->next) {
		s->seen_refs = s->file != NULL;
		s->seen_sent = 0;
		if (s->family == 1 /* AF_UNIX */)
			unix_sk(s)->seen_in_flight = 0;
	}
}

static void count_files(struct check *c, const struct scm_files *f)
{
	c->files += f->count;
	for (unsigned i = 0; f->sockets && i < f->count; i++) {
		struct unix_sock *u = unix_of_file(f->file[i]);

		if (u)
			u->seen_in_flight++;
	}
}

static void check_queue(struct check *c, struct sock *s)
{
	const struct packet *last = NULL;
	unsigned queued = 0;
	uint32_t received = 0;
	bool urgent = !s->urgent;

	for (struct packet *p = s->first; p; last = p, p = p->next) {
		if (p->at > p->len || p->len > p->room || p->charge != packet_charge(p->room))
			broken(c, s, "a packet's lengths contradict each other");
		queued++;
		received += p->charge;
		urgent |= p == s->urgent;
		if (p->owner) {
			p->owner->seen_refs++;
			p->owner->seen_sent += p->charge;
		}
		if (p->child)
			p->child->seen_refs++;
		if (p->files)
			count_files(c, p->files);
	}
	c->bytes += received;
	if (last != s->last || queued != s->queued || received != s->received)
		broken(c, s, "its queue is not as long as it says");
	if (!urgent)
		broken(c, s, "its urgent byte is not in the queue");
	if (s->dead && s->first)
		broken(c, s, "it is closed, but has a queue");
}

static void check_peer(struct check *c, struct sock *s)
{
	if (s->family == 1 /* AF_UNIX */ && unix_sk(s)->peer)
		unix_sk(s)->peer->s.seen_refs++;
	if (s->ops == &tcp_ops && tcp_sk(s)->wire) {
		/* What lies in lwIP. */
		s->seen_sent += s->sent;
		c->bytes += s->sent;
		if (tcp_sk(s)->peer)
			broken(c, s, "it has a peer inside and one outside");
	}
	if (s->ops == &tcp_ops && tcp_sk(s)->peer) {
		tcp_sk(s)->peer->i.s.seen_refs++;
		if (tcp_sk(s)->peer->peer != tcp_sk(s))
			broken(c, s, "its peer has another one");
		if (s->state != SOCK_CONNECTED && !tcp_sk(s)->fin_sent)
			broken(c, s, "it has a peer, but is not connected");
	}
}

static void check_totals(struct check *c, const struct sock *s)
{
	if (s->refs != s->seen_refs)
		broken(c, s, "not everybody who points at it has a reference");
	if (s->sent != s->seen_sent)
		broken(c, s, "it is charged for other than what it sent");
	if (s->file && sock_of(s->file) != s)
		broken(c, s, "its file is another one's");
	if (s->family == 1 && ((const struct unix_sock *)(const void *)s)->in_flight !=
			      ((const struct unix_sock *)(const void *)s)->seen_in_flight)
		broken(c, s, "it is not in flight as often as it says");
}

static const char *check_ports(const struct tree *t)
{
	if (!tree_check(t))
		return "the tree of ports is out of order";
	for (struct tree_node *n = tree_first(t); n; n = tree_next(n)) {
		const struct inet_port *p = tree_entry(n, struct inet_port, node);
		unsigned listening = 0;

		for (const struct inet_sock *i = p->first; i; i = i->port_next) {
			if (i->port != p || i->local.port != p->number || i->s.dead)
				return "a port has a socket that is not its own";
			listening += i->s.state == SOCK_LISTENING;
		}
		for (const struct inet_tw *w = p->tw; w; w = w->next)
			if (w->port != p || w->local.port != p->number)
				return "a closed connection is not at its port";
		if ((!p->first && !p->tw) || listening != p->listening)
			return "a port does not know who listens";
	}
	return NULL;
}

const char *net_check(struct net *n)
{
	struct check c = { .n = n };
	unsigned count = 0;

	begin(n);
	for (struct sock *s = n->first; s; s = s->next, count++) {
		check_queue(&c, s);
		check_peer(&c, s);
	}
	for (struct sock *s = n->first; s; s = s->next)
		check_totals(&c, s);
	if (c.broken)
		return c.broken;
	if (count != n->count || c.bytes != n->bytes || c.files != n->unix_->files)
		return "sockets, their bytes, or descriptors in flight are not as many as is said";
	if (!tree_check(&n->unix_->names) || !tree_check(&n->unix_->inodes) || !tree_check(&n->unix_->users))
		return "a tree of AF_UNIX is out of order";
	for (int i = 0; i < INET_PROTOS && !c.broken; i++)
		c.broken = check_ports(&n->inet->ports[i]);
	return c.broken;
}
