/* SPDX-License-Identifier: MIT
 *
 * Any bytes as an initial image: cpio_unpack() must answer, leave memory sound, and all must be given back.
 * The last byte of the input says how it is given: bit 0 as it is, or compressed first.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>
#include "emu/fs/devfs.h"
#include "emu/fs/internal.h"
#include "emu/host/clock.h"
#include "emu/kernel/klog.h"
#include "mm/mm.h"
#include "tests/fuzz/fs.h"

#define RAM (4u << 20)

static struct machine m;
static uint64_t free_at_start;

static void must(int good, const char *what)
{
	if (!good) {
		fprintf(stderr, "fuzz_cpio: %s\n", what);
		abort();
	}
}

static uint64_t free_bytes(void)
{
	struct mm_stats st;

	mm_get_stats(m.mm, &st);
	return st.free;
}

static void power_on(void)
{
	struct mm_config mc = { .ram_base = FLAT_RAM_BASE, .ram_size = RAM, .nr_trim_pages = 1 };

	if (m.mm)
		return;
	m.options.ram_size = RAM;
	m.options.log_level = -1;
	m.options.deterministic = true;
	must(!clocks_new(&m) && !klog_new(&m) && !flat_new(&m.flat) && !flat_commit(m.flat, FLAT_RAM_BASE, RAM) &&
	     !mm_new(&m.mm, m.flat, &mc), "cannot make the machine");
	free_at_start = free_bytes();
}

/* Reads every file and directory there is, by way of the public calls. */
static int visit(void *ctx, const char *name, size_t len, uint64_t ino, unsigned type, uint64_t next)
{
	unsigned *depth = ctx;

	(void)name;
	(void)ino;
	(void)type;
	(void)next;
	must(len > 0 && len <= 255, "a name of impossible length");
	++*depth;
	return 0;
}

static void look_around(struct dentry *dir, unsigned depth)
{
	struct dentry *d;
	uint64_t at = 0;

	while (depth < 30 && (d = dentry_from(dir, at))) {
		struct path_ref p = { vfs_root_mount(&m), d };
		struct file *f;
		unsigned n = 0;

		at = d->cookie + 1;
		must(!strchr(d->name, '/') && strcmp(d->name, ".") && strcmp(d->name, ".."), "a bad name");
		if (S_ISREG(d->inode->mode) || S_ISDIR(d->inode->mode)) {
			char buf[512];

			must(!vfs_open_path(&p, FO_RDONLY, NULL, &f), "cannot open what was made");
			if (S_ISREG(d->inode->mode))
				must(file_read(f, buf, sizeof buf, NULL) >= 0, "cannot read what was made");
			else
				must(!file_readdir(f, &n, visit), "cannot list what was made");
			file_put(f);
		}
		look_around(d, depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fs_context fs;
	struct vfs *v;
	uint8_t *packed = NULL;
	char why[160];
	int err;

	if (!size)
		return 0;
	power_on();
	must(!vfs_new(&m, &v), "vfs_new");
	fs_context_root(&m, &fs);
	if (data[--size] & 1) {
		z_stream z = { .next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)size };

		packed = malloc(size + 1024);
		must(packed && deflateInit2(&z, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib");
		z.next_out = packed;
		z.avail_out = (uInt)size + 1024;
		must(deflate(&z, Z_FINISH) == Z_STREAM_END, "deflate");
		deflateEnd(&z);
		data = packed;
		size = size + 1024 - z.avail_out;
	}
	memset(why, 'x', sizeof why);
	err = cpio_unpack(&m, &fs.root, data, size, why);
	must(memchr(why, 0, sizeof why) != NULL, "an endless sentence");
	must((err == 0) == (*why == 0), "a reason without an error, or an error without a reason");
	must(err <= 0 && err > -4096, "not an errno");
	look_around(fs.root.dentry, 0);
	free(packed);
	path_put(&fs.root);
	path_put(&fs.cwd);
	must(v->charged > 0, "nothing charged");
	vfs_free(v);
	m.vfs = NULL;
	must(free_bytes() == free_at_start, "pages were lost");
	must(!mm_check(m.mm), "memory is damaged");
	return 0;
}
