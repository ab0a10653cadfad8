/* SPDX-License-Identifier: MIT
 *
 * ext2: random operations on images of several kinds, made on a memory file system as well and compared, after which e2fsck must
 * find nothing; images damaged at random; disks and memory that fail at the Nth call.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include "emu/drivers/disk.h"
#include "emu/ext2/ext2.h"
#include "emu/fs/blkdev.h"
#include "tests/unit/fs_kit.h"

static char path[64], why[DISK_WHY];
static unsigned seed;
static long fail_at;	/* the Nth call of the disk fails, and all behind it; 0: none */
static bool fail_once;	/* and none behind it */
static long calls;

static unsigned rnd(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static int command(const char *format, ...)
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

static void make_image(const char *options, unsigned kib)
{
	int fd;

	strcpy(path, "/tmp/flat32-ext2-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)kib * 1024), 0);
	close(fd);
	ck_assert_int_eq(command("mke2fs -q -F %s %s >/dev/null 2>&1", options, path), 0);
}

/* --- Memory that fails: the Nth allocation of ours (the library's own are not asked) --- */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static unsigned long allocations, fail_allocation;

static bool no_memory(void)
{
	return fail_allocation && ++allocations == fail_allocation;
}

void *__wrap_malloc(size_t n) { return no_memory() ? NULL : __real_malloc(n); }
void *__wrap_calloc(size_t n, size_t size) { return no_memory() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *p, size_t n) { return no_memory() ? NULL : __real_realloc(p, n); }

/* --- A disk that fails --- */

static const struct block_ops *real;

static int count_call(void)
{
	return fail_at && ++calls >= fail_at && (calls == fail_at || !fail_once) ? -EIO : 0;
}

static int bad_read(struct block_device *b, void *dst, uint32_t len, uint64_t offset)
{
	int err = count_call();

	return err ? err : real->read(b, dst, len, offset);
}

static int bad_write(struct block_device *b, const void *src, uint32_t len, uint64_t offset)
{
	int err = count_call();

	return err ? err : real->write(b, src, len, offset);
}

static int bad_clear(struct block_device *b, uint64_t offset, uint64_t len)
{
	int err = count_call();

	return err ? err : real->clear(b, offset, len);
}

static void bad_free(struct block_device *b)
{
	real->free(b);
}

static const struct block_ops bad_ops = { bad_read, bad_write, bad_clear, NULL, bad_free };

/* --- A machine with the image as /vda, a directory /x for it, and /m in memory --- */

static void up(void)
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

static int mount_it(const char *type, unsigned flags)
{
	struct path_ref p;
	int err;

	ck_assert_int_eq(vfs_walk(&w, "/x", &p, NULL), 0);
	err = vfs_mount(m, type, "/vda", &p, flags, NULL);
	path_put(&p);
	return err;
}

static int unmount(void)
{
	struct path_ref p;
	int err;

	ck_assert_int_eq(vfs_walk(&w, "/x", &p, NULL), 0);
	err = vfs_umount(m, &p, 0);
	path_put(&p);
	return err;
}

static void down(void)
{
	kit_down();
}

/* --- Random operations --- */

enum { NAMES = 14 };

static void random_path(char *out)
{
	static const char *const dirs[] = { "", "/d1", "/d2", "/d1/d3", "/d1/d3/d4" };
	unsigned n = rnd(NAMES);

	/* Some are directories themselves; some are long. */
	sprintf(out, "%s/%s%u", dirs[rnd(5)], n < 4 ? "d" : "f", n + 1);
	if (n > 10)
		sprintf(out + strlen(out), "%0200u", n);
}

static const char *in(const char *top, const char *name)
{
	static char text[2][1300];
	static int which;

	which = !which;
	snprintf(text[which], sizeof text[which], "/%s%s", top, name);
	return text[which];
}

static int64_t do_write(const char *p, uint64_t pos, uint32_t len, uint32_t flags)
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

struct entry { char name[256]; unsigned type; };
struct names { struct entry e[64]; unsigned n; };

static int take(void *ctx, const char *name, size_t len, uint64_t ino, unsigned type, uint64_t next)
{
	struct names *l = ctx;

	(void)ino;
	(void)next;
	if (name[0] != '.' && !(len == 10 && !memcmp(name, "lost+found", 10)) && l->n < 64) {
		snprintf(l->e[l->n].name, 256, "%.*s", (int)len, name);
		l->e[l->n++].type = type;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void list(const char *p, struct names *out)
{
	struct file *f = must_open(p, FO_RDONLY | FO_DIRECTORY);

	out->n = 0;
	ck_assert_int_eq(file_readdir(f, out, take), 0);
	qsort(out->e, out->n, sizeof out->e[0], by_name);
	file_put(f);
}

static void same_contents(const char *a, const char *b)
{
	static char x[65536], y[65536];
	struct file *f = must_open(a, FO_RDONLY), *g = must_open(b, FO_RDONLY);
	uint64_t p = 0, q = 0;
	int64_t n;

	do {
		n = file_read(f, x, sizeof x, &p);
		ck_assert_int_eq(file_read(g, y, sizeof y, &q), n);
		ck_assert_msg(n <= 0 || !memcmp(x, y, (size_t)n), "%s differs", a);
	} while (n > 0);
	file_put(f);
	file_put(g);
}

static void same_tree(const char *name)
{
	struct names *a = malloc(sizeof *a), *b = malloc(sizeof *b);

	list(*name ? in("x", name) : "/x", a);
	list(*name ? in("m", name) : "/m", b);
	ck_assert_uint_eq(a->n, b->n);
	for (unsigned i = 0; i < a->n; i++) {
		char below[700];
		struct path_ref p, q;

		ck_assert_str_eq(a->e[i].name, b->e[i].name);
		if (a->e[i].type)	/* not all images say */
			ck_assert_uint_eq(a->e[i].type, b->e[i].type);
		snprintf(below, sizeof below, "%s/%s", name, a->e[i].name);
		w.flags = 0;
		ck_assert_int_eq(vfs_walk(&w, in("x", below), &p, NULL), 0);
		ck_assert_int_eq(vfs_walk(&w, in("m", below), &q, NULL), 0);
		w.flags = WALK_FOLLOW;
		ck_assert_uint_eq(p.dentry->inode->mode, q.dentry->inode->mode);
		ck_assert_uint_eq(p.dentry->inode->nlink, q.dentry->inode->nlink);
		if (!S_ISDIR(p.dentry->inode->mode))
			ck_assert_uint_eq(p.dentry->inode->size, q.dentry->inode->size);
		path_put(&p);
		path_put(&q);
		if (b->e[i].type == 4)
			same_tree(below);
		else if (b->e[i].type == 8)
			same_contents(in("x", below), in("m", below));
	}
	free(a);
	free(b);
}

static int64_t operate(const char *top, unsigned what, const char *a, const char *b, unsigned r)
{
	char x[1300], target[400];
	struct path_ref p;
	int64_t n;

	strcpy(x, in(top, a));
	switch (what) {
	case 0: case 1:
		return do_write(x, r % 3 ? r % 200000 : r % 5000, r % 60000, FO_WRONLY | FO_CREAT);
	case 2:
		return do_write(x, 0, r % 3000, FO_WRONLY | FO_CREAT | FO_TRUNC);
	case 3:
		return vfs_mkdir(&w, x, 0755);
	case 4:
		return vfs_unlink(&w, x);
	case 5:
		return vfs_rmdir(&w, x);
	case 6: case 7:
		return vfs_rename(&w, x, &w, in(top, b), r % 4 == 0);
	case 8:
		w.flags = 0;
		n = vfs_link(&w, x, &w, in(top, b));
		w.flags = WALK_FOLLOW;
		return n;
	case 9:
		memset(target, 't', sizeof target);
		target[r % 120 + 1] = 0;
		return vfs_symlink(&w, target, x);
	case 10:
		if (vfs_walk(&w, x, &p, NULL))
			return -ENOENT;
		n = S_ISREG(p.dentry->inode->mode) ? vfs_truncate(p.dentry->inode, p.dentry, r % 100000) : 0;
		path_put(&p);
		return n;
	case 11:
		return vfs_mknod(&w, x, (r & 1 ? S_IFIFO : S_IFCHR) | 0600, vfs_makedev(r % 300, r % 1000));
	}
	if (vfs_walk(&w, x, &p, NULL))
		return -ENOENT;
	n = vfs_chmod(&p, r & 0777, &root_cred);
	path_put(&p);
	return n;
}

static void random_operations(unsigned steps)
{
	for (unsigned i = 0; i < steps; i++) {
		unsigned what = rnd(13), r = rnd(1 << 20);
		char a[300] = "", b[300] = "";
		int64_t x, y;

		random_path(a);
		random_path(b);
		x = operate("x", what, a, b, r);
		y = operate("m", what, a, b, r);
		ck_assert_msg(x == y, "step %u: operation %u on %s, %s: %lld, in memory %lld", i, what, a, b, (long long)x,
			      (long long)y);
	}
}

static const struct { const char *type, *options; } kinds[] = {
	{ "ext2", "-t ext2 -b 1024 -I 256" }, { "ext2", "-t ext2 -b 4096 -I 128" }, { "ext2", "-r 0 -O none -b 1024 -I 128" },
	{ "ext3", "-t ext3 -b 1024" }, { "ext4", "-t ext4 -b 1024 -O 64bit" }, { "ext4", "-t ext4 -b 4096" },
	{ "ext4", "-t ext4 -b 1024 -O ^extents,^metadata_csum,^64bit,uninit_bg" },
};

START_TEST(random_operations_leave_a_clean_image)
{
	seed = (unsigned)_i * 77 + 1;
	make_image(kinds[_i].options, 24576);
	up();
	ck_assert_int_eq(mount_it(kinds[_i].type, 0), 0);
	for (int round = 0; round < 3; round++) {
		random_operations(700);
		same_tree("");
		ck_assert_int_eq(unmount(), 0);
		ck_assert_int_eq(command("e2fsck -fn %s >/tmp/flat32-e2fsck.log 2>&1", path), 0);
		ck_assert_int_eq(mount_it(kinds[_i].type, 0), 0);
		same_tree("");
	}
	down();
	ck_assert_int_eq(command("e2fsck -fn %s >/dev/null 2>&1", path), 0);
	unlink(path);
}
END_TEST

START_TEST(many_names)
{
	char name[64];
	make_image(_i ? "-t ext4 -b 1024 -N 4000" : "-t ext2 -b 1024 -N 4000", 16384);
	up();
	ck_assert_int_eq(mount_it(_i ? "ext4" : "ext2", 0), 0);
	ck_assert_int_eq(vfs_mkdir(&w, "/x/dir", 0755), 0);
	for (int i = 0; i < 2000; i++) {
		sprintf(name, "/x/dir/name-%d", i);
		ck_assert_int_eq(vfs_mknod(&w, name, S_IFREG | 0644, 0), 0);
		ck_assert_int_eq(vfs_mknod(&w, name, S_IFREG | 0644, 0), -EEXIST);
	}
	for (int i = 0; i < 2000; i += 1 + i % 3) {
		sprintf(name, "/x/dir/name-%d", i);
		ck_assert_int_eq(vfs_unlink(&w, name), 0);
		ck_assert_int_eq(vfs_unlink(&w, name), -ENOENT);
	}
	ck_assert_int_eq(vfs_rmdir(&w, "/x/dir"), -ENOTEMPTY);
	ck_assert_int_eq(unmount(), 0);
	/* e2fsck makes a hash tree of it; then a name is added and one taken. */
	command("e2fsck -fyD %s >/dev/null 2>&1", path);
	ck_assert_int_eq(mount_it(_i ? "ext4" : "ext2", 0), 0);
	ck_assert_int_eq(vfs_unlink(&w, "/x/dir/name-2"), 0);
	ck_assert_int_eq(vfs_unlink(&w, "/x/dir/name-0"), -ENOENT);
	ck_assert_int_eq(vfs_mknod(&w, "/x/dir/new", S_IFREG | 0644, 0), 0);
	ck_assert_int_eq(unmount(), 0);
	ck_assert_int_eq(command("e2fsck -fn %s >/dev/null 2>&1", path), 0);
	down();
	unlink(path);
}
END_TEST

START_TEST(what_is_unlinked_stays_while_it_is_open)
{
	struct vfs_statfs a = { 0 }, b = { 0 };
	struct fs_super *s;
	struct path_ref p;
	struct file *f;
	char buf[8];

	make_image("-t ext2", 4096);
	up();
	ck_assert_int_eq(mount_it("ext2", 0), 0);
	ck_assert_int_eq(vfs_walk(&w, "/x", &p, NULL), 0);
	s = p.mnt->super;
	path_put(&p);
	s->statfs(s, &a);
	put_text("/x/file", "text");
	f = must_open("/x/file", FO_RDWR);
	ck_assert_int_eq(vfs_unlink(&w, "/x/file"), 0);
	ck_assert_int_eq(unmount(), -EBUSY);
	ck_assert_int_eq(file_read(f, buf, 8, NULL), 4);
	ck_assert_int_eq(file_write(f, buf, 4, NULL), 4);
	file_put(f);
	s->statfs(s, &b);
	ck_assert(a.bfree == b.bfree && a.ffree == b.ffree);
	/* One that never had a name gets one. */
	ck_assert_int_eq(vfs_open(&w, "/x", FO_RDWR | FO_TMPFILE, 0600, &f), 0);
	ck_assert_int_eq(file_write(f, "named", 5, NULL), 5);
	ck_assert_int_eq(vfs_link_ref(&f->path, &w, "/x/later"), 0);
	file_put(f);
	ck_assert_str_eq(text_of("/x/later"), "named");
	ck_assert_int_eq(unmount(), 0);
	ck_assert_int_eq(command("e2fsck -fn %s >/dev/null 2>&1", path), 0);
	down();
	unlink(path);
}
END_TEST

START_TEST(what_cannot_be_written_is_mounted_to_be_read)
{
	make_image("-t ext2", 4096);
	up();
	ck_assert_int_eq(mount_it("ext3", 0), -EINVAL);
	ck_assert_int_eq(mount_it("ext2", MS_RDONLY), 0);
	ck_assert_int_eq(vfs_mkdir(&w, "/x/d", 0755), -EROFS);
	ck_assert_int_eq(unmount(), 0);
	down();
	/* A journal that was not replayed. */
	unlink(path);
	make_image("-t ext4", 8192);
	ck_assert_int_eq(command("debugfs -w -R 'feature needs_recovery' %s >/dev/null 2>&1", path), 0);
	up();
	ck_assert_int_eq(mount_it("ext4", 0), -EROFS);
	ck_assert_int_eq(mount_it("ext2", 0), -EINVAL);
	ck_assert_int_eq(mount_it("ext4", MS_RDONLY), 0);
	ck_assert_int_eq(unmount(), 0);
	down();
	unlink(path);
}
END_TEST

/* Attributes lie in the inode, if there is room, or in a block; both are found again, and go. */
START_TEST(attributes)
{
	static char big[700], back[800], huge[65536];
	const char *type = _i == 1 ? "ext4" : "ext2";
	struct path_ref p;
	struct inode *i;

	memset(big, 'b', sizeof big);
	make_image(_i == 0 ? "-t ext2 -I 256" : _i == 1 ? "-t ext4" : "-t ext2 -I 128", 8192);
	up();
	ck_assert_int_eq(mount_it(type, 0), 0);
	put_text("/x/file", "text");
	for (int round = 0; round < 2; round++) {
		ck_assert_int_eq(vfs_walk(&w, "/x/file", &p, NULL), 0);
		i = p.dentry->inode;
		if (!round) {
			ck_assert_int_eq(i->ops->setxattr(i, "user.a", "one", 3, 2), -ENODATA);
			ck_assert_int_eq(i->ops->setxattr(i, "user.a", "one", 3, 1), 0);
			ck_assert_int_eq(i->ops->setxattr(i, "user.a", "two", 3, 1), -EEXIST);
			ck_assert_int_eq(i->ops->setxattr(i, "user.big", big, sizeof big, 0), 0);
			ck_assert_int_eq(i->ops->setxattr(i, "security.x", "", 0, 0), 0);
			ck_assert_int_eq(i->ops->setxattr(i, "system.posix_acl_access", "x", 1, 0), -EOPNOTSUPP);
			ck_assert_int_eq(i->ops->setxattr(i, "user.huge", huge, sizeof huge, 0), -ENOSPC);
		}
		ck_assert_int_eq(i->ops->getxattr(i, "user.a", back, sizeof back), 3);
		ck_assert_int_eq(memcmp(back, "one", 3), 0);
		ck_assert_int_eq(i->ops->getxattr(i, "user.big", NULL, 0), sizeof big);
		ck_assert_int_eq(i->ops->getxattr(i, "user.big", back, 10), -ERANGE);
		ck_assert_int_eq(i->ops->getxattr(i, "user.big", back, sizeof back), sizeof big);
		ck_assert_int_eq(memcmp(back, big, sizeof big), 0);
		ck_assert_int_eq(i->ops->getxattr(i, "user.none", back, sizeof back), -ENODATA);
		ck_assert_int_eq(i->ops->listxattr(i, NULL, 0), 7 + 9 + 11);
		ck_assert_int_eq(i->ops->listxattr(i, back, 20), -ERANGE);
		ck_assert_int_eq(i->ops->listxattr(i, back, sizeof back), 7 + 9 + 11);
		if (round) {
			ck_assert_int_eq(i->ops->removexattr(i, "user.big"), 0);
			ck_assert_int_eq(i->ops->removexattr(i, "user.big"), -ENODATA);
			ck_assert_int_eq(i->ops->listxattr(i, NULL, 0), 7 + 11);
		}
		path_put(&p);
		ck_assert_str_eq(text_of("/x/file"), "text");
		ck_assert_int_eq(unmount(), 0);
		ck_assert_int_eq(command("e2fsck -fn %s >/dev/null 2>&1", path), 0);
		ck_assert_int_eq(mount_it(type, 0), 0);
	}
	ck_assert_int_eq(vfs_unlink(&w, "/x/file"), 0);
	ck_assert_int_eq(unmount(), 0);
	ck_assert_int_eq(command("e2fsck -fn %s >/dev/null 2>&1", path), 0);
	down();
	unlink(path);
}
END_TEST

/* --- Damage --- */

static void use_everything(const char *name, int depth)
{
	struct names *l = malloc(sizeof *l);
	struct file *f;

	l->n = 0;
	if (vfs_open(&w, *name ? in("x", name) : "/x", FO_RDONLY | FO_DIRECTORY, 0, &f) == 0) {
		file_readdir(f, l, take);
		file_put(f);
	}
	for (unsigned i = 0; i < l->n && depth < 6; i++) {
		char below[1200], copy[1300];
		struct path_ref p;
		char buf[5000];

		snprintf(below, sizeof below, "%.300s/%s", name, l->e[i].name);
		snprintf(copy, sizeof copy, "/x%s", below);
		use_everything(below, depth + 1);
		if (vfs_walk(&w, copy, &p, NULL) == 0) {
			struct inode *n = p.dentry->inode;

			if (n->ops->listxattr)
				n->ops->listxattr(n, buf, sizeof buf);
			if (n->ops->setxattr && rnd(2))
				n->ops->setxattr(n, "user.x", "value", 5, 0);
			if (S_ISREG(n->mode) && rnd(2))
				vfs_truncate(n, p.dentry, rnd(30000));
			path_put(&p);
		}
		if (vfs_open(&w, copy, FO_RDWR, 0, &f) == 0) {
			uint64_t pos = rnd(3) ? 0 : rnd(1 << 24);

			file_read(f, buf, sizeof buf, &pos);
			file_write(f, buf, rnd(5000), &pos);
			file_put(f);
		}
		if (rnd(4) == 0 && vfs_unlink(&w, copy))
			vfs_rmdir(&w, copy);
		if (rnd(8) == 0) {
			snprintf(below, sizeof below, "/x/renamed%u", rnd(9));
			vfs_rename(&w, copy, &w, below, 0);
		}
	}
	put_text("/m/seen", "x");
	vfs_mkdir(&w, "/x/made", 0755);
	free(l);
}

static unsigned rounds(unsigned usual)
{
	const char *text = getenv("FLAT32_EXT2_ROUNDS");

	return text ? (unsigned)atoi(text) : usual;
}

START_TEST(damaged_images_harm_nobody)
{
	unsigned all = rounds(150), from = getenv("FLAT32_EXT2_SEED") ? (unsigned)atoi(getenv("FLAT32_EXT2_SEED")) : 0;
	char good[80];

	make_image(_i ? "-t ext4 -b 1024" : "-t ext2 -b 1024", 2048);
	up();
	ck_assert_int_eq(mount_it(_i ? "ext4" : "ext2", 0), 0);
	seed = 5;
	random_operations(300);
	ck_assert_int_eq(unmount(), 0);
	down();
	snprintf(good, sizeof good, "%s.good", path);
	ck_assert_int_eq(command("cp %s %s", path, good), 0);
	for (unsigned round = from; round < from + all; round++) {
		int fd = open(path, O_RDWR);

		seed = round * 12345 + 7;
		ck_assert_int_eq(command("cp %s %s", good, path), 0);
		for (unsigned n = rnd(40) + 1; n; n--) {
			/* Mostly where the superblock, groups and inodes are. */
			off_t at = rnd(3) ? 1024 + (off_t)rnd(1 + rnd(200000)) : (off_t)rnd(2 << 20);
			uint8_t byte = (uint8_t)(rnd(3) ? rnd(256) : rnd(2) * 255);

			if (at >= 1024 && at < 2048 && rnd(4))
				continue;
			ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
		}
		close(fd);
		up();
		if (mount_it("ext4", 0) == 0 || mount_it("ext2", 0) == 0 || mount_it("ext4", MS_RDONLY) == 0) {
			use_everything("", 0);
			unmount();
		}
		down();
	}
	unlink(good);
	unlink(path);
}
END_TEST

/* --- Failures --- */

START_TEST(disks_that_fail)
{
	char good[80];

	make_image(_i ? "-t ext4 -b 1024" : "-t ext2 -b 1024", 2048);
	snprintf(good, sizeof good, "%s.good", path);
	ck_assert_int_eq(command("cp %s %s", path, good), 0);
	for (long n = 1; ; n += 1 + n / 16) {
		bool mounted, over;

		ck_assert_int_eq(command("cp %s %s", good, path), 0);
		up();
		fail_at = n;
		mounted = mount_it(_i ? "ext4" : "ext2", 0) == 0;
		if (mounted) {
			seed = 9;
			vfs_mkdir(&w, "/x/d1", 0755);
			for (int i = 0; i < 60; i++) {
				char a[300] = "", b[300] = "";

				random_path(a);
				random_path(b);
				operate("x", rnd(13), a, b, rnd(1 << 20));
			}
			unmount();
		}
		over = calls < fail_at;
		down();
		/* What is there is an image that can be repaired. */
		if (n % 7 == 1)
			ck_assert_int_lt(command("e2fsck -fy %s >/dev/null 2>&1", path), 4);
		if (over)
			break;
	}
	unlink(good);
	unlink(path);
}
END_TEST

/* What is to go, and what must stay: files with maps of every depth, names that need a block, directories. */
static void furnish(void)
{
	char target[100] = "", name[40];
	struct path_ref p;

	memset(target, 't', 80);
	ck_assert_int_eq(vfs_mkdir(&w, "/x/stays", 0755), 0);
	ck_assert_int_eq(vfs_mkdir(&w, "/x/goes", 0755), 0);
	for (int k = 0; k < 2; k++) {
		const char *dir = k ? "goes" : "stays";

		for (int i = 0; i < 4; i++) {
			static const uint32_t sizes[] = { 0, 5000, 60000, 20000 };

			sprintf(name, "/x/%s/file%d", dir, i);
			ck_assert_int_eq(do_write(name, 0, sizes[i], FO_WRONLY | FO_CREAT), sizes[i]);
		}
		sprintf(name, "/x/%s/file3", dir);	/* an indirect block's second level */
		ck_assert_int_eq(do_write(name, 300000, 30000, FO_WRONLY), 30000);
		sprintf(name, "/x/%s/cut", dir);		/* in the hole before that */
		ck_assert_int_eq(do_write(name, 0, 20000, FO_WRONLY | FO_CREAT), 20000);
		ck_assert_int_eq(do_write(name, 300000, 5000, FO_WRONLY), 5000);
		ck_assert_int_eq(vfs_walk(&w, name, &p, NULL), 0);
		ck_assert_int_eq(vfs_truncate(p.dentry->inode, p.dentry, 100000), 0);
		path_put(&p);
		sprintf(name, "/x/%s/link", dir);
		ck_assert_int_eq(vfs_symlink(&w, target, name), 0);
		sprintf(name, "/x/%s/dir", dir);
		ck_assert_int_eq(vfs_mkdir(&w, name, 0755), 0);
	}
}

/* Names go, some files while they are open; one is cut; others are made where room has come. */
static void take_away(struct file *open[2])
{
	static const char *const names[] = { "file0", "file1", "file2", "file3", "cut", "link" };
	struct path_ref p;
	char name[40];

	if (!vfs_walk(&w, "/x/goes/file3", &p, NULL)) {
		vfs_truncate(p.dentry->inode, p.dentry, 100000);
		path_put(&p);
	}
	do_write("/x/new1", 0, 50000, FO_WRONLY | FO_CREAT);
	for (int i = 0; i < 6; i++) {
		sprintf(name, "/x/goes/%s", names[i]);
		vfs_unlink(&w, name);
	}
	vfs_rmdir(&w, "/x/goes/dir");
	do_write("/x/new2", 0, 50000, FO_WRONLY | FO_CREAT);
	file_put(open[0]);
	do_write("/x/new3", 0, 50000, FO_WRONLY | FO_CREAT);
	file_put(open[1]);
	vfs_rmdir(&w, "/x/goes");
	vfs_mkdir(&w, "/x/new", 0755);
	vfs_rename(&w, "/x/new1", &w, "/x/new2", 0);
	do_write("/x/new4", 0, 50000, FO_WRONLY | FO_CREAT);
}

/* Of the image $1; what is in it the first time is what must be in it ever after. */
static const char check_script[] =
	"e2fsck -p $1 || [ $? -lt 4 ] || exit 1\n"
	"e2fsck -fn $1 || exit 2\n"
	"printf 'cat /stays/file%d\\n' 0 1 2 3 | debugfs -f - $1 2>/dev/null | cksum >$1.sum\n"
	"[ ! -e $1.want ] && mv $1.sum $1.want || cmp $1.sum $1.want || exit 3\n";

/*
 * The Nth access fails, alone or with all behind it, while files are released and the disk is unmounted. Then e2fsck is run as at a
 * boot, which looks at what is marked only and repairs what it may unasked; after that nothing is wrong, and what nobody touched is
 * as it was.
 */
START_TEST(disks_that_fail_while_inodes_are_released)
{
	static const unsigned which[] = { 0, 1, 4, 6 };		/* of kinds: maps and extents, with and without checksums */
	const char *type = kinds[which[_i / 2]].type, *options = kinds[which[_i / 2]].options;
	char check[80];
	FILE *f;

	make_image(options, 1024);
	up();
	ck_assert_int_eq(mount_it(type, 0), 0);
	furnish();
	ck_assert_int_eq(unmount(), 0);
	down();
	ck_assert_int_eq(command("e2fsck -fn %s >/dev/null 2>&1", path), 0);
	ck_assert_int_eq(command("cp %s %s.good", path, path), 0);
	snprintf(check, sizeof check, "%s.check", path);
	f = fopen(check, "w");
	ck_assert(f && fputs(check_script, f) >= 0 && !fclose(f));
	ck_assert_int_eq(command("sh %s %s >/dev/null 2>&1", check, path), 0);
	for (long n = 1; ; n += getenv("FLAT32_EXT2_ROUNDS") ? 1 : 1 + n / 6) {
		struct file *open[2];
		bool over;
		int how;

		ck_assert_int_eq(command("cp %s.good %s", path, path), 0);
		up();
		ck_assert_int_eq(mount_it(type, 0), 0);
		open[0] = must_open("/x/goes/file2", FO_RDONLY);
		open[1] = must_open("/x/goes/file3", FO_RDONLY);
		fail_at = n;
		calls = 0;
		fail_once = _i % 2 == 0;
		take_away(open);
		unmount();
		over = calls < fail_at;
		down();
		how = command("sh %s %s >%s.log 2>&1", check, path, path);
		if (how)
			command("cat %s.log", path);
		ck_assert_msg(how == 0, "%s, access %ld: %s", options, n, how == 1 ? "e2fsck -p cannot repair it" : how == 2 ?
			      "what e2fsck -p leaves is wrong" : "files that nobody touched have changed");
		if (over)
			break;
	}
	command("rm -f %s %s.*", path, path);
}
END_TEST

START_TEST(memory_that_fails)
{
	char good[80];

	make_image(_i ? "-t ext4 -b 1024" : "-t ext2 -b 1024", 2048);
	snprintf(good, sizeof good, "%s.good", path);
	ck_assert_int_eq(command("cp %s %s", path, good), 0);
	for (unsigned long n = 1; ; n += 1 + n / 24) {
		struct path_ref p;
		uint64_t charged;
		bool over, mounted;

		ck_assert_int_eq(command("cp %s %s", good, path), 0);
		up();
		charged = m->vfs->charged;
		ck_assert_int_eq(vfs_walk(&w, "/x", &p, NULL), 0);
		allocations = 0;
		fail_allocation = n;
		mounted = vfs_mount(m, _i ? "ext4" : "ext2", "/vda", &p, 0, NULL) == 0;
		seed = 9;
		for (int i = 0; i < 60 && mounted; i++) {
			char a[300] = "", b[300] = "";

			random_path(a);
			random_path(b);
			operate("x", i < 4 ? 3 : rnd(13), a, b, rnd(1 << 20));
		}
		over = allocations < fail_allocation;
		fail_allocation = 0;
		path_put(&p);
		if (mounted)
			ck_assert_int_eq(unmount(), 0);
		ck_assert_uint_eq(m->vfs->charged, charged);
		down();
		if (n % 5 == 1)
			ck_assert_int_lt(command("e2fsck -fy %s >/dev/null 2>&1", path), 4);
		if (over)
			break;
	}
	unlink(good);
	unlink(path);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ext2");
	TCase *t = tcase_create("ext2");

	tcase_set_timeout(t, getenv("FLAT32_EXT2_ROUNDS") ? 0 : 120);
	tcase_add_loop_test(t, random_operations_leave_a_clean_image, 0, sizeof kinds / sizeof *kinds);
	tcase_add_loop_test(t, many_names, 0, 2);
	tcase_add_test(t, what_is_unlinked_stays_while_it_is_open);
	tcase_add_loop_test(t, attributes, 0, 3);
	tcase_add_test(t, what_cannot_be_written_is_mounted_to_be_read);
	tcase_add_loop_test(t, damaged_images_harm_nobody, 0, 2);
	tcase_add_loop_test(t, disks_that_fail, 0, 2);
	tcase_add_loop_test(t, disks_that_fail_while_inodes_are_released, 0, 8);
	tcase_add_loop_test(t, memory_that_fails, 0, 2);
	suite_add_tcase(s, t);
	return kit_run(s);
}
