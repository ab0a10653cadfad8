/* SPDX-License-Identifier: MIT
 *
 * What the hart's tests share: a reservation of 4 GiB with one megabyte of memory at RAM, a hart
 * on it, and an assembler for the few instructions that tests are written in.
 */
#ifndef CPU_KIT_H
#define CPU_KIT_H

#include "cpu/hart.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define RAM 0x80000000u
#define RAM_SIZE 0x100000u
/* The last page of the address space is memory too. */
#define TOP 0xfffff000u

enum { ZERO, RA, SP, GP, TP, T0, T1, T2, S0, S1, A0, A1, A2, A3, A4, A5, A6, A7 };

static uint8_t *kit_base;
static struct hart hart;

static inline void kit_setup(void)
{
	ck_assert_int_eq(hart_catch_host_faults(NULL), 0);
	kit_base = mmap(NULL, (UINT64_C(1) << 32) + 65536, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ck_assert_ptr_ne(kit_base, MAP_FAILED);
	ck_assert_int_eq(mprotect(kit_base + RAM, RAM_SIZE, PROT_READ | PROT_WRITE), 0);
	ck_assert_int_eq(mprotect(kit_base + TOP, 4096, PROT_READ | PROT_WRITE), 0);
	ck_assert_int_eq(hart_init(&hart, kit_base), 0);
	hart.regs->pc = RAM;
}

static inline void kit_teardown(void)
{
	hart_fini(&hart);
	munmap(kit_base, (UINT64_C(1) << 32) + 65536);
}

/* Puts words of code at addr. */
#define CODE(addr, ...)                                                                 \
	do {                                                                            \
		const uint32_t code_[] = { __VA_ARGS__ };                               \
		memcpy(kit_base + (addr), code_, sizeof(code_));                        \
		hart_flush(&hart, (addr), sizeof(code_));                               \
	} while (0)

static inline uint32_t kit_word(uint32_t addr)
{
	uint32_t v;

	memcpy(&v, kit_base + addr, 4);
	return v;
}

#define I_TYPE(op, f3, rd, rs1, imm) \
	((uint32_t)(imm) << 20 | (uint32_t)(rs1) << 15 | (uint32_t)(f3) << 12 | (uint32_t)(rd) << 7 | (op))
#define R_TYPE(op, f7, f3, rd, rs1, rs2) \
	((uint32_t)(f7) << 25 | (uint32_t)(rs2) << 20 | (uint32_t)(rs1) << 15 | (uint32_t)(f3) << 12 | \
	 (uint32_t)(rd) << 7 | (op))

#define ADDI(rd, rs1, imm)	I_TYPE(0x13, 0, rd, rs1, imm)
#define ADD(rd, rs1, rs2)	R_TYPE(0x33, 0, 0, rd, rs1, rs2)
#define LUI(rd, imm20)		((uint32_t)(imm20) << 12 | (rd) << 7 | 0x37)
#define LB(rd, imm, rs1)	I_TYPE(0x03, 0, rd, rs1, imm)
#define LH(rd, imm, rs1)	I_TYPE(0x03, 1, rd, rs1, imm)
#define LW(rd, imm, rs1)	I_TYPE(0x03, 2, rd, rs1, imm)
#define FLD(rd, imm, rs1)	I_TYPE(0x07, 3, rd, rs1, imm)
#define S_TYPE(op, f3, rs2, imm, rs1) \
	(((uint32_t)(imm) >> 5 & 127) << 25 | (uint32_t)(rs2) << 20 | (uint32_t)(rs1) << 15 | \
	 (uint32_t)(f3) << 12 | ((uint32_t)(imm) & 31) << 7 | (op))
#define SB(rs2, imm, rs1)	S_TYPE(0x23, 0, rs2, imm, rs1)
#define SW(rs2, imm, rs1)	S_TYPE(0x23, 2, rs2, imm, rs1)
#define FSD(rs2, imm, rs1)	S_TYPE(0x27, 3, rs2, imm, rs1)
#define B_TYPE(f3, rs1, rs2, off) \
	(((uint32_t)(off) >> 12 & 1) << 31 | ((uint32_t)(off) >> 5 & 63) << 25 | (uint32_t)(rs2) << 20 | \
	 (uint32_t)(rs1) << 15 | (uint32_t)(f3) << 12 | ((uint32_t)(off) >> 1 & 15) << 8 | \
	 ((uint32_t)(off) >> 11 & 1) << 7 | 0x63)
#define BNE(rs1, rs2, off)	B_TYPE(1, rs1, rs2, off)
#define JAL(rd, off) \
	(((uint32_t)(off) >> 20 & 1) << 31 | ((uint32_t)(off) >> 1 & 1023) << 21 | \
	 ((uint32_t)(off) >> 11 & 1) << 20 | ((uint32_t)(off) >> 12 & 255) << 12 | (uint32_t)(rd) << 7 | 0x6f)
#define JALR(rd, imm, rs1)	I_TYPE(0x67, 0, rd, rs1, imm)
#define CSRRW(rd, csr, rs1)	I_TYPE(0x73, 1, rd, rs1, csr)
#define CSRRS(rd, csr, rs1)	I_TYPE(0x73, 2, rd, rs1, csr)
#define CSRRWI(rd, csr, imm)	I_TYPE(0x73, 5, rd, imm, csr)
#define LR_W(rd, rs1)		R_TYPE(0x2f, 0x08, 2, rd, rs1, 0)
#define SC_W(rd, rs2, rs1)	R_TYPE(0x2f, 0x0c, 2, rd, rs1, rs2)
#define AMOADD_W(rd, rs2, rs1)	R_TYPE(0x2f, 0x00, 2, rd, rs1, rs2)
#define ECALL	0x00000073u
#define EBREAK	0x00100073u
#define MRET	0x30200073u
#define WFI	0x10500073u
#define FENCE_I	0x0000100fu
#define ILLEGAL	0xffffffffu
#define FDIV_D(rd, rs1, rs2)	R_TYPE(0x53, 0x0d, 7, rd, rs1, rs2)
#define FADD_D(rd, rs1, rs2)	R_TYPE(0x53, 0x01, 7, rd, rs1, rs2)

static inline int kit_main(Suite *s)
{
	SRunner *r = srunner_create(s);
	int failed;

	srunner_set_fork_status(r, CK_NOFORK);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}

#endif
