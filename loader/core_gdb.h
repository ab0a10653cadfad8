/* SPDX-License-Identifier: MIT
 *
 * `flat32 inspect --gdb CORE`: commands for gdb.
 */
#ifndef LOADER_CORE_GDB_H
#define LOADER_CORE_GDB_H

#include "loader/loader.h"

struct core_gdb {
	const struct loader_file *file;	/* the core */
	const char *name;		/* its name, for gdb */
	const char *program;		/* the name of the program; NULL: the core says it */
	/* Opens a file of the guest by its name there, for reading; host: its name here, PATH_MAX bytes. */
	int (*open)(void *owner, const char *name, struct loader_file *out, char *host);
	void *owner;
};

/*
 * Writes the commands on `out` (FILE *).  0, or -errno with *why, a sentence without its end; what is missing of
 * libraries is said by the commands.
 */
int core_gdb(const struct core_gdb *c, void *out, const char **why);

#endif
