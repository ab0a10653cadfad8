/* SPDX-License-Identifier: MIT
 *
 * AF_NETLINK: the sockets (netlink.c), and what NETLINK_ROUTE answers (rtnetlink.c).
 */
#ifndef EMU_NET_NETLINK_H
#define EMU_NET_NETLINK_H

#include "emu/net/net.h"

extern const struct sock_family netlink_family;
void netlink_net_init(struct net *n);

/* struct nlmsghdr */
struct netlink_header { uint32_t len; uint16_t type, flags; uint32_t seq, pid; };

/* Messages that are being put together. */
struct netlink_answer { uint8_t bytes[2048]; uint32_t len, message; };

void netlink_begin(struct netlink_answer *a, uint16_t type, uint16_t flags, const struct netlink_header *to, uint32_t pid);
void netlink_put(struct netlink_answer *a, const void *data, uint32_t len);
void netlink_finish(struct netlink_answer *a);

/*
 * A request of t's by the socket with that number, with len bytes of body.  0: done (an acknowledgement, if wanted, is
 * due); 1: *a is the answer; -errno.
 */
int rtnetlink_serve(struct net *n, uint32_t pid, const struct task *t, const struct netlink_header *h, const uint8_t *body,
		    uint32_t len, struct netlink_answer *a);

#endif
