/* SPDX-License-Identifier: MIT
 *
 * Numbers of the RISC-V psABI and of the FDPIC ABI (docs/fdpic-abi.md) that elf.h may lack, registers, and the few
 * instructions the tool makes or changes.
 */
#ifndef FDPIC_ABI_H
#define FDPIC_ABI_H

#include <elf.h>
#include <stdint.h>

#define EF_RISCV_FUNCDESC	0x20
#define EF_RISCV_NONCONSTDISP	0x40

/* In st_other of a dynamic symbol: the function works with any gp, and leaves it alone. */
#define STO_RISCV_FDPIC_ANY_GP	0x40

#define R_RISCV_FUNCDESC	192
#define R_RISCV_FUNCDESC_VALUE	193

#ifndef R_RISCV_PLT32
#define R_RISCV_PLT32		59
#endif
#ifndef R_RISCV_SET_ULEB128
#define R_RISCV_SET_ULEB128	60
#define R_RISCV_SUB_ULEB128	61
#endif
#ifndef R_RISCV_TLSDESC
#define R_RISCV_TLSDESC		12
#endif

enum { ZERO, RA, SP, GP, TP, T0, T1, T2, A0 = 10, T3 = 28, T4, T5, T6 };

/* The parts of an address that lui (or auipc) and a user of its register hold. */
static inline uint32_t abi_hi(uint32_t v)
{
	return (v + 0x800) & 0xfffff000;
}

static inline uint32_t abi_lo(uint32_t v)
{
	return v & 0xfff;
}

static inline uint32_t insn_i(unsigned opcode, unsigned funct, unsigned rd, unsigned rs, int32_t imm)
{
	return (uint32_t)imm << 20 | rs << 15 | funct << 12 | rd << 7 | opcode;
}

static inline uint32_t insn_addi(unsigned rd, unsigned rs, int32_t imm)
{
	return insn_i(0x13, 0, rd, rs, imm);
}

static inline uint32_t insn_lw(unsigned rd, unsigned rs, int32_t imm)
{
	return insn_i(0x03, 2, rd, rs, imm);
}

static inline uint32_t insn_jalr(unsigned rd, unsigned rs)
{
	return insn_i(0x67, 0, rd, rs, 0);
}

static inline uint32_t insn_sw(unsigned rs2, unsigned rs1, int32_t imm)
{
	return ((uint32_t)imm >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | 2 << 12 | ((uint32_t)imm & 0x1f) << 7 | 0x23;
}

static inline uint32_t insn_add(unsigned rd, unsigned rs1, unsigned rs2)
{
	return rs2 << 20 | rs1 << 15 | rd << 7 | 0x33;
}

static inline uint32_t insn_sub(unsigned rd, unsigned rs1, unsigned rs2)
{
	return 1u << 30 | insn_add(rd, rs1, rs2);
}

static inline uint32_t insn_lui(unsigned rd, uint32_t value)
{
	return abi_hi(value) | rd << 7 | 0x37;
}

/* bne rs1, rs2, forward by a small multiple of two */
static inline uint32_t insn_bne(unsigned rs1, unsigned rs2, int32_t by)
{
	uint32_t d = (uint32_t)by;

	return (d >> 12 & 1) << 31 | (d >> 5 & 0x3f) << 25 | rs2 << 20 | rs1 << 15 | 1 << 12 | (d >> 1 & 0xf) << 8 |
	       (d >> 11 & 1) << 7 | 0x63;
}

#endif
