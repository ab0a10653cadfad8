/* SPDX-License-Identifier: MIT
 * Signals between processes: default actions, stopping and continuing, what parents are told.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "tap.h"

extern char **environ;
static const char *self;
static volatile int chlds, conts;
static siginfo_t chld;

static void sleep_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

static pid_t spawn(const char *role, int arg)
{
	char number[16], *argv[] = { (char *)self, (char *)role, number, NULL };
	pid_t pid;

	snprintf(number, sizeof number, "%d", arg);
	return posix_spawn(&pid, self, NULL, NULL, argv, environ) ? -1 : pid;
}

static void on_cont(int sig)
{
	(void)sig;
	conts++;
}

static void *spin(void *arg)
{
	for (;;)
		sleep_ms(1000);
	return arg;
}

static int play(const char *role, int arg)
{
	struct sigaction sa = { .sa_handler = on_cont };
	struct timespec ts = { 0, 200000000 };
	pthread_t th;

	if (!strcmp(role, "sleep")) {
		sleep_ms(20000);
		return 1;
	}
	if (!strcmp(role, "kill-self")) {		/* default action */
		kill(getpid(), arg);
		sleep_ms(50);
		return 77;
	}
	if (!strcmp(role, "ignore")) {
		signal(arg, SIG_IGN);
		kill(getpid(), arg);
		return 78;
	}
	if (!strcmp(role, "fault-blocked")) {
		sigset_t s;

		sigfillset(&s);
		sigprocmask(SIG_BLOCK, &s, NULL);
		*(volatile int *)0xf0000000 = 1;
		return 79;
	}
	if (!strcmp(role, "fault-ignored")) {
		signal(SIGSEGV, SIG_IGN);
		*(volatile int *)0xf0000000 = 1;
		return 79;
	}
	if (!strcmp(role, "bad-stack")) {		/* no room for the handler's frame */
		signal(SIGUSR1, on_cont);
		__asm__ volatile("mv a0, %0; li a1, %1; li a7, %2; mv t0, sp; li sp, 64; ecall; mv sp, t0"
				 :: "r"(getpid()), "i"(SIGUSR1), "i"(SYS_kill) : "a0", "a1", "a7", "t0", "memory");
		return 80;
	}
	if (!strcmp(role, "bad-frame")) {		/* rt_sigreturn from nowhere */
		__asm__ volatile("li sp, 64; li a7, %0; ecall" :: "i"(SYS_rt_sigreturn) : "a7", "memory");
		return 81;
	}
	if (!strcmp(role, "cont-handler")) {		/* pause() must end when we were stopped and continued */
		sigaction(SIGCONT, &sa, NULL);
		pause();
		return conts == 1 ? 5 : 6;
	}
	if (!strcmp(role, "nap")) {			/* a sleep goes on over stop and continue */
		return nanosleep(&ts, NULL) ? 6 : 5;
	}
	if (!strcmp(role, "threads")) {			/* all threads end and stop together */
		for (int i = 0; i < 3; i++)
			pthread_create(&th, NULL, spin, NULL);
		if (arg == 1)
			pthread_kill(th, SIGTERM);
		sleep_ms(20000);
		return 1;
	}
	if (!strcmp(role, "leader-gone")) {		/* the main thread ends, the process lives on */
		pthread_create(&th, NULL, spin, NULL);
		pthread_exit(NULL);
	}
	if (!strcmp(role, "exit-code"))
		return arg;
	return 99;
}

static void on_chld(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)uc;
	chld = *info;
	chlds++;
}

static void test_default_actions(void)
{
	static const struct { int sig; const char *name; } deadly[] = {
		{ SIGHUP, "SIGHUP" }, { SIGINT, "SIGINT" }, { SIGQUIT, "SIGQUIT" }, { SIGILL, "SIGILL" },
		{ SIGTRAP, "SIGTRAP" }, { SIGABRT, "SIGABRT" }, { SIGBUS, "SIGBUS" }, { SIGFPE, "SIGFPE" },
		{ SIGKILL, "SIGKILL" }, { SIGUSR1, "SIGUSR1" }, { SIGSEGV, "SIGSEGV" }, { SIGUSR2, "SIGUSR2" },
		{ SIGPIPE, "SIGPIPE" }, { SIGALRM, "SIGALRM" }, { SIGTERM, "SIGTERM" }, { SIGSTKFLT, "SIGSTKFLT" },
		{ SIGXCPU, "SIGXCPU" }, { SIGXFSZ, "SIGXFSZ" }, { SIGVTALRM, "SIGVTALRM" }, { SIGPROF, "SIGPROF" },
		{ SIGIO, "SIGIO" }, { SIGPWR, "SIGPWR" }, { SIGSYS, "SIGSYS" }, { 40, "a real-time signal" },
	};
	int status;

	for (unsigned i = 0; i < sizeof deadly / sizeof *deadly; i++) {
		pid_t pid = spawn("kill-self", deadly[i].sig);

		status = -1;
		waitpid(pid, &status, 0);
		tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == deadly[i].sig, "%s ends a process", deadly[i].name);
		if (!WIFSIGNALED(status))
			tap_diag("status 0x%x", status);
	}
	waitpid(spawn("ignore", SIGTERM), &status, 0);
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 78, "an ignored one does not");
	waitpid(spawn("fault-blocked", 0), &status, 0);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "a fault with everything blocked is deadly");
	waitpid(spawn("fault-ignored", 0), &status, 0);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "a fault with SIGSEGV ignored, too");
	if (tap_bad_pointers()) {
		waitpid(spawn("bad-stack", 0), &status, 0);
		tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "a stack where no frame fits: SIGSEGV");
		waitpid(spawn("bad-frame", 0), &status, 0);
		tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "rt_sigreturn without a frame: SIGSEGV");
	} else {
		tap_left_out("a stack where no frame fits: SIGSEGV");
		tap_left_out("rt_sigreturn without a frame: SIGSEGV");
	}
	waitpid(spawn("threads", 1), &status, 0);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "a deadly signal to one thread ends all");
}

static void test_stop(void)
{
	struct sigaction sa = { .sa_sigaction = on_chld, .sa_flags = SA_SIGINFO | SA_RESTART };
	siginfo_t info;
	int status;
	pid_t pid;

	sigaction(SIGCHLD, &sa, NULL);
	pid = spawn("sleep", 0);
	sleep_ms(50);
	chlds = 0;
	kill(pid, SIGSTOP);
	tap_is(waitpid(pid, &status, WUNTRACED), pid, "WUNTRACED: a stopped child");
	tap_ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP, "stopped by SIGSTOP");
	tap_ok(chlds == 1 && chld.si_code == CLD_STOPPED && chld.si_status == SIGSTOP && chld.si_pid == pid,
	       "SIGCHLD with CLD_STOPPED");
	tap_is(waitpid(pid, &status, WUNTRACED | WNOHANG), 0, "told once");
	kill(pid, SIGTERM);
	sleep_ms(20);
	tap_is(waitpid(pid, &status, WNOHANG), 0, "SIGTERM does not end a stopped process");
	chlds = 0;
	kill(pid, SIGCONT);
	tap_is(waitpid(pid, &status, 0), pid, "until it is continued");
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "then it ends by it");

	pid = spawn("sleep", 0);
	sleep_ms(50);
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	chlds = 0;
	kill(pid, SIGCONT);
	memset(&info, 0, sizeof info);
	tap_zero(waitid(P_PID, (id_t)pid, &info, WCONTINUED), "WCONTINUED");
	tap_ok(info.si_code == CLD_CONTINUED && info.si_status == SIGCONT && info.si_pid == pid, "CLD_CONTINUED");
	sleep_ms(20);		/* the child sends it, once it runs again */
	tap_ok(chlds == 1 && chld.si_code == CLD_CONTINUED, "SIGCHLD with CLD_CONTINUED");
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "SIGKILL ends a stopped process");

	sa.sa_flags |= SA_NOCLDSTOP;
	sigaction(SIGCHLD, &sa, NULL);
	pid = spawn("threads", 0);
	sleep_ms(100);
	chlds = 0;
	kill(pid, SIGTSTP);
	/* An orphaned group's terminal stops are dropped; ours is one when nobody of the session started us. */
	sleep_ms(20);
	if (waitpid(pid, &status, WUNTRACED | WNOHANG) == pid)
		tap_ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP, "SIGTSTP stops");
	else
		tap_ok(1, "SIGTSTP stops");
	tap_is(chlds, 0, "SA_NOCLDSTOP: no SIGCHLD for stops");
	kill(pid, SIGSTOP);
	kill(pid, SIGCONT);
	sleep_ms(20);
	kill(pid, SIGINT);
	waitpid(pid, &status, 0);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "several threads stop, continue and end together");

	pid = spawn("cont-handler", 0);
	sleep_ms(50);
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 5, "a handler for SIGCONT runs and ends pause()");
	pid = spawn("nap", 0);
	sleep_ms(50);
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	sleep_ms(20);
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 5, "nanosleep() goes on over stop and continue");

	pid = spawn("leader-gone", 0);
	sleep_ms(50);
	tap_zero(kill(pid, 0), "a process whose main thread ended is there");
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "and can be signalled");
}

static void test_chld(void)
{
	struct sigaction sa = { .sa_sigaction = on_chld, .sa_flags = SA_SIGINFO };
	sigset_t s, old;
	int status;
	pid_t pid;

	sigaction(SIGCHLD, &sa, NULL);
	chlds = 0;
	pid = spawn("exit-code", 42);
	waitpid(pid, &status, 0);
	tap_ok(chlds == 1 && chld.si_code == CLD_EXITED && chld.si_status == 42 && chld.si_pid == pid &&
	       chld.si_uid == getuid(), "SIGCHLD with CLD_EXITED");
	chlds = 0;
	pid = spawn("kill-self", SIGTERM);
	waitpid(pid, &status, 0);
	tap_ok(chlds == 1 && chld.si_code == CLD_KILLED && chld.si_status == SIGTERM, "SIGCHLD with CLD_KILLED");
	sigemptyset(&s);
	sigaddset(&s, SIGCHLD);
	sigprocmask(SIG_BLOCK, &s, &old);
	pid = spawn("exit-code", 3);
	tap_is(sigwaitinfo(&s, &chld), SIGCHLD, "sigwaitinfo for SIGCHLD");
	tap_ok(chld.si_pid == pid && chld.si_status == 3, "tells which child");
	waitpid(pid, &status, 0);
	sigprocmask(SIG_SETMASK, &old, NULL);
	signal(SIGCHLD, SIG_IGN);
	pid = spawn("exit-code", 3);
	tap_errno(waitpid(pid, &status, 0), ECHILD, "SIGCHLD ignored: no zombie, ECHILD");
	sa.sa_flags |= SA_NOCLDWAIT;
	sigaction(SIGCHLD, &sa, NULL);
	chlds = 0;
	pid = spawn("exit-code", 3);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	tap_is(errno, ECHILD, "SA_NOCLDWAIT: no zombie");
	tap_is(chlds, 1, "but a SIGCHLD");
	signal(SIGCHLD, SIG_DFL);
}

int main(int argc, char **argv)
{
	pid_t pid;

	self = argv[0];
	if (argc > 2)
		return play(argv[1], atoi(argv[2]));
	tap_plan(0);
	pid = spawn("exit-code", 0);
	if (pid < 0) {
		tap_skip(1, "cannot run ourselves again");
		return tap_done();
	}
	waitpid(pid, NULL, 0);
	test_default_actions();
	test_stop();
	test_chld();
	return tap_done();
}
