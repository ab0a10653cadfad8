/* SPDX-License-Identifier: MIT
 *
 * The hart as a machine that a kernel runs on: traps go to mtvec, modes, interrupts, CSRs.
 */
#include "tests/unit/cpu_kit.h"

#define X(n) (hart.regs->x[n])
#define PC (hart.regs->pc)

#define HANDLER (RAM + 0x800)

static void setup(void)
{
	kit_setup();
	hart.host_traps = false;
	hart.csr.mtvec = HANDLER;
	CODE(HANDLER, JAL(ZERO, 0));
}

/* Runs until the handler loops. */
static void run_to_handler(uint32_t handler)
{
	ck_assert_int_eq(hart_run(&hart, 1000), HART_BUDGET);
	ck_assert_uint_eq(PC, handler);
}

START_TEST(traps_enter_the_handler)
{
	static const struct {
		uint32_t insn, priv, cause, value;
	} cases[] = {
		{ ECALL, HART_U, 8, 0 },
		{ ECALL, HART_M, 11, 0 },
		{ EBREAK, HART_U, 3, RAM + 4 },
		{ ILLEGAL, HART_M, 2, ILLEGAL },
		{ MRET, HART_U, 2, MRET },
		{ LW(A0, 16, ZERO), HART_U, 5, 16 },
		{ SW(A0, 16, ZERO), HART_U, 7, 16 },
		{ LR_W(A0, A1), HART_U, 4, RAM + 1 },
		{ AMOADD_W(A0, A0, A1), HART_U, 6, RAM + 1 },
		{ JALR(ZERO, 0x10, ZERO), HART_U, 1, 0x10 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CODE(RAM, ADDI(A0, A0, 1), cases[i].insn);
		PC = RAM;
		X(A1) = RAM + 1;
		hart.priv = (uint8_t)cases[i].priv;
		hart.csr.mstatus |= 8;
		run_to_handler(HANDLER);
		ck_assert_uint_eq(hart.csr.mcause, cases[i].cause);
		ck_assert_uint_eq(hart.csr.mtval, cases[i].value);
		ck_assert_uint_eq(hart.csr.mepc, cases[i].cause == 1 ? 0x10 : RAM + 4);
		ck_assert_int_eq(hart.priv, HART_M);
		/* MPP, MPIE, MIE */
		ck_assert_uint_eq(hart.csr.mstatus >> 11 & 3, cases[i].priv);
		ck_assert_uint_eq(hart.csr.mstatus & 0x88, 0x80);
	}
}
END_TEST

START_TEST(mret_goes_back)
{
	CODE(RAM, MRET);
	CODE(RAM + 0x100, ADDI(A0, ZERO, 9), CSRRS(A1, 0x300, ZERO), ECALL);
	hart.csr.mepc = RAM + 0x100;
	hart.csr.mstatus = 0x80 | 1 << 17;	/* MPP U, MPIE, MPRV */
	run_to_handler(HANDLER);
	ck_assert_uint_eq(X(A0), 9);
	/* mstatus may not be read in U mode. */
	ck_assert_uint_eq(hart.csr.mcause, 2);
	ck_assert_uint_eq(hart.csr.mtval, CSRRS(A1, 0x300, ZERO));
	/* Leaving M mode cleared MPRV and set MIE, which the trap moved to MPIE. */
	ck_assert_uint_eq(hart.csr.mstatus & (1 << 17 | 0x88), 0x80);
}
END_TEST

START_TEST(interrupts)
{
	CODE(RAM, ADDI(A0, A0, 1), JAL(ZERO, -4));
	hart.csr.mie = 0x888;
	hart.csr.mip = 0x80;
	/* Not in M mode with MIE off. */
	hart.csr.mstatus &= ~8u;
	ck_assert_int_eq(hart_run(&hart, 10), HART_BUDGET);
	ck_assert_uint_eq(X(A0), 5);
	/* With MIE on. */
	hart.csr.mstatus |= 8;
	run_to_handler(HANDLER);
	ck_assert_uint_eq(hart.csr.mcause, 0x80000007);
	ck_assert_uint_eq(hart.csr.mepc, RAM);
	ck_assert_uint_eq(hart.csr.mtval, 0);
	/* Always in U mode; external before software before timer; vectored. */
	hart.csr.mtvec = HANDLER | 1;
	hart.priv = HART_U;
	hart.csr.mstatus &= ~8u;
	hart.csr.mip = 0x888;
	PC = RAM;
	CODE(HANDLER + 4 * 11, JAL(ZERO, 0));
	run_to_handler(HANDLER + 4 * 11);
	ck_assert_uint_eq(hart.csr.mcause, 0x8000000b);
	/* Exceptions are not vectored. */
	hart.csr.mip = 0;
	hart.priv = HART_U;
	PC = RAM;
	CODE(RAM, ECALL);
	run_to_handler(HANDLER);
}
END_TEST

START_TEST(wfi_goes_on_when_something_is_pending)
{
	CODE(RAM, WFI, ADDI(A0, ZERO, 1), WFI);
	hart.csr.mie = 0x80;
	hart.csr.mip = 0x80;
	hart.csr.mstatus &= ~8u;
	ck_assert_int_eq(hart_run(&hart, 2), HART_BUDGET);
	ck_assert_uint_eq(X(A0), 1);
	hart.csr.mip = 0;
	ck_assert_int_eq(hart_run(&hart, 100), HART_WAIT);
}
END_TEST

/* An interrupt enabled by an instruction is taken right after it. */
START_TEST(enabling_takes_a_pending_interrupt)
{
	CODE(RAM, CSRRS(ZERO, 0x300, A0), ADDI(A1, ZERO, 1));
	X(A0) = 8;
	hart.csr.mie = hart.csr.mip = 0x800;
	hart.csr.mstatus &= ~8u;
	run_to_handler(HANDLER);
	ck_assert_uint_eq(hart.csr.mepc, RAM + 4);
	ck_assert_uint_eq(X(A1), 0);
}
END_TEST

START_TEST(a_handler_that_is_not_there_ends)
{
	hart.csr.mtvec = 0x100;
	CODE(RAM, ILLEGAL);
	ck_assert_int_eq(hart_run(&hart, 100000), HART_BUDGET);
	ck_assert_uint_eq(hart.csr.mcause, 1);
}
END_TEST

static uint32_t csr_swap(uint32_t csr, uint32_t v)
{
	CODE(RAM, CSRRW(ZERO, csr, A0), CSRRS(A1, csr, ZERO), WFI);
	PC = RAM;
	X(A0) = v;
	X(A1) = 0xdeadbeef;
	hart.priv = HART_M;
	hart.csr.mcause = 0;
	ck_assert_int_eq(hart_run(&hart, 100), HART_WAIT);
	ck_assert_msg(PC == RAM + 12, "CSR %03x trapped", csr);
	return X(A1);
}

START_TEST(csrs_keep_what_they_may)
{
	static const struct {
		uint32_t csr, wrote, reads;
	} cases[] = {
		{ 0x340, 0xffffffff, 0xffffffff },	/* mscratch */
		{ 0x341, 0xffffffff, 0xfffffffe },	/* mepc */
		{ 0x342, 0x8000000b, 0x8000000b },	/* mcause */
		{ 0x343, 0x12345678, 0x12345678 },	/* mtval */
		{ 0x304, 0xffffffff, 0x00000888 },	/* mie */
		{ 0x344, 0xffffffff, 0x00000000 },	/* mip: set from outside */
		{ 0x301, 0x00000000, 0x4010112d },	/* misa */
		{ 0x310, 0xffffffff, 0x00000000 },	/* mstatush */
		{ 0x320, 0xffffffff, 0x00000000 },	/* mcountinhibit */
		{ 0x3a0, 0x0000001f, 0x00000000 },	/* pmpcfg0: there are no entries */
		{ 0x3b0, 0xffffffff, 0x00000000 },	/* pmpaddr0 */
		{ 0x3ef, 0xffffffff, 0x00000000 },
		{ 0x323, 0xffffffff, 0x00000000 },	/* mhpmevent3 */
		{ 0x001, 0xffffffff, 0x0000001f },	/* fflags */
		{ 0x002, 0xffffffff, 0x00000007 },	/* frm */
		{ 0x003, 0xffffffff, 0x000000ff },	/* fcsr */
		{ 0x300, 0xffffffff, 0x80227888 },	/* mstatus */
		{ 0x300, 0x00000800, 0x00001800 },	/* MPP 1 does not exist: stays 3 */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t v = csr_swap(cases[i].csr, cases[i].wrote);

		ck_assert_msg(v == cases[i].reads, "CSR %03x: %08x", cases[i].csr, v);
		hart.csr.mie = 0;
		if (cases[i].csr == 0x300 && cases[i].wrote != 0xffffffff)
			break;
		hart.csr.mstatus |= 0x6000;
		hart.csr.mstatus &= ~8u;
	}
}
END_TEST

START_TEST(mtvec_modes)
{
	ck_assert_uint_eq(csr_swap(0x305, RAM + 0x801), RAM + 0x801);
	/* Mode 2 is reserved: the mode stays. */
	ck_assert_uint_eq(csr_swap(0x305, RAM + 0x702), RAM + 0x701);
	ck_assert_uint_eq(csr_swap(0x305, RAM + 0x800), RAM + 0x800);
}
END_TEST

START_TEST(reading_does_not_write)
{
	/* csrrs with x0 may read a read-only register; csrrw may not. */
	CODE(RAM, CSRRS(A0, 0xf14, ZERO), CSRRW(A0, 0xf14, ZERO));
	hart.csr.mhartid = 3;
	run_to_handler(HANDLER);
	ck_assert_uint_eq(X(A0), 3);
	ck_assert_uint_eq(hart.csr.mepc, RAM + 4);
}
END_TEST

static uint64_t fixed_time(void *owner)
{
	return *(uint64_t *)owner;
}

START_TEST(counters)
{
	uint64_t now = UINT64_C(0x123456789abcdef0);

	hart.read_time = fixed_time;
	hart.time_owner = &now;
	CODE(RAM, ADDI(ZERO, ZERO, 0), CSRRS(A0, 0xc02, ZERO), CSRRS(A1, 0xc00, ZERO), CSRRS(A2, 0xc01, ZERO),
	     CSRRS(A3, 0xc81, ZERO), CSRRS(A4, 0xc03, ZERO), WFI);
	ck_assert_int_eq(hart_run(&hart, 100), HART_WAIT);
	ck_assert_uint_eq(X(A0), 1);
	ck_assert_uint_eq(X(A1), 2);
	ck_assert_uint_eq(X(A2), 0x9abcdef0);
	ck_assert_uint_eq(X(A3), 0x12345678);
	ck_assert_uint_eq(X(A4), 0);
	/* What is written is what the next instruction reads. */
	ck_assert_uint_eq(csr_swap(0xb02, 1000), 1000);
	ck_assert_uint_eq(csr_swap(0xb00, 77), 77);
	ck_assert_uint_eq(csr_swap(0xb82, 5), 5);
}
END_TEST

START_TEST(mcounteren_guards_user_mode)
{
	for (uint32_t allowed = 0; allowed < 8; allowed++) {
		for (uint32_t n = 0; n < 3; n++) {
			CODE(RAM, CSRRS(A0, 0xc80 + n, ZERO), ECALL);
			PC = RAM;
			hart.priv = HART_U;
			hart.csr.mcounteren = allowed;
			run_to_handler(HANDLER);
			ck_assert_uint_eq(hart.csr.mcause, allowed >> n & 1 ? 8 : 2);
		}
	}
}
END_TEST

START_TEST(fs_off_makes_floating_point_illegal)
{
	const uint32_t code[] = { FADD_D(1, 2, 3), FLD(1, 0, A1), FSD(1, 0, A1), CSRRS(A0, 3, ZERO) };

	X(A1) = RAM + 0x200;
	for (int i = 0; i < 4; i++) {
		CODE(RAM, ADDI(A2, ZERO, 1), code[i], WFI);
		for (int on = 0; on < 2; on++) {
			PC = RAM;
			hart.csr.mcause = 0;
			hart.csr.mstatus = on ? 1 << 13 : 0;
			ck_assert_int_eq(hart_run(&hart, 100), on ? HART_WAIT : HART_BUDGET);
			ck_assert_uint_eq(hart.csr.mcause, on ? 0 : 2);
			if (!on)
				ck_assert_uint_eq(hart.csr.mtval, code[i]);
			/* Use makes it dirty; reading fcsr does not. */
			ck_assert_uint_eq(hart.csr.mstatus >> 13 & 3, on ? i == 3 ? 1 : 3 : 0);
		}
	}
}
END_TEST

START_TEST(tw_makes_wfi_illegal_in_user_mode)
{
	CODE(RAM, WFI);
	hart.priv = HART_U;
	hart.csr.mstatus |= 1 << 21;
	run_to_handler(HANDLER);
	ck_assert_uint_eq(hart.csr.mcause, 2);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hart machine");
	TCase *t = tcase_create("machine");

	tcase_add_checked_fixture(t, setup, kit_teardown);
	tcase_add_test(t, traps_enter_the_handler);
	tcase_add_test(t, mret_goes_back);
	tcase_add_test(t, interrupts);
	tcase_add_test(t, wfi_goes_on_when_something_is_pending);
	tcase_add_test(t, enabling_takes_a_pending_interrupt);
	tcase_add_test(t, a_handler_that_is_not_there_ends);
	tcase_add_test(t, csrs_keep_what_they_may);
	tcase_add_test(t, mtvec_modes);
	tcase_add_test(t, reading_does_not_write);
	tcase_add_test(t, counters);
	tcase_add_test(t, mcounteren_guards_user_mode);
	tcase_add_test(t, fs_off_makes_floating_point_illegal);
	tcase_add_test(t, tw_makes_wfi_illegal_in_user_mode);
	suite_add_tcase(s, t);
	return kit_main(s);
}
