/* SPDX-License-Identifier: MIT
 *
 * What the CPU benchmarks share.  Each is one C file that uses only libc (nbody: and libm),
 * does the work that its size argument asks for (by default about a second on an
 * interpreter), and prints a checksum that must not depend on the machine.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The same floating-point results everywhere: no fused operations where the source has none. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

static inline unsigned bench_size(int argc, char **argv, unsigned otherwise)
{
	return argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : otherwise;
}

static inline int bench_result(const char *name, uint32_t checksum)
{
	printf("%s %08x\n", name, (unsigned)checksum);
	return 0;
}

/* The same numbers everywhere. */
static inline uint32_t bench_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static inline uint32_t bench_mix(uint32_t sum, uint32_t v)
{
	return (sum << 5 | sum >> 27) ^ (v * 0x9e3779b1u);
}

#endif
