/* SPDX-License-Identifier: MIT
 *
 * AF_UNIX (net/unix/af_unix.c): private to emu/net/, but for what /proc/net/unix shows.
 *
 *	unix.c		kinds of sockets, connections, names told, poll, the end
 *	unix_name.c	names: paths, abstract ones, automatic ones; who has which
 *	unix_stream.c	sending and receiving bytes
 *	unix_dgram.c	and messages
 *	unix_gc.c	descriptors in flight, and sockets that only they keep alive
 */
#ifndef EMU_NET_UNIX_H
#define EMU_NET_UNIX_H

#include "emu/net/net.h"
#include "emu/net/packet.h"

enum { UNIX_PATH = 108, UNIX_DGRAM_BACKLOG = 10 /* net.unix.max_dgram_qlen */, UNIX_OVERHEAD = 32 };

struct unix_sock {
	struct sock s;			/* first */
	struct unix_name *name;		/* a reference; NULL: none */
	struct path_ref path;		/* where its node lies: references; dentry NULL: it has none of its own */
	struct tree_node by_name;	/* while `hashed`: in the tree of abstract names, or that of inodes */
	bool hashed;
	struct unix_sock *peer;		/* a reference on its sock */
	struct wait_queue room;		/* who sends to it or connects to it, and found its queue full */
	/* In flight: packets that hold the file. */
	unsigned in_flight, seen_in_flight;
	struct unix_sock *flight_next, *flight_prev;	/* all that are, while in_flight is not 0 */
	unsigned gc_outside;		/* unix_gc.c's own */
	bool gc_candidate, gc_reachable;
	struct unix_sock *gc_next;
};

/* An address, shared by a listener and the sockets accepted from it. */
struct unix_name {
	unsigned refs;
	uint32_t len;			/* of the bytes, family not counted */
	char bytes[];			/* with the NUL of a path; an abstract one begins with NUL */
};

struct unix_net {
	struct tree names, inodes;
	struct unix_sock *flight;	/* sockets in flight */
	unsigned in_flight;		/* how many of them */
	unsigned gc_events, gc_survivors;
	bool gc_running;
	struct tree users;		/* who has descriptors in flight */
	unsigned files;			/* descriptors in flight, of all users */
};

extern const struct sock_family unix_family;
int unix_net_new(struct net *n);
void unix_net_free(struct net *n);

static inline struct unix_sock *unix_sk(struct sock *s) { return (struct unix_sock *)(void *)s; }
/* The AF_UNIX socket behind a file, or NULL. */
struct unix_sock *unix_of_file(const struct file *f);
static inline bool unix_connected_type(const struct sock *s) { return s->type != 2 /* SOCK_DGRAM */; }
static inline bool unix_full(const struct unix_sock *u) { return u->s.queued > u->s.backlog; }
void unix_set_peer(struct unix_sock *u, struct unix_sock *peer);	/* with references */

/* --- unix_name.c --- */
/* -EINVAL unless it is a name (unix_validate_addr()). */
int unix_check_name(const struct sock_addr *a);
int unix_bind(struct sock *s, struct task *t, const struct sock_addr *a);
int unix_autobind(struct unix_sock *u);
void unix_unbind(struct unix_sock *u);	/* it can no longer be found; the name stays until the end */
void unix_name_put(struct unix_name *n);
/* Who has that name, no reference; -ECONNREFUSED, -EPROTOTYPE, -ENOENT, ... */
int unix_find(struct sock *asking, struct task *t, const struct sock_addr *a, struct unix_sock **out);
void unix_tell_name(const struct unix_sock *u, struct sock_addr *out);

/* --- Data: what both kinds do --- */
/* Before sending: the control messages. */
int unix_prepare(struct sock *s, struct sock_msg *m);
/* A packet of s for len bytes: -EAGAIN, -EPIPE, a pending error, ... */
int unix_packet(struct sock *s, uint32_t len, struct packet **out);
/* The packet gets files and credentials of m, and goes into the queue of `to`; or -errno. */
int unix_deliver(struct sock *from, struct unix_sock *to, struct packet *p, struct sock_msg *m);
int64_t unix_stream_send(struct sock *s, struct sock_msg *m);
int64_t unix_stream_receive(struct sock *s, struct sock_msg *m);
int64_t unix_dgram_send(struct sock *s, struct sock_msg *m);
int64_t unix_dgram_receive(struct sock *s, struct sock_msg *m);
/* The credentials of p are told if s asks for them. */
void unix_tell_cred(struct sock *s, struct sock_msg *m, const struct packet *p);

/* --- unix_gc.c --- */
void unix_users_init(struct unix_net *n);
/* Before m's files go into a queue, and when they come out: -ETOOMANYREFS (RLIMIT_NOFILE of the sender), -ENOMEM. */
int unix_count_files(struct sock_msg *m);
void unix_uncount_files(struct net *n, struct scm_files *f);
/* They lie in a queue; they do not any more (which uncounts them as well). */
void unix_flight_begin(struct net *n, struct scm_files *f);
void unix_flight_end(struct net *n, struct scm_files *f);
/*
 * A socket has gone, or (closing) a descriptor of one in flight is being closed, whose file still has the reference: ends
 * what only queues keep alive.
 */
void unix_collect(struct net *n, struct unix_sock *closing);

#endif
