/* SPDX-License-Identifier: MIT
 *
 * Writes the fuzzer's first inputs into the folder named: one of each kind of file the loader
 * knows, each under a few circumstances (the last byte, see fuzz_loader.c).
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

static uint8_t file[0x4000];
static uint32_t size;
static const char *folder;

static int save(const char *name)
{
	static const uint8_t circumstances[] = { 0, 1, 2 | 8, 1 | 4 | 16, 32, 64, 128 };

	for (size_t i = 0; i < sizeof(circumstances); i++) {
		char path[512];
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s-%zu", folder, name, i);
		f = fopen(path, "wb");
		if (!f) {
			perror(path);
			return 1;
		}
		fwrite(file, 1, size, f);
		fputc(circumstances[i], f);
		if (fclose(f) != 0) {
			perror(path);
			return 1;
		}
	}
	return 0;
}

static Elf32_Phdr *segment(uint32_t type, uint32_t flags, uint32_t offset, uint32_t vaddr, uint32_t filesz,
			   uint32_t memsz)
{
	Elf32_Ehdr *eh = (Elf32_Ehdr *)(void *)file;
	Elf32_Phdr *ph = (Elf32_Phdr *)(void *)(file + eh->e_phoff) + eh->e_phnum++;

	*ph = (Elf32_Phdr){ type, offset, vaddr, vaddr, filesz, memsz, flags, 4096 };
	return ph;
}

static int elf(const char *name, uint16_t type, uint8_t osabi, uint32_t flags, const char *interp, uint32_t stack)
{
	Elf32_Ehdr *eh = (Elf32_Ehdr *)(void *)file;
	/* DT_NEEDED nothing, DT_TEXTREL, DT_NULL */
	static const uint32_t dynamic[] = { DT_RELA, 0x200, DT_RELASZ, 24, DT_RELAENT, 12, DT_NULL, 0 };

	memset(file, 0x13, sizeof(file));
	size = 0x1200;
	*eh = (Elf32_Ehdr){
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT, osabi },
		.e_type = type, .e_machine = EM_RISCV, .e_version = EV_CURRENT, .e_ehsize = sizeof(*eh),
		.e_phentsize = sizeof(Elf32_Phdr), .e_phoff = sizeof(*eh), .e_entry = 0x200, .e_flags = 1 | flags,
	};
	segment(PT_LOAD, PF_R | PF_X, 0, 0, 0x400, 0x400);
	segment(PT_LOAD, PF_R | PF_W, 0x1000, 0x2000, 0x200, 0x1000);
	segment(PT_DYNAMIC, PF_R | PF_W, 0x1000, 0x2000, sizeof(dynamic), sizeof(dynamic));
	memcpy(file + 0x1000, dynamic, sizeof(dynamic));
	if (stack)
		segment(PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, stack);
	if (interp) {
		segment(PT_INTERP, PF_R, 0x300, 0x300, (uint32_t)strlen(interp) + 1,
			(uint32_t)strlen(interp) + 1);
		strcpy((char *)file + 0x300, interp);
	}
	return save(name);
}

/* What e_flags and EI_OSABI can say of segments and descriptors (docs/fdpic-abi.md), programs and dynamic linkers. */
static int fdpic(void)
{
	enum { FUNCDESC = 0x20, NONCONSTDISP = 0x40 };
	static const struct {
		const char *name;
		uint16_t type;
		uint8_t osabi;
		uint32_t flags;
	} kinds[] = {
		{ "fdpic", ET_DYN, 0, FUNCDESC | NONCONSTDISP }, { "fdpic-exec", ET_EXEC, 0, FUNCDESC | NONCONSTDISP },
		{ "apart", ET_DYN, 0, NONCONSTDISP }, { "descriptors", ET_DYN, 0, FUNCDESC },
		{ "osabi", ET_DYN, 65, 0 }, { "osabi-exec", ET_EXEC, 65, 0 }, { "osabi-flags", ET_DYN, 65, FUNCDESC },
	};
	char name[64];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		snprintf(name, sizeof(name), "%s-dynamic", kinds[i].name);
		if (elf(kinds[i].name, kinds[i].type, kinds[i].osabi, kinds[i].flags, NULL, 0x4000) ||
		    elf(name, kinds[i].type, kinds[i].osabi, kinds[i].flags, "/lib/ld.so", 0))
			return 1;
		/* Constants on their own, and a segment that is not in the file. */
		segment(PT_LOAD, PF_R, 0x400, 0x3400, 0x100, 0x100);
		segment(PT_LOAD, PF_R | PF_W, 0, 0x5000, 0, 0x300);
		snprintf(name, sizeof(name), "%s-four", kinds[i].name);
		if (save(name))
			return 1;
	}
	return 0;
}

static void big(uint32_t at, uint32_t word)
{
	file[at] = (uint8_t)(word >> 24);
	file[at + 1] = (uint8_t)(word >> 16);
	file[at + 2] = (uint8_t)(word >> 8);
	file[at + 3] = (uint8_t)word;
}

/* Packs the file from offset on. */
static int pack(uint32_t offset)
{
	uint8_t out[sizeof(file)];
	z_stream z;

	memset(&z, 0, sizeof(z));
	z.next_in = file + offset;
	z.avail_in = size - offset;
	z.next_out = out;
	z.avail_out = sizeof(out);
	if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
	    deflate(&z, Z_FINISH) != Z_STREAM_END)
		return 1;
	memcpy(file + offset, out, z.total_out);
	size = offset + (uint32_t)z.total_out;
	deflateEnd(&z);
	return 0;
}

static int bflt(const char *name, uint32_t flags)
{
	const uint32_t text = 0x100, data = 0x80, bss = 0x40, relocs[] = { 0x20, 0xd0, 0xe0 };
	const uint32_t header[] = {
		4, 0x48, text, text + data, text + data + bss, 0x1000, text + data, 3, flags,
	};

	memset(file, 0, sizeof(file));
	memcpy(file, "bFLT", 4);
	for (uint32_t i = 0; i < sizeof(header) / 4; i++)
		big(4 + i * 4, header[i]);
	for (uint32_t i = 0; i < 3; i++) {
		big(0x40 + relocs[i], 0x30 + i);
		big(text + data + i * 4, relocs[i]);
	}
	if (flags & 2) {
		const uint32_t got[] = { 0xffffffff, 0, 0x10, 0xc8, 0, 0xffffffff };

		memcpy(file + text, got, sizeof(got));
	}
	size = text + data + sizeof(relocs);
	if ((flags & 4 && pack(64)) || (flags & 8 && pack(text)))
		return 1;
	return save(name);
}

static int bytes(const char *name, const char *what)
{
	size = (uint32_t)strlen(what);
	memcpy(file, what, size);
	return save(name);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: seeds FOLDER\n");
		return 2;
	}
	folder = argv[1];
	return elf("pie", ET_DYN, 0, 0, NULL, 0x8000) || elf("dynamic", ET_DYN, 0, 0, "/lib/ld.so", 0) || fdpic() ||
	       bflt("bflt", 0) || bflt("bflt-ram", 1) ||
	       bflt("bflt-got", 3) || bflt("bflt-gzip", 4) || bflt("bflt-gzdata", 8) ||
	       bytes("script", "#!/bin/sh -e\necho\n") || bytes("text", "hello\n");
}
