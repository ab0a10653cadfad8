/* SPDX-License-Identifier: MIT
 *
 * libslirp: a network for the guest behind this process, as QEMU's `-netdev user`.  Frames of Ethernet go in and come
 * out; what they ask for is done with ordinary sockets of the host, with the rights of whoever started flat32.
 *
 * The library is loaded by host_slirp_new(), not before.  Its descriptors and time-outs are polled between
 * host_slirp_prepare() and host_slirp_finish(), which are for a group of emu/host/poll.h.  Its clock is the machine's.
 */
#ifndef EMU_HOST_SLIRP_H
#define EMU_HOST_SLIRP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "emu/host/library.h"

struct machine;
struct host_slirp;

/* Of the host's address and port to the guest's.  Ports in the host's order. */
struct host_forward { bool udp; uint8_t host[4], guest[4]; uint16_t host_port, guest_port; };

struct host_slirp_config {
	bool restricted;		/* nothing leads out: only what is forwarded comes in */
	uint8_t network[4], mask[4], host[4], dns[4], guest[4];
	uint8_t prefix6[16], host6[16], dns6[16];	/* of 64 bits */
	/*
	 * A frame for the guest, on loan.  It may come during host_slirp_send() as well, so it is to be put away, and
	 * answered later.
	 */
	void (*frame)(void *owner, const uint8_t *frame, size_t len);
	void *owner;
};

enum { HOST_SLIRP_MTU = 65521 };	/* the largest there is: no datagram is cut in pieces */

/* 0; -ENOENT (no library), -ENOMEM: why says it. */
int host_slirp_new(struct machine *m, const struct host_slirp_config *c, struct host_slirp **out, char why[LIBRARY_WHY]);
void host_slirp_free(struct host_slirp *h);	/* NULL is fine */
int host_slirp_forward(struct host_slirp *h, const struct host_forward *f);	/* 0 or -errno */
/* A frame of the guest's: lost if the host has no more descriptors for what it begins. */
void host_slirp_send(struct host_slirp *h, const uint8_t *frame, size_t len);
/*
 * Has it as many descriptors as it may?  They are half of RLIMIT_NOFILE at most, so that a guest does not take those
 * that the emulator itself needs.
 */
bool host_slirp_full(const struct host_slirp *h);
void host_slirp_prepare(struct host_slirp *h, int64_t *timeout_ns);
void host_slirp_finish(struct host_slirp *h);

#endif
