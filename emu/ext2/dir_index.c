/* SPDX-License-Identifier: MIT */
#include "emu/ext2/dir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct ext2_name *of_name(const struct tree_node *n) { return tree_entry(n, struct ext2_name, node); }
static struct ext2_index *of_ino(const struct tree_node *n) { return tree_entry(n, struct ext2_index, by_ino); }

static int compare_names(const struct tree_node *a, const struct tree_node *b)
{
	const struct ext2_name *x = of_name(a), *y = of_name(b);

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

static void index_free(struct ext2_index *x)
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

static struct ext2_index *index_of(const struct ext2_super *e, uint32_t ino)
{
	struct tree_node *n = e->dirs.root;

	while (n && of_ino(n)->ino != ino)
		n = ino < of_ino(n)->ino ? n->left : n->right;
	return n ? of_ino(n) : NULL;
}

void ext2_dir_forget(struct ext2_super *e, uint32_t ino)
{
	struct ext2_index *x = index_of(e, ino);

	if (x)
		index_free(x);
}

void ext2_dirs_free(struct ext2_super *e)
{
	while (e->dirs.root)
		index_free(of_ino(e->dirs.root));
}

/* Room for one more of what an index is made of; others' indexes make way. */
int ext2_index_charge(struct ext2_index *x, uint64_t bytes)
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

int ext2_index_add(struct ext2_index *x, const char *name, size_t len, uint32_t at)
{
	struct ext2_name *n;
	int err = ext2_index_charge(x, sizeof *n);

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

static int scan_block(struct ext2_index *x, uint32_t n, char *block)
{
	uint32_t bs = x->e->fs->blocksize;
	int err = 0;

	x->room[n] = ext2_block_room(x->e, block);
	for (uint32_t at = 0; at < bs && !err; at += ext2_entry_at(block, at)->rec_len) {
		const struct ext2_entry *d = ext2_entry_at(block, at);

		if (d->ino && !ext2_entry_is_dot(d))
			err = ext2_index_add(x, d->name, d->name_len, n * bs + at);
	}
	return err;
}

int ext2_index_get(struct inode *dir, struct ext2_index **out)
{
	struct ext2_super *e = ext2_of(dir);
	uint64_t blocks = dir->size / e->fs->blocksize;
	struct ext2_index *x = index_of(e, (uint32_t)dir->ino);
	char *block;
	int err;

	*out = x;
	if (x)
		return 0;
	if (blocks > EXT2_DIR_BLOCKS)
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
	err = ext2_index_charge(x, sizeof *x + blocks * sizeof *x->room);
	x->room = err ? NULL : calloc(blocks + 1, sizeof *x->room);
	if (!err && !x->room)
		err = -ENOMEM;
	for (uint32_t n = 0; n < blocks && !err; n++) {
		err = ext2_block_read(dir, n, block);
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
static struct tree_node *first_of(const struct ext2_index *x, uint32_t hash)
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

int ext2_index_find(struct inode *dir, struct ext2_index *x, const char *name, size_t len, char *block, struct ext2_name **out)
{
	uint32_t bs = ext2_block_size(dir), hash = hash_name(name, len);

	for (struct tree_node *n = first_of(x, hash); n && of_name(n)->hash == hash; n = tree_next(n)) {
		const struct ext2_entry *d;
		int err = ext2_block_read(dir, of_name(n)->at / bs, block);

		if (err)
			return err;
		d = ext2_entry_at(block, of_name(n)->at % bs);
		if (d->ino && d->name_len == len && !memcmp(d->name, name, len)) {
			*out = of_name(n);
			return 0;
		}
	}
	return -ENOENT;
}
