/* SPDX-License-Identifier: MIT
 *
 * What /sys/class/mtd/mtdN/ says (drivers/mtd/mtdcore.c, mtdpart.c); mtd-utils look there.
 */
#include <stdio.h>
#include "emu/drivers/mtd.h"
#include "emu/fs/vfs.h"
#include "emu/sysfs/internal.h"

/* The device; its directory goes with it, but a file of that may still be open. */
static const struct mtd *mtd_of(const struct attribute *a)
{
	static const struct mtd gone = { .erasesize = 1 };
	const struct mtd *d = mtd_at(a->machine, vfs_minor(a->device.number) / 2);

	return d ? d : &gone;
}

int show_mtd_uevent(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\nDEVTYPE=mtd\n", vfs_major(a->device.number),
			vfs_minor(a->device.number), a->device.name);
}

int show_mtd_flags(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "0x%x\n", mtd_of(a)->flags);
}

int show_mtd_size(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%u\n", mtd_of(a)->size);
}

int show_mtd_erasesize(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%u\n", mtd_of(a)->erasesize);
}

int show_mtd_regions(const struct attribute *a, char *buf, size_t size)
{
	const struct mtd *d = mtd_of(a);

	return snprintf(buf, size, "%d\n", d == d->master);
}

int show_mtd_name(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%s\n", mtd_of(a)->name);
}

int show_mtd_offset(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%u\n", mtd_of(a)->offset);
}
