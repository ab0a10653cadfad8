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

enum { AF_UNIX_ = 1, AF_INET_ = 2, AF_INET6_ = 10, AF_NETLINK_ = 16, SOL_SOCKET_ = 1, LIST_LIMIT = 32 };

static void family(struct strace_text *o, uint16_t f)
{
	text_str(o, "{sa_family=");
	text_flags(o, &flags_af, f);
}

/* --- Addresses --- */

static void unix_path(struct strace_text *o, const uint8_t *path, uint32_t len)
{
	if (!len)
		return;
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

bool print_sockaddr_told(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t len;

	if (!c->ok || !c->args[i] || user_get32(c->task, c->args[i + 1], &len))
		text_pointer(o, c->args[i]);
	else
		address(o, c->task, c->args[i], len);
	return true;
}

bool print_socklen(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t len;

	if (!c->args[i] || user_get32(c->task, c->args[i], &len))
		text_pointer(o, c->args[i]);
	else
		text_printf(o, "[%u]", len);
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
	const struct strace_flags *f = NULL;

	switch (c->args[i - 1]) {
	case SOL_SOCKET_: f = &flags_sockopts; break;
	case 0: f = &flags_ipopts; break;
	case 6: f = &flags_tcpopts; break;
	case 41: f = &flags_ipv6opts; break;
	}
	if (f)
		text_flags(o, f, c->args[i]);
	else
		text_printf(o, "%#x", c->args[i]);
	return true;
}

static void ucred(struct strace_text *o, const void *p)
{
	uint32_t v[3];

	memcpy(v, p, sizeof v);
	text_printf(o, "{pid=%d, uid=%u, gid=%u}", (int32_t)v[0], v[1], v[2]);
}

/* len: bytes that are there. */
static void option(struct strace_text *o, struct task *t, int level, int name, uint32_t addr, uint32_t len)
{
	uint8_t v[16] = { 0 };
	uint32_t shown = len < sizeof v ? len : (uint32_t)sizeof v;
	int32_t n[2];
	int64_t wide[2];

	if (!addr || user_read(t, v, addr, shown)) {
		text_pointer(o, addr);
		return;
	}
	memcpy(n, v, sizeof n);
	memcpy(wide, v, sizeof wide);
	if (level == SOL_SOCKET_ && name == G_SO_LINGER && len >= 8)
		text_printf(o, "{l_onoff=%d, l_linger=%d}", n[0], n[1]);
	else if (level == SOL_SOCKET_ && name == G_SO_PEERCRED && len >= 12)
		ucred(o, v);
	else if (level == SOL_SOCKET_ && (name == G_SO_RCVTIMEO_OLD || name == G_SO_SNDTIMEO_OLD) && len >= 8)
		text_printf(o, "{tv_sec=%d, tv_usec=%d}", n[0], n[1]);
	else if (level == SOL_SOCKET_ && (name == G_SO_RCVTIMEO_NEW || name == G_SO_SNDTIMEO_NEW) && len >= 16)
		text_printf(o, "{tv_sec=%lld, tv_usec=%lld}", (long long)wide[0], (long long)wide[1]);
	else if (len == 4)
		text_printf(o, "[%d]", n[0]);
	else
		text_buffer(o, t, addr, len, false);
}

bool print_sockoptval(struct strace_text *o, const struct strace_call *c, int i)
{
	option(o, c->task, (int)c->args[i - 2], (int)c->args[i - 1], c->args[i], c->args[i + 1]);
	return true;
}

bool print_sockoptval_told(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t len;

	if (!c->ok || user_get32(c->task, c->args[i + 1], &len))
		text_pointer(o, c->args[i]);
	else
		option(o, c->task, (int)c->args[i - 2], (int)c->args[i - 1], c->args[i], len);
	return true;
}

/* --- Messages --- */

/* struct cmsghdr */
struct control { uint32_t len; int32_t level, type; };

static void control_data(struct strace_text *o, struct task *t, const struct control *h, uint32_t at)
{
	uint32_t len = h->len - (uint32_t)sizeof *h;
	uint8_t v[12];
	int32_t fd;

	if (h->level == SOL_SOCKET_ && h->type == 1 /* SCM_RIGHTS */) {
		text_str(o, "[");
		for (uint32_t i = 0; i < len / 4 && !user_read(t, &fd, at + 4 * i, 4); i++) {
			text_printf(o, i ? ", %d" : "%d", fd);
			if (i == LIST_LIMIT) {
				text_str(o, ", ...");
				break;
			}
		}
		text_str(o, "]");
	} else if (h->level == SOL_SOCKET_ && h->type == 2 && len >= sizeof v && !user_read(t, v, at, sizeof v)) {
		ucred(o, v);
	} else {
		text_buffer(o, t, at, len, true);
	}
}

static void controls(struct strace_text *o, struct task *t, uint32_t addr, uint32_t len)
{
	struct control h;
	uint32_t at = 0, n = 0;

	text_str(o, ", msg_control=");
	if (!addr || user_read(t, &h, addr, sizeof h)) {
		text_pointer(o, addr);
		return;
	}
	text_str(o, "[");
	while (at < len && len - at >= sizeof h && !user_read(t, &h, addr + at, sizeof h) && h.len >= sizeof h &&
	       h.len <= len - at && n++ < LIST_LIMIT) {
		text_printf(o, n > 1 ? ", {cmsg_len=%u, cmsg_level=" : "{cmsg_len=%u, cmsg_level=", h.len);
		text_flags(o, &flags_socklevel, (uint32_t)h.level);
		text_str(o, ", cmsg_type=");
		if (h.level == SOL_SOCKET_)
			text_flags(o, &flags_scmtype, (uint32_t)h.type);
		else
			text_printf(o, "%#x", (uint32_t)h.type);
		text_str(o, ", cmsg_data=");
		control_data(o, t, &h, addr + at + (uint32_t)sizeof h);
		text_str(o, "}");
		at += (h.len + 3) & ~3u;
	}
	text_str(o, "]");
}

/* The vector; `bytes` of what it names are there. */
static void vector(struct strace_text *o, struct task *t, uint32_t addr, uint32_t count, uint64_t bytes)
{
	uint32_t v[2];

	text_str(o, "[");
	for (uint32_t i = 0; i < count; i++, addr += sizeof v) {
		if (i)
			text_str(o, ", ");
		if (i == LIST_LIMIT || user_read(t, v, addr, sizeof v)) {
			text_str(o, "...");
			break;
		}
		text_str(o, "{iov_base=");
		text_buffer(o, t, v[0], v[1] < bytes ? v[1] : (uint32_t)bytes, false);
		text_printf(o, ", iov_len=%u}", v[1]);
		bytes -= v[1] < bytes ? v[1] : bytes;
	}
	text_str(o, "]");
}

/* One header at addr; bytes: of its data. */
static bool header(struct strace_text *o, struct task *t, uint32_t addr, uint64_t bytes)
{
	uint32_t h[7];	/* name, namelen, iov, iovlen, control, controllen, flags */

	if (!addr || user_read(t, h, addr, sizeof h)) {
		text_pointer(o, addr);
		return false;
	}
	text_str(o, "{msg_name=");
	address(o, t, h[0], h[1]);
	text_printf(o, ", msg_namelen=%u, msg_iov=", h[1]);
	vector(o, t, h[2], h[3], bytes);
	text_printf(o, ", msg_iovlen=%u", h[3]);
	if (h[5])
		controls(o, t, h[4], h[5]);
	text_printf(o, ", msg_controllen=%u, msg_flags=", h[5]);
	text_flags(o, &flags_msgflag, h[6]);
	text_str(o, "}");
	return true;
}

bool print_msghdr(struct strace_text *o, const struct strace_call *c, int i)
{
	header(o, c->task, c->args[i], UINT64_MAX);
	return true;
}

bool print_msghdr_told(struct strace_text *o, const struct strace_call *c, int i)
{
	if (c->ok)
		header(o, c->task, c->args[i], (uint64_t)c->result);
	else
		text_pointer(o, c->args[i]);
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
		if (header(o, c->task, addr, told ? len : UINT64_MAX) && told)
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
