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

/* A name between < and >: those two, and what is not printable, as octal escapes. */
static void bracketed(struct strace_text *o, const char *name)
{
	text_str(o, "<");
	for (; *name; name++) {
		uint8_t ch = (uint8_t)*name;

		if (ch < ' ' || ch >= 0x7f || ch == '<' || ch == '>' || ch == '\\')
			text_printf(o, "\\%03o", ch);
		else
			text_put(o, name, 1);
	}
	text_str(o, ">");
}

void text_file(struct strace_text *o, struct task *t, const struct path_ref *place)
{
	char name[PATH_MAX_GUEST + 16];

	if (o->config && o->config->fd_paths && place->dentry && t->fs &&
	    vfs_path_name(place, &t->fs->root, name, sizeof name) > 0)
		bracketed(o, name);
}

void text_fd(struct strace_text *o, struct task *t, int fd)
{
	struct file *f;
	char name[256] = "";

	text_printf(o, "%d", fd);
	if (!o->config || !o->config->fd_paths || fd < 0 || !t->fds)
		return;
	f = fds_look(t->fds, (unsigned)fd);
	if (!f)
		return;
	if (!f->ops->describe && f->path.dentry) {
		text_file(o, t, &f->path);
		return;
	}
	if (f->ops->describe)
		f->ops->describe(f, name, sizeof name);
	else
		snprintf(name, sizeof name, "anon_inode:[%llu]", (unsigned long long)f->inode->ino);
	bracketed(o, name);
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
