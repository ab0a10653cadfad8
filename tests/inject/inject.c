/* SPDX-License-Identifier: MIT
 *
 * Failure on demand: linked before the emulator's own objects with the linker's --wrap, this makes the Nth of the host
 * calls below fail once, as if the host had run out.
 *
 *	FLAT32_FAIL=N		the Nth call fails (counted from 1)
 *	FLAT32_FAIL_COUNT=FILE	at exit the number of calls is written there
 *
 * So "the Nth allocation fails" is a loop in a script: tests/cli/fail_nth.sh.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

static unsigned long calls, fail_at;
static bool ready;

static void report(void)
{
	const char *path = getenv("FLAT32_FAIL_COUNT");
	FILE *f = path ? fopen(path, "w") : NULL;

	if (f) {
		fprintf(f, "%lu\n", calls);
		fclose(f);
	}
}

static bool fails(void)
{
	if (!ready) {
		const char *n = getenv("FLAT32_FAIL");

		ready = true;
		fail_at = n ? strtoul(n, NULL, 10) : 0;
		atexit(report);
	}
	if (++calls != fail_at)
		return false;
	errno = ENOMEM;
	return true;
}

#define WRAP(type, name, params, args, failed)			\
	type __real_##name params;				\
	type __wrap_##name params;				\
	type __wrap_##name params				\
	{							\
		return fails() ? (failed) : __real_##name args;	\
	}

WRAP(void *, malloc, (size_t n), (n), NULL)
WRAP(void *, calloc, (size_t n, size_t size), (n, size), NULL)
WRAP(void *, realloc, (void *p, size_t n), (p, n), NULL)
WRAP(char *, strdup, (const char *s), (s), NULL)
WRAP(char *, strndup, (const char *s, size_t n), (s, n), NULL)
WRAP(void *, mmap, (void *p, size_t n, int prot, int flags, int fd, off_t at), (p, n, prot, flags, fd, at), MAP_FAILED)
WRAP(int, mprotect, (void *p, size_t n, int prot), (p, n, prot), -1)
WRAP(int, madvise, (void *p, size_t n, int advice), (p, n, advice), -1)
WRAP(int, dup, (int fd), (fd), -1)
WRAP(int, eventfd, (unsigned n, int flags), (n, flags), -1)
WRAP(ssize_t, pread, (int fd, void *p, size_t n, off_t at), (fd, p, n, at), -1)

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return fails() ? -1 : __real_open(path, flags, mode);
}

int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return fails() ? -1 : __real_openat(dir, path, flags, mode);
}
