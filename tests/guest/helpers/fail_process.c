/* SPDX-License-Identifier: MIT
 *
 * Each allocation, host call and page allocation of the calls on processes, threads, signals and timers fails once
 * (tests/guest/nth.h); for tests/cli/fail_calls.sh.
 */
#define _GNU_SOURCE
#include <grp.h>
#include <pthread.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include "nth.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

static const char *self;

enum { NOT_RUN = 130 };		/* and errno: the status of a child whose execve failed */

/* Waits for a child that was armed, and takes the failure away that it may not have met. */
static void reap(int pid)
{
	int status = 0;

	if (waitpid(pid, &status, 0) != pid)
		nth.bad = 1;
	nth_done(0);
	if (WIFEXITED(status) && WEXITSTATUS(status) >= NOT_RUN)	/* else a program ran; a shell has its own statuses */
		nth.error = WEXITSTATUS(status) - NOT_RUN;
	/* An execve that is past the point of no return can only kill, as Linux does. */
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL && WTERMSIG(status) != SIGSEGV) {
		tap_diag("killed by signal %d", WTERMSIG(status));
		nth.bad = 1;
	}
}

/* vfork, and an execve of this file in it; everything from the one to the end of the other may fail. */
static void spawn(const char *file, char *const *argv)
{
	int pid;

	nth_arm();
	pid = vfork();
	if (pid == 0) {
		execve(file, argv, environ);
		_exit(NOT_RUN + errno);
	}
	if (pid < 0)
		nth_done(-1);
	else
		reap(pid);
}

static void do_vfork(void)
{
	int pid;

	nth_arm();
	pid = vfork();
	if (pid == 0)
		_exit(0);
	if (pid < 0)
		nth_done(-1);
	else
		reap(pid);
}

static void do_exec(void) { spawn(self, (char *[]) { "self", "exit", NULL }); }
static void do_exec_busybox(void) { spawn("/bin/busybox", (char *[]) { "true", NULL }); }
static void do_exec_script(void) { spawn("/script", (char *[]) { "script", "argument", NULL }); }
static void do_exec_missing(void)
{
	spawn("/not/there", (char *[]) { "there", NULL });
	if (nth.error == ENOENT)
		nth.error = 0;
}

static int child(void *arg)
{
	(void)arg;
	return 0;
}

static void do_clone(void)
{
	static _Alignas(16) char stack[8192];
	int pid = NTH(clone(child, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL));

	if (pid > 0)
		reap(pid);
}

static void *thread(void *arg) { return arg; }

static void do_thread(void)
{
	pthread_t t;
	int error;

	nth_arm();
	error = pthread_create(&t, NULL, thread, NULL);
	errno = error;
	nth_done(error ? -1 : 0);
	if (!error)
		pthread_join(t, NULL);
}

static void do_wait(void)
{
	siginfo_t info;
	int pid = vfork();

	if (pid == 0)
		_exit(0);
	NTH(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	waitpid(pid, NULL, 0);
}

static void do_pidfd(void)
{
	int fd = NTH(syscall(SYS_pidfd_open, getpid(), 0));

	if (fd >= 0)
		close(fd);
}

static void do_groups(void)
{
	static gid_t many[30];

	NTH(setgroups(30, many));
	NTH(getgroups(30, many));
	setgroups(0, NULL);
}

static void do_names(void)
{
	struct utsname u;

	NTH(sethostname("name", 4));
	NTH(uname(&u));
	NTH(prctl(PR_SET_NAME, "name", 0, 0, 0));
	NTH(umask(022));
}

/* A queued real-time signal, blocked, and taken. */
static void do_queue(void)
{
	struct timespec none = { 0, 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (NTH(sigqueue(getpid(), SIGRTMIN + 3, (union sigval) { 7 })) == 0)
		NTH(sigtimedwait(&set, NULL, &none));
	sigtimedwait(&set, NULL, &none);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void nothing(int sig) { (void)sig; }

static void do_kill(void)
{
	struct sigaction act = { .sa_handler = nothing };

	NTH(sigaction(SIGUSR1, &act, NULL));
	NTH(kill(getpid(), SIGUSR1));
	NTH(syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1));
}

static void do_timer(void)
{
	struct sigevent none = { .sigev_notify = SIGEV_NONE };
	struct itimerspec at = { .it_value.tv_sec = 1000 };
	timer_t t;

	if (NTH(timer_create(CLOCK_MONOTONIC, &none, &t)) == 0) {
		NTH(timer_settime(t, 0, &at, NULL));
		timer_delete(t);
	}
}

static void do_itimer(void)
{
	struct itimerval at = { .it_value.tv_sec = 1000 }, off = { .it_value.tv_sec = 0 };

	NTH(setitimer(ITIMER_REAL, &at, NULL));
	NTH(setitimer(ITIMER_PROF, &at, NULL));
	setitimer(ITIMER_REAL, &off, NULL);
	setitimer(ITIMER_PROF, &off, NULL);
}

static void do_sleep(void)
{
	struct timespec soon = { 0, 1000 };

	NTH(nanosleep(&soon, NULL));
	NTH(sched_yield());
}

static void do_limits(void)
{
	struct rlimit limit;
	struct rusage usage;
	cpu_set_t cpus;

	NTH(getrlimit(RLIMIT_NOFILE, &limit));
	NTH(setrlimit(RLIMIT_NOFILE, &limit));
	NTH(getrusage(RUSAGE_SELF, &usage));
	NTH(sched_getaffinity(0, sizeof cpus, &cpus));
}

static void do_ptrace(void)
{
	static _Alignas(16) char stack[8192];
	int pid = clone(child, stack + sizeof stack, CLONE_VM | SIGCHLD | CLONE_PTRACE, NULL);

	waitpid(pid, NULL, 0);
	pid = vfork();
	if (pid == 0) {
		execl(self, "self", "stop", NULL);
		_exit(1);
	}
	if (NTH(ptrace(PTRACE_SEIZE, pid, NULL, NULL)) == 0) {
		NTH(ptrace(PTRACE_INTERRUPT, pid, NULL, NULL));
		waitpid(pid, NULL, 0);
		NTH(ptrace(PTRACE_DETACH, pid, NULL, NULL));
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* A filter that a listener comes with: the child's, which has our descriptors. */
static int listener;

static int filters(void *arg)
{
	static struct { unsigned short code; unsigned char jt, jf; unsigned k; } prog[] = { { 6 /* BPF_RET | BPF_K */, 0, 0, 0x7fff0000 } };
	struct { unsigned short len, pad; void *prog; } f = { 1, 0, prog };

	(void)arg;
	listener = NTH((int)syscall(SYS_seccomp, 1, 8 /* SECCOMP_FILTER_FLAG_NEW_LISTENER */, &f));
	return 0;
}

static void do_listener(void)
{
	static char child_stack[16384] __attribute__((aligned(16)));
	struct pollfd p = { .events = POLLIN };
	pid_t pid = clone(filters, child_stack + sizeof child_stack, CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, NULL);

	if (pid > 0)
		waitpid(pid, NULL, 0);
	if (listener < 0)
		return;
	p.fd = listener;
	NTH(poll(&p, 1, 0));
	close(listener);
}

static const struct nth_case cases[] = {
	{ "vfork", do_vfork }, { "exec", do_exec }, { "exec_busybox", do_exec_busybox }, { "exec_script", do_exec_script },
	{ "exec_missing", do_exec_missing }, { "clone", do_clone }, { "thread", do_thread }, { "waitid", do_wait },
	{ "pidfd", do_pidfd }, { "setgroups", do_groups }, { "names", do_names }, { "sigqueue", do_queue }, { "kill", do_kill },
	{ "timer", do_timer }, { "itimer", do_itimer }, { "sleep", do_sleep }, { "limits", do_limits }, { "ptrace", do_ptrace },
	{ "listener", do_listener },
};

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "exit"))
		return 0;
	if (argc > 1 && !strcmp(argv[1], "stop"))
		return pause();
	self = argv[0];
	return nth_run(cases, sizeof cases / sizeof cases[0], argv + 1);
}
