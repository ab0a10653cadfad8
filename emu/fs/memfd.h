/* SPDX-License-Identifier: MIT
 *
 * memfd_create(2): a file of the memory file system without a name.
 */
#ifndef EMU_FS_MEMFD_H
#define EMU_FS_MEMFD_H

#include "emu/fs/vfs.h"

/* flags as for file_new(); *out: the caller's reference; /proc shows "/memfd:NAME (deleted)". 0 or -errno. */
int ramfs_memfd(struct machine *m, const char *name, uint32_t flags, struct file **out);

#endif
