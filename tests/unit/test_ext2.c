/* SPDX-License-Identifier: MIT
 *
 * ext2: random operations on images of several kinds, made on a memory file system as well and compared, after which e2fsck must
 * find nothing; images damaged at random; disks and memory that fail at the Nth call.
 */
#define _GNU_SOURCE
#include "tests/unit/ext2_kit.h"
#include "tests/unit/oom_kit.h"

static unsigned seed;

static unsigned rnd(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
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
		fail_in = (long)n;
		mounted = vfs_mount(m, _i ? "ext4" : "ext2", "/vda", &p, 0, NULL) == 0;
		seed = 9;
		for (int i = 0; i < 60 && mounted; i++) {
			char a[300] = "", b[300] = "";

			random_path(a);
			random_path(b);
			operate("x", i < 4 ? 3 : rnd(13), a, b, rnd(1 << 20));
		}
		over = fail_in;
		fail_in = 0;
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
	tcase_add_loop_test(t, memory_that_fails, 0, 2);
	suite_add_tcase(s, t);
	return kit_run(s);
}
