/* SPDX-License-Identifier: MIT
 *
 * TLSF: two-level segregated fit (Masmano, Ripoll, Crespo, Real, "TLSF: a new dynamic memory allocator for
 * real-time systems", ECRTS 2004), with pages in the place of bytes.
 *
 * Free runs are kept in lists by class of size.  The first level of classes is the power of two, the second
 * cuts it into 32 equal steps; below 32 pages each length has a class of its own.  A bit for each list
 * with runs in it, and a bit for each first level with such a list, find the next class that has any
 * without a loop.
 *
 * To allocate, the request is rounded up to the next class, so that every run of that class and of those
 * above is large enough: the first of the list is taken without a look at any other ("good fit"), cut from
 * its lower end, and the rest goes back to the list of its class.  A freed run is joined with its
 * neighbours and goes to the head of its list: what was used last is used first.
 *
 * The rounding is of the search only, runs are exact.  But a run that is large enough is not found if it
 * is of the request's own class and not at its lower bound: at most 1/32 of it is out of reach of one
 * request.  `largest` in the stats is what can be had.
 *
 * Neighbours are found in a set of the frames where runs start (mm/alloc/bitset.h), which stands for the
 * boundary tags that the original keeps in the memory itself.
 *
 * Cost: O(1) for every operation, whatever the number of runs and of pages; the walk O(runs).
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm/alloc/bitset.h"
#include "mm/alloc/blocks.h"
#include "mm/page.h"

#define STEP_BITS 5u
#define STEPS (1u << STEP_BITS)
#define LEVELS (PAGE_ORDERS - STEP_BITS + 1)	/* level 0: the lengths below STEPS */

struct class {
	uint32_t level, step;
};

/* Of a free run, by the index of its first frame. */
struct link {
	uint32_t next, prev, nr;
};

struct tlsf {
	uint32_t levels;			/* bit n: level n has runs */
	uint32_t steps[LEVELS];			/* bit n: list n of the level has runs */
	uint32_t head[LEVELS][STEPS];		/* frame index, or PAGE_NONE */
	struct link *link;
	struct bitset starts;			/* the first frames of free runs */
	uint32_t blocks[PAGE_ORDERS];		/* as page_stats.free_blocks */
	uint64_t visited;			/* runs looked at, and lists searched */
};

/* --- Classes --- */

static struct class class_of(uint32_t nr)
{
	unsigned order = 31 - (unsigned)__builtin_clz(nr);

	if (nr < STEPS)
		return (struct class){ 0, nr };
	return (struct class){ order - STEP_BITS + 1, nr >> (order - STEP_BITS) & (STEPS - 1) };
}

/* The shortest length of a class. */
static uint32_t class_least(struct class c)
{
	return c.level ? (STEPS + c.step) << (c.level - 1) : c.step;
}

/* The lowest class whose runs all have nr pages. */
static struct class class_for(uint32_t nr)
{
	if (nr >= STEPS)
		nr += (1u << (31 - (unsigned)__builtin_clz(nr) - STEP_BITS)) - 1;
	return class_of(nr);
}

/* --- Lists --- */

static void enlist(struct tlsf *t, uint32_t i, uint32_t nr)
{
	struct class c = class_of(nr);
	uint32_t *head = &t->head[c.level][c.step];

	t->visited++;
	t->link[i] = (struct link){ .next = *head, .prev = PAGE_NONE, .nr = nr };
	if (*head != PAGE_NONE)
		t->link[*head].prev = i;
	*head = i;
	t->levels |= 1u << c.level;
	t->steps[c.level] |= 1u << c.step;
	bitset_add(&t->starts, i);
	blocks_count(t->blocks, nr, 1);
}

static void delist(struct tlsf *t, uint32_t i)
{
	struct link *l = &t->link[i];
	struct class c = class_of(l->nr);

	t->visited++;
	if (l->next != PAGE_NONE)
		t->link[l->next].prev = l->prev;
	if (l->prev != PAGE_NONE)
		t->link[l->prev].next = l->next;
	else
		t->head[c.level][c.step] = l->next;
	if (t->head[c.level][c.step] == PAGE_NONE) {
		t->steps[c.level] &= ~(1u << c.step);
		if (t->steps[c.level] == 0)
			t->levels &= ~(1u << c.level);
	}
	bitset_drop(&t->starts, i);
	blocks_count(t->blocks, l->nr, -1);
}

/* The first run of the lowest class from c up that has one, or PAGE_NONE. */
static uint32_t first_of(struct tlsf *t, struct class c)
{
	uint32_t steps, levels;

	t->visited++;
	steps = t->steps[c.level] & UINT32_MAX << c.step;
	if (!steps) {
		levels = c.level + 1 < LEVELS ? t->levels & UINT32_MAX << (c.level + 1) : 0;
		if (!levels)
			return PAGE_NONE;
		c.level = (uint32_t)__builtin_ctz(levels);
		steps = t->steps[c.level];
	}
	return t->head[c.level][__builtin_ctz(steps)];
}

/* --- The strategy --- */

/* Takes [i, i+nr) out of the free run that starts at frame `run`. */
static void cut(struct tlsf *t, uint32_t run, uint32_t i, uint32_t nr)
{
	uint32_t end = run + t->link[run].nr;

	delist(t, run);
	if (i > run)
		enlist(t, run, i - run);
	if (end > i + nr)
		enlist(t, i + nr, end - (i + nr));
}

static uint32_t tlsf_alloc(struct pages *p, uint32_t nr, bool trimmed)
{
	struct tlsf *t = p->state;
	uint32_t i = first_of(t, class_for(nr));

	(void)trimmed;
	if (i == PAGE_NONE)
		return PAGE_NONE;
	cut(t, i, i, nr);
	return p->base + i;
}

static void tlsf_free(struct pages *p, uint32_t first, uint32_t nr)
{
	struct tlsf *t = p->state;
	uint32_t i = first - p->base, end = i + nr, below = bitset_prev(&t->starts, i);

	t->visited += 2;
	if (below != BITSET_NONE) {
		uint32_t below_end = below + t->link[below].nr;

		assert(below_end <= i);
		if (below_end == i) {
			delist(t, below);
			i = below;
		}
	}
	if (end < p->count && bitset_has(&t->starts, end)) {
		uint32_t above = end;

		end += t->link[above].nr;
		delist(t, above);
	}
	enlist(t, i, end - i);
}

static bool tlsf_take(struct pages *p, uint32_t first, uint32_t nr)
{
	struct tlsf *t = p->state;
	uint32_t i = first - p->base, run = bitset_prev(&t->starts, i);

	t->visited++;
	if (run == BITSET_NONE || run + t->link[run].nr < i + nr)
		return false;
	cut(t, run, i, nr);
	return true;
}

static int tlsf_walk(struct pages *p, page_walk_fn fn, void *ctx)
{
	struct tlsf *t = p->state;
	uint32_t i = bitset_next(&t->starts, 0), nr;
	int stop = 0;

	while (i != BITSET_NONE && !stop) {
		nr = t->link[i].nr;
		stop = fn(ctx, p->base + i, nr);
		i = bitset_next(&t->starts, i + nr);
	}
	return stop;
}

static void tlsf_stats(const struct pages *p, struct page_stats *out)
{
	const struct tlsf *t = p->state;

	memset(out, 0, sizeof(*out));
	if (t->levels) {
		uint32_t level = 31 - (uint32_t)__builtin_clz(t->levels);
		uint32_t step = 31 - (uint32_t)__builtin_clz(t->steps[level]);

		out->largest = class_least((struct class){ level, step });
	}
	out->visited = t->visited;
	memcpy(out->free_blocks, t->blocks, sizeof(t->blocks));
}

/* The runs of one list are of its class, linked both ways, and start where the set says. */
static const char *list_broken(const struct pages *p, struct class c, uint32_t *listed)
{
	const struct tlsf *t = p->state;
	uint32_t last = PAGE_NONE;

	for (uint32_t i = t->head[c.level][c.step]; i != PAGE_NONE; last = i, i = t->link[i].next) {
		const struct link *l = &t->link[i];

		if (i >= p->count || !bitset_has(&t->starts, i) || l->prev != last)
			return "tlsf: a list is damaged";
		if (l->nr == 0 || class_of(l->nr).level != c.level || class_of(l->nr).step != c.step)
			return "tlsf: a run is in the list of another class";
		if (++*listed > p->count)
			return "tlsf: a list has no end";
	}
	if ((t->steps[c.level] >> c.step & 1) != (t->head[c.level][c.step] != PAGE_NONE))
		return "tlsf: the mask of lists with runs is wrong";
	return NULL;
}

static const char *lists_broken(const struct pages *p, uint32_t *listed)
{
	const struct tlsf *t = p->state;
	const char *broken = NULL;

	for (uint32_t level = 0; level < LEVELS && !broken; level++) {
		for (uint32_t step = 0; step < STEPS && !broken; step++)
			broken = list_broken(p, (struct class){ level, step }, listed);
		if (!broken && (t->levels >> level & 1) != (t->steps[level] != 0))
			broken = "tlsf: the mask of levels with runs is wrong";
	}
	return broken;
}

static const char *tlsf_check(struct pages *p, uint32_t *free_pages)
{
	const struct tlsf *t = p->state;
	uint32_t blocks[PAGE_ORDERS] = { 0 }, listed = 0, runs = 0, end = 0;
	const char *broken = lists_broken(p, &listed);

	if (broken)
		return broken;
	if (!bitset_check(&t->starts))
		return "tlsf: the set of first frames is damaged";
	for (uint32_t i = bitset_next(&t->starts, 0); i != BITSET_NONE; i = bitset_next(&t->starts, i + 1)) {
		if (!pages_inside(p, p->base + i, t->link[i].nr))
			return "tlsf: a run leaves the memory";
		if (runs++ && i <= end)
			return i < end ? "tlsf: two runs overlap" : "tlsf: two runs that touch were not joined";
		end = i + t->link[i].nr;
		blocks_count(blocks, t->link[i].nr, 1);
		*free_pages += t->link[i].nr;
	}
	if (runs != listed)
		return "tlsf: a run is on no list";
	if (memcmp(blocks, t->blocks, sizeof(blocks)) != 0)
		return "tlsf: the counts by order are wrong";
	return NULL;
}

static void tlsf_fini(struct pages *p)
{
	struct tlsf *t = p->state;

	bitset_fini(&t->starts);
	free(t->link);
	free(t);
}

static int tlsf_init(struct pages *p)
{
	struct tlsf *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	p->state = t;
	memset(t->head, 0xff, sizeof(t->head));
	t->link = malloc(p->count * sizeof(*t->link));
	if (!t->link || bitset_init(&t->starts, p->count)) {
		tlsf_fini(p);
		return -ENOMEM;
	}
	enlist(t, 0, p->count);
	return 0;
}

const struct page_ops page_tlsf = {
	.name = "tlsf",
	.summary = "two-level segregated fit: constant time, for real-time systems",
	.steps = STEPS,
	.init = tlsf_init,
	.fini = tlsf_fini,
	.alloc = tlsf_alloc,
	.free = tlsf_free,
	.take = tlsf_take,
	.walk = tlsf_walk,
	.stats = tlsf_stats,
	.check = tlsf_check,
};
