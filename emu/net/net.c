/* SPDX-License-Identifier: MIT
 *
 * The machine's sockets: families, limits, life.
 */
#include "emu/net/net.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/kernel/task.h"
#include "emu/net/inet.h"
#include "emu/net/netlink.h"
#include "emu/net/packet.h"
#include "emu/net/unix.h"

/* All sockets of the machine: the kernel has twice its fs.file-max for AF_UNIX. */
enum { SOCKET_LIMIT = 65536 };
/* As a kernel of 32 bits has them: 256 packets of 256 bytes (SK_WMEM_MAX). */
enum { DEFAULT_BUFFER = 180224 };
enum { FAMILIES = 46 /* AF_MAX */, TYPES = 11 /* SOCK_MAX */ };

static const struct sock_family *const families[] = { &unix_family, &inet_family, &inet6_family, &netlink_family };

int net_new(struct machine *m)
{
	struct net *n = calloc(1, sizeof *n);

	if (!n)
		return -ENOMEM;
	n->machine = m;
	n->next_cookie = 1;
	netlink_net_init(n);
	if (unix_net_new(n))
		goto fail;
	if (inet_net_new(n))
		goto fail_inet;
	m->net = n;
	return 0;
fail_inet:
	unix_net_free(n);
fail:
	free(n);
	return -ENOMEM;
}

void net_free(struct machine *m)
{
	if (!m->net)
		return;
	inet_net_free(m->net);
	unix_net_free(m->net);
	free(m->net);
	m->net = NULL;
}

/* --- Life --- */

struct sock *sock_alloc(struct net *n, size_t size, const struct sock_ops *ops, int family, int type, int protocol,
			int *err)
{
	struct sock *s;

	*err = -ENFILE;
	if (n->count >= SOCKET_LIMIT)
		return NULL;
	*err = -ENOMEM;
	s = calloc(1, size);
	if (!s)
		return NULL;
	s->net = n;
	s->ops = ops;
	s->refs = 1;
	s->family = (uint16_t)family;
	s->type = (uint16_t)type;
	s->protocol = (uint32_t)protocol;
	s->send_limit = s->receive_limit = DEFAULT_BUFFER;
	s->low_water = 1;
	s->receive_timeout = s->send_timeout = UINT64_MAX;
	s->peek_offset = -1;
	s->max_pacing = UINT32_MAX;
	s->incoming_cpu = UINT32_MAX;
	s->prev = n->last;
	*(n->last ? &n->last->next : &n->first) = s;
	n->last = s;
	n->count++;
	return s;
}

struct sock *sock_get(struct sock *s)
{
	s->refs++;
	return s;
}

void sock_put(struct sock *s)
{
	struct net *n = s->net;
	struct packet *p;

	if (--s->refs)
		return;
	while ((p = packet_take(s)))
		packet_free(n, p);
	if (s->ops->free)
		s->ops->free(s);
	groups_put(s->peer_cred.groups);
	wait_queue_fini(&s->wait);
	*(s->prev ? &s->prev->next : &n->first) = s->next;
	*(s->next ? &s->next->prev : &n->last) = s->prev;
	n->count--;
	free(s);
}

int sock_create(struct task *t, int family, int type, int protocol, struct sock **out)
{
	if (family < 0 || family >= FAMILIES)
		return -EAFNOSUPPORT;
	if (type < 0 || type >= TYPES)
		return -EINVAL;
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (families[i]->family == family)
			return families[i]->create(t->machine->net, t, type, protocol, out);
	return -EAFNOSUPPORT;
}

void sock_inherit(struct sock *s, const struct sock *l)
{
	s->send_limit = l->send_limit;
	s->send_limit_set = l->send_limit_set;
	s->receive_limit = l->receive_limit;
	s->low_water = l->low_water;
	s->receive_timeout = l->receive_timeout;
	s->send_timeout = l->send_timeout;
	s->debug = l->debug;
	s->reuse = l->reuse;
	s->reuse_port = l->reuse_port;
	s->dont_route = l->dont_route;
	s->keep_alive = l->keep_alive;
	s->oob_inline = l->oob_inline;
	s->linger = l->linger;
	s->linger_seconds = l->linger_seconds;
	s->priority = l->priority;
	s->mark = l->mark;
}

int sock_error(struct sock *s)
{
	int err = s->error;

	s->error = 0;
	if (!err && s->ops->pending_error)
		err = s->ops->pending_error(s);
	return -err;
}

void sock_peer_of(struct sock_peer *p, const struct task *t)
{
	p->known = true;
	p->cred = (struct sock_cred){ t->process->pid, t->cred.euid, t->cred.egid };
	groups_put(p->groups);
	p->groups = groups_get(t->cred.groups);
}

/* --- Messages --- */

int msg_read(const struct sock_msg *m, size_t at, void *dst, size_t len)
{
	uint8_t *to = dst;

	for (unsigned i = 0; i < m->count && len; i++) {
		size_t here = m->vec[i].iov_len, n;

		if (at >= here) {
			at -= here;
			continue;
		}
		n = here - at < len ? here - at : len;
		memcpy(to, (const uint8_t *)m->vec[i].iov_base + at, n);
		to += n;
		len -= n;
		at = 0;
	}
	return len ? -EFAULT : 0;
}

int msg_write(const struct sock_msg *m, size_t at, const void *src, size_t len)
{
	const uint8_t *from = src;

	for (unsigned i = 0; i < m->count && len; i++) {
		size_t here = m->vec[i].iov_len, n;

		if (at >= here) {
			at -= here;
			continue;
		}
		n = here - at < len ? here - at : len;
		memcpy((uint8_t *)m->vec[i].iov_base + at, from, n);
		from += n;
		len -= n;
		at = 0;
	}
	return len ? -EFAULT : 0;
}
