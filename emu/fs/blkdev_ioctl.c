/* SPDX-License-Identifier: MIT
 *
 * The ioctls of block devices (block/ioctl.c).
 */
#include <errno.h>
#include <string.h>
#include "emu/fs/blkdev.h"
#include "emu/fs/internal.h"
#include "emu/fs/partition.h"
#include "emu/kernel/files.h"
#include "emu/kernel/task.h"
#include "emu/sys/user.h"

static struct blkdev_node *node_of(const struct file *f)
{
	return f->private;
}

enum {
	HDIO_GETGEO_ = 0x0301,
	BLKROSET_ = 0x125d, BLKROGET_ = 0x125e, BLKRRPART_ = 0x125f, BLKGETSIZE_ = 0x1260, BLKFLSBUF_ = 0x1261,
	BLKRASET_ = 0x1262, BLKRAGET_ = 0x1263, BLKSECTGET_ = 0x1267, BLKSSZGET_ = 0x1268, BLKPG_ = 0x1269, BLKDISCARD_ = 0x1277,
	BLKIOMIN_ = 0x1278, BLKIOOPT_ = 0x1279, BLKALIGNOFF_ = 0x127a, BLKPBSZGET_ = 0x127b, BLKDISCARDZEROES_ = 0x127c,
	BLKROTATIONAL_ = 0x127e, BLKZEROOUT_ = 0x127f,
};
/* Numbers with the size of a riscv32 size_t in them. */
#define BLKBSZGET_ 0x80041270u
#define BLKBSZSET_ 0x40041271u
#define BLKGETSIZE64_ 0x80041272u

#define CAP_SYS_ADMIN_ 21
#define READ_AHEAD 256u		/* sectors: the kernel's default */

static int64_t put16(struct task *t, uint32_t addr, uint16_t value)
{
	return user_write(t, addr, &value, sizeof value) ? -EFAULT : 0;
}

/* BLKDISCARD and BLKZEROOUT: offset and length, both of whole sectors. */
static int64_t clear_range(struct file *f, struct task *t, uint32_t arg)
{
	struct blkdev_node *n = node_of(f);
	struct block_device *b = n->dev.disk;
	uint64_t range[2];

	if (!file_writable(f))
		return -EBADF;
	if (user_read(t, range, arg, sizeof range))
		return -EFAULT;
	if ((range[0] | range[1]) % BLOCK_SECTOR || !range[1] || range[0] > b->size || range[1] > b->size - range[0])
		return -EINVAL;
	return blkdev_clear(n, range[0], range[1]);
}

/* blkpg_do_ioctl(); both structures as riscv32 has them. */
static int64_t change_partitions(struct file *f, struct task *t, uint32_t arg)
{
	enum { ADD = 1, DEL = 2 };
	struct { uint32_t op, flags, size, data; } a;
	struct { int64_t start, length; int32_t number; } p;	/* names follow, which mean nothing */
	struct blkdev_node *n = node_of(f);
	uint64_t size = n->dev.disk->size;

	if (user_read(t, &a, arg, sizeof a))
		return -EFAULT;
	if (!task_capable(t, CAP_SYS_ADMIN_))
		return -EACCES;
	if (user_read(t, &p, a.data, sizeof p))
		return -EFAULT;
	if (n->whole || p.number <= 0)
		return -EINVAL;
	if (a.op == DEL)
		return blkdev_remove_partition(n, (unsigned)p.number);
	if (p.start < 0 || p.length <= 0 || (p.start | p.length) % BLOCK_SECTOR || (uint64_t)p.start >= size ||
	    (uint64_t)p.length > size - (uint64_t)p.start || a.op != ADD)
		return -EINVAL;
	return blkdev_add_partition(n, (unsigned)p.number, (uint64_t)p.start, (uint64_t)p.length);
}

/* What partitioning programs cut disks up by, since there were cylinders: as QEMU's disks have it. */
static int64_t get_geometry(struct file *f, struct task *t, uint32_t arg)
{
	enum { HEADS = 16, SECTORS = 63 };
	struct { uint8_t heads, sectors; uint16_t cylinders; uint32_t start; } g = { HEADS, SECTORS, 0, 0 };
	const struct blkdev_node *n = node_of(f), *disk = n->whole ? n->whole : n;
	uint64_t cylinders = disk->dev.disk->size / BLOCK_SECTOR / (HEADS * SECTORS);

	if (!n->dev.disk->geometry)
		return -ENOTTY;
	g.cylinders = cylinders > 16383 ? 16383 : (uint16_t)cylinders;
	g.start = n->whole ? (uint32_t)(partition_start(n->dev.disk) / BLOCK_SECTOR) : 0;
	return user_write(t, arg, &g, sizeof g) ? -EFAULT : 0;
}

/* Those that only the administrator may use. */
static int64_t privileged_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct blkdev_node *n = node_of(f);
	uint32_t value;

	if (!task_capable(t, CAP_SYS_ADMIN_))
		return -EACCES;
	switch (cmd) {
	case BLKRASET_:
		return 0;	/* nothing is read ahead */
	case BLKFLSBUF_:
		/* Errors it keeps for fsync(2). */
		return blkdev_settled(n) ? 0 : files_wait(t, f);
	case BLKRRPART_:
		return blkdev_rescan(n);
	case BLKBSZSET_:
		if (!arg)
			return -EINVAL;
		if (user_get32(t, arg, &value))
			return -EFAULT;
		if (value < BLOCK_SECTOR || value > FLAT_PAGE_SIZE || value & (value - 1))
			return -EINVAL;
		n->block_size = value;
		return 0;
	case BLKROSET_:
		if (user_get32(t, arg, &value))
			return -EFAULT;
		/* What the disk refuses by itself it goes on refusing (bdev_read_only()). */
		n->dev.read_only = value || n->dev.disk->read_only;
		return 0;
	}
	return -ENOTTY;
}

int64_t blkdev_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	const struct blkdev_node *n = node_of(f);
	const struct block_device *b = n->dev.disk;
	uint64_t size = b->size;

	switch (cmd) {
	case BLKGETSIZE_:
		return size / BLOCK_SECTOR > UINT32_MAX ? -EFBIG : user_put32(t, arg, (uint32_t)(size / BLOCK_SECTOR));
	case BLKGETSIZE64_:
		return user_write(t, arg, &size, sizeof size) ? -EFAULT : 0;
	case BLKSSZGET_:
		return user_put32(t, arg, BLOCK_SECTOR);
	case BLKPBSZGET_: case BLKIOMIN_:
		return user_put32(t, arg, b->physical ? b->physical : BLOCK_SECTOR);
	case BLKBSZGET_:
		return user_put32(t, arg, n->block_size);
	case BLKROGET_:
		return user_put32(t, arg, n->dev.read_only);
	case BLKIOOPT_: case BLKALIGNOFF_: case BLKDISCARDZEROES_:
		return user_put32(t, arg, 0);
	case BLKRAGET_:
		return arg ? user_put32(t, arg, READ_AHEAD) : -EINVAL;
	case BLKSECTGET_:
		return put16(t, arg, READ_AHEAD);
	case BLKROTATIONAL_:
		return put16(t, arg, b->rotational);
	case HDIO_GETGEO_:
		return arg ? get_geometry(f, t, arg) : -EINVAL;
	case BLKPG_:
		return change_partitions(f, t, arg);
	case BLKDISCARD_: case BLKZEROOUT_:
		return clear_range(f, t, arg);
	case BLKFLSBUF_: case BLKRASET_: case BLKBSZSET_: case BLKROSET_: case BLKRRPART_:
		return privileged_ioctl(f, t, cmd, arg);
	}
	return n->dev.ops && n->dev.ops->ioctl ? n->dev.ops->ioctl(node_of(f), f, t, cmd, arg) : -ENOTTY;
}
