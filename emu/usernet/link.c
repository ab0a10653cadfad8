/* SPDX-License-Identifier: MIT
 *
 * The link: Ethernet, ARP (RFC 826), and neighbour discovery of IPv6 (RFC 4861).
 *
 * There are two stations on it, so nobody's address has to be found out before something is sent there.  The other side
 * does ask for ours, unless it is told before: then nothing waits for that.
 */
#include <string.h>
#include "emu/usernet/internal.h"

enum { ARP = 28, TYPE_IP4 = 0x0800, TYPE_ARP = 0x0806, TYPE_IP6 = 0x86dd };
enum { SOLICITATION = 135, ADVERTISEMENT = 136, NDP = 32 /* an advertisement with our address */ };

/* All that libslirp is goes by this one. */
static const uint8_t router_mac[6] = { 0x52, 0x55, 10, 0, 2, 2 };
static const uint8_t everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

static void put_header(struct usernet *u, const uint8_t to[6], unsigned type)
{
	memcpy(u->frame, to, 6);
	memcpy(u->frame + 6, usernet_mac, 6);
	put16(u->frame + 12, type);
}

static void transmit(struct usernet *u, size_t len)
{
	u->out.packets++;
	u->out.bytes += len;
	host_slirp_send(u->slirp, u->frame, len);
}

void link_send(struct usernet *u, size_t len)
{
	put_header(u, router_mac, u->frame[ETHERNET] >> 4 == 6 ? TYPE_IP6 : TYPE_IP4);
	transmit(u, ETHERNET + len);
}

/* Operation 1: who has `to`? 2: we are here. */
static void send_arp(struct usernet *u, unsigned operation, const uint8_t *mac, const uint8_t to[4])
{
	uint8_t *a = u->frame + ETHERNET;

	put_header(u, mac ? mac : everybody, TYPE_ARP);
	memset(a, 0, ARP);
	put16(a, 1);			/* Ethernet */
	put16(a + 2, TYPE_IP4);
	a[4] = 6;
	a[5] = 4;
	put16(a + 6, operation);
	memcpy(a + 8, usernet_mac, 6);
	memcpy(a + 14, usernet_ip4 + 12, 4);
	if (mac)
		memcpy(a + 18, mac, 6);
	memcpy(a + 24, to, 4);
	transmit(u, ETHERNET + ARP);
}

static void receive_arp(struct usernet *u, const uint8_t *a, size_t len)
{
	if (len >= ARP && get16(a + 6) == 1 && !memcmp(a + 24, usernet_ip4 + 12, 4))
		send_arp(u, 2, a + 8, a + 14);
}

static void advertise(struct usernet *u, const uint8_t to[16], bool asked)
{
	uint8_t *n = usernet_room(u, false);

	memset(n, 0, NDP);
	n[0] = ADVERTISEMENT;
	n[4] = asked ? 0x60 : 0x20;	/* solicited; it counts more than what was known */
	memcpy(n + 8, usernet_ip6, 16);
	n[24] = 2;			/* option: our address on the link, */
	n[25] = 1;			/* 8 bytes */
	memcpy(n + 26, usernet_mac, 6);
	usernet_send(u, PROTO_ICMP6, usernet_ip6, to, 255, 0, NDP, 2);
}

void link_greet(struct usernet *u)
{
	send_arp(u, 1, NULL, usernet_ip4 + 12);
	advertise(u, usernet_gateway6, false);
}

/* Who asks for us?  Anything else is not for the link. */
static bool solicited(struct usernet *u, const uint8_t *p, size_t len)
{
	if (len < IP6 + 24 || p[6] != PROTO_ICMP6 || p[IP6] != SOLICITATION)
		return false;
	if (!memcmp(p + IP6 + 8, usernet_ip6, 16))
		advertise(u, p + 8, true);
	return true;
}

void link_receive(struct usernet *u, const uint8_t *frame, size_t len)
{
	const uint8_t *p = frame + ETHERNET;

	if (len < ETHERNET)
		return;
	u->in.packets++;
	u->in.bytes += len;
	len -= ETHERNET;
	switch (get16(frame + 12)) {
	case TYPE_ARP:
		receive_arp(u, p, len);
		break;
	case TYPE_IP6:
		if (solicited(u, p, len))
			break;
		/* fallthrough */
	case TYPE_IP4:
		ip_receive(u, p, len);
		break;
	}
}
