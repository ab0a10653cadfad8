/* SPDX-License-Identifier: MIT
 *
 * An ELF file's headers, read and judged: for running (elf_load.c) and for `flat32 inspect`.
 *
 * The headers are read with <elf.h>'s structures rather than libelf: an execve() needs 52 bytes
 * and the program headers, usually all in the first kilobyte, while libelf wants the whole file
 * in memory or a descriptor.  libelf reads the rest, where inspect wants it.
 *
 * FDPIC (docs/fdpic-abi.md).  The draft of the RISC-V FDPIC psABI (riscv-elf-psabi-doc pull request
 * 429) has two marks in e_flags: EF_RISCV_NONCONSTDISP, each segment may lie anywhere; and
 * EF_RISCV_FUNCDESC, a pointer to a function is the address of a descriptor.  Each says its own:
 * the first decides about the layout, the second about signal handlers.  e_ident[EI_OSABI] == 65,
 * the value that Arm, Xtensa and C6000 gave to the same thing, says both.  Linux 6.12 ignores all
 * of them on RISC-V and loads such a file as one block.  Files whose segments may lie anywhere may
 * be ET_EXEC too, as in the kernel's FDPIC loader.
 */
#ifndef LOADER_ELF_FILE_H
#define LOADER_ELF_FILE_H

#include <elf.h>
#include "loader/internal.h"

#define ELF_OSABI_FDPIC 65
#ifndef EF_RISCV_FUNCDESC
#define EF_RISCV_FUNCDESC 0x20u
#define EF_RISCV_NONCONSTDISP 0x40u
#endif
#define ELF_MAX_PHNUM 2048u		/* the kernel's 65536 / sizeof(Elf32_Phdr) */
#define ELF_STACK_DEFAULT 131072u
#define ELF_STACK_MIN (2 * FLAT_PAGE_SIZE)

struct elf_file {
	const struct loader_file *file;
	Elf32_Ehdr eh;
	Elf32_Phdr *ph;			/* owned; eh.e_phnum of them */
	bool fdpic;			/* each segment has a place of its own */
	bool descriptors;		/* pointers to functions are descriptors */
	/* From elf_plan(): the PT_LOADs together span [base, top). */
	uint32_t loads;
	uint32_t base;
	uint64_t top;
	bool disordered;		/* they overlap or do not ascend */
};

/* Why a file was refused, and what to do about it ("" if nothing comes to mind). */
struct elf_why {
	char what[160];
	const char *hint;
};

/*
 * Reads ELF header and program headers.  ELF_INTERP: as a program interpreter, where any e_type of
 * the two goes.  ELF_PLAIN: the FDPIC marks say nothing.  0; or -ENOEXEC (for an interpreter -ELIBBAD where the header does not fit), or
 * -ENOMEM for the impossible numbers that make the kernel say that, with *why filled in; or
 * -errno of the read.  On error there is nothing to free.
 */
enum { ELF_INTERP = 1, ELF_PLAIN = 2 };
int elf_read(struct elf_file *e, const struct loader_file *file, const struct loader_head *head,
	     unsigned how, struct elf_why *why);
void elf_free(struct elf_file *e);

/* Judges the segments: lengths, file bounds, entry point.  0 or -ENOEXEC with *why. */
int elf_plan(struct elf_file *e, struct elf_why *why);

/* Reads the PT_INTERP name.  0 (name[0] is 0 if there is none), or what the kernel says. */
int elf_interp(const struct elf_file *e, char *name, size_t size, struct elf_why *why);

/* The PT_LOAD that holds [vaddr, vaddr+len), or NULL. */
const Elf32_Phdr *elf_segment(const struct elf_file *e, uint32_t vaddr, uint32_t len);
const Elf32_Phdr *elf_find(const struct elf_file *e, uint32_t type);

/*
 * The stack that the executable asks for, else its interpreter (may be NULL), else `fallback` (0:
 * 128 KiB); whole pages, two at least (PT_GNU_STACK's p_memsz; kernel load_elf_fdpic_binary()).
 */
uint64_t elf_stack(const struct elf_file *exec, const struct elf_file *interp, uint32_t fallback,
		   bool *exec_stack);

#endif
