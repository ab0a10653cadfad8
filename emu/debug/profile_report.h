/* SPDX-License-Identifier: MIT
 *
 * Private to the profiles: hot functions and hot blocks, from numbers by pc.
 */
#ifndef EMU_DEBUG_PROFILE_REPORT_H
#define EMU_DEBUG_PROFILE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct machine;
struct symbols;

struct profile_place {
	uint32_t pc;
	uint64_t n;
};

struct profile_report {
	const struct machine *m;
	const struct symbols *symbols;
	struct profile_place *places;	/* in any order, and afterwards in another */
	size_t count;
	uint64_t total;			/* of which n are parts */
	/* Places are instructions, and n is how often each retired; else they are blocks, and n samples. */
	bool exact;
};

void profile_report(FILE *f, const struct profile_report *r);
void profile_print_name(FILE *f, const struct symbols *symbols, uint32_t pc);
double profile_percent(uint64_t n, uint64_t total);

#endif
