/* SPDX-License-Identifier: MIT
 *
 * The homes of a region's registers.
 *
 * A register is worth a host register by how often the region's instructions name it.  One that has
 * one by the convention keeps it at no cost, while giving it up, or taking one that the
 * convention gives to another, costs a move wherever control enters, leaves or calls.
 */
#include "cpu/jit/jit_private.h"

/* Which operands an instruction of a format has: integer and FP registers that it reads and writes. */
enum {
	X1 = 1, X2 = 2, XD = 4, F1 = 8, F2 = 16, F3 = 32, FD = 64,
	NO_REGISTERS = 128,
};

static const uint8_t operands[] = {
	[FMT_R] = X1 | X2 | XD, [FMT_R1] = X1 | XD, [FMT_I] = X1 | XD, [FMT_SHAMT] = X1 | XD, [FMT_LOAD] = X1 | XD,
	[FMT_STORE] = X1 | X2, [FMT_B] = X1 | X2, [FMT_U] = XD, [FMT_J] = XD, [FMT_JALR] = X1 | XD,
	[FMT_NONE] = NO_REGISTERS, [FMT_FENCE] = NO_REGISTERS, [FMT_CSR] = X1 | XD, [FMT_CSRI] = XD,
	[FMT_LR] = X1 | XD, [FMT_AMO] = X1 | X2 | XD, [FMT_FLOAD] = X1 | FD, [FMT_FSTORE] = X1 | F2,
	[FMT_FFF] = F1 | F2 | FD, [FMT_FFF_RM] = F1 | F2 | FD, [FMT_FF_RM] = F1 | FD, [FMT_FFFF_RM] = F1 | F2 | F3 | FD,
	[FMT_XFF] = F1 | F2 | XD, [FMT_XF] = F1 | XD, [FMT_XF_RM] = F1 | XD, [FMT_FX] = X1 | FD, [FMT_FX_RM] = X1 | FD,
};

bool code_knows_operands(const struct insn *in)
{
	unsigned format = insn_info[in->op].format;

	return format < sizeof(operands) && operands[format];
}

static unsigned operands_of(const struct insn *in)
{
	return in->op == OP_ILLEGAL || !code_knows_operands(in) ? NO_REGISTERS : operands[insn_info[in->op].format];
}

struct worth {
	int64_t value;
	uint8_t reg;
};

/* How often control crosses the region's border. */
static int64_t crossings(const struct region *r)
{
	int64_t inside = 0, out = 1;

	for (unsigned i = 0; i < r->order_count; i++) {
		const struct region_block *b = &r->blocks[r->order[i]];

		switch (b->end) {
		case END_CALL: case END_CALL_INDIRECT: case END_ECALL:
			out += 2 * (int64_t)b->weight;
			break;
		case END_JUMP_INDIRECT: case END_RETURN: case END_STOP:
			out += 2 * (int64_t)b->weight;
			break;
		case END_GOTO:
			out += b->succ[0] < 0 ? 2 * (int64_t)b->weight : 0;
			break;
		}
		inside += b->weight;
	}
	/* Side exits: what does not go on inside; the weights cannot tell, so a guess. */
	return out + inside / 64;
}

static void count_uses(struct code *c, int64_t *uses)
{
	const struct region *r = c->r;

	c->dirty = 0;
	for (unsigned i = 0; i < r->order_count; i++) {
		const struct region_block *b = &r->blocks[r->order[i]];

		for (unsigned k = 0; k < b->count; k++) {
			const struct insn *in = &r->insns[b->first + k].in;
			unsigned o = operands_of(in);

			uses[in->rs1] += o & X1 ? b->weight : 0;
			uses[in->rs2] += o & X2 ? b->weight : 0;
			uses[in->rd] += o & XD ? b->weight : 0;
			c->dirty |= o & XD ? 1u << in->rd : 0;
		}
	}
	uses[0] = 0;
	c->dirty &= ~1u;
}

static int by_worth(const void *a, const void *b)
{
	const struct worth *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return x->reg - y->reg;
}

/* FP registers: each use of one without a home loads or stores it. */
static void choose_fp_homes(struct code *c, int64_t border)
{
	const struct host_convention *h = &host_convention;
	const struct region *r = c->r;
	struct worth worth[32];
	int64_t uses[32] = { 0 };

	c->fdirty = 0;
	c->has_fp = r->has_fp;
	for (unsigned i = 0; i < r->order_count; i++) {
		const struct region_block *b = &r->blocks[r->order[i]];

		for (unsigned k = 0; k < b->count; k++) {
			const struct insn *in = &r->insns[b->first + k].in;
			unsigned o = operands_of(in);

			uses[in->rs1] += o & F1 ? b->weight : 0;
			uses[in->rs2] += o & F2 ? b->weight : 0;
			uses[in->rs3] += o & F3 ? b->weight : 0;
			uses[in->rd] += o & FD ? b->weight : 0;
			c->fdirty |= o & FD ? 1u << in->rd : 0;
		}
	}
	for (unsigned f = 0; f < 32; f++) {
		worth[f] = (struct worth){ uses[f] - border, (uint8_t)f };
		c->fhome[f] = NO_REG;
	}
	qsort(worth, 32, sizeof(worth[0]), by_worth);
	for (unsigned k = 0; k < h->fcount; k++) {
		if (worth[k].value > 0)
			c->fhome[worth[k].reg] = h->fregs[k];
	}
}

void code_choose_homes(struct code *c, uint32_t shuffle)
{
	const struct host_convention *h = &host_convention;
	struct worth worth[31];
	int64_t uses[32] = { 0 }, border;
	bool taken[HOST_MAX_REGS] = { false };
	uint32_t chosen = 0;

	count_uses(c, uses);
	border = crossings(c->r);
	choose_fp_homes(c, border);
	for (unsigned r = 1; r < 32; r++) {
		bool has = h->home[r] != NO_REG;

		worth[r - 1] = (struct worth){ uses[r] + (has ? border : -border), (uint8_t)r };
		if (shuffle) {
			shuffle = shuffle * 1664525u + 1013904223u;
			worth[r - 1].value = shuffle >> 8;
		}
		c->home[r] = NO_REG;
	}
	c->home[0] = c->home[REG_DUMMY] = NO_REG;
	qsort(worth, 31, sizeof(worth[0]), by_worth);
	for (unsigned k = 0; k < h->count; k++) {
		unsigned r = worth[k].reg;

		/* Unused ones stay where the convention has them. */
		if (worth[k].value <= 0 && h->home[r] == NO_REG)
			continue;
		chosen |= 1u << r;
		if (h->home[r] != NO_REG) {
			c->home[r] = h->home[r];
			taken[h->home[r]] = true;
		}
	}
	for (unsigned r = 1; r < 32; r++) {
		/* Nobody took its place. */
		if (!(chosen & 1u << r) || c->home[r] != NO_REG)
			continue;
		for (unsigned k = 0; k < h->count; k++) {
			int8_t reg = h->regs[k];
			bool wanted = taken[reg];

			if (wanted)
				continue;
			c->home[r] = reg;
			taken[reg] = true;
			break;
		}
	}
	/* Convention registers that were not chosen keep a place that nobody wanted. */
	for (unsigned r = 1; r < 32; r++) {
		if (h->home[r] != NO_REG && c->home[r] == NO_REG && !taken[h->home[r]]) {
			c->home[r] = h->home[r];
			taken[h->home[r]] = true;
		}
	}
}
