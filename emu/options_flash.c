/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE	/* memrchr() */
#include "emu/options_flash.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/drivers/mtd.h"

static bool refuse(const char **why, const char *what)
{
	*why = what;
	return false;
}

/* A size of len characters that is one of a flash or its blocks, as far as that can be told here. */
static bool size_of(const char *text, size_t len, uint32_t *out)
{
	char copy[32];
	uint64_t bytes;

	if (len >= sizeof copy)
		return false;
	memcpy(copy, text, len);
	copy[len] = 0;
	if (!options_size(copy, &bytes) || !bytes || bytes > FLASH_SIZE_MAX)
		return false;
	*out = (uint32_t)bytes;
	return true;
}

/* FILE[:SIZE[:ERASE]]; names of files may have colons in them, too: what is no size is a part of the name. */
bool option_flash(struct options *o, const char *text, const char **why)
{
	uint32_t sizes[2] = { 0 };	/* from the end */
	size_t len = strlen(text);
	unsigned n = 0;
	char *file = NULL;

	while (n < 2) {
		const char *colon = memrchr(text, ':', len);

		if (!colon || !size_of(colon + 1, len - (size_t)(colon + 1 - text), &sizes[n]))
			break;
		len = (size_t)(colon - text);
		n++;
	}
	if (!len && !n)
		return refuse(why, "name a file, or say :SIZE for one in memory");
	if (len) {
		file = strndup(text, len);
		if (!file)
			return refuse(why, "out of memory");
	}
	free(o->flash_file);
	o->flash.file = o->flash_file = file;
	o->flash.size = n ? sizes[n - 1] : 0;
	o->flash.erase = n == 2 ? sizes[0] : 0;
	o->flash.set = o->flash_chip;
	return true;
}

bool option_flash_chip(struct options *o, const char *text, const char **why)
{
	if (strcmp(text, "intel") && strcmp(text, "amd"))
		return refuse(why, "must be intel or amd");
	o->flash_chip = strcmp(text, "amd") ? FLASH_INTEL : FLASH_AMD;
	if (o->flash.set)
		o->flash.set = o->flash_chip;
	return true;
}

bool option_flash_time(struct options *o, const char *text, const char **why)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)text[0]) || *end || n > 10000)
		return refuse(why, "not a percentage from 0 to 10000");
	o->flash.time = (unsigned)n;
	return true;
}

bool option_flash_cut(struct options *o, const char *text, const char **why)
{
	char *end = NULL;
	bool good = isdigit((unsigned char)text[0]);
	uint64_t n, seed = 0;

	errno = 0;
	n = good ? strtoull(text, &end, 10) : 0;
	if (good && *end == ':') {
		good = isdigit((unsigned char)end[1]);
		seed = strtoull(end + 1, &end, 10);
	}
	if (!good || *end || !n || errno)
		return refuse(why, "write N or N:SEED, operations counted from 1");
	o->flash.cut = n;
	o->flash.seed = seed;
	return true;
}

/* Whether a flash has that name is seen when there is one. */
bool option_mtdparts(struct options *o, const char *text, const char **why)
{
	static char said[160];

	if (mtd_parts(text, NULL, 0, NULL, NULL, said) < 0)
		return refuse(why, said);
	o->mtdparts = text;
	return true;
}
