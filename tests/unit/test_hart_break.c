/* SPDX-License-Identifier: MIT
 *
 * Breakpoints and watched bytes: what they cost, how they go together with traps and interrupts, and the tables.
 */
#include "cpu/jit/jit_private.h"
#include "tests/unit/hook_kit.h"

#include <errno.h>
#include <sys/resource.h>

static void begin(bool jit)
{
	static const struct jit_config config = { .hot = 2 };

	kit_begin(loops);
	if (jit)
		ck_assert_int_eq(hart_enable_jit(&hart, &config), jit_built_in ? 0 : -ENOSYS);
}

static struct hart_stats stats(void)
{
	struct hart_stats s;

	hart_get_stats(&hart, &s);
	return s;
}

/* As a debugger does it: away while the instruction is done, and back. */
START_TEST(breakpoints_come_and_go)
{
	struct hart_stats before, after;

	begin(_i);
	ck_assert_int_eq(hart_run(&hart, 2000), HART_BUDGET);
	before = stats();
	for (unsigned k = 0; k < 100; k++) {
		ck_assert_int_eq(hart_break(&hart, RAM + 24, true), 0);
		ck_assert_int_eq(hart_run(&hart, 1000), HART_BREAKPOINT);
		ck_assert_uint_eq(PC, RAM + 24);
		ck_assert_int_eq(hart_break(&hart, RAM + 24, false), 0);
		ck_assert_int_eq(hart_run(&hart, 1), HART_BUDGET);
		ck_assert_uint_eq(PC, X(T0) ? RAM + 36 : RAM + 28);
	}
	/* Nothing speaks against translating the loop again at once. */
	ck_assert_int_eq(hart_run(&hart, 2000), HART_BUDGET);
	after = stats();
	ck_assert_uint_eq(after.regions_refused, before.regions_refused);
	if (_i && jit_built_in)
		ck_assert_uint_gt(after.regions, before.regions);
	ck_assert_uint_eq(after.blocks_flushes, before.blocks_flushes);
	kit_teardown();
}
END_TEST

/* What has nothing to do with its pc stays as it is. */
START_TEST(a_breakpoint_elsewhere)
{
	struct hart_stats before, after;

	begin(_i);
	ck_assert_int_eq(hart_run(&hart, 5000), HART_BUDGET);
	before = stats();
	ck_assert_int_eq(hart_break(&hart, RAM + 0x300, true), 0);
	after = stats();
	ck_assert_uint_eq(after.regions_flushes, before.regions_flushes);
	ck_assert_uint_eq(after.regions_killed, before.regions_killed);
	ck_assert_uint_eq(after.blocks_stale, before.blocks_stale);
	ck_assert_int_eq(hart_break(&hart, RAM + 48, true), 0);
	ck_assert_int_eq(hart_run(&hart, 5000), HART_BUDGET);
	ck_assert(hart_has_breakpoint(&hart, RAM + 48));
	ck_assert(!hart_has_breakpoint(&hart, RAM + 44));
	/* The end of the loop. */
	ck_assert_int_eq(hart_run(&hart, 1000000), HART_BREAKPOINT);
	ck_assert_uint_eq(PC, RAM + 48);
	/* Again and again, until it is passed; not by running nothing. */
	ck_assert_int_eq(hart_run(&hart, 10), HART_BREAKPOINT);
	hart.pass = HART_PASS_BREAKPOINT;
	ck_assert_int_eq(hart_run(&hart, 0), HART_BUDGET);
	ck_assert_int_eq(hart_run(&hart, 10), HART_EBREAK);
	ck_assert_int_eq(hart.pass, HART_PASS_NOTHING);
	ck_assert_int_eq(hart_run(&hart, 10), HART_BREAKPOINT);
	kit_teardown();
}
END_TEST

/* Where nothing can be fetched there is nothing to stop in front of. */
START_TEST(a_breakpoint_without_memory)
{
	begin(_i);
	ck_assert_int_eq(hart_break(&hart, 0x40000000, true), 0);
	PC = 0x40000000;
	ck_assert_int_eq(hart_run(&hart, 10), HART_FAULT);
	ck_assert_uint_eq(hart.trap.value, 0x40000000);
	kit_teardown();
}
END_TEST

/* A guest that takes its own traps: interrupts come when the instruction has passed, not before. */
START_TEST(interrupts)
{
	begin(_i);
	hart.host_traps = false;
	hart.csr.mtvec = RAM + 0x200;
	hart.csr.mie = 1u << 7;
	hart.csr.mstatus |= 1u << 3;
	CODE(RAM + 0x200, ADDI(A6, A6, 1), CSRRW(ZERO, 0x304, ZERO), MRET);
	ck_assert_int_eq(hart_break(&hart, RAM + 4, true), 0);
	ck_assert_int_eq(hart_break(&hart, RAM + 0x200, true), 0);
	for (unsigned k = 0; k < 50; k++) {
		ck_assert_int_eq(hart_run(&hart, 100), HART_BREAKPOINT);
		ck_assert_uint_eq(PC, RAM + 4);
		hart.pass = HART_PASS_BREAKPOINT;
	}
	hart.csr.mip = 1u << 7;
	hart_interrupt(&hart);
	/* That one says so before the next. */
	ck_assert_int_eq(hart_run(&hart, 100), HART_BUDGET);
	ck_assert_uint_eq(PC, RAM + 8);
	ck_assert_int_eq(hart_run(&hart, 100), HART_BREAKPOINT);
	ck_assert_uint_eq(PC, RAM + 0x200);
	ck_assert_uint_eq(hart.csr.mepc, RAM + 8);
	hart.pass = HART_PASS_BREAKPOINT;
	ck_assert_int_eq(hart_run(&hart, 100), HART_BREAKPOINT);
	ck_assert_uint_eq(PC, RAM + 4);
	ck_assert_uint_eq(X(A6), 1);
	kit_teardown();
}
END_TEST

static void check_watched(uint32_t addr, uint32_t before, uint32_t at)
{
	ck_assert_uint_eq(hart_watched(&hart, addr - 1), before);
	ck_assert_uint_eq(hart_watched(&hart, addr), at);
}

START_TEST(ranges)
{
	begin(false);
	/* Nothing has been watched. */
	ck_assert_int_eq(hart_watch(&hart, 0, UINT64_C(1) << 32, 0), 0);
	ck_assert_uint_eq(hart_watched(&hart, RAM), 0);
	/* All of it, and holes of all sizes. */
	ck_assert_int_eq(hart_watch(&hart, 0, UINT64_C(1) << 30, HART_READS), 0);
	ck_assert_int_eq(hart_watch(&hart, 0x1001, 1, 0), 0);
	check_watched(0x1001, HART_READS, 0);
	check_watched(0x1002, 0, HART_READS);
	ck_assert_int_eq(hart_watch(&hart, 0x2fff, 0x12345, HART_WRITES), 0);
	check_watched(0x2fff, HART_READS, HART_WRITES);
	check_watched(0x2fff + 0x12345, HART_WRITES, HART_READS);
	ck_assert_int_eq(hart_watch(&hart, 0x40003, 0x1000000, 0), 0);
	check_watched(0x40003, HART_READS, 0);
	check_watched(0x1040003, 0, HART_READS);
	ck_assert_int_eq(hart_watch(&hart, 0x50000, 0, HART_READS), 0);
	ck_assert_uint_eq(hart_watched(&hart, 0x50000), 0);
	check_watched(1u << 30, HART_READS, 0);
	/* The last byte; no further. */
	ck_assert_int_eq(hart_watch(&hart, UINT32_MAX, UINT64_C(1) << 32, HART_READS | HART_WRITES), 0);
	check_watched(UINT32_MAX, 0, HART_READS | HART_WRITES);
	check_watched(0, HART_READS | HART_WRITES, HART_READS);
	ck_assert_int_eq(hart_watch(&hart, 0, UINT64_C(1) << 32, 0), 0);
	check_watched(0, 0, 0);
	check_watched(0x2fff, 0, 0);
	/* So nothing stops. */
	ck_assert_int_eq(hart_run(&hart, 1000000), HART_EBREAK);
	kit_teardown();
}
END_TEST

/* At the last byte of memory, by accesses that begin before it. */
START_TEST(the_last_byte)
{
	static const uint32_t sizes[] = { 4, 8, 1 };

	begin(_i);
	CODE(RAM, LW(A0, -4, ZERO), FLD(1, -8, ZERO), LB(A0, -1, ZERO), LB(A0, -2, ZERO), SW(A0, -4, ZERO),
	     ADDI(A1, A1, -1), BNE(A1, ZERO, -24), EBREAK);
	X(A1) = 50;
	ck_assert_int_eq(hart_watch(&hart, UINT32_MAX, 1, HART_READS), 0);
	for (unsigned k = 0; k < 150; k++) {
		ck_assert_int_eq(hart_run(&hart, 100), HART_WATCHPOINT);
		ck_assert_uint_eq(hart.access.pc, RAM + k % 3 * 4);
		ck_assert_uint_eq(hart.access.addr, 0u - sizes[k % 3]);
		ck_assert_uint_eq(hart.access.size, sizes[k % 3]);
		ck_assert_uint_eq(hart.access.kinds, HART_READS);
		ck_assert_uint_eq(PC, hart.access.pc + 4);
	}
	ck_assert_int_eq(hart_run(&hart, 100), HART_EBREAK);
	kit_teardown();
}
END_TEST

/* An access that faults is no access, nor is the next one for that. */
START_TEST(watched_and_not_there)
{
	begin(_i);
	CODE(RAM, LW(A0, 0, A7), ADDI(A0, A0, 1), LW(A0, 0, S0), EBREAK);
	X(A7) = 0x40000000;
	ck_assert_int_eq(hart_watch(&hart, 0x40000000, 4, HART_READS), 0);
	ck_assert_int_eq(hart_run(&hart, 100), HART_FAULT);
	ck_assert_uint_eq(PC, RAM);
	PC += 4;
	ck_assert_int_eq(hart_run(&hart, 100), HART_EBREAK);
	kit_teardown();
}
END_TEST

START_TEST(no_memory_for_tables)
{
	struct rlimit old, little = { 0 };

	begin(true);
	ck_assert_int_eq(getrlimit(RLIMIT_AS, &old), 0);
	little.rlim_cur = 128u << 20;
	little.rlim_max = old.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &little), 0);
	ck_assert_int_eq(hart_break(&hart, RAM, true), -ENOMEM);
	ck_assert_int_eq(hart_watch(&hart, RAM, 4, HART_READS), -ENOMEM);
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &old), 0);
	ck_assert(!hart_has_breakpoint(&hart, RAM));
	ck_assert_uint_eq(hart_watched(&hart, RAM), 0);
	ck_assert_int_eq(hart_run(&hart, 1000000), HART_EBREAK);
	kit_teardown();
}
END_TEST

/* What the cache has once the program has run. */
static size_t code_of(void (*program)(void), uint8_t *copy)
{
	struct jit *j = hart.engine->jit;

	hart_flush(&hart, 0, 0);
	/* Between regions there are gaps. */
	memset(j->rw + j->prologue, 0, j->size - j->prologue);
	memset(hart.regs, 0, sizeof(*hart.regs));
	memset(kit_base + RAM, 0, RAM_SIZE);
	program();
	X(S0) = RAM + 0x1000;
	X(SP) = RAM + 0x20000;
	PC = RAM;
	while (hart_run(&hart, 1000) == HART_BUDGET)
		hart.pass = HART_PASS_ACCESS;
	ck_assert_uint_gt(j->used, j->prologue);
	memcpy(copy, j->rw, j->used);
	return j->used;
}

static unsigned deep;

/* In the middle of a recursion everything is forgotten. */
static bool no_at_the_bottom(void *owner, const struct hart_data_access *a)
{
	(void)owner;
	if (a->kinds != HART_WRITES || a->addr > RAM + 0x20000 - 80 || ++deep < 20)
		return true;
	hart_flush(&hart, 0, 0);
	return false;
}

/* Then nothing on the stack of translated code leads back to what was there. */
START_TEST(flushed_while_calls_wait)
{
	struct jit_config config = { .hot = 1 };
	const uint64_t *sp;

	deep = 0;
	kit_begin(calls);
	ck_assert_int_eq(hart_enable_jit(&hart, &config), 0);
	hart_on_access(&hart, no_at_the_bottom, NULL);
	ck_assert_int_eq(hart_run(&hart, 1000000), HART_HELD);
	sp = hart.engine->jit->context.jit_sp;
	ck_assert_uint_eq(*sp, jit_address(hart.engine->jit, hart.engine->jit->return_bottom));
	hart_on_access(&hart, NULL, NULL);
	ck_assert_int_eq(hart_run(&hart, 1000000), HART_EBREAK);
	kit_teardown();
}
END_TEST

static bool yes(void *owner, const struct hart_data_access *a)
{
	(void)owner;
	(void)a;
	return true;
}

/* Not a byte of translated code tells of hooks that are no longer wanted, or not yet. */
START_TEST(off_costs_nothing)
{
	static void (*const some[])(void) = { loops, calls, floating_point };
	static uint8_t before[1u << 20], with[1u << 20], after[1u << 20];
	struct jit_config config = { .hot = 1, .cache_bytes = 1u << 20 };

	for (unsigned n = 0; n < 3; n++) {
		size_t size;

		kit_begin(some[n]);
		ck_assert_int_eq(hart_enable_jit(&hart, &config), 0);
		size = code_of(some[n], before);
		hart_on_access(&hart, yes, NULL);
		ck_assert_int_eq(hart_watch(&hart, RAM + 0x80000, 8, HART_READS), 0);
		ck_assert_int_eq(hart_count_insns(&hart, true), 0);
		ck_assert_int_eq(hart_break(&hart, RAM + 0x3fc, true), 0);
		ck_assert_uint_gt(code_of(some[n], with), size);
		hart_on_access(&hart, NULL, NULL);
		ck_assert_int_eq(hart_watch(&hart, 0, UINT64_C(1) << 32, 0), 0);
		ck_assert_int_eq(hart_count_insns(&hart, false), 0);
		ck_assert_int_eq(hart_break(&hart, RAM + 0x3fc, false), 0);
		ck_assert_uint_eq(code_of(some[n], after), size);
		ck_assert(memcmp(before, after, size) == 0);
		kit_teardown();
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hart break");
	TCase *t = tcase_create("break");

	tcase_set_timeout(t, 60);
	/* With the interpreter alone, and with the JIT. */
	tcase_add_loop_test(t, breakpoints_come_and_go, 0, 2);
	tcase_add_loop_test(t, a_breakpoint_elsewhere, 0, 2);
	tcase_add_loop_test(t, a_breakpoint_without_memory, 0, 2);
	tcase_add_loop_test(t, interrupts, 0, 2);
	tcase_add_loop_test(t, the_last_byte, 0, 2);
	tcase_add_loop_test(t, watched_and_not_there, 0, 2);
	tcase_add_test(t, ranges);
	tcase_add_test(t, no_memory_for_tables);
	if (jit_built_in) {
		tcase_add_test(t, flushed_while_calls_wait);
		tcase_add_test(t, off_costs_nothing);
	}
	suite_add_tcase(s, t);
	return kit_main(s);
}
