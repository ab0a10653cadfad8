/* SPDX-License-Identifier: MIT
 *
 * Mounts, devices, descriptors, and files of the host.
 */
#include <poll.h>
#include <sys/mount.h>
#include <unistd.h>
#include "emu/fs/hostfs.h"
#include "tests/unit/fs_kit.h"

static int mkdir_(const char *path) { return vfs_mkdir(&w, path, 0755); }

static struct path_ref ref(const char *path)
{
	struct path_ref p;

	ck_assert_int_eq(vfs_walk(&w, path, &p, NULL), 0);
	return p;
}

static const char *name_of(const char *path)
{
	static char buf[256];
	struct path_ref p = ref(path);

	vfs_path_name(&p, &fs.root, buf, sizeof buf);
	path_put(&p);
	return buf;
}

START_TEST(over_and_under)
{
	ck_assert_int_eq(mkdir_("/m"), 0);
	put_text("/m/under", "u");
	ck_assert_int_eq(mount_at_path("tmpfs", "/m", 0, NULL), 0);
	ck_assert_int_eq(walk_to("/m/under"), -ENOENT);
	put_text("/m/over", "o");
	ck_assert_int_eq(walk_to("/m/../m/over"), 0);
	ck_assert_int_eq(mkdir_("/m/d"), 0);
	ck_assert_str_eq(name_of("/m/d"), "/m/d");
	ck_assert_str_eq(name_of("/m/d/../.."), "/");
	ck_assert_int_eq(vfs_rmdir(&w, "/m"), -EBUSY);
	ck_assert_int_eq(vfs_rename(&w, "/m", &w, "/n", 0), -EBUSY);
	ck_assert_int_eq(vfs_rename(&w, "/m/over", &w, "/x", 0), -EXDEV);
	ck_assert_int_eq(vfs_link(&w, "/m/over", &w, "/x"), -EXDEV);
	/* One over the other; the last is the first to go. */
	ck_assert_int_eq(mount_at_path("ramfs", "/m", 0, NULL), 0);
	ck_assert_int_eq(walk_to("/m/over"), -ENOENT);
	ck_assert_int_eq(umount_path("/m", 0), 0);
	ck_assert_int_eq(walk_to("/m/over"), 0);
	ck_assert_int_eq(mount_at_path("tmpfs", "/m/d", 0, NULL), 0);
	ck_assert_int_eq(umount_path("/m", 0), -EBUSY);
	ck_assert_int_eq(umount_path("/m/d", 0), 0);
	ck_assert_int_eq(umount_path("/m/d", 0), -EINVAL);
	ck_assert_int_eq(umount_path("/m", 0), 0);
	ck_assert_str_eq(text_of("/m/under"), "u");
	ck_assert_int_eq(umount_path("/", 0), -EBUSY);
	ck_assert_int_eq(mount_at_path("tmpfs", "/m/under", 0, NULL), -ENOTDIR);
}
END_TEST

START_TEST(flags)
{
	struct path_ref p;
	struct file *f;

	ck_assert_int_eq(mkdir_("/m"), 0);
	ck_assert_int_eq(mount_at_path("tmpfs", "/m", 0, NULL), 0);
	put_text("/m/f", "x");
	ck_assert_int_eq(vfs_mknod(&w, "/m/null", S_IFCHR | 0666, vfs_makedev(1, 3)), 0);
	p = ref("/m");
	f = must_open("/m/f", FO_WRONLY);
	ck_assert_int_eq(vfs_remount(m, &p, MS_RDONLY, NULL), -EBUSY);
	file_put(f);
	ck_assert_int_eq(vfs_remount(m, &p, MS_RDONLY | MS_NODEV, NULL), 0);
	ck_assert_int_eq(try_open(&w, "/m/f", FO_WRONLY, 0), -EROFS);
	ck_assert_int_eq(try_open(&w, "/m/f", FO_RDONLY, 0), 0);
	ck_assert_int_eq(try_open(&w, "/m/new", FO_CREAT | FO_WRONLY, 0644), -EROFS);
	ck_assert_int_eq(mkdir_("/m/d"), -EROFS);
	ck_assert_int_eq(mkdir_("/m/f"), -EEXIST);
	ck_assert_int_eq(vfs_unlink(&w, "/m/f"), -EROFS);
	ck_assert_int_eq(vfs_rename(&w, "/m/f", &w, "/m/g", 0), -EROFS);
	ck_assert_int_eq(vfs_link(&w, "/m/f", &w, "/m/g"), -EROFS);
	ck_assert_int_eq(try_open(&w, "/m/null", FO_RDONLY, 0), -EACCES);
	ck_assert_int_eq(vfs_chmod(&p, 0, &root_cred), -EROFS);
	ck_assert_int_eq(vfs_remount(m, &p, 0, NULL), 0);
	ck_assert_int_eq(try_open(&w, "/m/null", FO_RDWR, 0), 0);
	path_put(&p);
}
END_TEST

START_TEST(binds_and_moves)
{
	struct path_ref a, b;

	ck_assert_int_eq(mkdir_("/a"), 0);
	ck_assert_int_eq(mkdir_("/a/s"), 0);
	ck_assert_int_eq(mkdir_("/b"), 0);
	ck_assert_int_eq(mkdir_("/c"), 0);
	put_text("/a/f", "f");
	ck_assert_int_eq(mount_at_path("tmpfs", "/a/s", 0, NULL), 0);
	put_text("/a/s/inner", "i");
	a = ref("/a");
	b = ref("/b");
	ck_assert_int_eq(vfs_bind(m, &a, &b, 0), 0);
	path_put(&b);
	ck_assert_str_eq(text_of("/b/f"), "f");
	ck_assert_int_eq(walk_to("/b/s/inner"), -ENOENT);	/* what is mounted there is not in the copy */
	ck_assert_str_eq(name_of("/b/s"), "/b/s");
	put_text("/b/new", "n");
	ck_assert_str_eq(text_of("/a/new"), "n");
	ck_assert_int_eq(vfs_rename(&w, "/a/new", &w, "/b/x", 0), -EXDEV);
	b = ref("/b");
	{	/* moved */
		struct path_ref c = ref("/c");

		ck_assert_int_eq(vfs_move_mount(m, &b, &c), 0);
		path_put(&c);
	}
	path_put(&b);
	ck_assert_int_eq(walk_to("/b/f"), -ENOENT);
	ck_assert_str_eq(text_of("/c/f"), "f");
	ck_assert_int_eq(umount_path("/c", 0), 0);
	/* With what is mounted below. */
	b = ref("/b");
	ck_assert_int_eq(vfs_bind(m, &a, &b, MS_REC), 0);
	path_put(&b);
	ck_assert_str_eq(text_of("/b/s/inner"), "i");
	ck_assert_int_eq(umount_path("/b", 0), -EBUSY);
	ck_assert_int_eq(umount_path("/b", 2), 0);
	ck_assert_int_eq(walk_to("/b/s"), -ENOENT);
	/* A file over a file. */
	put_text("/g", "g");
	{
		struct path_ref f = ref("/a/f"), g = ref("/g");

		ck_assert_int_eq(vfs_bind(m, &f, &g, 0), 0);
		ck_assert_int_eq(vfs_bind(m, &f, &a, 0), -ENOTDIR);
		path_put(&f);
		path_put(&g);
	}
	ck_assert_str_eq(text_of("/g"), "f");
	ck_assert_int_eq(umount_path("/g", 0), 0);
	ck_assert_str_eq(text_of("/g"), "g");
	path_put(&a);
}
END_TEST

START_TEST(detached_while_used)
{
	struct file *f;

	ck_assert_int_eq(mkdir_("/m"), 0);
	ck_assert_int_eq(mount_at_path("tmpfs", "/m", 0, NULL), 0);
	put_text("/m/f", "still");
	f = must_open("/m/f", FO_RDONLY);
	ck_assert_int_eq(umount_path("/m", 0), -EBUSY);
	ck_assert_int_eq(umount_path("/m", 2), 0);
	{
		char buf[8];

		ck_assert_int_eq(file_read(f, buf, sizeof buf, NULL), 5);
	}
	file_put(f);
}
END_TEST

START_TEST(pivoting)
{
	struct path_ref a, b;
	struct fs_context c;

	ck_assert_int_eq(mkdir_("/new"), 0);
	a = ref("/");
	ck_assert_int_eq(mount_at_path("tmpfs", "/new", 0, NULL), 0);
	ck_assert_int_eq(mkdir_("/new/old"), 0);
	b = ref("/new");
	{
		struct path_ref o = ref("/new/old");

		/* The very first root stays. */
		ck_assert_int_eq(vfs_pivot_root(m, &a, &b, &o), -EINVAL);
		ck_assert_int_eq(vfs_pivot_root(m, &a, &a, &o), -EBUSY);
		path_put(&o);
	}
	/* What is mounted over it can go. */
	ck_assert_int_eq(vfs_move_mount(m, &b, &a), 0);
	path_put(&a);
	path_put(&b);
	fs_context_root(m, &c);
	ck_assert_ptr_ne(c.root.mnt, fs.root.mnt);
	{
		struct walk x = { .fs = &c, .cred = &root_cred, .flags = WALK_FOLLOW };
		struct path_ref n, o;

		ck_assert_int_eq(vfs_mkdir(&x, "/second", 0755), 0);
		ck_assert_int_eq(vfs_walk(&x, "/second", &n, NULL), 0);
		ck_assert_int_eq(vfs_mount(m, "tmpfs", "x", &n, 0, NULL), 0);
		path_put(&n);
		ck_assert_int_eq(vfs_mkdir(&x, "/second/put", 0755), 0);
		ck_assert_int_eq(vfs_walk(&x, "/second", &n, NULL), 0);
		ck_assert_int_eq(vfs_walk(&x, "/second/put", &o, NULL), 0);
		ck_assert_int_eq(vfs_pivot_root(m, &c.root, &n, &o), 0);
		path_put(&n);
		path_put(&o);
		path_put(&c.root);
		path_put(&c.cwd);
		fs_context_root(m, &c);
		ck_assert_int_eq(vfs_walk(&x, "/put/old", &o, NULL), 0);
		path_put(&o);
	}
	path_put(&c.root);
	path_put(&c.cwd);
}
END_TEST

/* --- Devices --- */

START_TEST(memory_devices)
{
	uint8_t buf[64], other[64];
	struct file *f;

	ck_assert_int_eq(mkdir_("/dev"), 0);
	ck_assert_int_eq(mount_at_path("devtmpfs", "/dev", 0, NULL), 0);
	ck_assert_int_eq(mount_at_path("devtmpfs", "/dev", 0, NULL), -EBUSY);
	f = must_open("/dev/null", FO_RDWR);
	ck_assert_int_eq(file_write(f, buf, 10, NULL), 10);
	ck_assert_int_eq(file_read(f, buf, 10, NULL), 0);
	ck_assert_int_eq(file_lseek(f, 5, 0), 0);
	ck_assert_ptr_null(f->source);
	file_put(f);
	f = must_open("/dev/zero", FO_RDWR);
	memset(buf, 1, sizeof buf);
	ck_assert_int_eq(file_read(f, buf, sizeof buf, NULL), sizeof buf);
	for (unsigned i = 0; i < sizeof buf; i++)
		ck_assert_uint_eq(buf[i], 0);
	file_put(f);
	f = must_open("/dev/full", FO_RDWR);
	ck_assert_int_eq(file_write(f, buf, 1, NULL), -ENOSPC);
	ck_assert_int_eq(file_read(f, buf, 4, NULL), 4);
	file_put(f);
	f = must_open("/dev/urandom", FO_RDONLY);
	ck_assert_int_eq(file_read(f, buf, sizeof buf, NULL), sizeof buf);
	ck_assert_int_eq(file_read(f, other, sizeof other, NULL), sizeof other);
	ck_assert_int_ne(memcmp(buf, other, sizeof buf), 0);
	file_put(f);
	f = must_open("/dev/mem", FO_RDWR);
	ck_assert_int_eq(file_lseek(f, 0x80001000, 0), 0x80001000);
	ck_assert_int_eq(file_write(f, "mem", 3, NULL), 3);
	ck_assert_int_eq(memcmp(flat_span(m->flat, 0x80001000u, 3), "mem", 3), 0);
	ck_assert_int_eq(file_lseek(f, 0x1000, 0), 0x1000);
	ck_assert_int_eq(file_read(f, buf, 1, NULL), -EFAULT);
	file_put(f);
	/* Nodes may be renamed and removed, as in any directory. */
	ck_assert_int_eq(vfs_rename(&w, "/dev/zero", &w, "/dev/nought", 0), 0);
	ck_assert_int_eq(try_open(&w, "/dev/nought", FO_RDONLY, 0), 0);
	ck_assert_int_eq(umount_path("/dev", 0), 0);
	ck_assert_int_eq(mount_at_path("devtmpfs", "/dev", 0, NULL), 0);
	ck_assert_int_eq(walk_to("/dev/nought"), 0);
}
END_TEST

START_TEST(device_mappings)
{
	enum { READ = 1, WRITE = 2, SHARED = 1, PRIVATE = 2 };
	struct mm_space *s;
	struct mm_map q = { .len = 4096, .prot = READ | WRITE, .readable = true, .writable = true };
	struct file *f;
	uint32_t addr;

	ck_assert_int_eq(mkdir_("/dev"), 0);
	ck_assert_int_eq(mount_at_path("devtmpfs", "/dev", 0, NULL), 0);
	ck_assert_int_eq(mm_space_new(m->mm, &s), 0);
	f = must_open("/dev/zero", FO_RDWR);
	q.source = f->source;
	q.flags = PRIVATE;
	ck_assert_int_eq(mm_mmap(s, &q, &addr), -EINVAL);
	q.flags = SHARED;
	ck_assert_int_eq(mm_mmap(s, &q, &addr), -ENODEV);
	file_put(f);
	f = must_open("/dev/mem", FO_RDWR);
	q.source = f->source;
	q.pgoff = 0x80004;
	ck_assert_int_eq(mm_mmap(s, &q, &addr), 0);
	ck_assert_uint_eq(addr, 0x80004000u);
	q.flags = PRIVATE;
	ck_assert_int_eq(mm_mmap(s, &q, &addr), -ENODEV);
	file_put(f);
	mm_space_put(s);
}
END_TEST

START_TEST(kernel_log_device)
{
	char buf[256];
	struct file *f;
	int64_t n;

	ck_assert_int_eq(mkdir_("/dev"), 0);
	ck_assert_int_eq(mount_at_path("devtmpfs", "/dev", 0, NULL), 0);
	f = must_open("/dev/kmsg", FO_RDWR);
	ck_assert_int_eq(file_lseek(f, 0, 2), 0);
	ck_assert_int_eq(file_read(f, buf, sizeof buf, NULL), -EAGAIN);
	ck_assert_uint_eq(file_poll(f, NULL), 0);
	ck_assert_int_eq(file_write(f, "<4>a\tline\n", 10, NULL), 10);
	ck_assert_uint_eq(file_poll(f, NULL), POLLIN | POLLRDNORM);
	ck_assert_int_eq(file_read(f, buf, 3, NULL), -EINVAL);
	n = file_read(f, buf, sizeof buf - 1, NULL);
	ck_assert_int_gt(n, 0);
	buf[n] = 0;
	ck_assert_int_eq(strncmp(buf, "12,", 3), 0);	/* LOG_USER, level 4 */
	ck_assert_ptr_nonnull(strstr(buf, ",-;a\\x09line\n"));
	ck_assert_int_eq(file_read(f, buf, sizeof buf, NULL), -EAGAIN);
	file_put(f);
}
END_TEST

/* --- Descriptors --- */

START_TEST(descriptors)
{
	struct fd_table *t = fds_new(m), *copy;
	struct file *f = must_open("/", FO_RDONLY);

	for (int i = 0; i < 200; i++)
		ck_assert_int_eq(fds_install(t, file_get(f), 0, 1024, i & 1), i);
	ck_assert_int_eq(fds_close(t, 7), 0);
	ck_assert_int_eq(fds_close(t, 7), -EBADF);
	ck_assert_int_eq(fds_close(t, 100000), -EBADF);
	ck_assert_int_eq(fds_close(t, 150), 0);
	ck_assert_int_eq(fds_install(t, file_get(f), 100, 1024, false), 150);
	ck_assert_int_eq(fds_install(t, file_get(f), 0, 1024, false), 7);
	ck_assert_int_eq(fds_install(t, f, 0, 200, false), -EMFILE);
	ck_assert_int_eq(fds_install(t, f, 300, 200, false), -EMFILE);
	ck_assert_int_eq(fds_install_at(t, file_get(f), 500, 1024, true), 500);
	ck_assert_int_eq(fds_install_at(t, f, 1024, 1024, false), -EBADF);
	ck_assert_ptr_eq(fds_look(t, 500), f);
	ck_assert_ptr_null(fds_look(t, 499));
	ck_assert(fds_cloexec(t, 500));
	ck_assert_int_eq(fds_next(t, 200), 500);
	ck_assert_int_eq(fds_next(t, 501), -1);
	copy = fds_copy(t);
	ck_assert_ptr_nonnull(copy);
	fds_close_on_exec(copy);
	ck_assert_ptr_null(fds_look(copy, 1));
	ck_assert_ptr_null(fds_look(copy, 500));
	ck_assert_ptr_nonnull(fds_look(copy, 7));	/* was closed, came back without the flag */
	ck_assert_ptr_nonnull(fds_look(t, 500));
	ck_assert_int_eq(fds_install(copy, file_get(f), 0, 1024, false), 1);
	fds_set_cloexec(t, 2, true);
	ck_assert(fds_cloexec(t, 2));
	fds_put(copy);
	fds_get(t);
	fds_put(t);
	ck_assert_ptr_nonnull(fds_look(t, 0));
	fds_put(t);
	ck_assert_uint_eq(f->refs, 1);
	file_put(f);
}
END_TEST

/* --- Files of the host --- */

static char host_dir[64];

static void host_up(void)
{
	FILE *out;
	char path[128];

	kit_up();
	strcpy(host_dir, "/tmp/flat32-hostfs-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(host_dir));
	snprintf(path, sizeof path, "%s/f", host_dir);
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	fputs("from the host", out);
	fclose(out);
	ck_assert_int_eq(hostfs_register(m), 0);
	ck_assert_int_eq(hostfs_mount_root(m), 0);
	path_put(&fs.root);
	path_put(&fs.cwd);
	fs_context_root(m, &fs);
}

static void host_down(void)
{
	char command[128];

	kit_down();
	snprintf(command, sizeof command, "rm -rf %s", host_dir);
	ck_assert_int_eq(system(command), 0);
}

static const char *in_host(const char *name)
{
	static char path[4][128];
	static unsigned n;
	char *p = path[n++ % 4];

	snprintf(p, 128, "%s/%s", host_dir, name);
	return p;
}

struct seen { unsigned n; char names[1024]; };

static int see(void *ctx, const char *name, size_t len, uint64_t ino, unsigned type, uint64_t next)
{
	struct seen *s = ctx;

	(void)ino;
	(void)type;
	(void)next;
	s->n++;
	snprintf(s->names + strlen(s->names), sizeof s->names - strlen(s->names), "%.*s ", (int)len, name);
	return 0;
}

START_TEST(host_files)
{
	struct stat st;
	struct file *f;
	char buf[32];
	struct seen s = { 0 };
	struct vfs_time t = { 1000, 5 };
	struct path_ref p, q;

	ck_assert_str_eq(text_of(in_host("f")), "from the host");
	put_text(in_host("g"), "from the guest");
	ck_assert_int_eq(stat(in_host("g"), &st), 0);
	ck_assert_int_eq(st.st_size, 14);
	p = ref(in_host("g"));
	ck_assert_uint_eq(p.dentry->inode->size, 14);
	ck_assert_uint_eq(p.dentry->inode->ino, st.st_ino);
	path_put(&p);
	ck_assert_int_eq(mkdir_(in_host("d")), 0);
	ck_assert_int_eq(mkdir_(in_host("d")), -EEXIST);
	ck_assert_int_eq(vfs_rmdir(&w, in_host("f")), -ENOTDIR);
	ck_assert_int_eq(vfs_unlink(&w, in_host("d")), -EISDIR);
	ck_assert_int_eq(vfs_rename(&w, in_host("g"), &w, in_host("d/h"), 0), 0);
	ck_assert_str_eq(text_of(in_host("d/h")), "from the guest");
	ck_assert_int_eq(vfs_rmdir(&w, in_host("d")), -ENOTEMPTY);
	ck_assert_int_eq(vfs_rename(&w, in_host("f"), &w, in_host("d/h"), 1), -EEXIST);
	ck_assert_int_eq(vfs_symlink(&w, "d/h", in_host("l")), 0);
	ck_assert_str_eq(text_of(in_host("l")), "from the guest");
	ck_assert_int_eq(vfs_link(&w, in_host("d/h"), &w, in_host("k")), 0);
	p = ref(in_host("k"));
	q = ref(in_host("d/h"));
	ck_assert_ptr_eq(p.dentry->inode, q.dentry->inode);
	path_put(&q);
	ck_assert_int_eq(vfs_chmod(&p, 0600, &root_cred), 0);
	ck_assert_int_eq(vfs_utimes(&p, NULL, &t, true, &root_cred), 0);
	path_put(&p);
	ck_assert_int_eq(stat(in_host("k"), &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0600);
	ck_assert_int_eq(st.st_mtim.tv_sec, 1000);
	/* The host changes its files behind our back. */
	f = must_open(in_host("k"), FO_RDWR | FO_APPEND);
	{
		FILE *out = fopen(in_host("k"), "a");

		fputs("+", out);
		fclose(out);
	}
	ck_assert_int_eq(file_write(f, "!", 1, NULL), 1);
	ck_assert_int_eq(file_lseek(f, 0, 0), 0);
	ck_assert_int_eq(file_read(f, buf, sizeof buf, NULL), 16);
	ck_assert_int_eq(memcmp(buf, "from the guest+!", 16), 0);
	ck_assert_int_eq(vfs_truncate(f->inode, NULL, 4), 0);
	file_put(f);
	ck_assert_int_eq(unlink(in_host("k")), 0);
	ck_assert_int_eq(walk_to(in_host("k")), -ENOENT);
	f = must_open(host_dir, FO_RDONLY | FO_DIRECTORY);
	ck_assert_int_eq(file_readdir(f, &s, see), 0);
	ck_assert_uint_eq(s.n, 5);	/* . .. f d l */
	ck_assert_ptr_nonnull(strstr(s.names, " f "));
	file_put(f);
	/* Only files, directories and links are opened. */
	ck_assert_int_eq(vfs_mknod(&w, in_host("p"), S_IFIFO | 0644, 0), 0);
	ck_assert_int_eq(try_open(&w, in_host("p"), FO_RDWR, 0), -ENXIO);
	ck_assert_int_eq(vfs_unlink(&w, in_host("p")), 0);
	ck_assert_int_eq(vfs_unlink(&w, in_host("p")), -ENOENT);
}
END_TEST

START_TEST(host_replaces_a_file_in_use)
{
	struct file *f = must_open(in_host("f"), FO_RDONLY);
	char buf[32];

	{
		FILE *out = fopen(in_host("new"), "w");

		fputs("another", out);
		fclose(out);
	}
	ck_assert_int_eq(rename(in_host("new"), in_host("f")), 0);
	ck_assert_str_eq(text_of(in_host("f")), "another");
	ck_assert_int_eq(file_read(f, buf, sizeof buf, NULL), 13);
	file_put(f);
}
END_TEST

START_TEST(host_mappings_are_copies)
{
	struct file *f = must_open(in_host("f"), FO_RDONLY);
	struct mm_map q = { .len = 13, .prot = 1, .flags = 2, .readable = true, .source = f->source };
	struct mm_space *s;
	uint32_t a, b;

	ck_assert_int_eq(mm_space_new(m->mm, &s), 0);
	ck_assert_int_eq(mm_mmap(s, &q, &a), 0);
	ck_assert_int_eq(memcmp(flat_span(m->flat, a, 14), "from the host", 14), 0);
	file_put(f);
	f = must_open(in_host("f"), FO_RDONLY);
	q.source = f->source;
	ck_assert_int_eq(mm_mmap(s, &q, &b), 0);
	ck_assert_uint_eq(a, b);	/* the same file is the same source */
	q.flags = 1;
	ck_assert_int_eq(mm_mmap(s, &q, &b), -ENODEV);
	file_put(f);
	mm_space_put(s);
}
END_TEST

START_TEST(host_with_mounts_over_it)
{
	ck_assert_int_eq(mkdir_(in_host("m")), 0);
	ck_assert_int_eq(mount_at_path("tmpfs", in_host("m"), 0, NULL), 0);
	put_text(in_host("m/only-here"), "x");
	ck_assert_int_ne(access(in_host("m/only-here"), F_OK), 0);
	ck_assert_int_eq(walk_to(in_host("m/../f")), 0);
	ck_assert_int_eq(vfs_rename(&w, in_host("m"), &w, in_host("n"), 0), -EBUSY);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("vfs_mount");
	TCase *t = tcase_create("mounts"), *h = tcase_create("hostfs");

	tcase_add_checked_fixture(t, kit_up, kit_down);
	tcase_add_test(t, over_and_under);
	tcase_add_test(t, flags);
	tcase_add_test(t, binds_and_moves);
	tcase_add_test(t, detached_while_used);
	tcase_add_test(t, pivoting);
	tcase_add_test(t, memory_devices);
	tcase_add_test(t, device_mappings);
	tcase_add_test(t, kernel_log_device);
	tcase_add_test(t, descriptors);
	suite_add_tcase(s, t);
	tcase_add_checked_fixture(h, host_up, host_down);
	tcase_add_test(h, host_files);
	tcase_add_test(h, host_replaces_a_file_in_use);
	tcase_add_test(h, host_mappings_are_copies);
	tcase_add_test(h, host_with_mounts_over_it);
	suite_add_tcase(s, h);
	return kit_run(s);
}
