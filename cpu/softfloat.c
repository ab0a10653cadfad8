/* SPDX-License-Identifier: MIT
 *
 * A number is unpacked to sign, exponent and a 64-bit significand whose top bit is set;
 * the operation is done exactly, or with everything lost ORed into the lowest bit
 * ("jammed"), and round_pack() rounds once.  At least 11 bits lie below the last kept
 * bit, so a jammed bit can never be mistaken for a half.
 */
#include "cpu/softfloat.h"

#include "cpu/decode.h"

__extension__ typedef unsigned __int128 u128;

enum kind { ZERO, FINITE, INF, QUIET_NAN, SIGNALING_NAN };

struct num {
	enum kind kind;
	bool sign;
	int exp;		/* value is sig * 2^(exp - 63) */
	uint64_t sig;		/* FINITE: bit 63 set */
};

struct layout {
	int precision;		/* significand bits, hidden one included */
	int bias;		/* also the largest exponent; the smallest normal one is 1 - bias */
	int width;
};

static const struct layout layouts[] = {
	[SOFT_S] = { 24, 127, 32 },
	[SOFT_D] = { 53, 1023, 64 },
};

static uint64_t fraction_mask(const struct layout *l)
{
	return (UINT64_C(1) << (l->precision - 1)) - 1;
}

static uint64_t sign_bit(const struct layout *l)
{
	return UINT64_C(1) << (l->width - 1);
}

static uint64_t infinity(const struct layout *l, bool sign)
{
	return ((uint64_t)(2 * l->bias + 1) << (l->precision - 1)) | (sign ? sign_bit(l) : 0);
}

static uint64_t zero(const struct layout *l, bool sign)
{
	return sign ? sign_bit(l) : 0;
}

static uint64_t nan_of(enum soft_format f)
{
	return f == SOFT_S ? SOFT_NAN_S : SOFT_NAN_D;
}

static uint64_t invalid(enum soft_format f, uint32_t *flags)
{
	*flags |= FP_NV;
	return nan_of(f);
}

static bool is_nan(const struct num *n)
{
	return n->kind >= QUIET_NAN;
}

static struct num unpack(enum soft_format f, uint64_t bits)
{
	const struct layout *l = &layouts[f];
	uint64_t fraction = bits & fraction_mask(l);
	int exp = (int)(bits >> (l->precision - 1)) & (2 * l->bias + 1);
	struct num n = { .sign = (bits & sign_bit(l)) != 0 };

	if (exp == 2 * l->bias + 1) {
		if (fraction == 0)
			n.kind = INF;
		else
			n.kind = fraction >> (l->precision - 2) ? QUIET_NAN : SIGNALING_NAN;
	} else if (exp == 0) {
		if (fraction != 0) {
			int shift = __builtin_clzll(fraction);

			n.kind = FINITE;
			n.sig = fraction << shift;
			n.exp = 1 - l->bias + (64 - l->precision) - shift;
		}
	} else {
		n.kind = FINITE;
		n.sig = (fraction | (fraction_mask(l) + 1)) << (64 - l->precision);
		n.exp = exp - l->bias;
	}
	return n;
}

static uint64_t shift_jam(uint64_t v, int n)
{
	if (n == 0)
		return v;
	if (n > 63)
		return v != 0;
	return v >> n | ((v << (64 - n)) != 0);
}

static u128 shift_jam128(u128 v, int n)
{
	if (n == 0)
		return v;
	if (n > 127)
		return v != 0;
	return v >> n | ((v << (128 - n)) != 0);
}

/* Drops the low shift bits (1..63) of sig, rounding by rm; *inexact tells whether they were not all 0. */
static uint64_t round_shift(uint64_t sig, int shift, bool sign, int rm, bool *inexact)
{
	uint64_t rest = sig & ((UINT64_C(1) << shift) - 1);
	uint64_t half = UINT64_C(1) << (shift - 1);
	uint64_t kept = sig >> shift;
	bool up = false;

	switch (rm) {
	case RM_RNE:
		up = rest > half || (rest == half && (kept & 1));
		break;
	case RM_RDN:
		up = sign && rest;
		break;
	case RM_RUP:
		up = !sign && rest;
		break;
	case RM_RMM:
		up = rest >= half;
		break;
	}
	*inexact = rest != 0;
	return kept + up;
}

static uint64_t overflow(const struct layout *l, bool sign, int rm, uint32_t *flags)
{
	bool to_infinity = rm == RM_RNE || rm == RM_RMM || rm == (sign ? RM_RDN : RM_RUP);

	*flags |= FP_OF | FP_NX;
	return infinity(l, sign) - !to_infinity;
}

/* Rounds sig * 2^(exp - 63), bit 63 of sig set and lost bits jammed, to the format. */
static uint64_t round_pack(enum soft_format f, bool sign, int exp, uint64_t sig, int rm, uint32_t *flags)
{
	const struct layout *l = &layouts[f];
	int shift = 64 - l->precision;
	int exp_min = 1 - l->bias;
	bool inexact;
	uint64_t kept = round_shift(sig, shift, sign, rm, &inexact);

	if (exp < exp_min) {
		/* Tiny unless rounding with unbounded exponent already reaches the smallest normal. */
		bool tiny = exp < exp_min - 1 || kept >> l->precision == 0;

		kept = round_shift(shift_jam(sig, exp_min - exp), shift, sign, rm, &inexact);
		if (inexact)
			*flags |= FP_NX | (tiny ? FP_UF : 0);
		/* A carry into the hidden bit is exponent field 1: the encodings join up. */
		return kept | zero(l, sign);
	}
	if (kept >> l->precision) {
		kept >>= 1;
		exp++;
	}
	if (exp > l->bias)
		return overflow(l, sign, rm, flags);
	if (inexact)
		*flags |= FP_NX;
	return ((uint64_t)(exp + l->bias) << (l->precision - 1)) | (kept & fraction_mask(l)) | zero(l, sign);
}

/* The same from 128 bits: value is sig * 2^(exp - 126), sig not 0. */
static uint64_t round_pack128(enum soft_format f, bool sign, int exp, u128 sig, int rm, uint32_t *flags)
{
	uint64_t high = (uint64_t)(sig >> 64);
	int lead = high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)sig);

	sig <<= lead;
	return round_pack(f, sign, exp + 1 - lead, (uint64_t)(sig >> 64) | ((uint64_t)sig != 0), rm, flags);
}

/* Two finite non-zero numbers, sig * 2^(exp - 126) with bit 126 set. */
static uint64_t add_aligned(enum soft_format f, bool sign_a, int exp_a, u128 sig_a,
			    bool sign_b, int exp_b, u128 sig_b, int rm, uint32_t *flags)
{
	int exp = exp_a > exp_b ? exp_a : exp_b;

	sig_a = shift_jam128(sig_a, exp - exp_a);
	sig_b = shift_jam128(sig_b, exp - exp_b);
	if (sign_a == sign_b)
		return round_pack128(f, sign_a, exp, sig_a + sig_b, rm, flags);
	if (sig_a == sig_b)
		return zero(&layouts[f], rm == RM_RDN);
	if (sig_a > sig_b)
		return round_pack128(f, sign_a, exp, sig_a - sig_b, rm, flags);
	return round_pack128(f, sign_b, exp, sig_b - sig_a, rm, flags);
}

/* Any NaN among the operands decides the result. */
static bool nan_result(const struct num *a, const struct num *b, uint32_t *flags)
{
	if (a->kind == SIGNALING_NAN || b->kind == SIGNALING_NAN)
		*flags |= FP_NV;
	return is_nan(a) || is_nan(b);
}

uint64_t soft_add(enum soft_format f, uint64_t a, uint64_t b, int rm, uint32_t *flags)
{
	const struct layout *l = &layouts[f];
	struct num x = unpack(f, a), y = unpack(f, b);

	if (nan_result(&x, &y, flags))
		return nan_of(f);
	if (x.kind == INF && y.kind == INF && x.sign != y.sign)
		return invalid(f, flags);
	if (x.kind == INF || y.kind == INF)
		return infinity(l, x.kind == INF ? x.sign : y.sign);
	if (x.kind == ZERO && y.kind == ZERO)
		return zero(l, x.sign == y.sign ? x.sign : rm == RM_RDN);
	if (x.kind == ZERO)
		return b;
	if (y.kind == ZERO)
		return a;
	return add_aligned(f, x.sign, x.exp, (u128)x.sig << 63, y.sign, y.exp, (u128)y.sig << 63, rm, flags);
}

uint64_t soft_sub(enum soft_format f, uint64_t a, uint64_t b, int rm, uint32_t *flags)
{
	/* A NaN keeps its kind when its sign changes. */
	return soft_add(f, a, b ^ sign_bit(&layouts[f]), rm, flags);
}

uint64_t soft_mul(enum soft_format f, uint64_t a, uint64_t b, int rm, uint32_t *flags)
{
	const struct layout *l = &layouts[f];
	struct num x = unpack(f, a), y = unpack(f, b);
	bool sign = x.sign != y.sign;

	if (nan_result(&x, &y, flags))
		return nan_of(f);
	if (x.kind == INF || y.kind == INF) {
		if (x.kind == ZERO || y.kind == ZERO)
			return invalid(f, flags);
		return infinity(l, sign);
	}
	if (x.kind == ZERO || y.kind == ZERO)
		return zero(l, sign);
	return round_pack128(f, sign, x.exp + y.exp, (u128)x.sig * y.sig, rm, flags);
}

uint64_t soft_div(enum soft_format f, uint64_t a, uint64_t b, int rm, uint32_t *flags)
{
	const struct layout *l = &layouts[f];
	struct num x = unpack(f, a), y = unpack(f, b);
	bool sign = x.sign != y.sign;

	if (nan_result(&x, &y, flags))
		return nan_of(f);
	if (x.kind == INF)
		return y.kind == INF ? invalid(f, flags) : infinity(l, sign);
	if (y.kind == INF)
		return zero(l, sign);
	if (y.kind == ZERO) {
		if (x.kind == ZERO)
			return invalid(f, flags);
		*flags |= FP_DZ;
		return infinity(l, sign);
	}
	if (x.kind == ZERO)
		return zero(l, sign);

	u128 dividend = (u128)x.sig << 63;
	u128 quotient = dividend / y.sig;

	/* Quotient 2^63 stands for 1.0; twice that, plus whether anything remained, cannot overflow. */
	quotient = quotient << 1 | (quotient * y.sig != dividend);
	return round_pack128(f, sign, x.exp - y.exp + 62, quotient, rm, flags);
}

/* floor(sqrt(v)), one bit at a time; *exact tells whether that is all of it. */
static uint64_t square_root(u128 v, bool *exact)
{
	u128 root = 0, bit = (u128)1 << 126;

	while (bit != 0) {
		if (v >= root + bit) {
			v -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
		bit >>= 2;
	}
	*exact = v == 0;
	return (uint64_t)root;
}

uint64_t soft_sqrt(enum soft_format f, uint64_t a, int rm, uint32_t *flags)
{
	struct num x = unpack(f, a);
	bool exact;
	uint64_t root;

	if (nan_result(&x, &x, flags))
		return nan_of(f);
	if (x.kind == ZERO)
		return a;
	if (x.sign)
		return invalid(f, flags);
	if (x.kind == INF)
		return a;
	/* An odd exponent lends one factor of two to the significand; the shift floors. */
	root = square_root((u128)x.sig << (63 + (x.exp & 1)), &exact);
	return round_pack(f, false, x.exp >> 1, root | !exact, rm, flags);
}

uint64_t soft_fma(enum soft_format f, uint64_t a, uint64_t b, uint64_t c, int rm, uint32_t *flags)
{
	const struct layout *l = &layouts[f];
	struct num x = unpack(f, a), y = unpack(f, b), z = unpack(f, c);
	bool sign = x.sign != y.sign;
	bool product_inf = x.kind == INF || y.kind == INF;
	bool product_zero = x.kind == ZERO || y.kind == ZERO;

	/* inf * 0 is invalid even when a quiet NaN is added (volume I, section 11.6). */
	if (product_inf && product_zero)
		*flags |= FP_NV;
	if (nan_result(&z, &z, flags) || is_nan(&x) || is_nan(&y)) {
		nan_result(&x, &y, flags);
		return nan_of(f);
	}
	if (product_inf && product_zero)
		return nan_of(f);
	if (product_inf) {
		if (z.kind == INF && z.sign != sign)
			return invalid(f, flags);
		return infinity(l, sign);
	}
	if (z.kind == INF)
		return c;
	if (product_zero) {
		if (z.kind == ZERO)
			return zero(l, sign == z.sign ? sign : rm == RM_RDN);
		return c;
	}

	u128 product = (u128)x.sig * y.sig;
	int exp = x.exp + y.exp;

	/* At most 106 of its bits are in use, so nothing is lost here. */
	if (product >> 127) {
		product >>= 1;
		exp++;
	}
	if (z.kind == ZERO)
		return round_pack128(f, sign, exp, product, rm, flags);
	return add_aligned(f, sign, exp, product, z.sign, z.exp, (u128)z.sig << 63, rm, flags);
}

bool soft_eq(enum soft_format f, uint64_t a, uint64_t b, uint32_t *flags)
{
	struct num x = unpack(f, a), y = unpack(f, b);

	if (nan_result(&x, &y, flags))
		return false;
	return a == b || (x.kind == ZERO && y.kind == ZERO);
}

/* a < b for numbers, with -0 below +0. */
static bool below(enum soft_format f, uint64_t a, uint64_t b)
{
	uint64_t sign = sign_bit(&layouts[f]);

	if ((a ^ b) & sign)
		return (a & sign) != 0;
	return (a & sign) ? a > b : a < b;
}

static bool ordered(enum soft_format f, uint64_t a, uint64_t b, bool or_equal, uint32_t *flags)
{
	struct num x = unpack(f, a), y = unpack(f, b);

	if (is_nan(&x) || is_nan(&y)) {
		*flags |= FP_NV;
		return false;
	}
	if (a == b || (x.kind == ZERO && y.kind == ZERO))
		return or_equal;
	return below(f, a, b);
}

bool soft_lt(enum soft_format f, uint64_t a, uint64_t b, uint32_t *flags)
{
	return ordered(f, a, b, false, flags);
}

bool soft_le(enum soft_format f, uint64_t a, uint64_t b, uint32_t *flags)
{
	return ordered(f, a, b, true, flags);
}

static uint64_t pick(enum soft_format f, uint64_t a, uint64_t b, bool smaller, uint32_t *flags)
{
	struct num x = unpack(f, a), y = unpack(f, b);

	if (nan_result(&x, &y, flags)) {
		if (is_nan(&x))
			return is_nan(&y) ? nan_of(f) : b;
		return a;
	}
	return below(f, a, b) == smaller ? a : b;
}

uint64_t soft_min(enum soft_format f, uint64_t a, uint64_t b, uint32_t *flags)
{
	return pick(f, a, b, true, flags);
}

uint64_t soft_max(enum soft_format f, uint64_t a, uint64_t b, uint32_t *flags)
{
	return pick(f, a, b, false, flags);
}

uint32_t soft_classify(enum soft_format f, uint64_t a)
{
	struct num x = unpack(f, a);

	switch (x.kind) {
	case INF:
		return x.sign ? 1u << 0 : 1u << 7;
	case ZERO:
		return x.sign ? 1u << 3 : 1u << 4;
	case SIGNALING_NAN:
		return 1u << 8;
	case QUIET_NAN:
		return 1u << 9;
	default:
		break;
	}
	if (x.exp < 1 - layouts[f].bias)
		return x.sign ? 1u << 2 : 1u << 5;
	return x.sign ? 1u << 1 : 1u << 6;
}

/* The integer lies between -low and high, which are magnitudes. */
static uint32_t to_integer(enum soft_format f, uint64_t a, uint64_t low, uint64_t high, int rm,
			   uint32_t *flags)
{
	struct num x = unpack(f, a);
	uint64_t limit = x.sign ? low : high;
	bool inexact = false;
	uint64_t v = 0;

	if (is_nan(&x)) {
		*flags |= FP_NV;
		return (uint32_t)high;
	}
	if (x.kind == ZERO)
		return 0;
	if (x.kind == INF || x.exp > 32) {
		v = UINT64_MAX;
	} else {
		int shift = 63 - x.exp;

		if (shift > 63)
			x.sig = shift_jam(x.sig, shift - 63);
		v = round_shift(x.sig, shift > 63 ? 63 : shift, x.sign, rm, &inexact);
	}
	if (v > limit) {
		*flags |= FP_NV;
		v = limit;
	} else if (inexact) {
		*flags |= FP_NX;
	}
	return x.sign ? 0u - (uint32_t)v : (uint32_t)v;
}

uint32_t soft_to_i32(enum soft_format f, uint64_t a, int rm, uint32_t *flags)
{
	return to_integer(f, a, UINT64_C(1) << 31, INT32_MAX, rm, flags);
}

uint32_t soft_to_u32(enum soft_format f, uint64_t a, int rm, uint32_t *flags)
{
	return to_integer(f, a, 0, UINT32_MAX, rm, flags);
}

static uint64_t from_magnitude(enum soft_format f, bool sign, uint64_t v, int rm, uint32_t *flags)
{
	int lead;

	if (v == 0)
		return 0;
	lead = __builtin_clzll(v);
	return round_pack(f, sign, 63 - lead, v << lead, rm, flags);
}

uint64_t soft_from_i32(enum soft_format f, uint32_t v, int rm, uint32_t *flags)
{
	bool sign = v >> 31;

	return from_magnitude(f, sign, sign ? 0u - v : v, rm, flags);
}

uint64_t soft_from_u32(enum soft_format f, uint32_t v, int rm, uint32_t *flags)
{
	return from_magnitude(f, false, v, rm, flags);
}

static uint64_t convert(enum soft_format from, enum soft_format to, uint64_t a, int rm, uint32_t *flags)
{
	struct num x = unpack(from, a);

	if (nan_result(&x, &x, flags))
		return nan_of(to);
	if (x.kind == INF)
		return infinity(&layouts[to], x.sign);
	if (x.kind == ZERO)
		return zero(&layouts[to], x.sign);
	return round_pack(to, x.sign, x.exp, x.sig, rm, flags);
}

uint64_t soft_s_to_d(uint64_t a, uint32_t *flags)
{
	return convert(SOFT_S, SOFT_D, a, RM_RNE, flags);
}

uint64_t soft_d_to_s(uint64_t a, int rm, uint32_t *flags)
{
	return convert(SOFT_D, SOFT_S, a, rm, flags);
}
