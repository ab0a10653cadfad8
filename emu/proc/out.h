/* SPDX-License-Identifier: MIT
 *
 * The text of a file in /proc while it is made; also for what other rooms have to say there (file_ops.show).
 */
#ifndef EMU_PROC_OUT_H
#define EMU_PROC_OUT_H

#include <stdbool.h>
#include <stddef.h>

/* A text that grows.  Once memory is short it stays as it is, and failed is set. */
struct proc_out {
	char *buf;
	size_t len, size;
	bool failed;
};
void out_text(struct proc_out *o, const void *text, size_t len);
void out(struct proc_out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Blanks up to column `to` of the current line, at least one. */
void out_pad(struct proc_out *o, size_t line_start, size_t to);
/* With blanks, control characters and any of `special` as \ooo. */
void out_escaped(struct proc_out *o, const char *text, const char *special);

#endif
