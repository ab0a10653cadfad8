/* SPDX-License-Identifier: MIT
 *
 * The least that an FDPIC program without a C library starts with.
 */
	.section .note.fdpic,"",@progbits
	.text
	.globl _start
	.type _start,@function
# Entered with a1: the loadmap, a3: the dynamic section. Finds gp, relocates, calls main.
_start:
	mv s1, a1
	# gp by its link address
	lui a0, %hi(__fdpic_link.__fdpic_gp)
	addi a0, a0, %lo(__fdpic_link.__fdpic_gp)
	call map
	mv gp, a0
	# relocations
	mv t0, a3
	li s2, 0
	li s3, 0
1:	lw t1, 0(t0)
	lw t2, 4(t0)
	addi t0, t0, 8
	beqz t1, 2f
	li t3, 7
	bne t1, t3, 3f
	mv s2, t2
3:	li t3, 8
	bne t1, t3, 1b
	mv s3, t2
	j 1b
2:	mv a0, s2
	beqz s3, 5f
	call map
	mv s2, a0
	add s3, s3, s2
4:	lw a0, 8(s2)
	call map
	mv s4, a0
	lw a0, 0(s2)
	call map
	sw s4, 0(a0)
	addi s2, s2, 12
	bltu s2, s3, 4b
5:	call main
	li a7, 94
	ecall
map:	lhu t1, 2(s1)
	addi t3, s1, 4
1:	lw t4, 0(t3)
	lw t5, 4(t3)
	lw t6, 8(t3)
	addi t3, t3, 12
	addi t1, t1, -1
	bltz t1, 2f
	sub t5, a0, t5
	bgtu t5, t6, 1b
	add a0, t4, t5
	ret
2:	ebreak
