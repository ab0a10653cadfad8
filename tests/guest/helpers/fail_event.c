/* SPDX-License-Identifier: MIT
 *
 * Everything inside the calls about descriptors that are events, and about the newer ways to move and open files, fails once:
 * run by tests/cli/fail_calls.sh.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include "nth.h"

static char block[20000];

static void shut(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* Three epolls, one in the other; what they watch has events meanwhile. */
static void do_nested(void)
{
	struct epoll_event ev = { .events = EPOLLIN }, out[4];
	int top = epoll_create1(0), middle = epoll_create1(0), ep = epoll_create1(0), p[2];

	pipe2(p, O_NONBLOCK);
	NTH(epoll_ctl(middle, EPOLL_CTL_ADD, ep, &ev));
	NTH(epoll_ctl(top, EPOLL_CTL_ADD, middle, &ev));
	int added = NTH(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev)) == 0;
	NTH(write(p[1], block, 6000));
	NTH(epoll_wait(top, out, 4, 0));
	if (added)
		NTH(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev));
	NTH(epoll_wait(ep, out, 4, 1));
	NTH(read(p[0], block, sizeof block));
	shut(p[0]), shut(p[1]), shut(top), shut(middle), shut(ep);
}

static void do_inotify(void)
{
	int in = NTH(inotify_init1(IN_NONBLOCK)), f;

	if (in < 0)
		return;
	NTH(inotify_add_watch(in, ".", IN_ALL_EVENTS));
	f = NTH(open("f", O_RDWR | O_CREAT, 0644));
	if (f >= 0) {
		NTH(write(f, "x", 1));
		NTH(inotify_add_watch(in, "f", IN_ALL_EVENTS));
		NTH(fchmod(f, 0600));
		close(f);
	}
	if (f >= 0 && NTH(rename("f", "g")) == 0)
		NTH(unlink("g"));
	unlink("f"), unlink("g");
	inotify_rm_watch(in, 1);
	NTH(read(in, block, sizeof block));
	close(in);
}

static void do_pidfd(void)
{
	int fd = NTH((int)syscall(434, getpid(), 0)), copy;

	if (fd < 0)
		return;
	copy = NTH((int)syscall(438, fd, 0, 0));
	shut(copy);
	NTH((int)syscall(424, fd, 0, NULL, 0));
	close(fd);
}

static char stack[16384] __attribute__((aligned(16)));
static int child(void *arg)
{
	(void)arg;
	return 0;
}

static void do_clone_pidfd(void)
{
	int fd = -1;
	pid_t pid = NTH(clone(child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, NULL, &fd));

	if (pid > 0) {
		waitpid(pid, NULL, 0);
		shut(fd);
	}
}

static void do_splice(void)
{
	struct iovec v = { block, 9000 };
	int a[2], b[2], f = open("f", O_RDWR | O_CREAT, 0644);

	pipe(a), pipe(b);
	pwrite(f, block, 9000, 0);
	NTH(syscall(SYS_splice, f, NULL, a[1], NULL, 9000, 0));
	NTH(syscall(SYS_tee, a[0], b[1], 9000, SPLICE_F_NONBLOCK));
	NTH(syscall(SYS_splice, a[0], NULL, b[1], NULL, 5000, SPLICE_F_NONBLOCK));
	lseek(f, 0, SEEK_SET);
	if (write(b[1], "x", 1) == 1)
		NTH(syscall(SYS_splice, b[0], NULL, f, NULL, 100000, 0));
	NTH(syscall(SYS_vmsplice, a[1], &v, 1, 0));
	shut(a[0]), shut(a[1]), shut(b[0]), shut(b[1]), shut(f);
	unlink("f");
}

static void do_openat2(void)
{
	struct { unsigned long long flags, mode, resolve; } how = { O_RDWR | O_CREAT, 0644, 8 };
	int f = NTH((int)syscall(437, AT_FDCWD, "f", &how, sizeof how));

	shut(f);
	unlink("f");
}

static void do_async(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	int p[2];

	sigaction(SIGIO, &ignore, NULL);
	pipe(p);
	fcntl(p[0], F_SETOWN, getpid());
	NTH(fcntl(p[0], F_SETFL, O_ASYNC));
	NTH(write(p[1], "x", 1));
	shut(p[0]), shut(p[1]);
}

static const struct nth_case cases[] = {
	{ "nested", do_nested }, { "inotify", do_inotify }, { "pidfd", do_pidfd }, { "clone_pidfd", do_clone_pidfd },
	{ "splice", do_splice }, { "openat2", do_openat2 }, { "async", do_async },
};

int main(int argc, char **argv)
{
	(void)argc;
	if (mkdir("/tmp/nth", 0755) || chdir("/tmp/nth"))
		tap_bail("cannot work in /tmp/nth: %s", strerror(errno));
	return nth_run(cases, sizeof cases / sizeof cases[0], argv + 1);
}
