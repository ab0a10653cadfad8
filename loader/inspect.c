/* SPDX-License-Identifier: MIT
 *
 * `flat32 inspect`: what a file is, how it would be laid out, and why it would not load.
 */
#define _GNU_SOURCE		/* strerrorname_np() */
#include "loader/inspect.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

void inspect_row(FILE *out, const char *label, const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = '?';
	fprintf(out, "  %-13s%s\n", label, line);
}

int inspect_verdict(FILE *out, int err, const char *why, const char *hint)
{
	const char *name;

	if (!err) {
		inspect_row(out, "would load", "yes");
		return 0;
	}
	name = strerrorname_np(-err);
	inspect_row(out, "would load", "no (%s): %s", name ? name : "?", why);
	if (*hint)
		inspect_row(out, "to do", "%s", hint);
	return err;
}

void inspect_add(struct inspect_memory *m, uint64_t bytes)
{
	uint64_t pages = (bytes + FLAT_PAGE_SIZE - 1) / FLAT_PAGE_SIZE, block = 1;

	if (pages == 0)
		return;
	while (block < pages)
		block *= 2;
	m->trimmed += pages * FLAT_PAGE_SIZE;
	m->rounded += block * FLAT_PAGE_SIZE;
}

void inspect_memory_rows(FILE *out, const struct inspect_memory *m)
{
	inspect_row(out, "memory", "%llu KiB with page trimming (vm.nr_trim_pages 1, the default)",
		    (unsigned long long)m->trimmed / 1024);
	inspect_row(out, "", "%llu KiB without (0): each mapping is rounded up to a power of two",
		    (unsigned long long)m->rounded / 1024);
}

static int inspect_script(FILE *out, const struct loader_head *head)
{
	struct script_line line;
	const char *why;
	int err = script_parse(head, &line, &why);

	if (err)
		return inspect_verdict(out, err, why, "write it as #!/bin/sh");
	inspect_row(out, "interpreter", "%s", line.interp);
	if (line.arg)
		inspect_row(out, "argument", "%s (all the rest of the line is one argument)", line.arg);
	inspect_row(out, "would load", "if %s does", line.interp);
	return 0;
}

int loader_inspect(const struct loader_file *file, const char *name, void *stream, struct loader_cost *sum)
{
	FILE *out = stream;
	struct loader_head head;
	char what[128];
	const char *hint;
	int err;

	inspect_row(out, "file", "%s, %llu bytes", name, (unsigned long long)file->size);
	err = loader_read_head(file, &head);
	if (err)
		return inspect_verdict(out, err, strerror(-err), "");
	hint = loader_describe(&head, what, sizeof(what));
	inspect_row(out, "kind", "%s", what);
	if (elf_is(&head))
		return inspect_elf(out, file, &head, sum);
	if (bflt_is(&head))
		return inspect_bflt(out, file, &head);
	if (script_is(&head))
		return inspect_script(out, &head);
	return inspect_verdict(out, -ENOEXEC, "it is not a program", hint);
}
