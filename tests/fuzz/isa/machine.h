/* SPDX-License-Identifier: MIT
 *
 * One of our engines with a memory of its own, to run cases on.
 */
#ifndef FUZZ_MACHINE_H
#define FUZZ_MACHINE_H

#include "cpu/hart.h"
#include "tests/fuzz/isa/isa.h"

struct machine {
	const char *name;
	bool jit;
	uint8_t *base;		/* 4 GiB and a margin, reserved once */
	struct hart hart;
	struct hart_regs places[2];	/* where the registers may be */
	bool started;

	/* The case that is loaded. */
	const struct fuzz_case *c;
	uint32_t addr[MAX_INSNS + 1];	/* of each instruction */
	uint64_t device;	/* the devices' state */
	uint32_t device_accesses;
};

/* Reserves the memory.  0 or -errno. */
int machine_open(struct machine *m, const char *name, bool jit);

/*
 * Begins with a new hart; what the JIT is configured like depends on the seed's group, so
 * that every case may be run again as it was.  0, -ENOMEM, or -ENOSYS: no JIT here.
 */
#define GROUP 32u
int machine_start(struct machine *m, uint64_t seed);

/* hart_run(), with system calls done whether the engine asks for them or returns. */
enum hart_stop machine_run(struct machine *m, uint64_t budget);

/* Puts a case into its slot, with its initial state.  The case must live as long as it runs. */
void machine_load(struct machine *m, const struct fuzz_case *c);

/*
 * The name of the first thing in which they differ; NULL: they are alike.  After HART_FAULT and the like trap
 * is looked at, too.
 */
const char *machine_compare(const struct machine *a, const struct machine *b, enum hart_stop stop);
const char *machine_compare_memory(const struct machine *a, const struct machine *b);

void machine_outcome(const struct machine *m, enum hart_stop stop, struct outcome *o);
/* Goes on after what stopped it: skips the instruction, or begins the case again. */
void machine_continue(struct machine *m, enum hart_stop stop);

#endif
