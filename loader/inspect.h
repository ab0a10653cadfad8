/* SPDX-License-Identifier: MIT
 *
 * What the files of `flat32 inspect` share: one row per fact, a label and a text.
 */
#ifndef LOADER_INSPECT_H
#define LOADER_INSPECT_H

#include <stdio.h>
#include "loader/elf_file.h"

/* A row; without a label it continues the one above.  Control characters are shown as '?'. */
__attribute__((format(printf, 3, 4)))
void inspect_row(FILE *out, const char *label, const char *format, ...);

/* The end of every report; err is what execve() would say.  Returns err. */
int inspect_verdict(FILE *out, int err, const char *why, const char *hint);

/* What mappings of these sizes would take, with page trimming and without. */
struct inspect_memory {
	uint64_t trimmed, rounded;	/* bytes: whole pages; whole power-of-two blocks */
};
void inspect_add(struct inspect_memory *m, uint64_t bytes);
void inspect_memory_rows(FILE *out, const struct inspect_memory *m);

/* inspect_fdpic.c: what a file with segments of their own costs. */
struct inspect_fdpic {
	struct inspect_memory each;	/* for each process */
	uint64_t shared;		/* bytes for all of them, whole pages */
};
void inspect_fdpic(FILE *out, const struct elf_file *e, struct inspect_fdpic *f);
void inspect_fdpic_memory(FILE *out, const struct inspect_fdpic *f, bool interp);

/* inspect_elf.c, inspect_bflt.c: the report on a file that is one; what execve() would say. */
/* sum: as loader_inspect(). */
int inspect_elf(FILE *out, const struct loader_file *file, const struct loader_head *head, struct loader_cost *sum);
int inspect_bflt(FILE *out, const struct loader_file *file, const struct loader_head *head);

/* inspect_sections.c: what libelf finds beyond the program headers: libraries, relocations, symbols. */
void inspect_sections(FILE *out, const struct loader_file *file, const struct elf_file *e);

#endif
