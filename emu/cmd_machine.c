/* SPDX-License-Identifier: MIT
 *
 * `flat32 machine`: what the machine is made of, with the options that `run` and `boot` would be given.  Nothing is run.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "devices/tree.h"
#include "emu/board.h"
#include "emu/commands.h"

/* "-" is standard output. 0 or an exit status, after saying why. */
static int write_file(const char *path, const void *blob, size_t size, bool text)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "we") : stdout;
	bool good = f;

	if (good && text)
		good = !tree_print(blob, size, f);
	else if (good)
		good = fwrite(blob, 1, size, f) == size;
	if (good)
		good = !fflush(f) && !ferror(f);
	if (!good)
		fprintf(stderr, "flat32: %s: %s\n", path, strerror(errno));
	if (f && f != stdout)
		fclose(f);
	return good ? 0 : EXIT_OURS;
}

static int write_tree(struct machine *m, const struct options *o)
{
	void *blob;
	size_t size;
	int err = board_tree(m, &blob, &size), status = 0;

	if (err) {
		fprintf(stderr, "flat32: cannot make the device tree: %s\n", strerror(-err));
		return EXIT_OURS;
	}
	if (o->dtb)
		status = write_file(o->dtb, blob, size, false);
	if (!status && o->dts)
		status = write_file(o->dts, blob, size, true);
	free(blob);
	return status;
}

int command_machine(const struct options *o)
{
	struct options windowless = *o;
	struct machine *m;
	int status = 0;

	if (o->rest[0]) {
		fprintf(stderr, "flat32: machine: '%s': it takes options only\nTry 'flat32 machine --help'.\n", o->rest[0]);
		return EXIT_OURS;
	}
	windowless.display.headless = true;	/* nobody is to look at a machine that does not run */
	m = make_machine(&windowless, NULL, NULL);
	if (!m)
		return EXIT_OURS;
	if (o->list || (!o->dtb && !o->dts))
		board_list(m, stdout);
	if (o->dtb || o->dts)
		status = write_tree(m, o);
	if (!status && fflush(stdout)) {
		fprintf(stderr, "flat32: cannot write: %s\n", strerror(errno));
		status = EXIT_OURS;
	}
	machine_free(m);
	return status;
}
