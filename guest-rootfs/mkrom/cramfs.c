/* SPDX-License-Identifier: MIT
 *
 * A cramfs (fs/cramfs/README of the kernel): the directories, then the files, each with its block pointers before it and its pages
 * compressed one by one; pages of zeros are holes.  Pages to be executed in place lie in one run behind everything, as they are.
 * Of an ELF program that is what no segment writes to; what does is copied at each start anyway, and so is compressed.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>
#include "mkrom.h"

enum {
	SUPER = 76, INODE = 12, NAME_MOST = 252, FILE_MOST = (1 << 24) - 1,
	FSID_2 = 1, SORTED = 2, HOLES = 0x100, EXT_POINTERS = 0x800,
};
#define MAGIC 0x28cd3d45u
#define PLAIN (1u << 31)
#define DIRECT (1u << 30)
#define OFFSET_MOST ((1u << 28) - 4)	/* of what an inode can point to */

static void put(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t pages_of(const struct node *n)
{
	return (n->size + PAGE - 1) / PAGE;
}

/* --- Directories --- */

static uint32_t entry_len(const struct node *n)
{
	return INODE + up((uint32_t)strlen(n->name), 4);
}

static uint32_t dir_len(const struct node *dir)
{
	uint32_t len = 0;

	for (size_t i = 0; i < dir->nr; i++)
		len += entry_len(dir->children[i]);
	return len;
}

/* `at` becomes where a directory's entries are; where they end. */
static uint32_t place_directories(struct tree *t, uint32_t at)
{
	for (struct node *n = t->root; n; n = n->next) {
		if (strlen(n->name) > NAME_MOST)
			fail("%s: a name may have %d bytes", n->name, NAME_MOST);
		if (n->size > FILE_MOST)
			fail("%s: a file may have 16 MiB in a cramfs", n->name);
		if (!S_ISDIR(n->mode))
			continue;
		n->at = n->nr ? at : 0;
		at += dir_len(n);
	}
	return at;
}

static void put_inode(uint8_t *p, const struct node *n)
{
	uint32_t size = n->size;

	if (S_ISDIR(n->mode))
		size = dir_len(n);
	else if (S_ISCHR(n->mode) || S_ISBLK(n->mode))
		size = (n->major & 0xff) << 8 | (n->minor & 0xff);
	if (n->at > OFFSET_MOST || size > FILE_MOST)
		fail("%s: too large for a cramfs", n->name);
	put(p, n->mode | n->uid << 16);
	put(p + 4, size | n->gid << 24);
	put(p + 8, up((uint32_t)strlen(n->name), 4) / 4 | n->at / 4 << 6);
}

static void put_directories(struct tree *t, struct image *out)
{
	for (const struct node *dir = t->root; dir; dir = dir->next) {
		uint32_t at = dir->at;

		for (size_t i = 0; S_ISDIR(dir->mode) && i < dir->nr; i++) {
			const struct node *n = dir->children[i];
			uint8_t *p = image_at(out, at, entry_len(n));

			put_inode(p, n);
			memcpy(p + INODE, n->name, strlen(n->name));
			at += entry_len(n);
		}
	}
}

/* --- Files --- */

/* Which pages of an ELF program nobody writes to; of a file that is none, all. */
static void choose_pages(const struct node *n, uint8_t *chosen)
{
	const Elf32_Ehdr *eh = (const void *)n->data;
	const Elf32_Phdr *ph;

	if (n->size < sizeof *eh || memcmp(eh->e_ident, ELFMAG, SELFMAG) || eh->e_ident[EI_CLASS] != ELFCLASS32 ||
	    eh->e_ident[EI_DATA] != ELFDATA2LSB || eh->e_phentsize != sizeof *ph || eh->e_phoff % 4 ||
	    eh->e_phoff > n->size || eh->e_phnum > (n->size - eh->e_phoff) / sizeof *ph) {
		memset(chosen, 1, pages_of(n));
		return;
	}
	ph = (const void *)(n->data + eh->e_phoff);
	for (unsigned i = 0; i < eh->e_phnum; i++) {
		uint64_t end = (uint64_t)ph[i].p_offset + ph[i].p_filesz;

		if (ph[i].p_type != PT_LOAD || (ph[i].p_flags & PF_W) || !ph[i].p_filesz)
			continue;
		if (end > n->size)
			end = n->size;
		for (uint64_t page = ph[i].p_offset / PAGE; page * PAGE < end; page++)
			chosen[page] = 1;
	}
}

static bool zeros(const uint8_t *p, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		if (p[i])
			return false;
	return true;
}

static uint32_t bytes_in(const struct node *n, uint32_t page)
{
	return n->size - page * PAGE < PAGE ? n->size - page * PAGE : PAGE;
}

/* The features that are used: what does not know them (fsck.cramfs) knows the rest. */
static uint32_t features(const struct tree *t)
{
	uint32_t flags = FSID_2 | SORTED;

	for (const struct node *n = t->root; n; n = n->next) {
		flags |= n->in_place ? EXT_POINTERS : 0;
		for (uint32_t i = 0; i < pages_of(n); i++)
			flags |= zeros(n->data + i * PAGE, bytes_in(n, i)) ? HOLES : 0;
	}
	return flags;
}

/* Block `page` of the file at `at`; where it ends, and in *flag that it is as it was, which only plain allows. */
static uint32_t put_block(const struct node *n, uint32_t page, uint32_t at, bool plain, uint32_t *flag, struct image *out)
{
	const uint8_t *src = n->data + page * PAGE;
	uint32_t len = bytes_in(n, page);
	uLongf packed = compressBound(PAGE);
	uint8_t *p;

	*flag = 0;
	if (zeros(src, len))
		return at;
	p = image_at(out, at, (uint32_t)packed);
	if (compress2(p, &packed, src, len, Z_BEST_COMPRESSION) != Z_OK)
		fail("%s: zlib", n->name);
	if (packed < len || !plain)
		return at + (uint32_t)packed;
	memcpy(p, src, len);
	*flag = PLAIN;
	return at + len;
}

/* A block that is compressed, as one that says where it begins: its length is before it. */
static uint32_t put_direct(const struct node *n, uint32_t page, uint32_t at, uint32_t *pointer, struct image *out)
{
	uint32_t flag, start = up(at, 4), end = put_block(n, page, start + 2, true, &flag, out), len = end - start - 2;
	uint8_t *p = image_at(out, start, 2);

	if (flag) {	/* it is longer than it was: a page where it lies */
		memmove(p, p + 2, len);
		*pointer = start >> 2 | DIRECT | PLAIN;
		return start + (len < PAGE ? up(len, 4) : PAGE);
	}
	p[0] = (uint8_t)len;
	p[1] = (uint8_t)(len >> 8);
	*pointer = start >> 2 | DIRECT;
	return end;
}

/* Pointers and what is compressed of a file; pages in place are pointed to from `run` on.  Where it ends. */
static uint32_t put_file(const struct node *n, const uint8_t *chosen, uint32_t run, bool extended, struct image *out)
{
	uint32_t at = n->at + 4 * pages_of(n), flag, pointer;
	bool mixed = false;

	for (uint32_t i = 0; i < pages_of(n); i++)
		mixed |= chosen[i];
	for (uint32_t i = 0; i < pages_of(n); i++) {
		if (chosen[i]) {
			pointer = run >> 2 | DIRECT | PLAIN;
			run += PAGE;
		} else if (mixed) {
			at = put_direct(n, i, at, &pointer, out);
		} else {
			at = put_block(n, i, at, extended, &flag, out);
			pointer = at | flag;
		}
		put(image_at(out, n->at + 4 * i, 4), pointer);
	}
	return up(at, 4);
}

/* All files, links included; pages in place behind everything.  *blocks is how many pages there are. */
static void put_files(struct tree *t, const struct layout *l, uint32_t at, bool extended, uint32_t *blocks, struct image *out)
{
	uint8_t **chosen = need(calloc(t->nodes, sizeof *chosen));
	uint32_t i, run;

	/* Twice: what is compressed must be there for the place of the rest to be known. */
	for (int pass = 0; pass < 2; pass++) {
		uint32_t end = at;

		run = up(out->size, l->align);
		i = 0;
		for (struct node *n = t->root; n; n = n->next, i++) {
			uint32_t here = up(run, l->align), pages = pages_of(n), direct = 0;

			if (!n->size || n->same)
				continue;
			if (!chosen[i]) {
				chosen[i] = need(calloc(pages, 1));
				if (n->in_place)
					choose_pages(n, chosen[i]);
				*blocks += pages;
			}
			for (uint32_t k = 0; k < pages; k++)
				direct += chosen[i][k];
			n->at = end;
			end = put_file(n, chosen[i], here, extended, out);
			for (uint32_t k = 0; pass && k < pages; k++) {
				if (!chosen[i][k])
					continue;
				memcpy(image_at(out, here, PAGE), n->data + k * PAGE, bytes_in(n, k));
				here += PAGE;
			}
			if (direct)
				run = pass ? here : here + direct * PAGE;
		}
	}
	for (i = 0; i < t->nodes; i++)
		free(chosen[i]);
	free(chosen);
}

void cramfs_write(struct tree *t, const struct layout *l, struct image *out)
{
	uint32_t at = place_directories(t, SUPER), blocks = 0, flags = features(t);
	uint8_t *p;

	image_at(out, 0, at);
	put_files(t, l, at, flags & EXT_POINTERS, &blocks, out);
	for (struct node *n = t->root; n; n = n->next) {
		if (n->same)
			n->at = n->same->at;
		else if (!n->size && !S_ISDIR(n->mode))
			n->at = 0;
	}
	put_directories(t, out);
	image_at(out, out->size, up(out->size, PAGE) - out->size);
	p = out->bytes;
	put(p, MAGIC);
	put(p + 4, out->size);
	put(p + 8, flags);
	memcpy(p + 16, "Compressed ROMFS", 16);
	put(p + 40, blocks);
	put(p + 44, t->nodes);
	strncpy((char *)p + 48, l->volume, 16);
	put_inode(p + 64, t->root);
	put(p + 32, (uint32_t)crc32(0, p, out->size));
}
