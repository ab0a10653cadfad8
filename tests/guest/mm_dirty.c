/* SPDX-License-Identifier: MIT
 * MAP_UNINITIALIZED: memory comes as it is. Everything else is cleared, however large and whoever had it.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include "tap.h"

#define PAGE 4096u
#define UNINITIALIZED 0x4000000

static char *get(size_t len, int flags)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/*
 * How many bytes of a mapping made right after others full of 0xa5 went are not zero. Several: which page Linux hands
 * out next depends on what its per-processor lists hold.
 */
static size_t dirt(size_t len, int flags)
{
	char *used[64], *p;
	unsigned many = 0;
	size_t n = 0;

	while (many < 64 && many * len < 8u << 20) {
		p = get(len, MAP_PRIVATE);
		if (!p)
			tap_bail("no memory");
		used[many++] = memset(p, 0xa5, len);
	}
	while (many)
		munmap(used[--many], len);
	p = get(len, flags);
	if (!p)
		tap_bail("no memory");
	for (size_t i = 0; i < len; i++)
		n += p[i] != 0;
	munmap(p, len);
	return n;
}

int main(void)
{
	static const size_t lens[] = { PAGE, 4 * PAGE, 64 * PAGE, 256 * PAGE };

	tap_plan(0);
	for (unsigned i = 0; i < sizeof lens / sizeof *lens; i++) {
		tap_is((long long)dirt(lens[i], MAP_PRIVATE), 0, "%zu bytes are cleared", lens[i]);
		tap_is((long long)dirt(lens[i], MAP_SHARED), 0, "%zu bytes, shared", lens[i]);
		if (tap_own_machine()) {
			tap_is((long long)dirt(lens[i], MAP_PRIVATE | UNINITIALIZED), (long long)lens[i],
			       "%zu bytes as they are", lens[i]);
			tap_is((long long)dirt(lens[i], MAP_SHARED | UNINITIALIZED), (long long)lens[i],
			       "%zu bytes as they are, shared", lens[i]);
		} else {
			tap_skip(2, "the host clears everything");
		}
	}
	return tap_done();
}
