/* SPDX-License-Identifier: MIT */
/*
 * pid_t vfork(void) for RV32 FDPIC. The child runs on the caller's stack while the parent waits, so nothing
 * may be kept there; and it is entered with the caller's gp, not ours, so C cannot be called. errno is reached
 * by tp alone.
 */
#include <stddef.h>
#include "pthread_impl.h"

__attribute__((naked)) pid_t vfork(void)
{
	__asm__(
		"li	a0, 0x4111\n"		/* CLONE_VFORK | CLONE_VM | SIGCHLD */
		"li	a1, 0\n"		/* the same stack */
		"li	a7, 220\n"		/* clone */
		"ecall\n"
		"bltz	a0, 1f\n"
		"ret\n"
		"1:	neg	a0, a0\n"
		"sw	a0, %0(tp)\n"
		"li	a0, -1\n"
		"ret\n"
		: : "i"((int)offsetof(struct pthread, errno_val) - (int)sizeof(struct pthread)));
}
