/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "emu/host/corefile.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int corefile_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int corefile_place(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char folder[4096] = ".";
	int dir = corefile_dir(path);

	*name = NULL;
	if (dir >= 0)
		return dir;
	*name = slash ? slash + 1 : path;
	if (!**name || strlen(*name) >= sizeof ((struct corefile *)NULL)->name)
		return -ENAMETOOLONG;
	if (slash && (size_t)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path + 1), path) >= sizeof folder)
		return -ENAMETOOLONG;
	return corefile_dir(folder);
}

int corefile_begin(struct corefile *f, int dir, const char *name, const char *comm, int pid)
{
	char safe[16];
	int n = 0;

	/* The guest chose comm: of it, what cannot hurt in a name, a terminal or a shell. */
	for (; comm[n] && n < 15; n++)
		safe[n] = isalnum((unsigned char)comm[n]) || strchr("._-+", comm[n]) ? comm[n] : '_';
	safe[n] = 0;
	*f = (struct corefile){ .dir = dir };
	if (name)
		snprintf(f->name, sizeof f->name, "%s", name);
	else
		snprintf(f->name, sizeof f->name, "core.%s.%d", safe, pid);
	if (unlinkat(dir, f->name, 0) && errno != ENOENT)
		return -errno;
	f->fd = openat(dir, f->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return f->fd < 0 ? -errno : 0;
}

int corefile_write(struct corefile *f, const void *data, uint32_t len)
{
	const char *p = data;

	if (!p) {
		f->size += len;
		return 0;
	}
	while (len) {
		ssize_t n = pwrite(f->fd, p, len, (off_t)f->size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		p += n;
		f->size += (uint64_t)n;
		len -= (uint32_t)n;
	}
	return 0;
}

int corefile_end(struct corefile *f, int err)
{
	if (!err && ftruncate(f->fd, (off_t)f->size))
		err = -errno;
	if (close(f->fd) && !err)
		err = -errno;
	if (err)
		unlinkat(f->dir, f->name, 0);
	return err;
}
