/* SPDX-License-Identifier: MIT
 *
 * The stack that a new program finds, byte by byte: strings, loadmaps, auxv, pointers; and what
 * happens when they are too many.
 */
#include "tests/unit/loader_kit.h"

static struct kit k;

static void setup(void)
{
	kit_begin(&k);
	kit_pie(&k, "/bin/prog");
}

static void teardown(void)
{
	kit_end(&k);
}

/* An auxv value; fails if the type is not there. */
static uint32_t aux(uint32_t at, uint32_t type)
{
	for (; kit_word(&k, at); at += 8)
		if (kit_word(&k, at) == type)
			return kit_word(&k, at + 4);
	ck_abort_msg("no auxv entry %u", type);
	return 0;
}

START_TEST(everything_is_where_the_kernel_puts_it)
{
	static const char strings[] = "prog\0-x\0\0A=1\0BB=22\0/bin/prog\0\0\0\0";
	uint32_t top, at, first;

	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", ARGS("prog", "-x", ""), ARGS("A=1", "BB=22")), 0);
	top = mm_layout(k.m.s)->stack_top;
	/* Strings: the last NUL and a zero word end at the very top. */
	first = top - (uint32_t)sizeof(strings);
	ck_assert_int_eq(memcmp(guest(&k.m, first, sizeof(strings)), strings, sizeof(strings)), 0);
	ck_assert_uint_eq(mm_layout(k.m.s)->arg_start, first);
	/* The loadmap: 28 bytes, ending below the 16-aligned strings. */
	ck_assert_uint_eq(k.img.a1, ((first & ~15u) - 28) & ~7u);
	ck_assert_uint_eq(k.img.a2, 0);
	/* argc, argv, envp */
	at = k.img.sp;
	ck_assert_uint_eq(at % 16, 0);
	ck_assert_uint_eq(kit_word(&k, at), 3);
	ck_assert_uint_eq(kit_word(&k, at + 4), first);
	ck_assert_uint_eq(kit_word(&k, at + 8), first + 5);
	ck_assert_uint_eq(kit_word(&k, at + 12), first + 8);
	ck_assert_uint_eq(kit_word(&k, at + 16), 0);
	ck_assert_uint_eq(kit_word(&k, at + 20), first + 9);
	ck_assert_uint_eq(kit_word(&k, at + 24), first + 13);
	ck_assert_uint_eq(kit_word(&k, at + 28), 0);
	/* sp is as high as its alignment lets it be. */
	ck_assert_uint_eq(at, (k.img.a1 - 208 - 32) & ~15u);
}
END_TEST

START_TEST(auxv_has_the_kernels_order_and_values)
{
	static const uint32_t types[] = {
		0x21, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x33, 0x10, 6, 0x11, 3, 4, 5, 7, 8, 9,
		0xb, 0xc, 0xd, 0xe, 0x17, 0x1f, 0,
	};
	uint32_t at, base;

	k.env.uid = 1;
	k.env.euid = 2;
	k.env.gid = 3;
	k.env.egid = 4;
	k.env.secure = true;
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", ARGS("prog"), NO_ARGS), 0);
	at = k.img.sp + 4 + 8 + 4;
	ck_assert_uint_eq(sizeof(types) / sizeof(*types) * 8, 208);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		ck_assert_uint_eq(kit_word(&k, at + (uint32_t)i * 8), types[i]);
	base = k.img.pc - 0x100;
	for (uint32_t type = 0x28; type <= 0x2f; type++)
		ck_assert_uint_eq(aux(at, type), 0);
	ck_assert_uint_eq(aux(at, 0x21), 0);
	ck_assert_uint_eq(aux(at, 0x33), 0x3c0);
	ck_assert_uint_eq(aux(at, AT_HWCAP), 0x112d);
	ck_assert_uint_eq(aux(at, AT_PAGESZ), 4096);
	ck_assert_uint_eq(aux(at, AT_CLKTCK), 100);
	ck_assert_uint_eq(aux(at, AT_PHDR), base + 52);
	ck_assert_uint_eq(aux(at, AT_PHENT), 32);
	ck_assert_uint_eq(aux(at, AT_PHNUM), 3);
	ck_assert_uint_eq(aux(at, AT_BASE), 0);
	ck_assert_uint_eq(aux(at, AT_FLAGS), 0);
	ck_assert_uint_eq(aux(at, AT_ENTRY), k.img.pc);
	ck_assert_uint_eq(aux(at, AT_UID), 1);
	ck_assert_uint_eq(aux(at, AT_EUID), 2);
	ck_assert_uint_eq(aux(at, AT_GID), 3);
	ck_assert_uint_eq(aux(at, AT_EGID), 4);
	ck_assert_uint_eq(aux(at, AT_SECURE), 1);
	ck_assert_str_eq(kit_string(&k, aux(at, AT_EXECFN)), "/bin/prog");
}
END_TEST

START_TEST(random_bytes_come_only_on_request)
{
	static const uint8_t random[16] = "0123456789abcde";
	uint32_t at;

	k.env.random = random;
	kit_paint(&k);
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", ARGS("prog"), NO_ARGS), 0);
	at = k.img.sp + 16;
	ck_assert_uint_eq(aux(at, AT_RANDOM) % 16, 0);
	ck_assert_uint_eq(aux(at, AT_RANDOM), (mm_layout(k.m.s)->arg_start & ~15u) - 16);
	ck_assert_uint_eq(k.img.sp, (k.img.a1 - 216 - 16) & ~15u);
	ck_assert_int_eq(memcmp(guest(&k.m, aux(at, AT_RANDOM), 16), random, 16), 0);
	ck_assert_uint_gt(aux(at, AT_RANDOM), k.img.a1);
	ck_assert_str_eq(kit_string(&k, aux(at, AT_EXECFN)), "/bin/prog");
}
END_TEST

START_TEST(an_interpreter_adds_its_loadmap_and_base)
{
	struct kit_file *ld = kit_pie(&k, "/ld");
	uint32_t at, base;

	kit_interp(&k.files[0], "/ld");
	kit_segment(ld, PT_LOAD, PF_R, 0x400, 0x8000, 0x10, 0x20);
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", ARGS("prog"), NO_ARGS), 0);
	at = k.img.sp + 16;
	base = k.img.pc - 0x100;
	ck_assert_uint_eq(aux(at, AT_BASE), base);
	ck_assert_uint_eq(aux(at, AT_ENTRY), kit_word(&k, k.img.a1 + 4) + 0x100);
	ck_assert_uint_eq(aux(at, AT_PHNUM), 4);
	/* { version 0, nsegs }, then address, p_vaddr and p_memsz of each */
	ck_assert_uint_eq(k.img.a2 % 8, 0);
	ck_assert_uint_eq(k.img.a2, (k.img.a1 - 40) & ~7u);
	ck_assert_uint_eq(kit_word(&k, k.img.a2), 3u << 16);
	ck_assert_uint_eq(kit_word(&k, k.img.a2 + 4), base);
	ck_assert_uint_eq(kit_word(&k, k.img.a2 + 8), 0);
	ck_assert_uint_eq(kit_word(&k, k.img.a2 + 12), 0x400);
	ck_assert_uint_eq(kit_word(&k, k.img.a2 + 16), base + 0x2000);
	ck_assert_uint_eq(kit_word(&k, k.img.a2 + 20), 0x2000);
	ck_assert_uint_eq(kit_word(&k, k.img.a2 + 24), 0x1010);
	ck_assert_uint_eq(kit_word(&k, k.img.a2 + 28), base + 0x8000);
	ck_assert_uint_eq(kit_word(&k, k.img.a2 + 36), 0x20);
	/* AT_BASE is where the ELF header lies, be it in the middle; 0 if it is not loaded. */
	kit_ph(ld, 0)->p_vaddr = 0x5000;
	kit_eh(ld)->e_entry = 0x5100;
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", ARGS("prog"), NO_ARGS), 0);
	ck_assert_uint_eq(aux(k.img.sp + 16, AT_BASE), k.img.pc - 0x100);
	kit_ph(ld, 0)->p_offset = 4;
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", ARGS("prog"), NO_ARGS), 0);
	ck_assert_uint_eq(aux(k.img.sp + 16, AT_BASE), 0);
}
END_TEST

START_TEST(headers_outside_of_the_segments_have_no_address)
{
	struct kit_file *f = &k.files[0];

	kit_ph(f, 0)->p_offset = 0x10;
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", ARGS("prog"), NO_ARGS), 0);
	ck_assert_uint_eq(aux(k.img.sp + 16, AT_PHDR), k.img.pc - 0x100 + 52 - 0x10);
	kit_ph(f, 0)->p_offset = 0x35;
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", ARGS("prog"), NO_ARGS), 0);
	ck_assert_uint_eq(aux(k.img.sp + 16, AT_PHDR), 0);
}
END_TEST

START_TEST(no_arguments_become_one_empty_one)
{
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", NULL, NULL), 0);
	ck_assert_uint_eq(kit_word(&k, k.img.sp), 1);
	ck_assert_str_eq(kit_string(&k, kit_word(&k, k.img.sp + 4)), "");
	ck_assert_uint_eq(kit_word(&k, k.img.sp + 8), 0);
	ck_assert_uint_eq(kit_word(&k, k.img.sp + 12), 0);
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", NO_ARGS, NO_ARGS), 0);
	ck_assert_uint_eq(kit_word(&k, k.img.sp), 1);
}
END_TEST

static char *long_string(uint32_t len)
{
	static char s[200000];

	memset(s, 'x', len);
	s[len] = '\0';
	return s;
}

START_TEST(strings_have_a_limit)
{
	/* A stack with room, so that only the copy area's limit counts: 32 pages but one word. */
	kit_add_ph(&k.files[0], PT_GNU_STACK, PF_R | PF_W)->p_memsz = 1 << 20;
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", ARGS(long_string(131000)), NO_ARGS), 0);
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", ARGS(long_string(131071)), NO_ARGS), -E2BIG);
	/* "/bin/prog" takes 10 */
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", ARGS(long_string(131057)), NO_ARGS), 0);
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", ARGS(long_string(131058)), NO_ARGS), -E2BIG);
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", ARGS("a", ""), ARGS(long_string(131054))), 0);
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", ARGS("a", ""), ARGS(long_string(131055))), -E2BIG);
}
END_TEST

START_TEST(pointers_must_fit_into_the_stack)
{
	static char *many[60001];
	unsigned fit = 0;
	int err;

	/* 30,000 pointers make the real kernel write below its stack and panic. */
	for (unsigned i = 0; i < 60000; i++)
		many[i] = "";
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", many, NO_ARGS), -E2BIG);
	many[30000] = NULL;
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", many, NO_ARGS), -E2BIG);
	ck_assert_ptr_nonnull(strstr(k.log, "stack of 131072"));
	/* The largest argv that goes uses the stack up, but for alignment. */
	for (unsigned step = 16384; step; step /= 2) {
		many[30000] = "";
		many[fit + step] = NULL;
		err = kit_exec_env(&k, "/bin/prog", many, NO_ARGS);
		many[fit + step] = "";
		ck_assert(err == 0 || err == -E2BIG);
		if (!err)
			fit += step;
	}
	many[fit] = NULL;
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", many, NO_ARGS), 0);
	ck_assert_uint_ge(k.img.sp, mm_layout(k.m.s)->stack_bottom);
	ck_assert_uint_lt(k.img.sp, mm_layout(k.m.s)->stack_bottom + 32);
	k.env.random = (const uint8_t *)"0123456789abcdef";
	ck_assert_int_eq(kit_exec_env(&k, "/bin/prog", many, NO_ARGS), -E2BIG);
}
END_TEST

START_TEST(a_large_loadmap_must_fit_too)
{
	struct kit_file *f = kit_elf(&k, "/many", 0xff00);

	kit_add_ph(f, PT_GNU_STACK, PF_R | PF_W)->p_memsz = 8192;
	for (unsigned i = 0; i < 1000; i++)
		kit_segment(f, PT_LOAD, PF_R | PF_X, 0, i * 0x200, 0x100, 0x200);
	ck_assert_int_eq(kit_exec(&k, "/many"), -E2BIG);
	kit_ph(f, 0)->p_memsz = 16384;
	ck_assert_int_eq(kit_exec(&k, "/many"), 0);
	ck_assert_uint_eq(kit_word(&k, k.img.a1), 1000u << 16);
	ck_assert_uint_eq(kit_word(&k, k.img.a1 + 4 + 999 * 12 + 4), 999 * 0x200);
}
END_TEST

/* "The ELF-FDPIC binfmt uses this to allocate the brk and stack region": MAP_UNINITIALIZED. */
START_TEST(the_region_of_break_and_stack_comes_as_it_is)
{
	for (int ignored = 0; ignored < 2; ignored++) {
		uint32_t at, end;

		fake_machine_end(&k.m);
		fake_machine(&k.m, 1 << 20, &(struct mm_config){ .nr_trim_pages = 1, .ignore_uninitialized = ignored });
		ck_assert_int_eq(map_anon(k.m.s, 1 << 20), RAM);
		memset(guest(&k.m, RAM, 1 << 20), 0xa5, 1 << 20);
		ck_assert_int_eq(kit_exec(&k, "/bin/prog"), 0);
		at = mm_layout(k.m.s)->stack_bottom;
		end = k.img.sp;
		ck_assert_uint_eq(at, mm_layout(k.m.s)->start_brk);
		ck_assert_uint_ge(end - at, 100000);
		for (; at < end; at += 4)
			must(kit_word(&k, at) == (ignored ? 0 : 0xa5a5a5a5));
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		everything_is_where_the_kernel_puts_it, auxv_has_the_kernels_order_and_values,
		random_bytes_come_only_on_request, an_interpreter_adds_its_loadmap_and_base,
		headers_outside_of_the_segments_have_no_address, no_arguments_become_one_empty_one,
		strings_have_a_limit, pointers_must_fit_into_the_stack, a_large_loadmap_must_fit_too,
		the_region_of_break_and_stack_comes_as_it_is,
	};

	return kit_suite("loader_stack", tests, sizeof(tests) / sizeof(*tests), setup, teardown);
}
