/* SPDX-License-Identifier: MIT
 *
 * Options of SOL_SOCKET (net/core/sock.c): a table of those that are a bit or a number and nothing else, and the rest by
 * hand.  Those for what does not exist here (filters, hardware clocks, busy polling) are -ENOPROTOOPT.
 */
#include "emu/net/sockopt.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/kernel/task.h"
#include "emu/net/inet.h"

enum { CAP_NET_ADMIN_ = 12, CAP_NET_RAW_ = 13 };
enum { BUFFER_MAX = 180224 /* net.core.wmem_max */, SEND_MIN = 4544 - 64, RECEIVE_MIN = 2240, FORCED_MAX = 8 << 20 };
#define JIFFY UINT64_C(4000000)		/* ns: the granularity of timeouts, with HZ=250 */

/* --- Bits and numbers --- */

enum kind { BIT, NUMBER };
struct option { int name; enum kind kind; size_t at; bool set, get; };
#define B_(n, field, set) { n, BIT, offsetof(struct sock, field), set, true }
#define N_(n, field, set) { n, NUMBER, offsetof(struct sock, field), set, true }

static const struct option plain[] = {
	B_(G_SO_DEBUG, debug, true), B_(G_SO_REUSEADDR, reuse, true), B_(G_SO_DONTROUTE, dont_route, true),
	B_(G_SO_BROADCAST, broadcast, true), B_(G_SO_KEEPALIVE, keep_alive, true),
	B_(G_SO_OOBINLINE, oob_inline, true), B_(G_SO_NO_CHECK, no_check, true),
	B_(G_SO_REUSEPORT, reuse_port, true), B_(G_SO_PASSCRED, pass_cred, true), B_(G_SO_PASSSEC, pass_sec, true),
	B_(G_SO_RXQ_OVFL, rxq_ovfl, true), B_(G_SO_SELECT_ERR_QUEUE, select_err_queue, true),
	B_(G_SO_ZEROCOPY, zerocopy, true), B_(G_SO_RCVMARK, receive_mark, true),
	B_(G_SO_LOCK_FILTER, filter_locked, true),
	N_(G_SO_PRIORITY, priority, true), N_(G_SO_MARK, mark, true), N_(G_SO_MAX_PACING_RATE, max_pacing, true),
	N_(G_SO_INCOMING_CPU, incoming_cpu, true), N_(G_SO_RCVLOWAT, low_water, true),
	N_(G_SO_PROTOCOL, protocol, false), N_(G_SO_SNDBUF, send_limit, false), N_(G_SO_RCVBUF, receive_limit, false),
};

static const struct option *find(int name)
{
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (plain[i].name == name)
			return &plain[i];
	return NULL;
}

static void *field(struct sock *s, const struct option *o) { return (char *)s + o->at; }

/* --- Setting --- */

/* What the kernel wants to know before; 0 or -errno. */
static int may_set(const struct sock *s, const struct task *t, int name, int32_t val)
{
	bool admin = task_capable(t, CAP_NET_ADMIN_), raw = admin || task_capable(t, CAP_NET_RAW_);

	switch (name) {
	case G_SO_DEBUG:
		return val && !admin ? -EACCES : 0;
	case G_SO_PRIORITY:
		return (val < 0 || val > 6) && !raw ? -EPERM : 0;
	case G_SO_MARK: case G_SO_RCVMARK:
		return raw ? 0 : -EPERM;
	case G_SO_SNDBUFFORCE: case G_SO_RCVBUFFORCE:
		return admin ? 0 : -EPERM;
	case G_SO_REUSEPORT:
		return val && s->family != AF_INET && s->family != AF_INET6 ? -EOPNOTSUPP : 0;
	case G_SO_ZEROCOPY:
		if (s->family != AF_INET && s->family != AF_INET6)
			return -EOPNOTSUPP;
		return val < 0 || val > 1 ? -EINVAL : 0;
	case G_SO_SELECT_ERR_QUEUE: case G_SO_RXQ_OVFL:
		return 0;
	case G_SO_LOCK_FILTER:
		return s->filter_locked && !val ? -EPERM : 0;
	}
	return 0;
}

/* The kernel doubles the number: half of it is for what describes the data. */
static uint32_t buffer_size(int32_t val, uint32_t most, uint32_t least)
{
	uint32_t n = (uint32_t)val;

	if (n > most)
		n = most;
	return 2 * n > least ? 2 * n : least;
}

static int set_linger(struct sock *s, const void *val, uint32_t len)
{
	int32_t v[2];

	if (len < sizeof v)
		return -EINVAL;
	memcpy(v, val, sizeof v);
	s->linger = v[0] != 0;
	if (v[0])
		s->linger_seconds = (uint32_t)v[1];
	return 0;
}

/* struct timeval: of two longs, or (NEW) of two numbers of 64 bits. */
static int set_timeout(uint64_t *out, bool new, const void *val, uint32_t len)
{
	int64_t v[2];
	uint64_t ns;

	if (len < (new ? sizeof v : 8))
		return -EINVAL;
	if (new) {
		memcpy(v, val, sizeof v);
	} else {
		int32_t old[2];

		memcpy(old, val, sizeof old);
		v[0] = old[0];
		v[1] = old[1];
	}
	if (v[1] < 0 || v[1] >= 1000000)
		return -EDOM;
	if (v[0] < 0) {
		*out = 0;
		return 0;
	}
	*out = UINT64_MAX;
	if ((!v[0] && !v[1]) || v[0] >= INT32_MAX / 250 - 1)
		return 0;
	ns = (uint64_t)v[0] * 1000000000u + (uint64_t)v[1] * 1000u;
	*out = (ns + JIFFY - 1) / JIFFY * JIFFY;
	return 0;
}

static void set_stamp(struct sock *s, int name, bool on)
{
	s->stamp = on;
	s->stamp_ns = on && (name == G_SO_TIMESTAMPNS_OLD || name == G_SO_TIMESTAMPNS_NEW);
	s->stamp_new = on && (name == G_SO_TIMESTAMP_NEW || name == G_SO_TIMESTAMPNS_NEW);
}

static void set_plain(struct sock *s, const struct option *o, int32_t val)
{
	if (o->kind == BIT)
		*(bool *)field(s, o) = val != 0;
	else if (o->name == G_SO_RCVLOWAT)
		s->low_water = val < 0 ? INT32_MAX : val ? (uint32_t)val : 1;
	else
		*(uint32_t *)field(s, o) = (uint32_t)val;
}

/* Nothing comes by another device than the one that its address is of. */
static int bind_to_device(const struct sock *s, struct task *t, const char *name, uint32_t len)
{
	char device[16] = "";

	if (!task_capable(t, CAP_NET_RAW_) && len)
		return -EPERM;
	if (len > sizeof device - 1)
		len = sizeof device - 1;
	memcpy(device, name, len);
	return !*device || netdev_find(s->net, device) ? 0 : -ENODEV;
}

int sock_set_option(struct sock *s, struct task *t, int name, const void *val, uint32_t len)
{
	const struct option *o = find(name);
	int32_t v;
	int err;

	if (name == G_SO_BINDTODEVICE)
		return bind_to_device(s, t, val, len);
	if (len < sizeof v)
		return -EINVAL;
	memcpy(&v, val, sizeof v);
	err = may_set(s, t, name, v);
	if (err)
		return err;
	switch (name) {
	case G_SO_SNDBUF: case G_SO_SNDBUFFORCE:
		s->send_limit = name == G_SO_SNDBUF ? buffer_size(v, BUFFER_MAX, SEND_MIN) :
						      buffer_size(v < 0 ? 0 : v, FORCED_MAX, SEND_MIN);
		sock_wake(s);
		break;
	case G_SO_RCVBUF: case G_SO_RCVBUFFORCE:
		s->receive_limit = name == G_SO_RCVBUF ? buffer_size(v, BUFFER_MAX, RECEIVE_MIN) :
							 buffer_size(v < 0 ? 0 : v, FORCED_MAX, RECEIVE_MIN);
		break;
	case G_SO_LINGER:
		err = set_linger(s, val, len);
		break;
	case G_SO_BSDCOMPAT:
		break;
	case G_SO_TIMESTAMP_OLD: case G_SO_TIMESTAMPNS_OLD: case G_SO_TIMESTAMP_NEW: case G_SO_TIMESTAMPNS_NEW:
		set_stamp(s, name, v != 0);
		break;
	case G_SO_RCVTIMEO_OLD: case G_SO_RCVTIMEO_NEW:
		err = set_timeout(&s->receive_timeout, name == G_SO_RCVTIMEO_NEW, val, len);
		break;
	case G_SO_SNDTIMEO_OLD: case G_SO_SNDTIMEO_NEW:
		err = set_timeout(&s->send_timeout, name == G_SO_SNDTIMEO_NEW, val, len);
		break;
	case G_SO_PEEK_OFF:
		if (!s->ops->peek_offset)
			return -EOPNOTSUPP;
		s->peek_offset = v;
		break;
	case G_SO_BINDTOIFINDEX:
		err = v < 0 ? -EINVAL : v && !netdev_at(s->net, v) ? -ENODEV : 0;
		break;
	default:
		if (!o || !o->set)
			return -ENOPROTOOPT;
		set_plain(s, o, v);
	}
	if (!err && s->ops->option_changed)
		s->ops->option_changed(s, name);
	return err;
}

/* --- Getting --- */

/* Like the kernel's: what there is, cut to the room. */
static int answer(void *val, uint32_t *len, const void *from, uint32_t size)
{
	if (*len > size)
		*len = size;
	memcpy(val, from, *len);
	return 0;
}

static int answer_int(void *val, uint32_t *len, int32_t v)
{
	return answer(val, len, &v, sizeof v);
}

static int get_timeout(uint64_t ns, bool new, void *val, uint32_t *len)
{
	int64_t v[2] = { 0, 0 };
	int32_t old[2];

	if (ns != UINT64_MAX) {
		v[0] = (int64_t)(ns / 1000000000u);
		v[1] = (int64_t)(ns % 1000000000u / 1000u);
	}
	if (new)
		return answer(val, len, v, sizeof v);
	old[0] = (int32_t)v[0];
	old[1] = (int32_t)v[1];
	return answer(val, len, old, sizeof old);
}

static int get_groups(const struct sock *s, void *val, uint32_t *len)
{
	uint32_t size = groups_count(s->peer_cred.groups) * 4, room = *len;

	if (!s->peer_cred.known)
		return -ENODATA;
	*len = size;
	if (room < size)
		return -ERANGE;
	if (size)
		memcpy(val, s->peer_cred.groups->ids, size);
	return 0;
}

static int get_peer_name(struct sock *s, void *val, uint32_t *len)
{
	struct sock_addr a = { 0 };

	if (s->ops->name_of(s, true, &a) < 0)
		return -ENOTCONN;
	if (a.len < *len)
		return -EINVAL;
	memcpy(val, a.bytes, *len);
	return 0;
}

static int get_cookie(struct sock *s, void *val, uint32_t *len)
{
	if (*len < sizeof s->cookie)
		return -EINVAL;
	if (!s->cookie)
		s->cookie = s->net->next_cookie++;
	return answer(val, len, &s->cookie, sizeof s->cookie);
}

/* SO_MEMINFO: sk_get_meminfo() */
static int get_memory(const struct sock *s, void *val, uint32_t *len)
{
	uint32_t v[9] = { s->received, s->receive_limit, s->sent, s->send_limit, 0, 0, 0, 0, s->drops };

	return answer(val, len, v, sizeof v);
}

int sock_get_option(struct sock *s, struct task *t, int name, void *val, uint32_t *len)
{
	static const struct sock_cred nobody = { 0, UINT32_MAX, UINT32_MAX };
	const struct option *o = find(name);
	int32_t linger[2] = { s->linger, (int32_t)s->linger_seconds };

	(void)t;
	switch (name) {
	case G_SO_TYPE:
		return answer_int(val, len, s->type);
	case G_SO_DOMAIN:
		return answer_int(val, len, s->family);
	case G_SO_ERROR:
		return answer_int(val, len, -sock_error(s));
	case G_SO_ACCEPTCONN:
		return answer_int(val, len, s->state == SOCK_LISTENING);
	case G_SO_BSDCOMPAT: case G_SO_WIFI_STATUS: case G_SO_NOFCS: case G_SO_BUF_LOCK:
		return answer_int(val, len, 0);
	case G_SO_SNDLOWAT:
		return answer_int(val, len, 1);
	case G_SO_LINGER:
		return answer(val, len, linger, sizeof linger);
	case G_SO_TIMESTAMP_OLD:
		return answer_int(val, len, s->stamp && !s->stamp_ns && !s->stamp_new);
	case G_SO_TIMESTAMPNS_OLD:
		return answer_int(val, len, s->stamp && s->stamp_ns && !s->stamp_new);
	case G_SO_TIMESTAMP_NEW:
		return answer_int(val, len, s->stamp && s->stamp_new);
	case G_SO_TIMESTAMPNS_NEW:
		return answer_int(val, len, s->stamp && s->stamp_ns && s->stamp_new);
	case G_SO_RCVTIMEO_OLD: case G_SO_RCVTIMEO_NEW:
		return get_timeout(s->receive_timeout, name == G_SO_RCVTIMEO_NEW, val, len);
	case G_SO_SNDTIMEO_OLD: case G_SO_SNDTIMEO_NEW:
		return get_timeout(s->send_timeout, name == G_SO_SNDTIMEO_NEW, val, len);
	case G_SO_PEERCRED:
		return answer(val, len, s->peer_cred.known ? &s->peer_cred.cred : &nobody, sizeof nobody);
	case G_SO_PEERGROUPS:
		return get_groups(s, val, len);
	case G_SO_PEERNAME:
		return get_peer_name(s, val, len);
	case G_SO_PEEK_OFF:
		return s->ops->peek_offset ? answer_int(val, len, s->peek_offset) : -EOPNOTSUPP;
	case G_SO_COOKIE:
		return get_cookie(s, val, len);
	case G_SO_MEMINFO:
		return get_memory(s, val, len);
	case G_SO_BINDTOIFINDEX:
		return answer_int(val, len, 0);
	case G_SO_BINDTODEVICE:
		*len = 0;
		return 0;
	}
	if (!o)
		return -ENOPROTOOPT;
	return answer_int(val, len, o->kind == BIT ? *(bool *)field(s, o) : *(int32_t *)field(s, o));
}
