/* SPDX-License-Identifier: MIT
 *
 * The parts of an ELF file that execve() never looks at, read with libelf: which libraries it
 * wants, what the program or its interpreter must relocate, what a debugger would find.  All of
 * it may be missing or broken without harm.
 */
#include "loader/inspect.h"

#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#define WHOLE_MAX (64u << 20)	/* larger files go without this part of the report */
#define LIBRARIES_MAX 64u

struct found {
	uint32_t relative, other;	/* dynamic relocations */
	uint32_t symbols;
	bool debug, textrel;
};

static void count_relocations(Elf_Scn *scn, const GElf_Shdr *sh, struct found *f)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	size_t n = sh->sh_entsize ? sh->sh_size / sh->sh_entsize : 0;
	GElf_Rela rela;

	for (size_t i = 0; data && i < n && gelf_getrela(data, (int)i, &rela); i++) {
		if (GELF_R_TYPE(rela.r_info) == R_RISCV_RELATIVE)
			f->relative++;
		else
			f->other++;
	}
}

static void read_dynamic(FILE *out, Elf *elf, Elf_Scn *scn, const GElf_Shdr *sh, struct found *f)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	size_t n = sh->sh_entsize ? sh->sh_size / sh->sh_entsize : 0;
	unsigned libraries = 0;
	GElf_Dyn dyn;

	for (size_t i = 0; data && i < n && gelf_getdyn(data, (int)i, &dyn) && dyn.d_tag != DT_NULL; i++) {
		const char *name;

		if (dyn.d_tag == DT_TEXTREL || (dyn.d_tag == DT_FLAGS && (dyn.d_un.d_val & DF_TEXTREL)))
			f->textrel = true;
		if (dyn.d_tag != DT_NEEDED || libraries == LIBRARIES_MAX)
			continue;
		name = elf_strptr(elf, sh->sh_link, dyn.d_un.d_val);
		inspect_row(out, libraries++ ? "" : "libraries", "%.200s", name ? name : "(name unreadable)");
	}
}

static void read_sections(FILE *out, Elf *elf, struct found *f)
{
	Elf_Scn *scn = NULL;
	size_t names = 0;
	GElf_Shdr sh;

	if (elf_getshdrstrndx(elf, &names) != 0)
		names = 0;
	while ((scn = elf_nextscn(elf, scn)) != NULL) {
		const char *name;

		if (!gelf_getshdr(scn, &sh))
			continue;
		name = names ? elf_strptr(elf, names, sh.sh_name) : NULL;
		if (name && strcmp(name, ".debug_info") == 0)
			f->debug = true;
		if (sh.sh_type == SHT_SYMTAB && sh.sh_entsize)
			f->symbols = (uint32_t)(sh.sh_size / sh.sh_entsize);
		if (sh.sh_type == SHT_RELA && (sh.sh_flags & SHF_ALLOC))
			count_relocations(scn, &sh, f);
		if (sh.sh_type == SHT_DYNAMIC)
			read_dynamic(out, elf, scn, &sh, f);
	}
}

void inspect_sections(FILE *out, const struct loader_file *file)
{
	struct found f = { .relative = 0 };
	char *image;
	Elf *elf;

	if (file->size == 0 || file->size > WHOLE_MAX || elf_version(EV_CURRENT) == EV_NONE)
		return;
	image = malloc((size_t)file->size);
	if (!image)
		return;
	if (loader_read(file, image, (uint32_t)file->size, 0) != 0)
		goto out;
	elf = elf_memory(image, (size_t)file->size);
	if (!elf)
		goto out;
	read_sections(out, elf, &f);
	elf_end(elf);
	inspect_row(out, "relocations", "%u relative, %u others%s", f.relative, f.other,
		    f.textrel ? "; some in the text (DT_TEXTREL)" : "");
	inspect_row(out, "symbols", "%u%s", f.symbols, f.debug ? ", with debug information" : "");
out:
	free(image);
}
