/* SPDX-License-Identifier: MIT
 *
 * Block devices: a disk that is not memory and fails when told to; the RAM disk; registering.
 */
#include "devices/ramdisk.h"
#include "tests/unit/fs_kit.h"

#define DISK_SIZE 10240u	/* not a whole number of pages */

struct disk {
	struct block_device block;
	uint8_t bytes[DISK_SIZE];
	int error;
	bool freed;
};

static struct disk disk;
static struct mm_space *space;

static struct disk *disk_of(struct block_device *b)
{
	return (struct disk *)(void *)b;
}

static int disk_read(struct block_device *b, void *dst, uint32_t len, uint64_t offset)
{
	ck_assert_uint_le(offset + len, DISK_SIZE);
	memcpy(dst, disk_of(b)->bytes + offset, len);
	return disk_of(b)->error;
}

static int disk_write(struct block_device *b, const void *src, uint32_t len, uint64_t offset)
{
	ck_assert_uint_le(offset + len, DISK_SIZE);
	memcpy(disk_of(b)->bytes + offset, src, len);
	return disk_of(b)->error;
}

static int disk_clear(struct block_device *b, uint64_t offset, uint64_t len)
{
	memset(disk_of(b)->bytes + offset, 0, len);
	return 0;
}

static void disk_free(struct block_device *b)
{
	disk_of(b)->freed = true;
}

static const struct block_ops disk_ops = {
	.read = disk_read, .write = disk_write, .clear = disk_clear, .free = disk_free,
};
static const struct vfs_blkdev dev = { .dev = 8 << 8, .name = "sda", .driver = "sd", .mode = 0660, .disk = &disk.block };

static void up(void)
{
	kit_up();
	memset(&disk, 0, sizeof disk);
	disk.block = (struct block_device){ .ops = &disk_ops, .size = DISK_SIZE };
	for (uint32_t i = 0; i < DISK_SIZE; i++)
		disk.bytes[i] = (uint8_t)(i / 512 + 1);
	ck_assert_int_eq(mm_space_new(m->mm, &space), 0);
	ck_assert_int_eq(vfs_mknod(&w, "/sda", S_IFBLK | 0600, 8 << 8), 0);
}

static void down(void)
{
	mm_space_put(space);
	kit_down();
}

static int map(struct file *f, uint32_t len, uint64_t pgoff, uint32_t prot, uint32_t flags, uint32_t *addr)
{
	struct mm_map q = { .len = len, .prot = prot, .flags = flags, .pgoff = pgoff, .source = f->source,
			    .readable = true, .writable = true };

	return mm_mmap(space, &q, addr);
}

static int count(void *ctx, const struct vfs_blkdev *d, const struct vfs_blkstat *s)
{
	*(struct vfs_blkstat *)ctx = *s;
	ck_assert_str_eq(d->name, "sda");
	return 7;
}

START_TEST(a_disk_is_read_written_and_copied)
{
	struct vfs_blkstat st;
	struct file *f;
	uint64_t pos = DISK_SIZE - 3;
	uint32_t a, b;
	uint8_t buf[16];

	ck_assert_int_eq(try_open(&w, "/sda", FO_RDONLY, 0), -ENXIO);
	ck_assert_int_eq(vfs_walk_blkdevs(m, count, &st), 0);
	ck_assert_int_eq(vfs_register_blkdev(m, &dev), 0);
	ck_assert_int_eq(vfs_register_blkdev(m, &dev), -EBUSY);
	f = must_open("/sda", FO_RDWR | FO_TRUNC);
	ck_assert_int_eq(file_read(f, buf, sizeof buf, &pos), 3);
	ck_assert_int_eq(file_read(f, buf, sizeof buf, &pos), 0);
	ck_assert_int_eq(file_write(f, buf, sizeof buf, &pos), -ENOSPC);
	pos = UINT64_C(1) << 40;
	ck_assert_int_eq(file_read(f, buf, sizeof buf, &pos), 0);
	pos = 600;
	ck_assert_int_eq(file_write(f, "abc", 3, &pos), 3);
	ck_assert_uint_eq(pos, 603);
	ck_assert_int_eq(memcmp(disk.bytes + 600, "abc", 3), 0);
	ck_assert_int_eq(vfs_walk_blkdevs(m, count, &st), 7);
	ck_assert(st.reads == 1 && st.sectors_read == 1 && st.writes == 1 && st.sectors_written == 1);
	/* No memory behind it: private copies only, with the tail behind the end cleared. */
	ck_assert_int_eq(map(f, 3 * 4096, 0, 1, 1, &a), -ENODEV);
	ck_assert_int_eq(map(f, 3 * 4096, 0, 1, 2, &a), 0);
	ck_assert_int_eq(memcmp(flat_span(m->flat, a, DISK_SIZE), disk.bytes, DISK_SIZE), 0);
	ck_assert_uint_eq(*(const uint8_t *)flat_span(m->flat, a + DISK_SIZE, 1), 0);
	ck_assert_int_eq(map(f, 4096, 1, 1, 2, &b), 0);
	ck_assert_uint_eq(b, a + 4096);
	/* What fails, fails. */
	disk.error = -EIO;
	pos = 0;
	ck_assert_int_eq(file_read(f, buf, sizeof buf, &pos), -EIO);
	ck_assert_int_eq(file_write(f, buf, sizeof buf, &pos), -EIO);
	ck_assert_uint_eq(pos, 0);
	ck_assert_int_eq(map(f, 4096, 0, 3, 2, &b), -EIO);
	file_put(f);
	ck_assert(!disk.freed);
	down();
	ck_assert(disk.freed);
	up();
}
END_TEST

static int last_path(void *ctx, const struct mm_vma_info *i)
{
	snprintf(ctx, 300, "%c %u:%u %d %s", i->shared ? 'S' : 'p', i->major, i->minor, i->inode != 0, i->path);
	return 0;
}

START_TEST(a_ram_disk_is_mapped_where_it_is)
{
	struct vfs_blkdev ram = { .dev = 1 << 8, .name = "ram0", .driver = "ramdisk", .mode = 0600 };
	struct block_device *b;
	struct path_ref p;
	struct file *f;
	uint32_t addr, a;
	char text[300], want[300];

	ck_assert_ptr_null(ramdisk_new(m->flat, 0x1000, 4096));		/* no memory there */
	ck_assert_int_eq(mm_pages_get(m->mm, 4, &addr), 0);
	ck_assert_int_eq(flat_write(m->flat, addr + 5, "dirt", 4), 0);
	ram.disk = b = ramdisk_new(m->flat, addr, 4 * 4096);
	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(b->ops->read(b, text, 4, 5), 0);
	ck_assert_int_eq(memcmp(text, "\0\0\0\0", 4), 0);
	ck_assert_int_eq(b->ops->read(b, text, 4, 4 * 4096 - 3), -EIO);
	ck_assert_int_eq(b->ops->write(b, text, 4, UINT64_MAX - 1), -EIO);
	ck_assert_int_eq(b->ops->clear(b, 4096, UINT64_MAX), -EIO);
	ck_assert_int_eq(vfs_register_blkdev(m, &ram), 0);
	ck_assert_int_eq(vfs_mknod(&w, "/ram", S_IFBLK | 0600, 1 << 8), 0);
	f = must_open("/ram", FO_RDWR);
	ck_assert_int_eq(map(f, 2 * 4096, 1, 3, 1, &a), 0);
	ck_assert_uint_eq(a, addr + 4096);
	ck_assert_int_eq(map(f, 2 * 4096, 3, 3, 1, &a), -ENODEV);
	ck_assert_int_eq(map(f, 4096, UINT32_MAX - 1, 3, 1, &a), -ENODEV);
	mm_space_walk(space, last_path, text);
	snprintf(want, sizeof want, "S %u:%u 1 /dev/ram0", vfs_major(m->vfs->devtmpfs->dev),
		 vfs_minor(m->vfs->devtmpfs->dev));
	ck_assert_str_eq(text, want);
	ck_assert_ptr_null(mm_check(m->mm));
	file_put(f);
	ck_assert_int_eq(mm_munmap(space, addr + 4096, 2 * 4096), 0);
	ck_assert_int_eq(vfs_walk(&w, "/ram", &p, NULL), 0);
	path_put(&p);
	mm_pages_put(m->mm, addr, 4);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("blkdev");
	TCase *t = tcase_create("blkdev");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, a_disk_is_read_written_and_copied);
	tcase_add_test(t, a_ram_disk_is_mapped_where_it_is);
	suite_add_tcase(s, t);
	return kit_run(s);
}
