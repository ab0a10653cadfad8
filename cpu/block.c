/* SPDX-License-Identifier: MIT
 *
 * The block cache: translated blocks by pc and by page.
 */
#include "cpu/engine.h"
#include "cpu/hart_private.h"
#include "cpu/interp.h"

#include <string.h>

/* Code that lies together has its entries together; what lies 2 * BLOCK_HASH bytes further has them in another order. */
static uint32_t hash_pc(uint32_t pc)
{
	return (pc >> 1 ^ pc >> 15) & (BLOCK_HASH - 1);
}

static uint32_t hash_page(uint32_t page)
{
	return page & (PAGE_HASH - 1);
}

bool engine_full(const struct hart_engine *e)
{
	/* A block may touch a page per instruction at most. */
	return e->block_count == MAX_BLOCKS || MAX_RECORDS - e->rec_count < BLOCK_RECORDS ||
	       MAX_SOURCES - e->source_count < BLOCK_MAX || MAX_PAGE_REFS - e->ref_count < 2 * BLOCK_MAX;
}

void engine_forget_all(struct hart_engine *e)
{
	memset(e->jumps, 0, sizeof(e->jumps));
	memset(e->block_hash, 0, sizeof(e->block_hash));
	memset(e->page_hash, 0, sizeof(e->page_hash));
	memset(e->has_code, 0, sizeof(e->has_code));
	e->rec_count = e->source_count = e->block_count = e->ref_count = 0;
	e->stats.blocks_flushes++;
}

void engine_make_stale(struct hart_engine *e, struct block *b)
{
	struct jump *j = engine_jump_slot(e, b->pc);

	if (b->stale || b == &e->temp_block)
		return;
	b->stale = true;
	e->recs[b->rec].fn = op_stale;
	if (j->tag == (b->pc | 1))
		j->tag = 0;
	/* Out of its hash chain, so that lookups do not grow longer. */
	for (uint32_t *p = &e->block_hash[hash_pc(b->pc)]; *p; p = &e->blocks[*p - 1].next) {
		if (&e->blocks[*p - 1] == b) {
			*p = b->next;
			break;
		}
	}
	e->stats.blocks_stale++;
}

static bool source_in(const struct source *s, uint32_t addr, uint32_t len)
{
	uint32_t size = insn_is_wide((uint16_t)s->bits) ? 4 : 2;

	/* Overlap of [pc, pc+size) and [addr, addr+len), both allowed to end at 4 GiB. */
	return s->pc - addr < len || addr - s->pc < size;
}

/* Makes the blocks stale that have code of this page in [addr, addr+len). */
static void forget_in_page(struct hart_engine *e, uint32_t page, uint32_t addr, uint32_t len)
{
	uint32_t *p = &e->page_hash[hash_page(page)];
	bool left = false;

	while (*p) {
		struct page_ref *ref = &e->refs[*p - 1];
		struct block *b = &e->blocks[ref->block];
		bool hit = b->stale;

		for (uint32_t k = 0; ref->page == page && !hit && k < b->count; k++)
			hit = source_in(&e->sources[b->source + k], addr, len);
		if (hit) {
			engine_make_stale(e, b);
			*p = ref->next;
		} else {
			left |= ref->page == page;
			p = &ref->next;
		}
	}
	if (!left)
		e->has_code[page / 64] &= ~(UINT64_C(1) << page % 64);
}

void engine_forget(struct hart_engine *e, uint32_t addr, uint32_t len)
{
	uint64_t page = addr >> 12, last = ((uint64_t)addr + len - 1) >> 12, bits;

	if (last > 0xfffff)
		last = 0xfffff;
	/* An instruction may reach over from the page before. */
	page -= page > 0;
	/* Most pages have never been run: memory that goes is passed over 64 at a time. */
	for (; page <= last; page++) {
		bits = e->has_code[page / 64] >> page % 64;
		if (!bits) {
			page |= 63;
			continue;
		}
		page += (unsigned)__builtin_ctzll(bits);
		if (page <= last)
			forget_in_page(e, (uint32_t)page, addr, len);
	}
}

struct block *engine_block_of(struct hart_engine *e, const struct rec *ip)
{
	uint32_t lo = 0, hi = e->block_count, index;

	if (ip >= e->temp_recs && ip < e->temp_recs + BLOCK_RECORDS)
		return &e->temp_block;
	/* Blocks lie in the order they were made: the last one that starts at or before ip. */
	index = (uint32_t)(ip - e->recs);
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (e->blocks[mid].rec <= index)
			lo = mid;
		else
			hi = mid;
	}
	return &e->blocks[lo];
}

struct source *engine_source_of(struct hart_engine *e, const struct rec *ip)
{
	struct block *b = engine_block_of(e, ip);
	struct source *sources = b == &e->temp_block ? e->temp_sources : &e->sources[b->source];

	return &sources[ip->n - 1];
}

static struct block *lookup(struct hart_engine *e, uint32_t pc)
{
	for (uint32_t i = e->block_hash[hash_pc(pc)]; i; i = e->blocks[i - 1].next) {
		if (e->blocks[i - 1].pc == pc)
			return &e->blocks[i - 1];
	}
	return NULL;
}

uint32_t engine_executions(struct hart_engine *e, uint32_t pc)
{
	struct block *b = lookup(e, pc);
	struct rec *head = b ? &e->recs[b->rec] : NULL;

	if (!head)
		return 0;
	/* Translated code is not counted; what was hot first runs more often than what is now. */
	if (head->fn == op_translated)
		return 8 * e->hot;
	if (head->fn != op_count)
		return e->hot;
	return e->hot > (uint32_t)head->imm ? e->hot - (uint32_t)head->imm : 1;
}

void engine_set_count(struct hart_engine *e, uint32_t pc, uint32_t executions)
{
	struct block *b = lookup(e, pc);

	if (b) {
		e->recs[b->rec].fn = op_count;
		e->recs[b->rec].imm = (int32_t)executions;
	}
}

void engine_set_translated(struct hart_engine *e, uint32_t pc)
{
	struct block *b = lookup(e, pc);

	if (b) {
		e->recs[b->rec].fn = op_translated;
		e->recs[b->rec].imm = (int32_t)pc;
	}
}

static void add_page_refs(struct hart_engine *e, uint32_t block)
{
	const struct block *b = &e->blocks[block];
	const struct source *s = &e->sources[b->source];
	uint32_t before = UINT32_MAX;

	/* A page left and come back to gets a second entry, which does no harm. */
	for (uint32_t k = 0; k < b->count; k++) {
		uint32_t page = s[k].pc >> 12;
		uint32_t *head = &e->page_hash[hash_page(page)];

		if (page == before)
			continue;
		before = page;
		e->refs[e->ref_count] = (struct page_ref){ page, block, *head };
		*head = ++e->ref_count;
		e->has_code[page / 64] |= UINT64_C(1) << page % 64;
	}
}

static struct block *make_block(struct hart *h, uint32_t pc)
{
	struct hart_engine *e = h->engine;
	struct translation t = { 0 };
	struct block *b;
	uint32_t *head = &e->block_hash[hash_pc(pc)];

	if (engine_full(e))
		engine_forget_all(e);
	t.recs = e->recs + e->rec_count;
	t.sources = e->sources + e->source_count;
	if (!translate(h, pc, BLOCK_MAX, &t))
		return NULL;
	b = &e->blocks[e->block_count];
	*b = (struct block){
		.pc = pc, .rec = e->rec_count, .source = e->source_count, .count = (uint16_t)t.count,
		.next = *head,
	};
	e->rec_count += t.rec_count;
	e->source_count += t.count;
	*head = ++e->block_count;
	add_page_refs(e, e->block_count - 1);
	code_pages_note(h, pc, t.sources[t.count - 1].pc + 4 - pc);
	e->stats.blocks++;
	return b;
}

struct rec *engine_find(struct hart *h, uint32_t pc)
{
	struct hart_engine *e = h->engine;
	struct block *b = lookup(e, pc);

	if (!b)
		b = make_block(h, pc);
	return b ? &e->recs[b->rec] : NULL;
}

struct rec *engine_find_target(struct hart *h, uint32_t pc)
{
	struct hart_engine *e = h->engine;
	struct jump *j = engine_jump_slot(e, pc);
	struct block *b;

	if (j->tag == (pc | 1))
		return j->rec;
	b = lookup(e, pc);
	/* Not the first time: much is executed once. */
	if (!b)
		return engine_find(h, pc);
	*j = (struct jump){ pc | 1, &e->recs[b->rec] };
	return j->rec;
}

struct rec *engine_find_cut(struct hart *h, uint32_t pc, uint32_t max)
{
	struct hart_engine *e = h->engine;
	struct block *b = lookup(e, pc);
	struct translation t = { .recs = e->temp_recs, .sources = e->temp_sources };

	if (b && b->count <= max)
		return &e->recs[b->rec];
	if (!translate(h, pc, max, &t))
		return NULL;
	e->temp_block = (struct block){ .pc = pc, .count = (uint16_t)t.count };
	return e->temp_recs;
}

struct rec *engine_find_passing(struct hart *h, uint32_t pc, enum hart_pass pass)
{
	struct hart_engine *e = h->engine;
	struct translation t = { .recs = e->temp_recs, .sources = e->temp_sources, .pass = pass };

	if (!translate(h, pc, 1, &t))
		return NULL;
	e->temp_block = (struct block){ .pc = pc, .count = (uint16_t)t.count };
	return e->temp_recs;
}
