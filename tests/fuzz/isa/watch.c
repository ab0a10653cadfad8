/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/isa/watch.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* Seconds of our own CPU time, however busy the host is; a case takes milliseconds, one that traps all the time some seconds. */
#define PATIENCE 60

static volatile uint64_t watched;

/* Only what a signal handler may call. */
static void say(const char *what)
{
	char text[128] = "# seed ", *p = text + strlen(text), digits[24];
	unsigned n = 0;
	uint64_t v = watched;

	do
		digits[n++] = (char)('0' + v % 10);
	while ((v /= 10) != 0);
	while (n > 0)
		*p++ = digits[--n];
	strcpy(p, what);
	if (write(1, text, strlen(text)) < 0)
		return;
}

static void on_prof(int sig)
{
	(void)sig;
	say(": hangs\nnot ok 1 - the engines agree\n");
	_exit(1);
}

void watch_crash(int sig)
{
	(void)sig;
	say(": the engine crashes\nnot ok 1 - the engines agree\n");
}

void watch(uint64_t seed)
{
	const struct itimerval patience = { .it_value.tv_sec = PATIENCE };

	if (!watched)
		signal(SIGPROF, on_prof);
	watched = seed;
	setitimer(ITIMER_PROF, &patience, NULL);
}
