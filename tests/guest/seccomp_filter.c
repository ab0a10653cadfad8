/* SPDX-License-Identifier: MIT
 * seccomp: arguments, who may, which programs are accepted, what they compute, how many there can be.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include "tracer.h"

#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000u
#endif
#define LEN(a) (sizeof (a) / sizeof *(a))
#define DATA(field) ((uint32_t)offsetof(struct seccomp_data, field))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static long add(const struct sock_filter *f, size_t n, unsigned flags)
{
	struct sock_fprog p = { .len = (unsigned short)n, .filter = (struct sock_filter *)f };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p);
}

static void test_arguments(void)
{
	static const uint32_t known[] = {
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO, SECCOMP_RET_TRACE,
		SECCOMP_RET_LOG, SECCOMP_RET_ALLOW,
	};
	struct sock_filter allow[] = { ALLOW };
	uint32_t word = 0x12340000;
	unsigned n = 0;

	tap_is(prctl(PR_GET_SECCOMP), 0, "no mode at first");
	tap_ok(!strcmp(status_line(getpid(), "Seccomp:"), "0"), "/proc/self/status: Seccomp: 0");
	tap_ok(!strcmp(status_line(getpid(), "Seccomp_filters:"), "0"), "and no filters");
	tap_errno(syscall(SYS_seccomp, 99, 0, 0), EINVAL, "an operation that is not there");
	tap_errno(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, 0), EINVAL, "strict with flags");
	tap_errno(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, &word), EINVAL, "strict with an argument");
	tap_errno(prctl(PR_SET_SECCOMP, 0, 0), EINVAL, "PR_SET_SECCOMP: mode 0");
	tap_errno(prctl(PR_SET_SECCOMP, 3, 0), EINVAL, "mode 3");
	for (unsigned i = 0; i < LEN(known); i++)
		n += syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &known[i]) == 0;
	tap_is(n, LEN(known), "the actions that are available");
	tap_errno(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &word), EOPNOTSUPP, "one that is not");
	tap_errno(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 1, &word), EINVAL, "with flags");
	tap_efault(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, 4), "at a bad address");
	tap_errno(add(allow, 1, 0x1000), EINVAL, "a filter with flags that are not there");
	tap_errno(add(allow, 0, 0), EINVAL, "a filter of no instructions");
	tap_errno(add(allow, 4097, 0), EINVAL, "of too many");
	tap_efault(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, 4), "a filter at a bad address");
	tap_efault(add((const struct sock_filter *)8, 1, 0), "its instructions at one");
}

static void test_who(void)
{
	pid_t pid = start("nobody", NULL, 0);
	int status = wait_for(pid, 0);

	tap_is(status, EXITED(0), "without privileges: EACCES, unless no_new_privs is set");
}

/* exit code: what went wrong */
static int nobody(void)
{
	struct sock_filter allow[] = { ALLOW };

	if (setresuid(1000, 1000, 1000))
		return 1;
	if (add(allow, 0, 0) != -1 || errno != EINVAL)
		return 2;
	if (add(allow, 1, 0) != -1 || errno != EACCES)
		return 3;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || add(allow, 1, 0))
		return 4;
	return 0;
}

#define REFUSED(name, ...) do {								\
	static const struct sock_filter f_[] = { __VA_ARGS__ };				\
	tap_errno(add(f_, LEN(f_), 0), EINVAL, "refused: %s", name);			\
} while (0)

static void test_refused(void)
{
	REFUSED("no return at the end", BPF_STMT(BPF_LD | BPF_IMM, 1));
	REFUSED("an instruction that is not there", BPF_STMT(0xffff, 0), ALLOW);
	REFUSED("return X", BPF_STMT(BPF_RET | BPF_X, 0));
	REFUSED("a load of a byte", BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), ALLOW);
	REFUSED("a load of a half", BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), ALLOW);
	REFUSED("a load by X", BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), ALLOW);
	REFUSED("data that is not aligned", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), ALLOW);
	REFUSED("data behind the end", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), ALLOW);
	REFUSED("data far behind", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0xfffff000), ALLOW);
	REFUSED("the length of a header", BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), ALLOW);
	REFUSED("memory that is not there", BPF_STMT(BPF_ST, 16), ALLOW);
	REFUSED("memory that was not set", BPF_STMT(BPF_LD | BPF_MEM, 0), ALLOW);
	REFUSED("memory that was set on one way only", BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), BPF_STMT(BPF_ST, 3),
		BPF_STMT(BPF_LDX | BPF_MEM, 3), ALLOW);
	REFUSED("a division by 0", BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), ALLOW);
	REFUSED("a remainder", BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), ALLOW);
	REFUSED("a shift by 32", BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), ALLOW);
	REFUSED("a jump behind the end", BPF_STMT(BPF_JMP | BPF_JA, 1), ALLOW);
	REFUSED("a jump backwards", ALLOW, BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)-2), ALLOW);
	REFUSED("a condition that leads out", BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), ALLOW);
	REFUSED("or if it does not hold", BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), ALLOW);
	tap_is(prctl(PR_GET_SECCOMP), 0, "nothing of this was taken");
}

/*
 * getpgid(first, id) is answered by the filter that was added for that id: the errno is what A comes to, from the first argument on.
 */
static int next_id = 1000;

static long compute(const struct sock_filter *body, size_t n, uint32_t first)
{
	struct sock_filter f[32] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)next_id, 1, 0),
		ALLOW,
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[0])),
	};
	static const struct sock_filter end[] = {
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xfff),
		BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	long r;

	memcpy(f + 6, body, n * sizeof *f);
	memcpy(f + 6 + n, end, sizeof end);
	if (add(f, 6 + n + LEN(end), 0))
		return -1;
	errno = 0;
	r = syscall(SYS_getpgid, first, next_id++);
	return r == -1 ? errno : r;
}

#define COMPUTES(first, want, name, ...) do {						\
	static const struct sock_filter f_[] = { __VA_ARGS__ };				\
	tap_is(compute(f_, LEN(f_), first), want, "computed: %s", name);		\
} while (0)

static void test_computed(void)
{
	COMPUTES(40, 42, "add", BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 2));
	COMPUTES(1, 0xfff & -2, "subtract X", BPF_STMT(BPF_LDX | BPF_IMM, 3), BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0));
	COMPUTES(6, 42, "multiply", BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 7));
	COMPUTES(0xfffffff0u, 0xfff & (0xfffffff0u / 3), "divide, without a sign", BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 3));
	COMPUTES(0xf0, 0x3c, "exclusive or", BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 0xcc));
	COMPUTES(0x80000001u, 0xc00 & 0xfff, "shifts", BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 30),
		 BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 1), BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 10));
	COMPUTES(7, 0xfff & -7, "negate", BPF_STMT(BPF_ALU | BPF_NEG, 0));
	COMPUTES(9, 64, "the length of the data", BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0));
	COMPUTES(9, 18, "memory and X", BPF_STMT(BPF_ST, 5), BPF_STMT(BPF_LDX | BPF_MEM, 5), BPF_STMT(BPF_MISC | BPF_TXA, 0),
		 BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0));
	COMPUTES(5, 1, "a condition that holds", BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 5, 0, 1), BPF_STMT(BPF_LD | BPF_IMM, 1));
	COMPUTES(5, 5, "one that does not", BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 5, 0, 1), BPF_STMT(BPF_LD | BPF_IMM, 1));
	COMPUTES(5, 1, "bits that are set", BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 4, 0, 1), BPF_STMT(BPF_LD | BPF_IMM, 1));
	COMPUTES(5, 5, "a jump over one", BPF_STMT(BPF_JMP | BPF_JA, 1), BPF_STMT(BPF_LD | BPF_IMM, 1),
		 BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 0));
	COMPUTES(5, 0xf3, "the architecture", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(arch)));
	COMPUTES(5, 0x400, "all of it", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(arch)), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 20));
	COMPUTES(0xffffffffu, 0, "the upper half of an argument", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[0]) + 4));
	COMPUTES(0, 0, "an errno of 0 is no error", BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 0));
}

/* The least of all answers counts; of equal ones that of the newest. */
static void test_several(void)
{
#define ANSWER(number, answer) { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(nr)),			\
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, answer), ALLOW }
	static const struct sock_filter two[] = ANSWER(SYS_getsid, SECCOMP_RET_ERRNO | 2), log[] = ANSWER(SYS_getsid, SECCOMP_RET_LOG),
		three[] = ANSWER(SYS_getsid, SECCOMP_RET_ERRNO | 3), many[] = ANSWER(SYS_getsid, SECCOMP_RET_ERRNO | 5000),
		notify[] = ANSWER(SYS_getpriority, 0x7fc00000), traced[] = ANSWER(SYS_personality, SECCOMP_RET_TRACE),
		zero[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sched_yield, 0, 2),
			   BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_ERRNO | 9), BPF_STMT(BPF_RET | BPF_A, 0), ALLOW };

	add(log, LEN(log), 0);
	tap_is(syscall(SYS_getsid, 0), getsid(0), "a call that is only logged");
	add(two, LEN(two), 0);
	add(three, LEN(three), SECCOMP_FILTER_FLAG_LOG);
	tap_errno(syscall(SYS_getsid, 0), 3, "the newer of two that refuse");
	add(many, LEN(many), 0);
	tap_errno(syscall(SYS_getsid, 0), 4095, "no errno is larger than 4095");
	add(notify, LEN(notify), 0);
	tap_errno(syscall(SYS_getpriority, 0, 0), ENOSYS, "nobody listens");
	add(traced, LEN(traced), 0);
	tap_errno(syscall(SYS_personality, -1), ENOSYS, "nobody traces");
	add(zero, LEN(zero), 0);
	tap_errno(syscall(SYS_sched_yield), 9, "an answer in A");
}

static void test_many(void)
{
	static struct sock_filter f[4096];
	struct sock_filter allow[] = { ALLOW };
	char want[16];
	int n = atoi(status_line(getpid(), "Seccomp_filters:")), more = 0;

	tap_is(prctl(PR_GET_SECCOMP), 2, "a mode");
	tap_ok(!strcmp(status_line(getpid(), "Seccomp:"), "2"), "/proc/self/status: Seccomp: 2");
	tap_ok(n > 20, "and filters: all that were added");
	tap_errno(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, 0), EINVAL, "from filters to strict there is no way");
	tap_errno(prctl(PR_SET_SECCOMP, 1), EINVAL, "nor by prctl()");
	for (unsigned i = 0; i < LEN(f); i++)
		f[i] = allow[0];
	while (more < 100 && add(f, LEN(f), 0) == 0)
		more++;
	tap_is(errno, ENOMEM, "too many instructions");
	tap_is(more, 7, "how many of the longest go");
	tap_zero(add(allow, 1, SECCOMP_FILTER_FLAG_SPEC_ALLOW), "a small one still does");
	snprintf(want, sizeof want, "%d", n + more + 1);
	tap_ok(!strcmp(status_line(getpid(), "Seccomp_filters:"), want), "that many filters");
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return nobody();
	(void)argv;
	tap_plan(0);
	test_arguments();
	test_who();
	test_refused();
	test_computed();
	test_several();
	test_many();
	return tap_done();
}
