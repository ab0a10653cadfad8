/* SPDX-License-Identifier: MIT
 * openat2: what it refuses, and where RESOLVE_* flags do not let it go.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/syscall.h>
#include "scratch.h"

enum { NR_openat2 = 437 };
enum { NO_XDEV = 1, NO_MAGIC = 2, NO_SYMLINKS = 4, BENEATH = 8, IN_ROOT = 16, CACHED = 32 };
struct how { unsigned long long flags, mode, resolve, more; };

static int with_size(int dir, const char *path, struct how how, unsigned size)
{
	return (int)syscall(NR_openat2, dir, path, &how, size);
}

/* Opens and closes: 0, or -1 with errno. */
static int try(int dir, const char *path, unsigned long long flags, unsigned long long resolve)
{
	int fd = with_size(dir, path, (struct how){ flags, 0, resolve, 0 }, 24);

	return fd < 0 ? -1 : close(fd);
}

static int make(const char *path, unsigned long long flags, unsigned long long mode)
{
	int fd = with_size(AT_FDCWD, path, (struct how){ flags, mode, 0, 0 }, 24);

	return fd < 0 ? -1 : close(fd);
}

static void arguments(void)
{
	struct how how = { O_RDONLY, 0, 0, 0 };
	struct stat st;
	int fd;

	tap_errno(with_size(AT_FDCWD, ".", how, 23), EINVAL, "too small");
	tap_errno(with_size(AT_FDCWD, ".", how, 8192), E2BIG, "too large");
	fd = with_size(AT_FDCWD, ".", how, 32);
	tap_ok(fd >= 0, "larger than we know, but zero");
	close(fd);
	how.more = 1;
	tap_errno(with_size(AT_FDCWD, ".", how, 32), E2BIG, "and not zero");
	tap_errno(try(AT_FDCWD, ".", 1ull << 40, 0), EINVAL, "flags beyond 32 bits");
	tap_errno(try(AT_FDCWD, ".", 0x80000000, 0), EINVAL, "unknown flags");
	tap_errno(try(AT_FDCWD, ".", 0, 64), EINVAL, "unknown RESOLVE flags");
	tap_errno(try(AT_FDCWD, ".", 0, BENEATH | IN_ROOT), EINVAL, "RESOLVE_BENEATH and RESOLVE_IN_ROOT");
	tap_errno(make("f", O_RDONLY, 0644), EINVAL, "a mode without O_CREAT");
	tap_errno(make("f", O_RDWR | O_CREAT, 0100644), EINVAL, "a mode with a type");
	tap_errno(make("f", O_CREAT | O_DIRECTORY, 0644), EINVAL, "O_CREAT and O_DIRECTORY");
	tap_errno(make(".", O_PATH | O_RDWR, 0), EINVAL, "O_PATH and O_RDWR");
	tap_zero(make("f", O_RDWR | O_CREAT | O_EXCL, 0604), "a new file");
	tap_ok(!stat("f", &st) && (st.st_mode & 07777) == 0604, "with its mode");
	tap_errno(make("none", O_RDONLY, 0), ENOENT, "no such file");
	tap_errno(make("", O_RDONLY, 0), ENOENT, "no name");
	tap_errno(with_size(99, "f", (struct how){ 0, 0, 0, 0 }, 24), EBADF, "no such directory");
	tap_errno(try(AT_FDCWD, "f", O_WRONLY | O_TRUNC, CACHED), EAGAIN, "RESOLVE_CACHED and O_TRUNC");
	tap_zero(try(AT_FDCWD, "f", O_RDONLY, CACHED), "RESOLVE_CACHED");
	tap_efault(syscall(NR_openat2, AT_FDCWD, ".", (void *)8, 24), "a bad pointer");
	unlink("f");
}

static void resolving(void)
{
	int dir, root = open("/", O_PATH);

	mkdir("d", 0755);
	mkdir("d/sub", 0755);
	close(open("d/f", O_WRONLY | O_CREAT, 0644));
	close(open("out", O_WRONLY | O_CREAT, 0644));
	symlink("f", "d/to-f");
	symlink("../out", "d/to-out");
	symlink("/f", "d/to-slash-f");
	symlink("sub/../f", "d/round");
	dir = open("d", O_PATH | O_DIRECTORY);

	tap_zero(try(dir, "f", 0, BENEATH), "beneath: a file in it");
	tap_zero(try(dir, "sub/../f", 0, BENEATH), "beneath: down and up again");
	tap_zero(try(dir, "to-f", 0, BENEATH), "beneath: through a link");
	tap_zero(try(dir, "round", 0, BENEATH), "beneath: through a winding one");
	tap_errno(try(dir, "../out", 0, BENEATH), EXDEV, "beneath: out");
	tap_errno(try(dir, "..", 0, BENEATH), EXDEV, "beneath: up");
	tap_errno(try(dir, "to-out", 0, BENEATH), EXDEV, "beneath: a link out");
	tap_errno(try(dir, "to-slash-f", 0, BENEATH), EXDEV, "beneath: an absolute link");
	tap_errno(try(dir, "/f", 0, BENEATH), EXDEV, "beneath: an absolute path");
	tap_errno(try(dir, "/proc/self/cwd", 0, BENEATH), EXDEV, "beneath: /proc");
	tap_errno(try(dir, "none", 0, BENEATH), ENOENT, "beneath: not there");

	tap_zero(try(dir, "/f", 0, IN_ROOT), "in root: / is the directory");
	tap_zero(try(dir, "../../f", 0, IN_ROOT), "in root: there is nothing above it");
	tap_zero(try(dir, "to-slash-f", 0, IN_ROOT), "in root: absolute links, too");
	tap_errno(try(dir, "to-out", 0, IN_ROOT), ENOENT, "in root: nothing outside is there");
	tap_errno(try(99, "/f", 0, IN_ROOT), EBADF, "in root: it has to be open");

	tap_errno(try(dir, "to-f", 0, NO_SYMLINKS), ELOOP, "no symlinks: one");
	tap_zero(try(dir, "f", 0, NO_SYMLINKS), "no symlinks: none");
	tap_zero(try(dir, "to-f", O_PATH | O_NOFOLLOW, NO_SYMLINKS), "no symlinks: the link itself");
	tap_errno(try(AT_FDCWD, "/proc/self/cwd", 0, NO_MAGIC), ELOOP, "no magic links: /proc/self/cwd");
	tap_zero(try(AT_FDCWD, "d/to-f", 0, NO_MAGIC), "no magic links: a plain one");
	tap_errno(try(root, "proc/self/cwd", 0, IN_ROOT), EXDEV, "in root: magic links are not followed");

	tap_errno(try(root, "proc/cmdline", 0, NO_XDEV), EXDEV, "no xdev: into a mount");
	tap_zero(try(AT_FDCWD, "/proc/..", 0, 0), "out of one");
	int proc = open("/proc", O_PATH);
	tap_errno(try(proc, "..", 0, NO_XDEV), EXDEV, "no xdev: out of one");
	tap_zero(try(proc, "self/../cmdline", 0, NO_XDEV), "no xdev: within it");
	tap_errno(try(proc, "self/exe", 0, NO_XDEV), EXDEV, "no xdev: by a magic link");
	close(proc), close(dir), close(root);
	unlink("d/to-f"), unlink("d/to-out"), unlink("d/to-slash-f"), unlink("d/round"), unlink("d/f"), unlink("out");
	rmdir("d/sub"), rmdir("d");
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	arguments();
	resolving();
	scratch_leave();
	return tap_done();
}
