/* SPDX-License-Identifier: MIT
 * O_ASYNC: whom F_SETOWN and F_SETOWN_EX name, what F_SETSIG sends, for pipes, sockets, inotify and files that cannot.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include "scratch.h"

#define REALTIME (SIGRTMIN + 4)
static siginfo_t got;
static int count, plain;
static pid_t where;
static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (sig == SIGIO)
		plain++;
	got = *info;
	where = (pid_t)syscall(SYS_gettid);
	count++;
}

static void reset(void)
{
	memset(&got, 0, sizeof got);
	count = plain = 0;
	where = 0;
}

static void owners(void)
{
	struct f_owner_ex ex = { 0, 0 };
	int p[2];

	pipe(p);
	tap_is(fcntl(p[0], F_GETOWN), 0, "nobody at first");
	tap_zero(fcntl(p[0], F_GETOWN_EX, &ex), "F_GETOWN_EX");
	tap_zero(fcntl(p[0], F_SETOWN, getpid()), "F_SETOWN");
	tap_ok(fcntl(p[0], F_GETOWN) == getpid() && !fcntl(p[0], F_GETOWN_EX, &ex) && ex.type == F_OWNER_PID && ex.pid == getpid(),
	       "a process");
	tap_zero(fcntl(p[0], F_SETOWN, -getpgrp()), "a group");
	tap_ok(!fcntl(p[0], F_GETOWN_EX, &ex) && ex.type == F_OWNER_PGRP && ex.pid == getpgrp(), "F_OWNER_PGRP");
	tap_errno(fcntl(p[0], F_SETOWN, 29999), ESRCH, "no such process");
	tap_errno(fcntl(p[0], F_SETOWN, -29999), ESRCH, "no such group");
	tap_errno(syscall(SYS_fcntl64, p[0], F_SETOWN, 0x80000000), EINVAL, "no such number");
	ex = (struct f_owner_ex){ F_OWNER_TID, (pid_t)syscall(SYS_gettid) };
	tap_zero(fcntl(p[0], F_SETOWN_EX, &ex), "a thread");
	ex.type = 9;
	tap_errno(fcntl(p[0], F_SETOWN_EX, &ex), EINVAL, "of no kind");
	ex = (struct f_owner_ex){ F_OWNER_PID, 29999 };
	tap_errno(fcntl(p[0], F_SETOWN_EX, &ex), ESRCH, "no such process");
	tap_ok(!fcntl(p[0], F_GETOWN_EX, &ex) && ex.type == F_OWNER_TID, "all the while it is the thread");
	tap_zero(fcntl(p[0], F_SETOWN, 0), "nobody again");
	tap_is(fcntl(p[0], F_GETOWN), 0, "0");
	tap_is(fcntl(p[0], F_GETSIG), 0, "F_GETSIG");
	tap_errno(fcntl(p[0], F_SETSIG, 65), EINVAL, "F_SETSIG: no such signal");
	tap_errno(fcntl(p[0], F_SETSIG, -1), EINVAL, "F_SETSIG: -1");
	tap_zero(fcntl(p[0], F_SETSIG, REALTIME), "F_SETSIG");
	tap_is(fcntl(p[0], F_GETSIG), REALTIME, "F_GETSIG");
	tap_errno(fcntl(p[0], F_NOTIFY, 1), EINVAL, "F_NOTIFY: not in this kernel");
	close(p[0]), close(p[1]);
}

static void pipes(void)
{
	char c;
	int p[2], d;

	pipe(p);
	reset();
	fcntl(p[0], F_SETOWN, getpid());
	write(p[1], "x", 1);
	tap_is(count, 0, "an owner alone gets nothing");
	tap_zero(fcntl(p[0], F_SETFL, O_ASYNC), "O_ASYNC");
	tap_ok(fcntl(p[0], F_GETFL) & O_ASYNC, "F_GETFL shows it");
	tap_is(count, 0, "what is there already is no news");
	write(p[1], "x", 1);
	tap_ok(count == 1 && plain == 1, "SIGIO");
	tap_ok(got.si_code == SI_KERNEL, "from the kernel");
	fcntl(p[0], F_SETSIG, REALTIME);
	write(p[1], "x", 1);
	tap_ok(count == 2 && plain == 1 && got.si_signo == REALTIME && got.si_code == POLL_IN && got.si_fd == p[0] &&
	       got.si_band == (POLLIN | POLLRDNORM), "F_SETSIG: with descriptor and events");
	fcntl(p[0], F_SETSIG, SIGCHLD);
	signal(SIGCHLD, SIG_DFL);
	struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	sigaction(SIGCHLD, &sa, NULL);
	write(p[1], "x", 1);
	tap_ok(got.si_signo == SIGCHLD && got.si_code == SI_SIGIO, "SI_SIGIO where codes mean something else");
	signal(SIGCHLD, SIG_DFL);
	fcntl(p[0], F_SETSIG, REALTIME);
	d = dup(p[0]);
	close(p[0]);
	reset();
	write(p[1], "x", 1);
	tap_ok(count == 1 && got.si_fd == p[0], "the descriptor it was switched on for, closed or not");
	fcntl(d, F_SETFL, 0);
	reset();
	write(p[1], "x", 1);
	tap_is(count, 0, "off");
	close(d), close(p[1]);

	pipe(p);
	fcntl(p[1], F_SETOWN, getpid());
	fcntl(p[1], F_SETSIG, REALTIME);
	fcntl(p[1], F_SETPIPE_SZ, 4096);
	static char page[4096];
	write(p[1], page, 4096);
	fcntl(p[1], F_SETFL, O_ASYNC);
	reset();
	read(p[0], page, 4096);
	tap_ok(count == 1 && got.si_code == POLL_OUT && got.si_band == (POLLOUT | POLLWRNORM | POLLWRBAND), "room: POLL_OUT");
	close(p[0]), close(p[1]);
	(void)c;
}

static pid_t thread_tid;
static int thread_stop;
static void *body(void *arg)
{
	struct timespec ts = { 0, 1000000 };

	(void)arg;
	__atomic_store_n(&thread_tid, (pid_t)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&thread_stop, __ATOMIC_SEQ_CST))
		nanosleep(&ts, NULL);
	return NULL;
}

static void threads(void)
{
	struct timespec ts = { 0, 20000000 };
	struct f_owner_ex ex = { F_OWNER_TID, 0 };
	pthread_t t;
	int p[2];

	pipe(p);
	pthread_create(&t, NULL, body, NULL);
	while (!(ex.pid = __atomic_load_n(&thread_tid, __ATOMIC_SEQ_CST)))
		nanosleep(&ts, NULL);
	fcntl(p[0], F_SETOWN_EX, &ex);
	fcntl(p[0], F_SETSIG, REALTIME);
	fcntl(p[0], F_SETFL, O_ASYNC);
	reset();
	write(p[1], "x", 1);
	nanosleep(&ts, NULL);
	tap_ok(count == 1 && where == ex.pid, "F_OWNER_TID: that very thread");
	__atomic_store_n(&thread_stop, 1, __ATOMIC_SEQ_CST);
	pthread_join(t, NULL);
	reset();
	write(p[1], "x", 1);
	tap_is(count, 0, "which is gone");
	close(p[0]), close(p[1]);
}

static void others(void)
{
	int s[2], in = inotify_init1(IN_NONBLOCK), e = eventfd(0, EFD_NONBLOCK), on = 1, f;
	unsigned long long v = 1;

	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	fcntl(s[0], F_SETOWN, getpid());
	fcntl(s[0], F_SETSIG, REALTIME);
	tap_zero(ioctl(s[0], FIOASYNC, &on), "FIOASYNC");
	reset();
	write(s[1], "x", 1);
	tap_ok(count == 1 && got.si_code == POLL_IN && got.si_fd == s[0], "a socket");
	close(s[0]), close(s[1]);

	inotify_add_watch(in, ".", IN_CREATE);
	fcntl(in, F_SETOWN, getpid());
	fcntl(in, F_SETSIG, REALTIME);
	fcntl(in, F_SETFL, O_ASYNC | O_NONBLOCK);
	reset();
	close(open("f", O_WRONLY | O_CREAT, 0644));
	tap_ok(count == 1 && got.si_code == POLL_IN && got.si_fd == in, "inotify");
	close(in);

	fcntl(e, F_SETOWN, getpid());
	tap_zero(fcntl(e, F_SETFL, O_ASYNC), "an eventfd takes the flag");
	reset();
	write(e, &v, 8);
	tap_is(count, 0, "but sends nothing");
	fcntl(e, F_SETFL, 0);
	tap_errno(ioctl(e, FIOASYNC, &on), ENOTTY, "FIOASYNC says so");
	f = open("f", O_RDWR);
	tap_errno(ioctl(f, FIOASYNC, &on), ENOTTY, "of a file, too");
	close(f), close(e);
	unlink("f");
}

int main(void)
{
	struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART };

	sigaction(SIGIO, &sa, NULL);
	sigaction(REALTIME, &sa, NULL);
	tap_plan(0);
	scratch_enter();
	owners();
	pipes();
	threads();
	others();
	scratch_leave();
	return tap_done();
}
