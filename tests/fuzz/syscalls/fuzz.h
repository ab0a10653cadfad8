/* SPDX-License-Identifier: MIT
 *
 * Random system calls from inside.  main.c is the program: a supervisor that starts workers, and the workers, who make
 * calls until they have made enough or die of them.  table.c and plausible.c know which calls there are, call.c picks one and
 * its arguments, of which each is made in values.c.
 *
 * What is made is to be the emulator's work, not the guest's: the supervisor reads the words once, and the workers, who
 * share its memory as everybody does without an MMU, only look at the table.
 */
#ifndef FUZZ_SYSCALLS_H
#define FUZZ_SYSCALLS_H

#include <stdint.h>

/* What a call is made with: a0..a5, a7. */
struct request { uint32_t args[6], nr; };

/* A stream of random numbers: one for each task, whose number is self. */
struct rng { uint32_t state, self; };
static inline uint32_t rnd(struct rng *r)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 17;
	r->state ^= r->state << 5;
	return r->state;
}
static inline uint32_t below(struct rng *r, uint32_t n) { return rnd(r) % n; }

enum { ARENA = 32 * 1024, STACKS = 8, STACK = 8 * 1024, MAPS = 16, CHILDREN = 16 };
#define FLASH (256u << 10)			/* bytes of flash memory, as run.sh has it */
enum { GOOD = 4096, SUPERVISOR = 2 /* its pid: the first after init */ };
extern uint8_t arena[ARENA];			/* good pointers lead to its first GOOD bytes, what is long on from there */
extern uint8_t stacks[STACKS][STACK];
extern uint32_t maps[MAPS], children[CHILDREN];	/* results of mmap and the like; of clone */

/* Kinds of arguments. */
enum kind {
	ANYTHING, DESCRIPTOR, TEXT, STRINGS, VECTOR, MOMENT, ADDRESS, POINTER, SIGNAL, LENGTH, NUMBER, OFFSET, OFFSET_HIGH_LOW,
};

/* What is done to the arguments of a call that its words do not say. */
enum amend {
	A_NOTHING, A_FUTEX, A_CLONE, A_CLONE3, A_MMAP, A_TASK, A_SECOND_TASK, A_TASKS, A_PTRACE, A_MAPPING, A_BREAK, A_IOCTL,
	A_FCNTL, A_PRCTL, A_CLOCK, A_WAIT, A_COUNT,
};

enum { CALLS = 400, LIKE = 200, CHOICES = 8 };

/* The supervisor's, and read by its workers: no pointers, which would be the supervisor's. */
struct table {
	uint32_t count;
	struct call {
		uint16_t nr, of_1000;		/* it is made so often when picked */
		uint8_t words, kinds[6];	/* enum kind of each argument */
		uint8_t amend;			/* enum amend */
		uint8_t like;			/* its place in like[], from 1; 0: none */
	} calls[CALLS];
	struct like {
		struct choices {
			uint32_t values[CHOICES];
			uint8_t n, keep;	/* 0: none; a bit for each: keep what chance has made */
		} args[6];
	} like[LIKE];
};

void make_table(struct table *t);
void read_plausible(struct table *t);
uint8_t plausible_for(const char *name);	/* for struct call */

/* Picks a call and its arguments. */
void pick(struct rng *r, const struct table *t, struct request *out);
/* What came of it: addresses and numbers to use later. */
void learn(const struct request *q, uint32_t result);
/* Gives some arguments values that go further than the first check. */
void make_plausible(struct rng *r, const struct like *like, uint32_t args[6]);

/* values.c.  Those that are addresses have been filled with something. */
uint32_t some_number(struct rng *r);
uint32_t some_length(struct rng *r);
uint32_t some_flags(struct rng *r);
uint32_t some_good(struct rng *r);		/* a place in the arena */
uint32_t some_bad(struct rng *r);
uint32_t some_pointer(struct rng *r);
uint32_t some_text(struct rng *r);
uint32_t some_moment(struct rng *r);
uint32_t some_vector(struct rng *r);
uint32_t some_address(struct rng *r);
uint32_t some_strings(struct rng *r);
uint32_t some_descriptor(struct rng *r);
uint32_t some_task(struct rng *r);

#endif
