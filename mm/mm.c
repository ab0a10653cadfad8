/* SPDX-License-Identifier: MIT */
#include "mm/internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "mm/postmortem.h"

#define COMPAT_MAX_ORDER 10	/* the kernel's MAX_PAGE_ORDER: 4 MiB */

int mm_new(struct mm **out, struct flat *flat, const struct mm_config *config)
{
	const struct page_ops *ops = page_strategy(config->strategy);
	unsigned max_order = config->max_order;
	struct mm *mm;
	int err;

	if (!ops || !page_aligned(config->ram_base) || !page_aligned(config->ram_size) ||
	    config->ram_size == 0 || !flat_span(flat, config->ram_base, config->ram_size))
		return -EINVAL;
	mm = calloc(1, sizeof(*mm));
	if (!mm)
		return -ENOMEM;
	mm->config = *config;
	mm->flat = flat;
	interval_tree_init(&mm->regions);
	if (!max_order && config->compat_linux)
		max_order = COMPAT_MAX_ORDER;
	err = pages_init(&mm->pages, ops, config->ram_base / FLAT_PAGE_SIZE,
			 config->ram_size / FLAT_PAGE_SIZE, max_order);
	if (err)
		goto free_mm;
	err = config->poison ? poison_init(mm) : 0;
	if (err)
		goto free_pages;
	err = operations_init(mm);
	if (err)
		goto free_poison;
	mm->pages.fail_in = config->fail_alloc;
	mm->pages.fail_every = config->fail_every;
	*out = mm;
	return 0;
free_poison:
	operations_fini(mm);
	poison_fini(mm);
free_pages:
	pages_fini(&mm->pages);
free_mm:
	free(mm);
	return err;
}

void mm_free(struct mm *mm)
{
	if (!mm)
		return;
	while (mm->spaces)
		space_destroy(mm->spaces);
	shm_fini(mm);
	operations_fini(mm);
	poison_fini(mm);
	pages_fini(&mm->pages);
	free(mm);
}

struct flat *mm_flat(struct mm *mm)
{
	return mm->flat;
}

uint32_t mm_trim(const struct mm *mm)
{
	return mm->config.nr_trim_pages;
}

void mm_set_trim(struct mm *mm, uint32_t nr_trim_pages)
{
	mm->config.nr_trim_pages = nr_trim_pages;
}

void mm_fail_after(struct mm *mm, uint64_t n)
{
	mm->pages.fail_in = n;
	mm->pages.fail_every = 0;
}

static void log_args(struct mm *mm, int level, const char *format, va_list args)
{
	char line[512];

	if (!mm->config.log)
		return;
	vsnprintf(line, sizeof(line), format, args);
	/* It is one line, whatever a program calls itself and its files. */
	for (char *c = line; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	mm->config.log(mm->config.owner, level, line);
}

void mm_log(struct mm *mm, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_args(mm, MM_LOG_WARNING, format, args);
	va_end(args);
}

void mm_log_at(struct mm *mm, int level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_args(mm, level, format, args);
	va_end(args);
}

void mm_get_stats(const struct mm *mm, struct mm_stats *out)
{
	struct page_stats ps;

	mm->pages.ops->stats(&mm->pages, &ps);
	*out = (struct mm_stats){
		.total = (uint64_t)mm->pages.count * FLAT_PAGE_SIZE,
		.free = (uint64_t)mm->pages.free * FLAT_PAGE_SIZE,
		.largest_free = (uint64_t)ps.largest * FLAT_PAGE_SIZE,
		.mmap_copy = mm->copy_pages * FLAT_PAGE_SIZE,
		.shmem = mm->other_pages * FLAT_PAGE_SIZE,
		.max_order = mm->pages.max_order,
		.regions = (uint32_t)mm->regions.count,
		.vmas = mm->nr_vmas,
		.allocations = mm->pages.asked,
		.refused = mm->pages.refused,
		.visited = ps.visited,
	};
	for (unsigned order = 0; order < PAGE_ORDERS; order++)
		out->free_blocks[order] = ps.free_blocks[order];
}

void mm_code_gone(struct mm *mm, uint32_t addr, uint32_t len)
{
	if (mm->config.code_gone)
		mm->config.code_gone(mm->config.owner, addr, len);
}

void mm_frames_put(struct mm *mm, uint32_t first, uint32_t nr)
{
	mm_code_gone(mm, first * FLAT_PAGE_SIZE, nr * FLAT_PAGE_SIZE);
	pages_put(&mm->pages, first, nr);
}

/* A run of nr pages: its first frame, or PAGE_NONE. */
static uint32_t get_frames(struct mm *mm, uint32_t nr, bool trimmed)
{
	/* As the kernel's fail_page_alloc says it (lib/fault-inject.c). */
	if (mm->pages.fail_in == 1)
		mm_log(mm, "FAULT_INJECTION: forcing a failure. name fail_page_alloc, allocation %llu, %u pages",
		       (unsigned long long)mm->pages.asked + 1, nr);
	return pages_alloc(&mm->pages, nr, trimmed);
}

/* The kernel hands out no run that is not part of one block, whatever lies beside it. */
static bool too_large(const struct mm *mm, uint32_t pages)
{
	return mm->config.compat_linux && pages && page_order(pages) > mm->pages.max_order;
}

void mm_scatter(struct mm *mm, uint32_t seed)
{
	mm->config.scatter = seed;
}

/* nr frames that come after some more, which are given back at once; PAGE_NONE: they are to lie where they lie. */
static uint32_t get_scattered(struct mm *mm, uint32_t nr)
{
	uint32_t *seed = &mm->config.scatter, first, before;

	if (*seed == 0)
		return PAGE_NONE;
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	before = *seed % 61 + 1;
	first = get_frames(mm, before + nr, true);
	if (first == PAGE_NONE)
		return PAGE_NONE;
	pages_free(&mm->pages, first, before);
	return first + before;
}

int mm_run_get(struct mm *mm, uint32_t pages, uint32_t *addr, uint32_t *held)
{
	uint32_t total = pages_kept(&mm->pages, pages, mm->config.nr_trim_pages), first;

	if (too_large(mm, pages))
		return -ENOMEM;
	first = get_scattered(mm, total);
	if (first == PAGE_NONE)
		first = get_frames(mm, total, true);
	if (first == PAGE_NONE)
		return -ENOMEM;
	mm->copy_pages += total;
	*addr = first * FLAT_PAGE_SIZE;
	*held = total;
	return 0;
}

void mm_run_put(struct mm *mm, uint32_t addr, uint64_t end)
{
	uint32_t nr = (uint32_t)((end - addr) / FLAT_PAGE_SIZE);

	if (nr == 0)
		return;
	mm->copy_pages -= nr;
	mm_code_gone(mm, addr, nr * FLAT_PAGE_SIZE);
	pages_free(&mm->pages, addr / FLAT_PAGE_SIZE, nr);
}

int mm_pages_get(struct mm *mm, uint32_t pages, uint32_t *addr)
{
	MM_OPERATION(mm, "pages_get");
	uint32_t first;

	if (too_large(mm, pages))
		return -EFBIG;
	/* fs/ramfs/file-nommu.c frees the excess the ordinary way, whatever vm.nr_trim_pages says. */
	first = get_frames(mm, pages, false);
	if (first == PAGE_NONE)
		return -ENOMEM;
	mm->other_pages += pages;
	*addr = first * FLAT_PAGE_SIZE;
	return 0;
}

void mm_pages_missed(struct mm *mm, uint32_t pages)
{
	postmortem_pages(mm, pages);
}

void mm_pages_put(struct mm *mm, uint32_t addr, uint32_t pages)
{
	MM_OPERATION(mm, "pages_put");
	if (pages == 0)
		return;
	mm->other_pages -= pages;
	mm_frames_put(mm, addr / FLAT_PAGE_SIZE, pages);
}
