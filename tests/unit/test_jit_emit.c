/* SPDX-License-Identifier: MIT
 *
 * The encoders of the JIT's x86-64 backend.  Each form is emitted with all registers and with the
 * addresses whose encoding is special (bases 101 and 100, no base, displacements at the edge of
 * eight bits), all of it is disassembled at once by objdump, and the text must be the one that was
 * expected.  Without an objdump (binutils) that knows x86-64 there is nothing to compare with.
 */
#include "cpu/jit/x64_emit.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const names32[] = {
	"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi",
	"r8d", "r9d", "r10d", "r11d", "r12d", "r13d", "r14d", "r15d",
};
static const char *const names64[] = {
	"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
};
static const char *const names16[] = {
	"ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "r8w", "r9w", "r10w", "r11w", "r12w", "r13w", "r14w", "r15w",
};
static const char *const names8[] = {
	"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil",
	"r8b", "r9b", "r10b", "r11b", "r12b", "r13b", "r14b", "r15b",
};

#define R32(r) names32[r]
#define R64(r) names64[r]
#define R16(r) names16[r]
#define R8(r) names8[r]

#define MOST 50000

static uint8_t buffer[MOST * EMIT_LONGEST];
static struct emitter e = { buffer, buffer + sizeof(buffer), 0, false };
static struct { uint8_t *at; char text[80]; } expected[MOST];
static unsigned count;

/* What the instruction emitted since the last call is to be. */
__attribute__((format(printf, 1, 2))) static void want(const char *format, ...)
{
	static uint8_t *last = buffer;
	va_list args;

	ck_assert_uint_lt(count, MOST);
	va_start(args, format);
	vsnprintf(expected[count].text, sizeof(expected[count].text), format, args);
	va_end(args);
	expected[count++].at = last;
	last = e.p;
}

static const char *address(struct x64_mem m)
{
	static char text[2][80];
	static unsigned which;
	char *s = text[which ^= 1];
	const char *const *names = m.guest ? names32 : names64;
	int n = sprintf(s, "%s[", m.guest ? "gs:" : "");

	if (m.base != NO_REG)
		n += sprintf(s + n, "%s", names[m.base]);
	if (m.index != NO_REG)
		n += sprintf(s + n, "%s%s*%d", m.base != NO_REG ? "+" : "", names[m.index], 1 << m.scale);
	if (m.base == NO_REG && m.index == NO_REG)
		sprintf(s, m.guest ? "gs:[eiz*1+0x%x]" : "ds:0x%x", (unsigned)m.disp);
	else if (m.disp || m.base == NO_REG || (m.base & 7) == RBP)
		sprintf(s + n, "%s0x%x]", m.disp < 0 ? "-" : "+", m.disp < 0 ? 0u - (unsigned)m.disp : (unsigned)m.disp);
	else
		sprintf(s + n, "]");
	return s;
}

/* Everything that is done with memory, once. */
static void at_address(struct x64_mem m, unsigned r)
{
	const char *a = address(m);
	struct x64_mem plain = m;

	plain.guest = false;
	x64_load(&e, r, m), want("mov %s,DWORD PTR %s", R32(r), a);
	x64_load64(&e, r, m), want("mov %s,QWORD PTR %s", R64(r), a);
	x64_store(&e, m, r), want("mov DWORD PTR %s,%s", a, R32(r));
	x64_store64(&e, m, r), want("mov QWORD PTR %s,%s", a, R64(r));
	x64_store16(&e, m, r), want("mov WORD PTR %s,%s", a, R16(r));
	x64_store8(&e, m, r), want("mov BYTE PTR %s,%s", a, R8(r));
	x64_store_imm(&e, m, 0x12345678), want("mov DWORD PTR %s,0x12345678", a);
	x64_store_imm16(&e, m, 0x1234), want("mov WORD PTR %s,0x1234", a);
	x64_store_imm8(&e, m, 0x12), want("mov BYTE PTR %s,0x12", a);
	x64_load_extend(&e, EXTEND_U8, r, m), want("movzx %s,BYTE PTR %s", R32(r), a);
	x64_load_extend(&e, EXTEND_S8, r, m), want("movsx %s,BYTE PTR %s", R32(r), a);
	x64_load_extend(&e, EXTEND_U16, r, m), want("movzx %s,WORD PTR %s", R32(r), a);
	x64_load_extend(&e, EXTEND_S16, r, m), want("movsx %s,WORD PTR %s", R32(r), a);
	x64_imul_mem(&e, r, m), want("imul %s,DWORD PTR %s", R32(r), a);
	x64_alu_mem(&e, ALU_XOR, r, m), want("xor %s,DWORD PTR %s", R32(r), a);
	x64_alu_to_mem(&e, ALU_SUB, m, r), want("sub DWORD PTR %s,%s", a, R32(r));
	x64_alu_mem_imm(&e, ALU_ADD, m, 127), want("add DWORD PTR %s,0x7f", a);
	x64_alu_mem_imm(&e, ALU_CMP, m, -129), want("cmp DWORD PTR %s,0xffffff7f", a);
	x64_test_mem_imm(&e, 1, m, 0x12), want("test BYTE PTR %s,0x12", a);
	x64_test_mem_imm(&e, 2, m, 0x1234), want("test WORD PTR %s,0x1234", a);
	x64_test_mem_imm(&e, 4, m, 0x123456), want("test DWORD PTR %s,0x123456", a);
	x64_inc64_mem(&e, m), want("inc QWORD PTR %s", a);
	x64_lea(&e, r, m);
	a = address(plain);
	want("lea %s,%s", R32(r), a);
}

static void addresses(void)
{
	static const int32_t disps[] = { 0, 1, -1, 127, 128, -128, -129, 0x7fffffff, INT32_MIN + 1 };
	unsigned r = 0;

	for (int guest = 0; guest < 2; guest++) {
		for (unsigned d = 0; d < sizeof(disps) / sizeof(disps[0]); d++) {
			for (int8_t base = 0; base < 16; base++) {
				struct x64_mem m = { base, NO_REG, 0, guest, disps[d] };

				at_address(m, r++ % 16);
				m.index = (int8_t)(r * 7 % 16);
				m.scale = r / 3 % 4;
				if (m.index != RSP)
					at_address(m, r * 5 % 16);
			}
			for (int8_t index = 0; index < 16; index++) {
				struct x64_mem m = { NO_REG, index, r++ / 2 % 4, guest, disps[d] };

				if (index != RSP)
					at_address(m, r % 16);
			}
		}
	}
	at_address((struct x64_mem){ NO_REG, NO_REG, 0, true, 0x1234 }, RBX);
	at_address((struct x64_mem){ NO_REG, NO_REG, 0, true, 0x7ffffffc }, R9);
}

static void one_register(unsigned d)
{
	static const char *const alu[] = { "add", "or", "adc", "sbb", "and", "sub", "xor", "cmp" };
	static const struct { enum x64_shift op; const char *name; } shifts[] = {
		{ SHIFT_ROL, "rol" }, { SHIFT_ROR, "ror" }, { SHIFT_SHL, "shl" }, { SHIFT_SHR, "shr" }, { SHIFT_SAR, "sar" },
	};

	x64_mov_imm(&e, d, 0x89abcdef), want("mov %s,0x89abcdef", R32(d));
	x64_mov_imm64(&e, d, UINT64_C(0x123456789abcdef0)), want("movabs %s,0x123456789abcdef0", R64(d));
	for (unsigned op = 0; op < 8; op++) {
		x64_alu_imm(&e, op, d, 127), want("%s %s,0x7f", alu[op], R32(d));
		x64_alu_imm(&e, op, d, -128), want("%s %s,0xffffff80", alu[op], R32(d));
		x64_alu_imm(&e, op, d, 128), want("%s %s,0x80", alu[op], R32(d));
		x64_alu_imm(&e, op, d, -129), want("%s %s,0xffffff7f", alu[op], R32(d));
		x64_alu64_imm(&e, op, d, -128), want("%s %s,0xffffffffffffff80", alu[op], R64(d));
		x64_alu64_imm(&e, op, d, 128), want("%s %s,0x80", alu[op], R64(d));
	}
	for (unsigned i = 0; i < 5; i++) {
		x64_shift_imm(&e, shifts[i].op, d, 31), want("%s %s,0x1f", shifts[i].name, R32(d));
		x64_shift_cl(&e, shifts[i].op, d), want("%s %s,cl", shifts[i].name, R32(d));
	}
	x64_shr64_imm(&e, d, 32), want("shr %s,0x20", R64(d));
	x64_shl64_imm(&e, d, 63), want("shl %s,0x3f", R64(d));
	x64_bit64_imm(&e, 6, d, 63), want("btr %s,0x3f", R64(d));
	x64_bit64_imm(&e, 7, d, 31), want("btc %s,0x1f", R64(d));
	x64_test_imm8(&e, d, 0x7f), want("test %s,0x7f", R8(d));
	x64_neg(&e, d), want("neg %s", R32(d));
	x64_not(&e, d), want("not %s", R32(d));
	x64_div(&e, d), want("div %s", R32(d));
	x64_idiv(&e, d), want("idiv %s", R32(d));
	x64_bswap(&e, d), want("bswap %s", R32(d));
	x64_setcc(&e, CC_B, d), want("setb %s", R8(d));
	x64_setcc(&e, CC_G, d), want("setg %s", R8(d));
	x64_jmp_reg(&e, d), want("jmp %s", R64(d));
	x64_call_reg(&e, d), want("call %s", R64(d));
	x64_push(&e, d), want("push %s", R64(d));
	x64_pop(&e, d), want("pop %s", R64(d));
}

static void two_registers(unsigned d, unsigned s)
{
	unsigned v = (3 * d + 5 * s) % 16;

	x64_mov(&e, d, s), want("mov %s,%s", R32(d), R32(s));
	x64_mov64(&e, d, s), want("mov %s,%s", R64(d), R64(s));
	x64_movsxd(&e, d, s), want("movsxd %s,%s", R64(d), R32(s));
	x64_extend(&e, EXTEND_U8, d, s), want("movzx %s,%s", R32(d), R8(s));
	x64_extend(&e, EXTEND_S8, d, s), want("movsx %s,%s", R32(d), R8(s));
	x64_extend(&e, EXTEND_U16, d, s), want("movzx %s,%s", R32(d), R16(s));
	x64_extend(&e, EXTEND_S16, d, s), want("movsx %s,%s", R32(d), R16(s));
	x64_alu64(&e, ALU_OR, d, s), want("or %s,%s", R64(d), R64(s));
	x64_alu(&e, ALU_SBB, d, s), want("sbb %s,%s", R32(d), R32(s));
	x64_test(&e, d, s), want("test %s,%s", R32(s), R32(d));
	x64_imul(&e, d, s), want("imul %s,%s", R32(d), R32(s));
	x64_imul64(&e, d, s), want("imul %s,%s", R64(d), R64(s));
	x64_imul_imm(&e, d, s, -3), want("imul %s,%s,0xfffffffd", R32(d), R32(s));
	x64_cmov(&e, CC_NE, d, s), want("cmovne %s,%s", R32(d), R32(s));
	x64_bit(&e, 0xab, d, s), want("bts %s,%s", R32(d), R32(s));
	x64_bit(&e, 0xb3, d, s), want("btr %s,%s", R32(d), R32(s));
	x64_bit(&e, 0xbb, d, s), want("btc %s,%s", R32(d), R32(s));
	x64_bit(&e, 0xa3, d, s), want("bt %s,%s", R32(d), R32(s));
	x64_count(&e, 0xbd, d, s), want("lzcnt %s,%s", R32(d), R32(s));
	x64_count(&e, 0xbc, d, s), want("tzcnt %s,%s", R32(d), R32(s));
	x64_count(&e, 0xb8, d, s), want("popcnt %s,%s", R32(d), R32(s));
	x64_shift_x(&e, SHIFT_SHL, d, s, v), want("shlx %s,%s,%s", R32(d), R32(s), R32(v));
	x64_shift_x(&e, SHIFT_SHR, d, s, v), want("shrx %s,%s,%s", R32(d), R32(s), R32(v));
	x64_shift_x(&e, SHIFT_SAR, d, s, v), want("sarx %s,%s,%s", R32(d), R32(s), R32(v));
	x64_rorx(&e, d, s, 31), want("rorx %s,%s,0x1f", R32(d), R32(s));
	x64_andn(&e, d, v, s), want("andn %s,%s,%s", R32(d), R32(v), R32(s));
}

/* Addresses are those of a file that begins at 0. */
static void jumps(void)
{
	uintptr_t base = emit_here(&e) - (uintptr_t)buffer;
	uint8_t *site;

	e.view = -(intptr_t)buffer;
	x64_jmp(&e, 0x10), want("jmp 0x10");
	x64_call(&e, base + 0x1000), want("call 0x%lx", (unsigned long)base + 0x1000);
	x64_jcc(&e, CC_LE, emit_here(&e)), want("jle 0x%lx", (unsigned long)emit_here(&e) - 6);
	x64_jcc(&e, CC_AE, 0), want("jae 0x0");
	site = x64_jmp(&e, 0), want("jmp 0x20");
	x64_patch(&e, site, 0x20);
	x64_ret(&e), want("ret");
	x64_cdq(&e), want("cdq");
}

/* One blank between words, nothing behind what is compared. */
static void tidy(char *s)
{
	char *to = s;

	for (char *from = s; *from && *from != '\n' && *from != '#'; from++) {
		if (*from == ' ' && (to == s || to[-1] == ' '))
			continue;
		*to++ = *from;
	}
	while (to > s && to[-1] == ' ')
		to--;
	*to = 0;
}

START_TEST(objdump_reads_what_was_meant)
{
	char name[] = "/tmp/test_jit_emit-XXXXXX", command[200], line[300];
	unsigned seen = 0;
	FILE *f;
	int fd;

	for (unsigned d = 0; d < 16; d++) {
		one_register(d);
		for (unsigned s = 0; s < 16; s++)
			two_registers(d, s);
	}
	jumps();
	addresses();
	ck_assert(!e.overflow);
	fd = mkstemp(name);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, buffer, (size_t)(e.p - buffer)), e.p - buffer);
	close(fd);
	snprintf(command, sizeof(command), "objdump -D -b binary -m i386:x86-64 -M intel --no-show-raw-insn -w %s", name);
	f = popen(command, "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f)) {
		char *colon = strstr(line, ":\t");
		unsigned long at = strtoul(line, NULL, 16);

		if (!colon || line[0] != ' ')
			continue;
		tidy(colon + 2);
		if (seen == count)
			break;
		ck_assert_msg(at == (unsigned long)(expected[seen].at - buffer) && !strcmp(colon + 2, expected[seen].text),
			      "at %lx: '%s', not '%s' at %lx", at, colon + 2, expected[seen].text,
			      (unsigned long)(expected[seen].at - buffer));
		seen++;
	}
	pclose(f);
	unlink(name);
	ck_assert_uint_eq(seen, count);
}
END_TEST

/* A full buffer takes part of an instruction, but nothing beyond its end. */
START_TEST(overflow_is_told)
{
	uint8_t small[8] = { 0 };
	struct emitter s = { small, small + 6, 0, false };

	x64_mov_imm(&s, RAX, 0x01020304);
	ck_assert(!s.overflow);
	x64_mov_imm(&s, RAX, 0x01020304);
	ck_assert(s.overflow);
	ck_assert_uint_eq(small[6] | small[7], 0);
	ck_assert_ptr_eq(s.p, small + 6);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("jit emit");
	TCase *t = tcase_create("emit");
	SRunner *r = srunner_create(s);
	int failed;

	if (system("objdump --info 2>/dev/null | grep -q x86-64") == 0)
		tcase_add_test(t, objdump_reads_what_was_meant);
	tcase_add_test(t, overflow_is_told);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	srunner_set_fork_status(r, CK_NOFORK);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
