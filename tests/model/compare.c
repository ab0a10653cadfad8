/* SPDX-License-Identifier: MIT */
#include "tests/model/model.h"

static uint32_t held(bool by_regions)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < model.count; i++) {
		int holder = model.pages[i].holder;

		n += holder != FREE && (holder < SOURCE) == by_regions;
	}
	return n;
}

void compare_counts(void)
{
	uint32_t regions = 0, vmas = 0;
	struct mm_stats st;

	for (int i = 0; i < MAPPINGS; i++) {
		regions += model.regions[i].refs != 0;
		vmas += model.maps[i].live;
	}
	mm_get_stats(model.mm, &st);
	must_eq(st.free / PG, ref_free());
	must_eq(st.mmap_copy / PG, held(true));
	must_eq(st.shmem / PG, held(false));
	must_eq(st.regions, regions);
	must_eq(st.vmas, vmas);
}

struct walk {
	int space;
	const struct mapping *last;
	uint32_t regions, at;
};

static int compare_mapping(void *ctx, const struct mm_vma_info *info)
{
	struct walk *w = ctx;

	w->last = ref_next(w->space, w->last);
	must(w->last);
	must_eq(info->start, w->last->start);
	must_eq(info->end, w->last->end);
	must_eq(info->shared, w->last->kind == SHARED || w->last->kind == SHM);
	must(mm_mapped(model.spaces[w->space].s, info->start, info->end - info->start));
	return 0;
}

/* In order, and each is one that the reference has. */
static int compare_region(void *ctx, const struct mm_vma_info *info)
{
	struct walk *w = ctx;
	bool known = false;

	must(info->start >= w->at);
	w->at = info->start;
	w->regions++;
	for (int i = 0; i < MAPPINGS && !known; i++)
		known = model.regions[i].refs && model.regions[i].start == info->start &&
			model.regions[i].end == info->end;
	must(known);
	return 0;
}

static void compare_usage(int space)
{
	struct mm_usage usage;
	uint64_t bytes = 0;
	uint32_t vmas = 0;

	for (int i = 0; i < MAPPINGS; i++) {
		const struct mapping *p = &model.maps[i];

		if (p->live && p->space == space) {
			bytes += model.regions[p->region].end - model.regions[p->region].start;
			vmas++;
		}
	}
	mm_space_usage(model.spaces[space].s, &usage);
	must_eq(usage.bytes + usage.shared, bytes);
	must_eq(usage.vmas, vmas);
}

static void compare_source(const struct mm_source *s, int source)
{
	uint32_t all = 0, shared = 0;

	for (int i = 0; i < MAPPINGS; i++) {
		const struct mapping *p = &model.maps[i];

		all += p->live && p->source == source;
		shared += p->live && p->source == source && p->kind == SHARED;
	}
	must_eq(s->mappings, all);
	must_eq(s->shared_mappings, shared);
}

static void compare_largest(void)
{
	struct mm_stats st;

	mm_get_stats(model.mm, &st);
	must_eq(st.largest_free / PG, ref_largest());
}

void compare_all(void)
{
	struct walk w = { 0 };
	uint32_t regions = 0;

	for (int i = 0; i < SPACES; i++) {
		if (!model.spaces[i].tasks)
			continue;
		w.space = i;
		w.last = NULL;
		mm_space_walk(model.spaces[i].s, compare_mapping, &w);
		must(!ref_next(i, w.last));
		compare_usage(i);
	}
	mm_region_walk(model.mm, compare_region, &w);
	for (int i = 0; i < MAPPINGS; i++)
		regions += model.regions[i].refs != 0;
	must_eq(w.regions, regions);
	for (int i = 0; i < FILES; i++)
		compare_source(&model.files[i].source, i);
	compare_largest();
}
