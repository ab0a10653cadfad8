/* SPDX-License-Identifier: MIT
 *
 * romfs (Documentation/filesystems/romfs.rst, fs/romfs): a read-only file system that is a list of headers, each on a
 * boundary of 16 bytes with its file's bytes behind it, so that a file is one run and can be mapped where it lies.
 *
 * Where the device is memory a mapping that is not written to lies in it: at an address that is as aligned as the file is, and
 * with whatever is behind the file's end in the rest of its last page (fs/romfs/mmap-nommu.c).
 *
 * Damage is found where it is met, as by Linux: -EIO for what lies outside, -ELOOP for hard links that never end; and for a
 * directory whose list goes round, where Linux goes with it.
 */
#ifndef EMU_FS_ROMFS_H
#define EMU_FS_ROMFS_H

struct machine;

int romfs_register(struct machine *m);

#endif
