/* SPDX-License-Identifier: MIT
 * ext2 on the RAM disk: a small file system is made here, byte by byte, mounted, used, filled, and mounted again.
 * flat32: --ramdisk 1M
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include "tap.h"

enum { BLOCK = 1024, BLOCKS = 1024, INODES = 128, TABLE = 5, TABLE_BLOCKS = INODES * 128 / BLOCK, ROOT = TABLE + TABLE_BLOCKS };

static char top[] = "/tmp/ext2.XXXXXX";
static unsigned char image[(ROOT + 1) * BLOCK];

static void put(unsigned at, unsigned size, uint32_t value)
{
	for (unsigned i = 0; i < size; i++)
		image[at + i] = (unsigned char)(value >> 8 * i);
}

/* Blocks 1 and 2: superblock and the one group; 3 and 4: bitmaps; 5 to 20: inodes; 21: the root directory. */
static void make(void)
{
	unsigned s = BLOCK, g = 2 * BLOCK, root = TABLE * BLOCK + 128, d = ROOT * BLOCK;
	static const struct { unsigned at, size; uint32_t value; } fields[] = {
		{ 0, 4, INODES }, { 4, 4, BLOCKS }, { 12, 4, BLOCKS - 1 - ROOT }, { 16, 4, INODES - 10 }, { 20, 4, 1 },
		{ 32, 4, 8192 }, { 36, 4, 8192 }, { 40, 4, INODES }, { 54, 2, 0xffff }, { 56, 2, 0xef53 }, { 58, 2, 1 }, { 60, 2, 1 },
		{ 76, 4, 1 }, { 84, 4, 11 }, { 88, 2, 128 }, { 96, 4, 2 }, { 100, 4, 1 },
	};

	for (unsigned i = 0; i < sizeof fields / sizeof *fields; i++)
		put(s + fields[i].at, fields[i].size, fields[i].value);
	put(g, 4, 3);
	put(g + 4, 4, 4);
	put(g + 8, 4, TABLE);
	put(g + 12, 2, BLOCKS - 1 - ROOT);
	put(g + 14, 2, INODES - 10);
	put(g + 16, 2, 1);
	for (unsigned bit = 0; bit < 8 * BLOCK; bit++) {
		if (bit < ROOT || bit >= BLOCKS - 1)
			image[3 * BLOCK + bit / 8] |= (unsigned char)(1 << bit % 8);
		if (bit < 10 || bit >= INODES)
			image[4 * BLOCK + bit / 8] |= (unsigned char)(1 << bit % 8);
	}
	put(root, 2, 040755);
	put(root + 4, 4, BLOCK);
	put(root + 26, 2, 2);
	put(root + 28, 4, 2);
	put(root + 40, 4, ROOT);
	put(d, 4, 2);
	put(d + 4, 4, 12 | 1 << 16 | 2 << 24);
	image[d + 8] = '.';
	put(d + 12, 4, 2);
	put(d + 16, 4, (BLOCK - 12) | 2 << 16 | 2u << 24);
	image[d + 20] = image[d + 21] = '.';
}

static void same_text(const char *got, const char *want, const char *what)
{
	if (!tap_ok(!strcmp(got, want), "%s", what))
		tap_diag("%s", got);
}

static int mounted(unsigned long flags)
{
	return mount("/dev/ram0", top, "ext2", flags, NULL);
}

static void write_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		tap_diag("cannot write %s", name);
	close(fd);
}

static const char *listing(const char *name)
{
	static char text[2000];
	DIR *d = opendir(name);
	struct dirent *e;

	text[0] = 0;
	while (d && (e = readdir(d)))
		sprintf(text + strlen(text), "%s:%d ", e->d_name, e->d_type);
	closedir(d);
	return text;
}

static void names(void)
{
	char target[80], name[300];
	struct stat st;

	tap_zero(mkdir("dir", 0755), "mkdir");
	write_file("dir/one", "1");
	write_file("dir/second", "2");
	write_file("dir/third", "3");
	tap_zero(symlink("one", "dir/link"), "a symbolic link");
	tap_zero(mkfifo("dir/fifo", 0600), "a FIFO");
	tap_zero(mknod("dir/null", S_IFCHR | 0600, makedev(1, 3)), "a device");
	tap_zero(unlink("dir/second"), "the second is removed");
	write_file("dir/2nd", "");
	same_text(listing("dir"), ".:4 ..:4 one:8 2nd:8 third:8 link:10 fifo:1 null:2 ", "a shorter name has its place");
	tap_errno(rmdir("dir"), ENOTEMPTY, "not empty");
	tap_errno(unlink("dir"), EISDIR, "not a file");
	tap_zero(stat("dir", &st), "stat");
	tap_is(st.st_nlink, 2, "links of a directory");
	tap_is((long)st.st_size, BLOCK, "its size");
	tap_zero(mkdir("dir/sub", 0700), "a directory in it");
	stat("dir", &st);
	tap_is(st.st_nlink, 3, "are one more");
	tap_zero(rename("dir/sub", "sub"), "moved out");
	stat("dir", &st);
	tap_is(st.st_nlink, 2, "and one less");
	tap_errno(syscall(SYS_renameat2, AT_FDCWD, "dir/one", AT_FDCWD, "dir/third", 1), EEXIST, "RENAME_NOREPLACE");
	tap_errno(syscall(SYS_renameat2, AT_FDCWD, "dir/one", AT_FDCWD, "dir/third", 2), EINVAL, "RENAME_EXCHANGE is not ext2's");
	tap_errno(syscall(SYS_renameat2, AT_FDCWD, "dir/one", AT_FDCWD, "dir/four", 4), EINVAL, "nor RENAME_WHITEOUT");
	tap_zero(rename("dir/one", "dir/third"), "renamed over another");
	same_text(listing("dir"), ".:4 ..:4 2nd:8 third:8 link:10 fifo:1 null:2 ", "which is gone");
	tap_zero(link("dir/third", "hard"), "a hard link");
	stat("hard", &st);
	tap_is(st.st_nlink, 2, "has two names");
	memset(name, 'n', 255);
	name[255] = 0;
	tap_zero(mkdir(name, 0755), "a name of 255 bytes");
	tap_zero(rmdir(name), "removed");
	name[255] = 'n';
	name[256] = 0;
	tap_errno(mkdir(name, 0755), ENAMETOOLONG, "one of 256");
	memset(target, 'l', 59);
	target[59] = 0;
	tap_zero(symlink(target, "short"), "a target of 59 bytes");
	lstat("short", &st);
	tap_is((long)st.st_blocks, 0, "takes no block");
	target[59] = 'l';
	target[60] = 0;
	tap_zero(symlink(target, "long"), "one of 60 bytes");
	lstat("long", &st);
	tap_is((long)st.st_blocks, 2, "takes one");
	tap_is(readlink("long", name, sizeof name), 60, "and is read");
}

static void long_targets(void)
{
	static char target[BLOCK + 1];

	memset(target, 't', sizeof target - 1);
	tap_errno(symlink(target, "longer"), ENAMETOOLONG, "a target as long as a block");
	target[BLOCK - 1] = 0;
	tap_zero(symlink(target, "longest"), "one byte less");
	tap_zero(unlink("longest"), "removed");
}

static void contents(void)
{
	struct timespec when[2] = { { 1000, 5000 }, { 2000, 6000 } };
	struct stat st;
	char buf[64], *p;
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0640);

	tap_is(pwrite(fd, "far", 3, 300000), 3, "far behind the start");
	fstat(fd, &st);
	tap_is((long)st.st_size, 300003, "its size");
	tap_is((long)st.st_blocks, 6, "blocks: one, and two that say where it is");
	tap_is(pread(fd, buf, 10, 100), 10, "a hole");
	tap_ok(!buf[0] && !memcmp(buf, buf + 1, 9), "is zero");
	tap_is((long)lseek(fd, 0, SEEK_HOLE), 300003, "of which SEEK_HOLE does not know");
	tap_zero(ftruncate(fd, 1500), "cut");
	fstat(fd, &st);
	tap_is((long)st.st_blocks, 0, "blocks");
	tap_is(pwrite(fd, "abcdef", 6, 1497), 6, "written over the end");
	tap_zero(ftruncate(fd, 1500), "cut in a block");
	tap_zero(ftruncate(fd, 2000), "and longer again");
	tap_is(pread(fd, buf, 6, 1497), 6, "read");
	tap_ok(!memcmp(buf, "abc\0\0\0", 6), "what was cut is zero");
	p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	tap_ok(p != MAP_FAILED && !memcmp(p + 1497, "abc", 3) && !p[4095], "a private mapping");
	munmap(p, 4096);
	tap_errno((long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0), ENODEV, "MAP_SHARED: its pages are no memory to share");
	tap_zero(futimens(fd, when), "futimens");
	fstat(fd, &st);
	tap_ok(st.st_atim.tv_sec == 1000 && st.st_mtim.tv_sec == 2000, "seconds");
	tap_ok(!st.st_atim.tv_nsec && !st.st_mtim.tv_nsec, "of these inodes have no parts");
	tap_zero(fchown(fd, 70000, 80000), "owners of more than 16 bits");
	tap_zero(fsync(fd), "fsync");
	close(fd);
	fd = open(".", O_RDWR | O_TMPFILE, 0600);
	tap_ok(fd >= 0 && write(fd, "tmp", 3) == 3, "O_TMPFILE");
	snprintf(buf, sizeof buf, "/proc/self/fd/%d", fd);
	tap_zero(linkat(AT_FDCWD, buf, AT_FDCWD, "named", AT_SYMLINK_FOLLOW), "gets a name");
	fstat(fd, &st);
	tap_is(st.st_nlink, 1, "of which there is one");
	close(fd);
}

/* The image says that it has no extended attributes, as BusyBox's mke2fs makes it: the first one that is set changes that. */
static void attributes(void)
{
	static char all[1 << 20];
	char *argv[] = { "./program", "run", NULL }, value[8];
	int fd = open("/proc/self/exe", O_RDONLY), status;
	ssize_t len = read(fd, all, sizeof all);
	pid_t pid;

	close(fd);
	fd = open("program", O_WRONLY | O_CREAT, 0755);
	tap_ok(len > 0 && write(fd, all, (size_t)len) == len, "a program is copied there");
	close(fd);
	tap_zero(posix_spawn(&pid, "./program", NULL, NULL, argv, argv + 2), "and runs");
	tap_ok(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 7, "to its end");
	tap_errno(getxattr("program", "user.a", value, sizeof value), ENODATA, "no attribute");
	tap_is((long)listxattr("program", NULL, 0), 0, "none to be listed");
	tap_errno(removexattr("program", "user.a"), ENODATA, "none to be removed");
	tap_errno(setxattr("program", "user.a", "one", 3, XATTR_REPLACE), ENODATA, "nor replaced");
	tap_zero(setxattr("program", "user.a", "one", 3, 0), "set");
	tap_ok(getxattr("program", "user.a", value, sizeof value) == 3 && !memcmp(value, "one", 3), "and got");
	tap_zero(unlink("program"), "removed");
	tap_zero(setxattr("file", "user.b", "two", 3, 0), "another");
}

static void flags(void)
{
	enum { GET = (int)0x80046601, SET = 0x40046602, APPEND = 0x20, IMMUTABLE = 0x10 };
	int fd = open("flags", O_RDWR | O_CREAT, 0644), n = 7, other;

	tap_zero(ioctl(fd, GET, &n), "FS_IOC_GETFLAGS");
	tap_is(n, 0, "none");
	n = APPEND;
	tap_zero(ioctl(fd, SET, &n), "append only");
	tap_errno(open("flags", O_WRONLY), EPERM, "not to be written anywhere");
	other = open("flags", O_WRONLY | O_APPEND);
	tap_ok(other >= 0 && write(other, "more", 4) == 4, "but at the end");
	close(other);
	tap_errno(unlink("flags"), EPERM, "not removed");
	tap_errno(truncate("flags", 0), EPERM, "nor cut");
	n = IMMUTABLE;
	tap_zero(ioctl(fd, SET, &n), "immutable");
	tap_errno(open("flags", O_WRONLY | O_APPEND), EPERM, "not to be written at all");
	tap_errno(chmod("flags", 0600), EPERM, "nor its mode changed");
	tap_errno(link("flags", "other"), EPERM, "nor another name given");
	tap_errno(rename("flags", "other"), EPERM, "nor this one changed");
	n = 0;
	tap_zero(ioctl(fd, SET, &n), "and as before");
	tap_zero(unlink("flags"), "removed");
	tap_errno(ioctl(fd, 0x1234, &n), ENOTTY, "another ioctl");
	close(fd);
	fd = open("file", O_RDWR);
	tap_is(syscall(SYS_fallocate, fd, 0, 0, 0, 5000, 0) ? errno : 0, EOPNOTSUPP, "there is no fallocate");
	close(fd);
}

static void room(void)
{
	static char block[BLOCK];
	struct statfs before, full, after;
	long n = 0;
	int fd;

	statfs(".", &before);
	tap_is((long)before.f_type, 0xef53, "statfs: type");
	tap_is((long)before.f_bsize, BLOCK, "block size");
	tap_is((long)before.f_files, INODES, "inodes");
	tap_is((long)before.f_blocks, BLOCKS - ROOT, "blocks for files");
	fd = open("full", O_WRONLY | O_CREAT, 0644);
	while (write(fd, block, sizeof block) == sizeof block)
		n++;
	tap_errno(write(fd, block, sizeof block), ENOSPC, "it is full");
	statfs(".", &full);
	tap_is((long)full.f_bfree, 0, "nothing is free");
	tap_is((long)before.f_bfree - n, n > 268 ? 5 : 1, "blocks that say where blocks are");
	tap_errno(mkdir("none", 0755), ENOSPC, "not even for a directory");
	unlink("full");
	statfs(".", &full);
	tap_is((long)full.f_bfree, 0, "what is open is not free");
	close(fd);
	statfs(".", &after);
	tap_is((long)after.f_bfree, (long)before.f_bfree, "what is closed is");
	tap_is((long)after.f_ffree, (long)before.f_ffree, "its inode, too");
}

static void again(void)
{
	struct stat st;
	char buf[8];
	int fd;

	tap_zero(chdir("/"), "out of it");
	tap_zero(umount(top), "unmounted");
	tap_errno(mount("/dev/ram0", top, "ext2", 0, "nonsense=1"), EINVAL, "an option that it does not have");
	tap_zero(mounted(MS_RDONLY), "mounted to be read");
	chdir(top);
	tap_errno(mkdir("new", 0755), EROFS, "nothing is made");
	tap_errno(open("file", O_WRONLY), EROFS, "nor written");
	tap_zero(stat("file", &st), "what was there is there");
	tap_ok(st.st_uid == 70000 && st.st_gid == 80000 && st.st_size == 2000 && st.st_mtime == 2000 && st.st_mode == 0100640,
	       "as it was");
	tap_is(readlink("long", buf, sizeof buf), 8, "a link");
	tap_ok(getxattr("file", "user.b", buf, sizeof buf) == 3 && !memcmp(buf, "two", 3), "an attribute");
	tap_zero(mount("/dev/ram0", top, "ext2", MS_REMOUNT, NULL), "remounted to be written");
	fd = open("file", O_WRONLY);
	tap_ok(fd >= 0, "open to be written");
	tap_errno(mount("/dev/ram0", top, "ext2", MS_REMOUNT | MS_RDONLY, NULL), EBUSY, "not read-only while it is");
	chdir("/");
	tap_errno(umount(top), EBUSY, "nor unmounted");
	close(fd);
	tap_zero(mount("/dev/ram0", top, "ext2", MS_REMOUNT | MS_RDONLY, NULL), "then it is");
	tap_errno(mount("/dev/ram0", top, "ext2", 0, NULL), EBUSY, "a device is mounted one way");
	tap_zero(umount(top), "unmounted");
}

int main(int argc, char **argv)
{
	int fd = tap_own_machine() ? open("/dev/ram0", O_RDWR) : -1;

	if (argc > 1 && !strcmp(argv[1], "run"))
		return 7;
	tap_plan(0);
	if (fd < 0) {
		tap_skip(1, "no /dev/ram0");
		return tap_done();
	}
	umask(022);
	mkdtemp(top);
	tap_errno(mounted(0), EINVAL, "nothing on it yet");
	make();
	tap_is(pwrite(fd, image, sizeof image, 0), sizeof image, "a file system is made");
	fsync(fd);
	close(fd);
	if (!tap_ok(!mounted(0) && !chdir(top), "and mounted"))
		return tap_done();
	same_text(listing("."), ".:4 ..:4 ", "it is empty");
	names();
	long_targets();
	contents();
	attributes();
	flags();
	room();
	again();
	rmdir(top);
	return tap_done();
}
