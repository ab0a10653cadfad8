/* SPDX-License-Identifier: MIT
 *
 * What /sys/block/NAME/ and its partitions' directories say (block/genhd.c, block/partitions/core.c).
 */
#include <stdio.h>
#include "devices/block.h"
#include "emu/fs/partition.h"
#include "emu/fs/vfs.h"
#include "emu/sysfs/internal.h"

struct find { uint32_t number; const struct vfs_blkdev *disk; const struct vfs_blkstat *stat; };

static int find_disk(void *ctx, const struct vfs_blkdev *d, const struct vfs_blkstat *stat)
{
	struct find *f = ctx;

	if (d->dev != f->number)
		return 0;
	f->disk = d;
	f->stat = stat;
	return 1;
}

static struct find disk_of(const struct attribute *a)
{
	struct find f = { .number = a->device.number };

	vfs_walk_blkdevs(a->machine, find_disk, &f);
	return f;
}

int show_disk_uevent(const struct attribute *a, char *buf, size_t size)
{
	const struct sys_device *d = &a->device;

	return snprintf(buf, size, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\nDEVTYPE=disk\nDISKSEQ=1\n", vfs_major(d->number),
			vfs_minor(d->number), d->name);
}

int show_read_only(const struct attribute *a, char *buf, size_t size)
{
	struct find f = disk_of(a);

	return snprintf(buf, size, "%d\n", f.disk && f.disk->read_only);
}

int show_partition(const struct attribute *a, char *buf, size_t size)
{
	struct find f = disk_of(a);

	return snprintf(buf, size, "%u\n", f.disk ? f.disk->partition : 0);
}

int show_start(const struct attribute *a, char *buf, size_t size)
{
	struct find f = disk_of(a);

	return snprintf(buf, size, "%llu\n", f.disk && f.disk->partition ?
			(unsigned long long)partition_start(f.disk->disk) / BLOCK_SECTOR : 0);
}

int show_part_uevent(const struct attribute *a, char *buf, size_t size)
{
	const struct sys_device *d = &a->device;
	struct find f = disk_of(a);

	return snprintf(buf, size, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\nDEVTYPE=partition\nDISKSEQ=1\nPARTN=%u\n",
			vfs_major(d->number), vfs_minor(d->number), d->name, f.disk ? f.disk->partition : 0);
}

int show_minors(const struct attribute *a, char *buf, size_t size)
{
	struct find f = disk_of(a);

	return snprintf(buf, size, "%u\n", f.disk && f.disk->minors ? f.disk->minors : 1);
}

int show_physical(const struct attribute *a, char *buf, size_t size)
{
	struct find f = disk_of(a);

	return snprintf(buf, size, "%u\n", f.disk && f.disk->disk->physical ? f.disk->disk->physical : BLOCK_SECTOR);
}

int show_rotational(const struct attribute *a, char *buf, size_t size)
{
	struct find f = disk_of(a);

	return snprintf(buf, size, "%d\n", f.disk && f.disk->disk->rotational);
}

int show_sectors(const struct attribute *a, char *buf, size_t size)
{
	struct find f = disk_of(a);

	return snprintf(buf, size, "%llu\n", f.disk ? (unsigned long long)f.disk->disk->size / 512 : 0);
}

/* Nothing takes time, is merged, discarded or flushed. */
int show_disk_stat(const struct attribute *a, char *buf, size_t size)
{
	struct find f = disk_of(a);

	if (!f.disk)
		return 0;
	return snprintf(buf, size, "%8llu %8u %8llu %8u %8llu %8u %8llu %8u %8u %8u %8u %8u %8u %8u %8u %8u %8u\n",
			(unsigned long long)f.stat->reads, 0, (unsigned long long)f.stat->sectors_read, 0,
			(unsigned long long)f.stat->writes, 0, (unsigned long long)f.stat->sectors_written, 0, 0, 0, 0, 0, 0, 0,
			0, 0, 0);
}
