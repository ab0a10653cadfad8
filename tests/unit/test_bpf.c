/* SPDX-License-Identifier: MIT
 * Classic BPF: what is accepted can be run, whatever it is.  (What it computes is tested from inside: guest/seccomp_filter.)
 */
#include <check.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>
#include "emu/seccomp/bpf.h"

static uint32_t seed = 1;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)seed * below >> 32);
}

/* Mostly instructions that may be right, in a program that is as long as its memory: one step too far is seen by ASan. */
static struct bpf_insn any(unsigned left)
{
	static const uint16_t codes[] = {
		BPF_LD | BPF_W | BPF_ABS, BPF_LDX | BPF_W | BPF_LEN, BPF_LD | BPF_MEM, BPF_LDX | BPF_MEM, BPF_ST, BPF_STX,
		BPF_LD | BPF_IMM, BPF_LDX | BPF_IMM, BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA, BPF_RET | BPF_A, BPF_RET | BPF_K,
		BPF_ALU | BPF_DIV | BPF_X, BPF_ALU | BPF_DIV | BPF_K, BPF_ALU | BPF_LSH | BPF_X, BPF_ALU | BPF_RSH | BPF_K,
		BPF_ALU | BPF_NEG, BPF_JMP | BPF_JA, BPF_JMP | BPF_JEQ | BPF_K, BPF_JMP | BPF_JGT | BPF_X, BPF_JMP | BPF_JSET | BPF_K,
	};
	struct bpf_insn i = { .code = codes[rnd(sizeof codes / sizeof *codes)] };

	if (!rnd(200))
		i.code = (uint16_t)rnd(65536);
	i.jt = (uint8_t)rnd(left + 1);
	i.jf = (uint8_t)rnd(left + 1);
	i.k = BPF_CLASS(i.code) == BPF_JMP ? rnd(left + 1) : rnd(4) ? rnd(17) & ~(rnd(4) ? 3u : 0) : rnd(~0u);
	return i;
}

START_TEST(random_programs)
{
	uint32_t data[BPF_DATA_WORDS], valid = 0;

	for (unsigned round = 0; round < 400000; round++) {
		unsigned len = 1 + rnd(12);
		struct bpf_insn *prog = malloc(len * sizeof *prog);

		for (unsigned n = 0; n < len; n++)
			prog[n] = any(len - n);
		if (rnd(8))
			prog[len - 1].code = BPF_RET | BPF_A;
		for (unsigned n = 0; n < BPF_DATA_WORDS; n++)
			data[n] = rnd(~0u);
		if (bpf_valid(prog, len)) {
			(void)bpf_run(prog, data);
			valid++;
		}
		free(prog);
	}
	ck_assert_uint_gt(valid, 10000);
}
END_TEST

START_TEST(longest)
{
	static struct bpf_insn prog[BPF_MAX_LEN + 1];
	uint32_t data[BPF_DATA_WORDS] = { 0 };

	for (unsigned n = 0; n < BPF_MAX_LEN; n++)
		prog[n] = (struct bpf_insn){ .code = BPF_ALU | BPF_ADD | BPF_K, .k = 3 };
	prog[BPF_MAX_LEN - 1].code = BPF_RET | BPF_A;
	prog[0] = (struct bpf_insn){ .code = BPF_JMP | BPF_JA, .k = BPF_MAX_LEN - 3 };
	ck_assert(bpf_valid(prog, BPF_MAX_LEN));
	ck_assert_uint_eq(bpf_run(prog, data), 3);
	prog[0].k = BPF_MAX_LEN - 1;
	ck_assert(!bpf_valid(prog, BPF_MAX_LEN));
	ck_assert(!bpf_valid(prog, 0));
	ck_assert(!bpf_valid(prog, BPF_MAX_LEN + 1));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("bpf");
	TCase *tc = tcase_create("bpf");
	SRunner *r;
	int failed;

	tcase_add_test(tc, random_programs);
	tcase_add_test(tc, longest);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
