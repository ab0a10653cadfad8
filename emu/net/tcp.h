/* SPDX-License-Identifier: MIT
 *
 * TCP: private to emu/net/tcp*.c, usertcp.c and inet.c.
 *
 * Within the machine the two ends of a connection do to each other what real ones tell by segments: a handshake is the
 * making of the accepted socket, a FIN sets the other's SHUT_RECEIVE, a reset its error.
 */
#ifndef EMU_NET_TCP_H
#define EMU_NET_TCP_H

#include "emu/kernel/clock_event.h"
#include "emu/net/inet.h"

/* As the kernel's sock->state, which connect(2) goes by. */
enum tcp_connecting { TCP_UNCONNECTED, TCP_UNDER_WAY, TCP_MADE };

struct tcp_sock {
	struct inet_sock i;		/* first */
	enum tcp_connecting connecting;
	struct tcp_sock *peer;		/* a reference on its sock; NULL: none, or it has closed */
	bool fin_sent, fin_received;
	bool active;			/* it sent the first of them: what comes after is its business (TIME_WAIT) */
	struct tcp_pcb *wire;		/* instead of a peer: lwIP's end of a connection through eth0 (usertcp.c) */
	/* While state is SOCK_CONNECTING: the listener whose queue is full, and its other clients.  No references. */
	struct tcp_sock *listener, *client_next, *client_prev;
	struct clock_event gives_up;	/* as long as it waits there */
	struct tcp_sock *client_first, *client_last;	/* of a listener */
};

static inline struct tcp_sock *tcp_sk(struct sock *s) { return (struct tcp_sock *)(void *)s; }
/* The connection is over, by the other's reset: err is told once. */
void tcp_reset(struct tcp_sock *t, int err);
void tcp_set_peer(struct tcp_sock *t, struct tcp_sock *peer);	/* with references */

/* --- tcp_connect.c --- */
int tcp_sock_connect(struct sock *s, struct task *t, const struct sock_addr *a, struct wait_queue **wait);
int tcp_sock_listen(struct sock *s, struct task *t, int backlog);
int tcp_sock_accept(struct sock *s, struct sock **out);
void tcp_leave(struct tcp_sock *c);		/* it waits at no listener any more */
/* It cannot be had: told by the next connect(), SO_ERROR ... */
void tcp_refuse(struct tcp_sock *c, int err);
void tcp_made(struct tcp_sock *t);		/* the connection stands */
void tcp_disconnect(struct tcp_sock *t);	/* tcp.c: connect(2) with AF_UNSPEC: it can connect, or listen, once more */
void tcp_finish(struct tcp_sock *t);		/* tcp.c: closed, if both directions have ended in good order */
/* Who listens there, for a connection from there (NULL: not known yet): the more exactly the better; NULL. */
struct tcp_sock *tcp_listener(struct net *n, const struct inet_end *from, const struct inet_end *to);
bool tcp_full(const struct sock *listener);	/* its queue has no room */
/* The end of a new connection at l's side, and the packet that brings it to l's queue.  0 or -errno. */
int tcp_child(struct tcp_sock *l, const struct inet_end *local, const struct inet_end *remote, struct tcp_sock **out,
	      struct packet **p);
int64_t tcp_send(struct sock *s, struct sock_msg *m);
int64_t tcp_receive(struct sock *s, struct sock_msg *m);

/* --- usertcp.c: connections through eth0.  t->wire is theirs. --- */
int usertcp_connect(struct tcp_sock *c, const struct inet_end *to);	/* begins it: 0 or -errno */
int usertcp_listen(struct inet_port *p, struct net *n);	/* what comes from outside for that port; again is fine */
void usertcp_unlisten(struct inet_port *p, struct net *n);
int64_t usertcp_send(struct tcp_sock *t, struct sock_msg *m);
void usertcp_taken(struct tcp_sock *t, size_t bytes);	/* the program has read as many */
void usertcp_fin(struct tcp_sock *t);			/* nothing more is sent */
void usertcp_end(struct tcp_sock *t, bool hard);	/* closed; hard: by a reset */
bool usertcp_writable(const struct tcp_sock *t);
void usertcp_options(struct tcp_sock *t);		/* they have changed */
/* ICMP says of a packet that was sent from local to remote that it cannot get there. */
void usertcp_unreachable(struct net *n, const struct inet_end *local, const struct inet_end *remote, int err);

#endif
