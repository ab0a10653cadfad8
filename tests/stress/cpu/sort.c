/* SPDX-License-Identifier: MIT
 * libc's qsort(), bsearch() and tsearch() on random words.
 */
#include <search.h>
#include "../stress.h"

#define WORDS 512

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int backwards(const void *a, const void *b)
{
	return compare(b, a);
}

static bool sorted(const uint32_t *a, int n, uint32_t sum, int (*by)(const void *, const void *))
{
	for (int i = 0; i < n; i++) {
		if (i && by(&a[i - 1], &a[i]) > 0)
			return false;
		sum -= a[i];
	}
	return !sum;
}

enum stress_status stress_qsort(struct worker *w)
{
	uint32_t *a = malloc(WORDS * sizeof *a), sum;

	if (!a)
		return stress_errno(w, "malloc");
	while (stress_go(w)) {
		sum = 0;
		for (int i = 0; i < WORDS; i++)
			sum += a[i] = stress_random(w) >> stress_below(w, 32);
		qsort(a, WORDS, sizeof *a, compare);
		if (!sorted(a, WORDS, sum, compare))
			stress_fail(w, "what was at random is not sorted");
		qsort(a, WORDS, sizeof *a, backwards);
		if (!sorted(a, WORDS, sum, backwards))
			stress_fail(w, "what was sorted is not sorted backwards");
		stress_bogo(w);
	}
	free(a);
	return STRESS_PASSED;
}

enum stress_status stress_bsearch(struct worker *w)
{
	uint32_t *a = malloc(WORDS * sizeof *a);

	if (!a)
		return stress_errno(w, "malloc");
	for (int i = 0; i < WORDS; i++)
		a[i] = 3 * i + 1;
	while (stress_go(w)) {
		for (int i = 0; i < 100; i++) {
			uint32_t key = stress_below(w, 3 * WORDS);
			uint32_t *found = bsearch(&key, a, WORDS, sizeof *a, compare);

			if (found != (key % 3 == 1 ? &a[key / 3] : NULL))
				stress_fail(w, "%lu: found what is not there, or not what is", (unsigned long)key);
		}
		stress_bogo(w);
	}
	free(a);
	return STRESS_PASSED;
}

/* A tree of numbers below 256 that come and go; those are found that are in it, and all are taken out. */
enum stress_status stress_tsearch(struct worker *w)
{
	uint32_t *keys = malloc(256 * sizeof *keys);
	bool in[256];
	void *root = NULL;

	if (!keys)
		return stress_errno(w, "malloc");
	for (uint32_t i = 0; i < 256; i++)
		keys[i] = i;
	while (stress_go(w)) {
		memset(in, 0, sizeof in);
		for (int i = 0; i < 200; i++) {
			uint32_t k = stress_below(w, 256);
			void *node;

			if (in[k] && i % 3 == 0) {
				if (!tdelete(&keys[k], &root, compare))
					stress_fail(w, "%lu cannot be taken out", (unsigned long)k);
				in[k] = false;
				continue;
			}
			node = tsearch(&keys[k], &root, compare);
			if (!node)	/* no memory */
				break;
			if (*(uint32_t **)node != &keys[k])
				stress_fail(w, "%lu is another's node", (unsigned long)k);
			in[k] = true;
		}
		for (int i = 0; i < 256; i++) {
			if (!tfind(&keys[i], &root, compare) == in[i])
				stress_fail(w, "%d is %sthere", i, in[i] ? "not " : "");
			if (in[i])
				tdelete(&keys[i], &root, compare);
		}
		if (root) {
			stress_fail(w, "something is left in the tree");
			root = NULL;
		}
		stress_bogo(w);
	}
	free(keys);
	return STRESS_PASSED;
}
