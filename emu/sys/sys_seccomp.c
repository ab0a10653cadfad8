/* SPDX-License-Identifier: MIT
 *
 * seccomp(2) and prctl(PR_SET_SECCOMP): the order of kernel/seccomp.c.
 */
#include <errno.h>
#include <stdlib.h>
#include "emu/kernel/files.h"
#include "emu/seccomp/notify.h"
#include "emu/sys/prctl.h"
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

enum { SET_MODE_STRICT, SET_MODE_FILTER, GET_ACTION_AVAIL, GET_NOTIF_SIZES };
enum {
	FLAG_TSYNC = 1, FLAG_LOG = 2, FLAG_SPEC_ALLOW = 4, FLAG_NEW_LISTENER = 8, FLAG_TSYNC_ESRCH = 16, FLAG_WAIT_KILLABLE = 32,
	FLAGS = 63,
};

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

/* The descriptor, or -errno. */
static int64_t new_listener(struct task *t, bool killable, struct seccomp_listener **l)
{
	struct file *f;
	int err = seccomp_listener_new(t, killable, l, &f);

	return err ? err : files_install(t, f, 0, true);
}

static int64_t set_filter(struct task *t, uint32_t flags, uint32_t addr)
{
	struct seccomp_listener *l = NULL;
	const struct task *other;
	struct bpf_insn *prog;
	unsigned len;
	int64_t err, fd = 0;

	if (flags & ~(uint32_t)FLAGS)
		return -EINVAL;
	/* A thread that has gone astray could not be told from a descriptor. */
	if ((flags & FLAG_TSYNC) && (flags & FLAG_NEW_LISTENER) && !(flags & FLAG_TSYNC_ESRCH))
		return -EINVAL;
	if ((flags & FLAG_WAIT_KILLABLE) && !(flags & FLAG_NEW_LISTENER))
		return -EINVAL;
	err = read_program(t, addr, &prog, &len);
	if (err)
		return err;
	if (flags & FLAG_NEW_LISTENER) {
		fd = new_listener(t, flags & FLAG_WAIT_KILLABLE, &l);
		if (fd < 0) {
			free(prog);
			return fd;
		}
	}
	other = flags & FLAG_TSYNC ? astray(t) : NULL;
	if (t->filtered == SECCOMP_STRICT_)
		err = -EINVAL;
	else if (l && seccomp_listened(t))
		err = -EBUSY;
	else if (other)
		err = flags & FLAG_TSYNC_ESRCH ? -ESRCH : other->tid;
	else
		err = seccomp_add(t, prog, len, flags & FLAG_LOG, l);
	if (err) {
		free(prog);
		if (l)
			fds_close(t->fds, (unsigned)fd);
		return err;
	}
	if (flags & FLAG_TSYNC)
		synchronize(t);
	return fd;
}

static int64_t notif_sizes(struct task *t, uint32_t addr)
{
	const uint16_t sizes[3] = { NOTIF_BYTES, NOTIF_RESP_BYTES, NOTIF_DATA_BYTES };

	return user_write(t, addr, sizes, sizeof sizes);
}

static int64_t action_available(struct task *t, uint32_t addr)
{
	uint32_t action;

	if (user_get32(t, addr, &action))
		return -EFAULT;
	switch (action) {
	case SECCOMP_KILL_PROCESS_: case SECCOMP_KILL_THREAD_: case SECCOMP_TRAP_: case SECCOMP_ERRNO_:
	case SECCOMP_USER_NOTIF_: case SECCOMP_TRACE_: case SECCOMP_LOG_: case SECCOMP_ALLOW_:
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
	case GET_NOTIF_SIZES:
		return a[1] ? -EINVAL : notif_sizes(t, a[2]);
	default:
		return -EINVAL;
	}
}

int64_t prctl_set_seccomp(struct task *t, uint32_t mode, uint32_t filter)
{
	return mode == SECCOMP_STRICT_ ? set_strict(t) : mode == SECCOMP_FILTER_ ? set_filter(t, 0, filter) : -EINVAL;
}
