/* SPDX-License-Identifier: MIT
 *
 * Random system calls from inside.  main.c is the program: a supervisor that starts workers, and the workers, who make
 * calls until they have made enough or die of them.  call.c picks a call and its arguments.
 */
#ifndef FUZZ_SYSCALLS_H
#define FUZZ_SYSCALLS_H

#include <stdint.h>

/* What a call is made with: a0..a5, a7. */
struct request { uint32_t args[6], nr; };

/* A stream of random numbers: one for each task. */
struct rng { uint32_t state; };
static inline uint32_t rnd(struct rng *r)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 17;
	r->state ^= r->state << 5;
	return r->state;
}
static inline uint32_t below(struct rng *r, uint32_t n) { return rnd(r) % n; }

enum { ARENA = 128 * 1024, STACKS = 8, STACK = 16 * 1024, MAPS = 16, CHILDREN = 16 };
#define FLASH (256u << 10)			/* bytes of flash memory, as run.sh has it */
extern uint8_t arena[ARENA];			/* what good pointers lead to */
extern uint8_t stacks[STACKS][STACK];
extern uint32_t maps[MAPS], children[CHILDREN];	/* results of mmap and the like; of clone */

/* Picks a call and its arguments. */
void pick(struct rng *r, struct request *out);
/* What came of it: addresses and numbers to use later. */
void learn(const struct request *q, uint32_t result);
/* plausible.c: gives some arguments values that go further than the first check. */
void make_plausible(struct rng *r, const char *name, uint32_t args[6]);
/* By its number, or NULL: not in the table. */
const char *call_name(uint32_t nr);

#endif
