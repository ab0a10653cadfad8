/* SPDX-License-Identifier: MIT
 * Processes: started, waited for, stopped, continued, killed, and told apart from each other.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "../stress.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

/* A child, or -1 if there is none to be had just now; status: nor ever. */
static pid_t start(struct worker *w, const char *what, const char *arg, int in, enum stress_status *status)
{
	pid_t pid = stress_spawn(what, arg, in);

	if (pid < 0 && (!w->done || !stress_short(w)))
		*status = stress_errno(w, "vfork and execve");
	return pid;
}

enum stress_status stress_vforkexec(struct worker *w)
{
	enum stress_status status = STRESS_PASSED;

	while (status == STRESS_PASSED && stress_go(w)) {
		int code = stress_below(w, 128), got;
		char arg[8];
		pid_t pid;

		snprintf(arg, sizeof arg, "%d", code);
		pid = start(w, "exit", arg, -1, &status);
		if (pid < 0)
			continue;
		got = stress_wait(pid, 0);
		if (got < 0 || !WIFEXITED(got) || WEXITSTATUS(got) != code)
			stress_fail(w, "a child that ends with %d: %x", code, got);
		if (waitpid(pid, &got, WNOHANG) != -1 || errno != ECHILD)
			stress_fail(w, "a child can be waited for twice");
		stress_bogo(w);
	}
	return status;
}

/* A child adds up what comes through a pipe. */
enum stress_status stress_vforkpipe(struct worker *w)
{
	enum stress_status status = STRESS_PASSED;
	char block[200];

	while (status == STRESS_PASSED && stress_go(w)) {
		int fds[2], sum = 0, got;
		pid_t pid;

		if (pipe2(fds, O_CLOEXEC)) {
			if (!w->done || !stress_short(w))
				status = stress_errno(w, "pipe2");
			continue;
		}
		pid = start(w, "sum", "", fds[0], &status);
		close(fds[0]);
		if (pid > 0) {
			stress_fill(block, sizeof block, stress_random(w), 0);
			for (size_t i = 0; i < sizeof block; i++)
				sum += (unsigned char)block[i];
			if (stress_write(fds[1], block, sizeof block) != sizeof block)
				stress_fail(w, "write: %s", strerror(errno));
		}
		close(fds[1]);
		if (pid < 0)
			continue;
		got = stress_wait(pid, 0);
		if (got < 0 || !WIFEXITED(got) || WEXITSTATUS(got) != (sum & 0x7f))
			stress_fail(w, "a child that ends with %d: %x", sum & 0x7f, got);
		stress_bogo(w);
	}
	return status;
}

enum stress_status stress_wait_child(struct worker *w)
{
	enum stress_status status = STRESS_PASSED;

	while (status == STRESS_PASSED && stress_go(w)) {
		pid_t pid = start(w, "wait", "", -1, &status);
		int got;

		if (pid < 0)
			continue;
		if (waitpid(pid, &got, WNOHANG | WUNTRACED | WCONTINUED) != 0)
			stress_fail(w, "something happened to a child that waits");
		kill(pid, SIGSTOP);
		got = stress_wait(pid, WUNTRACED);
		if (got < 0 || !WIFSTOPPED(got) || WSTOPSIG(got) != SIGSTOP)
			stress_fail(w, "a child that was stopped: %x", got);
		kill(pid, SIGCONT);
		got = stress_wait(pid, WCONTINUED);
		if (got < 0 || !WIFCONTINUED(got))
			stress_fail(w, "a child that was continued: %x", got);
		kill(pid, SIGKILL);
		got = stress_wait(pid, 0);
		if (got < 0 || !WIFSIGNALED(got) || WTERMSIG(got) != SIGKILL)
			stress_fail(w, "a child that was killed: %x", got);
		stress_bogo(w);
	}
	return status;
}

enum stress_status stress_kill(struct worker *w)
{
	int signals[] = { SIGTERM, SIGKILL, SIGHUP, SIGUSR1, SIGALRM };
	enum stress_status status = STRESS_PASSED;
	struct sigaction now;

	/* What is ignored here, as SIGHUP under nohup, a child ignores as well. */
	for (int i = 0; i < 5; i++)
		if (!sigaction(signals[i], NULL, &now) && now.sa_handler == SIG_IGN)
			signals[i] = SIGKILL;
	while (status == STRESS_PASSED && stress_go(w)) {
		pid_t pid = start(w, "wait", "", -1, &status);
		int sig = signals[w->done % 5], got;

		if (pid < 0)
			continue;
		if (kill(pid, 0) || kill(pid, SIGCHLD) || kill(pid, sig))
			stress_fail(w, "kill: %s", strerror(errno));
		got = stress_wait(pid, 0);
		if (got < 0 || !WIFSIGNALED(got) || WTERMSIG(got) != sig)
			stress_fail(w, "a child that was sent signal %d: %x", sig, got);
		if (!kill(pid, 0) || errno != ESRCH)
			stress_fail(w, "a child that was waited for is there");
		stress_bogo(w);
	}
	return status;
}

/* A child's descriptor is readable when it ends, not before. */
enum stress_status stress_pidfd(struct worker *w)
{
	enum stress_status status = STRESS_PASSED;

	while (status == STRESS_PASSED && stress_go(w)) {
		pid_t pid = start(w, "wait", "", -1, &status);
		struct pollfd p = { .events = POLLIN };
		siginfo_t info = { 0 };

		if (pid < 0)
			continue;
		p.fd = syscall(SYS_pidfd_open, pid, 0);
		if (p.fd < 0) {
			if (!w->done || !stress_short(w))
				status = stress_errno(w, "pidfd_open");
			kill(pid, SIGKILL);
			stress_wait(pid, 0);
			continue;
		}
		if (poll(&p, 1, 0) != 0)
			stress_fail(w, "a child that waits has ended");
		if (syscall(SYS_pidfd_send_signal, p.fd, SIGKILL, NULL, 0))
			stress_fail(w, "pidfd_send_signal: %s", strerror(errno));
		while (poll(&p, 1, -1) != 1)
			;
		if (waitid((idtype_t)P_PIDFD, p.fd, &info, WEXITED) || info.si_pid != pid || info.si_code != CLD_KILLED || info.si_status != SIGKILL)
			stress_fail(w, "waitid: code %d, status %d", info.si_code, info.si_status);
		close(p.fd);
		stress_bogo(w);
	}
	return status;
}
