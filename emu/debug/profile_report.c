/* SPDX-License-Identifier: MIT */
#include "emu/debug/profile_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/decode.h"
#include "cpu/disasm.h"
#include "emu/debug/symbols.h"
#include "emu/kernel/machine.h"
#include "mm/flat.h"

#define HOT_BLOCKS 12		/* shown with their instructions */
#define SHOWN_INSNS 12
#define HOT_FUNCTIONS 20

void profile_print_name(FILE *f, const struct symbols *symbols, uint32_t pc)
{
	uint32_t offset;
	const char *name = symbols_find(symbols, pc, &offset);

	if (name && offset)
		fprintf(f, "%s+0x%" PRIx32, name, offset);
	else if (name)
		fprintf(f, "%s", name);
	else
		fprintf(f, "0x%08" PRIx32, pc);
}

double profile_percent(uint64_t n, uint64_t total)
{
	return total ? 100.0 * (double)n / (double)total : 0;
}

static int by_n(const void *a, const void *b)
{
	const struct profile_place *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return (x->pc > y->pc) - (x->pc < y->pc);
}

static int by_pc(const void *a, const void *b)
{
	const struct profile_place *x = a, *y = b;

	return (x->pc > y->pc) - (x->pc < y->pc);
}

/* The instruction at pc, as memory has it now.  False: there is none. */
static bool read_insn(const struct profile_report *r, uint32_t pc, struct insn *in)
{
	uint32_t bits = 0;

	if (flat_read(r->m->flat, &bits, pc, 4) && flat_read(r->m->flat, &bits, pc, 2))
		return false;
	insn_decode(in, bits);
	return true;
}

static bool ends_block(const struct insn *in)
{
	switch (in->op == OP_ILLEGAL ? FMT_NONE : insn_info[in->op].format) {
	case FMT_B: case FMT_J: case FMT_JALR: case FMT_NONE:
		return true;
	}
	return false;
}

/*
 * Of instructions, by pc, blocks: what follows each other in one function without a jump, and retired equally often.  The
 * list shrinks; returns how long it is then.
 */
static size_t make_blocks(const struct profile_report *r, struct profile_place *list)
{
	uint32_t next = 0, offset;
	uint64_t times = 0;
	size_t count = 0;

	for (size_t i = 0; i < r->count; i++) {
		struct profile_place p = r->places[i];
		struct insn in;

		if (!count || p.pc != next || p.n != times || (symbols_find(r->symbols, p.pc, &offset) && !offset))
			list[count++] = (struct profile_place){ p.pc, 0 };
		list[count - 1].n += p.n;
		times = p.n;
		next = !read_insn(r, p.pc, &in) || ends_block(&in) ? 0 : p.pc + in.len;
	}
	return count;
}

/* Of blocks, by pc, functions, in the same way. */
static size_t make_functions(const struct profile_report *r, const struct profile_place *blocks, size_t n,
			     struct profile_place *list)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t pc = blocks[i].pc, offset;
		uint32_t begin = symbols_find(r->symbols, pc, &offset) ? pc - offset : pc;

		if (!count || list[count - 1].pc != begin)
			list[count++] = (struct profile_place){ begin, 0 };
		list[count - 1].n += blocks[i].n;
	}
	return count;
}

static uint64_t times_of(const struct profile_report *r, uint32_t pc)
{
	struct profile_place key = { .pc = pc };
	const struct profile_place *p = bsearch(&key, r->places, r->count, sizeof key, by_pc);

	return p ? p->n : 0;
}

/* The instructions of a block, up to the one that ends it. */
static void print_instructions(FILE *f, const struct profile_report *r, uint32_t pc)
{
	uint64_t times = r->exact ? times_of(r, pc) : 0;
	char text[DISASM_MAX];
	struct insn in;

	for (int k = 0; k < SHOWN_INSNS; k++) {
		if (!read_insn(r, pc, &in) || (k && r->exact && times_of(r, pc) != times))
			return;
		disasm(text, sizeof text, pc, in.bits);
		if (r->exact)
			fprintf(f, "%20" PRIu64 "    %08" PRIx32 ":  %s\n", times, pc, text);
		else
			fprintf(f, "            %08" PRIx32 ":  %s\n", pc, text);
		pc += in.len;
		if (ends_block(&in))
			return;
	}
	fprintf(f, "            ...\n");
}

static void print_place(FILE *f, const struct profile_report *r, const struct profile_place *p)
{
	fprintf(f, "%6.2f%%  ", profile_percent(p->n, r->total));
	if (r->exact)
		fprintf(f, "%14" PRIu64 "  ", p->n);
	profile_print_name(f, r->symbols, p->pc);
	fputc('\n', f);
}

void profile_report(FILE *f, const struct profile_report *r)
{
	struct profile_place *blocks = calloc(2 * r->count + 1, sizeof *blocks), *functions = blocks + r->count;
	size_t block_count = r->count, function_count;

	if (!blocks)
		return;
	qsort(r->places, r->count, sizeof *r->places, by_pc);
	if (r->exact)
		block_count = make_blocks(r, blocks);
	else
		memcpy(blocks, r->places, r->count * sizeof *blocks);
	function_count = make_functions(r, blocks, block_count, functions);
	qsort(functions, function_count, sizeof *functions, by_n);
	for (size_t i = 0; i < function_count && i < HOT_FUNCTIONS; i++)
		print_place(f, r, &functions[i]);
	fprintf(f, "\n# the hottest blocks\n");
	qsort(blocks, block_count, sizeof *blocks, by_n);
	for (size_t i = 0; i < block_count && i < HOT_BLOCKS; i++) {
		print_place(f, r, &blocks[i]);
		print_instructions(f, r, blocks[i].pc);
	}
	free(blocks);
}
