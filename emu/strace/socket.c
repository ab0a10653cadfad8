/* SPDX-License-Identifier: MIT
 *
 * Arguments of the socket calls: addresses, options, message headers with what hangs on them.
 */
#include "emu/strace/internal.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "emu/net/sockopt.h"
#include "emu/sys/user.h"

enum { AF_UNIX_ = 1, AF_INET_ = 2, AF_INET6_ = 10, AF_NETLINK_ = 16, AF_PACKET_ = 17, SOL_SOCKET_ = 1, SOL_RAW_ = 255, SOL_PACKET_ = 263, SOL_NETLINK_ = 270, LIST_LIMIT = 32,
       NR_GETSOCKOPT = 209 };

static void family(struct strace_text *o, uint16_t f)
{
	text_str(o, "{sa_family=");
	text_flags(o, &flags_af, f);
}

/* --- Addresses --- */

/* The guest's interfaces: a loopback, and what --net gives. */
static void text_ifindex(struct strace_text *o, uint32_t index)
{
	if (index == 1 || index == 2)
		text_named(o, index == 1 ? "if_nametoindex(\"lo\")" : "if_nametoindex(\"eth0\")", "%u", index);
	else
		text_printf(o, "%u", index);
}


static void unix_path(struct strace_text *o, const uint8_t *path, uint32_t len)
{
	if (!len)
		return;
	len = len < 108 ? len : 108;
	text_str(o, ", sun_path=");
	if (!path[0] && len > 1) {
		text_str(o, "@");
		text_quoted(o, path + 1, len - 1, false);
	} else {
		text_quoted(o, path, strnlen((const char *)path, len), false);
	}
}

static uint16_t port_of(const uint8_t *a) { return (uint16_t)(a[2] << 8 | a[3]); }

static void inet_addr_(struct strace_text *o, const uint8_t *a)
{
	text_printf(o, ", sin_port=htons(%u), sin_addr=inet_addr(\"%u.%u.%u.%u\")", port_of(a), a[4], a[5], a[6], a[7]);
}

static void inet6_addr(struct strace_text *o, const uint8_t *a)
{
	char text[INET6_ADDRSTRLEN] = "";
	uint32_t flow, scope;

	memcpy(&flow, a + 4, 4);
	memcpy(&scope, a + 24, 4);
	inet_ntop(AF_INET6, a + 8, text, sizeof text);
	text_printf(o, ", sin6_port=htons(%u), sin6_flowinfo=htonl(%u), inet_pton(AF_INET6, \"%s\", &sin6_addr), "
		    "sin6_scope_id=%u", port_of(a), ntohl(flow), text, scope);
}

static void packet_addr(struct strace_text *o, const uint8_t *a, uint32_t len)
{
	uint16_t protocol = port_of(a), type;
	uint32_t index, n = a[11];

	memcpy(&index, a + 4, sizeof index);
	memcpy(&type, a + 8, sizeof type);
	text_str(o, ", sll_protocol=htons(");
	text_flags(o, &flags_ethproto, protocol);
	text_str(o, "), sll_ifindex=");
	text_ifindex(o, index);
	text_str(o, ", sll_hatype=");
	text_flags(o, &flags_arphrd, type);
	text_str(o, ", sll_pkttype=");
	text_flags(o, &flags_pkttype, a[10]);
	text_printf(o, ", sll_halen=%u", n);
	if (!n)
		return;
	text_str(o, ", sll_addr=[");
	for (uint32_t i = 0; i < n; i++) {
		text_str(o, i ? ", " : "");
		if (12 + i >= len) {
			text_str(o, "...");
			break;
		}
		text_printf(o, a[12 + i] ? "%#04x" : "0x00", a[12 + i]);
	}
	text_str(o, "]");
}

static void netlink_addr(struct strace_text *o, const uint8_t *a)
{
	uint32_t v[2];

	memcpy(v, a + 4, sizeof v);
	text_printf(o, ", nl_pid=%d, nl_groups=%08x", (int32_t)v[0], v[1]);
}

static void address(struct strace_text *o, struct task *t, uint32_t addr, uint32_t len)
{
	uint8_t a[128] = { 0 };
	uint16_t f;

	if (len > sizeof a)
		len = sizeof a;
	if (!addr || len < 2 || user_read(t, a, addr, len)) {
		text_pointer(o, addr);
		return;
	}
	memcpy(&f, a, 2);
	family(o, f);
	if (f == AF_UNIX_) {
		unix_path(o, a + 2, len - 2);
	} else if (f == AF_INET_ && len >= 8) {
		inet_addr_(o, a);
	} else if (f == AF_INET6_ && len >= 24) {
		inet6_addr(o, a);
	} else if (f == AF_PACKET_ && len >= 12) {
		packet_addr(o, a, len);
	} else if (f == AF_NETLINK_ && len >= 12) {
		netlink_addr(o, a);
	} else if (len > 2) {
		text_str(o, ", sa_data=");
		text_quoted(o, a + 2, len - 2, false);
	}
	text_str(o, "}");
}

bool print_sockaddr(struct strace_text *o, const struct strace_call *c, int i)
{
	address(o, c->task, c->args[i], c->args[i + 1]);
	return true;
}

uint64_t before_socklen(const struct strace_call *c, int i)
{
	uint32_t len;

	return user_get32(c->task, c->args[i], &len) ? 0 : len;
}

bool print_sockaddr_told(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t len;

	if (!c->ok || !c->args[i] || user_get32(c->task, c->args[i + 1], &len))
		text_pointer(o, c->args[i]);
	else
		address(o, c->task, c->args[i], (int32_t)c->was < (int32_t)len ? (uint32_t)c->was : len);
	return true;
}

/* What it was, and what it became. */
bool print_socklen(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t len;

	if (!c->args[i] || user_get32(c->task, c->args[i], &len) || (c->nr != NR_GETSOCKOPT && !c->args[i - 1]))
		text_pointer(o, c->args[i]);
	else if (c->ok && (int32_t)c->was != (int32_t)len)
		text_printf(o, "[%d => %d]", (int32_t)c->was, (int32_t)len);
	else
		text_printf(o, "[%d]", (int32_t)c->was);
	return true;
}

bool print_sockproto(struct strace_text *o, const struct strace_call *c, int i)
{
	if (c->args[0] == AF_INET_ || c->args[0] == AF_INET6_)
		text_flags(o, &flags_ipproto, c->args[i]);
	else if (c->args[0] == AF_NETLINK_)
		text_flags(o, &flags_netlinkproto, c->args[i]);
	else
		text_printf(o, "%u", c->args[i]);
	return true;
}

/* --- Options --- */

bool print_sockopt(struct strace_text *o, const struct strace_call *c, int i)
{
	static const struct { uint32_t level; const struct strace_flags *names; } levels[] = {
		{ SOL_SOCKET_, &flags_sockopts }, { 0, &flags_ipopts }, { 6, &flags_tcpopts }, { 17, &flags_udpopts },
		{ 41, &flags_ipv6opts }, { SOL_RAW_, &flags_rawopts }, { SOL_PACKET_, &flags_packetopts },
		{ SOL_NETLINK_, &flags_netlinkopts },
	};

	for (size_t n = 0; n < sizeof levels / sizeof *levels; n++)
		if (levels[n].level == c->args[i - 1]) {
			text_flags(o, levels[n].names, c->args[i]);
			return true;
		}
	text_printf(o, "%u", c->args[i]);
	return true;
}

/* Fields of which only `len` bytes may be there: what of a field is cut is shown as bytes, what is behind is not. */
static void cut_fields(struct strace_text *o, const uint8_t *p, uint32_t len, const char *const *names, unsigned count,
		       const char *format)
{
	text_str(o, "{");
	for (unsigned i = 0; i < count && 4 * i < len; i++) {
		uint32_t v, left = len - 4 * i;

		text_printf(o, i ? ", %s=" : "%s=", names[i]);
		memcpy(&v, p + 4 * i, 4);
		if (left < 4)
			text_quoted(o, p + 4 * i, left, true);
		else if (format[i] == 'd' || v == UINT32_MAX)
			text_printf(o, "%d", (int32_t)v);
		else
			text_printf(o, "%u", v);
	}
	text_str(o, "}");
}

static const char *const ucred_names[] = { "pid", "uid", "gid" }, *const linger_names[] = { "l_onoff", "l_linger" };

static void ucred(struct strace_text *o, const void *p)
{
	cut_fields(o, p, 12, ucred_names, 3, "duu");
}

/* Options of SOL_SOCKET that are an int and nothing else. */
static bool is_int(int name)
{
	static const uint8_t others[] = {
		G_SO_TYPE, G_SO_ERROR, G_SO_LINGER, G_SO_PEERCRED, G_SO_RCVTIMEO_OLD, G_SO_SNDTIMEO_OLD, G_SO_BINDTODEVICE,
		G_SO_ATTACH_FILTER, G_SO_PEERNAME, G_SO_PEERSEC, G_SO_PROTOCOL, G_SO_DOMAIN, G_SO_MAX_PACING_RATE,
		G_SO_BPF_EXTENSIONS, 50, 51, 52, G_SO_MEMINFO, G_SO_COOKIE, 58, G_SO_PEERGROUPS, 61, G_SO_BINDTOIFINDEX,
		G_SO_RCVTIMEO_NEW, G_SO_SNDTIMEO_NEW, G_SO_NETNS_COOKIE, G_SO_BUF_LOCK, 22, 23, 24, 74, 76, 77,
	};

	for (size_t i = 0; i < sizeof others; i++)
		if (others[i] == name)
			return false;
	return name >= 1 && name <= 77;
}

static void int_at(struct strace_text *o, struct task *t, uint32_t addr)
{
	uint32_t v;

	if (user_get32(t, addr, &v))
		text_pointer(o, addr);
	else
		text_printf(o, "[%d]", (int32_t)v);
}

static void error_at(struct strace_text *o, struct task *t, uint32_t addr)
{
	uint32_t v;
	const char *name;

	if (user_get32(t, addr, &v))
		text_pointer(o, addr);
	else if ((name = strace_errno_name((int)v)))
		text_printf(o, "[%s]", name);
	else
		text_printf(o, "[%d]", (int32_t)v);
}

/* len: bytes that are there; told: the kernel's answer, which may be less than the option is. False: not one of these. */
static bool socket_option(struct strace_text *o, struct task *t, int name, uint32_t addr, uint32_t len, bool told)
{
	uint8_t v[16] = { 0 };
	uint32_t shown = len < sizeof v ? len : (uint32_t)sizeof v;
	int32_t n[2];
	int64_t wide[2];

	if (name == G_SO_ERROR && told && len >= 4) {
		error_at(o, t, addr);
	} else if (is_int(name) && len >= 4) {
		int_at(o, t, addr);
	} else if (name == G_SO_LINGER || (name == G_SO_PEERCRED && told)) {
		uint32_t size = name == G_SO_LINGER ? 8 : 12;

		shown = len < size ? len : size;
		if ((!told && (int32_t)len < (int32_t)size) || user_read(t, v, addr, shown))
			text_pointer(o, addr);
		else if (name == G_SO_LINGER)
			cut_fields(o, v, shown, linger_names, 2, "dd");
		else
			cut_fields(o, v, shown, ucred_names, 3, "duu");
	} else if (is_int(name) || (name == G_SO_ERROR && told)) {
		if (told)
			text_buffer(o, t, addr, len, true);
		else
			text_pointer(o, addr);
	} else if ((name == G_SO_RCVTIMEO_OLD || name == G_SO_SNDTIMEO_OLD) && len == 8 && !user_read(t, n, addr, 8)) {
		text_printf(o, "{tv_sec=%d, tv_usec=%u}", n[0], (uint32_t)n[1]);
	} else if ((name == G_SO_RCVTIMEO_NEW || name == G_SO_SNDTIMEO_NEW) && len == 16 && !user_read(t, wide, addr, 16)) {
		text_printf(o, "{tv_sec=%lld, tv_usec=%lld}", (long long)wide[0], (long long)wide[1]);
	} else {
		return false;
	}
	return true;
}

/* struct ip_mreq and ipv6_mreq: a group to join or to leave. */
static bool membership(struct strace_text *o, struct task *t, uint32_t level, uint32_t name, uint32_t addr, uint32_t len)
{
	char text[INET6_ADDRSTRLEN] = "";
	uint8_t v[20];
	uint32_t index;

	if (level == 0 && (name == 35 || name == 36)) {
		if ((int32_t)len < 8 || user_read(t, v, addr, 8))
			text_pointer(o, addr);
		else
			text_printf(o, "{imr_multiaddr=inet_addr(\"%u.%u.%u.%u\"), imr_interface=inet_addr(\"%u.%u.%u.%u\")}",
				    v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
		return true;
	}
	if (level == 41 && (name == 20 || name == 21 || name == 27 || name == 28)) {
		if ((int32_t)len < 20 || user_read(t, v, addr, 20)) {
			text_pointer(o, addr);
			return true;
		}
		inet_ntop(AF_INET6, v, text, sizeof text);
		memcpy(&index, v + 16, 4);
		text_printf(o, "{inet_pton(AF_INET6, \"%s\", &ipv6mr_multiaddr), ipv6mr_interface=", text);
		text_ifindex(o, index);
		text_str(o, "}");
		return true;
	}
	return false;
}

static void option(struct strace_text *o, const struct strace_call *c, int i, uint32_t len, bool told)
{
	uint32_t addr = c->args[i], level = c->args[i - 2], name = c->args[i - 1];
	struct task *t = c->task;

	if (!addr || (told && ((int32_t)len <= 0 || (int32_t)c->was <= 0))) {
		text_pointer(o, addr);
	} else if (level == SOL_SOCKET_ && socket_option(o, t, (int)name, addr, len, told)) {
		/* written */
	} else if (level == SOL_SOCKET_ && name == G_SO_ATTACH_FILTER && !told) {
		if (len == 8)
			text_filter(o, c, addr, false);
		else
			text_pointer(o, addr);
	} else if (!told && membership(o, t, level, name, addr, len)) {
		/* written */
	} else if (level == SOL_NETLINK_) {
		if (!told && (int32_t)len < 4)
			text_pointer(o, addr);
		else
			int_at(o, t, addr);
	} else if (len == 4) {
		int_at(o, t, addr);
	} else {
		text_buffer(o, t, addr, len, false);
	}
}

bool print_sockoptval(struct strace_text *o, const struct strace_call *c, int i)
{
	option(o, c, i, c->args[i + 1], false);
	return true;
}

bool print_sockoptval_told(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t len;

	if (!c->ok || user_get32(c->task, c->args[i + 1], &len))
		text_pointer(o, c->args[i]);
	else
		option(o, c, i, len, true);
	return true;
}

/* --- Messages --- */

/* struct cmsghdr */
struct control { uint32_t len; int32_t level, type; };

static void fd_entry(struct strace_text *o, const struct strace_call *c, const void *entry, void *ctx)
{
	int32_t fd;

	(void)ctx;
	memcpy(&fd, entry, sizeof fd);
	text_fd(o, c->task, fd);
}

/* What there is no name for is not shown. */
static void control_data(struct strace_text *o, const struct strace_call *c, const struct control *h, uint32_t at, uint32_t len)
{
	uint8_t v[12];
	int32_t n[2];
	int64_t wide[2];
	struct task *t = c->task;

	if (h->level != SOL_SOCKET_)
		return;
	if (h->type == 1 /* SCM_RIGHTS */ && len >= 4) {
		text_str(o, ", cmsg_data=");
		text_array(o, c, at, len / 4, 4, fd_entry, NULL);
	} else if (h->type == 2 /* SCM_CREDENTIALS */ && len >= sizeof v && !user_read(t, v, at, sizeof v)) {
		text_str(o, ", cmsg_data=");
		ucred(o, v);
	} else if ((h->type == G_SO_TIMESTAMP_OLD || h->type == G_SO_TIMESTAMPNS_OLD) && len >= 8 &&
		   !user_read(t, n, at, sizeof n)) {
		text_printf(o, ", cmsg_data={tv_sec=%d, tv_%s=%u}", n[0], h->type == G_SO_TIMESTAMP_OLD ? "usec" : "nsec",
			    (uint32_t)n[1]);
	} else if ((h->type == G_SO_TIMESTAMP_NEW || h->type == G_SO_TIMESTAMPNS_NEW) && len >= 16 &&
		   !user_read(t, wide, at, sizeof wide)) {
		text_printf(o, ", cmsg_data={tv_sec=%lld, tv_%s=%llu}", (long long)wide[0],
			    h->type == G_SO_TIMESTAMP_NEW ? "usec" : "nsec", (unsigned long long)wide[1]);
	}
}

static void control(struct strace_text *o, const struct strace_call *c, const struct control *h, uint32_t at, uint32_t left)
{
	uint32_t len = h->len < left ? h->len : left;

	text_printf(o, "{cmsg_len=%u, cmsg_level=", h->len);
	text_flags(o, &flags_socklevel, (uint32_t)h->level);
	text_str(o, ", cmsg_type=");
	if (h->level == SOL_SOCKET_)
		text_flags(o, &flags_scmtype, (uint32_t)h->type);
	else if (h->level == 0)
		text_flags(o, &flags_ipcmsg, (uint32_t)h->type);
	else
		text_printf(o, "%#x", (uint32_t)h->type);
	control_data(o, c, h, at + (uint32_t)sizeof *h, len > sizeof *h ? len - (uint32_t)sizeof *h : 0);
	text_str(o, "}");
}

static void controls(struct strace_text *o, const struct strace_call *c, uint32_t addr, uint32_t all)
{
	enum { MOST = 20480 };		/* what a kernel takes, net.core.optmem_max */
	uint32_t len = all < MOST ? all : MOST, at = 0;
	struct control h;

	text_str(o, ", msg_control=");
	if (!addr || len < sizeof h || !user_span(c->task, addr, len)) {
		text_pointer(o, addr);
		return;
	}
	text_str(o, "[");
	while (len - at >= sizeof h && !user_read(c->task, &h, addr + at, sizeof h)) {
		uint64_t next = ((uint64_t)h.len + 3) & ~3ull;

		text_str(o, at ? ", " : "");
		control(o, c, &h, addr + at, len - at);
		if (h.len < sizeof h) {
			at += (uint32_t)sizeof h;
			break;
		}
		at = next >= len - at ? len : at + (uint32_t)next;
	}
	if (at < len)
		text_printf(o, ", ... /* %#x */", addr + at);
	else if (len < all)
		text_str(o, ", ...");
	text_str(o, "]");
}

/* One header at addr; bytes: of its data; namelen: room there was for an address, or -1. */
static bool header(struct strace_text *o, const struct strace_call *c, uint32_t addr, uint64_t bytes, int64_t namelen)
{
	uint32_t h[7];	/* name, namelen, iov, iovlen, control, controllen, flags */
	struct task *t = c->task;

	if (!addr || user_read(t, h, addr, sizeof h)) {
		text_pointer(o, addr);
		return false;
	}
	text_str(o, "{msg_name=");
	address(o, t, h[0], namelen >= 0 && namelen < (int32_t)h[1] ? (uint32_t)namelen : h[1]);
	text_str(o, ", msg_namelen=");
	if (namelen >= 0 && namelen != (int32_t)h[1])
		text_printf(o, "%d => ", (int32_t)namelen);
	text_printf(o, "%d, msg_iov=", (int32_t)h[1]);
	text_vector(o, c, h[2], h[3], true, bytes);
	text_printf(o, ", msg_iovlen=%u", h[3]);
	if (h[5])
		controls(o, c, h[4], h[5]);
	text_printf(o, ", msg_controllen=%u, msg_flags=", h[5]);
	text_flags(o, &flags_msgflag, h[6]);
	text_str(o, "}");
	return true;
}

uint64_t before_msghdr(const struct strace_call *c, int i)
{
	uint32_t h[2];

	return !c->args[i] || user_read(c->task, h, c->args[i], sizeof h) ? UINT64_MAX : h[1];
}

bool print_msghdr(struct strace_text *o, const struct strace_call *c, int i)
{
	header(o, c, c->args[i], UINT64_MAX, -1);
	return true;
}

bool print_msghdr_told(struct strace_text *o, const struct strace_call *c, int i)
{
	if (c->ok)
		header(o, c, c->args[i], (uint64_t)c->result, (int32_t)c->was);
	else if (c->was == UINT64_MAX)
		text_pointer(o, c->args[i]);
	else
		text_printf(o, "{msg_namelen=%d}", (int32_t)c->was);
	return true;
}

static bool headers(struct strace_text *o, const struct strace_call *c, int i, uint32_t count, bool told)
{
	uint32_t addr = c->args[i];

	if (!addr) {
		text_pointer(o, addr);
		return true;
	}
	text_str(o, "[");
	for (uint32_t n = 0; n < count; n++, addr += 32) {
		uint32_t len = 0;

		if (n)
			text_str(o, ", ");
		if (n == LIST_LIMIT) {
			text_str(o, "...");
			break;
		}
		if (told)
			user_get32(c->task, addr + 28, &len);
		text_str(o, "{msg_hdr=");
		if (header(o, c, addr, told ? len : UINT64_MAX, -1) && told)
			text_printf(o, ", msg_len=%u", len);
		text_str(o, "}");
	}
	text_str(o, "]");
	return true;
}

bool print_mmsghdr(struct strace_text *o, const struct strace_call *c, int i)
{
	return headers(o, c, i, c->args[i + 1], false);
}

bool print_mmsghdr_told(struct strace_text *o, const struct strace_call *c, int i)
{
	if (c->ok)
		return headers(o, c, i, (uint32_t)c->result, true);
	text_pointer(o, c->args[i]);
	return true;
}
