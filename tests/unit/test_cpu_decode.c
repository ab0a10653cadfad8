/* SPDX-License-Identifier: MIT */
#include "cpu/decode.h"
#include "tests/unit/cpu_kit.h"

static uint32_t seed = 1;

static uint32_t any_word(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

START_TEST(no_word_is_two_instructions)
{
	for (int a = 0; a < OP_COUNT; a++) {
		ck_assert_uint_eq(insn_info[a].match & ~insn_info[a].mask, 0);
		for (int b = a + 1; b < OP_COUNT; b++) {
			uint32_t both = insn_info[a].mask & insn_info[b].mask;

			ck_assert_msg((insn_info[a].match & both) != (insn_info[b].match & both), "%s and %s",
				      insn_info[a].name, insn_info[b].name);
		}
	}
}
END_TEST

START_TEST(every_instruction_decodes_to_itself)
{
	for (int op = 0; op < OP_COUNT; op++) {
		for (int i = 0; i < 1000; i++) {
			uint32_t w = (any_word() & ~insn_info[op].mask) | insn_info[op].match;
			struct insn in;
			int fmt = insn_info[op].format;
			bool has_rm = fmt == FMT_FFF_RM || fmt == FMT_FF_RM || fmt == FMT_FFFF_RM ||
				      fmt == FMT_XF_RM || fmt == FMT_FX_RM;

			if (has_rm && ((w >> 12 & 7) == 5 || (w >> 12 & 7) == 6)) {
				insn_decode(&in, w);
				if (in.op != OP_ILLEGAL)
					ck_abort_msg("%08x", w);
				continue;
			}
			insn_decode(&in, w);
			if (in.op != op || in.len != 4 || in.bits != w)
				ck_abort_msg("%08x: %d", w, in.op);
		}
	}
}
END_TEST

START_TEST(random_words_match_the_table)
{
	for (int i = 0; i < 1000000; i++) {
		uint32_t w = any_word() | 3;
		int expected = OP_ILLEGAL;
		struct insn in;

		for (int op = 0; op < OP_COUNT; op++) {
			if ((w & insn_info[op].mask) == insn_info[op].match)
				expected = op;
		}
		insn_decode(&in, w);
		if (in.op != expected) {
			uint32_t rm = w >> 12 & 7;

			ck_assert_int_eq(in.op, OP_ILLEGAL);
			ck_assert(rm == 5 || rm == 6);
		}
	}
}
END_TEST

START_TEST(immediates)
{
	static const struct {
		uint32_t bits;
		int op, rd, rs1, rs2;
		int32_t imm;
	} cases[] = {
		{ 0xfff00093, OP_ADDI, 1, 0, 0, -1 },
		{ 0x80000113, OP_ADDI, 2, 0, 0, -2048 },
		{ 0xfe512e23, OP_SW, 0, 2, 5, -4 },
		{ 0x7e512fa3, OP_SW, 0, 2, 5, 2047 },
		{ 0xfe208ee3, OP_BEQ, 0, 1, 2, -4 },
		{ 0x80208063, OP_BEQ, 0, 1, 2, -4096 },
		{ 0x7e208fe3, OP_BEQ, 0, 1, 2, 4094 },
		{ 0xffdff0ef, OP_JAL, 1, 0, 0, -4 },
		{ 0x800000ef, OP_JAL, 1, 0, 0, -1048576 },
		{ 0x7ffff0ef, OP_JAL, 1, 0, 0, 1048574 },
		{ 0xfffff537, OP_LUI, 10, 0, 0, -4096 },
		{ 0x41f55513, OP_SRAI, 10, 10, 0, 31 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct insn in;

		insn_decode(&in, cases[i].bits);
		ck_assert_int_eq(in.op, cases[i].op);
		ck_assert_int_eq(in.rd, cases[i].rd);
		ck_assert_int_eq(in.rs1, cases[i].rs1);
		ck_assert_int_eq(in.rs2, cases[i].rs2);
		ck_assert_int_eq(in.imm, cases[i].imm);
	}
}
END_TEST

START_TEST(compressed_expand)
{
	static const struct {
		uint32_t bits;
		int op, rd, rs1, rs2;
		int32_t imm;
	} cases[] = {
		{ 0x0048, OP_ADDI, 10, 2, 0, 4 },	/* c.addi4spn a0,sp,4 */
		{ 0x4188, OP_LW, 10, 11, 0, 0 },	/* c.lw a0,0(a1) */
		{ 0x5dfc, OP_LW, 15, 11, 0, 124 },	/* c.lw a5,124(a1) */
		{ 0xc188, OP_SW, 0, 11, 10, 0 },	/* c.sw a0,0(a1) */
		{ 0x2188, OP_FLD, 10, 11, 0, 0 },
		{ 0x0001, OP_ADDI, 0, 0, 0, 0 },	/* c.nop */
		{ 0x157d, OP_ADDI, 10, 10, 0, -1 },
		{ 0x557d, OP_ADDI, 10, 0, 0, -1 },	/* c.li a0,-1 */
		{ 0x7139, OP_ADDI, 2, 2, 0, -64 },	/* c.addi16sp sp,-64 */
		{ 0x757d, OP_LUI, 10, 0, 0, -4096 },	/* c.lui a0,0xfffff */
		{ 0x8105, OP_SRLI, 10, 10, 0, 1 },
		{ 0x8505, OP_SRAI, 10, 10, 0, 1 },
		{ 0x8905, OP_ANDI, 10, 10, 0, 1 },
		{ 0x8d0d, OP_SUB, 10, 10, 11, 0 },
		{ 0x8d2d, OP_XOR, 10, 10, 11, 0 },
		{ 0x8d4d, OP_OR, 10, 10, 11, 0 },
		{ 0x8d6d, OP_AND, 10, 10, 11, 0 },
		{ 0xbffd, OP_JAL, 0, 0, 0, -2 },	/* c.j .-2 */
		{ 0x3ffd, OP_JAL, 1, 0, 0, -2 },	/* c.jal .-2 */
		{ 0xdd7d, OP_BEQ, 0, 10, 0, -2 },
		{ 0x0506, OP_SLLI, 10, 10, 0, 1 },
		{ 0x4502, OP_LW, 10, 2, 0, 0 },
		{ 0x8082, OP_JALR, 0, 1, 0, 0 },	/* ret */
		{ 0x9082, OP_JALR, 1, 1, 0, 0 },
		{ 0x852e, OP_ADD, 10, 0, 11, 0 },	/* c.mv a0,a1 */
		{ 0x952e, OP_ADD, 10, 10, 11, 0 },
		{ 0x9002, OP_EBREAK, 0, 0, 0, 0 },
		{ 0xc02a, OP_SW, 0, 2, 10, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct insn in;

		insn_decode(&in, 0xdead0000 | cases[i].bits);
		ck_assert_msg(in.op == cases[i].op, "%04x", cases[i].bits);
		ck_assert_int_eq(in.len, 2);
		ck_assert_uint_eq(in.bits, cases[i].bits);
		ck_assert_int_eq(in.rd, cases[i].rd);
		ck_assert_int_eq(in.rs1, cases[i].rs1);
		ck_assert_int_eq(in.rs2, cases[i].rs2);
		ck_assert_msg(in.imm == cases[i].imm, "%04x: %d", cases[i].bits, in.imm);
	}
}
END_TEST

START_TEST(reserved_is_illegal)
{
	static const uint32_t words[] = {
		0x0000,		/* all zeros */
		0x0004,		/* c.addi4spn without immediate */
		0x8000,		/* quadrant 0, funct3 100 */
		0x6101,		/* c.addi16sp 0 */
		0x6501,		/* c.lui a0, 0 */
		0x9105,		/* c.srli with shamt[5] */
		0x9505,		/* c.srai with shamt[5] */
		0x9c01, 0x9c21, 0x9c41, 0x9c61,		/* c.subw, c.addw and reserved */
		0x1506,		/* c.slli with shamt[5] */
		0x4002,		/* c.lwsp to x0 */
		0x8002,		/* c.jr x0 */
		0xffffffff, 0x0000001f, 0x0000003f, 0x0000007f,	/* longer than 32 bits */
		0x02051513,	/* slli with shamt[5] */
		0x00003003,	/* ld */
		0x00003023,	/* sd */
		0x00006003,	/* lwu */
		0xe2000053,	/* fmv.x.d */
		0xc0200053,	/* fcvt.l.s */
		0x10200073,	/* sret */
		0x12000073,	/* sfence.vma */
		0x0a001033,	/* clmul */
		0x28605013,	/* orc.b with another operand */
		0x00005053,	/* rm 5 */
		0x00006053,	/* rm 6 */
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct insn in;

		insn_decode(&in, words[i]);
		ck_assert_msg(in.op == OP_ILLEGAL, "%08x", words[i]);
	}
}
END_TEST

START_TEST(hints_are_legal)
{
	static const uint32_t words[] = {
		0x00000013, 0x00002013, 0x00006033, 0x00000037, 0x0000000f,	/* results to x0 */
		0x0005, 0x4005, 0x6005, 0x0006, 0x0502, 0x8101, 0x800a, 0x900a,
		0x8330000f,	/* fence.tso */
		0x0100000f,	/* pause */
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct insn in;

		insn_decode(&in, words[i]);
		ck_assert_msg(in.op != OP_ILLEGAL, "%08x", words[i]);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cpu decode");
	TCase *t = tcase_create("decode");

	tcase_add_test(t, no_word_is_two_instructions);
	tcase_add_test(t, every_instruction_decodes_to_itself);
	tcase_add_test(t, random_words_match_the_table);
	tcase_add_test(t, immediates);
	tcase_add_test(t, compressed_expand);
	tcase_add_test(t, reserved_is_illegal);
	tcase_add_test(t, hints_are_legal);
	suite_add_tcase(s, t);
	return kit_main(s);
}
