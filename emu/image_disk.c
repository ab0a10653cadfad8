/* SPDX-License-Identifier: MIT
 *
 * Booting from a disk: an image of ext2 (ext3, ext4), or one with partitions of which the first that is such a file system
 * becomes the root.  The disk is /dev/vda, to be written to unless its name ended in ":ro".
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "emu/fs/blkdev.h"
#include "emu/fs/internal.h"
#include "emu/image.h"
#include "emu/machine.h"

/* Fields of the superblock, which is at byte 1024. */
enum { SUPER = 1024, COMPAT = 0x5c, INCOMPAT = 0x60, RO_COMPAT = 0x64, MAGIC = 0x38 };

static uint32_t word(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool has_magic(const uint8_t *super)
{
	return super[MAGIC] == 0x53 && super[MAGIC + 1] == 0xef;
}

bool image_is_disk(const uint8_t *data, size_t size)
{
	if (size >= SUPER + 1024 && has_magic(data + SUPER))
		return true;
	/* A partition table: whether a disk of one sector is bootable is said at the same place by all. */
	return size > 1024 && data[510] == 0x55 && data[511] == 0xaa && !((data[446] | data[462] | data[478] | data[494]) & 0x7f);
}

/* What it is mounted as: the name by which it can be all that it is; NULL: nothing that we know. */
static const char *type_of(struct blkdev_node *n)
{
	uint8_t super[1024];

	if (n->dev.disk->size < SUPER + sizeof super || blkdev_read(n, super, sizeof super, SUPER) || !has_magic(super))
		return NULL;
	if ((word(super + INCOMPAT) & ~0x16u) || (word(super + RO_COMPAT) & ~3u))
		return "ext4";
	return word(super + COMPAT) & 4 ? "ext3" : "ext2";
}

int image_mount_disk(struct machine *m, bool read_only, const char **why)
{
	struct blkdev_node *disk = m->vfs->blkdevs, *n;
	const char *type = NULL;
	int err;

	while (disk && strcmp(disk->dev.name, "vda"))
		disk = disk->next;
	for (n = disk; n && (n == disk || n->whole == disk); n = n->next) {
		type = type_of(n);
		if (type)
			break;
	}
	*why = "a disk without a file system that could be the root";
	if (!type)
		return -EINVAL;
	err = image_mount(m, type, n->dev.dev, read_only);
	if (err == -EROFS && !read_only) {
		err = image_mount(m, type, n->dev.dev, true);
		*why = err ? strerror(-err) : "mounted read-only: it must be repaired by e2fsck first, or has features that are only read";
		return err ? err : 1;
	}
	*why = err ? strerror(-err) : NULL;
	return err;
}
