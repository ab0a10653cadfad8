/* SPDX-License-Identifier: MIT
 *
 * The N-th host allocation fails, for every N: each operation of emu/fs either works or says so and leaves all as
 * it was; in the end everything is given back.
 */
#include "emu/fs/hostfs.h"
#include "tests/unit/fs_kit.h"
#include "tests/unit/oom_kit.h"

static unsigned failures;

/* Fine, or out of memory, or the consequence of an earlier failure. */
static int ok(int64_t r)
{
	if (r == -ENOMEM || r == -ENOSPC)
		failures++;
	else if (r < 0 && !failures)
		ck_abort_msg("%s without a failed allocation", strerror((int)-r));
	return (int)r;
}

static void write_file(const char *path, const char *text)
{
	struct file *f;
	uint64_t far = 3 * 4096;

	if (ok(vfs_open(&w, path, FO_CREAT | FO_RDWR, 0644, &f)))
		return;
	ok(file_write(f, text, strlen(text), NULL));
	ok(file_write(f, text, strlen(text), &far));
	file_put(f);
}

static int see(void *ctx, const char *name, size_t len, uint64_t ino, unsigned type, uint64_t next)
{
	(void)ctx;
	(void)name;
	(void)len;
	(void)ino;
	(void)type;
	(void)next;
	return 0;
}

static void names(void)
{
	struct file *f;

	ok(vfs_mkdir(&w, "/a", 0755));
	ok(vfs_mkdir(&w, "/b", 0755));
	write_file("/a/f", "text");
	ok(vfs_symlink(&w, "/a", "/s"));
	write_file("/s/g", "more");
	ok(vfs_link(&w, "/a/f", &w, "/b/h"));
	ok(vfs_rename(&w, "/a/g", &w, "/b/a-longer-name", 0));
	ok(vfs_rename(&w, "/a/f", &w, "/b/a-longer-name", 0));
	ok(vfs_rename(&w, "/a", &w, "/b/h", 2));
	if (!ok(vfs_open(&w, "/b", FO_TMPFILE | FO_DIRECTORY | FO_RDWR, 0600, &f))) {
		ok(file_write(f, "x", 1, NULL));
		file_put(f);
	}
	if (!ok(vfs_open(&w, "/b", FO_RDONLY, 0, &f))) {
		ok(file_readdir(f, NULL, see));
		file_put(f);
	}
	ok(vfs_unlink(&w, "/s"));
}

static void mounts(void)
{
	struct path_ref a, b;

	ok(vfs_mkdir(&w, "/m", 0755));
	ok(mount_at_path("tmpfs", "/m", 0, "size=1m,mode=700"));
	write_file("/m/x", "x");
	ok(vfs_mkdir(&w, "/m/n", 0755));
	ok(mount_at_path("devtmpfs", "/m/n", 0, NULL));
	if (!ok(vfs_walk(&w, "/m", &a, NULL))) {
		if (!ok(vfs_walk(&w, "/b", &b, NULL))) {
			ok(vfs_bind(m, &a, &b, 16384));
			path_put(&b);
		}
		path_put(&a);
	}
	ok(try_open(&w, "/b/n/null", FO_RDWR, 0));
	ok(umount_path("/m", 2));
}

static void files(void)
{
	struct fd_table *t = fds_new(m), *copy;
	struct file *r, *wr, *f;
	static char big[20000];
	struct path_ref p;

	if (!t) {
		failures++;
		return;
	}
	if (!ok(pipe_new(m, 0, &r, &wr))) {
		ok(file_write(wr, big, 100, NULL));
		ok(file_write(wr, big, sizeof big, NULL));
		ok(pipe_set_capacity(wr, 1 << 17, true));
		ok(file_write(wr, big, sizeof big, NULL));
		if (!ok(file_path(r, &p))) {
			if (!ok(vfs_open_path(&p, FO_RDONLY, &root_cred, &f)))
				file_put(f);
			path_put(&p);
		}
		if (ok(fds_install(t, r, 0, 1024, false)) < 0)
			file_put(r);
		if (ok(fds_install(t, wr, 300, 1024, false)) < 0)
			file_put(wr);
	}
	copy = fds_copy(t);
	if (copy)
		fds_put(copy);
	else
		failures++;
	fds_put(t);
	if (!ok(ramfs_memfd(m, "name", FO_RDWR, &f))) {
		ok(file_write(f, big, sizeof big, NULL));
		ok(vfs_truncate(f->inode, NULL, 100000));
		ok(data_gather(f->inode->private, 0, 20));
		file_put(f);
	}
	ok(vfs_mknod(&w, "/p", S_IFIFO | 0600, 0));
	ok(try_open(&w, "/p", FO_RDWR, 0));
}

static void host_files(void)
{
	struct file *f;

	ok(hostfs_register(m));
	ok(vfs_mkdir(&w, "/host", 0755));
	if (ok(mount_at_path("hostfs", "/host", 0, NULL)))
		return;
	if (!ok(vfs_open(&w, "/host/etc", FO_RDONLY | FO_DIRECTORY, 0, &f))) {
		ok(file_readdir(f, NULL, see));
		file_put(f);
	}
	ok(try_open(&w, "/host/etc/passwd", FO_RDONLY, 0));
	ok(umount_path("/host", 2));
}

static void image(void)
{
	static const char archive[] =
		"070701000000010000A1FF00000000000000000000000100000000000000030000000000000000000000000000000000000002"
		"00000000l\0" "etc\0"
		"0707010000000200008180000000000000000000000002000000000000000500000000000000000000000000000000000000"
		"0A00000000etc/d/one\0\0\0" "hello\0\0\0"
		"0707010000000200008180000000000000000000000002000000000000000000000000000000000000000000000000000000"
		"0400000000two\0\0\0"
		"0707010000000000000000000000000000000000000001000000000000000000000000000000000000000000000000000000"
		"0B00000000TRAILER!!!\0\0\0\0";
	char why[160];
	int err = cpio_unpack(m, &fs.root, archive, sizeof archive - 1, why);

	if (!failures && err && err != -ENOMEM && err != -ENOSPC)
		ck_abort_msg("%s", why);
	ok(err);
	if ((err == 0) != (*why == 0))
		ck_abort_msg("a reason without an error, or an error without a reason");
}

/* The whole life of the file systems, with the n-th allocation failing. False: there were fewer than n. */
static bool scenario(long n)
{
	long before = alive;
	struct mm_stats now;
	bool more;

	failures = 0;
	fail_in = n;
	if (!ok(vfs_new(m, &m->vfs))) {
		if (!ok(devfs_register(m))) {
			fs_context_root(m, &fs);
			w = (struct walk){ .fs = &fs, .cred = &root_cred, .flags = WALK_FOLLOW };
			image();
			names();
			mounts();
			files();
			host_files();
			path_put(&fs.root);
			path_put(&fs.cwd);
		}
		vfs_free(m->vfs);
	}
	more = !fail_in;
	fail_in = 0;
	m->vfs = NULL;
	ck_assert_msg(alive == before, "allocation %ld failed: %ld blocks lost", n, alive - before);
	mm_get_stats(m->mm, &now);
	ck_assert_msg(now.free == at_start.free, "allocation %ld failed: pages lost", n);
	ck_assert_ptr_null(mm_check(m->mm));
	return more;
}

START_TEST(every_allocation)
{
	long n = 1;

	path_put(&fs.root);
	path_put(&fs.cwd);
	vfs_free(m->vfs);
	m->vfs = NULL;
	while (scenario(n))
		n++;
	ck_assert_int_gt(n, 150);
	ck_assert_uint_eq(failures, 0);
	/* And the pages of the guest. */
	for (n = 1; n < 60; n++) {
		mm_fail_after(m->mm, n);
		scenario(0);
		mm_fail_after(m->mm, 0);
	}
	/* For kit_down(). */
	ck_assert_int_eq(vfs_new(m, &m->vfs), 0);
	fs_context_root(m, &fs);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("vfs_oom");
	TCase *t = tcase_create("oom");

	tcase_add_checked_fixture(t, kit_up, kit_down);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, every_allocation);
	suite_add_tcase(s, t);
	return kit_run(s);
}
