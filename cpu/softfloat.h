/* SPDX-License-Identifier: MIT
 *
 * IEEE 754 arithmetic on integers, as RISC-V's F and D extensions define it: all five
 * rounding modes, tininess detected after rounding, every NaN result the canonical one
 * (volume I, chapters 11 and 12).
 *
 * Values are raw bit patterns: a single in the low 32 bits.  Every function is told the
 * format, the rounding mode (RM_RNE..RM_RMM of decode.h, never RM_DYN) and where to OR
 * the exceptions it raises.  No state, no host floating point.  This is the reference;
 * fp_host.h does the common cases on the host's unit.
 */
#ifndef CPU_SOFTFLOAT_H
#define CPU_SOFTFLOAT_H

#include <stdbool.h>
#include <stdint.h>

/* Exception flags as in fcsr. */
enum { FP_NX = 1, FP_UF = 2, FP_OF = 4, FP_DZ = 8, FP_NV = 16 };

enum soft_format { SOFT_S, SOFT_D };

#define SOFT_NAN_S UINT32_C(0x7fc00000)
#define SOFT_NAN_D UINT64_C(0x7ff8000000000000)

uint64_t soft_add(enum soft_format f, uint64_t a, uint64_t b, int rm, uint32_t *flags);
uint64_t soft_sub(enum soft_format f, uint64_t a, uint64_t b, int rm, uint32_t *flags);
uint64_t soft_mul(enum soft_format f, uint64_t a, uint64_t b, int rm, uint32_t *flags);
uint64_t soft_div(enum soft_format f, uint64_t a, uint64_t b, int rm, uint32_t *flags);
uint64_t soft_sqrt(enum soft_format f, uint64_t a, int rm, uint32_t *flags);

/* a * b + c rounded once; negate the operands for the other three forms. */
uint64_t soft_fma(enum soft_format f, uint64_t a, uint64_t b, uint64_t c, int rm, uint32_t *flags);

/* minimumNumber and maximumNumber: -0 is below +0, one NaN loses to a number. */
uint64_t soft_min(enum soft_format f, uint64_t a, uint64_t b, uint32_t *flags);
uint64_t soft_max(enum soft_format f, uint64_t a, uint64_t b, uint32_t *flags);

/* eq is quiet; lt and le raise NV for any NaN. */
bool soft_eq(enum soft_format f, uint64_t a, uint64_t b, uint32_t *flags);
bool soft_lt(enum soft_format f, uint64_t a, uint64_t b, uint32_t *flags);
bool soft_le(enum soft_format f, uint64_t a, uint64_t b, uint32_t *flags);

/* The ten-bit mask of fclass. */
uint32_t soft_classify(enum soft_format f, uint64_t a);

/* To a 32-bit integer; out of range and NaN give the nearest bound (NaN the upper) and NV. */
uint32_t soft_to_i32(enum soft_format f, uint64_t a, int rm, uint32_t *flags);
uint32_t soft_to_u32(enum soft_format f, uint64_t a, int rm, uint32_t *flags);
uint64_t soft_from_i32(enum soft_format f, uint32_t v, int rm, uint32_t *flags);
uint64_t soft_from_u32(enum soft_format f, uint32_t v, int rm, uint32_t *flags);

uint64_t soft_s_to_d(uint64_t a, uint32_t *flags);
uint64_t soft_d_to_s(uint64_t a, int rm, uint32_t *flags);

#endif
