/* SPDX-License-Identifier: MIT
 *
 * Random arguments of each kind: most are such as a program may give, some at the edge, some absurd.
 */
#include <string.h>
#include "fuzz.h"

static const char *const paths[] = {
	"/tmp/a", "/tmp/b", "/tmp/c", "/tmp/d", "/tmp/d/e", "/tmp/link", "a", "b", "d/../a", "", ".", "..", "/", "/tmp",
	"/dev/null", "/dev/zero", "/dev/full", "/dev/shm/x", "/proc/self/maps", "/proc/self/fd", "/proc/self/fd/3",
	"/proc/self/exe", "/proc/self/mem", "/proc/self/status", "/proc/self/task", "/proc/sys/kernel/hostname",
	"/proc/self/ns/mnt", "/proc/self/ns/uts", "/proc/self/root/tmp", "/proc/self/mountinfo", "/proc/meminfo", "/dev/mtd0", "/dev/mtd0ro", "/dev/mtdblock0", "/dev/loop0", "/dev/loop1", "/dev/loop2", "mtd0", "romfs", "/none/x", "/tmp/a/x", "//tmp//./b", "/tmp/d/", "fifo", "/mq", "proc", "tmpfs", "ramfs",
};
enum { PATHS = sizeof paths / sizeof *paths };

uint32_t some_number(struct rng *r)
{
	switch (below(r, 12)) {
	case 0: return rnd(r);
	case 1: return -below(r, 16);
	case 2: return 1u << below(r, 32);
	case 3: return (1u << below(r, 32)) - 1;
	case 4: return below(r, 65536);
	case 5: return below(r, 2) ? 0x7fffffff : 0x80000000;
	default: return below(r, 20);
	}
}

uint32_t some_length(struct rng *r)
{
	switch (below(r, 16)) {
	case 0: return rnd(r);
	case 1: return 0x7ffff000 + below(r, 8192);
	case 2: return below(r, ARENA);
	case 3: return 0;
	default: return below(r, 4096);
	}
}

uint32_t some_flags(struct rng *r)
{
	uint32_t bits = 0;

	switch (below(r, 6)) {
	case 0: return 0;
	case 1: return rnd(r);
	case 2: return below(r, 64);
	default:
		for (uint32_t n = 1 + below(r, 3); n; n--)
			bits |= 1u << below(r, 24);
		return bits;
	}
}

uint32_t some_good(struct rng *r)
{
	return (uint32_t)(uintptr_t)&arena[below(r, GOOD / 64) * 64];
}

/* A place that is no good: nothing there, its end, not aligned, flash that can only be read; very rarely somebody else's. */
uint32_t some_bad(struct rng *r)
{
	switch (below(r, 10)) {
	case 8: return (below(r, 2) ? 0x20000000 : 0x28000000) + below(r, FLASH);
	case 9: return 0x28000000 + FLASH - below(r, 8);
	case 0: return 0;
	case 1: return below(r, 4096);
	case 2: return 0xffffffff - below(r, 64);
	case 3: return 0x7ffffff0 + below(r, 16);
	case 4: return (uint32_t)(uintptr_t)&arena[ARENA - 1 - below(r, 32)];
	case 5: return some_good(r) + 1 + below(r, 3);
	case 6: return below(r, 4000) ? rnd(r) & 0x7fffffff : 0x80000000 + below(r, 16 << 20);
	default: return maps[below(r, MAPS)];
	}
}

uint32_t some_pointer(struct rng *r)
{
	uint32_t at, words = 1 + below(r, 12);

	if (!below(r, 8))
		return some_bad(r);
	at = some_good(r);
	/* What it leads to: small numbers, as structures have them, or pointers to more. */
	for (uint32_t i = 0; i < words && at % 4 == 0; i++)
		((uint32_t *)(uintptr_t)at)[i] = below(r, 6) ? some_number(r) : some_good(r);
	return at;
}

uint32_t some_text(struct rng *r)
{
	const char *s = paths[below(r, PATHS)];
	char *to;

	if (!below(r, 12))
		return some_bad(r);
	to = (char *)(uintptr_t)some_good(r);
	if (!below(r, 40)) {
		memset(to, below(r, 2) ? 'x' : '/', 5000);
		to[below(r, 5000)] = 0;
	} else {
		memcpy(to, s, strlen(s) + 1);
	}
	return (uint32_t)(uintptr_t)to;
}

uint32_t some_moment(struct rng *r)
{
	int64_t *t = (int64_t *)(uintptr_t)some_good(r);

	if (!below(r, 8))
		return some_pointer(r);
	t[0] = below(r, 20) ? 0 : (int32_t)some_number(r);
	t[1] = below(r, 20) ? (int64_t)below(r, 3000000) : (int32_t)some_number(r);
	t[2] = 0;
	t[3] = below(r, 3000000);
	return (uint32_t)(uintptr_t)t;
}

uint32_t some_vector(struct rng *r)
{
	uint32_t *v = (uint32_t *)(uintptr_t)some_good(r);

	if (!below(r, 8))
		return some_pointer(r);
	for (int i = 0; i < 8; i++) {
		v[2 * i] = below(r, 12) ? some_good(r) : some_bad(r);
		v[2 * i + 1] = below(r, 12) ? below(r, 600) : some_length(r);
	}
	return (uint32_t)(uintptr_t)v;
}

/* A name in the file system, or a port of the loopback; the length is another argument. */
uint32_t some_address(struct rng *r)
{
	uint8_t *a = (uint8_t *)(uintptr_t)some_good(r);

	if (!below(r, 8))
		return some_pointer(r);
	memset(a, 0, 128);
	if (below(r, 2)) {
		a[0] = 1;
		memcpy(a + 2, below(r, 2) ? "/tmp/s1" : "/tmp/s2", 8);
	} else {
		a[0] = 2;
		a[3] = (uint8_t)(80 + below(r, 4));
		a[4] = 127;
		a[7] = 1;
	}
	return (uint32_t)(uintptr_t)a;
}

uint32_t some_strings(struct rng *r)
{
	uint32_t *v = (uint32_t *)(uintptr_t)some_good(r), n = below(r, 4);

	if (!below(r, 6))
		return some_pointer(r);
	for (uint32_t i = 0; i < n; i++)
		v[i] = some_text(r);
	v[n] = 0;
	return (uint32_t)(uintptr_t)v;
}

uint32_t some_descriptor(struct rng *r)
{
	switch (below(r, 16)) {
	case 0: return some_number(r);
	case 1: return (uint32_t)-100;
	case 2: return 100 + below(r, 1000);
	case 3: return below(r, 64);
	default: return below(r, 32);
	}
}

/*
 * Ourselves, our children, our group: never everybody (-1) nor the supervisor, even if a call has written such a number where
 * ours are kept.
 */
uint32_t some_task(struct rng *r)
{
	uint32_t child = children[below(r, CHILDREN)], who = child ? child : r->self;

	switch (below(r, 6)) {
	case 0: who = r->self; break;
	case 1: return 0;
	case 2: who = 30000 + below(r, 2700); break;
	}
	return who > SUPERVISOR && who < 32768 ? who : 32767;
}
