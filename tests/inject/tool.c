/* SPDX-License-Identifier: MIT
 *
 * What the link tool of flat32-cc -mfdpic asks of the host beyond what inject.c has: files and programs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/inject/inject.h"

#define WRAP(type, name, params, args, failed)				\
	type __real_##name params;					\
	type __wrap_##name params;					\
	type __wrap_##name params					\
	{								\
		return inject_fails() ? (failed) : __real_##name args;	\
	}

WRAP(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n), -1)
WRAP(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n), -1)
WRAP(int, mkostemp, (char *name, int flags), (name, flags), -1)
WRAP(char *, mkdtemp, (char *name), (name), NULL)
WRAP(int, rename, (const char *from, const char *to), (from, to), -1)
WRAP(FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL)
WRAP(size_t, fwrite, (const void *p, size_t n, size_t count, FILE *f), (p, n, count, f), 0)
WRAP(int, posix_spawnp, (pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attr, char *const argv[], char *const envp[]), (pid, file, actions, attr, argv, envp), ENOMEM)

int __real_vasprintf(char **out, const char *format, va_list ap);
int __wrap_vasprintf(char **out, const char *format, va_list ap);
int __wrap_vasprintf(char **out, const char *format, va_list ap)
{
	return inject_fails() ? -1 : __real_vasprintf(out, format, ap);
}
