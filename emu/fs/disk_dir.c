/* SPDX-License-Identifier: MIT
 *
 * Directories that lie on a device as lists: an index of each that was asked for a name, and reading them in order.
 *
 * An index is an array of (hash of the name, place of the entry), in order of the hash, and for equal ones of the list: the first
 * of two entries with one name counts, as it does for Linux, which walks the list.  The name itself is read from the
 * device and compared, so an index that is no longer right finds nothing, and nothing wrong.
 *
 * Indexes are counted with vfs_charge().  A directory for whose index there is no room is walked, as Linux would.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/fs/disk.h"
#include "emu/fs/internal.h"

struct index_entry { uint32_t hash, order, at; };

struct dir_index {
	struct tree_node by_ino;
	uint64_t ino;		/* of the directory */
	uint32_t n, room;
	int err;		/* what the list ends with: 0, or that it is damaged */
	struct index_entry *entries;
	struct fs_super *super;
};

static struct dir_index *of(const struct tree_node *n)
{
	return tree_entry(n, struct dir_index, by_ino);
}

static int compare_ino(const struct tree_node *a, const struct tree_node *b)
{
	return of(a)->ino < of(b)->ino ? -1 : of(a)->ino > of(b)->ino;
}

static const struct tree_ops by_ino = { .compare = compare_ino };

/* FNV-1a. */
static uint32_t hash_name(const char *name, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)name[i]) * 16777619u;
	return h;
}

/* --- Making one --- */

static int compare_entries(const void *a, const void *b)
{
	const struct index_entry *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static uint64_t cost(uint32_t room)
{
	return sizeof(struct dir_index) + (uint64_t)room * sizeof(struct index_entry);
}

static void index_free(struct dir_index *x)
{
	vfs_uncharge(x->super->machine, cost(x->room));
	free(x->entries);
	free(x);
}

static int grow(struct dir_index *x)
{
	uint32_t room = x->room ? 2 * x->room : 64;
	struct index_entry *e;

	if (vfs_charge(x->super->machine, cost(room) - cost(x->room)))
		return -ENOMEM;
	e = realloc(x->entries, room * sizeof *e);
	if (!e) {
		vfs_uncharge(x->super->machine, cost(room) - cost(x->room));
		return -ENOMEM;
	}
	x->entries = e;
	x->room = room;
	return 0;
}

static int add(void *ctx, const struct disk_entry *e)
{
	struct dir_index *x = ctx;

	if (x->n == x->room && grow(x)) {
		x->err = -ENOMEM;
		return 1;
	}
	x->entries[x->n] = (struct index_entry){ hash_name(e->name, e->len), x->n, e->at };
	x->n++;
	return 0;
}

/* NULL: no room for it. */
static struct dir_index *index_make(struct inode *dir, disk_scan_fn scan)
{
	struct dir_index *x;
	int err;

	if (vfs_charge(dir->super->machine, cost(0)))
		return NULL;
	x = calloc(1, sizeof *x);
	if (!x) {
		vfs_uncharge(dir->super->machine, cost(0));
		return NULL;
	}
	x->super = dir->super;
	x->ino = dir->ino;
	err = scan(dir, 0, add, x);
	if (x->err || err == -ENOMEM) {
		index_free(x);
		return NULL;
	}
	x->err = err;
	if (x->n)
		qsort(x->entries, x->n, sizeof *x->entries, compare_entries);
	tree_insert(&dir->super->disk->dirs, &x->by_ino);
	return x;
}

static struct dir_index *index_of(struct inode *dir, disk_scan_fn scan)
{
	struct tree *t = &dir->super->disk->dirs;
	struct tree_node *n = t->root;

	if (!t->ops)
		tree_init(t, &by_ino);
	while (n) {
		struct dir_index *x = of(n);

		if (x->ino == dir->ino)
			return x;
		n = dir->ino < x->ino ? n->left : n->right;
	}
	return index_make(dir, scan);
}

void disk_dirs_free(struct fs_super *s)
{
	struct tree_node *n;

	while ((n = s->disk->dirs.root)) {
		tree_remove(&s->disk->dirs, n);
		index_free(of(n));
	}
}

/* --- Asking --- */

struct question { const char *name; size_t len; uint32_t at; bool once, found; };

/* Of entries one after the other, or of one alone (once). */
static int is_it(void *ctx, const struct disk_entry *e)
{
	struct question *q = ctx;

	q->found = e->len == q->len && !memcmp(e->name, q->name, q->len);
	q->at = e->at;
	return q->found || q->once;
}

int disk_dir_find(struct inode *dir, disk_scan_fn scan, const char *name, size_t len, uint32_t *at)
{
	struct question q = { .name = name, .len = len };
	uint32_t hash = hash_name(name, len), low = 0, high;
	struct dir_index *x = index_of(dir, scan);
	int err;

	if (!x) {
		err = scan(dir, 0, is_it, &q);
		*at = q.at;
		return q.found ? 0 : err ? err : -ENOENT;
	}
	for (high = x->n; low < high;) {
		uint32_t mid = low + (high - low) / 2;

		if (x->entries[mid].hash < hash)
			low = mid + 1;
		else
			high = mid;
	}
	for (q.once = true; low < x->n && x->entries[low].hash == hash; low++) {
		err = scan(dir, x->entries[low].at, is_it, &q);
		if (err)
			return err;
		if (q.found) {
			*at = q.at;
			return 0;
		}
	}
	return x->err ? x->err : -ENOENT;
}

/* --- Reading in order --- */

struct reader { void *ctx; vfs_fill_fn fill; bool bad; };

static int give(void *ctx, const struct disk_entry *e)
{
	struct reader *r = ctx;

	if (e->name[0] == '.' && (e->len == 1 || (e->len == 2 && e->name[1] == '.')))
		return 0;
	if (!e->len || memchr(e->name, '/', e->len)) {	/* verify_dirent_name() */
		r->bad = true;
		return 1;
	}
	return r->fill(r->ctx, e->name, e->len, e->ino, e->type, e->next);
}

int disk_dir_read(struct file *f, disk_scan_fn scan, void *ctx, vfs_fill_fn fill)
{
	const struct dir_index *x = index_of(f->inode, scan);
	struct reader r = { .ctx = ctx, .fill = fill };
	int err;

	if (f->pos > UINT32_MAX)
		return 0;
	/* A list that goes round would be read for ever, a buffer at a time. */
	if (x && x->err == -ELOOP)
		return -ELOOP;
	err = scan(f->inode, f->pos == 2 ? 0 : (uint32_t)f->pos, give, &r);
	return r.bad ? -EIO : err;
}
