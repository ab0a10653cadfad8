/* SPDX-License-Identifier: MIT
 *
 * --core-dir, --core: core files in a folder of the host.  The folder is opened once; names are made by us alone, and nothing
 * is followed out of it.
 */
#ifndef EMU_HOST_COREFILE_H
#define EMU_HOST_COREFILE_H

#include <stdint.h>

struct corefile { int dir, fd; uint64_t size; char name[256]; };

/* The folder's descriptor, or -errno. */
int corefile_dir(const char *path);
/* path is that of a folder: *name is NULL; or of a file to be, in a folder: *name is its last part.  As corefile_dir(). */
int corefile_place(const char *path, const char **name);
/* A new file `name`, NULL: core.COMM.PID, in place of an older one.  0 or -errno. */
int corefile_begin(struct corefile *f, int dir, const char *name, const char *comm, int pid);
/* The next bytes; data NULL: zeros, which take no room.  0 or -errno. */
int corefile_write(struct corefile *f, const void *data, uint32_t len);
/* err 0: completes the file; else removes it.  err, or what went wrong at the end. */
int corefile_end(struct corefile *f, int err);

#endif
