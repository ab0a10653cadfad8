/* SPDX-License-Identifier: MIT
 *
 * An ELF file on its way into memory: the executable or its interpreter.
 */
#ifndef LOADER_ELF_IMAGE_H
#define LOADER_ELF_IMAGE_H

#include "loader/elf_file.h"

/* One entry of the loadmap, as the guest sees it. */
struct elf_seg {
	uint32_t addr, vaddr, memsz;
};

struct elf_image {
	struct elf_file file;
	const char *name;		/* for the log: its path */
	struct elf_seg *segs;		/* owned */
	uint32_t nr_segs;
	uint32_t header;		/* where the ELF header lies; 0: nowhere */
	uint32_t phdr;			/* where the program headers lie, or 0 */
	uint32_t dynamic;		/* where PT_DYNAMIC lies, or 0 */
	uint32_t entry;
	uint32_t loadmap;		/* set by elf_build_stack() */
};

/*
 * elf_map.c: puts a planned file's segments into memory, as one block or (FDPIC) each at its own
 * place, and finds entry point, headers and dynamic section there.  0, -ENOMEM, -ENOEXEC with the
 * reason logged.  The memory belongs to the space.
 */
int elf_map(struct loader *l, struct elf_image *img);
/* The guest address of a virtual address, by the loadmap; 0 if it was not loaded. */
uint32_t elf_address(const struct elf_image *img, uint32_t vaddr, uint32_t len);

/*
 * elf_stack.c: fills the stack [lay->stack_bottom, lay->stack_top) from the top down: strings,
 * loadmaps, auxv, envp, argv, argc at *sp.  interp may be NULL.  -E2BIG if that does not fit.
 */
int elf_build_stack(struct loader *l, struct elf_image *exec, struct elf_image *interp,
		    struct mm_layout *lay, uint32_t *sp);

#endif
