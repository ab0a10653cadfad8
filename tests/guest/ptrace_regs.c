/* SPDX-License-Identifier: MIT
 * ptrace: register sets, loadmaps.
 */
#include "tracer.h"

#include <sys/auxv.h>

struct fp_regs { uint64_t f[32]; uint32_t fcsr, pad; };

/* Calls exit_group with what its tracer has put into the registers. */
static int role(void)
{
	asm volatile(
		"li	a0, 11\n"
		"li	s1, 0x1234\n"
		"li	s11, 0x5678\n"
		"li	t0, 0x40000000\n"
		"fmv.w.x fs0, t0\n"
		"csrwi	fcsr, 3\n"
		"ebreak\n"
		"fmv.x.w t0, fs0\n"
		"li	a7, 94\n"
		"ecall\n" ::: "a0", "a7", "s1", "s11", "t0", "fs0", "memory");
	return 98;
}

int main(int argc, char **argv)
{
	struct regs r, r2;
	struct fp_regs f;
	uint32_t words[100];
	struct iovec iov = { &r, sizeof r };
	uint32_t map[2] = { 1, 1 };
	pid_t pid;

	(void)argv;
	if (argc > 1)
		return role();
	int interpreter = getauxval(AT_BASE) != 0;	/* the other process is of this program too */

	tap_plan(0);
	pid = start_traced("regs", NULL);
	memset(&r, 0xff, sizeof r);
	tap_zero(trace(PTRACE_GETREGSET, pid, NT_PRSTATUS, (unsigned long)&iov), "general registers");
	tap_is(iov.iov_len, 128, "of 128 bytes");
	tap_is(r.a0, 0, "a0 at the beginning");
	tap_is(r.a2 != 0, interpreter, interpreter ? "an interpreter" : "no interpreter");
	tap_is(r.sp % 16, 0, "sp is aligned");
	tap_ok(peek(pid, r.sp) == 2, "argc is where sp points");

	/* PTRACE_GETFDPIC */
	tap_zero(trace(PTRACE_GETFDPIC_, pid, 0, (unsigned long)&map[0]), "GETFDPIC exec");
	tap_ok(map[0] == r.a1, "is what the program got in a1");
	tap_ok(peek(pid, map[0]) >> 16 >= 1, "a loadmap with segments");
	tap_zero(trace(PTRACE_GETFDPIC_, pid, 1, (unsigned long)&map[1]), "GETFDPIC interp");
	tap_ok(map[1] == r.a2, interpreter ? "what the program got in a2" : "there is none");
	map[1] = 5;
	tap_zero(trace(PTRACE_GETFDPIC_, pid, 2, (unsigned long)&map[1]), "GETFDPIC 2");
	tap_is(map[1], 0, "is nothing");

	tap_is(go(PTRACE_CONT, pid, 0), STOP(SIGTRAP), "it runs into ebreak");
	get_regs(pid, &r);
	tap_is(peek(pid, r.pc) & 0xffff, 0x9002, "pc is at c.ebreak");
	tap_ok(r.a0 == 11 && r.s1 == 0x1234 && r.s11 == 0x5678, "registers are as the program left them");
	iov = (struct iovec){ &f, sizeof f };
	memset(&f, 0xff, sizeof f);
	tap_zero(trace(PTRACE_GETREGSET, pid, NT_PRFPREG, (unsigned long)&iov), "floating-point registers");
	tap_is(iov.iov_len, 264, "of 264 bytes");
	tap_ok(f.f[8] == 0xffffffff40000000u, "fs0 is 2.0, boxed");
	tap_is(f.fcsr, 3, "fcsr");

	/* Sizes */
	iov = (struct iovec){ words, sizeof words };
	tap_zero(trace(PTRACE_GETREGSET, pid, NT_PRSTATUS, (unsigned long)&iov), "room for more");
	tap_is(iov.iov_len, 128, "is cut");
	iov = (struct iovec){ words, 8 };
	memset(words, 0xff, sizeof words);
	tap_zero(trace(PTRACE_GETREGSET, pid, NT_PRSTATUS, (unsigned long)&iov), "room for two");
	tap_is(iov.iov_len, 8, "two");
	tap_ok(words[0] == r.pc && words[1] == r.ra && words[2] == 0xffffffff, "pc and ra, no more");
	iov = (struct iovec){ words, 6 };
	tap_errno(trace(PTRACE_GETREGSET, pid, NT_PRSTATUS, (unsigned long)&iov), EINVAL, "one and a half");
	iov = (struct iovec){ words, 12 };
	tap_errno(trace(PTRACE_GETREGSET, pid, NT_PRFPREG, (unsigned long)&iov), EINVAL, "of 8 bytes each");
	iov = (struct iovec){ words, 0 };
	tap_zero(trace(PTRACE_GETREGSET, pid, NT_PRSTATUS, (unsigned long)&iov), "none");
	iov = (struct iovec){ words, 128 };
	tap_errno(trace(PTRACE_GETREGSET, pid, 0, (unsigned long)&iov), EINVAL, "no set 0");
	tap_errno(trace(PTRACE_GETREGSET, pid, 3, (unsigned long)&iov), EINVAL, "no set 3");
	tap_errno(trace(PTRACE_SETREGSET, pid, 0x900, (unsigned long)&iov), EINVAL, "no set of CSRs");

	/* Setting */
	iov = (struct iovec){ &f, sizeof f };
	f.f[8] = 0xffffffff00000021u;
	f.fcsr = 0x20;
	tap_zero(trace(PTRACE_SETREGSET, pid, NT_PRFPREG, (unsigned long)&iov), "set floating-point registers");
	memset(&f, 0, sizeof f);
	trace(PTRACE_GETREGSET, pid, NT_PRFPREG, (unsigned long)&iov);
	tap_ok(f.f[8] == 0xffffffff00000021u && f.fcsr == 0x20, "they are set");
	r2 = r;
	r2.pc += 2;
	r2.a0 = 42;
	tap_zero(set_regs(pid, &r2), "set pc and a0");
	get_regs(pid, &r);
	tap_ok(!memcmp(&r, &r2, sizeof r), "they are set");
	words[0] = r.pc;
	iov = (struct iovec){ words, 4 };
	tap_zero(trace(PTRACE_SETREGSET, pid, NT_PRSTATUS, (unsigned long)&iov), "set pc alone");
	tap_is(go(PTRACE_SYSCALL, pid, 0), STOP(SIGTRAP), "it goes on with them");
	get_regs(pid, &r);
	tap_is(r.t0, 0x21, "to a call: fs0 as set");
	tap_is(r.a7, 94, "a7 is its number");
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(42), "its argument is a0 as set");
	return tap_done();
}
