/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/isa/isa.h"

uint32_t random_word(struct rng *r)
{
	static const uint32_t special[] = {
		0, 1, 2, 3, 31, 32, 33, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff,
		0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x55555555, 0xaaaaaaaa, 0x80808080,
	};
	uint32_t v = (uint32_t)rng_next(r);

	switch (rng_below(r, 4)) {
	case 0:
		return special[rng_below(r, sizeof(special) / sizeof(special[0]))];
	case 1:
		return v >> rng_below(r, 32);
	case 2:
		return (uint32_t)((int32_t)v >> rng_below(r, 32));
	}
	return v;
}

/* A float or double, by width of fraction and exponent: specials, edges, and near other numbers. */
static uint64_t random_number(struct rng *r, int fraction_bits, int exp_bits)
{
	uint64_t fraction_mask = (UINT64_C(1) << fraction_bits) - 1;
	uint64_t exp_max = (UINT64_C(1) << exp_bits) - 1;
	uint64_t bias = exp_max >> 1;
	uint64_t bits = rng_next(r), fraction = bits & fraction_mask, exp, sign = bits >> 63;

	switch (rng_below(r, 8)) {
	case 0:
		fraction = 0;
		break;
	case 1:
		fraction = fraction_mask;
		break;
	case 2:
		fraction &= ~(fraction_mask >> rng_below(r, (uint32_t)fraction_bits));
		break;
	case 3:
		fraction = UINT64_C(1) << rng_below(r, (uint32_t)fraction_bits);
		break;
	}
	switch (rng_below(r, 8)) {
	case 0:
		exp = 0;
		break;
	case 1:
		exp = exp_max;
		break;
	case 2:
		exp = rng_below(r, 4);
		break;
	case 3:
		exp = exp_max - 1 - rng_below(r, 4);
		break;
	case 4: case 5:
		exp = bias - 4 + rng_below(r, 40);
		break;
	case 6:
		exp = bias - 2 + rng_below(r, 4);
		break;
	default:
		exp = rng_next(r) & exp_max;
	}
	return sign << (fraction_bits + exp_bits) | exp << fraction_bits | fraction;
}

uint64_t random_f(struct rng *r)
{
	switch (rng_below(r, 8)) {
	case 0:
		return rng_next(r);
	case 1:	/* not boxed */
		return (rng_next(r) << 32) | random_number(r, 23, 8);
	case 2: case 3: case 4:
		return random_number(r, 52, 11);
	}
	return UINT64_C(0xffffffff00000000) | random_number(r, 23, 8);
}
