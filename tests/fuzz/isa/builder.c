/* SPDX-License-Identifier: MIT
 *
 * Instructions, labels and scopes.
 *
 * A scope is a construct (a loop, a function) that must be entered where it begins; jumps
 * ahead may leave scopes, but not enter them.  Labels far ahead are soft: where they come to
 * lie in a place that may not be jumped to, they move on.
 */
#include "tests/fuzz/isa/gen.h"

struct fuzz_insn *gen_add(struct gen *g, uint32_t bits)
{
	struct fuzz_insn *fi = &g->c->insns[g->c->count++];

	*fi = (struct fuzz_insn){
		.bits = bits, .len = insn_is_wide((uint16_t)bits) ? 4 : 2, .target = -1, .scope = g->scope,
	};
	return fi;
}

struct fuzz_insn *gen_part(struct gen *g, uint32_t bits)
{
	struct fuzz_insn *fi = gen_add(g, bits);

	fi->part = true;
	return fi;
}

int gen_room(const struct gen *g)
{
	/* Functions, tables and constructs that are open need some to end with. */
	return MAX_INSNS - 260 - (int)g->c->count;
}

uint32_t enc_r(int op, uint32_t rd, uint32_t rs1, uint32_t rs2)
{
	return insn_info[op].match | rd << 7 | rs1 << 15 | rs2 << 20;
}

uint32_t enc_i(int op, uint32_t rd, uint32_t rs1, int32_t imm)
{
	return insn_info[op].match | rd << 7 | rs1 << 15 | (uint32_t)imm << 20;
}

uint32_t enc_s(int op, uint32_t rs2, uint32_t rs1, int32_t imm)
{
	uint32_t i = (uint32_t)imm;

	return insn_info[op].match | rs1 << 15 | rs2 << 20 | (i >> 5 & 127) << 25 | (i & 31) << 7;
}

uint32_t enc_u(int op, uint32_t rd, uint32_t imm)
{
	return insn_info[op].match | rd << 7 | (imm & 0xfffff000);
}

uint32_t enc_f(int op, uint32_t rd, uint32_t rs1, uint32_t rs2, uint32_t rs3, uint32_t rm)
{
	return insn_info[op].match | rd << 7 | rs1 << 15 | rs2 << 20 | rs3 << 27 | rm << 12;
}

int gen_label(struct gen *g)
{
	g->label_at[g->labels] = -1;
	g->label_soft[g->labels] = false;
	return (int)g->labels++;
}

void gen_place_label(struct gen *g, int label)
{
	g->label_at[label] = (int)g->c->count;
}

int gen_here(struct gen *g)
{
	int label = gen_label(g);

	gen_place_label(g, label);
	return label;
}

int gen_ahead(struct gen *g, uint32_t at_most)
{
	int label = gen_label(g);

	g->label_at[label] = (int)(g->c->count + 1 + rng_below(&g->r, at_most));
	g->label_soft[label] = true;
	return label;
}

void gen_refer(struct fuzz_insn *fi, enum fuzz_ref ref, int label)
{
	fi->ref = (uint8_t)ref;
	fi->target = (int16_t)label;
}

void gen_jump(struct gen *g, uint32_t rd, int label)
{
	struct fuzz_insn *fi = gen_add(g, enc_u(OP_JAL, rd, 0));

	gen_refer(fi, REF_JUMP, label);
	fi->squeeze = rng_chance(&g->r, 50);
}

void gen_address(struct gen *g, uint32_t rd, int label, bool part)
{
	struct fuzz_insn *fi = gen_add(g, enc_u(OP_AUIPC, rd, 0));

	fi->part = part;
	fi->fixed = true;
	gen_refer(fi, REF_HI, label);
	fi = gen_part(g, enc_i(OP_ADDI, rd, rd, 0));
	fi->fixed = true;
	fi->back = 1;
	gen_refer(fi, REF_LO, label);
}

#define NO_PARENT 255

static uint8_t open_scope(struct gen *g, uint8_t parent)
{
	uint8_t around = g->scope;

	/* Without a scope of its own a construct may be entered anywhere; there are enough. */
	if (g->scopes < MAX_SCOPES) {
		g->scope_parent[g->scopes] = parent;
		g->scope = (uint8_t)g->scopes++;
	}
	return around;
}

uint8_t gen_open_scope(struct gen *g)
{
	return open_scope(g, g->scope);
}

uint8_t gen_open_root(struct gen *g)
{
	return open_scope(g, NO_PARENT);
}

void gen_close_scope(struct gen *g, uint8_t around)
{
	g->scope = around;
}

static uint8_t root_of(const struct gen *g, uint8_t scope)
{
	while (g->scope_parent[scope] != NO_PARENT)
		scope = g->scope_parent[scope];
	return scope;
}

void gen_root_end(struct gen *g)
{
	g->scope_end[root_of(g, g->scope)] = g->c->count;
}

static bool within(const struct gen *g, uint8_t inner, uint8_t outer)
{
	while (inner != outer) {
		inner = g->scope_parent[inner];
		if (inner == NO_PARENT)
			return false;
	}
	return true;
}

/* Where a jump from an instruction ahead to `at` may go. */
static int settle(const struct gen *g, const struct fuzz_insn *from, int at)
{
	uint8_t root = root_of(g, from->scope);
	int end = (int)g->scope_end[root];

	while (at < end && (g->c->insns[at].part || !within(g, from->scope, g->c->insns[at].scope)))
		at++;
	return at < end ? at : end;
}

/* The compressed form of a jump, if it has one. */
static uint32_t squeezed(const struct fuzz_insn *fi, int distance)
{
	struct insn in;

	insn_decode(&in, fi->bits);
	if (in.op == OP_JAL && in.rd <= 1 && distance < 500)
		return in.rd ? 0x2001 : 0xa001;
	if ((in.op == OP_BEQ || in.op == OP_BNE) && in.rs2 == 0 && in.rs1 >= 8 && in.rs1 < 16 && distance < 60)
		return (in.op == OP_BEQ ? 0xc001u : 0xe001u) | (in.rs1 - 8u) << 7;
	return 0;
}

void gen_finish(struct gen *g)
{
	for (int i = 0; i < (int)g->c->count; i++) {
		struct fuzz_insn *fi = &g->c->insns[i];
		uint32_t bits = 0;
		int at;

		if (fi->ref == REF_NONE)
			continue;
		at = g->label_at[fi->target];
		if (g->label_soft[fi->target])
			at = settle(g, fi, at);
		fi->target = (int16_t)at;
		if (fi->squeeze)
			bits = squeezed(fi, at > i ? at - i : i - at);
		if (bits) {
			fi->bits = bits;
			fi->len = 2;
		}
	}
}

static uint32_t near_reg(struct gen *g)
{
	return g->palette[rng_below(&g->r, sizeof(g->palette))];
}

uint32_t gen_rd(struct gen *g)
{
	return gen_rd_not(g, 0, 0);
}

uint32_t gen_rd_not(struct gen *g, uint32_t a, uint32_t b)
{
	uint32_t reg;

	do
		reg = rng_chance(&g->r, g->t.near) ? near_reg(g) : rng_below(&g->r, 32);
	while (reg == 0 || reg == a || reg == b || (g->reserved >> reg & 1));
	return reg;
}

uint32_t gen_rs(struct gen *g)
{
	return rng_chance(&g->r, g->t.near) ? near_reg(g) : rng_below(&g->r, 32);
}

uint32_t gen_freg(struct gen *g)
{
	return rng_below(&g->r, rng_chance(&g->r, g->t.near) ? 5 : 32);
}

uint32_t gen_rm(struct gen *g)
{
	return rng_chance(&g->r, 70) ? 7 : rng_below(&g->r, 5);
}

uint32_t gen_pointer(struct gen *g, int32_t size, int32_t *offset)
{
	uint32_t odds = rng_below(&g->r, 100);

	*offset = ((int32_t)rng_below(&g->r, 2 * PTR_REACH) - PTR_REACH) / size * size;
	/* Few places, so that accesses meet. */
	if (rng_chance(&g->r, 50))
		*offset = (int32_t)rng_below(&g->r, 3) * size;
	if (odds < g->t.faults) {
		*offset = (int32_t)rng_below(&g->r, 9);
		return g->edge;
	}
	if (g->walking && odds < 40) {
		*offset = (int32_t)rng_below(&g->r, 16);
		return g->walk[g->level];
	}
	if (g->locals_end > 0 && odds < 60) {
		*offset = (int32_t)rng_below(&g->r, (uint32_t)(g->locals_end / 8)) * 8;
		return g->sp;
	}
	return odds < 70 ? g->odd : g->ptr;
}
