/* SPDX-License-Identifier: MIT
 * ptrace requests, waits and signals without sense, on programs with threads: nothing of it may harm the emulator.  Not a
 * guest test: a real kernel without an MMU does not survive bad pointers.
 *
 *	ptrace_storm SEED ROUNDS
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include "../tracer.h"

static uint32_t state;

static uint32_t rnd(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static int child(void *arg)
{
	(void)arg;
	_exit(3);
}

static void *thread(void *arg)
{
	static char stack[2][16384] __attribute__((aligned(16)));

	for (;;) {
		clone(child, stack[(uintptr_t)arg & 1] + sizeof stack[0], CLONE_VM, NULL);
		usleep(500);
		syscall(SYS_waitid, P_ALL, 0, NULL, WEXITED | WNOHANG | __WALL, NULL);
	}
	return arg;
}

static void handler(int sig)
{
	(void)sig;
}

/* A bit of everything that a tracer could see. */
static int role(char **argv)
{
	pthread_t t;

	signal(SIGUSR1, handler);
	if (!strcmp(argv[1], "quick"))
		return 0;
	for (uintptr_t i = 0; i < 2; i++)
		pthread_create(&t, NULL, thread, (void *)i);
	for (int i = 0; ; i++) {
		raise(SIGUSR1);
		usleep(1000);
		if (i == 50)
			execve("/proc/self/exe", (char *[]){ argv[0], (char *)"quick", NULL }, (char *[]){ NULL });
	}
}

static unsigned long absurd(void)
{
	static uint32_t page[1024];
	static const uint32_t some[] = {
		0, 1, 2, 8, 64, 65, 0x80000000, 0x7fffffff, 0xffffffff, 0xfffffffe, 0x80000fff, 0x20, 128,
	};

	switch (rnd() % 4) {
	case 0:
		return rnd();
	case 1:
		return some[rnd() % (sizeof some / sizeof *some)];
	case 2:
		return rnd() & 0xff;
	default:
		for (int i = 0; i < 8; i++)
			page[rnd() % 64] = rnd() % 3 ? (uint32_t)(uintptr_t)page + rnd() % 512 : rnd();
		return (uintptr_t)page + rnd() % 64;
	}
}

static long request(void)
{
	static const long requests[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 8, 9, 9, 9, 12, 16, 16, 17, 24, 24, 24, 31, 32, 33, 0x4200, 0x4200,
		0x4201, 0x4202, 0x4203, 0x4204, 0x4205, 0x4206, 0x4206, 0x4207, 0x4207, 0x4208, 0x4208, 0x4209, 0x420a, 0x420b, 0x420c, 0x420d,
		0x420e, 0x420f, 0x4210,
	};

	return rnd() % 50 ? requests[rnd() % (sizeof requests / sizeof *requests)] : (long)rnd();
}

int main(int argc, char **argv)
{
	static const int signals[] = { SIGUSR1, SIGSTOP, SIGCONT, SIGTSTP, SIGWINCH, SIGCHLD };
	static char ring[128];
	pid_t first = 0, pid;
	int rounds;

	if (argc < 3)
		return role(argv);
	state = (uint32_t)atoi(argv[1]) * 2654435761u | 1;
	rounds = atoi(argv[2]);
	for (int i = 0; i < 64; i++)
		signal(i, i == SIGCHLD ? handler : SIG_DFL);
	for (int i = 0; i < rounds; i++) {
		if (!first || kill(first, 0) || i % 500 == 0)
			first = start(rnd() % 4 ? "long" : "quick", NULL, (int)(rnd() & 1));
		/* Its number, that of a thread or a child, or of something else. */
		pid = rnd() % 4 ? first : rnd() % 9 ? first + (pid_t)(rnd() % 6) : (pid_t)absurd();
		switch (rnd() % 12) {
		case 0:
			syscall(SYS_waitid, rnd() % 4, pid, rnd() % 8 ? (long)ring : (long)absurd(),
				(rnd() & 0x71000000) | 1 | 4 | (rnd() & 10), 0);
			break;
		case 1:
			usleep(rnd() % 300);
			break;
		case 2:
			if (pid > 2)
				kill(pid, rnd() % 30 ? signals[rnd() % (sizeof signals / sizeof *signals)] : (int)(rnd() % 65));
			break;
		case 3: {
			struct iovec a = { (void *)absurd(), absurd() }, b = { (void *)absurd(), absurd() };

			if (rnd() % 2)
				syscall(SYS_process_vm_readv, pid, &a, absurd() % 3, &b, absurd() % 3, 0);
			else if (pid != getpid())
				syscall(SYS_process_vm_writev, pid, &a, 1, &b, 1, 0);
			break;
		}
		case 4:
			trace(PTRACE_SETOPTIONS, pid, 0, rnd() & 0x7f);
			break;
		default: {
			long what = request();
			int resumes = what == PTRACE_CONT || what == PTRACE_SYSCALL || what == PTRACE_SINGLESTEP || what == 31;

			if (what == PTRACE_TRACEME || (what == PTRACE_KILL && rnd() % 20))
				break;
			if (what == PTRACE_SEIZE && rnd() % 4)
				trace(what, pid, 0, rnd() & 0x7f);
			else if (resumes || (what == PTRACE_DETACH && rnd() % 4))
				trace(what, pid, absurd(), rnd() % 8 ? 0 : (unsigned long)signals[rnd() % 6]);
			else if (what == PTRACE_SETREGSET || what == PTRACE_POKEDATA || what == PTRACE_POKETEXT)
				rnd() % 20 ? 0 : trace(what, pid, absurd(), absurd());
			else
				trace(what, pid, absurd(), absurd());
			break;
		}
		}
	}
	printf("%d rounds\n", rounds);
	return 0;
}
