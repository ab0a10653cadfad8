/* SPDX-License-Identifier: MIT
 *
 * Inside of directories: a block of entries (dir_block.c), and the index by which names are found (dir_index.c). dir.c is what is done
 * with them.
 *
 * Directories are lists of entries in blocks, none of which reaches over the end of its block. The library walks the whole list for
 * a name, and so does Linux's ext2. Here the first question makes an index: the hash of each name and where its entry lies, and for
 * each block how large an entry fits into it. From then on finding is O(log n), and changing is reading and writing one block. The
 * name itself is compared with the block, so an index can be wrong only by not finding.
 *
 * An index is charged to the guest (vfs_charge()). When there is no room, those of directories that nobody uses go first.
 *
 * A `block` of an argument is memory for one, of the file system's block size. Errors are -errno; what is damaged is ext2_corrupt().
 */
#ifndef EMU_EXT2_DIR_H
#define EMU_EXT2_DIR_H

#include "emu/ext2/internal.h"

/* --- A block --- */

enum { EXT2_ENTRY_HEAD = 8, EXT2_BLOCK_TAIL = 12 /* a checksum's entry */, EXT2_DIR_BLOCKS = 1 << 20 /* at most */ };

/* An entry in the order of the host, as the library leaves it. */
struct ext2_entry { uint32_t ino; uint16_t rec_len; uint8_t name_len, type; char name[]; };

static inline struct ext2_entry *ext2_entry_at(char *block, uint32_t at)
{
	return (struct ext2_entry *)(void *)(block + at);
}

static inline uint32_t ext2_entry_need(size_t len)
{
	return (EXT2_ENTRY_HEAD + (uint32_t)len + 3) & ~3u;
}

/* Bytes of a block that are for entries: the last ones may be its checksum. */
static inline uint32_t ext2_block_usable(const struct ext2_super *e)
{
	return e->fs->blocksize - (ext2_checksums(e) ? EXT2_BLOCK_TAIL : 0);
}

static inline bool ext2_entry_has_type(const struct ext2_super *e)
{
	return ext2_has(e, EXT2_FEATURE_INCOMPAT_FILETYPE);
}

static inline bool ext2_entry_is_dot(const struct ext2_entry *d)
{
	return d->name[0] == '.' && (d->name_len == 1 || (d->name_len == 2 && d->name[1] == '.'));
}

/* Reads a directory's nth block. Every entry is checked: what follows relies on it. */
int ext2_block_read(struct inode *dir, uint32_t n, char *block);
int ext2_block_write(struct inode *dir, uint32_t n, char *block);
/* The largest entry that fits: behind the name of one, or where there is none. */
uint16_t ext2_block_room(const struct ext2_super *e, char *block);

/* --- The index --- */

struct ext2_name {
	struct tree_node node;
	uint32_t hash, at;		/* byte in the directory */
};

struct ext2_index {
	struct tree_node by_ino;
	struct ext2_super *e;
	struct inode *dir;		/* while somebody has it; NULL */
	uint32_t ino;
	struct tree names;
	uint16_t *room;			/* of each block: the largest entry that fits */
	uint32_t blocks;
	uint64_t charged;
};

/* The directory's, made if need be. It stays until somebody else needs its memory. */
int ext2_index_get(struct inode *dir, struct ext2_index **out);
/* Where a name's entry lies, and its block. -ENOENT. */
int ext2_index_find(struct inode *dir, struct ext2_index *x, const char *name, size_t len, char *block, struct ext2_name **out);
/* A name has come, whose entry lies at this byte. */
int ext2_index_add(struct ext2_index *x, const char *name, size_t len, uint32_t at);
/* The index needs so many more bytes. */
int ext2_index_charge(struct ext2_index *x, uint64_t bytes);

#endif
