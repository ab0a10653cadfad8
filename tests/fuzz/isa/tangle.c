/* SPDX-License-Identifier: MIT
 *
 * Everything that a translator may keep in mind instead of computing it (constants, sums,
 * shifts, comparisons, copies), among few registers, so that what is kept in mind depends on
 * registers that are written meanwhile.
 */
#include "tests/fuzz/isa/gen.h"

#define ONE_OF(g, ops) ((ops)[rng_below(&(g)->r, sizeof(ops) / sizeof((ops)[0]))])

void gen_tangle(struct gen *g)
{
	static const uint8_t sums[] = { OP_ADD, OP_ADD, OP_SUB, OP_OR, OP_XOR, OP_AND, OP_MUL };
	static const uint8_t others[] = { OP_SLT, OP_SLTU, OP_SH1ADD, OP_SH2ADD, OP_SH3ADD, OP_SLL, OP_MAX };
	static const uint8_t immediates[] = { OP_SLTI, OP_SLTIU, OP_ANDI, OP_XORI };
	static const uint8_t right[] = { OP_SRLI, OP_SRAI };
	uint32_t a = gen_rd(g), b = gen_rd_not(g, a, 0), regs[4] = { a, b, gen_rd_not(g, a, b), gen_rs(g) };

	for (uint32_t n = 4 + rng_below(&g->r, 12); n > 0; n--) {
		uint32_t rd = regs[rng_below(&g->r, 3)], x = regs[rng_below(&g->r, 4)], y = regs[rng_below(&g->r, 4)];
		uint32_t k = rng_chance(&g->r, 60) ? 16 : rng_below(&g->r, 32);

		switch (rng_below(&g->r, 9)) {
		case 0:
			gen_add(g, enc_u(OP_LUI, rd, random_word(&g->r)));
			break;
		case 1: case 2:
			gen_add(g, enc_i(OP_ADDI, rd, x, rng_chance(&g->r, 40) ? 0 : (int32_t)random_word(&g->r)));
			break;
		case 3:
			gen_add(g, enc_i(OP_SLLI, rd, x, (int32_t)k));
			break;
		case 4:
			gen_add(g, enc_i(ONE_OF(g, right), rd, x, (int32_t)k));
			break;
		case 5: case 6:
			gen_add(g, enc_r(ONE_OF(g, sums), rd, x, y));
			break;
		case 7:
			gen_add(g, enc_r(ONE_OF(g, others), rd, x, y));
			break;
		default:
			gen_add(g, enc_i(ONE_OF(g, immediates), rd, x, (int32_t)random_word(&g->r)));
		}
	}
}

static void pointer(struct gen *g, uint32_t bits, bool first)
{
	struct fuzz_insn *fi = gen_add(g, bits);

	fi->fixed = true;
	fi->part = !first;
}

/* Two pointers that are copied and moved, accesses through both, and what they are compared to. */
void gen_tangle_pointers(struct gen *g)
{
	uint32_t p = gen_rd(g), q = gen_rd_not(g, p, 0), a = gen_rd_not(g, p, q), regs[3] = { p, q, a };

	pointer(g, enc_i(OP_ADDI, p, g->ptr, (int32_t)rng_below(&g->r, 3) * 4), true);
	pointer(g, enc_i(OP_ADDI, q, g->ptr, (int32_t)rng_below(&g->r, 3) * 4), false);
	for (uint32_t n = 4 + rng_below(&g->r, 10); n > 0; n--) {
		uint32_t t = regs[rng_below(&g->r, 2)], other = regs[rng_below(&g->r, 2)], data = regs[rng_below(&g->r, 3)];
		int32_t offset = (int32_t)rng_below(&g->r, 4) * 4;

		switch (rng_below(&g->r, 8)) {
		case 0: case 1:
			pointer(g, enc_i(OP_ADDI, t, other, (int32_t)rng_below(&g->r, 3) * 4), false);
			break;
		case 2:
			pointer(g, enc_i(OP_ADDI, t, other, 0), false);
			break;
		case 3: case 4:
			gen_part(g, enc_s(OP_SW, data, t, offset));
			break;
		case 5:
			gen_part(g, enc_i(OP_LW, a, t, offset));
			break;
		case 6:
			gen_part(g, enc_i(OP_ADDI, a, data, (int32_t)random_word(&g->r)));
			break;
		default:
			gen_part(g, enc_r(rng_chance(&g->r, 50) ? OP_SUB : OP_SLTU, a, data, t));
		}
	}
}
