/* SPDX-License-Identifier: MIT
 * A program, or a library (-DLIBRARY), that has its own malloc: all of libc uses it. */
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef USER
static _Alignas(16) unsigned char arena[256 << 10];
static size_t used;
unsigned mallocs, frees;

int in_arena(const void *p)
{
	return (uintptr_t)p - (uintptr_t)arena < sizeof arena;
}

static void *take(size_t align, size_t n)
{
	size_t at = (used + 16 + align - 1) & ~(align - 1);

	if (n > sizeof arena || at > sizeof arena - n) {
		errno = ENOMEM;
		return NULL;
	}
	used = at + n;
	mallocs++;
	*(size_t *)(arena + at - 16) = n;
	return arena + at;
}

void *malloc(size_t n) { return take(16, n); }
void free(void *p) { frees += p && in_arena(p); }
void *calloc(size_t n, size_t m) { return take(16, n * m); }		/* never used before: zero */
size_t malloc_usable_size(void *p) { return p ? *(size_t *)((unsigned char *)p - 16) : 0; }
void *aligned_alloc(size_t align, size_t n) { return take(align, n); }
void *memalign(size_t align, size_t n) { return take(align, n); }

void *realloc(void *p, size_t n)
{
	void *q = take(16, n);
	size_t old = malloc_usable_size(p);

	if (p && q)
		memcpy(q, p, old < n ? old : n);
	free(p);
	return q;
}

int posix_memalign(void **out, size_t align, size_t n)
{
	*out = take(align, n);
	return *out ? 0 : ENOMEM;
}
#else
extern unsigned mallocs, frees;
int in_arena(const void *p);
#endif

#ifndef LIBRARY
static int failed;

static void check(int good, const char *what)
{
	if (!good) {
		printf("not: %s\n", what);
		failed = 1;
	}
}

int main(void)
{
	char *line = NULL, *text = NULL, *path, *(*dup)(const char *) = strdup;
	size_t room = 0, size = 0;
	unsigned before;
	FILE *f;

	check(in_arena(malloc(1)), "malloc");
	check(in_arena(calloc(1, 1)), "calloc");
	check(in_arena(strdup("a")), "strdup");
	check(in_arena(dup("a")), "strdup, by a pointer");
	check(asprintf(&text, "%d", 42) == 2 && in_arena(text), "asprintf");
	f = fmemopen("a line\nand another, longer than the first\n", 43, "r");
	check(in_arena(f), "fmemopen");
	check(getline(&line, &room, f) == 7 && getline(&line, &room, f) > 7 && in_arena(line), "getline");
	before = frees;
	fclose(f);
	check(frees > before, "fclose frees");
	f = open_memstream(&text, &size);
	fputs("text", f);
	fclose(f);
	check(size == 4 && in_arena(text) && !strcmp(text, "text"), "open_memstream");
	path = realpath("/", NULL);
	check(in_arena(path), "realpath");
	check(in_arena(getcwd(NULL, 0)), "getcwd");
	check(in_arena(aligned_alloc(64, 64)), "aligned_alloc");
	before = mallocs;
	setenv("A_NAME", "a value", 1);
	check(mallocs > before, "setenv");
	check(dlsym(RTLD_DEFAULT, "malloc") == (void *)malloc, "&malloc is one for all");
#ifndef USER
	check(dlsym(RTLD_NEXT, "malloc") && dlsym(RTLD_NEXT, "malloc") != (void *)malloc, "behind it there is libc's");
#endif
	puts(failed ? "failed" : "all of libc uses it");
	return failed;
}
#endif
