/* SPDX-License-Identifier: MIT
 *
 * strace as dispatch and signal delivery call it: which tasks, which calls, what is injected, what is counted.
 */
#include "emu/strace/strace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "emu/strace/lines.h"
#include "emu/host/clock.h"
#include "emu/signal/signal.h"
#include "emu/sys/user.h"

enum { NR_RT_SIGRETURN = 139, NR_CLONE = 220, NR_EXECVE = 221, NR_CLONE3 = 435 };

/* --- Tasks --- */

static struct traced **slot(struct strace *s, const struct task *t)
{
	struct traced **p = &s->bucket[((uintptr_t)t >> 6) % TRACED_BUCKETS];

	while (*p && (*p)->task != t)
		p = &(*p)->next;
	return p;
}

static void close_out(struct strace_out *out)
{
	line_break(out);
	out_flush(out);
	if (out->fd >= 0)
		close(out->fd);
	free(out->text.buf);
}

static void release(struct strace *s, struct traced *r)
{
	if (r->out && r->out != &s->out) {
		close_out(r->out);
		free(r->out);
	} else if (s->out.writing == r) {
		s->out.writing = NULL;
	}
	free(r->held.buf);
	free(r->counts);
	free(r);
}

static int open_output(const struct strace_config *c, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (c->append ? O_APPEND : O_TRUNC), 0666);

	return fd < 0 ? -errno : fd;
}

static struct strace_out *new_out(struct strace *s, int fd)
{
	struct strace_out *out = calloc(1, sizeof *out);

	if (out) {
		out->text.config = s->config;
		out->fd = fd;
	}
	return out;
}

/* -ff: OUTPUT.PID. False: it cannot be written. */
static bool own_output(struct strace *s, struct traced *r)
{
	char path[4200];
	int fd;

	r->out = &s->out;
	if (s->kept)
		return (r->out = new_out(s, -1)) != NULL;
	if (!s->config->separate || !s->config->output)
		return true;
	snprintf(path, sizeof path, "%s.%d", s->config->output, r->task->tid);
	fd = open_output(s->config, path);
	if (fd < 0) {
		fprintf(stderr, "flat32: cannot write the trace to %s: %s\n", path, strerror(-fd));
		return false;
	}
	r->out = new_out(s, fd);
	if (!r->out)
		close(fd);
	return r->out != NULL;
}

static bool says_attached(const struct strace *s)
{
	return s->any && !s->kept && !s->config->output && !s->config->quiet_attach && s->config->summary != SUMMARY_ONLY;
}

/* The record of t, made when it is first seen.  NULL: t is not traced. */
static struct traced *traced(struct strace *s, struct task *t)
{
	struct traced **p = slot(s, t), *r = *p;

	if (r)
		return r;
	if (!s->config->follow && s->only && s->only != t)
		return NULL;
	r = calloc(1, sizeof *r);
	if (!r)
		return NULL;
	r->task = t;
	r->held.config = s->config;
	if (!own_output(s, r)) {
		free(r);
		return NULL;
	}
	*p = r;
	s->count++;
	if (says_attached(s)) {
		line_break(&s->out);
		text_printf(&s->out.text, "strace: Process %d attached\n", t->tid);
	}
	if (!s->any)
		s->only = t;
	s->any = true;
	return r;
}

static void forget(struct strace *s, struct task *t)
{
	struct traced **p = slot(s, t), *r = *p;

	if (!r)
		return;
	*p = r->next;
	s->count--;
	release(s, r);
}

/* --- Which calls --- */

/* Is name "DIR/PATH"? */
static bool is_below(const char *name, const char *dir, const char *path)
{
	size_t len = dir ? strlen(dir) : 0;

	return len && *path != '/' && !strncmp(name, dir, len) && name[len] == '/' && !strcmp(name + len + 1, path);
}

/* -P: does an argument name one of the paths, or a descriptor that leads to one? */
static bool concerns_path(struct strace *s, const struct strace_call *c)
{
	static const char *const words[] = { "path", "fd", "dirfd" };
	char name[PATH_MAX_GUEST + 16];

	for (unsigned i = 0; i < 6 && c->nr < SYSCALL_MAX; i++) {
		const struct strace_type *type = s->types[c->nr][i];
		unsigned kind = 0;
		struct file *f;

		while (type && kind < 3 && strcmp(type->word, words[kind]))
			kind++;
		if (!type || kind == 3)
			continue;
		*name = 0;
		if (!kind)
			(void)user_path(c->task, name, c->args[i]);
		else if (c->task->fds && c->task->fs && (f = fds_look(c->task->fds, c->args[i])) && f->path.dentry)
			(void)vfs_path_name(&f->path, &c->task->fs->root, name, sizeof name);
		for (unsigned k = 0; k < s->config->paths; k++)
			if (!strcmp(name, s->config->path[k]) || is_below(name, s->cwd, s->config->path[k]))
				return true;
	}
	return false;
}

static bool shown(struct strace *s, const struct strace_call *c)
{
	return strace_calls_has(&s->config->trace, c->nr) && (!s->config->paths || concerns_path(s, c));
}

/* --- Injection --- */

/* Whether this call is one to be tampered with; it is counted. */
static const struct strace_injection *injection(struct strace *s, struct traced *r)
{
	uint32_t nr = r->call.nr;
	const struct strace_injection *j = nr < SYSCALL_MAX ? s->config->injection[nr] : NULL;
	unsigned n;

	if (!j)
		return NULL;
	if (!r->counts && !(r->counts = calloc(SYSCALL_MAX, sizeof *r->counts)))
		return NULL;
	n = r->counts[nr] < UINT16_MAX ? ++r->counts[nr] : UINT16_MAX;
	return n >= j->first && n <= j->last && (n - j->first) % j->step == 0 ? j : NULL;
}

/* --- Lines --- */

static void end_call(struct strace *s, struct traced *r)
{
	if (!r->hidden) {
		if (s->config->summary)
			strace_count(&s->counts, r->call.nr, !r->call.ok, s->config->wall ?
				     clock_monotonic(r->task->machine) - r->begun : r->served);
		if (s->config->summary != SUMMARY_ONLY)
			line_result(s, r);
	}
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

static void begin_call(struct strace *s, struct traced *r)
{
	uint64_t now = clock_monotonic(r->task->machine);

	r->open = true;
	r->injected = false;
	r->begun = r->try_began = now;
	r->served = 0;
	r->held.len = 0;
	r->hidden = !shown(s, &r->call);
	for (int i = 0; i < 6 && r->call.nr < SYSCALL_MAX && s->types[r->call.nr][i]; i++)
		if (s->types[r->call.nr][i]->before)
			r->call.was = s->types[r->call.nr][i]->before(&r->call, i);
	if (!r->hidden && s->config->summary != SUMMARY_ONLY)
		line_call(s, r);
}

/*
 * The first task came to life before it could be traced.  Its execve is read off its new stack: argc, argv,
 * envp and, in the auxiliary vector, the name of the program (AT_EXECFN).
 */
static void first_execve(struct strace *s, struct traced *r)
{
	enum { AT_EXECFN_ = 31 };
	struct task *t = r->task;
	uint32_t sp = mm_layout(t->space)->start_stack, argc, at, pair[2] = { 1, 0 }, word = 1;

	if (!sp || user_get32(t, sp, &argc))
		return;
	r->call = (struct strace_call){ .task = t, .nr = NR_EXECVE };
	r->call.args[1] = sp + 4;
	r->call.args[2] = at = sp + 4 + 4 * (argc + 1);
	while (word && !user_get32(t, at, &word))
		at += 4;
	while (pair[0] && pair[0] != AT_EXECFN_ && !user_read(t, pair, at, sizeof pair))
		at += sizeof pair;
	if (pair[0] != AT_EXECFN_)
		return;
	r->call.args[0] = pair[1];
	begin_call(s, r);
	r->call.over = r->call.ok = true;
	end_call(s, r);
}

/* What a relative path of -P is relative to: where the first process began. */
static void note_cwd(struct strace *s, struct task *t)
{
	char name[PATH_MAX_GUEST];

	if (s->config->paths && t->fs && vfs_path_name(&t->fs->cwd, &t->fs->root, name, sizeof name) > 0)
		s->cwd = strdup(name);
}

bool strace_enter(struct task *t, int64_t *result)
{
	struct strace *s = t->machine->strace;
	bool first = !s->any;
	struct traced *r = traced(s, t);
	const struct strace_injection *j;

	if (!r)
		return false;
	if (first) {
		note_cwd(s, t);
		first_execve(s, r);
	}
	r->call = (struct strace_call){ .task = t, .nr = t->sys.nr };
	memcpy(r->call.args, t->sys.args, sizeof r->call.args);
	begin_call(s, r);
	j = injection(s, r);
	r->injected = j && j->answered;
	if (r->call.nr == NR_RT_SIGRETURN && !r->injected)
		end_sigreturn(s, r);
	out_flush(r->out);
	if (j && j->signo)
		(void)signal_send_task(t, j->signo, NULL);
	if (r->injected)
		*result = j->result;
	return r->injected;
}

void strace_blocked(struct task *t)
{
	struct traced *r = *slot(t->machine->strace, t);

	if (r && r->open)
		r->served += clock_monotonic(t->machine) - r->try_began;
}

void strace_retry(struct task *t)
{
	struct traced *r = *slot(t->machine->strace, t);

	if (r)
		r->try_began = clock_monotonic(t->machine);
}

void strace_exit(struct task *t, int64_t result)
{
	struct strace *s = t->machine->strace;
	struct traced *r = traced(s, t);
	struct task *child;

	if (!r || !r->open)
		return;
	strace_blocked(t);
	r->call.result = result;
	r->call.over = true;
	r->call.ok = result >= 0;
	end_call(s, r);
	/* A new thread is traced from its first moment, before it does anything. */
	if ((r->call.nr == NR_CLONE || r->call.nr == NR_CLONE3) && result > 0) {
		child = task_find(t->machine, (int)result);
		if (child && child->state != TASK_ZOMBIE && child->state != TASK_DEAD)
			traced(s, child);
	}
	out_flush(r->out);
}

void strace_signal(struct task *t, const struct signal_info *info)
{
	struct strace *s = t->machine->strace;
	struct traced *r = traced(s, t);
	struct strace_text *o;

	if (!r || s->config->summary == SUMMARY_ONLY || !(s->config->signals >> (info->signo - 1) & 1))
		return;
	o = &r->out->text;
	line_begin(s, r, o);
	text_str(o, "--- ");
	text_signal(o, info->signo);
	text_str(o, " ");
	text_siginfo(o, info);
	text_str(o, " ---\n");
	out_flush(r->out);
}

void strace_exited(struct task *t)
{
	struct strace *s = t->machine->strace;
	struct traced *r = traced(s, t);
	struct strace_text *o;

	if (!r)
		return;
	o = &r->out->text;
	if (r->open && !r->hidden && s->config->summary != SUMMARY_ONLY)
		line_never(s, r);
	r->open = false;
	if (!s->config->quiet_exit && s->config->summary != SUMMARY_ONLY) {
		line_begin(s, r, o);
		if (t->exit_code & 0x7f) {
			text_str(o, "+++ killed by ");
			text_signal(o, (int)(t->exit_code & 0x7f));
			text_str(o, t->exit_code & 0x80 ? " (core dumped) +++\n" : " +++\n");
		} else {
			text_printf(o, "+++ exited with %u +++\n", t->exit_code >> 8 & 0xff);
		}
		out_flush(r->out);
	}
	forget(s, t);
}

void strace_last(struct task *t, struct strace_text *out, unsigned n)
{
	struct strace *s = t->machine->strace;
	struct traced *r = s && s->kept ? *slot(s, t) : NULL;
	size_t at = r ? r->out->text.len : 0;

	if (!at)
		return;
	/* One line end more than lines are to be shown. */
	for (n++; at && n; at--)
		n -= r->out->text.buf[at - 1] == '\n';
	if (!n)
		at++;
	text_put(out, r->out->text.buf + at, r->out->text.len - at);
	if (out->buf[out->len - 1] != '\n')
		text_str(out, "\n");
}

/* --- On and off --- */

/* Looks the words of syscalls.def up once. */
static void compile(struct strace *s)
{
	for (unsigned nr = 0; nr < SYSCALL_MAX; nr++) {
		const char *word = syscall_args(nr), *ret = syscall_ret(nr);

		if (ret)
			s->ret[nr] = strace_ret_find(ret);
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

int strace_new(struct machine *m, const struct strace_config *config, bool kept)
{
	struct strace *s = calloc(1, sizeof *s);
	int err;

	if (!s)
		return -ENOMEM;
	s->config = config;
	s->kept = kept;
	s->out.text.config = config;
	/* With -ff the common output is only the summary's. */
	if (config->output && !config->separate)
		s->out.fd = open_output(config, config->output);
	else
		s->out.fd = fcntl(2, F_DUPFD_CLOEXEC, 3);
	if (s->out.fd < 0) {
		err = config->output ? s->out.fd : -errno;
		free(s);
		return err;
	}
	compile(s);
	m->strace = s;
	return 0;
}

void strace_free(struct machine *m)
{
	struct strace *s = m->strace;

	if (!s)
		return;
	line_break(&s->out);
	for (unsigned i = 0; i < TRACED_BUCKETS; i++)
		while (s->bucket[i])
			forget(s, s->bucket[i]->task);
	if (s->config->summary)
		strace_summary(&s->out.text, &s->counts, s->config->order);
	close_out(&s->out);
	free(s->cwd);
	free(s);
	m->strace = NULL;
}
