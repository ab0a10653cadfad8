/* SPDX-License-Identifier: MIT */
#include "emu/drivers/rom.h"

#include <errno.h>
#include "devices/rom.h"
#include "emu/fs/vfs.h"
#include "emu/machine.h"

bool rom_wanted(const struct machine_config *c)
{
	return c->rom;
}

int rom_make(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device **out, char *why)
{
	if (c->rom_size > ROM_MAX) {
		snprintf(why, BOARD_WHY, "an image of %zu MiB; the ROM has room for %u MiB", c->rom_size >> 20, ROM_MAX >> 20);
		return -EFBIG;
	}
	return rom_new(m->flat, e->name, e->addr[0], c->rom, c->rom_size, out);
}

int rom_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why)
{
	struct vfs_blkdev dev = { .dev = ROM_DEV, .name = e->name, .driver = "rom", .mode = 0400, .disk = rom_block(d) };
	int err;

	(void)c;
	(void)why;
	if (!dev.disk)
		return -ENOMEM;
	err = vfs_register_blkdev(m, &dev);
	if (err)
		dev.disk->ops->free(dev.disk);
	return err;
}
