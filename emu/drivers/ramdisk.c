/* SPDX-License-Identifier: MIT */
#include "emu/drivers/ramdisk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "devices/ramdisk.h"
#include "emu/fs/vfs.h"
#include "emu/machine.h"

/* On the bus it is no more than a name for some of the RAM: the disk itself is the block layer's. */
static void part_free(struct device *d)
{
	free(d);
}

static const struct device_ops part_ops = { .compatible = "flat32,ramdisk", .free = part_free };

bool ramdisk_wanted(const struct machine_config *c)
{
	return c->ramdisk;
}

static int list_part(struct machine *m, const struct board_entry *e, uint32_t addr, uint32_t size)
{
	struct device *d = calloc(1, sizeof *d);
	int err;

	if (!d)
		return -ENOMEM;
	d->ops = &part_ops;
	snprintf(d->name, sizeof d->name, "%s", e->name);
	d->windows = 1;
	d->window[0] = (struct device_window){ .what = "RAM disk", .addr = addr, .size = size, .kind = DEVICE_PART };
	err = bus_add(board_bus(m), d);
	if (err)
		free(d);
	return err;
}

int ramdisk_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why)
{
	struct vfs_blkdev dev = { .dev = vfs_makedev(1, 0), .name = e->name, .driver = "ramdisk", .mode = 0600 };
	uint32_t size = c->ramdisk, addr;
	int err = mm_pages_get(m->mm, size / FLAT_PAGE_SIZE, &addr);

	(void)d;
	if (err) {
		mm_pages_missed(m->mm, size / FLAT_PAGE_SIZE);
		snprintf(why, BOARD_WHY, "%s (the RAM disk takes its memory from the RAM, in one piece)", strerror(-err));
		return err;
	}
	err = list_part(m, e, addr, size);
	if (err)
		return err;
	dev.disk = ramdisk_new(m->flat, addr, size);
	if (!dev.disk)
		return -ENOMEM;
	err = vfs_register_blkdev(m, &dev);
	if (err)
		dev.disk->ops->free(dev.disk);
	else
		m->ramdisk_size = size;
	return err;
}
