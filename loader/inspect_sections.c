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

/* The draft has no numbers for its two; these are in the range for non-standard use (docs/fdpic-abi.md). */
static const struct { uint32_t type; const char *name; } reloc_types[] = {
	{ R_RISCV_RELATIVE, "RELATIVE" }, { 192, "FUNCDESC" }, { 193, "FUNCDESC_VALUE" }, { R_RISCV_32, "32" },
	{ R_RISCV_JUMP_SLOT, "JUMP_SLOT" }, { R_RISCV_COPY, "COPY" }, { R_RISCV_TLS_DTPMOD32, "TLS_DTPMOD32" },
	{ R_RISCV_TLS_DTPREL32, "TLS_DTPREL32" }, { R_RISCV_TLS_TPREL32, "TLS_TPREL32" }, { 12, "TLSDESC" },
	{ 58, "IRELATIVE" },
};
#define RELOC_TYPES (sizeof reloc_types / sizeof *reloc_types)

struct found {
	const struct elf_file *e;
	uint32_t relocs[RELOC_TYPES + 1];	/* dynamic relocations by type; the last: others */
	uint32_t in_text;			/* of these, in what is not writable */
	bool has_gp;
	uint32_t gp;				/* DT_PLTGOT */
	uint32_t symbols;
	bool debug, textrel;
};

static void count_relocations(Elf_Scn *scn, const GElf_Shdr *sh, struct found *f)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	size_t n = sh->sh_entsize ? sh->sh_size / sh->sh_entsize : 0;
	GElf_Rela rela;

	for (size_t i = 0; data && i < n && gelf_getrela(data, (int)i, &rela); i++) {
		const Elf32_Phdr *ph = elf_segment(f->e, (uint32_t)rela.r_offset, 1);
		size_t nr = 0;

		while (nr < RELOC_TYPES && reloc_types[nr].type != GELF_R_TYPE(rela.r_info))
			nr++;
		f->relocs[nr]++;
		f->in_text += ph && !(ph->p_flags & PF_W);
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
		if (dyn.d_tag == DT_PLTGOT) {
			f->has_gp = true;
			f->gp = (uint32_t)dyn.d_un.d_val;
		}
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

static void relocation_row(FILE *out, const struct found *f)
{
	char text[400] = "none";
	size_t used = 0;

	for (size_t i = 0; i <= RELOC_TYPES; i++) {
		if (f->relocs[i])
			used += (size_t)snprintf(text + used, sizeof text - used, "%s%u %s", used ? ", " : "", f->relocs[i],
						 i < RELOC_TYPES ? reloc_types[i].name : "others");
	}
	inspect_row(out, "relocations", "%s%s", text, f->textrel ? "; some in the text (DT_TEXTREL)" : "");
	if (f->in_text && f->e->fdpic)
		inspect_row(out, "", "%u in segments that are shared: they cannot be done", f->in_text);
}

/* gp's value in code of this file, before the segment that it lies in is moved. */
static void gp_row(FILE *out, const struct found *f)
{
	const Elf32_Phdr *ph = elf_segment(f->e, f->gp, 0);

	if (!f->e->fdpic)
		return;
	if (!f->has_gp)
		inspect_row(out, "gp", "unknown: there is no DT_PLTGOT");
	else if (!ph)
		inspect_row(out, "gp", "0x%x (DT_PLTGOT), in no segment", f->gp);
	else
		inspect_row(out, "gp", "0x%x (DT_PLTGOT), in segment %u", f->gp, (unsigned)(ph - f->e->ph));
}

void inspect_sections(FILE *out, const struct loader_file *file, const struct elf_file *e)
{
	struct found f = { .e = e };
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
	gp_row(out, &f);
	relocation_row(out, &f);
	inspect_row(out, "symbols", "%u%s", f.symbols, f.debug ? ", with debug information" : "");
out:
	free(image);
}
