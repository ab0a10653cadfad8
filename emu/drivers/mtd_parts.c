/* SPDX-License-Identifier: MIT
 *
 * Partitions as the kernel's command line has them (drivers/mtd/parsers/cmdlinepart.c), with its rules: a part without an offset lies
 * behind the one before it, what goes beyond the end is cut, what has no size then is left out.
 */
#include "emu/drivers/mtd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	const char *at;
	char *why;
	unsigned nr;		/* parts of this flash so far */
};

/* One part as it is written; sizes may be more than there is. */
struct written {
	uint64_t size, offset;	/* UINT64_MAX: the rest; behind the one before */
	const char *name;
	size_t name_len;	/* 0: none */
	bool read_only, locked;
};

static int wrong(struct parser *p, const char *what)
{
	snprintf(p->why, 160, "%s at '%.40s'", what, p->at);
	return -EINVAL;
}

/* memparse(): a number as C has them, and a unit. */
static bool number(struct parser *p, uint64_t *out)
{
	static const char units[] = "KMGTPE";
	char *end;
	const char *unit;

	if (*p->at < '0' || *p->at > '9')
		return false;
	errno = 0;
	*out = strtoull(p->at, &end, 0);
	if (errno)
		return false;
	p->at = end;
	unit = *end ? strchr(units, *end & ~0x20) : NULL;
	if (!unit)
		return true;
	for (const char *u = units; u <= unit; u++) {
		if (*out >> 54)
			return false;
		*out <<= 10;
	}
	p->at++;
	return true;
}

static bool word(struct parser *p, const char *w)
{
	size_t len = strlen(w);

	if (strncmp(p->at, w, len))
		return false;
	p->at += len;
	return true;
}

static int part_of_text(struct parser *p, struct written *w)
{
	const char *close;

	*w = (struct written){ .size = UINT64_MAX, .offset = UINT64_MAX };
	if (!word(p, "-") && (!number(p, &w->size) || !w->size))
		return wrong(p, "not the size of a partition");
	if (word(p, "@") && !number(p, &w->offset))
		return wrong(p, "not the offset of a partition");
	if (word(p, "(")) {
		close = strchr(p->at, ')');
		if (!close)
			return wrong(p, "a partition's name without its ')'");
		if (close - p->at >= MTD_NAME_MAX)
			return wrong(p, "a partition's name that is too long");
		w->name = p->at;
		w->name_len = (size_t)(close - p->at);
		p->at = close + 1;
	}
	w->read_only = word(p, "ro");
	w->locked = word(p, "lk");
	if (*p->at == ',' && w->size == UINT64_MAX)
		return wrong(p, "no partition can follow one that takes all the rest,");
	if (*p->at && *p->at != ',' && *p->at != ';')
		return wrong(p, "not what can follow a partition");
	return 0;
}

/* Where it lies, and fn is told; *next is where the one behind it would begin. */
static int place(struct parser *p, const struct written *w, uint32_t size, uint64_t *next, mtd_part_fn fn, void *ctx)
{
	uint64_t offset = w->offset == UINT64_MAX ? *next : w->offset, len = w->size;
	struct mtd_part part = { .read_only = w->read_only, .locked = w->locked };

	if (offset > size)
		offset = size;
	if (len > size - offset)
		len = size - offset;
	*next = offset + len;
	if (!len)
		return 0;
	part.offset = (uint32_t)offset;
	part.size = (uint32_t)len;
	if (w->name)
		snprintf(part.name, sizeof part.name, "%.*s", (int)w->name_len, w->name);
	else
		snprintf(part.name, sizeof part.name, "Partition_%03u", p->nr);
	p->nr++;
	return fn ? fn(ctx, &part) : 0;
}

/* The flash's name ends at the last ':' before the first part: names may have some of their own. */
static const char *name_end(const char *s)
{
	size_t len = strcspn(s, "(;");
	const char *end = s + len;

	while (end > s && end[-1] != ':')
		end--;
	return end > s ? end - 1 : NULL;
}

int mtd_parts(const char *text, const char *name, uint32_t size, mtd_part_fn fn, void *ctx, char why[160])
{
	struct parser p = { .at = text, .why = why };
	struct written w;
	int err;

	for (;;) {
		const char *end = name_end(p.at);
		bool ours = end && name && strlen(name) == (size_t)(end - p.at) && !memcmp(p.at, name, strlen(name));
		uint64_t next = 0;

		if (!end)
			return wrong(&p, "no name of a flash with a ':'");
		p.at = end + 1;
		do {
			err = part_of_text(&p, &w);
			if (!err && ours)
				err = place(&p, &w, size, &next, fn, ctx);
			if (err)
				return err;
		} while (word(&p, ","));
		if (!word(&p, ";"))
			return (int)p.nr;
	}
}
