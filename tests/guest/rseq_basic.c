/* SPDX-License-Identifier: MIT
 * rseq: registrations, the numbers, sequences that are interrupted by other tasks and by signals.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/time.h>
#include "tracer.h"

#ifndef SYS_rseq
#define SYS_rseq 293
#endif
#define SIGNATURE 0xf1401073u

struct area {
	uint32_t cpu_id_start, cpu_id;
	uint64_t cs;
	uint32_t flags, node_id, mm_cid, pad;
} __attribute__((aligned(32)));

static struct area area, other;

static long reg(void *at, unsigned len, int flags, unsigned signature)
{
	return syscall(SYS_rseq, at, len, flags, signature);
}

static void test_registration(void)
{
	tap_errno(reg(&area, 31, 0, SIGNATURE), EINVAL, "too short");
	tap_errno(reg((char *)&area + 8, 32, 0, SIGNATURE), EINVAL, "not aligned");
	tap_errno(reg(&area, 32, 2, SIGNATURE), EINVAL, "flags that are not there");
	tap_errno(reg(&area, 32, 1, SIGNATURE), EINVAL, "none to be given up");
	area.cpu_id_start = area.cpu_id = area.node_id = area.mm_cid = 77;
	tap_zero(reg(&area, 32, 0, SIGNATURE), "registered");
	tap_is(area.cpu_id_start, 0, "cpu_id_start");
	tap_is(area.cpu_id, 0, "cpu_id");
	tap_is(area.node_id, 0, "node_id");
	tap_is(area.mm_cid, 0, "mm_cid");
	tap_errno(reg(&area, 32, 0, SIGNATURE), EBUSY, "once more");
	tap_errno(reg(&area, 32, 0, 1), EPERM, "with another signature");
	tap_errno(reg(&other, 32, 0, SIGNATURE), EINVAL, "another one");
	tap_errno(reg(&other, 32, 1, SIGNATURE), EINVAL, "another one given up");
	tap_errno(reg(&area, 64, 1, SIGNATURE), EINVAL, "of another length");
	tap_errno(reg(&area, 32, 1, 1), EPERM, "with another signature");
	tap_errno(reg(&area, 32, 3, SIGNATURE), EINVAL, "with flags");
	tap_zero(reg(&area, 32, 1, SIGNATURE), "given up");
	tap_is((int)area.cpu_id, -1, "cpu_id is none's");
	tap_zero(reg(&area, 32, 0, SIGNATURE), "and registered again");
}

/*
 * A sequence that goes on until somebody interrupts it, or for `rounds` rounds: 1 if it was begun again elsewhere, 0 if it came to its
 * end.  The signature stands before the place it is left to.
 */
static int sequence(struct area *rs, uint32_t rounds)
{
	int aborted;

	__asm__ volatile(
		"	.pushsection .data.rseq_cs, \"aw\"\n"
		"	.balign 32\n"
		"9:	.word 0, 0, 1f, 0, 2f - 1f, 0, 4f, 0\n"
		"	.popsection\n"
		"	la	t0, 9b\n"
		"	sw	zero, 12(%[rs])\n"
		"	sw	t0, 8(%[rs])\n"
		"1:	beqz	%[rounds], 2f\n"
		"	addi	%[rounds], %[rounds], -1\n"
		"	j	1b\n"
		"2:	li	%[aborted], 0\n"
		"	j	5f\n"
		"	.balign 4\n"
		"	.word 0xf1401073\n"
		"4:	li	%[aborted], 1\n"
		"5:\n"
		: [aborted] "=&r" (aborted), [rounds] "+r" (rounds) : [rs] "r" (rs) : "t0", "memory");
	return aborted;
}

static volatile int handled;
static volatile uint64_t cs_in_handler;

static void handler(int signo)
{
	(void)signo;
	cs_in_handler = area.cs;
	handled++;
}

static volatile int stop;

static void *runs(void *arg)
{
	(void)arg;
	while (!stop)
		;
	return NULL;
}

static void test_sequences(void)
{
	struct itimerval soon = { .it_value.tv_usec = 20000, .it_interval.tv_usec = 20000 }, none = { 0 };
	struct sigaction sa = { .sa_handler = handler };
	pthread_t thread;
	int aborted = 0;

	tap_is(sequence(&area, 10), 0, "a short one comes to its end");
	area.cs = 0;
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	/* On a busy machine somebody else may have his turn first, or the timer its end outside of the sequence. */
	for (int i = 0, before; i < 100 && !aborted; i++) {
		before = handled;
		aborted = sequence(&area, 0xffffffff) && handled > before;
	}
	tap_is(aborted, 1, "a signal handler: begun again after it");
	setitimer(ITIMER_REAL, &none, NULL);
	aborted = 0;
	tap_ok(cs_in_handler == 0, "which found itself in no sequence");
	pthread_create(&thread, NULL, runs, NULL);
	for (int i = 0; i < 100 && !aborted; i++)
		aborted = sequence(&area, 50000000);
	stop = 1;
	pthread_join(thread, NULL);
	tap_is(aborted, 1, "another thread had its turn: begun again");
	tap_ok(area.cs == 0, "in no sequence then");
}

/* exit code, or how it ended */
static int role(char **argv)
{
	static struct { uint32_t version, flags, start[2], len[2], abort[2]; } cs __attribute__((aligned(32)));
	struct timespec moment = { .tv_nsec = 1000000 };

	if (!strcmp(argv[1], "executed"))	/* a new program has none */
		return reg(&area, 32, 0, SIGNATURE) ? errno : 0;
	if (reg(&area, 32, 0, SIGNATURE))
		return 90;
	if (!strcmp(argv[1], "exec")) {
		char *args[] = { (char *)"again", (char *)"executed", NULL }, *envp[] = { NULL };

		execve("/proc/self/exe", args, envp);
		return 91;
	}
	cs.start[0] = (uint32_t)(uintptr_t)&handled;
	cs.len[0] = 4;
	cs.abort[0] = (uint32_t)(uintptr_t)&stop;	/* no signature before it */
	if (!strcmp(argv[1], "version"))
		cs.version = 1;
	area.cs = (uint32_t)(uintptr_t)&cs;
	nanosleep(&moment, NULL);
	return 92;
}

static void *in_thread(void *arg)
{
	static struct area mine;

	(void)arg;
	return (void *)(reg(&mine, 32, 0, SIGNATURE) ? errno : 0);
}

static void test_others(void)
{
	pthread_t thread;
	void *result;

	tap_is(wait_for(start("exec", NULL, 0), 0), EXITED(0), "execve() gives a registration up");
	tap_is(wait_for(start("signature", NULL, 0), 0) & 0x7f, SIGSEGV, "a sequence without the signature: SIGSEGV");
	tap_is(wait_for(start("version", NULL, 0), 0) & 0x7f, SIGSEGV, "one of another version: SIGSEGV");
	pthread_create(&thread, NULL, in_thread, NULL);
	pthread_join(thread, &result);
	tap_is((long)result, 0, "a new thread has none, and may have its own");
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return role(argv);
	tap_plan(0);
	test_registration();
	test_sequences();
	test_others();
	return tap_done();
}
