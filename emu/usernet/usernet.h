/* SPDX-License-Identifier: MIT
 *
 * `--net user`: the wire between the guest's sockets (emu/net/) and libslirp (emu/host/slirp.h), which is a network of
 * its own behind this process.
 *
 *	config.c	what `--net user,...` says
 *	usernet.c	life, frames that came, the clock of connections
 *	link.c		Ethernet, ARP, neighbours of IPv6
 *	ip.c		packets of IPv4 and IPv6, and their checksums
 *	lwip.h, lwip.c	lwIP, which does TCP: the interface it has here
 *
 * libslirp speaks Ethernet, as to a real machine.  What connections are made of (segments, acknowledgements, repetitions,
 * windows) is lwIP's business, by its callback interface and without its threads; emu/net/usertcp.c is above it.  All
 * other packets come and go here as they are.  Nothing is ever cut in pieces: the wire takes packets of any length.
 *
 * All runs on the machine's one thread.  Frames from libslirp lie in a queue until usernet_run(), as neither library may be
 * called by itself through the other.
 *
 * Addresses are in IPv6 form, IPv4 as ::ffff:a.b.c.d.
 */
#ifndef EMU_USERNET_USERNET_H
#define EMU_USERNET_USERNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "emu/host/library.h"
#include "emu/host/slirp.h"

struct machine;
struct usernet;

enum { USERNET_MTU = 1500 };		/* of eth0, as programs are told */
enum { USERNET_FORWARDS = 64 };

extern const uint8_t usernet_mac[6], usernet_ip4[16], usernet_ip6[16], usernet_gateway4[16], usernet_gateway6[16],
		     usernet_dns4[16];

/* --- The command line --- */
struct usernet_config {
	bool restricted;
	unsigned forwards;
	struct host_forward forward[USERNET_FORWARDS];
};
/* What follows "user" in --net: "" or ",hostfwd=...,restrict=on".  0, or -EINVAL and the reason in why. */
int usernet_parse(const char *text, struct usernet_config *c, char why[LIBRARY_WHY]);

/* --- Life --- */
/* A packet that is not of TCP, on loan: data is what follows the header. */
struct usernet_packet {
	uint8_t from[16], to[16];
	uint8_t proto, ttl, tos;
	const uint8_t *data, *whole;	/* whole: with the header */
	size_t len, whole_len;
};
struct usernet_ops {
	void (*packet)(void *owner, const struct usernet_packet *p);
	/* May somebody begin a connection to there?  If not, he tries again. */
	bool (*admits)(void *owner, const uint8_t ip[16], uint16_t port);
};
/* 0; -ENOENT (a library is missing), -EBUSY (another machine of this process has it), -ENOMEM, ...: why says it. */
int usernet_new(struct machine *m, const struct usernet_config *c, const struct usernet_ops *ops, void *owner,
		struct usernet **out, char why[LIBRARY_WHY]);
/* All connections are gone by then. */
void usernet_free(struct usernet *u);
/* What came is handed on.  To be called at the end of each operation that sent something. */
void usernet_run(struct usernet *u);

/* --- Packets out --- */
/* Room for up to 65535 - 40 bytes, to be filled and then sent. */
uint8_t *usernet_room(struct usernet *u, bool four);
/*
 * A packet of that protocol with len bytes of what usernet_room() gave.  sum_at: where in them the checksum goes, which is
 * made then; or -1.
 */
void usernet_send(struct usernet *u, uint8_t proto, const uint8_t from[16], const uint8_t to[16], uint8_t ttl, uint8_t tos,
		  size_t len, int sum_at);
/*
 * The checksum of these bytes, with the pseudo-header of proto if that is not 0: what goes into its field while that is 0,
 * or 0 if what is there is right.
 */
uint16_t usernet_sum(const uint8_t from[16], const uint8_t to[16], uint8_t proto, const uint8_t *data, size_t len);
/* Nothing new can be begun for want of descriptors: see host_slirp_full(). */
bool usernet_full(const struct usernet *u);

/* Frames and bytes that went through eth0. */
struct usernet_count { uint64_t packets, bytes; };
void usernet_counts(const struct usernet *u, struct usernet_count *in, struct usernet_count *out);

#endif
