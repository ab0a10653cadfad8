/* SPDX-License-Identifier: MIT
 *
 * nommu-mmap.txt, introduction: what fork(), vfork(), clone() and ptrace() have to do with mappings.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include "nommu.h"

/* clone(2) with these flags and a stack for the child, which ends at once. */
static long raw_clone(unsigned long flags)
{
	static uint32_t stack[1024] __attribute__((aligned(16)));
	register long a7 __asm__("a7") = SYS_clone;
	register long a0 __asm__("a0") = (long)flags;
	register long a1 __asm__("a1") = (long)(stack + 1024);
	register long a2 __asm__("a2") = 0;
	register long a3 __asm__("a3") = 0;
	register long a4 __asm__("a4") = 0;

	__asm__ volatile("ecall\n"
			 "	bnez	a0, 1f\n"
			 "	li	a7, 93\n"
			 "	ecall\n"
			 "1:"
			 : "+r"(a0), "+r"(a7) : "r"(a1), "r"(a2), "r"(a3), "r"(a4) : "memory");
	return a0;
}

static void cloning(void)
{
	long r = raw_clone(CLONE_VM | SIGCHLD);

	tap_ok(r > 0 && waitpid((pid_t)r, NULL, 0) == r, "S4 S5 clone() with CLONE_VM makes a process");
	r = raw_clone(SIGCHLD);
	tap_is(r, -ENOSYS, "S4 S5 clone() without it, that is fork(), does not");
	if (r > 0)
		waitpid((pid_t)r, NULL, 0);
}

static void vforking(void)
{
	static char *volatile from_child;
	char *p = nommu_anon(1);
	pid_t pid = vfork();

	if (pid == 0) {
		from_child = nommu_anon(2);
		from_child[PAGE] = 4;
		*p = 6;
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	tap_ok(from_child && from_child[PAGE] == 4, "S4 what a vfork()ed child maps is its parent's");
	tap_is(*p, 6, "S4 what it stores is stored");
	tap_zero(nommu_unmap(from_child, 2 * PAGE), "S4 and the parent unmaps it");
	nommu_unmap(p, PAGE);
	tap_zero(nommu_run("memory", 0), "S4 after exec it has mappings of its own");
}

/* Starts ROLE under ptrace, stopped before its first instruction; -1 and errno. */
static pid_t start_traced(const char *role)
{
	char *const argv[] = { (char *)"nommu", (char *)role, (char *)"0", NULL };
	static volatile int error;
	pid_t pid;
	int status;

	error = 0;
	pid = vfork();
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			error = errno;
		else
			execve("/proc/self/exe", argv, environ);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	if (!error && WIFSTOPPED(status))
		return pid;
	errno = error;
	return -1;
}

static void tracing(void)
{
	pid_t pid = start_traced("memory");
	struct nommu_line l;
	char path[32];
	long word = 0, there;

	if (pid < 0) {
		tap_diag("ptrace: %s", strerror(errno));
		tap_skip(4, "no ptrace()");
		return;
	}
	snprintf(path, sizeof path, "/proc/%d/maps", pid);
	tap_ok(nommu_lines(path, 0, -1ul, &l) > 1, "S4 a traced process has mappings");
	tap_zero(syscall(SYS_ptrace, PTRACE_PEEKDATA, pid, l.start, &word), "S4 ptrace() reads there");
	there = word;
	tap_zero(syscall(SYS_ptrace, PTRACE_POKEDATA, pid, l.start, there), "S4 and writes");
	tap_errno(syscall(SYS_ptrace, PTRACE_PEEKDATA, pid, 0x80000000 - 4, &word), EIO, "S4 but nowhere else");
	kill(pid, SIGKILL);
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 2)
		return nommu_anon(1) == NULL;
	tap_plan(0);
	nommu_enter();
	cloning();
	vforking();
	tracing();
	nommu_leave();
	return tap_done();
}
