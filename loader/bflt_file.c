/* SPDX-License-Identifier: MIT */
#include "loader/bflt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX_PART (1u << 28)	/* the kernel's idea of the reasonable for each of them */

bool bflt_is(const struct loader_head *head)
{
	return memcmp(head->bytes, "bFLT", 4) == 0;
}

static uint32_t word(const struct loader_head *head, unsigned nr)
{
	const uint8_t *p = head->bytes + nr * 4;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* What must be in the file as it is on disk. */
static uint64_t stored(const struct bflt_file *b)
{
	if (b->flags & BFLT_GZIP)
		return BFLT_HEADER;
	if (b->flags & BFLT_GZDATA)
		return b->text;
	return (uint64_t)b->text + b->packed;
}

int bflt_read(struct bflt_file *b, const struct loader_file *file, const struct loader_head *head,
	      char *why, size_t why_size)
{
	uint32_t version = word(head, 1), data_end = word(head, 4), bss_end = word(head, 5);
	uint64_t packed;

	memset(b, 0, sizeof(*b));
	b->file = file;
	if (head->have < BFLT_HEADER) {
		snprintf(why, why_size, "the file ends within the bFLT header");
		return -ENOEXEC;
	}
	if (version != BFLT_VERSION) {
		snprintf(why, why_size, "bFLT version %u (only %u runs)", version, BFLT_VERSION);
		return -ENOEXEC;
	}
	b->entry = word(head, 2) & 0xffffff;	/* the kernel leaves the upper byte to library numbers */
	b->text = word(head, 3);
	b->stack = word(head, 6);
	b->reloc_start = word(head, 7);
	b->relocs = word(head, 8);
	b->flags = word(head, 9);
	b->build_date = word(head, 10);
	if (b->text < BFLT_HEADER || data_end < b->text || bss_end < data_end) {
		snprintf(why, why_size, "bFLT header: text to 0x%x, data to 0x%x, bss to 0x%x do not ascend",
			 b->text, data_end, bss_end);
		return -ENOEXEC;
	}
	b->data = data_end - b->text;
	b->bss = bss_end - data_end;
	packed = b->data + (uint64_t)b->relocs * 4;
	if ((b->text | b->data | b->bss | b->stack | b->relocs | packed) >= MAX_PART) {
		snprintf(why, why_size, "bFLT header: a part of 256 MiB or more (text 0x%x, data 0x%x, "
			 "bss 0x%x, stack 0x%x, %u relocations)", b->text, b->data, b->bss, b->stack,
			 b->relocs);
		return -ENOEXEC;
	}
	b->packed = (uint32_t)packed;
	if (b->relocs && (b->reloc_start < b->text || b->reloc_start > data_end)) {
		snprintf(why, why_size, "bFLT header: the relocation table at 0x%x is not behind the data "
			 "(0x%x to 0x%x)", b->reloc_start, b->text, data_end);
		return -ENOEXEC;
	}
	if (b->entry < BFLT_HEADER || b->entry >= b->text) {
		snprintf(why, why_size, "bFLT header: the entry point 0x%x lies outside of the text",
			 b->entry);
		return -ENOEXEC;
	}
	if (stored(b) > file->size) {
		snprintf(why, why_size, "the file has %llu bytes, its header speaks of %llu: is it complete?",
			 (unsigned long long)file->size, (unsigned long long)stored(b));
		return -ENOEXEC;
	}
	return 0;
}

uint64_t bflt_block(const struct bflt_file *b, uint64_t stack, bool split)
{
	uint64_t text = split ? 0 :
		((uint64_t)b->text + BFLT_DATA_ALIGN - 1) & ~(uint64_t)(BFLT_DATA_ALIGN - 1);
	uint64_t extra = b->bss + stack, table = (uint64_t)b->relocs * 4;

	/* The relocation table lies where bss and stack will be, until it has been used. */
	if (extra < table)
		extra = table;
	return (text + b->data + extra + FLAT_PAGE_SIZE - 1) & ~(uint64_t)(FLAT_PAGE_SIZE - 1);
}
