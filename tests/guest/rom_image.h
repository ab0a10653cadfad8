/* SPDX-License-Identifier: MIT
 *
 * A romfs and a cramfs, written byte by byte, for the tests rom_*.
 */
#ifndef ROM_IMAGE_H
#define ROM_IMAGE_H

#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#define ROM_PAGE 4096u
#define ROM_SIZE (64u << 10)
#define ROM_BIG (3 * ROM_PAGE + 100)	/* bytes of the file "big": page n is full of 'A' + n */
enum { ROM_ROOT = 32, ROM_BIG_AT = 8192, ROM_BIG_DATA = ROM_BIG_AT + 32 };

static uint8_t rom[ROM_SIZE];

static void rom_word(uint32_t at, uint32_t v, int big)
{
	for (int i = 0; i < 4; i++)
		rom[at + (uint32_t)i] = (uint8_t)(v >> (big ? 24 - 8 * i : 8 * i));
}

static void rom_fill(uint32_t at, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		rom[at + i] = (uint8_t)('A' + i / ROM_PAGE);
}

/* --- romfs: big-endian; types are 0 hard link, 1 directory, 2 file, 3 link, 4 block, 5 char, 6 socket, 7 FIFO, and 8 for x --- */

static void romfs_header(uint32_t at, uint32_t next, uint32_t type, uint32_t spec, uint32_t size, const char *name)
{
	rom_word(at, next | type, 1);
	rom_word(at + 4, spec, 1);
	rom_word(at + 8, size, 1);
	strcpy((char *)rom + at + 16, name);
}

/* The first 512 bytes add up to 0, as words. */
static void romfs_seal(void)
{
	uint32_t sum = 0;

	rom_word(12, 0, 1);
	for (int i = 0; i < 512; i += 4)
		sum += (uint32_t)rom[i] << 24 | (uint32_t)rom[i + 1] << 16 | (uint32_t)rom[i + 2] << 8 | rom[i + 3];
	rom_word(12, 0 - sum, 1);
}

/*
 * a (5 bytes), run (0755), sub/, sub/big, hard = sub/big, link -> sub/big, node (char 1:3), pipe, loop (a hard link to itself),
 * far (one to nowhere)
 */
static void romfs_image(void)
{
	memset(rom, 0, sizeof rom);
	memcpy(rom, "-rom1fs-", 8);
	rom_word(8, ROM_SIZE, 1);
	strcpy((char *)rom + 16, "test");
	romfs_header(ROM_ROOT, 64, 9, ROM_ROOT, 0, ".");
	romfs_header(64, 96, 0, ROM_ROOT, 0, "..");
	romfs_header(96, 144, 2, 0, 5, "a");
	memcpy(rom + 128, "hello", 5);
	romfs_header(144, 176, 10, 0, 0, "run");
	romfs_header(176, 208, 9, 4096, 0, "sub");
	romfs_header(208, 240, 0, ROM_BIG_AT, 0, "hard");
	romfs_header(240, 288, 3, 0, 7, "link");
	memcpy(rom + 272, "sub/big", 7);
	romfs_header(288, 320, 5, 1 << 16 | 3, 0, "node");
	romfs_header(320, 352, 7, 0, 0, "pipe");
	romfs_header(352, 384, 0, 352, 0, "loop");
	romfs_header(384, 0, 0, 0xfffff0, 0, "far");
	romfs_header(4096, 4128, 0, 176, 0, ".");
	romfs_header(4128, ROM_BIG_AT, 0, ROM_ROOT, 0, "..");
	romfs_header(ROM_BIG_AT, 0, 2, 0, ROM_BIG, "big");
	rom_fill(ROM_BIG_DATA, ROM_BIG);
	romfs_seal();
}

/* --- cramfs: little-endian --- */

enum { CRAM_ROOT = 76, CRAM_SUB = 0x300, CRAM_LINK = 0x400, CRAM_BIG = 0x500, CRAM_XIP = 0x600, CRAM_XIP_DATA = 0x9004 };

static uint32_t cram_entry(uint32_t at, uint32_t mode, uint32_t uid, uint32_t gid, uint32_t size, uint32_t offset, const char *name)
{
	uint32_t len = ((uint32_t)strlen(name) + 3) / 4;

	rom_word(at, mode | uid << 16, 0);
	rom_word(at + 4, size | gid << 24, 0);
	rom_word(at + 8, len | offset / 4 << 6, 0);
	memcpy(rom + at + 12, name, strlen(name));
	return at + 12 + 4 * len;
}

/* A zlib stream that stores len bytes of a value as they are (RFC 1950, 1951); where it ends. */
static uint32_t cram_stored(uint32_t at, const void *bytes, uint32_t len)
{
	static const uint8_t head[] = { 0x78, 0x01, 0x01 };
	uint32_t a = 1, b = 0, end = at + 7 + len;

	memcpy(rom + at, head, sizeof head);
	for (int i = 0; i < 2; i++) {
		rom[at + 3 + (uint32_t)i] = (uint8_t)(len >> (8 * i));
		rom[at + 5 + (uint32_t)i] = (uint8_t)(~len >> (8 * i));
	}
	memcpy(rom + at + 7, bytes, len);
	for (uint32_t i = 0; i < len; i++) {
		a = (a + rom[at + 7 + i]) % 65521;
		b = (b + a) % 65521;
	}
	rom_word(end, b << 16 | a, 1);
	return end + 4;
}

/*
 * big: as that of the romfs, page 1 a hole. xip: three pages that lie as they are, in one run. link, node (char 1:3), pipe,
 * sub/empty, and bad: what is in it is no stream.
 */
static void cramfs_image(void)
{
	static uint8_t page[ROM_PAGE];
	uint32_t at = CRAM_ROOT, end = 0x2000;

	memset(rom, 0, sizeof rom);
	rom_word(0, 0x28cd3d45, 0);
	rom_word(4, ROM_SIZE, 0);
	rom_word(8, 0x903, 0);
	memcpy(rom + 16, "Compressed ROMFS", 16);
	rom_word(40, 9, 0);
	rom_word(44, 8, 0);
	at = cram_entry(at, S_IFREG | 0644, 0, 0, 100, 0x700, "bad");
	at = cram_entry(at, S_IFREG | 0640, 1000, 100, ROM_BIG, CRAM_BIG, "big");
	at = cram_entry(at, S_IFLNK | 0777, 0, 0, 9, CRAM_LINK, "link");
	at = cram_entry(at, S_IFCHR | 0600, 0, 0, 1 << 8 | 3, 0, "node");
	at = cram_entry(at, S_IFIFO | 0644, 0, 0, 0, 0, "pipe");
	at = cram_entry(at, S_IFDIR | 0750, 0, 0, 12 + 8, CRAM_SUB, "sub");
	at = cram_entry(at, S_IFREG | 0755, 0, 0, 2 * ROM_PAGE + 100, CRAM_XIP, "xip");
	cram_entry(64, S_IFDIR | 0200, 0, 0, at - CRAM_ROOT, CRAM_ROOT, "");
	cram_entry(CRAM_SUB, S_IFREG | 0600, 0, 0, 0, 0, "empty");
	rom_word(CRAM_LINK, cram_stored(CRAM_LINK + 4, "sub/empty", 9), 0);
	rom_word(0x700, 0x700 + 4 + 50, 0);
	for (uint32_t n = 0; n < 4; n++) {
		uint32_t start = (end + 3) & ~3u, len = n < 3 ? ROM_PAGE : 100;

		memset(page, (int)('A' + n), sizeof page);
		if (n == 1) {	/* a direct pointer to a block of no bytes */
			rom_word(CRAM_BIG + 4, (start + 0x20) >> 2 | 1u << 30, 0);
			end = start + 0x40;
			continue;
		}
		end = cram_stored(start + 2, page, len);
		rom[start] = (uint8_t)(end - start - 2);
		rom[start + 1] = (uint8_t)((end - start - 2) >> 8);
		rom_word(CRAM_BIG + 4 * n, start >> 2 | 1u << 30, 0);
	}
	for (uint32_t n = 0; n < 3; n++)
		rom_word(CRAM_XIP + 4 * n, (CRAM_XIP_DATA + n * ROM_PAGE) >> 2 | 3u << 30, 0);
	rom_fill(CRAM_XIP_DATA, 2 * ROM_PAGE + 100);
}

#endif
