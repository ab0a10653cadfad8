/* SPDX-License-Identifier: MIT
 *
 * Floating point and atomics in translated code against the interpreter: random straight code, run until it is translated,
 * from the same state.  Operands are the awkward ones (NaNs of both kinds, infinities, subnormals, singles that are not
 * boxed), all rounding modes occur, and the code ends in a trap, some of them by FP and atomic instructions themselves.
 */
#include "cpu/decode.h"
#include "cpu/jit/jit.h"
#include "tests/unit/cpu_kit.h"

#include <errno.h>

#define DATA (RAM + 0x8000)
#define DATA_SIZE 256u
#define INSNS 24
#define RUNS 4

static struct hart other;	/* has the JIT */
static uint64_t state = 88172645463325252u;

static uint32_t any(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 20) % below;
}

static void setup(void)
{
	static const struct jit_config config = { .hot = 1 };

	kit_setup();
	ck_assert_int_eq(hart_init(&other, kit_base), 0);
	ck_assert_int_eq(hart_enable_jit(&other, &config), jit_built_in ? 0 : -ENOSYS);
}

static void teardown(void)
{
	hart_fini(&other);
	kit_teardown();
}

static uint64_t number(void)
{
	static const uint64_t doubles[] = {
		0, UINT64_C(0x8000000000000000), UINT64_C(0x3ff0000000000000), UINT64_C(0xbff0000000000000),
		UINT64_C(0x7ff0000000000000), UINT64_C(0xfff0000000000000), UINT64_C(0x7ff8000000000000),
		UINT64_C(0xfff8000000000001), UINT64_C(0x7ff0000000000001), 1, UINT64_C(0x800fffffffffffff),
		UINT64_C(0x0010000000000000), UINT64_C(0x7fefffffffffffff), UINT64_C(0x41dfffffffc00000),
		UINT64_C(0x41e0000000000000), UINT64_C(0xc1e0000000100000), UINT64_C(0x41efffffffe00000),
		UINT64_C(0xbfe0000000000000), UINT64_C(0x4004000000000000), UINT64_C(0x36a0000000000000),
		UINT64_C(0x47efffffefffffff),
	};
	static const uint32_t singles[] = {
		0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7f800001, 1, 0x807fffff,
		0x00800000, 0x7f7fffff, 0x4effffff, 0x4f000000, 0xcf000000, 0x4f7fffff, 0xbf000000, 0x40200000,
	};
	uint64_t v = (uint64_t)any(UINT32_MAX) << 32 | any(UINT32_MAX);

	switch (any(8)) {
	case 0: case 1: case 2:
		return doubles[any(sizeof(doubles) / sizeof(doubles[0]))];
	case 3: case 4: case 5:
		return UINT64_C(0xffffffff00000000) | singles[any(sizeof(singles) / sizeof(singles[0]))];
	case 6:
		/* Ordinary numbers, some of which are integers. */
		return (v & UINT64_C(0x800fffff00000000)) | (uint64_t)(1023 + any(40)) << 52;
	}
	return v;
}

/* An instruction of the format, with registers that keep the addresses in a0 and a1. */
static uint32_t instruction(void)
{
	for (;;) {
		const struct insn_info *info = &insn_info[any(OP_COUNT)];
		uint32_t f1 = any(32), f2 = any(32), f3 = any(32), fd = any(32), x1 = A2 + any(6), rd = any(8) ? A2 + any(6) : 0;
		uint32_t rm = (uint32_t[]){ RM_RNE, RM_DYN, RM_DYN, RM_RTZ, RM_RDN, RM_RUP, RM_RMM, RM_DYN }[any(8)] << 12;
		uint32_t offset = any(DATA_SIZE - 8);

		switch (info->format) {
		case FMT_FLOAD:
			return info->match | offset << 20 | A0 << 15 | fd << 7;
		case FMT_FSTORE:
			return info->match | offset >> 5 << 25 | f2 << 20 | A0 << 15 | (offset & 31) << 7;
		case FMT_FFF:
			return info->match | f2 << 20 | (any(4) ? f1 : f2) << 15 | fd << 7;
		case FMT_FFF_RM:
			return info->match | f2 << 20 | f1 << 15 | rm | fd << 7;
		case FMT_FF_RM:
			return info->match | f1 << 15 | rm | fd << 7;
		case FMT_FFFF_RM:
			return info->match | f3 << 27 | f2 << 20 | f1 << 15 | rm | fd << 7;
		case FMT_XFF:
			return info->match | f2 << 20 | f1 << 15 | rd << 7;
		case FMT_XF:
			return info->match | f1 << 15 | rd << 7;
		case FMT_XF_RM:
			return info->match | f1 << 15 | rm | rd << 7;
		case FMT_FX:
			return info->match | x1 << 15 | fd << 7;
		case FMT_FX_RM:
			return info->match | x1 << 15 | rm | fd << 7;
		case FMT_LR:
			return info->match | A1 << 15 | rd << 7;
		case FMT_AMO:
			return info->match | x1 << 20 | A1 << 15 | rd << 7;
		case FMT_I:
			return info->match | any(4096) << 20 | x1 << 15 | rd << 7;
		}
	}
}

/* What ends the code; t0 is 0, and nothing is there. */
static uint32_t last(void)
{
	switch (any(6)) {
	case 0:
		return FLD(any(32), 16, T0);
	case 1:
		return FSD(any(32), 16, T0);
	case 2:
		return AMOADD_W(A2, A3, T0);
	case 3:
		return LR_W(A4, T1);	/* misaligned */
	case 4:
		return ILLEGAL;
	}
	return EBREAK;
}

struct outcome {
	enum hart_stop stop;
	struct hart_regs regs;
	struct hart_trap trap;
	uint64_t retired;
	uint8_t data[DATA_SIZE];
};

static void run(struct hart *h, const struct hart_regs *from, const uint8_t *data, struct outcome *o)
{
	uint64_t before = h->instret;

	memset(o, 0, sizeof(*o));
	h->own_regs = *from;
	h->trap = (struct hart_trap){ 0 };
	hart_drop_reservation(h);
	memcpy(kit_base + DATA, data, DATA_SIZE);
	o->stop = hart_run(h, 100000);
	o->regs = h->own_regs;
	o->trap = h->trap;
	o->retired = h->instret - before;
	memcpy(o->data, kit_base + DATA, DATA_SIZE);
}

static void compare(const struct outcome *a, const struct outcome *b, unsigned round)
{
	ck_assert_msg(a->stop == b->stop, "round %u: stops %d, %d", round, (int)a->stop, (int)b->stop);
	ck_assert_msg(a->regs.pc == b->regs.pc, "round %u: pc %x, %x", round, a->regs.pc, b->regs.pc);
	ck_assert_msg(a->regs.fcsr == b->regs.fcsr, "round %u: fcsr %x, %x", round, a->regs.fcsr, b->regs.fcsr);
	for (unsigned r = 0; r < 32; r++) {
		ck_assert_msg(a->regs.x[r] == b->regs.x[r], "round %u: x%u %x, %x", round, r, a->regs.x[r], b->regs.x[r]);
		ck_assert_msg(a->regs.f[r] == b->regs.f[r], "round %u: f%u %llx, %llx", round, r,
			      (unsigned long long)a->regs.f[r], (unsigned long long)b->regs.f[r]);
	}
	ck_assert_msg(a->retired == b->retired, "round %u: retired", round);
	ck_assert_msg(memcmp(&a->trap, &b->trap, sizeof(a->trap)) == 0, "round %u: trap", round);
	ck_assert_msg(memcmp(a->data, b->data, DATA_SIZE) == 0, "round %u: memory", round);
}

static void random_regs(struct hart_regs *r)
{
	memset(r, 0, sizeof(*r));
	for (unsigned k = 1; k < 32; k++)
		r->x[k] = any(3) ? any(UINT32_MAX) : any(4) - 2;
	for (unsigned k = 0; k < 32; k++)
		r->f[k] = number();
	r->x[T0] = 0;
	r->x[T1] = DATA + 2;
	r->x[A0] = DATA;
	r->x[A1] = DATA + 64;
	r->fcsr = any(3) ? any(32) : any(8) << 5 | any(32);
	r->pc = RAM;
}

START_TEST(both_engines_agree)
{
	unsigned translated = 0;

	for (unsigned round = 0; round < 3000; round++) {
		uint32_t code[INSNS + 1];
		uint8_t data[DATA_SIZE];

		for (unsigned k = 0; k < INSNS; k++)
			code[k] = instruction();
		code[INSNS] = last();
		memcpy(kit_base + RAM, code, sizeof(code));
		hart_flush(&hart, 0, 0);
		hart_flush(&other, 0, 0);
		for (unsigned k = 0; k < RUNS; k++) {
			struct hart_regs regs;
			struct outcome a, b;

			random_regs(&regs);
			for (unsigned i = 0; i < DATA_SIZE; i += 8) {
				uint64_t v = number();

				memcpy(data + i, &v, 8);
			}
			run(&hart, &regs, data, &a);
			run(&other, &regs, data, &b);
			compare(&a, &b, round);
		}
		if (jit_built_in)
			translated += jit_has(other.engine, RAM);
	}
	/* The rest begin with what is for the interpreter. */
	if (jit_built_in)
		ck_assert_uint_gt(translated, 2000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("jit_fp");
	TCase *tc = tcase_create("jit_fp");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, both_engines_agree);
	suite_add_tcase(s, tc);
	return kit_main(s);
}
