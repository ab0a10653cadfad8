/* SPDX-License-Identifier: MIT
 *
 * An image to boot from: a cpio archive, plain or gzip, which is unpacked into the root directory; a romfs or cramfs, which is
 * put into a ROM and mounted as the root, its files where they lie; or a disk (ext2, or with partitions), which is /dev/vda and
 * stays in its file.  Its first bytes say which.  A romfs or cramfs that is in the flash already is mounted from
 * there.
 */
#ifndef EMU_IMAGE_H
#define EMU_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine;

enum image_kind { IMAGE_CPIO, IMAGE_ROMFS, IMAGE_CRAMFS, IMAGE_DISK };

struct image {
	const char *path;	/* not owned */
	void *data;		/* a mapping of the host's file; of a disk, or of what is in the flash, NULL */
	size_t size;
	enum image_kind kind;
	bool read_only;		/* the path ends in ":ro", which is no part of the file's name */
};

/* Opens the host's file.  0, or an exit status after saying on stderr why; image_close() in either case. */
int image_open(const char *path, struct image *out);
void image_close(struct image *i);
/* Is there a romfs or cramfs at the beginning of the flash with this file of the host?  Nothing is said, nor to be closed. */
bool image_in_flash(const char *path, struct image *out);
/* Makes it the machine's root: unpacks it, or mounts the ROM that machine_new() has put it in, or the flash.  As image_open(). */
int image_root(struct machine *m, const struct image *i);
/* Over the empty root, from a node in it (a second try finds it there), as the kernel's mount_root() does.  0 or -errno. */
int image_mount(struct machine *m, const char *type, uint32_t dev, bool read_only);

/* --- image_disk.c --- */
bool image_is_disk(const uint8_t *data, size_t size);
/* Of /dev/vda.  0; 1: only to be read, *why says why; -errno and *why. */
int image_mount_disk(struct machine *m, bool read_only, const char **why);

#endif
