/* SPDX-License-Identifier: MIT
 *
 * Failure on demand: linked before the emulator's own objects with the linker's --wrap, this makes the Nth of the host
 * calls below fail once, as if the host had run out.
 *
 *	FLAT32_FAIL=N		the Nth call fails (counted from 1)
 *	FLAT32_FAIL_COUNT=FILE	at exit the number of calls is written there
 *
 * So "the Nth allocation fails" is a loop in a script: tests/cli/fail_nth.sh. A guest program can do the same for one
 * system call: control.c.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/types.h>
#include <unistd.h>
#include "tests/inject/inject.h"

static unsigned long calls, fail_at;
static long live;
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

bool inject_fails(void)
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

void inject_arm(unsigned long n)
{
	fail_at = n ? calls + n : 0;
}

bool inject_fired(void)
{
	return fail_at && calls >= fail_at;
}

long inject_live(void)
{
	return live;
}

/* What an allocation gave: counted until it is freed. */
static void *counted(void *p)
{
	live += p != NULL;
	return p;
}

#define WRAP(type, name, params, args, failed)			\
	type __real_##name params;				\
	type __wrap_##name params;				\
	type __wrap_##name params				\
	{							\
		return inject_fails() ? (failed) : __real_##name args;	\
	}

#define WRAP_ALLOCATION(type, name, params, args)		\
	type __real_##name params;				\
	type __wrap_##name params;				\
	type __wrap_##name params				\
	{							\
		return inject_fails() ? NULL : counted(__real_##name args); \
	}

WRAP_ALLOCATION(void *, malloc, (size_t n), (n))
WRAP_ALLOCATION(void *, calloc, (size_t n, size_t size), (n, size))
WRAP_ALLOCATION(char *, strdup, (const char *s), (s))
WRAP_ALLOCATION(char *, strndup, (const char *s, size_t n), (s, n))
WRAP(void *, mmap, (void *p, size_t n, int prot, int flags, int fd, off_t at), (p, n, prot, flags, fd, at), MAP_FAILED)
WRAP(int, mprotect, (void *p, size_t n, int prot), (p, n, prot), -1)
WRAP(int, madvise, (void *p, size_t n, int advice), (p, n, advice), -1)
WRAP(int, dup, (int fd), (fd), -1)
WRAP(int, eventfd, (unsigned n, int flags), (n, flags), -1)
WRAP(ssize_t, pread, (int fd, void *p, size_t n, off_t at), (fd, p, n, at), -1)

void *__real_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n)
{
	if (inject_fails())
		return NULL;
	return p ? __real_realloc(p, n) : counted(__real_realloc(p, n));
}

void __real_free(void *p);
void __wrap_free(void *p);
void __wrap_free(void *p)
{
	live -= p != NULL;
	__real_free(p);
}

/* What a share asks of the host. */
WRAP(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at), -1)
WRAP(int, ftruncate, (int fd, off_t size), (fd, size), -1)
WRAP(int, fstat, (int fd, struct stat *st), (fd, st), -1)
WRAP(int, fstatfs, (int fd, struct statfs *st), (fd, st), -1)
WRAP(int, fchmod, (int fd, mode_t mode), (fd, mode), -1)
WRAP(int, chmod, (const char *path, mode_t mode), (path, mode), -1)
WRAP(int, fchownat, (int dir, const char *path, uid_t uid, gid_t gid, int flags), (dir, path, uid, gid, flags), -1)
WRAP(int, utimensat, (int dir, const char *path, const struct timespec ts[2], int flags), (dir, path, ts, flags), -1)
WRAP(ssize_t, readlink, (const char *path, char *p, size_t n), (path, p, n), -1)
WRAP(ssize_t, readlinkat, (int dir, const char *path, char *p, size_t n), (dir, path, p, n), -1)
WRAP(int, mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode), -1)
WRAP(int, mknodat, (int dir, const char *path, mode_t mode, dev_t dev), (dir, path, mode, dev), -1)
WRAP(int, symlinkat, (const char *to, int dir, const char *path), (to, dir, path), -1)
WRAP(int, linkat, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags), -1)
WRAP(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags), -1)
WRAP(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), -1)
WRAP(DIR *, fdopendir, (int fd), (fd), NULL)

long __real_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	return inject_fails() ? -1 : __real_syscall(number, a, b, c, d, e, f);
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return inject_fails() ? -1 : __real_open(path, flags, mode);
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
	return inject_fails() ? -1 : __real_openat(dir, path, flags, mode);
}
