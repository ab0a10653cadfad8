/* SPDX-License-Identifier: MIT
 *
 * ppoll and pselect6, with 64-bit time.
 *
 * Each try first only asks all files, and puts the task on their queues only when none is ready.
 * The time left is written back whenever the call ends, as poll_select_finish of fs/select.c does.
 */
#include "emu/kernel/files.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include "emu/host/clock.h"

#define IN_BITS  (POLLIN | POLLRDNORM_)
#define OUT_BITS (POLLOUT | POLLWRNORM_)
enum { POLLRDNORM_ = 0x40, POLLWRNORM_ = 0x100 };

/* --- What both share: the mask and the time --- */

/* First try: reads the timeout and swaps the mask.  0 or -errno. */
static int begin(struct task *t, uint32_t timeout, uint32_t sigset, uint32_t sigset_size)
{
	struct user_timespec ts;
	uint64_t mask;
	int err;

	if (t->sys.restarted)
		return 0;
	if (timeout) {
		err = user_get_timespec(t, timeout, &ts);
		if (err)
			return err;
	}
	if (sigset) {
		if (sigset_size != sizeof mask)
			return -EINVAL;
		if (user_read(t, &mask, sigset, sizeof mask))
			return -EFAULT;
		t->saved_blocked = t->blocked;
		t->restore_blocked = true;
		signal_set_blocked(t, mask);
	}
	if (timeout)
		task_deadline(t, user_timespec_ns(&ts));
	return 0;
}

/* A signal leaves the swapped mask to its delivery; anything else restores it first. */
static int64_t finish(struct task *t, uint32_t timeout, int64_t r)
{
	if (r != -ERESTARTNOHAND && t->restore_blocked) {
		t->restore_blocked = false;
		signal_set_blocked(t, t->saved_blocked);
	}
	if (timeout && t->sys.deadline) {
		uint64_t now = clock_monotonic(t->machine);
		uint64_t left = t->sys.timed_out || now >= t->sys.deadline ? 0 : t->sys.deadline - now;

		/* Memory that cannot be written is no reason to fail, but restarting needs it. */
		if (user_put_timespec(t, timeout, left) && r == -ERESTARTNOHAND)
			r = -EINTR;
	}
	return r;
}

/* Nothing is ready and the queues are joined. */
static int64_t wait_more(struct task *t, uint32_t timeout)
{
	if (t->sys.timed_out)
		return finish(t, timeout, 0);
	if (task_signalled(t)) {
		wait_cancel(t);
		return finish(t, timeout, -ERESTARTNOHAND);
	}
	return task_block(t);
}

static unsigned ask(struct task *t, uint32_t fd, struct waiter *waiter)
{
	struct file *f = fds_look(t->fds, fd);
	unsigned now;

	if (!f || (f->flags & G_O_PATH))
		return POLLNVAL;
	now = file_poll(f, waiter);
	if (now & POLLIN)
		now |= POLLRDNORM_;
	if (now & POLLOUT)
		now |= POLLWRNORM_;
	return now;
}

/* --- ppoll --- */

struct guest_pollfd { int32_t fd; uint16_t events, revents; };

/* fds: the guest's array, which need not be aligned. */
static int64_t poll_all(struct task *t, uint8_t *fds, uint32_t n, struct waiter *waiter)
{
	int64_t ready = 0;

	for (uint32_t i = 0; i < n; i++, fds += sizeof(struct guest_pollfd)) {
		struct guest_pollfd p;
		unsigned r = 0;

		memcpy(&p, fds, sizeof p);
		if (p.fd >= 0)
			r = ask(t, (uint32_t)p.fd, waiter) & (p.events | POLLERR | POLLHUP | POLLNVAL);
		p.revents = (uint16_t)r;
		memcpy(fds, &p, sizeof p);
		ready += r != 0;
	}
	return ready;
}

int64_t sys_ppoll_time64(struct task *t, const uint32_t a[6])
{
	uint8_t *p;
	int64_t r;
	int err = begin(t, a[2], a[3], a[4]);

	if (err)
		return err;
	if (a[1] > files_limit(t))
		return finish(t, a[2], -EINVAL);
	p = user_span_write(t, a[0], (uint64_t)a[1] * sizeof(struct guest_pollfd));
	if (!p)
		return finish(t, a[2], -EFAULT);
	r = poll_all(t, p, a[1], NULL);
	if (!r && !t->sys.timed_out && !task_signalled(t)) {
		r = poll_all(t, p, a[1], &t->waiter);
		if (r)
			wait_cancel(t);
	}
	return r ? finish(t, a[2], r) : wait_more(t, a[2]);
}

/* --- pselect6 --- */

enum { SETS = 3, SET_WORDS = 1024 / 32 };
static const unsigned set_bits[SETS] = {
	IN_BITS | POLLHUP | POLLERR, OUT_BITS | POLLERR, POLLPRI,	/* POLLIN_SET ... of fs/select.c */
};
struct fd_sets { uint32_t word[SETS][SET_WORDS]; };

/* The number of set bits in out, or -EBADF. */
static int64_t select_all(struct task *t, const struct fd_sets *in, uint32_t n, struct fd_sets *out,
			  struct waiter *waiter)
{
	int64_t ready = 0;

	memset(out, 0, sizeof *out);
	for (uint32_t fd = 0; fd < n; fd++) {
		uint32_t w = fd / 32, bit = 1u << (fd % 32);
		unsigned now;

		if (!((in->word[0][w] | in->word[1][w] | in->word[2][w]) & bit))
			continue;
		now = ask(t, fd, waiter);
		if (now & POLLNVAL)
			return -EBADF;
		for (int s = 0; s < SETS; s++)
			if ((in->word[s][w] & bit) && (now & set_bits[s])) {
				out->word[s][w] |= bit;
				ready++;
			}
	}
	return ready;
}

int64_t sys_pselect6_time64(struct task *t, const uint32_t a[6])
{
	struct fd_sets in = { 0 }, out;
	uint32_t arg[2] = { 0, 0 }, n = a[0], limit = SET_WORDS * 32;
	uint64_t bytes;
	int64_t r;
	int err;

	if (!t->sys.restarted && a[5] && user_read(t, arg, a[5], sizeof arg))
		return -EFAULT;
	err = begin(t, a[4], arg[0], arg[1]);
	if (err)
		return err;
	if ((int32_t)n < 0)
		return finish(t, a[4], -EINVAL);
	if (n > limit)
		n = limit;
	bytes = (n + 31) / 32 * 4;
	for (int s = 0; s < SETS; s++)
		if (a[1 + s] && user_read(t, in.word[s], a[1 + s], bytes))
			return finish(t, a[4], -EFAULT);
	r = select_all(t, &in, n, &out, NULL);
	if (!r && !t->sys.timed_out && !task_signalled(t)) {
		r = select_all(t, &in, n, &out, &t->waiter);
		if (r)
			wait_cancel(t);
	}
	if (!r && !t->sys.timed_out)
		return wait_more(t, a[4]);
	for (int s = 0; s < SETS && r >= 0; s++)
		if (a[1 + s] && user_write(t, a[1 + s], out.word[s], bytes))
			r = -EFAULT;
	return finish(t, a[4], r);
}
