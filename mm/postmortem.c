/* SPDX-License-Identifier: MIT */
#include "mm/postmortem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mm/postmortem_who.h"
#include "mm/request.h"
#include "mm/survey.h"

#define HOLDERS_SHOWN 6

static const char *const causes[][2] = {
	[CAUSE_LACK] = { "lack", "OUT OF MEMORY" },
	[CAUSE_FRAGMENTED] = { "fragmentation", "FRAGMENTATION" },
	[CAUSE_ROUNDING] = { "rounding", "ROUNDING" },
	[CAUSE_LIMIT] = { "limit", "BLOCK LIMIT" },
	[CAUSE_STRATEGY] = { "strategy", "STRATEGY" },
	[CAUSE_INJECTED] = { "injected", "ON PURPOSE" },
};

static uint32_t address(uint32_t frame)
{
	return frame * FLAT_PAGE_SIZE;
}

/* --- As the kernel prints it --- */

static void kernel_mapping_line(struct mm *mm, uint64_t len, const struct mm_caller *c)
{
	mm_log_at(mm, MM_LOG_ERR, "nommu: Allocation of length %llu from process %d (%s) failed",
		  (unsigned long long)len, c->pid, c->comm);
}

#define MODE_MAPPING "0xcc0(GFP_KERNEL)"
#define MODE_FILE "0x100cc2(GFP_HIGHUSER)"	/* mapping_gfp_mask() of ramfs */

/* Of what is larger than its largest block the kernel's page allocator says nothing. */
static void kernel_pages_line(struct mm *mm, uint32_t pages, const char *mode, const struct mm_caller *c)
{
	if (page_order(pages) <= mm->pages.max_order)
		mm_log(mm, "%s: page allocation failure: order:%u, mode:%s, nodemask=(null)", c->comm, page_order(pages),
		       mode);
}

/* mm/show_mem.c: its head, and of its body the lines that mean something here. */
static void kernel_mem_info(struct mm *mm)
{
	unsigned orders = mm->pages.max_order + 1;
	struct mm_stats st;
	char line[480];
	int n = 0;

	mm_get_stats(mm, &st);
	mm_log(mm, "Mem-Info:");
	for (unsigned o = 0; o < orders && n < (int)sizeof(line); o++)
		n += snprintf(line + n, sizeof(line) - (size_t)n, "%u*%lukB %s", st.free_blocks[o], 4ul << o,
			      st.free_blocks[o] ? "(M) " : "");
	mm_log_at(mm, MM_LOG_INFO, "Normal: %s= %llukB", line, (unsigned long long)st.free / 1024);
	mm_log_at(mm, MM_LOG_INFO, "%llu total pagecache pages", (unsigned long long)st.shmem / FLAT_PAGE_SIZE);
	mm_log_at(mm, MM_LOG_INFO, "%llu pages RAM", (unsigned long long)st.total / FLAT_PAGE_SIZE);
	mm_log_at(mm, MM_LOG_INFO, "0 pages HighMem/MovableOnly");
	mm_log_at(mm, MM_LOG_INFO, "0 pages reserved");
}

/* --- The post-mortem's parts --- */

static void say_request(struct mm *mm, const struct survey *v, uint64_t len, const struct mm_caller *c)
{
	char asked[SIZE_TEXT], block[SIZE_TEXT];

	mm_log(mm, "post-mortem: %s%s by pid %d (%s)%s%s", c->call[0] ? c->call : "a request", c->call[0] ? "()" : "", c->pid, c->comm,
	       c->where[0] ? " at " : "", c->where);
	size_text(asked, v->pages);
	size_text(block, v->block);
	if (!mm->pages.ops->rounds)
		mm_log(mm, "  asked    %llu bytes: %u page%s (%s) in one run", (unsigned long long)len, v->pages,
		       v->pages == 1 ? "" : "s", asked);
	else if (v->block == v->pages)
		mm_log(mm, "  asked    %llu bytes: %u page%s, a block of order %u (%s)", (unsigned long long)len, v->pages,
		       v->pages == 1 ? "" : "s", v->order, block);
	else
		mm_log(mm, "  asked    %llu bytes: %u pages (%s), rounded up to a block of order %u: %u pages (%s)",
		       (unsigned long long)len, v->pages, asked, v->order, v->block, block);
}

static void say_free(struct mm *mm, const struct survey *v)
{
	char free[SIZE_TEXT], all[SIZE_TEXT], run[SIZE_TEXT], block[SIZE_TEXT + 32] = "";

	if (v->free == 0) {
		mm_log(mm, "  free     nothing of %s", (size_text(all, mm->pages.count), all));
		return;
	}
	size_text(free, v->free);
	size_text(all, mm->pages.count);
	size_text(run, v->largest_run);
	if (mm->pages.ops->rounds) {
		char largest[SIZE_TEXT];

		size_text(largest, v->stats.largest);
		snprintf(block, sizeof(block), ", largest block %s (order %u)", largest, page_order(v->stats.largest));
	}
	mm_log(mm, "  free     %s of %s, in %u run%s; largest run %s at 0x%08x%s", free, all, v->runs,
	       v->runs == 1 ? "" : "s", run, address(v->largest_run_at), block);
}

static void say_verdict(struct mm *mm, const struct survey *v)
{
	char asked[SIZE_TEXT], short_of[SIZE_TEXT], run[SIZE_TEXT], block[SIZE_TEXT], most[SIZE_TEXT];
	const char *what = causes[v->cause][1];

	size_text(asked, v->pages);
	size_text(run, v->largest_run);
	size_text(block, v->block);
	size_text(most, 1u << mm->pages.max_order);
	switch (v->cause) {
	case CAUSE_LACK:
		size_text(short_of, v->pages - v->free);
		mm_log(mm, "  verdict  %s: %s more than is free in all", what, short_of);
		return;
	case CAUSE_FRAGMENTED:
		mm_log(mm, "  verdict  %s: enough is free, but in pieces (fragmentation index %s%d.%03d)", what,
		       v->index < 0 ? "-" : "", abs(v->index) / 1000, abs(v->index) % 1000);
		return;
	case CAUSE_ROUNDING:
		mm_log(mm, "  verdict  %s: the run of %s is long enough for %s, but no whole block of %s lies in it", what,
		       run, asked, block);
		return;
	case CAUSE_LIMIT:
		mm_log(mm, "  verdict  %s: the largest block allowed is of order %u (%s)", what, mm->pages.max_order, most);
		return;
	case CAUSE_STRATEGY:
		mm_log(mm, "  verdict  %s: the run of %s at 0x%08x would do, but %s does not find it", what, run,
		       address(v->window), mm->pages.ops->name);
		return;
	case CAUSE_INJECTED:
		mm_log(mm, "  verdict  %s: it was made to fail, for a test", what);
		return;
	}
}

/* The whole of RAM in one line, below it the window. */
static void say_map(struct mm *mm, const struct survey *v)
{
	const struct pages *p = &mm->pages;
	char cell[SIZE_TEXT], map[SURVEY_CELLS + 1], mark[SURVEY_CELLS + 1];
	unsigned marked = 0;

	for (unsigned i = 0; i < v->cells; i++) {
		uint32_t at = i * v->cell_pages;
		uint32_t here = p->count - at < v->cell_pages ? p->count - at : v->cell_pages;
		uint32_t lo = p->base + at;

		map[i] = v->cell_free[i] == 0 ? '#' : v->cell_free[i] == here ? '.' : '+';
		mark[i] = ' ';
		if (v->has_window && lo < v->window + v->block && v->window < lo + here) {
			mark[i] = '^';
			marked = i + 1;
		}
	}
	map[v->cells] = mark[marked] = '\0';
	size_text(cell, v->cell_pages);
	mm_log(mm, "  map      %s each: # in use, + partly, . free%s", cell, marked ? "; ^ the nearest place" : "");
	mm_log(mm, "           %08x |%s| %08x", address(p->base), map, address(p->base + p->count - 1) + 0xfff);
	if (marked)
		mm_log(mm, "           %8s  %s", "", mark);
}

static void say_holders(struct mm *mm, const struct survey *v)
{
	char size[SIZE_TEXT], used[SIZE_TEXT], who[WHO_TEXT];
	uint32_t rest = v->other_pages, count = v->other_holders;

	if (!v->has_window || v->window_used == 0)
		return;
	size_text(size, v->block);
	size_text(used, v->window_used);
	mm_log(mm, "  nearest  %s at 0x%08x, of which %s are in use:", size, address(v->window), used);
	for (unsigned i = 0; i < v->nr_holders; i++) {
		const struct survey_holder *h = &v->holders[i];

		if (i >= HOLDERS_SHOWN) {
			rest += h->pages;
			count++;
			continue;
		}
		size_text(size, h->pages);
		holder_text(who, h);
		mm_log(mm, "           %08x-%08x %8s  %s", address(h->first), address(h->first) + h->pages * FLAT_PAGE_SIZE,
		       size, who);
	}
	if (count)
		mm_log(mm, "           and %u more: %s", count, (size_text(size, rest), size));
	if (v->window_files)
		mm_log(mm, "           %17s %8s  no mapping's: files in memory (ramfs, tmpfs), the RAM disk", "",
		       (size_text(size, v->window_files), size));
}

/* --- What would have made it fit --- */

/* Each says whether it had anything to say. */
static bool say_strategies(struct mm *mm, const struct survey *v)
{
	bool other = (mm->pages.ops->rounds && !(v->limited && mm->config.compat_linux)) || v->cause == CAUSE_STRATEGY;
	bool larger = v->limited && v->has_window && v->window_used == 0;
	char run[SIZE_TEXT];

	if (v->largest_run < v->pages)
		return false;
	size_text(run, v->largest_run);
	if (other)
		mm_log(mm, "           - a strategy that does not round (--alloc first-fit): the free run of %s at 0x%08x", run,
		       address(v->largest_run_at));
	if (larger)
		mm_log(mm, "           - a larger limit (--max-order %u): all of 0x%08x-0x%08x is free", v->order,
		       address(v->window), address(v->window + v->block - 1) + 0xfff);
	return other || larger;
}

static bool say_window(struct mm *mm, const struct survey *v)
{
	char size[SIZE_TEXT], who[WHO_TEXT];

	if (!v->has_window || v->window_used == 0)
		return false;
	if (v->has_slack_window) {
		size_text(size, v->slack);
		mm_log(mm, "           - vm.nr_trim_pages=1 (%s) from the start: only slack is in the way at 0x%08x (it is %u "
		       "now; slack in all %s, behind %u mapping%s)", mm->pages.ops->keeps ? "and --alloc buddy" : "--trim 1",
		       address(v->slack_window), mm->config.nr_trim_pages, size, v->slack_regions,
		       v->slack_regions == 1 ? "" : "s");
	}
	size_text(size, v->window_used);
	users_text(who, v);
	mm_log(mm, "           - %u page%s (%s) at 0x%08x given back by %s", v->window_used,
	       v->window_used == 1 ? "" : "s", size, address(v->window), who);
	return true;
}

static bool say_ram(struct mm *mm, const struct survey *v)
{
	uint32_t kib = v->ram_needed * (FLAT_PAGE_SIZE / 1024);

	if (v->ram_needed <= mm->pages.count)
		return false;
	mm_log(mm, "           - more RAM (-m %u%c): as things lie now, the block behind all that is in use",
	       kib % 1024 ? kib : kib / 1024, kib % 1024 ? 'K' : 'M');
	return true;
}

static void say_fit(struct mm *mm, const struct survey *v)
{
	char most[SIZE_TEXT];
	bool said;

	if (v->cause == CAUSE_INJECTED)
		return;
	mm_log(mm, "  would have fitted with");
	said = say_strategies(mm, v);
	size_text(most, 1u << mm->pages.max_order);
	if (v->limited) {
		if (!said)
			mm_log(mm, "           - smaller requests: no block may be larger than %s", most);
		return;
	}
	said |= say_window(mm, v);
	said |= say_ram(mm, v);
	if (!said)
		mm_log(mm, "           - nothing: there is no RAM of that size");
}

static void say_keys(struct mm *mm, const struct survey *v, uint64_t len, const struct mm_caller *c)
{
	mm_log_at(mm, MM_LOG_INFO,
		  "post-mortem: cause=%s call=%s pid=%d pc=0x%08x strategy=%s bytes=%llu pages=%u block=%u order=%u "
		  "total=%u free=%u runs=%u largest_run=%u largest_block=%u index=%d trim=%u slack=%u "
		  "window=0x%08x window_used=%u window_slack=%u comm=%s", causes[v->cause][0], c->call[0] ? c->call : "-", c->pid,
		  c->pc, mm->pages.ops->name, (unsigned long long)len, v->pages, v->block, v->order,
		  mm->pages.count, v->free, v->runs, v->largest_run, v->stats.largest, v->index, mm->config.nr_trim_pages,
		  v->slack, v->has_window ? address(v->window) : 0, v->window_used, v->window_slack, c->comm);
}

/* lib/ratelimit.c, by the guest's clock. */
static bool limited(struct mm *mm)
{
	int64_t now;

	if (!mm->config.now)
		return false;
	now = mm->config.now(mm->config.owner);
	if (!mm->postmortems.shown || now < mm->postmortems.since ||
	    now - mm->postmortems.since >= POSTMORTEM_SECONDS) {
		if (mm->postmortems.missed)
			mm_log(mm, "post-mortem: %u more were not shown", mm->postmortems.missed);
		mm->postmortems.since = now;
		mm->postmortems.shown = mm->postmortems.missed = 0;
	}
	if (mm->postmortems.shown >= POSTMORTEM_BURST) {
		mm->postmortems.missed++;
		return true;
	}
	mm->postmortems.shown++;
	return false;
}

static void report(struct mm *mm, uint64_t len, uint32_t pages, const struct mm_caller *c)
{
	struct survey *v = malloc(sizeof(*v));

	if (!v || survey_take(v, mm, pages)) {
		mm_log(mm, "post-mortem: no host memory for more");
		free(v);
		return;
	}
	say_request(mm, v, len, c);
	say_free(mm, v);
	say_verdict(mm, v);
	say_map(mm, v);
	say_holders(mm, v);
	say_fit(mm, v);
	say_keys(mm, v, len, c);
	free(v);
}

static void ask_caller(struct mm *mm, struct mm_caller *c)
{
	memset(c, 0, sizeof(*c));
	if (mm->config.caller)
		mm->config.caller(mm->config.owner, c);
}

void postmortem_mapping(struct mm_space *s, uint64_t len)
{
	struct mm_caller c;
	bool quiet;

	if (!s->mm->config.log)
		return;
	ask_caller(s->mm, &c);
	if (!c.pid) {
		c.pid = s->pid;
		memcpy(c.comm, s->comm, sizeof(c.comm));
	}
	quiet = limited(s->mm);
	if (!quiet)
		kernel_pages_line(s->mm, (uint32_t)(len / FLAT_PAGE_SIZE), MODE_MAPPING, &c);
	kernel_mapping_line(s->mm, len, &c);
	if (quiet)
		return;
	kernel_mem_info(s->mm);
	report(s->mm, len, (uint32_t)(len / FLAT_PAGE_SIZE), &c);
}

void postmortem_pages(struct mm *mm, uint32_t pages)
{
	struct mm_caller c;

	if (!mm->config.log || limited(mm))
		return;
	ask_caller(mm, &c);
	if (!c.comm[0])
		strcpy(c.comm, "swapper");
	kernel_pages_line(mm, pages, MODE_FILE, &c);
	kernel_mem_info(mm);
	report(mm, (uint64_t)pages * FLAT_PAGE_SIZE, pages, &c);
}
