/* SPDX-License-Identifier: MIT
 * Crashes in a nested function, for what looks at core files.
 *
 *	crash			by a store to nothing
 *	crash abort		by SIGABRT
 *	crash threads		by a store to nothing in one of three threads
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile int ready;
volatile double kept = 2.5;
char filled[8192] = "what a debugger reads from memory";

__attribute__((noinline)) static int innermost(volatile int *p, int depth)
{
	kept *= 2;
	*p = depth;
	return *p + 1;
}

__attribute__((noinline)) static int middle(volatile int *p, int depth)
{
	return innermost(p, depth + 1) + 1;
}

__attribute__((noinline)) static void *outer(void *p)
{
	printf("%d\n", middle(p, 40) + 1);
	return NULL;
}

__attribute__((noinline)) static void *waits(void *arg)
{
	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	pause();
	return arg;
}

int main(int argc, char **argv)
{
	void *nowhere = (void *)0x10;
	pthread_t th;

	if (argc > 1 && !strcmp(argv[1], "abort"))
		raise(SIGABRT);
	if (argc > 1 && !strcmp(argv[1], "threads")) {
		pthread_create(&th, NULL, waits, NULL);
		while (!ready)
			usleep(1000);
		pthread_create(&th, NULL, outer, nowhere);
		pthread_join(th, NULL);
	}
	outer(nowhere);
	return 0;
}
