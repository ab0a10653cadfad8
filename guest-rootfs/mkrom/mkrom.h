/* SPDX-License-Identifier: MIT
 *
 * mkrom: images of read-only file systems whose programs can be executed where they lie.  A program of the host, on its own.
 *
 * A tree is read (tree.c), laid out and written (romfs.c, cramfs.c).  Whatever goes wrong ends the program: fail().
 */
#ifndef MKROM_H
#define MKROM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE 4096u

/* A file, directory, device, ... of the tree. */
struct node {
	char *name;			/* of the root: "" */
	uint32_t mode, uid, gid;	/* type and permissions */
	uint32_t major, minor;		/* of devices */
	uint8_t *data;			/* of regular files and symbolic links */
	uint32_t size;			/* bytes of data */
	bool in_place;			/* to be executed, and mapped, where it lies */
	struct node *same;		/* another name of this file, which is before it in the tree; NULL: none */
	struct node *parent;		/* of the root: itself */
	struct node **children;		/* of directories, in the order of their names' bytes */
	size_t nr, room;
	uint64_t dev, ino;		/* on the host */
	/* The writer's own. */
	uint32_t at, meta;
	struct node *next;		/* in the order of the tree */
};

enum in_place { NONE, PROGRAMS, ALL };

struct tree { struct node *root; uint32_t nodes; };

/* Reads a folder of the host.  keep: owners as they are, else root's. */
void tree_read(struct tree *t, const char *dir, bool keep, enum in_place in_place);
/* Adds a device node, and the directories it is in: "dev/console", a mode with its type. */
void tree_add_device(struct tree *t, const char *path, uint32_t mode, uint32_t major, uint32_t minor);
/* Sorts, finds hard links, and chains all nodes by `next`, directories before what is in them; after the last addition. */
void tree_finish(struct tree *t);

/* The bytes of an image, which grow as they are written to; what nobody wrote is zero. */
struct image { uint8_t *bytes; uint32_t size, room; };
/* Where bytes [at, at+len) of it are. */
uint8_t *image_at(struct image *i, uint32_t at, uint32_t len);

struct layout {
	const char *volume;
	uint32_t align;			/* of the bytes of files that are executed in place; a power of two */
};
void romfs_write(struct tree *t, const struct layout *l, struct image *out);
void cramfs_write(struct tree *t, const struct layout *l, struct image *out);

void fail(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void *need(void *p);			/* p, or out of memory */

static inline uint32_t up(uint32_t n, uint32_t to) { return (n + to - 1) & ~(to - 1); }

#endif
