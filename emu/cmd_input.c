/* SPDX-License-Identifier: MIT
 *
 * --input: the script, and who plays it.
 */
#include <stdio.h>
#include "emu/commands.h"
#include "emu/input/input.h"
#include "emu/tty/input_script.h"

bool read_script(const struct options *o, bool console, struct input_script **out)
{
	char why[INPUT_WHY];

	*out = NULL;
	if (!o->input)
		return true;
	if (input_script_read(o->input, out, why)) {
		fprintf(stderr, "flat32: --input %s: %s\n", o->input, why);
		return false;
	}
	if (console || !(input_script_needs(*out) & INPUT_NEEDS_CONSOLE))
		return true;
	fprintf(stderr, "flat32: --input %s: expect, send and end are for the console, which %s does not have: give %s\n", o->input,
		o->exec ? "--exec" : "run", o->exec ? "the commands a file" : "the program an input");
	input_script_free(*out);
	*out = NULL;
	return false;
}

bool play_script(struct machine *m, struct input_script *script)
{
	if (!script || (m->inputs && !inputs_play(m, script)))
		return true;
	input_script_free(script);
	if (!m->inputs)		/* nothing but pauses is in it */
		return true;
	fprintf(stderr, "flat32: --input: out of memory\n");
	return false;
}
