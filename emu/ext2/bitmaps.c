/* SPDX-License-Identifier: MIT
 *
 * Bitmaps: in memory while the file system can be written to, and written group by group: the library would write all of them.
 *
 * They are arrays of bits (the library has trees of runs as well, but an image could be made that has no long runs).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/ext2/internal.h"
#include "emu/kernel/task.h"

enum { BLOCKS = 0, INODES = 1 };

static struct ext2_super *of(ext2_filsys fs)
{
	return fs->priv_data;
}

static void mark(struct ext2_super *e, uint32_t group, unsigned kind)
{
	uint32_t bit = group * 2 + kind;

	if (group < e->fs->group_desc_count)
		e->dirty[bit / 8] |= (uint8_t)(1u << bit % 8);
	ext2_changed(e);
}

static void block_moved(ext2_filsys fs, blk64_t block, int inuse)
{
	struct ext2_super *e = of(fs);

	if (inuse < 0)
		e->freed++;
	mark(e, e->lib.group_of_blk2(fs, block), BLOCKS);
}

static void blocks_moved(ext2_filsys fs, blk64_t block, blk_t n, int inuse)
{
	struct ext2_super *e = of(fs);
	uint32_t last = e->lib.group_of_blk2(fs, block + n - 1);

	if (inuse < 0)
		e->freed += n;
	for (uint32_t g = e->lib.group_of_blk2(fs, block); g <= last; g++)
		mark(e, g, BLOCKS);
}

void ext2_inode_dirty(struct ext2_super *e, uint32_t ino)
{
	mark(e, (ino - 1) / e->fs->super->s_inodes_per_group, INODES);
}

static errcode_t write_block_bitmap(struct ext2_super *e, uint32_t g, char *buf)
{
	ext2_filsys fs = e->fs;
	uint32_t bits = fs->super->s_clusters_per_group, size = bits / 8;
	uint64_t first = fs->super->s_first_data_block + (uint64_t)g * bits, all = e->lib.blocks_count(fs->super);
	errcode_t err;

	if (e->lib.bg_flags_test(fs, g, EXT2_BG_BLOCK_UNINIT))
		return 0;
	memset(buf, 0xff, fs->blocksize);
	err = e->lib.get_block_bitmap_range2(fs->block_map, first, bits, buf);
	if (err)
		return err;
	/* What would lie behind the end is in use. */
	for (uint32_t bit = all - first < bits ? (uint32_t)(all - first) : bits; bit < fs->blocksize * 8; bit++)
		buf[bit / 8] = (char)(buf[bit / 8] | 1 << bit % 8);
	e->lib.block_bitmap_csum_set(fs, g, buf, (int)size);
	e->lib.group_desc_csum_set(fs, g);
	return ext2_io_manager.write_blk64(fs->io, e->lib.block_bitmap_loc(fs, g), 1, buf);
}

static errcode_t write_inode_bitmap(struct ext2_super *e, uint32_t g, char *buf)
{
	ext2_filsys fs = e->fs;
	uint32_t bits = fs->super->s_inodes_per_group, size = (bits + 7) / 8;
	errcode_t err;

	if (e->lib.bg_flags_test(fs, g, EXT2_BG_INODE_UNINIT))
		return 0;
	memset(buf, 0xff, fs->blocksize);
	err = e->lib.get_inode_bitmap_range2(fs->inode_map, (uint64_t)g * bits + 1, bits, buf);
	if (err)
		return err;
	e->lib.inode_bitmap_csum_set(fs, g, buf, (int)size);
	e->lib.group_desc_csum_set(fs, g);
	return ext2_io_manager.write_blk64(fs->io, e->lib.inode_bitmap_loc(fs, g), 1, buf);
}

/* In the place of ext2fs_write_bitmaps(). */
static errcode_t write_dirty(ext2_filsys fs)
{
	struct ext2_super *e = of(fs);
	char *buf = malloc(fs->blocksize);
	errcode_t err = buf ? 0 : EXT2_ET_NO_MEMORY;

	for (uint32_t g = 0; g < fs->group_desc_count && !err; g++) {
		uint8_t *bits = &e->dirty[g / 4], block = (uint8_t)(1u << g % 4 * 2), inode = (uint8_t)(block << 1);

		if (!*bits) {
			g |= 3;		/* the next byte */
			continue;
		}
		if (*bits & block)
			err = write_block_bitmap(e, g, buf);
		if (!err && (*bits & inode))
			err = write_inode_bitmap(e, g, buf);
		if (!err)
			*bits &= (uint8_t)~(block | inode);
	}
	free(buf);
	if (!err)
		fs->flags &= ~(EXT2_FLAG_BB_DIRTY | EXT2_FLAG_IB_DIRTY);
	return err;
}

int ext2_bitmaps_load(struct ext2_super *e)
{
	ext2_filsys fs = e->fs;
	uint64_t cost = e->lib.blocks_count(fs->super) / 8 + fs->super->s_inodes_count / 8 + fs->group_desc_count;
	int err;

	/* Where they lie is believed by the library. */
	for (uint32_t g = 0; g < fs->group_desc_count; g++) {
		uint64_t a = e->lib.block_bitmap_loc(fs, g), b = e->lib.inode_bitmap_loc(fs, g), end = e->lib.blocks_count(fs->super);

		if (a <= fs->super->s_first_data_block || a >= end || b <= fs->super->s_first_data_block || b >= end)
			return ext2_corrupt(e, 0, "a group's bitmaps lie nowhere");
	}
	if (fs->super->s_blocks_per_group % 8 || fs->super->s_inodes_per_group % 8)
		return ext2_corrupt(e, 0, "bitmaps end within a byte");
	err = vfs_charge(e->super->machine, cost);
	if (err)
		return -ENOMEM;
	e->charged = cost;
	e->dirty = calloc(fs->group_desc_count / 4 + 1, 1);
	if (!e->dirty)
		return -ENOMEM;
	fs->priv_data = e;
	fs->default_bitmap_type = EXT2FS_BMAP64_BITARRAY;
	err = ext2_error(e, 0, "the bitmaps are damaged", e->lib.read_bitmaps(fs));
	if (err)
		return err;
	fs->write_bitmaps = write_dirty;
	e->lib.set_block_alloc_stats_callback(fs, block_moved, NULL);
	e->lib.set_block_alloc_stats_range_callback(fs, blocks_moved, NULL);
	return 0;
}

/* The library's own go with the rest of what it has: they may be read again, and are then used. */
void ext2_bitmaps_free(struct ext2_super *e)
{
	vfs_uncharge(e->super->machine, e->charged);
	e->charged = 0;
	free(e->dirty);
	e->dirty = NULL;
}

/* ext2_has_free_blocks(): the last ones are the administrator's, or whose the superblock says. */
bool ext2_room(const struct ext2_super *e)
{
	struct ext2_super_block *b = e->fs->super;
	uint64_t left = e->lib.free_blocks_count(b);
	struct task *t = task_current(e->super->machine);
	struct vfs_cred cred;

	if (!left || left > e->lib.r_blocks_count(b) || !t)
		return left;
	task_vfs_cred(t, &cred);
	return cred.caps >> 24 /* CAP_SYS_RESOURCE */ & 1 || cred.uid == b->s_def_resuid ||
	       (b->s_def_resgid && in_group(&cred, b->s_def_resgid));
}
