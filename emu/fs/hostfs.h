/* SPDX-License-Identifier: MIT
 *
 * The host's files, as the guest's: what `flat32 run` has as its root, like qemu-user; and folders that a guest is
 * lent, to be mounted by name (hostfs_share.c).
 *
 * Everything is done with the rights of the user who runs the emulator.  Regular files, directories and
 * symbolic links are passed through; other kinds can be seen but not opened (-ENXIO).  An inode is a file
 * of the host, by its device and inode number, held by an O_PATH descriptor as long as the guest uses it; the
 * host may change its tree at any time, so names are looked up each time.
 */
#ifndef EMU_FS_HOSTFS_H
#define EMU_FS_HOSTFS_H

#include <stdbool.h>

struct machine;

/*
 * Makes the type known.  From then on a guest with CAP_SYS_ADMIN can mount the host's tree, with the rights of
 * whoever runs the emulator: for `flat32 run` only, never for a machine that is to be kept apart from the host.
 * 0 or -ENOMEM.
 */
int hostfs_register(struct machine *m);
/* Puts the host's tree over the root.  0 or -errno. */
int hostfs_mount_root(struct machine *m);

/*
 * Lends the guest a folder of the host: it can mount file systems of type "share" with this source, and nothing of the
 * host beside the folder.  0, -errno as confine_init(), -ENOMEM.
 */
int hostfs_share(struct machine *m, const char *path, const char *name, bool read_only);

#endif
