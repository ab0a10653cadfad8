/* SPDX-License-Identifier: MIT
 *
 * Lines of strace: prefix, arguments as they become known, result.
 */
#include "emu/strace/lines.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "emu/host/clock.h"
#include "emu/sys/user.h"

/* Drops old lines, now and then. */
static void keep_last(struct strace_text *o)
{
	enum { KEPT = 4096, MOST = 4 * KEPT };
	const char *from;

	if (o->len <= MOST)
		return;
	from = memchr(o->buf + o->len - KEPT, '\n', KEPT);
	from = from ? from + 1 : o->buf + o->len - KEPT;
	o->len -= (size_t)(from - o->buf);
	memmove(o->buf, from, o->len);
}

void out_flush(struct strace_out *out)
{
	const char *p = out->text.buf;
	size_t left = out->text.len;

	if (out->fd < 0) {
		keep_last(&out->text);
		return;
	}

	/* Errors are nobody's to hear. */
	while (left) {
		ssize_t n = write(out->fd, p, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		p += n;
		left -= (size_t)n;
	}
	out->text.len = 0;
}

/* With a filter by status a line is held back until the call is over. */
static bool held(const struct strace *s) { return s->config->status != STRACE_ANY_STATUS; }

struct strace_text *line_text(struct strace *s, struct traced *r)
{
	return held(s) && r->open ? &r->held : &r->out->text;
}

void line_break(struct strace_out *out)
{
	if (!out->writing)
		return;
	text_str(&out->text, " <unfinished ...>\n");
	out->writing = NULL;
}

/* --- The prefix (printleader of strace) --- */

static void seconds(struct strace_text *o, const char *fmt, uint64_t ns, unsigned digits)
{
	static const uint32_t unit[10] = { 1000000000, 0, 0, 1000000, 0, 0, 1000, 0, 0, 1 };

	text_printf(o, fmt, (unsigned long long)(ns / 1000000000u));
	if (digits)
		text_printf(o, ".%0*u", (int)digits, (unsigned)(ns % 1000000000u / unit[digits]));
}

/* The guest's time of day, where the host's user lives; of a deterministic run the same everywhere. */
static void stamp(struct strace *s, struct traced *r, struct strace_text *o)
{
	struct machine *m = r->task->machine;
	int64_t now = clock_realtime(m);
	uint64_t ns = now > 0 ? (uint64_t)now : 0;
	time_t sec = (time_t)(ns / 1000000000u);
	struct tm tm = { 0 };

	if (s->config->stamp == STAMP_UNIX) {
		seconds(o, "%llu", ns, s->config->stamp_digits);
	} else {
		if (m->options.deterministic)
			gmtime_r(&sec, &tm);
		else
			localtime_r(&sec, &tm);
		text_printf(o, "%02d:%02d:", tm.tm_hour, tm.tm_min);
		seconds(o, "%02llu", ns % 1000000000u + (uint64_t)tm.tm_sec * 1000000000u, s->config->stamp_digits);
	}
	text_str(o, " ");
}

static void since_last(struct strace *s, struct traced *r, struct strace_text *o)
{
	uint64_t *last = s->config->separate ? &r->last_line : &s->last_line;
	uint64_t now = clock_monotonic(r->task->machine);

	text_str(o, s->config->stamp ? "(+" : "");
	seconds(o, "%6llu", *last ? now - *last : 0, s->config->relative_digits);
	text_str(o, s->config->stamp ? ") " : " ");
	*last = now ? now : 1;
}

void line_begin(struct strace *s, struct traced *r, struct strace_text *o)
{
	const struct strace_config *c = s->config;
	size_t start;

	if (o == &r->out->text)
		line_break(r->out);
	start = o->len;
	if (c->output && c->follow && !c->separate)
		text_printf(o, "%-5d ", r->task->tid);
	else if (!c->output && s->count > 1 && !s->kept)
		text_printf(o, "[pid %5d] ", r->task->tid);
	if (c->stamp)
		stamp(s, r, o);
	if (c->relative)
		since_last(s, r, o);
	if (c->number)
		text_printf(o, "[%4d] ", (int)r->call.nr);
	if (c->pc)
		text_printf(o, "[%08x] ", r->task->regs.pc);
	r->column = (int)(o->len - start);
}

/* --- Arguments --- */

/* Is argument i one that the end of the call must show? */
static bool is_late(const struct strace_type *type, const struct traced *r, int i)
{
	return type && type->out && !r->call.over && (!type->late || type->late(&r->call, i));
}

/*
 * Writes arguments from r->next_arg on: before the call's end those up to the first one the kernel fills in,
 * afterwards the rest.
 */
static void arguments(struct strace *s, struct traced *r, struct strace_text *o)
{
	bool raw = strace_calls_has(&s->config->raw, r->call.nr);
	const struct strace_type *const *types = r->call.nr < SYSCALL_MAX ? s->types[r->call.nr] : NULL;
	const char *known = syscall_args(r->call.nr);

	while (r->next_arg < 6) {
		const struct strace_type *type = known ? types[r->next_arg] : NULL;
		size_t before = o->len;
		int i = r->next_arg;

		if (known && !type)
			break;
		if (!raw && is_late(type, r, i))
			return;
		if (i && !r->comma)
			text_str(o, ", ");
		r->comma = false;
		r->call.filled = type && type->out && (!type->late || type->late(&r->call, i));
		if (!type || raw)
			for (unsigned k = 0; k < (type ? type->regs : 1); k++)
				text_printf(o, r->call.args[i + (int)k] ? "%s%#x" : "%s%x", k ? ", " : "",
					    r->call.args[i + (int)k]);
		else if (type->print ? !type->print(o, &r->call, i) : false)
			o->len = before;
		else if (!type->print)
			text_flags(o, type->flags, r->call.args[i]);
		r->next_arg += type ? (int)type->regs : 1;
		/* The comma before an argument that waits for the end of the call. */
		type = known && r->next_arg < 6 ? types[r->next_arg] : NULL;
		if (!raw && is_late(type, r, r->next_arg)) {
			text_str(o, ", ");
			r->comma = true;
			return;
		}
	}
	r->next_arg = 6;
}

static const char *call_name(uint32_t nr, char buf[32])
{
	const char *name = syscall_name(nr);

	if (name)
		return name;
	snprintf(buf, 32, "syscall_%#x", nr);
	return buf;
}

void line_call(struct strace *s, struct traced *r)
{
	struct strace_text *o = line_text(s, r);
	char buf[32];
	size_t start;

	r->comma = false;
	r->next_arg = 0;
	line_begin(s, r, o);
	if (o == &r->out->text)
		r->out->writing = r;
	start = o->len;
	text_printf(o, "%s(", call_name(r->call.nr, buf));
	arguments(s, r, o);
	r->column += (int)(o->len - start);
}

/* Takes the line of r's call up again. */
static void resume(struct strace *s, struct traced *r, struct strace_text *o)
{
	char buf[32];
	size_t start;

	if (o != &r->out->text || r->out->writing == r)
		return;
	line_begin(s, r, o);
	start = o->len;
	text_printf(o, "<... %s resumed>", call_name(r->call.nr, buf));
	r->column += (int)(o->len - start);
}

/* --- Results --- */

/* The line so far, one column a byte, since `start` in the text. */
static void to_result_column(struct strace *s, struct traced *r, struct strace_text *o, size_t start)
{
	r->column += (int)(o->len - start);
	do {
		text_str(o, " ");
		r->column++;
	} while (r->column < (int)s->config->column);
}

static void result_text(struct strace *s, struct strace_text *o, const struct strace_call *c)
{
	static const struct { int err; const char *text; } restarts[] = {
		{ ERESTARTSYS, "ERESTARTSYS (To be restarted if SA_RESTART is set)" },
		{ ERESTARTNOINTR, "ERESTARTNOINTR (To be restarted)" },
		{ ERESTARTNOHAND, "ERESTARTNOHAND (To be restarted if no handler)" },
		{ ERESTART_RESTARTBLOCK, "ERESTART_RESTARTBLOCK (Interrupted by signal)" },
	};
	const char *name;

	if (c->ok) {
		if (c->nr < SYSCALL_MAX && s->ret[c->nr])
			s->ret[c->nr](o, c);
		else
			text_printf(o, "%lld", (long long)c->result);
		return;
	}
	for (size_t i = 0; i < sizeof restarts / sizeof *restarts; i++)
		if (-c->result == restarts[i].err) {
			text_printf(o, "? %s", restarts[i].text);
			return;
		}
	name = strace_errno_name((int)-c->result);
	if (name)
		text_printf(o, "-1 %s (%s)", name, strerror((int)-c->result));
	else
		text_printf(o, "-1 (errno %lld)", (long long)-c->result);
}

/* Of a vector, piece by piece as strace does it. */
static void dump_vector(struct strace_text *o, const struct strace_call *c, uint32_t addr, uint32_t count, uint64_t len)
{
	uint32_t v[2];

	for (uint32_t n = 0; len && n < count; n++, addr += sizeof v) {
		uint32_t part;

		if (user_read(c->task, v, addr, sizeof v))
			return;
		part = v[1] < len ? v[1] : (uint32_t)len;
		text_printf(o, " * %u bytes in buffer %u\n", part, n);
		text_dump(o, c->task, v[0], part);
		len -= part;
	}
}

/* -e read=, -e write=: what went over the descriptor, if it is the first argument and the buffer the second. */
static void dump(struct strace *s, const struct strace_call *c, struct strace_text *o)
{
	const char *args = syscall_args(c->nr);
	bool in = args && (!strncmp(args, "fd,outbuf,", 10) || !strncmp(args, "fd,outiov,", 10) ||
			   !strncmp(args, "fd,msghdr_out,", 14));
	bool out = args && (!strncmp(args, "fd,inbuf,", 9) || !strncmp(args, "fd,iniov,", 9) || !strncmp(args, "fd,msghdr,", 10));
	uint32_t head[4];

	if (!c->ok || c->result <= 0 || (!in && !out) ||
	    !strace_fds_has(in ? &s->config->dump_read : &s->config->dump_write, (int)c->args[0]))
		return;
	if (strstr(args, "iov"))
		dump_vector(o, c, c->args[1], c->args[2], (uint64_t)c->result);
	else if (strstr(args, "msghdr") && !user_read(c->task, head, c->args[1], sizeof head))
		dump_vector(o, c, head[2], head[3], (uint64_t)c->result);
	else if (!strstr(args, "msghdr"))
		text_dump(o, c->task, c->args[1], (uint32_t)c->result);
}

static unsigned status_of(const struct strace_call *c)
{
	bool restart = -c->result >= ERESTARTSYS && -c->result <= ERESTART_RESTARTBLOCK;

	return c->ok ? STRACE_SUCCESSFUL : restart ? STRACE_UNAVAILABLE : STRACE_FAILED;
}

static void line_end(struct strace *s, struct traced *r, struct strace_text *o, unsigned status)
{
	if (o == &r->out->text) {
		r->out->writing = NULL;
		return;
	}
	if (s->config->status & status)
		text_append(&r->out->text, o);
	o->len = 0;
}

static void duration(struct strace *s, struct traced *r, struct strace_text *o)
{
	if (!s->config->duration)
		return;
	seconds(o, " <%llu", clock_monotonic(r->task->machine) - r->begun, s->config->duration_digits);
	text_str(o, ">");
}

void line_result(struct strace *s, struct traced *r)
{
	struct strace_text *o = line_text(s, r);
	size_t start;

	resume(s, r, o);
	start = o->len;
	arguments(s, r, o);
	text_str(o, ")");
	to_result_column(s, r, o, start);
	text_str(o, "= ");
	result_text(s, o, &r->call);
	if (r->injected)
		text_str(o, " (INJECTED)");
	duration(s, r, o);
	text_str(o, "\n");
	dump(s, &r->call, o);
	line_end(s, r, o, status_of(&r->call));
}

void line_never(struct strace *s, struct traced *r)
{
	enum { NR_EXIT = 93, NR_EXIT_GROUP = 94 };
	bool leaving = r->call.nr == NR_EXIT || r->call.nr == NR_EXIT_GROUP;
	struct strace_text *o = line_text(s, r);
	size_t start;

	resume(s, r, o);
	start = o->len;
	text_str(o, leaving ? ")" : " <unfinished ...>)");
	to_result_column(s, r, o, start);
	text_str(o, "= ?\n");
	line_end(s, r, o, STRACE_UNFINISHED);
}
