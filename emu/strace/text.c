/* SPDX-License-Identifier: MIT
 *
 * The text that lines of strace are made of, and what needs no call to be written: descriptors, hexdumps.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/strace/config.h"
#include "emu/strace/internal.h"
#include "emu/sys/user.h"

void text_put(struct strace_text *o, const char *s, size_t len)
{
	if (len > o->size - o->len) {
		size_t size = (o->size + len) * 2;
		char *buf = realloc(o->buf, size);

		if (!buf)
			return;
		o->buf = buf;
		o->size = size;
	}
	memcpy(o->buf + o->len, s, len);
	o->len += len;
}

void text_str(struct strace_text *o, const char *s) { text_put(o, s, strlen(s)); }

void text_append(struct strace_text *o, struct strace_text *from)
{
	if (from->len)
		text_put(o, from->buf, from->len);
	from->len = 0;
}

void text_printf(struct strace_text *o, const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (n > 0)
		text_put(o, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

/* --- Descriptors --- */

/* A name between < and >: those two in it as octal escapes, the rest as in a string. */
static void bracketed(struct strace_text *o, const char *name, const char *extra)
{
	text_str(o, "<");
	text_escaped(o, name, strlen(name), "<>");
	text_printf(o, "%s>", extra);
}

static unsigned decoded(const struct strace_text *o)
{
	return o->config ? o->config->decode_fds : 0;
}

/* extra: what else is known, within the brackets. */
static void place_name(struct strace_text *o, struct task *t, const struct path_ref *place, const char *extra)
{
	static const char gone[] = " (deleted)";
	char name[PATH_MAX_GUEST + 16];
	size_t len;

	if (!place->dentry || !t->fs || vfs_path_name(place, &t->fs->root, name, sizeof name) <= 0)
		return;
	len = strlen(name);
	if (place->dentry->unlinked && len > sizeof gone && !strcmp(name + len - (sizeof gone - 1), gone))
		name[len - (sizeof gone - 1)] = 0;
	bracketed(o, name, extra);
	if (place->dentry->unlinked)
		text_str(o, "(deleted)");
}

void text_file(struct strace_text *o, struct task *t, const struct path_ref *place)
{
	if (decoded(o) & DECODE_PATH)
		place_name(o, t, place, "");
}

/* Of an inode that is a device: "<char 1:3>". */
static void device(const struct inode *inode, char extra[40])
{
	uint32_t type = inode->mode & 0170000;

	if (type == 0020000 || type == 0060000)
		snprintf(extra, 40, "<%s %u:%u>", type == 0020000 ? "char" : "block", vfs_major(inode->rdev),
			 vfs_minor(inode->rdev));
}

void text_fd(struct strace_text *o, struct task *t, int fd)
{
	char name[256] = "", extra[40] = "";
	unsigned decode = decoded(o);
	struct file *f;

	text_printf(o, "%d", fd);
	if (!decode || fd < 0 || !t->fds)
		return;
	f = fds_look(t->fds, (unsigned)fd);
	if (!f)
		return;
	if (decode & DECODE_DEV)
		device(f->inode, extra);
	if (!(decode & DECODE_PATH) && !*extra)
		return;
	if (!f->ops->describe && f->path.dentry) {
		place_name(o, t, &f->path, extra);
		return;
	}
	if (f->ops->describe)
		f->ops->describe(f, name, sizeof name);
	else
		snprintf(name, sizeof name, "anon_inode:[%llu]", (unsigned long long)f->inode->ino);
	bracketed(o, name, extra);
}

void text_dirfd(struct strace_text *o, struct task *t, int fd)
{
	if (fd != -100) {
		text_fd(o, t, fd);
		return;
	}
	text_named(o, "AT_FDCWD", "%d", fd);
	if (t->fs)
		text_file(o, t, &t->fs->cwd);
}

void text_rest(struct strace_text *o, struct task *t, uint32_t addr, uint32_t known, uint32_t size)
{
	enum { MOST = 4096 };	/* no structure is longer than a page */
	uint32_t end = size < MOST ? size : MOST, n = end > known ? end - known : 0, i = 0;
	const uint8_t *p = user_span(t, addr + known, n);

	if (!n)
		return;
	while (p && i < n && !p[i])
		i++;
	if (!p)
		text_str(o, ", ???");
	else if (i < n) {
		text_str(o, ", /* bytes ");
		text_printf(o, "%u..%u */ ", known, end - 1);
		text_quoted(o, p, n, true);
	}
}

/* --- Hexdumps (dumpstr of strace): 16 bytes a line, a gap after 8 --- */

static void dump_line(struct strace_text *o, const uint8_t *p, uint32_t at, uint32_t n)
{
	text_printf(o, " | %05x  ", at);
	for (uint32_t i = 0; i < 16; i++) {
		text_printf(o, i < n ? "%02x " : "   ", i < n ? p[i] : 0);
		text_str(o, i == 7 ? " " : "");
	}
	text_str(o, " ");
	for (uint32_t i = 0; i < 16; i++)
		text_printf(o, "%c", i >= n ? ' ' : isprint(p[i]) ? p[i] : '.');
	text_str(o, " |\n");
}

void text_dump(struct strace_text *o, struct task *t, uint32_t addr, uint32_t len)
{
	uint8_t line[16];

	for (uint32_t at = 0; at < len; at += 16) {
		uint32_t n = len - at < 16 ? len - at : 16;

		if (user_read(t, line, addr + at, n))
			return;
		dump_line(o, line, at, n);
	}
}
