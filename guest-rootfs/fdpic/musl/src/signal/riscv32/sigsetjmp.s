# SPDX-License-Identifier: MIT
#
# int sigsetjmp(sigjmp_buf, int savemask) for RV32 FDPIC. Entered with the gp of the caller, which is not ours,
# so C cannot be called: the signal mask is saved, or, when longjmp comes back, restored right here.
# The buffer: registers, 152 a word, 156 the mask (8 bytes), 164 and on free.
	.global sigsetjmp
	.global __sigsetjmp
	.type	sigsetjmp, %function
	.type	__sigsetjmp, %function
sigsetjmp:
__sigsetjmp:
	bnez	a1, 1f
	tail	setjmp
1:
	sw	ra, 152(a0)
	sw	s0, 164(a0)
	mv	s0, a0
	call	setjmp
	# From here twice: first with 0, then with longjmp's value.
	mv	t0, a0
	addi	a2, s0, 156		# save the mask ...
	li	a1, 0
	beqz	t0, 2f
	mv	a1, a2			# ... or set it
	li	a2, 0
2:
	lw	ra, 152(s0)
	lw	s0, 164(s0)
	li	a0, 2			# SIG_SETMASK
	li	a3, 8
	li	a7, 135			# rt_sigprocmask
	ecall
	mv	a0, t0
	ret
	.size	sigsetjmp, . - sigsetjmp

	.section .note.fdpic, "", @progbits
