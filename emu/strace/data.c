/* SPDX-License-Identifier: MIT
 *
 * Strings, buffers, vectors.
 */
#include "emu/strace/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/strace/config.h"
#include "emu/sys/user.h"

uint32_t text_string_limit(const struct strace_text *o)
{
	return o->config ? o->config->string_limit : STRACE_STRING_LIMIT;
}

uint32_t text_list_limit(const struct strace_text *o)
{
	return o->config && o->config->verbose ? UINT32_MAX : text_string_limit(o);
}

void text_pointer(struct strace_text *o, uint32_t addr)
{
	if (addr)
		text_printf(o, "%#x", addr);
	else
		text_str(o, "NULL");
}

bool text_absent(struct strace_text *o, const struct strace_call *c, int i, void *dst, size_t size)
{
	if (c->args[i] && (!c->filled || c->ok) && !user_read(c->task, dst, c->args[i], size))
		return false;
	text_pointer(o, c->args[i]);
	return true;
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
void text_escaped(struct strace_text *o, const void *data, size_t len, const char *others)
{
	/* Pairs: a character, and the letter after the backslash. */
	static const char plain[] = "\"\"\\\\\ff\nn\rr\tt\vv";
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++) {
		const char *pair = NULL;

		for (const char *q = plain; *q; q += 2)
			if ((uint8_t)*q == p[i])
				pair = q;
		if (pair) {
			char escaped[2] = { '\\', pair[1] };

			text_put(o, escaped, 2);
		} else if (p[i] >= ' ' && p[i] < 0x7f && !strchr(others, p[i])) {
			text_put(o, (const char *)&p[i], 1);
		} else if (i + 1 < len && p[i + 1] >= '0' && p[i + 1] <= '7') {
			text_printf(o, "\\%03o", p[i]);
		} else {
			text_printf(o, "\\%o", p[i]);
		}
	}
}

void text_quoted(struct strace_text *o, const void *data, size_t len, bool hex)
{
	const uint8_t *p = data;

	text_str(o, "\"");
	if (hex || in_hex(o, p, len))
		for (size_t i = 0; i < len; i++)
			text_printf(o, "\\x%02x", p[i]);
	else
		text_escaped(o, p, len, "");
	text_str(o, "\"");
}

/*
 * As umovestr() of strace: of `look` bytes the first `show`, at most, up to a NUL. What runs out of memory before, or what
 * there is no room for, is a pointer.
 */
static void string(struct strace_text *o, struct task *t, uint32_t addr, size_t look, size_t show)
{
	char small[PATH_MAX_GUEST + 1], *buf = look < sizeof small ? small : malloc(look + 1);
	int64_t n = addr && buf ? flat_read_string(t->machine->flat, buf, addr, look) : -EFAULT;

	if (!look || (n == -ENAMETOOLONG && user_read(t, buf, addr, look)))
		n = -EFAULT;
	if (n == -EFAULT) {
		text_pointer(o, addr);
	} else {
		text_quoted(o, buf, n < 0 ? show : (size_t)n, false);
		text_str(o, n < 0 ? "..." : "");
	}
	if (buf != small)
		free(buf);
}

void text_guest_string(struct strace_text *o, struct task *t, uint32_t addr, size_t limit)
{
	string(o, t, addr, limit + 1, limit);
}

void text_bounded_string(struct strace_text *o, struct task *t, uint32_t addr, size_t len)
{
	if (len > text_string_limit(o))
		text_guest_string(o, t, addr, text_string_limit(o));
	else
		string(o, t, addr, len, len);
}

/* One byte more than is shown must be there, too, if there are more. */
bool text_buffer(struct strace_text *o, struct task *t, uint32_t addr, uint32_t len, bool hex)
{
	uint32_t limit = text_string_limit(o), shown = len < limit ? len : limit;
	const void *p = addr ? user_span(t, addr, len > limit ? (uint64_t)limit + 1 : len) : NULL;

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
	text_guest_string(o, c->task, c->args[i], text_string_limit(o));
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
	uint32_t len = (uint32_t)c->result < c->args[i + 1] ? (uint32_t)c->result : c->args[i + 1];

	if (!c->ok)
		text_pointer(o, c->args[i]);
	else
		text_buffer(o, c->task, c->args[i], len, false);
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
	for (int n = 0; ; n++, addr += 4) {
		bool readable = !user_get32(c->task, addr, &word);

		if (readable && !word)
			break;
		if (n)
			text_str(o, ", ");
		if (!readable) {
			text_printf(o, "... /* %#x */", addr);
			break;
		}
		if ((uint32_t)n == text_list_limit(o)) {
			text_str(o, "...");
			break;
		}
		text_guest_string(o, c->task, word, text_string_limit(o));
	}
	text_str(o, "]");
	return true;
}

bool print_envp(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t addr = c->args[i], word, n = 0;

	if (o->config && o->config->verbose)
		return print_argv(o, c, i);
	text_pointer(o, addr);
	if (!addr || user_get32(c->task, addr, &word))
		return true;
	while (n < 100000 && !user_get32(c->task, addr + 4 * n, &word) && word)
		n++;
	text_printf(o, word ? " /* %u vars, unterminated */" : n == 1 ? " /* %u var */" : " /* %u vars */",
		    n);
	return true;
}

void text_array(struct strace_text *o, const struct strace_call *c, uint32_t addr, uint64_t count, uint32_t size,
		strace_entry_fn one, void *ctx)
{
	uint32_t limit = text_list_limit(o);
	uint64_t start = addr;
	uint8_t entry[64];

	if (!addr || (count && (start + size * count > UINT32_MAX || user_read(c->task, entry, addr, size)))) {
		text_pointer(o, addr);
		return;
	}
	text_str(o, "[");
	for (uint64_t n = 0; n < count; n++, addr += size) {
		text_str(o, n ? ", " : "");
		if (user_read(c->task, entry, addr, size)) {
			text_printf(o, "... /* %#x */", addr);
			break;
		}
		if (n == limit) {
			text_str(o, "...");
			break;
		}
		one(o, c, entry, ctx);
	}
	text_str(o, "]");
}

/* What is left of the bytes that are really there; show: whether they are to be seen. */
struct vector { bool show; uint64_t bytes; };

static void iov_entry(struct strace_text *o, const struct strace_call *c, const void *entry, void *ctx)
{
	struct vector *v = ctx;
	uint32_t e[2], len;

	memcpy(e, entry, sizeof e);
	len = e[1] < v->bytes ? e[1] : (uint32_t)v->bytes;
	text_str(o, "{iov_base=");
	if (v->show)
		text_buffer(o, c->task, e[0], len, false);
	else
		text_pointer(o, e[0]);
	text_printf(o, ", iov_len=%u}", e[1]);
	v->bytes -= len;
}

void text_vector(struct strace_text *o, const struct strace_call *c, uint32_t addr, uint32_t count, bool show, uint64_t bytes)
{
	struct vector v = { show, bytes };

	text_array(o, c, addr, count, 8, iov_entry, &v);
}

static bool iov(struct strace_text *o, const struct strace_call *c, int i, bool show, uint64_t total)
{
	text_vector(o, c, c->args[i], c->args[i + 1], show, total);
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

/* What an attribute's value, or their names, are in; with no room it was only asked how long that is. */
bool print_attr(struct strace_text *o, const struct strace_call *c, int i)
{
	if (!c->ok || !c->args[i + 1])
		text_pointer(o, c->args[i]);
	else
		text_bytes(o, c->task, c->args[i], (uint32_t)c->result);
	return true;
}

/* A value that is set: no longer than one can be. */
bool print_attrvalue(struct strace_text *o, const struct strace_call *c, int i)
{
	if (c->args[i + 1] > 65536)
		text_pointer(o, c->args[i]);
	else
		text_bytes(o, c->task, c->args[i], c->args[i + 1]);
	return true;
}

/* struct linux_dirent64: ino, off, reclen, type, name. */
static bool entries(struct strace_text *o, const struct strace_call *c, int i)
{
	static const char *const types[16] = {
		[0] = "DT_UNKNOWN", [1] = "DT_FIFO", [2] = "DT_CHR", [4] = "DT_DIR", [6] = "DT_BLK", [8] = "DT_REG",
		[10] = "DT_LNK", [12] = "DT_SOCK", [14] = "DT_WHT",
	};
	struct { uint64_t ino; int64_t off; uint16_t reclen; uint8_t type; } d;

	text_str(o, "[");
	for (uint32_t at = 0; at < (uint64_t)c->result; at += d.reclen) {
		if (user_read(c->task, &d, c->args[i] + at, 19) || d.reclen < 19)
			break;
		text_printf(o, "%s{d_ino=%llu, d_off=%lld, d_reclen=%u, d_type=", at ? ", " : "", (unsigned long long)d.ino,
			    (long long)d.off, d.reclen);
		if (d.type < 16 && types[d.type])
			text_named(o, types[d.type], "%#x", d.type);
		else
			text_printf(o, "%#x /* DT_??? */", d.type);
		text_str(o, ", d_name=");
		string(o, c->task, c->args[i] + at + 19, d.reclen - 19u, d.reclen - 19u);
		text_str(o, "}");
	}
	text_str(o, "]");
	return true;
}

bool print_dents(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t n = 0, at = 0;

	if (c->ok && o->config && o->config->verbose)
		return entries(o, c, i);
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

uint64_t before_off64p(const struct strace_call *c, int i)
{
	int64_t v;

	return user_read(c->task, &v, c->args[i], sizeof v) ? 0 : (uint64_t)v;
}

/* An offset as it is before the call. */
bool print_off64p(struct strace_text *o, const struct strace_call *c, int i)
{
	int64_t v;

	if (!c->args[i] || user_read(c->task, &v, c->args[i], sizeof v))
		text_pointer(o, c->args[i]);
	else
		text_printf(o, "[%lld]", (long long)v);
	return true;
}

/* And what became of it. */
bool print_off64p_told(struct strace_text *o, const struct strace_call *c, int i)
{
	int64_t v;

	if (!c->args[i] || user_read(c->task, &v, c->args[i], sizeof v)) {
		text_pointer(o, c->args[i]);
		return true;
	}
	text_printf(o, "[%llu]", (unsigned long long)c->was);
	if (c->ok && c->result)
		text_printf(o, " => [%llu]", (unsigned long long)v);
	return true;
}

void text_bytes(struct strace_text *o, struct task *t, uint32_t addr, uint32_t len)
{
	uint8_t last;

	if (len && addr && !user_read(t, &last, addr + len - 1, 1) && !last)
		len--;
	text_buffer(o, t, addr, len, false);
}

bool print_bytes(struct strace_text *o, const struct strace_call *c, int i)
{
	text_bytes(o, c->task, c->args[i], c->args[i + 1]);
	return true;
}
