/* SPDX-License-Identifier: MIT
 *
 * What the files of MTD share and nobody else sees.
 */
#ifndef EMU_DRIVERS_MTD_PRIVATE_H
#define EMU_DRIVERS_MTD_PRIVATE_H

#include "emu/drivers/mtd.h"
#include "emu/fs/vfs.h"

/* --- mtd_char.c, mtd_ioctl.c: /dev/mtdN --- */

/* MTDFILEMODE */
enum { MTD_FILE_MODE_NORMAL_, MTD_FILE_MODE_OTP_FACTORY_, MTD_FILE_MODE_OTP_USER_, MTD_FILE_MODE_RAW_ };

extern const struct file_ops mtd_fops;
void mtd_char_source(struct mtd *d);	/* makes d->source */
int64_t mtd_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg);

/* --- mtd_block.c: /dev/mtdblockN --- */

/* A disk for d, in d->block; none for a device without a sector.  0 or -errno. */
int mtd_block_add(struct mtd *d);
/* Whether all that was written to it is in the flash; if not that is under way, and t is put where it will be told. */
bool mtd_block_settled(const struct mtd *d, struct task *t);
/* Takes it away: who has it open gets -EIO from then on.  Nothing happens if there is none. */
void mtd_block_remove(struct mtd *d);

#endif
