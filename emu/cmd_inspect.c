/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "emu/commands.h"
#include "loader/loader.h"

static int64_t read_host(void *owner, void *dst, uint32_t len, uint64_t offset)
{
	ssize_t n = pread(*(int *)owner, dst, len, (off_t)offset);

	return n < 0 ? -errno : n;
}

static void close_host(void *owner)
{
	close(*(int *)owner);
}

static int inspect(const char *path)
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
	err = loader_inspect(&file, path, stdout);
	close(fd);
	return err ? EXIT_CANNOT_RUN : 0;
}

int command_inspect(const struct options *o)
{
	int status = 0;

	if (!o->rest[0]) {
		fprintf(stderr, "flat32: inspect: which file?\n");
		return EXIT_OURS;
	}
	for (char **path = o->rest; *path; path++) {
		int one = inspect(*path);

		if (!status)
			status = one;
	}
	return status;
}
