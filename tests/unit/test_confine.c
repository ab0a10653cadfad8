/* SPDX-License-Identifier: MIT
 *
 * emu/host/confine.h: names, links, and directories that are moved while they are held.
 */
#define _GNU_SOURCE
#include "emu/host/confine.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[] = "/tmp/test_confine-XXXXXX";
static struct confine c;

static void file(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT, 0644);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

/* in/ is the folder, out/ lies beside it. */
static void setup(void)
{
	strcpy(top + sizeof top - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(top));
	ck_assert_int_eq(chdir(top), 0);
	ck_assert_int_eq(mkdir("in", 0755) | mkdir("in/d", 0755) | mkdir("in/d/e", 0755) | mkdir("out", 0755), 0);
	file("in/f");
	file("in/d/e/g");
	file("out/secret");
	ck_assert_int_eq(symlink("../out", "in/link") | symlink("f", "in/to-f"), 0);
	ck_assert_int_eq(confine_init(&c, "in"), 0);
}

static void teardown(void)
{
	char command[sizeof top + 20];

	confine_fini(&c);
	ck_assert_int_eq(chdir("/"), 0);
	snprintf(command, sizeof command, "rm -rf %s", top);
	ck_assert_int_eq(system(command), 0);
}

/* Opens one name below the last and closes that; -errno stays. */
static int step(int dir, const char *name, int flags)
{
	int fd = dir < 0 ? dir : confine_openat(&c, dir, name, flags, 0644);

	if (dir >= 0 && dir != c.root)
		close(dir);
	return fd;
}

static int directory(const char *a, const char *b)
{
	int fd = step(c.root, a, O_PATH | O_DIRECTORY);

	return b ? step(fd, b, O_PATH | O_DIRECTORY) : fd;
}

START_TEST(what_cannot_be_a_folder)
{
	struct confine other;

	ck_assert_int_eq(confine_init(&other, "in/f"), -ENOTDIR);
	ck_assert_int_eq(confine_init(&other, "nothere"), -ENOENT);
	ck_assert_int_eq(confine_init(&other, "/proc"), -EACCES);
	ck_assert_int_eq(confine_init(&other, "/proc/self"), -EACCES);
	ck_assert_int_eq(other.root, -1);
	confine_fini(&other);
}
END_TEST

START_TEST(one_name_and_no_link)
{
	static const char *const bad[] = { "", ".", "..", "/", "/etc", "d/e", "d/", "../in", "./f" };
	struct stat st;
	int fd;

	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_int_eq(confine_openat(&c, c.root, bad[i], O_PATH, 0), -EINVAL);
	ck_assert_int_eq(confine_openat(&c, c.root, "link", O_RDONLY, 0), -ELOOP);
	ck_assert_int_eq(confine_openat(&c, c.root, "to-f", O_RDONLY, 0), -ELOOP);
	ck_assert_int_eq(confine_openat(&c, c.root, "to-f", O_WRONLY | O_CREAT, 0644), -ELOOP);
	ck_assert_int_eq(confine_openat(&c, c.root, "link", O_WRONLY | O_CREAT | O_EXCL, 0644), -EEXIST);
	/* A reference to a link is the link. */
	fd = confine_openat(&c, c.root, "link", O_PATH, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	close(fd);
	ck_assert_int_eq(confine_openat(&c, c.root, "nothere", O_PATH, 0), -ENOENT);
	fd = confine_openat(&c, c.root, "made", O_WRONLY | O_CREAT | O_EXCL, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
}
END_TEST

START_TEST(inside)
{
	int e = directory("d", "e"), g = confine_openat(&c, e, "g", O_PATH, 0);

	ck_assert_int_eq(confine_check(&c, c.root), 0);
	ck_assert_int_eq(confine_check(&c, e), 0);
	ck_assert_int_eq(confine_check(&c, g), 0);
	/* Moved within, or with the folder itself: still there. */
	ck_assert_int_eq(rename("in/d", "in/D"), 0);
	ck_assert_int_eq(confine_check(&c, e), 0);
	ck_assert_int_eq(rename("in", "out/IN"), 0);
	ck_assert_int_eq(confine_check(&c, e), 0);
	ck_assert_int_eq(confine_check(&c, g), 0);
	/* Removed: it is nowhere else. */
	ck_assert_int_eq(unlink("out/IN/D/e/g"), 0);
	ck_assert_int_eq(rmdir("out/IN/D/e"), 0);
	ck_assert_int_eq(confine_check(&c, e), 0);
	ck_assert_int_eq(confine_openat(&c, e, "new", O_WRONLY | O_CREAT, 0644), -ENOENT);
	close(g);
	close(e);
}
END_TEST

START_TEST(moved_out)
{
	int d = directory("d", NULL), e = directory("d", "e"), g = confine_openat(&c, e, "g", O_PATH, 0);

	ck_assert_int_eq(rename("in/d", "out/d"), 0);
	ck_assert_int_eq(confine_check(&c, d), -ESTALE);
	ck_assert_int_eq(confine_check(&c, e), -ESTALE);
	ck_assert_int_eq(confine_check(&c, g), -ESTALE);
	ck_assert_int_eq(confine_openat(&c, e, "g", O_PATH, 0), -ESTALE);
	ck_assert_int_eq(confine_openat(&c, e, "new", O_WRONLY | O_CREAT, 0644), -ESTALE);
	ck_assert_int_eq(access("out/d/e/new", F_OK), -1);
	/* A folder whose name begins alike is another one. */
	ck_assert_int_eq(mkdir("in-not", 0755) | rename("out/d", "in-not/d"), 0);
	ck_assert_int_eq(confine_check(&c, e), -ESTALE);
	ck_assert_int_eq(rename("in-not/d", "in/d"), 0);
	ck_assert_int_eq(confine_check(&c, e), 0);
	close(d);
	close(e);
	close(g);
}
END_TEST

START_TEST(the_folder_is_replaced)
{
	int e = directory("d", "e");

	/* Another one has its name, and has in it what was in the first. */
	ck_assert_int_eq(rename("in", "old") | mkdir("in", 0755) | rename("old/d", "in/d"), 0);
	ck_assert_int_eq(confine_check(&c, e), -ESTALE);
	ck_assert_int_eq(confine_check(&c, c.root), 0);
	close(e);
}
END_TEST

START_TEST(deeper_than_a_path)
{
	char name[201];
	int fd = directory("d", NULL), made;

	memset(name, 'x', 200);
	name[200] = 0;
	for (int i = 0; i < 60; i++) {
		ck_assert_int_eq(mkdirat(fd, name, 0755), 0);
		fd = step(fd, name, O_PATH | O_DIRECTORY);
		ck_assert_int_ge(fd, 0);
	}
	ck_assert_int_eq(confine_check(&c, fd), 0);
	made = confine_openat(&c, fd, "file", O_WRONLY | O_CREAT | O_EXCL, 0644);
	ck_assert_int_ge(made, 0);
	ck_assert_int_eq(confine_check(&c, made), -ENAMETOOLONG);	/* nobody can say */
	close(made);
	ck_assert_int_eq(rename("in/d", "out/d"), 0);
	ck_assert_int_eq(confine_check(&c, fd), -ESTALE);
	ck_assert_int_eq(rename("out/d", "in/d"), 0);
	ck_assert_int_eq(confine_check(&c, fd), 0);
	close(fd);
}
END_TEST

START_TEST(the_whole_host)
{
	struct confine all = { .root = -1 };
	int fd = open("out", O_PATH | O_DIRECTORY), secret;

	ck_assert_int_eq(confine_check(&all, fd), 0);
	secret = confine_openat(&all, fd, "secret", O_RDONLY, 0);
	ck_assert_int_ge(secret, 0);
	close(secret);
	close(fd);
	confine_fini(&all);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("confine");
	TCase *t = tcase_create("confine");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, what_cannot_be_a_folder);
	tcase_add_test(t, one_name_and_no_link);
	tcase_add_test(t, inside);
	tcase_add_test(t, moved_out);
	tcase_add_test(t, the_folder_is_replaced);
	tcase_add_test(t, deeper_than_a_path);
	tcase_add_test(t, the_whole_host);
	suite_add_tcase(s, t);
	srunner_set_fork_status(r, CK_NOFORK);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
