/* SPDX-License-Identifier: MIT
 *
 * cramfs (fs/cramfs/README, fs/cramfs): a read-only file system whose files are compressed a page at a time, with zlib.
 *
 * With extended block pointers (CRAMFS_FLAG_EXT_BLOCK_POINTERS) a block may also lie there as it is, anywhere.  Where the
 * device is memory, a mapping that is not written to of pages that lie so, one behind the other, lies where they do; any
 * other is a copy, decompressed.  An image is little-endian.
 *
 * Damage is found where it is met: -EIO.  The checksum of an image (fsid.crc) is not looked at, as in Linux: that would
 * be all of it at each mount.
 */
#ifndef EMU_FS_CRAMFS_H
#define EMU_FS_CRAMFS_H

#include <zlib.h>
#include "emu/fs/disk.h"
#include "mm/flat.h"

struct machine;

int cramfs_register(struct machine *m);

#define CRAMFS_MAGIC 0x28cd3d45u
enum {
	CRAMFS_SUPER = 76,		/* bytes of the superblock; it may lie at 0 or at 512 */
	CRAMFS_INODE = 12,
	CRAMFS_NAME = 252,		/* the longest name */
	CRAMFS_FSID_2 = 1, CRAMFS_SORTED = 2, CRAMFS_SHIFTED_ROOT = 0x400, CRAMFS_EXT_POINTERS = 0x800,
	CRAMFS_FLAGS = 0xff | 0x100 /* holes */ | 0x200 /* wrong signature */ | CRAMFS_SHIFTED_ROOT | CRAMFS_EXT_POINTERS,
};
#define CRAMFS_PLAIN (1u << 31)		/* of a block pointer: not compressed */
#define CRAMFS_DIRECT (1u << 30)	/* it says where the block begins, in units of 4 bytes, not where it ends */
#define CRAMFS_POINTER_FLAGS (CRAMFS_PLAIN | CRAMFS_DIRECT)

struct cramfs {
	uint32_t size, blocks, files, flags;	/* as the superblock says; without CRAMFS_FSID_2 256 MiB, 0, 0 */
	/* cramfs_data.c: the block that was read last. */
	z_stream z;
	bool ready;			/* z is */
	uint64_t cached_ino;		/* 0: none */
	uint32_t cached;		/* which block of it */
	uint8_t page[FLAT_PAGE_SIZE];
};

/* Reads inside of the image.  0 or -EIO. */
int cramfs_read(const struct fs_super *s, uint32_t pos, void *dst, uint32_t len);

/* --- cramfs_data.c: what is in files; their bytes begin, with the block pointers, at their inode's number --- */
void cramfs_data_free(struct cramfs *c);
/* Up to len bytes from pos on: how many, 0 at the end, or -EIO, -ENOMEM. */
int64_t cramfs_bytes(struct inode *i, void *dst, size_t len, uint64_t pos);
/* disk_rom.place: where the pages lie in one run and as they are. */
int cramfs_place(struct inode *i, uint64_t offset, uint32_t len, uint64_t *at);

static inline uint32_t cramfs_le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

#endif
