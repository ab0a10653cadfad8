/* SPDX-License-Identifier: MIT
 * Reading and writing: positions, vectors, holes, sizes, sendfile, copy_file_range.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include "scratch.h"

static int is(const char *got, const char *want) { return !memcmp(got, want, strlen(want)); }

static void plain(void)
{
	char buf[64];
	int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0644);

	tap_is(write(fd, "0123456789", 10), 10, "write");
	tap_is(read(fd, buf, 10), 0, "read at the end gives 0");
	tap_is(lseek(fd, 3, SEEK_SET), 3, "SEEK_SET");
	tap_ok(read(fd, buf, 4) == 4 && is(buf, "3456"), "read from there");
	tap_is(lseek(fd, 0, SEEK_CUR), 7, "SEEK_CUR");
	tap_is(lseek(fd, -2, SEEK_CUR), 5, "SEEK_CUR backwards");
	tap_is(lseek(fd, 5, SEEK_END), 15, "SEEK_END may go beyond");
	tap_errno(lseek(fd, -1, SEEK_SET), EINVAL, "a negative position");
	tap_errno(lseek(fd, -100, SEEK_CUR), EINVAL, "to before the start");
	tap_errno(lseek(fd, 0, 99), EINVAL, "a wrong whence");
	tap_errno(lseek(99, 0, SEEK_SET), EBADF, "lseek: no such descriptor");
	tap_is(lseek(fd, 0x500000000ll, SEEK_SET), 0x500000000ll, "a position beyond 4 GiB");
	tap_is(read(fd, buf, 10), 0, "nothing is there");
	tap_is(lseek(fd, 0, SEEK_DATA), 0, "SEEK_DATA");
	tap_is(lseek(fd, 0, SEEK_HOLE), 10, "SEEK_HOLE: the end at the latest");
	tap_errno(lseek(fd, 10, SEEK_DATA), ENXIO, "SEEK_DATA at the end");
	tap_is(pread(fd, buf, 5, 8), 2, "pread is cut at the end");
	tap_ok(pread(fd, buf, 3, 1) == 3 && is(buf, "123"), "pread");
	tap_is(pwrite(fd, "AB", 2, 4), 2, "pwrite");
	tap_ok(pread(fd, buf, 10, 0) == 10 && is(buf, "0123AB6789"), "it is there");
	tap_errno(pread(fd, buf, 1, -1), EINVAL, "pread at -1");
	tap_errno(pwrite(fd, buf, 1, -1), EINVAL, "pwrite at -1");
	tap_is(read(fd, buf, 0), 0, "a read of nothing");
	tap_is(write(fd, buf, 0), 0, "a write of nothing");
	tap_errno(read(99, buf, 1), EBADF, "read: no such descriptor");
	tap_errno(write(99, buf, 1), EBADF, "write: no such descriptor");
	int d = open(".", O_RDONLY);
	tap_errno(read(d, buf, 1), EISDIR, "read of a directory");
	tap_errno(pread(d, buf, 1, 0), EISDIR, "pread of a directory");
	close(d);
	lseek(fd, 0, SEEK_SET);
	if (tap_bad_pointers()) {
		tap_errno(read(fd, (void *)8, 1), EFAULT, "read to a bad pointer");
		tap_errno(write(fd, (void *)8, 1), EFAULT, "write from a bad pointer");
		tap_is(lseek(fd, 0, SEEK_CUR), 0, "the position has not moved");
	} else {
		tap_skip(3, "the kernel panics");
	}
	/* More than there is, into a buffer the size of what there is. */
	tap_is(syscall(SYS_read, fd, buf, 0x7fffffff), 10, "a count far beyond the buffer");
	close(fd);
	unlink("f");
}

static void vectors(void)
{
	char a[8], b[8], c[8];
	struct iovec out[3] = { { "abc", 3 }, { "", 0 }, { "defgh", 5 } };
	struct iovec in[3] = { { a, 2 }, { b, 3 }, { c, 8 } };
	struct iovec bad[2] = { { a, 1 }, { b, 0x80000000u } };
	struct iovec many[1100];
	int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0644);

	tap_is(writev(fd, out, 3), 8, "writev");
	lseek(fd, 0, SEEK_SET);
	tap_ok(readv(fd, in, 3) == 8 && is(a, "ab") && is(b, "cde") && is(c, "fgh"), "readv");
	tap_is(preadv(fd, in, 2, 2), 5, "preadv");
	tap_ok(is(a, "cd") && is(b, "efg"), "from the place asked for");
	tap_is(pwritev(fd, out, 3, 4), 8, "pwritev");
	tap_is(lseek(fd, 0, SEEK_CUR), 8, "neither moves the position");
	tap_is(lseek(fd, 0, SEEK_END), 12, "the file has grown");
	tap_is(pwritev(fd, out, 1, 0x100000000ll), 3, "pwritev beyond 4 GiB");
	tap_is(lseek(fd, 0, SEEK_END), 0x100000003ll, "the file is that long");
	tap_zero(ftruncate(fd, 12), "and shortened again");
	tap_errno(readv(fd, in, -1), EINVAL, "readv: -1 pieces");
	tap_errno(readv(fd, bad, 2), EINVAL, "readv: a piece of 2 GiB");
	tap_is(readv(fd, in, 0), 0, "readv: no pieces");
	for (int i = 0; i < 1100; i++)
		many[i] = (struct iovec){ "x", 1 };
	tap_errno(writev(fd, many, 1025), EINVAL, "writev: 1025 pieces");
	tap_is(writev(fd, many, 1024), 1024, "writev: 1024 pieces");
	tap_errno(preadv(fd, in, 1, -1), EINVAL, "preadv at -1");
	lseek(fd, 1, SEEK_SET);
	tap_ok(syscall(SYS_preadv2, fd, in, 1, -1, -1, 0) == 2 && is(a, "bc") && lseek(fd, 0, SEEK_CUR) == 3,
	       "preadv2 at -1 is readv");
	long r = syscall(SYS_preadv2, fd, in, 1, 0, 0, 0x1000);
	tap_ok(r == -1 && errno == EOPNOTSUPP, "preadv2: a wrong flag");
	if (tap_bad_pointers())
		tap_errno(readv(fd, (void *)8, 1), EFAULT, "readv: a bad array");
	else
		tap_skip(1, "the kernel panics");
	close(fd);
	unlink("f");
}

static void sizes(void)
{
	char buf[9000];
	struct stat st;
	int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0644), ok = 1;

	write(fd, "abc", 3);
	tap_zero(ftruncate(fd, 8000), "ftruncate makes it longer");
	lseek(fd, 0, SEEK_SET);
	tap_is(read(fd, buf, sizeof buf), 8000, "all of it can be read");
	for (int i = 3; i < 8000; i++)
		ok &= !buf[i];
	tap_ok(ok && is(buf, "abc"), "the new part is zero");
	memset(buf, 'x', sizeof buf);
	pwrite(fd, buf, 8000, 0);
	tap_zero(ftruncate(fd, 5), "ftruncate makes it shorter");
	tap_zero(ftruncate(fd, 8000), "and longer again");
	pread(fd, buf, 8000, 0);
	ok = is(buf, "xxxxx");
	for (int i = 5; i < 8000; i++)
		ok &= !buf[i];
	tap_ok(ok, "nothing of the old part comes back");
	tap_ok(pwrite(fd, "end", 3, 100000) == 3 && !fstat(fd, &st) && st.st_size == 100003,
	       "a write beyond the end");
	pread(fd, buf, 9000, 50000);
	for (int i = 0; i < 9000; i++)
		ok &= !buf[i];
	tap_ok(ok, "leaves a hole of zeros");
	tap_errno(ftruncate(fd, -1), EINVAL, "ftruncate to -1");
	tap_errno(truncate("f", -1), EINVAL, "truncate to -1");
	tap_zero(truncate("f", 10), "truncate");
	tap_ok(!stat("f", &st) && st.st_size == 10, "by name");
	tap_errno(truncate("none", 0), ENOENT, "truncate: no such file");
	tap_errno(truncate(".", 0), EISDIR, "truncate of a directory");
	tap_errno(truncate("f/x", 0), ENOTDIR, "truncate through a file");
	int r = open("f", O_RDONLY);
	tap_errno(ftruncate(r, 0), EINVAL, "ftruncate of a read-only descriptor");
	tap_errno(ftruncate(99, 0), EBADF, "ftruncate of nothing");
	close(r);
	tap_zero(posix_fallocate(fd, 0, 5000), "posix_fallocate");
	tap_ok(!fstat(fd, &st) && st.st_size == 5000, "makes it long enough");
	tap_errno(fallocate(fd, 0, -1, 5), EINVAL, "fallocate from -1");
	tap_errno(fallocate(fd, 0, 0, 0), EINVAL, "fallocate of nothing");
	tap_errno(fallocate(99, 0, 0, 5), EBADF, "fallocate: no such descriptor");
	tap_zero(fsync(fd), "fsync");
	tap_zero(fdatasync(fd), "fdatasync");
	tap_errno(fsync(99), EBADF, "fsync of nothing");
	tap_zero(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL), "posix_fadvise");
	tap_is(posix_fadvise(fd, 0, 0, 99), EINVAL, "posix_fadvise: no such advice");
	tap_zero(readahead(fd, 0, 4096), "readahead");
	tap_errno(readahead(99, 0, 4096), EBADF, "readahead of nothing");
	r = open("f", O_WRONLY);
	tap_errno(readahead(r, 0, 4096), EBADF, "readahead of what cannot be read");
	close(r);
	r = open(".", O_RDONLY);
	tap_errno(readahead(r, 0, 4096), EINVAL, "readahead of a directory");
	close(r);
	tap_errno(syscall(SYS_setns, fd, 0), EINVAL, "a file is no name space");
	tap_errno(syscall(SYS_setns, 99, 0), EBADF, "nor is what is not open");
	sync();
	tap_zero(syncfs(fd), "syncfs");
	close(fd);
	unlink("f");
}

static void removed(void)
{
	char buf[8];
	struct stat st;
	int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0644);

	write(fd, "abc", 3);
	unlink("f");
	tap_ok(!fstat(fd, &st) && st.st_nlink == 0, "a removed file has no links");
	tap_ok(pwrite(fd, "xyz", 3, 3) == 3 && pread(fd, buf, 6, 0) == 6 && is(buf, "abcxyz"),
	       "and lives on while it is open");
	tap_errno(access("f", F_OK), ENOENT, "but not by name");
	close(fd);
}

static void between_files(void)
{
	char *big = malloc(300000), *back = malloc(300000);
	off_t off = 10, in_off, out_off;
	int in = open("in", O_RDWR | O_CREAT | O_TRUNC, 0644),
	    out = open("out", O_RDWR | O_CREAT | O_TRUNC, 0644), p[2];

	for (int i = 0; i < 300000; i++)
		big[i] = (char)(i * 7 + i / 251);
	write(in, big, 300000);
	lseek(in, 0, SEEK_SET);
	tap_is(sendfile(out, in, NULL, 1000000), 300000, "sendfile to the end of the file");
	tap_is(lseek(in, 0, SEEK_CUR), 300000, "moves the position");
	tap_ok(pread(out, back, 300000, 0) == 300000 && !memcmp(big, back, 300000), "all bytes are there");
	tap_ok(sendfile(out, in, &off, 100) == 100 && off == 110, "sendfile with an offset moves that");
	tap_is(lseek(in, 0, SEEK_CUR), 300000, "and not the position");
	tap_ok(pread(out, back, 100, 300000) == 100 && !memcmp(big + 10, back, 100), "from the right place");
	pipe(p);
	off = 0;
	tap_ok(sendfile(p[1], in, &off, 1000) == 1000 && read(p[0], back, 2000) == 1000 &&
		       !memcmp(big, back, 1000),
	       "sendfile to a pipe");
	tap_errno(sendfile(out, p[0], NULL, 10), EINVAL, "sendfile from a pipe");
	tap_errno(sendfile(99, in, NULL, 10), EBADF, "sendfile to nothing");
	tap_errno(sendfile(out, 99, NULL, 10), EBADF, "sendfile from nothing");
	tap_errno(sendfile(99, 99, (off_t *)8, 10), EFAULT, "sendfile reads the offset first");
	int app = open("out", O_WRONLY | O_APPEND);
	lseek(in, 0, SEEK_SET);
	tap_errno(sendfile(app, in, NULL, 10), EINVAL, "sendfile to O_APPEND");
	close(app);

	ftruncate(out, 0);
	in_off = 1000, out_off = 5000;
	tap_ok(syscall(SYS_copy_file_range, in, &in_off, out, &out_off, 2000, 0) == 2000 && in_off == 3000 &&
	       out_off == 7000, "copy_file_range");
	tap_ok(pread(out, back, 2000, 5000) == 2000 && !memcmp(big + 1000, back, 2000), "copies");
	in_off = 299990;
	tap_is(syscall(SYS_copy_file_range, in, &in_off, out, NULL, 2000, 0), 10,
	       "copy_file_range at the end");
	tap_is(syscall(SYS_copy_file_range, in, &in_off, out, NULL, 2000, 0), 0, "and behind it");
	in_off = 0, out_off = 50;
	tap_errno(syscall(SYS_copy_file_range, in, &in_off, in, &out_off, 100, 0), EINVAL,
		  "onto itself, overlapping");
	tap_errno(syscall(SYS_copy_file_range, in, &in_off, out, &out_off, 100, 1), EINVAL, "with flags");
	tap_errno(syscall(SYS_copy_file_range, in, NULL, p[1], NULL, 100, 0), EINVAL, "into a pipe");
	int d = open(".", O_RDONLY);
	tap_errno(syscall(SYS_copy_file_range, in, NULL, d, NULL, 100, 0), EISDIR, "into a directory");
	close(d);
	close(in), close(out), close(p[0]), close(p[1]);
	unlink("in"), unlink("out");
	free(big), free(back);
}

static volatile sig_atomic_t too_big;
static void on_xfsz(int sig) { too_big += sig == SIGXFSZ; }

static void size_limit(void)
{
	struct rlimit old, few;
	int fd;

	getrlimit(RLIMIT_FSIZE, &old);
	few = old;
	few.rlim_cur = 100;
	signal(SIGXFSZ, on_xfsz);
	fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0644);
	setrlimit(RLIMIT_FSIZE, &few);
	char buf[200] = "";
	ssize_t first = write(fd, buf, 200);
	ssize_t second = write(fd, buf, 1);
	int err = errno, sig = too_big;
	int third = ftruncate(fd, 500), err3 = errno;
	setrlimit(RLIMIT_FSIZE, &old);
	tap_is(first, 100, "RLIMIT_FSIZE cuts a write");
	tap_ok(second == -1 && err == EFBIG && sig == 1, "and then refuses with EFBIG and SIGXFSZ");
	tap_ok(third == -1 && err3 == EFBIG && too_big == 2, "ftruncate, too");
	close(fd);
	unlink("f");
}

/* Two names, one file, kept by each other's descriptors: appends never overwrite. */
static void appenders(void)
{
	int a = open("f", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0644), b = open("f", O_WRONLY | O_APPEND);
	char buf[32] = "";

	write(a, "1", 1), write(b, "2", 1), write(a, "3", 1), write(b, "4", 1);
	tap_ok(pread(a, buf, 8, 0) == 4 && is(buf, "1234"), "two appenders take turns");
	close(a), close(b);
	unlink("f");
}

static void large(void)
{
	enum { PIECE = 70000, PIECES = 20 };
	unsigned char *buf = malloc(PIECE);
	int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0644), ok = 1;

	for (int n = 0; n < PIECES; n++) {
		for (int i = 0; i < PIECE; i++)
			buf[i] = (unsigned char)(i * 31 + n * 17 + i / 256);
		ok &= write(fd, buf, PIECE) == PIECE;
	}
	tap_ok(ok, "1.4 MB in pieces");
	for (int n = PIECES - 1; n >= 0; n--) {
		ok &= pread(fd, buf, PIECE, (off_t)n * PIECE) == PIECE;
		for (int i = 0; i < PIECE; i++)
			ok &= buf[i] == (unsigned char)(i * 31 + n * 17 + i / 256);
	}
	tap_ok(ok, "come back as they were");
	close(fd);
	unlink("f");
	free(buf);
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	plain();
	vectors();
	sizes();
	removed();
	between_files();
	size_limit();
	appenders();
	large();
	scratch_leave();
	return tap_done();
}
