/* SPDX-License-Identifier: MIT
 *
 * Lines: who is writing, what is unfinished, and the calls from dispatch.
 */
#include "emu/debug/strace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "emu/debug/strace_internal.h"
#include "emu/signal/signal.h"
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

enum { RESULT_COLUMN = 40, BUCKETS = 256, NR_EXIT = 93, NR_EXIT_GROUP = 94, NR_RT_SIGRETURN = 139 };

/* What is known of a task. */
struct traced {
	struct task *task;
	struct traced *next;
	struct strace_call call;	/* the one begun and not ended, if `open` */
	bool open, cut;			/* cut: another line came between */
	bool comma;			/* the comma before it is written */
	int next_arg;			/* register of the first argument not yet written; 6: all are */
	int column;
};

struct strace {
	int fd;
	bool to_file;
	struct traced *bucket[BUCKETS];
	unsigned count;
	bool any;			/* there has been a task */
	struct traced *writing;		/* whose line is not ended */
	const struct strace_type *types[SYSCALL_MAX][6];	/* by argument */
	strace_ret_fn ret[SYSCALL_MAX];
	struct strace_text text;	/* not yet written */
};

/* --- Text --- */

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

/* Writes out what is there; errors are nobody's to hear. */
static void flush(struct strace *s)
{
	const char *p = s->text.buf;
	size_t left = s->text.len;

	while (left) {
		ssize_t n = write(s->fd, p, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		p += n;
		left -= (size_t)n;
	}
	s->text.len = 0;
}

/* --- Tasks --- */

static struct traced **slot(struct strace *s, const struct task *t)
{
	struct traced **p = &s->bucket[((uintptr_t)t >> 6) % BUCKETS];

	while (*p && (*p)->task != t)
		p = &(*p)->next;
	return p;
}

static void break_line(struct strace *s)
{
	if (!s->writing)
		return;
	text_str(&s->text, " <unfinished ...>\n");
	s->writing->cut = true;
	s->writing = NULL;
}

/* The record of t, made when it is first seen.  NULL: no memory, t is not traced. */
static struct traced *traced(struct strace *s, struct task *t)
{
	struct traced **p = slot(s, t), *r = *p;

	if (r)
		return r;
	r = calloc(1, sizeof *r);
	if (!r)
		return NULL;
	r->task = t;
	*p = r;
	s->count++;
	if (s->any && !s->to_file) {
		break_line(s);
		text_printf(&s->text, "strace: Process %d attached\n", t->tid);
	}
	s->any = true;
	return r;
}

static void forget(struct strace *s, struct task *t)
{
	struct traced **p = slot(s, t), *r = *p;

	if (!r)
		return;
	if (s->writing == r)
		s->writing = NULL;
	*p = r->next;
	s->count--;
	free(r);
}

/* --- Lines --- */

/* Ends the unfinished line, if there is one, and begins a new one. */
static void begin_line(struct strace *s, struct traced *r)
{
	size_t start;

	break_line(s);
	start = s->text.len;
	if (s->to_file)
		text_printf(&s->text, "%-5d ", r->task->tid);
	else if (s->count > 1)
		text_printf(&s->text, "[pid %5d] ", r->task->tid);
	r->column = (int)(s->text.len - start);
}

/* Is argument i one that the end of the call must show? */
static bool is_late(const struct strace_type *type, const struct traced *r, int i)
{
	return type && type->out && !r->call.over && (!type->late || type->late(&r->call, i));
}

/*
 * Writes arguments from r->next_arg on: before the call's end those up to the first one the kernel fills in,
 * afterwards the rest.
 */
static void arguments(struct strace *s, struct traced *r)
{
	const struct strace_type *const *types = r->call.nr < SYSCALL_MAX ? s->types[r->call.nr] : NULL;
	const char *known = r->call.nr < SYSCALL_MAX ? syscall_table[r->call.nr].args : NULL;

	while (r->next_arg < 6) {
		const struct strace_type *type = known ? types[r->next_arg] : NULL;
		size_t before = s->text.len;
		int i = r->next_arg;

		if (known && !type)
			break;
		if (is_late(type, r, i))
			return;
		if (i && !r->comma)
			text_str(&s->text, ", ");
		r->comma = false;
		r->call.filled = type && type->out && (!type->late || type->late(&r->call, i));
		if (!type)
			text_printf(&s->text, r->call.args[i] ? "%#x" : "%x", r->call.args[i]);
		else if (type->print ? !type->print(&s->text, &r->call, i) : false)
			s->text.len = before;
		else if (!type->print)
			text_flags(&s->text, type->flags, r->call.args[i]);
		r->next_arg += type ? (int)type->regs : 1;
		/* The comma before an argument that waits for the end of the call. */
		type = known && r->next_arg < 6 ? types[r->next_arg] : NULL;
		if (is_late(type, r, r->next_arg)) {
			text_str(&s->text, ", ");
			r->comma = true;
			return;
		}
	}
	r->next_arg = 6;
}

static const char *call_name(uint32_t nr, char buf[32])
{
	if (nr < SYSCALL_MAX && syscall_table[nr].name)
		return syscall_table[nr].name;
	snprintf(buf, 32, "syscall_%#x", nr);
	return buf;
}

/* The line so far, one column a byte, since `start` in the text. */
static void advance(struct strace *s, struct traced *r, size_t start)
{
	r->column += (int)(s->text.len - start);
}

static void to_result_column(struct strace *s, struct traced *r, size_t start)
{
	advance(s, r, start);
	do {
		text_str(&s->text, " ");
		r->column++;
	} while (r->column < RESULT_COLUMN);
}

static void result_text(struct strace *s, const struct strace_call *c)
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
			s->ret[c->nr](&s->text, c);
		else
			text_printf(&s->text, "%lld", (long long)c->result);
		return;
	}
	for (size_t i = 0; i < sizeof restarts / sizeof *restarts; i++)
		if (-c->result == restarts[i].err) {
			text_printf(&s->text, "? %s", restarts[i].text);
			return;
		}
	name = strace_errno_name((int)-c->result);
	if (name)
		text_printf(&s->text, "-1 %s (%s)", name, strerror((int)-c->result));
	else
		text_printf(&s->text, "-1 (errno %lld)", (long long)-c->result);
}

/* Takes the line of r's call up again. */
static void resume_line(struct strace *s, struct traced *r)
{
	char buf[32];
	size_t start;

	if (s->writing == r)
		return;
	begin_line(s, r);
	start = s->text.len;
	text_printf(&s->text, "<... %s resumed>", call_name(r->call.nr, buf));
	advance(s, r, start);
	r->cut = false;
}

static void end_call(struct strace *s, struct traced *r)
{
	size_t start;

	resume_line(s, r);
	start = s->text.len;
	arguments(s, r);
	text_str(&s->text, ")");
	to_result_column(s, r, start);
	text_str(&s->text, "= ");
	result_text(s, &r->call);
	text_str(&s->text, "\n");
	s->writing = NULL;
	r->open = false;
}

/* rt_sigreturn does not come back; the register it will be seen to return is in the frame. */
static void end_sigreturn(struct strace *s, struct traced *r)
{
	struct task *t = r->task;
	uint32_t a0 = 0;

	/* struct siginfo, then ucontext with its registers at 160: pc, x1, ... */
	user_get32(t, t->regs.x[2] + 128 + 160 + 4 * 10, &a0);
	r->call.result = (int32_t)a0 < 0 && (int32_t)a0 >= -4095 ? (int32_t)a0 : (int64_t)a0;
	r->call.over = true;
	r->call.ok = r->call.result >= 0;
	end_call(s, r);
}

/*
 * The first task came to life before it could be traced.  Its execve is read off its new stack: argc, argv,
 * envp and, in the auxiliary vector, the name of the program (AT_EXECFN).
 */
static void first_execve(struct strace *s, struct task *t)
{
	enum { AT_EXECFN_ = 31 };
	uint32_t sp = mm_layout(t->space)->start_stack, argc, at, pair[2] = { 1, 0 }, word = 1;
	struct strace_call c = { .task = t, .nr = 221 };
	size_t start = s->text.len;

	if (!sp || user_get32(t, sp, &argc))
		return;
	c.args[1] = sp + 4;
	c.args[2] = at = sp + 4 + 4 * (argc + 1);
	while (word && !user_get32(t, at, &word))
		at += 4;
	while (pair[0] && pair[0] != AT_EXECFN_ && !user_read(t, pair, at, sizeof pair))
		at += sizeof pair;
	if (pair[0] != AT_EXECFN_)
		return;
	c.args[0] = pair[1];
	if (s->to_file)
		text_printf(&s->text, "%-5d ", t->tid);
	text_str(&s->text, "execve(");
	for (int i = 0; i < 3; i++) {
		text_str(&s->text, i ? ", " : "");
		s->types[221][i]->print(&s->text, &c, i);
	}
	text_str(&s->text, ") ");
	while (s->text.len - start < RESULT_COLUMN)
		text_str(&s->text, " ");
	text_str(&s->text, "= 0\n");
}

void strace_enter(struct task *t)
{
	struct strace *s = t->machine->strace;
	bool first = !s->any;
	struct traced *r = traced(s, t);
	char buf[32];
	size_t start;

	if (!r)
		return;
	if (first)
		first_execve(s, t);
	r->call = (struct strace_call){ .task = t, .nr = t->sys.nr };
	memcpy(r->call.args, t->sys.args, sizeof r->call.args);
	r->open = true;
	r->cut = false;
	r->comma = false;
	r->next_arg = 0;
	begin_line(s, r);
	s->writing = r;
	start = s->text.len;
	text_printf(&s->text, "%s(", call_name(r->call.nr, buf));
	arguments(s, r);
	advance(s, r, start);
	if (r->call.nr == NR_RT_SIGRETURN)
		end_sigreturn(s, r);
	flush(s);
}

void strace_exit(struct task *t, int64_t result)
{
	struct strace *s = t->machine->strace;
	struct traced *r = traced(s, t);
	struct task *child;

	if (!r || !r->open)
		return;
	r->call.result = result;
	r->call.over = true;
	r->call.ok = result >= 0;
	end_call(s, r);
	/* A new thread is traced from its first moment, before it does anything. */
	if ((r->call.nr == 220 || r->call.nr == 435) && result > 0) {
		child = task_find(t->machine, (int)result);
		if (child && child->state != TASK_ZOMBIE && child->state != TASK_DEAD)
			traced(s, child);
	}
	flush(s);
}

void strace_signal(struct task *t, const struct signal_info *info)
{
	struct strace *s = t->machine->strace;
	struct traced *r = traced(s, t);

	if (!r)
		return;
	begin_line(s, r);
	text_str(&s->text, "--- ");
	text_signal(&s->text, info->signo);
	text_str(&s->text, " ");
	text_siginfo(&s->text, info);
	text_str(&s->text, " ---\n");
	flush(s);
}

void strace_exited(struct task *t)
{
	struct strace *s = t->machine->strace;
	struct traced *r = traced(s, t);
	size_t start;

	if (!r)
		return;
	if (r->open) {
		bool leaving = r->call.nr == NR_EXIT || r->call.nr == NR_EXIT_GROUP;

		resume_line(s, r);
		start = s->text.len;
		text_str(&s->text, leaving ? ")" : " <unfinished ...>)");
		to_result_column(s, r, start);
		text_str(&s->text, "= ?\n");
		s->writing = NULL;
		r->open = false;
	}
	begin_line(s, r);
	if (t->exit_code & 0x7f) {
		text_str(&s->text, "+++ killed by ");
		text_signal(&s->text, (int)(t->exit_code & 0x7f));
		text_str(&s->text, t->exit_code & 0x80 ? " (core dumped) +++\n" : " +++\n");
	} else {
		text_printf(&s->text, "+++ exited with %u +++\n", t->exit_code >> 8 & 0xff);
	}
	flush(s);
	forget(s, t);
}

/* --- On and off --- */

/* Looks the words of syscalls.def up once. */
static void compile(struct strace *s)
{
	for (unsigned nr = 0; nr < SYSCALL_MAX; nr++) {
		const struct syscall_entry *e = &syscall_table[nr];
		const char *word = e->args;

		if (!e->name)
			continue;
		if (e->ret)
			s->ret[nr] = strace_ret_find(e->ret);
		for (unsigned reg = 0; word && *word && reg < 6; ) {
			size_t len = strcspn(word, ",");
			const struct strace_type *type = strace_type_find(word, len);

			if (!type)
				type = strace_type_find("x", 1);
			s->types[nr][reg] = type;
			reg += type->regs;
			word += len;
			word += *word == ',';
		}
	}
}

int strace_new(struct machine *m, const char *path)
{
	struct strace *s = calloc(1, sizeof *s);
	int err;

	if (!s)
		return -ENOMEM;
	s->fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : dup(2);
	if (s->fd < 0) {
		err = -errno;
		free(s);
		return err;
	}
	s->to_file = path;
	compile(s);
	m->strace = s;
	return 0;
}

void strace_free(struct machine *m)
{
	struct strace *s = m->strace;

	if (!s)
		return;
	break_line(s);
	flush(s);
	for (unsigned i = 0; i < BUCKETS; i++)
		while (s->bucket[i])
			forget(s, s->bucket[i]->task);
	close(s->fd);
	free(s->text.buf);
	free(s);
	m->strace = NULL;
}
