/* SPDX-License-Identifier: MIT
 *
 * --core-dir: core files in a folder of the host.  The folder is opened once; names are made by us alone, and nothing
 * is followed out of it.
 */
#ifndef EMU_HOST_COREFILE_H
#define EMU_HOST_COREFILE_H

#include <stdint.h>

struct corefile { int dir, fd; uint64_t size; char name[64]; };

/* The folder's descriptor, or -errno. */
int corefile_dir(const char *path);
/* A new file core.COMM.PID, in place of an older one.  0 or -errno. */
int corefile_begin(struct corefile *f, int dir, const char *comm, int pid);
/* The next bytes; data NULL: zeros, which take no room.  0 or -errno. */
int corefile_write(struct corefile *f, const void *data, uint32_t len);
/* err 0: completes the file; else removes it.  err, or what went wrong at the end. */
int corefile_end(struct corefile *f, int err);

#endif
