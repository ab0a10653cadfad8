# SPDX-License-Identifier: MIT
#
# long __syscall_cp_asm(volatile int *cancel, long nr, long a, ... f) for RV32 FDPIC: a system call that is a cancellation
# point. The handler of the cancellation signal compares the pc with the labels: so these are places, no functions with
# descriptors. gp is libc's all the time.
	.globl	__cp_begin
	.hidden	__cp_begin
	.type	__cp_begin, @object
	.globl	__cp_end
	.hidden	__cp_end
	.type	__cp_end, @object
	.globl	__cp_cancel
	.hidden	__cp_cancel
	.type	__cp_cancel, @object
	.hidden	__cancel
	.globl	__syscall_cp_asm
	.hidden	__syscall_cp_asm
	.type	__syscall_cp_asm, @function
__syscall_cp_asm:
__cp_begin:
	lw	t0, 0(a0)
	bnez	t0, __cp_cancel
	mv	t0, a1
	mv	a0, a2
	mv	a1, a3
	mv	a2, a4
	mv	a3, a5
	mv	a4, a6
	mv	a5, a7
	lw	a6, 0(sp)
	mv	a7, t0
	ecall
__cp_end:
	ret
__cp_cancel:
	tail	__cancel
	.size	__syscall_cp_asm, . - __syscall_cp_asm

	.section .note.fdpic, "", @progbits
