/* SPDX-License-Identifier: MIT
 *
 * /proc, in the formats of Linux 6.12 without an MMU.
 *
 * proc_files.def is the one table of what there is: it feeds lookup, directory listings and the docs.
 * A file's text is made when it is first read from its start, and kept for the length of that reading: pieces fit
 * together, whatever happens meanwhile.
 */
#ifndef EMU_PROC_PROC_H
#define EMU_PROC_PROC_H

struct file;
struct machine;
struct task;

/* Makes "proc" known to mount(2).  0 or -errno. */
int proc_register(struct machine *m);
/* The main thread of the process whose PID/ the file is.  0, -EBADF: it is another file, -ESRCH: gone. */
int proc_process_of(const struct file *f, struct task **leader);

#endif
