/* SPDX-License-Identifier: MIT
 *
 * Intervals that overlap and coincide: each question beside a walk over all of them.
 */
#include "mm/interval.h"
#include "tests/unit/mm_fake.h"

#define NR 60u
#define SPACE 40u	/* few enough places that bounds meet all the time */

static struct interval all[NR];
static bool in_tree[NR];
static struct tree tree;
static uint32_t seed;

static uint32_t some(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static bool comes_before(const struct interval *a, const struct interval *b)
{
	if (a->lo != b->lo)
		return a->lo < b->lo;
	return a->hi != b->hi ? a->hi < b->hi : a->serial < b->serial;
}

static bool covers(const struct interval *iv, uint64_t lo, uint64_t hi) { return iv->lo <= lo && iv->hi >= hi; }
static bool overlaps(const struct interval *iv, uint64_t lo, uint64_t hi) { return iv->lo < hi && iv->hi > lo; }
static bool is(const struct interval *iv, uint64_t lo, uint64_t hi) { return iv->lo == lo && iv->hi == hi; }
static bool from(const struct interval *iv, uint64_t lo, uint64_t hi) { (void)hi; return iv->lo >= lo; }

/* The first, or the last, of which `what` is true. */
static const struct interval *walk(bool (*what)(const struct interval *, uint64_t, uint64_t), uint64_t lo, uint64_t hi,
				   bool last)
{
	const struct interval *found = NULL;

	for (unsigned i = 0; i < NR; i++)
		if (in_tree[i] && what(&all[i], lo, hi) && (!found || comes_before(&all[i], found) != last))
			found = &all[i];
	return found;
}

static void ask_everything(void)
{
	for (uint64_t lo = 0; lo <= SPACE; lo++) {
		must(interval_from(&tree, lo) == walk(from, lo, 0, false));
		for (uint64_t hi = lo + 1; hi <= SPACE + 1; hi++) {
			must(interval_covering(&tree, lo, hi) == walk(covers, lo, hi, false));
			must(interval_overlapping(&tree, lo, hi) == walk(overlaps, lo, hi, false));
			must(interval_exact(&tree, lo, hi) == walk(is, lo, hi, true));
		}
	}
}

START_TEST(answers_are_those_of_a_walk)
{
	for (uint32_t round = 1; round <= 8; round++) {
		seed = round;
		interval_tree_init(&tree);
		memset(in_tree, 0, sizeof(in_tree));
		for (unsigned step = 0; step < 200; step++) {
			unsigned i = some(NR);
			uint64_t lo = some(SPACE), hi = lo + 1 + some(round % 2 ? 4 : SPACE - (uint32_t)lo);

			all[i].serial = i;
			if (!in_tree[i])
				interval_insert(&tree, &all[i], lo, hi);
			else if (some(3))
				interval_move(&tree, &all[i], lo, hi);
			else
				interval_remove(&tree, &all[i]);
			in_tree[i] = !in_tree[i] || all[i].node.height;
			must(interval_check(&tree));
			if (step % 10 == 0)
				ask_everything();
		}
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { answers_are_those_of_a_walk };

	return run_suite("interval", tests, sizeof(tests) / sizeof(*tests));
}
