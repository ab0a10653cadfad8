/* SPDX-License-Identifier: MIT
 * seccomp: strict mode, what becomes of calls that are refused, children and threads, tracers.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <ucontext.h>
#include "tracer.h"

#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000u
#endif
#ifndef SECCOMP_FILTER_FLAG_TSYNC_ESRCH
#define SECCOMP_FILTER_FLAG_TSYNC_ESRCH 16
#endif
#define EVENT_SECCOMP 7

/* One call gets an answer, all others go. */
static long refuse(int number, unsigned answer, unsigned flags)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = { .len = 4, .filter = f };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p);
}

/* --- The roles of a child: exit codes from 90 on are failures --- */

static void on_usr1(int signo)
{
	(void)signo;
}

static volatile struct { int signo, code, err, nr, count; unsigned arch, addr, pc, a0; } seen;

static void on_sys(int signo, siginfo_t *si, void *context)
{
	ucontext_t *uc = context;

	seen.signo = signo;
	seen.code = si->si_code;
	seen.err = si->si_errno;
	seen.nr = si->si_syscall;
	seen.arch = si->si_arch;
	seen.addr = (unsigned)si->si_call_addr;
	seen.pc = (unsigned)uc->uc_mcontext.__gregs[0];
	seen.a0 = (unsigned)uc->uc_mcontext.__gregs[10];
	seen.count++;
	uc->uc_mcontext.__gregs[10] = 77;
}

static volatile long killed_tid, survived;

static void *only_getpgid(void *arg)
{
	(void)arg;
	killed_tid = syscall(SYS_gettid);
	syscall(SYS_getpgid, 0);
	survived = 1;
	return NULL;
}

static int go_gate[2], ready_gate[2];

/* A thread that waits, and then says what becomes of its getpriority(). */
static void *waits(void *arg)
{
	char c = 0;

	if (arg)
		refuse(SYS_getsid, SECCOMP_RET_ERRNO | 4, 0);
	write(ready_gate[1], &c, 1);
	read(go_gate[0], &c, 1);
	return (void *)(syscall(SYS_getpriority, 0, 0) == -1 ? errno : 0);
}

static int role(char **argv)
{
	const char *what = argv[1];
	struct sigaction sa = { .sa_sigaction = on_sys, .sa_flags = SA_SIGINFO };
	pthread_t thread;
	sigset_t set;
	char c = 'x';
	long n;

	if (!strncmp(what, "strict", 6)) {
		struct sigaction usr1 = { .sa_handler = on_usr1 };
		int fds[2];

		sigaction(SIGUSR1, &usr1, NULL);
		pipe(fds);
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
			return 90;
		syscall(SYS_write, fds[1], &c, 1);
		syscall(SYS_read, fds[0], &c, 1);
		if (!strcmp(what, "strict-signal"))	/* a handler runs and returns */
			syscall(SYS_read, fds[0], &c, 1);
		if (!strcmp(what, "strict-bad"))
			syscall(SYS_getpid);
		syscall(SYS_exit, 5);
	}
	if (!strcmp(what, "errno")) {
		n = syscall(SYS_getpgid, 0);
		return n == -1 ? errno : 0;
	}
	if (!strcmp(what, "inherited") || !strcmp(what, "executed")) {
		char *args[] = { (char *)"again", (char *)"errno", NULL }, *envp[] = { NULL };

		refuse(SYS_getpgid, SECCOMP_RET_ERRNO | 11, 0);
		if (what[0] == 'i')
			return wait_for(start("errno", NULL, 0), 0) >> 8;
		execve("/proc/self/exe", args, envp);
		return 90;
	}
	if (!strcmp(what, "kill-process") || !strcmp(what, "kill-thread") || !strcmp(what, "unknown")) {
		refuse(SYS_getpgid, what[0] == 'u' ? 0x10000 : what[5] == 'p' ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_KILL_THREAD, 0);
		if (argv[2]) {
			pthread_create(&thread, NULL, only_getpgid, NULL);
			/* pthread_join() would wait for what the thread cannot say any more. */
			while (!killed_tid || !syscall(SYS_tgkill, getpid(), killed_tid, 0))
				usleep(1000);
			return survived ? 91 : 7;
		}
		syscall(SYS_getpgid, 0);
		return 92;
	}
	if (!strcmp(what, "trap-blocked") || !strcmp(what, "trap-default")) {
		sigemptyset(&set);
		sigaddset(&set, SIGSYS);
		if (what[5] == 'b') {
			sigaction(SIGSYS, &sa, NULL);
			sigprocmask(SIG_BLOCK, &set, NULL);
		}
		refuse(SYS_getpgid, SECCOMP_RET_TRAP, 0);
		syscall(SYS_getpgid, 0);
		return 93;
	}
	if (!strcmp(what, "traced end")) {
		refuse(SYS_getpgid, SECCOMP_RET_KILL_PROCESS, 0);
		syscall(SYS_getpgid, 0);
		return 94;
	}
	if (!strcmp(what, "trace")) {
		refuse(SYS_getpgid, SECCOMP_RET_TRACE | 0x1234, 0);
		refuse(SYS_getsid, SECCOMP_RET_ERRNO | 13, 0);
		n = syscall(SYS_getpgid, 0, 1, 2, 3, 4, 5);
		return n == -1 ? errno : n == getpid() ? 60 : n == getppid() ? 61 : (int)n;
	}
	return 99;
}

/* --- Tests --- */

static int ends(const char *what, const char *arg)
{
	return wait_for(start(what, arg, 0), 0);
}

static void test_strict(void)
{
	pid_t pid;

	tap_is(ends("strict", NULL), EXITED(5), "strict: read, write and exit");
	tap_is(ends("strict-bad", NULL), SIGKILL, "anything else: SIGKILL");
	pid = start("strict-signal", NULL, 0);
	while (strcmp(status_line(pid, "Seccomp:"), "1") || strncmp(status_line(pid, "State:"), "S", 1))
		usleep(10000);
	tap_ok(1, "/proc/PID/status: Seccomp: 1");
	kill(pid, SIGUSR1);
	tap_is(wait_for(pid, 0), EXITED(5), "a handler may return");
}

static void test_killed(void)
{
	tap_is(ends("kill-process", NULL) & 0x7f, SIGSYS, "kill the process: SIGSYS");
	tap_is(ends("kill-process", "thread") & 0x7f, SIGSYS, "for a call of one of its threads, too");
	tap_is(ends("kill-thread", NULL) & 0x7f, SIGSYS, "kill the thread, the only one: SIGSYS");
	tap_is(ends("kill-thread", "thread"), EXITED(7), "one of two: the other lives");
	tap_is(ends("unknown", "thread") & 0x7f, SIGSYS, "an answer nobody knows is as kill the process");
}

static void test_inherited(void)
{
	tap_is(ends("inherited", NULL), EXITED(11), "a child has its parent's filters");
	tap_is(ends("executed", NULL), EXITED(11), "and a new program the old one's");
}

static void test_trap(void)
{
	struct sigaction sa = { .sa_sigaction = on_sys, .sa_flags = SA_SIGINFO };
	long n;

	tap_is(ends("trap-default", NULL) & 0x7f, SIGSYS, "trap without a handler: SIGSYS");
	tap_is(ends("trap-blocked", NULL) & 0x7f, SIGSYS, "with SIGSYS blocked: SIGSYS all the same");
	sigaction(SIGSYS, &sa, NULL);
	tap_zero(refuse(SYS_getpgid, SECCOMP_RET_TRAP | 321, 0), "trap with a handler");
	n = syscall(SYS_getpgid, 4711);
	tap_is(seen.count, 1, "the handler has run");
	tap_is(seen.signo, SIGSYS, "SIGSYS");
	tap_is(seen.code, 1, "SYS_SECCOMP");
	tap_is(seen.err, 321, "the filter's data");
	tap_is(seen.nr, SYS_getpgid, "the call");
	tap_is(seen.arch, 0x400000f3, "the architecture");
	tap_ok(seen.addr == seen.pc, "where: behind the ecall");
	tap_is(seen.a0, 4711, "its argument is still there");
	tap_is(n, 77, "what the handler leaves is the result");
}

static void test_traced(void)
{
	struct { uint8_t op, pad[3]; uint32_t arch; uint64_t ip, sp, nr, args[6]; uint32_t data; } info;
	struct regs r;
	unsigned long message;
	pid_t pid;

	pid = start_traced("traced end", NULL);
	tap_is(go(PTRACE_CONT, pid, 0) & 0x7f, SIGSYS, "the end cannot be held up by a tracer");
	pid = start_traced("trace", NULL);
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(ENOSYS), "a tracer that did not ask for it");
	pid = start_traced("trace", NULL);
	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD);
	tap_is(go(PTRACE_CONT, pid, 0), EVENT(EVENT_SECCOMP), "one that did: a stop");
	trace(PTRACE_GETEVENTMSG, pid, 0, (unsigned long)&message);
	tap_is(message, 0x1234, "its message is the filter's data");
	get_regs(pid, &r);
	tap_is(r.a7, SYS_getpgid, "the call");
	tap_is((int)r.a0, -ENOSYS, "no result yet");
	memset(&info, 0, sizeof info);
	tap_is(trace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, (unsigned long)&info), 84, "PTRACE_GET_SYSCALL_INFO");
	tap_is(info.op, 3, "a stop for seccomp");
	tap_is(info.nr, SYS_getpgid, "its call");
	tap_is(info.args[1] * 10000 + info.args[3] * 100 + info.args[5], 10305, "arguments");
	tap_is(info.data, 0x1234, "and data");
	tap_is(go(PTRACE_SYSCALL, pid, 0), CALL_STOP, "then the stop behind the call");
	get_regs(pid, &r);
	tap_ok((pid_t)r.a0 == getpgid(pid), "which has been made");
	finish(pid);

	pid = start_traced("trace", NULL);
	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP);
	go(PTRACE_CONT, pid, 0);
	get_regs(pid, &r);
	r.a7 = (uint32_t)-1;
	r.a0 = 44;
	set_regs(pid, &r);
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(44), "the tracer does it itself");

	pid = start_traced("trace", NULL);
	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP);
	go(PTRACE_CONT, pid, 0);
	get_regs(pid, &r);
	r.a7 = SYS_getppid;
	set_regs(pid, &r);
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(61), "another call instead");

	pid = start_traced("trace", NULL);
	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP);
	go(PTRACE_CONT, pid, 0);
	get_regs(pid, &r);
	r.a7 = SYS_getsid;
	set_regs(pid, &r);
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(13), "one that a filter refuses");

	pid = start_traced("trace", NULL);
	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD);
	tap_is(go(PTRACE_SYSCALL, pid, 0) == CALL_STOP, 1, "a tracer of all calls");
	for (int i = 0; i < 100; i++) {
		get_regs(pid, &r);
		if (r.a7 == SYS_getpgid)
			break;
		go(PTRACE_SYSCALL, pid, 0);
	}
	tap_is(go(PTRACE_SYSCALL, pid, 0), EVENT(EVENT_SECCOMP), "sees the call first, then the filter's stop");
	tap_is(go(PTRACE_SYSCALL, pid, 0), CALL_STOP, "then the end of the call");
	finish(pid);
}

static void test_threads(void)
{
	pthread_t thread;
	void *result;
	long n;
	char c;

	pipe(go_gate);
	pipe(ready_gate);
	pthread_create(&thread, NULL, waits, NULL);
	read(ready_gate[0], &c, 1);
	tap_zero(refuse(SYS_getpriority, SECCOMP_RET_ERRNO | 21, SECCOMP_FILTER_FLAG_TSYNC), "a filter for all threads");
	write(go_gate[1], &c, 1);
	pthread_join(thread, &result);
	tap_is((long)result, 21, "the other one has it");

	pthread_create(&thread, NULL, waits, (void *)1);
	read(ready_gate[0], &c, 1);
	n = refuse(SYS_getsid, SECCOMP_RET_ERRNO | 3, SECCOMP_FILTER_FLAG_TSYNC);
	tap_ok(n > getpid(), "a thread that has one of its own: its number");
	tap_errno(refuse(SYS_getsid, SECCOMP_RET_ERRNO | 3, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH), ESRCH,
		  "or ESRCH, if that is wanted");
	tap_is(syscall(SYS_getsid, 0), getsid(0), "and nobody has got it");
	write(go_gate[1], &c, 1);
	pthread_join(thread, &result);
	tap_zero(refuse(SYS_getsid, SECCOMP_RET_ERRNO | 3, SECCOMP_FILTER_FLAG_TSYNC), "when it has gone it is in nobody's way");
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return role(argv);
	tap_plan(0);
	test_strict();
	test_killed();
	test_inherited();
	test_traced();
	test_trap();
	test_threads();
	return tap_done();
}
