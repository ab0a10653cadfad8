/* SPDX-License-Identifier: MIT
 *
 * The state of all devices, for people.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "emu/board.h"
#include "emu/host/clock.h"
#include "emu/host/terminal.h"
#include "emu/kernel/irq.h"
#include "emu/kernel/machine.h"

static void dump_interrupts(const struct machine *m, FILE *out)
{
	struct device *d;

	for (size_t i = 0; (d = bus_device(board_bus(m), i)) != NULL; i++)
		if (d->line.number)
			fprintf(out, "irq %u: %llu of %s, %s\n", d->line.number, (unsigned long long)irq_count(m, d->line.number),
				d->name, irq_name(m, d->line.number) ? "heard" : "nobody listens");
}

void board_dump(struct machine *m, FILE *out)
{
	const char *end = terminal_is_raw() && isatty(fileno(out)) ? "\r\n" : "\n";
	uint64_t now = clock_monotonic(m);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return;
	fprintf(f, "devices after %llu.%06u s\n", (unsigned long long)(now / 1000000000u), (unsigned)(now % 1000000000u / 1000));
	bus_dump(board_bus(m), f);
	dump_interrupts(m, f);
	if (!fclose(f))
		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
			fprintf(out, "%s%s", line, end);
	fflush(out);
	free(text);
}
