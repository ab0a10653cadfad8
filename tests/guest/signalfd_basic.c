/* SPDX-License-Identifier: MIT
 * signalfd: what is in its records, masks that change, order, threads, waiting; epoll of it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include "tap.h"

static sigset_t set_of(int a, int b)
{
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, a);
	if (b)
		sigaddset(&s, b);
	return s;
}

static struct signalfd_siginfo info[8];
static int next(int fd)
{
	memset(info, 0x55, sizeof info);
	return (int)read(fd, info, sizeof *info);
}

static void errors(void)
{
	sigset_t s = set_of(SIGUSR1, 0);
	int fd, p[2];

	pipe(p);
	tap_errno(signalfd(-1, &s, 1), EINVAL, "unknown flags");
	tap_errno(syscall(SYS_signalfd4, -1, &s, 4, 0), EINVAL, "a mask of the wrong size");
	tap_errno(signalfd(99, &s, 0), EBADF, "not open");
	tap_errno(signalfd(p[0], &s, 0), EINVAL, "a pipe");
	tap_errno(signalfd(-2, &s, 0), EBADF, "-2 is not -1");
	fd = signalfd(-1, &s, SFD_CLOEXEC | SFD_NONBLOCK);
	tap_ok(fcntl(fd, F_GETFD) == FD_CLOEXEC && (fcntl(fd, F_GETFL) & O_NONBLOCK), "SFD_CLOEXEC, SFD_NONBLOCK");
	tap_errno(read(fd, info, sizeof *info - 1), EINVAL, "a record does not fit");
	tap_errno(read(fd, info, sizeof *info), EAGAIN, "nothing pending");
	tap_errno(write(fd, info, 8), EINVAL, "it cannot be written");
	tap_efault(syscall(SYS_signalfd4, -1, (void *)8, 8, 0), "a bad pointer");
	close(fd), close(p[0]), close(p[1]);
}

static int all_zero(const void *p, size_t n)
{
	const unsigned char *c = p;

	while (n--)
		if (*c++)
			return 0;
	return 1;
}

static void records(void)
{
	sigset_t s = set_of(SIGUSR1, SIGRTMIN + 3), child = set_of(SIGCHLD, 0);
	union sigval v = { .sival_int = -5 };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 77 };
	struct itimerspec soon = { { 0, 0 }, { 0, 1 } };
	struct timespec ts = { 0, 20000000 };
	char *argv[] = { "/proc/self/exe", "child", NULL }, *env[] = { NULL };
	timer_t timer;
	pid_t pid;
	int fd;

	sigprocmask(SIG_BLOCK, &s, NULL);
	sigprocmask(SIG_BLOCK, &child, NULL);
	fd = signalfd(-1, &s, SFD_NONBLOCK);
	kill(getpid(), SIGUSR1);
	tap_ok(next(fd) == 128 && info[0].ssi_signo == SIGUSR1 && info[0].ssi_code == SI_USER &&
	       info[0].ssi_pid == (unsigned)getpid() && info[0].ssi_uid == getuid() && !info[0].ssi_int && !info[0].ssi_ptr,
	       "kill: who sent it");
	tap_ok(all_zero((char *)info + 100, 28) && !info[0].ssi_errno && !info[0].ssi_status && !info[0].ssi_addr,
	       "the rest is zero");
	tap_is(next(fd), -1, "taken");
	sigqueue(getpid(), SIGRTMIN + 3, v);
	v.sival_int = 6;
	sigqueue(getpid(), SIGRTMIN + 3, v);
	raise(SIGUSR1);
	memset(info, 0, sizeof info);
	tap_is(read(fd, info, sizeof info), 3 * 128, "three at once");
	tap_ok(info[0].ssi_signo == SIGUSR1 && info[0].ssi_code == SI_TKILL, "the lowest first: raise");
	tap_ok(info[1].ssi_code == SI_QUEUE && info[1].ssi_int == -5 && info[1].ssi_ptr == (unsigned long long)-5ll &&
	       info[1].ssi_pid == (unsigned)getpid() && info[2].ssi_int == 6, "then in order, with their values");
	timer_create(CLOCK_MONOTONIC, &ev, &timer);
	timer_settime(timer, 0, &soon, NULL);
	nanosleep(&ts, NULL);
	tap_ok(next(fd) == 128 && info[0].ssi_code == SI_TIMER && info[0].ssi_int == 77 && !info[0].ssi_overrun &&
	       !info[0].ssi_pid, "a timer's");
	timer_delete(timer);
	tap_is(signalfd(fd, &child, 0), fd, "another mask");
	raise(SIGUSR1);
	tap_is(next(fd), -1, "for which others do not count");
	posix_spawn(&pid, argv[0], NULL, NULL, argv, env);
	waitpid(pid, NULL, 0);
	tap_ok(next(fd) == 128 && info[0].ssi_signo == SIGCHLD && info[0].ssi_code == CLD_EXITED &&
	       info[0].ssi_pid == (unsigned)pid && info[0].ssi_status == 7, "a child's end");
	signalfd(fd, &s, 0);
	tap_ok(next(fd) == 128 && info[0].ssi_signo == SIGUSR1, "the old mask again: still pending");
	close(fd);
	sigprocmask(SIG_UNBLOCK, &child, NULL);
}

static pthread_t main_thread;
static void *sender(void *arg)
{
	struct timespec ts = { 0, 30000000 };

	nanosleep(&ts, NULL);
	if (arg)
		pthread_kill(main_thread, SIGUSR1);
	else
		kill(getpid(), SIGUSR1);
	return NULL;
}

static void *reader(void *arg)
{
	return (void *)(long)next((int)(long)arg);
}

static volatile sig_atomic_t handled;
static void on_signal(int sig)
{
	(void)sig;
	handled++;
}

static void waiting(void)
{
	sigset_t s = set_of(SIGUSR1, SIGUSR2);
	struct sigaction sa = { .sa_handler = on_signal };
	struct itimerval soon = { { 0, 0 }, { 0, 20000 } };
	int fd = signalfd(-1, &s, 0), ep = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLIN };
	struct pollfd p = { fd, POLLIN | POLLOUT, 0 };
	pthread_t t;
	void *r;

	sigprocmask(SIG_BLOCK, &s, NULL);
	main_thread = pthread_self();
	tap_is(poll(&p, 1, 0), 0, "neither readable nor writable");
	pthread_create(&t, NULL, sender, NULL);
	tap_ok(next(fd) == 128 && info[0].ssi_signo == SIGUSR1, "a reader waits");
	pthread_join(t, NULL);
	pthread_create(&t, NULL, sender, (void *)1);
	tap_ok(poll(&p, 1, 5000) == 1 && p.revents == POLLIN, "poll waits");
	pthread_join(t, NULL);
	next(fd);
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
	tap_is(epoll_wait(ep, &e, 1, 0), 0, "epoll: nothing");
	pthread_create(&t, NULL, sender, NULL);
	tap_ok(epoll_wait(ep, &e, 1, 5000) == 1 && e.events == EPOLLIN, "epoll waits");
	pthread_join(t, NULL);
	next(fd);
	tap_is(epoll_wait(ep, &e, 1, 0), 0, "and sees that it was read");
	raise(SIGUSR1);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	pthread_create(&t, NULL, reader, (void *)(long)fd);
	pthread_join(t, &r);
	tap_is((long)r, -1, "a signal to one thread is not another's");
	tap_is(next(fd), 128, "but this one's");
	kill(getpid(), SIGUSR2);
	pthread_create(&t, NULL, reader, (void *)(long)fd);
	pthread_join(t, &r);
	tap_is((long)r, 128, "one to the process is anybody's");
	fcntl(fd, F_SETFL, 0);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	tap_ok(next(fd) == -1 && errno == EINTR && handled == 1, "a signal that is not of its set ends the wait");
	close(fd), close(ep);
}

static void shown(void)
{
	sigset_t s = set_of(SIGUSR1, SIGKILL);
	int fd = signalfd(-1, &s, 0), n;
	char path[64], text[512] = "", link[64] = "", *own;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	readlink(path, link, sizeof link - 1);
	tap_ok(!strcmp(link, "anon_inode:[signalfd]"), "its link says %s", link);
	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
	n = open(path, O_RDONLY);
	read(n, text, sizeof text - 1);
	close(n);
	own = strstr(text, "sigmask");
	tap_ok(own && !strcmp(own, "sigmask:\t0000000000000200\n"), "fdinfo has its mask, without SIGKILL");
	close(fd);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return 7;
	tap_plan(0);
	errors();
	records();
	waiting();
	shown();
	return tap_done();
}
