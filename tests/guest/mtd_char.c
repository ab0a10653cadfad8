/* SPDX-License-Identifier: MIT
 * Flash memory as a character device: opening, reading, programming, erasing, positions.
 * flat32: --flash :1M:64K
 */
#include "mtd.h"
#include <sys/sysmacros.h>
#include <sys/uio.h>

static int fd;

static void opening(void)
{
	struct stat st;
	int ro, other;

	tap_zero(fstat(fd, &st), "fstat");
	tap_ok(S_ISCHR(st.st_mode) && st.st_rdev == makedev(90, 0), "a character device, 90:0");
	tap_zero(stat("/dev/mtd0ro", &st), "its read-only device");
	tap_ok(st.st_rdev == makedev(90, 1), "90:1");
	ro = open("/dev/mtd0ro", O_RDONLY);
	tap_ok(ro >= 0, "which can be opened for reading");
	tap_errno(open("/dev/mtd0ro", O_RDWR), EACCES, "but not for writing");
	tap_errno(write(ro, "x", 1), EBADF, "nor written");
	close(ro);
	unlink("/tmp/mtd.node");
	tap_zero(mknod("/tmp/mtd.node", S_IFCHR | 0600, makedev(90, 98)), "a node with a number that is nobody's");
	tap_errno(open("/tmp/mtd.node", O_RDONLY), ENODEV, "cannot be opened");
	unlink("/tmp/mtd.node");
	tap_zero(mknod("/tmp/mtd.node", S_IFCHR | 0600, makedev(90, 0)), "another node with the number of the first");
	other = open("/tmp/mtd.node", O_RDWR);
	tap_ok(other >= 0, "is that device");
	close(other);
	unlink("/tmp/mtd.node");
}

static void erasing(void)
{
	tap_zero(mtd_erase_at(fd, 0, MTD_SIZE), "all of it is erased");
	tap_is(mtd_others(fd, 0, MTD_SIZE, 0xff), 0, "and 0xff");
	if (pwrite(fd, "abcd", 4, 3 * MTD_BLOCK - 4) != 4 || pwrite(fd, "efgh", 4, 3 * MTD_BLOCK) != 4 ||
	    pwrite(fd, "ijkl", 4, 4 * MTD_BLOCK) != 4)
		tap_bail("pwrite: %s", strerror(errno));
	tap_zero(mtd_erase_at(fd, 3 * MTD_BLOCK, MTD_BLOCK), "a block is erased");
	tap_is(mtd_others(fd, 3 * MTD_BLOCK, MTD_BLOCK, 0xff), 0, "it is 0xff");
	tap_is(mtd_others(fd, 2 * MTD_BLOCK, MTD_BLOCK, 0xff), 4, "the one before it is as it was");
	tap_is(mtd_others(fd, 4 * MTD_BLOCK, MTD_BLOCK, 0xff), 4, "and the one behind it");
}

static void programming(void)
{
	char buf[16] = "";
	struct iovec v[3] = { { "one ", 4 }, { "two ", 4 }, { "three", 5 } };

	mtd_erase_at(fd, 0, 4 * MTD_BLOCK);
	lseek(fd, 5, SEEK_SET);
	tap_is(write(fd, "hello, flash", 12), 12, "written at an odd address");
	tap_is(lseek(fd, 0, SEEK_CUR), 17, "the position behind it");
	tap_ok(pread(fd, buf, 12, 5) == 12 && !memcmp(buf, "hello, flash", 12), "and read");
	tap_is(mtd_others(fd, 0, PAGE, 0xff), 12, "nothing else changed");
	tap_is(pwrite(fd, "HELLO\xff", 6, 5), 6, "written over");
	pread(fd, buf, 6, 5);
	tap_ok(!memcmp(buf, mtd_nor ? "HELLO," : "HELLO\xff", 6), "a program clears bits of flash, and sets none");
	tap_is(pwritev(fd, v, 3, MTD_BLOCK - 6), 13, "a vector, across the end of a block");
	tap_ok(pread(fd, buf, 13, MTD_BLOCK - 6) == 13 && !memcmp(buf, "one two three", 13), "is there");
	tap_is(write(fd, "", 0), 0, "nothing can be written");
}

/* More than a write buffer, than a block, at no special address. */
static void much(void)
{
	static unsigned char out[3 * MTD_BLOCK - 1234], in[sizeof out];
	uint32_t x = 1;

	for (unsigned i = 0; i < sizeof out; i++) {
		x = x * 1103515245 + 12345;
		out[i] = (unsigned char)(x >> 16);
	}
	mtd_erase_at(fd, 4 * MTD_BLOCK, 4 * MTD_BLOCK);
	tap_is(pwrite(fd, out, sizeof out, 4 * MTD_BLOCK + 777), sizeof out, "some blocks full of bytes");
	tap_is(pread(fd, in, sizeof in, 4 * MTD_BLOCK + 777), sizeof in, "read back");
	tap_ok(!memcmp(in, out, sizeof in), "they are the same");
	tap_is(mtd_others(fd, 4 * MTD_BLOCK, 4 * MTD_BLOCK, 0xff) > 0, 1, "between others");
}

static void positions(void)
{
	char c[8];

	tap_is(lseek(fd, 0, SEEK_END), MTD_SIZE, "its end");
	tap_is(read(fd, c, 8), 0, "nothing to read there");
	tap_errno(write(fd, c, 8), ENOSPC, "nor room to write");
	tap_errno(write(fd, c, 0), ENOSPC, "not even for nothing");
	tap_is(lseek(fd, -4, SEEK_CUR), MTD_SIZE - 4, "before the end");
	mtd_erase_at(fd, MTD_SIZE - MTD_BLOCK, MTD_BLOCK);
	tap_is(write(fd, "12345678", 8), 4, "what fits is written");
	tap_is(pread(fd, c, 8, MTD_SIZE - 4), 4, "what is there is read");
	tap_ok(!memcmp(c, "1234", 4), "and is that");
	tap_is(pread(fd, c, 8, MTD_SIZE + 100), 0, "nothing is behind the end");
	tap_errno(lseek(fd, MTD_SIZE + 1, SEEK_SET), EINVAL, "no position there");
	tap_errno(lseek(fd, -1, SEEK_SET), EINVAL, "nor before the start");
	tap_errno(ftruncate(fd, 0), EINVAL, "it cannot be cut");
	tap_errno(ioctl(fd, 0x5401, c), ENOTTY, "and is no terminal");
}

static void listed(void)
{
	char text[4096];
	int in = open("/proc/mtd", O_RDONLY);
	ssize_t n = read(in, text, sizeof text - 1);

	close(in);
	text[n > 0 ? n : 0] = 0;
	tap_ok(!strncmp(text, "dev:    size   erasesize  name\nmtd0: 00100000 00010000 \"", 56), "/proc/mtd");
	in = open("/proc/devices", O_RDONLY);
	n = read(in, text, sizeof text - 1);
	close(in);
	text[n > 0 ? n : 0] = 0;
	tap_ok(strstr(text, "\n 90 mtd\n") != NULL, "/proc/devices: 90 mtd");
	tap_ok(strstr(text, "\n 31 mtdblock\n") != NULL, "/proc/devices: 31 mtdblock");
}

static void bad_pointers(void)
{
	tap_efault(read(fd, (void *)0xf0000000, 8), "read() to nowhere");
	tap_efault(pwrite(fd, (void *)0xf0000000, 8, 0), "write() from nowhere");
}

int main(void)
{
	tap_plan(0);
	fd = mtd_open();
	if (fd < 0) {
		tap_skip(1, "no flash memory");
		return tap_done();
	}
	opening();
	erasing();
	programming();
	much();
	positions();
	listed();
	bad_pointers();
	close(fd);
	return tap_done();
}
