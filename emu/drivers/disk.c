/* SPDX-License-Identifier: MIT */
#include "emu/drivers/disk.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/fs/vfs.h"
#include "emu/kernel/klog.h"
#include "emu/machine.h"

/* What register_blkdev() gives the first driver that asks for no number; each disk has 16 (virtio_blk.c, PART_BITS). */
enum { VIRTBLK_MAJOR = 254, MINORS = 16, DISKS_MAX = 26 };

static int count(void *ctx, const struct vfs_blkdev *d, const struct vfs_blkstat *stat)
{
	(void)stat;
	*(unsigned *)ctx += vfs_major(d->dev) == VIRTBLK_MAJOR && !d->partition;
	return 0;
}

/* --- On the board: no window, so it is no more than a line in the list, and in a dump --- */

struct listed {
	struct device dev;
	const struct block_device *disk;	/* the block layer's */
	char path[];
};

static void listed_dump(struct device *d, FILE *out)
{
	const struct listed *l = (struct listed *)(void *)d;

	fprintf(out, "%llu sectors, %s, in %s\n", (unsigned long long)l->disk->size / BLOCK_SECTOR,
		l->disk->read_only ? "read-only" : "can be written", l->path);
}

static void listed_free(struct device *d)
{
	free(d);
}

static const struct device_ops listed_ops = { .compatible = "flat32,disk", .dump = listed_dump, .free = listed_free };

static int list(struct machine *m, const char *name, const char *path, const struct block_device *disk)
{
	struct listed *l = calloc(1, sizeof *l + strlen(path) + 1);
	int err;

	if (!l)
		return -ENOMEM;
	l->dev.ops = &listed_ops;
	snprintf(l->dev.name, sizeof l->dev.name, "%s", name);
	l->disk = disk;
	strcpy(l->path, path);
	err = bus_add(board_bus(m), &l->dev);
	if (err)
		free(l);
	return err;
}

int disk_attach(struct machine *m, const char *path, bool read_only, char why[DISK_WHY])
{
	struct vfs_blkdev dev = { .driver = "virtblk", .mode = 0600, .minors = MINORS };
	char name[8];
	unsigned n = 0;
	int err;

	vfs_walk_blkdevs(m, count, &n);
	if (n == DISKS_MAX) {
		snprintf(why, DISK_WHY, "there are 26 disks already");
		return -ENOSPC;
	}
	err = disk_open(path, read_only, &dev.disk, why);
	if (err)
		return err;
	/* Over ulimit -f a write is to be an error of the disk, not the end of the machine. */
	signal(SIGXFSZ, SIG_IGN);
	snprintf(name, sizeof name, "vd%c", 'a' + (int)n);
	dev.name = name;
	dev.dev = vfs_makedev(VIRTBLK_MAJOR, n * MINORS);
	klog(m, KLOG_INFO, "%s: %llu 512-byte logical blocks%s", name, (unsigned long long)dev.disk->size / BLOCK_SECTOR,
	     read_only ? ", write-protected" : "");
	err = vfs_register_blkdev(m, &dev);
	if (err) {
		snprintf(why, DISK_WHY, "%s", strerror(-err));
		dev.disk->ops->free(dev.disk);
		return err;
	}
	err = list(m, name, path, dev.disk);
	if (err)
		snprintf(why, DISK_WHY, "%s", strerror(-err));
	return err;
}

bool disks_wanted(const struct machine_config *c)
{
	return c->disks && *c->disks;
}

static bool cut(char *text, const char *suffix)
{
	size_t n = strlen(text), len = strlen(suffix);

	if (n <= len || strcmp(text + n - len, suffix))
		return false;
	text[n - len] = 0;
	return true;
}

int disks_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why)
{
	int err = 0;

	(void)e;
	(void)d;
	for (char *const *text = c->disks; *text && !err; text++) {
		char path[PATH_MAX], reason[DISK_WHY];
		bool read_only;

		if (snprintf(path, sizeof path, "%s", *text) >= (int)sizeof path)
			return -ENAMETOOLONG;
		read_only = cut(path, ":ro");
		if (!read_only)
			cut(path, ":rw");
		err = disk_attach(m, path, read_only, reason);
		if (err)
			snprintf(why, BOARD_WHY, "%.60s: %.90s", *text, reason);
	}
	return err;
}
