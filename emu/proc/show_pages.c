/* SPDX-License-Identifier: MIT
 *
 * Pages by block, kind and zone (mm/vmstat.c): buddyinfo, pagetypeinfo, vmstat, zoneinfo.
 *
 * There is one node with one zone, Normal, which is all of RAM, and the empty zone Movable that every kernel without
 * NUMA has besides.  All pages are of one kind: movable, as memory is at boot.  Counters that nothing here moves
 * (reclaim, writeback, slabs) are 0; those of events (pgalloc and so on) are not there, as in the kernel we compare
 * with.
 */
#include "emu/proc/internal.h"

enum { LINUX_MAX_ORDER = 10 };

/* Eleven orders (NR_PAGE_ORDERS) unless blocks may be larger than the kernel's. */
static unsigned last_order(const struct mm_stats *s)
{
	return s->max_order > LINUX_MAX_ORDER ? s->max_order : LINUX_MAX_ORDER;
}

int show_buddyinfo(struct proc_out *o, const struct proc_who *w)
{
	struct mm_stats s;

	mm_get_stats(w->m->mm, &s);
	out(o, "Node 0, zone %8s ", "Normal");
	for (unsigned i = 0; i <= last_order(&s); i++)
		out(o, "%6u ", s.free_blocks[i]);
	out(o, "\n");
	return 0;
}

int show_pagetypeinfo(struct proc_out *o, const struct proc_who *w)
{
	static const char *const kinds[] = { "Unmovable", "Movable", "Reclaimable", "HighAtomic" };
	enum { KINDS = sizeof kinds / sizeof *kinds, MOVABLE = 1 };
	struct mm_stats s;
	unsigned last;
	uint64_t pages, block;

	mm_get_stats(w->m->mm, &s);
	last = last_order(&s);
	block = UINT64_C(1) << last;
	pages = s.total / FLAT_PAGE_SIZE;
	out(o, "Page block order: %u\nPages per block:  %llu\n\n", last, (unsigned long long)block);
	out(o, "%-43s ", "Free pages count per migrate type at order");
	for (unsigned i = 0; i <= last; i++)
		out(o, "%6u ", i);
	out(o, "\n");
	for (unsigned k = 0; k < KINDS; k++) {
		out(o, "Node %4d, zone %8s, type %12s ", 0, "Normal", kinds[k]);
		for (unsigned i = 0; i <= last; i++)
			out(o, "%6u ", k == MOVABLE ? s.free_blocks[i] : 0);
		out(o, "\n");
	}
	out(o, "\n%-23s", "Number of blocks type ");
	for (unsigned k = 0; k < KINDS; k++)
		out(o, "%12s ", kinds[k]);
	out(o, "\nNode %d, zone %8s ", 0, "Normal");
	for (unsigned k = 0; k < KINDS; k++)
		out(o, "%12llu ", (unsigned long long)(k == MOVABLE ? (pages + block - 1) / block : 0));
	out(o, "\n");
	return 0;
}

/* What a counter counts; most count what there is none of. */
enum what { NOTHING, FREE, FILES, RAMDISK_AND_FILES, SHMEM };

struct counter {
	const char *name;
	enum what what;
};

/* enum zone_stat_item and enum node_stat_item, then what /proc/vmstat has besides. */
static const struct counter zone_counters[] = {
	{ "nr_free_pages", FREE }, { "nr_zone_inactive_anon", NOTHING }, { "nr_zone_active_anon", NOTHING },
	{ "nr_zone_inactive_file", NOTHING }, { "nr_zone_active_file", NOTHING }, { "nr_zone_unevictable", FILES },
	{ "nr_zone_write_pending", NOTHING }, { "nr_mlock", NOTHING }, { "nr_bounce", NOTHING },
	{ "nr_free_cma", NOTHING },
};

static const struct counter node_counters[] = {
	{ "nr_inactive_anon", NOTHING }, { "nr_active_anon", NOTHING }, { "nr_inactive_file", NOTHING },
	{ "nr_active_file", NOTHING }, { "nr_unevictable", FILES }, { "nr_slab_reclaimable", NOTHING },
	{ "nr_slab_unreclaimable", NOTHING }, { "nr_isolated_anon", NOTHING }, { "nr_isolated_file", NOTHING },
	{ "workingset_nodes", NOTHING }, { "workingset_refault_anon", NOTHING }, { "workingset_refault_file", NOTHING },
	{ "workingset_activate_anon", NOTHING }, { "workingset_activate_file", NOTHING },
	{ "workingset_restore_anon", NOTHING }, { "workingset_restore_file", NOTHING },
	{ "workingset_nodereclaim", NOTHING }, { "nr_anon_pages", NOTHING }, { "nr_mapped", NOTHING },
	{ "nr_file_pages", RAMDISK_AND_FILES }, { "nr_dirty", NOTHING }, { "nr_writeback", NOTHING },
	{ "nr_writeback_temp", NOTHING }, { "nr_shmem", SHMEM }, { "nr_shmem_hugepages", NOTHING },
	{ "nr_shmem_pmdmapped", NOTHING }, { "nr_file_hugepages", NOTHING }, { "nr_file_pmdmapped", NOTHING },
	{ "nr_anon_transparent_hugepages", NOTHING }, { "nr_vmscan_write", NOTHING },
	{ "nr_vmscan_immediate_reclaim", NOTHING }, { "nr_dirtied", NOTHING }, { "nr_written", NOTHING },
	{ "nr_throttled_written", NOTHING }, { "nr_kernel_misc_reclaimable", NOTHING },
	{ "nr_foll_pin_acquired", NOTHING }, { "nr_foll_pin_released", NOTHING }, { "nr_kernel_stack", NOTHING },
	{ "nr_page_table_pages", NOTHING }, { "nr_sec_page_table_pages", NOTHING }, { "pgdemote_kswapd", NOTHING },
	{ "pgdemote_direct", NOTHING }, { "pgdemote_khugepaged", NOTHING },
};

static const struct counter other_counters[] = {
	{ "nr_dirty_threshold", NOTHING }, { "nr_dirty_background_threshold", NOTHING },
	{ "nr_memmap_pages", NOTHING }, { "nr_memmap_boot_pages", NOTHING }, { "nr_unstable", NOTHING },
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static unsigned long long value(const struct proc_who *w, const struct mm_stats *s, enum what what)
{
	uint64_t files = s->shmem - w->m->ramdisk_size, bytes = 0;

	if (what == FREE)
		bytes = s->free;
	else if (what == FILES)
		bytes = files;
	else if (what == RAMDISK_AND_FILES)
		bytes = s->shmem;
	else if (what == SHMEM)
		bytes = w->m->options.compat_linux ? 0 : files;
	return bytes / FLAT_PAGE_SIZE;
}

/* zoneinfo has them indented, each behind its newline. */
static void counters(struct proc_out *o, const struct proc_who *w, const struct mm_stats *s, bool indented,
		     const struct counter *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out(o, indented ? "\n      %-12s %llu" : "%s %llu\n", c[i].name, value(w, s, c[i].what));
}

int show_vmstat(struct proc_out *o, const struct proc_who *w)
{
	struct mm_stats s;

	mm_get_stats(w->m->mm, &s);
	counters(o, w, &s, false, zone_counters, COUNT(zone_counters));
	counters(o, w, &s, false, node_counters, COUNT(node_counters));
	counters(o, w, &s, false, other_counters, COUNT(other_counters));
	return 0;
}

static void zone_pages(struct proc_out *o, uint64_t free, uint64_t all)
{
	out(o, "\n  pages free     %llu", (unsigned long long)free);
	out(o, "\n        boost    0\n        min      0\n        low      0\n        high     0\n        promo    0");
	out(o, "\n        spanned  %llu\n        present  %llu\n        managed  %llu", (unsigned long long)all,
	    (unsigned long long)all, (unsigned long long)all);
	out(o, "\n        cma      0\n        protection: (0, 0)");
}

int show_zoneinfo(struct proc_out *o, const struct proc_who *w)
{
	struct mm_stats s;

	mm_get_stats(w->m->mm, &s);
	out(o, "Node 0, zone %8s\n  per-node stats", "Normal");
	counters(o, w, &s, true, node_counters, COUNT(node_counters));
	zone_pages(o, s.free / FLAT_PAGE_SIZE, s.total / FLAT_PAGE_SIZE);
	counters(o, w, &s, true, zone_counters, COUNT(zone_counters));
	out(o, "\n  pagesets\n    cpu: 0\n              count: 0\n              high:  0\n              batch: 1");
	out(o, "\n  node_unreclaimable:  0\n  start_pfn:           %u\n", FLAT_RAM_BASE / FLAT_PAGE_SIZE);
	out(o, "Node 0, zone %8s", "Movable");
	zone_pages(o, 0, 0);
	out(o, "\n");
	return 0;
}
