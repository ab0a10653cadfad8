/* SPDX-License-Identifier: MIT */
#include "mm/alloc/bitset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int bitset_init(struct bitset *s, uint32_t size)
{
	memset(s, 0, sizeof(*s));
	for (int l = 0; l < BITSET_LEVELS; l++) {
		size = (size + 63) / 64;
		s->words[l] = size;
		s->word[l] = calloc(size, sizeof(uint64_t));
		if (!s->word[l]) {
			bitset_fini(s);
			return -ENOMEM;
		}
	}
	return 0;
}

void bitset_fini(struct bitset *s)
{
	for (int l = 0; l < BITSET_LEVELS; l++) {
		free(s->word[l]);
		s->word[l] = NULL;
	}
}

void bitset_add(struct bitset *s, uint32_t i)
{
	for (int l = 0; l < BITSET_LEVELS; l++, i /= 64) {
		uint64_t was = s->word[l][i / 64];

		s->word[l][i / 64] = was | UINT64_C(1) << i % 64;
		if (was)
			return;
	}
}

void bitset_drop(struct bitset *s, uint32_t i)
{
	for (int l = 0; l < BITSET_LEVELS; l++, i /= 64) {
		s->word[l][i / 64] &= ~(UINT64_C(1) << i % 64);
		if (s->word[l][i / 64])
			return;
	}
}

bool bitset_has(const struct bitset *s, uint32_t i)
{
	return s->word[0][i / 64] >> i % 64 & 1;
}

/* From a word of level l that is not empty down to its highest or lowest number. */
static uint32_t descend(const struct bitset *s, int l, uint32_t i, bool high)
{
	while (l-- > 0) {
		uint64_t w = s->word[l][i];

		i = i * 64 + (uint32_t)(high ? 63 - __builtin_clzll(w) : __builtin_ctzll(w));
	}
	return i;
}

uint32_t bitset_prev(const struct bitset *s, uint32_t i)
{
	for (int l = 0; l < BITSET_LEVELS; l++) {
		uint64_t w = s->word[l][i / 64] & UINT64_MAX >> (63 - i % 64);

		if (w)
			return descend(s, l, i / 64 * 64 + 63 - (uint32_t)__builtin_clzll(w), true);
		if (i / 64 == 0)
			return BITSET_NONE;
		i = i / 64 - 1;
	}
	return BITSET_NONE;
}

uint32_t bitset_next(const struct bitset *s, uint32_t i)
{
	for (int l = 0; l < BITSET_LEVELS && i / 64 < s->words[l]; l++) {
		uint64_t w = s->word[l][i / 64] & UINT64_MAX << i % 64;

		if (w)
			return descend(s, l, i / 64 * 64 + (uint32_t)__builtin_ctzll(w), false);
		i = i / 64 + 1;
	}
	return BITSET_NONE;
}

bool bitset_check(const struct bitset *s)
{
	for (int l = 0; l + 1 < BITSET_LEVELS; l++)
		for (uint32_t i = 0; i < s->words[l]; i++)
			if ((s->word[l][i] != 0) != (s->word[l + 1][i / 64] >> i % 64 & 1))
				return false;
	return true;
}
