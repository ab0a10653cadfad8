/* SPDX-License-Identifier: MIT
 *
 * What the integer instructions compute: sem_ADD(a, b) and so on, where a is rs1 and
 * b is rs2, the immediate or the shift amount; cond_BEQ(a, b) and so on for branches.
 * The one statement of these semantics: the interpreter's handlers, their fused forms
 * and constant folding are all made from it.
 */
#ifndef CPU_SEM_H
#define CPU_SEM_H

#include <stdbool.h>
#include <stdint.h>

#define SEM(id, expr)                                                           \
static inline __attribute__((always_inline, unused))                            \
uint32_t sem_##id(uint32_t a, uint32_t b)                                       \
{                                                                               \
	(void)b;                                                                \
	return (uint32_t)(expr);                                                \
}

#define COND(id, expr)                                                          \
static inline __attribute__((always_inline, unused))                            \
bool cond_##id(uint32_t a, uint32_t b)                                          \
{                                                                               \
	return expr;                                                            \
}

/* Register-register and register-immediate forms compute the same. */
#define SEM2(id, id_imm, expr) SEM(id, expr) SEM(id_imm, expr)

SEM2(ADD, ADDI, a + b)
SEM2(SLT, SLTI, (int32_t)a < (int32_t)b)
SEM2(SLTU, SLTIU, a < b)
SEM2(XOR, XORI, a ^ b)
SEM2(OR, ORI, a | b)
SEM2(AND, ANDI, a & b)
SEM2(SLL, SLLI, a << (b & 31))
SEM2(SRL, SRLI, a >> (b & 31))
SEM2(SRA, SRAI, (int32_t)a >> (b & 31))
SEM(SUB, a - b)

SEM(MUL, a * b)
SEM(MULH, (uint64_t)((int64_t)(int32_t)a * (int32_t)b) >> 32)
SEM(MULHSU, (uint64_t)((int64_t)(int32_t)a * (int64_t)b) >> 32)
SEM(MULHU, (uint64_t)a * b >> 32)
/* Division never traps: by zero gives all ones or the dividend; -2^31 / -1 wraps. */
SEM(DIV, b == 0 ? UINT32_MAX : b == UINT32_MAX ? 0u - a : (uint32_t)((int32_t)a / (int32_t)b))
SEM(DIVU, b == 0 ? UINT32_MAX : a / b)
SEM(REM, b == 0 ? a : b == UINT32_MAX ? 0 : (uint32_t)((int32_t)a % (int32_t)b))
SEM(REMU, b == 0 ? a : a % b)

SEM(SH1ADD, (a << 1) + b)
SEM(SH2ADD, (a << 2) + b)
SEM(SH3ADD, (a << 3) + b)

SEM(ANDN, a & ~b)
SEM(ORN, a | ~b)
SEM(XNOR, ~(a ^ b))
SEM(CLZ, a ? __builtin_clz(a) : 32)
SEM(CTZ, a ? __builtin_ctz(a) : 32)
SEM(CPOP, __builtin_popcount(a))
SEM(SEXT_B, (int32_t)(int8_t)a)
SEM(SEXT_H, (int32_t)(int16_t)a)
SEM(ZEXT_H, (uint16_t)a)
SEM(MIN, (int32_t)a < (int32_t)b ? a : b)
SEM(MINU, a < b ? a : b)
SEM(MAX, (int32_t)a > (int32_t)b ? a : b)
SEM(MAXU, a > b ? a : b)
SEM(ROL, a << (b & 31) | a >> (-b & 31))
SEM2(ROR, RORI, a >> (b & 31) | a << (-b & 31))
SEM(REV8, __builtin_bswap32(a))

/* Each byte becomes 0xff if any of its bits is set: carries of the low seven bits, plus the top one. */
static inline __attribute__((always_inline)) uint32_t sem_ORC_B(uint32_t a, uint32_t b)
{
	uint32_t top = (((a & 0x7f7f7f7fu) + 0x7f7f7f7fu) | a) & 0x80808080u;

	(void)b;
	return (top << 1) - (top >> 7);
}

SEM2(BCLR, BCLRI, a & ~(1u << (b & 31)))
SEM2(BEXT, BEXTI, a >> (b & 31) & 1)
SEM2(BINV, BINVI, a ^ 1u << (b & 31))
SEM2(BSET, BSETI, a | 1u << (b & 31))

/* Atomics: a is the old memory value, b is rs2; the result is stored. */
SEM(AMOSWAP_W, ((void)a, b))
SEM(AMOADD_W, a + b)
SEM(AMOXOR_W, a ^ b)
SEM(AMOAND_W, a & b)
SEM(AMOOR_W, a | b)
SEM(AMOMIN_W, (int32_t)a < (int32_t)b ? a : b)
SEM(AMOMAX_W, (int32_t)a > (int32_t)b ? a : b)
SEM(AMOMINU_W, a < b ? a : b)
SEM(AMOMAXU_W, a > b ? a : b)

COND(BEQ, a == b)
COND(BNE, a != b)
COND(BLT, (int32_t)a < (int32_t)b)
COND(BGE, (int32_t)a >= (int32_t)b)
COND(BLTU, a < b)
COND(BGEU, a >= b)

#undef SEM
#undef SEM2
#undef COND
#endif
