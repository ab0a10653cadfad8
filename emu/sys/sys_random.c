/* SPDX-License-Identifier: MIT
 *
 * getrandom(2): the machine has entropy from its start, so it never waits.
 */
#include <errno.h>
#include "emu/host/clock.h"
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

enum { GRND_NONBLOCK_ = 1, GRND_RANDOM_ = 2, GRND_INSECURE_ = 4 };

int64_t sys_getrandom(struct task *t, const uint32_t a[6])
{
	uint32_t flags = a[2], len = a[1] > INT32_MAX ? INT32_MAX : a[1];
	void *dst;

	if (flags & ~(uint32_t)(GRND_NONBLOCK_ | GRND_RANDOM_ | GRND_INSECURE_))
		return -EINVAL;
	if ((flags & (GRND_RANDOM_ | GRND_INSECURE_)) == (GRND_RANDOM_ | GRND_INSECURE_))
		return -EINVAL;
	if (!len)
		return 0;
	dst = user_span_write(t, a[0], len);
	if (!dst)
		return -EFAULT;
	entropy_bytes(t->machine, dst, len);
	return len;
}
