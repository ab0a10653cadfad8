/* SPDX-License-Identifier: MIT
 * Loop devices: bound, read, written, cut to a part, read-only, autoclear, stacked, partitions, mounted; /dev/loop-control.
 */
#define _GNU_SOURCE
#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include "scratch.h"

#define SIZE (64 * 1024)

static int control, nr;
static char node[40];

static int dev(int flags)
{
	return open(node, flags);
}

static int image(const char *name, int flags)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
	char block[512];

	for (int i = 0; i < SIZE / 512; i++) {
		memset(block, i, sizeof block);
		if (write(fd, block, sizeof block) != sizeof block)
			tap_diag("cannot write the image");
	}
	close(fd);
	return open(name, flags);
}

static unsigned long long size_of(int fd)
{
	unsigned long long n = 77;

	ioctl(fd, BLKGETSIZE64, &n);
	return n;
}

static int byte_at(int fd, long long at)
{
	unsigned char c = 0;

	return pread(fd, &c, 1, at) == 1 ? c : -1;
}

static void controlling(void)
{
	struct stat st;

	control = open("/dev/loop-control", O_RDWR);
	tap_ok(control >= 0, "/dev/loop-control");
	tap_ok(!fstat(control, &st) && st.st_rdev == makedev(10, 237), "is 10:237");
	nr = ioctl(control, LOOP_CTL_GET_FREE);
	tap_ok(nr >= 0, "LOOP_CTL_GET_FREE");
	tap_is(ioctl(control, LOOP_CTL_GET_FREE), nr, "the same until it is bound");
	tap_errno(ioctl(control, 0x4c83), ENOSYS, "an ioctl nobody knows");
	tap_errno(ioctl(control, LOOP_CTL_ADD, nr), EEXIST, "LOOP_CTL_ADD of one that is there");
	tap_is(ioctl(control, LOOP_CTL_ADD, 33), 33, "LOOP_CTL_ADD");
	tap_ok(!stat("/dev/loop33", &st) && S_ISBLK(st.st_mode) && st.st_rdev == makedev(7, 33), "there is a node");
	tap_zero(ioctl(control, LOOP_CTL_REMOVE, 33), "LOOP_CTL_REMOVE");
	tap_errno(access("/dev/loop33", F_OK), ENOENT, "and it has gone");
	tap_errno(ioctl(control, LOOP_CTL_REMOVE, 33), ENODEV, "LOOP_CTL_REMOVE of none");
	tap_errno(ioctl(control, LOOP_CTL_REMOVE, -1), EINVAL, "LOOP_CTL_REMOVE of a negative number");
	snprintf(node, sizeof node, "/dev/loop%d", nr);
}

static void unbound(void)
{
	int fd = dev(O_RDWR), p[2];
	struct loop_info64 info;
	struct loop_info old;
	struct loop_config c;
	char byte = 0;

	memset(&info, 0, sizeof info);
	memset(&c, 0, sizeof c);
	pipe(p);
	tap_ok(fd >= 0, "an unbound device can be opened");
	tap_ok(size_of(fd) == 0, "it has no bytes");
	tap_is((int)read(fd, &byte, 1), 0, "reading finds the end");
	tap_errno((int)write(fd, &byte, 1), ENOSPC, "writing, no room");
	tap_errno(ioctl(fd, LOOP_GET_STATUS64, &info), ENXIO, "LOOP_GET_STATUS64");
	tap_errno(ioctl(fd, LOOP_GET_STATUS, &old), ENXIO, "LOOP_GET_STATUS");
	tap_errno(ioctl(fd, LOOP_SET_STATUS64, &info), ENXIO, "LOOP_SET_STATUS64");
	tap_errno(ioctl(fd, LOOP_CLR_FD, 0), ENXIO, "LOOP_CLR_FD");
	tap_errno(ioctl(fd, LOOP_SET_CAPACITY, 0), ENXIO, "LOOP_SET_CAPACITY");
	tap_errno(ioctl(fd, LOOP_SET_BLOCK_SIZE, 512), ENXIO, "LOOP_SET_BLOCK_SIZE");
	tap_errno(ioctl(fd, LOOP_SET_FD, 77), EBADF, "LOOP_SET_FD: no such descriptor");
	tap_errno(ioctl(fd, LOOP_SET_FD, p[0]), EINVAL, "a pipe");
	close(p[1]);
	p[1] = open(".", O_RDONLY);
	tap_errno(ioctl(fd, LOOP_SET_FD, p[1]), EINVAL, "a directory");
	close(p[1]);
	p[1] = open("/dev/null", O_RDWR);
	tap_errno(ioctl(fd, LOOP_SET_FD, p[1]), EINVAL, "a character device");
	tap_errno(ioctl(fd, LOOP_SET_FD, fd), EBADF, "itself");
	c.fd = (unsigned)image("image", O_RDWR);
	c.info.lo_flags = 2;
	tap_errno(ioctl(fd, LOOP_CONFIGURE, &c), EINVAL, "LOOP_CONFIGURE: unknown flags");
	c.info.lo_flags = 0;
	c.info.lo_encrypt_type = LO_CRYPT_XOR;
	tap_errno(ioctl(fd, LOOP_CONFIGURE, &c), EINVAL, "a cipher");
	c.info.lo_encrypt_type = 0;
	c.info.lo_offset = 1ull << 63;
	tap_errno(ioctl(fd, LOOP_CONFIGURE, &c), EOVERFLOW, "an offset below zero");
	tap_errno(ioctl(fd, 0x4cff, 0), EINVAL, "an ioctl nobody knows");
	close((int)c.fd);
	close(p[0]);
	close(p[1]);
	close(fd);
}

static void bound(void)
{
	struct loop_info64 info;
	struct loop_info old;
	struct stat st;
	int file = image("image", O_RDWR), fd = dev(O_RDWR), other;

	tap_zero(ioctl(fd, LOOP_SET_FD, file), "LOOP_SET_FD");
	tap_errno(ioctl(fd, LOOP_SET_FD, file), EBUSY, "twice");
	tap_ok(ioctl(control, LOOP_CTL_GET_FREE) != nr, "it is free no more");
	tap_errno(ioctl(control, LOOP_CTL_REMOVE, nr), EBUSY, "nor can it be removed");
	tap_ok(size_of(fd) == SIZE, "it is as large as the file");
	tap_is(byte_at(fd, 512 * 9 + 3), 9, "what is read is the file's");
	tap_is((int)pwrite(fd, "xyz", 3, 5000), 3, "a write");
	fsync(fd);
	tap_is(byte_at(file, 5001), 'y', "is in the file");
	fstat(file, &st);
	tap_ok(!ioctl(fd, LOOP_GET_STATUS64, &info) && info.lo_number == (unsigned)nr && info.lo_inode == st.st_ino &&
	       info.lo_offset == 0 && info.lo_sizelimit == 0 && info.lo_flags == 0, "LOOP_GET_STATUS64");
	tap_ok(!ioctl(fd, LOOP_GET_STATUS, &old) && old.lo_number == nr && old.lo_flags == 0, "LOOP_GET_STATUS");
	strcpy((char *)info.lo_file_name, "a name");
	info.lo_offset = 1024;
	info.lo_sizelimit = 2048;
	info.lo_flags = LO_FLAGS_AUTOCLEAR;
	tap_zero(ioctl(fd, LOOP_SET_STATUS64, &info), "LOOP_SET_STATUS64");
	tap_ok(size_of(fd) == 2048 && byte_at(fd, 0) == 2 && byte_at(fd, 2047) == 5 && byte_at(fd, 2048) == -1, "a part of the file");
	memset(&info, 0, sizeof info);
	ioctl(fd, LOOP_GET_STATUS64, &info);
	tap_ok(info.lo_offset == 1024 && info.lo_sizelimit == 2048 && info.lo_flags == LO_FLAGS_AUTOCLEAR &&
	       !strcmp((char *)info.lo_file_name, "a name"), "and it says so");
	info.lo_offset = 1 << 20;
	ioctl(fd, LOOP_SET_STATUS64, &info);
	tap_ok(size_of(fd) == 0, "an offset behind the end: no bytes");
	info.lo_offset = info.lo_sizelimit = 0;
	ioctl(fd, LOOP_SET_STATUS64, &info);
	ftruncate(file, SIZE + 700);
	tap_ok(size_of(fd) == SIZE, "the file grows");
	tap_zero(ioctl(fd, LOOP_SET_CAPACITY, 0), "LOOP_SET_CAPACITY");
	tap_ok(size_of(fd) == SIZE + 512, "whole sectors of it");
	close(file);
	other = dev(O_RDONLY);
	close(fd);
	tap_is(byte_at(other, 512 * 7), 7, "autoclear: not while somebody has it open");
	close(other);
	fd = dev(O_RDONLY);
	tap_errno(ioctl(fd, LOOP_GET_STATUS64, &info), ENXIO, "with the last close");
	close(fd);
}

static void clearing(void)
{
	struct loop_info64 info;
	int file = image("image", O_RDWR), fd = dev(O_RDWR), other;

	ioctl(fd, LOOP_SET_FD, file);
	tap_zero(ioctl(fd, LOOP_CLR_FD, 0), "LOOP_CLR_FD");
	tap_errno(ioctl(fd, LOOP_GET_STATUS64, &info), ENXIO, "it is bound no more");
	tap_errno(dev(O_RDONLY), ENXIO, "nor can it be opened, until it is closed");
	close(fd);
	fd = dev(O_RDWR);
	tap_zero(ioctl(fd, LOOP_SET_FD, file), "then it can be bound again");
	other = dev(O_RDONLY);
	tap_zero(ioctl(fd, LOOP_CLR_FD, 0), "LOOP_CLR_FD while others have it open");
	tap_ok(!ioctl(fd, LOOP_GET_STATUS64, &info) && info.lo_flags == LO_FLAGS_AUTOCLEAR, "is autoclear");
	close(fd);
	close(other);
	close(file);
}

static void read_only(void)
{
	struct loop_info64 info;
	int file = image("image", O_RDONLY), fd = dev(O_RDWR), value = 0;

	ioctl(fd, LOOP_SET_FD, file);
	tap_ok(!ioctl(fd, LOOP_GET_STATUS64, &info) && info.lo_flags == LO_FLAGS_READ_ONLY, "a file open for reading: read-only");
	tap_ok(!ioctl(fd, BLKROGET, &value) && value == 1, "BLKROGET");
	tap_errno((int)pwrite(fd, "x", 1, 0), EPERM, "a write");
	ioctl(fd, LOOP_CLR_FD, 0);
	close(fd);
	close(file);
	file = open("image", O_RDWR);
	fd = dev(O_RDONLY);
	ioctl(fd, LOOP_SET_FD, file);
	tap_ok(!ioctl(fd, LOOP_GET_STATUS64, &info) && info.lo_flags == LO_FLAGS_READ_ONLY, "so by a device open for reading");
	ioctl(fd, LOOP_CLR_FD, 0);
	close(fd);
	close(file);
}

static void configured(void)
{
	struct loop_config c;
	struct stat st;
	char name[60];
	unsigned char mbr[512];
	int fd = dev(O_RDWR), value = 0;

	memset(&c, 0, sizeof c);
	c.fd = (unsigned)image("image", O_RDWR);
	memset(mbr, 0, sizeof mbr);
	mbr[446 + 4] = 0x83;		/* sectors 8 to 23 */
	mbr[446 + 8] = 8;
	mbr[446 + 12] = 16;
	mbr[510] = 0x55;
	mbr[511] = 0xaa;
	pwrite((int)c.fd, mbr, sizeof mbr, 0);
	c.info.lo_flags = LO_FLAGS_PARTSCAN;
	tap_zero(ioctl(fd, LOOP_CONFIGURE, &c), "LOOP_CONFIGURE with LO_FLAGS_PARTSCAN");
	snprintf(name, sizeof name, "%sp1", node);
	tap_ok(!stat(name, &st) && S_ISBLK(st.st_mode), "there is a partition");
	value = open(name, O_RDONLY);
	tap_ok(size_of(value) == 16 * 512 && byte_at(value, 0) == 8, "it is where the table says");
	close(value);
	ioctl(fd, LOOP_CLR_FD, 0);
	close(fd);
	tap_errno(access(name, F_OK), ENOENT, "it goes with the file");
	close((int)c.fd);
}

static void stacked(void)
{
	int file = image("image", O_RDWR), fd = dev(O_RDWR), upper, free_one;
	char name[40];

	ioctl(fd, LOOP_SET_FD, file);
	free_one = ioctl(control, LOOP_CTL_GET_FREE);
	snprintf(name, sizeof name, "/dev/loop%d", free_one);
	upper = open(name, O_RDWR);
	tap_zero(ioctl(upper, LOOP_SET_FD, fd), "one on another");
	tap_is(byte_at(upper, 512 * 11), 11, "reads through both");
	ioctl(upper, LOOP_CLR_FD, 0);
	close(upper);
	ioctl(fd, LOOP_CLR_FD, 0);
	close(fd);
	close(file);
}

/* A romfs with nothing in it: what can be made by hand. */
static void mounted(void)
{
	static const unsigned char romfs[1024] =
		"-rom1fs-\0\0\0\x60\0\0\0\0none\0\0\0\0\0\0\0\0\0\0\0\0"
		"\0\0\0\x49\0\0\0\x20\0\0\0\0\0\0\0\0.\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"\0\0\0\0\0\0\0\x20\0\0\0\0\0\0\0\0..\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
	unsigned char copy[1024];
	unsigned sum = 0;
	struct loop_info64 info;
	int file = open("rom", O_RDWR | O_CREAT, 0644), fd = dev(O_RDWR);

	memcpy(copy, romfs, sizeof copy);
	for (int i = 0; i < 96; i += 4)
		sum += (unsigned)copy[i] << 24 | (unsigned)copy[i + 1] << 16 | (unsigned)copy[i + 2] << 8 | copy[i + 3];
	sum = -sum;
	for (int i = 0; i < 4; i++)
		copy[12 + i] = (unsigned char)(sum >> (24 - 8 * i));
	write(file, copy, sizeof copy);
	ioctl(fd, LOOP_SET_FD, file);
	ioctl(fd, LOOP_GET_STATUS64, &info);
	info.lo_flags |= LO_FLAGS_AUTOCLEAR;
	ioctl(fd, LOOP_SET_STATUS64, &info);
	mkdir("on", 0755);
	tap_zero(mount(node, "on", "romfs", MS_RDONLY, NULL), "it can be mounted");
	close(fd);
	close(file);
	fd = dev(O_RDONLY);
	tap_zero(ioctl(fd, LOOP_GET_STATUS64, &info), "and stays bound");
	close(fd);
	tap_zero(umount("on"), "until it is unmounted");
	fd = dev(O_RDONLY);
	tap_errno(ioctl(fd, LOOP_GET_STATUS64, &info), ENXIO, "then autoclear");
	close(fd);
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	controlling();
	unbound();
	bound();
	clearing();
	read_only();
	configured();
	stacked();
	mounted();
	scratch_leave();
	return tap_done();
}
