/* SPDX-License-Identifier: MIT
 * Signals that are waited for and not handled: queued ones with their values, in order, by sigwaitinfo() and by signalfd.
 */
#include <sys/signalfd.h>
#include "../stress.h"

#define LAST ((void *)(uintptr_t)0xffffffff)

struct receiver {
	struct worker *w;
	_Atomic pid_t tid;
	uint32_t got;
};

static bool good(struct receiver *r, const siginfo_t *info, int sig)
{
	void *value = info->si_value.sival_ptr;

	if (info->si_signo != sig || info->si_code != SI_QUEUE || info->si_pid != getpid())
		stress_fail(r->w, "signal %d, code %d, from %d", info->si_signo, info->si_code, (int)info->si_pid);
	if (value == LAST)
		return false;
	if (value != (void *)(uintptr_t)r->got)
		stress_fail(r->w, "signal %lu has the value %p", (unsigned long)r->got, value);
	r->got++;
	return true;
}

static void *receive(void *arg)
{
	int sig = stress_signal(STRESS_SIG_QUEUE);
	struct receiver *r = arg;
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	r->tid = stress_tid();
	for (;;) {
		if (sigwaitinfo(&set, &info) < 0) {
			if (errno != EINTR)
				stress_fail(r->w, "sigwaitinfo: %s", strerror(errno));
		} else if (!good(r, &info, sig)) {
			return NULL;
		}
	}
}

/* As many as may be queued: more are refused, and sent once more. */
static void send(struct worker *w, pid_t tid, void *value)
{
	while (stress_queue(tid, stress_signal(STRESS_SIG_QUEUE), value))
		if (errno != EAGAIN) {
			stress_fail(w, "rt_tgsigqueueinfo: %s", strerror(errno));
			return;
		} else {
			usleep(100);
		}
}

enum stress_status stress_sigq(struct worker *w)
{
	struct receiver r = { .w = w };
	uint32_t sent = 0;
	pthread_t t;

	if (!stress_thread(&t, receive, &r))
		return stress_errno(w, "pthread_create");
	while (!r.tid)
		usleep(100);
	while (stress_go(w)) {
		send(w, r.tid, (void *)(uintptr_t)sent++);
		stress_bogo(w);
	}
	send(w, r.tid, LAST);
	pthread_join(t, NULL);
	if (r.got != sent)
		stress_fail(w, "%lu signals sent, %lu received", (unsigned long)sent, (unsigned long)r.got);
	return STRESS_PASSED;
}

/* To itself, several at once, and read together. */
enum stress_status stress_sigfd(struct worker *w)
{
	int sig = stress_signal(STRESS_SIG_FD), fd;
	struct signalfd_siginfo info[4];
	pid_t me = stress_tid();
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return stress_errno(w, "signalfd");
	while (stress_go(w)) {
		int n = 1 + stress_below(w, 4), sent = 0;
		ssize_t r;

		while (sent < n && !stress_queue(me, sig, (void *)(uintptr_t)(w->done + sent)))
			sent++;
		if (sent < n && errno != EAGAIN)
			stress_fail(w, "rt_tgsigqueueinfo: %s", strerror(errno));
		r = read(fd, info, sizeof info);
		if (r != (sent ? sent * (ssize_t)sizeof *info : -1))
			stress_fail(w, "%d signals sent, read says %zd: %s", sent, r, strerror(errno));
		for (int i = 0; i < sent; i++)
			if ((int)info[i].ssi_signo != sig || info[i].ssi_code != SI_QUEUE || (pid_t)info[i].ssi_pid != getpid() ||
			    (uint32_t)info[i].ssi_ptr != (uint32_t)(w->done + i))
				stress_fail(w, "signal %d of %d is another", i, sent);
		stress_bogo(w);
	}
	close(fd);
	return STRESS_PASSED;
}

/* What is blocked is pending, once and for the right thread; queued signals of several numbers come lowest number first. */
enum stress_status stress_sigpending(struct worker *w)
{
	int sig = stress_signal(STRESS_SIG_PENDING);
	struct timespec none = { 0, 0 };
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	for (int i = 0; i < 4; i++)
		sigaddset(&set, stress_signal(STRESS_SIG_RT + i));
	while (stress_go(w)) {
		sigset_t pending;
		int first = stress_below(w, 4);
		uint32_t sent = 0;

		sigpending(&pending);
		if (sigismember(&pending, sig))
			stress_fail(w, "a signal is pending that nobody has sent");
		errno = pthread_kill(pthread_self(), sig);
		if (errno) {
			/* as many are pending as the user may have */
			if (!stress_short(w))
				stress_fail(w, "pthread_kill: %s", strerror(errno));
			continue;
		}
		sigpending(&pending);
		if (!sigismember(&pending, sig))
			stress_fail(w, "a signal that was sent is not pending");
		/* glibc says SI_USER of SI_TKILL */
		if (sigtimedwait(&set, &info, &none) != sig || info.si_code > 0 || info.si_pid != getpid())
			stress_fail(w, "sigtimedwait did not get it");
		for (int i = 0; i < 4; i++) {
			int n = (first + i) % 4;

			if (!stress_queue(stress_tid(), stress_signal(STRESS_SIG_RT + n), NULL))
				sent |= 1u << n;
			else if (!stress_short(w))
				stress_fail(w, "rt_tgsigqueueinfo: %s", strerror(errno));
		}
		for (int i = 0; i < 4; i++)
			if (sent >> i & 1 && sigtimedwait(&set, &info, &none) != stress_signal(STRESS_SIG_RT + i))
				stress_fail(w, "signals of several numbers came in another order");
		if (sigtimedwait(&set, &info, &none) != -1 || errno != EAGAIN)
			stress_fail(w, "a signal has come twice");
		stress_bogo(w);
	}
	return STRESS_PASSED;
}
