/* SPDX-License-Identifier: MIT
 * Floating point: sums and products whose rounding IEEE 754 fixes to the last bit, in both precisions.
 */
#include <math.h>
#include "../stress.h"

static uint32_t fold(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits ^ bits >> 32;
}

static uint32_t chain(volatile double *start)
{
	double x = *start, sum = 0;

	for (int i = 1; i <= 400; i++) {
		x = 3.75 * x * (1 - x);
		sum += x / i - sqrt(x) * 0.125;
	}
	return fold(sum);
}

static uint32_t single(volatile double *start)
{
	float x = *start, sum = 0;

	for (int i = 1; i <= 400; i++) {
		x = 3.75f * x * (1 - x);
		sum += x / i - sqrtf(x) * 0.125f;
	}
	return fold(sum);
}

static uint32_t fused(volatile double *start)
{
	double x = *start, sum = 0;

	for (int i = 1; i <= 300; i++) {
		x = fma(x, 0.8125, 1.0 / i);
		sum = fma(x, x, sum);
	}
	return fold(sum);
}

static uint32_t convert(volatile double *start)
{
	double x = *start;
	uint32_t sum = 0;

	for (int i = 1; i <= 300; i++) {
		x = x * 1.0625 + i;
		sum += (uint32_t)(int32_t)fmod(x, 1e6) + (uint32_t)(int64_t)(x * 1024) + (uint32_t)floor(x / 3) + (x > 5000 ? (float)x < x : 0);
		if (x > 1e6)
			x /= 1e5;
	}
	return sum;
}

static const struct {
	const char *name;
	uint32_t (*run)(volatile double *start);
	uint32_t result;
} methods[] = {
	{ "double precision", chain, 2967923795 },
	{ "single precision", single, 1078042315 },
	{ "fused multiplication", fused, 4109418176 },
	{ "conversion", convert, 304182216 },
};
#define METHODS (sizeof methods / sizeof *methods)

enum stress_status stress_fp(struct worker *w)
{
	volatile double start = 0.3125;

	for (size_t i = w->number; stress_go(w); i++) {
		uint32_t got = methods[i % METHODS].run(&start);

		if (got != methods[i % METHODS].result)
			stress_fail(w, "%s: %lu, should be %lu", methods[i % METHODS].name, (unsigned long)got,
				(unsigned long)methods[i % METHODS].result);
		stress_bogo(w);
	}
	return STRESS_PASSED;
}
