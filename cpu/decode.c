/* SPDX-License-Identifier: MIT */
#include "cpu/decode.h"

#include <stddef.h>
#include <string.h>

const struct insn_info insn_info[OP_COUNT] = {
#define I(id, name, match, mask, fmt, ext) [OP_##id] = { name, match, mask, fmt, ext },
#include "cpu/insn.def"
#undef I
};

/* Operand formats of compressed instructions (volume I, table 16.1). */
enum c_format {
	CF_NONE, CF_ADDI4SPN, CF_LW, CF_LD, CF_SW, CF_SD, CF_ADDI, CF_LI, CF_LUI, CF_ADDI16SP,
	CF_JAL, CF_J, CF_CB, CF_CB_SHAMT, CF_CB_ANDI, CF_CA, CF_SLLI, CF_LWSP, CF_LDSP,
	CF_SWSP, CF_SDSP, CF_JR, CF_JALR, CF_MV, CF_ADD,
};

/* What must not be zero for the line to apply. */
enum c_condition { CC_ANY, CC_IMM, CC_RD, CC_RS1, CC_RS2 };

struct c_info {
	uint16_t match, mask;
	uint8_t format, op, condition;
};

static const struct c_info c_info[] = {
#define C(name, match, mask, fmt, op, cond) { match, mask, fmt, OP_##op, cond },
#include "cpu/insn_c.def"
#undef C
};

#define C_COUNT (sizeof(c_info) / sizeof(c_info[0]))

/* Bits hi..lo of w, at bit position 0. */
static uint32_t field(uint32_t w, int hi, int lo)
{
	return (w >> lo) & ((1u << (hi - lo + 1)) - 1);
}

static int32_t sign_extend(uint32_t v, int bits)
{
	return (int32_t)(v << (32 - bits)) >> (32 - bits);
}

static int32_t imm_i(uint32_t w)
{
	return (int32_t)w >> 20;
}

static int32_t imm_s(uint32_t w)
{
	return (int32_t)(((uint32_t)((int32_t)w >> 20) & ~31u) | field(w, 11, 7));
}

static int32_t imm_b(uint32_t w)
{
	return sign_extend(field(w, 31, 31) << 12 | field(w, 7, 7) << 11 | field(w, 30, 25) << 5 |
			   field(w, 11, 8) << 1, 13);
}

static int32_t imm_j(uint32_t w)
{
	return sign_extend(field(w, 31, 31) << 20 | field(w, 19, 12) << 12 | field(w, 20, 20) << 11 |
			   field(w, 30, 21) << 1, 21);
}

/* Modes 5 and 6 are reserved; 7 takes frm, which is judged when the instruction runs. */
static bool rm_is_reserved(uint32_t rm)
{
	return rm == 5 || rm == 6;
}

static void decode_wide(struct insn *out, uint32_t w, int op)
{
	uint8_t rd = (uint8_t)field(w, 11, 7);
	uint8_t rs1 = (uint8_t)field(w, 19, 15);
	uint8_t rs2 = (uint8_t)field(w, 24, 20);
	uint8_t rm = (uint8_t)field(w, 14, 12);

	out->op = (uint16_t)op;
	switch (insn_info[op].format) {
	case FMT_NONE:
		break;
	case FMT_FENCE:
		out->imm = (int32_t)field(w, 27, 20);
		break;
	case FMT_FFFF_RM:
		out->rs3 = (uint8_t)field(w, 31, 27);
		/* fall through */
	case FMT_FFF_RM:
		out->rd = rd;
		out->rs1 = rs1;
		out->rs2 = rs2;
		out->rm = rm;
		if (rm_is_reserved(rm))
			out->op = OP_ILLEGAL;
		break;
	case FMT_FF_RM: case FMT_XF_RM: case FMT_FX_RM:
		out->rd = rd;
		out->rs1 = rs1;
		out->rm = rm;
		if (rm_is_reserved(rm))
			out->op = OP_ILLEGAL;
		break;
	case FMT_R: case FMT_AMO: case FMT_FFF: case FMT_XFF:
		out->rd = rd;
		out->rs1 = rs1;
		out->rs2 = rs2;
		break;
	case FMT_R1: case FMT_LR: case FMT_XF: case FMT_FX:
		out->rd = rd;
		out->rs1 = rs1;
		break;
	case FMT_SHAMT:
		out->rd = rd;
		out->rs1 = rs1;
		out->imm = rs2;
		break;
	case FMT_CSR: case FMT_CSRI:
		out->rd = rd;
		out->rs1 = rs1;
		out->imm = (int32_t)field(w, 31, 20);
		break;
	case FMT_I: case FMT_LOAD: case FMT_JALR: case FMT_FLOAD:
		out->rd = rd;
		out->rs1 = rs1;
		out->imm = imm_i(w);
		break;
	case FMT_STORE: case FMT_FSTORE:
		out->rs1 = rs1;
		out->rs2 = rs2;
		out->imm = imm_s(w);
		break;
	case FMT_B:
		out->rs1 = rs1;
		out->rs2 = rs2;
		out->imm = imm_b(w);
		break;
	case FMT_U:
		out->rd = rd;
		out->imm = (int32_t)(w & 0xfffff000u);
		break;
	case FMT_J:
		out->rd = rd;
		out->imm = imm_j(w);
		break;
	}
}

static int32_t c_imm_addi(uint32_t w)
{
	return sign_extend(field(w, 12, 12) << 5 | field(w, 6, 2), 6);
}

static int32_t c_imm_j(uint32_t w)
{
	return sign_extend(field(w, 12, 12) << 11 | field(w, 11, 11) << 4 | field(w, 10, 9) << 8 |
			   field(w, 8, 8) << 10 | field(w, 7, 7) << 6 | field(w, 6, 6) << 7 |
			   field(w, 5, 3) << 1 | field(w, 2, 2) << 5, 12);
}

static int32_t c_imm_b(uint32_t w)
{
	return sign_extend(field(w, 12, 12) << 8 | field(w, 11, 10) << 3 | field(w, 6, 5) << 6 |
			   field(w, 4, 3) << 1 | field(w, 2, 2) << 5, 9);
}

static int32_t c_imm_w(uint32_t w)
{
	return (int32_t)(field(w, 12, 10) << 3 | field(w, 6, 6) << 2 | field(w, 5, 5) << 6);
}

static int32_t c_imm_d(uint32_t w)
{
	return (int32_t)(field(w, 12, 10) << 3 | field(w, 6, 5) << 6);
}

/* Fills the operands of compressed format fmt; rd', rs1', rs2' are x8 to x15. */
static void decode_compressed(struct insn *out, uint32_t w, int fmt)
{
	uint8_t r_full = (uint8_t)field(w, 11, 7);
	uint8_t r2_full = (uint8_t)field(w, 6, 2);
	uint8_t r_high = (uint8_t)(8 + field(w, 9, 7));
	uint8_t r_low = (uint8_t)(8 + field(w, 4, 2));

	switch (fmt) {
	case CF_NONE:
		break;
	case CF_ADDI4SPN:
		out->rd = r_low;
		out->rs1 = 2;
		out->imm = (int32_t)(field(w, 12, 11) << 4 | field(w, 10, 7) << 6 |
				     field(w, 6, 6) << 2 | field(w, 5, 5) << 3);
		break;
	case CF_LW: case CF_LD:
		out->rd = r_low;
		out->rs1 = r_high;
		out->imm = fmt == CF_LW ? c_imm_w(w) : c_imm_d(w);
		break;
	case CF_SW: case CF_SD:
		out->rs2 = r_low;
		out->rs1 = r_high;
		out->imm = fmt == CF_SW ? c_imm_w(w) : c_imm_d(w);
		break;
	case CF_ADDI:
		out->rd = out->rs1 = r_full;
		out->imm = c_imm_addi(w);
		break;
	case CF_LI:
		out->rd = r_full;
		out->imm = c_imm_addi(w);
		break;
	case CF_LUI:
		out->rd = r_full;
		out->imm = c_imm_addi(w) * 4096;
		break;
	case CF_ADDI16SP:
		out->rd = out->rs1 = 2;
		out->imm = sign_extend(field(w, 12, 12) << 9 | field(w, 6, 6) << 4 | field(w, 5, 5) << 6 |
				       field(w, 4, 3) << 7 | field(w, 2, 2) << 5, 10);
		break;
	case CF_JAL: case CF_J:
		out->rd = fmt == CF_JAL;
		out->imm = c_imm_j(w);
		break;
	case CF_CB:
		out->rs1 = r_high;
		out->imm = c_imm_b(w);
		break;
	case CF_CB_SHAMT:
		out->rd = out->rs1 = r_high;
		out->imm = r2_full;
		break;
	case CF_CB_ANDI:
		out->rd = out->rs1 = r_high;
		out->imm = c_imm_addi(w);
		break;
	case CF_CA:
		out->rd = out->rs1 = r_high;
		out->rs2 = r_low;
		break;
	case CF_SLLI:
		out->rd = out->rs1 = r_full;
		out->imm = r2_full;
		break;
	case CF_LWSP:
		out->rd = r_full;
		out->rs1 = 2;
		out->imm = (int32_t)(field(w, 12, 12) << 5 | field(w, 6, 4) << 2 | field(w, 3, 2) << 6);
		break;
	case CF_LDSP:
		out->rd = r_full;
		out->rs1 = 2;
		out->imm = (int32_t)(field(w, 12, 12) << 5 | field(w, 6, 5) << 3 | field(w, 4, 2) << 6);
		break;
	case CF_SWSP:
		out->rs2 = r2_full;
		out->rs1 = 2;
		out->imm = (int32_t)(field(w, 12, 9) << 2 | field(w, 8, 7) << 6);
		break;
	case CF_SDSP:
		out->rs2 = r2_full;
		out->rs1 = 2;
		out->imm = (int32_t)(field(w, 12, 10) << 3 | field(w, 9, 7) << 6);
		break;
	case CF_JR: case CF_JALR:
		out->rd = fmt == CF_JALR;
		out->rs1 = r_full;
		break;
	case CF_MV:
		out->rd = r_full;
		out->rs2 = r2_full;
		break;
	case CF_ADD:
		out->rd = out->rs1 = r_full;
		out->rs2 = r2_full;
		break;
	}
}

static bool condition_holds(const struct insn *in, int condition)
{
	switch (condition) {
	case CC_IMM:
		return in->imm != 0;
	case CC_RD:
		return in->rd != 0;
	case CC_RS1:
		return in->rs1 != 0;
	case CC_RS2:
		return in->rs2 != 0;
	}
	return true;
}

static void clear(struct insn *out, uint32_t bits, int len)
{
	memset(out, 0, sizeof(*out));
	out->op = OP_ILLEGAL;
	out->len = (uint8_t)len;
	out->bits = bits;
}

/*
 * The candidates of each (opcode, funct3) pair, and the lines of each compressed
 * (quadrant, funct3) pair: computed from the tables before main() runs.  Nearly all have one funct3 only.
 */
static uint8_t wide_first[32][8];	/* op + 1 of the first candidate, 0: none */
static uint8_t wide_next[OP_COUNT][8];	/* op + 1 of the next candidate with that funct3 */
static uint8_t c_first[32];		/* by funct3 and quadrant: first line */
static uint8_t c_end[32];

_Static_assert(OP_COUNT < 255, "op + 1 must fit a byte");

/* Of a halfword, or of a line's pattern: all of them say what quadrant and funct3 are. */
static unsigned c_slot(uint32_t w)
{
	return field(w, 15, 13) << 2 | (w & 3);
}

__attribute__((constructor)) static void make_index(void)
{
	for (int op = OP_COUNT - 1; op >= 0; op--) {
		const struct insn_info *i = &insn_info[op];
		unsigned major = field(i->match, 6, 2), any = ~i->mask >> 12 & 7;

		for (unsigned f3 = field(i->match, 14, 12); f3 < 8; f3 = any ? f3 + 1 : 8) {
			if (((f3 << 12 ^ i->match) & i->mask & 0x7000) != 0)
				continue;
			wide_next[op][f3] = wide_first[major][f3];
			wide_first[major][f3] = (uint8_t)(op + 1);
		}
	}
	for (unsigned n = 0; n < C_COUNT; n++) {
		unsigned slot = c_slot(c_info[n].match);

		if (!c_end[slot])
			c_first[slot] = (uint8_t)n;
		c_end[slot] = (uint8_t)(n + 1);
	}
}

void insn_decode(struct insn *out, uint32_t bits)
{
	if (insn_is_wide((uint16_t)bits)) {
		unsigned f3 = field(bits, 14, 12);

		clear(out, bits, 4);
		for (int n = wide_first[field(bits, 6, 2)][f3]; n != 0; n = wide_next[n - 1][f3]) {
			const struct insn_info *i = &insn_info[n - 1];

			if ((bits & i->mask) == i->match) {
				decode_wide(out, bits, n - 1);
				return;
			}
		}
		return;
	}

	bits &= 0xffff;
	clear(out, bits, 2);
	unsigned slot = c_slot(bits);
	for (unsigned n = c_first[slot]; n < c_end[slot]; n++) {
		const struct c_info *c = &c_info[n];

		if ((bits & c->mask) != c->match)
			continue;
		decode_compressed(out, bits, c->format);
		if (condition_holds(out, c->condition)) {
			out->op = c->op;
			return;
		}
		clear(out, bits, 2);
	}
}
