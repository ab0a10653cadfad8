/* SPDX-License-Identifier: MIT
 *
 * seccomp(2) and prctl(PR_SET_SECCOMP): the order of kernel/seccomp.c.  There are no listeners (SECCOMP_FILTER_FLAG_NEW_LISTENER,
 * SECCOMP_RET_USER_NOTIF): who asks is told so, as by a kernel before 5.0.
 */
#include <errno.h>
#include <stdlib.h>
#include "emu/kernel/task.h"
#include "emu/seccomp/seccomp.h"
#include "emu/sys/prctl.h"
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

enum { SET_MODE_STRICT, SET_MODE_FILTER, GET_ACTION_AVAIL };
enum { FLAG_TSYNC = 1, FLAG_LOG = 2, FLAG_SPEC_ALLOW = 4, FLAG_TSYNC_ESRCH = 16 };
enum { CAP_SYS_ADMIN_ = 21 };

static int64_t set_strict(struct task *t)
{
	if (t->filtered == SECCOMP_FILTER_)
		return -EINVAL;
	t->filtered = SECCOMP_STRICT_;
	return 0;
}

/* *prog is the caller's then. */
static int64_t read_program(struct task *t, uint32_t addr, struct bpf_insn **prog, unsigned *len)
{
	struct { uint16_t len, pad; uint32_t filter; } head;	/* struct sock_fprog */
	int64_t err = -EINVAL;

	if (user_read(t, &head, addr, sizeof head))
		return -EFAULT;
	if (!head.len || head.len > BPF_MAX_LEN)
		return -EINVAL;
	if (!t->no_new_privs && !task_capable(t, CAP_SYS_ADMIN_))
		return -EACCES;
	*len = head.len;
	*prog = malloc(*len * sizeof **prog);
	if (!*prog)
		return -ENOMEM;
	if (user_read(t, *prog, head.filter, *len * sizeof **prog))
		err = -EFAULT;
	else if (bpf_valid(*prog, *len))
		return 0;
	free(*prog);
	return err;
}

static bool goes_along(const struct task *o, const struct task *t)
{
	return !o->filtered || (o->filtered == SECCOMP_FILTER_ && seccomp_is_ancestor(o, t));
}

static bool live(const struct task *o)
{
	return o->state != TASK_ZOMBIE && o->state != TASK_DEAD;
}

/* A thread that has gone another way, so that it cannot be given t's filters. NULL: none. */
static const struct task *astray(const struct task *t)
{
	for (const struct task *o = t->process->threads; o; o = o->thread_next)
		if (o != t && live(o) && !goes_along(o, t))
			return o;
	return NULL;
}

static void synchronize(struct task *t)
{
	for (struct task *o = t->process->threads; o; o = o->thread_next)
		if (o != t && live(o)) {
			seccomp_share(t, o);
			o->no_new_privs |= t->no_new_privs;
		}
}

static int64_t set_filter(struct task *t, uint32_t flags, uint32_t addr)
{
	const struct task *other;
	struct bpf_insn *prog;
	unsigned len;
	int64_t err;

	if (flags & ~(FLAG_TSYNC | FLAG_LOG | FLAG_SPEC_ALLOW | FLAG_TSYNC_ESRCH))
		return -EINVAL;
	err = read_program(t, addr, &prog, &len);
	if (err)
		return err;
	other = flags & FLAG_TSYNC ? astray(t) : NULL;
	if (t->filtered == SECCOMP_STRICT_)
		err = -EINVAL;
	else if (other)
		err = flags & FLAG_TSYNC_ESRCH ? -ESRCH : other->tid;
	else
		err = seccomp_add(t, prog, len, flags & FLAG_LOG);
	if (err)
		free(prog);
	else if (flags & FLAG_TSYNC)
		synchronize(t);
	return err;
}

static int64_t action_available(struct task *t, uint32_t addr)
{
	uint32_t action;

	if (user_get32(t, addr, &action))
		return -EFAULT;
	switch (action) {
	case SECCOMP_KILL_PROCESS_: case SECCOMP_KILL_THREAD_: case SECCOMP_TRAP_: case SECCOMP_ERRNO_:
	case SECCOMP_TRACE_: case SECCOMP_LOG_: case SECCOMP_ALLOW_:
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

int64_t sys_seccomp(struct task *t, const uint32_t a[6])
{
	switch (a[0]) {
	case SET_MODE_STRICT:
		return a[1] || a[2] ? -EINVAL : set_strict(t);
	case SET_MODE_FILTER:
		return set_filter(t, a[1], a[2]);
	case GET_ACTION_AVAIL:
		return a[1] ? -EINVAL : action_available(t, a[2]);
	default:
		return -EINVAL;
	}
}

int64_t prctl_set_seccomp(struct task *t, uint32_t mode, uint32_t filter)
{
	return mode == SECCOMP_STRICT_ ? set_strict(t) : mode == SECCOMP_FILTER_ ? set_filter(t, 0, filter) : -EINVAL;
}
