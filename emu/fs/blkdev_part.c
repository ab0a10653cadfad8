/* SPDX-License-Identifier: MIT
 *
 * The partitions of disks: which there are, and how they come and go (block/partitions/core.c).
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/blkdev.h"
#include "emu/fs/devfs.h"
#include "emu/fs/internal.h"
#include "emu/fs/partition.h"
#include "emu/kernel/klog.h"
#include "emu/sysfs/sysfs.h"

enum { EXTENDED_MAJOR = 259, EXTENDED_LAST = (1 << 20) - 1 };

/* The partition numbers of a disk follow its own; those for which no numbers are left have the major for all (blk_alloc_ext_minor()). */
static uint32_t choose_dev(const struct blkdev_node *disk, unsigned number)
{
	if (number < disk->dev.minors)
		return disk->dev.dev + number;
	return vfs_makedev(EXTENDED_MAJOR, disk->machine->vfs->next_ext_minor++ & EXTENDED_LAST);
}

static int add(struct blkdev_node *disk, unsigned number, uint64_t start, uint64_t size)
{
	struct blkdev_node **p = &disk->next, *n = calloc(1, sizeof *n);
	size_t len = strlen(disk->dev.name);
	int err = -ENOMEM;

	if (!n)
		return err;
	n->dev = disk->dev;
	n->dev.ops = NULL;
	snprintf(n->name, sizeof n->name, "%.20s%s%u", disk->dev.name, isdigit((unsigned char)disk->dev.name[len - 1]) ? "p" : "",
		 number);
	n->dev.name = n->name;
	n->dev.dev = choose_dev(disk, number);
	n->dev.whole_name = disk->dev.name;
	n->dev.whole_dev = disk->dev.dev;
	n->dev.partition = number;
	n->number = number;
	n->whole = disk;
	n->dev.disk = partition_new(disk->dev.disk, start, size);
	if (!n->dev.disk)
		goto fail;
	blkdev_init_node(n, disk->machine);
	n->dev.read_only = disk->dev.read_only;
	err = devfs_add_node(disk->machine, n->name, S_IFBLK | (n->dev.mode & 07777), n->dev.dev);
	if (err)
		goto fail_disk;
	while (*p && (*p)->whole == disk && (*p)->number < number)
		p = &(*p)->next;
	err = sysfs_add_disk(disk->machine, &n->dev);
	if (err)
		goto fail_node;
	n->next = *p;
	*p = n;
	return 0;
fail_node:
	sysfs_remove_disk(disk->machine, &n->dev);
	devfs_remove_node(disk->machine, n->name);
fail_disk:
	n->dev.disk->ops->free(n->dev.disk);
fail:
	free(n);
	return err;
}

/* Takes out the one that *p points to. */
static void drop(struct blkdev_node **p)
{
	struct blkdev_node *n = *p;

	*p = n->next;
	sysfs_remove_disk(n->machine, &n->dev);
	devfs_remove_node(n->machine, n->name);
	n->dev.disk->ops->free(n->dev.disk);
	free(n);
}

static void tell(const struct blkdev_node *disk)
{
	char text[400];
	int len = snprintf(text, sizeof text, " %s:", disk->dev.name);

	for (const struct blkdev_node *n = disk->next; n && n->whole == disk && len < (int)sizeof text - 40; n = n->next)
		len += snprintf(text + len, sizeof text - (size_t)len, " %s", n->name + strlen(disk->dev.name));
	klog(disk->machine, KLOG_INFO, "%s", text);
}

int blkdev_rescan(struct blkdev_node *disk)
{
	struct partition *table;
	int n, err = 0;

	if (disk->whole || disk->dev.disk->undivided)
		return -EINVAL;
	for (const struct blkdev_node *p = disk->next; p && p->whole == disk; p = p->next)
		if (p->users)
			return -EBUSY;
	table = malloc(PARTITIONS_MAX * sizeof *table);
	if (!table)
		return -ENOMEM;
	n = partitions_read(disk->dev.disk, table);
	if (n >= 0)
		while (disk->next && disk->next->whole == disk)
			drop(&disk->next);
	for (int i = 0; i < n && !err; i++)
		err = add(disk, table[i].number, table[i].start, table[i].size);
	free(table);
	if (n > 0)
		tell(disk);
	return n < 0 ? n : err;
}

int blkdev_add_partition(struct blkdev_node *disk, unsigned number, uint64_t start, uint64_t size)
{
	unsigned count = 0;

	for (const struct blkdev_node *n = disk->next; n && n->whole == disk; n = n->next) {
		uint64_t at = partition_start(n->dev.disk);

		if (n->number == number || (start < at + n->dev.disk->size && at < start + size))
			return -EBUSY;
		count++;
	}
	if (count == PARTITIONS_MAX || number >= 256 || disk->dev.disk->undivided)
		return -EINVAL;
	return add(disk, number, start, size);
}

int blkdev_remove_partition(struct blkdev_node *disk, unsigned number)
{
	struct blkdev_node **p = &disk->next;

	while (*p && (*p)->whole == disk && (*p)->number != number)
		p = &(*p)->next;
	if (!*p || (*p)->whole != disk)
		return -ENXIO;
	if ((*p)->users)
		return -EBUSY;
	drop(p);
	return 0;
}
