/* SPDX-License-Identifier: MIT
 *
 * A romfs (Documentation/filesystems/romfs.rst): headers, each with its file's bytes behind it, on boundaries of 16; the headers of
 * a directory are a list.  Each directory has "." and ".." in it, as hard links; the root's "." is the root itself.
 *
 * A file to be executed in place is put where its bytes, not its header, are on a boundary.  The gap before it takes the next
 * files that fit into it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "mkrom.h"

enum { HEADER = 16, ALIGN = 16, BLOCK = 1024, SUMMED = 512, NAME_MOST = 127 };
enum { HARD_LINK, DIRECTORY, REGULAR, SYMLINK, BLOCK_DEVICE, CHAR_DEVICE, SOCKET, FIFO, EXEC = 8 };

static void put(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* Makes the word at `sum` such that all of them add up to 0. */
static void seal(uint8_t *p, uint32_t len, uint8_t *sum)
{
	uint32_t total = 0;

	put(sum, 0);
	for (uint32_t i = 0; i < len; i += 4)
		total += (uint32_t)p[i] << 24 | (uint32_t)p[i + 1] << 16 | (uint32_t)p[i + 2] << 8 | p[i + 3];
	put(sum, 0 - total);
}

static uint32_t meta(const char *name)
{
	return up(HEADER + (uint32_t)strlen(name) + 1, ALIGN);
}

/* What a node takes: a directory with the links in it that every directory has. */
static uint32_t length(const struct node *n)
{
	if (S_ISDIR(n->mode))
		return n->meta + meta(".") + meta("..");
	return n->meta + (n->same ? 0 : up(n->size, ALIGN));
}

/* --- Where everything goes --- */

static bool in_place(const struct node *n)
{
	return n->in_place && n->size && !n->same;
}

/* Puts nodes that have no place yet, and need no certain one, into [at, end); where they end. */
static uint32_t fill_gap(struct node **from, uint32_t at, uint32_t end)
{
	for (struct node *n = *from; n && at < end; n = n->next) {
		if (n->at || in_place(n) || length(n) > end - at)
			continue;
		n->at = at;
		at += length(n);
	}
	while (*from && ((*from)->at || in_place(*from)))
		*from = (*from)->next;
	return at;
}

static uint32_t place(struct tree *t, const struct layout *l, uint32_t at)
{
	struct node *rest = t->root->next;

	for (struct node *n = t->root->next; n; n = n->next) {
		if (strlen(n->name) > NAME_MOST)
			fail("%s: a name may have %d bytes", n->name, NAME_MOST);
		n->at = 0;
		n->meta = meta(n->name);
	}
	/* The root is where the volume's name ends; it has a "." of its own, and "..". */
	t->root->at = at;
	t->root->meta = meta(".");
	at += meta(".") + meta("..");
	for (struct node *n = t->root->next; n; n = n->next) {
		uint32_t start = up(at + n->meta, l->align) - n->meta;

		if (!in_place(n))
			continue;
		fill_gap(&rest, at, start);
		n->at = start;
		at = start + length(n);
	}
	return fill_gap(&rest, at, UINT32_MAX);
}

/* --- Writing it --- */

static void put_header(struct image *out, uint32_t at, uint32_t next, unsigned type, uint32_t spec, uint32_t size,
		       const char *name)
{
	uint32_t len = meta(name);
	uint8_t *p = image_at(out, at, len);

	put(p, next | type);
	put(p + 4, spec);
	put(p + 8, size);
	strcpy((char *)p + HEADER, name);
	seal(p, len, p + 12);
}

static unsigned type_of(const struct node *n)
{
	unsigned exec = n->mode & 0111 ? EXEC : 0;

	switch (n->mode & S_IFMT) {
	case S_IFDIR: return DIRECTORY | EXEC;
	case S_IFREG: return REGULAR | exec;
	case S_IFLNK: return SYMLINK;
	case S_IFBLK: return BLOCK_DEVICE;
	case S_IFCHR: return CHAR_DEVICE;
	case S_IFSOCK: return SOCKET;
	}
	return FIFO;
}

static uint32_t first_in(const struct node *dir)
{
	return dir->parent == dir ? dir->at : dir->at + dir->meta;
}

static void put_node(struct image *out, const struct node *n, uint32_t next)
{
	uint32_t spec = 0, size = 0;

	if (n->same) {
		put_header(out, n->at, next, HARD_LINK, n->same->at, 0, n->name);
		return;
	}
	if (S_ISDIR(n->mode))
		spec = first_in(n);
	else if (S_ISBLK(n->mode) || S_ISCHR(n->mode))
		spec = n->major << 16 | (n->minor & 0xffff);
	else
		size = n->size;
	put_header(out, n->at, next, type_of(n), spec, size, n->name);
	if (size)
		memcpy(image_at(out, n->at + n->meta, size), n->data, size);
}

/* The list of what is in it. */
static void put_directory(struct image *out, const struct node *dir)
{
	uint32_t first = dir->nr ? dir->children[0]->at : 0, dot = first_in(dir), dots = dot + meta(".");

	if (dir->parent == dir)
		put_header(out, dot, dots, DIRECTORY | EXEC, dot, 0, ".");
	else
		put_header(out, dot, dots, HARD_LINK, dir->at, 0, ".");
	put_header(out, dots, first, HARD_LINK, dir->parent->at, 0, "..");
	for (size_t i = 0; i < dir->nr; i++)
		put_node(out, dir->children[i], i + 1 < dir->nr ? dir->children[i + 1]->at : 0);
}

void romfs_write(struct tree *t, const struct layout *l, struct image *out)
{
	uint32_t end = place(t, l, meta(l->volume));
	uint8_t *p;

	if (strlen(l->volume) > NAME_MOST)
		fail("-V %s: a name may have %d bytes", l->volume, NAME_MOST);
	image_at(out, 0, up(end, BLOCK));
	for (const struct node *n = t->root; n; n = n->next)
		if (S_ISDIR(n->mode))
			put_directory(out, n);
	p = image_at(out, 0, SUMMED);
	memcpy(p, "-rom1fs-", 8);
	put(p + 8, end);
	strcpy((char *)p + HEADER, l->volume);
	seal(p, SUMMED, p + 12);
}
