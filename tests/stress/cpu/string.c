/* SPDX-License-Identifier: MIT
 * libc's functions of memory and strings, beside loops over bytes.
 */
#include "../stress.h"

#define SIZE 600

/* Copies that overlap, of any length and alignment, beside the same byte by byte. */
enum stress_status stress_memcpy(struct worker *w)
{
	uint8_t a[SIZE], b[SIZE];

	stress_fill(a, SIZE, w->number, 0);
	memcpy(b, a, SIZE);
	while (stress_go(w)) {
		uint32_t n = stress_below(w, SIZE / 2), from = stress_below(w, SIZE / 2), to = stress_below(w, SIZE / 2);

		memmove(a + to, a + from, n);
		if (to <= from)
			for (uint32_t i = 0; i < n; i++)
				b[to + i] = b[from + i];
		else
			for (uint32_t i = n; i--; )
				b[to + i] = b[from + i];
		if (memcmp(a, b, SIZE))
			stress_fail(w, "memmove of %lu from %lu to %lu", (unsigned long)n, (unsigned long)from, (unsigned long)to);
		n = stress_below(w, 64), to = stress_below(w, SIZE - 64);
		memset(a + to, (int)n, n);
		for (uint32_t i = 0; i < n; i++)
			b[to + i] = n;
		if (memcmp(a, b, SIZE))
			stress_fail(w, "memset of %lu at %lu", (unsigned long)n, (unsigned long)to);
		/* so that there is always something to see */
		n = stress_below(w, 8), from = stress_below(w, SIZE - 64);
		stress_fill(a + from, 60, stress_random(w), n);
		memcpy(b + from, a + from, 60);
		stress_bogo(w);
	}
	return STRESS_PASSED;
}

/* A random word of n letters. */
static void letters(struct worker *w, char *to, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = 'a' + stress_below(w, 4);
	to[n] = 0;
}

enum stress_status stress_str(struct worker *w)
{
	char a[128], b[256], part[8];

	while (stress_go(w)) {
		uint32_t n = stress_below(w, 120), at;
		char *found, *want = NULL;

		letters(w, a, n);
		letters(w, part, 1 + stress_below(w, 5));
		if (strlen(a) != n || strnlen(a, n / 2) != n / 2)
			stress_fail(w, "strlen");
		for (at = 0; at + strlen(part) <= n && !want; at++)
			if (!memcmp(a + at, part, strlen(part)))
				want = a + at;
		found = strstr(a, part);
		if (found != want)
			stress_fail(w, "strstr of %s in %s", part, a);
		want = NULL;
		for (at = 0; at <= n; at++)
			if (a[at] == part[0])
				want = a + at;
		if (strrchr(a, part[0]) != want)
			stress_fail(w, "strrchr");
		for (at = 0; at < n && a[at] != part[0]; at++)
			;
		if (strchr(a, part[0]) != (at < n ? a + at : NULL) || memchr(a, part[0], n) != (at < n ? a + at : NULL))
			stress_fail(w, "strchr");
		strcpy(b, a);
		strcat(b, part);
		if (strcmp(b, a) <= 0 || strncmp(b, a, n) || strlen(b) != n + strlen(part) || strcmp(b + n, part))
			stress_fail(w, "strcpy, strcat or strcmp");
		if (strspn(a, "abcd") != n || strcspn(a, "xyz") != n)
			stress_fail(w, "strspn");
		snprintf(b, sizeof b, "%08lx %d %s", (unsigned long)stress_random(w), -(int)n, part);
		if (strtoul(b, &found, 16) != w->random || strtol(found, &found, 10) != -(long)n || strcmp(found + 1, part))
			stress_fail(w, "numbers, printed and read again: %s", b);
		stress_bogo(w);
	}
	return STRESS_PASSED;
}
