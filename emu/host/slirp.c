/* SPDX-License-Identifier: MIT */
#include "emu/host/slirp.h"

#include <errno.h>
#include <poll.h>
#include <slirp/libslirp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include "emu/host/clock.h"
#include "emu/host/poll.h"
#include "emu/kernel/log.h"

#define FUNCTIONS(F) \
	F(slirp_new) F(slirp_cleanup) F(slirp_pollfds_fill) F(slirp_pollfds_poll) F(slirp_input) F(slirp_add_hostfwd)

enum { BACKLOG = 128 };

struct slirp_library { LIBRARY_POINTERS(FUNCTIONS) };

struct host_slirp {
	struct machine *machine;
	struct host_slirp_config config;
	struct slirp_library lib;
	Slirp *slirp;
	unsigned fds, fds_max;		/* descriptors it has, by the last count */
};

/* --- What libslirp asks of us --- */

static ssize_t send_packet(const void *buf, size_t len, void *opaque)
{
	struct host_slirp *h = opaque;

	h->config.frame(h->config.owner, buf, len);
	return (ssize_t)len;
}

static void guest_error(const char *msg, void *opaque)
{
	struct host_slirp *h = opaque;

	log_info(h->machine, NET, "libslirp: %s", msg);
}

static int64_t clock_get_ns(void *opaque)
{
	struct host_slirp *h = opaque;

	return (int64_t)clock_monotonic(h->machine);
}

/* Its one timer sends router advertisements: the guest has its address without them. */
static void *timer_new(SlirpTimerCb cb, void *cb_opaque, void *opaque)
{
	(void)cb, (void)cb_opaque;
	return opaque;
}

static void timer_free(void *timer, void *opaque) { (void)timer, (void)opaque; }
static void timer_mod(void *timer, int64_t expire, void *opaque) { (void)timer, (void)expire, (void)opaque; }
/* All descriptors are asked for anew before each wait. */
static void poll_fd(int fd, void *opaque) { (void)fd, (void)opaque; }
static void notify(void *opaque) { (void)opaque; }

static const SlirpCb callbacks = {
	.send_packet = send_packet, .guest_error = guest_error, .clock_get_ns = clock_get_ns, .timer_new = timer_new,
	.timer_free = timer_free, .timer_mod = timer_mod, .register_poll_fd = poll_fd, .unregister_poll_fd = poll_fd,
	.notify = notify,
};

/* --- Life --- */

static unsigned descriptors(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur == RLIM_INFINITY || r.rlim_cur > 8192)
		return 4096;
	return (unsigned)r.rlim_cur / 2;
}

static struct in_addr four(const uint8_t a[4])
{
	struct in_addr in;

	memcpy(&in, a, sizeof in);
	return in;
}

static struct in6_addr six(const uint8_t a[16])
{
	struct in6_addr in;

	memcpy(&in, a, sizeof in);
	return in;
}

int host_slirp_new(struct machine *m, const struct host_slirp_config *c, struct host_slirp **out, char why[LIBRARY_WHY])
{
	static const char *const names[] = { LIBRARY_NAMES(FUNCTIONS) };
	static const struct library libslirp = { "libslirp.so.0", "libslirp0", names, sizeof names / sizeof *names };
	const SlirpConfig config = {
		.version = 1, .restricted = c->restricted, .in_enabled = true, .vnetwork = four(c->network),
		.vnetmask = four(c->mask), .vhost = four(c->host), .vdhcp_start = four(c->guest), .vnameserver = four(c->dns),
		.in6_enabled = true, .vprefix_addr6 = six(c->prefix6), .vprefix_len = 64, .vhost6 = six(c->host6),
		.vnameserver6 = six(c->dns6), .if_mtu = HOST_SLIRP_MTU, .if_mru = HOST_SLIRP_MTU,
	};
	struct host_slirp *h = calloc(1, sizeof *h);
	int err;

	strcpy(why, "out of memory");
	if (!h)
		return -ENOMEM;
	h->machine = m;
	h->config = *c;
	h->fds_max = descriptors();
	err = library_load(&libslirp, &h->lib, sizeof h->lib, why);
	if (!err) {
		h->slirp = h->lib.slirp_new(&config, &callbacks, h);
		err = h->slirp ? 0 : -ENOMEM;
	}
	if (err) {
		free(h);
		return err;
	}
	*out = h;
	return 0;
}

void host_slirp_free(struct host_slirp *h)
{
	if (!h)
		return;
	h->lib.slirp_cleanup(h->slirp);
	free(h);
}

/* libslirp listens with room for one client, and the next has to wait a second or more: that is changed here. */
static int make_room(int fd, int events, void *opaque)
{
	int listening = 0;
	socklen_t len = sizeof listening;

	(void)events, (void)opaque;
	if (!getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) && listening)
		listen(fd, BACKLOG);
	return -1;
}

int host_slirp_forward(struct host_slirp *h, const struct host_forward *f)
{
	uint32_t ms = 0;

	errno = EADDRINUSE;
	if (h->lib.slirp_add_hostfwd(h->slirp, f->udp, four(f->host), f->host_port, four(f->guest), f->guest_port) < 0)
		return -errno;
	h->lib.slirp_pollfds_fill(h->slirp, &ms, make_room, h);
	return 0;
}

void host_slirp_send(struct host_slirp *h, const uint8_t *frame, size_t len)
{
	h->lib.slirp_input(h->slirp, frame, (int)len);
}

bool host_slirp_full(const struct host_slirp *h)
{
	return h->fds >= h->fds_max;
}

/* --- Polling --- */

static int add_poll(int fd, int events, void *opaque)
{
	struct host_slirp *h = opaque;
	int want = (events & SLIRP_POLL_IN ? POLLIN : 0) | (events & SLIRP_POLL_OUT ? POLLOUT : 0) |
		   (events & SLIRP_POLL_PRI ? POLLPRI : 0);
	int number = host_poll_add(h->machine, fd, want);

	h->fds++;
	return number < 0 ? -1 : number;
}

static int get_events(int number, void *opaque)
{
	struct host_slirp *h = opaque;
	int got = host_poll_events(h->machine, number);

	return (got & POLLIN ? SLIRP_POLL_IN : 0) | (got & POLLOUT ? SLIRP_POLL_OUT : 0) |
	       (got & POLLPRI ? SLIRP_POLL_PRI : 0) | (got & POLLERR ? SLIRP_POLL_ERR : 0) |
	       (got & POLLHUP ? SLIRP_POLL_HUP : 0);
}

void host_slirp_prepare(struct host_slirp *h, int64_t *timeout_ns)
{
	uint32_t ms = *timeout_ns < 0 || *timeout_ns / 1000000 >= UINT32_MAX ? UINT32_MAX : (uint32_t)(*timeout_ns / 1000000);
	uint32_t before = ms;

	h->fds = 0;
	h->lib.slirp_pollfds_fill(h->slirp, &ms, add_poll, h);
	if (ms < before)
		*timeout_ns = (int64_t)ms * 1000000;
}

void host_slirp_finish(struct host_slirp *h)
{
	h->lib.slirp_pollfds_poll(h->slirp, 0, get_events, h);
}
