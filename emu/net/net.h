/* SPDX-License-Identifier: MIT
 *
 * Sockets: what all families have in common.  docs/sockets.md has the picture.
 *
 *	net.c		the machine's sockets: families, limits, life
 *	sock_file.c	sockets as open files
 *	packet.c	what lies in queues, and who pays for it
 *	sockopt.c	options of SOL_SOCKET
 *	scm.c		control messages: descriptors and credentials
 *	stream.c	receiving from a stream
 *	unix*.c		AF_UNIX
 *	inet*.c		AF_INET and AF_INET6: addresses, ports, options
 *	tcp*.c, udp.c	their protocols, on the internal loopback
 *	netdev.c	interfaces
 *	netlink.c	AF_NETLINK
 *	rtnetlink.c	and what it tells about interfaces and routes
 *	check.c		do the records agree?
 *
 * A socket is a struct sock, embedded in what its family adds, with one table of operations.  A socket is counted: its
 * open file has a reference, and so has whoever points at it (a peer, a packet of its in somebody's queue).
 * When the file goes, ops->release() takes it out of sight (`dead`); the memory goes with the last reference.
 *
 * As with files, nothing here blocks: what cannot go on answers -EAGAIN and says in which queue to wait; the
 * system calls (emu/sys/sys_socket.c, sys_sockmsg.c) wait, with SO_RCVTIMEO and SO_SNDTIMEO, and try again.
 *
 * Host memory: every packet is charged to the socket that sent it (SO_SNDBUF) until it is taken, by the
 * kernel's own reckoning (skb->truesize), and to the machine: see packet.h.
 *
 * Numbers of the guest are the host's where both are Linux's generic ones (AF_*, SOCK_*, MSG_*); SO_* are not the same
 * on all hosts and have names of their own.
 */
#ifndef EMU_NET_NET_H
#define EMU_NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include "emu/fs/vfs.h"
#include "emu/kernel/wait.h"
#include "mm/tree.h"

struct machine;
struct task;
struct packet;
struct sock;
struct sock_msg;

enum { SHUT_RECEIVE = 1, SHUT_SEND = 2, SHUT_BOTH = 3 };	/* sock.shut */

/* The largest address (struct sockaddr_storage), in the guest's layout.  len 0: none. */
struct sock_addr {
	uint32_t len;
	union { uint16_t family; uint8_t bytes[128]; };
};

#define SCM_MAX_FDS 253

/* Descriptors on their way, one reference on each. */
struct scm_files {
	struct scm_files *next;		/* of scm.c and unix_gc.c */
	struct unix_user *user;		/* while they lie in a queue: whom they count against */
	unsigned count, sockets;	/* sockets: of AF_UNIX, which count as in flight while they lie in a queue */
	struct file *file[];
};

/* struct ucred */
struct sock_cred { int32_t pid; uint32_t uid, gid; };

/* Who was at the other end when the connection was made: SO_PEERCRED, SO_PEERGROUPS. */
struct sock_peer {
	bool known;
	struct sock_cred cred;
	struct groups *groups;		/* a reference */
};

/* A control message of a family's own. */
struct sock_control { int32_t level, type; uint32_t len; uint8_t data[28]; };

/* A message to be sent or received, in host memory. */
struct sock_msg {
	struct task *task;		/* whose call it is */
	const struct iovec *vec;	/* the data: pieces of guest memory */
	unsigned count;
	size_t len;			/* bytes in them */
	size_t done;			/* streams: bytes moved by earlier tries of this call */
	uint32_t flags;			/* MSG_* */
	struct sock_addr *name;		/* to whom (len 0: the peer); from whom.  NULL: not asked */
	const uint8_t *control;		/* to be sent: the guest's control messages, */
	uint32_t control_len;		/* and how many bytes of them */
	/* What these say (scm_parse()), and what was received with the data. */
	struct scm_files *files;
	struct sock_cred cred;		/* sent: pid 0 is none */
	bool has_cred;			/* received: to be told (SO_PASSCRED) */
	uint64_t stamp;			/* received: when it came, ns since 1970, for SO_TIMESTAMP; 0: not told */
	struct sock_control extra[4];	/* received: what the family has to tell besides */
	unsigned extras;
	/* Out. */
	uint32_t out_flags;		/* MSG_TRUNC, MSG_EOR, ... */
	struct wait_queue *wait;	/* with -EAGAIN: where to wait; NULL: at the socket */
	bool stop;			/* MSG_WAITALL does not go on behind this */
	bool broken;			/* with -EPIPE, or fewer bytes than asked: SIGPIPE is due */
};

struct sock_ops {
	const char *name;		/* "UNIX-STREAM" */
	int (*bind)(struct sock *s, struct task *t, const struct sock_addr *a);
	/*
	 * -EINPROGRESS: under way; called again it says how it ended, or -EALREADY: it has not.  -EAGAIN: try again when
	 * *wait is woken.
	 */
	int (*connect)(struct sock *s, struct task *t, const struct sock_addr *a, struct wait_queue **wait);
	int (*pair)(struct sock *a, struct sock *b, struct task *t);
	int (*listen)(struct sock *s, struct task *t, int backlog);
	/* The next connection, with a reference; -EAGAIN. */
	int (*accept)(struct sock *s, struct sock **out);
	int (*name_of)(struct sock *s, bool peer, struct sock_addr *out);
	unsigned (*poll)(struct sock *s, struct waiter *w);	/* poll bits */
	/* Bytes, -EAGAIN, -errno; -EPIPE: the caller sees to SIGPIPE. */
	int64_t (*send)(struct sock *s, struct sock_msg *m);
	int64_t (*receive)(struct sock *s, struct sock_msg *m);
	int (*shutdown)(struct sock *s, int how);		/* SHUT_* bits */
	/* Levels other than SOL_SOCKET; -ENOPROTOOPT.  get: *len is the room and becomes what there is. */
	int (*set_option)(struct sock *s, struct task *t, int level, int name, const void *val, uint32_t len);
	int (*get_option)(struct sock *s, struct task *t, int level, int name, void *val, uint32_t *len);
	int64_t (*ioctl)(struct sock *s, struct task *t, uint32_t cmd, uint32_t arg);
	void (*release)(struct sock *s);	/* its file is closed */
	void (*free)(struct sock *s);		/* the last reference: what the family added; then the memory goes */
	void (*closing)(struct sock *s);	/* one descriptor of its file is closed; others may be left.  May be NULL */
	/* May be NULL. */
	void (*option_changed)(struct sock *s, int name);	/* of SOL_SOCKET */
	int (*pending_error)(struct sock *s);	/* where sock.error does not have it: positive errno, forgotten by it */
	bool streams;			/* a short write is not the end of it */
	uint8_t writable;		/* so many twelfths of SO_SNDBUF may be used while there is room to send */
	bool peek_offset;		/* SO_PEEK_OFF */
	bool peek_waits;		/* MSG_PEEK with MSG_WAITALL, or SO_RCVLOWAT, waits for all of it */
};

/* As the kernel's sk_state, as far as SO_ACCEPTCONN and /proc show it. */
enum sock_state { SOCK_CLOSED, SOCK_LISTENING, SOCK_CONNECTING, SOCK_CONNECTED };

struct sock {
	struct net *net;
	const struct sock_ops *ops;
	struct file *file;		/* not a reference; NULL: not accepted yet, or closed */
	uint64_t ino;			/* of the file */
	unsigned refs;
	uint16_t family, type;		/* AF_*, SOCK_* */
	uint32_t protocol;
	enum sock_state state;
	bool dead;			/* its file is gone */
	uint8_t shut;			/* SHUT_* */
	int error;			/* positive errno, told once: SO_ERROR */
	struct wait_queue wait;		/* for any change */
	struct packet *first, *last;	/* what has come */
	struct packet *urgent;		/* of those: the byte sent with MSG_OOB, not yet taken (stream.h) */
	unsigned queued;		/* packets in it */
	uint32_t backlog;		/* of those, before it is full (sk_max_ack_backlog) */
	uint32_t sent;			/* bytes it is charged for (sk_wmem_alloc) */
	uint32_t received;		/* bytes its queue is charged for (sk_rmem_alloc) */
	uint32_t send_limit, receive_limit;	/* SO_SNDBUF, SO_RCVBUF */
	bool send_limit_set;		/* by the program: it does not grow by itself */
	uint32_t low_water;		/* SO_RCVLOWAT */
	uint64_t receive_timeout, send_timeout;	/* ns; UINT64_MAX: for ever */
	int32_t peek_offset;		/* SO_PEEK_OFF; -1: none */
	struct sock_peer peer_cred;
	/* Options that are a bit each; and values that are only kept. */
	bool debug, reuse, reuse_port, dont_route, broadcast, keep_alive, oob_inline, no_check, linger;
	bool pass_cred, pass_sec, stamp, stamp_ns, stamp_new, rxq_ovfl, select_err_queue, zerocopy, receive_mark;
	bool filter_locked;
	uint32_t linger_seconds, priority, mark, max_pacing, incoming_cpu;
	uint64_t cookie;		/* SO_COOKIE; 0: not asked yet */
	uint32_t drops;
	uint32_t seen_refs, seen_sent;	/* check.c's own */
	/* All sockets, by age: for /proc. */
	struct sock *next, *prev;
};

struct sock_family {
	uint16_t family;
	/* type without flags.  A new socket with one reference, by sock_alloc(); or -errno. */
	int (*create)(struct net *n, struct task *t, int type, int protocol, struct sock **out);
};

struct unix_net;
struct inet_net;

/* The machine's. */
struct net {
	struct machine *machine;
	struct sock *first, *last;
	unsigned count;
	uint64_t bytes;			/* of all packets */
	uint64_t next_cookie;
	struct unix_net *unix_;
	struct inet_net *inet;
	struct tree netlinks;		/* of AF_NETLINK, by their numbers */
	uint32_t next_netlink;		/* the number of the next one that must not have its process's */
	/* Files to be closed while others are being closed: see scm.c. */
	struct scm_files *doomed;
	bool closing;
};

int net_new(struct machine *m);		/* 0 or -ENOMEM */
void net_free(struct machine *m);	/* after all files are closed */
/* What is wrong with the records of sockets, or NULL: check.c.  Not while a call is being served. */
const char *net_check(struct net *n);

/* --- Life --- */
/* A socket of `size` bytes, zeroed, that begins with struct sock; one reference.  NULL: -ENOMEM or -ENFILE in *err. */
struct sock *sock_alloc(struct net *n, size_t size, const struct sock_ops *ops, int family, int type, int protocol,
			int *err);
struct sock *sock_get(struct sock *s);
void sock_put(struct sock *s);
/* As socket(2) does: -EAFNOSUPPORT, -EINVAL, ... */
int sock_create(struct task *t, int family, int type, int protocol, struct sock **out);
/* An open file for it (flags: O_NONBLOCK), which takes the caller's reference.  0, or -ENOMEM and the reference is kept. */
int sock_open(struct sock *s, uint32_t flags, struct file **out);
/* The socket behind a file, or NULL: -ENOTSOCK. */
struct sock *sock_of(const struct file *f);
/* An accepted socket begins with its listener's options. */
void sock_inherit(struct sock *s, const struct sock *listener);
/* Something has changed: whoever waits looks again.  events: the poll bits that may have come; 0: any. */
static inline void sock_wake_events(struct sock *s, unsigned events)
{
	if (s->wait.first)
		wake_events(&s->wait, events);
}
static inline void sock_wake(struct sock *s)
{
	if (s->wait.first)
		wake_all(&s->wait);
}
/* The pending error as -errno, which is then forgotten; 0. */
int sock_error(struct sock *s);

/* --- Options of SOL_SOCKET: 0 or -errno.  val is host memory; *len: the room, and what there is. --- */
int sock_set_option(struct sock *s, struct task *t, int name, const void *val, uint32_t len);
int sock_get_option(struct sock *s, struct task *t, int name, void *val, uint32_t *len);

/* --- What is in a message --- */
/* The data at `at` of the message from or to host memory: 0 or -EFAULT. */
int msg_read(const struct sock_msg *m, size_t at, void *dst, size_t len);
int msg_write(const struct sock_msg *m, size_t at, const void *src, size_t len);

/* Those at the other end of a connection being made by t. */
void sock_peer_of(struct sock_peer *p, const struct task *t);

/* --- scm.c --- */
/* struct cmsghdr of the guest; the next one begins at a multiple of 4. */
struct guest_cmsg { uint32_t len; int32_t level, type; };
enum { GUEST_SCM_RIGHTS = 1, GUEST_SCM_CREDENTIALS = 2, GUEST_SOL_SOCKET = 1 };
/*
 * The control message at *at, which moves behind it; *data becomes its contents.  1, 0: there is none any more, -EINVAL.
 */
int scm_next(const struct sock_msg *m, uint32_t *at, struct guest_cmsg *c, const uint8_t **data);
/*
 * Reads what m->control says at level SOL_SOCKET into m->files (NULL before; the caller frees them, also after an error)
 * and m->cred.  -EINVAL, -EBADF, -EPERM, -ESRCH, -ENOMEM.
 */
int scm_parse(struct sock_msg *m);
struct scm_files *scm_alloc(unsigned count);		/* NULL: no memory */
void scm_free(struct net *n, struct scm_files *f);	/* and the references; NULL is fine */
struct scm_files *scm_copy(const struct scm_files *f);	/* for MSG_PEEK */

#endif
