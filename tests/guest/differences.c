/* SPDX-License-Identifier: MIT
 *
 * Where flat32 differs from the real kernel on purpose: each line is ok here and not ok there, one for each row of
 * docs/differences.md that no other test shows.  tests/conformance/expected.txt lists them.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include "tap.h"

/* --- The registers at entry: rules.mk makes this the entry point, before the C library's. --- */

uint32_t at_entry[32] __attribute__((used));

__attribute__((naked, used)) void keep_registers(void)
{
	__asm__ volatile(
		".option push\n.option norelax\n"
		"	lla	t6, at_entry\n"
		"	sw	x1, 4(t6)\n	sw	x3, 12(t6)\n	sw	x4, 16(t6)\n	sw	x5, 20(t6)\n"
		"	sw	x6, 24(t6)\n	sw	x7, 28(t6)\n	sw	x8, 32(t6)\n	sw	x9, 36(t6)\n"
		"	sw	x10, 40(t6)\n	sw	x14, 56(t6)\n	sw	x15, 60(t6)\n	sw	x16, 64(t6)\n"
		"	sw	x17, 68(t6)\n	sw	x18, 72(t6)\n	sw	x19, 76(t6)\n	sw	x20, 80(t6)\n"
		"	sw	x21, 84(t6)\n	sw	x22, 88(t6)\n	sw	x23, 92(t6)\n	sw	x24, 96(t6)\n"
		"	sw	x25, 100(t6)\n	sw	x26, 104(t6)\n	sw	x27, 108(t6)\n	sw	x28, 112(t6)\n"
		"	sw	x29, 116(t6)\n	sw	x30, 120(t6)\n"
		"	tail	_start\n"
		".option pop\n");
}

static void entry(void)
{
	uint32_t any = 0;

	for (int i = 0; i < 31; i++)
		any |= at_entry[i];
	tap_is(any, 0, "registers without a meaning are 0 at entry");
	tap_ok(getauxval(AT_RANDOM) != 0, "AT_RANDOM");
}

/* --- Instructions --- */

static sigjmp_buf out;

static void escape(int sig)
{
	siglongjmp(out, sig);
}

static void counters(void)
{
	struct sigaction sa = { .sa_handler = escape };
	uint32_t x;

	sigaction(SIGILL, &sa, NULL);
	if (!sigsetjmp(out, 1)) {
		__asm__ volatile("rdtime %0" : "=r"(x));
		tap_ok(1, "rdtime in user mode");
	} else {
		tap_ok(0, "rdtime in user mode");
	}
	if (!sigsetjmp(out, 1)) {
		__asm__ volatile("rdcycle %0\nrdinstret %0" : "=r"(x));
		tap_ok(1, "rdcycle and rdinstret in user mode");
	} else {
		tap_ok(0, "rdcycle and rdinstret in user mode");
	}
}

/* --- Processes --- */

/* A child of its own stack that only ends; so this is safe even where fork is let through. */
static void forking(void)
{
	static uint32_t stack[1024] __attribute__((aligned(16)));
	register long a7 __asm__("a7") = SYS_clone;
	register long a0 __asm__("a0") = SIGCHLD;
	register long a1 __asm__("a1") = (long)(stack + 1024);
	register long a2 __asm__("a2") = 0;
	register long a3 __asm__("a3") = 0;
	register long a4 __asm__("a4") = 0;

	__asm__ volatile("ecall\n"
			 "	bnez	a0, 1f\n"
			 "	li	a7, 93\n"
			 "	ecall\n"
			 "1:"
			 : "+r"(a0), "+r"(a7) : "r"(a1), "r"(a2), "r"(a3), "r"(a4) : "memory");
	long r = a0;

	tap_is(r, -ENOSYS, "fork without sharing memory is refused");
	if (r > 0)
		waitpid((pid_t)r, NULL, 0);
}

/* Runs a copy of this program with its headers changed; the errno of execve, or minus the signal it died from. */
static int try_exec(void (*change)(Elf32_Ehdr *, Elf32_Phdr *))
{
	static char image[1 << 20];
	char *argv[] = { (char *)"changed", (char *)"exit", NULL };
	volatile int error = 0;
	int status, fd = open("/proc/self/exe", O_RDONLY);
	ssize_t n = read(fd, image, sizeof image);

	close(fd);
	change((Elf32_Ehdr *)image, (Elf32_Phdr *)(image + ((Elf32_Ehdr *)image)->e_phoff));
	unlink("changed");
	fd = open("changed", O_WRONLY | O_CREAT, 0755);
	if (write(fd, image, (size_t)n) != n)
		tap_bail("cannot write the program");
	close(fd);
	pid_t pid = vfork();

	if (!pid) {
		execv("changed", argv);
		error = errno;
		_exit(127);
	}
	waitpid(pid, &status, 0);
	unlink("changed");
	return WIFSIGNALED(status) ? -WTERMSIG(status) : error;
}

static void nothing(Elf32_Ehdr *e, Elf32_Phdr *p)
{
	(void)e, (void)p;
}

static void no_segments(Elf32_Ehdr *e, Elf32_Phdr *p)
{
	for (int i = 0; i < e->e_phnum; i++)
		if (p[i].p_type == PT_LOAD)
			p[i].p_type = PT_NULL;
}

static void huge(Elf32_Ehdr *e, Elf32_Phdr *p)
{
	Elf32_Phdr *last = NULL;

	for (int i = 0; i < e->e_phnum; i++)
		if (p[i].p_type == PT_LOAD)
			last = &p[i];
	last->p_memsz = 128 << 20;
}

static void huge_stack(Elf32_Ehdr *e, Elf32_Phdr *p)
{
	for (int i = 0; i < e->e_phnum; i++)
		if (p[i].p_type == PT_GNU_STACK)
			p[i].p_memsz = 128 << 20;
}

static void programs(void)
{
	tap_is(try_exec(nothing), 0, "the unchanged program runs");
	tap_is(try_exec(no_segments), ENOEXEC, "a program without PT_LOAD: ENOEXEC");
	tap_is(try_exec(huge), ENOMEM, "a program that does not fit into memory: ENOMEM");
	tap_is(try_exec(huge_stack), ENOMEM, "a stack that does not: ENOMEM");
}

/* --- Memory --- */

static void memory(void)
{
	struct sysinfo si;
	void *p;
	int fd;

	p = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	tap_ok(p != MAP_FAILED, "a mapping of 8 MiB");
	if (p != MAP_FAILED)
		munmap(p, 8 << 20);
	sysinfo(&si);
	tap_is((unsigned long long)si.totalram * si.mem_unit % (1 << 20), 0, "all of RAM is the guest's");

	fd = memfd_create("m", 0);
	tap_ok(fd >= 0 && !ftruncate(fd, 10000), "memfd_create");
	p = mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	tap_ok(p != MAP_FAILED, "and it can be mapped");
	if (p != MAP_FAILED)
		munmap(p, 10000);
	close(fd);
	fd = open("grown", O_RDWR | O_CREAT | O_TRUNC, 0600);
	tap_zero(ftruncate(fd, 8 << 20), "a file of 8 MiB by ftruncate");
	close(fd);
	unlink("grown");
}

/* --- Files and time --- */

static void files(void)
{
	struct timeval now = { 0, 0 };
	struct timespec ms = { 0, 1000000 };
	struct stat st;
	fd_set in;
	int fd, same = 0;
	long long last = -1, t;

	FD_ZERO(&in);
	FD_SET(200, &in);
	tap_errno(select(201, &in, NULL, NULL, &now), EBADF, "select: a number beyond the table of open files");
	fd = open("t", O_RDWR | O_CREAT, 0600);
	for (int i = 0; i < 10; i++) {
		if (write(fd, "x", 1) != 1 || fstat(fd, &st))
			tap_bail("cannot write");
		t = st.st_mtim.tv_sec * 1000000000ll + st.st_mtim.tv_nsec;
		same += t == last;
		last = t;
		nanosleep(&ms, NULL);
	}
	tap_is(same, 0, "writes at different times have different times");
	close(fd);
	unlink("t");
}

int main(int argc, char **argv)
{
	const char *dir = getenv("TMPDIR");

	if (argc > 1 && !strcmp(argv[1], "exit"))
		return 0;
	if (!tap_own_machine()) {
		tap_plan(1);
		tap_skip(1, "about machines without an MMU");
		return tap_done();
	}
	if (chdir(dir ? dir : "/tmp"))
		tap_bail("cannot go to %s", dir);
	tap_plan(0);
	entry();
	counters();
	forking();
	programs();
	memory();
	files();
	return tap_done();
}
