/* SPDX-License-Identifier: MIT
 *
 * HOST_HAS(FMA): whether this host has a feature of x86-64, named as in <sys/platform/x86.h>.
 *
 * A C library that has this header looked at start anyway. To look again is the instruction cpuid some ten times over, each of which
 * leaves a virtual machine for its host: a twentieth of what `hello, world` takes from start to exit.
 */
#ifndef CPU_HOST_FEATURES_H
#define CPU_HOST_FEATURES_H

#if !defined(__x86_64__)
#define HOST_HAS(feature) 0
#elif __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#define HOST_HAS(feature) (CPU_FEATURE_ACTIVE(feature) != 0)
#else
#include <cpuid.h>
#include <stdbool.h>
#define HOST_HAS(feature) host_has_##feature()
static inline bool host_has_FMA(void) { return __builtin_cpu_supports("fma"); }
static inline bool host_has_BMI1(void) { return __builtin_cpu_supports("bmi"); }
static inline bool host_has_BMI2(void) { return __builtin_cpu_supports("bmi2"); }
static inline bool host_has_POPCNT(void) { return __builtin_cpu_supports("popcnt"); }
static inline bool host_has_LZCNT(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(0x80000001, &a, &b, &c, &d) && (c & bit_LZCNT);
}
#endif

#endif
