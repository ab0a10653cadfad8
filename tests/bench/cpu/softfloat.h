/* SPDX-License-Identifier: MIT
 * Double precision in integers: a small library of our own for normal numbers and zero (no infinities, NaNs or subnormal
 * numbers; what is too small becomes zero), rounded to nearest, even at a tie. Enough for a program that stays among these,
 * and the same instructions' work on every machine. */
#ifndef SOFTFLOAT_H
#define SOFTFLOAT_H

#include <stdint.h>

typedef struct { uint64_t bits; } sf;

#define SF_SIGN (1ull << 63)
#define SF_HIDDEN (1ull << 52)
#define SF_GUARD 10		/* bits below the last one while a result is being made */

static inline int sf_exponent(sf a)
{
	return (int)(a.bits >> 52 & 0x7ff);
}

static inline uint64_t sf_fraction(sf a)
{
	return (a.bits & (SF_HIDDEN - 1)) | SF_HIDDEN;
}

static inline uint64_t sf_shift_sticky(uint64_t v, int n)
{
	return n == 0 ? v : n > 63 ? v != 0 : v >> n | ((v << (64 - n)) != 0);
}

/* Fraction with its first bit at 52 + SF_GUARD. */
__attribute__((noinline)) static sf sf_pack(uint64_t sign, int exponent, uint64_t fraction)
{
	uint64_t rest = fraction & ((1 << SF_GUARD) - 1);

	fraction >>= SF_GUARD;
	if (rest > 1 << (SF_GUARD - 1) || (rest == 1 << (SF_GUARD - 1) && (fraction & 1)))
		fraction++;
	/* A carry out of the fraction goes into the exponent, and is right there. */
	if (exponent <= 0 || !fraction)
		return (sf){ sign };
	return (sf){ sign + ((uint64_t)exponent << 52) + fraction - SF_HIDDEN };
}

static sf sf_normalize(uint64_t sign, int exponent, uint64_t fraction)
{
	int up;

	if (!fraction)
		return (sf){ 0 };
	up = __builtin_clzll(fraction) - (63 - 52 - SF_GUARD);
	if (up < 0)
		return sf_pack(sign, exponent - up, sf_shift_sticky(fraction, -up));
	return sf_pack(sign, exponent - up, fraction << up);
}

__attribute__((noinline)) static sf sf_add(sf a, sf b)
{
	uint64_t sign, x, y;
	int exponent, apart;

	if ((a.bits & ~SF_SIGN) < (b.bits & ~SF_SIGN)) {
		sf t = a;

		a = b;
		b = t;
	}
	exponent = sf_exponent(a);
	if (!sf_exponent(b))
		return a;
	sign = a.bits & SF_SIGN;
	apart = exponent - sf_exponent(b);
	x = sf_fraction(a) << SF_GUARD;
	y = sf_shift_sticky(sf_fraction(b) << SF_GUARD, apart);
	return sf_normalize(sign, exponent, (a.bits ^ b.bits) & SF_SIGN ? x - y : x + y);
}

static inline sf sf_negate(sf a)
{
	return (sf){ a.bits ^ SF_SIGN };
}

static inline sf sf_sub(sf a, sf b)
{
	return sf_add(a, sf_negate(b));
}

/* The upper half of a product of 64 bits by 64, sticky; by halves of 32, which is all there is everywhere. */
static uint64_t sf_mul_high(uint64_t a, uint64_t b)
{
	uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
	uint64_t low = al * bl, m1 = ah * bl, m2 = al * bh, high = ah * bh;
	uint64_t middle = (low >> 32) + (uint32_t)m1 + (uint32_t)m2;

	high += (m1 >> 32) + (m2 >> 32) + (middle >> 32);
	return high | ((uint32_t)middle != 0 || (uint32_t)low != 0);
}

__attribute__((noinline)) static sf sf_mul(sf a, sf b)
{
	uint64_t sign = (a.bits ^ b.bits) & SF_SIGN;

	if (!sf_exponent(a) || !sf_exponent(b))
		return (sf){ sign };
	/* 2^52 * 2^11 by the same is 2^126, its upper half 2^62: where sf_normalize wants it, the exponent as it is. */
	return sf_normalize(sign, sf_exponent(a) + sf_exponent(b) - 1023,
			    sf_mul_high(sf_fraction(a) << 11, sf_fraction(b) << 11));
}

/* Bit by bit, as hardware without a multiplier does. */
__attribute__((noinline)) static sf sf_div(sf a, sf b)
{
	uint64_t sign = (a.bits ^ b.bits) & SF_SIGN, x = sf_fraction(a), y = sf_fraction(b), quotient = 0;

	if (!sf_exponent(a))
		return (sf){ sign };
	for (int i = 0; i <= 52 + SF_GUARD; i++) {
		quotient <<= 1;
		if (x >= y) {
			x -= y;
			quotient |= 1;
		}
		x <<= 1;
	}
	return sf_normalize(sign, sf_exponent(a) - sf_exponent(b) + 1023, quotient | (x != 0));
}

__attribute__((noinline)) static sf sf_sqrt(sf a)
{
	int exponent = sf_exponent(a) - 1023;
	uint64_t x = sf_fraction(a), root = 0, rest = 0;

	if (!sf_exponent(a))
		return a;
	if (exponent & 1) {
		x <<= 1;
		exponent--;
	}
	/* Two bits of x give one of the root: 27 from its own pairs, then zeros; 56 in all, more than are kept. */
	for (int i = 52; i >= -58; i -= 2) {
		uint64_t trial = root << 2 | 1;

		rest = rest << 2 | (i >= 0 ? x >> i & 3 : 0);
		root <<= 1;
		if (rest >= trial) {
			rest -= trial;
			root |= 1;
		}
	}
	return sf_normalize(0, exponent / 2 + 1023, root << 7 | (rest != 0));
}

static sf sf_from(int32_t v)
{
	uint64_t sign = v < 0 ? SF_SIGN : 0, size = v < 0 ? -(uint64_t)v : (uint64_t)v;

	return sf_normalize(sign, 1023 + 52 + SF_GUARD, size);
}

/* Towards zero, modulo 2^32. */
static uint32_t sf_to_int(sf a)
{
	int shift = 1023 + 52 - sf_exponent(a);
	uint64_t size = shift > 63 ? 0 : shift >= 0 ? sf_fraction(a) >> shift : sf_fraction(a) << (-shift & 63);

	return (uint32_t)(a.bits & SF_SIGN ? -size : size);
}

#endif
