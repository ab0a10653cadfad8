/* SPDX-License-Identifier: MIT
 * seccomp: calls that a supervisor decides: its listener, answers, descriptors, signals, and what happens when one of both goes.
 *
 * Who is watched is a child in our memory and with our descriptors, which makes its calls without libc.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "tap.h"

struct notif { uint64_t id; uint32_t pid, flags; struct seccomp_data data; };
struct resp { uint64_t id; int64_t val; int32_t error; uint32_t flags; };
struct addfd { uint64_t id; uint32_t flags, srcfd, newfd, newfd_flags; };
#define RECV 0xc0502100u
#define SEND 0xc0182101u
#define VALID 0x40082102u
#define ADDFD 0x40182103u
#define SET_FLAGS 0x40082104u
enum { LISTENER = 8, KILLABLE = 32 };

static long raw(long nr, long a, long b, long c)
{
	register long a0 __asm__("a0") = a, a1 __asm__("a1") = b, a2 __asm__("a2") = c, a7 __asm__("a7") = nr;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
	return a0;
}

static long filter(int nr, unsigned answer, unsigned flags)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = { .len = 4, .filter = f };

	return raw(SYS_seccomp, 1, (long)flags, (long)&p);
}

/* --- The child: asks for its group with an argument nobody has, as often as it is told to --- */

enum { ODD = 0x12345 };
static char stack[32768] __attribute__((aligned(16)));
static volatile int listener, times, handled, second;
static volatile long results[8];
static unsigned flags_wanted;

static void on_usr1(int sig)
{
	(void)sig;
	handled++;
}

static int watched(void *arg)
{
	(void)arg;
	listener = (int)filter(SYS_getpgid, SECCOMP_RET_USER_NOTIF, LISTENER | flags_wanted);
	second = (int)filter(SYS_getpgid, SECCOMP_RET_USER_NOTIF, LISTENER);
	for (int i = 0; i < times; i++)
		results[i] = raw(SYS_getpgid, ODD, 2, 3);
	return 5;
}

static pid_t begin(int n, unsigned flags)
{
	times = n;
	flags_wanted = flags;
	listener = -1000;
	for (int i = 0; i < 8; i++)
		results[i] = -1000;
	return clone(watched, stack + sizeof stack, CLONE_VM | CLONE_FILES | SIGCHLD, NULL);
}

static int ended(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int ready(int events, int ms)
{
	struct pollfd p = { listener, (short)events, 0 };

	return poll(&p, 1, ms) < 0 ? -1 : p.revents;
}

/* The next request. */
static int receive(struct notif *n)
{
	while (listener == -1000)
		usleep(1000);
	memset(n, 0, sizeof *n);
	return ioctl(listener, RECV, n);
}

static int reply(uint64_t id, int64_t val, int error, unsigned flags)
{
	struct resp r = { id, val, error, flags };

	return ioctl(listener, SEND, &r);
}

static void test_arguments(void)
{
	uint16_t sizes[3] = { 0 };
	unsigned action = SECCOMP_RET_USER_NOTIF;

	tap_zero(raw(SYS_seccomp, 3, 0, (long)sizes), "SECCOMP_GET_NOTIF_SIZES");
	tap_ok(sizes[0] == 80 && sizes[1] == 24 && sizes[2] == 64, "the sizes of its structures");
	tap_is(raw(SYS_seccomp, 3, 1, (long)sizes), -EINVAL, "takes no flags");
	tap_zero(raw(SYS_seccomp, 2, 0, (long)&action), "SECCOMP_RET_USER_NOTIF is available");
	tap_is(filter(SYS_getpgid, action, LISTENER | 1), -EINVAL, "a listener and TSYNC want TSYNC_ESRCH");
	tap_is(filter(SYS_getpgid, action, KILLABLE), -EINVAL, "WAIT_KILLABLE_RECV wants a listener");
}

static void test_answers(void)
{
	struct notif n, full = { .flags = 1 };
	uint64_t id = 1;
	pid_t pid = begin(4, 0);

	tap_zero(receive(&n), "a call becomes a request");
	tap_ok(listener >= 0 && (fcntl(listener, F_GETFD) & FD_CLOEXEC), "the listener is a descriptor that execve closes");
	tap_is(second, -EBUSY, "there is but one on the way");
	tap_ok((pid_t)n.pid == pid && !n.flags && n.data.nr == SYS_getpgid && n.data.args[0] == ODD && n.data.args[2] == 3,
	       "it says who asks for what");
	tap_is(ready(POLLIN | POLLOUT, 0), POLLOUT, "poll: it can be answered, there is no other");
	tap_zero(ioctl(listener, VALID, &n.id), "it is valid");
	tap_errno(ioctl(listener, VALID, &id), ENOENT, "another is not");
	tap_errno(reply(n.id, 0, 0, 2), EINVAL, "answer: no such flag");
	tap_errno(reply(n.id, 1, 0, 1), EINVAL, "answer: go on, and a value");
	tap_errno(reply(id, 0, 0, 0), ENOENT, "answer: to nobody");
	tap_zero(reply(n.id, 77, 0, 0), "a value");
	tap_errno(ioctl(listener, RECV, &full), EINVAL, "the structure has to be zero");
	tap_zero(receive(&n), "the next");
	tap_is(results[0], 77, "the value is the call's result");
	tap_zero(reply(n.id, 0, -EXDEV, 0), "an error");
	tap_zero(receive(&n), "the next");
	tap_is(results[1], -EXDEV, "is its error");
	tap_zero(reply(n.id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE), "it may go on");
	tap_is(ready(POLLIN, 2000), POLLIN, "poll: one waits to be received");
	tap_is(results[2], -ESRCH, "and was made");
	tap_errno(ioctl(listener, SET_FLAGS, 2), EINVAL, "SET_FLAGS: no such flag");
	tap_zero(ioctl(listener, SET_FLAGS, 1), "SET_FLAGS: SYNC_WAKE_UP");
	tap_errno(ioctl(listener, 0x1234), EINVAL, "no such ioctl");
	tap_zero(receive(&n), "the last");
	close(listener);
	tap_is(ended(pid), 5, "its task goes on when the listener is closed");
	tap_is(results[3], -ENOSYS, "ENOSYS");
}

static void test_descriptors(void)
{
	struct notif n;
	struct addfd a = { 0 };
	struct stat x, y;
	int null = open("/dev/null", O_RDWR), fd;
	pid_t pid = begin(2, 0);

	tap_zero(receive(&n), "a request");
	a = (struct addfd){ n.id, 0, (uint32_t)null, 0, O_CLOEXEC };
	fd = ioctl(listener, ADDFD, &a);
	tap_ok(fd > null && (fcntl(fd, F_GETFD) & FD_CLOEXEC) && !fstat(fd, &x) && !fstat(null, &y) && x.st_rdev == y.st_rdev,
	       "its task is given a descriptor");
	a = (struct addfd){ n.id, SECCOMP_ADDFD_FLAG_SETFD, (uint32_t)null, 55, 0 };
	tap_is(ioctl(listener, ADDFD, &a), 55, "or one of a certain number");
	a.newfd = 5000000;
	tap_errno(ioctl(listener, ADDFD, &a), EBADF, "not beyond the limit");
	a = (struct addfd){ n.id, 0, (uint32_t)null, 55, 0 };
	tap_errno(ioctl(listener, ADDFD, &a), EINVAL, "a number without the flag");
	a = (struct addfd){ n.id, 0, 999, 0, 0 };
	tap_errno(ioctl(listener, ADDFD, &a), EBADF, "of none");
	a = (struct addfd){ n.id + 9, 0, (uint32_t)null, 0, 0 };
	tap_errno(ioctl(listener, ADDFD, &a), ENOENT, "to nobody");
	a = (struct addfd){ n.id, 0, (uint32_t)null, 0, 1 };
	tap_errno(ioctl(listener, ADDFD, &a), EINVAL, "a flag it cannot have");
	a = (struct addfd){ n.id, 2 /* SEND */, (uint32_t)null, 0, 0 };
	fd = ioctl(listener, ADDFD, &a);
	tap_ok(fd > null, "a descriptor as the answer");
	tap_zero(receive(&n), "the next");
	tap_is(results[0], fd, "the call has it for its result");
	tap_zero(reply(n.id, 0, 0, 0), "answered");
	tap_is(ended(pid), 5, "the end");
	tap_is(ready(POLLIN, 2000), POLLHUP, "nobody has the filter any more: POLLHUP");
	tap_errno(receive(&n), ENOENT, "and nothing will come");
	close(listener), close(null), close(55);
}

/* --- Signals --- */

static void test_signals(void)
{
	struct sigaction act = { .sa_handler = on_usr1 };
	struct notif n, m;
	uint64_t first;
	pid_t pid;

	sigaction(SIGUSR1, &act, NULL);
	pid = begin(1, 0);
	receive(&n);
	kill(pid, SIGUSR1);
	tap_is(ended(pid), 5, "a signal interrupts who waits");
	tap_ok(handled == 1 && results[0] == -EINTR, "EINTR");
	tap_errno(reply(n.id, 0, 0, 0), ENOENT, "its request is gone");
	close(listener);

	act.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &act, NULL);
	pid = begin(1, 0);
	receive(&n);
	first = n.id;
	kill(pid, SIGUSR1);
	tap_zero(receive(&n), "with SA_RESTART the call is made again");
	tap_ok(handled == 2 && n.id != first, "and is another request");
	reply(n.id, 9, 0, 0);
	ended(pid);
	tap_is(results[0], 9, "which is answered");
	close(listener);

	pid = begin(1, 0);
	receive(&n);
	kill(pid, SIGSTOP);
	waitpid(pid, NULL, WUNTRACED);
	kill(pid, SIGCONT);
	tap_zero(receive(&m), "who was stopped asks again");
	reply(m.id, 10, 0, 0);
	ended(pid);
	tap_ok(results[0] == 10 && m.id != n.id, "by another request");
	close(listener);

	pid = begin(1, KILLABLE);
	receive(&n);
	kill(pid, SIGUSR1);
	usleep(50000);
	tap_zero(reply(n.id, 11, 0, 0), "WAIT_KILLABLE_RECV: no signal interrupts it");
	ended(pid);
	tap_ok(results[0] == 11 && handled == 3, "the handler runs afterwards");
	close(listener);

	pid = begin(1, KILLABLE);
	receive(&n);
	kill(pid, SIGKILL);
	tap_is(ended(pid), -SIGKILL, "but one that kills");
	tap_errno(ioctl(listener, VALID, &n.id), ENOENT, "its request is not valid any more");
	tap_is(ready(POLLIN, 0), POLLHUP, "POLLHUP");
	close(listener);
}

int main(void)
{
	tap_plan(0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	test_arguments();
	test_answers();
	test_descriptors();
	test_signals();
	return tap_done();
}
