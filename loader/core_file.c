/* SPDX-License-Identifier: MIT */
#include "loader/core_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NOTES_MAX (1u << 20)
#define PRSTATUS_FDPIC 212u		/* with loadmaps behind the registers (core.c) */
#define LOADMAPS_AT 200u

static uint32_t word(const uint8_t *p)
{
	uint32_t w;

	memcpy(&w, p, sizeof w);
	return w;
}

static void take_auxv(struct core_file *c, const uint8_t *p, uint32_t len)
{
	for (; len >= 8; p += 8, len -= 8) {
		if (word(p) == AT_ENTRY)
			c->entry = word(p + 4);
		if (word(p) == AT_EXECFN)
			c->execfn = word(p + 4);
	}
}

static void take_notes(struct core_file *c, const uint8_t *p, uint64_t len)
{
	while (len >= sizeof(Elf32_Nhdr)) {
		uint64_t name = ((uint64_t)word(p) + 3) & ~3ull, size = word(p + 4), step;
		uint32_t type = word(p + 8);

		step = sizeof(Elf32_Nhdr) + name + ((size + 3) & ~3ull);
		if (step > len)
			return;
		p += sizeof(Elf32_Nhdr) + name;
		if (type == NT_PRSTATUS && size == PRSTATUS_FDPIC && !c->exec_loadmap) {
			c->exec_loadmap = word(p + LOADMAPS_AT);
			c->interp_loadmap = word(p + LOADMAPS_AT + 4);
		}
		if (type == NT_AUXV)
			take_auxv(c, p, (uint32_t)size);
		p += (size + 3) & ~3ull;
		len -= step;
	}
}

static int read_notes(struct core_file *c, const Elf32_Phdr *ph)
{
	uint32_t len = ph->p_filesz < NOTES_MAX ? ph->p_filesz : NOTES_MAX;
	uint8_t *notes = malloc(len ? len : 1);
	int err;

	if (!notes)
		return -ENOMEM;
	err = loader_read(c->file, notes, len, ph->p_offset);
	if (!err)
		take_notes(c, notes, len);
	free(notes);
	return err;
}

int core_open(struct core_file *c, const struct loader_file *file, const char **why)
{
	struct loader_head head;
	Elf32_Ehdr eh;
	int err = loader_read_head(file, &head);

	*c = (struct core_file){ .file = file };
	*why = "it cannot be read";
	if (err)
		return err;
	memcpy(&eh, head.bytes, sizeof eh);
	*why = "it is no core file";
	if (!elf_is(&head) || eh.e_type != ET_CORE)
		return -ENOEXEC;
	*why = "it is a core file of another machine";
	if (eh.e_machine != EM_RISCV || eh.e_ident[EI_CLASS] != ELFCLASS32)
		return -ENOEXEC;
	*why = "its program headers are broken";
	if (eh.e_phentsize != sizeof(Elf32_Phdr) || !eh.e_phnum ||
	    (uint64_t)eh.e_phoff + eh.e_phnum * sizeof(Elf32_Phdr) > file->size)
		return -ENOEXEC;
	c->nr = eh.e_phnum;
	c->ph = malloc(c->nr * sizeof *c->ph);
	if (!c->ph)
		return -ENOMEM;
	err = loader_read(file, c->ph, c->nr * (uint32_t)sizeof *c->ph, eh.e_phoff);
	for (uint32_t i = 0; !err && i < c->nr; i++)
		if (c->ph[i].p_type == PT_NOTE)
			err = read_notes(c, &c->ph[i]);
	if (err)
		core_close(c);
	return err;
}

void core_close(struct core_file *c)
{
	free(c->ph);
	c->ph = NULL;
}

int core_read(const struct core_file *c, void *dst, uint32_t addr, uint32_t len)
{
	for (uint32_t i = 0; i < c->nr; i++) {
		const Elf32_Phdr *ph = &c->ph[i];

		if (ph->p_type == PT_LOAD && addr >= ph->p_vaddr && addr - ph->p_vaddr <= ph->p_filesz &&
		    len <= ph->p_filesz - (addr - ph->p_vaddr))
			return loader_read(c->file, dst, len, (uint64_t)ph->p_offset + (addr - ph->p_vaddr)) ? -EFAULT : 0;
	}
	return -EFAULT;
}

bool core_string(const struct core_file *c, char *dst, uint32_t size, uint32_t addr)
{
	for (uint32_t i = 0; i < size; i++) {
		if (core_read(c, dst + i, addr + i, 1))
			return false;
		if (!dst[i])
			return true;
	}
	return false;
}

int core_loadmap(const struct core_file *c, uint32_t addr, struct core_map *out)
{
	struct { uint16_t version, nsegs; } head;

	out->nr = 0;
	if (core_read(c, &head, addr, sizeof head))
		return -EFAULT;
	if (head.version || !head.nsegs || head.nsegs > CORE_SEGS_MAX)
		return -EINVAL;
	if (core_read(c, out->segs, addr + (uint32_t)sizeof head, head.nsegs * (uint32_t)sizeof *out->segs))
		return -EFAULT;
	out->nr = head.nsegs;
	return 0;
}

uint32_t core_address(const struct core_map *m, uint32_t vaddr)
{
	for (uint32_t i = 0; i < m->nr; i++)
		/* The end of a segment, too: a section of no bytes may lie there. */
		if (vaddr >= m->segs[i].vaddr && vaddr - m->segs[i].vaddr <= m->segs[i].memsz)
			return m->segs[i].addr + (vaddr - m->segs[i].vaddr);
	return 0;
}
