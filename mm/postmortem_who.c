/* SPDX-License-Identifier: MIT */
#include "mm/postmortem_who.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mm/shm_internal.h"

#define USERS 4	/* named; the rest is summed up */

__attribute__((format(printf, 3, 4)))
static void append(char *out, size_t size, const char *format, ...)
{
	size_t used = strlen(out);
	va_list args;

	va_start(args, format);
	vsnprintf(out + used, size - used, format, args);
	va_end(args);
}

void size_text(char *out, uint32_t pages)
{
	uint32_t kib = pages * (FLAT_PAGE_SIZE / 1024);

	if (kib >= 1024 && kib % 1024 == 0)
		snprintf(out, SIZE_TEXT, "%u MiB", kib / 1024);
	else
		snprintf(out, SIZE_TEXT, "%u KiB", kib);
}

/* What a region without a source is to the space that has it. */
static const char *kind(const struct mm_region *r, const struct mm_space *s)
{
	const struct mm_layout *l = s ? &s->layout : NULL;

	if (!l)
		return "memory";
	if (l->start_stack && r->start <= l->start_stack && l->start_stack <= r->end)
		return "stack";
	if (l->start_code && r->start <= l->start_code && l->start_code < r->end)
		return "program";
	if (l->start_data && r->start <= l->start_data && l->start_data < r->end)
		return "data of the program";
	return "anonymous";
}

void holder_text(char *out, const struct survey_holder *h)
{
	const struct mm_region *r = h->region;
	char size[SIZE_TEXT];

	out[0] = '\0';
	if (!r) {
		append(out, WHO_TEXT, "SysV segment %d, key 0x%08x: nobody has attached it", h->segment->perm.id,
		       (uint32_t)h->segment->name);
		return;
	}
	if (!h->space)
		append(out, WHO_TEXT, "a mapping that is being made, ");
	else if (h->spaces == 1)
		append(out, WHO_TEXT, "pid %d (%s), ", h->space->pid, h->space->comm);
	else
		append(out, WHO_TEXT, "pid %d (%s) and %u more, ", h->space->pid, h->space->comm, h->spaces - 1);
	if (r->source && r->source->ops->identify) {
		uint32_t major, minor;
		uint64_t inode;
		char path[160] = "";

		r->source->ops->identify(r->source, &major, &minor, &inode, path, sizeof(path));
		append(out, WHO_TEXT, "%s of %s", r->copy ? "a copy" : "the pages", path);
	} else {
		append(out, WHO_TEXT, "%s", kind(r, h->space));
	}
	if (h->slack) {
		size_text(size, h->slack);
		append(out, WHO_TEXT, h->slack == h->pages ? ", all of it slack" : ", %s of it slack", size);
	}
}

void users_text(char *out, const struct survey *v)
{
	struct { const struct mm_space *space; uint32_t pages; } users[USERS] = { { NULL, 0 } };
	uint32_t left = v->window_used;
	unsigned nr = 0;
	bool shared = false;
	char size[SIZE_TEXT];

	out[0] = '\0';
	for (unsigned i = 0; i < v->nr_holders; i++) {
		const struct survey_holder *h = &v->holders[i];
		unsigned u = 0;

		if (!h->space)
			continue;
		while (u < nr && users[u].space != h->space)
			u++;
		if (u == USERS)
			continue;
		if (u == nr)
			users[nr++].space = h->space;
		users[u].pages += h->pages;
		shared |= h->spaces > 1;
		left -= h->pages;
		for (; u && users[u].pages > users[u - 1].pages; u--) {
			__typeof__(users[0]) higher = users[u];

			users[u] = users[u - 1];
			users[u - 1] = higher;
		}
	}
	for (unsigned u = 0; u < nr; u++) {
		size_text(size, users[u].pages);
		append(out, WHO_TEXT, "%spid %d (%s)", u ? ", " : "", users[u].space->pid, users[u].space->comm);
		if (nr > 1 || left)
			append(out, WHO_TEXT, " %s", size);
	}
	if (shared)
		append(out, WHO_TEXT, " and those who share it");
	if (left) {
		size_text(size, left);
		append(out, WHO_TEXT, nr ? ", others %s" : "files and segments", size);
	}
}
