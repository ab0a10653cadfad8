/* SPDX-License-Identifier: MIT
 *
 * What a file is, told from its first bytes: for people who ask why it does not run.
 */
#include "loader/internal.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

static const struct { uint16_t machine; const char *name; } machines[] = {
	{ EM_386, "x86" }, { EM_X86_64, "x86-64" }, { EM_ARM, "Arm" }, { EM_AARCH64, "AArch64" },
	{ EM_RISCV, "RISC-V" }, { EM_MIPS, "MIPS" }, { EM_PPC, "PowerPC" }, { EM_PPC64, "PowerPC64" },
	{ EM_68K, "m68k" }, { EM_SH, "SuperH" }, { EM_SPARC, "SPARC" }, { EM_XTENSA, "Xtensa" },
	{ EM_BLACKFIN, "Blackfin" }, { EM_MICROBLAZE, "MicroBlaze" }, { EM_S390, "S/390" },
	{ EM_LOONGARCH, "LoongArch" }, { EM_BPF, "BPF" },
};

static const struct { uint8_t len; const char *bytes, *name, *hint; } magics[] = {
	{ 2, "#!", "script", "" },
	{ 2, "MZ", "DOS or Windows program",
	  "compile its source for RV32 with flat32-cc" },
	{ 2, "\x1f\x8b", "gzip-compressed data",
	  "if it is an image: flat32 boot FILE; else unpack it" },
	{ 3, "BZh", "bzip2-compressed data", "" },
	{ 6, "\xfd" "7zXZ", "xz-compressed data", "" },
	{ 4, "\x28\xb5\x2f\xfd", "zstd-compressed data", "" },
	{ 4, "PK\3\4", "zip archive", "" },
	{ 8, "!<arch>\n", "static library (ar archive)",
	  "link it into a program" },
	{ 8, "!<thin>\n", "thin ar archive", "" },
	{ 6, "070701", "cpio archive (newc)",
	  "it is an image: flat32 boot FILE" },
	{ 8, "-rom1fs-", "romfs image", "" },
	{ 4, "\x45\x3d\xcd\x28", "cramfs image", "" },
	{ 4, "hsqs", "squashfs image", "" },
	{ 4, "\xfe\xed\xfa\xce", "Mach-O program", "" },
	{ 4, "\xcf\xfa\xed\xfe", "Mach-O program", "" },
	{ 4, "\xca\xfe\xba\xbe", "Java class or Mach-O program", "" },
	{ 4, "BC\xc0\xde", "LLVM bitcode",
	  "compile it for RV32 with flat32-cc" },
	{ 4, "\0asm", "WebAssembly module", "" },
	{ 8, "\x89PNG\r\n\x1a\n", "PNG picture", "" },
};

static const char *elf_kind(uint16_t type)
{
	switch (type) {
	case ET_REL: return "object file";
	case ET_EXEC: return "program for a fixed address (ET_EXEC)";
	case ET_DYN: return "position-independent program or shared library (ET_DYN)";
	case ET_CORE: return "core dump";
	default: return "file of unknown type";
	}
}

static void describe_elf(const struct loader_head *head, char *out, size_t size)
{
	const uint8_t *b = head->bytes;
	bool big = b[EI_DATA] == ELFDATA2MSB;
	uint16_t type = (uint16_t)(big ? b[16] << 8 | b[17] : b[17] << 8 | b[16]);
	uint16_t machine = (uint16_t)(big ? b[18] << 8 | b[19] : b[19] << 8 | b[18]);
	const char *name = NULL;

	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (machines[i].machine == machine)
			name = machines[i].name;
	snprintf(out, size, "%s%sELF %s for %s", b[EI_CLASS] == ELFCLASS64 ? "64-bit " :
		 b[EI_CLASS] == ELFCLASS32 ? "" : "malformed ", big ? "big-endian " : "", elf_kind(type),
		 name ? name : "an unknown machine");
}

/* ASCII, or what may be UTF-8. */
static bool looks_like_text(const uint8_t *b, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if ((b[i] < ' ' && !strchr("\t\n\r\f\033", b[i])) || b[i] == 0 || b[i] == 127 || (b[i] & 0xfe) == 0xc0 ||
		    b[i] >= 0xf5)
			return false;
	return true;
}

const char *loader_describe(const struct loader_head *head, char *out, size_t size)
{
	const uint8_t *b = head->bytes;

	if (head->have == 0) {
		snprintf(out, size, "empty file");
		return "";
	}
	if (memcmp(b, ELFMAG, SELFMAG) == 0) {
		describe_elf(head, out, size);
		return "";
	}
	if (memcmp(b, "bFLT", 4) == 0) {
		snprintf(out, size, "bFLT program, version %u",
			 (unsigned)b[4] << 24 | b[5] << 16 | b[6] << 8 | b[7]);
		return "";
	}
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++) {
		if (memcmp(b, magics[i].bytes, magics[i].len) == 0) {
			snprintf(out, size, "%s", magics[i].name);
			return magics[i].hint;
		}
	}
	if (!looks_like_text(b, head->have)) {
		snprintf(out, size, "unknown data");
		return "";
	}
	snprintf(out, size, "text without #!");
	return "a script begins with #! and its interpreter: #!/bin/sh";
}
