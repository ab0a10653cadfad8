/* SPDX-License-Identifier: MIT
 *
 * Each instruction of the table (insn.def), alone in a loop: whatever the JIT makes of it, be it to leave it to the
 * interpreter, the loop around is translated, and without failing on the way, for which all translations would be forgotten.
 */
#include "cpu/decode.h"
#include "cpu/jit/jit.h"
#include "tests/unit/cpu_kit.h"

#include <errno.h>

#define X(n) (hart.regs->x[n])
#define DATA (RAM + 0x8000)
#define ROUNDS 50u

/* The instruction with a0 as its address, a2, a3 and fa0 to fa2 as its operands, and a4 or ft0 for the result; 0: not tried. */
static uint32_t encode(const struct insn_info *info)
{
	uint32_t m = info->match;

	switch (info->format) {
	case FMT_R: case FMT_AMO:
		return m | A3 << 20 | (info->format == FMT_AMO ? A0 : A2) << 15 | A4 << 7;
	case FMT_R1:
		return m | A2 << 15 | A4 << 7;
	case FMT_I:
		return m | 0x123u << 20 | A2 << 15 | A4 << 7;
	case FMT_SHAMT:
		return m | 5u << 20 | A2 << 15 | A4 << 7;
	case FMT_LOAD: case FMT_LR:
		return m | A0 << 15 | A4 << 7;
	case FMT_STORE:
		return m | A2 << 20 | A0 << 15;
	case FMT_B:
		/* To what follows. */
		return m | A3 << 20 | A2 << 15 | 4u << 7;
	case FMT_U:
		return m | 0x12345000u | A4 << 7;
	case FMT_J:
		return m | 4u << 20 | A4 << 7;
	case FMT_JALR:
		return m | 4u << 20 | T0 << 15 | A4 << 7;
	case FMT_FENCE:
		return m | 0x0ff00000u;
	case FMT_FLOAD:
		return m | A0 << 15;
	case FMT_FSTORE:
		return m | 10u << 20 | A0 << 15;
	case FMT_FFF: case FMT_FFF_RM:
		return m | 11u << 20 | 10u << 15;
	case FMT_FF_RM:
		return m | 10u << 15;
	case FMT_FFFF_RM:
		return m | 12u << 27 | 11u << 20 | 10u << 15;
	case FMT_XFF:
		return m | 11u << 20 | 10u << 15 | A4 << 7;
	case FMT_XF: case FMT_XF_RM:
		return m | 10u << 15 | A4 << 7;
	case FMT_FX: case FMT_FX_RM:
		return m | A2 << 15;
	}
	return 0;
}

static uint64_t number(int op)
{
	return insn_info[op].ext == EXT_F ? UINT64_C(0xffffffff40200000) : UINT64_C(0x4004000000000000);
}

/* Runs the loop. */
static void run(int op, const struct jit_config *config, struct hart_regs *regs, struct hart_stats *stats)
{
	kit_setup();
	if (config)
		ck_assert_int_eq(hart_enable_jit(&hart, config), 0);
	/* t0 is the address of the instruction. */
	CODE(RAM, 0x00000297, ADDI(T0, T0, 8), encode(&insn_info[op]), ADDI(A5, A4, 1), ADDI(A1, A1, -1), BNE(A1, ZERO, -20),
	     EBREAK);
	X(A0) = DATA;
	X(A1) = ROUNDS;
	X(A2) = 0x87654321;
	X(A3) = 0x00012345;
	for (unsigned f = 10; f < 13; f++)
		hart.regs->f[f] = number(op);
	if (op == OP_FCVT_D_S)
		hart.regs->f[10] = number(OP_FADD_S);
	if (op == OP_FCVT_S_D)
		hart.regs->f[10] = number(OP_FADD_D);
	ck_assert_msg(hart_run(&hart, 100000) == HART_EBREAK, "%s: pc %x", insn_info[op].name, hart.regs->pc);
	*regs = *hart.regs;
	hart_get_stats(&hart, stats);
	kit_teardown();
}

START_TEST(each_in_a_loop)
{
	static const struct jit_config configs[] = { { .hot = 1 }, { .hot = 1, .plain = true }, { .hot = 1, .region_max = 8 } };
	unsigned tried = 0, translated = 0;

	for (int op = 0; op < OP_COUNT; op++) {
		struct hart_regs expected, regs;
		struct hart_stats stats;

		int format = insn_info[op].format;

		if (!encode(&insn_info[op])) {
			ck_assert(format == FMT_NONE || format == FMT_CSR || format == FMT_CSRI);
			continue;
		}
		tried++;
		run(op, NULL, &expected, &stats);
		ck_assert_uint_eq(expected.x[A1], 0);
		run(op, &configs[_i], &regs, &stats);
		ck_assert_msg(memcmp(&regs, &expected, sizeof(regs)) == 0, "%s differs", insn_info[op].name);
		ck_assert_msg(stats.regions > 0 && stats.runs > 0, "%s: nothing is translated", insn_info[op].name);
		ck_assert_msg(stats.regions_flushes == 0, "%s: translating fails", insn_info[op].name);
		/* Once or twice until it is hot. */
		translated += stats.steps < 4;
	}
	/* All but a few. */
	ck_assert_uint_ge(translated, tried - (configs[_i].plain ? 16 : 8));
	ck_assert_uint_lt(translated, tried);
}
END_TEST

static bool device_load(void *owner, uint32_t addr, uint32_t size, uint64_t *value)
{
	(void)owner;
	(void)size;
	*value = 1;
	return addr < 4096;
}

static bool device_store(void *owner, uint32_t addr, uint32_t size, uint64_t value)
{
	(void)owner;
	(void)size;
	(void)value;
	return addr < 4096;
}

/* One reason each round; the number of all, and of each. */
START_TEST(why_it_steps)
{
	static const uint32_t insns[] = {
		LW(A4, 16, ZERO), SC_W(A4, A2, A0), 0xc2051753u /* fcvt.w.d a4,fa0,rtz */, 0x60061713u /* clz a4,a2 */,
	};
	struct jit_config config = { .hot = 1, .plain = true };

	for (unsigned k = 0; k < 4; k++) {
		struct hart_stats stats;
		uint64_t reasons[4];

		kit_setup();
		ck_assert_int_eq(hart_enable_jit(&hart, &config), 0);
		if (_i)
			hart_measure_time(&hart);
		hart.bus = (struct hart_bus){ NULL, device_load, device_store };
		CODE(RAM, ADDI(A5, A4, 1), insns[k], ADDI(A1, A1, -1), BNE(A1, ZERO, -12), EBREAK);
		X(A0) = DATA;
		X(A1) = ROUNDS;
		hart.regs->f[10] = UINT64_C(0x7fe0000000000000);
		ck_assert_int_eq(hart_run(&hart, 100000), HART_EBREAK);
		hart_get_stats(&hart, &stats);
		ck_assert_uint_ge(stats.steps, ROUNDS - 4);
		memcpy(reasons, (uint64_t[]){ stats.steps_access, stats.steps_atomic, stats.steps_fp, stats.steps_other },
		       sizeof(reasons));
		for (unsigned n = 0; n < 4; n++)
			ck_assert_uint_eq(reasons[n], _i && n == k ? stats.steps : 0);
		kit_teardown();
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("jit table");
	TCase *t = tcase_create("table");

	tcase_set_timeout(t, 60);
	if (jit_built_in)
		tcase_add_loop_test(t, each_in_a_loop, 0, 3);
	/* Only when it is wanted is it looked at. */
	if (jit_built_in)
		tcase_add_loop_test(t, why_it_steps, 0, 2);
	suite_add_tcase(s, t);
	return kit_main(s);
}
