/* SPDX-License-Identifier: MIT
 *
 * `#! interp [arg]`, read as fs/binfmt_script.c reads it: only the first 256 bytes of the file
 * are seen.  Without a newline in them, the interpreter's name must at least be known to be
 * whole (a blank or NUL behind it); the argument may be cut, the interpreter can read the line
 * itself.  Blanks are spaces and tabs; the argument is all the rest of the line, one string.
 */
#include "loader/internal.h"

#include <errno.h>
#include <string.h>

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The first character in [p, end) that is not a blank, or end. */
static char *skip_blanks(char *p, char *end)
{
	while (p < end && blank(*p))
		p++;
	return p;
}

/* The first blank or NUL in [p, end), or end. */
static char *word_end(char *p, char *end)
{
	while (p < end && !blank(*p) && *p)
		p++;
	return p;
}

bool script_is(const struct loader_head *head)
{
	return head->bytes[0] == '#' && head->bytes[1] == '!';
}

int script_parse(const struct loader_head *head, struct script_line *out, const char **why)
{
	char *text = out->text, *start = text + 2, *end, *name, *sep;

	memcpy(text, head->bytes, LOADER_PREP);
	text[LOADER_PREP] = '\0';

	/* The kernel looks for the newline up to the first NUL. */
	end = memchr(text, '\n', strnlen(text, LOADER_PREP));
	if (!end) {
		end = text + LOADER_PREP - 1;
		name = skip_blanks(start, end);
		*why = "the #! line names no interpreter in the first 256 bytes";
		if (name == end)
			return -ENOEXEC;
		*why = "the interpreter's name after #! does not end within the first 256 bytes";
		if (word_end(name, end) == end)
			return -ENOEXEC;
	}
	while (end > start && blank(end[-1]))
		end--;

	name = skip_blanks(start, end);
	*why = "no interpreter is named after #!";
	if (name == end || *name == '\0')
		return -ENOEXEC;
	sep = word_end(name, end);
	out->interp = name;
	out->arg = NULL;
	if (sep < end && *sep) {
		char *arg = skip_blanks(sep, end);

		if (arg < end)
			out->arg = arg;
	}
	*end = '\0';
	*sep = '\0';
	return 0;
}
