/* SPDX-License-Identifier: MIT
 *
 * Commands for gdb from core files: what they are for a process with an interpreter and a library, and that nothing comes of
 * files that are damaged.
 */
#include <check.h>
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/core_gdb.h"

#define PROGRAM_TEXT 0x40002000u
#define PROGRAM_DATA 0x80010500u
#define LD_TEXT 0x40087000u
#define LIB_TEXT 0x40090000u
#define LIB_DATA 0x80020000u
#define STACK 0x80040000u

struct blob {
	const char *name;
	uint8_t bytes[0x4000];
	uint32_t size;
};

static struct blob core, program, ld, lib, damaged;
static int opened, closed;

static int64_t blob_read(void *owner, void *dst, uint32_t len, uint64_t offset)
{
	const struct blob *b = owner;

	if (offset >= b->size)
		return 0;
	if (len > b->size - offset)
		len = (uint32_t)(b->size - offset);
	memcpy(dst, b->bytes + offset, len);
	return len;
}

static void blob_close(void *owner)
{
	(void)owner;
	closed++;
}

static struct loader_file file_of(struct blob *b)
{
	return (struct loader_file){ .owner = b, .read = blob_read, .size = b->size, .close = blob_close };
}

static int find(void *owner, const char *name, struct loader_file *out, char *host)
{
	struct blob *all[] = { &program, &ld, &lib };

	(void)owner;
	for (unsigned i = 0; i < 3; i++) {
		if (strcmp(all[i]->name, name) != 0)
			continue;
		opened++;
		*out = file_of(all[i]);
		snprintf(host, PATH_MAX, "/root%s", name);
		return 0;
	}
	return -ENOENT;
}

/* Text at 0 and data at 0x1500 of the file and its addresses; sections of both. */
static void make_elf(struct blob *b, const char *name, const char *interp)
{
	static const char names[] = "\0.text\0.data\0.tbss\0.names";
	Elf32_Ehdr *eh = (void *)b->bytes;
	Elf32_Phdr *ph = (void *)(b->bytes + sizeof *eh);
	Elf32_Shdr *sh = (void *)(b->bytes + 0x2000);
	Elf32_Dyn *dyn = (void *)(b->bytes + 0x1500);

	memset(b, 0, sizeof *b);
	b->name = name;
	b->size = 0x2200;
	*eh = (Elf32_Ehdr){
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_DYN, .e_machine = EM_RISCV, .e_version = 1, .e_flags = 0x65, .e_phoff = sizeof *eh,
		.e_ehsize = sizeof *eh, .e_phentsize = sizeof *ph, .e_phnum = 4, .e_shoff = 0x2000,
		.e_shentsize = sizeof *sh, .e_shnum = 5, .e_shstrndx = 4,
	};
	ph[0] = (Elf32_Phdr){ PT_LOAD, 0, 0, 0, 0x400, 0x400, PF_R | PF_X, 4096 };
	ph[1] = (Elf32_Phdr){ PT_LOAD, 0x1500, 0x2500, 0, 0x100, 0x200, PF_R | PF_W, 4096 };
	ph[2] = (Elf32_Phdr){ PT_DYNAMIC, 0x1500, 0x2500, 0, 16, 16, PF_R | PF_W, 4 };
	ph[3] = (Elf32_Phdr){ interp ? PT_INTERP : PT_NULL, 0x300, 0x300, 0, 0, 0, PF_R, 1 };
	if (interp) {
		ph[3].p_filesz = ph[3].p_memsz = (uint32_t)strlen(interp) + 1;
		strcpy((char *)b->bytes + 0x300, interp);
	}
	dyn[0] = (Elf32_Dyn){ DT_DEBUG, { 0 } };
	sh[1] = (Elf32_Shdr){ 1, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0x100, 0x100, 0x80, 0, 0, 4, 0 };
	sh[2] = (Elf32_Shdr){ 7, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 0x2540, 0x1540, 0x80, 0, 0, 4, 0 };
	sh[3] = (Elf32_Shdr){ 13, SHT_NOBITS, SHF_ALLOC | SHF_WRITE | SHF_TLS, 0x2600, 0x1600, 16, 0, 0, 4, 0 };
	sh[4] = (Elf32_Shdr){ 19, SHT_STRTAB, 0, 0, 0x1f00, sizeof names, 0, 0, 1, 0 };
	memcpy(b->bytes + 0x1f00, names, sizeof names);
}

static uint32_t *at(uint32_t stack_offset)
{
	return (uint32_t *)(void *)(core.bytes + 0x3000 + stack_offset);
}

static void loadmap(uint32_t offset, uint32_t text, uint32_t data)
{
	const uint32_t map[] = { 2u << 16, text, 0, 0x400, data, 0x2500, 0x200 };

	memcpy(at(offset), map, sizeof map);
}

/* A process of all three.  Its stack holds strings, loadmaps, r_debug and the dynamic linker's list. */
static void make_core(void)
{
	Elf32_Ehdr *eh = (void *)core.bytes;
	Elf32_Phdr *ph = (void *)(core.bytes + sizeof *eh);
	uint32_t *note = (uint32_t *)(void *)(core.bytes + 0x400), *aux;
	Elf32_Dyn *dyn = (void *)(core.bytes + 0x2500);

	memset(&core, 0, sizeof core);
	core.size = 0x4000;
	*eh = (Elf32_Ehdr){
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_CORE, .e_machine = EM_RISCV, .e_phoff = sizeof *eh, .e_phentsize = sizeof *ph, .e_phnum = 4,
	};
	ph[0] = (Elf32_Phdr){ PT_NOTE, 0x400, 0, 0, 20 + 212 + 20 + 24, 0, 0, 4 };
	ph[1] = (Elf32_Phdr){ PT_LOAD, 0x1000, PROGRAM_TEXT, 0, 0x1000, 0x1000, PF_R | PF_X, 4096 };
	ph[2] = (Elf32_Phdr){ PT_LOAD, 0x2000, PROGRAM_DATA & ~0xfffu, 0, 0x1000, 0x1000, PF_R | PF_W, 4096 };
	ph[3] = (Elf32_Phdr){ PT_LOAD, 0x3000, STACK, 0, 0x1000, 0x1000, PF_R | PF_W, 4096 };
	note[0] = 5, note[1] = 212, note[2] = NT_PRSTATUS;
	memcpy(&note[3], "CORE", 5);
	note[5 + 50] = STACK + 0x100;
	note[5 + 51] = STACK + 0x140;
	aux = note + 5 + 53;
	aux[0] = 5, aux[1] = 24, aux[2] = NT_AUXV;
	memcpy(&aux[3], "CORE", 5);
	aux[5] = AT_EXECFN, aux[6] = STACK + 0x80, aux[7] = AT_ENTRY, aux[8] = PROGRAM_TEXT + 0x100;
	memcpy(core.bytes + 0x1000, program.bytes, 0x400);
	dyn[0] = (Elf32_Dyn){ DT_DEBUG, { STACK + 0x200 } };
	strcpy((char *)at(0x80), "/bin/prog");
	loadmap(0x100, PROGRAM_TEXT, PROGRAM_DATA);
	loadmap(0x140, LD_TEXT, 0x80018500);
	loadmap(0x180, LIB_TEXT, LIB_DATA);
	memcpy(at(0x200), (uint32_t[]){ 1, STACK + 0x220 }, 8);
	/* { l_addr, l_name, l_ld, l_next, l_prev }: program, library, interpreter, and round again. */
	memcpy(at(0x220), (uint32_t[]){ STACK + 0x100, STACK + 0x80, PROGRAM_DATA, STACK + 0x240, 0 }, 20);
	memcpy(at(0x240), (uint32_t[]){ STACK + 0x180, STACK + 0x280, LIB_DATA, STACK + 0x260, 0 }, 20);
	memcpy(at(0x260), (uint32_t[]){ STACK + 0x140, STACK + 0x2a0, 0x80018500, STACK + 0x220, 0 }, 20);
	strcpy((char *)at(0x280), "/lib/libone.so");
	strcpy((char *)at(0x2a0), "/lib/ld.so");
}

static void make(void)
{
	make_elf(&program, "/bin/prog", "/lib/ld.so");
	make_elf(&ld, "/lib/ld.so", NULL);
	make_elf(&lib, "/lib/libone.so", NULL);
	make_core();
	opened = closed = 0;
}

static char *text;

/* What core_gdb() says of it; its output is in text. */
static int run(struct blob *b, const char *name, const char *named)
{
	struct loader_file file = file_of(b);
	struct core_gdb c = { .file = &file, .name = name, .program = named, .open = find };
	const char *why = NULL;
	size_t size;
	FILE *out;
	int err;

	free(text);
	out = open_memstream(&text, &size);
	err = core_gdb(&c, out, &why);
	fclose(out);
	ck_assert(!err || why);
	ck_assert_int_eq(opened, closed);
	return err;
}

static void says(const char *line)
{
	if (!strstr(text, line))
		ck_abort_msg("not in it: %s\n%s", line, text);
}

START_TEST(all_that_was_mapped)
{
	const char *libs;

	make();
	ck_assert_int_eq(run(&core, "core.prog.2", NULL), 0);
	says("exec-file \"/root/bin/prog\"\ncore-file core.prog.2\n");
	says("add-symbol-file \"/root/bin/prog\" -s .text 0x40002100 -s .data 0x80010540\n");
	says("add-symbol-file \"/root/lib/ld.so\" -s .text 0x40087100 -s .data 0x80018540\n");
	says("add-symbol-file \"/root/lib/libone.so\" -s .text 0x40090100 -s .data 0x80020040\n");
	/* A list that goes round ends somewhere. */
	for (libs = text, opened = 0; (libs = strstr(libs, "libone.so")) != NULL; libs++)
		opened++;
	ck_assert_int_le(opened, 64);
	ck_assert_ptr_null(strstr(text, "echo"));
}
END_TEST

START_TEST(what_is_missing_is_said)
{
	make();
	lib.name = "/elsewhere";
	ck_assert_int_eq(run(&core, "core", NULL), 0);
	says("echo flat32: /lib/libone.so: there is no such file here");
	program.bytes[0x200] ^= 1;	/* behind what is compared */
	ck_assert_int_eq(run(&core, "core", NULL), 0);
	ck_assert_ptr_null(strstr(text, "not the file that ran"));
	program.bytes[0x1f0] ^= 1;
	ck_assert_int_eq(run(&core, "core", NULL), 0);
	says("echo flat32: /bin/prog: this is not the file that ran");
	make();
	program.name = "/bin/other";
	ck_assert_int_eq(run(&core, "core", NULL), -ENOEXEC);
	ck_assert_int_eq(run(&core, "core", "/bin/other"), 0);
	says("exec-file \"/root/bin/other\"");
	make();
	memset(at(0x100), 0xff, 4);	/* the stack was written over */
	ck_assert_int_eq(run(&core, "core", NULL), -ENOEXEC);
	make();
	memset(at(0x180), 0xff, 4);
	ck_assert_int_eq(run(&core, "core", NULL), 0);
	says("libone.so: it has no loadmap");
	ck_assert_int_eq(run(&core, "a\nshell rm", NULL), -EINVAL);
	ck_assert_int_eq(run(&program, "core", NULL), -ENOEXEC);
}
END_TEST

/* Names in the core are a hostile program's: no line of the commands is what they want it to be. */
START_TEST(names_are_no_commands)
{
	make();
	strcpy((char *)at(0x280), "x\nshell touch y");
	ck_assert_int_eq(run(&core, "core", NULL), 0);
	ck_assert_ptr_null(strstr(text, "\nshell"));
	strcpy((char *)at(0x280), "x\"\\\nshell");
	lib.name = "x\"\\\nshell";
	ck_assert_int_eq(run(&core, "core", NULL), 0);
	ck_assert_ptr_null(strstr(text, "\nshell"));
	make();
	memcpy(program.bytes + 0x1f00 + 1, "\nshel", 5);
	ck_assert_int_eq(run(&core, "core", NULL), 0);
	ck_assert_ptr_null(strstr(text, "\nshel"));
	ck_assert_ptr_null(strstr(text, "-s \n"));
}
END_TEST

START_TEST(one_displacement_needs_nothing)
{
	make();
	((Elf32_Ehdr *)(void *)program.bytes)->e_flags = 5;
	ck_assert_int_eq(run(&core, "core", NULL), 0);
	says("file \"/root/bin/prog\"\ncore-file core\n");
	ck_assert_ptr_null(strstr(text, "add-symbol-file"));
}
END_TEST

START_TEST(damage_does_no_harm)
{
	struct blob *all[] = { &core, &program, &ld, &lib };
	uint32_t seed = 12345;

	for (int round = 0; round < 4000; round++) {
		make();
		for (int n = round % 8; n >= 0; n--) {
			struct blob *b;
			uint32_t where;

			seed = seed * 1664525u + 1013904223u;
			b = all[(seed >> 28) % 4];
			where = (seed >> 8) % (seed & 16 ? 0x100 : b->size);
			if (b == &core && (seed & 32))
				where = 0x3000 + (seed >> 8) % 0x300;
			b->bytes[where] = seed & 64 ? 0xff : (uint8_t)(seed >> 20);
			if (n == 7)
				b->size = where;
		}
		(void)run(&core, "core", NULL);
	}
	memset(&damaged, 0xff, sizeof damaged);
	damaged.size = sizeof damaged.bytes;
	ck_assert_int_lt(run(&damaged, "core", NULL), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("core_gdb");
	TCase *t = tcase_create("all");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 120);
	tcase_add_test(t, all_that_was_mapped);
	tcase_add_test(t, what_is_missing_is_said);
	tcase_add_test(t, names_are_no_commands);
	tcase_add_test(t, one_displacement_needs_nothing);
	tcase_add_test(t, damage_does_no_harm);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	free(text);
	return failed != 0;
}
