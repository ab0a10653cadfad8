# SPDX-License-Identifier: MIT
#
# int setjmp(jmp_buf) for RV32 FDPIC. gp belongs to the caller's module and is kept with the rest: longjmp may
# be called from another one. musl's jmp_buf has no room for it among the registers, but 128 bytes for a signal
# mask of which the kernel uses 8; sigsetjmp keeps s0 there too (164).
#
# Callers in other modules come here by a stub without a frame, with their own gp. Nothing of ours needs gp.
	.global __setjmp
	.global _setjmp
	.global setjmp
	.type	__setjmp, %function
	.type	_setjmp, %function
	.type	setjmp, %function
__setjmp:
_setjmp:
setjmp:
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11
	sw	s\n, 4 * \n(a0)
	.endr
	sw	sp, 48(a0)
	sw	ra, 52(a0)
	sw	gp, 168(a0)
#ifndef __riscv_float_abi_soft
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11
	fsd	fs\n, 56 + 8 * \n(a0)
	.endr
#endif
	li	a0, 0
	ret
	.size	setjmp, . - setjmp

	.section .note.fdpic, "", @progbits
