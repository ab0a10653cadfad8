/* SPDX-License-Identifier: MIT
 *
 * Each allocation, host call and page allocation fails once where there is a device below: flash memory by its two nodes, and
 * file systems that lie on disks (tests/guest/nth.h); for tests/cli/fail_calls.sh, which gives the machine
 *	/dev/mtd0	flash		/dev/vda	an ext2 of the host
 *	/dev/vdb	a romfs		/dev/vdc	a cramfs
 */
#define _GNU_SOURCE
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <mtd/mtd-user.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "nth.h"

static char bytes[3000];

static void do_char(void)
{
	int fd = NTH(open("/dev/mtd0", O_RDWR));
	struct erase_info_user block = { 0, 65536 };
	struct mtd_info_user info;
	void *p;

	if (fd < 0)
		return;
	NTH(ioctl(fd, MEMGETINFO, &info));
	NTH(ioctl(fd, MEMUNLOCK, &block));
	NTH(ioctl(fd, MEMERASE, &block));
	NTH(pwrite(fd, "programmed", 10, 100));
	NTH(pread(fd, bytes, sizeof bytes, 0));
	p = (void *)NTH(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	if (p != MAP_FAILED)
		munmap(p, 4096);
	close(fd);
}

/* A partition comes with devices of its own, and goes with them. */
static void do_partition(void)
{
	struct blkpg_partition part = { .start = 65536, .length = 65536, .devname = "part" };
	struct blkpg_ioctl_arg arg = { .op = BLKPG_ADD_PARTITION, .datalen = sizeof part, .data = &part };
	int fd = open("/dev/mtd0", O_RDWR), one;

	if (NTH(ioctl(fd, BLKPG, &arg)) == 0) {
		one = NTH(open("/dev/mtd1", O_RDONLY));
		if (one >= 0)
			close(one);
		part.pno = 1;
		arg.op = BLKPG_DEL_PARTITION;
		if (NTH(ioctl(fd, BLKPG, &arg)) != 0)
			ioctl(fd, BLKPG, &arg);
	}
	close(fd);
}

/* Blocks are kept, changed, and written back by erasing. */
static void do_block(void)
{
	int fd = NTH(open("/dev/mtdblock0", O_RDWR));

	if (fd < 0)
		return;
	NTH(pwrite(fd, "here", 4, 70000));
	NTH(pread(fd, bytes, sizeof bytes, 69000));
	NTH(pwrite(fd, "there", 5, 140000));
	NTH(fsync(fd));
	NTH(ioctl(fd, BLKFLSBUF, 0));
	close(fd);
}

/* A device is made, a file with a partition bound to it, and all goes again. */
static void do_loop(void)
{
	static const unsigned char mbr[512] = { [446 + 4] = 0x83, [446 + 8] = 1, [446 + 12] = 1, [510] = 0x55, [511] = 0xaa };
	int control = open("/dev/loop-control", O_RDWR), file = open("image", O_RDWR | O_CREAT, 0644), fd;
	struct loop_config c = { .fd = (unsigned)file, .info.lo_flags = LO_FLAGS_PARTSCAN };

	pwrite(file, mbr, sizeof mbr, 0);
	ftruncate(file, 4096);
	NTH(ioctl(control, LOOP_CTL_GET_FREE));
	if (NTH(ioctl(control, LOOP_CTL_ADD, 40)) == 40) {
		fd = NTH(open("/dev/loop40", O_RDWR));
		if (fd >= 0) {
			if (NTH(ioctl(fd, LOOP_CONFIGURE, &c)) == 0) {
				NTH(pwrite(fd, "here", 4, 1000));
				NTH(pread(fd, bytes, 512, 1024));
				ioctl(fd, LOOP_CLR_FD, 0);
			}
			close(fd);
		}
		ioctl(control, LOOP_CTL_REMOVE, 40);
	}
	close(file);
	close(control);
	unlink("image");
}

/* A file that is there is looked at. */
static void look(void)
{
	struct stat st;
	int fd;

	NTH(stat("on/folder/file", &st));
	fd = NTH(open("on/folder/file", O_RDONLY));
	if (fd < 0)
		return;
	NTH(pread(fd, bytes, sizeof bytes, 1000));
	close(fd);
}

static void on_disk(const char *type, const char *device, unsigned long flags)
{
	mkdir("on", 0755);
	if (NTH(mount(device, "on", type, flags, NULL)) == 0) {
		look();
		if (NTH(umount("on")) != 0)
			umount("on");
	}
	rmdir("on");
}


static void do_ext2(void) { on_disk("ext2", "/dev/vda", 0); }
static void do_ext2_ro(void) { on_disk("ext2", "/dev/vda", MS_RDONLY); }
static void do_romfs(void) { on_disk("romfs", "/dev/vdb", MS_RDONLY); }
static void do_cramfs(void) { on_disk("cramfs", "/dev/vdc", MS_RDONLY); }

/* It has one name, the old one or the new one. */
static void renamed(const char *old, const char *name)
{
	long r = NTH(rename(old, name));
	int was = access(old, F_OK) == 0, is = access(name, F_OK) == 0;

	if (was != (r != 0) || is != (r == 0)) {
		tap_diag("rename gave %ld, and %s is %s, %s is %s", r, old, was ? "there" : "not there", name, is ? "there" : "not there");
		nth.bad = 1;
	}
	if (is)
		rename(name, old);
}

static void do_rename(void)
{
	mkdir("on", 0755);
	if (mount("/dev/vda", "on", "ext2", 0, NULL) == 0) {
		renamed("on/folder/file", "on/name");
		mkdir("on/one", 0755);
		renamed("on/one", "on/folder/other");
		rmdir("on/one");
		umount("on");
	}
	rmdir("on");
}

static const struct nth_case cases[] = {
	{ "char", do_char }, { "partition", do_partition }, { "block", do_block }, { "romfs", do_romfs }, { "cramfs", do_cramfs },
	{ "loop", do_loop }, { "ext2", do_ext2 }, { "ext2_ro", do_ext2_ro }, { "rename", do_rename },
};

int main(int argc, char **argv)
{
	(void)argc;
	if (mkdir("/tmp/nth", 0755) || chdir("/tmp/nth"))
		tap_bail("cannot work in /tmp/nth: %s", strerror(errno));
	return nth_run(cases, sizeof cases / sizeof cases[0], argv + 1);
}
