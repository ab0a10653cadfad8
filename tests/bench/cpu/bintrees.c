/* SPDX-License-Identifier: MIT
 * Binary trees built, walked and freed: malloc and pointer chasing. */
#include "bench.h"

struct tree {
	struct tree *left, *right;
};

static struct tree *build(unsigned depth)
{
	struct tree *t = malloc(sizeof(*t));

	if (!t)
		exit(1);
	t->left = depth ? build(depth - 1) : NULL;
	t->right = depth ? build(depth - 1) : NULL;
	return t;
}

static uint32_t walk(const struct tree *t)
{
	return t ? 1 + walk(t->left) + 2 * walk(t->right) : 0;
}

static void release(struct tree *t)
{
	if (!t)
		return;
	release(t->left);
	release(t->right);
	free(t);
}

int main(int argc, char **argv)
{
	unsigned rounds = bench_size(argc, argv, 250);
	uint32_t sum = 0;

	for (unsigned r = 0; r < rounds; r++) {
		struct tree *t = build(12 + r % 3);

		sum = bench_mix(sum, walk(t));
		release(t);
	}
	return bench_result("bintrees", sum);
}
