/* SPDX-License-Identifier: MIT
 *
 * Inside /sys: what makes the tree (sysfs.c), and what adds to it.
 */
#ifndef EMU_SYSFS_INTERNAL_H
#define EMU_SYSFS_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

struct fs_super;

/*
 * A file that always says these bytes (a copy of them), or a directory (S_IFDIR in mode, len 0), at a path below the root; what is
 * on the way to it is made. 0 or -errno.
 */
int sysfs_add_data(struct fs_super *s, const char *path, uint32_t mode, const void *data, size_t len);

/* device_tree.c: firmware/fdt and firmware/devicetree, which is the same as files. 0 or -errno. */
int sysfs_add_device_tree(struct fs_super *s);

#endif
