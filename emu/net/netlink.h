/* SPDX-License-Identifier: MIT */
#ifndef EMU_NET_NETLINK_H
#define EMU_NET_NETLINK_H

#include "emu/net/net.h"

extern const struct sock_family netlink_family;

#endif
