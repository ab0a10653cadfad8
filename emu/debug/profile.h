/* SPDX-License-Identifier: MIT
 *
 * Where the guest's time goes: --profile, --perf-map and --stats.
 *
 * The profile samples the guest's pc, a thousand times per second of CPU time if the host can: translated
 * code by block, the interpreter as a whole.  It costs nothing in between, and the guest cannot tell.
 */
#ifndef EMU_DEBUG_PROFILE_H
#define EMU_DEBUG_PROFILE_H

#include <stdbool.h>

struct machine;
struct profile;

struct profile_options {
	const char *profile;	/* file to write the report to, "-": stderr; NULL: none */
	bool perf_map;		/* write /tmp/perf-PID.map for perf(1) */
	bool stats;
	const char *program;	/* file of the host that the first process runs, for names; NULL: not known */
};

/*
 * Begins, after machine_start().  *out is NULL if nothing is wanted. 0, or -errno: a file cannot be written.
 */
int profile_begin(struct machine *m, const struct profile_options *o, struct profile **out);
/* Writes the reports, before machine_free(). */
void profile_end(struct profile *p);

#endif
