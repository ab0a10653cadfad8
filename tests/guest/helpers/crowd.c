/* SPDX-License-Identifier: MIT
 * Many tasks that compute, and one that is to be served: for tests/cli/scheduling.sh, which runs it on a virtual clock.
 *
 *	crowd sleep N	the longest it took after the end of a sleep, in us
 *	crowd pipe N	the same from a write to a pipe to the reader's having it
 *	crowd share POLICY NICE POLICY NICE	what two that compute get of the processor, in thousandths
 *	crowd deadline	the same of one with 2 ms in each 10, and one without
 *	crowd asleep N	all wait for each other
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static volatile int stop;
static int pipes[2];

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

static void *spin(void *rounds)
{
	volatile unsigned long *n = rounds;

	while (!stop)
		++*n;
	return NULL;
}

static void start(void *(*fn)(void *), void *arg)
{
	pthread_attr_t attr;
	pthread_t t;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16384);
	if (pthread_create(&t, &attr, fn, arg)) {
		perror("crowd");
		exit(1);
	}
}

static unsigned long counts[2000];

/* And until all have had a turn: what this task did to start them is made up for. */
static void crowd(int n)
{
	struct timespec round = { 2, 0 };

	for (int i = 0; i < n; i++)
		start(spin, &counts[i]);
	nanosleep(&round, NULL);
}

static long longest_sleep(void)
{
	long long worst = 0;

	for (int i = 0; i < 40; i++) {
		long long end = now() + 3000000 + i * 77777, late;
		struct timespec ts = { end / 1000000000, end % 1000000000 };

		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
		late = now() - end;
		worst = late > worst ? late : worst;
	}
	return (long)(worst / 1000);
}

/* One of the crowd that tells the time now and then. */
static void *teller(void *arg)
{
	volatile int x = 0;

	(void)arg;
	while (!stop) {
		long long t = now();

		if (write(pipes[1], &t, sizeof t) != sizeof t)
			break;
		for (int i = 0; i < 300000; i++)
			x += i;
	}
	return NULL;
}

static long longest_pipe(void)
{
	long long worst = 0, told;

	for (int i = 0; i < 20; i++) {
		long long late;

		if (read(pipes[0], &told, sizeof told) != sizeof told)
			return -1;
		late = now() - told;
		worst = late > worst ? late : worst;
	}
	return (long)(worst / 1000);
}

static void *wait_for_ever(void *arg)
{
	char c;

	(void)arg;
	while (read(pipes[0], &c, 1) == 1)
		;
	return NULL;
}

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

struct spinner { struct attr attr; unsigned long rounds; };

static void *spin_as(void *arg)
{
	struct spinner *s = arg;

	s->attr.size = sizeof s->attr;
	if (syscall(274 /* sched_setattr */, 0, &s->attr, 0))
		perror("sched_setattr");
	return spin(&s->rounds);
}

static void shares(struct spinner *a, struct spinner *b)
{
	struct attr first = { .size = sizeof first, .policy = 1, .priority = 50 };
	struct timespec ts = { 2, 0 };
	unsigned long x, y;

	syscall(274, 0, &first, 0);
	start(spin_as, a);
	start(spin_as, b);
	nanosleep(&ts, NULL);
	x = a->rounds;
	y = b->rounds;
	printf("%lu %lu\n", (unsigned long)(1000ull * x / (x + y)), (unsigned long)(1000ull * y / (x + y)));
}

static struct attr wanted(char **argv)
{
	struct attr a = { .policy = (uint32_t)atoi(argv[0]) };

	if (a.policy == 1 || a.policy == 2)
		a.priority = (uint32_t)atoi(argv[1]);
	else
		a.nice = atoi(argv[1]);
	return a;
}

int main(int argc, char **argv)
{
	static struct spinner a, b;
	const char *what = argc > 1 ? argv[1] : "";
	int n = argc > 2 ? atoi(argv[2]) : 0;

	if (!strcmp(what, "sleep")) {
		crowd(n);
		printf("%ld\n", longest_sleep());
	} else if (!strcmp(what, "pipe") && !pipe(pipes)) {
		crowd(n - 1);
		start(teller, NULL);
		printf("%ld\n", longest_pipe());
	} else if (!strcmp(what, "share") && argc == 6) {
		a.attr = wanted(argv + 2);
		b.attr = wanted(argv + 4);
		shares(&a, &b);
	} else if (!strcmp(what, "deadline")) {
		a.attr = (struct attr){ .policy = 6, .runtime = 2000000, .deadline = 5000000, .period = 10000000 };
		shares(&a, &b);
	} else if (!strcmp(what, "asleep") && !pipe(pipes)) {
		for (int i = 0; i < n; i++)
			start(wait_for_ever, NULL);
		wait_for_ever(NULL);
	} else {
		return 2;
	}
	return 0;
}
