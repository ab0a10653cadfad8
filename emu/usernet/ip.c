/* SPDX-License-Identifier: MIT
 *
 * Packets: RFC 791, RFC 8200; checksums: RFC 1071.  Lengths come from the other side and are believed in nothing.
 */
#include <string.h>
#include "emu/usernet/internal.h"

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool is_four(const uint8_t ip[16]) { return !memcmp(ip, mapped, sizeof mapped); }

/* --- Checksums --- */

static uint32_t add(const uint8_t *data, size_t len, uint32_t sum)
{
	for (; len > 1; len -= 2, data += 2) {
		sum += get16(data);
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return len ? sum + ((uint32_t)*data << 8) : sum;
}

uint16_t ip_sum(const uint8_t *data, size_t len, uint32_t sum)
{
	sum = add(data, len, sum);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Of the pseudo-header of UDP and ICMPv6. */
static uint32_t pseudo(const uint8_t from[16], const uint8_t to[16], uint8_t proto, size_t len)
{
	size_t skip = is_four(to) ? 12 : 0;

	return add(to + skip, 16 - skip, add(from + skip, 16 - skip, (uint32_t)(proto + len)));
}

uint16_t usernet_sum(const uint8_t from[16], const uint8_t to[16], uint8_t proto, const uint8_t *data, size_t len)
{
	return ip_sum(data, len, proto ? pseudo(from, to, proto, len) : 0);
}

/* --- Out --- */

uint8_t *usernet_room(struct usernet *u, bool four)
{
	return u->frame + ETHERNET + (four ? IP4 : IP6);
}

void usernet_send(struct usernet *u, uint8_t proto, const uint8_t from[16], const uint8_t to[16], uint8_t ttl, uint8_t tos,
		  size_t len, int sum_at)
{
	bool four = is_four(to);
	uint8_t *h = u->frame + ETHERNET, *data = usernet_room(u, four);

	if (sum_at >= 0) {
		unsigned sum;

		put16(data + sum_at, 0);
		sum = ip_sum(data, len, proto == PROTO_ICMP ? 0 : pseudo(from, to, proto, len));
		put16(data + sum_at, !sum && proto == PROTO_UDP ? 0xffff : sum);	/* 0 there: there is none */
	}
	memset(h, 0, four ? IP4 : IP6);
	if (four) {
		h[0] = 0x45;
		h[1] = tos;
		put16(h + 2, (unsigned)(IP4 + len));
		h[6] = 0x40;	/* it is not to be cut in pieces */
		h[8] = ttl;
		h[9] = proto;
		memcpy(h + 12, from + 12, 4);
		memcpy(h + 16, to + 12, 4);
		put16(h + 10, ip_sum(h, IP4, 0));
	} else {
		h[0] = (uint8_t)(0x60 | tos >> 4);
		h[1] = (uint8_t)(tos << 4);
		put16(h + 4, (unsigned)len);
		h[6] = proto;
		h[7] = ttl;
		memcpy(h + 8, from, 16);
		memcpy(h + 24, to, 16);
	}
	link_send(u, len + (four ? IP4 : IP6));
}

/* --- In --- */

static void put_four(uint8_t out[16], const uint8_t *four)
{
	memcpy(out, mapped, sizeof mapped);
	memcpy(out + 12, four, 4);
}

static bool parse4(const uint8_t *h, size_t len, struct usernet_packet *p)
{
	size_t header, total;

	if (len < IP4)
		return false;
	header = (h[0] & 15u) * 4;
	total = get16(h + 2);
	/* A fragment cannot be: the other side has no need to make any. */
	if (header < IP4 || total < header || total > len || (get16(h + 6) & 0x3fff))
		return false;
	put_four(p->from, h + 12);
	put_four(p->to, h + 16);
	p->proto = h[9];
	p->ttl = h[8];
	p->tos = h[1];
	p->data = h + header;
	p->len = total - header;
	p->whole_len = total;
	return true;
}

static bool parse6(const uint8_t *h, size_t len, struct usernet_packet *p)
{
	if (len < IP6 || get16(h + 4) > len - IP6)
		return false;
	memcpy(p->from, h + 8, 16);
	memcpy(p->to, h + 24, 16);
	p->proto = h[6];
	p->ttl = h[7];
	p->tos = (uint8_t)(h[0] << 4 | h[1] >> 4);
	p->data = h + IP6;
	p->len = get16(h + 4);
	p->whole_len = IP6 + p->len;
	return true;
}

/* The first segment of a connection, and nobody has room for another. */
static bool refused(struct usernet *u, const struct usernet_packet *p)
{
	enum { SYN = 2, ACK = 16 };

	return p->len >= 20 && (p->data[13] & (SYN | ACK)) == SYN && !u->ops->admits(u->owner, p->to, (uint16_t)get16(p->data + 2));
}

void ip_receive(struct usernet *u, const uint8_t *packet, size_t len)
{
	struct usernet_packet p = { .whole = packet };
	bool four = len && packet[0] >> 4 == 4;

	if (!len || (!four && packet[0] >> 4 != 6) || !(four ? parse4(packet, len, &p) : parse6(packet, len, &p)))
		return;
	if (p.proto != PROTO_TCP)
		u->ops->packet(u->owner, &p);
	else if (!memcmp(p.to, four ? usernet_ip4 : usernet_ip6, 16) && !refused(u, &p))
		lwip_receive(u, packet, p.whole_len);
}
