/* SPDX-License-Identifier: MIT
 *
 * Counts of each instruction.  What they must be is found by running one instruction at a time and looking
 * where the pc was; then both engines count the same program themselves, in one go and in pieces.
 */
#include "cpu/jit/jit.h"
#include "tests/unit/cpu_kit.h"

#include <errno.h>
#include <sys/resource.h>

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

static uint64_t expected[CODE_SIZE / 2], seen[CODE_SIZE / 2], total;
static uint32_t last_pc;

static void take(void *owner, uint32_t pc, uint64_t count)
{
	ck_assert_ptr_eq(owner, seen);
	ck_assert_uint_lt(pc - RAM, CODE_SIZE);
	ck_assert_uint_gt(count, 0);
	ck_assert(total == 0 || pc > last_pc);
	last_pc = pc;
	seen[(pc - RAM) / 2] = count;
	total += count;
}

static void look(void)
{
	memset(seen, 0, sizeof(seen));
	total = 0;
	hart_each_count(&hart, take, seen);
}

static bool bus_load(void *owner, uint32_t addr, uint32_t size, uint64_t *value)
{
	(void)owner;
	(void)size;
	*value = addr;
	return addr < 0x1000;
}

static bool bus_store(void *owner, uint32_t addr, uint32_t size, uint64_t value)
{
	(void)owner;
	(void)size;
	(void)value;
	/* Now and then what is running is forgotten. */
	if (addr < 0x1000 && value % 64 == 0)
		hart_flush(&hart, value % 128 ? RAM : 0, value % 128 ? 64 : 0);
	return addr < 0x1000;
}

static enum hart_call on_ecall(void *owner)
{
	(void)owner;
	PC += 4;
	return HART_CALL_DONE;
}

/* --- programs: each ends with ebreak, or with a fault */

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

static void begin(int program)
{
	kit_setup();
	hart.bus = (struct hart_bus){ NULL, bus_load, bus_store };
	hart.on_ecall = on_ecall;
	programs[program]();
	X(S0) = RAM + 0x1000;
	X(SP) = RAM + 0x20000;
	memset(kit_base + RAM + 0x1008, 0x3f, 8);
}

/* Until the program ends, budget instructions at a time, which is told of each stop. */
static void run(uint64_t budget)
{
	enum hart_stop stop;
	unsigned runs = 0;

	do {
		uint64_t before = hart.instret;
		uint32_t pc = PC;

		stop = hart_run(&hart, budget + (budget > 1 ? runs++ % 7 : 0));
		if (budget == 1)
			expected[(pc - RAM) / 2] += hart.instret - before;
		/* As the machine would, if hart_run() returned for it. */
		if (stop == HART_ECALL)
			PC += 4;
	} while (stop == HART_BUDGET || stop == HART_ECALL);
	ck_assert(stop == HART_EBREAK || stop == HART_FAULT);
}

static uint64_t find_expected(int program)
{
	uint64_t n;

	memset(expected, 0, sizeof(expected));
	begin(program);
	run(1);
	n = hart.instret;
	kit_teardown();
	return n;
}

static void check(uint64_t instret)
{
	look();
	ck_assert_uint_eq(hart.instret, instret);
	ck_assert_uint_eq(total, instret);
	for (uint32_t i = 0; i < CODE_SIZE / 2; i++)
		ck_assert_msg(seen[i] == expected[i], "+%x: %llu, not %llu", 2 * i, (unsigned long long)seen[i],
			      (unsigned long long)expected[i]);
}

/* --- tests */

START_TEST(the_interpreter_counts)
{
	uint64_t instret = find_expected(_i);

	for (uint64_t budget = 3; budget < 100000000; budget *= 23) {
		begin(_i);
		ck_assert_int_eq(hart_count_insns(&hart, true), 0);
		run(budget);
		check(instret);
		kit_teardown();
	}
}
END_TEST

START_TEST(the_jit_counts)
{
	static const struct jit_config configs[] = {
		{ .hot = 1 }, { .hot = 2, .region_max = 4 }, { .hot = 3, .cache_bytes = 16u << 10 },
		{ .hot = 1, .shuffle = 7 }, { .hot = 20, .region_max = 40, .shuffle = 300 }, { .hot = 2, .plain = true },
	};
	uint64_t instret = find_expected(_i);

	for (unsigned c = 0; c < sizeof(configs) / sizeof(configs[0]); c++) {
		for (uint64_t budget = 3; budget < 100000000; budget *= 23) {
			struct hart_stats stats;

			begin(_i);
			ck_assert_int_eq(hart_enable_jit(&hart, &configs[c]), 0);
			ck_assert_int_eq(hart_count_insns(&hart, true), 0);
			run(budget);
			check(instret);
			hart_get_stats(&hart, &stats);
			/* Or it was not the JIT that counted. */
			ck_assert(budget < 100000 || stats.runs > 0);
			kit_teardown();
		}
	}
}
END_TEST

/* Code that was translated before it is counted, and that goes on when it no longer is. */
START_TEST(on_and_off)
{
	struct jit_config config = { .hot = 1 };
	struct hart_stats plain, counted, after;

	begin(0);
	if (jit_built_in)
		ck_assert_int_eq(hart_enable_jit(&hart, &config), 0);
	ck_assert_int_eq(hart_run(&hart, 5000), HART_BUDGET);
	look();
	ck_assert_uint_eq(total, 0);
	hart_get_stats(&hart, &plain);
	ck_assert_int_eq(hart_count_insns(&hart, true), 0);
	ck_assert_int_eq(hart_run(&hart, 5000), HART_BUDGET);
	look();
	ck_assert_uint_eq(total, 5000);
	hart_get_stats(&hart, &counted);
	ck_assert_int_eq(hart_count_insns(&hart, false), 0);
	ck_assert_int_eq(hart_run(&hart, 5000), HART_BUDGET);
	look();
	ck_assert_uint_eq(total, 5000);
	hart_get_stats(&hart, &after);
	if (jit_built_in)
		ck_assert_uint_lt(after.cache_used, counted.cache_used);
	/* What was counted is added to. */
	ck_assert_int_eq(hart_count_insns(&hart, true), 0);
	ck_assert_int_eq(hart_run(&hart, 1000), HART_BUDGET);
	look();
	ck_assert_uint_eq(total, 6000);
	kit_teardown();
}
END_TEST

/* The code is the very same as if nothing had ever been counted. */
START_TEST(off_costs_nothing)
{
	struct jit_config config = { .hot = 1 };
	struct hart_stats stats[2];

	for (int was_on = 0; was_on < 2; was_on++) {
		begin(_i);
		ck_assert_int_eq(hart_enable_jit(&hart, &config), 0);
		ck_assert_int_eq(hart_count_insns(&hart, was_on), 0);
		ck_assert_int_eq(hart_count_insns(&hart, false), 0);
		run(1000000);
		look();
		ck_assert_uint_eq(total, 0);
		hart_get_stats(&hart, &stats[was_on]);
		kit_teardown();
	}
	ck_assert_uint_gt(stats[0].code_bytes, 0);
	ck_assert_uint_eq(stats[0].code_bytes, stats[1].code_bytes);
	ck_assert_uint_eq(stats[0].runs, stats[1].runs);
}
END_TEST

START_TEST(no_memory_for_counts)
{
	struct rlimit old, little = { 0 };

	begin(0);
	ck_assert_int_eq(getrlimit(RLIMIT_AS, &old), 0);
	little.rlim_cur = UINT64_C(8) << 30;
	little.rlim_max = old.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &little), 0);
	ck_assert_int_eq(hart_count_insns(&hart, true), -ENOMEM);
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &old), 0);
	run(100000);
	look();
	ck_assert_uint_eq(total, 0);
	kit_teardown();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hart hooks");
	TCase *t = tcase_create("hooks");
	int n = sizeof(programs) / sizeof(programs[0]);

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, the_interpreter_counts, 0, n);
	if (jit_built_in) {
		tcase_add_loop_test(t, the_jit_counts, 0, n);
		tcase_add_loop_test(t, off_costs_nothing, 0, n);
	}
	tcase_add_test(t, on_and_off);
	tcase_add_test(t, no_memory_for_counts);
	suite_add_tcase(s, t);
	return kit_main(s);
}
