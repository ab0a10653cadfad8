/* SPDX-License-Identifier: MIT
 * Scheduling policies: what is accepted, refused and reported. (sched_effect has what comes of them.)
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "tap.h"

#define RESET_ON_FORK 0x40000000
#define NR_ioprio_set 30
#define NR_ioprio_get 31
#define NR_setscheduler 119
#define NR_getscheduler 120
#define NR_setparam 118
#define NR_getparam 121
#define NR_setaffinity 122
#define NR_getaffinity 123
#define NR_rr_get_interval 423
#define NR_setattr 274
#define NR_getattr 275
#define NR_setpriority 140
#define NR_getpriority 141

enum { OTHER, FIFO, RR, BATCH, IDLE = 5, DEADLINE };

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

static int set(int pid, int policy, int priority)
{
	return (int)syscall(NR_setscheduler, pid, policy, &priority);
}

static int policy(void)
{
	return (int)syscall(NR_getscheduler, 0);
}

static int priority(void)
{
	int p = -1;

	return syscall(NR_getparam, 0, &p) ? -1 : p;
}

static void policies(void)
{
	int p = 5;

	tap_is(policy(), OTHER, "the policy one begins with");
	tap_is(priority(), 0, "its priority");
	tap_errno(set(0, OTHER, 1), EINVAL, "SCHED_OTHER with a priority");
	tap_errno(set(0, FIFO, 0), EINVAL, "SCHED_FIFO without");
	tap_errno(set(0, FIFO, 100), EINVAL, "SCHED_FIFO with 100");
	tap_errno(set(0, RR, -1), EINVAL, "SCHED_RR with -1");
	tap_errno(set(0, 4, 0), EINVAL, "policy 4");
	tap_errno(set(0, 7, 0), EINVAL, "policy 7");
	tap_errno(set(0, -1, 0), EINVAL, "policy -1");
	tap_errno(set(0, DEADLINE, 0), EINVAL, "SCHED_DEADLINE by sched_setscheduler");
	tap_errno(set(-1, OTHER, 0), EINVAL, "pid -1");
	tap_errno(set(32000, OTHER, 0), ESRCH, "nobody's pid");
	tap_errno((int)syscall(NR_setscheduler, 0, OTHER, NULL), EINVAL, "no parameters");
	tap_errno((int)syscall(NR_getparam, 0, NULL), EINVAL, "no place for parameters");
	tap_errno((int)syscall(NR_getparam, 32000, &p), ESRCH, "parameters of nobody");
	tap_errno((int)syscall(NR_getscheduler, -1), EINVAL, "policy of -1");
	tap_errno((int)syscall(NR_getscheduler, 32000), ESRCH, "policy of nobody");
	for (int i = BATCH; i <= IDLE; i += 2) {
		tap_is(set(0, i, 0), 0, "policy %d", i);
		tap_is(policy(), i, "is reported");
	}
	tap_is(set(0, RR, 7), 0, "SCHED_RR 7");
	tap_is(policy(), RR, "is reported");
	tap_is(priority(), 7, "and the priority");
	tap_is((int)syscall(NR_setparam, 0, &p), 0, "sched_setparam 5");
	tap_is(priority(), 5, "is reported");
	tap_is(policy(), RR, "the policy is the same");
	tap_is(set(0, OTHER | RESET_ON_FORK, 0), 0, "SCHED_OTHER, reset on fork");
	tap_is(policy(), OTHER | RESET_ON_FORK, "is reported");
	p = 0;
	tap_is((int)syscall(NR_setparam, 0, &p), 0, "sched_setparam");
	tap_is(policy(), OTHER | RESET_ON_FORK, "keeps that");
	tap_is(set(0, OTHER, 0), 0, "SCHED_OTHER again");
	tap_is(policy(), OTHER, "without it");
}

static void limits(void)
{
	struct timespec ts = { 9, 9 };

	for (int i = -1; i < 8; i++)
		tap_diag("policy %d: %d to %d", i, sched_get_priority_min(i), sched_get_priority_max(i));
	tap_is(sched_get_priority_max(FIFO), 99, "highest priority of SCHED_FIFO");
	tap_is(sched_get_priority_min(RR), 1, "lowest of SCHED_RR");
	tap_is(sched_get_priority_max(DEADLINE), 0, "of SCHED_DEADLINE");
	tap_errno(sched_get_priority_max(4), EINVAL, "of policy 4");
	tap_is((int)syscall(NR_rr_get_interval, 0, &ts), 0, "interval of SCHED_OTHER");
	tap_ok(ts.tv_sec == 0 && ts.tv_nsec == 0, "%ld.%09ld", (long)ts.tv_sec, ts.tv_nsec);
	set(0, RR, 1);
	syscall(NR_rr_get_interval, 0, &ts);
	tap_ok(ts.tv_sec == 0 && ts.tv_nsec == 100000000, "of SCHED_RR: %ld.%09ld", (long)ts.tv_sec, ts.tv_nsec);
	set(0, FIFO, 1);
	syscall(NR_rr_get_interval, 0, &ts);
	tap_ok(ts.tv_sec == 0 && ts.tv_nsec == 0, "of SCHED_FIFO: %ld.%09ld", (long)ts.tv_sec, ts.tv_nsec);
	set(0, OTHER, 0);
	tap_errno((int)syscall(NR_rr_get_interval, -1, &ts), EINVAL, "of -1");
	tap_errno((int)syscall(NR_rr_get_interval, 32000, &ts), ESRCH, "of nobody");
}

static int setattr(struct attr *a)
{
	return (int)syscall(NR_setattr, 0, a, 0);
}

static struct attr getattr(void)
{
	struct attr a = { 0 };

	syscall(NR_getattr, 0, &a, sizeof a, 0);
	return a;
}

static void attributes(void)
{
	struct attr a = { .size = sizeof a, .policy = OTHER, .nice = 3 }, b;
	uint32_t big[24] = { sizeof big };

	b = getattr();
	tap_ok(b.size == 56 && b.policy == OTHER && b.flags == 0 && b.nice == 0 && b.priority == 0,
	       "attributes: size %u, policy %u, flags %u, nice %d, priority %u", b.size, b.policy, (unsigned)b.flags, b.nice,
	       b.priority);
	tap_ok(b.runtime == 700000, "a slice of %u us", (unsigned)(b.runtime / 1000));
	tap_is(setattr(&a), 0, "SCHED_OTHER with nice 3");
	tap_is(getattr().nice, 3, "is reported");
	tap_is((int)syscall(NR_getpriority, 0, 0), 17, "by getpriority as well");
	a.nice = 100;
	tap_is(setattr(&a), 0, "nice 100");
	tap_is(getattr().nice, 19, "is cut to 19");
	a.nice = 0;
	a.runtime = 5000000;
	tap_is(setattr(&a), 0, "a slice of 5 ms");
	tap_is((int)(getattr().runtime / 1000), 5000, "is reported");
	a.runtime = 1;
	tap_is(setattr(&a), 0, "of 1 ns");
	tap_is((int)(getattr().runtime / 1000), 100, "is cut to 100 us");
	a.runtime = 0;
	tap_is(setattr(&a), 0, "of no length");
	tap_is((int)(getattr().runtime / 1000), 700, "is the usual one");

	a = (struct attr){ .size = sizeof a, .policy = RR, .priority = 3, .flags = 1 };
	tap_is(setattr(&a), 0, "SCHED_RR, reset on fork");
	b = getattr();
	tap_ok(b.policy == RR && b.priority == 3 && b.flags == 1 && b.runtime == 0, "policy %u, priority %u, flags %u",
	       b.policy, b.priority, (unsigned)b.flags);
	a = (struct attr){ .size = sizeof a, .policy = OTHER, .priority = 9, .flags = 8 };
	tap_is(setattr(&a), 0, "priority 9 for the policy there is");
	b = getattr();
	tap_ok(b.policy == RR && b.priority == 9, "policy %u, priority %u", b.policy, b.priority);
	tap_diag("flags %u", (unsigned)b.flags);
	a = (struct attr){ .size = sizeof a, .policy = OTHER };
	tap_is(setattr(&a), 0, "SCHED_OTHER again");

	a.size = 47;
	tap_errno(setattr(&a), E2BIG, "a structure too small");
	tap_is((int)a.size, 56, "is told the size");
	a.size = 0;
	tap_is(setattr(&a), 0, "size 0 is the first version's");
	a.size = 4097;
	tap_errno(setattr(&a), E2BIG, "one too large");
	tap_is((int)syscall(NR_setattr, 0, big, 0), 0, "a newer one with zeros");
	big[0] = sizeof big;
	big[20] = 1;
	tap_errno((int)syscall(NR_setattr, 0, big, 0), E2BIG, "with something else");
	a = (struct attr){ .size = sizeof a, .flags = 0x80 };
	tap_errno(setattr(&a), EINVAL, "an unknown flag");
	a.flags = 0x20;
	tap_errno(setattr(&a), EOPNOTSUPP, "utilization");
	a.size = 48;
	tap_errno(setattr(&a), EINVAL, "in a structure without");
	a = (struct attr){ .size = sizeof a, .policy = 0x80000000u };
	tap_errno(setattr(&a), EINVAL, "a negative policy");
	a.policy = OTHER;
	tap_errno((int)syscall(NR_setattr, 0, &a, 1), EINVAL, "flags of the call");
	tap_errno((int)syscall(NR_setattr, 0, NULL, 0), EINVAL, "nothing");
	tap_errno((int)syscall(NR_setattr, -1, &a, 0), EINVAL, "for -1");
	tap_errno((int)syscall(NR_setattr, 32000, &a, 0), ESRCH, "for nobody");
	tap_errno((int)syscall(NR_getattr, 0, &b, 47, 0), EINVAL, "asked for with too little room");
	tap_errno((int)syscall(NR_getattr, 0, &b, 56, 1), EINVAL, "with flags");
	tap_errno((int)syscall(NR_getattr, 0, &b, 4097, 0), EINVAL, "with too much");
	tap_is((int)syscall(NR_getattr, 0, &b, 48, 0), 0, "with room for the first version");
	tap_is((int)b.size, 48, "which it gets");
}

static void deadlines(void)
{
	struct attr a = { .size = sizeof a, .policy = DEADLINE }, b;
	pthread_t t;

	a.runtime = 1000000;
	a.deadline = 5000000;
	a.period = 10000000;
	tap_is(setattr(&a), 0, "SCHED_DEADLINE, 1 ms of 10 within 5");
	b = getattr();
	tap_ok(b.policy == DEADLINE && b.runtime == 1000000 && b.deadline == 5000000 && b.period == 10000000 && !b.flags,
	       "is reported");
	tap_is(policy(), DEADLINE, "as policy, too");
	tap_is(pthread_create(&t, NULL, NULL, NULL), EAGAIN, "it has no children");
	a.period = 0;
	tap_is(setattr(&a), 0, "no period");
	tap_is((int)getattr().period, 5000000, "is the deadline");
	a.runtime = 4990000;
	tap_errno(setattr(&a), EBUSY, "nearly all of the processor");
	a.runtime = 1023;
	tap_errno(setattr(&a), EINVAL, "1023 ns");
	a.runtime = 6000000;
	tap_errno(setattr(&a), EINVAL, "more than the deadline");
	a.runtime = 1000000;
	a.period = 4000000;
	tap_errno(setattr(&a), EINVAL, "a period before the deadline");
	a.period = 5000000000ull;
	tap_errno(setattr(&a), EINVAL, "a period of 5 s");
	a.period = a.deadline = 50000;
	a.runtime = 10000;
	tap_errno(setattr(&a), EINVAL, "one of 50 us");
	a.deadline = 0;
	tap_errno(setattr(&a), EINVAL, "no deadline");
	a = (struct attr){ .size = sizeof a, .policy = DEADLINE, .runtime = 1000000, .deadline = 5000000, .flags = 1 };
	a.priority = 1;
	tap_errno(setattr(&a), EINVAL, "a priority");
	a.priority = 0;
	tap_is(setattr(&a), 0, "reset on fork");
	tap_is(set(0, OTHER, 0), 0, "SCHED_OTHER again");
}

static void affinity(void)
{
	uint32_t mask[4] = { 1, 0, 0, 0 };

	tap_is((int)syscall(NR_setaffinity, 0, 4, mask), 0, "on processor 0");
	mask[0] = 3;
	tap_is((int)syscall(NR_setaffinity, 0, 16, mask), 0, "on 0 and 1");
	mask[0] = 2;
	tap_errno((int)syscall(NR_setaffinity, 0, 4, mask), EINVAL, "on 1 alone");
	tap_errno((int)syscall(NR_setaffinity, 0, 0, mask), EINVAL, "on none");
	tap_errno((int)syscall(NR_setaffinity, 32000, 4, mask), ESRCH, "of nobody");
	tap_errno((int)syscall(NR_getaffinity, 0, 3, mask), EINVAL, "asked for with 3 bytes");
	tap_errno((int)syscall(NR_getaffinity, 0, 0, mask), EINVAL, "with none");
	tap_is((int)syscall(NR_getaffinity, 0, 16, mask), 4, "with 16");
	tap_is((int)mask[0], 1, "it is processor 0");
	tap_errno((int)syscall(NR_getaffinity, 32000, 4, mask), ESRCH, "of nobody");
}

static int io_set(int which, int who, int value)
{
	return (int)syscall(NR_ioprio_set, which, who, value);
}

static int io_get(int which, int who)
{
	return (int)syscall(NR_ioprio_get, which, who);
}

static void ioprio(void)
{
	tap_is(io_get(1, 0), 0, "no priority of input and output");
	tap_is(io_get(2, 0), 2 << 13 | 4, "what that comes to");
	tap_is(io_set(1, 0, 2 << 13 | 6), 0, "best effort, 6");
	tap_is(io_get(1, 0), 2 << 13 | 6, "is reported");
	tap_is(io_set(1, getpid(), 3 << 13), 0, "idle");
	tap_is(io_get(1, getpid()), 3 << 13, "is reported");
	tap_is(io_set(1, 0, 1 << 13 | 2), 0, "real-time, 2");
	tap_errno(io_set(1, 0, 4 << 13), EINVAL, "class 4");
	tap_errno(io_set(1, 0, 1), EINVAL, "no class, but a level");
	tap_errno(io_set(0, 0, 2 << 13), EINVAL, "of what");
	tap_errno(io_set(1, 32000, 2 << 13), ESRCH, "of nobody");
	tap_errno(io_get(4, 0), EINVAL, "asked for of what");
	tap_errno(io_get(1, 32000), ESRCH, "of nobody");
	tap_errno(io_get(3, 12345), ESRCH, "of nobody's user");
	tap_is(io_set(1, 0, 0), 0, "none again");
}

static void nice_values(void)
{
	tap_is((int)syscall(NR_setpriority, 0, 0, 4), 0, "nice 4");
	tap_is((int)syscall(NR_getpriority, 0, 0), 16, "is reported as 20 less it");
	tap_is((int)syscall(NR_setpriority, 0, 0, -30), 0, "nice -30");
	tap_is((int)syscall(NR_getpriority, 0, 0), 40, "is -20");
	tap_is((int)syscall(NR_setpriority, 0, 0, 0), 0, "nice 0");
	tap_errno((int)syscall(NR_setpriority, 3, 0, 0), EINVAL, "of what");
	tap_errno((int)syscall(NR_setpriority, 0, 32000, 0), ESRCH, "of nobody");
	tap_errno((int)syscall(NR_setpriority, 1, 32000, 0), ESRCH, "of no group");
	tap_errno((int)syscall(NR_getpriority, -1, 0), EINVAL, "asked for of what");
	tap_errno((int)syscall(NR_getpriority, 2, 4711), ESRCH, "of a user who runs nothing");
}

/* --- What one may do who is not root --- */

static void *unprivileged(void *arg)
{
	struct rlimit zero = { 0, 0 };
	int p = 3;

	(void)arg;
	setrlimit(RLIMIT_RTPRIO, &zero);
	/* Of this thread alone. */
	tap_is((int)syscall(NR_setpriority, 0, 0, 2), 0, "nice 2");
	tap_is((int)syscall(147 /* setresuid */, 1000, 1000, 1000), 0, "somebody else");
	tap_errno((int)syscall(NR_setpriority, 0, 0, 1), EACCES, "nicer to oneself");
	tap_is((int)syscall(NR_setpriority, 0, 0, 3), 0, "nicer to others");
	tap_errno((int)syscall(NR_setpriority, 0, 1, 5), EPERM, "of root's process");
	tap_errno(set(0, FIFO, 1), EPERM, "SCHED_FIFO");
	tap_errno(set(1, OTHER, 0), EPERM, "the policy of root's process");
	tap_is(set(0, BATCH, 0), 0, "SCHED_BATCH");
	tap_is(set(0, IDLE, 0), 0, "SCHED_IDLE");
	tap_errno(set(0, OTHER, 0), EPERM, "and back");
	tap_errno((int)syscall(NR_setparam, 0, &p), EINVAL, "a priority without the policy");
	tap_errno(io_set(1, 0, 1 << 13), EPERM, "real-time input and output");
	tap_errno(io_set(1, 1, 2 << 13), EPERM, "of root's process");
	tap_is(io_set(1, 0, 2 << 13 | 1), 0, "best effort");
	return NULL;
}

/* --- Inheritance --- */

static void *says_policy(void *arg)
{
	(void)arg;
	return (void *)(intptr_t)(policy() << 8 | priority() << 4 | (20 - (int)syscall(NR_getpriority, 0, 0)));
}

static void inheritance(void)
{
	struct attr a = { .size = sizeof a, .policy = RR, .priority = 5, .flags = 1 };
	void *got;
	pthread_t t;

	set(0, RR, 5);
	pthread_create(&t, NULL, says_policy, NULL);
	pthread_join(t, &got);
	tap_is((int)(intptr_t)got, RR << 8 | 5 << 4, "a thread has its creator's policy");
	setattr(&a);
	pthread_create(&t, NULL, says_policy, NULL);
	pthread_join(t, &got);
	tap_is((int)(intptr_t)got, 0, "but not if that says so");
	set(0, OTHER, 0);
	syscall(NR_setpriority, 0, 0, 6);
	pthread_create(&t, NULL, says_policy, NULL);
	pthread_join(t, &got);
	tap_is((int)(intptr_t)got, 6, "and its nice value");
	syscall(NR_setpriority, 0, 0, 0);
}

int main(void)
{
	pthread_t t;

	tap_plan(0);
	policies();
	limits();
	attributes();
	deadlines();
	affinity();
	ioprio();
	nice_values();
	inheritance();
	pthread_create(&t, NULL, unprivileged, NULL);
	pthread_join(t, NULL);
	return tap_done();
}
