/* SPDX-License-Identifier: MIT
 *
 * lld's link map names the input file of each section of the joined object. Its lines have four numbers, then, after
 * one blank, an output section, or, after nine, an input section, or a symbol. With --unique the output sections are
 * those of the joined object in their order, each made from one input section.
 */
#include "object_file.h"

#include "inputs.h"

#include <string.h>

#define BEFORE_OUT	33		/* columns of the four numbers */
#define BEFORE_IN	(BEFORE_OUT + 8)

void object_origins(struct object *o, const char *map)
{
	size_t size;
	char *p = file_read(map, &size);
	uint32_t section = 0;

	for (char *line = strtok(p, "\n"); line; line = strtok(NULL, "\n")) {
		size_t length = strlen(line);
		char *paren;

		if (length <= BEFORE_IN)
			if (length <= BEFORE_OUT)
				continue;
		if (line[BEFORE_OUT] != ' ' && line[BEFORE_OUT - 1] == ' ') {
			if (!strcmp(line + BEFORE_OUT, "Out     In      Symbol"))
				continue;
			section++;
			if (section >= o->n_read || strcmp(line + BEFORE_OUT, o->sections[section].name))
				die("the joined object and its map differ at section %u (%s)", section, line + BEFORE_OUT);
		} else if (length > BEFORE_IN && line[BEFORE_IN] != ' ' && section && !o->sections[section].origin &&
			   line[BEFORE_IN] != '<') {
			paren = strrchr(line, '(');
			if (paren && paren > line + BEFORE_IN && paren[-1] == ':')
				paren[-1] = '\0';
			o->sections[section].origin = line + BEFORE_IN;
		}
	}
}
