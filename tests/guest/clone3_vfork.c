/* SPDX-License-Identifier: MIT
 *
 * clone3() with CLONE_VFORK: the child has the parent's memory, struct clone_args included, and what it writes there is no
 * business of the call that made it.
 */
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "tap.h"

static volatile struct { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls; } args;

/* Inlined: the child returns into the same frame. */
static inline __attribute__((always_inline)) long call(long nr, long a, long b)
{
	register long a0 __asm__("a0") = a, a1 __asm__("a1") = b, a7 __asm__("a7") = nr;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
	return a0;
}

int main(void)
{
	int status = 0;
	long pid;

	tap_plan(3);
	args.flags = 0x100 | 0x4000;	/* CLONE_VM | CLONE_VFORK */
	args.exit_signal = 17;
	pid = call(SYS_clone3, (long)&args, 64);
	if (pid == 0) {
		args.flags = ~0ull;
		args.exit_signal = 1000;
		call(SYS_exit, 7, 0);
	}
	tap_ok(pid > 0, "the parent gets its child");
	tap_ok(args.exit_signal == 1000, "who has written over the arguments");
	tap_ok(waitpid((pid_t)pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7, "and ended");
	return tap_done();
}
