/* SPDX-License-Identifier: MIT */
#include "emu/usernet/usernet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/host/clock.h"
#include "emu/host/poll.h"
#include "emu/kernel/log.h"
#include "emu/usernet/internal.h"

/* As QEMU has them: its network card's address, and what its guests get by DHCP and router advertisements. */
const uint8_t usernet_mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };
const uint8_t usernet_ip4[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [14] = 2, [15] = 15 };
const uint8_t usernet_gateway4[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [14] = 2, [15] = 2 };
const uint8_t usernet_dns4[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [14] = 2, [15] = 3 };
const uint8_t usernet_ip6[16] = { 0xfe, 0xc0, [8] = 0x50, [9] = 0x54, [10] = 0, [11] = 0xff, [12] = 0xfe, [13] = 0x12,
				  [14] = 0x34, [15] = 0x56 };
const uint8_t usernet_gateway6[16] = { 0xfe, 0xc0, [15] = 2 };

/* Bytes of frames that wait: more are lost, as on any wire, and sent again by those who care. */
enum { WAITING_MAX = 4 << 20 };

/* --- Frames that come --- */

static void frame_came(void *owner, const uint8_t *bytes, size_t len)
{
	struct usernet *u = owner;
	struct frame *f;

	if (u->waiting + len > WAITING_MAX || len > ETHERNET + PACKET_MAX)
		return;
	f = malloc(sizeof *f + len);
	if (!f)
		return;
	f->next = NULL;
	f->len = len;
	memcpy(f->bytes, bytes, len);
	*(u->last ? &u->last->next : &u->first) = f;
	u->last = f;
	u->waiting += len;
}

static struct frame *take(struct usernet *u)
{
	struct frame *f = u->first;

	if (!f)
		return NULL;
	u->first = f->next;
	if (!u->first)
		u->last = NULL;
	u->waiting -= f->len;
	return f;
}

void usernet_run(struct usernet *u)
{
	struct frame *f;

	if (u->running)
		return;
	u->running = true;
	while ((f = take(u))) {
		link_receive(u, f->bytes, f->len);
		free(f);
	}
	u->running = false;
}

/* --- The machine's waits --- */

/* When the timers of connections are due: a time, or 0 while there are none. */
static void set_tick(struct usernet *u, uint64_t now)
{
	if (!lwip_busy(u))
		u->tick = 0;
	else if (!u->tick)
		u->tick = now + LWIP_TICK_NS;
}

static void prepare(void *owner, struct machine *m, int64_t *timeout_ns)
{
	struct usernet *u = owner;
	uint64_t now = clock_monotonic(m);
	int64_t left;

	host_slirp_prepare(u->slirp, timeout_ns);
	set_tick(u, now);
	left = u->tick > now ? (int64_t)(u->tick - now) : 0;
	if (u->tick && (*timeout_ns < 0 || left < *timeout_ns))
		*timeout_ns = left;
}

static void finish(void *owner, struct machine *m)
{
	struct usernet *u = owner;
	uint64_t now = clock_monotonic(m);

	host_slirp_finish(u->slirp);
	usernet_run(u);
	if (u->tick && u->tick <= now) {
		u->tick = now + LWIP_TICK_NS;
		lwip_tick(u);
		usernet_run(u);
	}
}

/* --- Life --- */

static int forward(struct usernet *u, const struct host_forward *f, char why[LIBRARY_WHY])
{
	int err = host_slirp_forward(u->slirp, f);

	if (err)
		snprintf(why, LIBRARY_WHY, "the host's %s port %u.%u.%u.%u:%u: %s", f->udp ? "UDP" : "TCP", f->host[0], f->host[1],
			 f->host[2], f->host[3], f->host_port, strerror(-err));
	else
		log_info(u->machine, NET, "the host's %s port %u leads to the guest's %u", f->udp ? "UDP" : "TCP", f->host_port,
			 f->guest_port);
	return err;
}

int usernet_new(struct machine *m, const struct usernet_config *c, const struct usernet_ops *ops, void *owner,
		struct usernet **out, char why[LIBRARY_WHY])
{
	static const struct host_poll_group group = { prepare, finish };
	struct host_slirp_config sc = {
		.restricted = c->restricted, .network = { 10, 0, 2, 0 }, .mask = { 255, 255, 255, 0 }, .frame = frame_came,
		.prefix6 = { 0xfe, 0xc0 }, .dns6 = { 0xfe, 0xc0, [15] = 3 },
	};
	struct usernet *u = calloc(1, sizeof *u);
	int err;

	strcpy(why, "out of memory");
	if (!u)
		return -ENOMEM;
	u->machine = m;
	u->ops = ops;
	u->owner = owner;
	sc.owner = u;
	memcpy(sc.host, usernet_gateway4 + 12, 4);
	memcpy(sc.dns, usernet_dns4 + 12, 4);
	memcpy(sc.guest, usernet_ip4 + 12, 4);
	memcpy(sc.host6, usernet_gateway6, 16);
	err = host_slirp_new(m, &sc, &u->slirp, why);
	if (!err)
		err = lwip_attach(u, why);
	if (!err) {
		strcpy(why, "out of memory");
		err = host_poll_group(m, &group, u);
	}
	if (err)
		goto fail;
	for (unsigned i = 0; i < c->forwards && !err; i++)
		err = forward(u, &c->forward[i], why);
	if (err)
		goto fail_group;
	link_greet(u);
	usernet_run(u);
	*out = u;
	return 0;
fail_group:
	host_poll_group(m, NULL, NULL);
fail:
	lwip_detach(u);
	host_slirp_free(u->slirp);
	while (u->first)
		free(take(u));
	free(u);
	return err;
}

void usernet_free(struct usernet *u)
{
	if (!u)
		return;
	host_poll_group(u->machine, NULL, NULL);
	lwip_detach(u);
	host_slirp_free(u->slirp);
	while (u->first)
		free(take(u));
	free(u);
}

bool usernet_full(const struct usernet *u)
{
	return host_slirp_full(u->slirp);
}

void usernet_counts(const struct usernet *u, struct usernet_count *in, struct usernet_count *out)
{
	*in = u->in;
	*out = u->out;
}
