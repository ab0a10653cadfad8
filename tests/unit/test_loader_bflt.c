/* SPDX-License-Identifier: MIT
 *
 * bFLT: memory, relocations and GOT, compression, entry state, and what is wrong with bad files.
 */
#include "tests/unit/loader_kit.h"

#include <zlib.h>

#define TEXT 0x100u		/* header included */
#define DATA 0x80u
#define BSS 0x40u
#define STACK 0x1000u

enum { RAM_FLAG = 1, GOTPIC = 2, GZIP = 4, GZDATA = 8, KTRACE = 16 };
enum { H_VERSION = 1, H_ENTRY, H_DATA, H_DATA_END, H_BSS_END, H_STACK, H_RELOC_START, H_RELOCS, H_FLAGS };

static struct kit k;

static void setup(void)
{
	kit_begin(&k);
}

static void teardown(void)
{
	kit_end(&k);
}

static void put_be(struct kit_file *f, uint32_t at, uint32_t n)
{
	f->bytes[at] = (uint8_t)(n >> 24);
	f->bytes[at + 1] = (uint8_t)(n >> 16);
	f->bytes[at + 2] = (uint8_t)(n >> 8);
	f->bytes[at + 3] = (uint8_t)n;
}

static void put_le(struct kit_file *f, uint32_t at, uint32_t n)
{
	memcpy(f->bytes + at, &n, 4);
}

static void header(struct kit_file *f, unsigned nr, uint32_t n)
{
	put_be(f, nr * 4, n);
}

/* A program without relocations; each byte tells its offset. */
static struct kit_file *bflt(uint32_t flags)
{
	struct kit_file *f = k.nr_files ? &k.files[0] : kit_file(&k, "/flat", NULL, 0);

	memset(f->bytes, 0, sizeof(f->bytes));
	f->size = TEXT + DATA;
	for (uint32_t i = 64; i < f->size; i++)
		f->bytes[i] = fake_byte(i);
	memcpy(f->bytes, "bFLT", 4);
	header(f, H_VERSION, 4);
	header(f, H_ENTRY, 0x48);
	header(f, H_DATA, TEXT);
	header(f, H_DATA_END, TEXT + DATA);
	header(f, H_BSS_END, TEXT + DATA + BSS);
	header(f, H_STACK, STACK);
	header(f, H_RELOC_START, TEXT + DATA);
	header(f, H_FLAGS, flags);
	return f;
}

/* Adds a relocation of the word at this offset (from the end of the header, as in the file). */
static void reloc(struct kit_file *f, uint32_t where)
{
	put_be(f, f->size, where);
	f->size += 4;
	header(f, H_RELOCS, (f->size - TEXT - DATA) / 4);
}

static void pack(struct kit_file *f, uint32_t offset)
{
	static uint8_t out[KIT_SIZE];
	z_stream z;

	memset(&z, 0, sizeof(z));
	z.next_in = f->bytes + offset;
	z.avail_in = f->size - offset;
	z.next_out = out;
	z.avail_out = sizeof(out);
	ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	memcpy(f->bytes + offset, out, z.total_out);
	f->size = offset + (uint32_t)z.total_out;
}

/* text + offset, data + offset: as the program finds them */
static uint32_t text_at(void)
{
	return k.img.pc - 0x48;
}

static uint32_t data_at(void)
{
	return mm_layout(k.m.s)->start_data;
}

static int count(void *ctx, const struct mm_vma_info *info)
{
	(void)info;
	++*(int *)ctx;
	return 0;
}

static int vmas(void)
{
	int n = 0;

	mm_space_walk(k.m.s, count, &n);
	return n;
}

static void contents_are_right(void)
{
	for (uint32_t i = 64; i < TEXT; i++)
		ck_assert_uint_eq(*guest(&k.m, text_at() + i, 1), fake_byte(i));
	for (uint32_t i = 0; i < DATA; i++)
		ck_assert_uint_eq(*guest(&k.m, data_at() + i, 1), fake_byte(TEXT + i));
	/* bss, and on to the arguments */
	for (uint32_t at = data_at() + DATA; at < k.img.sp; at += 4)
		ck_assert_uint_eq(kit_word(&k, at), 0);
}

START_TEST(one_block_holds_it_all)
{
	int64_t dirt = map_anon(k.m.s, 1 << 20);

	memset(guest(&k.m, dirt, 1 << 20), 0xaa, 1 << 20);
	for (uint32_t flags = 0; flags < 2; flags++) {
		bflt(flags);
		ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
		ck_assert_int_eq(vmas(), 1);
		ck_assert(k.img.flat && !k.img.fdpic);
		ck_assert_uint_eq(text_at() % 4096, 0);
		ck_assert_uint_eq(data_at(), text_at() + TEXT);
		contents_are_right();
	}
}
END_TEST

START_TEST(layout_and_break_are_the_kernels)
{
	struct mm_layout *lay;
	uint32_t end;

	bflt(RAM_FLAG);
	ck_assert_int_eq(kit_exec_env(&k, "/flat", ARGS("ab"), ARGS("C=1")), 0);
	lay = mm_layout(k.m.s);
	end = text_at() + 0x2000;
	ck_assert_uint_eq(lay->start_code, text_at() + 64);
	ck_assert_uint_eq(lay->end_code, text_at() + TEXT);
	ck_assert_uint_eq(lay->end_data, data_at() + DATA);
	ck_assert_uint_eq(lay->start_brk, data_at() + DATA + BSS);
	ck_assert_uint_eq(lay->brk, lay->start_brk);
	/* The stack is what the header says and the arguments: strings and a word, pointers, 16-aligned. */
	ck_assert_uint_eq(lay->end_brk, end - ((STACK + 3 + 4 + 6 + 4 + 8 + 8 + 15) & ~15u));
	ck_assert_uint_eq(lay->stack_top, end);
	ck_assert_uint_eq(mm_brk(k.m.s, lay->end_brk), lay->end_brk);
	ck_assert_uint_eq(mm_brk(k.m.s, lay->end_brk + 1), lay->end_brk);
	/* An odd end of bss. */
	header(&k.files[0], H_BSS_END, TEXT + DATA + 5);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	lay = mm_layout(k.m.s);
	ck_assert_uint_eq(lay->start_brk, data_at() + DATA + 5);
	ck_assert_uint_eq(lay->brk, data_at() + DATA + 8);
}
END_TEST

START_TEST(the_stack_has_pointers_and_no_auxv)
{
	static const char strings[] = "flat\0-v\0E=1\0/flat\0\0\0\0";
	uint32_t first, top, sp;

	bflt(RAM_FLAG);
	ck_assert_int_eq(kit_exec_env(&k, "/flat", ARGS("flat", "-v"), ARGS("E=1")), 0);
	top = mm_layout(k.m.s)->stack_top;
	first = top - 4 - (uint32_t)sizeof(strings);
	ck_assert_int_eq(memcmp(guest(&k.m, first, sizeof(strings)), strings, sizeof(strings)), 0);
	sp = k.img.sp;
	ck_assert_uint_eq(sp, (first - 24) & ~15u);
	ck_assert_uint_eq(kit_word(&k, sp), 2);
	ck_assert_uint_eq(kit_word(&k, sp + 4), first);
	ck_assert_uint_eq(kit_word(&k, sp + 8), first + 5);
	ck_assert_uint_eq(kit_word(&k, sp + 12), 0);
	ck_assert_uint_eq(kit_word(&k, sp + 16), first + 8);
	ck_assert_uint_eq(kit_word(&k, sp + 20), 0);
	ck_assert_uint_eq(k.img.pc, text_at() + 0x48);
	ck_assert_uint_eq(k.img.a1 | k.img.a2 | k.img.a3, 0);
	ck_assert_uint_eq(mm_layout(k.m.s)->start_stack, sp);
}
END_TEST

START_TEST(words_are_relocated)
{
	struct kit_file *f = bflt(RAM_FLAG);
	const uint32_t text = TEXT - 64;

	/* In the text, unaligned, a pointer to text; in the data, one to data, one to the end of bss, a 0. */
	put_be(f, 64 + 0x21, 0x30);
	reloc(f, 0x21);
	put_be(f, TEXT + 8, text + 0x10);
	reloc(f, text + 8);
	put_be(f, TEXT + 12, text + DATA + BSS);
	reloc(f, text + 12);
	put_be(f, TEXT + 16, 0);
	reloc(f, text + 16);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	ck_assert_uint_eq(kit_word(&k, text_at() + 64 + 0x21), text_at() + 64 + 0x30);
	ck_assert_uint_eq(kit_word(&k, data_at() + 8), data_at() + 0x10);
	ck_assert_uint_eq(kit_word(&k, data_at() + 12), data_at() + DATA + BSS);
	ck_assert_uint_eq(kit_word(&k, data_at() + 16), 0);
	/* The table is not left behind in the bss. */
	ck_assert_uint_eq(kit_word(&k, data_at() + DATA), 0);
	/* Data not aligned in the file moves up to a multiple of 32. */
	header(f, H_DATA, TEXT - 4);
	header(f, H_RELOCS, 0);
	header(f, H_RELOC_START, 0);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	ck_assert_uint_eq(data_at(), text_at() + TEXT);
	ck_assert_uint_eq(*guest(&k.m, data_at(), 1), fake_byte(TEXT - 4));
}
END_TEST

static void got_is_right(uint32_t got)
{
	ck_assert_uint_eq(kit_word(&k, data_at() + got), text_at() + 64 + 0x20);
	ck_assert_uint_eq(kit_word(&k, data_at() + got + 4), 0);
	ck_assert_uint_eq(kit_word(&k, data_at() + got + 8), data_at() + 4);
	ck_assert_uint_eq(kit_word(&k, data_at() + got + 12), 0xffffffff);
}

static void write_got(struct kit_file *f, uint32_t at)
{
	put_le(f, TEXT + at, 0x20);
	put_le(f, TEXT + at + 4, 0);
	put_le(f, TEXT + at + 8, TEXT - 64 + 4);
	put_le(f, TEXT + at + 12, 0xffffffff);
}

START_TEST(the_got_is_walked_to_its_end)
{
	struct kit_file *f = bflt(RAM_FLAG | GOTPIC);

	write_got(f, 0);
	/* With GOTPIC the relocated words are in the machine's order. */
	put_le(f, TEXT + 0x40, 0x24);
	reloc(f, TEXT - 64 + 0x40);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	got_is_right(0);
	ck_assert_uint_eq(kit_word(&k, data_at() + 0x40), text_at() + 64 + 0x24);
	/* RISC-V's reserved entries are skipped: two words after one -1, four after two. */
	put_le(f, TEXT, 0xffffffff);
	put_le(f, TEXT + 4, 0x20);
	write_got(f, 8);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	got_is_right(8);
	ck_assert_uint_eq(kit_word(&k, data_at() + 4), 0x20);
	put_le(f, TEXT + 4, 0xffffffff);
	write_got(f, 16);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	got_is_right(16);
	/* No end, or a bad entry. */
	for (uint32_t i = 0; i < DATA; i += 4)
		put_le(f, TEXT + i, 0x20);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	ck_assert_ptr_nonnull(strstr(k.log, "GOT"));
	put_le(f, TEXT + 8, 0x100000);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	ck_assert_ptr_nonnull(strstr(k.log, "0x100000"));
}
END_TEST

START_TEST(bad_relocations_are_refused)
{
	const uint32_t end = TEXT - 64 + DATA + BSS;
	struct kit_file *f = bflt(RAM_FLAG);

	put_be(f, TEXT, 0x10);
	reloc(f, end + 1);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);	/* Linux kills the program */
	ck_assert_str_eq(k.log, "exec /flat: bFLT relocation 0x181 outside of the program (0 to 0x180)\n");
	put_be(f, f->size - 4, 0xffffffff);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	put_be(f, f->size - 4, TEXT - 64);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	put_be(f, TEXT, end + 1);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	header(f, H_RELOCS, 2);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	ck_assert_ptr_nonnull(strstr(k.log, "is it complete?"));
	header(f, H_RELOCS, 1);
	header(f, H_RELOC_START, TEXT - 4);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	ck_assert_ptr_nonnull(strstr(k.log, "the relocation table"));
	header(f, H_RELOC_START, TEXT + DATA + 1);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	ck_assert_ptr_nonnull(strstr(k.log, "the relocation table"));
}
END_TEST

START_TEST(compressed_programs_are_unpacked)
{
	static const uint32_t flags[] = { GZIP, GZIP | RAM_FLAG, GZDATA, GZDATA | RAM_FLAG };

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		struct kit_file *f = bflt(flags[i]);

		put_be(f, TEXT, fake_byte(TEXT));
		reloc(f, TEXT - 64);
		pack(f, flags[i] & GZIP ? 64 : TEXT);
		f->bite = 50;
		ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
		ck_assert_int_eq(vmas(), 1);
		ck_assert_uint_eq(kit_word(&k, data_at()), text_at() + 64 + fake_byte(TEXT));
		for (uint32_t n = 64; n < TEXT; n++)
			ck_assert_uint_eq(*guest(&k.m, text_at() + n, 1), fake_byte(n));
		for (uint32_t n = 4; n < DATA; n++)
			ck_assert_uint_eq(*guest(&k.m, data_at() + n, 1), fake_byte(TEXT + n));
		ck_assert_uint_eq(kit_word(&k, data_at() + DATA), 0);
	}
}
END_TEST

START_TEST(unpacked_data_is_moved_to_its_alignment)
{
	struct kit_file *f = bflt(GZIP);

	header(f, H_DATA, TEXT - 20);
	header(f, H_RELOC_START, TEXT + DATA);
	reloc(f, TEXT - 20 - 64);
	put_be(f, TEXT - 20, 0x10);
	pack(f, 64);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	ck_assert_uint_eq(data_at(), text_at() + TEXT);
	ck_assert_uint_eq(kit_word(&k, data_at()), text_at() + 64 + 0x10);
	for (uint32_t i = 4; i < DATA + 20; i++)
		ck_assert_uint_eq(*guest(&k.m, data_at() + i, 1), fake_byte(TEXT - 20 + i));
	ck_assert_uint_eq(kit_word(&k, data_at() + DATA + 20), 0);
}
END_TEST

START_TEST(damaged_compression_is_refused)
{
	struct kit_file *f = bflt(GZIP);
	uint32_t size;

	pack(f, 64);
	size = f->size;
	f->size = size - 9;
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	ck_assert_ptr_nonnull(strstr(k.log, "too early"));
	f->size = 64;
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	f->size = size;
	f->bytes[size - 5] ^= 1;				/* the checksum */
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	ck_assert_ptr_nonnull(strstr(k.log, "check"));
	f->bytes[size - 5] ^= 1;
	header(f, H_DATA_END, TEXT + DATA + 1);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	ck_assert_ptr_nonnull(strstr(k.log, "shorter"));
	header(f, H_DATA_END, TEXT + DATA - 1);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	ck_assert_ptr_nonnull(strstr(k.log, "longer"));
	header(f, H_DATA_END, TEXT + DATA);
	f->read_error_at = 70;
	ck_assert_int_eq(kit_exec(&k, "/flat"), -EIO);
	f->read_error_at = -1;
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	contents_are_right();
	f->bytes[64] = 0;
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
}
END_TEST

START_TEST(headers_are_judged)
{
	struct kit_file *f = bflt(RAM_FLAG);
	uint32_t size = f->size;

	header(f, H_VERSION, 2);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	ck_assert_str_eq(k.log, "exec /flat: bFLT version 2 (only 4 runs)\n");
	header(f, H_VERSION, 5);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	header(f, H_VERSION, 4);
	f->size = 63;
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	f->size = size - 1;
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	f->size = size;
	header(f, H_STACK, 1 << 28);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	header(f, H_STACK, 200 << 20);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOMEM);
	header(f, H_STACK, STACK);
	header(f, H_BSS_END, TEXT);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	header(f, H_BSS_END, 0xffffffff);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	header(f, H_BSS_END, TEXT + DATA);
	header(f, H_DATA, 60);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	header(f, H_DATA, TEXT);
	header(f, H_RELOCS, 0x40000000);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	header(f, H_RELOCS, 0);
	header(f, H_ENTRY, 60);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	header(f, H_ENTRY, TEXT);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	header(f, H_ENTRY, 63);
	ck_assert_int_eq(kit_exec(&k, "/flat"), -ENOEXEC);
	header(f, H_ENTRY, 64);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	header(f, H_ENTRY, TEXT - 1);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	header(f, H_DATA_END, TEXT);		/* neither data nor bss */
	header(f, H_BSS_END, TEXT);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	header(f, H_DATA_END, TEXT + DATA);
	header(f, H_BSS_END, TEXT + DATA);
	header(f, H_ENTRY, 0x7f000048);		/* the upper byte is not part of it */
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	f->read_error_at = 64;
	ck_assert_int_eq(kit_exec(&k, "/flat"), -EIO);
	f->read_error_at = TEXT;
	ck_assert_int_eq(kit_exec(&k, "/flat"), -EIO);
}
END_TEST

START_TEST(ktrace_says_so)
{
	struct loader_file file;
	struct loader_request req = { .path = "/flat", .file = &file };

	kit_handle(bflt(RAM_FLAG | KTRACE), &file);
	ck_assert_int_eq(loader_load(&k.env, k.m.s, &req, &k.img), 0);
	ck_assert_ptr_nonnull(strstr(k.log, "/flat"));
}
END_TEST

START_TEST(the_block_is_as_large_as_it_must_be)
{
	/* What "/flat" as path and only argument adds to the stack. */
	const uint32_t args = 6 + 6 + 4 + 8 + 4;
	struct kit_file *f = bflt(RAM_FLAG);

	for (int more = 0; more < 2; more++) {
		/* The kernel aligns the stack's size, arguments included, to 16. */
		uint32_t stack = ((0x2000 - TEXT - DATA - BSS) & ~15u) - args + (uint32_t)more;

		header(f, H_STACK, stack);
		ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
		ck_assert_uint_eq(mm_layout(k.m.s)->stack_top - text_at(), more ? 0x3000 : 0x2000);
		/* A text that ends within 32 bytes of the data's alignment takes up to it. */
		header(f, H_DATA, TEXT - 31);
		header(f, H_DATA_END, TEXT + DATA - 31);
		header(f, H_BSS_END, TEXT + DATA + BSS - 31);
		ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
		ck_assert_uint_eq(mm_layout(k.m.s)->stack_top - text_at(), more ? 0x3000 : 0x2000);
		bflt(RAM_FLAG);
	}
	/* Relocations that take more than bss and stack. */
	header(f, H_STACK, 0);
	for (uint32_t i = 0; i < (0x2000 - TEXT - DATA) / 4; i++)
		reloc(f, TEXT - 64);
	put_be(f, TEXT, 0);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	ck_assert_uint_eq(mm_layout(k.m.s)->stack_top - text_at(), 0x2000);
	reloc(f, TEXT - 64);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	ck_assert_uint_eq(mm_layout(k.m.s)->stack_top - text_at(), 0x3000);
	kit_paint(&k);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	kit_only_mapped_changed(&k);
}
END_TEST

START_TEST(a_tiny_stack_is_not_overrun)
{
	struct kit_file *f = bflt(RAM_FLAG);

	/* The arguments' room is added to it, argc and alignment are not. */
	header(f, H_STACK, 0);
	header(f, H_BSS_END, 4096 - 80);
	for (uint32_t bss_end = 3800; bss_end < 4096; bss_end += 4) {
		int err;

		header(f, H_BSS_END, bss_end);
		err = kit_exec(&k, "/flat");
		ck_assert(err == 0 || err == -E2BIG);
		if (!err)
			ck_assert_uint_ge(k.img.sp, mm_layout(k.m.s)->start_brk);
	}
}
END_TEST

/* --- text shared between processes --- */

START_TEST(text_without_relocations_is_shared)
{
	struct kit_file *f = bflt(GOTPIC);
	struct mm_space *other;
	uint32_t text;

	f->shares = true;
	write_got(f, 0);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	ck_assert_int_eq(vmas(), 2);
	text = text_at();
	got_is_right(0);
	ck_assert_uint_ne(data_at(), text + TEXT);
	other = mm_space_get(k.m.s);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	ck_assert_uint_eq(text_at(), text);
	ck_assert_uint_ne(data_at(), mm_layout(other)->start_data);
	mm_space_put(other);
	got_is_right(0);
	/* RAM asks for a copy; compressed text cannot be shared, compressed data can. */
	header(f, H_FLAGS, GOTPIC | RAM_FLAG);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	ck_assert_int_eq(vmas(), 1);
	header(f, H_FLAGS, GOTPIC | GZDATA);
	pack(f, TEXT);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	ck_assert_int_eq(vmas(), 2);
	got_is_right(0);
}
END_TEST

START_TEST(text_with_relocations_is_copied)
{
	struct kit_file *f = bflt(0);

	/* Data may be relocated from its first byte to its last. */
	f->shares = true;
	put_be(f, TEXT, 0x10);
	reloc(f, TEXT - 64);
	put_be(f, TEXT + DATA - 4, TEXT - 64);
	reloc(f, TEXT - 64 + DATA - 4);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	ck_assert_int_eq(vmas(), 2);
	ck_assert_uint_eq(kit_word(&k, data_at()), text_at() + 64 + 0x10);
	ck_assert_uint_eq(kit_word(&k, data_at() + DATA - 4), data_at());
	put_be(f, 64 + 0x20, 0x30);
	reloc(f, 0x20);
	ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
	ck_assert_int_eq(vmas(), 1);
	ck_assert_uint_eq(kit_word(&k, text_at() + 64 + 0x20), text_at() + 64 + 0x30);
	/* The file's own bytes are as they were. */
	ck_assert_uint_eq(f->bytes[64 + 0x23], 0x30);
}
END_TEST

START_TEST(nothing_outside_is_written)
{
	static const uint32_t flags[] = { RAM_FLAG, 0, GZIP, GZDATA };

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		struct kit_file *f = bflt(flags[i]);

		if (flags[i] & (GZIP | GZDATA))
			pack(f, flags[i] & GZIP ? 64 : TEXT);
		f->shares = true;
		kit_paint(&k);
		ck_assert_int_eq(kit_exec(&k, "/flat"), 0);
		kit_only_mapped_changed(&k);
	}
}
END_TEST

START_TEST(each_page_allocation_may_fail)
{
	struct kit_file *f = bflt(GOTPIC);
	unsigned fails = 0;
	int err;

	f->shares = true;
	write_got(f, 0);
	/* Text, block; without its text it tries to be one block. */
	do {
		mm_fail_after(k.m.mm, fails + 1);
		err = kit_exec(&k, "/flat");
		ck_assert(err == 0 || err == -ENOMEM);
	} while (++fails < 10);
	mm_fail_after(k.m.mm, 0);
	ck_assert_int_eq(err, 0);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		one_block_holds_it_all, layout_and_break_are_the_kernels, the_stack_has_pointers_and_no_auxv,
		words_are_relocated, the_got_is_walked_to_its_end, bad_relocations_are_refused,
		compressed_programs_are_unpacked, unpacked_data_is_moved_to_its_alignment,
		damaged_compression_is_refused, headers_are_judged,
		ktrace_says_so, the_block_is_as_large_as_it_must_be, a_tiny_stack_is_not_overrun,
		text_without_relocations_is_shared,
		text_with_relocations_is_copied, nothing_outside_is_written, each_page_allocation_may_fail,
	};

	return kit_suite("loader_bflt", tests, sizeof(tests) / sizeof(*tests), setup, teardown);
}
