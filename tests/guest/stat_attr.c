/* SPDX-License-Identifier: MIT
 * What is known about files and changing it: stat, statx, modes, owners, times, access, statfs.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <time.h>
#include "scratch.h"

struct statx_buf { unsigned mask, blksize; unsigned long long attributes; unsigned words[60]; };

static void of_kinds(void)
{
	struct stat st, other;
	int fd, p[2];

	scratch_file("f", "hello");
	mkdir("d", 0750);
	symlink("f", "l");
	mkfifo("p", 0600);
	tap_ok(!stat("f", &st) && S_ISREG(st.st_mode) && st.st_size == 5 && st.st_nlink == 1, "a file");
	tap_ok(st.st_blksize >= 512 && st.st_blocks > 0 && st.st_blocks <= 64, "its blocks");
	tap_ok(st.st_uid == geteuid() && st.st_gid == getegid(), "its owner");
	fd = open("f", O_RDONLY);
	tap_ok(!fstat(fd, &other) && other.st_ino == st.st_ino && other.st_dev == st.st_dev,
	       "fstat: the same file");
	close(fd);
	tap_ok(!stat("d", &st) && S_ISDIR(st.st_mode) && (st.st_mode & 07777) == 0750 && st.st_nlink >= 1,
	       "a directory");
	tap_ok(!stat("l", &st) && S_ISREG(st.st_mode), "stat follows a link");
	tap_ok(!lstat("l", &st) && S_ISLNK(st.st_mode) && st.st_size == 1, "lstat does not");
	tap_ok(!stat("p", &st) && S_ISFIFO(st.st_mode), "a FIFO");
	tap_ok(!stat("/dev/null", &st) && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3),
	       "/dev/null is 1:3");
	pipe(p);
	tap_ok(!fstat(p[0], &st) && S_ISFIFO(st.st_mode) && !fstat(p[1], &other) && st.st_ino == other.st_ino,
	       "both ends of a pipe are one FIFO");
	close(p[0]), close(p[1]);
	tap_errno(stat("none", &st), ENOENT, "stat: no such file");
	tap_errno(stat("f/x", &st), ENOTDIR, "stat through a file");
	tap_errno(stat("", &st), ENOENT, "stat of the empty name");
	tap_errno(fstat(99, &st), EBADF, "fstat of nothing");
	tap_errno(fstatat(99, "f", &st, 0), EBADF, "fstatat from nothing");
	tap_ok(!fstatat(AT_FDCWD, "", &st, AT_EMPTY_PATH) && S_ISDIR(st.st_mode),
	       "AT_EMPTY_PATH: where we are");
	tap_ok(!link("f", "g") && !stat("f", &st) && st.st_nlink == 2 && !stat("g", &other) &&
	       other.st_ino == st.st_ino, "a link is counted");
	unlink("g");
	tap_ok(!stat("f", &st) && st.st_nlink == 1, "and its going, too");
	if (tap_bad_pointers())
		tap_errno(syscall(SYS_statx, AT_FDCWD, "f", 0, 0x7ff, (void *)8), EFAULT,
			  "statx into a bad pointer");
	else
		tap_skip(1, "the kernel panics");
	unlink("p"), unlink("l"), unlink("f");
	tap_ok(!stat(".", &st), "here");
	nlink_t before = st.st_nlink;
	mkdir("d/sub", 0755);
	tap_ok(!stat("d", &st) && (st.st_nlink == 3 || st.st_nlink == 1), "a subdirectory counts as a link");
	rmdir("d/sub"), rmdir("d");
	tap_ok(!stat(".", &st) && (st.st_nlink == before - 1 || st.st_nlink == 1), "until it is removed");
}

static void of_statx(void)
{
	struct statx_buf x;

	scratch_file("f", "abc");
	memset(&x, 0xff, sizeof x);
	tap_zero(syscall(SYS_statx, AT_FDCWD, "f", 0, 0x7ff, &x), "statx");
	tap_is(x.mask & 0x7ff, 0x7ff, "the basic ones are all there");
	tap_errno(syscall(SYS_statx, AT_FDCWD, "f", 0x6000, 0x7ff, &x), EINVAL, "statx: contrary flags");
	tap_errno(syscall(SYS_statx, AT_FDCWD, "f", 0x80000, 0x7ff, &x), EINVAL, "statx: unknown flags");
	tap_errno(syscall(SYS_statx, AT_FDCWD, "f", 0, 0x80000000u, &x), EINVAL, "statx: the reserved bit");
	tap_errno(syscall(SYS_statx, AT_FDCWD, "", 0, 0x7ff, &x), ENOENT, "statx of the empty name");
	unlink("f");
}

static void modes(void)
{
	struct stat st;
	int fd;

	scratch_file("f", "");
	symlink("f", "l");
	tap_ok(!chmod("f", 04755) && !stat("f", &st) && (st.st_mode & 07777) == 04755, "chmod");
	tap_ok(!chmod("l", 0600) && !stat("f", &st) && (st.st_mode & 07777) == 0600, "chmod follows links");
	fd = open("f", O_RDONLY);
	tap_ok(!fchmod(fd, 0640) && !stat("f", &st) && (st.st_mode & 07777) == 0640, "fchmod");
	close(fd);
	tap_errno(chmod("none", 0644), ENOENT, "chmod: no such file");
	tap_errno(fchmod(99, 0644), EBADF, "fchmod of nothing");
	tap_ok(umask(077) == 022 && umask(022) == 077, "umask gives the old one");
	umask(0);
	fd = open("g", O_RDWR | O_CREAT, 0666);
	tap_ok(!fstat(fd, &st) && (st.st_mode & 07777) == 0666, "umask 0 takes nothing away");
	close(fd);
	umask(022);
	tap_zero(syscall(452 /* fchmodat2 */, AT_FDCWD, "f", 0600, 0) && errno != ENOSYS, "fchmodat2");
	long r = syscall(452, AT_FDCWD, "l", 0600, AT_SYMLINK_NOFOLLOW);
	tap_ok(r == -1 && (errno == EOPNOTSUPP || errno == ENOSYS), "a link's own mode cannot be changed");
	unlink("f"), unlink("g"), unlink("l");
}

static void owners(void)
{
	struct stat st;

	scratch_file("f", "");
	symlink("f", "l");
	if (geteuid() != 0 || (!scratch_mounted && tap_own_machine())) {
		tap_skip(8, "needs a root of its own");
	} else {
		tap_ok(!chown("f", 12, 34) && !stat("f", &st) && st.st_uid == 12 && st.st_gid == 34, "chown");
		tap_ok(!chown("f", -1, 35) && !stat("f", &st) && st.st_uid == 12 && st.st_gid == 35,
		       "-1 leaves the user");
		tap_ok(!chown("f", 13, -1) && !stat("f", &st) && st.st_uid == 13 && st.st_gid == 35,
		       "-1 leaves the group");
		tap_ok(!lchown("l", 14, 14) && !lstat("l", &st) && st.st_uid == 14 && !stat("f", &st) &&
			       st.st_uid == 13,
		       "lchown is the link's");
		chmod("f", 06755);
		tap_ok(!chown("f", 13, 13) && !stat("f", &st) && !(st.st_mode & 06000),
		       "chown takes set-user-ID away");
		mkdir("sg", 0777);
		chown("sg", 0, 77);
		chmod("sg", 02777);
		scratch_file("sg/f", "");
		mkdir("sg/d", 0755);
		tap_ok(!stat("sg/f", &st) && st.st_gid == 77,
		       "in a set-group-ID directory files get its group");
		tap_ok(!stat("sg/d", &st) && st.st_gid == 77 && (st.st_mode & 02000),
		       "and directories the bit, too");
		unlink("sg/f"), rmdir("sg/d"), rmdir("sg");
		int p[2];
		pipe(p);
		tap_ok(!fchown(p[0], 5, 5) && !fstat(p[0], &st) && st.st_uid == 5, "pipes have owners");
		close(p[0]), close(p[1]);
	}
	tap_errno(chown("none", 1, 1), ENOENT, "chown: no such file");
	tap_errno(fchown(99, 1, 1), EBADF, "fchown of nothing");
	tap_errno(fchownat(AT_FDCWD, "f", 1, 1, 0x80000), EINVAL, "fchownat: unknown flags");
	unlink("f"), unlink("l");
}

static int mapping_moves_atime(int fd, int flags)
{
	struct timespec ts[2] = { { 100, 0 }, { 100, 0 } };
	struct stat st;
	void *p;

	futimens(fd, ts);
	p = mmap(NULL, 1, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (p == MAP_FAILED)
		return flags == MAP_SHARED && errno == ENODEV;	/* a file of the host has no place to be shared in */
	if (fstat(fd, &st))
		return 0;
	munmap(p, 1);
	return st.st_atim.tv_sec > 100 && st.st_mtim.tv_sec == 100;
}

static void times_of_files(void)
{
	struct timespec ts[2] = { { 1000, 500 }, { 2000, 999999999 } }, now;
	struct stat st, before;
	int fd;

	scratch_file("f", "");
	symlink("f", "l");
	tap_ok(!utimensat(AT_FDCWD, "f", ts, 0) && !stat("f", &st) && st.st_atim.tv_sec == 1000 &&
		       st.st_atim.tv_nsec == 500 && st.st_mtim.tv_sec == 2000 &&
		       st.st_mtim.tv_nsec == 999999999,
	       "utimensat");
	ts[0].tv_nsec = UTIME_OMIT;
	ts[1].tv_sec = 3000, ts[1].tv_nsec = 0;
	tap_ok(!utimensat(AT_FDCWD, "f", ts, 0) && !stat("f", &st) && st.st_atim.tv_sec == 1000 &&
	       st.st_mtim.tv_sec == 3000, "UTIME_OMIT");
	ts[1].tv_nsec = UTIME_OMIT;
	tap_zero(utimensat(AT_FDCWD, "none", ts, 0), "nothing to change: the file is not even looked for");
	ts[0].tv_nsec = UTIME_NOW;
	clock_gettime(CLOCK_REALTIME, &now);
	tap_ok(!utimensat(AT_FDCWD, "f", ts, 0) && !stat("f", &st) && st.st_atim.tv_sec >= now.tv_sec - 1 &&
	       st.st_mtim.tv_sec == 3000, "UTIME_NOW");
	tap_ok(!utimensat(AT_FDCWD, "f", NULL, 0) && !stat("f", &st) && st.st_mtim.tv_sec >= now.tv_sec - 1,
	       "NULL: now");
	fd = open("f", O_RDONLY);
	ts[0].tv_sec = 7, ts[0].tv_nsec = 0, ts[1].tv_sec = -5, ts[1].tv_nsec = 0;
	tap_ok(!futimens(fd, ts) && !stat("f", &st) && st.st_atim.tv_sec == 7 && st.st_mtim.tv_sec == -5,
	       "futimens, before 1970");
	close(fd);
	ts[1].tv_sec = 1ll << 33;
	tap_ok(!utimensat(AT_FDCWD, "f", ts, 0) && !stat("f", &st) && st.st_mtim.tv_sec == 1ll << 33,
	       "and after 2038");
	ts[0].tv_nsec = 1000000000;
	tap_errno(utimensat(AT_FDCWD, "f", ts, 0), EINVAL, "too many nanoseconds");
	ts[0].tv_nsec = 0;
	tap_ok(!utimensat(AT_FDCWD, "l", ts, AT_SYMLINK_NOFOLLOW) && !lstat("l", &st) &&
		       st.st_mtim.tv_sec == 1ll << 33,
	       "a link's own times");
	tap_errno(utimensat(AT_FDCWD, "none", ts, 0), ENOENT, "utimensat: no such file");
	tap_errno(utimensat(AT_FDCWD, "f", ts, 0x80000), EINVAL, "utimensat: unknown flags");
	tap_errno(futimens(99, ts), EBADF, "futimens of nothing");

	/* What changes on its own. */
	ts[0].tv_sec = ts[1].tv_sec = 100;
	utimensat(AT_FDCWD, "f", ts, 0);
	stat("f", &before);
	fd = open("f", O_RDWR);
	write(fd, "x", 1);
	tap_ok(!fstat(fd, &st) && st.st_mtim.tv_sec > 100, "a write moves mtime");
	tap_ok(mapping_moves_atime(fd, MAP_SHARED), "a shared mapping moves atime");
	tap_ok(mapping_moves_atime(fd, MAP_PRIVATE), "so does a private one");
	utimensat(AT_FDCWD, "f", ts, 0);
	ftruncate(fd, 0);
	tap_ok(!fstat(fd, &st) && st.st_mtim.tv_sec > 100, "so does ftruncate");
	close(fd);
	utimensat(AT_FDCWD, ".", ts, 0);
	scratch_file("g", "");
	tap_ok(!stat(".", &st) && st.st_mtim.tv_sec > 100, "a new name moves its directory's");
	utimensat(AT_FDCWD, "f", ts, 0);
	chmod("f", 0600);
	tap_ok(!stat("f", &st) && st.st_mtim.tv_sec == 100 && st.st_ctim.tv_sec > 100,
	       "chmod moves ctime only");
	unlink("f"), unlink("g"), unlink("l");
}

static void access_rights(void)
{
	scratch_file("f", "");
	chmod("f", 0644);
	tap_zero(access("f", F_OK), "access: F_OK");
	tap_zero(access("f", R_OK | W_OK), "access: R_OK|W_OK");
	tap_errno(access("f", X_OK), EACCES, "access: X_OK, even for root");
	chmod("f", 0755);
	tap_zero(access("f", X_OK), "access: X_OK with an x bit");
	tap_errno(access("none", F_OK), ENOENT, "access: no such file");
	tap_errno(access("f", 99), EINVAL, "access: wrong mode");
	tap_zero(faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS), "faccessat: AT_EACCESS");
	tap_errno(syscall(439 /* faccessat2 */, AT_FDCWD, "f", R_OK, 0x80000), EINVAL,
		  "faccessat2: unknown flags");
	if (geteuid() == 0 && (scratch_mounted || !tap_own_machine())) {
		chmod("f", 0600);
		chmod(".", 0755);
		seteuid(1234);
		tap_errno(open("f", O_RDONLY), EACCES, "another user cannot open it");
		tap_zero(access("f", R_OK), "access asks for the real user, who is root");
		tap_errno(faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS), EACCES,
			  "AT_EACCESS for the effective one");
		tap_errno(open("new", O_RDWR | O_CREAT, 0644), EACCES, "nor make files here");
		tap_errno(unlink("f"), EACCES, "nor remove them");
		tap_errno(chmod("f", 0666), EPERM, "nor change modes");
		tap_errno(chown("f", 1234, -1), EPERM, "nor owners");
		struct timespec ts[2] = { { 1, 1 }, { 1, 1 } };
		tap_errno(utimensat(AT_FDCWD, "f", ts, 0), EPERM, "nor set times");
		tap_errno(utimensat(AT_FDCWD, "f", NULL, 0), EACCES, "nor touch");
		tap_errno(mkdir("d", 0755), EACCES, "nor make directories");
		tap_errno(rename("f", "g"), EACCES, "nor rename");
		tap_errno(truncate("f", 0), EACCES, "nor cut");
		seteuid(0);
		mkdir("closed", 0700);
		seteuid(1234);
		tap_errno(chdir("closed"), EACCES, "nor go where it is not let in");
		tap_errno(access("closed/x", F_OK), ENOENT, "which the real user may");
		tap_errno(open("closed/x", O_RDONLY), EACCES, "but not the effective one");
		seteuid(0);
		rmdir("closed");
		mkdir("sticky", 01777);
		chmod("sticky", 01777);
		scratch_file("sticky/f", "");
		seteuid(1234);
		tap_errno(unlink("sticky/f"), EPERM, "the sticky bit keeps others' files");
		int fd = open("sticky/mine", O_RDWR | O_CREAT, 0644);
		tap_ok(fd >= 0 && !unlink("sticky/mine"), "not one's own");
		close(fd);
		seteuid(0);
		unlink("sticky/f"), rmdir("sticky");
	} else {
		tap_skip(17, "needs a root of its own");
	}
	unlink("f");
}

static void of_file_systems(void)
{
	struct statfs fs;
	int fd = open(".", O_RDONLY);

	tap_ok(!statfs(".", &fs) && fs.f_bsize >= 512 && fs.f_namelen == 255, "statfs");
	tap_ok(!fstatfs(fd, &fs), "fstatfs");
	close(fd);
	if (scratch_mounted)
		tap_ok(fs.f_type == 0x01021994 || fs.f_type == 0x858458f6, "it is a tmpfs (or ramfs)");
	else
		tap_skip(1, "not a tmpfs of our own");
	tap_errno(statfs("none", &fs), ENOENT, "statfs: no such file");
	tap_errno(fstatfs(99, &fs), EBADF, "fstatfs of nothing");
	tap_ok(!statfs("/proc", &fs) && fs.f_type == 0x9fa0, "/proc is a proc");
	tap_errno(syscall(SYS_statfs64, ".", 10, &fs), EINVAL, "statfs64 with a wrong size");
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	of_kinds();
	of_statx();
	modes();
	owners();
	times_of_files();
	access_rights();
	of_file_systems();
	scratch_leave();
	return tap_done();
}
