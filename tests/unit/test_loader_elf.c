/* SPDX-License-Identifier: MIT
 *
 * ELF programs: each answer that Linux 6.12 was seen to give, and where it panics or kills the
 * program after the fact, the errno that a caller gets here.
 */
#include "tests/unit/loader_kit.h"

#include <sys/mman.h>

static struct kit k;

static void setup(void)
{
	kit_begin(&k);
}

static void teardown(void)
{
	kit_end(&k);
}

static struct kit_file *pie(void)
{
	return k.nr_files ? &k.files[0] : kit_pie(&k, "/pie");
}

/* The VMA that holds addr. */
static struct mm_vma_info found;

static int find_vma(void *ctx, const struct mm_vma_info *info)
{
	uint32_t addr = *(uint32_t *)ctx;

	if (addr < info->start || addr >= info->end)
		return 0;
	found = *info;
	return 1;
}

static const struct mm_vma_info *vma(uint32_t addr)
{
	ck_assert_int_eq(mm_space_walk(k.m.s, find_vma, &addr), 1);
	return &found;
}

static int count_vma(void *ctx, const struct mm_vma_info *info)
{
	(void)info;
	++*(int *)ctx;
	return 0;
}

static int vmas(void)
{
	int n = 0;

	mm_space_walk(k.m.s, count_vma, &n);
	return n;
}

START_TEST(a_pie_is_one_block)
{
	struct kit_file *f = pie();
	uint32_t base;

	/* Dirty memory, to see what gets cleared. */
	int64_t dirt = map_anon(k.m.s, 1 << 20);

	memset(guest(&k.m, dirt, 1 << 20), 0xaa, 1 << 20);
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	base = k.img.pc - 0x100;
	ck_assert_uint_eq(base % 4096, 0);
	ck_assert_int_eq(vmas(), 2);
	ck_assert_uint_eq(vma(base)->start, base);
	ck_assert_uint_eq(found.end, base + 0x4000);
	ck_assert_uint_eq(found.prot, PROT_READ | PROT_WRITE | PROT_EXEC);
	ck_assert_str_eq(found.path, "");
	ck_assert_int_eq(memcmp(guest(&k.m, base, 0x400), f->bytes, 0x400), 0);
	ck_assert_int_eq(memcmp(guest(&k.m, base + 0x2000, 0x200), f->bytes + 0x1000, 0x200), 0);
	for (uint32_t i = 0x400; i < 0x4000; i += i == 0x1ffc ? 0x204 : 4)
		ck_assert_uint_eq(kit_word(&k, base + i), 0);
	ck_assert(!k.img.flat && !k.img.fdpic);
	ck_assert_str_eq(k.img.comm, "pie");
	ck_assert_str_eq(k.img.path, "/pie");
}
END_TEST

START_TEST(segments_may_be_many_and_in_any_order)
{
	struct kit_file *f = kit_elf(&k, "/many", 0x2000);
	uint32_t base;

	/* Descending, overlapping, with an address that is not 0 below all. */
	kit_segment(f, PT_LOAD, PF_R | PF_W, 0x1000, 0x14000, 0x100, 0x100);
	kit_segment(f, PT_LOAD, PF_R, 0x800, 0x12000, 0x100, 0x100);
	kit_segment(f, PT_LOAD, PF_R | PF_X, 0, 0x10000, 0x800, 0x1000);
	kit_segment(f, PT_LOAD, PF_R, 0x1800, 0x10080, 0x40, 0x80);
	kit_eh(f)->e_entry = 0x10200;
	ck_assert_int_eq(kit_exec(&k, "/many"), 0);
	base = k.img.pc - 0x200;
	ck_assert_uint_eq(vma(base)->start, base);
	ck_assert_uint_eq(found.end, base + 0x5000);
	ck_assert_int_eq(memcmp(guest(&k.m, base + 0x4000, 0x100), f->bytes + 0x1000, 0x100), 0);
	ck_assert_int_eq(memcmp(guest(&k.m, base + 0x2000, 0x100), f->bytes + 0x800, 0x100), 0);
	ck_assert_int_eq(memcmp(guest(&k.m, base, 0x80), f->bytes, 0x80), 0);
	ck_assert_int_eq(memcmp(guest(&k.m, base + 0x80, 0x40), f->bytes + 0x1800, 0x40), 0);
	ck_assert_uint_eq(kit_word(&k, base + 0xc0), 0);
	ck_assert_int_eq(memcmp(guest(&k.m, base + 0x100, 0x700), f->bytes + 0x100, 0x700), 0);
	ck_assert_uint_eq(kit_word(&k, base + 0x3000), 0);
	ck_assert_uint_eq(kit_word(&k, k.img.a1), 4u << 16);
	ck_assert_uint_eq(kit_word(&k, k.img.a1 + 4), base + 0x4000);
	ck_assert_uint_eq(kit_word(&k, k.img.a1 + 8), 0x14000);
}
END_TEST

START_TEST(the_lowest_address_decides_the_block)
{
	struct kit_file *f = kit_elf(&k, "/odd", 0x1000);

	/* Linux takes max - min as it is: the lowest byte lies at the start of the block. */
	kit_segment(f, PT_LOAD, PF_R | PF_X, 0x34, 0x1034, 0x800, 0xff0);
	kit_eh(f)->e_entry = 0x1034;
	ck_assert_int_eq(kit_exec(&k, "/odd"), 0);
	ck_assert_uint_eq(k.img.pc % 4096, 0);
	ck_assert_uint_eq(vma(k.img.pc)->end - found.start, 0x1000);
}
END_TEST

START_TEST(type_machine_and_class_are_judged)
{
	struct kit_file *f = pie();
	static const uint16_t types[] = { ET_NONE, ET_REL, ET_EXEC, ET_CORE, 0xff00 };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		kit_eh(f)->e_type = types[i];
		ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	}
	kit_eh(f)->e_type = ET_EXEC;
	kit_interp(f, "/ld");
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	ck_assert_ptr_nonnull(strstr(k.log, "-static-pie"));
	kit_eh(f)->e_phnum--;
	kit_eh(f)->e_type = ET_DYN;
	kit_eh(f)->e_machine = EM_X86_64;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	ck_assert_ptr_nonnull(strstr(k.log, "x86-64"));
	kit_eh(f)->e_machine = EM_RISCV;
	kit_eh(f)->e_ident[EI_CLASS] = ELFCLASS64;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	ck_assert_ptr_nonnull(strstr(k.log, "RV64"));
	kit_eh(f)->e_ident[EI_CLASS] = ELFCLASS32;
	kit_eh(f)->e_ident[EI_MAG2] = 'l';
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
}
END_TEST

START_TEST(byte_order_flags_osabi_and_version_are_not)
{
	struct kit_file *f = pie();

	kit_eh(f)->e_ident[EI_DATA] = ELFDATA2MSB;
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	kit_eh(f)->e_ident[EI_DATA] = ELFDATA2LSB;
	kit_eh(f)->e_ident[EI_VERSION] = 77;
	kit_eh(f)->e_version = 77;
	kit_eh(f)->e_flags = 0x8004;
	kit_eh(f)->e_ident[EI_OSABI] = 3;
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
}
END_TEST

START_TEST(other_files_are_not_programs)
{
	uint8_t junk[300];

	kit_text(&k, "/empty", "");
	kit_text(&k, "/text", "echo hello\n");
	kit_text(&k, "/short", "\177EL");
	memset(junk, 0x80, sizeof(junk));
	junk[7] = 1;
	kit_file(&k, "/junk", junk, sizeof(junk));
	kit_text(&k, "/del", "a\x7f");
	kit_text(&k, "/latin", "caf\xe9 \t\033[1m\f\r\n");
	ck_assert_int_eq(kit_exec(&k, "/empty"), -ENOEXEC);
	ck_assert_str_eq(k.log, "exec /empty: not a program: empty file\n");
	ck_assert_int_eq(kit_exec(&k, "/text"), -ENOEXEC);
	ck_assert_str_eq(k.log, "exec /text: not a program: text without #!\n");
	ck_assert_int_eq(kit_exec(&k, "/short"), -ENOEXEC);
	ck_assert_int_eq(kit_exec(&k, "/junk"), -ENOEXEC);
	ck_assert_str_eq(k.log, "exec /junk: not a program: unknown data\n");
	ck_assert_int_eq(kit_exec(&k, "/del"), -ENOEXEC);
	ck_assert_str_eq(k.log, "exec /del: not a program: unknown data\n");
	ck_assert_int_eq(kit_exec(&k, "/latin"), -ENOEXEC);
	ck_assert_str_eq(k.log, "exec /latin: not a program: text without #!\n");
}
END_TEST

START_TEST(program_headers_must_be_there)
{
	struct kit_file *f = pie();
	uint32_t size = f->size;

	kit_eh(f)->e_phentsize = 56;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOMEM);
	kit_eh(f)->e_phentsize = 32;
	kit_eh(f)->e_phnum = 2049;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOMEM);
	kit_eh(f)->e_phnum = 0;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);	/* Linux kills the program */
	kit_eh(f)->e_phnum = 3;
	f->size = 20;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOMEM);	/* phentsize reads as 0 */
	f->size = 60;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	f->size = size;
	kit_eh(f)->e_phoff = size - 95;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	kit_eh(f)->e_phoff = 0xffffffe0;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
}
END_TEST

START_TEST(program_headers_may_lie_far_behind)
{
	struct kit_file *f = pie();

	memcpy(f->bytes + 0x1100, kit_ph(f, 0), 96);
	kit_eh(f)->e_phoff = 0x1100;
	f->bite = 7;
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	/* They lie in the data segment, and AT_PHDR says so. */
	ck_assert_int_eq(memcmp(guest(&k.m, k.img.pc - 0x100 + 0x2100, 96), f->bytes + 0x1100, 96), 0);
	/* Partly in what is read at first, and at the very end of the file. */
	memcpy(f->bytes + 1000, f->bytes + 0x1100, 96);
	kit_eh(f)->e_phoff = 1000;
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	memcpy(f->bytes + 0x1200 - 96, f->bytes + 0x1100, 96);
	kit_eh(f)->e_phoff = 0x1200 - 96;
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	kit_eh(f)->e_phoff = 0x1100;
	f->read_error_at = 0x1100;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -EIO);
	f->read_error_at = 0x1000;
	memcpy(f->bytes + 0x380, f->bytes + 0x1100, 96);
	kit_eh(f)->e_phoff = 0x380;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -EIO);
	f->read_error_at = 0;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -EIO);
}
END_TEST

START_TEST(segments_are_judged)
{
	struct kit_file *f = pie();

	kit_ph(f, 1)->p_filesz = 0x201;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);	/* Linux: zeros instead */
	ck_assert_ptr_nonnull(strstr(k.log, "is the file complete?"));
	kit_ph(f, 1)->p_filesz = 0x200;
	kit_ph(f, 1)->p_offset = 0xfffffff0;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	kit_ph(f, 1)->p_offset = 0x1000;
	kit_ph(f, 1)->p_vaddr = 0xfffff000;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	kit_ph(f, 1)->p_vaddr = 0u - 0x1010;		/* up to the end is too much, but not malformed */
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOMEM);
	kit_ph(f, 1)->p_vaddr = 0x2000;
	kit_ph(f, 0)->p_type = kit_ph(f, 1)->p_type = PT_NOTE;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);	/* Linux kills the program */
	ck_assert_ptr_nonnull(strstr(k.log, "no PT_LOAD"));
	kit_ph(f, 0)->p_type = PT_LOAD;
	kit_ph(f, 0)->p_filesz = kit_ph(f, 0)->p_memsz = 0;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
}
END_TEST

START_TEST(entry_and_dynamic_section_are_judged)
{
	struct kit_file *f = pie();

	kit_eh(f)->e_entry = 0;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	ck_assert_ptr_nonnull(strstr(k.log, "shared library"));
	kit_eh(f)->e_entry = 0x3010;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	kit_eh(f)->e_entry = 0x300f;
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	ck_assert_uint_eq(k.img.a3, k.img.pc - 0x300f + 0x2000);
	f->bytes[0x1018] = 1;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	ck_assert_ptr_nonnull(strstr(k.log, "DT_NULL"));
	kit_ph(f, 2)->p_memsz = 0x1c;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	kit_ph(f, 2)->p_memsz = 0;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	/* One that is not loaded is none. */
	kit_ph(f, 2)->p_vaddr = 0x9000;
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	ck_assert_uint_eq(k.img.a3, 0);
}
END_TEST

START_TEST(more_in_the_file_than_in_memory_is_accepted)
{
	struct kit_file *f = pie();
	uint32_t base;

	kit_ph(f, 0)->p_memsz = 0x110;
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	base = k.img.pc - 0x100;
	ck_assert_int_eq(memcmp(guest(&k.m, base, 0x400), f->bytes, 0x400), 0);
	/* Even over other segments and up to the end of the block, but not beyond. */
	kit_ph(f, 1)->p_memsz = 0x20;
	kit_ph(f, 1)->p_offset = 0;
	kit_ph(f, 1)->p_filesz = 0x1200;
	kit_ph(f, 2)->p_type = PT_NULL;
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	base = k.img.pc - 0x100;
	ck_assert_uint_eq(vma(base)->end, base + 0x3000);
	ck_assert_int_eq(memcmp(guest(&k.m, base + 0x2000, 0x1000), f->bytes, 0x1000), 0);
}
END_TEST

START_TEST(what_does_not_fit_is_ENOMEM)
{
	struct kit_file *f = pie();

	kit_ph(f, 1)->p_memsz = 128 << 20;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOMEM);
	ck_assert(k.img.too_late);	/* Linux kills the program */
	ck_assert_ptr_nonnull(strstr(k.log, "no room for"));
	ck_assert_ptr_nonnull(strstr(k.m.log, "nommu: Allocation of length 134225920 from process"));
	kit_ph(f, 1)->p_memsz = 0xffffffff - 0x2000;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOMEM);
	kit_ph(f, 1)->p_memsz = 0x1010;
	kit_add_ph(f, PT_GNU_STACK, PF_R | PF_W)->p_memsz = 64 << 20;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOMEM);
	kit_ph(f, 3)->p_memsz = 0xffffffff;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOMEM);
	ck_assert_ptr_nonnull(strstr(k.log, "stack"));
	kit_eh(f)->e_machine = EM_ARM;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	ck_assert(!k.img.too_late);
}
END_TEST

static void stack_is(uint32_t size, uint32_t prot)
{
	struct mm_layout *lay;

	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	lay = mm_layout(k.m.s);
	ck_assert_uint_eq(vma(k.img.sp)->end - found.start, size);
	ck_assert_uint_eq(found.prot, prot);
	ck_assert_str_eq(found.path, "[stack]");
	ck_assert_uint_eq(lay->stack_bottom, found.start);
	ck_assert_uint_eq(lay->stack_top, found.end);
	ck_assert_uint_eq(lay->start_stack, k.img.sp);
	/* The break cannot move. */
	ck_assert_uint_eq(lay->start_brk, found.start);
	ck_assert_uint_eq(mm_brk(k.m.s, 0), found.start);
	ck_assert_uint_eq(mm_brk(k.m.s, found.start + 4), found.start);
}

START_TEST(the_stack_is_as_large_as_the_file_says)
{
	static const uint32_t sizes[][2] = {
		{ 1, 8192 }, { 4096, 8192 }, { 8192, 8192 }, { 8193, 12288 }, { 100000, 102400 },
		{ 0, 131072 },
	};
	struct kit_file *f = pie();
	Elf32_Phdr *ph;

	stack_is(131072, PROT_READ | PROT_WRITE);
	ph = kit_add_ph(f, PT_GNU_STACK, PF_R | PF_W);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		ph->p_memsz = sizes[i][0];
		stack_is(sizes[i][1], PROT_READ | PROT_WRITE);
	}
	ph->p_flags |= PF_X;
	stack_is(131072, PROT_READ | PROT_WRITE | PROT_EXEC);
	ph->p_memsz = 1;
	stack_is(8192, PROT_READ | PROT_WRITE | PROT_EXEC);
	k.env.stack_size = 40000;
	stack_is(8192, PROT_READ | PROT_WRITE | PROT_EXEC);
	ph->p_memsz = 0;
	stack_is(40960, PROT_READ | PROT_WRITE | PROT_EXEC);
}
END_TEST

START_TEST(layout_is_noted)
{
	struct mm_layout *lay;
	uint32_t base;

	pie();
	ck_assert_int_eq(kit_exec_env(&k, "/pie", ARGS("a", "bc"), ARGS("D=1")), 0);
	lay = mm_layout(k.m.s);
	base = k.img.pc - 0x100;
	ck_assert_uint_eq(lay->start_code, base);
	ck_assert_uint_eq(lay->end_code, base + 0x400);
	ck_assert_uint_eq(lay->start_data, base + 0x2000);
	ck_assert_uint_eq(lay->end_data, base + 0x3010);
	ck_assert_uint_eq(lay->exec_loadmap, k.img.a1);
	ck_assert_uint_eq(lay->interp_loadmap, 0);
	ck_assert_int_eq(memcmp(guest(&k.m, lay->arg_start, 5), "a\0bc", 5), 0);
	ck_assert_uint_eq(lay->arg_end, lay->arg_start + 5);
	ck_assert_uint_eq(lay->env_start, lay->arg_end);
	ck_assert_str_eq(kit_string(&k, lay->env_start), "D=1");
	ck_assert_uint_eq(lay->env_end, lay->env_start + 4);
	/* Linkers put a read-only segment first; that is the data, then. */
	kit_ph(&k.files[0], 0)->p_flags = PF_R;
	kit_ph(&k.files[0], 1)->p_flags = PF_R | PF_X;
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	lay = mm_layout(k.m.s);
	base = k.img.pc - 0x100;
	ck_assert_uint_eq(lay->start_data, base);
	ck_assert_uint_eq(lay->end_data, base + 0x400);
	ck_assert_uint_eq(lay->start_code, base + 0x2000);
	ck_assert_uint_eq(lay->end_code, base + 0x3010);
}
END_TEST

/* --- the interpreter --- */

static struct kit_file *with_interp(const char *name)
{
	struct kit_file *f = pie();

	kit_interp(f, name);
	return f;
}

START_TEST(an_interpreter_is_loaded_too_and_starts)
{
	struct kit_file *f = with_interp("/ld"), *ld = kit_pie(&k, "/ld");
	struct mm_layout *lay;

	kit_eh(ld)->e_entry = 0x200;
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	lay = mm_layout(k.m.s);
	ck_assert_int_eq(vmas(), 3);
	ck_assert_int_eq(memcmp(guest(&k.m, k.img.pc, 16), ld->bytes + 0x200, 16), 0);
	ck_assert_uint_eq(k.img.a3, k.img.pc - 0x200 + 0x2000);
	ck_assert_uint_eq(kit_word(&k, k.img.a1), 2u << 16);
	ck_assert_uint_eq(kit_word(&k, k.img.a2), 2u << 16);
	ck_assert_uint_eq(kit_word(&k, k.img.a2 + 4), k.img.pc - 0x200);
	ck_assert_uint_lt(k.img.a2, k.img.a1);
	ck_assert_uint_eq(lay->interp_loadmap, k.img.a2);
	ck_assert_uint_eq(lay->start_code, kit_word(&k, k.img.a1 + 4));
	ck_assert_str_eq(k.img.path, "/pie");
	ck_assert_int_eq(ld->opened, 1);
	/* One without a dynamic section leaves a3 to the executable. */
	kit_ph(ld, 2)->p_type = PT_NULL;
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	ck_assert_uint_eq(k.img.a3, kit_word(&k, k.img.a1 + 16));
	/* It may be linked at a fixed address: it is moved all the same. */
	kit_eh(ld)->e_type = ET_EXEC;
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	ck_assert_uint_eq(kit_eh(f)->e_type, ET_DYN);
}
END_TEST

START_TEST(its_stack_size_counts_if_the_program_has_none)
{
	struct kit_file *f = with_interp("/ld"), *ld = kit_pie(&k, "/ld");

	kit_add_ph(ld, PT_GNU_STACK, PF_R | PF_W | PF_X)->p_memsz = 20000;
	stack_is(20480, PROT_READ | PROT_WRITE | PROT_EXEC);
	kit_add_ph(f, PT_GNU_STACK, PF_R | PF_W);
	stack_is(20480, PROT_READ | PROT_WRITE | PROT_EXEC);
	kit_ph(f, 4)->p_memsz = 30000;
	stack_is(32768, PROT_READ | PROT_WRITE);
}
END_TEST

START_TEST(its_name_is_judged)
{
	struct kit_file *f = with_interp("/ld");

	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOENT);
	ck_assert_ptr_nonnull(strstr(k.log, "/ld"));
	kit_pie(&k, "/ld");
	kit_ph(f, 3)->p_filesz = 3;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOENT);	/* no NUL */
	kit_ph(f, 3)->p_filesz = 1;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOENT);
	kit_ph(f, 3)->p_filesz = 0;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOENT);
	kit_ph(f, 3)->p_filesz = 4097;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOMEM);
	kit_ph(f, 3)->p_filesz = 2;
	f->bytes[0x301] = 0;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOENT);
	ck_assert_ptr_nonnull(strstr(k.log, "interpreter /: "));
	kit_ph(f, 3)->p_filesz = 4;
	kit_ph(f, 3)->p_offset = f->size - 2;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -EIO);
}
END_TEST

START_TEST(its_file_is_judged)
{
	struct kit_file *ld;
	char text[400];

	with_interp("/ld");
	ld = kit_pie(&k, "/ld");
	ld->open_error = -EACCES;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -EACCES);
	ld->open_error = 0;
	ld->size = 255;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	ld->size = 256;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);	/* an ELF file, but cut */
	ld->size = 0x1200;
	kit_eh(ld)->e_machine = EM_ARM;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ELIBBAD);
	kit_eh(ld)->e_machine = EM_RISCV;
	kit_eh(ld)->e_type = ET_REL;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ELIBBAD);
	kit_eh(ld)->e_type = ET_DYN;
	kit_eh(ld)->e_entry = 0;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	kit_eh(ld)->e_entry = 0x100;
	ld->read_error_at = 10;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -EIO);
	ld->read_error_at = 0x1000;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -EIO);
	memset(text, '#', sizeof(text));
	text[1] = '!';
	memcpy(ld->bytes, text, sizeof(text));
	ld->read_error_at = -1;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ELIBBAD);
	ld->size = 255;
	ck_assert_int_eq(kit_exec(&k, "/pie"), -ENOEXEC);
	k.env.open = NULL;
	{
		struct loader_file file;
		struct loader_request req = { .path = "/pie", .file = &file };

		kit_handle(&k.files[0], &file);
		ck_assert_int_eq(loader_load(&k.env, k.m.s, &req, &k.img), -ENOENT);
	}
}
END_TEST

START_TEST(nothing_outside_is_written)
{
	struct kit_file *f = with_interp("/ld");

	kit_pie(&k, "/ld");
	kit_paint(&k);
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	kit_only_mapped_changed(&k);
	kit_eh(f)->e_ident[EI_OSABI] = 65;
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	kit_only_mapped_changed(&k);
	/* More in the file than in the block. */
	kit_eh(f)->e_ident[EI_OSABI] = 0;
	kit_ph(f, 1)->p_memsz = 0x20;
	kit_ph(f, 1)->p_offset = 0;
	kit_ph(f, 1)->p_filesz = 0x1200;
	kit_ph(f, 2)->p_type = PT_NULL;
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	kit_only_mapped_changed(&k);
	kit_eh(f)->e_ident[EI_OSABI] = 65;
	ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
	kit_only_mapped_changed(&k);
}
END_TEST

/* --- running out --- */

START_TEST(each_page_allocation_may_fail)
{
	unsigned fails = 0;
	int err;

	with_interp("/ld");
	kit_pie(&k, "/ld");
	do {
		mm_fail_after(k.m.mm, fails + 1);
		err = kit_exec(&k, "/pie");
		ck_assert(err == 0 || err == -ENOMEM);
	} while (err && ++fails < 100);
	mm_fail_after(k.m.mm, 0);
	ck_assert_uint_eq(fails, 3);
}
END_TEST

START_TEST(two_thousand_execs_leave_nothing)
{
	uint64_t before = 0;

	with_interp("/ld");
	kit_pie(&k, "/ld");
	for (int i = 0; i < 2000; i++) {
		ck_assert_int_eq(kit_exec(&k, "/pie"), 0);
		if (i == 0)
			before = fake_free(&k.m);
	}
	ck_assert_uint_eq(fake_free(&k.m), before);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_pie_is_one_block, segments_may_be_many_and_in_any_order,
		the_lowest_address_decides_the_block,
		type_machine_and_class_are_judged, byte_order_flags_osabi_and_version_are_not,
		other_files_are_not_programs, program_headers_must_be_there,
		program_headers_may_lie_far_behind, segments_are_judged, entry_and_dynamic_section_are_judged,
		more_in_the_file_than_in_memory_is_accepted, what_does_not_fit_is_ENOMEM,
		the_stack_is_as_large_as_the_file_says, layout_is_noted,
		an_interpreter_is_loaded_too_and_starts, its_stack_size_counts_if_the_program_has_none,
		its_name_is_judged, its_file_is_judged, nothing_outside_is_written,
		each_page_allocation_may_fail,
		two_thousand_execs_leave_nothing,
	};

	return kit_suite("loader_elf", tests, sizeof(tests) / sizeof(*tests), setup, teardown);
}
