/* SPDX-License-Identifier: MIT
 * Memory that can only be read, which flash is to processes: system calls that are told to write there answer EFAULT, stores are
 * SIGSEGV, and nothing changes.  Not a guest test: what the real kernel has is RAM with the name of flash.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include "../mtd.h"

static char *flash, *self;
static int fd;
static volatile int tid;	/* of the thread that ended */

#define EFAULTS(name, ...) tap_errno(syscall(__NR_##name, __VA_ARGS__), EFAULT, #name)

static void files(void)
{
	struct iovec v = { flash, 16 }, half[2];
	char buf[16];
	int p[2], dir = open("/proc", O_RDONLY | O_DIRECTORY), s = open("/proc/version", O_RDONLY);

	EFAULTS(read, s, flash, 16);
	EFAULTS(pread64, s, flash, 16, 0, 0);
	EFAULTS(readv, s, &v, 1);
	half[0] = (struct iovec){ buf, 4 };
	half[1] = v;
	lseek(s, 0, SEEK_SET);
	tap_is(syscall(__NR_readv, s, half, 2), 4, "readv: what comes before is read");
	EFAULTS(getdents64, dir, flash, 4096);
	EFAULTS(getcwd, flash, 100);
	EFAULTS(readlinkat, AT_FDCWD, "/proc/self/exe", flash, 100);
	EFAULTS(statx, AT_FDCWD, "/", 0, 0xfff, flash);
	EFAULTS(statfs64, "/", 88, flash);
	EFAULTS(_llseek, s, 0, 0, flash, SEEK_SET);
	EFAULTS(pipe2, flash, 0);
	if (pipe(p))
		tap_bail("pipe");
	tap_is(write(p[1], flash, 100), 100, "written from flash");
	EFAULTS(read, p[0], flash, 100);
	EFAULTS(vmsplice, p[0], &v, 1, 0);
	tap_is(read(p[0], buf, sizeof buf), sizeof buf, "nothing of it is lost");
	EFAULTS(ioctl, p[0], 0x541b /* FIONREAD */, flash);
	EFAULTS(fcntl64, s, 16 /* F_GETOWN_EX */, flash);
	EFAULTS(sendfile64, p[1], s, flash + 128, 16);
	EFAULTS(getrandom, flash, 16, 0);
	close(p[0]);
	close(p[1]);
	close(s);
	close(dir);
}

static void events(void)
{
	int e = epoll_create1(0), f = eventfd(1, 0);
	struct epoll_event ev = { .events = EPOLLIN };
	int64_t zero[2] = { 0, 0 };

	epoll_ctl(e, EPOLL_CTL_ADD, f, &ev);
	EFAULTS(epoll_pwait, e, flash, 8, 0, NULL, 8);
	EFAULTS(ppoll_time64, flash, 2, zero, NULL, 8);
	EFAULTS(pselect6_time64, 4, flash, NULL, NULL, zero, NULL);
	EFAULTS(read, f, flash, 8);
	close(e);
	close(f);
}

static void sockets(void)
{
	struct msghdr m = { 0 };
	struct iovec v = { flash, 16 };
	socklen_t len = 4;
	int s[2], n = 0;

	EFAULTS(socketpair, AF_UNIX, SOCK_STREAM, 0, flash);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, s))
		tap_bail("socketpair");
	tap_is(send(s[0], flash, 32, 0), 32, "sent from flash");
	EFAULTS(recvfrom, s[1], flash, 32, MSG_DONTWAIT, NULL, NULL);
	send(s[0], flash, 32, 0);
	m.msg_iov = &v;
	m.msg_iovlen = 1;
	EFAULTS(recvmsg, s[1], &m, MSG_DONTWAIT);
	EFAULTS(getsockname, s[0], flash, &len);
	EFAULTS(getsockopt, s[0], SOL_SOCKET, SO_TYPE, flash, &len);
	EFAULTS(getsockopt, s[0], SOL_SOCKET, SO_TYPE, &n, flash);
	close(s[0]);
	close(s[1]);
}

/* Runs ourselves with an argument. */
static pid_t start(char *what)
{
	char *argv[] = { self, what, NULL };
	pid_t pid = -1;

	posix_spawn(&pid, self, NULL, NULL, argv, NULL);
	return pid;
}

static void processes(void)
{
	uint32_t group = 7;
	siginfo_t info;
	pid_t pid;

	EFAULTS(prlimit64, 0, RLIMIT_NOFILE, NULL, flash);
	EFAULTS(getrusage, RUSAGE_SELF, flash);
	EFAULTS(times, flash);
	EFAULTS(sysinfo, flash);
	EFAULTS(uname, flash);
	tap_zero(syscall(__NR_setgroups, 1, &group), "a group");
	EFAULTS(getgroups, 32, flash);
	EFAULTS(getresuid, flash, flash, flash);
	EFAULTS(getresgid, flash, flash, flash);
	EFAULTS(getcpu, flash, NULL, NULL);
	EFAULTS(sched_getaffinity, 0, 4, flash);
	EFAULTS(sched_getparam, 0, flash);
	EFAULTS(sched_getattr, 0, flash, 48, 0);
	EFAULTS(sched_rr_get_interval_time64, 0, flash);
	EFAULTS(prctl, 16 /* PR_GET_NAME */, flash);
	EFAULTS(capget, flash, NULL);
	EFAULTS(get_robust_list, 0, flash, flash);
	EFAULTS(syslog, 3, flash, 100);
	EFAULTS(clone, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, 0, flash, 0, 0);
	pid = start("end");
	EFAULTS(waitid, P_PID, pid, flash, WEXITED | WNOWAIT, NULL);
	tap_zero(syscall(__NR_waitid, P_PID, pid, &info, WEXITED, NULL), "it can be waited for then");
}

static void times_and_signals(void)
{
	struct sigevent ev = { .sigev_notify = SIGEV_NONE };
	sigset_t none;

	sigemptyset(&none);
	EFAULTS(clock_gettime64, CLOCK_REALTIME, flash);
	EFAULTS(clock_getres_time64, CLOCK_REALTIME, flash);
	EFAULTS(getitimer, ITIMER_REAL, flash);
	EFAULTS(timer_create, CLOCK_MONOTONIC, &ev, flash);
	EFAULTS(rt_sigprocmask, SIG_BLOCK, NULL, flash, 8);
	EFAULTS(rt_sigaction, SIGUSR1, NULL, flash, 8);
	EFAULTS(rt_sigpending, flash, 8);
	EFAULTS(sigaltstack, NULL, flash);
}

static void ipc(void)
{
	struct { long type; char text[16]; } msg = { 1, "message" };
	int q = (int)syscall(__NR_msgget, 0, 0600 | 01000), sem = (int)syscall(__NR_semget, 0, 2, 0600 | 01000);
	int shm = (int)syscall(__NR_shmget, 0, 4096, 0600 | 01000);

	EFAULTS(msgctl, q, 2, flash);
	syscall(__NR_msgsnd, q, &msg, 16, 0);
	EFAULTS(msgrcv, q, flash, 16, 0, 04000);
	EFAULTS(semctl, sem, 0, 13 /* GETALL */, flash);
	EFAULTS(shmctl, shm, 2, flash);
	syscall(__NR_msgctl, q, 0, NULL);
	syscall(__NR_semctl, sem, 0, 0, 0);
	syscall(__NR_shmctl, shm, 0, NULL);
}

static void futexes(void)
{
	int64_t now[2] = { 0, 0 };
	uint32_t word = 0, *f = (uint32_t *)(void *)flash;

	tap_errno(syscall(__NR_futex_time64, f, 0 /* WAIT */, *f, now), mtd_nor ? EFAULT : ETIMEDOUT, "futex: waiting in a device");
	EFAULTS(futex_time64, &word, 5 /* WAKE_OP */, 1, 1, f, 1 << 28);
	EFAULTS(futex_time64, f, 6 /* LOCK_PI */, 0, NULL);
}

/* What is written when a thread ends: a list in flash of a lock that it holds, and its number. */
static void *ends(void *arg)
{
	const uint32_t head = (uint32_t)(uintptr_t)flash + 512, entry = head + 16;
	const uint32_t list[6] = { entry, 4, 0, 0, head, (uint32_t)syscall(__NR_gettid) };

	(void)arg;
	pwrite(fd, list, sizeof list, 512);
	tid = (int)list[5];
	tap_is(syscall(__NR_set_tid_address, flash), tid, "set_tid_address");
	tap_zero(syscall(__NR_set_robust_list, head, 12), "set_robust_list");
	return NULL;
}

static void unasked(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	char path[64];

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_create(&thread, &attr, ends, NULL);
	for (int i = 0; i < 500; i++) {
		snprintf(path, sizeof path, "/proc/self/task/%d", tid);
		if (tid && access(path, F_OK))
			break;
		usleep(2000);
	}
	tap_ok(tid && access(path, F_OK), "the thread has ended");
	tap_is(((uint32_t *)(void *)(flash + 512))[5], tid, "its lock in flash is as it was");
}

/* --- Stores, and a stack that cannot be written --- */

static sigjmp_buf after;
static siginfo_t seen;

static void caught(int sig, siginfo_t *info, void *ctx)
{
	(void)sig;
	(void)ctx;
	seen = *info;
	siglongjmp(after, 1);
}

static void store8(char *p) { *(volatile uint8_t *)p = 1; }
static void store32(char *p) { *(volatile uint32_t *)(void *)p = 1; }
static void store_double(char *p) { *(volatile double *)(void *)p = 1.5; }
static void add(char *p) { __atomic_fetch_add((uint32_t *)(void *)p, 1, __ATOMIC_SEQ_CST); }
static void swap(char *p) { __atomic_exchange_n((uint32_t *)(void *)p, 1, __ATOMIC_SEQ_CST); }

static void conditional(char *p)
{
	uint32_t was = *(uint32_t *)(void *)p;

	__atomic_compare_exchange_n((uint32_t *)(void *)p, &was, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static void stores(void)
{
	static const struct { const char *what; void (*fn)(char *p); } how[] = {
		{ "a byte", store8 }, { "a word", store32 }, { "a double", store_double }, { "amoadd.w", add }, { "amoswap.w", swap },
		{ "sc.w", conditional },
	};
	struct sigaction act = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_NODEFER };

	sigaction(SIGSEGV, &act, NULL);
	for (unsigned i = 0; i < sizeof how / sizeof *how; i++) {
		memset(&seen, 0, sizeof seen);
		if (!sigsetjmp(after, 1))
			how[i].fn(flash + 64);
		tap_ok(seen.si_signo == SIGSEGV && seen.si_code == SEGV_ACCERR && seen.si_addr == flash + 64, "stored: %s", how[i].what);
	}
	signal(SIGSEGV, SIG_DFL);
}

/* A handler's frame cannot be written to a stack in flash: SIGSEGV, and the end. */
static int on_flash_stack(void)
{
	stack_t s = { .ss_sp = flash, .ss_size = 32768 };
	struct sigaction act = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	if (sigaltstack(&s, NULL))
		return 50;
	sigaction(SIGUSR1, &act, NULL);
	raise(SIGUSR1);
	return 51;
}

static void stacks(void)
{
	int status = -1;

	waitpid(start("stack"), &status, 0);
	tap_is(status, SIGSEGV, "a signal on a stack in flash ends the process");
}

int main(int argc, char **argv)
{
	static unsigned char before[MTD_BLOCK];

	self = argv[0];
	fd = mtd_open();
	flash = fd < 0 ? NULL : mmap(NULL, MTD_BLOCK, PROT_READ, MAP_SHARED, fd, 0);
	if (argc == 2)
		return !strcmp(argv[1], "stack") ? on_flash_stack() : 0;
	tap_plan(0);
	if (!mtd_nor || flash == MAP_FAILED) {
		tap_skip(1, "no flash memory");
		return tap_done();
	}
	mtd_erase_at(fd, 0, MTD_BLOCK);
	pwrite(fd, "some text in flash", 19, 0);
	pwrite(fd, "\0\0\0\0\0\0\0", 8, 128);
	memcpy(before, flash, sizeof before);
	files();
	events();
	sockets();
	processes();
	times_and_signals();
	ipc();
	futexes();
	stores();
	stacks();
	tap_ok(!memcmp(before, flash, sizeof before), "nothing in flash has changed");
	unasked();
	close(fd);
	return tap_done();
}
