/* SPDX-License-Identifier: MIT
 *
 * Private to cpu/: the host's floating-point unit, used for round-to-nearest-even.
 *
 * On x86-64 SSE agrees with RISC-V in results and flags (tininess is detected after
 * rounding on both) except for NaN results, which the caller replaces by the canonical one.
 * AArch64 detects tininess before rounding, so FP_HOST_ARITHMETIC is 0 there and everything
 * goes through softfloat.
 */
#ifndef CPU_FP_HOST_H
#define CPU_FP_HOST_H

#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define FP_HOST_ARITHMETIC 1

#define MXCSR_DEFAULT 0x1f80u	/* all exceptions masked, nearest even, no flags */

/*
 * The emulator's own state, which it never changes: to be given back.  To read it takes ten times as long as to set it (some ten
 * cycles), and a guest may begin and end with each system call: so it is read once.  Not 0.
 */
static inline uint32_t host_fp_state(void)
{
	return _mm_getcsr();
}

/* Begins collecting exceptions. */
static inline void host_fp_enter(void)
{
	_mm_setcsr(MXCSR_DEFAULT);
}

/* Ends it; returns the exceptions raised since, as fcsr has them. */
static inline uint32_t host_fp_leave(uint32_t state)
{
	uint32_t now = _mm_getcsr();

	_mm_setcsr(state);
	/* MXCSR: IE 0, DE 1, ZE 2, OE 3, UE 4, PE 5.  fcsr: NV 4, DZ 3, OF 2, UF 1, NX 0. */
	return (now & 1) << 4 | (now & 4) << 1 | (now & 8) >> 1 | (now & 16) >> 3 | (now & 32) >> 5;
}

#else

#define FP_HOST_ARITHMETIC 0

static inline uint32_t host_fp_state(void)
{
	return 1;
}

static inline void host_fp_enter(void)
{
}

static inline uint32_t host_fp_leave(uint32_t state)
{
	(void)state;
	return 0;
}

#endif
#endif
