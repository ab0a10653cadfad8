/* SPDX-License-Identifier: MIT
 *
 * Each allocation and host call fails once inside the system calls that no other helpers/fail_*.c makes: see nth.h. Most are one
 * line of a table; the others need something to work on.  Of reboot only what comes back is here.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include "nth.h"

static uint64_t room[1024];	/* for whatever a call writes, and zeros for what it reads */
static char text[] = "/tmp/nth", name_[] = "file";

#define AT ((long)(uintptr_t)room)
#define PATH ((long)(uintptr_t)text)
#define FILE_ ((long)(uintptr_t)name_)

/* --- A line each --- */

enum { ANY = 1 };	/* an errno of its own kind is fine: what it would do is not there to be done */

static const struct plain { const char *name; int nr, how; long a[6]; } plain[] = {
	{ "capget", 90, ANY, { AT, AT + 64 } }, { "getegid", 177, 0, { 0 } }, { "geteuid", 175, 0, { 0 } },
	{ "getgid", 176, 0, { 0 } }, { "getuid", 174, 0, { 0 } }, { "gettid", 178, 0, { 0 } }, { "getpgid", 155, 0, { 0 } },
	{ "getsid", 156, 0, { 0 } }, { "getresuid", 148, 0, { AT, AT + 4, AT + 8 } },
	{ "getresgid", 150, 0, { AT, AT + 4, AT + 8 } }, { "getpriority", 141, 0, { 0, 0 } }, { "getcpu", 168, 0, { AT, AT + 4 } },
	{ "getitimer", 102, 0, { 0, AT } }, { "getrandom", 278, 0, { AT, 64, 0 } }, { "times", 153, 0, { AT } },
	{ "get_robust_list", 100, 0, { 0, AT, AT + 4 } }, { "sigaltstack", 132, 0, { 0, AT } },
	{ "rt_sigpending", 136, 0, { AT, 8 } }, { "personality", 92, 0, { 0xffffffff } }, { "membarrier", 283, 0, { 0 } },
	{ "sched_getparam", 121, 0, { 0, AT } }, { "sched_getscheduler", 120, 0, { 0 } },
	{ "sched_get_priority_max", 125, 0, { 1 } }, { "sched_get_priority_min", 126, 0, { 1 } },
	{ "sched_rr_get_interval", 423, 0, { 0, AT } }, { "sched_getattr", 275, 0, { 0, AT, 56, 0 } },
	{ "clock_gettime", 403, 0, { CLOCK_REALTIME, AT } }, { "clock_getres", 406, 0, { CLOCK_MONOTONIC, AT } },
	{ "ioprio_get", 31, 0, { 1, 0 } }, { "ioprio_set", 30, 0, { 1, 0, 0 } }, { "setfsuid", 151, 0, { 0 } },
	{ "setfsgid", 152, 0, { 0 } }, { "setuid", 146, 0, { 0 } }, { "setgid", 144, 0, { 0 } }, { "setreuid", 145, 0, { -1, -1 } },
	{ "setregid", 143, 0, { -1, -1 } }, { "setresuid", 147, 0, { -1, -1, -1 } }, { "setresgid", 149, 0, { -1, -1, -1 } },
	{ "setpriority", 140, 0, { 0, 0, 0 } }, { "setpgid", 154, ANY, { 0, 0 } }, { "setsid", 157, ANY, { 0 } },
	{ "setdomainname", 162, 0, { PATH, 3 } }, { "sync", 81, 0, { 0 } }, { "syslog", 116, 0, { 10, 0, 0 } },
	{ "syslog_read_all", 116, 0, { 3, AT, 4000 } }, { "riscv_flush_icache", 259, 0, { 0, 0, 0 } },
	{ "riscv_hwprobe", 258, 0, { AT, 1, 0, 0, 0 } }, { "faccessat2", 439, 0, { -100, PATH, 0, 0 } },
	{ "tkill", 130, ANY, { 1, 0 } }, { "rt_tgsigqueueinfo", 240, ANY, { 1, 1, 0, AT } }, { "vhangup", 58, ANY, { 0 } },
	{ "listmount", 458, ANY, { AT, AT, 8, 0 } }, { "statmount", 457, ANY, { AT, AT, 512, 0 } },
	{ "clock_adjtime", 405, ANY, { CLOCK_REALTIME, AT } }, { "timer_gettime", 408, ANY, { 99, AT } },
	{ "timer_getoverrun", 109, ANY, { 99 } }, { "sched_setaffinity", 122, 0, { 0, 4, AT + 4096 } },
	{ "set_robust_list", 99, 0, { AT, 12 } }, { "restart_syscall", 128, ANY, { 0 } },
	{ "reboot", 142, 0, { (long)0xfee1dead, 672274793, 0 /* CAD_OFF */, 0 } },
	{ "sched_setscheduler", 119, 0, { 0, 0, AT } }, { "sched_setparam", 118, 0, { 0, AT } },
};

static void do_plain(void)
{
	for (unsigned i = 0; i < sizeof plain / sizeof plain[0]; i++) {
		const long *a = plain[i].a;

		memset(room, 0, sizeof room);
		room[512] = 1;		/* a processor */
		if (NTH(syscall(plain[i].nr, a[0], a[1], a[2], a[3], a[4], a[5])) == -1 && plain[i].how == ANY)
			nth.error = 0;
		else if (nth.error && !nth_is_shortage(nth.error))
			tap_diag("%s: %s", plain[i].name, strerror(nth.error));
	}
}

/* --- On a file --- */

static void do_file(void)
{
	struct iovec v[2] = { { room, 100 }, { room + 64, 200 } };
	struct timespec now = { 0, 0 };
	int fd;

	close(open(name_, O_CREAT | O_RDWR, 0644));
	fd = open(name_, O_RDWR);
	if (fd < 0)
		return;
	NTH(pwritev(fd, v, 2, 5000));
	NTH(syscall(287, fd, v, 2, 0, 0, 0));			/* pwritev2 */
	NTH(pread(fd, room, 100, 0));
	NTH(syscall(286, fd, v, 2, 0, 0, 0));			/* preadv2 */
	NTH(readv(fd, v, 2));
	NTH(fsync(fd));
	NTH(fdatasync(fd));
	NTH(syscall(267, fd));					/* syncfs */
	NTH(syscall(84, fd, 0, 0, 0, 0, 0));			/* sync_file_range */
	NTH(syscall(223, fd, 0, 0, 0, 0, 0));			/* fadvise64_64 */
	NTH(syscall(44, fd, 88, room));				/* fstatfs64 */
	NTH(fchown(fd, 0, 0));
	NTH(syscall(45, FILE_, 0, 100, 0));			/* truncate64 */
	NTH(syscall(452, AT_FDCWD, FILE_, 0600, 0));		/* fchmodat2 */
	NTH(futimens(fd, (struct timespec[2]){ now, now }));
	close(fd);
	unlink(name_);
}

/* No file system here keeps user attributes, or not all do: the answer may be that. */
static void attribute(long r)
{
	if (r == -1 && (nth.error == EOPNOTSUPP || nth.error == ENODATA))
		nth.error = 0;
}

static void do_xattr(void)
{
	static const char key[] = "user.key";
	int fd;

	close(open(name_, O_CREAT | O_RDWR, 0644));
	fd = open(name_, O_RDWR);
	if (fd < 0)
		return;
	attribute(NTH(syscall(5, name_, key, "value", 5, 0)));
	attribute(NTH(syscall(6, name_, key, "value", 5, 0)));
	attribute(NTH(syscall(7, fd, key, "value", 5, 0)));
	attribute(NTH(syscall(8, name_, key, room, 100)));
	attribute(NTH(syscall(9, name_, key, room, 100)));
	attribute(NTH(syscall(10, fd, key, room, 100)));
	attribute(NTH(syscall(11, name_, room, 100)));
	attribute(NTH(syscall(12, name_, room, 100)));
	attribute(NTH(syscall(13, fd, room, 100)));
	attribute(NTH(syscall(16, fd, key)));
	attribute(NTH(syscall(14, name_, key)));
	attribute(NTH(syscall(15, name_, key)));
	close(fd);
	unlink(name_);
}

static void do_handle(void)
{
	struct { unsigned bytes; int type; unsigned char data[128]; } h = { .bytes = 128 };
	int id, fd;

	close(open(name_, O_CREAT | O_RDWR, 0644));
	if (NTH(syscall(264, AT_FDCWD, name_, &h, &id, 0)) == 0) {
		fd = NTH(syscall(265, AT_FDCWD, &h, O_RDONLY));
		if (fd >= 0)
			close(fd);
	} else if (nth.error == EOPNOTSUPP) {
		nth.error = 0;
	}
	unlink(name_);
}

/* --- Descriptors --- */

static void do_mmsg(void)
{
	struct iovec v = { room, 10 };
	struct { struct msghdr m; unsigned len; } mm[2] = {
		{ { .msg_iov = &v, .msg_iovlen = 1 }, 0 }, { { .msg_iov = &v, .msg_iovlen = 1 }, 0 },
	};
	int s[2], one = 1;
	socklen_t size = 128;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, s))
		return;
	NTH(setsockopt(s[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof one));
	size = sizeof one;
	NTH(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &one, &size));
	size = 128;
	NTH(getpeername(s[0], (struct sockaddr *)room, &size));
	if (NTH(syscall(269, s[0], mm, 2, 0)) > 0)
		NTH(syscall(417, s[1], mm, 1, MSG_DONTWAIT, 0));
	NTH(shutdown(s[0], SHUT_WR));
	close(s[0]);
	close(s[1]);
}

static void do_wait(void)
{
	struct { int64_t sec, nsec; } soon = { 0, 1000 };
	uint32_t word = 0;
	struct { uint64_t value, addr; uint32_t flags, reserved; } w = { 1, (uintptr_t)&word, 2, 0 };
	int e = syscall(20, 0), t = syscall(85, CLOCK_MONOTONIC, 0);

	NTH(syscall(441, e, room, 4, &soon, 0, 8));				/* epoll_pwait2 */
	if (t >= 0)
		NTH(syscall(410, t, room));					/* timerfd_gettime */
	if (NTH(syscall(455, &word, 1, -1, 2, 0, 0)) == -1 && nth.error == EAGAIN)	/* futex_wait */
		nth.error = 0;
	NTH(syscall(454, &word, -1, 1, 2));					/* futex_wake */
	if (NTH(syscall(449, &w, 1, 0, 0, 0)) == -1 && nth.error == EAGAIN)	/* futex_waitv */
		nth.error = 0;
	close(e);
	close(t);
}

static void do_semtimedop(void)
{
	int id = semget(IPC_PRIVATE, 2, 0600);
	struct sembuf up[2] = { { 0, 1, SEM_UNDO }, { 1, 1, 0 } };
	struct { int64_t sec, nsec; } soon = { 0, 1000 };

	if (id < 0)
		return;
	NTH(syscall(420, id, up, 2, &soon));
	semctl(id, 0, IPC_RMID);
}

static void do_process_vm(void)
{
	struct iovec mine = { room, 100 }, theirs = { room + 64, 100 };

	NTH(process_vm_writev(getpid(), &mine, 1, &theirs, 1, 0));
	NTH(process_vm_readv(getpid(), &mine, 1, &theirs, 1, 0));
}

static void do_mq_attr(void)
{
	struct { long flags, most, size, now, reserved[4]; } attr = { 0 };
	int q = syscall(180, "queue", O_CREAT | O_RDWR, 0600, 0);

	if (q < 0)
		return;
	NTH(syscall(185, q, 0, &attr));
	close(q);
	syscall(181, "queue");
}

static void do_mounts(void)
{
	struct { uint64_t set, clr, propagation, userns; } attr = { 1, 0, 0, 0 };

	mkdir("on", 0755);
	if (!mount("what", "on", "tmpfs", 0, NULL)) {
		NTH(syscall(442, AT_FDCWD, "on", 0, &attr, sizeof attr));	/* mount_setattr */
		umount("on");
	}
	rmdir("on");
}

/* --- In a child that shares our memory: what would change us, or does not come back --- */

static int child_error;

#define IN_CHILD(call) do {						\
	pid_t pid_;							\
									\
	child_error = 0;						\
	pid_ = vfork();							\
	if (!pid_) {							\
		if (NTH(call) == -1)					\
			child_error = errno;				\
		_exit(0);						\
	}								\
	if (pid_ > 0)							\
		waitpid(pid_, NULL, 0);					\
} while (0)

static void do_unshare(void)
{
	IN_CHILD(syscall(97, CLONE_FS | CLONE_FILES));
	IN_CHILD(syscall(436, 100, 200, 2));		/* close_range, in a table of its own */
	IN_CHILD(chroot(text));
	IN_CHILD(chdir(text));
	IN_CHILD(syscall(91, room, room) ? 0 : 0);	/* capset: what version? it says */
	IN_CHILD(syscall(159, 2, room));		/* setgroups */
	IN_CHILD(syscall(157));				/* the one above is buried when the next one comes: with groups or without */
}

static void do_pivot_root(void)
{
	mkdir("root", 0755);
	if (!mount("root", "root", "tmpfs", 0, NULL)) {
		mkdir("root/old", 0755);
		IN_CHILD(syscall(41, "root/absent", "root/old") == -1 && errno == ENOENT ? 0 : -1);
		umount("root");
	}
	rmdir("root");
}

static void do_execveat(void)
{
	char *argv[] = { "script", NULL };
	int fd = open("/script", O_RDONLY);

	IN_CHILD(syscall(281, AT_FDCWD, "/script", argv, argv + 1, 0));
	if (fd >= 0) {
		IN_CHILD(syscall(281, fd, "", argv, argv + 1, AT_EMPTY_PATH));
		close(fd);
	}
}

/* The child has our stack: it ends before anything is put there. */
static long vfork3(void *args, long size)
{
	register long a0 __asm__("a0") = (long)args, a1 __asm__("a1") = size, a7 __asm__("a7") = 435;

	__asm__ volatile("	ecall\n	bnez a0, 1f\n	li a7, 93\n	ecall\n1:" : "+r"(a0), "+r"(a7) : "r"(a1) : "memory");
	return a0;
}

static void do_clone3(void)
{
	struct { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, size, tls; } args = {
		.flags = CLONE_VM | CLONE_VFORK, .exit_signal = SIGCHLD,
	};
	long pid;

	nth_arm();
	pid = vfork3(&args, sizeof args);
	if (pid < 0) {
		errno = (int)-pid;
		pid = -1;
	}
	nth_done(pid);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void nothing(int sig) { (void)sig; }

/* It comes back at once, for what it waits for is there. */
static void do_sigsuspend(void)
{
	uint64_t usr1 = 1 << (SIGUSR1 - 1), none = 0;

	signal(SIGUSR1, nothing);
	syscall(135, SIG_BLOCK, &usr1, NULL, 8);
	raise(SIGUSR1);
	if (NTH(syscall(133, &none, 8)) == -1 && nth.error == EINTR)
		nth.error = 0;		/* as it always says */
	syscall(135, SIG_UNBLOCK, &usr1, NULL, 8);
}

/* Of a child that shares our memory: exit (93), exit_group (94).  What it leaves is gone when we are told. */
static void do_exits(void)
{
	for (volatile int nr = 93; nr <= 94; nr++) {
		pid_t pid = vfork();

		if (!pid) {
			close(open(name_, O_CREAT | O_RDWR | O_CLOEXEC, 0644));
			open(name_, O_RDWR);
			nth_arm();
			syscall(nr, 0);
		}
		if (pid > 0)
			waitpid(pid, NULL, 0);
		nth_done(0);
	}
	unlink(name_);
}

static void do_directory(void)
{
	int here = open(".", O_RDONLY | O_DIRECTORY);

	NTH(fchdir(here));
	close(here);
}

static void do_attributes(void)
{
	struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; } a = {
		.size = 48, .policy = 6 /* SCHED_DEADLINE */, .runtime = 1000000, .deadline = 10000000, .period = 10000000,
	};

	NTH(syscall(274, 0, &a, 0));
	a.policy = 1;
	a.priority = 5;
	NTH(syscall(274, 0, &a, 0));
	a.policy = 0;
	a.priority = 0;
	syscall(274, 0, &a, 0);
}

static void do_requeue(void)
{
	static uint32_t from, to;
	struct { uint64_t val, uaddr; uint32_t flags, reserved; } w[2] = {
		{ 0, (uintptr_t)&from, 2 | 128, 0 }, { 0, (uintptr_t)&to, 2 | 128, 0 },
	};

	NTH(syscall(456, w, 0, 1, 1));
}

static void do_clock(void)
{
	struct { int64_t s, ns; } now;

	syscall(403, CLOCK_REALTIME, &now);
	NTH(syscall(404, CLOCK_REALTIME, &now));
}

static const struct nth_case cases[] = {
	{ "plain", do_plain }, { "file", do_file }, { "xattr", do_xattr }, { "handle", do_handle }, { "mmsg", do_mmsg },
	{ "wait", do_wait }, { "semtimedop", do_semtimedop }, { "process_vm", do_process_vm }, { "mq_attr", do_mq_attr },
	{ "mounts", do_mounts }, { "unshare", do_unshare }, { "pivot_root", do_pivot_root }, { "execveat", do_execveat },
	{ "clone3", do_clone3 }, { "sigsuspend", do_sigsuspend }, { "exits", do_exits }, { "directory", do_directory },
	{ "attributes", do_attributes }, { "requeue", do_requeue }, { "clock", do_clock },
};

int main(int argc, char **argv)
{
	(void)argc;
	if (mkdir(text, 0755) || chdir(text))
		tap_bail("cannot work in %s: %s", text, strerror(errno));
	return nth_run(cases, sizeof cases / sizeof cases[0], argv + 1);
}
