/* SPDX-License-Identifier: MIT
 * What stressors share: randomness, patterns, time, signals to threads, whole reads and writes.
 */
#include <sys/syscall.h>
#include <time.h>
#include "stress.h"

uint32_t stress_random(struct worker *w)
{
	uint32_t x = w->random;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return w->random = x;
}

uint32_t stress_below(struct worker *w, uint32_t n)
{
	return (uint64_t)stress_random(w) * n >> 32;
}

double stress_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

const char *stress_path(const struct worker *w, char path[STRESS_PATH], const char *name)
{
	snprintf(path, STRESS_PATH, "%s/%s", w->dir, name);
	return path;
}

static uint32_t word(uint32_t seed, size_t at)
{
	uint32_t x = (seed ^ (uint32_t)at * 0x9e3779b1) * 0x85ebca6b;

	return x ^ x >> 15;
}

static uint8_t byte(uint32_t seed, size_t at)
{
	return word(seed, at / 4) >> 8 * (at % 4);
}

void stress_fill(void *p, size_t n, uint32_t seed, size_t from)
{
	uint8_t *to = p;

	while (n >= 4 && from % 4 == 0) {
		uint32_t x = word(seed, from / 4);

		memcpy(to, &x, 4);
		to += 4, from += 4, n -= 4;
	}
	for (; n; n--)
		*to++ = byte(seed, from++);
}

ssize_t stress_check(const void *p, size_t n, uint32_t seed, size_t from)
{
	const uint8_t *at = p;
	size_t i = 0;

	for (; i + 4 <= n && from % 4 == 0; i += 4, from += 4) {
		uint32_t x, want = word(seed, from / 4);

		memcpy(&x, at + i, 4);
		if (x != want)
			break;
	}
	for (; i < n; i++, from++)
		if (at[i] != byte(seed, from))
			return i;
	return -1;
}

ssize_t stress_write(int fd, const void *p, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r = write(fd, (const char *)p + done, n - done);

		if (r < 0 && errno != EINTR)
			return -1;
		if (r > 0)
			done += r;
	}
	return done;
}

ssize_t stress_read(int fd, void *p, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r = read(fd, (char *)p + done, n - done);

		if (r == 0)
			break;
		if (r < 0 && errno != EINTR)
			return -1;
		if (r > 0)
			done += r;
	}
	return done;
}

pid_t stress_tid(void)
{
	return syscall(SYS_gettid);
}

int stress_queue(pid_t tid, int sig, void *value)
{
	siginfo_t info;

	memset(&info, 0, sizeof info);
	info.si_signo = sig;
	info.si_code = SI_QUEUE;
	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value.sival_ptr = value;
	return syscall(SYS_rt_tgsigqueueinfo, getpid(), tid, sig, &info);
}

void stress_let(int sig, bool through)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	pthread_sigmask(through ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
}

void stress_signals_begin(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (int i = 0; i < STRESS_SIG_END; i++)
		sigaddset(&set, stress_signal(i));
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}
