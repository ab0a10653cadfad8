/* SPDX-License-Identifier: MIT
 *
 * What `flat32 inspect` says of an FDPIC file: where each segment goes and why, what a process costs.
 * The rules are those of elf_map.c and of the file systems (docs/xip.md).
 */
#include "loader/inspect.h"

#define EXAMPLE_TEXT 0x40010000u	/* in a ROM */
#define EXAMPLE_RAM 0x80100000u
#define IN_PLACE_ALIGN 16u		/* what romfs gives at least */

static uint64_t pages_of(const Elf32_Phdr *ph)
{
	uint64_t bytes = (uint64_t)ph->p_memsz + ph->p_vaddr % FLAT_PAGE_SIZE;

	return (bytes + FLAT_PAGE_SIZE - 1) & ~(uint64_t)(FLAT_PAGE_SIZE - 1);
}

/* Why a segment is copied for each process, or NULL if it can be shared. */
static const char *why_copied(const Elf32_Phdr *ph)
{
	if (ph->p_flags & PF_W)
		return "writable";
	if (ph->p_filesz != ph->p_memsz)
		return "partly not in the file";
	if (ph->p_offset % FLAT_PAGE_SIZE != ph->p_vaddr % FLAT_PAGE_SIZE)
		return "offset and address differ within a page";
	return NULL;
}

/* The kinds of file systems whose bytes are memory, and what each asks for. */
static void in_place_rows(FILE *out)
{
	inspect_row(out, "in place", "from romfs (ROM, flash, RAM disk): yes, as files begin at multiples of %u",
		    IN_PLACE_ALIGN);
	inspect_row(out, "", "from cramfs: if the image has its pages uncompressed (guest-rootfs/mkimage does that for "
		    "programs; mkfs.cramfs never)");
	inspect_row(out, "", "from ramfs and tmpfs (the root from a cpio archive): yes, the file's own pages");
	inspect_row(out, "", "from ext2 and shares: no, these are no memory: one copy in RAM for all processes");
}

static void segment_rows(FILE *out, const struct elf_file *e, struct inspect_fdpic *f)
{
	for (uint32_t i = 0; i < e->eh.e_phnum; i++) {
		const Elf32_Phdr *ph = &e->ph[i];
		const char *why = why_copied(ph);

		if (ph->p_type != PT_LOAD || ph->p_memsz == 0)
			continue;
		if (why) {
			inspect_row(out, "", "segment %u: copied, %s: %llu KiB for each process", i, why,
				    (unsigned long long)pages_of(ph) / 1024);
			inspect_add(&f->each, (uint64_t)ph->p_memsz + ph->p_vaddr % FLAT_PAGE_SIZE);
			continue;
		}
		inspect_row(out, "", "segment %u: shared by all processes, %llu KiB", i,
			    (unsigned long long)pages_of(ph) / 1024);
		f->shared += pages_of(ph);
	}
}

/* As a program would find it, at addresses that are made up. */
static void loadmap_rows(FILE *out, const struct elf_file *e)
{
	uint32_t text = EXAMPLE_TEXT, ram = EXAMPLE_RAM, nr = 0;

	for (uint32_t i = 0; i < e->eh.e_phnum; i++) {
		const Elf32_Phdr *ph = &e->ph[i];
		uint32_t *at = why_copied(ph) ? &ram : &text;

		if (ph->p_type != PT_LOAD || ph->p_memsz == 0)
			continue;
		inspect_row(out, nr++ ? "" : "for example", "{ addr 0x%08x, p_vaddr 0x%08x, p_memsz 0x%x }",
			    *at + ph->p_vaddr % FLAT_PAGE_SIZE, ph->p_vaddr, ph->p_memsz);
		*at += (uint32_t)pages_of(ph) + 0x10000;
	}
}

void inspect_fdpic(FILE *out, const struct elf_file *e, struct inspect_fdpic *f)
{
	inspect_row(out, "loading", "FDPIC: each segment at a place of its own%s",
		    e->descriptors ? "; pointers to functions are descriptors" :
		    ", but pointers to functions are addresses (EF_RISCV_FUNCDESC is not set)");
	segment_rows(out, e, f);
	inspect_row(out, "text", "%llu KiB shared, in memory once at most", (unsigned long long)f->shared / 1024);
	if (f->shared)
		in_place_rows(out);
	loadmap_rows(out, e);
}

void inspect_fdpic_memory(FILE *out, const struct inspect_fdpic *f, bool interp)
{
	unsigned long long each = f->each.trimmed / 1024, once = f->shared / 1024;

	inspect_row(out, "memory", "%llu KiB for each process (%llu KiB without page trimming)", each,
		    (unsigned long long)f->each.rounded / 1024);
	inspect_row(out, "", "%llu KiB once for all, or nothing where it is in place", once);
	if (interp)
		inspect_row(out, "", "and its interpreter's and libraries': name those behind it, and the sum comes last");
}
