/* SPDX-License-Identifier: MIT */
#include "emu/drivers/mtd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/drivers/flash.h"
#include "emu/drivers/mtd_private.h"
#include "emu/fs/devfs.h"
#include "emu/fs/vfs.h"
#include "emu/kernel/klog.h"
#include "emu/kernel/machine.h"
#include "emu/sysfs/sysfs.h"

/* What a device or a partition costs: see vfs_charge(). */
#define COST_MTD (sizeof(struct mtd) + 4096)

struct mtds {
	struct mtd *at[MTD_DEVICES_MAX];	/* by number */
	struct mtd *masters[MTD_DEVICES_MAX];
	unsigned nr_masters;
};

/* --- The list --- */

struct mtd *mtd_from(struct machine *m, unsigned index)
{
	for (; m->mtds && index < MTD_DEVICES_MAX; index++)
		if (m->mtds->at[index])
			return m->mtds->at[index];
	return NULL;
}

struct mtd *mtd_at(struct machine *m, unsigned index)
{
	return m->mtds && index < MTD_DEVICES_MAX ? m->mtds->at[index] : NULL;
}

struct mtd *mtd_by_name(struct machine *m, const char *name)
{
	struct mtd *d = mtd_from(m, 0);

	while (d && strcmp(d->name, name))
		d = mtd_from(m, d->index + 1);
	return d;
}

uint32_t mtd_memory(const struct mtd *d)
{
	return flash_device(d->flash)->window[FLASH_DATA].addr + d->offset;
}

const uint8_t *mtd_bytes(const struct mtd *d)
{
	return flash_array(d->flash) + d->offset;
}

/* --- Numbers and nodes --- */

static void node_names(const struct mtd *d, char rw[16], char ro[16])
{
	snprintf(rw, 16, "mtd%u", d->index);
	snprintf(ro, 16, "mtd%uro", d->index);
}

static int add_nodes(struct mtd *d)
{
	uint32_t rw = vfs_makedev(MTD_CHAR_MAJOR, 2 * d->index), ro = vfs_makedev(MTD_CHAR_MAJOR, 2 * d->index + 1);
	char name[16], name_ro[16];
	int err;

	node_names(d, name, name_ro);
	err = devfs_add_node(d->machine, name, 020600, rw);
	if (!err)
		err = devfs_add_node(d->machine, name_ro, 020600, ro);
	if (!err)
		err = sysfs_add_mtd(d->machine, d->index);
	return err;
}

static void remove_nodes(struct mtd *d)
{
	char name[16], name_ro[16];

	node_names(d, name, name_ro);
	sysfs_remove_mtd(d->machine, d->index);
	devfs_remove_node(d->machine, name_ro);
	devfs_remove_node(d->machine, name);
}

/* add_mtd_device(): gives it a number, and its devices.  0, -ENOSPC, -ENOMEM. */
static int list(struct mtd *d)
{
	struct mtds *s = d->machine->mtds;
	int err;

	while (d->index < MTD_DEVICES_MAX && s->at[d->index])
		d->index++;
	if (d->index == MTD_DEVICES_MAX)
		return -ENOSPC;
	s->at[d->index] = d;
	d->listed = true;
	if ((d->flags & MTD_WRITEABLE_) && (d->flags & MTD_POWERUP_LOCK_) && flash_lock(d->flash, d->offset, d->size, false))
		klog(d->machine, KLOG_WARNING, "%s: unlock failed, writes may not work", d->name);
	err = mtd_block_add(d);
	if (!err)
		err = add_nodes(d);
	if (err) {
		remove_nodes(d);
		mtd_block_remove(d);
		s->at[d->index] = NULL;
		d->listed = false;
	}
	return err;
}

/* --- Devices --- */

static struct mtd *new_mtd(struct machine *m, struct flash *f, const char *name)
{
	struct mtd *d = NULL;

	if (vfs_charge(m, COST_MTD))
		return NULL;
	d = calloc(1, sizeof *d);
	if (!d) {
		vfs_uncharge(m, COST_MTD);
		return NULL;
	}
	d->machine = m;
	d->flash = f;
	d->master = d;
	d->refs = 1;
	d->erasesize = flash_geometry(f)->erase;
	snprintf(d->name, sizeof d->name, "%s", name);
	mtd_char_source(d);
	return d;
}

static void free_mtd(struct mtd *d)
{
	vfs_uncharge(d->machine, COST_MTD);
	free(d);
}

struct mtd *mtd_get(struct mtd *d)
{
	d->refs++;
	return d;
}

/* mtd_device_release(): only now are its number and its nodes free. */
void mtd_put(struct mtd *d)
{
	if (--d->refs || d == d->master)
		return;
	if (d->listed) {
		remove_nodes(d);
		d->machine->mtds->at[d->index] = NULL;
	}
	free_mtd(d);
}

/* --- Partitions --- */

static void force_read_only(struct mtd *d, const char *where)
{
	d->flags &= ~(uint32_t)MTD_WRITEABLE_;
	klog(d->machine, KLOG_WARNING, "mtd: partition \"%s\" doesn't %s -- force read-only", d->name, where);
}

/* allocate_partition(): what is wrong with it is put right, and said. */
static void fit(struct mtd *d, const struct mtd_part *part)
{
	const struct mtd *master = d->master;
	uint64_t end = (uint64_t)part->offset + part->size;

	d->flags = master->flags & ~((part->read_only ? (uint32_t)MTD_WRITEABLE_ : 0) |
				     (part->locked ? (uint32_t)MTD_POWERUP_LOCK_ : 0));
	klog(d->machine, KLOG_NOTICE, "0x%012llx-0x%012llx : \"%s\"", (unsigned long long)part->offset,
	     (unsigned long long)end, d->name);
	if (part->offset >= master->size) {
		klog(d->machine, KLOG_ERR, "mtd: partition \"%s\" is out of reach -- disabled", d->name);
		return;
	}
	d->offset = part->offset;
	d->size = part->size;
	if (end > master->size) {
		d->size = master->size - part->offset;
		klog(d->machine, KLOG_WARNING, "mtd: partition \"%s\" extends beyond the end of device \"%s\" -- size truncated to %#x",
		     d->name, master->name, d->size);
	}
	if ((d->flags & MTD_WRITEABLE_) && d->offset % d->erasesize)
		force_read_only(d, "start on an erase/write block boundary");
	if ((d->flags & MTD_WRITEABLE_) && (d->offset + d->size) % d->erasesize)
		force_read_only(d, "end on an erase/write block");
}

int mtd_add_part(struct mtd *master, const struct mtd_part *part)
{
	struct mtd *d = new_mtd(master->machine, master->flash, part->name);
	int err;

	if (!d)
		return -ENOMEM;
	d->master = master;
	fit(d, part);
	err = list(d);
	if (err)
		free_mtd(d);
	return err;
}

int mtd_del_part(struct mtd *master, unsigned index)
{
	struct mtd *d = mtd_at(master->machine, index);

	if (!d || d->master != master || d == master || d->deleted)
		return -EINVAL;
	d->deleted = true;
	mtd_block_remove(d);
	mtd_put(d);
	return 0;
}

static int add_one(void *ctx, const struct mtd_part *part)
{
	return mtd_add_part(ctx, part);
}

static int count_one(void *ctx, const struct mtd_part *part)
{
	(void)ctx;
	(void)part;
	return 0;
}

int mtd_add_flash(struct machine *m, struct flash *f, const char *parts, char why[160])
{
	const struct flash_geometry *g = flash_geometry(f);
	struct mtds *s = m->mtds;
	struct mtd *d;
	int nr = 0;

	if (s->nr_masters == MTD_DEVICES_MAX)
		return -ENOSPC;
	d = new_mtd(m, f, flash_device(f)->name);
	if (!d)
		return -ENOMEM;
	s->masters[s->nr_masters++] = d;
	d->size = g->size;
	/* Intel's chips are locked at power-on (fixup_unlock_powerup_lock()). */
	d->flags = MTD_BIT_WRITEABLE_ | (g->writable ? (uint32_t)MTD_WRITEABLE_ : 0) |
		   (g->set == FLASH_INTEL ? (uint32_t)MTD_POWERUP_LOCK_ : 0);
	if (parts)
		nr = mtd_parts(parts, d->name, d->size, count_one, NULL, why);
	if (parts && !nr)
		klog(m, KLOG_WARNING, "mtd: no partitions are asked for on \"%s\"", d->name);
	if (nr <= 0)
		return nr ? nr : list(d);
	klog(m, KLOG_NOTICE, "Creating %d MTD partitions on \"%s\":", nr, d->name);
	nr = mtd_parts(parts, d->name, d->size, add_one, d, why);
	return nr < 0 ? nr : 0;
}

/* --- The driver --- */

int mtd_register(struct machine *m)
{
	const struct vfs_chrdev dev = {
		.dev = vfs_makedev(MTD_CHAR_MAJOR, 0), .minors = 2 * MTD_DEVICES_MAX, .name = "mtd", .mode = 0600, .fops = &mtd_fops,
	};

	m->mtds = calloc(1, sizeof *m->mtds);
	return m->mtds ? vfs_register_chrdev(m, &dev) : -ENOMEM;
}

void mtd_settle(struct machine *m)
{
	for (unsigned i = 0; m->mtds && i < m->mtds->nr_masters; i++)
		flash_hurry(m->mtds->masters[i]->flash);
}

void mtd_free(struct machine *m)
{
	struct mtds *s = m->mtds;

	if (!s)
		return;
	for (unsigned i = 0; i < MTD_DEVICES_MAX; i++)
		if (s->at[i] && s->at[i] != s->at[i]->master)
			free(s->at[i]);
	for (unsigned i = 0; i < s->nr_masters; i++)
		free(s->masters[i]);
	free(s);
	m->mtds = NULL;
}
