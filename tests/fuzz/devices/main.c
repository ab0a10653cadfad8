/* SPDX-License-Identifier: MIT
 *
 *	sh -c "SEED ACCESSES LIVES"
 *
 * It stands as /bin/sh in an image of its own: `flat32 boot --exec "SEED ACCESSES LIVES"`. Whatever it does to the devices, its own
 * memory must stay as it was, and files, processes and time must go on.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "fuzz.h"

enum { GUARDED = 256 * 1024 };

uint32_t rng;
uint8_t arena[ARENA] __attribute__((aligned(4096)));
static uint8_t guarded[GUARDED];

void wrong(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("wrong: ");
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
	fflush(stdout);
	_exit(3);
}

uint32_t number(void)
{
	static const uint32_t some[] = {
		0, 1, 2, 3, 4, 8, 16, 255, 256, 512, 4096, 0x10000, 0x20000, 0x40000, 0x100000, 0x400000,
		0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 0xfffff000,
		/* to flash chips */
		0xff, 0x90, 0x98, 0x70, 0x50, 0x20, 0x40, 0xe8, 0xd0, 0xb0, 0x60, 0xaa, 0x55, 0xa0, 0x80, 0x30, 0xf0,
		0x00d000d0, 0x00200020, 0x00400040, 0x00980098, 0x00ff00ff, 0x00e800e8, 0x00aa00aa,
	};

	return below(4) ? some[below(sizeof some / sizeof *some)] : rnd();
}

static void guard(bool check)
{
	for (unsigned i = 0; i < GUARDED; i++) {
		uint8_t v = (uint8_t)(i * 7 + (i >> 8));

		if (check && guarded[i] != v)
			wrong("our memory at %p has changed", (void *)&guarded[i]);
		guarded[i] = v;
	}
}

/* Files, processes, time: all there? */
static void all_well(void)
{
	struct timespec before, after, nap = { 0, 1000000 };
	static char text[6];
	int fd = open("/tmp/well", O_RDWR | O_CREAT | O_TRUNC, 0600), status;
	pid_t pid;

	guard(true);
	if (fd < 0 || write(fd, "hello", 6) != 6 || pread(fd, text, 6, 0) != 6 || strcmp(text, "hello"))
		wrong("a file does not work any more");
	close(fd);
	pid = vfork();
	if (!pid)
		_exit(42);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 42)
		wrong("a process does not work any more");
	clock_gettime(CLOCK_MONOTONIC, &before);
	nanosleep(&nap, NULL);
	clock_gettime(CLOCK_MONOTONIC, &after);
	if (after.tv_sec == before.tv_sec && after.tv_nsec <= before.tv_nsec)
		wrong("time stands still");
}

static void nothing(int sig)
{
	(void)sig;
}

/* Terminals send signals, some calls wait: neither is to end us. */
static void prepare_signals(void)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGIO, SIGURG, SIGWINCH,
				       SIGUSR1, SIGUSR2 };
	struct itimerval often = { { 0, 20000 }, { 0, 20000 } };
	struct sigaction sa = { .sa_handler = nothing };	/* without SA_RESTART */

	for (unsigned i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	access_catch();
}

int main(int argc, char **argv)
{
	unsigned long accesses, lives;
	char *text = argv[argc - 1];

	setvbuf(stdout, NULL, _IOLBF, 0);
	rng = (uint32_t)strtoul(text, &text, 10) * 2654435761u | 1;
	accesses = strtoul(text, &text, 10);
	lives = strtoul(text, &text, 10);
	guard(false);
	prepare_signals();
	if (!windows_run(accesses))
		printf("no windows\n");
	all_well();
	nodes_run(lives);
	all_well();
	printf("done: %lu accesses, %lu faults\n", access_made, access_faults);
	return 0;
}
