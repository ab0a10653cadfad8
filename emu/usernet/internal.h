/* SPDX-License-Identifier: MIT
 *
 * Private to emu/usernet/ and, for connections, to emu/net/usertcp.c: it brings lwIP's headers with it.
 */
#ifndef EMU_USERNET_INTERNAL_H
#define EMU_USERNET_INTERNAL_H

#include "emu/usernet/lwip.h"
#include "emu/usernet/usernet.h"

enum { ETHERNET = 14, IP4 = 20, IP6 = 40, PACKET_MAX = 65535 };
enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ICMP6 = 58 };

struct frame { struct frame *next; size_t len; uint8_t bytes[]; };

struct usernet {
	struct machine *machine;
	struct host_slirp *slirp;
	struct lwip lwip;
	struct netif netif;
	bool attached;			/* netif is lwIP's */
	const struct usernet_ops *ops;
	void *owner;
	struct frame *first, *last;	/* that came, and wait for usernet_run() */
	size_t waiting;			/* bytes in them */
	bool running;
	uint64_t tick;			/* when connections' timers are due; 0: there are none */
	struct usernet_count in, out;
	uint8_t frame[ETHERNET + PACKET_MAX + 1];	/* that is being made */
};

/* --- lwip.c --- */
int lwip_attach(struct usernet *u, char why[LIBRARY_WHY]);
void lwip_detach(struct usernet *u);
void lwip_receive(struct usernet *u, const uint8_t *packet, size_t len);	/* of TCP */
bool lwip_busy(const struct usernet *u);	/* there are connections with timers */
void lwip_tick(struct usernet *u);		/* every LWIP_TICK_NS while it is */
#define LWIP_TICK_NS UINT64_C(250000000)

/* --- link.c --- */
void link_greet(struct usernet *u);		/* tells the other side who is here */
void link_receive(struct usernet *u, const uint8_t *frame, size_t len);
/* The packet that lies in u->frame, behind the header of Ethernet. */
void link_send(struct usernet *u, size_t len);

/* --- ip.c --- */
void ip_receive(struct usernet *u, const uint8_t *packet, size_t len);
uint16_t ip_sum(const uint8_t *data, size_t len, uint32_t sum);	/* the Internet's checksum */
static inline unsigned get16(const uint8_t *p) { return (unsigned)p[0] << 8 | p[1]; }
static inline void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

#endif
