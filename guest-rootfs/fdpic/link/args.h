/* SPDX-License-Identifier: MIT
 *
 * The command line: that of a Unix linker as ld.lld takes it. Each option belongs to the joining step, to the last
 * step, to both, or is this tool's own business; what is not known here goes to the last step, where lld judges it.
 */
#ifndef FDPIC_ARGS_H
#define FDPIC_ARGS_H

#include "util.h"

#include <stdbool.h>

enum input_kind { INPUT_OBJECT, INPUT_ARCHIVE, INPUT_SHARED };

struct input {
	char *path;
	const char *name;		/* of one that -l found: its path below the folder of -L; else NULL */
	enum input_kind kind;
	bool whole;			/* --whole-archive */
	bool as_needed;
};

struct args {
	bool just_lld;			/* -r, --version and the like: nothing for us to do */
	bool shared;			/* -shared */
	bool soname;			/* -soname: the library has one */
	bool export_dynamic;		/* -E, or single symbols are exported by list */
	bool strip_all;			/* -s */
	bool discard_all;		/* -x */
	bool strict;			/* -z defs in a shared library */
	bool relax;			/* unless --no-relax */
	bool loose;			/* undefined symbols are allowed */
	bool keep_temps;		/* --fdpic-keep-temps */
	bool stats;			/* --fdpic-stats */
	char *output;
	char *sysroot;
	struct texts search;		/* -L */
	struct texts wrap;		/* --wrap */
	struct texts defined;		/* names that --defsym will define in the last step */
	struct texts interposed;	/* names in --dynamic-list: those of a library that others may replace */
	struct texts join, last;	/* options of the two steps */
	struct input *inputs;
	size_t n_inputs;
};

/* Exits with a message when something is wrong with argv. */
struct args args_read(int argc, char **argv);

#endif
