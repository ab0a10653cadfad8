/* SPDX-License-Identifier: MIT
 *
 * Receiving from a stream: what AF_UNIX and TCP have in common.  The queue is the socket's; packets are taken apart as far
 * as there is room.
 *
 * An urgent byte (MSG_OOB) is a packet of its own, sock.urgent as long as it has not been taken.  A receive stops at it
 * once; it is taken with MSG_OOB, or, with SO_OOBINLINE, in its turn, else passed over.  Taken with MSG_OOB it
 * stays in the queue, empty, as a mark.
 */
#ifndef EMU_NET_STREAM_H
#define EMU_NET_STREAM_H

#include "emu/net/packet.h"

struct stream_ops {
	/* There is nothing to receive: 0 (the end), -EAGAIN, or what went wrong. */
	int64_t (*nothing)(struct sock *s);
	/* Data of p are being received: what is told with them.  May be NULL. */
	void (*tell)(struct sock *s, struct sock_msg *m, const struct packet *p);
	/* May p's data follow what was received so far?  NULL: always. */
	bool (*follows)(const struct sock *s, const struct sock_msg *m, const struct packet *p);
	/* Descriptors leave the queue.  May be NULL. */
	void (*files_out)(struct net *n, struct scm_files *f);
	bool truncates;		/* MSG_TRUNC throws the data away */
};

int64_t stream_receive(struct sock *s, struct sock_msg *m, const struct stream_ops *ops);
/* Does the next byte read lie behind the urgent one?  SIOCATMARK */
bool stream_at_mark(const struct sock *s);
/* The urgent byte has come: SIGURG to the file's owner. */
void stream_tell_urgent(struct sock *s);

#endif
