/* SPDX-License-Identifier: MIT
 *
 * Directories: names are found, added, changed, removed and listed. dir.h says how entries lie, and how they are found.
 *
 * A directory of ext3 or ext4 may have a hash tree; its blocks look like lists with nothing in them. Whoever adds a name without
 * it must drop it (EXT2_INDEX_FL), as e2fsprogs does.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/ext2/dir.h"

/* A block's memory, and the index. */
struct work { struct ext2_index *x; char *block; };

static int begin(struct inode *dir, struct work *w)
{
	int err = ext2_index_get(dir, &w->x);

	if (err)
		return err;
	w->block = malloc(ext2_block_size(dir));
	return w->block ? 0 : -ENOMEM;
}

int ext2_dir_find(struct inode *dir, const char *name, size_t len, uint32_t *ino)
{
	struct ext2_name *n;
	struct work w;
	int err = begin(dir, &w);

	if (err)
		return err;
	err = ext2_index_find(dir, w.x, name, len, w.block, &n);
	if (!err)
		*ino = ext2_entry_at(w.block, n->at % ext2_block_size(dir))->ino;
	free(w.block);
	return err;
}

static uint8_t type_of(const struct ext2_super *e, uint32_t mode)
{
	static const uint8_t types[16] = {
		[S_IFREG >> 12] = EXT2_FT_REG_FILE, [S_IFDIR >> 12] = EXT2_FT_DIR, [S_IFLNK >> 12] = EXT2_FT_SYMLINK,
		[S_IFCHR >> 12] = EXT2_FT_CHRDEV, [S_IFBLK >> 12] = EXT2_FT_BLKDEV, [S_IFIFO >> 12] = EXT2_FT_FIFO,
		[S_IFSOCK >> 12] = EXT2_FT_SOCK,
	};

	return ext2_entry_has_type(e) ? types[mode >> 12 & 15] : 0;
}

static void set_entry(struct ext2_super *e, struct ext2_entry *d, const char *name, size_t len, uint32_t ino, uint32_t mode)
{
	d->ino = ino;
	d->name_len = (uint8_t)len;
	d->type = type_of(e, mode);
	memcpy(d->name, name, len);
}

/* Puts an entry into a block that has room for it; where. */
static uint32_t place(struct ext2_super *e, char *block, const char *name, size_t len, uint32_t ino, uint32_t mode)
{
	uint32_t end = ext2_block_usable(e), want = ext2_entry_need(len), at = 0;

	for (;;) {
		struct ext2_entry *d = ext2_entry_at(block, at);
		uint32_t used = d->ino ? ext2_entry_need(d->name_len) : 0, stop = at + d->rec_len < end ? at + d->rec_len : end;

		if (stop - at >= used + want) {
			if (used) {
				uint32_t rest = d->rec_len - used;

				d->rec_len = (uint16_t)used;
				at += used;
				d = ext2_entry_at(block, at);
				d->rec_len = (uint16_t)rest;
			}
			set_entry(e, d, name, len, ino, mode);
			return at;
		}
		at += d->rec_len;
	}
}

static void init_tail(struct ext2_super *e, char *block)
{
	if (ext2_checksums(e))
		e->lib.initialize_dirent_tail(e->fs, (struct ext2_dir_entry_tail *)(void *)(block + e->fs->blocksize - EXT2_BLOCK_TAIL));
}

/* The last entry of each block of the tree's own reaches to its end: it makes way for a checksum. */
static int drop_tree(struct inode *dir)
{
	struct ext2_super *e = ext2_of(dir);
	uint32_t bs = e->fs->blocksize, blocks = (uint32_t)(dir->size / bs);
	char *block;
	int err = 0;

	if (!(ext2_info(dir)->raw.i_flags & EXT2_INDEX_FL))
		return 0;
	block = ext2_checksums(e) ? malloc(bs) : NULL;
	if (ext2_checksums(e) && !block)
		return -ENOMEM;
	for (uint32_t n = 0; n < blocks && block && !err; n++) {
		uint32_t at = 0, last = 0;
		struct ext2_entry *d;

		err = ext2_block_read(dir, n, block);
		if (err || e->lib.dirent_has_tail(e->fs, (struct ext2_dir_entry *)(void *)block))
			continue;
		for (; at < bs; at += ext2_entry_at(block, at)->rec_len)
			last = at;
		d = ext2_entry_at(block, last);
		if (last + (d->ino ? ext2_entry_need(d->name_len) : EXT2_ENTRY_HEAD + 4u) > bs - EXT2_BLOCK_TAIL) {
			err = ext2_corrupt(e, dir->ino, "a directory's block has no room for its checksum");
			break;
		}
		d->rec_len = (uint16_t)(bs - EXT2_BLOCK_TAIL - last);
		init_tail(e, block);
		err = ext2_block_write(dir, n, block);
	}
	free(block);
	if (err)
		return err;
	ext2_info(dir)->raw.i_flags &= ~(uint32_t)EXT2_INDEX_FL;
	return ext2_inode_write(dir, true);
}

/* One more block, with nothing in it. */
static int grow(struct inode *dir, struct work *w)
{
	struct ext2_super *e = ext2_of(dir);
	uint32_t bs = e->fs->blocksize, n = w->x->blocks;
	uint16_t *room = realloc(w->x->room, (n + 2) * sizeof *room);
	uint64_t where;
	int err;

	if (!room)
		return -ENOMEM;
	w->x->room = room;
	if (n >= EXT2_DIR_BLOCKS)
		return -ENOSPC;
	err = ext2_index_charge(w->x, sizeof *room);
	if (!err)
		err = ext2_map(dir, n, true, &where);
	if (err)
		return err;
	memset(w->block, 0, bs);
	ext2_entry_at(w->block, 0)->rec_len = (uint16_t)ext2_block_usable(e);
	init_tail(e, w->block);
	err = ext2_block_write(dir, n, w->block);
	if (err)
		return err;
	dir->size = (uint64_t)(n + 1) * bs;
	err = ext2_inode_write(dir, true);
	if (err) {
		dir->size = (uint64_t)n * bs;
		return err;
	}
	room[n] = (uint16_t)ext2_block_usable(e);
	w->x->blocks = n + 1;
	return 0;
}

int ext2_dir_add(struct inode *dir, const char *name, size_t len, uint32_t ino, uint32_t mode)
{
	struct ext2_super *e = ext2_of(dir);
	uint32_t bs = e->fs->blocksize, n = 0, at;
	struct work w;
	int err = begin(dir, &w);

	if (err)
		return err;
	err = drop_tree(dir);
	while (!err && n < w.x->blocks && w.x->room[n] < ext2_entry_need(len))
		n++;
	if (!err)
		err = n == w.x->blocks ? grow(dir, &w) : ext2_block_read(dir, n, w.block);
	if (!err && ext2_block_room(e, w.block) < ext2_entry_need(len))
		err = ext2_corrupt(e, dir->ino, "a directory was changed by others");
	if (!err) {
		at = place(e, w.block, name, len, ino, mode);
		err = ext2_index_add(w.x, name, len, n * bs + at);
		if (!err)
			err = ext2_block_write(dir, n, w.block);
		if (err)
			ext2_dir_forget(e, (uint32_t)dir->ino);
		else
			w.x->room[n] = ext2_block_room(e, w.block);
	}
	free(w.block);
	return err;
}

int ext2_dir_set(struct inode *dir, const char *name, size_t len, uint32_t ino, uint32_t mode)
{
	struct ext2_super *e = ext2_of(dir);
	struct ext2_name *n;
	struct work w;
	int err;

	if (len == 2 && !memcmp(name, "..", 2)) {	/* in no index: the second of the first block */
		struct ext2_entry *d;

		w.block = malloc(e->fs->blocksize);
		if (!w.block)
			return -ENOMEM;
		err = ext2_block_read(dir, 0, w.block);
		d = err ? NULL : ext2_entry_at(w.block, ext2_entry_at(w.block, 0)->rec_len);
		if (d && (ext2_entry_at(w.block, 0)->rec_len > e->fs->blocksize - ext2_entry_need(2) || d->name_len != 2 || !ext2_entry_is_dot(d)))
			err = ext2_corrupt(e, dir->ino, "a directory without '..'");
		if (!err) {
			d->ino = ino;
			err = ext2_block_write(dir, 0, w.block);
		}
		free(w.block);
		return err;
	}
	err = begin(dir, &w);
	if (err)
		return err;
	err = ext2_index_find(dir, w.x, name, len, w.block, &n);
	if (!err) {
		set_entry(e, ext2_entry_at(w.block, n->at % e->fs->blocksize), name, len, ino, mode);
		err = ext2_block_write(dir, n->at / e->fs->blocksize, w.block);
	}
	free(w.block);
	return err;
}

int ext2_dir_remove(struct inode *dir, const char *name, size_t len)
{
	struct ext2_super *e = ext2_of(dir);
	uint32_t bs = e->fs->blocksize, at, block, before = UINT32_MAX;
	struct ext2_name *n;
	struct work w;
	int err = begin(dir, &w);

	if (err)
		return err;
	err = ext2_index_find(dir, w.x, name, len, w.block, &n);
	if (err)
		goto out;
	at = n->at % bs;
	block = n->at / bs;
	for (uint32_t i = 0; i < at; i += ext2_entry_at(w.block, i)->rec_len)
		before = i;
	if (before != UINT32_MAX)
		ext2_entry_at(w.block, before)->rec_len = (uint16_t)(ext2_entry_at(w.block, before)->rec_len + ext2_entry_at(w.block, at)->rec_len);
	ext2_entry_at(w.block, at)->ino = 0;
	err = ext2_block_write(dir, block, w.block);
	if (err)
		goto out;
	w.x->room[block] = ext2_block_room(e, w.block);
	tree_remove(&w.x->names, &n->node);
	free(n);
	w.x->charged -= sizeof *n;
	vfs_uncharge(e->super->machine, sizeof *n);
out:
	free(w.block);
	return err;
}

int ext2_dir_init(struct inode *dir, uint32_t parent)
{
	struct ext2_super *e = ext2_of(dir);
	uint32_t bs = e->fs->blocksize;
	char *block = calloc(1, bs);
	uint64_t where;
	int err = block ? ext2_map(dir, 0, true, &where) : -ENOMEM;

	if (!err) {
		struct ext2_entry *d = ext2_entry_at(block, 0);

		set_entry(e, d, ".", 1, (uint32_t)dir->ino, S_IFDIR);
		d->rec_len = (uint16_t)ext2_entry_need(1);
		d = ext2_entry_at(block, ext2_entry_need(1));
		set_entry(e, d, "..", 2, parent, S_IFDIR);
		d->rec_len = (uint16_t)(ext2_block_usable(e) - ext2_entry_need(1));
		init_tail(e, block);
		err = ext2_block_write(dir, 0, block);
	}
	if (!err) {
		dir->size = bs;
		err = ext2_inode_write(dir, true);
	}
	free(block);
	return err;
}

int ext2_dir_empty(struct inode *dir)
{
	struct ext2_index *x;
	int err = ext2_index_get(dir, &x);

	return err ? err : x->names.count == 0;
}

/* --- Listing: a position is a byte of the directory, as ext2 has it, so it means the same whatever comes and goes --- */

static int readdir_op(struct file *f, void *ctx, vfs_fill_fn fill)
{
	static const uint8_t types[8] = { 0, 8 /* DT_REG */, 4, 2, 6, 1, 12, 10 };
	struct inode *dir = f->inode;
	struct ext2_super *e = ext2_of(dir);
	uint32_t bs = e->fs->blocksize;
	uint64_t pos = f->pos == 2 ? 0 : f->pos;
	char *block = malloc(bs);
	int err = block ? 0 : -ENOMEM;

	for (uint64_t n = pos / bs; !err && n < dir->size / bs && n < EXT2_DIR_BLOCKS; n++) {
		err = ext2_block_read(dir, (uint32_t)n, block);
		for (uint32_t at = 0; at < bs && !err; at += ext2_entry_at(block, at)->rec_len) {
			const struct ext2_entry *d = ext2_entry_at(block, at);
			uint64_t here = n * bs + at;

			if (here < pos || !d->ino || ext2_entry_is_dot(d))
				continue;
			if (fill(ctx, d->name, d->name_len, d->ino, ext2_entry_has_type(e) && d->type < 8 ? types[d->type] : 0, here + d->rec_len))
				goto out;
		}
	}
out:
	free(block);
	return err;
}

const struct file_ops ext2_dir_fops = { .readdir = readdir_op, .fsync = ext2_fsync, .ioctl = ext2_ioctl };
