/* SPDX-License-Identifier: MIT */
#include "shared.h"

#include "abi.h"

#include <fcntl.h>
#include <libelf.h>
#include <unistd.h>

static void take(struct shared *s, const char *path, Elf *elf, Elf_Scn *scn, const Elf32_Shdr *sh)
{
	Elf_Data *d = elf_getdata(scn, NULL);
	const Elf32_Sym *sym = d ? d->d_buf : NULL;

	if (!sym)
		die("%s: its dynamic symbols cannot be read: %s", path, elf_errmsg(-1));

	for (size_t i = 1; i < d->d_size / sizeof(*sym); i++) {
		const char *name = elf_strptr(elf, sh->sh_link, sym[i].st_name);
		unsigned type = ELF32_ST_TYPE(sym[i].st_info);

		if (!name)
			die("%s: symbol %zu has no name", path, i);
		if (ELF32_ST_BIND(sym[i].st_info) == STB_LOCAL)
			continue;
		names_set(&s->mentioned, text("%s", name), 1);
		if (sym[i].st_shndx != SHN_UNDEF)
			names_set(&s->types, text("%s", name), type == STT_GNU_IFUNC ? STT_FUNC : type);
	}
}

static void read_one(struct shared *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
	const Elf32_Ehdr *eh = elf ? elf32_getehdr(elf) : NULL;
	Elf_Scn *scn = NULL;

	if (!eh)
		die("%s: cannot be read", path);
	if (!(eh->e_flags & EF_RISCV_NONCONSTDISP))
		die("%s: not an FDPIC library (it was not linked with -mfdpic)", path);
	while ((scn = elf_nextscn(elf, scn))) {
		const Elf32_Shdr *sh = elf32_getshdr(scn);

		if (!sh)
			die("%s: cannot be read: %s", path, elf_errmsg(-1));
		if (sh->sh_type == SHT_DYNSYM)
			take(s, path, elf, scn, sh);
	}
	elf_end(elf);
	close(fd);
}

struct shared shared_read(const struct args *a)
{
	struct shared s = { .n = 0 };

	elf_version(EV_CURRENT);
	for (size_t i = 0; i < a->n_inputs; i++)
		if (a->inputs[i].kind == INPUT_SHARED) {
			read_one(&s, a->inputs[i].path);
			s.n++;
		}
	return s;
}
