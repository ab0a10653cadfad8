/* SPDX-License-Identifier: MIT
 *
 * The string lists of execve(2), copied out of guest memory.
 */
#ifndef EMU_KERNEL_EXEC_ARGS_H
#define EMU_KERNEL_EXEC_ARGS_H

#include "emu/kernel/task.h"

struct exec_args {
	char **list;		/* NULL-terminated, with room for one more entry */
	char *strings;		/* owned, as is list */
	uint32_t count, bytes;	/* bytes of strings, their NULs included */
};

/*
 * Reads the array of string pointers at addr (0: an empty one).  0, -EFAULT, -ENOMEM, or -E2BIG when the strings
 * take more than limit bytes.
 */
int exec_args_read(struct task *t, uint32_t addr, struct exec_args *out, uint32_t limit);
void exec_args_free(struct exec_args *a);

#endif
