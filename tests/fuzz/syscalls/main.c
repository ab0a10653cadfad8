/* SPDX-License-Identifier: MIT
 *
 *	sh -c "SEED CALLS"
 *
 * It stands as /bin/sh in an image of its own: `flat32 boot --exec "SEED CALLS"`.  The supervisor keeps some workers running,
 * each with a seed of its own, until all have made so many calls together; whoever does not end in time is killed.  Workers
 * count in the supervisor's memory: there is no MMU between them.  In the end it says how many calls were made.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "fuzz.h"

enum { WORKERS = 4, CALLS_EACH = 1500, CHILD_CALLS = 40, PATIENCE = 10 /* rounds of 4 ms */ };

uint8_t arena[ARENA] __attribute__((aligned(4096)));
uint8_t stacks[STACKS][STACK] __attribute__((aligned(16)));
uint32_t maps[MAPS], children[CHILDREN];

static volatile uint32_t own_count, *counter = &own_count;
static const struct table *table;
static uint32_t seed;

/* An ecall with all its registers; a child of clone goes to child() instead, on whatever stack it has. */
uint32_t raw_call(const struct request *q);
__attribute__((used, noreturn)) void child(void);
__asm__(".text\n.balign 4\n.globl raw_call\nraw_call:\n"
	"	mv t0, a0\n"
	"	lw a7, 24(t0)\n	lw a5, 20(t0)\n	lw a4, 16(t0)\n	lw a3, 12(t0)\n	lw a2, 8(t0)\n	lw a1, 4(t0)\n	lw a0, 0(t0)\n"
	"	ecall\n"
	"	bnez a0, 1f\n"
	"	li t1, 220\n	beq a7, t1, 2f\n	li t1, 435\n	beq a7, t1, 2f\n"
	"1:	ret\n"
	"2:	andi sp, sp, -16\n	tail child\n");

static void one_call(struct rng *r)
{
	struct request q;
	uint32_t result;

	pick(r, table, &q);
	*counter = *counter + 1;
	result = raw_call(&q);
	learn(&q, result);
}

void child(void)
{
	struct request tid = { { 0 }, SYS_gettid };
	uint32_t self = raw_call(&tid);
	struct rng r = { (seed * 2654435761u ^ self * 40503u) | 1, self };

	for (int n = below(&r, CHILD_CALLS); n; n--)
		one_call(&r);
	/* By nothing in memory: somebody may have written there, and nobody would end it. */
	for (;;)
		__asm__ volatile("li a0, 0\n	li a7, 93\n	ecall" ::: "a0", "a7", "memory");
}

static void nothing(int sig) { (void)sig; }

/* Only a true fault, which going on would repeat, is the end. */
static void faulted(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_code > 0)
		_exit(100 + sig);
}

/* Files of all kinds at low numbers, and a timer that ends whatever blocks. */
static void furnish(void)
{
	struct itimerval every = { { 0, 100 }, { 0, 100 } };
	static const int faults[] = { SIGSEGV, SIGILL, SIGBUS, SIGTRAP, SIGFPE };
	struct sigaction sa = { .sa_handler = nothing }, fault = { .sa_sigaction = faulted, .sa_flags = SA_SIGINFO };
	int p[2];

	for (int fd = 0; fd < 3; fd++)
		close(fd);
	open("/dev/null", O_RDWR);
	open("/tmp/a", O_RDWR | O_CREAT, 0644);
	open("/tmp/b", O_RDWR | O_CREAT | O_APPEND, 0600);
	mkdir("/tmp/d", 0777);
	open("/tmp/d", O_RDONLY | O_DIRECTORY);
	symlink("a", "/tmp/link");
	mkfifo("/tmp/fifo", 0666);
	open("/tmp/fifo", O_RDWR | O_NONBLOCK);
	if (!pipe(p))
		pipe2(p, O_NONBLOCK);
	eventfd(1, EFD_NONBLOCK);
	memfd_create("fuzz", MFD_ALLOW_SEALING);
	open("/proc/self/maps", O_RDONLY);
	open("/dev/zero", O_RDWR);
	open("/proc/self", O_RDONLY | O_DIRECTORY);
	if (!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p))
		socketpair(AF_UNIX, SOCK_SEQPACKET, 0, p);
	socket(AF_UNIX, SOCK_DGRAM, 0);
	socket(AF_INET, SOCK_STREAM, 0);
	socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	epoll_create1(0);
	timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	inotify_init1(IN_NONBLOCK);
	open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
	open("/dev/mtd0", O_RDWR);
	open("/dev/mtdblock0", O_RDWR);
	open("/dev/loop0", O_RDWR);
	open("/dev/loop1", O_RDWR);
	open("/dev/loop-control", O_RDWR);
	chdir("/tmp");
	for (int sig = 1; sig <= 64; sig++)
		sigaction(sig, &sa, 0);
	for (int i = 0; i < 5; i++)
		sigaction(faults[i], &fault, 0);
	setitimer(ITIMER_REAL, &every, 0);
	setsid();		/* from where no group of the supervisor's is in reach */
}

__attribute__((noreturn)) static void work(uint32_t from, uint32_t count_at, uint32_t table_at)
{
	struct rng r = { from | 1, (uint32_t)getpid() };
	struct rng data = { from * 31 | 1, 0 };

	seed = from;
	counter = (volatile uint32_t *)(uintptr_t)count_at;
	table = (const struct table *)(uintptr_t)table_at;
	for (int i = 0; i < GOOD / 4; i++)
		((uint32_t *)arena)[i] = below(&data, 3) ? below(&data, 8) : rnd(&data);
	furnish();
	for (int n = 0; n < CALLS_EACH; n++)
		one_call(&r);
	_exit(0);
}

/* --- The supervisor --- */

struct worker { pid_t pid; int rounds; };

static int program = -1;

static pid_t start(uint32_t from, volatile uint32_t *count)
{
	char a[16], b[16], c[16];
	char *argv[] = { (char *)"worker", a, b, c, 0 }, *envp[] = { 0 };
	pid_t pid;

	snprintf(a, sizeof a, "%u", from);
	snprintf(b, sizeof b, "%u", (unsigned)(uintptr_t)count);
	snprintf(c, sizeof c, "%u", (unsigned)(uintptr_t)table);
	fchmod(program, 0755);		/* a worker may have found it */
	pid = vfork();
	if (!pid) {
		syscall(SYS_execveat, program, "", argv, envp, AT_EMPTY_PATH);
		_exit(127);
	}
	return pid;
}

static void supervise(uint32_t from, uint32_t calls)
{
	static struct worker workers[WORKERS];
	static volatile uint32_t count;
	static struct table all;
	unsigned started = 0, killed = 0, crashed = 0, refused = 0, idle = 0;
	uint32_t seen = 0;
	int status;
	pid_t pid;

	signal(SIGTSTP, SIG_IGN);
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	make_table(&all);
	table = &all;
	program = open("/bin/sh", O_RDONLY | O_CLOEXEC);
	/*
	 * No worker starts any more when its program's file was stored to, or memory has been filled with what nobody owns. Or
	 * they start, and die before their first call: the file still is a program, but another one.
	 */
	while (count < calls && refused < 2 * WORKERS && idle < 50 * WORKERS) {
		for (int i = 0; i < WORKERS; i++) {
			if (!workers[i].pid) {
				pid = start(from * 1000003u + started * 7919u, &count);
				started += pid > 0;
				idle = count == seen ? idle + 1 : 0;
				seen = count;
				refused += pid <= 0;		/* in a row */
				workers[i] = (struct worker){ pid > 0 ? pid : 0, 0 };
			} else if (++workers[i].rounds > PATIENCE) {
				killed += !kill(workers[i].pid, SIGKILL);
			}
		}
		nanosleep(&(struct timespec){ 0, 4000000 }, 0);
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			for (int i = 0; i < WORKERS; i++)
				if (workers[i].pid == pid) {
					workers[i].pid = 0;
					crashed += WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL;
					refused = WIFEXITED(status) && WEXITSTATUS(status) == 127 ? refused + 1 : 0;
				}
	}
	kill(-1, SIGKILL);
	printf("calls %u workers %u crashed %u killed %u\n", count, started, crashed, killed);
}

int main(int argc, char **argv)
{
	char *rest;

	if (argc == 4 && !strcmp(argv[0], "worker"))
		work((uint32_t)strtoul(argv[1], 0, 10), (uint32_t)strtoul(argv[2], 0, 10), (uint32_t)strtoul(argv[3], 0, 10));
	if (argc != 3 || strcmp(argv[1], "-c"))
		return 2;
	supervise((uint32_t)strtoul(argv[2], &rest, 10), (uint32_t)strtoul(rest, 0, 10));
	return 0;
}
