/* SPDX-License-Identifier: MIT */
/*
 * Where an RV32 FDPIC program, or the dynamic linker, is entered.
 *
 * The kernel, or the dynamic linker, leaves a1 = the executable's loadmap, a2 = the dynamic linker's (0: there
 * is none) and a3 = the dynamic section of what is entered. gp is the business of the entered: the GOT's link
 * address is in the dynamic section (DT_PLTGOT), the loadmap says where its segment lies.
 *
 * START_c is called with the stack as the kernel made it, both loadmaps in the two words below (where musl's
 * dynamic linker looks for them), and the dynamic section. A static program relocates itself first.
 */
__asm__(
".text\n"
".global " START "\n"
".type " START ",%function\n"
START ":\n"
"	mv	s0, sp\n"
"	mv	s1, a3\n"
#ifdef SHARED
"	mv	s2, a2			# the dynamic linker's own loadmap\n"
"	bnez	s2, 1f\n"
#endif
"	mv	s2, a1\n"
"1:	mv	t0, a3\n"
"2:	lw	t1, 0(t0)		# look for DT_PLTGOT\n"
"	addi	t0, t0, 8\n"
"	addi	t1, t1, -3\n"
"	bnez	t1, 2b\n"
"	lw	t1, -4(t0)\n"
"	addi	t0, s2, 4		# the segments: address, link address, size\n"
"3:	lw	t2, 4(t0)\n"
"	lw	t3, 8(t0)\n"
"	addi	t0, t0, 12\n"
"	sub	t2, t1, t2\n"
"	bgeu	t2, t3, 3b\n"
"	lw	gp, -12(t0)\n"
"	add	gp, gp, t2\n"
"	addi	sp, sp, -8\n"
"	sw	a1, 0(sp)\n"
"	sw	a2, 4(sp)\n"
"	andi	sp, sp, -16\n"
#ifndef SHARED
"	bnez	a2, 4f			# the dynamic linker has done it\n"
"	mv	a0, s2\n"
"	mv	a1, s1\n"
"	call	__fdpic_start\n"
"4:\n"
#endif
"	mv	a0, s0\n"
"	mv	a1, s1\n"
"	tail	" START "_c\n"
".size " START ", . - " START "\n"
);

#ifndef SHARED
#include "fdpic_start.h"
#endif
