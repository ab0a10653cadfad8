/* SPDX-License-Identifier: MIT */
#include "emu/ext2/dir.h"

#include <string.h>

static int find_block(struct inode *dir, uint32_t n, uint64_t *where)
{
	int err = ext2_map(dir, n, false, where);

	return err || *where ? err : ext2_corrupt(ext2_of(dir), dir->ino, "a directory with a hole");
}

int ext2_block_read(struct inode *dir, uint32_t n, char *block)
{
	struct ext2_super *e = ext2_of(dir);
	uint32_t bs = e->fs->blocksize, at = 0;
	uint64_t where;
	int err = find_block(dir, n, &where);

	if (!err)
		err = ext2_error(e, dir->ino, "a directory's block is damaged",
				 e->lib.read_dir_block4(e->fs, where, block, 0, (uint32_t)dir->ino));
	if (err)
		return err;
	while (at < bs) {
		const struct ext2_entry *d = ext2_entry_at(block, at);
		uint32_t len = d->rec_len;

		if (len < ext2_entry_need(1) || len % 4 || len > bs - at || (d->ino && EXT2_ENTRY_HEAD + (uint32_t)d->name_len > len) ||
		    (d->ino && !d->name_len) || (!ext2_entry_has_type(e) && d->ino && d->type))
			return ext2_corrupt(e, dir->ino, "a directory's entry is damaged");
		if (d->ino && (memchr(d->name, 0, d->name_len) || memchr(d->name, '/', d->name_len)))
			return ext2_corrupt(e, dir->ino, "a name with a character that no name has");
		at += len;
	}
	return 0;
}

int ext2_block_write(struct inode *dir, uint32_t n, char *block)
{
	struct ext2_super *e = ext2_of(dir);
	uint64_t where;
	int err = find_block(dir, n, &where);

	if (err)
		return err;
	if (ext2_checksums(e) && !e->lib.dirent_has_tail(e->fs, (struct ext2_dir_entry *)(void *)block) &&
	    !(ext2_info(dir)->raw.i_flags & EXT2_INDEX_FL))
		return ext2_corrupt(e, dir->ino, "a directory's block has no room for its checksum");
	return ext2_error(e, dir->ino, "a directory's block is damaged",
			  e->lib.write_dir_block4(e->fs, where, block, 0, (uint32_t)dir->ino));
}

uint16_t ext2_block_room(const struct ext2_super *e, char *block)
{
	uint32_t most = 0, end = ext2_block_usable(e), len;

	for (uint32_t at = 0; at < end; at += len) {
		const struct ext2_entry *d = ext2_entry_at(block, at);
		uint32_t used = d->ino ? ext2_entry_need(d->name_len) : 0, stop = at + d->rec_len < end ? at + d->rec_len : end;

		len = d->rec_len;
		if (stop - at > used && stop - at - used > most)
			most = stop - at - used;
	}
	return (uint16_t)most;
}
