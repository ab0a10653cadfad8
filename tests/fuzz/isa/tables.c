/* SPDX-License-Identifier: MIT
 *
 * Jump tables: addresses in memory, and jumps computed into a row of jumps.
 */
#include "tests/fuzz/isa/gen.h"

/* The label of a table of these labels, which gen_tables() will place; there must be one left. */
int gen_table(struct gen *g, const int *words, unsigned count)
{
	struct table *t = &g->tables[g->table_count++];

	t->label = gen_label(g);
	t->count = (uint8_t)count;
	for (unsigned k = 0; k < count; k++) {
		t->words[k] = words[k];
		t->addend[k] = rng_chance(&g->r, 15);
	}
	return t->label;
}

void gen_tables(struct gen *g)
{
	for (unsigned k = 0; k < g->table_count; k++) {
		struct table *t = &g->tables[k];

		gen_place_label(g, t->label);
		for (unsigned i = 0; i < t->count; i++) {
			/* All ones: wide, so that it is four bytes. */
			struct fuzz_insn *fi = gen_part(g, 0xffffffff);

			fi->bits = 0;
			fi->fixed = true;
			fi->addend = t->addend[i];
			gen_refer(fi, REF_WORD, t->words[i]);
		}
	}
}

/* The places that are jumped to, each with something in it; then all go on together. */
static void cases(struct gen *g, const int *labels, unsigned count, int size)
{
	int join = gen_label(g);

	for (unsigned k = 0; k < count; k++) {
		gen_place_label(g, labels[k]);
		gen_body(g, 1 + (int)rng_below(&g->r, (uint32_t)(size > 20 ? 20 : size) / 4 + 1));
		/* Or falls through. */
		if (rng_chance(&g->r, 80))
			gen_jump(g, 0, join);
	}
	gen_place_label(g, join);
}

/* i = a number below count */
static void index_below(struct gen *g, uint32_t i, unsigned count)
{
	uint32_t from = rng_chance(&g->r, 70) ? g->count[rng_below(&g->r, 2)] : gen_rs(g);

	gen_add(g, enc_i(OP_ANDI, i, from, (int32_t)count - 1))->fixed = true;
}

void gen_switch(struct gen *g, int size)
{
	unsigned count = 2u << rng_below(&g->r, 2);
	int labels[4], table;
	uint32_t i = gen_rd(g), p = gen_rd_not(g, i, 0);
	struct fuzz_insn *fi;

	if (g->table_count == MAX_TABLES)
		return;
	for (unsigned k = 0; k < count; k++)
		labels[k] = gen_label(g);
	table = gen_table(g, labels, count);
	index_below(g, i, count);
	if (rng_chance(&g->r, 40)) {
		gen_address(g, p, table, true);
		gen_part(g, enc_r(OP_SH2ADD, p, i, p))->fixed = true;
		fi = gen_part(g, enc_i(OP_LW, p, p, 0));
	} else {
		gen_part(g, enc_i(OP_SLLI, i, i, 2))->fixed = true;
		fi = gen_part(g, enc_u(OP_AUIPC, p, 0));
		fi->fixed = true;
		gen_refer(fi, REF_HI, table);
		gen_part(g, enc_r(OP_ADD, p, p, i))->fixed = true;
		fi = gen_part(g, enc_i(OP_LW, p, p, 0));
		fi->back = 2;
		gen_refer(fi, REF_LO, table);
	}
	fi->fixed = true;
	fi = gen_part(g, enc_i(OP_JALR, rng_chance(&g->r, 85) ? 0 : gen_rd(g), p, 0));
	fi->fixed = true;
	cases(g, labels, count, size);
}

/* auipc, an index times 8, jalr into a row of jumps that are 8 bytes apart. */
void gen_computed_goto(struct gen *g, int size)
{
	unsigned count = 2u << rng_below(&g->r, 2);
	int labels[4];
	uint32_t i = gen_rd(g), p = gen_rd_not(g, i, 0);

	index_below(g, i, count);
	gen_part(g, enc_i(OP_SLLI, i, i, 3))->fixed = true;
	gen_part(g, enc_u(OP_AUIPC, p, 0))->fixed = true;
	gen_part(g, enc_r(OP_ADD, p, p, i))->fixed = true;
	gen_part(g, enc_i(OP_JALR, 0, p, 12 + (int32_t)rng_below(&g->r, 2)))->fixed = true;
	for (unsigned k = 0; k < count; k++) {
		struct fuzz_insn *fi;

		labels[k] = gen_label(g);
		fi = gen_part(g, enc_u(OP_JAL, 0, 0));
		fi->fixed = true;
		gen_refer(fi, REF_JUMP, labels[k]);
		gen_part(g, enc_i(OP_ADDI, 0, 0, 0))->fixed = true;
	}
	cases(g, labels, count, size);
}
