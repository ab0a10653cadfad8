/* SPDX-License-Identifier: MIT
 *
 * TCP on the internal loopback: private to emu/net/tcp*.c and inet.c.
 *
 * What a real connection tells by segments the two ends do to each other: a handshake is the making of the accepted socket,
 * a FIN sets the other's SHUT_RECEIVE, a reset its error.
 */
#ifndef EMU_NET_TCP_H
#define EMU_NET_TCP_H

#include "emu/net/inet.h"

/* As the kernel's sock->state, which connect(2) goes by. */
enum tcp_connecting { TCP_UNCONNECTED, TCP_UNDER_WAY, TCP_MADE };

struct tcp_sock {
	struct inet_sock i;		/* first */
	enum tcp_connecting connecting;
	struct tcp_sock *peer;		/* a reference on its sock; NULL: none, or it has closed */
	bool fin_sent, fin_received;
	/* While state is SOCK_CONNECTING: the listener whose queue is full, and its other clients.  No references. */
	struct tcp_sock *listener, *client_next;
	struct tcp_sock *client_first, *client_last;	/* of a listener */
};

static inline struct tcp_sock *tcp_sk(struct sock *s) { return (struct tcp_sock *)(void *)s; }
/* The connection is over, by the other's reset: err is told once. */
void tcp_reset(struct tcp_sock *t, int err);
void tcp_set_peer(struct tcp_sock *t, struct tcp_sock *peer);	/* with references */
int64_t tcp_send(struct sock *s, struct sock_msg *m);
int64_t tcp_receive(struct sock *s, struct sock_msg *m);

#endif
