# SPDX-License-Identifier: MIT
#
# pid_t vfork(void) for riscv32, where musl has none of its own and its generic one is fork, which a
# machine without an MMU cannot do. The child runs on the caller's stack while the parent waits, so
# nothing may be kept on the stack here: both return through ra, which the kernel preserves.
	.globl	vfork
	.type	vfork, @function
	.hidden	__syscall_ret
vfork:
	li	a0, 0x4111		# CLONE_VFORK | CLONE_VM | SIGCHLD
	li	a1, 0			# the same stack
	li	a7, 220			# clone
	ecall
	tail	__syscall_ret
	.size	vfork, . - vfork
