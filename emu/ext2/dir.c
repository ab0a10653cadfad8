/* SPDX-License-Identifier: MIT
 *
 * Directories: lists of entries in blocks, none of which reaches over the end of its block.
 *
 * The library walks the whole list for a name, and so does Linux's ext2. Here the first question makes an index: the hash of each
 * name and where its entry lies, and for each block how large an entry fits into it. From then on finding is O(log n), and
 * changing is reading and writing one block. The name itself is compared with the block, so an index can be wrong only
 * by not finding.
 *
 * An index is charged to the guest (vfs_charge()). When there is no room, those of directories that nobody uses go first.
 *
 * A directory of ext3 or ext4 may have a hash tree; its blocks look like lists with nothing in them. Whoever adds a name without
 * it must drop it (EXT2_INDEX_FL), as e2fsprogs does.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/ext2/internal.h"

enum { HEAD = 8, TAIL = 12, MAX_BLOCKS = 1 << 20 };

struct name_node {
	struct tree_node node;
	uint32_t hash, at;		/* byte in the directory */
};

struct dir_index {
	struct tree_node by_ino;
	struct ext2_super *e;
	struct inode *dir;		/* while somebody has it; NULL */
	uint32_t ino;
	struct tree names;
	uint16_t *room;			/* of each block: the largest entry that fits */
	uint32_t blocks;
	uint64_t charged;
};

static struct name_node *of_name(const struct tree_node *n) { return tree_entry(n, struct name_node, node); }
static struct dir_index *of_ino(const struct tree_node *n) { return tree_entry(n, struct dir_index, by_ino); }

static int compare_names(const struct tree_node *a, const struct tree_node *b)
{
	const struct name_node *x = of_name(a), *y = of_name(b);

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int compare_inos(const struct tree_node *a, const struct tree_node *b)
{
	return of_ino(a)->ino < of_ino(b)->ino ? -1 : of_ino(a)->ino > of_ino(b)->ino;
}

static const struct tree_ops name_ops = { .compare = compare_names }, ino_ops = { .compare = compare_inos };

void ext2_dirs_init(struct ext2_super *e)
{
	tree_init(&e->dirs, &ino_ops);
}

/* FNV-1a. */
static uint32_t hash_name(const char *name, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)name[i]) * 16777619u;
	return h;
}

/* --- A block --- */

/* An entry in the order of the host, as the library leaves it. */
struct entry { uint32_t ino; uint16_t rec_len; uint8_t name_len, type; char name[]; };

static struct entry *entry_at(char *block, uint32_t at)
{
	return (struct entry *)(void *)(block + at);
}

static uint32_t need(size_t len)
{
	return (HEAD + (uint32_t)len + 3) & ~3u;
}

/* Bytes of a block that are for entries: the last ones may be its checksum. */
static uint32_t usable(const struct ext2_super *e)
{
	return e->fs->blocksize - (ext2_checksums(e) ? TAIL : 0);
}

static bool has_type(const struct ext2_super *e)
{
	return ext2_has(e, EXT2_FEATURE_INCOMPAT_FILETYPE);
}

static int find_block(struct inode *dir, uint32_t n, uint64_t *where)
{
	int err = ext2_map(dir, n, false, where);

	return err || *where ? err : ext2_corrupt(ext2_of(dir), dir->ino, "a directory with a hole");
}

/* Every entry is checked: what follows relies on it. */
static int read_block(struct inode *dir, uint32_t n, char *block)
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
		const struct entry *d = entry_at(block, at);
		uint32_t len = d->rec_len;

		if (len < need(1) || len % 4 || len > bs - at || (d->ino && HEAD + (uint32_t)d->name_len > len) ||
		    (d->ino && !d->name_len) || (!has_type(e) && d->ino && d->type))
			return ext2_corrupt(e, dir->ino, "a directory's entry is damaged");
		if (d->ino && (memchr(d->name, 0, d->name_len) || memchr(d->name, '/', d->name_len)))
			return ext2_corrupt(e, dir->ino, "a name with a character that no name has");
		at += len;
	}
	return 0;
}

static int write_block(struct inode *dir, uint32_t n, char *block)
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

/* The largest entry that fits: behind the name of one, or where there is none. */
static uint16_t room_in(const struct ext2_super *e, char *block)
{
	uint32_t most = 0, end = usable(e), len;

	for (uint32_t at = 0; at < end; at += len) {
		const struct entry *d = entry_at(block, at);
		uint32_t used = d->ino ? need(d->name_len) : 0, stop = at + d->rec_len < end ? at + d->rec_len : end;

		len = d->rec_len;
		if (stop - at > used && stop - at - used > most)
			most = stop - at - used;
	}
	return (uint16_t)most;
}

static bool is_dot(const struct entry *d)
{
	return d->name[0] == '.' && (d->name_len == 1 || (d->name_len == 2 && d->name[1] == '.'));
}

/* --- Indexes --- */

static void index_free(struct dir_index *x)
{
	struct tree_node *n;

	while ((n = x->names.root)) {
		tree_remove(&x->names, n);
		free(of_name(n));
	}
	vfs_uncharge(x->e->super->machine, x->charged);
	tree_remove(&x->e->dirs, &x->by_ino);
	free(x->room);
	free(x);
}

static struct dir_index *index_of(const struct ext2_super *e, uint32_t ino)
{
	struct tree_node *n = e->dirs.root;

	while (n && of_ino(n)->ino != ino)
		n = ino < of_ino(n)->ino ? n->left : n->right;
	return n ? of_ino(n) : NULL;
}

void ext2_dir_forget(struct ext2_super *e, uint32_t ino)
{
	struct dir_index *x = index_of(e, ino);

	if (x)
		index_free(x);
}

void ext2_dirs_free(struct ext2_super *e)
{
	while (e->dirs.root)
		index_free(of_ino(e->dirs.root));
}

/* Room for one more of what an index is made of; others' indexes make way. */
static int charge(struct dir_index *x, uint64_t bytes)
{
	struct ext2_super *e = x->e;

	while (vfs_charge(e->super->machine, bytes)) {
		struct tree_node *n = tree_first(&e->dirs);

		while (n && of_ino(n) == x)
			n = tree_next(n);
		if (!n)
			return -ENOMEM;
		index_free(of_ino(n));
	}
	x->charged += bytes;
	return 0;
}

static int add_name(struct dir_index *x, const char *name, size_t len, uint32_t at)
{
	struct name_node *n;
	int err = charge(x, sizeof *n);

	if (err)
		return err;
	n = malloc(sizeof *n);
	if (!n) {
		x->charged -= sizeof *n;
		vfs_uncharge(x->e->super->machine, sizeof *n);
		return -ENOMEM;
	}
	n->hash = hash_name(name, len);
	n->at = at;
	tree_insert(&x->names, &n->node);
	return 0;
}

static int scan_block(struct dir_index *x, uint32_t n, char *block)
{
	uint32_t bs = x->e->fs->blocksize;
	int err = 0;

	x->room[n] = room_in(x->e, block);
	for (uint32_t at = 0; at < bs && !err; at += entry_at(block, at)->rec_len) {
		const struct entry *d = entry_at(block, at);

		if (d->ino && !is_dot(d))
			err = add_name(x, d->name, d->name_len, n * bs + at);
	}
	return err;
}

static int index_get(struct inode *dir, struct dir_index **out)
{
	struct ext2_super *e = ext2_of(dir);
	uint64_t blocks = dir->size / e->fs->blocksize;
	struct dir_index *x = index_of(e, (uint32_t)dir->ino);
	char *block;
	int err;

	*out = x;
	if (x)
		return 0;
	if (blocks > MAX_BLOCKS)
		return ext2_corrupt(e, dir->ino, "a directory of more than a million blocks");
	x = calloc(1, sizeof *x);
	block = malloc(e->fs->blocksize);
	if (!x || !block) {
		free(x);
		free(block);
		return -ENOMEM;
	}
	x->e = e;
	x->ino = (uint32_t)dir->ino;
	x->blocks = (uint32_t)blocks;
	tree_init(&x->names, &name_ops);
	tree_insert(&e->dirs, &x->by_ino);
	err = charge(x, sizeof *x + blocks * sizeof *x->room);
	x->room = err ? NULL : calloc(blocks + 1, sizeof *x->room);
	if (!err && !x->room)
		err = -ENOMEM;
	for (uint32_t n = 0; n < blocks && !err; n++) {
		err = read_block(dir, n, block);
		if (!err)
			err = scan_block(x, n, block);
	}
	free(block);
	if (err)
		index_free(x);
	else
		*out = x;
	return err;
}

/* The first with this hash, or the next one behind. */
static struct tree_node *first_of(const struct dir_index *x, uint32_t hash)
{
	struct tree_node *n = x->names.root, *best = NULL;

	while (n) {
		if (of_name(n)->hash >= hash) {
			best = n;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	return best;
}

/* Where a name's entry lies, and the block in buf. */
static int locate(struct inode *dir, struct dir_index *x, const char *name, size_t len, char *block, struct name_node **out)
{
	uint32_t bs = ext2_block_size(dir), hash = hash_name(name, len);

	for (struct tree_node *n = first_of(x, hash); n && of_name(n)->hash == hash; n = tree_next(n)) {
		const struct entry *d;
		int err = read_block(dir, of_name(n)->at / bs, block);

		if (err)
			return err;
		d = entry_at(block, of_name(n)->at % bs);
		if (d->ino && d->name_len == len && !memcmp(d->name, name, len)) {
			*out = of_name(n);
			return 0;
		}
	}
	return -ENOENT;
}

/* --- What is done with them --- */

/* A block's memory, and the index. */
struct work { struct dir_index *x; char *block; };

static int begin(struct inode *dir, struct work *w)
{
	int err = index_get(dir, &w->x);

	if (err)
		return err;
	w->block = malloc(ext2_block_size(dir));
	return w->block ? 0 : -ENOMEM;
}

int ext2_dir_find(struct inode *dir, const char *name, size_t len, uint32_t *ino)
{
	struct name_node *n;
	struct work w;
	int err = begin(dir, &w);

	if (err)
		return err;
	err = locate(dir, w.x, name, len, w.block, &n);
	if (!err)
		*ino = entry_at(w.block, n->at % ext2_block_size(dir))->ino;
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

	return has_type(e) ? types[mode >> 12 & 15] : 0;
}

static void set_entry(struct ext2_super *e, struct entry *d, const char *name, size_t len, uint32_t ino, uint32_t mode)
{
	d->ino = ino;
	d->name_len = (uint8_t)len;
	d->type = type_of(e, mode);
	memcpy(d->name, name, len);
}

/* Puts an entry into a block that has room for it; where. */
static uint32_t place(struct ext2_super *e, char *block, const char *name, size_t len, uint32_t ino, uint32_t mode)
{
	uint32_t end = usable(e), want = need(len), at = 0;

	for (;;) {
		struct entry *d = entry_at(block, at);
		uint32_t used = d->ino ? need(d->name_len) : 0, stop = at + d->rec_len < end ? at + d->rec_len : end;

		if (stop - at >= used + want) {
			if (used) {
				uint32_t rest = d->rec_len - used;

				d->rec_len = (uint16_t)used;
				at += used;
				d = entry_at(block, at);
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
		e->lib.initialize_dirent_tail(e->fs, (struct ext2_dir_entry_tail *)(void *)(block + e->fs->blocksize - TAIL));
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
		struct entry *d;

		err = read_block(dir, n, block);
		if (err || e->lib.dirent_has_tail(e->fs, (struct ext2_dir_entry *)(void *)block))
			continue;
		for (; at < bs; at += entry_at(block, at)->rec_len)
			last = at;
		d = entry_at(block, last);
		if (last + (d->ino ? need(d->name_len) : HEAD + 4u) > bs - TAIL) {
			err = ext2_corrupt(e, dir->ino, "a directory's block has no room for its checksum");
			break;
		}
		d->rec_len = (uint16_t)(bs - TAIL - last);
		init_tail(e, block);
		err = write_block(dir, n, block);
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
	if (n >= MAX_BLOCKS)
		return -ENOSPC;
	err = charge(w->x, sizeof *room);
	if (!err)
		err = ext2_map(dir, n, true, &where);
	if (err)
		return err;
	memset(w->block, 0, bs);
	entry_at(w->block, 0)->rec_len = (uint16_t)usable(e);
	init_tail(e, w->block);
	err = write_block(dir, n, w->block);
	if (err)
		return err;
	dir->size = (uint64_t)(n + 1) * bs;
	err = ext2_inode_write(dir, true);
	if (err) {
		dir->size = (uint64_t)n * bs;
		return err;
	}
	room[n] = (uint16_t)usable(e);
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
	while (!err && n < w.x->blocks && w.x->room[n] < need(len))
		n++;
	if (!err)
		err = n == w.x->blocks ? grow(dir, &w) : read_block(dir, n, w.block);
	if (!err && room_in(e, w.block) < need(len))
		err = ext2_corrupt(e, dir->ino, "a directory was changed by others");
	if (!err) {
		at = place(e, w.block, name, len, ino, mode);
		err = add_name(w.x, name, len, n * bs + at);
		if (!err)
			err = write_block(dir, n, w.block);
		if (err)
			ext2_dir_forget(e, (uint32_t)dir->ino);
		else
			w.x->room[n] = room_in(e, w.block);
	}
	free(w.block);
	return err;
}

int ext2_dir_set(struct inode *dir, const char *name, size_t len, uint32_t ino, uint32_t mode)
{
	struct ext2_super *e = ext2_of(dir);
	struct name_node *n;
	struct work w;
	int err;

	if (len == 2 && !memcmp(name, "..", 2)) {	/* in no index: the second of the first block */
		struct entry *d;

		w.block = malloc(e->fs->blocksize);
		if (!w.block)
			return -ENOMEM;
		err = read_block(dir, 0, w.block);
		d = err ? NULL : entry_at(w.block, entry_at(w.block, 0)->rec_len);
		if (d && (entry_at(w.block, 0)->rec_len > e->fs->blocksize - need(2) || d->name_len != 2 || !is_dot(d)))
			err = ext2_corrupt(e, dir->ino, "a directory without '..'");
		if (!err) {
			d->ino = ino;
			err = write_block(dir, 0, w.block);
		}
		free(w.block);
		return err;
	}
	err = begin(dir, &w);
	if (err)
		return err;
	err = locate(dir, w.x, name, len, w.block, &n);
	if (!err) {
		set_entry(e, entry_at(w.block, n->at % e->fs->blocksize), name, len, ino, mode);
		err = write_block(dir, n->at / e->fs->blocksize, w.block);
	}
	free(w.block);
	return err;
}

int ext2_dir_remove(struct inode *dir, const char *name, size_t len)
{
	struct ext2_super *e = ext2_of(dir);
	uint32_t bs = e->fs->blocksize, at, block, before = UINT32_MAX;
	struct name_node *n;
	struct work w;
	int err = begin(dir, &w);

	if (err)
		return err;
	err = locate(dir, w.x, name, len, w.block, &n);
	if (err)
		goto out;
	at = n->at % bs;
	block = n->at / bs;
	for (uint32_t i = 0; i < at; i += entry_at(w.block, i)->rec_len)
		before = i;
	if (before != UINT32_MAX)
		entry_at(w.block, before)->rec_len = (uint16_t)(entry_at(w.block, before)->rec_len + entry_at(w.block, at)->rec_len);
	entry_at(w.block, at)->ino = 0;
	err = write_block(dir, block, w.block);
	if (err)
		goto out;
	w.x->room[block] = room_in(e, w.block);
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
		struct entry *d = entry_at(block, 0);

		set_entry(e, d, ".", 1, (uint32_t)dir->ino, S_IFDIR);
		d->rec_len = (uint16_t)need(1);
		d = entry_at(block, need(1));
		set_entry(e, d, "..", 2, parent, S_IFDIR);
		d->rec_len = (uint16_t)(usable(e) - need(1));
		init_tail(e, block);
		err = write_block(dir, 0, block);
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
	struct dir_index *x;
	int err = index_get(dir, &x);

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

	for (uint64_t n = pos / bs; !err && n < dir->size / bs && n < MAX_BLOCKS; n++) {
		err = read_block(dir, (uint32_t)n, block);
		for (uint32_t at = 0; at < bs && !err; at += entry_at(block, at)->rec_len) {
			const struct entry *d = entry_at(block, at);
			uint64_t here = n * bs + at;

			if (here < pos || !d->ino || is_dot(d))
				continue;
			if (fill(ctx, d->name, d->name_len, d->ino, has_type(e) && d->type < 8 ? types[d->type] : 0, here + d->rec_len))
				goto out;
		}
	}
out:
	free(block);
	return err;
}

const struct file_ops ext2_dir_fops = { .readdir = readdir_op, .fsync = ext2_fsync, .ioctl = ext2_ioctl };
