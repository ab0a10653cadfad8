/* SPDX-License-Identifier: MIT
 *
 * The decoder: instruction bits to operation and operands.
 *
 * It is strict.  Whatever the ISA manual reserves, and every extension this hart
 * does not have, decodes to OP_ILLEGAL; HINTs are ordinary instructions that
 * happen to change nothing.  What depends on the state of the hart (dynamic
 * rounding mode, CSR numbers and privilege) is not decided here.
 *
 * All of it is made from insn.def and insn_c.def.  Pure functions, no state, any thread.
 */
#ifndef CPU_DECODE_H
#define CPU_DECODE_H

#include <stdbool.h>
#include <stdint.h>

/* Operand formats of 32-bit instructions: which fields hold what. */
enum insn_format {
	FMT_NONE,	/* no operands */
	FMT_R,		/* rd, rs1, rs2 */
	FMT_R1,		/* rd, rs1 */
	FMT_I,		/* rd, rs1, imm[11:0] */
	FMT_SHAMT,	/* rd, rs1, shift amount */
	FMT_LOAD,	/* rd, imm(rs1) */
	FMT_STORE,	/* rs2, imm(rs1) */
	FMT_B,		/* rs1, rs2, pc-relative imm */
	FMT_U,		/* rd, imm[31:12] */
	FMT_J,		/* rd, pc-relative imm */
	FMT_JALR,	/* rd, imm(rs1) */
	FMT_FENCE,	/* imm holds predecessor (7:4) and successor (3:0) sets */
	FMT_CSR,	/* rd, csr (in imm), rs1 */
	FMT_CSRI,	/* rd, csr (in imm), 5-bit immediate in the rs1 field */
	FMT_LR,		/* rd, (rs1) */
	FMT_AMO,	/* rd, rs2, (rs1) */
	/* From here on all have FP registers. */
	FMT_FLOAD,	/* fd, imm(rs1) */
	FMT_FSTORE,	/* fs2, imm(rs1) */
	FMT_FFF,	/* fd, fs1, fs2 */
	FMT_FFF_RM,	/* fd, fs1, fs2, rounding mode */
	FMT_FF_RM,	/* fd, fs1, rounding mode */
	FMT_FFFF_RM,	/* fd, fs1, fs2, fs3, rounding mode */
	FMT_XFF,	/* rd, fs1, fs2 */
	FMT_XF,		/* rd, fs1 */
	FMT_XF_RM,	/* rd, fs1, rounding mode */
	FMT_FX,		/* fd, rs1 */
	FMT_FX_RM,	/* fd, rs1, rounding mode */
};

enum insn_ext {
	EXT_I, EXT_M, EXT_A, EXT_F, EXT_D, EXT_ZICSR, EXT_ZIFENCEI,
	EXT_ZBA, EXT_ZBB, EXT_ZBS, EXT_PRIV,
};

/* OP_ADD and so on, in the order of insn.def. */
enum insn_op {
#define I(id, name, match, mask, fmt, ext) OP_##id,
#include "cpu/insn.def"
#undef I
	OP_ILLEGAL,
	OP_COUNT = OP_ILLEGAL,	/* real instructions are below this */
};

/* Rounding modes, as encoded in rm fields and frm. */
enum insn_rm { RM_RNE, RM_RTZ, RM_RDN, RM_RUP, RM_RMM, RM_DYN = 7 };

/* A decoded instruction.  Fields its format does not name are 0. */
struct insn {
	uint16_t op;		/* enum insn_op */
	uint8_t len;		/* bytes: 2 or 4 */
	uint8_t rd, rs1, rs2, rs3;
	uint8_t rm;		/* enum insn_rm */
	int32_t imm;		/* sign-extended; FMT_U: already shifted left by 12 */
	uint32_t bits;		/* the instruction as fetched, 16 or 32 bits */
};

/* What the table says of an operation. */
struct insn_info {
	char name[12];		/* assembler mnemonic */
	uint32_t match, mask;
	uint8_t format;		/* enum insn_format */
	uint8_t ext;		/* enum insn_ext */
};

extern const struct insn_info insn_info[OP_COUNT];

/* True if the instruction whose first halfword is low has 32 bits (or claims more). */
static inline bool insn_is_wide(uint16_t low)
{
	return (low & 3) == 3;
}

/* Whether one of its operands is an FP register. */
static inline bool insn_has_fp(const struct insn *in)
{
	return in->op != OP_ILLEGAL && insn_info[in->op].format >= FMT_FLOAD;
}

/*
 * Decodes bits: a whole word for a wide instruction, else only the low half is looked
 * at.  Always fills *out; out->op is OP_ILLEGAL when there is no such instruction.
 * Encodings longer than 32 bits are illegal and given a length of 4.
 */
void insn_decode(struct insn *out, uint32_t bits);

#endif
