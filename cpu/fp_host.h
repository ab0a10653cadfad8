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
 * The emulator's own state, which it never changes: to be given back.  Not 0.  It is mostly what a guest has, too, that raised no
 * exceptions; and a guest may begin and end with each system call.  To write the register takes longer than to look at it, so
 * below it is only written where it differs.
 */
static inline uint32_t host_fp_state(void)
{
	return _mm_getcsr();
}

/* Begins collecting exceptions. */
static inline void host_fp_enter(void)
{
	if (_mm_getcsr() != MXCSR_DEFAULT)
		_mm_setcsr(MXCSR_DEFAULT);
}

/* Ends it; returns the exceptions raised since, as fcsr has them. */
static inline uint32_t host_fp_leave(uint32_t state)
{
	uint32_t now = _mm_getcsr();

	if (now != state)
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
