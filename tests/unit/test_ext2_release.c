/* SPDX-License-Identifier: MIT
 *
 * ext2: a disk fails while inodes are released and while it is unmounted, which is when counts and lists of free blocks change most.
 */
#define _GNU_SOURCE
#include "tests/unit/ext2_kit.h"

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

int main(void)
{
	Suite *s = suite_create("ext2_release");
	TCase *t = tcase_create("ext2_release");

	tcase_set_timeout(t, getenv("FLAT32_EXT2_ROUNDS") ? 0 : 120);
	tcase_add_loop_test(t, disks_that_fail_while_inodes_are_released, 0, 8);
	suite_add_tcase(s, t);
	return kit_run(s);
}
