/* SPDX-License-Identifier: MIT
 * ptrace: memory of the tracee, by words, by /proc/PID/mem, by process_vm_readv and process_vm_writev; breakpoints.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include "fdpic/code.h"
#include "tracer.h"

static volatile uint32_t number = 0x11223344;

__attribute__((noinline)) static int twice(int n)
{
	asm volatile("" ::: "memory");
	return 2 * n;
}

/* Says where things are, in registers, and calls a function over and over. */
static int role(void)
{
	static char page[8192] __attribute__((aligned(4096)));
	uint32_t *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int n = 1;

	memset(page, 0x5a, sizeof page);
	map[1023] = 0xaabbccdd;
	asm volatile("mv a0, %0; mv a1, %1; mv a2, %2; mv a3, %3; ebreak"
		     :: "r"(&number), "r"(map), "r"(page), "r"(code_of(twice)) : "a0", "a1", "a2", "a3", "memory");
	while (n < 100)
		n = twice(n);
	return number == 0x11223344 ? n : 7;
}

static void test_words(pid_t pid, const struct regs *r)
{
	uint32_t word = 0;

	tap_is(peek(pid, r->a0), 0x11223344, "a word");
	tap_is(peek(pid, r->a0 + 1) & 0xffffff, 0x112233, "at an odd address");
	tap_zero(trace(PTRACE_PEEKTEXT, pid, r->a0, (unsigned long)&word), "PEEKTEXT");
	tap_is(word, 0x11223344, "is the same");
	tap_zero(trace(PTRACE_POKEDATA, pid, r->a0, 0x55667788), "write");
	tap_is(peek(pid, r->a0), 0x55667788, "written");
	tap_zero(trace(PTRACE_POKETEXT, pid, r->a0 + 1, 0x01020304), "at an odd address");
	tap_is(peek(pid, r->a0), 0x02030488, "written");
	trace(PTRACE_POKEDATA, pid, r->a0, 0x11223344);
	tap_is(peek(pid, r->a1 + 4092), 0xaabbccdd, "the last word of a mapping");
	tap_errno(trace(PTRACE_PEEKDATA, pid, r->a1 + 4093, (unsigned long)&word), EIO, "one that leaves it");
	tap_errno(trace(PTRACE_PEEKDATA, pid, 4, (unsigned long)&word), EIO, "where nothing is");
	tap_errno(trace(PTRACE_PEEKDATA, pid, 0xfffffffe, (unsigned long)&word), EIO, "at the end of the world");
	tap_errno(trace(PTRACE_POKEDATA, pid, 4, 0), EIO, "write there");
	tap_errno(trace(PTRACE_POKEDATA, pid, r->a1 + 4094, 0), EIO, "or across the end");
	tap_is(peek(pid, r->a1 + 4092), 0xaabbccdd, "which changes nothing");
}

static void test_mem(pid_t pid, const struct regs *r)
{
	char path[32], buf[8192];
	uint32_t word = 0;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDWR);
	tap_ok(fd >= 0, "/proc/PID/mem");
	tap_is(pread(fd, &word, 4, (off_t)r->a0), 4, "read");
	tap_is(word, 0x11223344, "what is there");
	tap_is(pread(fd, buf, sizeof buf, (off_t)r->a2), sizeof buf, "two pages");
	tap_ok(buf[0] == 0x5a && buf[8191] == 0x5a, "all of them");
	word = 0x01010101;
	tap_is(pwrite(fd, &word, 4, (off_t)r->a0), 4, "write");
	tap_is(peek(pid, r->a0), 0x01010101, "written");
	word = 0x11223344;
	pwrite(fd, &word, 4, (off_t)r->a0);
	tap_errno(pread(fd, &word, 4, 4), EIO, "where nothing is");
	close(fd);
}

static ssize_t readv_of(pid_t pid, void *to, size_t len, uint32_t from, size_t remote_len)
{
	struct iovec here = { to, len }, there = { (void *)(uintptr_t)from, remote_len };

	return process_vm_readv(pid, &here, 1, &there, 1, 0);
}

static void test_process_vm(pid_t pid, const struct regs *r)
{
	struct iovec here[3], there[3];
	uint32_t word = 0, words[3] = { 0 };

	tap_is(readv_of(pid, &word, 4, r->a0, 4), 4, "process_vm_readv");
	tap_is(word, 0x11223344, "process_vm_readv: what is there");
	tap_is(readv_of(pid, &word, 4, r->a0, 2), 2, "process_vm_readv: less there");
	tap_is(readv_of(pid, &word, 2, r->a0, 4), 2, "process_vm_readv: less here");
	tap_is(readv_of(pid, words, 8, r->a1 + 4092, 8) >= 4, 1, "process_vm_readv: what there is, at the end");
	tap_is(words[0], 0xaabbccdd, "process_vm_readv: the last word");
	tap_errno(readv_of(pid, &word, 4, 4, 4), EFAULT, "process_vm_readv: where nothing is");
	tap_is(readv_of(pid, &word, 0, r->a0, 4), 0, "process_vm_readv: nothing here");
	tap_is(readv_of(pid, &word, 4, r->a0, 0), 0, "process_vm_readv: nothing there");
	tap_errno(readv_of(99999, &word, 4, r->a0, 4), ESRCH, "process_vm_readv: nobody");
	here[0] = (struct iovec){ &words[0], 4 };
	here[1] = (struct iovec){ &words[1], 0 };
	here[2] = (struct iovec){ &words[1], 8 };
	there[0] = (struct iovec){ (void *)(uintptr_t)r->a0, 2 };
	there[1] = (struct iovec){ (void *)(uintptr_t)(r->a0 + 2), 2 };
	there[2] = (struct iovec){ (void *)(uintptr_t)(r->a1 + 4092), 4 };
	words[2] = 9;
	tap_is(process_vm_readv(pid, here, 3, there, 3, 0), 8, "process_vm_readv: three pieces");
	tap_ok(words[0] == 0x11223344 && words[1] == 0xaabbccdd && words[2] == 9, "process_vm_readv: in their places");
	there[1] = (struct iovec){ (void *)4, 2 };
	tap_is(process_vm_readv(pid, here, 3, there, 3, 0), 2, "process_vm_readv: up to a bad piece");
	word = 0x22222222;
	here[0] = (struct iovec){ &word, 4 };
	there[0] = (struct iovec){ (void *)(uintptr_t)r->a0, 4 };
	tap_is(process_vm_writev(pid, here, 1, there, 1, 0), 4, "process_vm_writev");
	tap_is(peek(pid, r->a0), process_vm_readv(pid, here, 0, there, 0, 0) ? 0x11223344 : 0x22222222,
	       "process_vm_writev: written");
	trace(PTRACE_POKEDATA, pid, r->a0, 0x11223344);
	tap_errno(process_vm_readv(pid, here, 1, there, 1, 1), EINVAL, "process_vm_readv: flags");
	tap_errno(process_vm_readv(pid, here, 1025, there, 1, 0), EINVAL, "process_vm_readv: too many pieces");
	here[0].iov_len = 0x80000000u;
	tap_errno(process_vm_readv(pid, here, 1, there, 1, 0), EINVAL, "process_vm_readv: a negative length");
}

/* A breakpoint in a function that has run already: what was decoded is not what counts. */
static void test_breakpoint(pid_t pid, struct regs *r)
{
	uint32_t fn = r->a3, saved = peek(pid, fn);
	int hits = 0;

	r->pc += 2;
	set_regs(pid, r);
	for (int i = 0; i < 3; i++) {
		trace(PTRACE_POKETEXT, pid, fn, (saved & 0xffff0000) | 0x9002);
		if (go(PTRACE_CONT, pid, 0) != STOP(SIGTRAP))
			break;
		get_regs(pid, r);
		if (r->pc != fn || (int)r->a0 != 1 << i)
			break;
		hits++;
		/* Out of the way: the call is made by hand, back to the caller. */
		r->a0 *= 2;
		r->pc = r->ra;
		set_regs(pid, r);
	}
	tap_is(hits, 3, "a breakpoint is hit each time");
	trace(PTRACE_POKETEXT, pid, fn, saved);
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(128), "and gone when it is taken out");
}

int main(int argc, char **argv)
{
	struct regs r;
	pid_t pid;

	(void)argv;
	if (argc > 1)
		return role();
	tap_plan(0);
	pid = start_traced("memory", NULL);
	tap_is(go(PTRACE_CONT, pid, 0), STOP(SIGTRAP), "it is where it should be");
	get_regs(pid, &r);
	test_words(pid, &r);
	test_mem(pid, &r);
	test_process_vm(pid, &r);
	test_breakpoint(pid, &r);
	return tap_done();
}
