/* SPDX-License-Identifier: MIT */
#include "emu/sys/user.h"

#include <errno.h>

int user_get_timespec(struct task *t, uint32_t addr, struct user_timespec *ts)
{
	if (user_read(t, ts, addr, sizeof *ts))
		return -EFAULT;
	/* tv_nsec is a long of 32 bits in the kernel: what C libraries leave in the padding does not count. */
	ts->nsec = (int32_t)ts->nsec;
	return ts->sec < 0 || ts->nsec < 0 || ts->nsec >= 1000000000 ? -EINVAL : 0;
}

uint64_t user_timespec_ns(const struct user_timespec *ts)
{
	if (ts->sec >= INT64_MAX / 1000000000)
		return INT64_MAX;
	return (uint64_t)ts->sec * 1000000000u + (uint64_t)ts->nsec;
}

int user_get_limit(struct task *t, uint32_t addr, uint64_t *ns)
{
	struct user_timespec ts;

	if (!t->sys.restarted) {
		int err = user_get_timespec(t, addr, &ts);

		if (err)
			return err;
		t->sys.limit = user_timespec_ns(&ts);
	}
	*ns = t->sys.limit;
	return 0;
}
