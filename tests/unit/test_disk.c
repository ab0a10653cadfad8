/* SPDX-License-Identifier: MIT
 *
 * Disks that are files of the host: what can be opened, locks, cut files, more than 4 GiB; partition tables, true and hostile.
 */
#define _GNU_SOURCE
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>
#include "devices/disk.h"
#include "emu/drivers/disk.h"
#include "emu/fs/blkdev.h"
#include "emu/fs/partition.h"
#include "tests/unit/fs_kit.h"

#define MIB (UINT64_C(1) << 20)

static char path[64];
static char why[DISK_WHY];

static void make_file(uint64_t size)
{
	int fd;

	strcpy(path, "/tmp/flat32-disk-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

static void up(void)
{
	kit_up();
	make_file(4 * MIB);
}

static void down(void)
{
	kit_down();
	unlink(path);
}

static struct block_device *must_disk(bool read_only)
{
	struct block_device *b;

	ck_assert_msg(disk_open(path, read_only, &b, why) == 0, "%s", why);
	return b;
}

START_TEST(what_is_no_disk_is_refused)
{
	struct block_device *b;

	ck_assert_int_eq(disk_open("/tmp/flat32-is-not-there", false, &b, why), -ENOENT);
	ck_assert_int_eq(disk_open("/tmp", true, &b, why), -ENOTBLK);
	ck_assert_ptr_nonnull(strstr(why, "mke2fs -d"));
	ck_assert_int_eq(disk_open("/dev/null", false, &b, why), -ENOTBLK);
	ck_assert_int_eq(truncate(path, 0), 0);
	ck_assert_int_eq(disk_open(path, false, &b, why), -EINVAL);
	ck_assert_int_eq(truncate(path, 1000), 0);
	ck_assert_int_eq(disk_open(path, false, &b, why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "512"));
	ck_assert_int_eq(truncate(path, 512), 0);
	b = must_disk(false);
	ck_assert_uint_eq(b->size, 512);
	b->ops->free(b);
}
END_TEST

START_TEST(one_writes_or_many_read)
{
	struct block_device *a = must_disk(false), *b;
	int fd = open(path, O_RDONLY);

	ck_assert_int_eq(disk_open(path, false, &b, why), -EBUSY);
	ck_assert_int_eq(disk_open(path, true, &b, why), -EBUSY);
	a->ops->free(a);
	a = must_disk(true);
	b = must_disk(true);
	ck_assert_int_eq(disk_open(path, false, &b, why), -EBUSY);
	a->ops->free(a);
	b->ops->free(b);
	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	close(fd);
}
END_TEST

START_TEST(what_is_written_is_in_the_file)
{
	struct block_device *b = must_disk(false);
	char buf[16] = "";
	int fd = open(path, O_RDWR);

	ck_assert_int_eq(b->ops->write(b, "0123456789", 10, 4 * MIB - 10), 0);
	ck_assert_int_eq(pread(fd, buf, 16, 4 * MIB - 10), 10);
	ck_assert_str_eq(buf, "0123456789");
	ck_assert_int_eq(b->ops->flush(b), 0);
	ck_assert_int_eq(b->ops->clear(b, 4 * MIB - 512, 512), 0);
	ck_assert_int_eq(b->ops->read(b, buf, 10, 4 * MIB - 10), 0);
	ck_assert_int_eq(buf[0] | buf[9], 0);
	/* Somebody cuts it: what is gone cannot be read, what is there can, and writing goes on. */
	ck_assert_int_eq(b->ops->write(b, "here", 5, 0), 0);
	ck_assert_int_eq(ftruncate(fd, 4096), 0);
	ck_assert_int_eq(b->ops->read(b, buf, 16, 8192), -EIO);
	ck_assert_int_eq(b->ops->read(b, buf, 16, 4090), -EIO);
	ck_assert_int_eq(b->ops->read(b, buf, 5, 0), 0);
	ck_assert_str_eq(buf, "here");
	ck_assert_int_eq(b->ops->write(b, "again", 6, MIB), 0);
	ck_assert_int_eq(b->ops->read(b, buf, 6, MIB), 0);
	ck_assert_str_eq(buf, "again");
	b->ops->free(b);
	ck_assert_int_eq(ftruncate(fd, 2 * MIB), 0);
	b = must_disk(true);
	ck_assert_int_eq(b->ops->write(b, "x", 1, 0), -EROFS);
	ck_assert_int_eq(b->ops->clear(b, 0, 512), -EROFS);
	ck_assert_int_eq(b->ops->flush(b), 0);
	b->ops->free(b);
	close(fd);
}
END_TEST

START_TEST(more_than_four_gib)
{
	struct block_device *b;
	uint64_t far = 9 * 1024 * MIB;
	char buf[8];

	ck_assert_int_eq(truncate(path, (off_t)(far + MIB)), 0);
	b = must_disk(false);
	ck_assert_uint_eq(b->size, far + MIB);
	ck_assert_int_eq(b->ops->write(b, "far", 4, far), 0);
	ck_assert_int_eq(b->ops->read(b, buf, 4, far), 0);
	ck_assert_str_eq(buf, "far");
	ck_assert_int_eq(b->ops->read(b, buf, 4, far - 4096 * MIB), 0);
	ck_assert_int_eq(buf[0], 0);
	ck_assert_int_eq(b->ops->clear(b, 0, b->size), 0);
	ck_assert_int_eq(b->ops->read(b, buf, 4, far), 0);
	ck_assert_int_eq(buf[0], 0);
	b->ops->free(b);
}
END_TEST

START_TEST(the_hosts_limit_is_an_error)
{
	struct rlimit before, small = { 8192, 8192 };
	uint64_t pos = MIB;
	struct file *f;

	ck_assert_int_eq(disk_attach(m, path, false, why), 0);
	ck_assert_int_eq(vfs_mknod(&w, "/vda", S_IFBLK | 0600, 254 << 8), 0);
	f = must_open("/vda", FO_RDWR);
	getrlimit(RLIMIT_FSIZE, &before);
	small.rlim_max = before.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	ck_assert_int_eq(file_write(f, "x", 1, &pos), -EIO);
	setrlimit(RLIMIT_FSIZE, &before);
	ck_assert_int_eq(file_write(f, "x", 1, &pos), 1);
	file_put(f);
}
END_TEST

/* --- Partition tables --- */

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void set_entry(uint8_t *sector, unsigned i, unsigned type, uint32_t start, uint32_t sectors)
{
	uint8_t *e = sector + 446 + 16 * i;

	e[4] = (uint8_t)type;
	put32(e + 8, start);
	put32(e + 12, sectors);
	sector[510] = 0x55;
	sector[511] = 0xaa;
}

static void put_sector(struct block_device *b, uint64_t sector, const uint8_t *data)
{
	ck_assert_int_eq(b->ops->write(b, data, 512, sector * 512), 0);
}

static int read_table(struct block_device *b, char text[1000])
{
	struct partition p[PARTITIONS_MAX];
	int n = partitions_read(b, p), len = 0;

	text[0] = 0;
	for (int i = 0; i < n && len < 900; i++)
		len += snprintf(text + len, 1000 - (size_t)len, "%u:%llu+%llu ", p[i].number,
				(unsigned long long)p[i].start / 512, (unsigned long long)p[i].size / 512);
	return n;
}

START_TEST(mbr)
{
	struct block_device *b = must_disk(false);
	uint8_t s[512] = { 0 };
	char text[1000];

	ck_assert_int_eq(read_table(b, text), 0);
	set_entry(s, 0, 0x83, 1, 100);
	set_entry(s, 1, 0x83, 8000, 100000);	/* over the end */
	set_entry(s, 2, 0x83, 8192, 1);		/* behind it */
	set_entry(s, 3, 0x0f, 200, 1000);
	put_sector(b, 0, s);
	memset(s, 0, sizeof s);
	set_entry(s, 0, 0x83, 1, 50);
	set_entry(s, 1, 0x05, 100, 51);
	put_sector(b, 200, s);
	memset(s, 0, sizeof s);
	set_entry(s, 0, 0x83, 2, 40);
	put_sector(b, 300, s);
	ck_assert_int_eq(read_table(b, text), 5);
	ck_assert_str_eq(text, "1:1+100 2:8000+192 4:200+2 5:201+50 6:302+40 ");
	/* A ring ends with the numbers, one of empty records too. */
	set_entry(s, 1, 0x05, 0, 1);
	put_sector(b, 300, s);
	ck_assert_int_eq(read_table(b, text), PARTITIONS_MAX - 1);
	memset(s, 0, sizeof s);
	set_entry(s, 1, 0x05, 0, 1);
	put_sector(b, 300, s);
	ck_assert_int_ge(read_table(b, text), 4);
	/* A boot sector with code where a table is. */
	memset(s, 0xeb, sizeof s);
	s[510] = 0x55;
	s[511] = 0xaa;
	put_sector(b, 0, s);
	ck_assert_int_eq(read_table(b, text), 0);
	b->ops->free(b);
}
END_TEST

static void put_gpt(struct block_device *b, uint64_t self, uint64_t table, uint32_t first, uint32_t last)
{
	uint8_t h[512] = { 0 }, e[4 * 128] = { 0 };

	memset(e + 128, 0xab, 16);	/* the second one */
	put32(e + 128 + 32, first);
	put32(e + 128 + 40, last);
	memset(e + 384, 0xab, 16);	/* the fourth ends before it begins */
	put32(e + 384 + 32, 500);
	put32(e + 384 + 40, 499);
	ck_assert_int_eq(b->ops->write(b, e, sizeof e, table * 512), 0);
	memcpy(h, "EFI PART\0\0\1", 12);
	put32(h + 12, 92);
	put32(h + 24, (uint32_t)self);
	put32(h + 40, 34);
	put32(h + 48, 8158);
	put32(h + 72, (uint32_t)table);
	put32(h + 80, 4);
	put32(h + 84, 128);
	put32(h + 88, (uint32_t)crc32(0, e, sizeof e));
	put32(h + 16, (uint32_t)crc32(0, h, 92));
	put_sector(b, self, h);
}

START_TEST(gpt)
{
	struct block_device *b = must_disk(false);
	uint8_t s[512] = { 0 };
	char text[1000];

	set_entry(s, 0, 0xee, 1, UINT32_MAX);
	put_sector(b, 0, s);
	ck_assert_int_eq(read_table(b, text), 0);
	put_gpt(b, 8191, 8159, 64, 127);
	ck_assert_int_eq(read_table(b, text), 1);
	ck_assert_str_eq(text, "2:64+64 ");
	put_gpt(b, 1, 2, 128, 200);
	ck_assert_int_eq(read_table(b, text), 1);
	ck_assert_str_eq(text, "2:128+73 ");
	ck_assert_int_eq(b->ops->write(b, "damage", 6, 2 * 512 + 300), 0);
	ck_assert_int_eq(read_table(b, text), 1);
	ck_assert_str_eq(text, "2:64+64 ");
	put_gpt(b, 1, 2, 30, 40);	/* where the table is */
	ck_assert_int_eq(read_table(b, text), 0);
	b->ops->free(b);
}
END_TEST

/* Whatever a table says, what comes of it lies on the disk. */
START_TEST(random_tables)
{
	struct block_device *b = must_disk(false);
	struct partition p[PARTITIONS_MAX];
	uint8_t s[512];

	srandom(7);
	for (int round = 0; round < 3000; round++) {
		int n;

		memset(s, 0, sizeof s);
		for (unsigned i = 0; i < 4; i++)
			set_entry(s, i, (unsigned[]){ 0x83, 5, 0xf, 0 }[random() % 4], (uint32_t)random() % 9000,
				  (uint32_t)random() % 9000 * (random() % 4 ? 1 : 0x1000));
		put_sector(b, round % 3 ? (uint64_t)random() % 9000 % 8192 : 0, s);
		n = partitions_read(b, p);
		ck_assert_int_ge(n, 0);
		for (int i = 0; i < n; i++)
			ck_assert(p[i].size && p[i].start < b->size && p[i].size <= b->size - p[i].start);
	}
	b->ops->free(b);
}
END_TEST

static struct blkdev_node *node(const char *name)
{
	struct blkdev_node *n = NULL;
	struct path_ref p;
	char full[32];

	snprintf(full, sizeof full, "/dev/%s", name);
	if (!vfs_walk(&w, full, &p, NULL)) {
		n = blkdev_find(m, p.dentry->inode->rdev);
		path_put(&p);
	}
	return n;
}

START_TEST(partitions_come_and_go)
{
	struct block_device *b = must_disk(false);
	uint8_t s[512] = { 0 };
	struct path_ref p;
	struct file *f, *part;
	uint64_t pos = 0;
	char buf[8] = "";

	set_entry(s, 0, 0x83, 8, 100);
	set_entry(s, 1, 0x83, 108, 100);
	put_sector(b, 0, s);
	b->ops->free(b);
	ck_assert_int_eq(vfs_mkdir(&w, "/dev", 0755), 0);
	ck_assert_int_eq(vfs_walk(&w, "/dev", &p, NULL), 0);
	ck_assert_int_eq(vfs_mount(m, "devtmpfs", "dev", &p, 0, NULL), 0);
	path_put(&p);
	ck_assert_int_eq(disk_attach(m, path, false, why), 0);
	ck_assert_int_eq(disk_attach(m, path, false, why), -EBUSY);
	ck_assert_ptr_nonnull(node("vda1"));
	ck_assert_uint_eq(node("vda2")->dev.dev, vfs_makedev(254, 2));
	ck_assert_ptr_null(node("vda3"));
	/* A part is a part of the whole. */
	part = must_open("/dev/vda2", FO_RDWR);
	f = must_open("/dev/vda", FO_RDWR);
	ck_assert_int_eq(file_write(part, "mine", 4, NULL), 4);
	pos = 108 * 512;
	ck_assert_int_eq(file_read(f, buf, 4, &pos), 4);
	ck_assert_str_eq(buf, "mine");
	pos = 100 * 512;
	ck_assert_int_eq(file_write(part, "x", 1, &pos), -ENOSPC);
	/* In use it stays. */
	ck_assert_int_eq(blkdev_rescan(node("vda")), -EBUSY);
	ck_assert_int_eq(blkdev_remove_partition(node("vda"), 2), -EBUSY);
	file_put(part);
	ck_assert_int_eq(blkdev_rescan(node("vda1")), -EINVAL);
	ck_assert_int_eq(blkdev_remove_partition(node("vda"), 2), 0);
	ck_assert_int_eq(blkdev_remove_partition(node("vda"), 2), -ENXIO);
	ck_assert_ptr_null(node("vda2"));
	ck_assert_int_eq(blkdev_add_partition(node("vda"), 3, 50 * 512, 512), -EBUSY);
	ck_assert_int_eq(blkdev_add_partition(node("vda"), 1, 500 * 512, 512), -EBUSY);
	ck_assert_int_eq(blkdev_add_partition(node("vda"), 17, 500 * 512, 512), 0);
	ck_assert_uint_eq(node("vda17")->dev.dev, vfs_makedev(259, 0));
	ck_assert_int_eq(blkdev_rescan(node("vda")), 0);
	ck_assert_ptr_null(node("vda17"));
	ck_assert_ptr_nonnull(node("vda2"));
	file_put(f);
}
END_TEST

START_TEST(read_only_disks)
{
	struct file *f;

	ck_assert_int_eq(disk_attach(m, path, true, why), 0);
	ck_assert_int_eq(vfs_mknod(&w, "/vda", S_IFBLK | 0600, 254 << 8), 0);
	f = must_open("/vda", FO_RDWR);
	ck_assert_int_eq(file_write(f, "x", 1, NULL), -EPERM);
	file_put(f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("disk");
	TCase *t = tcase_create("disk");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, what_is_no_disk_is_refused);
	tcase_add_test(t, one_writes_or_many_read);
	tcase_add_test(t, what_is_written_is_in_the_file);
	tcase_add_test(t, more_than_four_gib);
	tcase_add_test(t, the_hosts_limit_is_an_error);
	tcase_add_test(t, mbr);
	tcase_add_test(t, gpt);
	tcase_add_test(t, random_tables);
	tcase_add_test(t, partitions_come_and_go);
	tcase_add_test(t, read_only_disks);
	suite_add_tcase(s, t);
	return kit_run(s);
}
