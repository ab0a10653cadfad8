/* SPDX-License-Identifier: MIT
 * malloc(), calloc(), realloc(), aligned_alloc() and free() at random: every block keeps what was written to it.
 */
#include <malloc.h>
#include "../stress.h"

#define SLOTS 64

struct block {
	void *p;
	size_t size;
	uint32_t seed;
};

static void check(struct worker *w, const struct block *b, size_t n, const char *what)
{
	ssize_t bad = stress_check(b->p, n, b->seed, 0);

	if (bad >= 0)
		stress_fail(w, "%s of %zu bytes: byte %zd is wrong", what, b->size, bad);
}

/* Mostly small, now and then up to --malloc-bytes. */
static size_t size(struct worker *w)
{
	return 1 + stress_below(w, stress_below(w, 8) ? 256 : stress_sizes.malloc);
}

static bool get(struct worker *w, struct block *b)
{
	size_t align = 16;

	b->size = size(w);
	switch (stress_below(w, 4)) {
	case 0:
		b->p = calloc(1, b->size);
		for (size_t i = 0; b->p && i < b->size; i++)
			if (((uint8_t *)b->p)[i]) {
				stress_fail(w, "calloc of %zu bytes: byte %zu is not 0", b->size, i);
				break;
			}
		break;
	case 1:
		align = 16u << stress_below(w, 6);
		b->size = (b->size + align - 1) / align * align;
		b->p = aligned_alloc(align, b->size);
		break;
	default:
		b->p = malloc(b->size);
	}
	if (!b->p)
		return false;
	if ((uintptr_t)b->p % (align < 2 * sizeof(void *) ? align : 2 * sizeof(void *)) || (align > 16 && (uintptr_t)b->p % align))
		stress_fail(w, "%p is not aligned to %zu", b->p, align);
	if (malloc_usable_size(b->p) < b->size)
		stress_fail(w, "a block of %zu bytes says that it has %zu", b->size, malloc_usable_size(b->p));
	b->seed = stress_random(w);
	stress_fill(b->p, b->size, b->seed, 0);
	return true;
}

static void drop(struct worker *w, struct block *b)
{
	if (b->p)
		check(w, b, b->size, "a block");
	free(b->p);
	b->p = NULL;
}

enum stress_status stress_malloc(struct worker *w)
{
	struct block blocks[SLOTS] = { 0 };

	while (stress_go(w)) {
		struct block *b = &blocks[stress_below(w, SLOTS)];

		if (!b->p) {
			if (!get(w, b) && stress_short(w))
				/* Memory is short, which is nobody's fault: make room. */
				for (int i = 0; i < SLOTS; i += 2)
					drop(w, &blocks[i]);
		} else if (stress_below(w, 3)) {
			drop(w, b);
		} else {
			size_t n = size(w), kept = n < b->size ? n : b->size;
			void *p = realloc(b->p, n);

			if (p) {
				b->p = p;
				check(w, b, kept, "what realloc() kept");
				b->size = n;
				stress_fill(p, n, b->seed, 0);
			} else {
				stress_short(w);
				check(w, b, b->size, "a block that could not grow");
			}
		}
		stress_bogo(w);
	}
	for (int i = 0; i < SLOTS; i++)
		drop(w, &blocks[i]);
	return STRESS_PASSED;
}
