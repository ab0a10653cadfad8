/* SPDX-License-Identifier: MIT
 * open and its flags, descriptors, dup, fcntl, close_range.
 */
#define _GNU_SOURCE
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include "scratch.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static void flags_of_open(void)
{
	struct stat st;
	char buf[16];
	int fd;

	tap_errno(open("none", O_RDONLY), ENOENT, "open: no such file");
	tap_errno(open("", O_RDONLY), ENOENT, "open: the empty name");
	tap_errno(open("none/x", O_RDONLY | O_CREAT, 0644), ENOENT, "open: no such directory");
	fd = open("f", O_RDWR | O_CREAT | O_EXCL, 0666);
	tap_ok(fd >= 3, "O_CREAT|O_EXCL makes a file");
	tap_ok(!fstat(fd, &st) && (st.st_mode & 07777) == 0644, "the umask takes bits away");
	tap_ok(write(fd, "hello", 5) == 5, "write");
	tap_errno(open("f", O_RDWR | O_CREAT | O_EXCL, 0666), EEXIST, "O_EXCL: it exists");
	tap_errno(open("f/", O_RDONLY), ENOTDIR, "a slash behind a file");
	tap_errno(open("f/x", O_RDONLY), ENOTDIR, "a file as a directory");
	tap_errno(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR, "O_DIRECTORY on a file");
	tap_errno(open(".", O_RDWR), EISDIR, "a directory for writing");
	tap_errno(open(".", O_CREAT | O_RDONLY, 0644), EISDIR, "O_CREAT on a directory");
	tap_errno(open("new/", O_CREAT | O_RDWR, 0644), EISDIR, "O_CREAT with a slash behind");
	close(fd);

	fd = open("f", O_RDONLY);
	tap_errno(write(fd, "x", 1), EBADF, "write to O_RDONLY");
	tap_ok(read(fd, buf, sizeof buf) == 5 && !memcmp(buf, "hello", 5), "read it back");
	tap_is(fcntl(fd, F_GETFL) & (O_ACCMODE | O_CREAT | O_EXCL), O_RDONLY, "F_GETFL: read-only");
	close(fd);
	fd = open("f", O_WRONLY | O_APPEND);
	tap_errno(read(fd, buf, 1), EBADF, "read from O_WRONLY");
	tap_ok(lseek(fd, 0, SEEK_SET) == 0 && write(fd, "!!", 2) == 2 && lseek(fd, 0, SEEK_CUR) == 7,
	       "O_APPEND writes at the end wherever the position is");
	close(fd);
	fd = open("f", O_RDWR | O_TRUNC);
	tap_ok(!fstat(fd, &st) && st.st_size == 0, "O_TRUNC");
	close(fd);
	fd = open("f", O_RDONLY | O_CREAT | O_TRUNC, 0);
	tap_ok(fd >= 0, "O_CREAT of what is there needs no mode");
	close(fd);

	symlink("f", "link");
	symlink("loop", "loop");
	symlink("nowhere", "dangling");
	tap_errno(open("link", O_RDONLY | O_NOFOLLOW), ELOOP, "O_NOFOLLOW on a link");
	fd = open("link", O_RDONLY);
	tap_ok(fd >= 0, "a link is followed");
	close(fd);
	tap_errno(open("loop", O_RDONLY), ELOOP, "a link to itself");
	tap_errno(open("dangling", O_RDONLY), ENOENT, "a link to nothing");
	tap_errno(open("dangling", O_RDONLY | O_CREAT | O_EXCL, 0644), EEXIST,
		  "O_EXCL does not follow links");
	fd = open("dangling", O_RDWR | O_CREAT, 0644);
	tap_ok(fd >= 0 && !access("nowhere", F_OK), "O_CREAT through a dangling link makes its target");
	close(fd);

	char longest[300];
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = 0;
	tap_errno(open(longest, O_RDONLY), ENAMETOOLONG, "a name of 299 bytes");
	longest[255] = 0;
	fd = open(longest, O_RDWR | O_CREAT, 0644);
	tap_ok(fd >= 0 && !unlink(longest), "a name of 255 bytes");
	close(fd);
	char *path = malloc(5000);
	memset(path, '/', 4999);
	path[4999] = 0;
	tap_errno(open(path, O_RDONLY), ENAMETOOLONG, "a path of 4999 bytes");
	path[4095] = 0;
	fd = open(path, O_RDONLY);
	tap_ok(fd >= 0, "a path of 4095 slashes is the root");
	close(fd);
	free(path);
	if (tap_bad_pointers())
		tap_errno(open((char *)8, O_RDONLY), EFAULT, "a bad pointer");
	else
		tap_skip(1, "the kernel panics");
	tap_errno(syscall(SYS_openat, AT_FDCWD, "f", O_CREAT | O_DIRECTORY, 0644), EINVAL,
		  "O_CREAT|O_DIRECTORY");
	unlink("link"), unlink("loop"), unlink("dangling"), unlink("nowhere"), unlink("f");
}

static void path_descriptors(void)
{
	char buf[64];
	struct stat st;
	int fd, dir, copy;

	scratch_file("f", "abc");
	symlink("f", "link");
	fd = open("f", O_PATH | O_RDWR);
	tap_ok(fd >= 0, "O_PATH");
	tap_errno(read(fd, buf, 1), EBADF, "O_PATH: read");
	tap_errno(write(fd, buf, 1), EBADF, "O_PATH: write");
	tap_errno(ioctl(fd, FIONREAD, buf), EBADF, "O_PATH: ioctl");
	tap_errno(lseek(fd, 0, SEEK_SET), EBADF, "O_PATH: lseek");
	tap_errno(syscall(SYS_fchmod, fd, 0600), EBADF, "O_PATH: fchmod");
	tap_errno(fcntl(fd, F_SETFL, O_APPEND), EBADF, "O_PATH: F_SETFL");
	tap_ok(!fstat(fd, &st) && st.st_size == 3, "O_PATH: fstat works");
	copy = dup(fd);
	tap_ok(copy >= 0, "O_PATH: dup works");
	close(copy);
	close(fd);
	fd = open("link", O_PATH | O_NOFOLLOW);
	tap_ok(fd >= 0 && !fstat(fd, &st) && S_ISLNK(st.st_mode), "O_PATH|O_NOFOLLOW names the link itself");
	tap_ok(readlinkat(fd, "", buf, sizeof buf) == 1 && buf[0] == 'f', "readlinkat with the empty name");
	close(fd);
	mkdir("d", 0755);
	scratch_file("d/x", "x");
	dir = open("d", O_PATH | O_DIRECTORY);
	fd = openat(dir, "x", O_RDONLY);
	tap_ok(fd >= 0, "openat from an O_PATH directory");
	close(fd);
	tap_ok(!fchdir(dir) && !access("x", F_OK) && !chdir(".."), "fchdir to an O_PATH directory");
	close(dir);
	fd = open("f", O_RDONLY);
	tap_errno(openat(fd, "x", O_RDONLY), ENOTDIR, "openat from a file");
	close(fd);
	tap_errno(openat(99, "x", O_RDONLY), EBADF, "openat from nothing");
	fd = openat(99, "/", O_RDONLY);
	tap_ok(fd >= 0, "openat: an absolute path needs no directory");
	close(fd);
	unlink("d/x"), rmdir("d"), unlink("link"), unlink("f");
}

static void nameless(void)
{
	char name[64];
	struct stat st;
	int fd = open(".", O_TMPFILE | O_RDWR, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
		tap_skip(5, "no O_TMPFILE here");
		return;
	}
	tap_ok(fd >= 0 && write(fd, "data", 4) == 4, "O_TMPFILE");
	tap_is(fcntl(fd, F_GETFL) & O_TMPFILE, O_TMPFILE, "F_GETFL tells of it");
	tap_ok(!fstat(fd, &st) && st.st_nlink == 0, "it has no link");
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, name, AT_FDCWD, "born", AT_SYMLINK_FOLLOW))
		linkat(fd, "", AT_FDCWD, "born", AT_EMPTY_PATH);
	tap_ok(!stat("born", &st) && st.st_size == 4 && st.st_nlink == 1, "linkat gives it a name");
	tap_errno(open(".", O_TMPFILE | O_RDONLY, 0600), EINVAL, "O_TMPFILE needs write access");
	close(fd);
	unlink("born");
}

enum { CREATED_QUERY = 1028 };	/* F_CREATED_QUERY, which musl does not name */

static void created(void)
{
	int made = open("made", O_RDWR | O_CREAT, 0600), again = open("made", O_RDWR | O_CREAT, 0600), copy = dup(made);

	tap_is(fcntl(made, CREATED_QUERY, 0), 1, "F_CREATED_QUERY: it was made");
	tap_is(fcntl(copy, CREATED_QUERY, 0), 1, "a copy says the same");
	tap_is(fcntl(again, CREATED_QUERY, 0), 0, "it was there");
	close(again);
	again = open("made", O_PATH);
	tap_is(fcntl(again, CREATED_QUERY, 0), 0, "O_PATH");
	close(again);
	close(copy);
	close(made);
	unlink("made");
}

static void duplicates(void)
{
	int fd = open("f", O_RDWR | O_CREAT | O_CLOEXEC, 0644), a, b;
	char c;

	write(fd, "abcdef", 6);
	lseek(fd, 0, SEEK_SET);
	tap_is(fcntl(fd, F_GETFD), FD_CLOEXEC, "O_CLOEXEC");
	a = dup(fd);
	tap_ok(a == fd + 1, "dup gives the lowest free number");
	tap_is(fcntl(a, F_GETFD), 0, "dup clears close-on-exec");
	tap_ok(read(fd, &c, 1) == 1 && read(a, &c, 1) == 1 && c == 'b', "copies share the position");
	tap_is(dup2(fd, 50), 50, "dup2");
	tap_is(dup2(fd, fd), fd, "dup2 onto itself");
	tap_errno(dup2(99, 99), EBADF, "dup2 of nothing onto itself");
	tap_errno(dup2(fd, -1), EBADF, "dup2 to -1");
	tap_errno(dup2(fd, 1 << 24), EBADF, "dup2 beyond the limit");
	tap_errno(dup3(fd, fd, 0), EINVAL, "dup3 onto itself");
	tap_errno(dup3(fd, 51, O_APPEND), EINVAL, "dup3 with a wrong flag");
	tap_is(dup3(fd, 51, O_CLOEXEC), 51, "dup3");
	tap_is(fcntl(51, F_GETFD), FD_CLOEXEC, "dup3 sets close-on-exec");
	b = fcntl(fd, F_DUPFD, 50);
	tap_is(b, 52, "F_DUPFD: the lowest from 50 on");
	tap_ok(fcntl(fd, F_DUPFD_CLOEXEC, 60) == 60 && fcntl(60, F_GETFD) == FD_CLOEXEC, "F_DUPFD_CLOEXEC");
	tap_errno(fcntl(fd, F_DUPFD, -1), EINVAL, "F_DUPFD from -1");
	tap_errno(fcntl(fd, F_DUPFD, 1 << 24), EINVAL, "F_DUPFD from beyond the limit");
	tap_ok(!fcntl(a, F_SETFL, O_APPEND | O_NONBLOCK) && (fcntl(fd, F_GETFL) & (O_APPEND | O_NONBLOCK)) ==
	       (O_APPEND | O_NONBLOCK), "F_SETFL is seen by all copies");
	tap_ok(!fcntl(a, F_SETFL, 0) && !(fcntl(fd, F_GETFL) & (O_APPEND | O_NONBLOCK)) &&
	       (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR, "F_SETFL leaves the access mode");
	tap_ok(!fcntl(a, F_SETFD, FD_CLOEXEC) && fcntl(a, F_GETFD) == FD_CLOEXEC && !ioctl(a, FIONCLEX) &&
	       fcntl(a, F_GETFD) == 0 && !ioctl(a, FIOCLEX) && fcntl(a, F_GETFD) == FD_CLOEXEC,
	       "F_SETFD, FIOCLEX, FIONCLEX");
	int on = 1, off = 0;
	tap_ok(!ioctl(a, FIONBIO, &on) && (fcntl(a, F_GETFL) & O_NONBLOCK) && !ioctl(a, FIONBIO, &off) &&
	       !(fcntl(a, F_GETFL) & O_NONBLOCK), "FIONBIO");
	int n = -1;
	tap_ok(lseek(fd, 2, SEEK_SET) == 2 && !ioctl(fd, FIONREAD, &n) && n == 4, "FIONREAD on a file");
	tap_errno(fcntl(fd, 12345, 0), EINVAL, "fcntl: no such command");
	tap_errno(fcntl(99, F_GETFD), EBADF, "fcntl: no such descriptor");
	tap_errno(ioctl(fd, 0x1234, 0), ENOTTY, "ioctl: no such command");
	tap_zero(close(50), "close");
	tap_errno(close(50), EBADF, "close again");
	tap_errno(close(-1), EBADF, "close(-1)");

	tap_zero(syscall(SYS_close_range, 52u, 100u, 4 /* CLOSE_RANGE_CLOEXEC */),
		 "close_range, close-on-exec");
	tap_is(fcntl(52, F_GETFD), FD_CLOEXEC, "it is set");
	tap_zero(syscall(SYS_close_range, 51u, ~0u, 0), "close_range to the end");
	tap_ok(fcntl(51, F_GETFD) == -1 && fcntl(60, F_GETFD) == -1 && fcntl(a, F_GETFD) >= 0,
	       "they are closed");
	tap_errno(syscall(SYS_close_range, 10u, 5u, 0), EINVAL, "close_range backwards");
	tap_errno(syscall(SYS_close_range, 10u, 15u, 64), EINVAL, "close_range with a wrong flag");
	close(a), close(fd);
	unlink("f");
}

static void limits(void)
{
	struct rlimit old, few;
	int fd, last = -1, n = 0;

	getrlimit(RLIMIT_NOFILE, &old);
	few = old;
	few.rlim_cur = 20;
	setrlimit(RLIMIT_NOFILE, &few);
	while ((fd = open("/dev/null", O_RDONLY)) >= 0)
		last = fd, n++;
	tap_ok(errno == EMFILE && last == 19, "open stops at RLIMIT_NOFILE");
	tap_errno(dup(0), EMFILE, "so does dup");
	int p[2];
	tap_errno(pipe(p), EMFILE, "so does pipe");
	tap_errno(open("made", O_RDWR | O_CREAT, 0644), EMFILE, "open with O_CREAT, too");
	close(19);
	tap_errno(pipe(p), EMFILE, "pipe needs two");
	fd = open("/dev/null", O_RDONLY);
	tap_is(fd, 19, "and leaves none behind when it fails");
	while (n--)
		close(last--);
	setrlimit(RLIMIT_NOFILE, &old);
	tap_errno(access("made", F_OK), ENOENT, "the failed open has made nothing");
	unlink("made");
	/* Numbers are given out lowest first. */
	int a = dup(0), b = dup(0), c = dup(0);
	close(a);
	close(b);
	tap_ok(dup(0) == a && dup(0) == b, "the lowest free numbers come first");
	close(a), close(b), close(c);
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	flags_of_open();
	path_descriptors();
	nameless();
	created();
	duplicates();
	limits();
	scratch_leave();
	return tap_done();
}
