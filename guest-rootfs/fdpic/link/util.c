/* SPDX-License-Identifier: MIT */
#include "util.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned errors;

static void say(const char *format, va_list ap)
{
	fputs("flat32-ld-fdpic: error: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
}

_Noreturn void die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(format, ap);
	va_end(ap);
	exit(1);
}

void error(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(format, ap);
	va_end(ap);
	if (++errors >= 20)
		die("too many errors");
}

void errors_stop(void)
{
	if (errors)
		exit(1);
}

void *alloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		die("out of memory");
	return p;
}

void *grow(void *old, size_t size)
{
	void *p = realloc(old, size);

	if (!p)
		die("out of memory");
	return p;
}

char *text(const char *format, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, format);
	n = vasprintf(&s, format, ap);
	va_end(ap);
	if (n < 0)
		die("out of memory");
	return s;
}

void texts_add(struct texts *t, const char *s)
{
	t->v = grow(t->v, (t->n + 2) * sizeof(*t->v));
	t->v[t->n++] = (char *)s;
	t->v[t->n] = NULL;
}

void texts_join(struct texts *t, const struct texts *more)
{
	for (size_t i = 0; i < more->n; i++)
		texts_add(t, more->v[i]);
}

const char *after(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) ? NULL : s + n;
}

/* FNV-1a; the place of name, or the free one where it would go. */
static struct name_slot *place(const struct names *t, const char *name)
{
	uint32_t hash = 2166136261u;

	for (const char *c = name; *c; c++)
		hash = (hash ^ (uint8_t)*c) * 16777619u;
	for (size_t i = hash & (t->size - 1);; i = (i + 1) & (t->size - 1))
		if (!t->slots[i].name || !strcmp(t->slots[i].name, name))
			return &t->slots[i];
}

uint32_t names_find(const struct names *t, const char *name)
{
	struct name_slot *slot = t->size ? place(t, name) : NULL;

	return slot && slot->name ? slot->value : NO_NAME;
}

void names_set(struct names *t, const char *name, uint32_t value)
{
	struct name_slot *slot;

	if (t->used * 2 >= t->size) {
		struct names bigger = { .size = t->size ? t->size * 2 : 64 };

		bigger.slots = alloc(bigger.size * sizeof(*bigger.slots));
		for (size_t i = 0; i < t->size; i++)
			if (t->slots[i].name)
				*place(&bigger, t->slots[i].name) = t->slots[i];
		bigger.used = t->used;
		free(t->slots);
		*t = bigger;
	}
	slot = place(t, name);
	if (!slot->name)
		t->used++;
	slot->name = name;
	slot->value = value;
}
