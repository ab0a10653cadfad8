/* SPDX-License-Identifier: MIT
 * Tests of memory as those of boards: a mapping is written with patterns and read again.
 */
#include <sys/mman.h>
#include "../stress.h"

struct area {
	struct worker *w;
	volatile uint32_t *p;
	size_t words;
};

/* All words are what the function says. */
static bool look(const struct area *a, uint32_t (*value)(size_t i, uint32_t with), uint32_t with)
{
	for (size_t i = 0; i < a->words; i++)
		if (a->p[i] != value(i, with))
			return stress_fail(a->w, "word %zu is %08lx, should be %08lx", i, (unsigned long)a->p[i],
				(unsigned long)value(i, with)), false;
	return true;
}

static void put(const struct area *a, uint32_t (*value)(size_t i, uint32_t with), uint32_t with)
{
	for (size_t i = 0; i < a->words; i++)
		a->p[i] = value(i, with);
}

static uint32_t same(size_t i, uint32_t with)
{
	(void)i;
	return with;
}

static uint32_t checkers(size_t i, uint32_t with)
{
	return i % 2 ? with : ~with;
}

static uint32_t walk(size_t i, uint32_t with)
{
	return 1u << (i + with) % 32;
}

static uint32_t walk_zero(size_t i, uint32_t with)
{
	return ~walk(i, with);
}

static uint32_t gray(size_t i, uint32_t with)
{
	uint32_t x = i + with;

	return x ^ x >> 1;
}

static uint32_t mixed(size_t i, uint32_t with)
{
	uint32_t x = (i + with) * 0x9e3779b1;

	return x ^ x >> 15;
}

static uint32_t address(size_t i, uint32_t with)
{
	return with + 4 * i;
}

static void moving_inversion(const struct area *a)
{
	uint32_t seed = stress_random(a->w);

	put(a, mixed, seed);
	for (size_t i = 0; i < a->words; i++) {
		if (a->p[i] != mixed(i, seed))
			stress_fail(a->w, "word %zu changed on the way up", i);
		a->p[i] = ~a->p[i];
	}
	for (size_t i = a->words; i--; ) {
		if (a->p[i] != ~mixed(i, seed))
			stress_fail(a->w, "word %zu changed on the way down", i);
		a->p[i] = ~a->p[i];
	}
	look(a, mixed, seed);
}

/* Every 23rd word has one pattern, the others another, written later. */
static void modulo(const struct area *a)
{
	uint32_t first = stress_below(a->w, 23), pattern = stress_random(a->w);

	for (size_t i = first; i < a->words; i += 23)
		a->p[i] = pattern;
	for (size_t i = 0; i < a->words; i++)
		if (i % 23 != first)
			a->p[i] = ~pattern;
	for (size_t i = 0; i < a->words; i++)
		if (a->p[i] != (i % 23 == first ? pattern : ~pattern))
			stress_fail(a->w, "word %zu was overwritten by another", i);
}

static void bytes(const struct area *a)
{
	volatile uint8_t *p = (volatile uint8_t *)a->p;
	size_t n = 4 * a->words;
	uint32_t seed = stress_random(a->w);

	for (size_t i = n; i--; )
		p[i] = i * 7 + seed;
	for (size_t i = 0; i < n; i++)
		if (p[i] != (uint8_t)(i * 7 + seed))
			stress_fail(a->w, "byte %zu is %02x", i, p[i]);
}

/* Words swapped at random, and swapped back. */
static void swap(const struct area *a)
{
	uint32_t seed = stress_random(a->w), x;

	put(a, mixed, seed);
	for (int back = 0; back < 2; back++) {
		x = seed | 1;
		for (size_t i = 0; i < a->words; i++) {
			size_t from = back ? a->words - 1 - i : i, to = (from * 769 + x) % a->words;
			uint32_t old = a->p[from];

			a->p[from] = a->p[to];
			a->p[to] = old;
		}
	}
	look(a, mixed, seed);
}

static void increments(const struct area *a)
{
	put(a, address, 3);
	for (int round = 0; round < 5; round++)
		for (size_t i = 0; i < a->words; i++)
			a->p[i] += round % 2 ? -7 : 7;
	look(a, address, 10);
}

static void block(const struct area *a)
{
	size_t half = a->words / 2;

	put(a, mixed, 1);
	memmove((void *)(a->p + half), (const void *)a->p, 4 * half);
	for (size_t i = 0; i < half; i++)
		if (a->p[half + i] != mixed(i, 1))
			stress_fail(a->w, "word %zu was not copied", i);
}

static void fill(const struct area *a, int n)
{
	static uint32_t (*const values[])(size_t i, uint32_t with) = { same, checkers, walk, walk_zero, gray, mixed, address };
	uint32_t with = stress_random(a->w);

	put(a, values[n], with);
	look(a, values[n], with);
}

#define FILLS 7
static void (*const methods[])(const struct area *a) = { moving_inversion, modulo, bytes, swap, increments, block };
#define METHODS (FILLS + (int)(sizeof methods / sizeof *methods))

/* A fresh mapping is zero. */
static bool zero(const struct area *a)
{
	return look(a, same, 0);
}

enum stress_status stress_vm(struct worker *w)
{
	struct area a = { .w = w, .words = stress_sizes.vm / 4 };
	int method = w->number;
	void *p = MAP_FAILED;

	while (stress_go(w)) {
		if (p == MAP_FAILED) {
			p = mmap(NULL, stress_sizes.vm, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			if (p == MAP_FAILED) {
				if (!w->done || !stress_short(w))
					return stress_errno(w, "mmap");
				continue;
			}
			a.p = p;
			if (!zero(&a))
				break;
		}
		if (method % METHODS < FILLS)
			fill(&a, method % METHODS);
		else
			methods[method % METHODS - FILLS](&a);
		method++;
		/* Now and then another place. */
		if (method % 4 == 0) {
			if (munmap(p, stress_sizes.vm))
				stress_fail(w, "munmap: %s", strerror(errno));
			p = MAP_FAILED;
		}
		stress_bogo(w);
	}
	if (p != MAP_FAILED)
		munmap(p, stress_sizes.vm);
	return STRESS_PASSED;
}
