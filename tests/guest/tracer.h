/* SPDX-License-Identifier: MIT
 *
 * For guest tests of ptrace(2): raw requests, programs that are traced from their beginning, and what wait says, as one
 * number.  A traced program is this one again in a role: main() hands argc > 1 over.
 */
#ifndef TRACER_H
#define TRACER_H

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

#ifndef __WALL
#define __WALL 0x40000000
#endif
#ifndef __WNOTHREAD
#define __WNOTHREAD 0x20000000
#endif
#ifndef PTRACE_EVENT_STOP
#define PTRACE_EVENT_STOP 128
#endif
#define PTRACE_GETFDPIC_ 33
#define EVENT(e) (SIGTRAP << 8 | 0x7f | (e) << 16)	/* as wait4 of other machines shows it */
#define STOP(sig) ((sig) << 8 | 0x7f)
#define CALL_STOP STOP(SIGTRAP | 0x80)
#define EXITED(code) ((code) << 8)

/* struct user_regs_struct */
struct regs {
	uint32_t pc, ra, sp, gp, tp, t0, t1, t2, s0, s1, a0, a1, a2, a3, a4, a5, a6, a7;
	uint32_t s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, t3, t4, t5, t6;
};

static siginfo_t wait_info;		/* of the last wait_for() */

/* The raw call: its result, or -1 and errno. */
static inline long trace(long request, pid_t pid, unsigned long addr, unsigned long data)
{
	return syscall(SYS_ptrace, request, pid, addr, data);
}

/* The wait status (of wait4), 0 when WNOHANG found nothing, or -1 and errno. */
static inline int wait_for(pid_t pid, int options)
{
	siginfo_t si;
	int status;

	memset(&si, 0, sizeof si);
	if (syscall(SYS_waitid, pid > 0 ? P_PID : P_ALL, pid, &si, options | WEXITED | __WALL, NULL))
		return -1;
	wait_info = si;
	status = si.si_status;
	switch (si.si_code) {
	case CLD_EXITED:
		return status << 8;
	case CLD_KILLED:
		return status;
	case CLD_DUMPED:
		return status | 0x80;
	case CLD_STOPPED:
	case CLD_TRAPPED:
		return status << 8 | 0x7f;
	case CLD_CONTINUED:
		return 0xffff;
	default:
		return si.si_pid ? -2 : 0;
	}
}

/* Starts this program in a role, traced from its execve on if so wished. */
static inline pid_t start(const char *role, const char *arg, int traced)
{
	char *argv[] = { (char *)"tracee", (char *)role, (char *)arg, NULL }, *envp[] = { NULL };
	pid_t pid = vfork();

	if (pid == 0) {
		if (traced)
			syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
		execve("/proc/self/exe", argv, envp);
		_exit(127);
	}
	return pid;
}

/* The same, and waits for the stop at its execve. */
static inline pid_t start_traced(const char *role, const char *arg)
{
	pid_t pid = start(role, arg, 1);

	if (wait_for(pid, 0) != STOP(SIGTRAP))
		tap_bail("no stop at execve");
	return pid;
}

static inline long get_regs(pid_t pid, struct regs *r)
{
	struct iovec iov = { r, sizeof *r };

	return trace(PTRACE_GETREGSET, pid, NT_PRSTATUS, (unsigned long)&iov);
}

static inline long set_regs(pid_t pid, const struct regs *r)
{
	struct iovec iov = { (void *)r, sizeof *r };

	return trace(PTRACE_SETREGSET, pid, NT_PRSTATUS, (unsigned long)&iov);
}

static inline uint32_t peek(pid_t pid, uint32_t addr)
{
	uint32_t word = 0;

	trace(PTRACE_PEEKDATA, pid, addr, (unsigned long)&word);
	return word;
}

/* Goes on (PTRACE_CONT, _SYSCALL, _SINGLESTEP) with a signal and waits for what comes next. */
static inline int go(long request, pid_t pid, int signo)
{
	if (trace(request, pid, 0, (unsigned long)signo))
		return -1;
	return wait_for(pid, 0);
}

/* Ends it, whatever it does. */
static inline void finish(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	do
		status = wait_for(pid, 0);
	while (status != -1 && (status & 0x7f) == 0x7f);
}

/* A line of /proc/PID/status by its beginning, without it. */
static inline const char *status_line(pid_t pid, const char *key)
{
	static char line[128];
	char path[32];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	if (!f)
		return "";
	while (fgets(line, sizeof line, f))
		if (!strncmp(line, key, strlen(key)))
			break;
	fclose(f);
	line[strcspn(line, "\n")] = 0;
	return line + strlen(key) + 1;
}

#endif
