/* SPDX-License-Identifier: MIT
 *
 * FDPIC: segments at places of their own, a true loadmap, text that all processes share; and a
 * small program, written out by hand, that runs so on the hart.
 */
#include "cpu/hart.h"
#include "tests/unit/loader_kit.h"

#include <sys/mman.h>

#define DATA_VADDR 0x10000u
#define FLASH 0x20000000u

static struct kit k;

static void setup(void)
{
	kit_begin(&k);
}

static void teardown(void)
{
	kit_end(&k);
}

/*
 * Finds its data segment by the loadmap (a1), makes gp its address, relocates a function
 * descriptor in it, and calls through that.  The function returns data word 2 plus a word of the
 * bss, counts in data word 3 and leaves the count in the bss.  Exits with what it returned.
 */
static const uint32_t program[] = {
	0x0025d283,		/* _start:	lhu	t0, 2(a1) */
	0x00458313,		/*		addi	t1, a1, 4 */
	0x000103b7,		/*		lui	t2, DATA_VADDR >> 12 */
	0x00432e03,		/* 1:		lw	t3, 4(t1) */
	0x007e0a63,		/*		beq	t3, t2, 2f */
	0x00c30313,		/*		addi	t1, t1, 12 */
	0xfff28293,		/*		addi	t0, t0, -1 */
	0xfe0298e3,		/*		bnez	t0, 1b */
	0x00100073,		/*		ebreak */
	0x00032183,		/* 2:		lw	gp, 0(t1) */
	0x0045ae83,		/*		lw	t4, 4(a1)	segment 0: the text */
	0x0001af03,		/*		lw	t5, 0(gp)	the descriptor's entry */
	0x01df0f33,		/*		add	t5, t5, t4 */
	0x01e1a023,		/*		sw	t5, 0(gp) */
	0x0031a223,		/*		sw	gp, 4(gp) */
	0x0001af83,		/*		lw	t6, 0(gp)	call through it */
	0x0041a183,		/*		lw	gp, 4(gp) */
	0x000f80e7,		/*		jalr	t6 */
	0x05d00893,		/*		li	a7, 93 */
	0x00000073,		/*		ecall */
	0x00100073,		/*		ebreak */
	0x0081a503,		/* func:	lw	a0, 8(gp) */
	0x00c1a783,		/*		lw	a5, 12(gp) */
	0x00178793,		/*		addi	a5, a5, 1 */
	0x00f1a623,		/*		sw	a5, 12(gp) */
	0x4001a703,		/*		lw	a4, 0x400(gp) */
	0x00e50533,		/*		add	a0, a0, a4 */
	0x40f1a023,		/*		sw	a5, 0x400(gp) */
	0x00008067,		/*		ret */
};

/* Text 0..0x400, and data 0x10000..0x10200 with bss up to 0x11010; all as the hart wants it. */
static struct kit_file *fdpic(const char *path)
{
	struct kit_file *f = kit_elf(&k, path, 0x1200);
	const uint32_t data[] = { 0x154, 0, 0x1234, 0 };

	kit_eh(f)->e_ident[EI_OSABI] = 65;
	kit_segment(f, PT_LOAD, PF_R | PF_X, 0, 0, 0x400, 0x400);
	kit_segment(f, PT_LOAD, PF_R | PF_W, 0x1000, DATA_VADDR, 0x200, 0x1010);
	memcpy(f->bytes + 0x100, program, sizeof(program));
	memcpy(f->bytes + 0x1000, data, sizeof(data));
	f->shares = true;
	return f;
}

static uint32_t text_at(void)
{
	return kit_word(&k, k.img.a1 + 4);
}

static uint32_t data_at(void)
{
	return kit_word(&k, k.img.a1 + 16);
}

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

/* Runs the loaded program on a hart; what it exits with. */
static uint32_t run(void)
{
	struct hart h;
	uint32_t result;

	ck_assert_int_eq(hart_init(&h, flat_base(k.m.flat)), 0);
	h.regs->pc = k.img.pc;
	h.regs->x[2] = k.img.sp;
	h.regs->x[11] = k.img.a1;
	h.regs->x[12] = k.img.a2;
	h.regs->x[13] = k.img.a3;
	ck_assert_int_eq(hart_run(&h, 1000), HART_ECALL);
	ck_assert_uint_eq(h.regs->x[17], 93);
	result = h.regs->x[10];
	hart_fini(&h);
	return result;
}

START_TEST(segments_are_mappings_of_their_own)
{
	struct kit_file *f = fdpic("/fdpic");
	int64_t dirt = map_anon(k.m.s, 1 << 20);

	memset(guest(&k.m, dirt, 1 << 20), 0xaa, 1 << 20);
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
	ck_assert(k.img.fdpic && !k.img.flat);
	ck_assert_uint_eq(kit_word(&k, k.img.a1), 2u << 16);
	ck_assert_uint_eq(kit_word(&k, k.img.a1 + 8), 0);
	ck_assert_uint_eq(kit_word(&k, k.img.a1 + 12), 0x400);
	ck_assert_uint_eq(kit_word(&k, k.img.a1 + 20), DATA_VADDR);
	ck_assert_uint_eq(kit_word(&k, k.img.a1 + 24), 0x1010);
	ck_assert_uint_eq(k.img.pc, text_at() + 0x100);
	ck_assert_uint_eq(vma(text_at())->start, text_at());
	ck_assert_uint_eq(found.end, text_at() + 0x1000);
	ck_assert_uint_eq(found.prot, PROT_READ | PROT_EXEC);
	ck_assert_uint_eq(vma(data_at())->start, data_at());
	ck_assert_uint_eq(found.end, data_at() + 0x2000);
	ck_assert_uint_eq(found.prot, PROT_READ | PROT_WRITE);
	ck_assert_uint_ne(data_at() - text_at(), DATA_VADDR);
	ck_assert_int_eq(memcmp(guest(&k.m, text_at(), 0x400), f->bytes, 0x400), 0);
	ck_assert_int_eq(memcmp(guest(&k.m, data_at(), 0x200), f->bytes + 0x1000, 0x200), 0);
	for (uint32_t i = 0x200; i < 0x2000; i += 4)
		ck_assert_uint_eq(kit_word(&k, data_at() + i), 0);
	ck_assert_uint_eq(mm_layout(k.m.s)->start_code, text_at());
	ck_assert_uint_eq(mm_layout(k.m.s)->start_data, data_at());
	ck_assert_uint_eq(run(), 0x1234);
	ck_assert_uint_eq(kit_word(&k, data_at() + 0x400), 1);
}
END_TEST

START_TEST(processes_share_the_text_and_not_the_data)
{
	struct kit_file *f = fdpic("/fdpic");
	struct mm_space *others[10];
	uint32_t text, data;
	uint64_t copy;
	struct mm_stats st;

	ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
	text = text_at();
	data = data_at();
	ck_assert_uint_eq(run(), 0x1234);
	mm_get_stats(k.m.mm, &st);
	copy = st.mmap_copy;
	for (unsigned i = 0; i < 10; i++) {
		others[i] = mm_space_get(k.m.s);
		ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
		ck_assert_uint_eq(text_at(), text);
		ck_assert_uint_ne(data_at(), data);
		ck_assert_uint_eq(kit_word(&k, data_at() + 12), 0);
		ck_assert_uint_eq(run(), 0x1234);
		ck_assert_uint_eq(kit_word(&k, data_at() + 12), 1);
	}
	/* Ten more cost ten times data and stack, and no text. */
	mm_get_stats(k.m.mm, &st);
	ck_assert_uint_eq(st.mmap_copy - copy, 10 * (0x2000 + 131072));
	ck_assert_int_eq(memcmp(guest(&k.m, text, 0x400), f->bytes, 0x400), 0);
	for (unsigned i = 0; i < 10; i++)
		mm_space_put(others[i]);
}
END_TEST

START_TEST(any_distance_will_do)
{
	uint32_t distances[200], different = 0;

	fdpic("/fdpic");
	for (uint32_t seed = 1; seed <= 200; seed++) {
		bool seen = false;

		mm_scatter(k.m.mm, seed * 2654435761u);
		ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
		ck_assert_uint_eq(run(), 0x1234);
		distances[seed - 1] = data_at() - text_at();
		for (uint32_t i = 0; i < seed - 1; i++)
			seen |= distances[i] == distances[seed - 1];
		different += !seen;
	}
	ck_assert_uint_gt(different, 20);
}
END_TEST

START_TEST(without_a_source_all_is_copied)
{
	struct kit_file *f = fdpic("/fdpic");
	struct mm_space *other;
	uint32_t text;

	f->shares = false;
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
	text = text_at();
	ck_assert_uint_eq(run(), 0x1234);
	other = mm_space_get(k.m.s);
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
	ck_assert_uint_ne(text_at(), text);
	ck_assert_uint_eq(run(), 0x1234);
	mm_space_put(other);
}
END_TEST

static void put_in_flash(struct kit_file *f, uint32_t addr)
{
	f->flash = addr;
	ck_assert_int_eq(flat_write(k.m.flat, addr, f->bytes, KIT_SIZE), 0);
}

START_TEST(text_is_executed_where_it_lies)
{
	struct kit_file *f = fdpic("/fdpic");

	ck_assert_int_eq(flat_commit(k.m.flat, FLASH, 2 * KIT_SIZE), 0);
	put_in_flash(f, FLASH);
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
	ck_assert_uint_eq(text_at(), FLASH);
	ck_assert_uint_ge(data_at(), RAM);
	ck_assert_uint_eq(run(), 0x1234);
	/* romfs puts files at multiples of 16, not of pages. */
	put_in_flash(f, FLASH + 0x7f0);
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
	ck_assert_uint_eq(text_at(), FLASH + 0x7f0);
	ck_assert_uint_eq(run(), 0x1234);
	/* Less would break the alignment of what is in it. */
	put_in_flash(f, FLASH + 0x7f4);
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
	ck_assert_uint_ge(text_at(), RAM);
	ck_assert_uint_eq(text_at() % 4096, 0);
	ck_assert_uint_eq(run(), 0x1234);
}
END_TEST

START_TEST(offsets_within_pages_are_kept)
{
	struct kit_file *f = fdpic("/fdpic");
	uint32_t first;

	/* As linkers do it: the data begins within a page, at the same offset as in the file. */
	kit_ph(f, 1)->p_vaddr += 0x40;
	kit_ph(f, 1)->p_offset += 0x40;
	kit_ph(f, 1)->p_filesz -= 0x40;
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
	ck_assert_uint_eq(data_at() % 4096, 0x40);
	for (first = data_at() - 0x40; first < data_at(); first += 4)
		ck_assert_uint_eq(kit_word(&k, first), 0);
	ck_assert_int_eq(memcmp(guest(&k.m, data_at(), 0x1c0), f->bytes + 0x1040, 0x1c0), 0);
	/* A text that does not lie in its pages as the file has it is copied. */
	kit_ph(f, 0)->p_offset = 0x20;
	kit_eh(f)->e_entry -= 0x20;
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
	ck_assert_int_eq(memcmp(guest(&k.m, text_at(), 0x400), f->bytes + 0x20, 0x400), 0);
	/* So is one with a bss; an empty segment is none. */
	kit_ph(f, 0)->p_memsz = 0x480;
	kit_ph(f, 1)->p_memsz = kit_ph(f, 1)->p_filesz = 0;
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
	ck_assert_uint_eq(kit_word(&k, k.img.a1), 1u << 16);
	for (uint32_t i = 0x400; i < 0x1000; i += 4)
		ck_assert_uint_eq(kit_word(&k, text_at() + i), 0);
}
END_TEST

START_TEST(the_mark_makes_it_fdpic)
{
	struct kit_file *f = fdpic("/fdpic");

	kit_eh(f)->e_ident[EI_OSABI] = 3;
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
	ck_assert(!k.img.fdpic);
	ck_assert_uint_eq(data_at() - text_at(), DATA_VADDR);
	ck_assert_uint_eq(run(), 0x1234);
	/* Marked, it may be linked at fixed addresses too. */
	kit_eh(f)->e_type = ET_EXEC;
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), -ENOEXEC);
	kit_eh(f)->e_ident[EI_OSABI] = 65;
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
	ck_assert_uint_eq(run(), 0x1234);
	/* Unless it is to say nothing, as in Linux 6.12. */
	k.env.ignore_fdpic = true;
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), -ENOEXEC);
	kit_eh(f)->e_type = ET_DYN;
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
	ck_assert(!k.img.fdpic);
	ck_assert_uint_eq(data_at() - text_at(), DATA_VADDR);
	ck_assert_uint_eq(run(), 0x1234);
}
END_TEST

/* The draft psABI's flags: each says one thing, in executables and interpreters. */
START_TEST(flags_of_the_draft)
{
	struct kit_file *f = fdpic("/fdpic"), *ld = kit_pie(&k, "/ld");
	const struct { uint32_t flags; bool split, descriptors; } cases[] = {
		{ 0, false, false }, { 0x20, false, true }, { 0x40, true, false }, { 0x60, true, true },
		{ 0x61, true, true }, { 0xffffff9f, false, false },
	};

	kit_eh(f)->e_ident[EI_OSABI] = 0;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		kit_eh(f)->e_flags = cases[i].flags;
		k.env.ignore_fdpic = false;
		ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
		ck_assert_int_eq(k.img.fdpic, cases[i].split);
		ck_assert_int_eq(k.img.descriptors, cases[i].descriptors);
		ck_assert_int_eq(data_at() - text_at() != DATA_VADDR, cases[i].split);
		ck_assert_uint_eq(run(), 0x1234);
		k.env.ignore_fdpic = true;
		ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
		ck_assert(!k.img.fdpic && !k.img.descriptors);
		ck_assert_uint_eq(data_at() - text_at(), DATA_VADDR);
	}
	k.env.ignore_fdpic = false;
	/* At fixed addresses only where these need not be kept. */
	kit_eh(f)->e_type = ET_EXEC;
	kit_eh(f)->e_flags = 0x20;
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), -ENOEXEC);
	kit_eh(f)->e_flags = 0x40;
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
	kit_eh(f)->e_type = ET_DYN;
	/* What the interpreter is does not decide about the program's signal handlers. */
	kit_eh(f)->e_flags = 0x60;
	kit_interp(ld, "/fdpic");
	ck_assert_int_eq(kit_exec(&k, "/ld"), 0);
	ck_assert(!k.img.fdpic && !k.img.descriptors);
	ck_assert_uint_ne(kit_word(&k, k.img.a2 + 16) - kit_word(&k, k.img.a2 + 4), DATA_VADDR);
	/* Another machine's flags are another machine's. */
	kit_eh(f)->e_machine = EM_ARM;
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), -ENOEXEC);
}
END_TEST

START_TEST(program_and_interpreter_choose_each_for_itself)
{
	struct kit_file *f = fdpic("/fdpic"), *ld = kit_pie(&k, "/ld"), *fld = fdpic("/fld");

	kit_interp(f, "/ld");
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), 0);
	ck_assert_uint_eq(k.img.pc, kit_word(&k, k.img.a2 + 4) + 0x100);
	ck_assert_uint_eq(kit_word(&k, k.img.a2 + 16) - kit_word(&k, k.img.a2 + 4), 0x2000);
	ck_assert_uint_ne(data_at() - text_at(), DATA_VADDR);
	ck_assert(k.img.fdpic);
	kit_interp(ld, "/fld");
	ck_assert_int_eq(kit_exec(&k, "/ld"), 0);
	ck_assert(!k.img.fdpic);
	ck_assert_uint_eq(k.img.pc, kit_word(&k, k.img.a2 + 4) + 0x100);
	ck_assert_uint_eq(kit_word(&k, k.img.a2 + 20), DATA_VADDR);
	ck_assert_uint_ne(kit_word(&k, k.img.a2 + 16) - kit_word(&k, k.img.a2 + 4), DATA_VADDR);
	(void)fld;
}
END_TEST

START_TEST(each_page_allocation_may_fail)
{
	struct kit_file *f = fdpic("/fdpic");
	unsigned fails = 0;
	int err;

	f->shares = false;
	mm_scatter(k.m.mm, 1);
	/* Where there is no room to scatter them, they lie where they lie. */
	do {
		mm_fail_after(k.m.mm, fails + 1);
		err = kit_exec(&k, "/fdpic");
		ck_assert(err == 0 || err == -ENOMEM);
	} while (++fails < 8);
	mm_fail_after(k.m.mm, 0);
	ck_assert_int_eq(err, 0);
	f->read_error_at = 0x1000;
	ck_assert_int_eq(kit_exec(&k, "/fdpic"), -EIO);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		segments_are_mappings_of_their_own, processes_share_the_text_and_not_the_data,
		any_distance_will_do, without_a_source_all_is_copied, text_is_executed_where_it_lies,
		offsets_within_pages_are_kept, the_mark_makes_it_fdpic, flags_of_the_draft,
		program_and_interpreter_choose_each_for_itself, each_page_allocation_may_fail,
	};

	return kit_suite("loader_fdpic", tests, sizeof(tests) / sizeof(*tests), setup, teardown);
}
