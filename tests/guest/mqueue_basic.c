/* SPDX-License-Identifier: MIT
 * POSIX message queues: names, priorities, limits, waiting, notices, the file system.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <time.h>
#include "tap.h"

#define NAME "/flat32-test"

static mqd_t q;
static char buf[8192];
static unsigned prio;

static int open_raw(const char *name, int flags, int mode, void *attr)
{
	return syscall(SYS_mq_open, name, flags, mode, attr);
}

static int make(long maxmsg, long msgsize, int flags)
{
	struct mq_attr a = { .mq_maxmsg = maxmsg, .mq_msgsize = msgsize };

	return mq_open(NAME, O_CREAT | O_RDWR | flags, 0600, &a);
}

static int in(const char *text, unsigned priority) { return mq_send(q, text, strlen(text), priority); }

static void out_is(const char *want, unsigned want_prio, const char *what)
{
	ssize_t n = mq_receive(q, buf, sizeof buf, &prio);

	if (!tap_ok(n == (ssize_t)strlen(want) && !memcmp(buf, want, n) && prio == want_prio, "%s", what))
		tap_diag("got %zd %.*s, priority %u", n, n > 0 ? (int)n : 0, buf, prio);
}

static struct mq_attr attr_of(void)
{
	struct mq_attr a = { 0 };

	mq_getattr(q, &a);
	return a;
}

static void pause_ms(int ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
}

static void test_names(void)
{
	char name[300];
	mqd_t other;

	tap_errno(mq_open(NAME, O_RDWR), ENOENT, "mq_open: no such queue");
	tap_errno(mq_unlink(NAME), ENOENT, "mq_unlink: no such queue");
	tap_errno(open_raw("", O_CREAT | O_RDWR, 0600, NULL), ENOENT, "mq_open: no name");
	tap_errno(open_raw("/x", O_CREAT | O_RDWR, 0600, NULL), EACCES, "mq_open: a slash");
	tap_errno(open_raw("..", O_CREAT | O_RDWR, 0600, NULL), EACCES, "mq_open: ..");
	memset(name, 'x', 256);
	name[256] = 0;
	tap_errno(open_raw(name, O_CREAT | O_RDWR, 0600, NULL), ENAMETOOLONG, "mq_open: a long name");
	tap_errno(make(0, 10, 0), EINVAL, "no messages");
	tap_errno(make(10, 0, 0), EINVAL, "no bytes");
	tap_errno(make(-1, 10, 0), EINVAL, "less than none");
	tap_errno(make(65537, 10, 0), EINVAL, "too many messages");
	tap_errno(make(10, (16 << 20) + 1, 0), EINVAL, "too many bytes");
	tap_errno(make(65536, 1 << 20, 0), EOVERFLOW, "too much in all");
	tap_errno(make(1000, 1000, 0), EMFILE, "more than RLIMIT_MSGQUEUE");
	q = mq_open(NAME, O_CREAT | O_RDWR, 0600, NULL);
	tap_ok(q >= 0, "mq_open: makes one");
	tap_ok(fcntl(q, F_GETFD) == FD_CLOEXEC, "closed by exec");
	tap_ok(attr_of().mq_maxmsg == 10 && attr_of().mq_msgsize == 8192 && attr_of().mq_curmsgs == 0, "the defaults");
	tap_errno(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, NULL), EEXIST, "mq_open: O_EXCL");
	tap_errno(open_raw(&NAME[1], 3, 0, NULL), EINVAL, "mq_open: access mode 3");
	other = mq_open(NAME, O_RDONLY | O_NONBLOCK);
	tap_errno(mq_send(other, "x", 1, 0), EBADF, "mq_send: opened for reading");
	tap_errno(mq_receive(other, buf, sizeof buf, NULL), EAGAIN, "mq_receive: empty, O_NONBLOCK");
	mq_close(other);
	other = mq_open(NAME, O_WRONLY);
	tap_errno(mq_receive(other, buf, sizeof buf, NULL), EBADF, "mq_receive: opened for writing");
	mq_close(other);
	tap_zero(mq_unlink(NAME), "mq_unlink");
	tap_errno(mq_open(NAME, O_RDWR), ENOENT, "the name is gone");
	tap_zero(mq_send(q, "x", 1, 0), "the queue is not");
	mq_close(q);
}

static void test_messages(void)
{
	struct mq_attr a = { .mq_flags = O_NONBLOCK }, old;
	struct timespec past = { .tv_sec = 1 }, wrong = { .tv_nsec = -1 };

	q = make(5, 16, 0);
	tap_zero(in("low", 1), "priority 1");
	in("high", 9);
	in("high too", 9);
	in("", 0);
	in("highest", 32767);
	tap_is(attr_of().mq_curmsgs, 5, "five are in it");
	tap_errno(mq_timedsend(q, "x", 1, 0, &past), ETIMEDOUT, "full, and time is over");
	tap_errno(mq_timedsend(q, "x", 1, 0, &wrong), EINVAL, "no time");
	out_is("highest", 32767, "the highest priority first");
	out_is("high", 9, "of the same the first");
	out_is("high too", 9, "then the second");
	out_is("low", 1, "then lower ones");
	out_is("", 0, "an empty message");
	tap_errno(mq_timedreceive(q, buf, sizeof buf, NULL, &past), ETIMEDOUT, "empty, and time is over");
	tap_errno(in("x", 32768), EINVAL, "no such priority");
	tap_errno(in("more than sixteen", 0), EMSGSIZE, "too long");
	tap_errno(mq_receive(q, buf, 15, NULL), EMSGSIZE, "no room for the longest");
	tap_errno(mq_send(99, "x", 1, 0), EBADF, "no descriptor");
	tap_errno(mq_send(1, "x", 1, 0), EBADF, "no queue");
	tap_efault(mq_send(q, NULL, 1, 0), "a message from nowhere");
	tap_zero(mq_setattr(q, &a, &old), "mq_setattr");
	tap_ok(old.mq_flags == 0 && old.mq_maxmsg == 5 && old.mq_msgsize == 16, "how it was");
	tap_is(attr_of().mq_flags, O_NONBLOCK, "O_NONBLOCK");
	tap_ok(fcntl(q, F_GETFL) & O_NONBLOCK, "the descriptor knows");
	tap_errno(mq_receive(q, buf, sizeof buf, NULL), EAGAIN, "empty");
	a.mq_flags = O_NONBLOCK | O_APPEND;
	tap_errno(mq_setattr(q, &a, NULL), EINVAL, "other flags cannot be set");
	a.mq_flags = 0;
	tap_zero(mq_setattr(q, &a, NULL), "off again");
	tap_errno(mq_getattr(1, &a), EBADF, "mq_getattr: no queue");
}

static int ready(void)
{
	struct pollfd p = { .fd = q, .events = POLLIN | POLLOUT };

	return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

static void test_poll(void)
{
	struct pollfd p = { .fd = q, .events = POLLIN };

	tap_is(ready(), POLLOUT, "empty: can be sent to");
	in("1", 0);
	tap_is(ready(), POLLIN | POLLOUT, "both");
	for (int i = 0; i < 4; i++)
		in("x", 0);
	tap_is(ready(), POLLIN, "full: can be received from");
	for (int i = 0; i < 5; i++)
		mq_receive(q, buf, sizeof buf, NULL);
	tap_is(poll(&p, 1, 20), 0, "nothing comes");
}

/* --- Waiting --- */

static struct waiter { pthread_t thread; ssize_t n; int err; char text[16]; unsigned prio; } w[2];

static void *receiver(void *arg)
{
	struct waiter *p = arg;

	p->n = mq_receive(q, p->text, 16, &p->prio);
	p->err = p->n < 0 ? errno : 0;
	return NULL;
}

static void *sender(void *arg)
{
	struct waiter *p = arg;

	p->n = mq_send(q, "waited", 6, 20);
	p->err = p->n < 0 ? errno : 0;
	return NULL;
}

static void *poller(void *arg)
{
	struct waiter *p = arg;
	struct pollfd f = { .fd = q, .events = POLLIN };

	p->n = poll(&f, 1, 5000);
	p->err = f.revents;
	return NULL;
}

static void start(int i, void *(*fn)(void *))
{
	pthread_create(&w[i].thread, NULL, fn, &w[i]);
	pause_ms(30);
}

static void join(int i)
{
	pthread_join(w[i].thread, NULL);
}

static volatile int handled, code, word, from;

static void handler(int signo, siginfo_t *i, void *context)
{
	(void)context;
	(void)signo;
	handled++;
	code = i->si_code;
	word = i->si_value.sival_int;
	from = i->si_pid;
}

static void test_waiting(void)
{
	start(0, receiver);
	start(1, receiver);
	in("first", 3);
	join(0);
	tap_ok(w[0].n == 5 && !memcmp(w[0].text, "first", 5) && w[0].prio == 3, "who waits first is served first");
	in("second", 4);
	join(1);
	tap_ok(w[1].n == 6 && w[1].prio == 4, "then the next");
	tap_is(attr_of().mq_curmsgs, 0, "nothing was queued");
	for (int i = 0; i < 5; i++)
		in("x", 0);
	start(0, sender);
	tap_is(attr_of().mq_curmsgs, 5, "one waits to send");
	out_is("x", 0, "room for it");
	join(0);
	tap_is(w[0].n, 0, "it was sent");
	out_is("waited", 20, "by its priority");
	for (int i = 0; i < 4; i++)
		mq_receive(q, buf, sizeof buf, NULL);
	struct timespec soon;

	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_nsec += 30000000;
	soon.tv_sec += soon.tv_nsec / 1000000000;
	soon.tv_nsec %= 1000000000;
	tap_errno(mq_timedreceive(q, buf, sizeof buf, NULL, &soon), ETIMEDOUT, "nothing comes in time");
	start(0, poller);
	in("x", 0);
	join(0);
	tap_ok(w[0].n == 1 && w[0].err == POLLIN, "poll is woken");
	mq_receive(q, buf, sizeof buf, NULL);
	start(0, receiver);
	pthread_kill(w[0].thread, SIGUSR1);
	join(0);
	tap_is(w[0].err, EINTR, "a handler interrupts");
}

/* --- Notices --- */

static void test_notify(void)
{
	struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 42 };
	char cookie[32] = "";

	handled = 0;
	tap_zero(mq_notify(q, &e), "mq_notify: a signal");
	tap_errno(mq_notify(q, &e), EBUSY, "only one is told");
	in("x", 0);
	tap_ok(handled == 1 && code == SI_MESGQ && word == 42 && from == getpid(), "it comes with the message");
	in("y", 0);
	tap_is(handled, 1, "once");
	tap_zero(mq_notify(q, &e), "again");
	in("z", 0);
	tap_is(handled, 1, "not while there are messages");
	for (int i = 0; i < 3; i++)
		mq_receive(q, buf, sizeof buf, NULL);
	in("x", 0);
	tap_is(handled, 2, "only when it was empty");
	mq_receive(q, buf, sizeof buf, NULL);
	tap_zero(mq_notify(q, &e), "a third time");
	start(0, receiver);
	in("x", 0);
	join(0);
	tap_is(handled, 2, "not if somebody waits for it");
	tap_zero(mq_notify(q, NULL), "not any more");
	in("x", 0);
	tap_is(handled, 2, "nobody is told");
	mq_receive(q, buf, sizeof buf, NULL);
	e.sigev_notify = SIGEV_NONE;
	tap_zero(mq_notify(q, &e), "SIGEV_NONE");
	tap_errno(mq_notify(q, &e), EBUSY, "counts as one, too");
	mq_notify(q, NULL);
	e.sigev_notify = SIGEV_SIGNAL;
	e.sigev_signo = 65;
	tap_errno(mq_notify(q, &e), EINVAL, "no such signal");
	e.sigev_signo = SIGUSR1;
	tap_errno(mq_notify(1, &e), EBADF, "no queue");
	mq_notify(q, &e);
	close(dup(q));
	tap_zero(mq_notify(q, &e), "closing a descriptor ends it");
	mq_notify(q, NULL);
	e.sigev_notify = 77;
	tap_errno(syscall(SYS_mq_notify, q, &e), EINVAL, "no such kind");
	e.sigev_notify = SIGEV_THREAD;
	e.sigev_signo = 99;
	e.sigev_value.sival_ptr = cookie;
	tap_errno(syscall(SYS_mq_notify, q, &e), EBADF, "SIGEV_THREAD: no descriptor");
	e.sigev_signo = 1;
	tap_errno(syscall(SYS_mq_notify, q, &e), ENOTSOCK, "SIGEV_THREAD: no socket");
}

/* --- The file system --- */

static void file_is(const char *path, const char *want, const char *what)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, buf, sizeof buf - 1);

	buf[n < 0 ? 0 : n] = 0;
	if (!tap_ok(!strcmp(buf, want), "%s", what))
		tap_diag("got %s", buf);
	close(fd);
}

static void test_files(void)
{
	struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
	char want[100];
	struct statfs fs;
	struct stat st;
	int fd;

	if (!tap_own_machine()) {
		tap_skip(20, "mounts");
		return;
	}
	mkdir("/tmp/mq", 0755);
	tap_zero(mount("none", "/tmp/mq", "mqueue", 0, NULL), "mount");
	tap_zero(statfs("/tmp/mq", &fs), "statfs");
	tap_is(fs.f_type, 0x19800202, "its magic number");
	tap_zero(stat("/tmp/mq", &st), "stat");
	tap_ok(st.st_mode == (S_IFDIR | 01777) && st.st_size == 60, "the directory");
	tap_zero(stat("/tmp/mq" NAME, &st), "stat of a queue");
	tap_ok(st.st_mode == (S_IFREG | 0600) && st.st_size == 80, "mode and size");
	in("hello", 0);
	mq_receive(q, buf, sizeof buf, NULL);
	mq_notify(q, &e);
	snprintf(want, sizeof want, "QSIZE:0          NOTIFY:0     SIGNO:12    NOTIFY_PID:%-6d\n", getpid());
	file_is("/tmp/mq" NAME, want, "who is told");
	mq_notify(q, NULL);
	in("hello", 0);
	file_is("/tmp/mq" NAME, "QSIZE:5          NOTIFY:0     SIGNO:0     NOTIFY_PID:0     \n", "how much is in it");
	mq_receive(q, buf, sizeof buf, NULL);
	fd = open("/tmp/mq/made", O_CREAT | O_RDWR, 0644);
	tap_ok(fd >= 0, "open makes one");
	tap_errno(write(fd, "x", 1), EINVAL, "it cannot be written");
	tap_zero(mq_send(fd, "x", 1, 0), "but sent to");
	close(fd);
	tap_errno(rename("/tmp/mq/made", "/tmp/mq/other"), EPERM, "rename");
	tap_errno(link("/tmp/mq/made", "/tmp/mq/other"), EPERM, "link");
	tap_errno(symlink("x", "/tmp/mq/other"), EPERM, "symlink");
	tap_errno(mkdir("/tmp/mq/other", 0755), EPERM, "mkdir");
	tap_zero(mq_unlink("/made"), "mq_unlink");
	tap_errno(stat("/tmp/mq/made", &st), ENOENT, "it is gone here, too");
	tap_zero(unlink("/tmp/mq" NAME), "unlink");
	tap_errno(mq_open(NAME, O_RDWR), ENOENT, "and the other way round");
	mq_close(q);
	umount("/tmp/mq");
	rmdir("/tmp/mq");
}

static void test_limits(void)
{
	struct rlimit old, r;
	char name[16];
	int n = 0, err;

	/* 10 * (8192 + 48) bytes each. */
	for (; n < 20; n++) {
		snprintf(name, sizeof name, "/limit%d", n);
		if (mq_open(name, O_CREAT | O_RDWR, 0600, NULL) < 0)
			break;
	}
	err = errno;
	tap_ok(n == 9 && err == EMFILE, "RLIMIT_MSGQUEUE: nine of them");
	getrlimit(RLIMIT_MSGQUEUE, &old);
	tap_ok(old.rlim_cur == 819200, "the limit");
	r = old;
	r.rlim_cur = 700000;
	setrlimit(RLIMIT_MSGQUEUE, &r);
	mq_unlink("/limit0");
	close(n + 2);
	tap_errno(mq_open("/limit9", O_CREAT | O_RDWR, 0600, NULL), EMFILE, "a lower one");
	setrlimit(RLIMIT_MSGQUEUE, &old);
	for (int i = 1; i < n; i++) {
		snprintf(name, sizeof name, "/limit%d", i);
		mq_unlink(name);
	}
	mq_unlink("/limit0");
}

int main(void)
{
	struct sigaction act = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	tap_plan(0);
	sigaction(SIGUSR1, &act, NULL);
	test_names();
	test_messages();
	test_poll();
	test_waiting();
	test_notify();
	test_files();
	test_limits();
	return tap_done();
}
