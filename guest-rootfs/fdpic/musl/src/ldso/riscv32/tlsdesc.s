# SPDX-License-Identifier: MIT
#
# The resolvers of TLS descriptors on RV32: a0 = the descriptor's address, t0 = where to return to; a0 becomes
# the variable's offset from tp. Nothing else changes, gp neither. They are code addresses in an FDPIC program
# too, so they are no functions to the linker.
	.text
	.global __tlsdesc_static
	.hidden __tlsdesc_static
	.type	__tlsdesc_static, @object
__tlsdesc_static:
	lw	a0, 4(a0)
	jr	t0

	.global __tlsdesc_dynamic
	.hidden __tlsdesc_dynamic
	.type	__tlsdesc_dynamic, @object
__tlsdesc_dynamic:
	addi	sp, sp, -16
	sw	t1, 0(sp)
	sw	t2, 4(sp)
	lw	a0, 4(a0)		# {module, offset}
	lw	t1, 0(a0)
	lw	t2, -4(tp)		# the thread's vector of modules
	slli	t1, t1, 2
	add	t1, t1, t2
	lw	t1, 0(t1)
	lw	a0, 4(a0)
	add	a0, a0, t1
	sub	a0, a0, tp
	lw	t1, 0(sp)
	lw	t2, 4(sp)
	addi	sp, sp, 16
	jr	t0

	.section .note.fdpic, "", @progbits
