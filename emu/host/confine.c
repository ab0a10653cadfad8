/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "emu/host/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROC_MAGIC 0x9fa0

bool confine_is_proc(int fd)
{
	struct statfs st;

	return !fstatfs(fd, &st) && st.f_type == PROC_MAGIC;
}

/* Where a descriptor's file is now, by the host's own account, which no rename can tear.  Its length or -errno. */
static ssize_t place_of(int fd, char buf[PATH_MAX])
{
	char link[40];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, buf, PATH_MAX - 1);
	if (n < 0)
		return -errno;
	buf[n] = 0;
	return n;
}

int confine_init(struct confine *c, const char *path)
{
	char place[PATH_MAX];
	struct stat st;
	ssize_t n;
	int err;

	c->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (c->root < 0)
		return -errno;
	if (fstat(c->root, &st)) {
		err = -errno;
		goto fail;
	}
	c->dev = st.st_dev;
	c->ino = st.st_ino;
	err = -EACCES;
	if (confine_is_proc(c->root))
		goto fail;
	n = place_of(c->root, place);
	if (n < 0) {
		err = n == -ENOENT ? -ENOSYS : (int)n;
		goto fail;
	}
	return 0;
fail:
	close(c->root);
	c->root = -1;
	return err;
}

void confine_fini(struct confine *c)
{
	if (c->root >= 0)
		close(c->root);
	c->root = -1;
}

static bool is_below(const char *place, const char *root, size_t len)
{
	if (len == 1)		/* the root of all */
		return place[0] == '/';
	return !strncmp(place, root, len) && (!place[len] || place[len] == '/');
}

/* The folder itself may be moved between the two looks: then they are taken again. */
static int check_place(const struct confine *c, int fd)
{
	char root[PATH_MAX], place[PATH_MAX], again[PATH_MAX];
	ssize_t len = place_of(c->root, root), n;

	for (;;) {
		if (len < 0)
			return (int)len;
		n = place_of(fd, place);
		if (n < 0)
			return (int)n;
		if (is_below(place, root, (size_t)len))
			return 0;
		n = place_of(c->root, again);
		if (n == len && !memcmp(root, again, (size_t)n))
			return -ESTALE;
		len = n;
		memcpy(root, again, sizeof root);
	}
}

/* Its place is too long for a path: is the nearest directory above that has one in the folder? */
static int check_above(const struct confine *c, int fd)
{
	struct stat st, up;
	int at = fd, err = -ENAMETOOLONG;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return err;
	while (err == -ENAMETOOLONG) {
		int next = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		err = next < 0 ? -errno : 0;
		if (at != fd)
			close(at);
		at = next;
		if (!err && fstat(at, &up))
			err = -errno;
		else if (!err && up.st_dev == st.st_dev && up.st_ino == st.st_ino)
			err = -ESTALE;
		st = up;
		if (!err)
			err = check_place(c, at);
	}
	if (at >= 0 && at != fd)
		close(at);
	return err;
}

int confine_check(const struct confine *c, int fd)
{
	int err = c->root < 0 || fd == c->root ? 0 : check_place(c, fd);

	return err == -ENAMETOOLONG ? check_above(c, fd) : err;
}

/* One name: nothing to walk. */
static bool is_name(const char *name)
{
	return *name && strcmp(name, ".") && strcmp(name, "..") && !strchr(name, '/');
}

int confine_openat(const struct confine *c, int dir, const char *name, int flags, mode_t mode)
{
	static bool missing;		/* of hosts before Linux 5.6 */
	struct open_how how = {
		.flags = (unsigned)(flags | O_NOFOLLOW | O_CLOEXEC), .mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
	};
	int err, fd;

	if (!is_name(name))
		return -EINVAL;
	err = confine_check(c, dir);
	if (err)
		return err;
	if (!missing) {
		fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof how);
		if (fd >= 0)
			return fd;
		/* Filters of containers that do not know the call say EPERM. */
		if (errno != ENOSYS && errno != EPERM)
			return -errno;
		missing = errno == ENOSYS;
	}
	/* The same: a name has no more parts than one, and O_NOFOLLOW is about that. */
	fd = openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
	return fd < 0 ? -errno : fd;
}

int confine_stat(const struct confine *c, int dir, const char *name, struct stat *st)
{
	int err = is_name(name) ? confine_check(c, dir) : -EINVAL;

	if (!err && fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW))
		err = -errno;
	return err;
}
