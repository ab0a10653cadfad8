/* SPDX-License-Identifier: MIT
 * pidfd: opening, waiting, signals, descriptors of others, CLONE_PIDFD, threads, numbers that are gone.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "tap.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#define PIDFD_THREAD_ O_EXCL
enum { NR_send_signal = 424, NR_open = 434, NR_clone3 = 435, NR_getfd = 438 };

static int pidfd_open_(pid_t pid, unsigned flags) { return (int)syscall(NR_open, pid, flags); }
static int send_signal(int fd, int sig, siginfo_t *info, unsigned flags)
{
	return (int)syscall(NR_send_signal, fd, sig, info, flags);
}
static int getfd(int fd, int theirs, unsigned flags) { return (int)syscall(NR_getfd, fd, theirs, flags); }

/* A child that reads from the pipe until that is closed, then ends with 5. */
static int child_pipe[2];
static char *self;
static pid_t child(void)
{
	char fd[16];
	pid_t pid;

	pipe2(child_pipe, O_CLOEXEC);
	fcntl(child_pipe[0], F_SETFD, 0);
	snprintf(fd, sizeof fd, "%d", child_pipe[0]);
	pid = vfork();
	if (!pid) {
		execl("/proc/self/exe", self, "child", fd, NULL);
		_exit(99);
	}
	close(child_pipe[0]);
	return pid;
}

static void errors(void)
{
	int fd, p[2];

	pipe(p);
	tap_errno(pidfd_open_(getpid(), 1), EINVAL, "open: unknown flags");
	tap_errno(pidfd_open_(0, 0), EINVAL, "open: nobody");
	tap_errno(pidfd_open_(-1, 0), EINVAL, "open: -1");
	tap_errno(pidfd_open_(29999, 0), ESRCH, "open: a number that is not in use");
	fd = pidfd_open_(getpid(), 0);
	tap_ok(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR, "open: it is closed at exec");
	tap_errno(send_signal(fd, 0, NULL, 8), EINVAL, "send: unknown flags");
	tap_errno(send_signal(fd, 0, NULL, 3), EINVAL, "send: to whom?");
	tap_errno(send_signal(99, 0, NULL, 0), EBADF, "send: not open");
	tap_errno(send_signal(p[0], 0, NULL, 0), EBADF, "send: a pipe");
	tap_errno(send_signal(fd, 65, NULL, 0), EINVAL, "send: no such signal");
	tap_zero(send_signal(fd, 0, NULL, 0), "send: signal 0");
	tap_errno(getfd(fd, 0, 1), EINVAL, "getfd: unknown flags");
	tap_errno(getfd(99, 0, 0), EBADF, "getfd: not open");
	tap_errno(getfd(p[0], 0, 0), EBADF, "getfd: a pipe");
	tap_errno(getfd(fd, 98, 0), EBADF, "getfd: they have no such descriptor");
	tap_errno(waitid(P_PIDFD, 99, NULL, WEXITED), EBADF, "waitid: not open");
	tap_errno(waitid(P_PIDFD, p[0], NULL, WEXITED), EBADF, "waitid: a pipe");
	tap_errno(syscall(SYS_waitid, P_PIDFD, -1, NULL, WEXITED, NULL), EINVAL, "waitid: -1");
	tap_errno(waitid(P_PIDFD, fd, NULL, WEXITED), ECHILD, "waitid: not a child");
	char c;
	tap_errno(read(fd, &c, 1), EINVAL, "it cannot be read");
	tap_errno(lseek(fd, 0, SEEK_SET), ESPIPE, "or sought in");
	close(fd), close(p[0]), close(p[1]);
}

static void ends(void)
{
	pid_t pid = child();
	int fd = pidfd_open_(pid, O_NONBLOCK), again = pidfd_open_(pid, 0), ep = epoll_create1(0);
	struct pollfd p = { fd, POLLIN | POLLOUT, 0 };
	struct epoll_event e = { .events = EPOLLIN };
	struct stat s1, s2;
	siginfo_t info = { 0 };

	fstat(fd, &s1), fstat(again, &s2);
	tap_ok(s1.st_ino == s2.st_ino, "two pidfds of one process are the same inode");
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
	tap_is(poll(&p, 1, 0), 0, "a process that lives");
	tap_errno(waitid(P_PIDFD, fd, &info, WEXITED), EAGAIN, "PIDFD_NONBLOCK: waitid does not wait");
	tap_zero(waitid(P_PIDFD, again, &info, WEXITED | WNOHANG), "WNOHANG");
	close(child_pipe[1]);
	tap_ok(poll(&p, 1, 5000) == 1 && p.revents == POLLIN, "its end is readable");
	tap_is(epoll_wait(ep, &e, 1, 0), 1, "epoll, too");
	tap_zero(send_signal(fd, SIGKILL, NULL, 0), "a zombie takes any signal");
	tap_ok(!waitid(P_PIDFD, fd, &info, WEXITED | WNOWAIT) && info.si_status == 5, "WNOWAIT");
	tap_ok(!waitid(P_PIDFD, again, &info, WEXITED) && info.si_status == 5 && info.si_pid == pid && info.si_code == CLD_EXITED,
	       "waitid");
	tap_ok(poll(&p, 1, 0) == 1 && p.revents == (POLLIN | POLLHUP), "waited for: POLLHUP");
	tap_errno(send_signal(fd, 0, NULL, 0), ESRCH, "nobody to signal");
	tap_errno(getfd(fd, 0, 0), ESRCH, "nobody's descriptors");
	tap_errno(waitid(P_PIDFD, again, &info, WEXITED), ECHILD, "nobody to wait for");
	close(fd), close(again), close(ep);
}

static volatile sig_atomic_t got_signal, got_code, got_value;
static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	got_signal = sig;
	got_code = info->si_code;
	got_value = info->si_int;
}

static void signals(void)
{
	struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	int fd = pidfd_open_(getpid(), 0), thread = pidfd_open_(getpid(), PIDFD_THREAD_), other, dir;
	siginfo_t info;
	pid_t pid = child();
	char path[32];

	sigaction(SIGUSR1, &sa, NULL);
	tap_zero(send_signal(fd, SIGUSR1, NULL, 0), "to ourselves");
	tap_ok(got_signal == SIGUSR1 && got_code == SI_USER, "as kill");
	send_signal(thread, SIGUSR1, NULL, 0);
	tap_is(got_code, SI_TKILL, "by a PIDFD_THREAD: as tkill");
	send_signal(thread, SIGUSR1, NULL, 2);
	tap_is(got_code, SI_USER, "unless it is for the process");
	send_signal(fd, SIGUSR1, NULL, 1);
	tap_is(got_code, SI_TKILL, "and the other way round");
	memset(&info, 0, sizeof info);
	info.si_signo = SIGUSR1, info.si_code = SI_QUEUE, info.si_int = 42;
	tap_zero(send_signal(fd, SIGUSR1, &info, 0), "with a siginfo");
	tap_ok(got_code == SI_QUEUE && got_value == 42, "which arrives");
	info.si_code = SI_USER;
	tap_zero(send_signal(fd, SIGUSR1, &info, 0), "ourselves may be told anything");
	info.si_signo = SIGUSR2;
	tap_errno(send_signal(fd, SIGUSR1, &info, 0), EINVAL, "but of one signal");
	other = pidfd_open_(pid, 0);
	info.si_signo = SIGUSR1;
	tap_errno(send_signal(other, SIGUSR1, &info, 0), EPERM, "others may not");
	snprintf(path, sizeof path, "/proc/%d", pid);
	dir = open(path, O_RDONLY | O_DIRECTORY);
	tap_zero(send_signal(dir, 0, NULL, 0), "a /proc/PID stands for the process, too");
	send_signal(dir, SIGKILL, NULL, 0);
	memset(&info, 0, sizeof info);
	tap_ok(!waitid(P_PIDFD, other, &info, WEXITED) && info.si_code == CLD_KILLED && info.si_status == SIGKILL, "killed");
	tap_errno(send_signal(dir, 0, NULL, 0), ESRCH, "and gone");
	close(dir), close(other), close(fd), close(thread), close(child_pipe[1]);
	dir = open("/proc", O_RDONLY | O_DIRECTORY);
	tap_errno(send_signal(dir, 0, NULL, 0), EBADF, "/proc itself stands for nobody");
	close(dir);
}

static void descriptors(void)
{
	pid_t pid = child();
	int fd = pidfd_open_(pid, 0), theirs = getfd(fd, child_pipe[0], 0);
	char text[8] = "";

	tap_ok(theirs >= 0 && fcntl(theirs, F_GETFD) == FD_CLOEXEC, "their end of the pipe is ours as well");
	fcntl(theirs, F_SETFL, O_NONBLOCK);
	write(child_pipe[1], "", 0);
	tap_ok(read(theirs, text, 8) == -1 && errno == EAGAIN, "and the same open file");
	close(theirs), close(child_pipe[1]);
	waitpid(pid, NULL, 0);
	close(fd);
}

static int thread_tid, thread_go;
static void *thread_body(void *arg)
{
	(void)arg;
	__atomic_store_n(&thread_tid, (int)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&thread_go, __ATOMIC_SEQ_CST))
		sched_yield();
	return NULL;
}

static void threads(void)
{
	struct pollfd p;
	pthread_t t;
	int fd, tid;

	pthread_create(&t, NULL, thread_body, NULL);
	while (!(tid = __atomic_load_n(&thread_tid, __ATOMIC_SEQ_CST)))
		sched_yield();
	tap_errno(pidfd_open_(tid, 0), EINVAL, "a thread is no process");
	fd = pidfd_open_(tid, PIDFD_THREAD_);
	tap_ok(fd >= 0, "PIDFD_THREAD");
	p = (struct pollfd){ fd, POLLIN, 0 };
	tap_is(poll(&p, 1, 0), 0, "it lives");
	__atomic_store_n(&thread_go, 1, __ATOMIC_SEQ_CST);
	pthread_join(t, NULL);
	tap_ok(poll(&p, 1, 5000) == 1 && (p.revents & POLLIN), "it is over");
	close(fd);
}

static char stack[16384] __attribute__((aligned(16)));
static int short_life(void *arg)
{
	(void)arg;
	return 3;
}

static void cloned(void)
{
	int fd = -1, fd2 = -1, status = 0;
	siginfo_t info = { 0 };
	pid_t pid = clone(short_life, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, NULL, &fd);

	tap_ok(pid > 0 && fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC, "clone with CLONE_PIDFD");
	tap_ok(!waitid(P_PIDFD, fd, &info, WEXITED) && info.si_pid == pid && info.si_status == 3, "is a pidfd of the child");
	close(fd);
	tap_errno(clone(short_life, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD,
			NULL, &fd), EINVAL, "not with CLONE_PARENT_SETTID: there is one place for both");
	tap_errno(clone(short_life, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_DETACHED | SIGCHLD,
			NULL, &fd), EINVAL, "nor with CLONE_DETACHED");
	unsigned long long args[11] = { CLONE_VM | CLONE_VFORK | CLONE_PIDFD, (unsigned long)&fd2, 0, 0, SIGCHLD };
	register long a0 __asm__("a0") = (long)args, a1 __asm__("a1") = 64, a7 __asm__("a7") = NR_clone3;
	/* The child of a vfork shares the stack: it only ends. */
	__asm__ volatile("ecall\n\tbnez a0, 1f\n\tli a0, 4\n\tli a7, 94\n\tecall\n1:"
			 : "+r"(a0), "+r"(a7) : "r"(a1) : "memory");
	pid = (pid_t)a0;
	tap_ok(pid > 0 && fd2 >= 0, "clone3 with CLONE_PIDFD");
	waitpid(pid, &status, 0);
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 4, "has a child, too");
	close(fd2);
}

static void shown(void)
{
	int fd = pidfd_open_(getpid(), 0), n;
	char path[64], text[512] = "", link[64] = "", want[32], *own;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	readlink(path, link, sizeof link - 1);
	tap_ok(!strcmp(link, "anon_inode:[pidfd]"), "its link says %s", link);
	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
	n = open(path, O_RDONLY);
	read(n, text, sizeof text - 1);
	close(n);
	own = strstr(text, "Pid:");
	snprintf(want, sizeof want, "Pid:\t%d\n", getpid());
	tap_ok(own && !strcmp(own, want), "fdinfo");
	close(fd);
}

int main(int argc, char **argv)
{
	char c;

	if (argc == 3) {
		while (read(atoi(argv[2]), &c, 1) != 0)
			;
		return 5;
	}
	self = argv[0];
	tap_plan(0);
	errors();
	ends();
	signals();
	descriptors();
	threads();
	cloned();
	shown();
	return tap_done();
}
