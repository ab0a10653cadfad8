/* SPDX-License-Identifier: MIT
 *
 * Capabilities of program files: the extended attribute security.capability (security/commoncap.c), where a file system has such.
 */
#ifndef EMU_FS_FILE_CAPS_H
#define EMU_FS_FILE_CAPS_H

#include "emu/fs/vfs.h"

#define FILE_CAPS_NAME "security.capability"

struct file_caps {
	bool effective;			/* all that the program gets is in effect from the start */
	uint64_t permitted, inheritable;
};

/* 0; -ENODATA: it has none, or those of another user namespace; -EINVAL: they make no sense. */
int file_caps_get(struct inode *i, struct file_caps *out);
/* May this be set?  (validheader(): the forms of 20 and 24 bytes) */
bool file_caps_valid(const void *value, size_t size);
/* It was set. */
static inline void file_caps_changed(struct inode *i) { i->no_caps = false; }
void file_caps_remove(struct inode *i);
/* The file is written to, cut, or changes its owner: it has none any more.  Asks the file system once. */
static inline void file_caps_drop(struct inode *i)
{
	if (!i->no_caps && i->ops->removexattr)
		file_caps_remove(i);
}

#endif
