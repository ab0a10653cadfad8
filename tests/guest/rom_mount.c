/* SPDX-License-Identifier: MIT
 * romfs and cramfs on a block device: mounting, and what is found there.
 * flat32: --ramdisk 1M
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include "rom_image.h"
#include "scratch.h"

#define DISK "/dev/ram0"

static void put_image(void)
{
	int fd = open(DISK, O_WRONLY);

	if (fd < 0 || pwrite(fd, rom, sizeof rom, 0) != (ssize_t)sizeof rom || fsync(fd))
		tap_bail("%s: %s", DISK, strerror(errno));
	close(fd);
}

static int try_mount(const char *type, unsigned long flags)
{
	int r = mount(DISK, "m", type, flags, NULL) ? -errno : 0;

	if (!r)
		umount("m");
	return r;
}

/* Names and types of a directory, in its order; not all file systems have "." and "..". */
static void list(const char *path, const char *want)
{
	char text[512] = "";
	DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s:%d ", e->d_name, e->d_type);
	if (d)
		closedir(d);
	if (!tap_ok(!strcmp(text, want), "%s has these names", path))
		tap_diag("%s", text);
}

static void look(const char *path, mode_t mode, off_t size, nlink_t links, unsigned long ino)
{
	struct stat st, disk;

	tap_zero(lstat(path, &st), "%s is there", path);
	tap_is(st.st_mode, mode, "%s: its mode", path);
	tap_is(st.st_size, size, "%s: its size", path);
	tap_is((long)st.st_nlink, (long)links, "%s: its links", path);
	if (ino)
		tap_is((long)st.st_ino, (long)ino, "%s: its number", path);
	tap_is(st.st_blocks, (size + 511) / 512, "%s: its blocks", path);
	tap_ok(!st.st_mtime && !st.st_ctime && !st.st_atime, "%s: no times", path);
	tap_ok(!stat(DISK, &disk) && st.st_dev == disk.st_rdev, "%s: on the disk", path);
}

/* Page n of a file is full of 'A' + n, page `hole` of zeros. */
static void pages(const char *path, size_t size, int hole)
{
	static char buf[5 * ROM_PAGE];
	int fd = open(path, O_RDONLY), good = 1;

	tap_is(read(fd, buf, sizeof buf), (long)size, "%s: all of it", path);
	for (size_t i = 0; i < size; i++)
		good &= buf[i] == (i / ROM_PAGE == (size_t)hole ? 0 : (char)('A' + i / ROM_PAGE));
	tap_ok(good, "%s: as it was put in", path);
	tap_is(read(fd, buf, 10), 0, "%s: its end", path);
	tap_is(pread(fd, buf, 10, (off_t)ROM_PAGE - 5), 10, "%s: across pages", path);
	tap_is(pread(fd, buf, 10, (off_t)size - 3), 3, "%s: up to the end", path);
	tap_is(lseek(fd, 0, SEEK_END), (long)size, "%s: its end is its size", path);
	close(fd);
}

static void nothing_can_be_written(void)
{
	tap_errno(truncate("m/run", 0), access("m/run", F_OK) ? ENOENT : EROFS, "nothing cut");
	tap_errno(open("m/new", O_RDWR | O_CREAT, 0644), EROFS, "no new file");
	tap_errno(mkdir("m/new", 0755), EROFS, "no directory");
	tap_errno(symlink("x", "m/new"), EROFS, "no link");
	tap_errno(unlink("m/pipe"), EROFS, "nothing removed");
	tap_errno(rename("m/pipe", "m/new"), EROFS, "nothing renamed");
	tap_errno(chmod("m/pipe", 0600), EROFS, "no mode changed");
	tap_errno(chown("m/pipe", 1, 1), EROFS, "no owner");
	tap_errno(utimensat(AT_FDCWD, "m/pipe", NULL, 0), EROFS, "no time");
	tap_errno(truncate("m/sub", 0), EISDIR, "a directory is not cut");
	tap_zero(mount(NULL, "m", NULL, MS_REMOUNT, NULL), "a remount for writing");
	tap_errno(mkdir("m/new", 0755), EROFS, "changes nothing");
}

static void node(void)
{
	struct stat st;
	int fd = open("m/node", O_WRONLY);

	tap_ok(!stat("m/node", &st) && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3), "a device node");
	tap_is(write(fd, "x", 1), 1, "that works");
	close(fd);
	tap_zero(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY | MS_NODEV, NULL), "remounted without devices");
	tap_errno(open("m/node", O_WRONLY), EACCES, "it does not");
}

static void romfs(void)
{
	char text[64], path[256] = "m/";
	struct statfs fs;

	romfs_image();
	put_image();
	tap_zero(mount(DISK, "m", "romfs", 0, NULL), "romfs is mounted");
	list("m", "a:8 run:8 sub:4 hard:0 link:10 node:2 pipe:1 loop:0 far:0 ");
	list("m/sub", "big:8 ");
	look("m", S_IFDIR | 0755, 32, 1, ROM_ROOT);
	look("m/a", S_IFREG | 0644, 5, 1, 96);
	look("m/run", S_IFREG | 0755, 0, 1, 144);
	look("m/hard", S_IFREG | 0644, ROM_BIG, 1, ROM_BIG_AT);
	look("m/sub/big", S_IFREG | 0644, ROM_BIG, 1, ROM_BIG_AT);
	look("m/link", S_IFLNK | 0777, 7, 1, 240);
	look("m/pipe", S_IFIFO | 0644, 0, 1, 320);
	pages("m/hard", ROM_BIG, -1);
	tap_is(readlink("m/link", text, sizeof text), 7, "readlink");
	tap_ok(!memcmp(text, "sub/big", 7), "what it says");
	pages("m/link", ROM_BIG, -1);
	node();
	nothing_can_be_written();
	tap_errno(open("m/a", O_RDWR), EROFS, "a file, neither");
	tap_errno(open("m/none", O_RDONLY), ENOENT, "what is not there");
	tap_errno(open("m/a/x", O_RDONLY), ENOTDIR, "a file is no directory");
	tap_errno(open("m/loop", O_RDONLY), ELOOP, "a hard link to itself");
	tap_errno(open("m/far", O_RDONLY), EIO, "one to nowhere");
	memset(path + 2, 'n', 129);
	tap_errno(open(path, O_RDONLY), ENAMETOOLONG, "a name of 129 bytes");
	path[2 + 128] = 0;
	tap_errno(open(path, O_RDONLY), ENOENT, "one of 128");
	tap_zero(statfs("m", &fs), "statfs");
	tap_is((long)fs.f_type, 0x7275, "its type");
	tap_is((long)fs.f_bsize, 1024, "its blocks' size");
	tap_is((long)fs.f_blocks, ROM_SIZE / 1024, "how many");
	tap_is((long)(fs.f_bfree + fs.f_files + fs.f_ffree), 0, "what is not counted");
	tap_is((long)fs.f_namelen, 128, "its longest name");
	tap_is(fs.f_flags & 1, 1, "read-only");
	tap_zero(umount("m"), "unmounted");
	tap_errno(mount(DISK, "m", "cramfs", 0, NULL), EINVAL, "it is no cramfs");
	rom[500] ^= 1;
	put_image();
	tap_is(try_mount("romfs", 0), -EINVAL, "a wrong sum");
	romfs_image();
	rom[7] ^= 1;
	romfs_seal();
	put_image();
	tap_is(try_mount("romfs", 0), -EINVAL, "a wrong beginning");
	romfs_image();
	rom_word(8, 15, 1);
	romfs_seal();
	put_image();
	tap_is(try_mount("romfs", 0), -EINVAL, "too small");
	romfs_image();
	romfs_header(ROM_ROOT, 64, 2, 0, 0, ".");
	romfs_seal();
	put_image();
	tap_is(try_mount("romfs", 0), -ENOTDIR, "a root that is a file");
}

static void cramfs(void)
{
	char text[64];
	struct statfs fs;
	struct stat st;
	int fd;

	cramfs_image();
	put_image();
	tap_zero(mount(DISK, "m", "cramfs", 0, NULL), "cramfs is mounted");
	list("m", "bad:8 big:8 link:10 node:2 pipe:1 sub:4 xip:8 ");
	list("m/sub", "empty:8 ");
	look("m/big", S_IFREG | 0640, ROM_BIG, 1, CRAM_BIG);
	tap_ok(!stat("m/big", &st) && st.st_uid == 1000 && st.st_gid == 100, "its owner");
	look("m/sub", S_IFDIR | 0750, 20, 1, CRAM_SUB);
	look("m/sub/empty", S_IFREG | 0600, 0, 1, CRAM_SUB + 1);
	look("m/link", S_IFLNK | 0777, 9, 1, CRAM_LINK);
	tap_ok(!stat("m", &st) && (st.st_mode & 07777) == 0755, "its root can be read by all");
	pages("m/big", ROM_BIG, 1);
	pages("m/xip", 2 * ROM_PAGE + 100, -1);
	tap_is(readlink("m/link", text, sizeof text), 9, "readlink");
	tap_ok(!memcmp(text, "sub/empty", 9), "what it says");
	tap_zero(access("m/link", F_OK), "where it leads");
	fd = open("m/bad", O_RDONLY);
	tap_errno(read(fd, text, 10), EIO, "a damaged file");
	close(fd);
	node();
	nothing_can_be_written();
	tap_errno(open("m/none", O_RDONLY), ENOENT, "what is not there");
	tap_zero(statfs("m", &fs), "statfs");
	tap_is((long)fs.f_type, 0x28cd3d45, "its type");
	tap_is((long)fs.f_bsize, ROM_PAGE, "its blocks' size");
	tap_is((long)fs.f_blocks, 9, "how many");
	tap_is((long)fs.f_files, 8, "how many files");
	tap_is((long)fs.f_namelen, 252, "its longest name");
	tap_zero(umount("m"), "unmounted");
	rom_word(8, 0x1903, 0);
	put_image();
	tap_is(try_mount("cramfs", 0), -EINVAL, "a feature that there is not");
	cramfs_image();
	rom_word(64, S_IFREG | 0755, 0);
	put_image();
	tap_is(try_mount("cramfs", 0), -EINVAL, "a root that is a file");
	cramfs_image();
	rom_word(72, (CRAM_ROOT + 4) / 4 << 6, 0);
	put_image();
	tap_is(try_mount("cramfs", 0), -EINVAL, "a root somewhere else");
	cramfs_image();
	rom_word(0, 0x453dcd28, 0);
	put_image();
	tap_is(try_mount("cramfs", 0), -EINVAL, "the other byte order");
}

/* What mount(2) says of devices that it cannot have. */
static void devices(void)
{
	struct stat a, b;
	int fd;

	romfs_image();
	put_image();
	tap_errno(mount(NULL, "m", "romfs", 0, NULL), EINVAL, "no device");
	tap_errno(mount("", "m", "romfs", 0, NULL), EINVAL, "none, either");
	tap_errno(mount("nothing", "m", "romfs", 0, NULL), ENOENT, "not there");
	tap_errno(mount("m", "m", "romfs", 0, NULL), ENOTBLK, "a directory");
	tap_errno(mount("/dev/null", "m", "romfs", 0, NULL), ENOTBLK, "a character device");
	scratch_file("file", "x");
	tap_errno(mount("file", "m", "cramfs", 0, NULL), ENOTBLK, "a file");
	tap_errno(mount("file/x", "m", "cramfs", 0, NULL), ENOTDIR, "not even that");
	mknod("nobody", S_IFBLK | 0600, makedev(211, 7));
	tap_errno(mount("nobody", "m", "cramfs", 0, NULL), ENXIO, "a device without a driver");
	mkdir("n", 0755);
	mount("none", "n", "tmpfs", MS_NODEV, NULL);
	mknod("n/disk", S_IFBLK | 0600, makedev(1, 0));
	tap_errno(mount("n/disk", "m", "cramfs", 0, NULL), EACCES, "one where there are no devices");
	umount("n");
	symlink(DISK, "disk");
	tap_zero(mount("disk", "m", "romfs", 0, NULL), "by a link, from where we are");
	tap_errno(mount(DISK, "n", "romfs", 0, NULL), EBUSY, "once more, to be written");
	tap_errno(mount(DISK, "n", "cramfs", MS_RDONLY, NULL), EBUSY, "as something else");
	tap_errno(mount(DISK, "m", "romfs", MS_RDONLY, NULL), EBUSY, "in the same place");
	tap_zero(mount(DISK, "n", "romfs", MS_RDONLY, NULL), "in another place, read-only");
	tap_ok(!stat("m/a", &a) && !stat("n/a", &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino, "it is the same");
	tap_errno(open(DISK, O_RDONLY | O_EXCL), EBUSY, "nobody else has the disk alone");
	fd = open(DISK, O_RDONLY);
	tap_ok(fd >= 0, "but can read it");
	close(fd);
	tap_zero(umount("n"), "one goes");
	tap_errno(open(DISK, O_RDONLY | O_EXCL), EBUSY, "it is still held");
	fd = open("m/a", O_RDONLY);
	tap_errno(umount("m"), EBUSY, "a file of it is open");
	close(fd);
	tap_zero(umount("m"), "the other goes");
	fd = open(DISK, O_RDONLY | O_EXCL);
	tap_ok(fd >= 0, "now it can be had alone");
	tap_errno(open(DISK, O_RDONLY | O_EXCL), EBUSY, "but once");
	tap_errno(mount(DISK, "n", "romfs", MS_RDONLY, NULL), EBUSY, "and not be mounted");
	close(fd);
	tap_zero(try_mount("romfs", MS_RDONLY), "or again");
}

int main(void)
{
	tap_plan(0);
	if (access(DISK, R_OK | W_OK) || !tap_own_machine()) {
		tap_skip(1, "no " DISK);
		return tap_done();
	}
	scratch_enter();
	mkdir("m", 0755);
	devices();
	romfs();
	cramfs();
	scratch_leave();
	return tap_done();
}
