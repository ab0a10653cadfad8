/* SPDX-License-Identifier: MIT
 *
 * bFLT, the flat format of elf2flt, version 4.  All header words are big-endian; offsets count
 * from the start of the (unpacked) file.
 *
 *	0         header, 64 bytes
 *	64        text
 *	data      data; with GOTPIC it begins with the GOT, which a word of ones ends
 *	data_end  relocation table: big-endian offsets (from the end of the header) of words to relocate
 *	          bss and stack follow in memory
 *
 * A relocated word holds an offset from the end of the header: into text, or, behind it, into
 * data and bss.  It is big-endian in the file, but in the machine's order with GOTPIC.
 * GZIP packs all behind the header, GZDATA all behind the text.
 */
#ifndef LOADER_BFLT_H
#define LOADER_BFLT_H

#include "loader/internal.h"

#define BFLT_VERSION 4u
#define BFLT_HEADER 64u
#define BFLT_DATA_ALIGN 32u		/* the kernel's FLAT_DATA_ALIGN */
#define BFLT_STACK_ALIGN 16u
#define BFLT_GOT_END 0xffffffffu

enum {
	BFLT_RAM     = 0x01,		/* load it all into one block of RAM */
	BFLT_GOTPIC  = 0x02,		/* position-independent with a GOT */
	BFLT_GZIP    = 0x04,
	BFLT_GZDATA  = 0x08,
	BFLT_KTRACE  = 0x10,		/* say in the log that it is loaded */
	BFLT_L1STK   = 0x20,		/* stack in on-chip memory: there is none */
};

struct bflt_file {
	const struct loader_file *file;
	uint32_t entry;			/* offset, within the text */
	uint32_t text;			/* bytes, header included: also the data's offset */
	uint32_t data, bss, stack;	/* bytes */
	uint32_t relocs;		/* number of them */
	uint32_t reloc_start;		/* the table's offset: in the data, or right behind */
	uint32_t packed;		/* bytes of data and relocation table, as they lie in the file */
	uint32_t flags;
	uint32_t build_date;		/* seconds since the epoch, or 0 */
};

/* Where the parts are in memory, for relocations. */
struct bflt_place {
	uint32_t text, data;		/* of the file's first byte (its header), of the data */
	uint32_t block, block_len;	/* the memory of data, bss, stack and, unless split, the text */
	bool split;			/* the text is a mapping of the file, which must not be written to */
};

/*
 * Reads and judges the header.  0, or -ENOEXEC with the reason in `why`, or -errno of the read.
 * Nothing to free.
 */
int bflt_read(struct bflt_file *b, const struct loader_file *file, const struct loader_head *head,
	      char *why, size_t why_size);
/* Bytes of the block that holds the program (if split, all but the text), for a stack of so many bytes. */
uint64_t bflt_block(const struct bflt_file *b, uint64_t stack, bool split);

/*
 * bflt_reloc.c: relocates GOT and words in place.  0, -ENOEXEC with the reason logged, -ENOMEM, or
 * -ETXTBSY when a split text would have to be written to (nothing is logged: load it whole).
 */
int bflt_relocate(struct loader *l, const struct bflt_file *b, const struct bflt_place *at);

/*
 * bflt_inflate.c: unpacks a gzip stream that begins at `offset` of the file into guest memory,
 * len bytes exactly.  0, -ENOEXEC with the reason in *why, -ENOMEM, or -errno of the read.
 */
int bflt_inflate(struct loader *l, const struct loader_file *file, uint64_t offset, uint32_t addr,
		 uint32_t len, const char **why);

#endif
