# SPDX-License-Identifier: MIT
#
# int __clone(int (*func)(void *), void *stack, int flags, void *arg, pid_t *ptid, void *tls, pid_t *ctid)
# for RV32 FDPIC: func is the address of a descriptor {entry, gp}. The kernel knows nothing of it.
	.global __clone
	.type	__clone, %function
__clone:
	andi	a1, a1, -16
	addi	a1, a1, -16
	lw	t0, 0(a0)
	lw	t1, 4(a0)
	sw	t0, 0(a1)
	sw	t1, 4(a1)
	sw	a3, 8(a1)
	mv	a0, a2
	mv	a2, a4
	mv	a3, a5
	mv	a4, a6
	li	a7, 220			# clone(flags, stack, ptid, tls, ctid)
	ecall
	beqz	a0, 1f
	ret
1:
	lw	t0, 0(sp)
	lw	gp, 4(sp)
	lw	a0, 8(sp)
	jalr	t0
	li	a7, 93			# exit
	ecall
	.size	__clone, . - __clone

	.section .note.fdpic, "", @progbits
