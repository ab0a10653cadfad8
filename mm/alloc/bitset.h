/* SPDX-License-Identifier: MIT
 *
 * A set of small numbers in which the next one below or above is found in constant time: a word of 64
 * bits says which of the 64 words under it are not empty, and so on up to one word.  Four levels serve
 * 2^24 numbers.
 */
#ifndef MM_ALLOC_BITSET_H
#define MM_ALLOC_BITSET_H

#include <stdbool.h>
#include <stdint.h>

#define BITSET_LEVELS 4
#define BITSET_NONE UINT32_MAX

struct bitset {
	uint64_t *word[BITSET_LEVELS];	/* [0]: the numbers; [n+1]: which words of [n] are not 0 */
	uint32_t words[BITSET_LEVELS];
};

/* Of the numbers 0..size-1, none of them in it.  0 or -ENOMEM. */
int bitset_init(struct bitset *s, uint32_t size);
void bitset_fini(struct bitset *s);
void bitset_add(struct bitset *s, uint32_t i);
void bitset_drop(struct bitset *s, uint32_t i);
bool bitset_has(const struct bitset *s, uint32_t i);
/* The highest number in it that is at most i; the lowest that is at least i; or BITSET_NONE. */
uint32_t bitset_prev(const struct bitset *s, uint32_t i);
uint32_t bitset_next(const struct bitset *s, uint32_t i);
/* Each level says what the one below has. */
bool bitset_check(const struct bitset *s);

#endif
