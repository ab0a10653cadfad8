/* SPDX-License-Identifier: MIT */
/*
 * An FDPIC module's relocation of itself: a static program's, and the dynamic linker's first stage. Done are
 * the R_RISCV_RELATIVE, which come first. TLS descriptors, where a static program has code of libraries (-fPIC), get the
 * resolver for variables at a fixed distance from tp, which is r_addend.
 *
 * Runs before anything is relocated: gp is set, but no pointer in memory may be used.
 */
#include "dynlink.h"
#ifndef SHARED
#define FDPIC_INLINE __attribute__((noinline))
#endif
#include "fdpic_relative.h"

#ifndef SHARED
__asm__(
".text\n"
".type __fdpic_resolver, @object\n"
"__fdpic_resolver:\n"
"	lw	a0, 4(a0)\n"
"	jr	t0\n"
);
#endif

hidden void __fdpic_relocate(const struct fdpic_loadmap *map, const size_t *dynv)
{
	const size_t *rela = 0;
	size_t n = 0;

	for (; dynv[0]; dynv += 2) {
		if (dynv[0] == DT_RELA)
			rela = (void *)fdpic_address(map, dynv[1]);
		if (dynv[0] == DT_RELASZ)
			n = dynv[1] / (3 * sizeof *rela);
	}
#ifdef SHARED
	fdpic_relative(map, rela, n);
#else
	for (size_t i = fdpic_relative(map, rela, n); i < n; i++) {
		const size_t *r = rela + 3 * i;
		uintptr_t *word = (void *)fdpic_address(map, r[0]);

		if (R_TYPE(r[1]) == REL_TLSDESC) {
			__asm__("lla %0, __fdpic_resolver" : "=r"(word[0]));
			word[1] = r[2];
		}
	}
#endif
}
