/* SPDX-License-Identifier: MIT */
#include "loader/elf_file.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 4, 5)))
static int refuse(struct elf_why *why, int err, const char *hint, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->what, sizeof(why->what), format, args);
	va_end(args);
	why->hint = hint;
	return err;
}

bool elf_is(const struct loader_head *head)
{
	return memcmp(head->bytes, ELFMAG, SELFMAG) == 0;
}

/* Kernel is_elf(): class, machine, type.  Byte order, version, flags and OSABI are not looked at. */
static int check_header(struct elf_file *e, const struct loader_head *head, bool interp, struct elf_why *why)
{
	int err = interp ? -ELIBBAD : -ENOEXEC;
	const Elf32_Ehdr *eh = &e->eh;
	char what[128];

	loader_describe(head, what, sizeof(what));
	if (!elf_is(head))
		return refuse(why, err, "", "not an ELF file but %s", what);
	if (eh->e_machine != EM_RISCV)
		return refuse(why, err, "compile it for RV32 with flat32-cc", "%s, not RISC-V", what);
	if (eh->e_ident[EI_CLASS] != ELFCLASS32)
		return refuse(why, err, "compile it for RV32 with flat32-cc",
			      "%s, which is RV64: this hart is RV32", what);
	if (eh->e_type == ET_EXEC && !interp && !e->fdpic)
		return refuse(why, err, "link with -static-pie (flat32-cc does)",
			      "linked to run at a fixed address (ET_EXEC), which takes an MMU");
	if (eh->e_type != ET_DYN && eh->e_type != ET_EXEC)
		return refuse(why, err, eh->e_type == ET_REL ? "link it into a program first" : "", "%s",
			      what);
	return 0;
}

static void read_marks(struct elf_file *e, unsigned how)
{
	bool all = e->eh.e_ident[EI_OSABI] == ELF_OSABI_FDPIC;

	if (e->eh.e_machine != EM_RISCV || (how & ELF_PLAIN))
		return;
	e->fdpic = all || (e->eh.e_flags & EF_RISCV_NONCONSTDISP);
	e->descriptors = all || (e->eh.e_flags & EF_RISCV_FUNCDESC);
}

int elf_read(struct elf_file *e, const struct loader_file *file, const struct loader_head *head,
	     unsigned how, struct elf_why *why)
{
	uint32_t size;
	int err;

	memset(e, 0, sizeof(*e));
	memcpy(&e->eh, head->bytes, sizeof(e->eh));
	e->file = file;
	read_marks(e, how);
	err = check_header(e, head, how & ELF_INTERP, why);
	if (err)
		return err;
	if (e->eh.e_phentsize != sizeof(Elf32_Phdr))
		return refuse(why, -ENOMEM, "", head->have < sizeof(Elf32_Ehdr) ?
			      "the file ends within the ELF header" :
			      "program headers of %u bytes (should be 32)", e->eh.e_phentsize);
	if (e->eh.e_phnum > ELF_MAX_PHNUM)
		return refuse(why, -ENOMEM, "", "%u program headers (at most %u)", e->eh.e_phnum,
			      ELF_MAX_PHNUM);

	size = e->eh.e_phnum * (uint32_t)sizeof(Elf32_Phdr);
	if (size > 0 && (uint64_t)e->eh.e_phoff + size > file->size)
		return refuse(why, -ENOEXEC, "is the file complete?",
			      "the program headers (at %u) lie beyond the end of the file", e->eh.e_phoff);
	e->ph = malloc(size ? size : 1);
	if (!e->ph)
		return refuse(why, -ENOMEM, "", "out of memory");
	if ((uint64_t)e->eh.e_phoff + size <= head->have) {
		memcpy(e->ph, head->bytes + e->eh.e_phoff, size);
		return 0;
	}
	err = loader_read(file, e->ph, size, e->eh.e_phoff);
	if (err) {
		refuse(why, err, "", "the program headers cannot be read: %s", strerror(-err));
		elf_free(e);
	}
	return err;
}

void elf_free(struct elf_file *e)
{
	free(e->ph);
	e->ph = NULL;
}

static int plan_segment(struct elf_file *e, uint32_t nr, uint64_t *cursor, struct elf_why *why)
{
	const Elf32_Phdr *ph = &e->ph[nr];
	uint64_t end = (uint64_t)ph->p_vaddr + ph->p_memsz;

	if (end > (uint64_t)UINT32_MAX + 1)
		return refuse(why, -ENOEXEC, "", "segment %u wraps around the end of memory (0x%x + 0x%x)",
			      nr, ph->p_vaddr, ph->p_memsz);
	if (ph->p_filesz > 0 && (uint64_t)ph->p_offset + ph->p_filesz > e->file->size)
		return refuse(why, -ENOEXEC, "is the file complete?",
			      "segment %u ends at offset %llu of a file of %llu bytes", nr,
			      (unsigned long long)ph->p_offset + ph->p_filesz,
			      (unsigned long long)e->file->size);
	if (e->loads == 0 || ph->p_vaddr < e->base)
		e->base = ph->p_vaddr;
	if (end > e->top)
		e->top = end;
	if (ph->p_vaddr < *cursor)
		e->disordered = true;
	*cursor = (uint64_t)ph->p_vaddr + (ph->p_filesz > ph->p_memsz ? ph->p_filesz : ph->p_memsz);
	e->loads++;
	return 0;
}

int elf_plan(struct elf_file *e, struct elf_why *why)
{
	uint64_t cursor = 0;
	int err;

	e->loads = 0;
	e->top = 0;
	e->disordered = false;
	for (uint32_t i = 0; i < e->eh.e_phnum; i++) {
		if (e->ph[i].p_type != PT_LOAD)
			continue;
		err = plan_segment(e, i, &cursor, why);
		if (err)
			return err;
	}
	if (e->loads == 0)
		return refuse(why, -ENOEXEC, "", "no PT_LOAD segment: nothing to load");
	if (e->top == e->base)
		return refuse(why, -ENOEXEC, "", "all its segments are empty");
	if (e->eh.e_entry == 0)
		return refuse(why, -ENOEXEC, "is it a shared library?", "no entry point");
	if (!elf_segment(e, e->eh.e_entry, 1))
		return refuse(why, -ENOEXEC, "", "the entry point 0x%x lies in no segment", e->eh.e_entry);
	return 0;
}

int elf_interp(const struct elf_file *e, char *name, size_t size, struct elf_why *why)
{
	const Elf32_Phdr *ph = elf_find(e, PT_INTERP);
	int err;

	name[0] = '\0';
	if (!ph)
		return 0;
	if (ph->p_filesz > PATH_MAX || ph->p_filesz > size)
		return refuse(why, -ENOMEM, "", "the interpreter's name has %u bytes", ph->p_filesz);
	if (ph->p_filesz < 2)
		return refuse(why, -ENOENT, "", "the interpreter's name is empty");
	err = loader_read(e->file, name, ph->p_filesz, ph->p_offset);
	if (err) {
		name[0] = '\0';
		return refuse(why, err, "is the file complete?", "the interpreter's name cannot be read");
	}
	if (name[ph->p_filesz - 1] != '\0') {
		name[0] = '\0';
		return refuse(why, -ENOENT, "", "the interpreter's name does not end in a NUL");
	}
	return 0;
}

const Elf32_Phdr *elf_segment(const struct elf_file *e, uint32_t vaddr, uint32_t len)
{
	for (uint32_t i = 0; i < e->eh.e_phnum; i++) {
		const Elf32_Phdr *ph = &e->ph[i];

		if (ph->p_type == PT_LOAD && vaddr >= ph->p_vaddr &&
		    (uint64_t)vaddr + len <= (uint64_t)ph->p_vaddr + ph->p_memsz)
			return ph;
	}
	return NULL;
}

const Elf32_Phdr *elf_find(const struct elf_file *e, uint32_t type)
{
	for (uint32_t i = 0; i < e->eh.e_phnum; i++)
		if (e->ph[i].p_type == type)
			return &e->ph[i];
	return NULL;
}

uint64_t elf_stack(const struct elf_file *exec, const struct elf_file *interp, uint32_t fallback,
		   bool *exec_stack)
{
	const Elf32_Phdr *ph = elf_find(exec, PT_GNU_STACK);
	uint64_t size;

	/* An executable that names no size has no say in the stack's protection either. */
	if ((!ph || ph->p_memsz == 0) && interp)
		ph = elf_find(interp, PT_GNU_STACK);
	*exec_stack = ph && (ph->p_flags & PF_X);
	size = ph ? ph->p_memsz : 0;
	if (size == 0)
		size = fallback ? fallback : ELF_STACK_DEFAULT;
	size = (size + FLAT_PAGE_SIZE - 1) & ~(uint64_t)(FLAT_PAGE_SIZE - 1);
	return size < ELF_STACK_MIN ? ELF_STACK_MIN : size;
}
