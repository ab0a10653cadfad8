/* SPDX-License-Identifier: MIT
 * Included before each test of libc.sh: the names that picolibc and newlib have and musl has not, where they are but another form of
 * one that musl has. A test that needs more does not compile, and is skipped. */
#include <complex.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define gamma lgamma
#define gammaf lgammaf
#define isnanf isnan
#define isinff isinf
#define finitef isfinite
#define clog10(z) (clog(z) / M_LN10)
#define clog10f(z) (clogf(z) / (float)M_LN10)
#define atoff(s) ((float)atof(s))
#define strfromd snprintf
#define strfromf snprintf
#define strfroml snprintf
#define memset_explicit memset
#define malloc_stats() ((void)0)
#define __MB_LEN_MAX MB_LEN_MAX

/* RISC-V cannot trap on them */
#define feenableexcept(e) ((e) ? -1 : 0)
#define fedisableexcept(e) ((e) ? -1 : 0)

#define issignaling(x) (sizeof(x) == sizeof(float) ? flat32_signaling_float(x) : flat32_signaling(x))
#define __issignaling flat32_signaling
#define __issignalingf flat32_signaling_float

static inline int flat32_signaling(double x)
{
	union { double x; uint64_t bits; } u = { x };

	return isnan(x) && !(u.bits >> 51 & 1);
}

static inline int flat32_signaling_float(float x)
{
	union { float x; uint32_t bits; } u = { x };

	return isnan(x) && !(u.bits >> 22 & 1);
}

#define ecvt_r(x, digits, point, sign, text, size) flat32_cvt(ecvt, x, digits, point, sign, text, size)
#define fcvt_r(x, digits, point, sign, text, size) flat32_cvt(fcvt, x, digits, point, sign, text, size)
#define ecvtbuf(x, digits, point, sign, text) (flat32_cvt(ecvt, x, digits, point, sign, text, SIZE_MAX), text)
#define fcvtbuf(x, digits, point, sign, text) (flat32_cvt(fcvt, x, digits, point, sign, text, SIZE_MAX), text)

char *ecvt(double x, int digits, int *point, int *sign);
char *fcvt(double x, int digits, int *point, int *sign);
char *gets(char *line);

static inline int flat32_cvt(char *(*cvt)(double, int, int *, int *), double x, int digits, int *point, int *sign, char *text, size_t size)
{
	const char *result = cvt(x, digits, point, sign);
	size_t i = 0;

	do {
		if (i == size)
			return -1;
		text[i] = result[i];
	} while (result[i++]);
	return 0;
}
