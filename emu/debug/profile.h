/* SPDX-License-Identifier: MIT
 *
 * Where the guest's time goes: --profile, --profile-exact, --perf-map and --stats.
 *
 * The profile samples the guest's pc, a thousand times per second of CPU time if the host can: translated
 * code by block, the interpreter as a whole.  It costs nothing in between, and the guest cannot tell.  The exact one counts each
 * instruction that retires, which makes the guest slower, and knows nothing of time.
 */
#ifndef EMU_DEBUG_PROFILE_H
#define EMU_DEBUG_PROFILE_H

#include <stdbool.h>

struct machine;
struct profile;

struct profile_options {
	const char *profile;	/* file to write the report to, "-": stderr; NULL: none */
	const char *exact;	/* the same for counts of instructions */
	bool perf_map;		/* write /tmp/perf-PID.map for perf(1) */
	bool stats;
	const char *program;	/* file of the host that the first process runs, for names; NULL: not known */
};

/*
 * Begins, after machine_start().  *out is NULL if nothing is wanted. 0, or -errno; if a file cannot be written, *failed
 * is its name, else NULL.
 */
int profile_begin(struct machine *m, const struct profile_options *o, struct profile **out, const char **failed);
/* Writes the reports, before machine_free(). */
void profile_end(struct profile *p);

#endif
