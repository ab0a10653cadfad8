/* SPDX-License-Identifier: MIT
 *
 * Between the files of the cpio unpacker: the archive as a stream of bytes (cpio_stream.c), its format (cpio.c),
 * and what becomes of an entry (cpio_tree.c).
 */
#ifndef EMU_FS_CPIO_H
#define EMU_FS_CPIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "emu/fs/internal.h"

/* --- The stream: plain or out of gzip, asked for piece by piece --- */

struct cpio_stream;

/* Over data, which must stay. NULL: no memory. */
struct cpio_stream *cpio_stream_new(const void *data, size_t size);
void cpio_stream_free(struct cpio_stream *s);
/* Exactly len bytes into dst (NULL: they are skipped). 0, -ENODATA (it ends before), -EINVAL (damaged), -ENOMEM. */
int cpio_stream_read(struct cpio_stream *s, void *dst, uint64_t len);
/* On to the next byte that is not zero: 1. 0: there is none, the end. -errno. */
int cpio_stream_skip_zeros(struct cpio_stream *s);
/* Bytes given so far, zeros included: newc aligns to it. */
uint64_t cpio_stream_at(const struct cpio_stream *s);

/* --- An archive being unpacked --- */
enum cpio_field { CPIO_INO, CPIO_MODE, CPIO_UID, CPIO_GID, CPIO_NLINK, CPIO_MTIME, CPIO_SIZE, CPIO_DEV_MAJOR,
		  CPIO_DEV_MINOR, CPIO_RDEV_MAJOR, CPIO_RDEV_MINOR, CPIO_NAME_SIZE, CPIO_CHECK, CPIO_FIELDS };
enum { CPIO_BUCKETS = 256 };

struct cpio_unpack {
	struct cpio_stream *in;
	char *why;			/* what was wrong, for people: 160 bytes, "" so far */
	const struct path_ref *root;
	struct fs_context fs;		/* in which its names are walked */
	uint32_t field[CPIO_FIELDS];	/* the entry at hand */
	char name[PATH_LIMIT];
	struct hard_link *links[CPIO_BUCKETS];
	struct dir_time *dirs;
	unsigned nlinks, ndirs;
};

/* Each returns err (or what it means), having put the first complaint into u->why. */
int cpio_explain(struct cpio_unpack *u, int err, const char *what);
int cpio_broken(struct cpio_unpack *u, int err);	/* of the stream */
int cpio_failed(struct cpio_unpack *u, int err);	/* of the tree */
/* Skips to the next multiple of four. */
int cpio_pad(struct cpio_unpack *u);

/* --- cpio_tree.c --- */
/* Walks to the directory of u->name, making what is missing on the way. References in *dir. */
int cpio_directory_of(struct cpio_unpack *u, struct path_ref *dir, const char **last);
/* Makes the entry at hand, and reads its data. */
int cpio_make(struct cpio_unpack *u, const struct path_ref *dir, const char *name);
void cpio_set_attributes(const struct cpio_unpack *u, struct inode *i);
int cpio_remember_dir(struct cpio_unpack *u, struct inode *i);
/* At the end of everything: the times of directories. */
void cpio_set_dir_times(struct cpio_unpack *u);
/* At the end of an archive: its inode numbers mean nothing any more. */
void cpio_forget_links(struct cpio_unpack *u);

#endif
