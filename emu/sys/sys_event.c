/* SPDX-License-Identifier: MIT
 *
 * eventfd2, timerfd_create and its kin, signalfd4: arguments; what the files do is in emu/event/.
 */
#include "emu/kernel/files.h"

#include <errno.h>
#include "emu/event/eventfd.h"
#include "emu/event/signalfd.h"
#include "emu/event/timerfd.h"

enum { EFD_SEMAPHORE_ = 1, CAP_WAKE_ALARM_ = 35 };
#define SHARED_FLAGS ((uint32_t)(G_O_CLOEXEC | G_O_NONBLOCK))	/* of *_CLOEXEC and *_NONBLOCK, all the same */

int64_t sys_eventfd2(struct task *t, const uint32_t a[6])
{
	struct file *f;
	int err;

	if (a[1] & ~(EFD_SEMAPHORE_ | SHARED_FLAGS))
		return -EINVAL;
	err = eventfd_new(t->machine, a[0], a[1] & EFD_SEMAPHORE_, a[1] & G_O_NONBLOCK, &f);
	return err ? err : files_install(t, f, 0, a[1] & G_O_CLOEXEC);
}

/* --- timerfd --- */

int64_t sys_timerfd_create(struct task *t, const uint32_t a[6])
{
	struct file *f;
	int err;

	/* CLOCK_REALTIME, MONOTONIC, BOOTTIME, and the two that could wake the machine. */
	if ((a[1] & ~SHARED_FLAGS) || (a[0] != 0 && a[0] != 1 && a[0] != 7 && a[0] != 8 && a[0] != 9))
		return -EINVAL;
	if (a[0] >= 8 && !task_capable(t, CAP_WAKE_ALARM_))
		return -EPERM;
	err = timerfd_new(t->machine, (int)a[0], a[1] & G_O_NONBLOCK, &f);
	return err ? err : files_install(t, f, 0, a[1] & G_O_CLOEXEC);
}

static int find_timerfd(struct task *t, uint32_t fd, struct timerfd **out)
{
	struct file *f = files_io(t, fd);

	*out = f ? timerfd_of(f) : NULL;
	return !f ? -EBADF : *out ? 0 : -EINVAL;
}

static int put_setting(struct task *t, uint32_t addr, const struct timerfd_setting *s)
{
	return user_put_timespec(t, addr, s->interval) || user_put_timespec(t, addr + 16, s->value) ? -EFAULT : 0;
}

int64_t sys_timerfd_settime64(struct task *t, const uint32_t a[6])
{
	struct user_timespec interval, value;
	struct timerfd_setting set, old;
	struct timerfd *tf;
	int err = user_get_timespec(t, a[2], &interval), err2 = user_get_timespec(t, a[2] + 16, &value);

	if (err == -EFAULT || err2 == -EFAULT)
		return -EFAULT;
	if (err || err2 || (a[1] & ~(TIMERFD_ABSTIME | TIMERFD_CANCEL_ON_SET)))
		return -EINVAL;
	err = find_timerfd(t, a[0], &tf);
	if (err)
		return err;
	if (timerfd_is_alarm(tf) && !task_capable(t, CAP_WAKE_ALARM_))
		return -EPERM;
	set = (struct timerfd_setting){ user_timespec_ns(&value), user_timespec_ns(&interval) };
	err = timerfd_set(tf, a[1], &set, &old);
	if (!err && a[3])
		err = put_setting(t, a[3], &old);
	return err;
}

int64_t sys_timerfd_gettime64(struct task *t, const uint32_t a[6])
{
	struct timerfd_setting now;
	struct timerfd *tf;
	int err = find_timerfd(t, a[0], &tf);

	if (err)
		return err;
	timerfd_get(tf, &now);
	return put_setting(t, a[1], &now);
}

/* --- signalfd --- */

int64_t sys_signalfd4(struct task *t, const uint32_t a[6])
{
	const uint64_t never = 1ull << (9 - 1) | 1ull << (19 - 1);	/* SIGKILL, SIGSTOP */
	uint64_t mask;
	struct file *f;
	int err;

	if (a[2] != sizeof mask)
		return -EINVAL;
	if (user_read(t, &mask, a[1], sizeof mask))
		return -EFAULT;
	if (a[3] & ~SHARED_FLAGS)
		return -EINVAL;
	mask &= ~never;
	if ((int32_t)a[0] == -1) {
		err = signalfd_new(t->machine, mask, a[3] & G_O_NONBLOCK, &f);
		return err ? err : files_install(t, f, 0, a[3] & G_O_CLOEXEC);
	}
	f = files_io(t, a[0]);
	if (!f)
		return -EBADF;
	if (!signalfd_of(f))
		return -EINVAL;
	signalfd_set(signalfd_of(f), mask);
	return (int64_t)a[0];
}
