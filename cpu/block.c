/* SPDX-License-Identifier: MIT
 *
 * The block cache: translated blocks by pc and by page.
 */
#include "cpu/engine.h"
#include "cpu/hart_private.h"
#include "cpu/interp.h"

#include <string.h>
#include <sys/mman.h>

/* Of the host; where they are larger madvise() below fails. */
#define PAGE ((size_t)4096)
#define MOST_BACKED ((size_t)256 << 10)

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
	return e->block_count == MAX_BLOCKS || MAX_RECORDS - e->rec_count < BLOCK_RECORDS ||
	       MAX_CODE - e->code_count < 2 * BLOCK_MAX || MAX_PAGE_REFS - e->ref_count < 2;
}

void engine_init(struct hart_engine *e)
{
	e->recs[NO_RECORD].pc = 1;
	e->rec_count = NO_RECORD + 1;
	e->unresolved[0].fn = op_link;
}

void engine_forget_all(struct hart_engine *e)
{
	memset(e->jumps, 0, sizeof(e->jumps));
	memset(e->block_hash, 0, sizeof(e->block_hash));
	memset(e->page_hash, 0, sizeof(e->page_hash));
	memset(e->has_code, 0, sizeof(e->has_code));
	e->rec_count = NO_RECORD + 1;
	e->code_count = e->block_count = e->ref_count = 0;
	e->stats.blocks_flushes++;
}

void engine_make_stale(struct hart_engine *e, struct block *b)
{
	uint32_t *j = engine_jump_slot(e, b->pc);

	if (b->stale || b == &e->temp_block)
		return;
	b->stale = true;
	e->recs[b->rec].fn = op_away;
	e->recs[b->rec].count = 0;
	if (*j == b->rec)
		*j = NO_RECORD;
	/* Out of its hash chain, so that lookups do not grow longer. */
	for (uint32_t *p = &e->block_hash[hash_pc(b->pc)]; *p; p = &e->blocks[*p - 1].next) {
		if (&e->blocks[*p - 1] == b) {
			*p = b->next;
			break;
		}
	}
	e->stats.blocks_stale++;
}

static bool has_code_in(const struct block *b, uint32_t addr, uint32_t len)
{
	/* Overlap of the block and [addr, addr+len), both allowed to end at 4 GiB. */
	return b->pc - addr < len || addr - b->pc < 2u * b->halves;
}

/* Makes the blocks stale that have code of this page in [addr, addr+len). */
static void forget_in_page(struct hart_engine *e, uint32_t page, uint32_t addr, uint32_t len)
{
	uint32_t *p = &e->page_hash[hash_page(page)];
	bool left = false;

	while (*p) {
		struct page_ref *ref = &e->refs[*p - 1];
		struct block *b = &e->blocks[ref->block];

		if (b->stale || (ref->page == page && has_code_in(b, addr, len))) {
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

struct source engine_source_of(struct hart_engine *e, const struct rec *ip)
{
	const struct block *b = engine_block_of(e, ip);
	const uint16_t *code = b == &e->temp_block ? e->temp_code : &e->code[b->code];
	struct source s = { .pc = b->pc };

	for (unsigned n = 1; n < ip->n; n++) {
		unsigned halves = insn_is_wide(*code) ? 2 : 1;

		code += halves;
		s.pc += 2 * halves;
	}
	s.bits = insn_is_wide(*code) ? code[0] | (uint32_t)code[1] << 16 : code[0];
	return s;
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
	if (head->fn == op_away)
		return 8 * e->hot;
	return e->hot > (uint32_t)head->count + 1 ? e->hot - 1 - (uint32_t)head->count : 1;
}

void engine_set_count(struct hart_engine *e, uint32_t pc, uint32_t executions)
{
	struct block *b = lookup(e, pc);

	if (b) {
		e->recs[b->rec].fn = op_count;
		e->recs[b->rec].count = (int32_t)(executions - 1);
	}
}

void engine_set_translated(struct hart_engine *e, uint32_t pc)
{
	struct block *b = lookup(e, pc);

	if (b) {
		e->recs[b->rec].fn = op_away;
		e->recs[b->rec].count = 0;
	}
}

static void add_page_ref(struct hart_engine *e, uint32_t page, uint32_t block)
{
	uint32_t *head = &e->page_hash[hash_page(page)];

	e->refs[e->ref_count] = (struct page_ref){ page, block, *head };
	*head = ++e->ref_count;
	e->has_code[page / 64] |= UINT64_C(1) << page % 64;
}

static void add_page_refs(struct hart_engine *e, uint32_t block)
{
	const struct block *b = &e->blocks[block];
	uint32_t first = b->pc >> 12, last = (b->pc + 2u * b->halves - 1) >> 12;

	add_page_ref(e, first, block);
	if (last != first)
		add_page_ref(e, last, block);
}

/*
 * The host gives memory a page at a time, at a fault for each.  Where much of an array is in use more is asked for at once: an
 * eighth of that, which may turn out not to be needed.  Of no array it reaches beyond the end of the engine.
 */
static void back(char **backed, const void *array, size_t used)
{
	char *end = (char *)array + used;
	size_t more = used / 8 & ~(PAGE - 1);

	if (end <= *backed || more < 2 * PAGE)
		return;
	if (more > MOST_BACKED)
		more = MOST_BACKED;
	end = (char *)(((uintptr_t)end + PAGE - 1) & ~(uintptr_t)(PAGE - 1));
#ifdef MADV_POPULATE_WRITE
	/* If it fails there are the faults. */
	madvise(end, more, MADV_POPULATE_WRITE);
#endif
	*backed = end + more;
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
	t.code = e->code + e->code_count;
	back(&e->recs_backed, e->recs, (e->rec_count + BLOCK_MAX) * sizeof(*e->recs));
	back(&e->code_backed, e->code, (e->code_count + BLOCK_MAX) * sizeof(*e->code));
	if (!translate(h, pc, BLOCK_MAX, &t))
		return NULL;
	b = &e->blocks[e->block_count];
	*b = (struct block){
		.pc = pc, .rec = e->rec_count, .code = e->code_count, .count = (uint8_t)t.count,
		.halves = (uint8_t)t.halves, .next = *head,
	};
	e->rec_count += t.rec_count;
	e->code_count += t.halves;
	*head = ++e->block_count;
	add_page_refs(e, e->block_count - 1);
	code_pages_note(h, pc, 2 * t.halves);
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
	uint32_t *j = engine_jump_slot(e, pc);
	struct block *b;

	if (e->recs[*j].pc == pc)
		return &e->recs[*j];
	b = lookup(e, pc);
	/* Not the first time: much is executed once. */
	if (!b)
		return engine_find(h, pc);
	*j = b->rec;
	return &e->recs[b->rec];
}

struct rec *engine_find_cut(struct hart *h, uint32_t pc, uint32_t max)
{
	struct hart_engine *e = h->engine;
	struct block *b = lookup(e, pc);
	struct translation t = { .recs = e->temp_recs, .code = e->temp_code };

	if (b && b->count <= max)
		return &e->recs[b->rec];
	if (!translate(h, pc, max, &t))
		return NULL;
	e->temp_block = (struct block){ .pc = pc, .count = (uint8_t)t.count };
	return e->temp_recs;
}

struct rec *engine_find_passing(struct hart *h, uint32_t pc, enum hart_pass pass)
{
	struct hart_engine *e = h->engine;
	struct translation t = { .recs = e->temp_recs, .code = e->temp_code, .pass = pass };

	if (!translate(h, pc, 1, &t))
		return NULL;
	e->temp_block = (struct block){ .pc = pc, .count = (uint8_t)t.count };
	return e->temp_recs;
}
