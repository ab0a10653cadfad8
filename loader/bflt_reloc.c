/* SPDX-License-Identifier: MIT
 *
 * bFLT's two kinds of relocations (kernel fs/binfmt_flat.c load_flat_file(), calc_reloc()): the
 * GOT at the start of the data, walked up to its end mark, and the table behind the data.
 */
#include "loader/bflt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define UNTRANSLATED 0u

static uint32_t swap(uint32_t n)
{
	return __builtin_bswap32(n);
}

/* The address for an offset from the end of the header; UNTRANSLATED if the program does not reach there. */
static uint32_t translate(const struct bflt_file *b, const struct bflt_place *at, uint32_t offset)
{
	uint32_t text = b->text - BFLT_HEADER;

	if (offset > text + b->data + b->bss)
		return UNTRANSLATED;
	return offset < text ? at->text + BFLT_HEADER + offset : at->data + (offset - text);
}

static int outside(struct loader *l, const struct bflt_file *b, uint32_t offset)
{
	return loader_fail(l, -ENOEXEC, "bFLT relocation 0x%x outside of the program (0 to 0x%x)", offset,
			   b->text - BFLT_HEADER + b->data + b->bss);
}

static bool in_block(const struct bflt_place *at, uint32_t addr)
{
	return addr >= at->block && (uint64_t)addr + 4 <= (uint64_t)at->block + at->block_len;
}

static int relocate_got(struct loader *l, const struct bflt_file *b, const struct bflt_place *at)
{
	uint32_t head[2] = { 0, 0 }, got = at->data, word, addr;

	/*
	 * RISC-V's GOT may begin with entries that are kept for ld.so: two of them in ELF32, of which
	 * elf2flt leaves the first as -1, and both in the ELF64 manner, then four words (kernel
	 * skip_got_header()).
	 */
	if (b->data >= 8 && flat_read(l->flat, head, got, sizeof(head)) == 0 && head[0] == BFLT_GOT_END)
		got += head[1] == BFLT_GOT_END ? 16 : 8;
	for (;; got += 4) {
		if (got - at->data > b->data || b->data - (got - at->data) < 4)
			return loader_fail(l, -ENOEXEC, "bFLT: no word of ones ends the GOT");
		if (flat_read(l->flat, &word, got, 4))
			return -EFAULT;
		if (word == BFLT_GOT_END)
			return 0;
		if (word == 0)
			continue;
		addr = translate(b, at, word);
		if (addr == UNTRANSLATED)
			return outside(l, b, word);
		if (flat_write(l->flat, got, &addr, 4))
			return -EFAULT;
	}
}

static int relocate_word(struct loader *l, const struct bflt_file *b, const struct bflt_place *at,
			 uint32_t offset)
{
	uint32_t where = translate(b, at, offset), word, addr;

	if (where == UNTRANSLATED)
		return outside(l, b, offset);
	if (!in_block(at, where)) {
		if (at->split && offset < b->text - BFLT_HEADER)
			return -ETXTBSY;
		return outside(l, b, offset);
	}
	if (flat_read(l->flat, &word, where, 4))
		return -EFAULT;
	if (word == 0)
		return 0;
	if (!(b->flags & BFLT_GOTPIC))
		word = swap(word);
	addr = translate(b, at, word);
	if (addr == UNTRANSLATED)
		return outside(l, b, word);
	return flat_write(l->flat, where, &addr, 4);
}

int bflt_relocate(struct loader *l, const struct bflt_file *b, const struct bflt_place *at)
{
	uint32_t size = b->relocs * 4;
	uint32_t *table;
	int err = 0;

	if (b->flags & BFLT_GOTPIC)
		err = relocate_got(l, b, at);
	if (err || size == 0)
		return err;
	/* A copy: relocating must not change the table while it is being used. */
	table = malloc(size);
	if (!table)
		return -ENOMEM;
	err = flat_read(l->flat, table, at->data + (b->reloc_start - b->text), size);
	for (uint32_t i = 0; !err && i < b->relocs; i++)
		err = relocate_word(l, b, at, swap(table[i]));
	free(table);
	return err;
}
