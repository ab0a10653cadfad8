/* SPDX-License-Identifier: MIT
 *
 * Memory with an end, for strace's tests: they put an argument right before a page that they have unmapped, and expect that
 * system calls answer EFAULT beyond, and strace a bare pointer. Without an MMU what is behind a mapping is memory like any.
 *
 * The emulator that runs them (rules.mk) is linked so that its accessors of guest memory (mm/flat.h) come here first. A page
 * that a program unmaps alone stays allocated and cannot be accessed from then on, by the kernel and by strace; the program's
 * own loads and stores are not looked at. All fences fall when a program is executed or ends.
 */
#include <errno.h>
#include <string.h>
#include "emu/sys/syscall.h"
#include "mm/flat.h"

static uint64_t fence[(1u << (32 - FLAT_PAGE_SHIFT)) / 64];

static bool fenced(uint32_t addr, uint64_t len)
{
	for (uint64_t page = addr >> FLAT_PAGE_SHIFT; len && page <= (addr + len - 1) >> FLAT_PAGE_SHIFT; page++)
		if (page < sizeof fence * 8 && fence[page / 64] >> (page % 64) & 1)
			return true;
	return false;
}

#define WRAP(type, name, parameters) \
	type __real_##name parameters; \
	type __wrap_##name parameters; \
	type __wrap_##name parameters

/* --- Accessors --- */

WRAP(const void *, flat_span, (const struct flat *f, uint32_t addr, uint64_t len))
{
	return fenced(addr, len) ? NULL : __real_flat_span(f, addr, len);
}

WRAP(void *, flat_span_write, (const struct flat *f, uint32_t addr, uint64_t len))
{
	return fenced(addr, len) ? NULL : __real_flat_span_write(f, addr, len);
}

WRAP(int, flat_read, (const struct flat *f, void *dst, uint32_t addr, uint64_t len))
{
	return fenced(addr, len) ? -EFAULT : __real_flat_read(f, dst, addr, len);
}

WRAP(int, flat_write, (struct flat *f, uint32_t addr, const void *src, uint64_t len))
{
	return fenced(addr, len) ? -EFAULT : __real_flat_write(f, addr, src, len);
}

WRAP(int, flat_clear, (struct flat *f, uint32_t addr, uint64_t len))
{
	return fenced(addr, len) ? -EFAULT : __real_flat_clear(f, addr, len);
}

/* The string may end before the fence: up to there it is read as if no more would fit. */
WRAP(int64_t, flat_read_string, (const struct flat *f, char *dst, uint32_t addr, size_t size))
{
	size_t left = FLAT_PAGE_SIZE - addr % FLAT_PAGE_SIZE;
	int64_t n;

	if (fenced(addr, 1))
		return -EFAULT;
	while (left < size && !fenced(addr + (uint32_t)left, 1))
		left += FLAT_PAGE_SIZE;
	if (left >= size)
		return __real_flat_read_string(f, dst, addr, size);
	n = __real_flat_read_string(f, dst, addr, left + 1);
	return n == -ENAMETOOLONG || n == (int64_t)left ? -EFAULT : n;
}

/* --- Calls --- */

WRAP(int64_t, sys_munmap, (struct task *t, const uint32_t a[6]))
{
	if (a[1] != FLAT_PAGE_SIZE || a[0] % FLAT_PAGE_SIZE)
		return __real_sys_munmap(t, a);
	fence[a[0] >> FLAT_PAGE_SHIFT >> 6] |= 1ull << (a[0] >> FLAT_PAGE_SHIFT & 63);
	return 0;
}

WRAP(int64_t, sys_execve, (struct task *t, const uint32_t a[6]))
{
	int64_t result = __real_sys_execve(t, a);

	if (!result)
		memset(fence, 0, sizeof fence);
	return result;
}

WRAP(int64_t, sys_exit_group, (struct task *t, const uint32_t a[6]))
{
	memset(fence, 0, sizeof fence);
	return __real_sys_exit_group(t, a);
}
