/* SPDX-License-Identifier: MIT
 *
 * Statements: diamonds, loops, jumps ahead, and what the other files make.
 */
#include "tests/fuzz/isa/gen.h"

static const uint8_t branches[] = { OP_BEQ, OP_BNE, OP_BLT, OP_BGE, OP_BLTU, OP_BGEU };

void gen_branch(struct gen *g, int label)
{
	struct fuzz_insn *fi;
	uint32_t t;

	switch (rng_below(&g->r, 4)) {
	case 0:	/* different from one turn of a loop to the next */
		t = gen_rd(g);
		gen_add(g, enc_i(OP_ANDI, t, g->count[rng_below(&g->r, 2)], 1 << rng_below(&g->r, 3)));
		fi = gen_add(g, enc_r(rng_chance(&g->r, 50) ? OP_BEQ : OP_BNE, 0, t, 0));
		break;
	case 1:
		fi = gen_add(g, enc_r(branches[rng_below(&g->r, 6)], 0, gen_rs(g), 0));
		break;
	default:
		fi = gen_add(g, enc_r(branches[rng_below(&g->r, 6)], 0, gen_rs(g), gen_rs(g)));
	}
	gen_refer(fi, REF_JUMP, label);
	fi->squeeze = rng_chance(&g->r, 50);
}

static void diamond(struct gen *g, int size)
{
	int otherwise = gen_label(g), join = gen_label(g);
	bool both = rng_chance(&g->r, 60);

	gen_branch(g, otherwise);
	gen_body(g, 1 + (int)rng_below(&g->r, (uint32_t)size / 2 + 1));
	if (both)
		gen_jump(g, 0, join);
	gen_place_label(g, otherwise);
	if (both)
		gen_body(g, 1 + (int)rng_below(&g->r, (uint32_t)size / 2 + 1));
	gen_place_label(g, join);
}

/* Jumps ahead without structure: out of loops, over parts of diamonds. */
static void jump_ahead(struct gen *g)
{
	int label = gen_ahead(g, rng_chance(&g->r, 80) ? 8 : 40);
	struct fuzz_insn *fi;
	uint32_t t;

	switch (rng_below(&g->r, 8)) {
	case 0:
		gen_jump(g, rng_chance(&g->r, 60) ? 0 : gen_rd(g), label);
		break;
	case 1:	/* auipc and jalr; bit 0 of the target does not count */
		t = gen_rd(g);
		gen_refer(gen_add(g, enc_u(OP_AUIPC, t, 0)), REF_HI, label);
		fi = gen_part(g, enc_i(OP_JALR, rng_chance(&g->r, 50) ? 0 : gen_rd(g), t, 0));
		fi->back = 1;
		fi->addend = rng_chance(&g->r, 30);
		gen_refer(fi, REF_LO, label);
		g->c->insns[g->c->count - 2].fixed = true;
		break;
	default:
		gen_branch(g, label);
	}
}

/* Something that traps, now and then: at one turn of the loops around. */
static void rare_trap(struct gen *g)
{
	uint32_t t = gen_rd(g);
	int past = gen_label(g);
	int32_t offset = (int32_t)rng_below(&g->r, 64);

	gen_add(g, enc_i(OP_ADDI, t, g->count[rng_below(&g->r, COUNTERS)], -(int32_t)rng_below(&g->r, 40)));
	gen_refer(gen_part(g, enc_r(OP_BNE, 0, t, 0)), REF_JUMP, past);
	switch (rng_below(&g->r, 7)) {
	case 0:
		gen_add(g, 0);	/* illegal */
		break;
	case 1:
		gen_add(g, insn_info[g->c->alone ? OP_ECALL : OP_EBREAK].match);
		break;
	case 2:
		gen_add(g, enc_i(OP_LW, gen_rd(g), g->nowhere, offset));
		break;
	case 3:
		gen_add(g, enc_s(OP_SB, gen_rs(g), g->edge, offset));
		break;
	case 4:	/* misaligned */
		gen_add(g, enc_r(OP_AMOADD_W, gen_rd(g), g->odd, gen_rs(g)));
		break;
	case 5:
		/* The guest's own handler would look at the instruction. */
		if (!g->c->machine) {
			gen_add(g, enc_i(OP_JALR, gen_rd(g), g->nowhere, offset));
			break;
		}
		/* fall through */
	default:
		gen_add(g, insn_info[OP_EBREAK].match);
	}
	gen_place_label(g, past);
}

static void statement(struct gen *g, int size);

void gen_body(struct gen *g, int size)
{
	int end = (int)g->c->count + (size < gen_room(g) ? size : gen_room(g));

	while ((int)g->c->count < end)
		statement(g, end - (int)g->c->count);
}

/* How often a loop is run, so that not all of the limit goes into the first. */
static uint32_t turns(struct gen *g)
{
	uint32_t n, most = g->c->limit / 8 / g->runs;

	switch (rng_below(&g->r, 5)) {
	case 0: case 1:
		n = 1 + rng_below(&g->r, 6);
		break;
	case 2: case 3:
		n = 2 + rng_below(&g->r, 60);
		break;
	default:
		n = 1 + rng_below(&g->r, 1500);
	}
	return n > most ? most + 1 : n;
}

/* The counter of a loop here; 0: there is none left. */
static uint32_t counter_here(const struct gen *g)
{
	if (g->level == 0)
		return g->loops < 2 ? g->count[g->loops] : 0;
	return g->loops == 0 ? g->count[1 + g->level] : 0;
}

static void start_walk(struct gen *g, uint32_t p)
{
	gen_add(g, enc_i(OP_ADDI, p, rng_chance(&g->r, 80) ? g->ptr : g->odd, (int32_t)rng_below(&g->r, 400)))->fixed = true;
	g->walking = true;
}

static void step_walk(struct gen *g, uint32_t p, bool part)
{
	static const uint8_t steps[] = { 1, 2, 4, 4, 4, 8, 12, 0 };
	struct fuzz_insn *fi = gen_add(g, enc_i(OP_ADDI, p, p, steps[rng_below(&g->r, sizeof(steps))]));

	fi->fixed = true;
	fi->part = part;
}

/* Ends one turn: counts, and goes back to the start while there are turns left. */
static void close_loop(struct gen *g, uint32_t count, int start)
{
	struct fuzz_insn *fi = gen_add(g, enc_i(OP_ADDI, count, count, -1));
	int out = gen_label(g);

	fi->fixed = true;
	switch (rng_below(&g->r, 3)) {
	case 0:
		fi = gen_part(g, enc_r(OP_BLT, 0, 0, count));
		break;
	case 1:
		fi = gen_part(g, enc_r(OP_BNE, 0, count, 0));
		break;
	default:
		fi = gen_part(g, enc_r(OP_BEQ, 0, count, 0));
		gen_refer(fi, REF_JUMP, out);
		fi->squeeze = fi->fixed = true;
		fi = gen_part(g, enc_u(OP_JAL, 0, 0));
	}
	gen_refer(fi, REF_JUMP, start);
	fi->squeeze = fi->fixed = true;
	gen_place_label(g, out);
}

static void loop(struct gen *g, int size)
{
	uint32_t count = counter_here(g), n = turns(g), runs = g->runs, walk = g->walk[g->level];
	bool was_walking = g->walking, walks = !was_walking && rng_chance(&g->r, 40), at_top = rng_chance(&g->r, 30);
	uint8_t around = gen_open_scope(g);
	int start, out = gen_label(g);
	struct fuzz_insn *fi;

	gen_add(g, enc_i(OP_ADDI, count, 0, (int32_t)n))->fixed = true;
	if (walks)
		start_walk(g, walk);
	g->loops++;
	g->runs *= n;
	start = gen_here(g);
	if (at_top) {
		fi = gen_add(g, enc_r(OP_BGE, 0, 0, count));
		fi->fixed = true;
		gen_refer(fi, REF_JUMP, out);
		gen_part(g, enc_i(OP_ADDI, count, count, -1))->fixed = true;
		if (walks)
			step_walk(g, walk, true);
	}
	gen_body(g, 1 + (int)rng_below(&g->r, (uint32_t)size));
	if (!at_top) {
		if (walks)
			step_walk(g, walk, false);
		close_loop(g, count, start);
	} else {
		gen_jump(g, 0, start);
		g->c->insns[g->c->count - 1].fixed = true;
	}
	gen_place_label(g, out);
	g->walking = was_walking;
	g->runs = runs;
	g->loops--;
	gen_close_scope(g, around);
}

static void structure(struct gen *g, int size)
{
	uint32_t odds = rng_below(&g->r, 100);

	if (odds < 35 && counter_here(g))
		loop(g, size > 60 ? 60 : size);
	else if (odds < 60)
		diamond(g, size > 24 ? 24 : size);
	else if (odds < 80)
		gen_call(g);
	else if (odds < 90)
		gen_switch(g, size);
	else if (odds < 95)
		gen_computed_goto(g, size);
	else if (rng_chance(&g->r, g->t.faults * 4))
		rare_trap(g);
}

static void statement(struct gen *g, int size)
{
	uint32_t odds = rng_below(&g->r, 100);

	if ((g->c->events & EVENT_ECALL) && rng_chance(&g->r, 3))
		gen_add(g, insn_info[OP_ECALL].match);
	else if (odds < g->t.flow)
		structure(g, size);
	else if (odds < g->t.flow + g->t.jumps)
		jump_ahead(g);
	else if (odds < g->t.flow + g->t.jumps + g->t.idioms)
		gen_idiom(g);
	else if (g->t.patches && rng_chance(&g->r, 6))
		gen_patch(g);
	else if (g->t.patches && rng_chance(&g->r, 8))
		gen_victim(g);
	else
		gen_plain(g);
}
