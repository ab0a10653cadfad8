/* SPDX-License-Identifier: MIT
 *
 * romfs: images as they should be, images as they should not be, and mounting from block devices.
 */
#include "emu/fs/romfs.h"
#include "tests/unit/oom_kit.h"
#include "tests/unit/rom_kit.h"

enum { HRD, DIR_, REG, SYM, BLK, CHR, SCK, FIF, EXEC = 8 };
enum { ROOT = 32, A = 96, SUB = 128, LINK = 160, HARD = 224, NODE = 256, PIPE = 288, LAST = 320, IN_SUB = 8192 };

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void header(uint32_t at, uint32_t next, unsigned type, uint32_t spec, uint32_t size, const char *name)
{
	put32(rom + at, next | type);
	put32(rom + at + 4, spec);
	put32(rom + at + 8, size);
	strcpy((char *)rom + at + 16, name);
}

static void seal(void)
{
	uint32_t sum = 0;

	put32(rom + 12, 0);
	for (int i = 0; i < 512; i += 4)
		sum += (uint32_t)rom[i] << 24 | (uint32_t)rom[i + 1] << 16 | (uint32_t)rom[i + 2] << 8 | rom[i + 3];
	put32(rom + 12, -sum);
}

/* /. /.. /a /sub/big /link -> sub/big /hard = /a /node (char 4:65) /pipe /last (empty) */
static void image(void)
{
	memset(rom, 0, ROM_SIZE);
	memcpy(rom, "-rom1fs-", 8);
	put32(rom + 8, 64 << 10);
	strcpy((char *)rom + 16, "test");
	header(ROOT, 64, DIR_ | EXEC, ROOT, 0, ".");
	header(64, A, HRD, ROOT, 0, "..");
	header(A, SUB, REG, 0, 0, "a");
	header(SUB, LINK, DIR_ | EXEC, IN_SUB, 0, "sub");
	header(LINK, HARD, SYM, 0, 7, "link");
	strcpy((char *)rom + LINK + 32, "sub/big");
	header(HARD, NODE, HRD, IN_SUB, 0, "hard");
	header(NODE, PIPE, CHR, 4 << 16 | 65, 0, "node");
	header(PIPE, LAST, FIF, 0, 0, "pipe");
	header(LAST, 0, REG | EXEC, 0, 0, "last");
	header(IN_SUB, 0, REG, 0, 3 * PAGE + 100, "big");
	for (uint32_t i = 0; i < 3 * PAGE + 100; i++)
		rom[IN_SUB + 32 + i] = (uint8_t)(i / PAGE + 'A');
	seal();
}

static void up(void)
{
	rom_up();
	ck_assert_int_eq(romfs_register(m), 0);
	image();
}

static int mount_rom(void)
{
	return mount_from("romfs", "/ram", "/mnt", 0);
}

START_TEST(an_image_is_read)
{
	struct vfs_statfs st = { 0 };
	struct path_ref p;
	struct file *f;
	char buf[64];
	uint64_t pos = 3 * PAGE + 90;
	int err;

	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_str_eq(names_in("/mnt", &err), ". .. a sub link hard node pipe last ");
	ck_assert_int_eq(err, 0);
	ck_assert_str_eq(names_in("/mnt/sub", &err), ". .. big ");
	f = must_open("/mnt/hard", FO_RDONLY);
	ck_assert_uint_eq(f->inode->ino, seen("/mnt/sub/big").ino);
	ck_assert_uint_eq(f->inode->ino, IN_SUB);
	ck_assert_int_eq(file_read(f, buf, sizeof buf, &pos), 10);
	ck_assert_int_eq(buf[9], 'D');
	ck_assert_int_eq(file_read(f, buf, sizeof buf, &pos), 0);
	file_put(f);
	ck_assert_uint_eq(seen("/mnt/sub").mode, S_IFDIR | 0755);
	ck_assert_uint_eq(seen("/mnt/a").mode, S_IFREG | 0644);
	ck_assert_uint_eq(seen("/mnt/last").mode, S_IFREG | 0755);
	ck_assert_uint_eq(seen("/mnt/node").mode, S_IFCHR | 0600);
	ck_assert_uint_eq(seen("/mnt/node").rdev, 4 << 8 | 65);
	ck_assert_uint_eq(seen("/mnt/pipe").mode, S_IFIFO | 0644);
	ck_assert_uint_eq(seen("/mnt/link").size, 7);
	ck_assert_int_eq(seen("/mnt/a").mtime.sec, 0);
	ck_assert_int_eq(try_open(&w, "/mnt/link", FO_RDONLY, 0), 0);
	ck_assert_int_eq(try_open(&w, "/mnt/a", FO_RDWR, 0), -EROFS);
	ck_assert_int_eq(try_open(&w, "/mnt/new", FO_RDWR | FO_CREAT, 0644), -EROFS);
	ck_assert_int_eq(try_open(&w, "/mnt/none", FO_RDONLY, 0), -ENOENT);
	memset(buf, 'x', sizeof buf);
	ck_assert_int_eq(vfs_walk(&w, "/mnt", &p, NULL), 0);
	p.mnt->super->statfs(p.mnt->super, &st);
	ck_assert(st.bsize == 1024 && st.blocks == 64 && st.namelen == 128 && p.mnt->super->dev == RAM_DEV);
	/* It stays read-only, whatever is asked for. */
	ck_assert_int_eq(vfs_remount(m, &p, 0, NULL), 0);
	ck_assert(mount_read_only(p.mnt));
	path_put(&p);
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
}
END_TEST

START_TEST(names_have_their_limits)
{
	char path[200] = "/mnt/";

	memset(path + 5, 'n', 130);
	header(LAST, 0, REG, 0, 0, "");
	memset(rom + LAST + 16, 'n', 128);
	seal();
	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(walk_to(path), -ENAMETOOLONG);
	path[5 + 127] = 0;
	ck_assert_int_eq(walk_to(path), -ENOENT);
	path[5 + 127] = 'n';
	path[5 + 128] = 0;
	ck_assert_int_eq(walk_to(path), 0);
}
END_TEST

START_TEST(files_are_mapped_where_they_lie)
{
	uint32_t a, b, where = rom_addr + IN_SUB + 32;
	struct file *f;

	ck_assert_int_eq(mount_rom(), 0);
	f = must_open("/mnt/sub/big", FO_RDONLY);
	ck_assert_int_eq(map_file(f, 2 * PAGE, 0, 5, false, &a), 0);
	ck_assert_uint_eq(a, where);
	ck_assert_int_eq(map_file(f, PAGE, 1, 1, true, &b), 0);
	ck_assert_uint_eq(b, where + PAGE);
	ck_assert_int_eq(mm_munmap(space, b, PAGE), 0);
	/* The last page shows what comes after the file. */
	ck_assert_int_eq(map_file(f, 4 * PAGE, 0, 1, true, &b), 0);
	ck_assert_uint_eq(b, where);
	ck_assert_int_eq(mm_munmap(space, b, 4 * PAGE), 0);
	/* Nothing to share behind it; a private mapping is a copy then, as is one that may be written to. */
	ck_assert_int_eq(map_file(f, 5 * PAGE, 0, 1, true, &b), -EINVAL);
	ck_assert_int_eq(map_file(f, 5 * PAGE, 0, 1, false, &b), 0);
	ck_assert_uint_ne(b, where);
	ck_assert_uint_eq(*(uint8_t *)flat_span(m->flat, b + 3 * PAGE + 99, 1), 'D');
	ck_assert_uint_eq(*(uint8_t *)flat_span(m->flat, b + 3 * PAGE + 100, 1), 0);
	ck_assert_int_eq(mm_munmap(space, b, 5 * PAGE), 0);
	ck_assert_int_eq(map_file(f, PAGE, 0, 3, false, &b), 0);
	ck_assert_uint_ne(b, where);
	ck_assert_int_eq(mm_munmap(space, b, PAGE), 0);
	ck_assert_int_eq(map_file(f, PAGE, 0, 3, true, &b), -EACCES);
	file_put(f);
	ck_assert_int_eq(umount_path("/mnt", 0), -EBUSY);
	ck_assert_int_eq(mm_munmap(space, a, 2 * PAGE), 0);
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	/* A file that is cut off by the end of the device has no place; nor has a device without memory. */
	header(IN_SUB, 0, REG, 0, ROM_SIZE, "big");
	ck_assert_int_eq(mount_rom(), 0);
	f = must_open("/mnt/sub/big", FO_RDONLY);
	ck_assert_int_eq(map_file(f, ROM_SIZE, 0, 1, true, &a), -ENODEV);
	ck_assert_int_eq(map_file(f, ROM_SIZE, 0, 1, false, &a), -EIO);
	file_put(f);
	image();
	memcpy(plain.bytes, rom, ROM_SIZE);
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	ck_assert_int_eq(mount_from("romfs", "/sda", "/mnt", MS_RDONLY), 0);
	f = must_open("/mnt/sub/big", FO_RDONLY);
	ck_assert_int_eq(map_file(f, PAGE, 0, 1, true, &a), -ENODEV);
	ck_assert_int_eq(map_file(f, PAGE, 2, 1, false, &a), 0);
	ck_assert_uint_eq(*(uint8_t *)flat_span(m->flat, a, 1), 'C');
	ck_assert_int_eq(mm_munmap(space, a, PAGE), 0);
	plain.error = -EIO;
	ck_assert_int_eq(map_file(f, PAGE, 2, 1, false, &a), -EIO);
	ck_assert_int_eq(walk_to("/mnt/a"), -EIO);
	file_put(f);
}
END_TEST

START_TEST(as_the_kernel_has_it)
{
	struct file *f;
	uint32_t a;

	ck_assert_int_eq(mount_rom(), 0);
	f = must_open("/mnt/sub/big", FO_RDONLY);
	m->options.compat_linux = true;
	ck_assert_int_eq(map_file(f, PAGE, 0, 1, true, &a), -ENODEV);
	ck_assert_int_eq(map_file(f, PAGE, 0, 1, false, &a), 0);
	ck_assert_uint_ne(a, rom_addr + IN_SUB + 32);
	m->options.compat_linux = false;
	file_put(f);
	ck_assert_int_eq(mm_munmap(space, a, PAGE), 0);
}
END_TEST

START_TEST(mounting_needs_a_device)
{
	struct path_ref p;
	struct file *f;

	ck_assert_int_eq(vfs_mkdir(&w, "/other", 0755), 0);
	ck_assert_int_eq(mount_from("romfs", NULL, "/mnt", 0), -EINVAL);
	ck_assert_int_eq(mount_from("romfs", "", "/mnt", 0), -EINVAL);
	ck_assert_int_eq(mount_from("romfs", "/none", "/mnt", 0), -ENOENT);
	ck_assert_int_eq(mount_from("romfs", "/mnt", "/mnt", 0), -ENOTBLK);
	ck_assert_int_eq(vfs_mknod(&w, "/nothing", S_IFBLK | 0600, 0), 0);
	ck_assert_int_eq(mount_from("romfs", "/nothing", "/mnt", 0), -ENODEV);
	ck_assert_int_eq(vfs_mknod(&w, "/gone", S_IFBLK | 0600, 9 << 8), 0);
	ck_assert_int_eq(mount_from("romfs", "/gone", "/mnt", 0), -ENXIO);
	ck_assert_int_eq(mount_at_path("tmpfs", "/other", MS_NODEV, NULL), 0);
	ck_assert_int_eq(vfs_mknod(&w, "/other/ram", S_IFBLK | 0600, RAM_DEV), 0);
	ck_assert_int_eq(mount_from("romfs", "/other/ram", "/mnt", 0), -EACCES);
	/* A device that cannot be written to is mounted read-only or not at all: mount(8) tries again by itself. */
	memcpy(plain.bytes, rom, ROM_SIZE);
	ck_assert_int_eq(mount_from("romfs", "/sda", "/mnt", 0), -EACCES);
	ck_assert_int_eq(mount_from("romfs", "/sda", "/mnt", MS_RDONLY), 0);
	/* Once more the same, but not the other way. */
	ck_assert_int_eq(mount_from("romfs", "/sda", "/other", 0), -EBUSY);
	ck_assert_int_eq(mount_from("romfs", "/sda", "/mnt", MS_RDONLY), -EBUSY);
	ck_assert_int_eq(mount_from("romfs", "/sda", "/other", MS_RDONLY), 0);
	ck_assert_ptr_eq(seen("/mnt/a").super, seen("/other/a").super);
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	/* It is held as long as it is mounted. */
	ck_assert_int_eq(try_open(&w, "/sda", FO_RDONLY | FO_EXCL, 0), -EBUSY);
	ck_assert_int_eq(try_open(&w, "/sda", FO_RDONLY, 0), 0);
	ck_assert_int_eq(umount_path("/other", 0), 0);
	f = must_open("/sda", FO_RDONLY | FO_EXCL);
	ck_assert_int_eq(try_open(&w, "/sda", FO_RDONLY | FO_EXCL, 0), -EBUSY);
	ck_assert_int_eq(mount_from("romfs", "/sda", "/mnt", MS_RDONLY), -EBUSY);
	file_put(f);
	/* In use, it goes when the last user does. */
	ck_assert_int_eq(mount_from("romfs", "/sda", "/mnt", MS_RDONLY), 0);
	f = must_open("/mnt/sub/big", FO_RDONLY);
	ck_assert_int_eq(umount_path("/mnt", 0), -EBUSY);
	ck_assert_int_eq(vfs_walk(&w, "/mnt", &p, NULL), 0);
	ck_assert_int_eq(vfs_umount(m, &p, 2), 0);
	path_put(&p);
	ck_assert_int_eq(try_open(&w, "/sda", FO_RDONLY | FO_EXCL, 0), -EBUSY);
	file_put(f);
	ck_assert_int_eq(try_open(&w, "/sda", FO_RDONLY | FO_EXCL, 0), 0);
	/* One that fails holds nothing. */
	plain.error = -EIO;
	ck_assert_int_eq(mount_from("romfs", "/sda", "/mnt", MS_RDONLY), -EIO);
	ck_assert_int_eq(try_open(&w, "/sda", FO_RDONLY | FO_EXCL, 0), 0);
}
END_TEST

START_TEST(what_is_no_romfs_is_refused)
{
	put32(rom, 0);
	ck_assert_int_eq(mount_rom(), -EINVAL);
	image();
	rom[15] ^= 1;
	ck_assert_int_eq(mount_rom(), -EINVAL);
	image();
	put32(rom + 8, 15);
	seal();
	ck_assert_int_eq(mount_rom(), -EINVAL);
	/* No room for the root's header. */
	image();
	put32(rom + 8, 40);
	ck_assert_int_eq(mount_rom(), -EINVAL);	/* the sum is that of 40 bytes now */
	memset(rom + 40, 0, 512);
	seal();
	ck_assert_int_eq(mount_rom(), -EIO);
	/* A root that is none. */
	image();
	header(ROOT, 64, REG, 0, 0, ".");
	seal();
	ck_assert_int_eq(mount_rom(), -ENOTDIR);
	/* An image that says to be longer than the device is mounted; what is not there cannot be read. */
	image();
	put32(rom + 8, 0xffffffff);
	header(SUB, LINK, DIR_ | EXEC, ROM_SIZE, 0, "sub");
	seal();
	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(walk_to("/mnt/a"), 0);
	ck_assert_int_eq(walk_to("/mnt/sub/x"), -EIO);
}
END_TEST

START_TEST(lists_that_do_not_end)
{
	int err;

	/* It goes back to the second entry: what is in it is found, nothing else is. */
	header(LAST, A, REG, 0, 0, "last");
	seal();
	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(walk_to("/mnt/last"), 0);
	ck_assert_int_eq(walk_to("/mnt/none"), -ELOOP);
	names_in("/mnt", &err);
	ck_assert_int_eq(err, -ELOOP);
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	/* To itself. */
	header(IN_SUB, IN_SUB, REG, 0, 0, "big");
	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(walk_to("/mnt/sub/big"), 0);
	ck_assert_int_eq(walk_to("/mnt/sub/none"), -ELOOP);
	/* Every length there is. */
	for (uint32_t n = 1; n < 40; n++) {
		for (uint32_t i = 0; i < n; i++)
			header(0x4000 + 32 * i, 0x4000 + 32 * ((i + 1) % n), REG, 0, 0, "x");
		header(IN_SUB, 0x4000, REG, 0, 0, "big");
		ck_assert_int_eq(umount_path("/mnt", 0), 0);
		ck_assert_int_eq(mount_rom(), 0);
		ck_assert_int_eq(walk_to("/mnt/sub/none"), -ELOOP);
		ck_assert_int_eq(walk_to("/mnt/sub/x"), 0);
	}
}
END_TEST

START_TEST(hard_links_that_do_not_end)
{
	header(HARD, NODE, HRD, HARD, 0, "hard");
	seal();
	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(walk_to("/mnt/hard"), -ELOOP);
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	/* 64 in a row are followed, 65 are not. */
	for (uint32_t i = 0; i < 70; i++)
		header(0x4000 + 32 * i, 0, HRD, 0x4000 + 32 * (i + 1), 0, "x");
	header(0x4000 + 32 * 63, 0, REG, 0, 0, "x");
	header(HARD, NODE, HRD, 0x4000, 0, "hard");
	seal();
	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(walk_to("/mnt/hard"), 0);
	header(0x4000 + 32 * 63, 0, HRD, 0x4000 + 32 * 64, 0, "x");
	header(0x4000 + 32 * 64, 0, HRD, 0x4000 + 32 * 65, 0, "x");
	header(0x4000 + 32 * 65, 0, REG, 0, 0, "x");
	ck_assert_int_eq(walk_to("/mnt/hard"), -ELOOP);
	/* A name for a directory above it. */
	header(IN_SUB, 0, HRD, ROOT, 0, "up");
	ck_assert_int_eq(walk_to("/mnt/sub/up"), -ELOOP);
	header(IN_SUB, 0, HRD, SUB, 0, "up");
	ck_assert_int_eq(walk_to("/mnt/sub/up"), -ELOOP);
}
END_TEST

START_TEST(what_lies_outside)
{
	struct file *f;
	char buf[64];
	uint64_t pos = (64 << 10) - IN_SUB - 32 - 4;
	int err;

	put32(rom + LINK + 8, 0x7fffffff);
	header(HARD, NODE, HRD, 0xfffffff0, 0, "hard");
	put32(rom + IN_SUB + 8, 0xffffffff);
	header(LAST, 0xfffffff0, REG, 0, 0, "a/b");
	seal();
	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(walk_to("/mnt/hard"), -EIO);
	f = must_open("/mnt/sub/big", FO_RDONLY);
	ck_assert_int_eq(file_read(f, buf, sizeof buf, &pos), 4);
	ck_assert_int_eq(file_read(f, buf, sizeof buf, &pos), -EIO);
	pos = 0xfffffffe;
	ck_assert_int_eq(file_read(f, buf, sizeof buf, &pos), -EIO);
	pos = UINT64_C(1) << 40;
	ck_assert_int_eq(file_read(f, buf, sizeof buf, &pos), 0);
	file_put(f);
	/* A name that cannot be one ends the list. */
	ck_assert_str_eq(names_in("/mnt", &err), ". .. a sub link hard node pipe ");
	ck_assert_int_eq(err, -EIO);
	/* A position that somebody made up. */
	f = must_open("/mnt", FO_RDONLY);
	f->pos = 0x12345;
	buf[0] = 0;
	ck_assert_int_eq(file_readdir(f, buf, rom_see), 0);
	f->pos = UINT64_C(1) << 33;
	ck_assert_int_eq(file_readdir(f, buf, rom_see), 0);
	file_put(f);
}
END_TEST

START_TEST(it_is_changed_while_it_is_mounted)
{
	struct file *f;
	char c;

	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(walk_to("/mnt/a"), 0);
	f = must_open("/mnt/sub/big", FO_RDONLY);
	memset(rom, 0xff, ROM_SIZE);
	ck_assert_int_eq(walk_to("/mnt/a"), -ENOENT);
	ck_assert_int_eq(file_read(f, &c, 1, NULL), 1);
	ck_assert_uint_eq((uint8_t)c, 0xff);
	file_put(f);
	image();
	ck_assert_int_eq(walk_to("/mnt/a"), 0);
}
END_TEST

/* --- Host memory --- */

START_TEST(host_memory_runs_out)
{
	struct path_ref p;
	uint64_t charged;
	int err = -1;

	ck_assert_int_eq(vfs_walk(&w, "/mnt", &p, NULL), 0);
	charged = m->vfs->charged;
	for (long n = 1; err; n++) {
		fail_in = n;
		err = vfs_mount(m, "romfs", "/ram", &p, 0, NULL);
		fail_in = 0;
		ck_assert(err == 0 || err == -ENOMEM);
		ck_assert_int_eq(try_open(&w, "/ram", FO_RDONLY | FO_EXCL, 0), err ? 0 : -EBUSY);
	}
	path_put(&p);
	/* Without an index the names are found all the same. */
	for (long n = 1, last = 0; last != n; n++) {
		fail_in = n;
		err = walk_to("/mnt/sub/big");
		last = fail_in ? n : 0;
		fail_in = 0;
		ck_assert(err == 0 || err == -ENOMEM);
		if (last)
			break;
	}
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	m->vfs->charge_limit = m->vfs->charged;
	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(walk_to("/mnt/sub/big"), 0);
	ck_assert_int_eq(walk_to("/mnt/sub/none"), -ENOENT);
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	ck_assert_uint_eq(m->vfs->charged, charged);
}
END_TEST

START_TEST(a_large_directory)
{
	enum { N = 4000 };
	char path[32];
	int err;

	header(SUB, LINK, DIR_ | EXEC, 0x10000, 0, "sub");
	for (uint32_t i = 0; i < N; i++) {
		snprintf(path, sizeof path, "f%u", i);
		header(0x10000 + 32 * i, i + 1 < N ? 0x10000 + 32 * (i + 1) : 0, REG, 0, 0, path);
	}
	put32(rom + 8, ROM_SIZE);
	/* Of two with one name it is the first. */
	header(0x10000 + 32 * 3000, 0x10000 + 32 * 3001, REG | EXEC, 0, 0, "f17");
	seal();
	ck_assert_int_eq(mount_rom(), 0);
	for (uint32_t i = 0; i < N; i++) {
		snprintf(path, sizeof path, "/mnt/sub/f%u", i);
		ck_assert_int_eq(walk_to(path), i == 3000 ? -ENOENT : 0);
	}
	ck_assert_uint_eq(seen("/mnt/sub/f17").mode, S_IFREG | 0644);
	names_in("/mnt/sub", &err);
	ck_assert_int_eq(err, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("romfs");
	TCase *t = tcase_create("romfs");

	tcase_add_checked_fixture(t, up, rom_down);
	tcase_add_test(t, an_image_is_read);
	tcase_add_test(t, names_have_their_limits);
	tcase_add_test(t, files_are_mapped_where_they_lie);
	tcase_add_test(t, as_the_kernel_has_it);
	tcase_add_test(t, mounting_needs_a_device);
	tcase_add_test(t, what_is_no_romfs_is_refused);
	tcase_add_test(t, lists_that_do_not_end);
	tcase_add_test(t, hard_links_that_do_not_end);
	tcase_add_test(t, what_lies_outside);
	tcase_add_test(t, it_is_changed_while_it_is_mounted);
	tcase_add_test(t, host_memory_runs_out);
	tcase_add_test(t, a_large_directory);
	suite_add_tcase(s, t);
	return kit_run(s);
}
