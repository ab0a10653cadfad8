/* SPDX-License-Identifier: MIT
 *
 * Unpacking initial images: archives made here, whole and damaged.
 */
#include <zlib.h>
#include "tests/unit/fs_kit.h"

static uint8_t ar[2 << 20];	/* the archive being made */
static size_t len;
static char why[160];

static void up(void)
{
	kit_up();
	len = 0;
}

static void align(void)
{
	while (len & 3)
		ar[len++] = 0;
}

struct entry {
	const char *name;
	unsigned mode, nlink, ino, major, minor, mtime;
	const char *data;
	size_t size;
};

static void add(struct entry e)
{
	size_t size = e.data && !e.size ? strlen(e.data) : e.size;

	len += (size_t)sprintf((char *)ar + len, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", e.ino,
			       e.mode, 5, 6, e.nlink ? e.nlink : 1, e.mtime, (unsigned)size, 0, 0, e.major, e.minor,
			       (unsigned)strlen(e.name) + 1, 0);
	strcpy((char *)ar + len, e.name);
	len += strlen(e.name) + 1;
	align();
	if (size && e.data)
		memcpy(ar + len, e.data, size);
	if (e.data)
		len += size;
	align();
}

static void end(void) { add((struct entry){ .name = "TRAILER!!!" }); }

static int unpack_bytes(const void *data, size_t n)
{
	return cpio_unpack(m, &fs.root, data, n, why);
}

static int unpack(void) { return unpack_bytes(ar, len); }

static size_t gzip(void *dst, size_t room, const void *src, size_t n)
{
	z_stream z = {
		.next_in = (Bytef *)(uintptr_t)src, .avail_in = (uInt)n, .next_out = dst, .avail_out = (uInt)room,
	};

	ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return room - z.avail_out;
}

static void everything(void)
{
	add((struct entry){ .name = ".", .mode = S_IFDIR | 0750, .mtime = 7 });
	add((struct entry){ .name = "bin", .mode = S_IFDIR | 0755, .mtime = 8 });
	add((struct entry){ .name = "bin/sh", .mode = S_IFREG | 04755, .data = "shell", .mtime = 9 });
	add((struct entry){ .name = "./lib//deep/er/file", .mode = S_IFREG | 0644, .data = "made its way" });
	add((struct entry){ .name = "link", .mode = S_IFLNK | 0777, .data = "bin/sh" });
	add((struct entry){ .name = "bin/through", .mode = S_IFREG | 0644, .data = "" });
	add((struct entry){ .name = "null", .mode = S_IFCHR | 0666, .major = 1, .minor = 3 });
	add((struct entry){ .name = "disk", .mode = S_IFBLK | 0600, .major = 8, .minor = 300 });
	add((struct entry){ .name = "fifo", .mode = S_IFIFO | 0600 });
	add((struct entry){ .name = "sock", .mode = S_IFSOCK | 0600 });
	/* Hard links: the data comes with the last. */
	add((struct entry){ .name = "one", .mode = S_IFREG | 0644, .nlink = 3, .ino = 9 });
	add((struct entry){ .name = "two", .mode = S_IFREG | 0644, .nlink = 3, .ino = 9 });
	add((struct entry){ .name = "bin/three", .mode = S_IFREG | 0644, .nlink = 3, .ino = 9, .data = "linked" });
	end();
}

static void check_everything(void)
{
	ck_assert_uint_eq(at("/")->mode, S_IFDIR | 0750);
	ck_assert_int_eq(at("/")->mtime.sec, 7);
	ck_assert_int_eq(at("/bin")->mtime.sec, 8);
	ck_assert_str_eq(text_of("/bin/sh"), "shell");
	ck_assert_uint_eq(at("/bin/sh")->mode, S_IFREG | 04755);
	ck_assert_uint_eq(at("/bin/sh")->uid, 5);
	ck_assert_uint_eq(at("/bin/sh")->gid, 6);
	ck_assert_int_eq(at("/bin/sh")->mtime.sec, 9);
	ck_assert_str_eq(text_of("/lib/deep/er/file"), "made its way");
	ck_assert_str_eq(text_of("/link"), "shell");
	ck_assert_uint_eq(at("/null")->rdev, vfs_makedev(1, 3));
	ck_assert_uint_eq(at("/disk")->rdev, vfs_makedev(8, 300));
	ck_assert(S_ISFIFO(at("/fifo")->mode));
	ck_assert(S_ISSOCK(at("/sock")->mode));
	ck_assert_ptr_eq(at("/one"), at("/bin/three"));
	ck_assert_uint_eq(at("/two")->nlink, 3);
	ck_assert_str_eq(text_of("/one"), "linked");
}

START_TEST(plain)
{
	everything();
	ck_assert_int_eq(unpack(), 0);
	ck_assert_str_eq(why, "");
	check_everything();
	/* Once more over it. */
	ck_assert_int_eq(unpack(), 0);
	check_everything();
}
END_TEST

START_TEST(compressed)
{
	static uint8_t z[1 << 20];
	size_t n;

	everything();
	n = gzip(z, sizeof z, ar, len);
	ck_assert_int_eq(unpack_bytes(z, n), 0);
	check_everything();
	/* In two members, cut in the middle of an entry. */
	n = gzip(z, sizeof z, ar, 200);
	n += gzip(z + n, sizeof z - n, ar + 200, len - 200);
	ck_assert_int_eq(unpack_bytes(z, n), 0);
	check_everything();
}
END_TEST

START_TEST(concatenated)
{
	static uint8_t z[1 << 20];
	size_t n;

	add((struct entry){ .name = "a", .mode = S_IFREG | 0644, .nlink = 2, .ino = 1, .data = "first" });
	end();
	while (len & 511)
		ar[len++] = 0;
	add((struct entry){ .name = "b", .mode = S_IFREG | 0644, .nlink = 2, .ino = 1, .data = "second" });
	end();
	ck_assert_int_eq(unpack(), 0);
	ck_assert_str_eq(text_of("/a"), "first");	/* inode numbers end with their archive */
	ck_assert_str_eq(text_of("/b"), "second");
	/* A plain one, zeros, a compressed one, zeros. */
	memcpy(z, ar, len);
	n = len;
	memset(z + n, 0, 1024);
	n += 1024;
	len = 0;
	add((struct entry){ .name = "a", .mode = S_IFREG | 0600, .data = "third" });
	end();
	n += gzip(z + n, sizeof z - n, ar, len);
	memset(z + n, 0, 300);
	ck_assert_int_eq(unpack_bytes(z, n + 300), 0);
	ck_assert_str_eq(text_of("/a"), "third");
	ck_assert_uint_eq(at("/a")->mode, S_IFREG | 0600);
}
END_TEST

START_TEST(gzip_inside_a_plain_archive)
{
	static char z[1000];
	struct entry e = { .name = "z.gz", .mode = S_IFREG | 0644, .data = z };

	e.size = gzip(z, sizeof z, "inner", 5);
	add(e);
	end();
	ck_assert_int_eq(unpack(), 0);
	ck_assert_uint_eq(at("/z.gz")->size, e.size);
	ck_assert_int_eq(memcmp(text_of("/z.gz"), z, e.size), 0);
}
END_TEST

START_TEST(large_files_lie_in_one_piece)
{
	static char big[1 << 20];
	struct entry e = { .name = "big", .mode = S_IFREG | 0755, .data = big, .size = sizeof big };
	uint32_t addr;

	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (char)(i * 7 + i / 4096);
	add(e);
	end();
	ck_assert_int_eq(unpack(), 0);
	addr = data_run(at("/big")->private, 0, 256);
	ck_assert_uint_ne(addr, 0);
	ck_assert_int_eq(memcmp(flat_span(m->flat, addr, sizeof big), big, sizeof big), 0);
}
END_TEST

/* What is wrong, and the words for it. */
static void refuse(int err, const char *words)
{
	ck_assert_int_eq(unpack(), err);
	ck_assert_msg(strstr(why, words) != NULL, "'%s' does not say '%s'", why, words);
}

START_TEST(bad_archives)
{
	refuse(-EINVAL, "empty");
	strcpy((char *)ar, "not an archive, but long enough to hold a header of one hundred and ten bytes, or so "
	       "it seems to me at least");
	len = strlen((char *)ar);
	refuse(-EINVAL, "not a cpio archive");
	memcpy(ar, "070707", 6);
	refuse(-EINVAL, "-H newc");
	len = 0;
	add((struct entry){ .name = "../etc/passwd", .mode = S_IFREG | 0644, .data = "x" });
	refuse(-EINVAL, "..");
	len = 0;
	add((struct entry){ .name = "a/../../b", .mode = S_IFREG | 0644, .data = "x" });
	refuse(-EINVAL, "..");
	len = 0;
	add((struct entry){ .name = "f", .mode = 0644, .data = "x" });
	refuse(-EINVAL, "unknown type");
	len = 0;
	add((struct entry){ .name = "f", .mode = S_IFREG, .data = "x" });
	ar[20] = 'g';
	refuse(-EINVAL, "hexadecimal");
	len = 0;
	add((struct entry){ .name = "f", .mode = S_IFREG, .size = 1 << 20 });
	refuse(-EINVAL, "ends in the middle");
	len = 0;
	add((struct entry){ .name = "l", .mode = S_IFLNK, .size = 5000 });
	refuse(-EINVAL, "impossible length");
	len = 0;
	add((struct entry){ .name = "f", .mode = S_IFREG, .data = "f" });
	add((struct entry){ .name = "f/under", .mode = S_IFREG, .data = "f" });
	refuse(-ENOTDIR, "Not a directory");
	len = 0;
	memcpy(ar, "\xfd" "7zXZ\0\0\0", 8);
	len = 8;
	refuse(-EINVAL, "xz");
	ck_assert_int_eq(unpack_bytes("\x1f\x8b\x08\0\0\0\0\0\0\0garbage!", 18), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "damaged"));
}
END_TEST

START_TEST(larger_than_memory)
{
	uint8_t *bomb = calloc(1, 2 * KIT_RAM), *z = malloc(1 << 20);

	add((struct entry){ .name = "bin", .mode = S_IFDIR | 0755 });
	add((struct entry){ .name = "huge", .mode = S_IFREG | 0644, .size = 2 * KIT_RAM - 4096 });
	memcpy(bomb, ar, len);
	ck_assert_int_eq(unpack_bytes(z, gzip(z, 1 << 20, bomb, 2 * KIT_RAM)), -ENOSPC);
	ck_assert_ptr_nonnull(strstr(why, "no room left for: huge"));
	free(bomb);
	free(z);
}
END_TEST

START_TEST(links_stay_inside)
{
	/* A link that points out of the root leads back into it. */
	ck_assert_int_eq(vfs_mkdir(&w, "/jail", 0755), 0);
	ck_assert_int_eq(vfs_mkdir(&w, "/jail/etc", 0755), 0);
	ck_assert_int_eq(vfs_mkdir(&w, "/etc", 0755), 0);
	add((struct entry){ .name = "out", .mode = S_IFLNK, .data = "/../../etc" });
	add((struct entry){ .name = "out/passwd", .mode = S_IFREG, .data = "x" });
	end();
	{
		struct path_ref jail;

		ck_assert_int_eq(vfs_walk(&w, "/jail", &jail, NULL), 0);
		ck_assert_int_eq(cpio_unpack(m, &jail, ar, len, why), 0);
		path_put(&jail);
	}
	ck_assert_int_eq(walk_to("/jail/etc/passwd"), 0);
	ck_assert_int_eq(walk_to("/etc/passwd"), -ENOENT);
}
END_TEST

/* Cut anywhere: an error or not, but never a crash, and all is given back. */
START_TEST(truncated)
{
	static uint8_t z[1 << 16];
	size_t n;
	int bad = 0;

	everything();
	for (size_t cut = 0; cut < len; cut++)
		bad += unpack_bytes(ar, cut) != 0;
	ck_assert_int_gt(bad, (int)len * 9 / 10);
	n = gzip(z, sizeof z, ar, len);
	for (size_t cut = 1; cut < n - 8; cut++)
		ck_assert_int_ne(unpack_bytes(z, cut), 0);
}
END_TEST

START_TEST(flipped_bits)
{
	static uint8_t copy[1 << 16], z[1 << 16], z2[1 << 16];
	uint64_t seed = 99;
	size_t n;

	everything();
	n = gzip(z, sizeof z, ar, len);
	for (int i = 0; i < 4000; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		memcpy(copy, ar, len);
		copy[(seed >> 33) % len] ^= (uint8_t)(1u << (seed >> 60));
		unpack_bytes(copy, len);
		memcpy(z2, z, n);
		z2[(seed >> 33) % n] ^= (uint8_t)(1u << (seed >> 60));
		unpack_bytes(z2, n);
		ck_assert_uint_lt(strlen(why), sizeof why);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cpio");
	TCase *t = tcase_create("cpio");

	tcase_add_checked_fixture(t, up, kit_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, plain);
	tcase_add_test(t, compressed);
	tcase_add_test(t, concatenated);
	tcase_add_test(t, gzip_inside_a_plain_archive);
	tcase_add_test(t, large_files_lie_in_one_piece);
	tcase_add_test(t, bad_archives);
	tcase_add_test(t, larger_than_memory);
	tcase_add_test(t, links_stay_inside);
	tcase_add_test(t, truncated);
	tcase_add_test(t, flipped_bits);
	suite_add_tcase(s, t);
	return kit_run(s);
}
