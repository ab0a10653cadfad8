/* SPDX-License-Identifier: MIT
 *
 * devtmpfs: the tree of device nodes.  There is one, whatever it is mounted on; a driver that registers
 * (vfs_register_chrdev) gets its node in it.  And the devices that need no driver: null, zero, full, random,
 * urandom, kmsg, mem.
 */
#ifndef EMU_FS_DEVFS_H
#define EMU_FS_DEVFS_H

struct machine;

/* Makes "devtmpfs" known to mount(2), with the memory devices in it.  0 or -errno. */
int devfs_register(struct machine *m);
/* dev_mem.c: the memory devices themselves. */
int dev_mem_register(struct machine *m);

#endif
