/* SPDX-License-Identifier: MIT
 *
 * Strings, buffers, vectors.
 */
#include "emu/strace/internal.h"

#include <string.h>
#include "emu/strace/config.h"
#include "emu/sys/user.h"

enum { LIST_LIMIT = 32 };

static size_t string_limit(const struct strace_text *o)
{
	return o->config ? o->config->string_limit : STRACE_STRING_LIMIT;
}

void text_pointer(struct strace_text *o, uint32_t addr)
{
	if (addr)
		text_printf(o, "%#x", addr);
	else
		text_str(o, "NULL");
}

/* -x: a string with anything unprintable in it is all in hexadecimal; -xx: each string. */
static bool in_hex(const struct strace_text *o, const uint8_t *p, size_t len)
{
	unsigned hex = o->config ? o->config->hex : 0;

	for (size_t i = 0; hex == 1 && i < len; i++)
		if ((p[i] < ' ' || p[i] > 0x7e) && (p[i] < '\t' || p[i] > '\r'))
			return true;
	return hex == 2;
}

/* C escapes; others in octal with as few digits as are clear (string_quote of strace). */
void text_quoted(struct strace_text *o, const void *data, size_t len, bool hex)
{
	/* Pairs: a character, and the letter after the backslash. */
	static const char plain[] = "\"\"\\\\\ff\nn\rr\tt\vv";
	const uint8_t *p = data;

	hex = hex || in_hex(o, p, len);
	text_str(o, "\"");
	for (size_t i = 0; i < len; i++) {
		const char *pair = NULL;

		if (hex) {
			text_printf(o, "\\x%02x", p[i]);
			continue;
		}
		for (const char *q = plain; *q; q += 2)
			if ((uint8_t)*q == p[i])
				pair = q;
		if (pair) {
			char escaped[2] = { '\\', pair[1] };

			text_put(o, escaped, 2);
		} else if (p[i] >= ' ' && p[i] < 0x7f) {
			text_put(o, (const char *)&p[i], 1);
		} else if (i + 1 < len && p[i + 1] >= '0' && p[i + 1] <= '9') {
			text_printf(o, "\\%03o", p[i]);
		} else {
			text_printf(o, "\\%o", p[i]);
		}
	}
	text_str(o, "\"");
}

void text_guest_string(struct strace_text *o, struct task *t, uint32_t addr, size_t limit)
{
	char buf[PATH_MAX_GUEST];
	int64_t n = addr ? user_path(t, buf, addr) : -1;
	size_t len;

	if (addr && n < 0) {		/* too long, or it runs out of memory: is there a beginning? */
		len = limit < sizeof buf - 1 ? limit : sizeof buf - 1;
		if (!user_read(t, buf, addr, len) && !memchr(buf, 0, len)) {
			text_quoted(o, buf, len, false);
			text_str(o, "...");
			return;
		}
	}
	if (n < 0) {
		text_pointer(o, addr);
		return;
	}
	len = (size_t)n < limit ? (size_t)n : limit;
	text_quoted(o, buf, len, false);
	if ((size_t)n > limit)
		text_str(o, "...");
}

bool text_buffer(struct strace_text *o, struct task *t, uint32_t addr, uint32_t len, bool hex)
{
	uint32_t shown = len < string_limit(o) ? len : (uint32_t)string_limit(o);
	const void *p = addr ? user_span(t, addr, shown) : NULL;

	if (!p) {
		text_pointer(o, addr);
		return true;
	}
	text_quoted(o, p, shown, hex);
	if (len > shown)
		text_str(o, "...");
	return true;
}

bool print_path(struct strace_text *o, const struct strace_call *c, int i)
{
	text_guest_string(o, c->task, c->args[i], PATH_MAX_GUEST - 1);
	return true;
}

bool print_str(struct strace_text *o, const struct strace_call *c, int i)
{
	text_guest_string(o, c->task, c->args[i], string_limit(o));
	return true;
}

bool print_outstr(struct strace_text *o, const struct strace_call *c, int i)
{
	if (!c->ok)
		text_pointer(o, c->args[i]);
	else
		text_guest_string(o, c->task, c->args[i], PATH_MAX_GUEST - 1);
	return true;
}

bool print_inbuf(struct strace_text *o, const struct strace_call *c, int i)
{
	return text_buffer(o, c->task, c->args[i], c->args[i + 1], false);
}

bool print_outbuf(struct strace_text *o, const struct strace_call *c, int i)
{
	if (!c->ok)
		text_pointer(o, c->args[i]);
	else
		text_buffer(o, c->task, c->args[i], (uint32_t)c->result, false);
	return true;
}

bool print_outhex(struct strace_text *o, const struct strace_call *c, int i)
{
	if (!c->ok)
		text_pointer(o, c->args[i]);
	else
		text_buffer(o, c->task, c->args[i], (uint32_t)c->result, true);
	return true;
}

/* An array of strings; argv is shown, envp counted (-v: shown as well). */
bool print_argv(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t addr = c->args[i], word;

	if (!addr || user_get32(c->task, addr, &word)) {
		text_pointer(o, addr);
		return true;
	}
	text_str(o, "[");
	for (int n = 0; !user_get32(c->task, addr, &word) && word; n++, addr += 4) {
		if (n)
			text_str(o, ", ");
		if (n == LIST_LIMIT && !(o->config && o->config->verbose)) {
			text_str(o, "...");
			break;
		}
		text_guest_string(o, c->task, word, string_limit(o));
	}
	text_str(o, "]");
	return true;
}

bool print_envp(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t addr = c->args[i], word = 0, n = 0;

	if (o->config && o->config->verbose)
		return print_argv(o, c, i);
	text_pointer(o, addr);
	if (!addr)
		return true;
	while (n < 100000 && !user_get32(c->task, addr + 4 * n, &word) && word)
		n++;
	text_printf(o, word ? " /* %u vars, unterminated */" : n == 1 ? " /* %u var */" : " /* %u vars */",
		    n);
	return true;
}

/* total: the bytes that are really there. */
static bool iov(struct strace_text *o, const struct strace_call *c, int i, bool show, uint64_t total)
{
	uint32_t addr = c->args[i], count = c->args[i + 1], v[2];

	if (!addr || !count || user_read(c->task, v, addr, sizeof v)) {
		if (addr && !count)
			text_str(o, "[]");
		else
			text_pointer(o, addr);
		return true;
	}
	text_str(o, "[");
	for (uint32_t n = 0; n < count; n++, addr += sizeof v) {
		if (n)
			text_str(o, ", ");
		if (n == LIST_LIMIT || user_read(c->task, v, addr, sizeof v)) {
			text_str(o, "...");
			break;
		}
		text_str(o, "{iov_base=");
		if (show)
			text_buffer(o, c->task, v[0], v[1] < total ? v[1] : (uint32_t)total, false);
		else
			text_pointer(o, v[0]);
		text_printf(o, ", iov_len=%u}", v[1]);
		total -= v[1] < total ? v[1] : total;
	}
	text_str(o, "]");
	return true;
}

bool print_iniov(struct strace_text *o, const struct strace_call *c, int i)
{
	return iov(o, c, i, true, UINT64_MAX);
}

/* A vector of another process's memory. */
bool print_remoteiov(struct strace_text *o, const struct strace_call *c, int i)
{
	return iov(o, c, i, false, 0);
}

bool print_outiov(struct strace_text *o, const struct strace_call *c, int i)
{
	return iov(o, c, i, c->ok, c->ok ? (uint64_t)c->result : 0);
}

bool print_dents(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t n = 0, at = 0;

	text_pointer(o, c->args[i]);
	if (!c->ok)
		return true;
	while (at < (uint64_t)c->result) {
		uint16_t reclen;

		if (user_read(c->task, &reclen, c->args[i] + at + 16, 2) || !reclen)
			break;
		at += reclen;
		n++;
	}
	text_printf(o, n == 1 ? " /* %u entry */" : " /* %u entries */", n);
	return true;
}

static void print_two(struct strace_text *o, struct task *t, const int32_t fd[2])
{
	text_str(o, "[");
	text_fd(o, t, fd[0]);
	text_str(o, ", ");
	text_fd(o, t, fd[1]);
	text_str(o, "]");
}

bool print_outfds(struct strace_text *o, const struct strace_call *c, int i)
{
	int32_t fd[2];

	if (!c->ok || user_read(c->task, fd, c->args[i], sizeof fd))
		text_pointer(o, c->args[i]);
	else
		print_two(o, c->task, fd);
	return true;
}

bool print_out64(struct strace_text *o, const struct strace_call *c, int i)
{
	int64_t v;

	if (!c->ok || !c->args[i] || user_read(c->task, &v, c->args[i], sizeof v))
		text_pointer(o, c->args[i]);
	else
		text_printf(o, "[%lld]", (long long)v);
	return true;
}

bool print_out32(struct strace_text *o, const struct strace_call *c, int i)
{
	int32_t v;

	if (!c->ok || !c->args[i] || user_read(c->task, &v, c->args[i], sizeof v))
		text_pointer(o, c->args[i]);
	else
		text_printf(o, "[%d]", v);
	return true;
}

/* sendfile's offset before the call; what it became is in the next call's. */
bool print_off64p(struct strace_text *o, const struct strace_call *c, int i)
{
	int64_t v;

	if (!c->args[i] || user_read(c->task, &v, c->args[i], sizeof v))
		text_pointer(o, c->args[i]);
	else
		text_printf(o, "[%lld]", (long long)v);
	return true;
}
