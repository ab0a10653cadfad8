/* SPDX-License-Identifier: MIT
 *
 * Making a case from a seed: what it is made of, the registers' roles, the main part, the
 * functions, the data, the initial state.
 */
#include "tests/fuzz/isa/gen.h"

#include <string.h>

static void choose_taste(struct gen *g, bool small)
{
	struct rng *r = &g->r;

	g->t = (struct taste){
		.raw = rng_chance(r, small ? 40 : 8) ? rng_below(r, small ? 15 : 4) : 0,
		.compressed = rng_below(r, 40),
		.fp = rng_chance(r, 25) ? 90 : rng_chance(r, 40) ? 0 : rng_below(r, 60),
		.near = rng_below(r, 90),
		.idioms = rng_below(r, 60),
		.jumps = rng_chance(r, 70) ? rng_below(r, 15) : 0,
		.flow = small ? rng_below(r, 6) : rng_below(r, 40),
		.faults = rng_chance(r, 40) ? 0 : rng_below(r, 4),
		.patches = rng_chance(r, 35),
	};
}

/* A register without a role, which gets one now; between first and last. */
static uint8_t role(struct gen *g, uint32_t first, uint32_t last)
{
	uint32_t reg;

	do
		reg = first + rng_below(&g->r, last - first + 1);
	while (g->reserved >> reg & 1);
	g->reserved |= 1u << reg;
	return (uint8_t)reg;
}

static void choose_roles(struct gen *g)
{
	g->c->sp = g->sp = 2;
	/* Without a role; its number has to fit into a constant: patch.c. */
	g->victim_reg = (uint8_t)(5 + rng_below(&g->r, 11));
	g->reserved = 1u << g->sp | 1u << g->victim_reg;
	/* Those that compressed loads and stores can use. */
	g->ptr = role(g, 8, 15);
	g->odd = role(g, 8, 15);
	g->edge = role(g, 3, 31);
	g->nowhere = role(g, 3, 31);
	for (int k = 0; k < COUNTERS; k++)
		g->count[k] = role(g, 3, 31);
	for (int k = 0; k < 3; k++)
		g->walk[k] = role(g, 3, 31);
	if (g->c->alone) {
		g->low = role(g, 3, 31);
		g->high = role(g, 3, 31);
	}
	if (g->c->machine) {
		g->trap[0] = role(g, 3, 31);
		g->trap[1] = role(g, 3, 31);
	}
	/* Most of them can be written. */
	for (unsigned k = 0; k < sizeof(g->palette); k++) {
		do
			g->palette[k] = (uint8_t)(1 + rng_below(&g->r, 31));
		while (k > 0 && (g->reserved >> g->palette[k] & 1));
	}
	g->reserved &= ~(1u << g->victim_reg);
}

static void choose_functions(struct gen *g)
{
	g->function_count = rng_chance(&g->r, 70) ? rng_below(&g->r, MAX_FUNCTIONS + 1) : 0;
	for (unsigned k = 0; k < g->function_count; k++) {
		struct function *f = &g->functions[k];

		f->label = gen_label(g);
		f->level = (uint8_t)(1 + rng_below(&g->r, 2));
		f->recursive = f->level == 2 && rng_chance(&g->r, 30);
		f->skips = rng_chance(&g->r, 20);
		do
			f->link = (uint8_t)(rng_chance(&g->r, 70) ? 1 : rng_chance(&g->r, 50) ? 5 : gen_rd(g));
		while ((g->reserved >> f->link & 1) || f->link == g->victim_reg);
	}
}

static void choose_victims(struct gen *g)
{
	g->victim_count = g->t.patches ? 1 + rng_below(&g->r, MAX_VICTIMS) : 0;
	for (unsigned k = 0; k < g->victim_count; k++) {
		g->victims[k] = gen_label(g);
		g->victim_len[k] = rng_chance(&g->r, 50) ? 2 : 4;
	}
}

static void random_state(struct gen *g, struct state *s)
{
	struct rng *r = &g->r;
	uint32_t *x = s->context.x - 1;

	for (int i = 1; i < 32; i++)
		x[i] = random_word(r);
	for (int i = 0; i < 32; i++)
		s->context.f[i] = random_f(r);
	x[g->sp] = SP_START;
	x[g->ptr] = DATA + 512 + (rng_below(r, 8) & 4);
	x[g->odd] = DATA + 512 + 1 + rng_below(r, 3);
	x[g->edge] = SCRATCH + SCRATCH_SIZE - 4;
	x[g->nowhere] = NOWHERE + rng_below(r, 64);
	for (int k = 0; k < COUNTERS; k++)
		x[g->count[k]] = rng_below(r, 3);
	for (int k = 0; k < 3; k++)
		x[g->walk[k]] = DATA + 512;
	if (g->c->alone) {
		x[g->low] = rng_below(r, 32);
		x[g->high] = 0u - rng_below(r, 32);
	}
	s->context.fcsr = rng_below(r, 32);
	if (rng_chance(r, 60))
		s->context.fcsr |= rng_below(r, 5) << 5;
	if (rng_chance(r, 3))
		s->context.fcsr |= (5 + rng_below(r, 3)) << 5;
	for (unsigned i = 0; i < SCRATCH_SIZE; i += 8) {
		uint64_t v = rng_chance(r, 50) ? random_f(r) : (uint64_t)random_word(r) << 32 | random_word(r);

		memcpy(s->scratch + i, &v, sizeof(v));
	}
}

#define CSR_MIE		0x304
#define CSR_MEPC	0x341
#define CSR_MCAUSE	0x342

/* Skips what trapped; of an interrupt it has had enough. */
static void trap_handler(struct gen *g)
{
	uint32_t a = g->trap[0], b = g->trap[1];
	uint8_t around = gen_open_root(g);
	int interrupt = gen_label(g);

	g->c->handler = (uint16_t)g->c->count;
	gen_add(g, enc_i(OP_CSRRS, a, 0, CSR_MCAUSE));
	gen_refer(gen_part(g, enc_r(OP_BLT, 0, a, 0)), REF_JUMP, interrupt);
	gen_part(g, enc_i(OP_CSRRS, a, 0, CSR_MEPC));
	/* Two bytes more if it is wide. */
	gen_part(g, enc_i(OP_LHU, b, a, 0));
	gen_part(g, enc_i(OP_ANDI, b, b, 3));
	gen_part(g, enc_i(OP_ADDI, b, b, -3));
	gen_part(g, enc_i(OP_SLTIU, b, b, 1));
	gen_part(g, enc_i(OP_SLLI, b, b, 1));
	gen_part(g, enc_r(OP_ADD, a, a, b));
	gen_part(g, enc_i(OP_ADDI, a, a, 2));
	gen_part(g, enc_i(OP_CSRRW, 0, a, CSR_MEPC));
	gen_part(g, insn_info[OP_MRET].match);
	gen_place_label(g, interrupt);
	gen_root_end(g);
	gen_part(g, enc_i(OP_CSRRW, 0, 0, CSR_MIE));
	gen_part(g, insn_info[OP_MRET].match);
	gen_close_scope(g, around);
	for (unsigned i = g->c->handler; i < g->c->count; i++)
		g->c->insns[i].fixed = true;
}

static void main_part(struct gen *g, int size)
{
	int start = gen_here(g);

	gen_open_root(g);
	g->runs = 1;
	g->locals_end = LOCALS;
	gen_body(g, size);
	while (g->victims_placed < g->victim_count && rng_chance(&g->r, 50))
		gen_victim(g);
	gen_root_end(g);
	g->c->end = (uint16_t)g->c->count;
	if (g->c->machine) {
		gen_add(g, insn_info[OP_WFI].match);
		gen_jump(g, 0, start);
		g->c->insns[g->c->count - 1].part = true;
	} else {
		gen_add(g, 0);
	}
	g->c->insns[g->c->end].fixed = true;
}

static void choose_events(struct gen *g)
{
	struct fuzz_case *c = g->c;
	uint32_t bits = (uint32_t)(rng_next(&g->r) & rng_next(&g->r));

	c->budgets = (uint8_t)rng_below(&g->r, BUDGET_KINDS);
	/* The JIT leaves small ones to the interpreter. */
	if (c->budgets < BUDGET_MIDDLE && rng_chance(&g->r, 50))
		c->budgets = BUDGET_MIXED;
	c->limit = 1000u << rng_below(&g->r, 6);
	c->user = !c->alone || rng_chance(&g->r, 60);
	c->events = (uint16_t)(rng_chance(&g->r, 30) ? 0 : bits & 0x1fff);
	if (!c->alone)
		c->events &= (uint16_t)~(EVENT_ECALL | EVENT_LINES | EVENT_DEVICE | EVENT_DEVICE_FLUSH | EVENT_DEVICE_INTERRUPT);
	/* Done or not yet: after an interrupt the count does not say, as a system call is not counted. */
	if (c->events & EVENT_ECALL)
		c->events &= (uint16_t)~(EVENT_INTERRUPT | EVENT_DEVICE_INTERRUPT);
	/* How far a budget went cannot be told from the count when traps use it up, too. */
	if (c->machine)
		c->events &= (uint16_t)~(EVENT_ECALL | EVENT_INTERRUPT | EVENT_DEVICE_INTERRUPT);
}

/*
 * Where the code begins: often such that a page ends somewhere in it, if possible before what will be rewritten;
 * or that memory ends in its second half.
 */
static uint32_t choose_shift(struct gen *g)
{
	uint32_t bytes = 0, most, shift, before = 0;

	for (unsigned i = 0; i < g->c->count; i++) {
		if (g->c->insns[i].victim && rng_chance(&g->r, 50))
			before = bytes > 40 ? bytes - rng_below(&g->r, 20) * 2 : bytes;
		bytes += g->c->insns[i].len;
	}
	if (g->c->cliff)
		return bytes - rng_below(&g->r, bytes / 4 + 1) * 2;
	most = SLOT_SIZE - bytes;
	shift = SLOT_SIZE / 2 - (before ? before : rng_below(&g->r, bytes / 2) * 2);
	return rng_chance(&g->r, 60) && shift < most ? shift : rng_below(&g->r, most / 2) * 2;
}

void generate_case(struct fuzz_case *c, uint64_t seed)
{
	struct gen g = { .r = { seed }, .c = c };
	bool small = rng_chance(&g.r, 25);

	memset(c, 0, sizeof(*c));
	c->seed = seed;
	c->slot = (uint32_t)(seed % MAX_BATCH);
	c->alone = rng_chance(&g.r, 30);
	c->machine = c->alone && rng_chance(&g.r, 30);
	choose_events(&g);
	choose_taste(&g, small);
	choose_roles(&g);
	if (!small)
		choose_functions(&g);
	choose_victims(&g);

	main_part(&g, 1 + (int)rng_below(&g.r, small ? 48 : 160));
	for (unsigned k = 0; k < g.function_count; k++)
		gen_function(&g, &g.functions[k]);
	gen_open_root(&g);
	gen_root_end(&g);
	while (g.victims_placed < g.victim_count)
		gen_victim(&g);
	gen_tables(&g);
	if (c->machine)
		trap_handler(&g);
	gen_finish(&g);
	/* A fence.i must not be behind the end. */
	c->cliff = c->alone && !c->machine && !g.victim_count && rng_chance(&g.r, 15);
	c->shift = choose_shift(&g);
	random_state(&g, &c->state);
}
