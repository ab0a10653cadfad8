/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "emu/commands.h"
#include "loader/core_gdb.h"

static int64_t read_host(void *owner, void *dst, uint32_t len, uint64_t offset)
{
	ssize_t n = pread(*(int *)owner, dst, len, (off_t)offset);

	return n < 0 ? -errno : n;
}

static void close_host(void *owner)
{
	close(*(int *)owner);
}

/* --- --gdb --- */

static void close_found(void *owner)
{
	close(*(int *)owner);
	free(owner);
}

/* A name of the guest, below --root; if it is not there, as it stands, which is where `run` had it from. */
static int find(void *owner, const char *name, struct loader_file *out, char *host)
{
	const struct options *o = owner;
	int *fd = malloc(sizeof *fd);
	struct stat st;

	if (!fd)
		return -ENOMEM;
	*fd = -1;
	if (o->root && snprintf(host, PATH_MAX, "%s/%s", o->root, name) < PATH_MAX)
		*fd = open(host, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0 && snprintf(host, PATH_MAX, "%s", name) < PATH_MAX)
		*fd = open(host, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0 || fstat(*fd, &st) || !S_ISREG(st.st_mode)) {
		if (*fd >= 0)
			close(*fd);
		free(fd);
		return -ENOENT;
	}
	*out = (struct loader_file){ .owner = fd, .read = read_host, .close = close_found, .size = (uint64_t)st.st_size };
	return 0;
}

static int gdb_commands(const struct options *o)
{
	char host[PATH_MAX];
	struct options here = { .root = NULL };
	struct loader_file file;
	struct core_gdb c = { .file = &file, .name = o->rest[0], .program = o->rest[1], .open = find, .owner = (void *)o };
	const char *why;
	int err = find(&here, o->rest[0], &file, host);

	if (err) {
		fprintf(stderr, "flat32: %s: no such file\n", o->rest[0]);
		return EXIT_NOT_FOUND;
	}
	err = core_gdb(&c, stdout, &why);
	file.close(file.owner);
	if (err)
		fprintf(stderr, "flat32: %s: %s\n", o->rest[0], why);
	return err ? EXIT_CANNOT_RUN : 0;
}

static int inspect(const char *path, struct loader_cost *sum)
{
	struct loader_file file = { .read = read_host, .close = close_host };
	struct stat st;
	int fd, err;

	/* A FIFO must not hold us up. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		fprintf(stderr, "flat32: %s: %s\n", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return EXIT_NOT_FOUND;
	}
	if (!S_ISREG(st.st_mode)) {
		fprintf(stderr, "flat32: %s: not a regular file\n", path);
		close(fd);
		return EXIT_CANNOT_RUN;
	}
	file.owner = &fd;
	file.size = (uint64_t)st.st_size;
	err = loader_inspect(&file, path, stdout, sum);
	close(fd);
	return err ? EXIT_CANNOT_RUN : 0;
}

int command_inspect(const struct options *o)
{
	struct loader_cost sum = { .files = 0 };
	int status = 0;

	if (!o->rest[0]) {
		fprintf(stderr, "flat32: inspect: which file?\n");
		return EXIT_OURS;
	}
	if (o->gdb)
		return gdb_commands(o);
	for (char **path = o->rest; *path; path++) {
		int one = inspect(*path, &sum);

		if (!status)
			status = one;
	}
	if (sum.files > 1)
		printf("  together     as one program and its libraries: %llu KiB for each process, %llu KiB once for all\n",
		       (unsigned long long)sum.each / 1024, (unsigned long long)sum.once / 1024);
	return status;
}
