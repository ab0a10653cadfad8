/* SPDX-License-Identifier: MIT
 *
 * A machine with memory and file systems and nothing else, for the tests of emu/fs.
 */
#ifndef TESTS_UNIT_FS_KIT_H
#define TESTS_UNIT_FS_KIT_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/board.h"
#include "emu/fs/devfs.h"
#include "emu/fs/internal.h"
#include "emu/fs/ramfs.h"
#include "emu/host/clock.h"
#include "emu/kernel/klog.h"
#include "emu/machine.h"
#include "mm/mm.h"

#define KIT_RAM (16u << 20)

static struct machine *m;
static struct fs_context fs;
static struct vfs_cred root_cred = { .caps = VFS_ALL_CAPS };
static struct vfs_cred __attribute__((unused)) user_cred = { .uid = 1000, .gid = 1000 };
static struct walk w;		/* as root, following links, from fs.cwd */
static struct mm_stats at_start;

static bool kit_compat;		/* set before kit_up(): --compat linux-6.12 */

static void __attribute__((unused)) kit_up(void)
{
	struct mm_config mc = { .ram_base = FLAT_RAM_BASE, .ram_size = KIT_RAM, .nr_trim_pages = 1,
				.compat_linux = kit_compat };

	struct machine_config config = { .options.ram_size = KIT_RAM };
	char why[BOARD_WHY];

	m = calloc(1, sizeof *m);
	m->options.ram_size = KIT_RAM;
	m->options.compat_linux = kit_compat;
	m->options.log_level = -1;
	m->options.deterministic = true;
	ck_assert_int_eq(clocks_new(m), 0);
	ck_assert_int_eq(klog_new(m), 0);
	ck_assert_int_eq(flat_new(&m->flat), 0);
	ck_assert_int_eq(board_new(m, &config, why), 0);
	ck_assert_int_eq(mm_new(&m->mm, m->flat, &mc), 0);
	mm_get_stats(m->mm, &at_start);
	ck_assert_int_eq(vfs_new(m, &m->vfs), 0);
	ck_assert_int_eq(devfs_register(m), 0);
	fs_context_root(m, &fs);
	w = (struct walk){ .fs = &fs, .cred = &root_cred, .flags = WALK_FOLLOW };
}

/* Everything is given back: pages, names, inodes. */
static void __attribute__((unused)) kit_down(void)
{
	struct mm_stats now;

	path_put(&fs.root);
	path_put(&fs.cwd);
	vfs_free(m->vfs);
	mm_get_stats(m->mm, &now);
	ck_assert_uint_eq(now.free, at_start.free);
	ck_assert_ptr_null(mm_check(m->mm));
	mm_free(m->mm);
	board_free(m);
	flat_free(m->flat);
	klog_free(m);
	clocks_free(m);
	free(m);
}

static inline struct walk as(const struct vfs_cred *c)
{
	struct walk x = w;

	x.cred = c;
	return x;
}

/* The result of opening; the file is closed again. */
static inline int try_open(const struct walk *by, const char *path, uint32_t flags, uint32_t mode)
{
	struct file *f = NULL;
	int err = vfs_open(by, path, flags, mode, &f);

	if (f)
		file_put(f);
	return err;
}

static inline struct file *must_open(const char *path, uint32_t flags)
{
	struct file *f = NULL;

	ck_assert_msg(vfs_open(&w, path, flags, 0644, &f) == 0, "open %s", path);
	return f;
}

static inline void put_file(const char *path, const void *data, size_t len)
{
	struct file *f = must_open(path, FO_RDWR | FO_CREAT | FO_TRUNC);

	ck_assert_int_eq(file_write(f, data, len, NULL), (int64_t)len);
	file_put(f);
}

static inline void put_text(const char *path, const char *text)
{
	put_file(path, text, strlen(text));
}

/* The whole of a short file. */
static inline const char *text_of(const char *path)
{
	static char buf[4096];
	struct file *f = must_open(path, FO_RDONLY);
	int64_t n = file_read(f, buf, sizeof buf - 1, NULL);

	file_put(f);
	ck_assert_int_ge(n, 0);
	buf[n] = 0;
	return buf;
}

static inline int walk_to(const char *path)
{
	struct path_ref p;
	int err = vfs_walk(&w, path, &p, NULL);

	if (!err)
		path_put(&p);
	return err;
}

/* What is at the path, without following a last link. The test must not keep it. */
static inline struct inode *at(const char *path)
{
	struct walk x = w;
	struct path_ref p;
	struct inode *i;

	x.flags = 0;
	ck_assert_msg(vfs_walk(&x, path, &p, NULL) == 0, "no %s", path);
	i = p.dentry->inode;
	path_put(&p);
	return i;
}

static inline int mount_at_path(const char *type, const char *path, uint32_t flags, const char *options)
{
	struct path_ref p;
	int err = vfs_walk(&w, path, &p, NULL);

	if (err)
		return err;
	err = vfs_mount(m, type, type, &p, flags, options);
	path_put(&p);
	return err;
}

static inline int umount_path(const char *path, unsigned flags)
{
	struct path_ref p;
	int err = vfs_walk(&w, path, &p, NULL);

	if (err)
		return err;
	err = vfs_umount(m, &p, flags);
	path_put(&p);
	return err;
}

static inline int kit_run(Suite *s)
{
	SRunner *r = srunner_create(s);
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}

#endif
