/* SPDX-License-Identifier: MIT
 *
 * cramfs: images as they should be, with blocks of every kind, and images as they should not be.
 */
#include "emu/fs/cramfs.h"
#include "tests/unit/oom_kit.h"
#include "tests/unit/rom_kit.h"

/* The root's entries; the file's pointers; data; pages that lie as they are. */
enum { ROOT = CRAMFS_SUPER, SUB = 0x400, FILE_ = 0x800, LINK = 0x500, XIP = 0x600, DATA = 0x1000, PAGES = 0x8004 };
/* Pages of /file: compressed, hole, plain, direct, direct and plain, compressed; the last one is short. */
enum { N = 6 };
#define TAIL 100u

static uint32_t end;		/* of the data so far */

static void put32(uint32_t at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		rom[at + (uint32_t)i] = (uint8_t)(v >> (8 * i));
}

/* An entry with its name; where the next one goes. */
static uint32_t entry(uint32_t at, uint32_t mode, uint32_t uid, uint32_t size, uint32_t gid, uint32_t offset,
		      const char *name)
{
	uint32_t len = name ? ((uint32_t)strlen(name) + 3) / 4 : 0;

	put32(at, mode | uid << 16);
	put32(at + 4, size | gid << 24);
	put32(at + 8, len | offset / 4 << 6);
	if (name)
		memcpy(rom + at + 12, name, strlen(name));
	return at + 12 + 4 * len;
}

static void fill_page(uint8_t *page, unsigned n)
{
	for (uint32_t i = 0; i < PAGE; i++)
		page[i] = (uint8_t)('A' + n + i % 7);
}

/* A page's compressed block at `end`; its length. */
static uint32_t packed(unsigned n, uint32_t len)
{
	uint8_t page[PAGE];
	uLongf size = ROM_SIZE - end;

	fill_page(page, n);
	ck_assert_int_eq(compress(rom + end, &size, page, len), Z_OK);
	end += (uint32_t)size;
	return (uint32_t)size;
}

static void image(uint32_t flags)
{
	uint32_t at = ROOT, size;

	memset(rom, 0, ROM_SIZE);
	put32(0, CRAMFS_MAGIC);
	put32(4, ROM_SIZE);
	put32(8, flags);
	memcpy(rom + 16, "Compressed ROMFS", 16);
	put32(40, 33);
	put32(44, 7);
	at = entry(at, S_IFREG | 04750, 1000, (N - 1) * PAGE + TAIL, 100, FILE_, "file");
	at = entry(at, S_IFLNK | 0777, 0, 8, 0, LINK, "link");
	at = entry(at, S_IFCHR | 0600, 0, 4 << 8 | 65, 0, 0, "node");
	at = entry(at, S_IFIFO | 0644, 0, 0, 0, 0, "pipe");
	at = entry(at, S_IFREG | 0644, 0, (N - 1) * PAGE + TAIL, 0, FILE_, "same");
	at = entry(at, S_IFDIR | 0700, 0, 12 + 8, 0, SUB, "sub");
	at = entry(at, S_IFREG | 0755, 0, 3 * PAGE, 0, XIP, "xip");
	entry(64, S_IFDIR | 0200, 0, at - ROOT, 0, ROOT, NULL);
	entry(SUB, S_IFREG | 0600, 0, 0, 0, 0, "empty");

	end = FILE_ + 4 * N;
	packed(0, PAGE);
	put32(FILE_, end);
	put32(FILE_ + 4, end);
	fill_page(rom + end, 2);
	end += PAGE;
	put32(FILE_ + 8, end | CRAMFS_PLAIN);
	end = DATA + 0x2000;
	at = end;
	end += 2;
	size = packed(3, PAGE);
	rom[at] = (uint8_t)size;
	rom[at + 1] = (uint8_t)(size >> 8);
	put32(FILE_ + 12, at >> 2 | CRAMFS_DIRECT);
	fill_page(rom + PAGES, 4);
	put32(FILE_ + 16, PAGES >> 2 | CRAMFS_DIRECT | CRAMFS_PLAIN);
	end = PAGES + PAGE;
	packed(5, TAIL);
	put32(FILE_ + 20, end);

	end = LINK + 4;
	size = ROM_SIZE - end;
	compress(rom + end, &(uLongf){ size }, (const Bytef *)"sub/empt", 8);
	put32(LINK, end + 40);
	memcpy(rom + SUB + 12, "empt\0\0\0\0", 8);
	put32(SUB + 8, 2);
	for (unsigned i = 0; i < 3; i++) {
		fill_page(rom + 0x10004 + i * PAGE, 10 + i);
		put32(XIP + 4 * i, (0x10004 + i * PAGE) >> 2 | CRAMFS_DIRECT | CRAMFS_PLAIN);
	}
}

static void up(void)
{
	rom_up();
	ck_assert_int_eq(cramfs_register(m), 0);
	image(CRAMFS_FSID_2 | CRAMFS_SORTED | CRAMFS_EXT_POINTERS);
}

static int mount_rom(void)
{
	return mount_from("cramfs", "/ram", "/mnt", 0);
}

START_TEST(an_image_is_read)
{
	struct vfs_statfs st = { 0 };
	uint8_t page[PAGE], want[PAGE];
	struct path_ref p;
	struct inode i;
	struct file *f;
	int err;

	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_str_eq(names_in("/mnt", &err), ". .. file link node pipe same sub xip ");
	ck_assert_int_eq(err, 0);
	ck_assert_str_eq(names_in("/mnt/sub", &err), ". .. empt ");
	i = seen("/mnt/file");
	ck_assert(i.mode == (S_IFREG | 04750) && i.uid == 1000 && i.gid == 100 && i.ino == FILE_ && i.mtime.sec == 0);
	ck_assert_uint_eq(i.nlink, 1);
	ck_assert_uint_eq(seen("/mnt/same").ino, FILE_);
	ck_assert_uint_eq(seen("/mnt/node").rdev, 4 << 8 | 65);
	ck_assert_uint_eq(seen("/mnt/pipe").mode, S_IFIFO | 0644);
	ck_assert_uint_eq(seen("/mnt/sub/empt").size, 0);
	ck_assert_uint_eq(seen("/mnt").mode, S_IFDIR | 0755);
	ck_assert_int_eq(try_open(&w, "/mnt/link", FO_RDONLY, 0), 0);
	ck_assert_int_eq(walk_to("/mnt/link/x"), -ENOTDIR);
	f = must_open("/mnt/file", FO_RDONLY);
	for (unsigned n = 0; n < N; n++) {
		fill_page(want, n);
		if (n == 1)
			memset(want, 0, PAGE);
		ck_assert_int_eq(file_read(f, page, PAGE, NULL), n == N - 1 ? TAIL : PAGE);
		ck_assert_msg(!memcmp(page, want, n == N - 1 ? TAIL : PAGE), "page %u", n);
	}
	ck_assert_int_eq(file_read(f, page, PAGE, NULL), 0);
	/* Across pages, and one byte. */
	f->pos = PAGE - 1;
	ck_assert_int_eq(file_read(f, page, 2, NULL), 2);
	fill_page(want, 0);
	ck_assert(page[0] == want[PAGE - 1] && page[1] == 0);
	file_put(f);
	/* A last page that is full and not compressed is there. */
	f = must_open("/mnt/xip", FO_RDONLY);
	f->pos = 2 * PAGE;
	fill_page(want, 12);
	ck_assert_int_eq(file_read(f, page, PAGE, NULL), PAGE);
	ck_assert_int_eq(memcmp(page, want, PAGE), 0);
	file_put(f);
	ck_assert_int_eq(vfs_walk(&w, "/mnt", &p, NULL), 0);
	p.mnt->super->statfs(p.mnt->super, &st);
	ck_assert(st.bsize == PAGE && st.blocks == 33 && st.files == 7 && st.namelen == 252);
	path_put(&p);
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
}
END_TEST

START_TEST(pages_are_mapped_where_they_lie)
{
	uint32_t a, b, where = rom_addr + 0x10004;
	uint8_t want[PAGE];
	struct file *f, *x;

	ck_assert_int_eq(mount_rom(), 0);
	x = must_open("/mnt/xip", FO_RDONLY);
	f = must_open("/mnt/file", FO_RDONLY);
	ck_assert_int_eq(map_file(x, 3 * PAGE, 0, 5, false, &a), 0);
	ck_assert_uint_eq(a, where);
	ck_assert_int_eq(map_file(x, PAGE, 2, 1, true, &b), 0);
	ck_assert_uint_eq(b, where + 2 * PAGE);
	ck_assert_int_eq(mm_munmap(space, b, PAGE), 0);
	ck_assert_int_eq(map_file(x, 4 * PAGE, 0, 1, true, &b), -EINVAL);
	ck_assert_int_eq(map_file(x, 4 * PAGE, 0, 1, false, &b), 0);
	ck_assert_uint_eq(*(uint8_t *)(uintptr_t)flat_span(m->flat, b + 3 * PAGE, 1), 0);
	ck_assert_int_eq(mm_munmap(space, b, 4 * PAGE), 0);
	/* One page of the file can be shown, no other can. */
	ck_assert_int_eq(map_file(f, PAGE, 4, 1, true, &b), 0);
	ck_assert_uint_eq(b, rom_addr + PAGES);
	ck_assert_int_eq(mm_munmap(space, b, PAGE), 0);
	for (unsigned n = 0; n < N; n++)
		if (n != 4)
			ck_assert_int_eq(map_file(f, PAGE, n, 1, true, &b), -ENODEV);
	ck_assert_int_eq(map_file(f, 2 * PAGE, 3, 5, false, &b), 0);
	fill_page(want, 3);
	ck_assert_int_eq(memcmp(flat_span(m->flat, b, PAGE), want, PAGE), 0);
	ck_assert_int_eq(mm_munmap(space, b, 2 * PAGE), 0);
	/* A last page of three that lies elsewhere. */
	ck_assert_int_eq(mm_munmap(space, a, 3 * PAGE), 0);
	put32(XIP + 8, 0x20000 >> 2 | CRAMFS_DIRECT | CRAMFS_PLAIN);
	ck_assert_int_eq(map_file(x, 3 * PAGE, 0, 1, true, &b), -ENODEV);
	put32(XIP + 8, 0x0fffffff | CRAMFS_DIRECT | CRAMFS_PLAIN);
	ck_assert_int_eq(map_file(x, PAGE, 2, 1, true, &b), -ENODEV);
	ck_assert_int_eq(map_file(x, PAGE, 2, 1, false, &b), -EIO);
	file_put(x);
	file_put(f);
	/* Pointers that are not declared are followed, but nothing is shown. */
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	image(CRAMFS_FSID_2);
	ck_assert_int_eq(mount_rom(), 0);
	x = must_open("/mnt/xip", FO_RDONLY);
	ck_assert_int_eq(map_file(x, PAGE, 0, 1, true, &b), -ENODEV);
	ck_assert_int_eq(map_file(x, PAGE, 0, 1, false, &b), 0);
	ck_assert_uint_ne(b, where);
	file_put(x);
}
END_TEST

START_TEST(superblocks)
{
	rom[0] ^= 1;
	ck_assert_int_eq(mount_rom(), -EINVAL);
	memcpy(rom, "\x28\xcd\x3d\x45", 4);
	ck_assert_int_eq(mount_rom(), -EINVAL);
	image(0x1000);
	ck_assert_int_eq(mount_rom(), -EINVAL);
	image(CRAMFS_FSID_2);
	entry(64, S_IFREG | 0755, 0, 100, 0, ROOT, NULL);
	ck_assert_int_eq(mount_rom(), -EINVAL);
	entry(64, S_IFDIR | 0755, 0, 100, 0, ROOT + 4, NULL);
	ck_assert_int_eq(mount_rom(), -EINVAL);
	put32(8, CRAMFS_FSID_2 | CRAMFS_SHIFTED_ROOT);
	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	/* An empty one. */
	image(CRAMFS_FSID_2);
	entry(64, S_IFDIR | 0755, 0, 0, 0, 0, NULL);
	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(walk_to("/mnt/x"), -ENOENT);
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	/* Behind a boot sector; and an old one, which does not say how long it is. */
	image(0);
	memmove(rom + 512, rom, CRAMFS_SUPER);
	memset(rom, 0, CRAMFS_SUPER);
	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(walk_to("/mnt/sub/empt"), 0);
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	plain.error = -EIO;
	ck_assert_int_eq(mount_from("cramfs", "/sda", "/mnt", MS_RDONLY), -EIO);
	plain.error = 0;
	plain.block.size = 512;
	ck_assert_int_eq(mount_from("cramfs", "/sda", "/mnt", MS_RDONLY), -EIO);
	ck_assert_int_eq(try_open(&w, "/sda", FO_RDONLY | FO_EXCL, 0), 0);
}
END_TEST

/* What reading the file's page n says, after its pointer (or the one before it) became this. */
static int64_t read_with(unsigned which, uint32_t pointer, unsigned n)
{
	uint8_t page[PAGE];
	struct file *f;
	int64_t r;

	image(CRAMFS_FSID_2 | CRAMFS_EXT_POINTERS);
	put32(FILE_ + 4 * which, pointer);
	ck_assert_int_eq(mount_rom(), 0);
	f = must_open("/mnt/file", FO_RDONLY);
	f->pos = (uint64_t)n * PAGE;
	r = file_read(f, page, PAGE, NULL);
	file_put(f);
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	return r;
}

START_TEST(damaged_blocks)
{
	uint32_t start = FILE_ + 4 * N;
	struct file *f;

	ck_assert_int_eq(read_with(0, start - 1, 0), -EIO);			/* it ends before it begins */
	ck_assert_int_eq(read_with(0, start, 0), PAGE);				/* a hole */
	ck_assert_int_eq(read_with(0, start + 2 * PAGE + 1, 0), -EIO);		/* longer than any */
	ck_assert_int_eq(read_with(0, start + 2 * PAGE, 0), PAGE);		/* there is something behind the end of the stream */
	ck_assert_int_eq(read_with(0, start + 10, 0), -EIO);			/* cut off */
	ck_assert_int_eq(read_with(0, ROM_SIZE + 10, 0), -EIO);			/* outside */
	ck_assert_int_eq(read_with(0, 0x3fffffff, 0), -EIO);
	ck_assert_int_eq(read_with(0, (start + PAGE + 1) | CRAMFS_PLAIN, 0), -EIO);
	ck_assert_int_eq(read_with(0, (start + 5) | CRAMFS_PLAIN, 0), PAGE);	/* a short one, as it is */
	ck_assert_int_eq(read_with(0, (ROM_SIZE - 4) >> 2 | CRAMFS_DIRECT, 0), PAGE);	/* no bytes: a hole, too */
	ck_assert_int_eq(read_with(0, ROM_SIZE >> 2 | CRAMFS_DIRECT, 0), -EIO);
	ck_assert_int_eq(read_with(0, 0x3fffffff | CRAMFS_DIRECT | CRAMFS_PLAIN, 0), -EIO);
	ck_assert_int_eq(read_with(0, 0x3fffffff | CRAMFS_DIRECT, 1), -EIO);	/* the one behind it begins where it ends */
	ck_assert_int_eq(read_with(4, 0x3fffffff | CRAMFS_DIRECT | CRAMFS_PLAIN, 5), -EIO);
	/* What lies there is no stream. */
	ck_assert_int_eq(read_with(0, 0x10004 >> 2 | CRAMFS_DIRECT, 0), -EIO);
	/* The pointers lie outside. */
	image(CRAMFS_FSID_2);
	entry(ROOT, S_IFREG | 0644, 0, 0xffffff, 0, ROM_SIZE, "file");
	ck_assert_int_eq(mount_rom(), 0);
	f = must_open("/mnt/file", FO_RDONLY);
	ck_assert_int_eq(file_read(f, rom, 1, NULL), -EIO);
	file_put(f);
}
END_TEST

/* It decompresses to more than a page. */
START_TEST(too_much_in_a_block)
{
	uint8_t big[2 * PAGE] = { 0 }, c;
	uLongf size = PAGE;
	struct file *f;

	ck_assert_int_eq(compress(rom + FILE_ + 4 * N, &size, big, PAGE + 1), Z_OK);
	put32(FILE_, FILE_ + 4 * N + (uint32_t)size);
	ck_assert_int_eq(mount_rom(), 0);
	f = must_open("/mnt/file", FO_RDONLY);
	ck_assert_int_eq(file_read(f, &c, 1, NULL), -EIO);
	f->pos = 4 * PAGE;
	ck_assert_int_eq(file_read(f, &c, 1, NULL), 1);
	/* What can be read before it is. */
	put32(FILE_ + 20, 0);
	ck_assert_int_eq(file_read(f, big, 2 * PAGE, NULL), PAGE - 1);
	ck_assert_int_eq(file_read(f, big, 1, NULL), -EIO);
	file_put(f);
}
END_TEST

START_TEST(damaged_directories)
{
	struct file *f;
	int err;

	/* An entry without a name; what comes before it is found. */
	put32(ROOT + 32 + 8, 0);
	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(walk_to("/mnt/file"), 0);
	ck_assert_int_eq(walk_to("/mnt/xip"), -EIO);
	ck_assert_str_eq(names_in("/mnt", &err), ". .. file link ");
	ck_assert_int_eq(err, -EIO);
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	/* A name of zeros; one with a slash. */
	image(CRAMFS_FSID_2);
	memset(rom + SUB + 12, 0, 8);
	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(walk_to("/mnt/sub/x"), -EIO);
	memcpy(rom + SUB + 12, "a/b", 3);
	names_in("/mnt/sub", &err);
	ck_assert_int_eq(err, -EIO);
	/* A type that there is not. */
	memcpy(rom + SUB + 12, "abc", 3);
	put32(SUB, 0);
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(walk_to("/mnt/sub/abc"), -EIO);
	/* A directory in itself, or above. */
	entry(SUB, S_IFDIR | 0755, 0, 12 + 8, 0, SUB, "abc");
	put32(SUB + 8, 2 | SUB / 4 << 6);
	ck_assert_int_eq(walk_to("/mnt/sub/abc"), -ELOOP);
	entry(SUB, S_IFDIR | 0755, 0, 12 + 8, 0, ROOT, "abc");
	put32(SUB + 8, 2 | ROOT / 4 << 6);
	ck_assert_int_eq(walk_to("/mnt/sub/abc"), -ELOOP);
	/* Made-up positions. */
	f = must_open("/mnt", FO_RDONLY);
	f->pos = 7;
	ck_assert_int_eq(file_readdir(f, rom, rom_see), -EINVAL);
	f->pos = 1u << 30;
	ck_assert_int_eq(file_readdir(f, rom, rom_see), 0);
	file_put(f);
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	/* It goes on outside. */
	image(CRAMFS_FSID_2);
	entry(64, S_IFDIR | 0755, 0, 0xffffff, 0, ROOT, NULL);
	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(walk_to("/mnt/xip"), 0);
	ck_assert_int_eq(walk_to("/mnt/none"), -EIO);
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	entry(64, S_IFDIR | 0755, 0, 0xffffff, 0, (1u << 28) - 4, NULL);
	put32(8, CRAMFS_FSID_2 | CRAMFS_SHIFTED_ROOT);
	ck_assert_int_eq(mount_rom(), 0);
	ck_assert_int_eq(walk_to("/mnt/none"), -EIO);
}
END_TEST

/* --- Host memory --- */

int __real_inflateInit_(z_stream *z, const char *version, int size);
int __wrap_inflateInit_(z_stream *z, const char *version, int size);

int __wrap_inflateInit_(z_stream *z, const char *version, int size)
{
	return allocation_fails() ? Z_MEM_ERROR : __real_inflateInit_(z, version, size);
}

static int mount_open_read(void)
{
	uint64_t pos = 0;
	struct path_ref p;
	struct file *f;
	char c;
	int err = vfs_walk(&w, "/mnt", &p, NULL);

	if (err)
		return err;
	err = vfs_mount(m, "cramfs", "/ram", &p, 0, NULL);
	path_put(&p);
	if (err)
		return err;
	err = vfs_open(&w, "/mnt/file", FO_RDONLY, 0, &f);
	if (!err) {
		err = (int)file_read(f, &c, 1, &pos);
		file_put(f);
	}
	fail_in = 0;
	ck_assert_int_eq(umount_path("/mnt", 0), 0);
	return err == 1 ? 0 : err;
}

START_TEST(host_memory_runs_out)
{
	uint64_t charged = m->vfs->charged;
	int err = -1;

	for (long n = 1; err; n++) {
		ck_assert_int_lt(n, 100);
		fail_in = n;
		err = mount_open_read();
		fail_in = 0;
		ck_assert(err == 0 || err == -ENOMEM);
		ck_assert_int_eq(try_open(&w, "/ram", FO_RDONLY | FO_EXCL, 0), 0);
		ck_assert_uint_eq(m->vfs->charged, charged);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cramfs");
	TCase *t = tcase_create("cramfs");

	tcase_add_checked_fixture(t, up, rom_down);
	tcase_add_test(t, an_image_is_read);
	tcase_add_test(t, pages_are_mapped_where_they_lie);
	tcase_add_test(t, superblocks);
	tcase_add_test(t, damaged_blocks);
	tcase_add_test(t, too_much_in_a_block);
	tcase_add_test(t, damaged_directories);
	tcase_add_test(t, host_memory_runs_out);
	suite_add_tcase(s, t);
	return kit_run(s);
}
