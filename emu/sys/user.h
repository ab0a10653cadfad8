/* SPDX-License-Identifier: MIT
 *
 * Guest memory for system calls: the only way a handler touches a pointer the guest gave.
 */
#ifndef EMU_KERNEL_USER_H
#define EMU_KERNEL_USER_H

#include "emu/kernel/task.h"

/* Host view of [addr, addr+len), or NULL (return -EFAULT): not memory, or not to be written. */
static inline const void *user_span(struct task *t, uint32_t addr, uint64_t len)
{
	return flat_span(t->machine->flat, addr, len);
}
static inline void *user_span_write(struct task *t, uint32_t addr, uint64_t len)
{
	return flat_span_write(t->machine->flat, addr, len);
}
static inline int user_read(struct task *t, void *dst, uint32_t addr, uint64_t len)
{
	return flat_read(t->machine->flat, dst, addr, len);
}
static inline int user_write(struct task *t, uint32_t addr, const void *src, uint64_t len)
{
	return flat_write(t->machine->flat, addr, src, len);
}
static inline int user_get32(struct task *t, uint32_t addr, uint32_t *v)
{
	return user_read(t, v, addr, 4);
}
static inline int user_put32(struct task *t, uint32_t addr, uint32_t v)
{
	return user_write(t, addr, &v, 4);
}

/* A path name: its length, -EFAULT or -ENAMETOOLONG. */
#define PATH_MAX_GUEST 4096
static inline int64_t user_path(struct task *t, char dst[PATH_MAX_GUEST], uint32_t addr)
{
	return flat_read_string(t->machine->flat, dst, addr, PATH_MAX_GUEST);
}

/* struct __kernel_timespec: two 64-bit fields.  user_get_timespec: 0, -EFAULT, -EINVAL (negative, nsec out of range). */
struct user_timespec { int64_t sec, nsec; };
int user_get_timespec(struct task *t, uint32_t addr, struct user_timespec *ts);
static inline int user_put_timespec(struct task *t, uint32_t addr, uint64_t ns)
{
	struct user_timespec ts = { (int64_t)(ns / 1000000000u), (int64_t)(ns % 1000000000u) };

	return user_write(t, addr, &ts, sizeof ts);
}
/* ns, saturated at INT64_MAX. */
uint64_t user_timespec_ns(const struct user_timespec *ts);
/*
 * For a call that waits: the timespec of its limit in ns, read at its first try. What other threads write there
 * afterwards must not change how the call ends.
 */
int user_get_limit(struct task *t, uint32_t addr, uint64_t *ns);

#endif
