/* SPDX-License-Identifier: MIT
 *
 * Images of ext2 made by mke2fs, and a machine with one as /vda, a disk whose accesses fail when a test wants it.
 */
#ifndef TESTS_UNIT_EXT2_KIT_H
#define TESTS_UNIT_EXT2_KIT_H

#include <stdarg.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include "emu/drivers/disk.h"
#include "emu/ext2/ext2.h"
#include "emu/fs/blkdev.h"
#include "tests/unit/fs_kit.h"

static char path[64], why[DISK_WHY];
static long fail_at;	/* the Nth call of the disk fails, and all behind it; 0: none */
static bool fail_once;	/* and none behind it */
static long calls;

static inline int command(const char *format, ...)
{
	char text[300];
	va_list args;
	int status;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	status = system(text);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline void make_image(const char *options, unsigned kib)
{
	int fd;

	strcpy(path, "/tmp/flat32-ext2-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)kib * 1024), 0);
	close(fd);
	ck_assert_int_eq(command("mke2fs -q -F %s %s >/dev/null 2>&1", options, path), 0);
}

static const struct { const char *type, *options; } kinds[] = {
	{ "ext2", "-t ext2 -b 1024 -I 256" }, { "ext2", "-t ext2 -b 4096 -I 128" }, { "ext2", "-r 0 -O none -b 1024 -I 128" },
	{ "ext3", "-t ext3 -b 1024" }, { "ext4", "-t ext4 -b 1024 -O 64bit" }, { "ext4", "-t ext4 -b 4096" },
	{ "ext4", "-t ext4 -b 1024 -O ^extents,^metadata_csum,^64bit,uninit_bg" },
};

/* --- A disk that fails --- */

static const struct block_ops *real;

static inline int count_call(void)
{
	return fail_at && ++calls >= fail_at && (calls == fail_at || !fail_once) ? -EIO : 0;
}

static inline int bad_read(struct block_device *b, void *dst, uint32_t len, uint64_t offset)
{
	int err = count_call();

	return err ? err : real->read(b, dst, len, offset);
}

static inline int bad_write(struct block_device *b, const void *src, uint32_t len, uint64_t offset)
{
	int err = count_call();

	return err ? err : real->write(b, src, len, offset);
}

static inline int bad_clear(struct block_device *b, uint64_t offset, uint64_t len)
{
	int err = count_call();

	return err ? err : real->clear(b, offset, len);
}

static inline void bad_free(struct block_device *b)
{
	real->free(b);
}

static const struct block_ops bad_ops = { bad_read, bad_write, bad_clear, NULL, bad_free };

/* --- A machine with the image as /vda, a directory /x for it, and /m in memory --- */

static inline void up(void)
{
	kit_up();
	fail_at = calls = 0;
	fail_once = false;
	ck_assert_int_eq(ext2_register(m), 0);
	ck_assert_msg(disk_attach(m, path, false, why) == 0, "%s", why);
	{
		struct block_device *b = blkdev_find(m, vfs_makedev(254, 0))->dev.disk;

		real = b->ops;
		b->ops = &bad_ops;
	}
	ck_assert_int_eq(vfs_mknod(&w, "/vda", S_IFBLK | 0600, 254 << 8), 0);
	ck_assert_int_eq(vfs_mkdir(&w, "/x", 0755), 0);
	ck_assert_int_eq(vfs_mkdir(&w, "/m", 0755), 0);
}

static inline int mount_it(const char *type, unsigned flags)
{
	struct path_ref p;
	int err;

	ck_assert_int_eq(vfs_walk(&w, "/x", &p, NULL), 0);
	err = vfs_mount(m, type, "/vda", &p, flags, NULL);
	path_put(&p);
	return err;
}

static inline int unmount(void)
{
	struct path_ref p;
	int err;

	ck_assert_int_eq(vfs_walk(&w, "/x", &p, NULL), 0);
	err = vfs_umount(m, &p, 0);
	path_put(&p);
	return err;
}

static inline void down(void)
{
	kit_down();
}

static inline int64_t do_write(const char *p, uint64_t pos, uint32_t len, uint32_t flags)
{
	static char data[70000];
	struct file *f;
	int64_t n = vfs_open(&w, p, flags | FO_NONBLOCK, 0644, &f);

	if (n)
		return n;
	memset(data, (int)(pos % 251 + 1), len);
	n = file_write(f, data, len, &pos);
	file_put(f);
	return n;
}

#endif
