/* SPDX-License-Identifier: MIT
 *
 * The host's allocations: counted, and the Nth fails.  For tests that are linked with $(OOM) (rules.mk); libraries loaded at run
 * time are not asked.
 */
#ifndef TESTS_UNIT_OOM_KIT_H
#define TESTS_UNIT_OOM_KIT_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static long fail_in;		/* 1: the next one fails, and this is 0; 0: none does */
static long alive;		/* allocated and not freed */

static bool allocation_fails(void)
{
	return fail_in && --fail_in == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *s);
void __wrap_free(void *p);

void *__wrap_malloc(size_t size)
{
	void *p = allocation_fails() ? NULL : __real_malloc(size);

	alive += p != NULL;
	return p;
}

void *__wrap_calloc(size_t n, size_t size)
{
	void *p = allocation_fails() ? NULL : __real_calloc(n, size);

	alive += p != NULL;
	return p;
}

void *__wrap_realloc(void *old, size_t size)
{
	void *p = allocation_fails() ? NULL : __real_realloc(old, size);

	alive += p && !old;
	return p;
}

char *__wrap_strdup(const char *s)
{
	char *p = __wrap_malloc(strlen(s) + 1);

	return p ? strcpy(p, s) : NULL;
}

void __wrap_free(void *p)
{
	alive -= p != NULL;
	__real_free(p);
}

#endif
