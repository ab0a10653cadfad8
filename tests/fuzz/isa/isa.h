/* SPDX-License-Identifier: MIT
 *
 * Random instruction sequences, run by flat32's hart and by qemu-riscv32, compared.
 *
 * A case is a short program with an initial state: registers, fcsr and a piece of scratch
 * memory.  Every case ends in a trap (at the latest its last instruction is illegal); the
 * outcome is the trap, where it happened, and the state at that point.
 *
 * Under QEMU a whole batch runs in one process: a small runtime, assembled by batch.c,
 * lives in the handler of SIGILL, SIGSEGV, SIGBUS and SIGTRAP.  It saves the interrupted
 * context as the outcome, replaces it by the next case's initial state, and returns.
 */
#ifndef FUZZ_ISA_H
#define FUZZ_ISA_H

#include <stdbool.h>
#include <stdint.h>

/* Guest addresses.  Everything from IMAGE to IMAGE_END is readable, writable and executable. */
#define IMAGE		0x10000000u
#define ALTSTACK	0x10001000u
#define ALTSTACK_SIZE	0x4000u
#define SCRATCH		0x10010000u	/* the piece of memory that cases work on */
#define SCRATCH_SIZE	1024u
#define CODE		0x10100000u	/* case k at CODE + k * CODE_SIZE */
#define CODE_SIZE	512u
#define MAX_BATCH	1000u
#define STATES		0x10200000u	/* struct state of case k */
#define OUTCOMES	0x10400000u	/* struct outcome of case k, after that of the start */
#define IMAGE_END	0x10700000u
#define NOWHERE		0x20000000u	/* nothing is mapped around here */

#define MAX_INSNS	64

/*
 * Registers with a role, which cases never write: three pointers into the scratch memory
 * (x9 is odd), one to nowhere, and one that counts loops.
 */
#define REG_SP		2
#define REG_NOWHERE	3
#define REG_COUNT	4
#define REG_PTR		8
#define REG_ODD		9

/* The part of the signal context that holds a machine state, as QEMU lays it out. */
struct context {
	uint32_t pc;
	uint32_t x[31];		/* x1 to x31 */
	uint64_t f[32];
	uint32_t fcsr;
	uint32_t unused;
};

struct state {
	struct context context;
	uint8_t scratch[SCRATCH_SIZE];
};

struct outcome {
	uint32_t signal;
	uint32_t address;	/* of SIGSEGV */
	struct context context;
	uint8_t scratch[SCRATCH_SIZE];
};

struct fuzz_insn {
	uint32_t bits;
	uint8_t len;
	int16_t target;		/* index of the instruction it jumps to; -1: does not jump */
	bool part;		/* in the middle of a pattern: not to be jumped to */
};

struct fuzz_case {
	uint64_t seed;
	unsigned count;
	struct fuzz_insn insns[MAX_INSNS + 4];
	struct state state;	/* context.pc is set when the case is placed */
};

/* random.c */
struct rng {
	uint64_t s;
};

uint64_t rng_next(struct rng *r);
/* 0 .. n-1 */
uint32_t rng_below(struct rng *r, uint32_t n);
static inline bool rng_chance(struct rng *r, uint32_t percent)
{
	return rng_below(r, 100) < percent;
}

/* generate.c: the case that belongs to a seed. */
void generate_case(struct fuzz_case *c, uint64_t seed);
/* Encodes jumps for the addresses that instructions have when the case starts at pc. */
void place_case(const struct fuzz_case *c, uint32_t pc, uint8_t code[CODE_SIZE]);

/* batch.c: the outcomes under QEMU; 0 or -errno.  out has room for count. */
int run_qemu(const struct fuzz_case *cases, unsigned count, struct outcome *out);
/* An image of the batch as loaded at IMAGE; free() it.  NULL: no memory. */
uint8_t *make_image(const struct fuzz_case *cases, unsigned count);

/* hart_side.c */
int hart_side_start(void);
/*
 * The outcomes on our hart.  Each case runs twice, once with random small budgets, and
 * both must agree; *error names what went wrong otherwise.
 */
int run_hart(const struct fuzz_case *cases, unsigned count, struct outcome *out, const char **error);

#endif
