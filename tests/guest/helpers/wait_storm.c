/* SPDX-License-Identifier: MIT
 * Queues, semaphores and futexes, with arguments good and absurd, by threads of several programs that are interrupted,
 * traced and killed meanwhile: whatever they wait for, nothing of it may harm the emulator.  Not a guest test, as
 * ptrace_storm is none.
 *
 *	wait_storm SEED ROUNDS			starts programs, and ends, traces and replaces them
 *	wait_storm SEED ROUNDS program		one of them
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <time.h>
#include "../tracer.h"

enum { PROGRAMS = 4, THREADS = 8, STACK = 16384, KEY = 0x57a1, AREA = 8192 };
enum { SYS_sigtimedwait_ = 421, SYS_semtimedop_ = 420, SYS_mq_send_ = 418, SYS_mq_receive_ = 419, SYS_futex_ = 422,
       SYS_waitv_ = 449, SYS_wake_ = 454, SYS_wait_ = 455, SYS_requeue_ = 456 };

static uint32_t *area;			/* one segment for all: an address is one futex without an MMU */
static uint32_t state;
static volatile int rounds_left;

static uint32_t rnd(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static uint32_t one_of(const uint32_t *list, unsigned n)
{
	return list[rnd() % n];
}
#define ONE_OF(...) one_of((const uint32_t[]){ __VA_ARGS__ }, sizeof (uint32_t[]){ __VA_ARGS__ } / 4)

static uint32_t number(void)
{
	return rnd() % 8 ? rnd() % 5 : ONE_OF(0xffffffff, 0x7fffffff, 0x80000000, 128, 129, 8192, 65536, rnd());
}

/* A few words that all meet at, or any in the area, or no memory; never memory that is a program's. */
static uint32_t *word(void)
{
	if (rnd() % 8)
		return area + rnd() % 4;
	return rnd() % 4 ? area + rnd() % (AREA / 8) : (uint32_t *)(uintptr_t)ONE_OF(0, 1, 4, 0xfffffffc, 0x40000000);
}

static void *place(void)
{
	return (char *)word() + (rnd() % 16 ? 0 : rnd() % 4);
}

/* Not at all, at once, soon, or nonsense. */
static void *limit(int absolute)
{
	int64_t *ts = (void *)(area + 512 + rnd() % 64 * 4);
	struct timespec now = { 0, 0 };

	if (absolute)
		clock_gettime(rnd() % 2 ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now);
	ts[0] = now.tv_sec;
	ts[1] = (now.tv_nsec + rnd() % 3000000) % 1000000000;
	return rnd() % 4 ? ts : rnd() % 4 ? NULL : place();
}

static int32_t some_id(int nr)
{
	return rnd() % 16 ? (int)syscall(nr, KEY + (int)(rnd() % 3), rnd() % 32 ? (nr == SYS_semget ? 3 : IPC_CREAT | 0666) :
					 number(), IPC_CREAT | 0666) : (int)number();
}

static void messages(void)
{
	int id = some_id(SYS_msgget);

	area[0] = number();
	switch (rnd() % 8) {
	case 0:
		syscall(SYS_msgctl, id, rnd() % 8 ? ONE_OF(1, 2, 3, 11, 12, 13) : IPC_RMID, place());
		break;
	case 1: case 2: case 3:
		syscall(SYS_msgsnd, id, place(), rnd() % 4 ? rnd() % 4096 : number(), rnd() % 3 ? 0 : IPC_NOWAIT);
		break;
	default:
		syscall(SYS_msgrcv, id, place(), rnd() % 4 ? 4096 : number(), number(), rnd() % 3 ? 0 : rnd() & 074000);
		break;
	}
}

static void semaphores(void)
{
	struct { uint16_t num; int16_t op; uint16_t flags; } *ops = (void *)(area + 800 + rnd() % 64);
	int id = some_id(SYS_semget);

	for (int i = 0; i < 4; i++) {
		ops[i].num = (uint16_t)(rnd() % 50 ? rnd() % 3 : rnd());
		ops[i].op = (int16_t)(rnd() % 50 ? (int)(rnd() % 5) - 2 : (int)rnd());
		ops[i].flags = (uint16_t)((rnd() % 2 ? 0x1000 : 0) | (rnd() % 4 ? 0 : IPC_NOWAIT));
	}
	if (rnd() % 6 == 0)
		syscall(SYS_semctl, id, number(), rnd() % 12 ? ONE_OF(1, 2, 3, 11, 12, 13, 14, 15, 16, 16, 17, 18, 19, 20) : IPC_RMID,
			rnd() % 2 ? (uintptr_t)place() : number());
	else
		syscall(SYS_semtimedop_, id, rnd() % 20 ? (void *)ops : place(), rnd() % 20 ? 1 + rnd() % 4 : number(), limit(0));
}

static void posix_queues(void)
{
	static int32_t attr[8] = { 0, 2, 64 };
	struct sigevent event = { .sigev_signo = (int)(rnd() % 8 ? SIGUSR1 : number()), .sigev_notify = (int)(rnd() % 3) };
	char name[3] = { (char)('a' + rnd() % 3), 0 };
	int fd = (int)syscall(SYS_mq_open, name, O_CREAT | ONE_OF(0, 1, 2, 2, 2, 3) | (rnd() % 3 ? 0 : O_NONBLOCK), 0666,
			      rnd() % 8 ? (void *)attr : place());

	for (int i = 0; i < 4; i++) {
		switch (rnd() % 9) {
		case 0:
			syscall(SYS_mq_unlink, name);
			break;
		case 1:
			syscall(SYS_mq_notify, fd, rnd() % 3 ? &event : NULL);
			break;
		case 2:
			syscall(SYS_mq_getsetattr, fd, rnd() % 2 ? attr : NULL, place());
			break;
		case 3: case 4: case 5:
			syscall(SYS_mq_send_, fd, place(), rnd() % 8 ? rnd() % 65 : number(), number(), limit(1));
			break;
		case 6:			/* another thread's, while it waits there */
			close(3 + (int)(rnd() % 8));
			break;
		default:
			syscall(SYS_mq_receive_, fd, place(), rnd() % 8 ? 64 : number(), rnd() % 2 ? place() : NULL, limit(1));
			break;
		}
	}
	close(fd);
}

static void futexes(void)
{
	struct { uint64_t val, addr; uint32_t flags, reserved; } v[128];
	uint32_t *w = word(), value = w >= area && w < area + AREA / 4 ? *w : 0;
	long op = (long)(rnd() % 14) | (rnd() % 2 ? 128 : 0) | (rnd() % 6 ? 0 : 256);
	long timed = 1 << 0 | 1 << 6 | 1 << 9 | 1 << 11 | 1 << 13;
	unsigned n = rnd() % 8 ? rnd() % 6 : 128;

	switch (rnd() % 8) {
	case 0:
		for (unsigned i = 0; i < 128; i++) {
			uint32_t *at = word();

			v[i].addr = (uintptr_t)at;
			v[i].val = at >= area && at < area + AREA / 4 ? *at : 0;
			v[i].flags = rnd() % 200 ? 2 : rnd();
			v[i].reserved = rnd() % 500 ? 0 : 1;
		}
		syscall(SYS_waitv_, v, n, rnd() % 50 ? 0 : number(), limit(1), rnd() % 2);
		break;
	case 1:
		syscall(SYS_wake_, w, ONE_OF(0xffffffff, 1, 0), number(), 2);
		break;
	case 2:
		syscall(SYS_wait_, w, value, ONE_OF(0xffffffff, 1, 0), 2, limit(1), rnd() % 2);
		break;
	case 3:
		v[0].val = value, v[0].addr = (uintptr_t)w, v[1].val = 0, v[1].addr = (uintptr_t)word();
		v[0].flags = v[1].flags = 2, v[0].reserved = v[1].reserved = 0;
		syscall(SYS_requeue_, v, 0, number(), number());
		break;
	case 4:
		*(area + rnd() % 4) = rnd() % 2 ? 0 : (uint32_t)syscall(SYS_gettid);
		break;
	default:
		syscall(SYS_futex_, w, op, (op & 127) == 12 ? 1 : rnd() % 4 ? value : number(),
			timed >> (op & 127) & 1 ? limit((op & 127) != 0) : (void *)(uintptr_t)number(), word(),
			rnd() % 4 ? *area : rnd());
		break;
	}
}

/* A list of locks that may be a ring, lead nowhere or hold what is not ours; followed when the thread ends. */
static void robust_list(void)
{
	uint32_t *list = area + 1200 + rnd() % 64;

	for (int i = 0; i < 8; i++)
		list[i] = rnd() % 8 ? (uint32_t)(uintptr_t)(list + rnd() % 8) | (rnd() % 4 == 0) : (uint32_t)(uintptr_t)place();
	list[1] = rnd() % 2 ? 0 : (uint32_t)(uintptr_t)area - (uint32_t)(uintptr_t)list;
	syscall(SYS_set_robust_list, list, 12);
}

static void *thread(void *arg)
{
	volatile int *tid = arg;

	*tid = (int)syscall(SYS_gettid);
	for (unsigned i = 5 + rnd() % 60; i && rounds_left > 0; i--) {
		switch (rnd() % 8) {
		case 0: case 1: messages(); break;
		case 2: case 3: semaphores(); break;
		case 4: posix_queues(); break;
		default: futexes(); break;
		}
	}
	if (rnd() % 2)
		robust_list();
	*tid = 0;
	return NULL;
}

static void handler(int sig)
{
	(void)sig;
}

/* Keeps its threads at work, and disturbs them. */
static int program(int rounds)
{
	static volatile int tids[THREADS];
	struct sigaction sa = { .sa_handler = handler };
	pthread_attr_t attr;
	pthread_t t;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (rounds_left = rounds; rounds_left > 0; rounds_left--) {
		unsigned i = rnd() % THREADS;

		if (rounds_left % 64 == 0) {
			sa.sa_flags = rnd() % 2 ? SA_RESTART : 0;
			sigaction(SIGUSR1, &sa, NULL);
		}
		if (!tids[i]) {
			tids[i] = -1;
			if (pthread_create(&t, &attr, thread, (void *)&tids[i]))
				tids[i] = 0;
		} else if (tids[i] > 0 && rnd() % 3 == 0) {
			syscall(SYS_tgkill, getpid(), tids[i], SIGUSR1);
		}
		usleep(rnd() % 300);
	}
	if (rnd() % 3 == 0)
		execve("/bin/none", NULL, NULL);
	return 0;
}

static pid_t start_program(int rounds)
{
	char seed[16], count[16], *argv[] = { (char *)"wait_storm", seed, count, (char *)"program", NULL }, *envp[] = { NULL };
	pid_t pid;

	snprintf(seed, sizeof seed, "%u", rnd() >> 1);
	snprintf(count, sizeof count, "%d", rounds);
	pid = vfork();
	if (pid == 0) {
		execve("/proc/self/exe", argv, envp);
		_exit(127);
	}
	return pid;
}

/* Threads that are traced may have been left in a stop, their last one as well. */
static void continue_all(pid_t last)
{
	for (pid_t tid = 2; tid < last; tid++)
		trace(PTRACE_CONT, tid, 0, 0);
}

int main(int argc, char **argv)
{
	pid_t pids[PROGRAMS] = { 0 }, last = 0;
	int rounds;

	if (argc < 3)
		return 2;
	state = (uint32_t)atoi(argv[1]) * 2654435761u | 1;
	rounds = atoi(argv[2]);
	area = shmat(shmget(KEY, AREA, IPC_CREAT | 0666), NULL, 0);
	if (area == (void *)-1)
		return 1;
	signal(SIGUSR1, handler);
	if (argc > 3)
		return program(rounds);
	for (int i = 0; i < rounds; i++) {
		pid_t *pid = &pids[rnd() % PROGRAMS], other;

		if (!*pid || kill(*pid, 0))
			*pid = start_program(50 + (int)(rnd() % 200));
		last = *pid > last ? *pid : last;
		other = rnd() % 4 ? last + (pid_t)(rnd() % 30) - 10 : *pid;
		if (i % 256 == 0)
			continue_all(last + 100);
		switch (rnd() % 16) {
		case 0:
			if (rnd() % 8 == 0)
				kill(*pid, SIGKILL);
			break;
		case 1:
			trace(PTRACE_SEIZE, other, 0, rnd() & 0x7f);
			break;
		case 2:
			trace(PTRACE_INTERRUPT, other, 0, 0);
			break;
		case 3:
			trace(PTRACE_DETACH, other, 0, 0);
			break;
		default:
			usleep(rnd() % 500);
			break;
		}
		/* Most go on at once. */
		while (wait_for(-1, WNOHANG) > 0 && rnd() % 16)
			if (wait_info.si_code == CLD_TRAPPED) {
				last = wait_info.si_pid > last ? wait_info.si_pid : last;
				trace(rnd() % 4 ? PTRACE_CONT : PTRACE_SYSCALL, wait_info.si_pid, 0, rnd() % 8 ? 0 : SIGUSR1);
			}
	}
	for (int i = 0; i < PROGRAMS; i++)
		if (pids[i])
			kill(pids[i], SIGKILL);
	continue_all(last + 100);
	while (wait_for(-1, 0) != -1)
		if (wait_info.si_code == CLD_TRAPPED)
			trace(PTRACE_CONT, wait_info.si_pid, 0, 0);
	printf("%d rounds\n", rounds);
	return 0;
}
