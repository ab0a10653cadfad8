/* SPDX-License-Identifier: MIT
 *
 * A folder of the host that nothing leads out of: what --share lends to a guest.
 *
 * The host never walks a path for the guest.  A call takes a directory that is held open and one name in it; symbolic
 * links and `..` are resolved by the guest's own walk (emu/fs/namei.c), in its own tree of names.  So there is no path in
 * which somebody could swap a part while it is walked.  What is left are the processes of the host, which may move a
 * directory out of the folder while it is held open here: confine_check() looks where a file is now, and is
 * asked before each use.
 *
 * Device nodes, FIFOs and sockets are held by descriptors that cannot do I/O (O_PATH) and never opened.
 *
 * What a hard link leads to is in the folder, wherever else it has names; what the host mounts below the folder belongs
 * to it, but for procfs: its links and files are the emulator's own insides.
 */
#ifndef EMU_HOST_CONFINE_H
#define EMU_HOST_CONFINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct stat;

struct confine {
	int root;			/* the folder's descriptor; -1: the whole host, nothing is checked */
	uint64_t dev, ino;		/* of the folder */
};

/* Takes the folder.  0; -ENOTDIR, -EACCES (procfs), -ENOSYS (the host has no /proc, and so no way to look), -errno. */
int confine_init(struct confine *c, const char *path);
void confine_fini(struct confine *c);

/* 0 if what a descriptor holds is (still) the folder or below it; -ESTALE if it is not, -errno if that cannot be told. */
int confine_check(const struct confine *c, int fd);

/*
 * Opens one name in a directory that is held open, whatever it is but never through a symbolic link.  O_NOFOLLOW and O_CLOEXEC
 * are added to the flags.  A descriptor or -errno.
 */
int confine_openat(const struct confine *c, int dir, const char *name, int flags, mode_t mode);

/* Looks at what has the name, a symbolic link itself. 0 or -errno. */
int confine_stat(const struct confine *c, int dir, const char *name, struct stat *st);

/* Whether a descriptor holds something of procfs. */
bool confine_is_proc(int fd);

#endif
