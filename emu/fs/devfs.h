/* SPDX-License-Identifier: MIT
 *
 * devtmpfs: the tree of device nodes.  There is one, whatever it is mounted on; a driver that registers
 * (vfs_register_chrdev, vfs_register_blkdev) gets its node in it.  And the devices that need no driver: null, zero, full, random,
 * urandom, kmsg, mem.
 */
#ifndef EMU_FS_DEVFS_H
#define EMU_FS_DEVFS_H

#include <stdint.h>

struct machine;

/* Makes "devtmpfs" known to mount(2), with the memory devices in it.  0 or -errno. */
int devfs_register(struct machine *m);
/* A node in it; one that is there already stays.  0 or -errno. */
int devfs_add_node(struct machine *m, const char *name, uint32_t mode, uint32_t rdev);
/* Takes it away; who has it open keeps it. */
void devfs_remove_node(struct machine *m, const char *name);
/* The device numbers and inode number of a node in it, for /proc/PID/maps; 0 if there is none. */
void devfs_identify(struct machine *m, const char *name, uint32_t *major, uint32_t *minor, uint64_t *ino);
/* dev_mem.c: the memory devices themselves. */
int dev_mem_register(struct machine *m);

#endif
