/* SPDX-License-Identifier: MIT
 *
 * softfloat against the host's unit where that has the mode, and against worked examples
 * where it has not.
 */
#include "cpu/decode.h"
#include "cpu/softfloat.h"
#include "tests/unit/cpu_kit.h"

#include <fenv.h>
#include <math.h>

static uint64_t state = 88172645463325252u;

static uint64_t any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Doubles and singles with many specials and neighbours. */
static uint64_t number(enum soft_format f)
{
	int fraction = f == SOFT_S ? 23 : 52, exp_bits = f == SOFT_S ? 8 : 11;
	uint64_t exp_max = (1u << exp_bits) - 1, r = any(), frac = any(), exp;

	switch (r & 7) {
	case 0: exp = 0; break;
	case 1: exp = exp_max; break;
	case 2: exp = 1 + (any() & 3); break;
	case 3: exp = exp_max - 1 - (any() & 3); break;
	case 4: case 5: exp = exp_max / 2 - 30 + any() % 60; break;
	default: exp = any() & exp_max;
	}
	switch (r >> 8 & 7) {
	case 0: frac = 0; break;
	case 1: frac = ~UINT64_C(0); break;
	case 2: frac = UINT64_C(1) << any() % (unsigned)fraction; break;
	case 3: frac = ~UINT64_C(0) << any() % (unsigned)fraction; break;
	}
	frac &= (UINT64_C(1) << fraction) - 1;
	return (r >> 63) << (fraction + exp_bits) | exp << fraction | frac;
}

/* Tininess is judged before rounding there, after it in RISC-V: what rounds up to the least normal number tells. */
#if defined(__aarch64__)
#define TINY_BEFORE_ROUNDING true
#else
#define TINY_BEFORE_ROUNDING false
#endif

static bool least_normal(enum soft_format f, uint64_t r)
{
	return f == SOFT_S ? (r & 0x7fffffff) == 0x00800000 : r << 1 == UINT64_C(0x0010000000000000) << 1;
}

static const struct {
	int rm, host;
} modes[] = { { RM_RNE, FE_TONEAREST }, { RM_RTZ, FE_TOWARDZERO }, { RM_RDN, FE_DOWNWARD }, { RM_RUP, FE_UPWARD } };

static uint32_t host_flags(void)
{
	int e = fetestexcept(FE_ALL_EXCEPT);

	return (e & FE_INVALID ? FP_NV : 0) | (e & FE_DIVBYZERO ? FP_DZ : 0) | (e & FE_OVERFLOW ? FP_OF : 0) |
	       (e & FE_UNDERFLOW ? FP_UF : 0) | (e & FE_INEXACT ? FP_NX : 0);
}

static double host_d(int op, volatile double a, volatile double b, volatile double c)
{
	volatile double r;

	switch (op) {
	case 0: r = a + b; break;
	case 1: r = a - b; break;
	case 2: r = a * b; break;
	case 3: r = a / b; break;
	case 4: r = sqrt(a); break;
	default: r = fma(a, b, c);
	}
	return r;
}

static float host_s(int op, volatile float a, volatile float b, volatile float c)
{
	volatile float r;

	switch (op) {
	case 0: r = a + b; break;
	case 1: r = a - b; break;
	case 2: r = a * b; break;
	case 3: r = a / b; break;
	case 4: r = sqrtf(a); break;
	default: r = fmaf(a, b, c);
	}
	return r;
}

static uint64_t soft(int op, enum soft_format f, uint64_t a, uint64_t b, uint64_t c, int rm, uint32_t *flags)
{
	switch (op) {
	case 0: return soft_add(f, a, b, rm, flags);
	case 1: return soft_sub(f, a, b, rm, flags);
	case 2: return soft_mul(f, a, b, rm, flags);
	case 3: return soft_div(f, a, b, rm, flags);
	case 4: return soft_sqrt(f, a, rm, flags);
	}
	return soft_fma(f, a, b, c, rm, flags);
}

static void compare_with_host(enum soft_format f, int op)
{
	for (int i = 0; i < 200000; i++) {
		uint64_t a = number(f), b = number(f), c = number(f), host = 0, r;
		uint32_t flags = 0, expected;
		int m = (int)(any() & 3);

		fesetround(modes[m].host);
		feclearexcept(FE_ALL_EXCEPT);
		if (f == SOFT_D) {
			double x, y, z, v;

			memcpy(&x, &a, 8);
			memcpy(&y, &b, 8);
			memcpy(&z, &c, 8);
			v = host_d(op, x, y, z);
			expected = host_flags();
			memcpy(&host, &v, 8);
			if (v != v)
				host = SOFT_NAN_D;
		} else {
			float x, y, z, v;

			memcpy(&x, &a, 4);
			memcpy(&y, &b, 4);
			memcpy(&z, &c, 4);
			v = host_s(op, x, y, z);
			expected = host_flags();
			memcpy(&host, &v, 4);
			if (v != v)
				host = SOFT_NAN_S;
		}
		fesetround(FE_TONEAREST);
		r = soft(op, f, a, b, c, modes[m].rm, &flags);
		/* Hosts differ in whether inf * 0 + NaN is invalid; RISC-V says it is. */
		if (op == 5 && (flags ^ expected) == FP_NV && (host == SOFT_NAN_D || host == SOFT_NAN_S))
			expected |= FP_NV;
		if (TINY_BEFORE_ROUNDING && (flags ^ expected) == FP_UF && least_normal(f, r))
			expected = flags;
		/* Every assertion costs a system call, so only those that fail. */
		if (r != host || flags != expected)
			ck_abort_msg("op %d format %d mode %d: %lx %lx %lx: %lx flags %x, host %lx flags %x", op, f, m,
				     (long)a, (long)b, (long)c, (long)r, flags, (long)host, expected);
	}
}

START_TEST(doubles_as_the_host)
{
	compare_with_host(SOFT_D, _i);
}
END_TEST

START_TEST(singles_as_the_host)
{
	compare_with_host(SOFT_S, _i);
}
END_TEST

static uint64_t bits_d(double v)
{
	uint64_t b;

	memcpy(&b, &v, 8);
	return b;
}

START_TEST(nearest_ties_away)
{
	/* 1 + 2^-53 lies half way between 1 and the next double; 1 + 2^-54 does not. */
	uint32_t flags = 0;

	ck_assert_uint_eq(soft_add(SOFT_D, bits_d(1), bits_d(0x1p-53), RM_RMM, &flags), bits_d(1 + 0x1p-52));
	ck_assert_uint_eq(soft_add(SOFT_D, bits_d(1), bits_d(0x1p-53), RM_RNE, &flags), bits_d(1));
	ck_assert_uint_eq(soft_add(SOFT_D, bits_d(1), bits_d(0x1p-54), RM_RMM, &flags), bits_d(1));
	ck_assert_uint_eq(soft_add(SOFT_D, bits_d(-1), bits_d(-0x1p-53), RM_RMM, &flags), bits_d(-1 - 0x1p-52));
	ck_assert_uint_eq(flags, FP_NX);
	ck_assert_uint_eq(soft_to_i32(SOFT_D, bits_d(2.5), RM_RMM, &flags), 3);
	ck_assert_uint_eq(soft_to_i32(SOFT_D, bits_d(-2.5), RM_RMM, &flags), (uint32_t)-3);
	ck_assert_uint_eq(soft_to_i32(SOFT_D, bits_d(0.5), RM_RMM, &flags), 1);
	ck_assert_uint_eq(soft_to_i32(SOFT_D, bits_d(0x1.fffffffffffffp-2), RM_RMM, &flags), 0);
	ck_assert_uint_eq(soft_from_u32(SOFT_S, 0x1000001, RM_RMM, &flags), 0x4b800001);
	ck_assert_uint_eq(soft_from_u32(SOFT_S, 0x1000001, RM_RNE, &flags), 0x4b800000);
}
END_TEST

START_TEST(to_integer_saturates)
{
	static const struct {
		double v;
		uint32_t i, iflags, u, uflags;
	} cases[] = {
		{ 0, 0, 0, 0, 0 },
		{ -0.0, 0, 0, 0, 0 },
		{ 1.5, 1, FP_NX, 1, FP_NX },
		{ -0.5, 0, FP_NX, 0, FP_NX },
		{ -1, (uint32_t)-1, 0, 0, FP_NV },
		{ 2147483647, 0x7fffffff, 0, 0x7fffffff, 0 },
		{ 2147483647.5, 0x7fffffff, FP_NX, 0x7fffffff, FP_NX },
		{ 2147483648, 0x7fffffff, FP_NV, 0x80000000, 0 },
		{ -2147483648.5, 0x80000000, FP_NX, 0, FP_NV },
		{ -2147483649, 0x80000000, FP_NV, 0, FP_NV },
		{ 4294967295.5, 0x7fffffff, FP_NV, 0xffffffff, FP_NX },
		{ 4294967296, 0x7fffffff, FP_NV, 0xffffffff, FP_NV },
		{ 1e300, 0x7fffffff, FP_NV, 0xffffffff, FP_NV },
		{ -HUGE_VAL, 0x80000000, FP_NV, 0, FP_NV },
		{ HUGE_VAL, 0x7fffffff, FP_NV, 0xffffffff, FP_NV },
		{ NAN, 0x7fffffff, FP_NV, 0xffffffff, FP_NV },
		{ -NAN, 0x7fffffff, FP_NV, 0xffffffff, FP_NV },
		{ 4.9e-324, 0, FP_NX, 0, FP_NX },
	};

	for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		uint32_t fi = 0, fu = 0;

		ck_assert_uint_eq(soft_to_i32(SOFT_D, bits_d(cases[k].v), RM_RTZ, &fi), cases[k].i);
		ck_assert_uint_eq(fi, cases[k].iflags);
		ck_assert_uint_eq(soft_to_u32(SOFT_D, bits_d(cases[k].v), RM_RTZ, &fu), cases[k].u);
		ck_assert_uint_eq(fu, cases[k].uflags);
	}
}
END_TEST

START_TEST(tiny_is_judged_after_rounding)
{
	/* The largest number below 2^-1022 that rounds up to it with 53 bits is not tiny. */
	uint32_t flags = 0;
	uint64_t just_below = UINT64_C(0x3fefffffffffffff);	/* 1 - 2^-53 */

	/* 2^-1022 * (1 - 2^-53): exact value needs 53 bits at exponent -1023: rounds within precision. */
	soft_mul(SOFT_D, UINT64_C(0x0010000000000000), just_below, RM_RNE, &flags);
	ck_assert_uint_eq(flags, FP_NX | FP_UF);
	flags = 0;
	/* (1 + 2^-52) * 2^-1022 * (1 - 2^-53) = 2^-1022 (1 + 2^-53 - ...): normal, only inexact. */
	soft_mul(SOFT_D, UINT64_C(0x0010000000000001), just_below, RM_RNE, &flags);
	ck_assert_uint_eq(flags, FP_NX);
	flags = 0;
	/* 2^-1022 (1 - 2^-54), from an fma: with unbounded exponent it rounds to 2^-1022. */
	soft_fma(SOFT_D, UINT64_C(0x0010000000000000), bits_d(1), UINT64_C(0x8000000000000000), RM_RNE, &flags);
	ck_assert_uint_eq(flags, 0);
	soft_fma(SOFT_D, UINT64_C(0x8010000000000000), bits_d(0x1p-54), UINT64_C(0x0010000000000000), RM_RNE, &flags);
	ck_assert_uint_eq(flags, FP_NX);
}
END_TEST

START_TEST(min_and_max)
{
	uint64_t snan = UINT64_C(0x7ff0000000000001), qnan = UINT64_C(0xfff8000000000123);
	uint32_t flags = 0;

	ck_assert_uint_eq(soft_min(SOFT_D, bits_d(0.0), bits_d(-0.0), &flags), bits_d(-0.0));
	ck_assert_uint_eq(soft_max(SOFT_D, bits_d(-0.0), bits_d(0.0), &flags), bits_d(0.0));
	ck_assert_uint_eq(soft_min(SOFT_D, qnan, bits_d(3), &flags), bits_d(3));
	ck_assert_uint_eq(soft_max(SOFT_D, bits_d(3), qnan, &flags), bits_d(3));
	ck_assert_uint_eq(soft_max(SOFT_D, qnan, qnan, &flags), SOFT_NAN_D);
	ck_assert_uint_eq(flags, 0);
	ck_assert_uint_eq(soft_min(SOFT_D, snan, bits_d(3), &flags), bits_d(3));
	ck_assert_uint_eq(flags, FP_NV);
}
END_TEST

START_TEST(comparisons_and_classes)
{
	uint64_t snan = 0x7f800001, qnan = 0x7fc00000, one = 0x3f800000, inf = 0x7f800000;
	uint32_t flags = 0;

	ck_assert(soft_eq(SOFT_S, 0, 0x80000000, &flags));
	ck_assert(!soft_lt(SOFT_S, 0x80000000, 0, &flags));
	ck_assert(soft_le(SOFT_S, 0x80000000, 0, &flags));
	ck_assert(soft_lt(SOFT_S, one | 0x80000000, one, &flags));
	ck_assert(!soft_eq(SOFT_S, qnan, qnan, &flags));
	ck_assert_uint_eq(flags, 0);
	ck_assert(!soft_lt(SOFT_S, qnan, one, &flags));
	ck_assert_uint_eq(flags, FP_NV);
	flags = 0;
	ck_assert(!soft_eq(SOFT_S, snan, one, &flags));
	ck_assert_uint_eq(flags, FP_NV);

	ck_assert_uint_eq(soft_classify(SOFT_S, inf | 0x80000000), 1 << 0);
	ck_assert_uint_eq(soft_classify(SOFT_S, one | 0x80000000), 1 << 1);
	ck_assert_uint_eq(soft_classify(SOFT_S, 0x80000001), 1 << 2);
	ck_assert_uint_eq(soft_classify(SOFT_S, 0x80000000), 1 << 3);
	ck_assert_uint_eq(soft_classify(SOFT_S, 0), 1 << 4);
	ck_assert_uint_eq(soft_classify(SOFT_S, 0x007fffff), 1 << 5);
	ck_assert_uint_eq(soft_classify(SOFT_S, 0x00800000), 1 << 6);
	ck_assert_uint_eq(soft_classify(SOFT_S, inf), 1 << 7);
	ck_assert_uint_eq(soft_classify(SOFT_S, snan), 1 << 8);
	ck_assert_uint_eq(soft_classify(SOFT_S, qnan), 1 << 9);
}
END_TEST

START_TEST(fma_of_infinity_and_zero_is_invalid)
{
	uint32_t flags = 0;

	ck_assert_uint_eq(soft_fma(SOFT_S, 0x7f800000, 0, 0x7fc00000, RM_RNE, &flags), SOFT_NAN_S);
	ck_assert_uint_eq(flags, FP_NV);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cpu softfloat");
	TCase *t = tcase_create("softfloat");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, doubles_as_the_host, 0, 6);
	tcase_add_loop_test(t, singles_as_the_host, 0, 6);
	tcase_add_test(t, nearest_ties_away);
	tcase_add_test(t, to_integer_saturates);
	tcase_add_test(t, tiny_is_judged_after_rounding);
	tcase_add_test(t, min_and_max);
	tcase_add_test(t, comparisons_and_classes);
	tcase_add_test(t, fma_of_infinity_and_zero_is_invalid);
	suite_add_tcase(s, t);
	return kit_main(s);
}
