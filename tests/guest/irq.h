/* SPDX-License-Identifier: MIT
 * What /proc tells of interrupts.
 */
#ifndef TESTS_GUEST_IRQ_H
#define TESTS_GUEST_IRQ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How often the one came whose name ends so ("rtc0", or "101000.rtc" as the kernel has it); -1: nobody listens to such a one. */
static inline long irq_count(const char *end)
{
	char line[256], chip[64], name[64];
	unsigned long count;
	FILE *f = fopen("/proc/interrupts", "r");
	long found = -1;

	while (f && fgets(line, sizeof line, f)) {
		size_t n = strlen(end);

		if (sscanf(line, " %*u: %lu %63[^0-9] %*u %*s %63s", &count, chip, name) == 3 && !strncmp(chip, "SiFive PLIC", 11) &&
		    strlen(name) >= n && !strcmp(name + strlen(name) - n, end))
			found = (long)count;
	}
	if (f)
		fclose(f);
	return found;
}

/* All there were, as /proc/stat has it. */
static inline long irq_total(void)
{
	char line[4096];
	long total = -1;
	FILE *f = fopen("/proc/stat", "r");

	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, "intr ", 5))
			total = strtol(line + 5, NULL, 10);
	if (f)
		fclose(f);
	return total;
}

#endif
