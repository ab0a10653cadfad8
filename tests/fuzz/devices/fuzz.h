/* SPDX-License-Identifier: MIT
 *
 * A hostile guest for the machine's devices: access.c makes loads and stores that may fault, windows.c makes them where
 * /proc/iomem says that there are registers or memory of devices, nodes.c torments what is in /dev, with what requests.c
 * thinks of. main.c is the program.
 */
#ifndef FUZZ_DEVICES_H
#define FUZZ_DEVICES_H

#include <stdbool.h>
#include <stdint.h>

/* A stream of random numbers. */
extern uint32_t rng;

static inline uint32_t rnd(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 17;
	rng ^= rng << 5;
	return rng;
}
static inline uint32_t below(uint32_t n) { return rnd() % n; }

/* Loads and stores of 1, 2, 4 and 8 bytes, and atomics. */
enum access { LB, LH, LW, FLW, FLD, LR_SC, AMO, SB, SH, SW, FSW, FSD, ACCESSES };
static inline bool is_store(enum access a) { return a >= LR_SC; }

/* Catches what an access may come to. Any other fault, and one that is told of another address, is the end: a line and status 3. */
void access_catch(void);
/* Makes it. The signal it came to, or 0. */
int access_do(enum access a, uintptr_t addr, uint32_t value);
/* So far. */
extern unsigned long access_made, access_faults;

/* What pointers of system calls lead to, when they lead anywhere. */
enum { ARENA = 64 * 1024 };
extern uint8_t arena[ARENA];
/* Numbers that mean something to somebody: commands of flash chips, sizes of blocks, ends of things. */
uint32_t number(void);

/* A request for the node of this name: most of the time one that it knows. */
uint32_t request(const char *path);
/* Something to be written there, up to 512 bytes. */
void fill(uint8_t *buf, const char *path);

/* n accesses and now and then a system call; false: there is nothing to access. */
bool windows_run(unsigned long n);
/* n descriptors' lives. */
void nodes_run(unsigned long n);

/* Says why, and ends with status 3. */
void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
