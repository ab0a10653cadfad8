/* SPDX-License-Identifier: MIT
 *
 * sendmmsg, recvmmsg: several messages in one call.  How many are done is kept in t->sys.flag over its tries.
 */
#include "emu/sys/sys_socket.h"

#include <errno.h>
#include <sys/socket.h>
#include "emu/host/clock.h"

enum { VLEN_MAX = 1024, MSGHDR = 28, MMSGHDR = 32 };

/* The next message has a time limit and a progress of its own. */
static void next_message(struct task *t)
{
	t->sys.flag++;
	t->sys.done = 0;
	t->sys.deadline = 0;
	t->sys.timed_out = false;
}

static int64_t ended(const struct task *t, int64_t r)
{
	return t->sys.flag ? t->sys.flag : r;
}

int64_t sys_sendmmsg(struct task *t, const uint32_t a[6])
{
	uint32_t n = a[2] > VLEN_MAX ? VLEN_MAX : a[2];
	struct file *f;
	struct sock *s;
	int err = a[3] & 0x80000000u ? -EINVAL : socket_of(t, a[0], &f, &s);

	if (err)
		return err;
	while (t->sys.flag < n) {
		uint32_t at = a[1] + t->sys.flag * MMSGHDR;
		int64_t r = socket_sendmsg(t, f, s, at, a[3]);

		if (r == SYS_BLOCK)
			return r;
		if (r >= 0 && user_put32(t, at + MSGHDR, (uint32_t)r))
			r = -EFAULT;
		if (r < 0)
			return ended(t, r);
		next_message(t);
	}
	return ended(t, 0);
}

/* The time limit is looked at after each message only, as in the kernel: a wait for one is not cut short. */
static bool out_of_time(struct task *t, uint32_t addr, uint64_t limit)
{
	uint64_t now = clock_monotonic(t->machine);

	return addr && (user_put_timespec(t, addr, limit > now ? limit - now : 0) || now >= limit);
}

int64_t sys_recvmmsg_time64(struct task *t, const uint32_t a[6])
{
	uint32_t n = a[2] > VLEN_MAX ? VLEN_MAX : a[2], flags = a[3];
	struct user_timespec ts;
	struct file *f;
	struct sock *s;
	int err = flags & 0x80000000u ? -EINVAL : 0;

	if (!err && a[4] && !t->sys.restarted) {
		err = user_get_timespec(t, a[4], &ts);
		if (!err)
			t->sys.limit = clock_monotonic(t->machine) + user_timespec_ns(&ts);
	}
	if (!err)
		err = socket_of(t, a[0], &f, &s);
	if (!err && !t->sys.flag && s->error && !(flags & MSG_ERRQUEUE))
		err = sock_error(s);
	if (err)
		return err;
	while (t->sys.flag < n) {
		bool one = (flags & MSG_WAITFORONE) && t->sys.flag;
		uint32_t at = a[1] + t->sys.flag * MMSGHDR, out_flags = 0;
		int64_t r = socket_recvmsg(t, f, s, at, (flags & ~(uint32_t)MSG_WAITFORONE) | (one ? MSG_DONTWAIT : 0),
					   &out_flags);

		if (r == SYS_BLOCK)
			return r;
		if (r >= 0 && user_put32(t, at + MSGHDR, (uint32_t)r))
			r = -EFAULT;
		/* What went wrong after a message is told by the next call. */
		if (r < 0 && r != -EAGAIN && t->sys.flag && r > -4096 && r > -512)
			s->error = (int)-r;
		if (r < 0)
			return ended(t, r);
		next_message(t);
		if (out_of_time(t, a[4], t->sys.limit) || (out_flags & MSG_OOB))
			break;
	}
	return ended(t, 0);
}
