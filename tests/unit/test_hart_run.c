/* SPDX-License-Identifier: MIT
 *
 * hart_run() as the built-in kernel uses it: every trap comes back to the caller.
 */
#include "tests/unit/cpu_kit.h"

#include <errno.h>
#include <fenv.h>
#include <signal.h>
#include <sys/time.h>

#define X(n) (hart.regs->x[n])
#define PC (hart.regs->pc)

START_TEST(starts_as_documented)
{
	for (int i = 0; i < 32; i++)
		ck_assert_uint_eq(X(i), 0);
	ck_assert_int_eq(hart.priv, HART_M);
	ck_assert(hart.host_traps);
	ck_assert_uint_eq(hart.instret, 0);
	ck_assert_ptr_eq(hart.regs, &hart.own_regs);
}
END_TEST

START_TEST(ecall_and_ebreak_stop_before_themselves)
{
	CODE(RAM, ADDI(A0, ZERO, 5), ECALL, EBREAK);
	ck_assert_int_eq(hart_run(&hart, 100), HART_ECALL);
	ck_assert_uint_eq(PC, RAM + 4);
	ck_assert_uint_eq(X(A0), 5);
	ck_assert_uint_eq(hart.instret, 1);
	PC += 4;
	ck_assert_int_eq(hart_run(&hart, 100), HART_EBREAK);
	ck_assert_uint_eq(PC, RAM + 8);
	ck_assert_uint_eq(hart.instret, 1);
}
END_TEST

/* A loop of three instructions, run with every budget: exactly that many are retired. */
START_TEST(budgets_are_exact)
{
	CODE(RAM, ADDI(A0, A0, 1), ADDI(A1, A1, 1), JAL(ZERO, -8));
	for (uint64_t budget = 0; budget < 300; budget++) {
		uint64_t before = hart.instret;

		X(A0) = X(A1) = 0;
		PC = RAM;
		ck_assert_int_eq(hart_run(&hart, budget), HART_BUDGET);
		ck_assert_uint_eq(hart.instret - before, budget);
		ck_assert_uint_eq(PC, RAM + 4 * (budget % 3));
		ck_assert_uint_eq(X(A0), (budget + 2) / 3);
		ck_assert_uint_eq(X(A1), (budget + 1) / 3);
	}
	ck_assert_int_eq(hart_run(&hart, 1000003), HART_BUDGET);
}
END_TEST

START_TEST(x0_stays_zero)
{
	CODE(RAM, ADDI(ZERO, ZERO, 5), LUI(A1, RAM >> 12), LW(ZERO, 0, A1), ADD(A0, ZERO, ZERO), JAL(ZERO, 4),
	     JALR(ZERO, 24, A1), AMOADD_W(ZERO, A1, A1), ADDI(A2, ZERO, 7), ECALL);
	X(0) = 99;
	ck_assert_int_eq(hart_run(&hart, 100), HART_ECALL);
	ck_assert_uint_eq(X(0), 0);
	ck_assert_uint_eq(X(A0), 0);
	ck_assert_uint_eq(X(A2), 7);
}
END_TEST

static void expect_fault(uint32_t pc, uint32_t address, enum hart_access access, uint32_t size, uint64_t retired)
{
	uint64_t before = hart.instret;

	ck_assert_int_eq(hart_run(&hart, 100), HART_FAULT);
	ck_assert_uint_eq(PC, pc);
	ck_assert_uint_eq(hart.trap.value, address);
	ck_assert_int_eq(hart.trap.access, access);
	ck_assert_uint_eq(hart.trap.size, size);
	ck_assert_uint_eq(hart.instret - before, retired);
}

START_TEST(faults_are_exact)
{
	CODE(RAM, ADDI(A0, ZERO, 1), LW(A0, 8, A1), ADDI(A0, ZERO, 2), SB(A0, 17, A1), LH(A0, 0, A2), FSD(1, 0, A1));
	expect_fault(RAM + 4, 8, HART_LOAD, 4, 1);
	ck_assert_uint_eq(X(A0), 1);
	PC += 4;
	expect_fault(RAM + 12, 17, HART_STORE, 1, 1);
	ck_assert_uint_eq(X(A0), 2);
	PC += 4;
	/* The last byte is memory, the one after it is not: reported at the access's own address. */
	X(A2) = RAM + RAM_SIZE - 1;
	expect_fault(RAM + 16, RAM + RAM_SIZE - 1, HART_LOAD, 2, 0);
	PC += 4;
	expect_fault(RAM + 20, 0, HART_STORE, 8, 0);
}
END_TEST

/* A faulting store changes nothing, not even the bytes that are there. */
START_TEST(straddling_store_writes_nothing)
{
	CODE(RAM, SW(A0, 0, A1));
	X(A0) = UINT32_MAX;
	X(A1) = RAM + RAM_SIZE - 2;
	expect_fault(RAM, RAM + RAM_SIZE - 2, HART_STORE, 4, 0);
	ck_assert_uint_eq(kit_base[RAM + RAM_SIZE - 2], 0);
}
END_TEST

START_TEST(the_end_of_the_address_space)
{
	CODE(RAM, LW(A0, -4, ZERO), LW(A0, -2, ZERO));
	kit_base[UINT32_MAX] = 0x80;
	expect_fault(RAM + 4, 0xfffffffe, HART_LOAD, 4, 1);
	ck_assert_uint_eq(X(A0), 0x80000000);
}
END_TEST

START_TEST(misaligned_accesses_work)
{
	CODE(RAM, SW(A0, 1, A1), LW(A2, 1, A1), LH(A3, 3, A1), ECALL);
	X(A0) = 0x81828384;
	X(A1) = RAM + 0xffc;	/* across a page */
	ck_assert_int_eq(hart_run(&hart, 100), HART_ECALL);
	ck_assert_uint_eq(X(A2), 0x81828384);
	ck_assert_uint_eq(X(A3), 0xffff8182);
}
END_TEST

START_TEST(fetch_faults)
{
	PC = 0x1000;
	expect_fault(0x1000, 0x1000, HART_FETCH, 2, 0);
	/* The first half of an instruction is there, the second is not. */
	PC = RAM + RAM_SIZE - 2;
	kit_base[RAM + RAM_SIZE - 2] = 0x13;
	expect_fault(RAM + RAM_SIZE - 2, RAM + RAM_SIZE, HART_FETCH, 2, 0);
	/* Running off the end. */
	CODE(RAM + RAM_SIZE - 8, ADDI(A0, A0, 1), ADDI(A0, A0, 1));
	PC = RAM + RAM_SIZE - 8;
	expect_fault(RAM + RAM_SIZE, RAM + RAM_SIZE, HART_FETCH, 2, 2);
	/* Jumping there: the jump is done. */
	CODE(RAM, JALR(RA, 0, A1));
	PC = RAM;
	X(A1) = 0x2001;
	expect_fault(0x2000, 0x2000, HART_FETCH, 2, 1);
	ck_assert_uint_eq(X(RA), RAM + 4);
	ck_assert_uint_eq(X(A0), 2);
}
END_TEST

START_TEST(illegal_instructions_tell_their_bits)
{
	CODE(RAM, ADDI(A0, A0, 1), ILLEGAL);
	ck_assert_int_eq(hart_run(&hart, 100), HART_ILLEGAL);
	ck_assert_uint_eq(PC, RAM + 4);
	ck_assert_uint_eq(hart.trap.value, ILLEGAL);
	ck_assert_uint_eq(hart.instret, 1);
	CODE(RAM, 0xabcd0000);
	PC = RAM;
	ck_assert_int_eq(hart_run(&hart, 100), HART_ILLEGAL);
	ck_assert_uint_eq(hart.trap.value, 0);
	ck_assert_uint_eq(hart.trap.size, 2);
	/* An unknown CSR. */
	CODE(RAM, CSRRS(A0, 0x123, ZERO));
	PC = RAM;
	ck_assert_int_eq(hart_run(&hart, 100), HART_ILLEGAL);
	ck_assert_uint_eq(hart.trap.value, CSRRS(A0, 0x123, ZERO));
	ck_assert_uint_eq(PC, RAM);
}
END_TEST

START_TEST(misaligned_atomics_trap)
{
	const uint32_t code[] = { LR_W(A0, A1), SC_W(A0, A2, A1), AMOADD_W(A0, A2, A1) };

	for (int i = 0; i < 3; i++) {
		CODE(RAM, code[i]);
		PC = RAM;
		X(A1) = RAM + 0x102;
		ck_assert_int_eq(hart_run(&hart, 100), HART_MISALIGNED);
		ck_assert_uint_eq(PC, RAM);
		ck_assert_uint_eq(hart.trap.value, RAM + 0x102);
		ck_assert_int_eq(hart.trap.access, i == 0 ? HART_LOAD : HART_STORE);
	}
}
END_TEST

START_TEST(reservations)
{
	CODE(RAM, LR_W(A0, A1), ECALL, SC_W(A3, A2, A1), SC_W(A4, A2, A1), ECALL);
	X(A1) = RAM + 0x100;
	X(A2) = 77;
	ck_assert_int_eq(hart_run(&hart, 100), HART_ECALL);
	PC += 4;
	ck_assert_int_eq(hart_run(&hart, 100), HART_ECALL);
	ck_assert_uint_eq(X(A3), 0);
	ck_assert_uint_eq(X(A4), 1);
	ck_assert_uint_eq(kit_word(RAM + 0x100), 77);
	/* A task switch between the two. */
	PC = RAM;
	ck_assert_int_eq(hart_run(&hart, 100), HART_ECALL);
	hart_drop_reservation(&hart);
	PC += 4;
	ck_assert_int_eq(hart_run(&hart, 100), HART_ECALL);
	ck_assert_uint_eq(X(A3), 1);
}
END_TEST

/* A bus with one register at 0x1000: loads count up, stores are remembered. */
static uint32_t bus_loads, bus_stores, bus_addr, bus_size;
static uint64_t bus_value;

static bool bus_load(void *owner, uint32_t addr, uint32_t size, uint64_t *value)
{
	(void)owner;
	if (addr < 0x1000 || addr > 0x10ff)
		return false;
	bus_addr = addr;
	bus_size = size;
	*value = UINT64_C(0x80f0f0f0f0f0f080) + bus_loads++;
	/* Devices may use floating point. */
	feraiseexcept(FE_OVERFLOW);
	return true;
}

static bool bus_store(void *owner, uint32_t addr, uint32_t size, uint64_t value)
{
	(void)owner;
	if (addr < 0x1000 || addr > 0x10ff)
		return false;
	bus_stores++;
	bus_addr = addr;
	bus_size = size;
	bus_value = value;
	return true;
}

START_TEST(the_bus_is_asked)
{
	hart.bus = (struct hart_bus){ NULL, bus_load, bus_store };
	bus_loads = bus_stores = 0;
	X(A1) = 0x1000;
	/* Pairs that one handler executes, and operands passed from one instruction to the next. */
	CODE(RAM, LB(A0, 0, A1), ADD(A2, A0, A0), LW(A3, 4, A1), LW(A4, 8, A1), SW(A3, 12, A1), SB(A4, 16, A1),
	     FLD(1, 32, A1), FADD_D(2, 1, 1), FSD(1, 40, A1), ADD(A5, A4, A4), LW(A5, 0, ZERO));
	ck_assert_int_eq(hart_run(&hart, 100), HART_FAULT);
	ck_assert_uint_eq(PC, RAM + 40);
	ck_assert_uint_eq(hart.instret, 10);
	ck_assert_uint_eq(X(A0), 0xffffff80);
	ck_assert_uint_eq(X(A2), 0xffffff00);
	ck_assert_uint_eq(X(A3), 0xf0f0f081);
	ck_assert_uint_eq(X(A4), 0xf0f0f082);
	ck_assert_uint_eq(X(A5), 0xe1e1e104);
	ck_assert_uint_eq(hart.regs->f[1], UINT64_C(0x80f0f0f0f0f0f083));
	ck_assert_uint_eq(bus_loads, 4);
	ck_assert_uint_eq(bus_stores, 3);
	ck_assert_uint_eq(bus_addr, 0x1028);
	ck_assert_uint_eq(bus_size, 8);
	ck_assert_uint_eq(bus_value, UINT64_C(0x80f0f0f0f0f0f083));
	/* The device's exception is not the guest's. */
	ck_assert_uint_eq(hart.regs->fcsr & 4, 0);
}
END_TEST

START_TEST(atomics_do_not_reach_the_bus)
{
	hart.bus = (struct hart_bus){ NULL, bus_load, bus_store };
	X(A1) = 0x1000;
	CODE(RAM, AMOADD_W(A0, A2, A1));
	expect_fault(RAM, 0x1000, HART_STORE, 4, 0);
}
END_TEST

START_TEST(changed_code_is_seen_after_fence_i)
{
	uint32_t patch = ADDI(A0, A0, 100);

	/* store the patch over the instruction at +12, with fence.i, and run it */
	CODE(RAM, SW(A2, 12, A1), FENCE_I, ADDI(A0, A0, 0), ADDI(A0, A0, 1), ECALL);
	X(A1) = RAM;
	X(A2) = ADDI(A0, A0, 1);
	ck_assert_int_eq(hart_run(&hart, 100), HART_ECALL);
	ck_assert_uint_eq(X(A0), 1);
	PC = RAM;
	X(A2) = patch;
	ck_assert_int_eq(hart_run(&hart, 100), HART_ECALL);
	ck_assert_uint_eq(X(A0), 101);
}
END_TEST

START_TEST(flush_forgets_what_overlaps)
{
	uint32_t patch = ADDI(A0, A0, 100);

	/* Two blocks that jump into each other, on two pages. */
	CODE(RAM, ADDI(A0, A0, 1), JAL(ZERO, 0x1000 - 4));
	CODE(RAM + 0x1000, ADDI(A0, A0, 1), ADDI(A1, A1, -1), BNE(A1, ZERO, 8), ECALL,
	     JAL(ZERO, -0x1010));
	for (int where = 0; where < 7; where++) {
		static const uint32_t at[] = { RAM, RAM + 0x1000, RAM, RAM + 0x1000, RAM, RAM + 0x1000, RAM };
		static const uint32_t from[] = { RAM, RAM + 0x1003, RAM + 3, 0, 0, RAM + 0x1002, RAM - 0x123000 };
		static const uint32_t len[] = { 1, 1, 0x10, 0, UINT32_MAX, 0x40000000, 0x123001 };
		uint32_t old = kit_word(at[where]);

		X(A0) = 0;
		X(A1) = 5;
		PC = RAM;
		ck_assert_int_eq(hart_run(&hart, 1000), HART_ECALL);
		ck_assert_uint_eq(X(A0), 10);
		memcpy(kit_base + at[where], &patch, 4);
		hart_flush(&hart, from[where], len[where]);
		X(A0) = 0;
		X(A1) = 5;
		PC = RAM;
		ck_assert_int_eq(hart_run(&hart, 1000), HART_ECALL);
		ck_assert_uint_eq(X(A0), 5 + 500);
		memcpy(kit_base + at[where], &old, 4);
		hart_flush(&hart, at[where], 4);
	}
}
END_TEST

/* More code than the block cache holds. */
START_TEST(the_cache_is_bounded)
{
	uint32_t n = RAM_SIZE / 4 - 16;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t w = i % 4 == 3 ? JAL(ZERO, 4) : ADDI(A0, A0, 1);

		memcpy(kit_base + RAM + 4 * i, &w, 4);
	}
	CODE(RAM + 4 * n, ECALL);
	for (int round = 0; round < 3; round++) {
		PC = RAM + 4 * (uint32_t)round;
		X(A0) = 0;
		ck_assert_int_eq(hart_run(&hart, UINT64_C(1) << 40), HART_ECALL);
		ck_assert_uint_eq(X(A0), n - n / 4 - (uint32_t)round);
	}
}
END_TEST

static void on_alarm(int sig)
{
	(void)sig;
	hart_interrupt(&hart);
}

START_TEST(interrupt_ends_a_run)
{
	struct itimerval soon = { { 0, 0 }, { 0, 20000 } };

	CODE(RAM, JAL(ZERO, 0));
	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &soon, NULL);
	ck_assert_int_eq(hart_run(&hart, UINT64_MAX / 2), HART_BUDGET);
	ck_assert_uint_eq(PC, RAM);
	signal(SIGALRM, SIG_DFL);
	/* One that comes between two runs is not lost, and counts once. */
	hart_interrupt(&hart);
	ck_assert_int_eq(hart_run(&hart, 100), HART_BUDGET);
	ck_assert_int_eq(hart_run(&hart, 100), HART_BUDGET);
}
END_TEST

START_TEST(host_floating_point_is_left_alone)
{
	double one = 1, three = 3;

	memcpy(&hart.regs->f[1], &one, 8);
	memcpy(&hart.regs->f[2], &three, 8);
	CODE(RAM, FDIV_D(3, 1, 2), ECALL, CSRRWI(ZERO, 2, 1), FDIV_D(4, 1, 2), ECALL);
	fesetround(FE_UPWARD);
	feclearexcept(FE_ALL_EXCEPT);
	feraiseexcept(FE_DIVBYZERO);
	ck_assert_int_eq(hart_run(&hart, 100), HART_ECALL);
	ck_assert_int_eq(fegetround(), FE_UPWARD);
	ck_assert_int_eq(fetestexcept(FE_ALL_EXCEPT), FE_DIVBYZERO);
	fesetround(FE_TONEAREST);
	ck_assert_uint_eq(hart.regs->fcsr, 1);
	ck_assert_uint_eq(hart.regs->f[3], UINT64_C(0x3fd5555555555555));
	hart.regs->fcsr = 0;
	hart.regs->f[2] ^= UINT64_C(1) << 63;
	PC += 4;
	ck_assert_int_eq(hart_run(&hart, 100), HART_ECALL);
	ck_assert_uint_eq(hart.regs->fcsr, 1 << 5 | 1);
	ck_assert_uint_eq(hart.regs->f[4], UINT64_C(0xbfd5555555555555));
}
END_TEST

/* A block made for nearest-even must not be used when the mode has changed from outside. */
START_TEST(rounding_mode_set_by_the_caller)
{
	double one = 1, tiny = 0x1p-60;

	memcpy(&hart.regs->f[1], &one, 8);
	memcpy(&hart.regs->f[2], &tiny, 8);
	CODE(RAM, FADD_D(3, 1, 2), ECALL);
	for (uint32_t frm = 0; frm < 8; frm++) {
		enum hart_stop stop;

		PC = RAM;
		hart.regs->fcsr = frm << 5;
		stop = hart_run(&hart, 100);
		ck_assert_int_eq(stop, frm < 5 ? HART_ECALL : HART_ILLEGAL);
		if (frm < 5)
			ck_assert_uint_eq(hart.regs->f[3], UINT64_C(0x3ff0000000000000) + (frm == 3));
	}
}
END_TEST

START_TEST(registers_can_be_elsewhere)
{
	struct hart_regs other = { .pc = RAM };

	CODE(RAM, ADDI(A0, A0, 3), ECALL);
	hart.regs = &other;
	ck_assert_int_eq(hart_run(&hart, 100), HART_ECALL);
	ck_assert_uint_eq(other.x[A0], 3);
	ck_assert_uint_eq(other.pc, RAM + 4);
	ck_assert_uint_eq(hart.own_regs.x[A0], 0);
}
END_TEST

START_TEST(wfi_waits_in_both_modes)
{
	CODE(RAM, WFI, ECALL);
	ck_assert_int_eq(hart_run(&hart, 100), HART_WAIT);
	ck_assert_uint_eq(PC, RAM + 4);
	ck_assert_uint_eq(hart.instret, 1);
	ck_assert_int_eq(hart_run(&hart, 100), HART_ECALL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hart run");
	TCase *t = tcase_create("run");

	tcase_add_checked_fixture(t, kit_setup, kit_teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, starts_as_documented);
	tcase_add_test(t, ecall_and_ebreak_stop_before_themselves);
	tcase_add_test(t, budgets_are_exact);
	tcase_add_test(t, x0_stays_zero);
	tcase_add_test(t, faults_are_exact);
	tcase_add_test(t, straddling_store_writes_nothing);
	tcase_add_test(t, the_end_of_the_address_space);
	tcase_add_test(t, misaligned_accesses_work);
	tcase_add_test(t, fetch_faults);
	tcase_add_test(t, illegal_instructions_tell_their_bits);
	tcase_add_test(t, misaligned_atomics_trap);
	tcase_add_test(t, reservations);
	tcase_add_test(t, the_bus_is_asked);
	tcase_add_test(t, atomics_do_not_reach_the_bus);
	tcase_add_test(t, changed_code_is_seen_after_fence_i);
	tcase_add_test(t, flush_forgets_what_overlaps);
	tcase_add_test(t, the_cache_is_bounded);
	tcase_add_test(t, interrupt_ends_a_run);
	tcase_add_test(t, host_floating_point_is_left_alone);
	tcase_add_test(t, rounding_mode_set_by_the_caller);
	tcase_add_test(t, registers_can_be_elsewhere);
	tcase_add_test(t, wfi_waits_in_both_modes);
	suite_add_tcase(s, t);
	return kit_main(s);
}
