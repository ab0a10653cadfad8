/* SPDX-License-Identifier: MIT
 *
 * MTD, the kernel's memory technology devices (drivers/mtd/mtdcore.c, mtdpart.c): flash chips and their partitions, as /dev/mtdN
 * (mtd_char.c, mtd_ioctl.c), /dev/mtdblockN (mtd_block.c), /proc/mtd and /sys/class/mtd.
 *
 * A master is a whole flash; a partition is a range of its bytes.  As in a kernel without CONFIG_MTD_PARTITIONED_MASTER a flash that
 * is divided at the start has devices for its partitions only; partitions that are added later stand beside it.
 *
 * Reading is a copy, mapping shows the flash's data window.  Programming and erasing take as long as the chip takes: the calling task
 * waits, the others run.  As in the kernel no signal interrupts that, but one that ends the task: what the chip has begun it then finishes.
 *
 * Offsets and sizes are in bytes, from the device's own beginning.
 */
#ifndef EMU_DRIVERS_MTD_H
#define EMU_DRIVERS_MTD_H

#include <stdbool.h>
#include <stdint.h>
#include "mm/source.h"

struct flash;
struct machine;
struct mtd_block;
struct task;

enum {
	MTD_CHAR_MAJOR = 90, MTD_BLOCK_MAJOR = 31,
	MTD_DEVICES_MAX = 128,		/* the kernel has no limit but that of minor numbers */
	MTD_NAME_MAX = 64,		/* with its NUL */
};
enum { MTD_NORFLASH_ = 3 };		/* its type */
enum { MTD_WRITEABLE_ = 0x400, MTD_BIT_WRITEABLE_ = 0x800, MTD_POWERUP_LOCK_ = 0x2000 };	/* flags */

struct mtd {
	struct machine *machine;
	struct flash *flash;
	struct mtd *master;		/* itself, if it is one */
	unsigned index;			/* the N of mtdN */
	unsigned refs;			/* of the list, of open files and of mappings; of a master: of its partitions */
	bool listed;			/* it has a number and devices */
	bool deleted;			/* a partition that goes with its last user */
	char name[MTD_NAME_MAX];
	uint32_t flags;			/* MTD_* */
	uint32_t offset;		/* in the master */
	uint32_t size, erasesize;	/* erasesize is not 0; size may be, of a partition that would lie outside */
	struct mm_source source;	/* of /dev/mtdN */
	struct mtd_block *block;	/* /dev/mtdblockN; or NULL */
};

/* A partition as it is asked for; mtd_parts.c. */
struct mtd_part {
	char name[MTD_NAME_MAX];
	uint32_t offset, size;
	bool read_only;
	bool locked;			/* stays locked, where chips are at power-on */
};

/*
 * The kernel's mtdparts=: "FLASH:SIZE[@OFFSET][(NAME)][ro][lk],...[;FLASH:...]", a SIZE of "-" being all the rest.  Finds the parts of the
 * flash `name`, which has `size` bytes, and calls fn for each until that says something else than 0.  How many there are, that, or
 * -EINVAL with a sentence in why[]; name NULL: only looks whether the text can be understood.
 */
typedef int (*mtd_part_fn)(void *ctx, const struct mtd_part *part);
int mtd_parts(const char *text, const char *name, uint32_t size, mtd_part_fn fn, void *ctx, char why[160]);

/* --- The list --- */

/* What every machine has, with flash or without: the driver's numbers.  0 or -errno. */
int mtd_register(struct machine *m);
/* The machine ends, and all files are closed: what was written to disks comes into the flash. */
void mtd_settle(struct machine *m);
void mtd_free(struct machine *m);	/* all files are gone; the flash is not yet */
/* Makes a flash one device, or as many as `parts` (NULL: none) has partitions for it.  0 or -errno, perhaps with a sentence in why[]. */
int mtd_add_flash(struct machine *m, struct flash *f, const char *parts, char why[160]);

/* BLKPG.  A new partition of a master.  -EINVAL, -ENOSPC (no number), -ENOMEM. */
int mtd_add_part(struct mtd *master, const struct mtd_part *part);
/* Takes the partition with this number from its master.  It goes when nobody uses it any more.  -EINVAL. */
int mtd_del_part(struct mtd *master, unsigned index);

struct mtd *mtd_at(struct machine *m, unsigned index);		/* no reference; NULL: there is none */
struct mtd *mtd_by_name(struct machine *m, const char *name);	/* the first one */
/* The first with at least this number, or NULL. */
struct mtd *mtd_from(struct machine *m, unsigned index);
struct mtd *mtd_get(struct mtd *d);
void mtd_put(struct mtd *d);

/* Guest address of its first byte, for good: the flash's data window. */
uint32_t mtd_memory(const struct mtd *d);
const uint8_t *mtd_bytes(const struct mtd *d);	/* all of it, to be read */

/* --- What takes time: mtd_op.c --- */

/*
 * Called by a system call of t, and again at each later try of it with the same arguments.  Bytes done, 0 for an erase, or -errno
 * (-EROFS: locked; -EIO); SYS_BLOCK: t waits, and this is to be the call's result.
 * Programming does as much as there is memory for, at least a page: the caller goes on with the rest.
 */
int64_t mtd_program(struct mtd *d, struct task *t, uint32_t offset, const void *data, uint32_t len);
int64_t mtd_erase(struct mtd *d, struct task *t, uint32_t offset, uint32_t len);

#endif
