/* SPDX-License-Identifier: MIT
 * What an FDPIC program sees of the kernel: TAP on stdout.
 *
 *	kernel PIE		everything; PIE: /path of this file as a PIE, for execve from one kind to the other
 *	kernel MODE		what the children do
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define FDPIC_FUNCPTRS_ 0x00080000
#define PTRACE_GETFDPIC_ 33

static int n, failed;
static const char *me;
extern char **environ;

static void ok(int yes, const char *what)
{
	printf("%s %d - %s\n", yes ? "ok" : "not ok", ++n, what);
	failed |= !yes;
	fflush(stdout);
}

static uintptr_t gp(void)
{
	uintptr_t v;

	__asm__ volatile ("mv %0, gp" : "=r"(v));
	return v;
}

/* --- Handlers --- */

static volatile int count, seen_signo, seen_value;
static volatile uintptr_t handler_gp, frame_gp, handler_sp;
static sigjmp_buf back;

static void plain(int signo)
{
	count++;
	seen_signo = signo;
	handler_gp = gp();
	handler_sp = (uintptr_t)__builtin_frame_address(0);
}

static void with_info(int signo, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	plain(signo);
	seen_value = info->si_value.sival_int;
	frame_gp = uc->uc_mcontext.__gregs[3];
}

static void jumps(int signo)
{
	plain(signo);
	siglongjmp(back, 7);
}

static void nested(int signo)
{
	if (count++ < 10)
		raise(signo);
}

static void handlers(void)
{
	static char alt[16384];
	stack_t ss = { .ss_sp = alt, .ss_size = sizeof alt };
	struct sigaction sa = { .sa_handler = plain }, old;

	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	ok(count == 1 && seen_signo == SIGUSR1, "a handler runs");
	ok(handler_gp == gp(), "with gp of its module");
	sigaction(SIGUSR1, NULL, &old);
	ok(old.sa_handler == plain, "sigaction() gives the pointer back as it was");
	sa = (struct sigaction){ .sa_sigaction = with_info, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	sigaction(SIGUSR2, &sa, NULL);
	sigaltstack(&ss, NULL);
	sigqueue(getpid(), SIGUSR2, (union sigval){ .sival_int = 42 });
	ok(count == 2 && seen_value == 42, "SA_SIGINFO");
	ok(frame_gp == gp(), "the interrupted gp is in the frame");
	ok(handler_sp > (uintptr_t)alt && handler_sp <= (uintptr_t)alt + sizeof alt, "on the alternate stack");
	sa = (struct sigaction){ .sa_handler = jumps };
	sigaction(SIGUSR1, &sa, NULL);
	int how = sigsetjmp(back, 1);
	if (!how)
		raise(SIGUSR1);
	ok(how == 7 && count == 3, "siglongjmp() out of one");
	count = 0;
	sa = (struct sigaction){ .sa_handler = nested, .sa_flags = SA_NODEFER };
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	ok(count == 11, "handlers in handlers");
}

/* Signals at any instruction, in calls through pointers. */
static unsigned add(unsigned x) { return x + 12345; }
static unsigned mul(unsigned x) { return x * 1103515245; }
static unsigned turn(unsigned x) { return x << 7 | x >> 25; }
static unsigned (*const steps[])(unsigned) = { add, mul, turn };

static unsigned mix(unsigned rounds)
{
	unsigned x = 1;

	for (unsigned i = 0; i < rounds; i++)
		x = steps[i % 3](x);
	return x;
}

static void interrupted(void)
{
	struct itimerval often = { { 0, 200 }, { 0, 200 } }, off = { { 0, 0 }, { 0, 0 } };
	unsigned want = mix(300000), got = want;
	struct sigaction sa = { .sa_handler = plain, .sa_flags = SA_RESTART };

	sigaction(SIGALRM, &sa, NULL);
	count = 0;
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < 100 && (count < 20 || i < 3) && got == want; i++)
		got = mix(300000);
	setitimer(ITIMER_REAL, &off, NULL);
	ok(count >= 3 && got == want, "signals in the midst of calls through pointers");
}

/* --- Threads --- */

static void *thread(void *arg)
{
	return (void *)((uintptr_t)arg + (gp() == handler_gp));
}

static int cloned(void *arg)
{
	*(volatile int *)arg = gp() == handler_gp ? 5 : 6;
	return 9;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;
static int notified;

static void notify(union sigval v)
{
	pthread_mutex_lock(&lock);
	notified = v.sival_int;
	pthread_cond_signal(&told);
	pthread_mutex_unlock(&lock);
}

static void threads(void)
{
	static char stack[8192] __attribute__((aligned(16)));
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD, .sigev_value = { .sival_int = 77 },
			       .sigev_notify_function = notify };
	struct itimerspec when = { .it_value = { 0, 1000000 } };
	pthread_t th;
	timer_t timer;
	void *result = NULL;
	volatile int cell = 0;
	int status, pid;

	ok(!pthread_create(&th, NULL, thread, (void *)40) && !pthread_join(th, &result) && result == (void *)41, "a thread");
	pid = clone(cloned, stack + sizeof stack, CLONE_VM | SIGCHLD, (void *)&cell);
	ok(pid > 0 && waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 9 && cell == 5, "clone()");
	ok(!timer_create(CLOCK_MONOTONIC, &ev, &timer) && !timer_settime(timer, 0, &when, NULL), "a timer that calls a function");
	pthread_mutex_lock(&lock);
	while (!notified)
		pthread_cond_wait(&told, &lock);
	ok(notified == 77, "calls it");
	pthread_mutex_unlock(&lock);
}

/* --- Other programs --- */

static int spawn(const char *path, const char *mode)
{
	char *argv[] = { (char *)path, (char *)mode, (char *)me, NULL };
	int status = -1;
	pid_t pid;

	if (posix_spawn(&pid, path, NULL, NULL, argv, environ) || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

static void exec_mode(const char *path, const char *mode)
{
	pid_t pid = vfork();
	int status = -1;

	if (!pid) {
		execl(path, path, mode, me, (char *)NULL);
		_exit(99);
	}
	ok(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 33, "vfork() and execve()");
}

/* Its personality, and that signals work, whatever executed it. */
static int child(int fdpic)
{
	struct sigaction sa = { .sa_handler = plain };
	char text[16] = "";
	int fd = open("/proc/self/personality", O_RDONLY);

	if (fd < 0 || read(fd, text, 8) != 8 || strtol(text, NULL, 16) != (fdpic ? FDPIC_FUNCPTRS_ : 0))
		return 1;
	if (personality(0xffffffff) != (fdpic ? FDPIC_FUNCPTRS_ : 0))
		return 2;
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	return count == 1 ? 33 : 3;
}

struct kernel_sigaction { uint32_t handler, flags, mask[2]; };

static void raw_handler(int signo, uint32_t handler)
{
	struct kernel_sigaction k = { handler, 0, { 0, 0 } };

	syscall(SYS_rt_sigaction, signo, &k, NULL, 8);
}

static void segv(int signo)
{
	(void)signo;
	_exit(44);
}

static void programs(const char *pie)
{
	int status;

	ok(spawn(me, "fdpic") == 33 << 8, "posix_spawn() of an FDPIC program");
	ok(spawn(pie, "pie") == 33 << 8, "of a PIE: its handlers are addresses");
	ok(spawn(pie, "pie-then-fdpic") == 33 << 8, "of a PIE that executes an FDPIC program");
	exec_mode(me, "fdpic");
	status = spawn(me, "bad");
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "a handler that is no pointer: SIGSEGV");
	ok(spawn(me, "bad-but") == 44 << 8, "which its own handler may take");
	ok(spawn(me, "code") != 33 << 8, "an address of code is no handler");
}

/* --- Where things lie --- */

static const char constant[] = "in the text";
static int initialised = 1, zeroed;

static int mapping(uintptr_t addr, char flags[8], char name[256])
{
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512];
	unsigned long start, end;

	while (f && fgets(line, sizeof line, f)) {
		flags[0] = name[0] = 0;
		sscanf(line, "%lx-%lx %7s %*s %*s %*s %255s", &start, &end, flags, name);
		if (addr >= start && addr < end) {
			fclose(f);
			return 1;
		}
	}
	if (f)
		fclose(f);
	return 0;
}

static const uint32_t *descriptor(void (*f)(int))
{
	const uint32_t *p = (const uint32_t *)f;

	__asm__ ("" : "+r"(p));
	return p;
}

static void places(void)
{
	char flags[8], name[256], full[4096];
	const Elf32_Phdr *ph = (const Elf32_Phdr *)getauxval(AT_PHDR);
	unsigned loads = 0;

	realpath(me, full);
	ok(mapping(descriptor(plain)[0], flags, name) && !strcmp(flags, "r-xp") && !strcmp(name, full), "text: r-xp, with the file's name");
	ok(mapping((uintptr_t)constant, flags, name) && !strcmp(name, full), "constants are there, too");
	ok(mapping((uintptr_t)&initialised, flags, name) && !strcmp(flags, "rw-p") && !name[0], "data: rw-p");
	ok(mapping((uintptr_t)&zeroed, flags, name) && !strcmp(flags, "rw-p"), "bss: rw-p");
	ok(mapping((uintptr_t)&flags, flags, name) && !strcmp(name, "[stack]"), "the stack");
	ok(descriptor(plain)[1] == gp(), "a descriptor: entry and gp");
	for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++)
		loads += ph[i].p_type == PT_LOAD;
	ok(loads >= 2, "AT_PHDR");
	ok(mapping(getauxval(AT_ENTRY), flags, name) && !strcmp(flags, "r-xp"), "AT_ENTRY is an address of code");
	ok(sbrk(0) == sbrk(0) && sbrk(4096) == (void *)-1 && errno == ENOMEM, "the break cannot move");
}

/* --- ptrace --- */

static void traced(void)
{
	struct { uint16_t version, nsegs; } head;
	uint32_t map = 0, interp = 1, seg[3];
	int status;
	pid_t pid = vfork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execl(me, me, "fdpic", (char *)NULL);
		_exit(99);
	}
	ok(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status), "ptrace: a tracee stops at execve");
	ok(!syscall(SYS_ptrace, PTRACE_GETFDPIC_, pid, 0, &map) && map, "PTRACE_GETFDPIC: the executable's loadmap");
	ok(!syscall(SYS_ptrace, PTRACE_GETFDPIC_, pid, 1, &interp) && !interp, "no interpreter: 0");
	*(long *)&head = ptrace(PTRACE_PEEKDATA, pid, (void *)(uintptr_t)map, NULL);
	for (int i = 0; i < 3; i++)
		seg[i] = (uint32_t)ptrace(PTRACE_PEEKDATA, pid, (void *)(uintptr_t)(map + 4 + 4 * i), NULL);
	ok(head.version == 0 && head.nsegs >= 2 && seg[1] == 0 && seg[2] > 1000, "it can be read");
	ok((ptrace(PTRACE_PEEKTEXT, pid, (void *)(uintptr_t)seg[0], NULL) & 0xffffffff) == 0x464c457f, "and leads to the ELF header");
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status))
		ptrace(PTRACE_CONT, pid, NULL, (void *)(uintptr_t)WSTOPSIG(status));
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 33, "it goes on, its handler too");
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	me = argv[0];
	if (!strcmp(mode, "fdpic") || !strcmp(mode, "pie"))
		return child(!strcmp(mode, "fdpic"));
	if (!strcmp(mode, "pie-then-fdpic")) {
		execl(argv[2], argv[2], "fdpic", (char *)NULL);
		return 99;
	}
	if (!strncmp(mode, "bad", 3) || !strcmp(mode, "code")) {
		if (!strcmp(mode, "bad-but"))
			signal(SIGSEGV, segv);
		raw_handler(SIGUSR1, strcmp(mode, "code") ? 0x100 : descriptor(plain)[0]);
		raise(SIGUSR1);
		return 33;
	}
	handlers();
	interrupted();
	threads();
	programs(mode);
	places();
	traced();
	printf("1..%d\n", n);
	return failed;
}
