/* SPDX-License-Identifier: MIT
 *
 * Memory files: their bytes, holes, limits, mappings; tmpfs options; memfd.
 */
#include "tests/unit/fs_kit.h"

#define PAGE 4096u
enum { PROT_R = 1, PROT_W = 2, SHARED = 1, PRIVATE = 2 };

static struct file *f;
static struct mm_space *space;

static void up(void)
{
	kit_up();
	ck_assert_int_eq(mm_space_new(m->mm, &space), 0);
	f = must_open("/f", FO_RDWR | FO_CREAT);
}

static void down(void)
{
	if (f)
		file_put(f);
	mm_space_put(space);
	kit_down();
}

static uint64_t free_bytes(void)
{
	struct mm_stats st;

	mm_get_stats(m->mm, &st);
	return st.free;
}

static struct ramfs_data *data(void) { return f->inode->private; }

static int map(uint32_t len, uint64_t pgoff, uint32_t prot, uint32_t flags, uint32_t *addr)
{
	struct mm_map q = { .len = len, .prot = prot, .flags = flags, .pgoff = pgoff, .source = f->source,
			    .readable = true, .writable = true };

	return mm_mmap(space, &q, addr);
}

static uint8_t byte_at(uint64_t off)
{
	uint8_t c = 0xee;

	ck_assert_int_eq(file_read(f, &c, 1, &off), 1);
	return c;
}

START_TEST(bytes_and_holes)
{
	uint64_t pos = 10 * PAGE + 5, start = free_bytes();
	char buf[8];

	ck_assert_int_eq(file_write(f, "abc", 3, &pos), 3);
	ck_assert_uint_eq(pos, 10 * PAGE + 8);
	ck_assert_uint_eq(f->inode->size, 10 * PAGE + 8);
	ck_assert_uint_eq(f->inode->blocks, 8);		/* one page, nine of hole */
	ck_assert_uint_eq(start - free_bytes(), PAGE);
	ck_assert_uint_eq(byte_at(0), 0);
	ck_assert_uint_eq(byte_at(10 * PAGE + 4), 0);
	ck_assert_uint_eq(byte_at(10 * PAGE + 5), 'a');
	pos = 10 * PAGE + 6;
	ck_assert_int_eq(file_read(f, buf, sizeof buf, &pos), 2);
	ck_assert_int_eq(file_read(f, buf, sizeof buf, &pos), 0);
	pos = 3 * PAGE - 1;
	ck_assert_int_eq(file_write(f, "xy", 2, &pos), 2);	/* over a page's end */
	ck_assert_uint_eq(f->inode->blocks, 24);
	ck_assert_uint_eq(byte_at(3 * PAGE), 'y');
	ck_assert_uint_eq(byte_at(3 * PAGE + 1), 0);
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 0), 0);
	ck_assert_uint_eq(free_bytes(), start);
}
END_TEST

/* Against a plain array: random writes, reads and truncations. */
START_TEST(model)
{
	enum { SIZE = 300000 };
	static uint8_t want[SIZE], buf[SIZE];
	uint64_t seed = 12345, size = 0;

	memset(want, 0, SIZE);
	for (int i = 0; i < 3000; i++) {
		uint64_t a, n, pos;
		int what;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		what = (int)(seed >> 33) % 10;
		a = (seed >> 20) % SIZE;
		n = (seed >> 40) % (what & 1 ? 100 : 20000);
		if (n > SIZE - a)
			n = SIZE - a;
		if (what < 5) {
			for (uint64_t k = 0; k < n; k++)
				buf[k] = want[a + k] = (uint8_t)(seed >> (k % 50));
			pos = a;
			ck_assert_int_eq(file_write(f, buf, n, &pos), (int64_t)n);
			if (n && a + n > size)
				size = a + n;
		} else if (what < 8) {
			int64_t expect = a >= size ? 0 : (int64_t)(n < size - a ? n : size - a);

			pos = a;
			ck_assert_int_eq(file_read(f, buf, n, &pos), expect);
			ck_assert_int_eq(memcmp(buf, want + a, (size_t)expect), 0);
		} else if (what == 8) {
			ck_assert_int_eq(vfs_truncate(f->inode, NULL, a), 0);
			if (a < size)
				memset(want + a, 0, size - a);
			size = a;
		} else if (size > PAGE) {
			/* What a mapping does: the pages come together. */
			uint32_t first = (uint32_t)(a % size) / PAGE, pages = (uint32_t)((size - 1) / PAGE) + 1 - first;

			ck_assert_int_eq(data_gather(data(), first, pages), 0);
			ck_assert_uint_ne(data_run(data(), first, pages), 0);
		}
		ck_assert_uint_eq(f->inode->size, size);
	}
	{
		uint64_t pos = 0;

		ck_assert_int_eq(file_read(f, buf, SIZE, &pos), (int64_t)size);
		ck_assert_int_eq(memcmp(buf, want, size), 0);
		ck_assert(tree_check(&data()->extents));
	}
}
END_TEST

START_TEST(appending)
{
	struct file *a = must_open("/f", FO_WRONLY | FO_APPEND);
	uint64_t pos = 0;

	ck_assert_int_eq(file_write(f, "one", 3, NULL), 3);
	ck_assert_int_eq(file_write(a, "two", 3, NULL), 3);
	ck_assert_int_eq(file_write(a, "!", 1, &pos), 1);
	ck_assert_str_eq(text_of("/f"), "onetwo!");
	file_put(a);
	/* Many small ones: no more extents than pages, and no quadratic copying. */
	for (int i = 0; i < 100000; i++)
		ck_assert_int_eq(file_write(f, "0123456789", 10, NULL), 10);
	ck_assert_uint_eq(f->inode->size, 1000003);
	ck_assert_uint_le(data()->extents.count, 245);
}
END_TEST

START_TEST(positions)
{
	char c;

	ck_assert_int_eq(file_lseek(f, -1, 0), -EINVAL);
	ck_assert_int_eq(file_lseek(f, 5, 0), 5);
	ck_assert_int_eq(file_lseek(f, 5, 1), 10);
	ck_assert_int_eq(file_lseek(f, -11, 1), -EINVAL);
	ck_assert_int_eq(file_lseek(f, 0, 2), 0);
	ck_assert_int_eq(file_lseek(f, INT64_MAX, 0), INT64_MAX);
	ck_assert_int_eq(file_lseek(f, 1, 1), -EINVAL);
	ck_assert_int_eq(file_read(f, &c, 1, NULL), 0);
	ck_assert_int_eq(file_write(f, "x", 1, NULL), -EFBIG);
	ck_assert_int_eq(file_lseek(f, (int64_t)RAMFS_SIZE_LIMIT, 0), (int64_t)RAMFS_SIZE_LIMIT);
	ck_assert_int_eq(file_write(f, "x", 1, NULL), -EFBIG);
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, RAMFS_SIZE_LIMIT + 1), -EFBIG);
	ck_assert_int_eq(file_lseek(f, (int64_t)RAMFS_SIZE_LIMIT - 1, 0), (int64_t)RAMFS_SIZE_LIMIT - 1);
	ck_assert_int_eq(file_write(f, "xy", 2, NULL), 1);
	ck_assert_uint_eq(f->inode->size, RAMFS_SIZE_LIMIT);
	ck_assert_int_eq(file_lseek(f, 0, 9), -EINVAL);
	{
		struct file *r = must_open("/f", FO_RDONLY), *p = must_open("/f", FO_PATH);

		ck_assert_int_eq(file_write(r, "x", 1, NULL), -EBADF);
		ck_assert_int_eq(file_read(p, &c, 1, NULL), -EBADF);
		file_put(r);
		file_put(p);
	}
}
END_TEST

START_TEST(truncate_then_map)
{
	uint32_t a, b;
	uint8_t *p;
	uint64_t pos = 0;

	/* The text's open, truncate, mmap. */
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 20 * PAGE), 0);
	ck_assert_uint_eq(data()->extents.count, 1);
	ck_assert_int_eq(map(20 * PAGE, 0, PROT_R | PROT_W, SHARED, &a), 0);
	p = flat_span_write(m->flat, a, 20 * PAGE);
	ck_assert_ptr_nonnull(p);
	for (unsigned i = 0; i < 20 * PAGE; i++)
		ck_assert_uint_eq(p[i], 0);
	/* Coherent with read and write. */
	p[3 * PAGE] = 'm';
	ck_assert_uint_eq(byte_at(3 * PAGE), 'm');
	ck_assert_int_eq(file_write(f, "w", 1, &pos), 1);
	ck_assert_uint_eq(p[0], 'w');
	/* The same place, each time; a part is a part of it. */
	ck_assert_int_eq(map(2 * PAGE, 3, PROT_R | PROT_W, SHARED, &b), 0);
	ck_assert_uint_eq(b, a + 3 * PAGE);
	/* Not below what is mapped, but above. */
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 19 * PAGE), -ETXTBSY);
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 0), -ETXTBSY);
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 19 * PAGE + 1), -ETXTBSY);	/* nor the last page in part */
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 20 * PAGE), 0);
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 21 * PAGE), 0);
	ck_assert_int_eq(map(22 * PAGE, 0, PROT_R, SHARED, &b), -ENODEV);
	ck_assert_int_eq(map(PAGE, 21, PROT_R, SHARED, &b), -ENODEV);
	ck_assert_int_eq(mm_munmap(space, a, 20 * PAGE), 0);
	ck_assert_int_eq(mm_munmap(space, a + 3 * PAGE, 2 * PAGE), 0);
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 0), 0);
	ck_assert_int_eq(map(PAGE, 0, PROT_R, SHARED, &b), -ENODEV);
}
END_TEST

/* Writes here and there make a scattered file. */
static void scatter(unsigned pages)
{
	struct file *other = must_open("/other", FO_RDWR | FO_CREAT);

	for (unsigned i = 0; i < pages; i++) {
		char page[PAGE];
		uint64_t pos = (uint64_t)(i * 7 % pages) * PAGE;

		memset(page, 'A' + (int)(i * 7 % pages), sizeof page);
		ck_assert_int_eq(file_write(f, page, sizeof page, &pos), PAGE);
		ck_assert_int_eq(file_write(other, page, sizeof page, NULL), PAGE);
	}
	file_put(other);
}

START_TEST(scattered_files_come_together)
{
	uint32_t a, b;
	uint8_t *p;

	scatter(10);
	ck_assert_uint_gt(data()->extents.count, 1);
	ck_assert_int_eq(map(10 * PAGE, 0, PROT_R | PROT_W, SHARED, &a), 0);
	p = flat_span_write(m->flat, a, 10 * PAGE);
	for (unsigned i = 0; i < 10; i++)
		ck_assert_uint_eq(p[i * PAGE + 17], 'A' + i);
	p[5] = '!';
	ck_assert_uint_eq(byte_at(5), '!');
	/* Mapped, it cannot be moved again. */
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 30 * PAGE), 0);
	ck_assert_int_eq(map(20 * PAGE, 0, PROT_R, SHARED, &b), -ENODEV);
	/* Nor after its end was cut, above what is mapped. */
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 25 * PAGE), 0);
	ck_assert_int_eq(map(20 * PAGE, 0, PROT_R, SHARED, &b), -ENODEV);
	ck_assert_int_eq(map(10 * PAGE, 0, PROT_R, SHARED, &b), 0);
	ck_assert_uint_eq(a, b);
	ck_assert_int_eq(mm_munmap(space, a, 10 * PAGE), 0);
	ck_assert_int_eq(mm_munmap(space, a, 10 * PAGE), 0);
	ck_assert_int_eq(map(20 * PAGE, 0, PROT_R, SHARED, &b), 0);
}
END_TEST

START_TEST(private_mappings)
{
	uint32_t a, b, c;
	uint8_t *p;
	char path[64];
	uint64_t ino, before;
	uint32_t major, minor;

	ck_assert_int_eq(file_write(f, "private data", 12, NULL), 12);
	before = free_bytes();
	ck_assert_int_eq(map(12, 0, PROT_R, PRIVATE, &a), 0);
	ck_assert_uint_eq(free_bytes(), before);	/* shown where it lies */
	p = flat_span_write(m->flat, a, 12);
	ck_assert_int_eq(memcmp(p, "private data", 12), 0);
	ck_assert_int_eq(map(12, 0, PROT_R, PRIVATE, &b), 0);
	ck_assert_uint_eq(a, b);
	ck_assert_int_eq(map(12, 0, PROT_R | PROT_W, PRIVATE, &c), 0);
	ck_assert_uint_ne(a, c);
	p = flat_span_write(m->flat, c, PAGE);
	ck_assert_int_eq(memcmp(p, "private data\0\0", 14), 0);
	f->source->ops->identify(f->source, &major, &minor, &ino, path, sizeof path);
	ck_assert_str_eq(path, "/f");
	ck_assert_uint_eq(ino, f->inode->ino);
	/* Behind the end: a copy, all zero there. */
	ck_assert_int_eq(map(3 * PAGE, 0, PROT_R, PRIVATE, &c), 0);
	ck_assert_uint_ne(a, c);
	ck_assert_int_eq(((const char *)flat_span(m->flat, c, 3 * PAGE))[2 * PAGE], 0);
	/* The pages of a file that is cut or gone stay as long as they are shown. */
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 0), 0);
	ck_assert_int_eq(vfs_unlink(&w, "/f"), 0);
	f->source->ops->identify(f->source, &major, &minor, &ino, path, sizeof path);
	ck_assert_str_eq(path, "/f (deleted)");
	file_put(f);
	f = NULL;
	ck_assert_int_eq(memcmp(flat_span(m->flat, a, 12), "private data", 12), 0);
	ck_assert_ptr_null(mm_check(m->mm));
	ck_assert_int_eq(umount_path("/", 0), -EBUSY);
}
END_TEST

START_TEST(no_room)
{
	uint64_t start = free_bytes();
	static char big[1 << 20];
	int64_t n, total = 0;

	while ((n = file_write(f, big, sizeof big, NULL)) > 0)
		total += n;
	ck_assert_int_eq(n, -ENOSPC);
	ck_assert_int_eq(total, (int64_t)start);	/* to the last page */
	ck_assert_uint_eq(free_bytes(), 0);
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 0), 0);
	ck_assert_uint_eq(free_bytes(), start);
	/* More than there is: a hole, and no mapping. */
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 64u << 20), 0);
	ck_assert_uint_eq(f->inode->blocks, 0);
	{
		uint32_t a;

		ck_assert_int_eq(map(64u << 20, 0, PROT_R, SHARED, &a), -ENOMEM);
		ck_assert_int_eq(map(8 * PAGE, 5, PROT_R, SHARED, &a), 0);
	}
}
END_TEST

START_TEST(tails_are_zero)
{
	uint32_t a;
	uint8_t *p;

	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 100), 0);
	ck_assert_int_eq(map(PAGE, 0, PROT_R | PROT_W, SHARED, &a), 0);
	p = flat_span_write(m->flat, a, PAGE);
	memset(p, 'x', PAGE);
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 200), 0);
	ck_assert_uint_eq(byte_at(99), 'x');
	ck_assert_uint_eq(byte_at(100), 0);
	ck_assert_uint_eq(byte_at(199), 0);
	memset(p, 'y', PAGE);
	{
		uint64_t pos = 300;

		ck_assert_int_eq(file_write(f, "z", 1, &pos), 1);
	}
	ck_assert_uint_eq(byte_at(199), 'y');
	ck_assert_uint_eq(byte_at(200), 0);
	ck_assert_uint_eq(byte_at(300), 'z');
}
END_TEST

START_TEST(tmpfs_limits)
{
	static char buf[128 * 1024];
	struct vfs_statfs st = { 0 };
	struct path_ref p;
	struct file *g;
	char options[64];

	ck_assert_int_eq(vfs_mkdir(&w, "/t", 0755), 0);
	ck_assert_int_eq(mount_at_path("tmpfs", "/t", 0, "bogus=1"), -EINVAL);
	ck_assert_int_eq(mount_at_path("tmpfs", "/t", 0, "size=x"), -EINVAL);
	ck_assert_int_eq(mount_at_path("nofs", "/t", 0, NULL), -ENODEV);
	ck_assert_int_eq(mount_at_path("tmpfs", "/t", 0, "size=64k,mode=0700,nr_inodes=4,uid=7"), 0);
	ck_assert_uint_eq(at("/t")->mode, S_IFDIR | 0700);
	ck_assert_uint_eq(at("/t")->uid, 7);
	g = must_open("/t/f", FO_RDWR | FO_CREAT);
	ck_assert_int_eq(file_write(g, buf, sizeof buf, NULL), 65536);
	ck_assert_int_eq(file_write(g, buf, 1, NULL), -ENOSPC);
	ck_assert_int_eq(vfs_walk(&w, "/t", &p, NULL), 0);
	p.mnt->super->statfs(p.mnt->super, &st);
	p.mnt->super->show_options(p.mnt->super, options, sizeof options);
	ck_assert_str_eq(options, ",size=64k,nr_inodes=4,mode=700,uid=7");
	path_put(&p);
	ck_assert_uint_eq(st.blocks, 16);
	ck_assert_uint_eq(st.bfree, 0);
	ck_assert_uint_eq(st.ffree, 2);
	put_text("/t/g", "");
	put_text("/t/h", "");
	ck_assert_int_eq(try_open(&w, "/t/i", FO_CREAT | FO_WRONLY, 0644), -ENOSPC);
	ck_assert_int_eq(umount_path("/t", 0), -EBUSY);
	file_put(g);
	ck_assert_int_eq(umount_path("/t", 0), 0);
	ck_assert_int_eq(walk_to("/t/f"), -ENOENT);
	/* A mapping keeps the mount busy, and its memory when that is detached. */
	ck_assert_int_eq(mount_at_path("tmpfs", "/t", 0, NULL), 0);
	file_put(f);
	f = must_open("/t/f", FO_RDWR | FO_CREAT);
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, PAGE), 0);
	{
		uint32_t a;

		ck_assert_int_eq(map(PAGE, 0, PROT_R | PROT_W, SHARED, &a), 0);
		file_put(f);
		f = NULL;
		ck_assert_int_eq(umount_path("/t", 0), -EBUSY);
		ck_assert_int_eq(umount_path("/t", 2), 0);
		memset(flat_span_write(m->flat, a, PAGE), 1, PAGE);
	}
}
END_TEST

START_TEST(memfd)
{
	struct file *g;
	char buf[64];
	struct path_ref p;

	ck_assert_int_eq(ramfs_memfd(m, "name", FO_RDWR, &g), 0);
	ck_assert_int_eq(file_write(g, "mem", 3, NULL), 3);
	ck_assert_int_gt(vfs_path_name(&g->path, &fs.root, buf, sizeof buf), 0);
	ck_assert_str_eq(buf, "/memfd:name (deleted)");
	ck_assert_int_eq(vfs_truncate(g->inode, NULL, 3 * PAGE), 0);
	/* Opened again through /proc/self/fd. */
	ck_assert_int_eq(file_path(g, &p), 0);
	{
		struct file *again;

		ck_assert_int_eq(vfs_open_path(&p, FO_RDONLY, &root_cred, &again), 0);
		ck_assert_int_eq(file_read(again, buf, 3, NULL), 3);
		ck_assert_int_eq(memcmp(buf, "mem", 3), 0);
		file_put(again);
	}
	path_put(&p);
	file_put(g);
}
END_TEST

/* Pages of a file come together by the first truncation or not at all; no block is larger than 4 MiB. */
START_TEST(as_linux_has_it)
{
	struct file *g;
	uint32_t addr;
	char buf[3 * PAGE] = { 1 };

	down();
	kit_compat = true;
	up();
	ck_assert_int_eq(ramfs_memfd(m, "m", FO_RDWR, &g), -EFBIG);
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, (4 << 20) + 1), -EFBIG);
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, UINT64_C(1) << 32), -EFBIG);
	ck_assert_uint_eq(f->inode->size, 0);
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 4 << 20), 0);
	ck_assert_int_eq(map(4 << 20, 0, PROT_R | PROT_W, SHARED, &addr), 0);
	ck_assert_int_eq(mm_munmap(space, addr, 4 << 20), 0);
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 0), 0);
	mm_fail_after(m->mm, 1);
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, PAGE), -ENOMEM);
	/* Written, it is made of single pages. */
	ck_assert_int_eq(file_write(f, buf, sizeof buf, NULL), (int)sizeof buf);
	ck_assert_uint_eq(byte_at(0), 1);
	ck_assert_int_eq(map(sizeof buf, 0, PROT_R, SHARED, &addr), -ENODEV);
	ck_assert_int_eq(map(PAGE, 2, PROT_R | PROT_W, SHARED, &addr), 0);
	ck_assert_int_eq(mm_munmap(space, addr, PAGE), 0);
	ck_assert_int_eq(map(sizeof buf, 0, PROT_R, PRIVATE, &addr), 0);	/* a copy */
	ck_assert_uint_eq(data_run(data(), 0, 3), 0);
	/* Larger than what was gathered: the rest is apart. */
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 4 * PAGE), 0);
	ck_assert_int_eq(map(4 * PAGE, 0, PROT_R, SHARED, &addr), -ENODEV);
	down();
	kit_compat = false;
	up();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ramfs");
	TCase *t = tcase_create("ramfs");

	tcase_add_checked_fixture(t, up, down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, bytes_and_holes);
	tcase_add_test(t, model);
	tcase_add_test(t, appending);
	tcase_add_test(t, positions);
	tcase_add_test(t, truncate_then_map);
	tcase_add_test(t, scattered_files_come_together);
	tcase_add_test(t, private_mappings);
	tcase_add_test(t, no_room);
	tcase_add_test(t, tails_are_zero);
	tcase_add_test(t, tmpfs_limits);
	tcase_add_test(t, memfd);
	tcase_add_test(t, as_linux_has_it);
	suite_add_tcase(s, t);
	return kit_run(s);
}
