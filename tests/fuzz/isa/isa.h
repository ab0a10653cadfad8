/* SPDX-License-Identifier: MIT
 *
 * Random programs, run by flat32's interpreter, its JIT and qemu-riscv32, compared.
 *
 * A case is a program with an initial state: registers, fcsr and a piece of scratch memory.
 * It is a main part with loops, diamonds, jump tables and functions (generate.c and the
 * gen_*.c beside it), and ends in a trap.
 *
 * The engines of flat32 run it in this process, each on a memory of its own, with the same
 * budgets (lockstep.c): registers, counts, traps and memory must be alike at every stop.  A
 * trap does not end this: the instruction is skipped, or the case begun again, until enough
 * has been run.  The state at the first trap is the case's outcome; it is what QEMU is
 * compared with.
 *
 * Under QEMU a whole batch runs in one process: a small runtime, assembled by batch.c,
 * lives in the handler of SIGILL, SIGSEGV, SIGBUS and SIGTRAP.  It saves the interrupted
 * context as the outcome, replaces it by the next case's initial state, and returns.
 *
 * Some cases are for our engines alone: with devices, counters, privileged state, guests
 * that take their traps themselves.
 */
#ifndef FUZZ_ISA_H
#define FUZZ_ISA_H

#include <stdbool.h>
#include <stdint.h>

/* Guest addresses.  Everything from IMAGE to IMAGE_END is readable, writable and executable. */
#define IMAGE		0x10000000u
#define ALTSTACK	0x10001000u
#define ALTSTACK_SIZE	0x4000u
#define CODE		0x10100800u	/* slot k at CODE + k * SLOT_SIZE: a page begins in the middle */
#define SLOT_SIZE	4096u
#define MAX_BATCH	1000u
#define STATES		0x10500000u	/* struct state of case k */
#define OUTCOMES	0x10800000u	/* struct outcome of case k, after that of the start */
#define IMAGE_END	0x10b00000u
/* The piece of memory that cases work on: the end of a page with nothing behind it. */
#define SCRATCH		0x18000800u
#define SCRATCH_SIZE	2048u
#define SCRATCH_PAGE	0x18000000u
#define CLIFF		0x28001000u	/* the end of a page for code, with nothing behind it */
#define NOWHERE		0x20000000u	/* nothing is mapped around here; devices, if the case has some */

/*
 * How the scratch memory is used: stack frames below SP_START, data in the upper half.  Only
 * stores of whole frames write return addresses, so that no case jumps where it likes.
 */
#define SP_START	(SCRATCH + 960)
#define LOCALS		64		/* bytes above SP_START that the main part uses as locals */
#define DATA		(SCRATCH + 1024)
#define PTR_REACH	320		/* pointers into the data may be used with offsets up to this */

#define MAX_INSNS	760
#define CODE_SIZE	(MAX_INSNS * 4)

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

/* How an instruction refers to another. */
enum fuzz_ref {
	REF_NONE,
	REF_JUMP,	/* branch or jal, compressed or not */
	REF_HI,		/* auipc */
	REF_LO,		/* 12 bits of an addi, load or jalr; the auipc is `back` instructions before */
	REF_WORD,	/* a word of data: the address */
};

struct fuzz_insn {
	uint32_t bits;
	uint8_t len;
	uint8_t ref;		/* enum fuzz_ref */
	uint8_t back;
	uint8_t addend;		/* added to what REF_LO and REF_WORD refer to */
	int16_t target;		/* index of the instruction referred to */
	uint8_t scope;		/* the construct it is in; private to the generator */
	bool part;		/* in the middle of a pattern: not to be jumped to */
	bool fixed;		/* erased only with all of its pattern */
	bool squeeze;		/* may be compressed when it is known how far it jumps */
	uint8_t victim;		/* bytes that are rewritten while the program runs; 0: none */
};

/* What happens around a case; shrinking takes away what a difference does not need. */
enum fuzz_event {
	EVENT_SPLIT	= 1 << 0,	/* the second engine gets each budget in pieces */
	EVENT_FLUSH	= 1 << 1,	/* code is forgotten between runs */
	EVENT_PATCH	= 1 << 2,	/* code is rewritten between runs, and forgotten */
	EVENT_INTERRUPT	= 1 << 3,	/* hart_interrupt() before a run */
	EVENT_REGS	= 1 << 4,	/* the registers move to another place, as at a task switch */
	EVENT_FCSR	= 1 << 5,	/* rounding modes and flags are changed from outside */
	EVENT_RESERVE	= 1 << 6,	/* reservations are dropped */
	EVENT_LINES	= 1 << 7,	/* interrupt lines rise and fall */
	EVENT_DEVICE	= 1 << 8,	/* there are devices at NOWHERE */
	EVENT_DEVICE_FLUSH = 1 << 9,	/* which forget code */
	EVENT_DEVICE_INTERRUPT = 1 << 10, /* which call hart_interrupt() */
	EVENT_CARRY	= 1 << 11,	/* instret begins just below 2^32 */
	EVENT_ECALL	= 1 << 12,	/* ecalls are done without hart_run() returning, mostly */
};

enum fuzz_budget { BUDGET_TINY, BUDGET_SMALL, BUDGET_MIDDLE, BUDGET_LARGE, BUDGET_MIXED, BUDGET_KINDS };

struct fuzz_case {
	uint64_t seed;
	bool alone;		/* not for QEMU */
	bool machine;		/* takes its own traps, in M mode, at insns[handler] */
	uint8_t budgets;	/* enum fuzz_budget */
	uint8_t sp;		/* the register */
	bool user;		/* begins in U mode */
	bool cliff;		/* memory ends somewhere in the code */
	uint16_t events;	/* enum fuzz_event */
	uint16_t handler;
	uint16_t end;		/* the instruction that ends the main part */
	uint32_t limit;		/* instructions to run on our engines in all */
	uint32_t slot, shift;	/* where it is, and where in its slot the code begins; or how far before the cliff */
	unsigned count;
	struct fuzz_insn insns[MAX_INSNS];
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

/* values.c: numbers that are more often special than chance would have it. */
uint32_t random_word(struct rng *r);
uint64_t random_f(struct rng *r);

/* generate.c: the case that belongs to a seed. */
void generate_case(struct fuzz_case *c, uint64_t seed);

/*
 * place.c: the bytes of the case for the address it is put at; how many.  addr: that of each instruction; may be
 * NULL.
 */
uint32_t place_case(const struct fuzz_case *c, uint32_t pc, uint8_t code[CODE_SIZE], uint32_t addr[MAX_INSNS + 1]);

static inline uint32_t case_pc(const struct fuzz_case *c)
{
	return c->cliff ? CLIFF - c->shift : CODE + c->slot * SLOT_SIZE + c->shift;
}

/*
 * batch.c: the outcomes under QEMU of those cases that skip does not name.  No two are in the same slot; out
 * has room for count.  0 or -errno; -ENOENT: there is no qemu-riscv32.
 */
int run_qemu(const struct fuzz_case *cases, unsigned count, const bool *skip, struct outcome *out);

#endif
