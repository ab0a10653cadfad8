/* SPDX-License-Identifier: MIT
 *
 * PID/: what a process is and does (fs/proc/array.c, base.c).
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "emu/event/quota.h"
#include "emu/ptrace/ptrace.h"
#include "emu/kernel/rusage.h"
#include "emu/kernel/tasks.h"
#include "emu/proc/internal.h"
#include "emu/seccomp/seccomp.h"
#include "emu/tty/tty.h"

#define TICK 10000000u		/* ns in 1/100 s, the unit of /proc */
enum { PF_FORKNOEXEC_ = 0x40, PF_SUPERPRIV_ = 0x100 };
enum { RLIMIT_RSS_ = 5, RLIMIT_SIGPENDING_ = 11 };

static struct mm_space *space_of(const struct proc_who *w)
{
	return w->t->space;
}

/* --- State --- */

static const char *state_of(const struct task *t)
{
	switch (t->state) {
	case TASK_SLEEPING:	/* a vfork parent cannot be interrupted, only killed */
		return t->vfork_child ? "D (disk sleep)" : "S (sleeping)";
	case TASK_STOPPED:
		return "T (stopped)";
	case TASK_TRACED:
		return "t (tracing stop)";
	case TASK_ZOMBIE:
		return "Z (zombie)";
	case TASK_DEAD:
		return "X (dead)";
	default:
		return "R (running)";
	}
}

static void signals_of(const struct task *t, uint64_t *ignored, uint64_t *caught)
{
	*ignored = *caught = 0;
	for (int i = 0; t->sighand && i < SIGNALS; i++) {
		uint32_t handler = t->sighand->action[i].handler;

		*ignored |= (uint64_t)(handler == 1) << i;
		*caught |= (uint64_t)(handler > 1) << i;
	}
}

/* --- Memory, in bytes --- */

static int add_vma(void *ctx, const struct mm_vma_info *v)
{
	*(uint64_t *)ctx += v->end - v->start;
	return 0;
}

static uint64_t virtual_size(struct mm_space *s)
{
	uint64_t bytes = 0;

	if (s)
		mm_space_walk(s, add_vma, &bytes);
	return bytes;
}

/*
 * What it holds, slack included.  The kernel counts nothing as resident without an MMU and prints 0; here everything
 * mapped is resident, and says so but with --compat linux-6.12.
 */
static uint64_t resident(struct mm_space *s)
{
	struct mm_usage u = { 0 };

	if (s)
		mm_space_usage(s, &u);
	return u.bytes + u.shared;
}

/* --- stat --- */

struct cpu_time { uint64_t user, system, child_user, child_system; };

static void times_of(const struct proc_who *w, struct cpu_time *c)
{
	process_cpu_time(w->p, &c->user, &c->system);
	c->child_user = w->p->child_utime;
	c->child_system = w->p->child_stime;
	if (w->thread) {
		c->user = w->t->utime_ns;
		c->system = w->t->stime_ns;
	}
}

/* task_prio(): what it runs with, inherited or its own. */
static int priority_of(const struct task *t)
{
	switch (t->run.class) {
	case RUN_DEADLINE:
		return -101;
	case RUN_RT:
		return -1 - (int)t->run.priority;
	default:
		return 20 + t->nice;
	}
}

int show_stat(struct proc_out *o, const struct proc_who *w)
{
	static const struct mm_layout nothing;
	const struct process *p = w->p;
	const struct task *t = w->t;
	struct mm_space *s = space_of(w);
	const struct mm_layout *l = s && proc_may_look(w) ? mm_layout(s) : &nothing;
	uint64_t ignored, caught, rss_limit = p->rlimit[RLIMIT_RSS_].cur;
	unsigned flags = (p->exec_done ? 0 : PF_FORKNOEXEC_) | (t->cred.euid ? 0 : PF_SUPERPRIV_);
	struct cpu_time c;

	times_of(w, &c);
	signals_of(t, &ignored, &caught);
	out(o, "%d (%s) %c %d %d %d %d %d %u 0 0 0 0 ", t->tid, t->comm, *state_of(t), p->parent ? p->parent->pid : 0,
	    p->pgid, p->sid, p->tty ? (int)p->tty->dev : 0, p->tty ? p->tty->pgrp : -1, flags);
	out(o, "%llu %llu %lld %lld ", (unsigned long long)(c.user / TICK), (unsigned long long)(c.system / TICK),
	    (long long)(c.child_user / TICK), (long long)(c.child_system / TICK));
	out(o, "%d %d %u 0 %llu %llu %llu %llu ", priority_of(t), t->nice, p->nthreads,
	    (unsigned long long)(t->start_ns / TICK), (unsigned long long)virtual_size(s),
	    (unsigned long long)(w->m->options.compat_linux ? 0 : resident(s) / FLAT_PAGE_SIZE),
	    (unsigned long long)(rss_limit > UINT32_MAX ? UINT32_MAX : rss_limit));
	out(o, "%u %u %u 0 0 ", l->start_code, l->end_code, l->start_stack);
	out(o, "%u %u %u %u ", (uint32_t)((t->pending.set | p->pending.set) & 0x7fffffff),
	    (uint32_t)(t->blocked & 0x7fffffff), (uint32_t)(ignored & 0x7fffffff), (uint32_t)(caught & 0x7fffffff));
	out(o, "%d 0 0 %d 0 %u %u 0 0 0 ", t->state != TASK_RUNNABLE && s, t == p->leader ? p->exit_signal : -1,
	    t->rt_priority, t->policy);
	out(o, "%u %u %u %u %u %u %u %d\n", l->start_data, l->end_data, l->start_brk, l->arg_start, l->arg_end,
	    l->env_start, l->env_end, proc_may_look(w) ? (int)p->exit_code : 0);
	return 0;
}

/* --- status --- */

static unsigned fd_table_size(struct fd_table *fds)
{
	unsigned size = 32, top = 0;

	for (int fd = 0; fds && (fd = fds_next(fds, (unsigned)fd)) >= 0; fd++)
		top = (unsigned)fd + 1;
	while (size < top)
		size *= 2;
	return fds ? size : 0;
}

static void show_identity(struct proc_out *o, const struct proc_who *w)
{
	const struct cred *c = &w->t->cred;

	out(o, "Name:\t");
	for (const char *s = w->t->comm; *s; s++)	/* as proc_task_name() */
		out(o, *s == '\n' ? "\\n" : *s == '\\' ? "\\\\" : "%c", *s);
	out(o, "\n");
	if (w->t->fs)
		out(o, "Umask:\t%#04o\n", w->t->fs->umask);
	out(o, "State:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t%d\n", state_of(w->t), w->p->pid,
	    w->t->tid, w->p->parent ? w->p->parent->pid : 0, task_is_traced(w->t) ? w->t->ptrace->tracer->tid : 0);
	out(o, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\nFDSize:\t%u\nGroups:\t", c->uid, c->euid, c->suid, c->fsuid,
	    c->gid, c->egid, c->sgid, c->fsgid, fd_table_size(w->t->fds));
	for (unsigned i = 0; i < groups_count(c->groups); i++)
		out(o, i ? " %u" : "%u", c->groups->ids[i]);
	out(o, " \nKthread:\t0\n");
}

static void show_signals(struct proc_out *o, const struct proc_who *w)
{
	const struct task *t = w->t;
	uint64_t ignored, caught, limit = w->p->rlimit[RLIMIT_SIGPENDING_].cur;

	signals_of(t, &ignored, &caught);
	out(o, "Threads:\t%u\nSigQ:\t%u/%llu\n", w->p->nthreads, quota_count(w->m, t->cred.uid, QUOTA_SIGNALS),
	    (unsigned long long)(limit > UINT32_MAX ? UINT32_MAX : limit));
	out(o, "SigPnd:\t%016llx\nShdPnd:\t%016llx\nSigBlk:\t%016llx\nSigIgn:\t%016llx\nSigCgt:\t%016llx\n",
	    (unsigned long long)t->pending.set, (unsigned long long)w->p->pending.set, (unsigned long long)t->blocked,
	    (unsigned long long)ignored, (unsigned long long)caught);
}

int show_status(struct proc_out *o, const struct proc_who *w)
{
	const struct task *t = w->t;
	struct mm_space *s = space_of(w);
	struct mm_usage u;

	show_identity(o, w);
	if (s) {
		mm_space_usage(s, &u);
		out(o, "Mem:\t%8llu bytes\nSlack:\t%8llu bytes\nShared:\t%8llu bytes\n",
		    (unsigned long long)u.bytes, (unsigned long long)u.slack, (unsigned long long)u.shared);
		out(o, "CoreDumping:\t0\nTHP_enabled:\t0\nuntag_mask:\t0xffffffff\n");
	}
	show_signals(o, w);
	out(o, "CapInh:\t%016llx\nCapPrm:\t%016llx\nCapEff:\t%016llx\nCapBnd:\t%016llx\nCapAmb:\t%016llx\n",
	    (unsigned long long)t->cred.cap_inheritable, (unsigned long long)t->cred.cap_permitted,
	    (unsigned long long)t->cred.cap_effective, (unsigned long long)t->cred.cap_bounding,
	    (unsigned long long)t->cred.cap_ambient);
	out(o, "NoNewPrivs:\t%d\nSeccomp:\t%u\nSeccomp_filters:\t%u\nSpeculation_Store_Bypass:\tunknown\nSpeculationIndirectBranch:\tunsupported\n",
	    t->no_new_privs, t->filtered, seccomp_count(t));
	out(o, "Cpus_allowed:\t1\nCpus_allowed_list:\t0\n");
	out(o, "voluntary_ctxt_switches:\t%llu\nnonvoluntary_ctxt_switches:\t%llu\n", (unsigned long long)t->nvcsw,
	    (unsigned long long)t->nivcsw);
	return 0;
}

/* size, resident, shared, text, lib, data, dt: pages (task_statm() of fs/proc/task_nommu.c, less the host's structs). */
int show_statm(struct proc_out *o, const struct proc_who *w)
{
	const uint32_t page = FLAT_PAGE_SIZE;
	struct mm_space *s = space_of(w);
	const struct mm_layout *l;
	struct mm_usage u;
	uint32_t text, data, pages;

	if (!s) {
		out(o, "0 0 0 0 0 0 0\n");
		return 0;
	}
	l = mm_layout(s);
	mm_space_usage(s, &u);
	text = l->end_code / page - l->start_code / page + (l->end_code % page != 0);
	data = l->start_stack > l->start_data ? l->start_stack / page - l->start_data / page + 1 : 0;
	pages = (uint32_t)((u.bytes + u.shared) / page);
	out(o, "%u %u %u %u 0 %u 0\n", pages, pages, (uint32_t)(u.shared / page), text, data < pages ? data : pages);
	return 0;
}

/* --- Names and strings --- */

int show_comm(struct proc_out *o, const struct proc_who *w)
{
	out(o, "%s\n", w->t->comm);
	return 0;
}

int store_comm(const struct proc_who *w, char *text)
{
	const struct task *t = task_current(w->m);

	if (t && t->process != w->p)
		return -EINVAL;
	memset(w->t->comm, 0, sizeof w->t->comm);
	memcpy(w->t->comm, text, strnlen(text, sizeof w->t->comm - 1));
	return 0;
}

static void out_guest(struct proc_out *o, const struct proc_who *w, uint32_t start, uint32_t end)
{
	const void *p = end > start ? flat_span(w->m->flat, start, end - start) : NULL;

	if (p)
		out_text(o, p, end - start);
}

/* From the program's own memory, as it is now; programs change it to be seen by another name. */
int show_cmdline(struct proc_out *o, const struct proc_who *w)
{
	const struct mm_layout *l;

	if (!space_of(w))
		return 0;
	l = mm_layout(space_of(w));
	out_guest(o, w, l->arg_start, l->arg_end);
	return 0;
}

int show_environ(struct proc_out *o, const struct proc_who *w)
{
	const struct mm_layout *l;

	if (!proc_may_look(w))
		return -EACCES;
	if (!space_of(w))
		return 0;
	l = mm_layout(space_of(w));
	out_guest(o, w, l->env_start, l->env_end);
	return 0;
}

int show_auxv(struct proc_out *o, const struct proc_who *w)
{
	uint32_t addr, size;

	if (!proc_may_look(w))
		return -EACCES;
	if (space_of(w) && space_auxv(space_of(w), &addr, &size))
		out_guest(o, w, addr, addr + size);
	return 0;
}

/* --- Limits and the rest --- */

static void out_limit(struct proc_out *o, uint64_t v)
{
	if (v >= UINT32_MAX)	/* RLIM_INFINITY is all ones of a 32-bit long */
		out(o, "%-20s ", "unlimited");
	else
		out(o, "%-20llu ", (unsigned long long)v);
}

int show_limits(struct proc_out *o, const struct proc_who *w)
{
	static const struct { const char *name, *unit; } limits[RLIMITS] = {
		{ "Max cpu time", "seconds" }, { "Max file size", "bytes" }, { "Max data size", "bytes" },
		{ "Max stack size", "bytes" }, { "Max core file size", "bytes" }, { "Max resident set", "bytes" },
		{ "Max processes", "processes" }, { "Max open files", "files" }, { "Max locked memory", "bytes" },
		{ "Max address space", "bytes" }, { "Max file locks", "locks" }, { "Max pending signals", "signals" },
		{ "Max msgqueue size", "bytes" }, { "Max nice priority", "" }, { "Max realtime priority", "" },
		{ "Max realtime timeout", "us" },
	};

	out(o, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (int i = 0; i < RLIMITS; i++) {
		out(o, "%-25s ", limits[i].name);
		out_limit(o, w->p->rlimit[i].cur);
		out_limit(o, w->p->rlimit[i].max);
		out(o, *limits[i].unit ? "%-10s\n" : "%s\n", limits[i].unit);
	}
	return 0;
}

int show_cgroup(struct proc_out *o, const struct proc_who *w)
{
	(void)w;
	out(o, "0::/\n");
	return 0;
}

int show_loginuid(struct proc_out *o, const struct proc_who *w)
{
	(void)w;
	out(o, "%u", UINT32_MAX);
	return 0;
}

/* proc_oom_score() and oom_badness(): 2/3 of (1000 and the share of RAM in thousandths). */
int show_oom_score(struct proc_out *o, const struct proc_who *w)
{
	struct mm_stats st;
	int64_t score = 0;

	mm_get_stats(w->m->mm, &st);
	if (space_of(w) && w->p->oom_score_adj != -1000 && st.total) {
		score = 1000 + (int64_t)(resident(space_of(w)) * 1000 / st.total) + w->p->oom_score_adj;
		score = score * 2 / 3;
	}
	out(o, "%lld\n", (long long)(score > 0 ? score : 0));
	return 0;
}

int show_oom_score_adj(struct proc_out *o, const struct proc_who *w)
{
	out(o, "%d\n", w->p->oom_score_adj);
	return 0;
}

int store_oom_score_adj(const struct proc_who *w, char *text)
{
	const struct task *t = task_current(w->m);
	char *end;
	long v = strtol(text, &end, 0);

	if (end == text || *end || v < -1000 || v > 1000)
		return -EINVAL;
	if (v < w->p->oom_score_adj && t && !task_capable(t, 24 /* CAP_SYS_RESOURCE */))
		return -EACCES;
	w->p->oom_score_adj = (int16_t)v;
	return 0;
}

int show_schedstat(struct proc_out *o, const struct proc_who *w)
{
	struct cpu_time c;

	times_of(w, &c);
	out(o, "%llu 0 %llu\n", (unsigned long long)(c.user + c.system),
	    (unsigned long long)(w->t->nvcsw + w->t->nivcsw));
	return 0;
}

int show_personality(struct proc_out *o, const struct proc_who *w)
{
	if (!proc_may_look(w))
		return -EACCES;
	out(o, "%08x\n", w->t->personality);
	return 0;
}

int show_wchan(struct proc_out *o, const struct proc_who *w)
{
	(void)w;
	out(o, "0");
	return 0;
}
