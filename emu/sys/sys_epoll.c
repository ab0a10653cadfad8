/* SPDX-License-Identifier: MIT
 *
 * epoll_create1, epoll_ctl, epoll_pwait, epoll_pwait2: arguments and waiting; what an epoll does is emu/event/epoll.h.
 */
#include "emu/kernel/files.h"

#include <errno.h>
#include <poll.h>
#include "emu/event/epoll.h"

enum { CTL_ADD = 1, CTL_DEL = 2, CTL_MOD = 3, CAP_BLOCK_SUSPEND_ = 36 };
struct guest_epoll_event { uint32_t events, pad; uint64_t data; };
#define MAX_EVENTS (INT32_MAX / (int)sizeof(struct guest_epoll_event))
#define EXCLUSIVE_OK (POLLIN | POLLOUT | POLLERR | POLLHUP | EPOLL_WAKEUP | EPOLL_ET | EPOLL_EXCLUSIVE)

int64_t sys_epoll_create1(struct task *t, const uint32_t a[6])
{
	struct file *f;
	int err;

	if (a[0] & ~(uint32_t)G_O_CLOEXEC)
		return -EINVAL;
	err = epoll_new(t->machine, t->cred.uid, &f);
	return err ? err : files_install(t, f, 0, a[0] & G_O_CLOEXEC);
}

static struct epoll *epoll_at(struct task *t, uint32_t fd, int *err)
{
	struct file *f = files_io(t, fd);

	*err = !f ? -EBADF : epoll_of(f) ? 0 : -EINVAL;
	return *err ? NULL : epoll_of(f);
}

int64_t sys_epoll_ctl(struct task *t, const uint32_t a[6])
{
	struct guest_epoll_event ev = { 0 };
	int op = (int)a[1], fd = (int)a[2];
	struct file *f, *target;
	struct epoll *ep;

	if (op != CTL_DEL && user_read(t, &ev, a[3], sizeof ev))
		return -EFAULT;
	f = fds_look(t->fds, a[0]);
	target = fds_look(t->fds, a[2]);
	if (!f || (f->flags & G_O_PATH) || !target || (target->flags & G_O_PATH))
		return -EBADF;
	if (!target->ops->poll)
		return -EPERM;
	if (!task_capable(t, CAP_BLOCK_SUSPEND_))
		ev.events &= ~EPOLL_WAKEUP;
	ep = epoll_of(f);
	if (f == target || !ep)
		return -EINVAL;
	if (op != CTL_DEL && (ev.events & EPOLL_EXCLUSIVE)) {
		if (op == CTL_MOD)
			return -EINVAL;
		if (op == CTL_ADD && (epoll_of(target) || (ev.events & ~EXCLUSIVE_OK)))
			return -EINVAL;
	}
	switch (op) {
	case CTL_ADD:
		return epoll_add(ep, target, fd, ev.events, ev.data);
	case CTL_DEL:
		return epoll_remove(ep, target, fd);
	case CTL_MOD:
		return epoll_change(ep, target, fd, ev.events, ev.data);
	}
	return -EINVAL;
}

/* --- Waiting --- */

struct destination { struct task *t; uint32_t addr; };

static bool put_event(void *ctx, unsigned n, uint32_t events, uint64_t data)
{
	const struct destination *d = ctx;
	uint32_t at = d->addr + n * (uint32_t)sizeof(struct guest_epoll_event);

	/* As the kernel: what lies between the two stays as it is. */
	return !user_put32(d->t, at, events) && !user_write(d->t, at + 8, &data, sizeof data);
}

static int64_t wait_for_events(struct task *t, const uint32_t a[6])
{
	struct destination d = { t, a[1] };
	struct epoll *ep;
	int64_t n;
	int err;

	if ((int32_t)a[2] <= 0 || (int32_t)a[2] > MAX_EVENTS)
		return -EINVAL;
	ep = epoll_at(t, a[0], &err);
	if (!ep)
		return err;
	n = epoll_take(ep, a[2], put_event, &d);
	if (n)
		return n;
	if (t->sys.timed_out)
		return 0;
	if (task_signalled(t))
		return -EINTR;
	wait_on(epoll_waiters(ep), t);
	return task_block(t);
}

/* First try: the mask.  0 or -errno. */
static int begin(struct task *t, uint32_t sigset, uint32_t sigset_size)
{
	uint64_t mask;

	if (t->sys.restarted || !sigset)
		return 0;
	if (sigset_size != sizeof mask)
		return -EINVAL;
	if (user_read(t, &mask, sigset, sizeof mask))
		return -EFAULT;
	signal_mask_for_call(t, mask);
	return 0;
}

/* A signal leaves the swapped mask to its delivery; anything else restores it first. */
static int64_t finish(struct task *t, int64_t r)
{
	if (r != -EINTR && r != SYS_BLOCK && t->restore_blocked) {
		t->restore_blocked = false;
		signal_set_blocked(t, t->saved_blocked);
	}
	return r;
}

int64_t sys_epoll_pwait(struct task *t, const uint32_t a[6])
{
	int err = begin(t, a[4], a[5]);

	if (err)
		return err;
	if ((int32_t)a[3] >= 0)
		task_deadline(t, (uint64_t)a[3] * 1000000);
	return finish(t, wait_for_events(t, a));
}

int64_t sys_epoll_pwait2(struct task *t, const uint32_t a[6])
{
	struct user_timespec ts;
	int err = 0;

	if (!t->sys.restarted && a[3]) {
		err = user_get_timespec(t, a[3], &ts);
		if (err)
			return err;
	}
	err = begin(t, a[4], a[5]);
	if (err)
		return err;
	if (!t->sys.restarted && a[3])
		task_deadline(t, user_timespec_ns(&ts));
	return finish(t, wait_for_events(t, a));
}
