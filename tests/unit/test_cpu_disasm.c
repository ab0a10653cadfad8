/* SPDX-License-Identifier: MIT */
#include "cpu/disasm.h"
#include "tests/unit/cpu_kit.h"

/* As objdump of binutils 2.40 has them, but for the names of immediate forms. */
static const struct {
	uint32_t bits;
	const char *text;
} cases[] = {
	{ 0x00000013, "nop" },
	{ 0x0001, "nop" },
	{ 0x0000, "unimp" },
	{ 0x00a00513, "li\ta0,10" },
	{ 0x00058513, "mv\ta0,a1" },
	{ 0x852e, "mv\ta0,a1" },
	{ 0xfff5c513, "not\ta0,a1" },
	{ 0x40b00533, "neg\ta0,a1" },
	{ 0x0015b513, "seqz\ta0,a1" },
	{ 0x00b03533, "snez\ta0,a1" },
	{ 0x0ff57513, "zext.b\ta0,a0" },
	{ 0x00b50533, "add\ta0,a0,a1" },
	{ 0x00150513, "addi\ta0,a0,1" },
	{ 0x01f51513, "slli\ta0,a0,0x1f" },
	{ 0x12345537, "lui\ta0,0x12345" },
	{ 0x00001517, "auipc\ta0,0x1" },
	{ 0x0005a503, "lw\ta0,0(a1)" },
	{ 0xfea5ae23, "sw\ta0,-4(a1)" },
	{ 0x00050463, "beqz\ta0,0x80000008" },
	{ 0x00b51463, "bne\ta0,a1,0x80000008" },
	{ 0xfe055ee3, "bgez\ta0,0x7ffffffc" },
	{ 0x0080006f, "j\t0x80000008" },
	{ 0x008000ef, "jal\t0x80000008" },
	{ 0x0080056f, "jal\ta0,0x80000008" },
	{ 0x8082, "ret" },
	{ 0x00008067, "ret" },
	{ 0x8502, "jr\ta0" },
	{ 0x9502, "jalr\ta0" },
	{ 0x010505e7, "jalr\ta1,16(a0)" },
	{ 0x0ff0000f, "fence" },
	{ 0x0330000f, "fence\trw,rw" },
	{ 0x8330000f, "fence.tso" },
	{ 0x0000100f, "fence.i" },
	{ 0x00000073, "ecall" },
	{ 0x30200073, "mret" },
	{ 0x30002573, "csrr\ta0,mstatus" },
	{ 0x30551073, "csrw\tmtvec,a0" },
	{ 0x3a051073, "csrw\tpmpcfg0,a0" },
	{ 0xc0002573, "rdcycle\ta0" },
	{ 0x00102573, "frflags\ta0" },
	{ 0x0020d073, "fsrmi\t1" },
	{ 0x02b50533, "mul\ta0,a0,a1" },
	{ 0x1005a52f, "lr.w\ta0,(a1)" },
	{ 0x1ec5a52f, "sc.w.aqrl\ta0,a2,(a1)" },
	{ 0x04c5a52f, "amoadd.w.aq\ta0,a2,(a1)" },
	{ 0x20b52533, "sh1add\ta0,a0,a1" },
	{ 0x60051513, "clz\ta0,a0" },
	{ 0x080545b3, "zext.h\ta1,a0" },
	{ 0x28755513, "orc.b\ta0,a0" },
	{ 0x00b57553, "fadd.s\tfa0,fa0,fa1" },
	{ 0x02b51553, "fadd.d\tfa0,fa0,fa1,rtz" },
	{ 0x6ab57543, "fmadd.d\tfa0,fa0,fa1,fa3" },
	{ 0x22a50553, "fmv.d\tfa0,fa0" },
	{ 0x22b505d3, "fsgnj.d\tfa1,fa0,fa1" },
	{ 0xc2051553, "fcvt.w.d\ta0,fa0,rtz" },
	{ 0xd2050553, "fcvt.d.w\tfa0,a0" },
	{ 0xe0050553, "fmv.x.w\ta0,fa0" },
	{ 0xa2b52553, "feq.d\ta0,fa0,fa1" },
	{ 0x0005b507, "fld\tfa0,0(a1)" },
	{ 0x9105, ".2byte\t0x9105" },
	{ 0xffffffff, ".4byte\t0xffffffff" },
};

START_TEST(text)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[DISASM_MAX];
		unsigned len = disasm(out, sizeof(out), RAM, cases[i].bits);

		ck_assert_str_eq(out, cases[i].text);
		ck_assert_uint_eq(len, (cases[i].bits & 3) == 3 ? 4 : 2);
	}
}
END_TEST

START_TEST(small_buffers)
{
	char out[8] = "xxxxxxx";

	ck_assert_uint_eq(disasm(out, 4, RAM, 0x00150513), 4);
	ck_assert_str_eq(out, "add");
	ck_assert_int_eq(out[4], 'x');
	ck_assert_uint_eq(disasm(NULL, 0, RAM, 0x0001), 2);
}
END_TEST

/* Whatever the bits, the text fits. */
START_TEST(always_fits)
{
	uint32_t w = 1;

	for (int i = 0; i < 1000000; i++) {
		char out[DISASM_MAX];

		w = w * 1664525 + 1013904223;
		disasm(out, sizeof(out), w, w ^ w >> 15);
		if (strlen(out) >= DISASM_MAX - 1)
			ck_abort_msg("%s", out);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cpu disasm");
	TCase *t = tcase_create("disasm");

	tcase_add_test(t, text);
	tcase_add_test(t, small_buffers);
	tcase_add_test(t, always_fits);
	suite_add_tcase(s, t);
	return kit_main(s);
}
