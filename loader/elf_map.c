/* SPDX-License-Identifier: MIT
 *
 * The two arrangements of fs/binfmt_elf_fdpic.c:
 *
 * - constant displacement (every PIE, elf_fdpic_map_file_constdisp_on_uclinux()): one anonymous
 *   rwx block holds all segments at their distances, the file is read into it;
 * - independent segments (FDPIC, elf_fdpic_map_file_by_direct_mmap()): each PT_LOAD is a mapping of
 *   its own.  Read-only ones are private read-only mappings of the file, so that mm/ lets all
 *   processes share them, or shows them where they lie (flash, a memory file).
 */
#include "loader/elf_image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define TEXT_ALIGN 16u		/* what a shared segment must keep of its p_align */

static uint32_t page_offset(uint32_t n)
{
	return n % FLAT_PAGE_SIZE;
}

/* Which of the two files a line of the log is about. */
static const char *about(const struct loader *l, const struct elf_image *img)
{
	return img->name == l->path ? "" : "interpreter: ";
}

static int io_failed(struct loader *l, const struct elf_image *img, int err)
{
	return loader_fail(l, err, "%scannot be read: %s", about(l, img), strerror(-err));
}

static int no_memory(struct loader *l, const struct elf_image *img, int err, uint64_t bytes)
{
	return loader_fail(l, err, "%sno room for %llu contiguous bytes", about(l, img),
			   (unsigned long long)bytes);
}

/*
 * The block is cleared only where no file bytes go: in a big program clearing all of it first
 * would double the time of an exec.
 */
static int map_block(struct loader *l, struct elf_image *img)
{
	const struct elf_file *e = &img->file;
	uint64_t span = e->top - e->base;
	uint64_t block = (span + FLAT_PAGE_SIZE - 1) & ~(uint64_t)(FLAT_PAGE_SIZE - 1);
	uint64_t cleared = 0;		/* [0, cleared) of the block has its contents */
	uint32_t addr;
	int err;

	err = loader_map(l, span, PROT_READ | PROT_WRITE | PROT_EXEC, &addr);
	if (err)
		return no_memory(l, img, err, span);
	if (e->disordered) {
		err = loader_clear(l, addr, (uint32_t)block);
		if (err)
			return err;
		cleared = block;
	}
	for (uint32_t i = 0; i < e->eh.e_phnum; i++) {
		const Elf32_Phdr *ph = &e->ph[i];
		uint64_t at = (uint64_t)ph->p_vaddr - e->base, filesz = ph->p_filesz;

		if (ph->p_type != PT_LOAD)
			continue;
		/* More in the file than in memory: Linux reads it all, whatever it runs over. */
		if (filesz > block - at)
			filesz = block - at;
		if (at > cleared) {
			err = loader_clear(l, addr + (uint32_t)cleared, (uint32_t)(at - cleared));
			if (err)
				return err;
		}
		err = loader_read_guest(l, e->file, addr + (uint32_t)at, (uint32_t)filesz, ph->p_offset);
		if (err)
			return io_failed(l, img, err);
		if (at + filesz > cleared)
			cleared = at + filesz;
		if (ph->p_memsz > filesz && e->disordered)
			err = loader_clear(l, addr + (uint32_t)(at + filesz),
					   (uint32_t)(ph->p_memsz - filesz));
		if (err)
			return err;
		img->segs[img->nr_segs++] = (struct elf_seg){ addr + (uint32_t)at, ph->p_vaddr, ph->p_memsz };
		if (ph->p_offset == 0)
			img->header = addr + (uint32_t)at;
	}
	return block > cleared ? loader_clear(l, addr + (uint32_t)cleared, (uint32_t)(block - cleared)) : 0;
}

static uint32_t segment_prot(const Elf32_Phdr *ph)
{
	return (ph->p_flags & PF_R ? PROT_READ : 0) | (ph->p_flags & PF_W ? PROT_WRITE : 0) |
	       (ph->p_flags & PF_X ? PROT_EXEC : 0);
}

/* A mapping of the file itself.  0, or any errno: then the caller copies instead. */
static int map_source(struct loader *l, const struct elf_file *e, const Elf32_Phdr *ph, uint32_t *addr)
{
	uint32_t disp = page_offset(ph->p_vaddr);
	uint32_t align = ph->p_align < TEXT_ALIGN ? ph->p_align : TEXT_ALIGN;
	struct mm_map map = {
		.len = ph->p_memsz + disp,
		.prot = segment_prot(ph),
		.flags = MAP_PRIVATE,
		.pgoff = (ph->p_offset - disp) / FLAT_PAGE_SIZE,
		.source = e->file->source,
		.readable = true,
		.traced = l->env->traced,
	};
	uint32_t base;
	int err;

	if (!e->file->source || (ph->p_flags & PF_W) || ph->p_filesz != ph->p_memsz ||
	    page_offset(ph->p_offset) != disp)
		return -EINVAL;
	err = mm_mmap(l->space, &map, &base);
	if (err)
		return err;
	/* Executed in place a file need not begin on a page. */
	if (align && (base & (align - 1))) {
		mm_munmap(l->space, base, map.len);
		return -EINVAL;
	}
	*addr = base + disp;
	return 0;
}

static int copy_segment(struct loader *l, struct elf_image *img, const Elf32_Phdr *ph, uint32_t *addr)
{
	uint32_t disp = page_offset(ph->p_vaddr);
	uint32_t filesz = ph->p_filesz < ph->p_memsz ? ph->p_filesz : ph->p_memsz;
	uint64_t len = (uint64_t)disp + ph->p_memsz;
	uint64_t block = (len + FLAT_PAGE_SIZE - 1) & ~(uint64_t)(FLAT_PAGE_SIZE - 1);
	uint32_t base;
	int err;

	err = loader_map(l, len, segment_prot(ph), &base);
	if (err)
		return no_memory(l, img, err, len);
	err = loader_clear(l, base, disp);
	if (!err)
		err = loader_clear(l, base + disp + filesz, (uint32_t)(block - disp - filesz));
	if (err)
		return err;
	err = loader_read_guest(l, img->file.file, base + disp, filesz, ph->p_offset);
	if (err)
		return io_failed(l, img, err);
	*addr = base + disp;
	return 0;
}

static int map_split(struct loader *l, struct elf_image *img)
{
	const struct elf_file *e = &img->file;

	for (uint32_t i = 0; i < e->eh.e_phnum; i++) {
		const Elf32_Phdr *ph = &e->ph[i];
		uint32_t addr = 0;
		int err;

		if (ph->p_type != PT_LOAD || ph->p_memsz == 0)
			continue;
		if (map_source(l, e, ph, &addr) != 0) {
			err = copy_segment(l, img, ph, &addr);
			if (err)
				return err;
		}
		img->segs[img->nr_segs++] = (struct elf_seg){ addr, ph->p_vaddr, ph->p_memsz };
		if (ph->p_offset == 0)
			img->header = addr;
	}
	return 0;
}

uint32_t elf_address(const struct elf_image *img, uint32_t vaddr, uint32_t len)
{
	for (uint32_t i = 0; i < img->nr_segs; i++) {
		const struct elf_seg *s = &img->segs[i];

		if (vaddr >= s->vaddr && (uint64_t)vaddr + len <= (uint64_t)s->vaddr + s->memsz)
			return s->addr + (vaddr - s->vaddr);
	}
	return 0;
}

/* The program headers' own address, if a segment holds them. */
static void find_headers(struct elf_image *img)
{
	const struct elf_file *e = &img->file;
	uint64_t start = e->eh.e_phoff, end = start + (uint64_t)e->eh.e_phnum * sizeof(Elf32_Phdr);

	for (uint32_t i = 0; i < e->eh.e_phnum; i++) {
		const Elf32_Phdr *ph = &e->ph[i];
		uint32_t addr;

		if (ph->p_type != PT_LOAD || ph->p_offset > start ||
		    (uint64_t)ph->p_offset + ph->p_filesz < end)
			continue;
		addr = elf_address(img, ph->p_vaddr, ph->p_filesz);
		img->phdr = addr ? addr + (uint32_t)(start - ph->p_offset) : 0;
		return;
	}
}

/* The kernel wants whole entries and a DT_NULL at the end, or kills the program. */
static int find_dynamic(struct loader *l, struct elf_image *img)
{
	const Elf32_Phdr *ph = elf_find(&img->file, PT_DYNAMIC);
	uint32_t addr = ph ? elf_address(img, ph->p_vaddr, ph->p_memsz) : 0;
	Elf32_Dyn last;

	if (!addr)
		return 0;
	if (ph->p_memsz == 0 || ph->p_memsz % sizeof(last) != 0)
		return loader_fail(l, -ENOEXEC, "%sdynamic section of %u bytes", about(l, img), ph->p_memsz);
	if (flat_read(l->flat, &last, addr + ph->p_memsz - (uint32_t)sizeof(last), sizeof(last)))
		return -EFAULT;
	if (last.d_tag != DT_NULL)
		return loader_fail(l, -ENOEXEC, "%sthe dynamic section does not end in DT_NULL",
				   about(l, img));
	img->dynamic = addr;
	return 0;
}

int elf_map(struct loader *l, struct elf_image *img)
{
	int err;

	img->segs = calloc(img->file.loads, sizeof(*img->segs));
	if (!img->segs)
		return -ENOMEM;
	err = img->file.fdpic ? map_split(l, img) : map_block(l, img);
	if (err)
		return err;
	img->entry = elf_address(img, img->file.eh.e_entry, 1);
	find_headers(img);
	return find_dynamic(l, img);
}
