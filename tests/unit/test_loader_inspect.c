/* SPDX-License-Identifier: MIT
 *
 * The report of `flat32 inspect`: the facts in it, and that it agrees with what an exec says.
 */
#include "tests/unit/loader_kit.h"

static struct kit k;
static char *text;

static void setup(void)
{
	kit_begin(&k);
}

static void teardown(void)
{
	free(text);
	text = NULL;
	kit_end(&k);
}

/* Inspects a file of the kit's; what it says is in text. */
static int inspect(const char *path)
{
	struct loader_file file;
	size_t size;
	FILE *out;
	int err;

	free(text);
	out = open_memstream(&text, &size);
	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(kit_open(&k, path, &file), 0);
	err = loader_inspect(&file, path, out, NULL);
	file.close(file.owner);
	fclose(out);
	return err;
}

/* A row with this label that has this in it. */
static void says(const char *label, const char *what)
{
	char start[32];

	snprintf(start, sizeof(start), "  %-13s", label);
	for (char *line = text; *line; line = strchr(line, '\n') + 1) {
		size_t len = strcspn(line, "\n");
		char copy[600];

		snprintf(copy, sizeof(copy), "%.*s", (int)len, line);
		if (strncmp(copy, start, strlen(start)) == 0 && strstr(copy + strlen(start), what))
			return;
	}
	ck_abort_msg("no row \"%s\" with \"%s\" in:\n%s", label, what, text);
}

START_TEST(a_program_is_laid_out)
{
	struct kit_file *f = kit_pie(&k, "/pie");

	ck_assert_int_eq(inspect("/pie"), 0);
	says("file", "/pie, 4608 bytes");
	says("kind", "ELF");
	says("kind", "RISC-V");
	says("flags", "soft-float");
	says("entry", "0x100");
	says("", "0 LOAD                0          0       1024       1024 r-x");
	says("", "1 LOAD           0x1000     0x2000        512       4112 rw-");
	says("interpreter", "none");
	says("loading", "one rwx block of 12304 bytes");
	says("text", "1 KiB, copied");
	says("stack", "131072 bytes (the default");
	says("brk", "cannot move");
	says("loadmap", "2 segments, 28 bytes");
	/* Block 4 pages, stack 32: both powers of two. */
	says("memory", "144 KiB with");
	says("", "144 KiB without");
	says("would load", "yes");
	/* 5 pages make 8, 25 pages 32. */
	kit_ph(f, 1)->p_memsz += 4096;
	kit_add_ph(f, PT_GNU_STACK, PF_R | PF_W | PF_X)->p_memsz = 100000;
	kit_eh(f)->e_flags = 0x5;
	ck_assert_int_eq(inspect("/pie"), 0);
	says("stack", "102400 bytes, executable (PT_GNU_STACK: 100000)");
	says("memory", "120 KiB with");
	says("", "160 KiB without");
	says("flags", "double-float ABI, compressed");
	kit_interp(f, "/lib/ld.so");
	ck_assert_int_eq(inspect("/pie"), 0);
	says("interpreter", "/lib/ld.so");
	says("would load", "if the guest has /lib/ld.so");
}
END_TEST

START_TEST(an_fdpic_program_shares_its_text)
{
	struct kit_file *f = kit_pie(&k, "/fdpic");

	kit_eh(f)->e_ident[EI_OSABI] = 65;
	ck_assert_int_eq(inspect("/fdpic"), 0);
	says("loading", "FDPIC");
	says("", "segment 0: shared by all processes, 4 KiB");
	says("in place", "from romfs");
	says("", "segment 1: copied, writable: 8 KiB for each process");
	says("text", "4 KiB shared");
	says("memory", "136 KiB for each process");
	says("", "4 KiB once for all");
	says("for example", "{ addr 0x40010000, p_vaddr 0x00000000, p_memsz 0x400 }");
	kit_ph(f, 0)->p_memsz++;
	ck_assert_int_eq(inspect("/fdpic"), 0);
	says("", "segment 0: copied, partly not in the file");
	kit_ph(f, 0)->p_memsz--;
	kit_ph(f, 0)->p_offset += 16;
	ck_assert_int_eq(inspect("/fdpic"), 0);
	says("", "segment 0: copied, offset and address");
}
END_TEST

START_TEST(libelf_adds_libraries_relocations_symbols)
{
	struct kit_file *f = kit_pie(&k, "/pie");
	Elf32_Shdr *sh = (Elf32_Shdr *)(void *)(f->bytes + 0x2000);
	static const char strings[] = "\0libc.so\0.debug_info";
	const Elf32_Dyn dyn[] = { { DT_NEEDED, { 1 } }, { DT_TEXTREL, { 0 } }, { DT_NULL, { 0 } } };
	const Elf32_Rela rela[] = { { 0x2000, 3, 0 }, { 0x2004, 3, 0 }, { 0x2008, (1 << 8) | 1, 0 } };

	memset(f->bytes + 0x1200, 0, 0x1400);
	f->size = 0x2600;
	memcpy(f->bytes + 0x1400, strings, sizeof(strings));
	memcpy(f->bytes + 0x1500, dyn, sizeof(dyn));
	memcpy(f->bytes + 0x1600, rela, sizeof(rela));
	sh[1] = (Elf32_Shdr){ .sh_name = 0, .sh_type = SHT_STRTAB, .sh_offset = 0x1400,
		.sh_size = sizeof(strings) };
	sh[2] = (Elf32_Shdr){ .sh_type = SHT_DYNAMIC, .sh_offset = 0x1500, .sh_size = sizeof(dyn),
		.sh_link = 1,
			      .sh_entsize = sizeof(*dyn), .sh_flags = SHF_ALLOC, .sh_addralign = 4 };
	sh[3] = (Elf32_Shdr){ .sh_type = SHT_RELA, .sh_offset = 0x1600, .sh_size = sizeof(rela),
			      .sh_entsize = sizeof(*rela), .sh_flags = SHF_ALLOC, .sh_addralign = 4 };
	sh[4] = (Elf32_Shdr){ .sh_name = 9, .sh_type = SHT_PROGBITS, .sh_offset = 0x1700, .sh_size = 16 };
	kit_eh(f)->e_shoff = 0x2000;
	sh[5] = sh[3];
	sh[5].sh_flags = 0;			/* the linker's own: not counted */
	kit_eh(f)->e_shnum = 6;
	kit_eh(f)->e_shentsize = sizeof(*sh);
	kit_eh(f)->e_shstrndx = 1;
	ck_assert_int_eq(inspect("/pie"), 0);
	says("libraries", "libc.so");
	says("relocations", "2 RELATIVE, 1 32; some in the text");
	says("symbols", "0, with debug information");
	strcpy((char *)f->bytes + 0x1409, "another");
	sh[4].sh_type = SHT_SYMTAB;
	sh[4].sh_entsize = 8;
	((Elf32_Dyn *)(void *)(f->bytes + 0x1500))[1].d_tag = DT_FLAGS;
	ck_assert_int_eq(inspect("/pie"), 0);
	says("symbols", "2");
	ck_assert_ptr_null(strstr(text, "debug"));
	ck_assert_ptr_null(strstr(text, "TEXTREL"));
	((Elf32_Dyn *)(void *)(f->bytes + 0x1500))[1].d_un.d_val = DF_TEXTREL;
	ck_assert_int_eq(inspect("/pie"), 0);
	says("relocations", "TEXTREL");
}
END_TEST

START_TEST(a_flat_program_is_laid_out)
{
	static const uint8_t header[64] = {
		'b', 'F', 'L', 'T', 0, 0, 0, 4, 0, 0, 0, 0x48, 0, 0, 1, 0, 0, 0, 1, 0x80, 0, 0, 1, 0xc0,
		0, 0, 0x10, 0, 0, 0, 1, 0x80, 0, 0, 0, 1, 0, 0, 0, 0, 0x5f, 0x5e, 0x10, 0,
	};
	struct kit_file *f = kit_file(&k, "/flat", NULL, 0x184);

	memcpy(f->bytes, header, sizeof(header));
	ck_assert_int_eq(inspect("/flat"), 0);
	says("kind", "bFLT program, version 4");
	says("built", "2020-09-13");
	says("entry", "0x48");
	says("text", "192 bytes");
	says("", "not shared: relocations lie in it");
	says("data", "128 bytes");
	says("bss", "64 bytes");
	says("stack", "4096 bytes");
	says("relocations", "1");
	says("memory", "8 KiB with");
	f->bytes[0x183] = 0xc0;
	ck_assert_int_eq(inspect("/flat"), 0);
	says("", "shared by all processes");
	says("loading", "text from the file");
	f->bytes[39] = 1 | 2 | 8;
	ck_assert_int_eq(inspect("/flat"), 0);
	says("flags", "RAM");
	says("", "GOTPIC");
	says("", "GZDATA");
	f->bytes[7] = 2;
	ck_assert_int_eq(inspect("/flat"), -ENOEXEC);
	says("would load", "no (ENOEXEC): bFLT version 2");
}
END_TEST

START_TEST(what_does_not_load_gets_a_reason_and_a_hint)
{
	struct kit_file *f = kit_pie(&k, "/pie");

	kit_eh(f)->e_type = ET_EXEC;
	ck_assert_int_eq(inspect("/pie"), -ENOEXEC);
	says("would load", "no (ENOEXEC): linked to run at a fixed address");
	says("to do", "-static-pie");
	kit_eh(f)->e_type = ET_REL;
	ck_assert_int_eq(inspect("/pie"), -ENOEXEC);
	says("to do", "link it");
	kit_eh(f)->e_type = ET_DYN;
	kit_eh(f)->e_ident[EI_CLASS] = ELFCLASS64;
	ck_assert_int_eq(inspect("/pie"), -ENOEXEC);
	says("kind", "64-bit");
	says("would load", "RV64");
	kit_eh(f)->e_machine = EM_X86_64;
	ck_assert_int_eq(inspect("/pie"), -ENOEXEC);
	says("would load", "x86-64");
	says("to do", "flat32-cc");
	kit_eh(f)->e_ident[EI_CLASS] = ELFCLASS32;
	kit_eh(f)->e_machine = EM_RISCV;
	kit_eh(f)->e_phentsize = 40;
	ck_assert_int_eq(inspect("/pie"), -ENOMEM);
	says("would load", "no (ENOMEM)");
	kit_eh(f)->e_phentsize = 32;
	f->bytes[0x1018] = 9;
	kit_ph(f, 1)->p_filesz = 0x20;
	ck_assert_int_eq(inspect("/pie"), -ENOEXEC);
	says("would load", "DT_NULL");
	f->bytes[0x1018] = 0;
	kit_ph(f, 0)->p_memsz--;
	ck_assert_int_eq(inspect("/pie"), 0);
	says("", "0 LOAD                0          0       1024       1023 r-x  more in the file");
	kit_text(&k, "/text", "echo\n");
	ck_assert_int_eq(inspect("/text"), -ENOEXEC);
	says("to do", "#!/bin/sh");
	kit_text(&k, "/cpio", "0707010000");
	ck_assert_int_eq(inspect("/cpio"), -ENOEXEC);
	says("to do", "flat32 boot");
	kit_text(&k, "/empty", "");
	ck_assert_int_eq(inspect("/empty"), -ENOEXEC);
	says("kind", "empty file");
	f->read_error_at = 0;
	ck_assert_int_eq(inspect("/pie"), -EIO);
}
END_TEST

START_TEST(scripts_name_their_interpreter)
{
	kit_text(&k, "/s", "#!/bin/sh -e x\n");
	ck_assert_int_eq(inspect("/s"), 0);
	says("kind", "script");
	says("interpreter", "/bin/sh");
	says("argument", "-e x");
	says("would load", "if /bin/sh does");
	kit_text(&k, "/bad", "#! \n");
	ck_assert_int_eq(inspect("/bad"), -ENOEXEC);
}
END_TEST

START_TEST(names_from_the_file_stay_in_their_line)
{
	kit_text(&k, "/s", "#!/bin/\033[31m\r\x7f\n");
	ck_assert_int_eq(inspect("/s"), 0);
	says("interpreter", "/bin/?[31m??");
}
END_TEST

/* Whatever is changed in the headers, inspect and exec say the same. */
START_TEST(it_agrees_with_exec)
{
	struct kit_file *f = kit_pie(&k, "/pie");
	uint8_t good[256];
	uint32_t seed = 1;
	unsigned loads = 0, full = 0;

	memcpy(good, f->bytes, sizeof(good));
	for (int i = 0; i < 20000; i++) {
		int err;

		memcpy(f->bytes, good, sizeof(good));
		for (int n = 0; n < 2; n++) {
			seed = seed * 1664525 + 1013904223;
			f->bytes[4 + (seed >> 8) % 144] = (uint8_t)(seed >> 24);
		}
		err = kit_exec(&k, "/pie");
		loads += err == 0;
		/* Whether there is memory or room on the stack it cannot know; else they agree. */
		if (err == -E2BIG || (err == -ENOMEM && strstr(k.log, "no room")))
			full++;
		else if (inspect("/pie") == 0 && strstr(text, "if the guest has"))
			ck_assert_int_eq(err, -ENOENT);
		else if (strstr(text, "overlap"))
			ck_assert(err == 0 || err == -ENOEXEC);	/* which bytes win is not looked into */
		else if (inspect("/pie") != err)
			ck_abort_msg("exec: %d, %sinspect: %s", err, k.log, text);
	}
	ck_assert_uint_gt(loads, 1000);
	ck_assert_uint_lt(loads + full, 19000);
	ck_assert_uint_lt(full, 10000);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_program_is_laid_out, an_fdpic_program_shares_its_text,
		libelf_adds_libraries_relocations_symbols, a_flat_program_is_laid_out,
		what_does_not_load_gets_a_reason_and_a_hint, scripts_name_their_interpreter,
		names_from_the_file_stay_in_their_line, it_agrees_with_exec,
	};

	return kit_suite("loader_inspect", tests, sizeof(tests) / sizeof(*tests), setup, teardown);
}
