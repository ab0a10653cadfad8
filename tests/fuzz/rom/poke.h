/* SPDX-License-Identifier: MIT
 *
 * What the fuzzer of romfs and cramfs and the unit test do with an image: write it to a RAM disk, mount it, look at all there is,
 * read, map, change it meanwhile, and take it away again.  Whatever the bytes are, each call must answer, memory must stay sound,
 * and all must be given back.
 *
 * The last byte of an image says how: bit 0 cramfs, bit 1 sums are made right first, bit 2 it is changed in between.
 */
#ifndef TESTS_FUZZ_ROM_POKE_H
#define TESTS_FUZZ_ROM_POKE_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "devices/ramdisk.h"
#include "emu/fs/cramfs.h"
#include "emu/fs/devfs.h"
#include "emu/fs/internal.h"
#include "emu/fs/romfs.h"
#include "emu/host/clock.h"
#include "emu/kernel/klog.h"
#include "mm/mm.h"

#define POKE_RAM (8u << 20)
#define POKE_DISK (256u << 10)

static struct machine poke_m;
static uint8_t *poke_disk;
static uint32_t poke_addr;
static uint64_t poke_free;
static struct mm_space *poke_space;

static void must(int good, const char *what)
{
	if (!good) {
		fprintf(stderr, "romfs, cramfs: %s\n", what);
		abort();
	}
}

static uint64_t poke_free_bytes(void)
{
	struct mm_stats st;

	mm_get_stats(poke_m.mm, &st);
	return st.free;
}

/* The machine, once; the file systems are made anew for each image. */
static void poke_power_on(void)
{
	struct mm_config mc = { .ram_base = FLAT_RAM_BASE, .ram_size = POKE_RAM, .nr_trim_pages = 1 };

	if (poke_m.mm)
		return;
	poke_m.options.ram_size = POKE_RAM;
	poke_m.options.log_level = -1;
	poke_m.options.deterministic = true;
	must(!clocks_new(&poke_m) && !klog_new(&poke_m) && !flat_new(&poke_m.flat) &&
	     !flat_commit(poke_m.flat, FLAT_RAM_BASE, POKE_RAM) && !mm_new(&poke_m.mm, poke_m.flat, &mc), "no machine");
	must(!mm_pages_get(poke_m.mm, POKE_DISK / FLAT_PAGE_SIZE, &poke_addr) && !mm_space_new(poke_m.mm, &poke_space), "no disk");
	poke_disk = flat_span_write(poke_m.flat, poke_addr, POKE_DISK);
	poke_free = poke_free_bytes();
}

static void poke_seal(void)
{
	uint32_t sum = 0;

	memset(poke_disk + 12, 0, 4);
	for (int i = 0; i < 512; i += 4)
		sum += (uint32_t)poke_disk[i] << 24 | (uint32_t)poke_disk[i + 1] << 16 | (uint32_t)poke_disk[i + 2] << 8 |
		       poke_disk[i + 3];
	for (int i = 0; i < 4; i++)
		poke_disk[12 + i] = (uint8_t)((0 - sum) >> (24 - 8 * i));
}

struct poke_names { char name[64][256]; unsigned n, seen; };

static int poke_fill(void *ctx, const char *name, size_t len, uint64_t ino, unsigned type, uint64_t next)
{
	struct poke_names *all = ctx;

	(void)ino;
	(void)type;
	(void)next;
	must(len > 0 && len <= 255 && !memchr(name, '/', len), "a name that cannot be one");
	if (len > 2 && !memchr(name, 0, len) && all->n < 64) {
		memcpy(all->name[all->n], name, len);
		all->name[all->n++][len] = 0;
	}
	return ++all->seen > 5000;
}

static void poke_map(struct file *f, uint32_t pages, uint64_t pgoff, uint32_t flags)
{
	struct mm_map q = { .len = pages * FLAT_PAGE_SIZE, .prot = 1, .flags = flags, .pgoff = pgoff, .source = f->source,
			    .readable = true };
	uint32_t addr;
	int err = mm_mmap(poke_space, &q, &addr);

	must(err <= 0 && err > -4096, "not an errno");
	if (err)
		return;
	must(flat_span(poke_m.flat, addr, q.len) != NULL, "a mapping of nothing");
	if (flags == 1)
		must(addr >= poke_addr && addr - poke_addr + q.len <= POKE_DISK, "a shared mapping outside of the disk");
	must(!mm_munmap(poke_space, addr, q.len), "cannot be unmapped");
}

static void poke_file(struct file *f)
{
	static uint8_t buf[20000];
	uint64_t pos;

	for (unsigned i = 0; i < 4; i++) {
		int64_t n;

		pos = i == 3 && f->inode->size > 100 ? f->inode->size - 100 : i * 9999;
		n = file_read(f, buf, sizeof buf, &pos);
		must(n <= (int64_t)sizeof buf && n > -4096, "not a length");
	}
	poke_map(f, 1, 0, 2);
	poke_map(f, 3, 1, 2);
	for (uint32_t i = 0; i < 4; i++)
		poke_map(f, i + 1, i / 2, 1);
}

static void poke_dir(struct walk *w, const char *path, unsigned depth, unsigned *budget);

static void poke_one(struct walk *w, const char *path, unsigned depth, unsigned *budget)
{
	struct path_ref p;
	struct file *f;
	char target[4096];
	uint32_t type;
	int err;

	w->flags = 0;
	err = vfs_walk(w, path, &p, NULL);
	if (err)
		return;
	type = p.dentry->inode->mode & S_IFMT;
	if (type == S_IFLNK) {
		err = p.dentry->inode->ops->readlink(p.dentry->inode, target, sizeof target - 1);
		must(err < (int)sizeof target, "a target too long");
	}
	if (type == S_IFREG && !vfs_open_path(&p, FO_RDONLY, w->cred, &f)) {
		poke_file(f);
		file_put(f);
	}
	path_put(&p);
	if (type == S_IFDIR && depth < 6)
		poke_dir(w, path, depth + 1, budget);
}

static void poke_dir(struct walk *w, const char *path, unsigned depth, unsigned *budget)
{
	struct poke_names *all = calloc(1, sizeof *all);
	struct file *f;
	char below[4096];

	must(all != NULL, "no memory");
	if (!vfs_open(w, path, FO_RDONLY | FO_DIRECTORY, 0, &f)) {
		file_readdir(f, all, poke_fill);
		f->pos = all->seen * 97 + 3;
		file_readdir(f, all, poke_fill);
		file_put(f);
	}
	for (unsigned i = 0; i < all->n && *budget; i++) {
		--*budget;
		if (snprintf(below, sizeof below, "%s/%s", path, all->name[i]) < (int)sizeof below)
			poke_one(w, below, depth, budget);
	}
	free(all);
}

static void poke_mounted(struct walk *w, const uint8_t *data, size_t size, bool change)
{
	unsigned budget = 100;

	poke_dir(w, "/mnt", 0, &budget);
	if (!change)
		return;
	/* Somebody writes to the device: all of it moves a little. */
	memmove(poke_disk + 512, poke_disk + 516, POKE_DISK - 516);
	budget = 50;
	poke_dir(w, "/mnt", 0, &budget);
	memcpy(poke_disk, data, size);
	budget = 20;
	poke_dir(w, "/mnt", 0, &budget);
}

static void poke(const uint8_t *data, size_t size)
{
	static const struct vfs_cred root = { .caps = VFS_ALL_CAPS };
	struct vfs_blkdev ram = { .dev = 1 << 8, .name = "ram0", .driver = "ramdisk", .mode = 0600 };
	struct fs_context fs;
	struct walk w = { .fs = &fs, .cred = &root, .flags = WALK_FOLLOW };
	struct path_ref p;
	uint8_t how;
	int err;

	if (!size)
		return;
	poke_power_on();
	how = data[--size];
	size = size < POKE_DISK ? size : POKE_DISK;
	must(!vfs_new(&poke_m, &poke_m.vfs) && !romfs_register(&poke_m) && !cramfs_register(&poke_m), "no file systems");
	fs_context_root(&poke_m, &fs);
	ram.disk = ramdisk_new(poke_m.flat, poke_addr, POKE_DISK);
	must(ram.disk && !vfs_register_blkdev(&poke_m, &ram), "no device");
	must(!vfs_mkdir(&w, "/mnt", 0755) && !vfs_mknod(&w, "/ram", S_IFBLK | 0600, 1 << 8), "no place");
	memcpy(poke_disk, data, size);
	if ((how & 3) == 2)
		poke_seal();
	must(!vfs_walk(&w, "/mnt", &p, NULL), "no place");
	err = vfs_mount(&poke_m, how & 1 ? "cramfs" : "romfs", "/ram", &p, 0, NULL);
	path_put(&p);
	must(err <= 0 && err > -4096, "not an errno");
	if (!err)
		poke_mounted(&w, data, size, how & 4);
	w.flags = WALK_FOLLOW;
	must(!vfs_walk(&w, "/mnt", &p, NULL), "the place has gone");
	if (!err)
		must(!vfs_umount(&poke_m, &p, 0), "cannot be unmounted");
	path_put(&p);
	path_put(&fs.root);
	path_put(&fs.cwd);
	vfs_free(poke_m.vfs);
	poke_m.vfs = NULL;
	must(poke_free_bytes() == poke_free, "pages were lost");
	must(!mm_check(poke_m.mm), "memory is damaged");
}

#endif
