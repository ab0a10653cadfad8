/* SPDX-License-Identifier: MIT
 *
 * Making, finding and freeing tasks and processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include "emu/event/pidfd.h"
#include "emu/host/clock.h"
#include "emu/ipc/sem.h"
#include "emu/ptrace/ptrace.h"
#include "emu/seccomp/seccomp.h"
#include "emu/kernel/tasks.h"
#include "emu/kernel/uts.h"
#include "emu/kernel/timers.h"

#define PIDS_RESERVED 300	/* numbers below are not handed out again after the first round */

/* --- Numbers --- */

static bool pid_taken(const struct tasks *ts, int pid)
{
	return ts->pid_used[pid / 32] >> (pid % 32) & 1;
}

/* The next free number after the last one given, as kernel/pid.c's cyclic allocation. */
static int pid_alloc(struct tasks *ts)
{
	int pid = ts->last_pid;

	for (int tries = 0; tries < PID_LIMIT; tries++) {
		if (++pid >= PID_LIMIT)
			pid = PIDS_RESERVED;
		if (!pid_taken(ts, pid)) {
			ts->pid_used[pid / 32] |= 1u << (pid % 32);
			ts->last_pid = pid;
			return pid;
		}
	}
	return -EAGAIN;
}

/*
 * A number stays taken while it names a task, a zombie, a group or a session: otherwise
 * a new process could find itself leading somebody else's group.
 */
void pid_release(struct machine *m, int pid)
{
	struct tasks *ts = m->tasks;

	if (pid <= 0 || ts->id[pid].task || ts->id[pid].process || ts->id[pid].in_group || ts->id[pid].in_session)
		return;
	ts->pid_used[pid / 32] &= ~(1u << (pid % 32));
}

struct task *task_find(struct machine *m, int tid)
{
	return tid > 0 && tid < PID_LIMIT ? m->tasks->id[tid].task : NULL;
}

struct process *process_find(struct machine *m, int pid)
{
	return pid > 0 && pid < PID_LIMIT ? m->tasks->id[pid].process : NULL;
}

struct process *process_first(struct machine *m) { return m->tasks->first; }
struct process *process_init(struct machine *m) { return m->tasks->init; }
unsigned task_count(struct machine *m) { return m->tasks->count; }
unsigned task_running(struct machine *m) { return m->tasks->queue.count + (m->tasks->current != NULL); }
uint64_t task_forks(struct machine *m) { return m->tasks->forks; }
uint64_t task_switches(struct machine *m) { return m->tasks->switches; }
uint64_t task_idle_ns(struct machine *m) { return m->tasks->idle_ns; }
int task_last_pid(struct machine *m) { return m->tasks->last_pid; }
struct task *task_current(struct machine *m) { return m->tasks ? m->tasks->current : NULL; }

void task_loadavg(struct machine *m, uint32_t avg[3])
{
	memcpy(avg, m->tasks->load, sizeof m->tasks->load);
}

/* --- Tasks --- */

static bool task_woken(struct waiter *w, unsigned events)
{
	(void)events;
	task_wake((struct task *)(void *)((char *)w - offsetof(struct task, waiter)));
	return true;
}

void task_enter(struct task *t, struct mount_ns *mounts, struct uts_ns *uts)
{
	struct ns *old[2] = { t->mounts ? &t->mounts->ns : NULL, t->uts ? &t->uts->ns : NULL };

	if (mounts)
		ns_get(&mounts->ns);
	if (uts)
		ns_get(&uts->ns);
	t->mounts = mounts;
	t->uts = uts;
	ns_put(old[0]);
	ns_put(old[1]);
}

struct task *task_alloc(struct machine *m, int *err)
{
	struct tasks *ts = m->tasks;
	struct task *t;
	int tid;

	*err = time_heap_reserve(&ts->deadlines, ts->count + 2);
	if (!*err)
		*err = time_heap_reserve(&ts->throttled, ts->count + 2);
	if (!*err)
		*err = run_queue_reserve(&ts->queue, ts->count + 2);
	if (*err)
		return NULL;
	t = calloc(1, sizeof *t);
	if (!t) {
		*err = -ENOMEM;
		return NULL;
	}
	tid = pid_alloc(ts);
	if (tid < 0) {
		free(t);
		*err = tid;
		return NULL;
	}
	t->machine = m;
	t->tid = tid;
	t->state = TASK_RUNNABLE;
	t->sys.nr = ~0u;
	t->affinity = 1;
	t->start_ns = clock_monotonic(m);
	t->run.weight = RUN_WEIGHT;
	t->run.vruntime = ts->queue.now;
	t->waiter.woken = task_woken;
	task_enter(t, m->vfs ? mount_ns_first(m) : NULL, m->uts);
	ts->id[tid].task = t;
	ts->count++;
	ts->forks++;
	return t;
}

void task_free(struct task *t)
{
	struct machine *m = t->machine;
	struct tasks *ts = m->tasks;

	ptrace_tracer_exit(t);
	ptrace_free(t);
	pidfd_task_gone(t);
	sched_dequeue(t);
	sched_deadline_leave(t);
	time_heap_remove(&ts->deadlines, &t->deadline);
	wait_cancel(t);
	wait_queue_fini(&t->vfork_done);
	futex_task_free(t);
	ipc_wait_end(t);
	sem_undo_exit(t);
	if (t->sys.file)
		file_put(t->sys.file);
	if (t->space)
		mm_space_put(t->space);
	if (t->fds)
		fds_put(t->fds);
	fs_context_put(t->fs);
	task_enter(t, NULL, NULL);
	sighand_put(t->sighand);
	seccomp_leave(t);
	seccomp_put(t);
	groups_put(t->cred.groups);
	signal_queue_clear(&t->pending);
	if (ts->id[t->tid].task == t)
		ts->id[t->tid].task = NULL;
	ts->count--;
	pid_release(m, t->tid);
	free(t);
}

/* --- Processes --- */

static void default_limits(struct rlimit_pair *r)
{
	const uint64_t inf = UINT64_MAX;

	for (int i = 0; i < RLIMITS; i++)
		r[i] = (struct rlimit_pair){ inf, inf };
	/* include/asm-generic/resource.h: INIT_RLIMITS */
	r[3].cur = 8u << 20;				/* RLIMIT_STACK */
	r[4].cur = 0;					/* RLIMIT_CORE */
	r[6] = (struct rlimit_pair){ 1024, 1024 };	/* RLIMIT_NPROC, as SIGPENDING */
	r[7] = (struct rlimit_pair){ 1024, 4096 };	/* RLIMIT_NOFILE */
	r[8] = (struct rlimit_pair){ 8u << 20, 8u << 20 };	/* RLIMIT_MEMLOCK */
	r[11] = (struct rlimit_pair){ 1024, 1024 };	/* RLIMIT_SIGPENDING */
	r[12] = (struct rlimit_pair){ 819200, 819200 };	/* RLIMIT_MSGQUEUE */
	r[13] = (struct rlimit_pair){ 0, 0 };		/* RLIMIT_NICE */
	r[14] = (struct rlimit_pair){ 0, 0 };		/* RLIMIT_RTPRIO */
}

void process_adopt(struct process *p, struct process *parent)
{
	if (p->parent) {
		*(p->sibling_prev ? &p->sibling_prev->sibling_next : &p->parent->children) = p->sibling_next;
		if (p->sibling_next)
			p->sibling_next->sibling_prev = p->sibling_prev;
	}
	p->parent = parent;
	p->sibling_prev = NULL;
	p->sibling_next = NULL;
	if (!parent)
		return;
	p->sibling_next = parent->children;
	if (p->sibling_next)
		p->sibling_next->sibling_prev = p;
	parent->children = p;
}

void process_set_group(struct process *p, int pgid, int sid)
{
	struct tasks *ts = p->machine->tasks;
	int old_pgid = p->pgid, old_sid = p->sid;

	ts->id[pgid].in_group++;
	ts->id[sid].in_session++;
	p->pgid = pgid;
	p->sid = sid;
	if (old_pgid)
		ts->id[old_pgid].in_group--;
	if (old_sid)
		ts->id[old_sid].in_session--;
	pid_release(p->machine, old_pgid);
	pid_release(p->machine, old_sid);
}

struct process *process_alloc(struct machine *m, struct task *leader, struct process *parent)
{
	struct tasks *ts = m->tasks;
	struct process *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	p->machine = m;
	p->pid = leader->tid;
	p->leader = leader;
	p->start_ns = clock_monotonic(m);
	p->dumpable = 1;
	process_set_group(p, parent ? parent->pgid : p->pid, parent ? parent->sid : p->pid);
	if (parent) {
		p->tty = parent->tty;
		p->oom_score_adj = parent->oom_score_adj;
		memcpy(p->rlimit, parent->rlimit, sizeof p->rlimit);
	} else {
		default_limits(p->rlimit);
	}
	process_adopt(p, parent);
	p->prev = ts->last;
	*(ts->last ? &ts->last->next : &ts->first) = p;
	ts->last = p;
	ts->id[p->pid].process = p;
	ts->processes++;
	process_add_thread(p, leader);
	return p;
}

void process_free(struct process *p)
{
	struct machine *m = p->machine;
	struct tasks *ts = m->tasks;
	int pid = p->pid;

	process_adopt(p, NULL);
	*(p->prev ? &p->prev->next : &ts->first) = p->next;
	*(p->next ? &p->next->prev : &ts->last) = p->prev;
	if (ts->id[pid].process == p)
		ts->id[pid].process = NULL;
	ts->processes--;
	if (ts->init == p)
		ts->init = NULL;
	process_set_group(p, 0, 0);
	wait_queue_fini(&p->child_wait);
	signal_queue_clear(&p->pending);
	timers_exit(p);
	process_set_exe(p, NULL);
	free(p);
	pid_release(m, pid);
}

void process_add_thread(struct process *p, struct task *t)
{
	t->process = p;
	t->thread_prev = NULL;
	t->thread_next = p->threads;
	if (p->threads)
		p->threads->thread_prev = t;
	p->threads = t;
	p->nthreads++;
}

void process_remove_thread(struct task *t)
{
	struct process *p = t->process;

	*(t->thread_prev ? &t->thread_prev->thread_next : &p->threads) = t->thread_next;
	if (t->thread_next)
		t->thread_next->thread_prev = t->thread_prev;
	t->thread_next = t->thread_prev = NULL;
	p->nthreads--;
}

void process_set_exe(struct process *p, const struct path_ref *exe)
{
	if (exe) {
		struct path_ref ref = *exe;

		path_get(&ref);
		ref.dentry->inode->denied++;
		process_set_exe(p, NULL);
		p->exe = ref;
		return;
	}
	if (!p->exe.dentry)
		return;
	p->exe.dentry->inode->denied--;
	path_put(&p->exe);
	p->exe = (struct path_ref){ NULL, NULL };
}

/* --- What tasks share --- */

struct fs_context *fs_context_copy(const struct fs_context *from)
{
	struct fs_context *c = malloc(sizeof *c);

	if (!c)
		return NULL;
	*c = *from;
	c->refs = 1;
	path_get(&c->root);
	path_get(&c->cwd);
	return c;
}

void fs_context_put(struct fs_context *c)
{
	if (!c || --c->refs)
		return;
	path_put(&c->root);
	path_put(&c->cwd);
	free(c);
}

struct sighand *sighand_copy(const struct sighand *from)
{
	struct sighand *s = from ? malloc(sizeof *s) : calloc(1, sizeof *s);

	if (!s)
		return NULL;
	if (from)
		*s = *from;
	s->signalfds = (struct wait_queue){ NULL, NULL };
	s->refs = 1;
	return s;
}

void sighand_put(struct sighand *s)
{
	if (!s || --s->refs)
		return;
	wait_queue_fini(&s->signalfds);
	free(s);
}

/* --- Credentials and paths for system calls --- */

void task_vfs_cred(const struct task *t, struct vfs_cred *out)
{
	*out = (struct vfs_cred){
		.uid = t->cred.fsuid, .gid = t->cred.fsgid,
		.ngroups = groups_count(t->cred.groups), .groups = groups_ids(t->cred.groups),
		.caps = t->cred.cap_effective,
	};
}

bool task_capable(const struct task *t, int cap)
{
	return t->cred.cap_effective >> cap & 1;
}

uint64_t task_rlimit(const struct task *t, int resource)
{
	return t->process->rlimit[resource].cur;
}

struct file *task_file(struct task *t, uint32_t fd)
{
	struct file *f;

	if (t->sys.file && t->sys.fd == (int)fd)
		return t->sys.file;
	f = fds_look(t->fds, fd);
	/* The first one a call names is kept over its retries, whatever other threads close. */
	if (f && !t->sys.file) {
		t->sys.file = file_get(f);
		t->sys.fd = (int)fd;
	}
	return f;
}

int task_walk(struct task *t, int32_t dirfd, const char *path, unsigned flags, struct walk *out,
	      struct vfs_cred *cred)
{
	task_vfs_cred(t, cred);
	*out = (struct walk){ .fs = t->fs, .cred = cred, .flags = flags };
	/* With WALK_IN_ROOT the directory is what "/" means, too. */
	if (dirfd != AT_FDCWD && (path[0] != '/' || (flags & WALK_IN_ROOT))) {
		struct file *f = task_file(t, (uint32_t)dirfd);

		if (!f)
			return -EBADF;
		if (!f->path.dentry)
			return -ENOTDIR;
		out->start = f->path;
	}
	return 0;
}
