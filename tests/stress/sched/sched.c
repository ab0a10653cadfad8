/* SPDX-License-Identifier: MIT
 * The scheduler asked to do something else: policies, niceness, processors; sched_yield(); threads that come and go.
 */
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include "../stress.h"

/* By system call: musl's functions answer ENOSYS on purpose. */
static int set_policy(int policy, int priority)
{
	struct sched_param p = { .sched_priority = priority };

	return syscall(SYS_sched_setscheduler, 0, policy, &p);
}

/* A policy that was set is the one that is told.  Who may not have it is refused. */
static void policy(struct worker *w, int policy, int priority)
{
	struct sched_param p = { .sched_priority = -1 };
	int now;

	if (set_policy(policy, priority)) {
		if (errno != EPERM)
			stress_fail(w, "policy %d: %s", policy, strerror(errno));
		return;
	}
	now = syscall(SYS_sched_getscheduler, 0);
	if (now != policy || syscall(SYS_sched_getparam, 0, &p) || p.sched_priority != priority)
		stress_fail(w, "policy %d is %d, priority %d is %d", policy, now, priority, p.sched_priority);
}

enum stress_status stress_sched(struct worker *w)
{
	while (stress_go(w)) {
		int low = sched_get_priority_min(SCHED_FIFO), high = sched_get_priority_max(SCHED_FIFO);

		if (low != 1 || high != 99 || sched_get_priority_max(SCHED_OTHER))
			stress_fail(w, "priorities from %d to %d", low, high);
		/* Not for long: others are waiting. */
		policy(w, SCHED_RR, 1 + stress_below(w, 50));
		policy(w, SCHED_FIFO, 1 + stress_below(w, 50));
		policy(w, SCHED_BATCH, 0);
		policy(w, SCHED_IDLE, 0);
		if (set_policy(SCHED_OTHER, 0))
			stress_fail(w, "back to the ordinary policy: %s", strerror(errno));
		if (!set_policy(SCHED_OTHER, 5) || errno != EINVAL || !set_policy(77, 0) || errno != EINVAL)
			stress_fail(w, "a policy that is none was accepted");
		stress_bogo(w);
	}
	return STRESS_PASSED;
}

enum stress_status stress_nice(struct worker *w)
{
	int nice = getpriority(PRIO_PROCESS, stress_tid());

	while (stress_go(w)) {
		nice += nice < 19;
		if (setpriority(PRIO_PROCESS, stress_tid(), nice) || getpriority(PRIO_PROCESS, stress_tid()) != nice)
			stress_fail(w, "a niceness of %d is %d", nice, getpriority(PRIO_PROCESS, stress_tid()));
		sched_yield();
		stress_bogo(w);
	}
	return STRESS_PASSED;
}

enum stress_status stress_affinity(struct worker *w)
{
	cpu_set_t all, one, now;
	int cpu = 0;

	if (sched_getaffinity(0, sizeof all, &all) < 0)
		return stress_errno(w, "sched_getaffinity");
	while (stress_go(w)) {
		do
			cpu = (cpu + 1) % CPU_SETSIZE;
		while (!CPU_ISSET(cpu, &all));
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		if (sched_setaffinity(0, sizeof one, &one) || sched_getaffinity(0, sizeof now, &now) < 0 || !CPU_EQUAL(&one, &now))
			stress_fail(w, "processor %d: %s", cpu, strerror(errno));
		else if (sched_getcpu() != cpu)
			stress_fail(w, "on processor %d, not %d", sched_getcpu(), cpu);
		stress_bogo(w);
	}
	sched_setaffinity(0, sizeof all, &all);
	return STRESS_PASSED;
}

enum stress_status stress_yield(struct worker *w)
{
	while (stress_go(w)) {
		if (sched_yield())
			stress_fail(w, "sched_yield: %s", strerror(errno));
		stress_bogo(w);
	}
	return STRESS_PASSED;
}

static void *one_more(void *arg)
{
	*(uint32_t *)arg += 1;
	return arg;
}

enum stress_status stress_thread_make(struct worker *w)
{
	while (stress_go(w)) {
		uint32_t n = 1;
		pthread_t t;
		void *back;

		if (!stress_thread(&t, one_more, &n)) {
			if (!stress_short(w))
				stress_errno(w, "pthread_create");
			continue;
		}
		if (pthread_join(t, &back) || back != &n || n != 2)
			stress_fail(w, "a thread did not do what it was to");
		stress_bogo(w);
	}
	return STRESS_PASSED;
}
