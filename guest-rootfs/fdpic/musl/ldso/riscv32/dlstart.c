/* SPDX-License-Identifier: MIT */
/*
 * The dynamic linker's first stage on RV32 FDPIC: it finds its own relative relocations and applies them, by
 * its loadmap. gp is set (crt_arch.h), but until then no pointer in memory may be used. The second stage,
 * __dls2 in musl's dynlink.c, does the relocations with symbols.
 */
#include <stddef.h>
#include "dynlink.h"
#include "libc.h"

#define START "_dlstart"
#define SHARED
#include "crt_arch.h"
#include "fdpic_relocate.h"

hidden void __dls2(unsigned char *base, size_t *sp);

/* The loadmaps lie in the two words below sp: the executable's, the dynamic linker's (0: run as a command). */
hidden void _dlstart_c(size_t *sp, const size_t *dynv)
{
	stage2_func dls2 = __dls2;

	__fdpic_relocate((void *)(sp[-1] ? sp[-1] : sp[-2]), dynv);
	/* A descriptor in memory: looked at only now. */
	__asm__ __volatile__("" : "+r"(dls2) : : "memory");
	dls2(0, sp);
}
