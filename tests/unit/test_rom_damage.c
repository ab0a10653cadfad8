/* SPDX-License-Identifier: MIT
 *
 * Damaged images of romfs and cramfs, thousands of them: the short form of `make fuzz-rom`.  Made from the images that mkrom
 * would make of a small tree; each has a few bytes, or words, that are others, and words are such as an offset might be.
 */
#include <check.h>
#include "tests/fuzz/rom/poke.h"

enum { SIZE = 24576, ROUNDS = 3000 };

static uint64_t seed = 88172645463325252u;

static uint32_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16);
}

static void put(uint8_t *p, uint32_t v, bool big)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (big ? 24 - 8 * i : 8 * i));
}

static void header(uint8_t *b, uint32_t at, uint32_t next, uint32_t spec, uint32_t size, const char *name)
{
	put(b + at, next, true);
	put(b + at + 4, spec, true);
	put(b + at + 8, size, true);
	strcpy((char *)b + at + 16, name);
}

static void make_romfs(uint8_t *b)
{
	memset(b, 0, SIZE);
	memcpy(b, "-rom1fs-", 8);
	put(b + 8, SIZE - 1, true);
	header(b, 32, 64 | 9, 32, 0, ".");
	header(b, 64, 96, 32, 0, "..");
	header(b, 96, 128 | 9, 512, 0, "dir");
	header(b, 128, 192 | 3, 0, 9, "link");
	strcpy((char *)b + 160, "dir/file1");
	header(b, 192, 224, 1024, 0, "hard");
	header(b, 224, 256 | 5, 1 << 16 | 3, 0, "null");
	header(b, 256, 10, 0, 100, "program");
	for (uint32_t i = 0; i < 8; i++) {
		char name[8];

		snprintf(name, sizeof name, "file%u", i);
		header(b, 512 + 32 * i, (i < 7 ? 512 + 32 * (i + 1) : 1024) | (i == 3 ? 9u : 2u), i == 3 ? 96 : 0,
		       i == 3 ? 0 : 16, name);
	}
	header(b, 1024, 2, 0, 5 * 4096 - 100, "large");
}

static uint32_t entry(uint8_t *b, uint32_t at, uint32_t mode, uint32_t size, uint32_t offset, const char *name)
{
	uint32_t len = ((uint32_t)strlen(name) + 3) / 4;

	put(b + at, mode, false);
	put(b + at + 4, size, false);
	put(b + at + 8, len | offset / 4 << 6, false);
	memcpy(b + at + 12, name, strlen(name));
	return at + 12 + 4 * len;
}

static void make_cramfs(uint8_t *b)
{
	uint32_t at = 76, end = 0x400 + 16;
	uint8_t page[4096];

	memset(b, 0, SIZE);
	put(b, CRAMFS_MAGIC, false);
	put(b + 4, SIZE - 1, false);
	put(b + 8, 0x903, false);
	at = entry(b, at, S_IFREG | 0755, 4 * 4096 - 500, 0x400, "file");
	at = entry(b, at, S_IFDIR | 0755, 40, 0x300, "subdir");
	at = entry(b, at, S_IFCHR | 0600, 0x103, 0, "null");
	at = entry(b, at, S_IFREG | 0644, 3 * 4096, 0x380, "program");
	entry(b, entry(b, 0x300, S_IFLNK | 0777, 200, 0x400, "link"), S_IFREG | 0644, 4 * 4096, 0x400, "same");
	entry(b, 64, S_IFDIR | 0755, at - 76, 76, "");
	for (uint32_t i = 0; i < 4; i++) {
		uLongf len = 300;

		memset(page, (int)('a' + i), sizeof page);
		compress(b + end, &len, page, sizeof page);
		end += (uint32_t)len;
		put(b + 0x400 + 4 * i, end, false);
	}
	for (uint32_t i = 0; i < 3; i++)
		put(b + 0x380 + 4 * i, (0x1004 + i * 4096) >> 2 | CRAMFS_POINTER_FLAGS, false);
}

/* A word such as the formats have them. */
static uint32_t word(void)
{
	static const uint32_t odd[] = { 0, 1, 16, 32, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff, SIZE, SIZE - 16 };

	switch (rnd() % 4) {
	case 0: return odd[rnd() % (sizeof odd / sizeof *odd)];
	case 1: return rnd() % (2 * SIZE);
	case 2: return (rnd() % 64 * 32 & ~15u) | rnd() % 16;
	}
	return rnd();
}

static void damage(uint8_t *b, bool big)
{
	for (uint32_t n = rnd() % 6 + 1; n; n--) {
		uint32_t at = rnd() % (rnd() % 4 ? 1200 : SIZE - 4);

		if (rnd() % 3)
			put(b + (at & ~3u), word(), big);
		else
			b[at] = (uint8_t)rnd();
	}
}

START_TEST(nothing_happens)
{
	static uint8_t image[SIZE + 1];
	bool cramfs = _i;

	for (int i = 0; i < ROUNDS; i++) {
		if (cramfs)
			make_cramfs(image);
		else
			make_romfs(image);
		if (i)
			damage(image, !cramfs);
		image[SIZE] = (uint8_t)(cramfs | 2 | (i % 8 == 1 ? 4 : 0));
		poke(image, sizeof image);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rom_damage");
	TCase *t = tcase_create("rom_damage");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, nothing_happens, 0, 2);
	tcase_set_timeout(t, 300);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
