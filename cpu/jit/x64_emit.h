/* SPDX-License-Identifier: MIT
 *
 * The x86-64 encoder: one function per instruction form that the JIT uses, each appends the
 * instruction's bytes.  It knows encodings and nothing of the guest but how to address its
 * memory.  Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2.
 *
 * Operations are 32 bits wide unless their name says otherwise; writing a 32-bit register
 * clears its upper half, so a register that holds a guest value is always zero-extended.
 * When the buffer is full nothing more is written and overflow is set.
 */
#ifndef CPU_JIT_X64_EMIT_H
#define CPU_JIT_X64_EMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum x64_reg {
	RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15,
	NO_REG = -1,
};

/* Condition codes as they stand in Jcc and SETcc. */
enum x64_cond {
	CC_O = 0, CC_B = 2, CC_AE = 3, CC_E = 4, CC_NE = 5, CC_BE = 6, CC_A = 7, CC_S = 8, CC_NS = 9, CC_P = 10,
	CC_NP = 11, CC_L = 12, CC_GE = 13, CC_LE = 14, CC_G = 15,
};

/* The eight operations of opcode group 1. */
enum x64_alu { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP };

/* Shifts and rotates of opcode group 2. */
enum x64_shift { SHIFT_ROL = 0, SHIFT_ROR = 1, SHIFT_SHL = 4, SHIFT_SHR = 5, SHIFT_SAR = 7 };

/* base + (index << scale) + disp, each register may be NO_REG; index is never RSP. */
struct x64_mem {
	int8_t base, index;
	uint8_t scale;
	bool guest;	/* in the guest's memory: 32-bit address arithmetic, based on GS */
	int32_t disp;
};

struct emitter {
	uint8_t *p;	/* where the next byte goes, in the writable view */
	uint8_t *end;
	intptr_t view;	/* what to add to p for the address the code will have when it runs */
	bool overflow;
};

#define EMIT_LONGEST 16

static inline void emit_bytes(struct emitter *e, const void *bytes, unsigned n)
{
	if ((unsigned long)(e->end - e->p) < n) {
		e->overflow = true;
		return;
	}
	memcpy(e->p, bytes, n);
	e->p += n;
}

static inline void emit_8(struct emitter *e, uint32_t v)
{
	uint8_t b = (uint8_t)v;

	emit_bytes(e, &b, 1);
}

static inline void emit_32(struct emitter *e, uint32_t v)
{
	emit_bytes(e, &v, 4);
}

static inline void emit_64(struct emitter *e, uint64_t v)
{
	emit_bytes(e, &v, 8);
}

/* The address at which the next instruction will run. */
static inline uintptr_t emit_here(const struct emitter *e)
{
	return (uintptr_t)((intptr_t)e->p + e->view);
}

/* --- the parts of an instruction */

#define REX_W 8u

/*
 * What an opcode needs to be told beside its number: a mandatory prefix (0x66, 0xf2, 0xf3; 0: none),
 * whether REX.W is wanted, and whether a byte register takes part, which needs a REX prefix for
 * SPL, BPL, SIL and DIL.
 */
struct x64_op {
	uint8_t prefix;
	bool wide, byte;
	uint8_t map;	/* 0: one byte; 1: 0f; 2: 0f 38; 3: 0f 3a */
	uint8_t code;
};

static inline void emit_opcode(struct emitter *e, struct x64_op op, unsigned rex)
{
	static const uint8_t escapes[][2] = { { 0 }, { 0 }, { 0, 0x38 }, { 0, 0x3a } };

	if (op.prefix)
		emit_8(e, op.prefix);
	if (op.wide)
		rex |= REX_W;
	if (rex || op.byte)
		emit_8(e, 0x40 | rex);
	if (op.map)
		emit_8(e, 0x0f);
	if (op.map > 1)
		emit_8(e, escapes[op.map][1]);
	emit_8(e, op.code);
}

/* An instruction with a register in ModRM.reg (or an opcode extension) and one in ModRM.rm. */
static inline void emit_rr(struct emitter *e, struct x64_op op, unsigned reg, unsigned rm)
{
	emit_opcode(e, op, (reg >> 3 & 1) << 2 | (rm >> 3 & 1));
	emit_8(e, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

/* ModRM, SIB and displacement. */
static inline void emit_address(struct emitter *e, unsigned reg, struct x64_mem m)
{
	unsigned field = (reg & 7) << 3, base = (unsigned)m.base & 7, mod;

	if (m.base == NO_REG) {
		/* No base: SIB with base 101 and mod 00, a 32-bit displacement. */
		emit_8(e, field | 4);
		emit_8(e, (unsigned)m.scale << 6 | (m.index == NO_REG ? 4u : (unsigned)m.index & 7) << 3 | 5);
		emit_32(e, (uint32_t)m.disp);
		return;
	}
	if (m.disp == 0 && base != RBP)
		mod = 0;
	else if (m.disp >= -128 && m.disp <= 127)
		mod = 1;
	else
		mod = 2;
	if (m.index == NO_REG && base != RSP) {
		emit_8(e, mod << 6 | field | base);
	} else {
		emit_8(e, mod << 6 | field | 4);
		emit_8(e, (unsigned)m.scale << 6 | (m.index == NO_REG ? 4u : (unsigned)m.index & 7) << 3 | base);
	}
	if (mod == 1)
		emit_8(e, (uint32_t)m.disp);
	else if (mod == 2)
		emit_32(e, (uint32_t)m.disp);
}

/* An instruction with a register in ModRM.reg and memory in ModRM.rm. */
static inline void emit_rm(struct emitter *e, struct x64_op op, unsigned reg, struct x64_mem m)
{
	unsigned rex = (reg >> 3 & 1) << 2;

	if (m.base != NO_REG)
		rex |= (unsigned)m.base >> 3 & 1;
	if (m.index != NO_REG)
		rex |= ((unsigned)m.index >> 3 & 1) << 1;
	if (m.guest) {
		emit_8(e, 0x65);	/* GS */
		emit_8(e, 0x67);	/* 32-bit addresses */
	}
	emit_opcode(e, op, rex);
	emit_address(e, reg, m);
}

/* VEX-encoded, for BMI2 and FMA: pp is the mandatory prefix (0, 1: 66, 2: f3, 3: f2), map as in x64_op. */
static inline void emit_vex(struct emitter *e, unsigned map, unsigned pp, bool wide, unsigned code,
			    unsigned reg, unsigned v, unsigned rm)
{
	emit_8(e, 0xc4);
	emit_8(e, (~reg >> 3 & 1) << 7 | 1u << 6 | (~rm >> 3 & 1) << 5 | map);
	emit_8(e, (unsigned)wide << 7 | (~v & 15) << 3 | pp);
	emit_8(e, code);
	emit_8(e, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

/* The same with memory in ModRM.rm, addressed by one of the low eight registers. */
static inline void emit_vex_mem(struct emitter *e, unsigned map, unsigned pp, bool wide, unsigned code,
				unsigned reg, unsigned v, struct x64_mem m)
{
	emit_8(e, 0xc4);
	emit_8(e, (~reg >> 3 & 1) << 7 | 1u << 6 | 1u << 5 | map);
	emit_8(e, (unsigned)wide << 7 | (~v & 15) << 3 | pp);
	emit_8(e, code);
	emit_address(e, reg, m);
}

/* --- moves */

static inline void x64_mov(struct emitter *e, unsigned d, unsigned s)
{
	emit_rr(e, (struct x64_op){ .code = 0x8b }, d, s);
}

static inline void x64_mov64(struct emitter *e, unsigned d, unsigned s)
{
	emit_rr(e, (struct x64_op){ .code = 0x8b, .wide = true }, d, s);
}

static inline void x64_movsxd(struct emitter *e, unsigned d, unsigned s)
{
	emit_rr(e, (struct x64_op){ .code = 0x63, .wide = true }, d, s);
}

/* Leaves the flags alone. */
static inline void x64_mov_imm(struct emitter *e, unsigned d, uint32_t imm)
{
	if (d >> 3)
		emit_8(e, 0x41);
	emit_8(e, 0xb8 | (d & 7));
	emit_32(e, imm);
}

static inline void x64_mov_imm64(struct emitter *e, unsigned d, uint64_t imm)
{
	emit_8(e, 0x48 | (d >> 3 & 1));
	emit_8(e, 0xb8 | (d & 7));
	emit_64(e, imm);
}

static inline void x64_load(struct emitter *e, unsigned d, struct x64_mem m)
{
	emit_rm(e, (struct x64_op){ .code = 0x8b }, d, m);
}

static inline void x64_load64(struct emitter *e, unsigned d, struct x64_mem m)
{
	emit_rm(e, (struct x64_op){ .code = 0x8b, .wide = true }, d, m);
}

static inline void x64_store(struct emitter *e, struct x64_mem m, unsigned s)
{
	emit_rm(e, (struct x64_op){ .code = 0x89 }, s, m);
}

static inline void x64_store64(struct emitter *e, struct x64_mem m, unsigned s)
{
	emit_rm(e, (struct x64_op){ .code = 0x89, .wide = true }, s, m);
}

static inline void x64_store8(struct emitter *e, struct x64_mem m, unsigned s)
{
	emit_rm(e, (struct x64_op){ .code = 0x88, .byte = s >= RSP }, s, m);
}

static inline void x64_store16(struct emitter *e, struct x64_mem m, unsigned s)
{
	/* The operand-size prefix may stand before or after the others, but REX must come last. */
	emit_8(e, 0x66);
	emit_rm(e, (struct x64_op){ .code = 0x89 }, s, m);
}

static inline void x64_store_imm(struct emitter *e, struct x64_mem m, uint32_t imm)
{
	emit_rm(e, (struct x64_op){ .code = 0xc7 }, 0, m);
	emit_32(e, imm);
}

static inline void x64_store_imm16(struct emitter *e, struct x64_mem m, uint32_t imm)
{
	emit_8(e, 0x66);
	emit_rm(e, (struct x64_op){ .code = 0xc7 }, 0, m);
	emit_8(e, imm);
	emit_8(e, imm >> 8);
}

static inline void x64_store_imm8(struct emitter *e, struct x64_mem m, uint32_t imm)
{
	emit_rm(e, (struct x64_op){ .code = 0xc6 }, 0, m);
	emit_8(e, imm);
}

/* Extending moves: code b6 movzx 8, b7 movzx 16, be movsx 8, bf movsx 16. */
enum x64_extend { EXTEND_U8 = 0xb6, EXTEND_U16 = 0xb7, EXTEND_S8 = 0xbe, EXTEND_S16 = 0xbf };

static inline void x64_extend(struct emitter *e, enum x64_extend how, unsigned d, unsigned s)
{
	bool byte = (how == EXTEND_U8 || how == EXTEND_S8) && s >= RSP;

	emit_rr(e, (struct x64_op){ .map = 1, .code = (uint8_t)how, .byte = byte }, d, s);
}

static inline void x64_load_extend(struct emitter *e, enum x64_extend how, unsigned d, struct x64_mem m)
{
	emit_rm(e, (struct x64_op){ .map = 1, .code = (uint8_t)how }, d, m);
}

/* lea with 32-bit results. */
static inline void x64_lea(struct emitter *e, unsigned d, struct x64_mem m)
{
	m.guest = false;
	emit_rm(e, (struct x64_op){ .code = 0x8d }, d, m);
}

/* --- arithmetic */

static inline void x64_alu(struct emitter *e, enum x64_alu op, unsigned d, unsigned s)
{
	emit_rr(e, (struct x64_op){ .code = (uint8_t)(op << 3 | 3) }, d, s);
}

static inline void x64_alu64(struct emitter *e, enum x64_alu op, unsigned d, unsigned s)
{
	emit_rr(e, (struct x64_op){ .code = (uint8_t)(op << 3 | 3), .wide = true }, d, s);
}

static inline void x64_alu_mem(struct emitter *e, enum x64_alu op, unsigned d, struct x64_mem m)
{
	emit_rm(e, (struct x64_op){ .code = (uint8_t)(op << 3 | 3) }, d, m);
}

/* op [m], s */
static inline void x64_alu_to_mem(struct emitter *e, enum x64_alu op, struct x64_mem m, unsigned s)
{
	emit_rm(e, (struct x64_op){ .code = (uint8_t)(op << 3 | 1) }, s, m);
}

static inline void x64_inc64_mem(struct emitter *e, struct x64_mem m)
{
	emit_rm(e, (struct x64_op){ .code = 0xff, .wide = true }, 0, m);
}

static inline void x64_alu_imm(struct emitter *e, enum x64_alu op, unsigned d, int32_t imm)
{
	if (imm >= -128 && imm <= 127) {
		emit_rr(e, (struct x64_op){ .code = 0x83 }, op, d);
		emit_8(e, (uint32_t)imm);
	} else {
		emit_rr(e, (struct x64_op){ .code = 0x81 }, op, d);
		emit_32(e, (uint32_t)imm);
	}
}

static inline void x64_alu64_imm(struct emitter *e, enum x64_alu op, unsigned d, int32_t imm)
{
	if (imm >= -128 && imm <= 127) {
		emit_rr(e, (struct x64_op){ .code = 0x83, .wide = true }, op, d);
		emit_8(e, (uint32_t)imm);
	} else {
		emit_rr(e, (struct x64_op){ .code = 0x81, .wide = true }, op, d);
		emit_32(e, (uint32_t)imm);
	}
}

/* op dword [m], imm */
static inline void x64_alu_mem_imm(struct emitter *e, enum x64_alu op, struct x64_mem m, int32_t imm)
{
	if (imm >= -128 && imm <= 127) {
		emit_rm(e, (struct x64_op){ .code = 0x83 }, op, m);
		emit_8(e, (uint32_t)imm);
	} else {
		emit_rm(e, (struct x64_op){ .code = 0x81 }, op, m);
		emit_32(e, (uint32_t)imm);
	}
}

static inline void x64_test(struct emitter *e, unsigned a, unsigned b)
{
	emit_rr(e, (struct x64_op){ .code = 0x85 }, a, b);
}

static inline void x64_test_imm8(struct emitter *e, unsigned a, uint32_t imm)
{
	emit_rr(e, (struct x64_op){ .code = 0xf6, .byte = a >= RSP }, 0, a);
	emit_8(e, imm);
}

/* test of 1, 2 or 4 bytes of memory */
static inline void x64_test_mem_imm(struct emitter *e, unsigned bytes, struct x64_mem m, uint32_t imm)
{
	emit_rm(e, (struct x64_op){ .prefix = bytes == 2 ? 0x66 : 0, .code = bytes == 1 ? 0xf6 : 0xf7 }, 0, m);
	for (unsigned k = 0; k < bytes; k++)
		emit_8(e, imm >> 8 * k);
}

static inline void x64_shift_imm(struct emitter *e, enum x64_shift op, unsigned d, unsigned n)
{
	emit_rr(e, (struct x64_op){ .code = 0xc1 }, op, d);
	emit_8(e, n);
}

static inline void x64_shr64_imm(struct emitter *e, unsigned d, unsigned n)
{
	emit_rr(e, (struct x64_op){ .code = 0xc1, .wide = true }, SHIFT_SHR, d);
	emit_8(e, n);
}

static inline void x64_shl64_imm(struct emitter *e, unsigned d, unsigned n)
{
	emit_rr(e, (struct x64_op){ .code = 0xc1, .wide = true }, SHIFT_SHL, d);
	emit_8(e, n);
}

/* btr (6) or btc (7): bit n of a 64-bit register. */
static inline void x64_bit64_imm(struct emitter *e, unsigned op, unsigned d, unsigned n)
{
	emit_rr(e, (struct x64_op){ .map = 1, .code = 0xba, .wide = true }, op, d);
	emit_8(e, n);
}

/* By CL. */
static inline void x64_shift_cl(struct emitter *e, enum x64_shift op, unsigned d)
{
	emit_rr(e, (struct x64_op){ .code = 0xd3 }, op, d);
}

/* BMI2: d = s shifted by the register count. */
static inline void x64_shift_x(struct emitter *e, enum x64_shift op, unsigned d, unsigned s, unsigned count)
{
	emit_vex(e, 2, op == SHIFT_SHL ? 1 : op == SHIFT_SHR ? 3 : 2, false, 0xf7, d, count, s);
}

/* BMI2: d = s rotated right by n. */
static inline void x64_rorx(struct emitter *e, unsigned d, unsigned s, unsigned n)
{
	emit_vex(e, 3, 3, false, 0xf0, d, 0, s);
	emit_8(e, n);
}

/* BMI1: d = ~a & b. */
static inline void x64_andn(struct emitter *e, unsigned d, unsigned a, unsigned b)
{
	emit_vex(e, 2, 0, false, 0xf2, d, a, b);
}

static inline void x64_neg(struct emitter *e, unsigned d)
{
	emit_rr(e, (struct x64_op){ .code = 0xf7 }, 3, d);
}

static inline void x64_not(struct emitter *e, unsigned d)
{
	emit_rr(e, (struct x64_op){ .code = 0xf7 }, 2, d);
}

static inline void x64_imul(struct emitter *e, unsigned d, unsigned s)
{
	emit_rr(e, (struct x64_op){ .map = 1, .code = 0xaf }, d, s);
}

static inline void x64_imul64(struct emitter *e, unsigned d, unsigned s)
{
	emit_rr(e, (struct x64_op){ .map = 1, .code = 0xaf, .wide = true }, d, s);
}

static inline void x64_imul_mem(struct emitter *e, unsigned d, struct x64_mem m)
{
	emit_rm(e, (struct x64_op){ .map = 1, .code = 0xaf }, d, m);
}

static inline void x64_imul_imm(struct emitter *e, unsigned d, unsigned s, int32_t imm)
{
	emit_rr(e, (struct x64_op){ .code = 0x69 }, d, s);
	emit_32(e, (uint32_t)imm);
}

/* EAX = EDX:EAX / s, EDX = the remainder. */
static inline void x64_div(struct emitter *e, unsigned s)
{
	emit_rr(e, (struct x64_op){ .code = 0xf7 }, 6, s);
}

static inline void x64_idiv(struct emitter *e, unsigned s)
{
	emit_rr(e, (struct x64_op){ .code = 0xf7 }, 7, s);
}

static inline void x64_cdq(struct emitter *e)
{
	emit_8(e, 0x99);
}

static inline void x64_setcc(struct emitter *e, enum x64_cond cc, unsigned d)
{
	emit_rr(e, (struct x64_op){ .map = 1, .code = (uint8_t)(0x90 | cc), .byte = d >= RSP }, 0, d);
}

static inline void x64_cmov(struct emitter *e, enum x64_cond cc, unsigned d, unsigned s)
{
	emit_rr(e, (struct x64_op){ .map = 1, .code = (uint8_t)(0x40 | cc) }, d, s);
}

static inline void x64_bswap(struct emitter *e, unsigned d)
{
	if (d >> 3)
		emit_8(e, 0x41);
	emit_8(e, 0x0f);
	emit_8(e, 0xc8 | (d & 7));
}

/* bts 0xab, btr 0xb3, btc 0xbb, bt 0xa3: bit s of d, s modulo 32. */
static inline void x64_bit(struct emitter *e, unsigned code, unsigned d, unsigned s)
{
	emit_rr(e, (struct x64_op){ .map = 1, .code = (uint8_t)code }, s, d);
}

/* lzcnt 0xbd, tzcnt 0xbc, popcnt 0xb8 */
static inline void x64_count(struct emitter *e, unsigned code, unsigned d, unsigned s)
{
	emit_rr(e, (struct x64_op){ .prefix = 0xf3, .map = 1, .code = (uint8_t)code }, d, s);
}

/* --- control flow: all displacements are 32 bits and end the instruction */

static inline void x64_rel32(struct emitter *e, uintptr_t target)
{
	emit_32(e, (uint32_t)(target - (emit_here(e) + 4)));
}

/* Each returns where its displacement is, for x64_patch(). */
static inline uint8_t *x64_jmp(struct emitter *e, uintptr_t target)
{
	emit_8(e, 0xe9);
	x64_rel32(e, target);
	return e->p - 4;
}

static inline uint8_t *x64_jcc(struct emitter *e, enum x64_cond cc, uintptr_t target)
{
	emit_8(e, 0x0f);
	emit_8(e, 0x80 | cc);
	x64_rel32(e, target);
	return e->p - 4;
}

static inline uint8_t *x64_call(struct emitter *e, uintptr_t target)
{
	emit_8(e, 0xe8);
	x64_rel32(e, target);
	return e->p - 4;
}

static inline void x64_patch(const struct emitter *e, uint8_t *site, uintptr_t target)
{
	uint32_t rel = (uint32_t)(target - (uintptr_t)((intptr_t)site + e->view + 4));

	if (!e->overflow)
		memcpy(site, &rel, 4);
}

static inline void x64_jmp_reg(struct emitter *e, unsigned r)
{
	emit_rr(e, (struct x64_op){ .code = 0xff }, 4, r);
}

static inline void x64_call_reg(struct emitter *e, unsigned r)
{
	emit_rr(e, (struct x64_op){ .code = 0xff }, 2, r);
}

static inline void x64_ret(struct emitter *e)
{
	emit_8(e, 0xc3);
}

static inline void x64_push(struct emitter *e, unsigned r)
{
	if (r >> 3)
		emit_8(e, 0x41);
	emit_8(e, 0x50 | (r & 7));
}

static inline void x64_pop(struct emitter *e, unsigned r)
{
	if (r >> 3)
		emit_8(e, 0x41);
	emit_8(e, 0x58 | (r & 7));
}

#endif
