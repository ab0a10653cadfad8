/* SPDX-License-Identifier: MIT
 *
 * An image to boot from: a cpio archive, plain or gzip, which is unpacked into the root directory; or a romfs or cramfs,
 * which is put into a ROM and mounted as the root, its files where they lie.  Its first bytes say which.  A romfs or cramfs
 * that is in the flash already is mounted from there.
 */
#ifndef EMU_IMAGE_H
#define EMU_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

struct machine;

enum image_kind { IMAGE_CPIO, IMAGE_ROMFS, IMAGE_CRAMFS };

struct image {
	const char *path;	/* not owned */
	void *data;		/* a mapping of the host's file; NULL: it is in the flash */
	size_t size;
	enum image_kind kind;
};

/* Opens the host's file.  0, or an exit status after saying on stderr why; image_close() in either case. */
int image_open(const char *path, struct image *out);
void image_close(struct image *i);
/* Is there a romfs or cramfs at the beginning of the flash with this file of the host?  Nothing is said, nor to be closed. */
bool image_in_flash(const char *path, struct image *out);
/* Makes it the machine's root: unpacks it, or mounts the ROM that machine_new() has put it in, or the flash.  As image_open(). */
int image_root(struct machine *m, const struct image *i);

#endif
