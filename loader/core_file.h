/* SPDX-License-Identifier: MIT
 *
 * Core files coming back in: the memory of a process that is no more, its loadmaps and what was mapped by them.
 * Reads what core.h writes, and what the kernel's elf_fdpic loader writes.  All of it is hostile.
 */
#ifndef LOADER_CORE_FILE_H
#define LOADER_CORE_FILE_H

#include <elf.h>
#include "loader/internal.h"

#define CORE_SEGS_MAX 64u	/* of one module */

struct core_seg { uint32_t addr, vaddr, memsz; };

/* Where an ELF file's segments lay: a loadmap, or for what has none one displacement for all. */
struct core_map {
	struct core_seg segs[CORE_SEGS_MAX];
	uint32_t nr;
};

struct core_file {
	const struct loader_file *file;
	Elf32_Phdr *ph;			/* owned; nr of them */
	uint32_t nr;
	uint32_t exec_loadmap, interp_loadmap;	/* 0: none */
	uint32_t entry;			/* AT_ENTRY, 0: unknown */
	uint32_t execfn;		/* AT_EXECFN: the address of a string; 0: unknown */
};

/* 0; -ENOEXEC with *why: no core file of such a machine; another -errno of the read.  On error nothing is to be freed. */
int core_open(struct core_file *c, const struct loader_file *file, const char **why);
void core_close(struct core_file *c);

/* len bytes at addr, from one mapping.  0 or -EFAULT. */
int core_read(const struct core_file *c, void *dst, uint32_t addr, uint32_t len);
/* The string at addr, terminated; false: there is none of that length. */
bool core_string(const struct core_file *c, char *dst, uint32_t size, uint32_t addr);
/* 0 or -EFAULT, -EINVAL: what lies there is none. */
int core_loadmap(const struct core_file *c, uint32_t addr, struct core_map *out);
/* The guest address of a file's; 0: it was not loaded. */
uint32_t core_address(const struct core_map *m, uint32_t vaddr);

#endif
