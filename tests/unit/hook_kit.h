/* SPDX-License-Identifier: MIT
 *
 * Programs that the tests of hooks watch: each ends with ebreak, or with a fault.
 */
#ifndef HOOK_KIT_H
#define HOOK_KIT_H

#include "cpu/jit/jit.h"
#include "tests/unit/cpu_kit.h"

#define X(n) (hart.regs->x[n])
#define PC (hart.regs->pc)
#define ANDI(rd, rs1, imm)	I_TYPE(0x13, 7, rd, rs1, imm)
#define BEQ(rs1, rs2, off)	B_TYPE(0, rs1, rs2, off)
#define RET			JALR(ZERO, 0, RA)
#define CSRR(rd)		CSRRS(rd, 0x001, ZERO)
#define MSTATUS			0x300
#define MEPC			0x341
#define MPP_M			0x1800u
#define FADD_S(rd, rs1, rs2)	R_TYPE(0x53, 0x00, 7, rd, rs1, rs2)

#define CODE_SIZE 0x400u

/* Called by devices and for system calls, when a test wants that. */
static void (*kit_called)(void);

static bool bus_load(void *owner, uint32_t addr, uint32_t size, uint64_t *value)
{
	(void)owner;
	(void)size;
	*value = addr;
	if (kit_called)
		kit_called();
	return addr < 0x1000;
}

static bool bus_store(void *owner, uint32_t addr, uint32_t size, uint64_t value)
{
	(void)owner;
	(void)size;
	(void)value;
	if (kit_called)
		kit_called();
	/* Now and then what is running is forgotten. */
	if (addr < 0x1000 && value % 64 == 0)
		hart_flush(&hart, value % 128 ? RAM : 0, value % 128 ? 64 : 0);
	return addr < 0x1000;
}

static enum hart_call on_ecall(void *owner)
{
	(void)owner;
	PC += 4;
	if (kit_called)
		kit_called();
	return HART_CALL_DONE;
}

/* Pairs that the interpreter fuses, results that the JIT defers, a branch each way. */
static void loops(void)
{
	CODE(RAM, ADDI(A0, A0, 1), ADD(A2, A0, A1), LW(A3, 0, S0), ADDI(A3, A3, 4), SW(A3, 0, S0), ANDI(T0, A0, 3),
	     BNE(T0, ZERO, 12), ADDI(A4, A4, 1), LUI(A5, 5), ADDI(ZERO, ZERO, 0), ADDI(A1, A1, -1), BNE(A1, ZERO, -44),
	     EBREAK);
	X(A1) = 3000;
}

/* A function that is inlined and comes back elsewhere now and then, recursion, calls by pointer. */
static void calls(void)
{
	CODE(RAM, JAL(RA, 0x100), ADDI(A0, A0, 1), ADDI(A0, A0, 2), JAL(RA, 0x174), JALR(RA, 0, S1), ADDI(A1, A1, -1),
	     BNE(A1, ZERO, -24), EBREAK);
	CODE(RAM + 0x100, ANDI(T0, A1, 7), BNE(T0, ZERO, 8), ADDI(RA, RA, 4), RET);
	CODE(RAM + 0x180, ANDI(A2, A1, 15), ADDI(SP, SP, -8), SW(RA, 0, SP), BEQ(A2, ZERO, 12), ADDI(A2, A2, -1),
	     JAL(RA, -16), LW(RA, 0, SP), ADDI(SP, SP, 8), RET);
	CODE(RAM + 0x200, ADDI(A3, A3, 1), JALR(T0, 0, A7), ADDI(A3, A3, 1), RET);
	CODE(RAM + 0x240, ADDI(A4, A4, 1), JALR(ZERO, 0, T0));
	X(S1) = RAM + 0x200;
	X(A7) = RAM + 0x240;
	X(A1) = 2000;
}

/* Devices, system calls, system instructions, atomics that the JIT leaves to the interpreter. */
static void leaving(void)
{
	CODE(RAM, LW(A2, 0x100, ZERO), SW(A1, 0x104, ZERO), ECALL, CSRR(A3), LR_W(A4, S0), SC_W(A4, A4, S0),
	     SC_W(A4, A4, S0), FENCE_I, AMOADD_W(A4, A4, S0), ANDI(T0, A1, 31), BNE(T0, ZERO, 8), CSRRWI(ZERO, 2, 0),
	     ADDI(A1, A1, -1), BNE(A1, ZERO, -52), EBREAK);
	X(A1) = 1000;
}

/* Results that are NaN, singles that are none, a division by 0. */
static void floating_point(void)
{
	CODE(RAM, FLD(1, 8, S0), FADD_D(2, 1, 1), FADD_S(3, 1, 1), FDIV_D(4, 5, 5), FSD(2, 16, S0), ANDI(T0, A1, 63),
	     BNE(T0, ZERO, 8), CSRRWI(ZERO, 2, 2), CSRRWI(ZERO, 2, 0), ADDI(A1, A1, -1), BNE(A1, ZERO, -40), EBREAK);
	X(A1) = 1500;
}

/* The last access of many is the first that fails; what is before it in its block has retired. */
static void faults(void)
{
	CODE(RAM, ADDI(A2, A2, 4), ADD(A3, S1, A2), ADDI(A4, A4, 1), LW(A5, 0, A3), ADDI(A6, A6, 1), JAL(ZERO, -20));
	X(S1) = RAM + RAM_SIZE - 8000;
}

/* Code that changes itself. */
static void changes(void)
{
	CODE(RAM, SW(A2, 12, S1), ADD(A2, A2, A3), FENCE_I, ADDI(A4, A4, 1), ADDI(T1, ZERO, 40), ADDI(T1, T1, -1),
	     BNE(T1, ZERO, -4), ADDI(A1, A1, -1), BNE(A1, ZERO, -32), EBREAK);
	X(A2) = ADDI(A4, A4, 2);
	X(A3) = 1u << 20;
	X(S1) = RAM;
	X(A1) = 200;
}

/* mret, to machine mode each time. */
static void returns_from_traps(void)
{
	CODE(RAM, CSRRS(ZERO, MSTATUS, T2), CSRRW(ZERO, MEPC, S1), MRET, ADDI(A2, A2, 1), ADDI(A1, A1, -1),
	     BNE(A1, ZERO, -20), EBREAK);
	X(T2) = MPP_M;
	X(S1) = RAM + 16;
	X(A1) = 500;
}

static void (*const programs[])(void) = {
	loops, calls, leaving, floating_point, faults, changes, returns_from_traps,
};
#define PROGRAMS ((int)(sizeof(programs) / sizeof(programs[0])))

static inline void kit_begin(void (*program)(void))
{
	kit_setup();
	kit_called = NULL;
	hart.bus = (struct hart_bus){ NULL, bus_load, bus_store };
	hart.on_ecall = on_ecall;
	program();
	X(S0) = RAM + 0x1000;
	X(SP) = RAM + 0x20000;
	memset(kit_base + RAM + 0x1008, 0x3f, 8);
}

#endif
