/* SPDX-License-Identifier: MIT
 *
 * For the tests of file systems on block devices: fs_kit's machine with a RAM disk, whose bytes a test writes as it
 * likes; another disk without memory; a space to map files in; and allocations of the host that fail.
 */
#ifndef TESTS_UNIT_ROM_KIT_H
#define TESTS_UNIT_ROM_KIT_H

#include <sys/mount.h>
#include "devices/ramdisk.h"
#include "emu/fs/disk.h"
#include "tests/unit/fs_kit.h"

#define ROM_SIZE (256u << 10)
#define PAGE FLAT_PAGE_SIZE
#define RAM_DEV (1u << 8)
#define DISK_DEV (8u << 8)

static uint8_t *rom;		/* the RAM disk's bytes */
static uint32_t rom_addr;	/* and where the guest has them */
static struct mm_space *space;

/* --- A disk that is no memory and fails when told to --- */

struct plain_disk { struct block_device block; uint8_t bytes[ROM_SIZE]; int error; };
static struct plain_disk plain;

static int plain_read(struct block_device *b, void *dst, uint32_t len, uint64_t offset)
{
	ck_assert_uint_le(offset + len, b->size);
	memcpy(dst, plain.bytes + offset, len);
	return plain.error;
}

static void plain_free(struct block_device *b)
{
	(void)b;
}

static const struct block_ops plain_ops = { .read = plain_read, .free = plain_free };

static void __attribute__((unused)) rom_up(void)
{
	struct vfs_blkdev ram = { .dev = RAM_DEV, .name = "ram0", .driver = "ramdisk", .mode = 0600 };
	struct vfs_blkdev disk = { .dev = DISK_DEV, .name = "sda", .driver = "sd", .mode = 0600, .disk = &plain.block };

	kit_up();
	ck_assert_int_eq(mm_space_new(m->mm, &space), 0);
	ck_assert_int_eq(mm_pages_get(m->mm, ROM_SIZE / PAGE, &rom_addr), 0);
	rom = flat_span_write(m->flat, rom_addr, ROM_SIZE);
	ram.disk = ramdisk_new(m->flat, rom_addr, ROM_SIZE);
	ck_assert_int_eq(vfs_register_blkdev(m, &ram), 0);
	memset(&plain, 0, sizeof plain);
	plain.block = (struct block_device){ .ops = &plain_ops, .size = ROM_SIZE, .read_only = true };
	ck_assert_int_eq(vfs_register_blkdev(m, &disk), 0);
	ck_assert_int_eq(vfs_mkdir(&w, "/mnt", 0755), 0);
	ck_assert_int_eq(vfs_mknod(&w, "/ram", S_IFBLK | 0600, RAM_DEV), 0);
	ck_assert_int_eq(vfs_mknod(&w, "/sda", S_IFBLK | 0600, DISK_DEV), 0);
}

static void __attribute__((unused)) rom_down(void)
{
	mm_space_put(space);
	mm_pages_put(m->mm, rom_addr, ROM_SIZE / PAGE);
	kit_down();
}

static inline int mount_from(const char *type, const char *source, const char *on, uint32_t flags)
{
	struct path_ref p;
	int err;

	ck_assert_int_eq(vfs_walk(&w, on, &p, NULL), 0);
	err = vfs_mount(m, type, source, &p, flags, NULL);
	path_put(&p);
	return err;
}

/* Maps a file: 0 and where, or -errno. */
static inline int map_file(struct file *f, uint32_t len, uint64_t pgoff, uint32_t prot, bool shared, uint32_t *addr)
{
	struct mm_map q = { .len = len, .prot = prot, .flags = shared ? 1 : 2, .pgoff = pgoff, .source = f->source,
			    .readable = true, .writable = file_writable(f) };

	return mm_mmap(space, &q, addr);
}

/* What is at the path, without following a last link: as it was, since nobody keeps it. */
static inline struct inode seen(const char *path)
{
	struct walk x = w;
	struct path_ref p;
	struct inode i;

	x.flags = 0;
	ck_assert_msg(vfs_walk(&x, path, &p, NULL) == 0, "no %s", path);
	i = *p.dentry->inode;
	path_put(&p);
	return i;
}

static int rom_see(void *ctx, const char *name, size_t len, uint64_t ino, unsigned type, uint64_t next)
{
	char *text = ctx;

	(void)ino;
	(void)type;
	(void)next;
	if (strlen(text) + len + 2 > 1000)
		return 1;
	snprintf(text + strlen(text), len + 2, "%.*s ", (int)len, name);
	return 0;
}

/* The names in a directory, each followed by a space; "" with *err. */
static inline const char *names_in(const char *path, int *err)
{
	static char text[1024];
	struct file *f = must_open(path, FO_RDONLY);

	text[0] = 0;
	*err = file_readdir(f, text, rom_see);
	file_put(f);
	return text;
}

#endif
