# SPDX-License-Identifier: MIT
#
# void longjmp(jmp_buf, int) for RV32 FDPIC; see setjmp.S. gp becomes that of setjmp's caller.
	.global __longjmp
	.global _longjmp
	.global longjmp
	.type	__longjmp, %function
	.type	_longjmp, %function
	.type	longjmp, %function
__longjmp:
_longjmp:
longjmp:
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11
	lw	s\n, 4 * \n(a0)
	.endr
	lw	sp, 48(a0)
	lw	ra, 52(a0)
	lw	gp, 168(a0)
#ifndef __riscv_float_abi_soft
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11
	fld	fs\n, 56 + 8 * \n(a0)
	.endr
#endif
	seqz	a0, a1
	add	a0, a0, a1
	ret
	.size	longjmp, . - longjmp

	.section .note.fdpic, "", @progbits
