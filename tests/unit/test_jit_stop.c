/* SPDX-License-Identifier: MIT
 *
 * What makes translated code stop or ask: faults, devices, system calls; and the arithmetic
 * that hosts and guests disagree on.  Each in a loop that is hot.
 */
#include "tests/unit/jit_kit.h"

#define FLW(rd, imm, rs1)	I_TYPE(0x07, 2, rd, rs1, imm)
#define FSW(rs2, imm, rs1)	S_TYPE(0x27, 2, rs2, imm, rs1)
#define FP(f7, rm, rd, rs1, rs2) R_TYPE(0x53, f7, rm, rd, rs1, rs2)
#define AMO(f5)	R_TYPE(0x2f, (f5) << 2, 2, A0, A1, A4)
#define DYN 7
#define FCSR 3
#define FRM 2

static const uint32_t loads_and_stores[] = {
	LW(A0, 0, A1), LB(A0, 3, A1), LH(A0, 2, A1), SW(A4, 0, A1), SB(A4, 3, A1), FLD(1, -4, A1), FSD(1, -4, A1),
	FLW(1, 0, A1), FSW(1, 0, A1), LW(A1, 0, A1), LW(ZERO, 0, A1), AMOADD_W(A0, A4, A1), LR_W(A0, A1),
};

#define HOW_MANY (sizeof(loads_and_stores) / sizeof(loads_and_stores[0]))

/* The address is a sum, and other sums are under way. */
SCENARIO(walks_off_the_end)
{
	for (uint32_t i = 0; i < HOW_MANY; i++) {
		CODE(RAM, ADDI(A2, A2, 1), ADD(A1, S0, S1), ADDI(A3, A2, 5), XOR(A4, A4, A3), loads_and_stores[i],
		     ADD(A5, A5, A0), ADDI(S1, S1, 4), JAL(ZERO, -28));
		PC = RAM;
		X(S0) = RAM + RAM_SIZE - 4000;
		X(S1) = 0;
		/* This one follows what it loads. */
		if (loads_and_stores[i] == LW(A1, 0, A1))
			memset(kit_base + RAM + RAM_SIZE - 4000, 0, 4000);
		ck_assert_int_eq(go(100000), HART_FAULT);
		ck_assert_uint_eq(PC, RAM + 16);
		ck_assert_uint_eq(X(S1), 4000);
		ck_assert_uint_ge(hart.trap.value, RAM + RAM_SIZE - 4);
		/* The caller may give it memory, or look again. */
		ck_assert_int_eq(go(100000), HART_FAULT);
		X(S1) -= 400;
		PC = RAM;
		ck_assert_int_eq(go(100000), HART_FAULT);
	}
}

/* The last access that succeeds is partly outside: at every offset from the end. */
SCENARIO(straddles_the_end)
{
	for (uint32_t i = 0; i < HOW_MANY - 2; i++) {
		CODE(RAM, loads_and_stores[i], ADDI(A1, A1, 3), ADDI(A2, A2, 1), JAL(ZERO, -12));
		for (uint32_t start = 3000; start < 3004; start++) {
			PC = RAM;
			X(A1) = RAM + RAM_SIZE - start;
			X(A2) = 0;
			ck_assert_int_eq(go(100000), HART_FAULT);
			ck_assert_uint_eq(PC, RAM);
		}
	}
}

/* Memory that may be read: flash. Each store walks into it, and faults at its first byte. */
SCENARIO(stores_to_read_only_memory)
{
	static const uint32_t stores[] = {
		SB(A4, 0, A1), S_TYPE(0x23, 1, A4, 0, A1), SW(A4, 0, A1), FSD(1, 0, A1), FSW(1, 0, A1), SW(ZERO, 0, A1),
		SC_W(A0, A4, A1), AMO(0x01), AMO(0x00), AMO(0x04), AMO(0x0c), AMO(0x08), AMO(0x10), AMO(0x14), AMO(0x18), AMO(0x1c),
	};
	const uint32_t flash = RAM + 0x80000, len = 0x1000;

	memset(kit_base + flash, 0xff, len);
	ck_assert_int_eq(mprotect(kit_base + flash, len, PROT_READ), 0);
	for (uint32_t i = 0; i < sizeof stores / sizeof stores[0]; i++) {
		CODE(RAM, LR_W(A5, A1), ADD(A3, A3, A5), stores[i], ADDI(A1, A1, 8), XOR(A4, A4, A3), JAL(ZERO, -20));
		PC = RAM;
		X(A1) = flash - 4096;
		X(A4) = UINT32_MAX;
		for (uint32_t tries = 0; tries < 2; tries++) {
			ck_assert_int_eq(go(100000), HART_FAULT);
			ck_assert_uint_eq(PC, RAM + 8);
			ck_assert_int_eq(hart.trap.access, HART_STORE);
			ck_assert_uint_eq(hart.trap.value, flash);
			ck_assert_uint_eq(kit_word(flash), UINT32_MAX);
		}
	}
	/* Half of it would have been memory that can be written. */
	CODE(RAM, ADDI(A1, A1, 1), SW(A4, 0, A1), JAL(ZERO, -8));
	PC = RAM;
	X(A1) = flash - 1000;
	X(A4) = 0x01020304;
	ck_assert_int_eq(go(100000), HART_FAULT);
	ck_assert_uint_eq(hart.trap.value, flash - 3);
	ck_assert_uint_eq(kit_word(flash - 4), 0x01020304);
	/* And reading is free. */
	CODE(RAM, LW(A0, 0, A1), ADD(A2, A2, A0), ADDI(A1, A1, 4), BNE(A1, A3, -12), ECALL);
	PC = RAM;
	X(A1) = flash;
	X(A2) = 0;
	X(A3) = flash + len;
	ck_assert_int_eq(go(100000), HART_ECALL);
	ck_assert_uint_eq(X(A2), -(len / 4));
}

/* In a callee, with returns waiting on the JIT's stack. */
SCENARIO(faults_in_a_callee)
{
	CODE(RAM, JAL(RA, 0x100), ADDI(A0, A0, 1), JAL(ZERO, -8));
	CODE(RAM + 0x100, ADDI(A1, A1, 16), LW(A2, 0, A1), ADD(A3, A3, A2), RET);
	X(A1) = RAM + RAM_SIZE - 0x4000;
	ck_assert_int_eq(go(1000000), HART_FAULT);
	ck_assert_uint_eq(PC, RAM + 0x104);
	ck_assert_uint_eq(hart.trap.value, RAM + RAM_SIZE);
	/* Skipped, as a handler might, many times. */
	for (int i = 0; i < 100; i++) {
		PC += 4;
		ck_assert_int_eq(go(1000000), HART_FAULT);
	}
}

/* Jumps to where no memory is, to data, to a byte that is not there. */
SCENARIO(jumps_astray)
{
	for (uint32_t i = 0; i < 4; i++) {
		static const uint32_t where[] = { 0x2000, RAM + RAM_SIZE, RAM + 0x3000, RAM + RAM_SIZE - 2 };

		kit_base[RAM + RAM_SIZE - 2] = 0x13;
		CODE(RAM, ADDI(A0, A0, -1), BNE(A0, ZERO, 8), ADDI(A1, A2, 0), JALR(RA, 0, A1));
		CODE(RAM + 0x100, ADDI(A3, A3, 1), JALR(ZERO, -16, RA));
		PC = RAM;
		X(A0) = 2000;
		X(A1) = RAM + 0x100;
		X(A2) = where[i];
		ck_assert_int_eq(go(100000), i == 2 ? HART_ILLEGAL : HART_FAULT);
		ck_assert_uint_eq(PC, where[i]);
	}
}

static uint32_t bus_asked, bus_flush;

static void maybe_flush(void)
{
	if (bus_flush && ++bus_asked % bus_flush == 0)
		hart_flush(&hart, bus_asked % (2 * bus_flush) ? RAM : 0, bus_asked % (2 * bus_flush) ? 8 : 0);
}

static bool bus_load(void *owner, uint32_t addr, uint32_t size, uint64_t *value)
{
	(void)owner;
	if (addr < 0x1000 || addr > 0x10ff)
		return false;
	kit_note(addr * 16 + size);
	*value = kit_noted >> 3;
	maybe_flush();
	return true;
}

static bool bus_store(void *owner, uint32_t addr, uint32_t size, uint64_t value)
{
	(void)owner;
	if (addr < 0x1000 || addr > 0x10ff)
		return false;
	kit_note(addr * 16 + size + 8);
	kit_note(size == 8 ? value : value & ((UINT64_C(1) << 8 * size) - 1));
	maybe_flush();
	return true;
}

static void ask_the_bus(uint32_t flush)
{
	hart.bus = (struct hart_bus){ NULL, bus_load, bus_store };
	bus_flush = flush;
	bus_asked = 0;
	CODE(RAM, LB(A0, 0, S0), ADD(A2, A2, A0), LW(A3, 4, S0), SW(A2, 12, S0), LH(A4, 6, S0), SB(A4, 16, S0),
	     FLD(1, 32, S0), FSD(1, 40, S0), LW(A5, 0, S1), ADD(A5, A5, A3), SW(A5, 0, S1), FLW(2, 9, S0), FSW(2, 17, S0),
	     ADDI(A1, A1, -1), BNE(A1, ZERO, -56), LW(A0, 0x100, S0));
	X(S0) = 0x1000;
	X(S1) = RAM + 0x4000;
	X(A1) = 1500;
	ck_assert_int_eq(go(1000000), HART_FAULT);
	ck_assert_uint_eq(PC, RAM + 60);
	/* The same code on memory, and now and then on the device. */
	PC = RAM;
	X(S0) = RAM + 0x5000;
	X(A1) = 3000;
	ck_assert_int_eq(go(20011), HART_BUDGET);
	X(S0) = 0x1000;
	ck_assert_int_eq(go(15013), HART_BUDGET);
}

SCENARIO(devices)
{
	ask_the_bus(0);
}

SCENARIO(devices_that_flush)
{
	ask_the_bus(7);
	PC = RAM;
	ask_the_bus(1);
}

/*
 * A system call: by a7, kind 0 is for the caller of hart_run(), 1 is done, 2 wants the caller to look, 3 goes on
 * elsewhere, 4 forgets code.  Engines may ask on_ecall or return.
 */
static unsigned calls_asked, calls_looked;

static void serve(void)
{
	kit_note(hart.instret);
	kit_note(PC);
	for (int i = 0; i < 32; i++)
		kit_note(X(i));
	X(A0) ^= 0x55 + X(A7);
	PC += 4;
	switch (X(A7) & 7) {
	case 3:
		X(S0) += X(A0);
		PC += 4;
		break;
	case 4:
		hart_flush(&hart, X(A0) & 1 ? RAM : 0, X(A0) & 1 ? 4 : 0);
		break;
	}
}

static enum hart_call on_ecall(void *owner)
{
	ck_assert_ptr_eq(owner, &hart);
	calls_asked++;
	if ((X(A7) & 7) == 0)
		return HART_CALL_NOT;
	serve();
	return (X(A7) & 7) == 2 || (X(A7) & 7) == 3 ? HART_CALL_LOOK : HART_CALL_DONE;
}

/* Like go(), with all calls served. */
static enum hart_stop go_serving(uint64_t budget)
{
	uint64_t end = hart.instret + budget;
	enum hart_stop stop;

	for (;;) {
		stop = hart_run(&hart, end - hart.instret);
		if (stop == HART_ECALL)
			serve();
		else if (stop == HART_CALLED)
			calls_looked++;
		else
			break;
	}
	kit_compare(stop);
	return stop;
}

/* The call is made by a function, so returns are under way. */
static void call(uint32_t a7)
{
	hart.on_ecall = on_ecall;
	hart.ecall_owner = &hart;
	calls_asked = calls_looked = 0;
	CODE(RAM, ADDI(A0, A0, 1), JAL(RA, 0xfc), ADD(A2, A2, A0), ADDI(A1, A1, -1), BNE(A1, ZERO, -16), EBREAK);
	CODE(RAM + 0x100, a7, ECALL, ADDI(A3, A3, 1), ADDI(A4, A4, 1), RET);
	PC = RAM;
	X(A1) = 10000;
	while (go_serving(17777) == HART_BUDGET)
		;
	ck_assert_uint_eq(PC, RAM + 20);
}

SCENARIO(system_calls)
{
	for (uint32_t kind = 0; kind < 5; kind++) {
		call(ADDI(A7, ZERO, kind));
		if (jit_built_in && kit_jit && kind < 4)
			ck_assert_msg(calls_asked > 100, "config %u kind %u: %u", kit_config, kind, calls_asked);
		ck_assert_int_eq(calls_looked > 0, jit_built_in && kit_jit && (kind == 2 || kind == 3));
	}
	/* All kinds in turn. */
	call(ADDI(A7, A1, 0));
	/* With a rounding mode of one's own, or flags of the guest's in the host. */
	call(FP(1, DYN, 1, 1, 1));
	hart.regs->fcsr = 3 << 5;
	call(FP(1, DYN, 1, 1, 1));
}

SCENARIO(divisions)
{
	static const uint32_t v[] = { 0, 1, 2, 7, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffff9, 0xffffffff };

	memcpy(kit_base + RAM + 0x1000, v, sizeof(v));
	for (uint32_t round = 0; round < 2; round++) {
		/* Operands and results in registers of their own, then the result in place of an operand. */
		uint32_t f3 = RAM + 20;

		CODE(RAM, ADDI(S1, S0, 0), LW(A0, 0, S0), LW(A1, 0, S1), ADDI(A2, A0, 0), ADDI(A3, A1, 0));
		for (uint32_t f = 0; f < 8; f++, f3 += 8)
			CODE(f3, round ? R_TYPE(0x33, 1, f, f % 2 ? A0 : A1, A0, A1) : R_TYPE(0x33, 1, f, A4, A0, A1),
			     round ? ADD(A6, A6, f % 2 ? A0 : A1) : ADD(A5, A5, A4));
		CODE(f3, SLLI(A6, A6, 1), XOR(A6, A6, A5), ADDI(S1, S1, 4), BNE(S1, A7, -(int)(f3 + 12 - RAM - 4)),
		     ADDI(S0, S0, 4), BNE(S0, A7, -(int)(f3 + 20 - RAM)), ECALL);
		for (int i = 0; i < 20; i++) {
			PC = RAM;
			X(S0) = RAM + 0x1000;
			X(A7) = RAM + 0x1000 + (uint32_t)sizeof(v);
			ck_assert_int_eq(go(100000), HART_ECALL);
		}
	}
	CODE(RAM, R_TYPE(0x33, 1, 4, A2, A0, A1), R_TYPE(0x33, 1, 6, A3, A0, A1), ADDI(A4, A4, -1), BNE(A4, ZERO, -12),
	     ECALL);
	for (int i = 0; i < 2; i++) {
		PC = RAM;
		X(A0) = 0x80000000;
		X(A1) = i ? 0 : UINT32_MAX;
		X(A4) = 1000;
		ck_assert_int_eq(go(100000), HART_ECALL);
		ck_assert_uint_eq(X(A2), i ? UINT32_MAX : 0x80000000);
		ck_assert_uint_eq(X(A3), i ? 0x80000000 : 0);
	}
}

/* Pairs of every kind of number: the results go to memory, the flags to a3. */
static void fp_loop(uint32_t rm, uint32_t in_loop)
{
	static const uint64_t v[] = {
		0, UINT64_C(1) << 63, 1, UINT64_C(0x3ff0000000000000), UINT64_C(0xbff5555555555555),
		UINT64_C(0x7ff0000000000000), UINT64_C(0xfff0000000000000), UINT64_C(0x7ff8000000000000),
		UINT64_C(0xfff0000000000001), UINT64_C(0x7fefffffffffffff), UINT64_C(0x0010000000000000),
		UINT64_C(0xffffffff3f800001), UINT64_C(0xffffffff7fa00000), UINT64_C(0xffffffff00000001),
		UINT64_C(0xffffffffff800000), UINT64_C(0xffffffffc0490fdb), UINT64_C(0x41dfffffffe00000),
	};
	uint32_t at = RAM + 16;

	memcpy(kit_base + RAM + 0x1000, v, sizeof(v));
	CODE(RAM, ADDI(S1, S0, 0), FLD(1, 0, S0), FLD(2, 0, S1), in_loop);
	for (uint32_t wide = 0; wide < 2; wide++) {
		const uint32_t ops[] = {
			FP(0x00 | wide, rm, 3, 1, 2), FP(0x04 | wide, rm, 4, 1, 2), FP(0x08 | wide, rm, 5, 1, 2),
			FP(0x0c | wide, rm, 6, 1, 2), FP(0x2c | wide, rm, 7, 1, 0), FP(0x14 | wide, 0, 8, 1, 2),
			FP(0x14 | wide, 1, 9, 1, 2), FP(0x10 | wide, 2, 10, 1, 2), FP(0x50 | wide, 0, A0, 1, 2),
			FP(0x50 | wide, 1, A1, 1, 2), FP(0x50 | wide, 2, A2, 1, 2), FP(0x60 | wide, rm, A4, 1, 0),
			FP(0x60 | wide, rm, A5, 1, 1), FP(0x70 | wide, 1, T0, 1, 0), FP(0x68 | wide, rm, 11, A4, 0),
			2u << 27 | wide << 25 | 2 << 20 | 1 << 15 | rm << 12 | 12 << 7 | 0x43, /* fmadd 12, 1, 2, 2 */
			3u << 27 | wide << 25 | 2 << 20 | 1 << 15 | rm << 12 | 13 << 7 | 0x4b, /* fnmsub 13, 1, 2, 3 */
			wide ? FP(0x20, rm, 14, 1, 1) : FP(0x21, rm, 14, 1, 0),
			FSD(3, 0, A6), FSD(4, 8, A6), FSD(5, 16, A6), FSD(6, 24, A6), FSD(12, 32, A6), SW(A4, 40, A6),
			CSRRS(T1, FCSR, ZERO), ADDI(A6, A6, 48), XOR(A3, A3, T1),
		};

		memcpy(kit_base + at, ops, sizeof(ops));
		at += (uint32_t)sizeof(ops);
	}
	CODE(at, CSRRWI(ZERO, 1, 0), ADDI(S1, S1, 8), BNE(S1, A7, -(int)(at + 8 - RAM - 4)), ADDI(S0, S0, 8),
	     BNE(S0, A7, -(int)(at + 16 - RAM)), ECALL);
	hart_flush(&hart, RAM, 0x1000);
	PC = RAM;
	X(S0) = RAM + 0x1000;
	X(A7) = RAM + 0x1000 + (uint32_t)sizeof(v);
	X(A6) = RAM + 0x2000;
	ck_assert_int_eq(go(100000), HART_ECALL);
}

SCENARIO(floating_point)
{
	for (int i = 0; i < 3; i++)
		fp_loop(DYN, ADDI(ZERO, ZERO, 0));
	/* Set from outside, or named by the instructions. */
	for (uint32_t rm = 0; rm < 5; rm++) {
		hart.regs->fcsr = rm << 5;
		fp_loop(DYN, ADDI(ZERO, ZERO, 0));
		hart.regs->fcsr = 0;
		fp_loop(rm, ADDI(ZERO, ZERO, 0));
	}
}

SCENARIO(rounding_mode_changed_in_the_loop)
{
	for (uint32_t rm = 0; rm < 5; rm++)
		fp_loop(DYN, CSRRWI(ZERO, FRM, rm));
	/* Another one each time around; some are no rounding modes. */
	X(T2) = 3;
	fp_loop(0, CSRRW(T2, FRM, T2));
	CODE(RAM, CSRRW(ZERO, FRM, A0), FP(1, DYN, 3, 1, 2), ADDI(A1, A1, 1), ANDI(A0, A1, 3), JAL(ZERO, -16));
	PC = RAM;
	X(A0) = X(A1) = 0;
	hart.regs->f[1] = UINT64_C(0x3ff0000000000000);
	hart.regs->f[2] = 1;
	for (uint64_t budget = 1; budget < 3000; budget += 101)
		ck_assert_int_eq(go(budget), HART_BUDGET);
	CODE(RAM + 12, ANDI(A0, A1, 7));
	ck_assert_int_eq(go(100000), HART_ILLEGAL);
	ck_assert_uint_eq(PC, RAM + 4);
}

int main(void)
{
	Suite *s = suite_create("jit stop");
	TCase *t = tcase_create("stop");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, walks_off_the_end);
	tcase_add_test(t, straddles_the_end);
	tcase_add_test(t, stores_to_read_only_memory);
	tcase_add_test(t, faults_in_a_callee);
	tcase_add_test(t, jumps_astray);
	tcase_add_test(t, devices);
	tcase_add_test(t, devices_that_flush);
	tcase_add_test(t, system_calls);
	tcase_add_test(t, divisions);
	tcase_add_test(t, floating_point);
	tcase_add_test(t, rounding_mode_changed_in_the_loop);
	suite_add_tcase(s, t);
	return kit_main(s);
}
