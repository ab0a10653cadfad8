/* SPDX-License-Identifier: MIT
 * Workers: threads that are started together, told when to end, and added up.
 */
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>
#include "stress.h"

#define STACK (32 * 1024)

static _Atomic bool stopped;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended;
static pthread_rwlock_t gate = PTHREAD_RWLOCK_INITIALIZER;	/* open (not written) as soon as all workers are made */
static unsigned running;

bool stress_go(const struct worker *w)
{
	return !stopped && !w->failed && (!w->limit || w->done < w->limit);
}

void stress_stop(void)
{
	stopped = true;
}

enum stress_status stress_fail(struct worker *w, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	w->failed = true;
	fprintf(stderr, "stress: %s %u: %s\n", w->stressor->name, w->number, text);
	return STRESS_FAILED;
}

bool stress_short(struct worker *w)
{
	switch (errno) {
	case ENOMEM:
	case EAGAIN:
	case EMFILE:
	case ENFILE:
	case ENOSPC:
	case ENOBUFS:
	case ENOLCK:
	case EDQUOT:
		w->refused++;
		return true;
	}
	return false;
}

enum stress_status stress_errno(struct worker *w, const char *call)
{
	const char *why = strerror(errno);

	snprintf(w->why, sizeof w->why, "%s: %s", call, why);
	if (stress_short(w))
		return STRESS_NO_RESOURCE;
	if (errno == ENOSYS || errno == EOPNOTSUPP || errno == EPROTONOSUPPORT || errno == EAFNOSUPPORT)
		return STRESS_NOT_HERE;
	return stress_fail(w, "%s: %s", call, why);
}

bool stress_thread(pthread_t *t, void *(*function)(void *), void *arg)
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	errno = pthread_create(t, &attr, function, arg);
	pthread_attr_destroy(&attr);
	return !errno;
}

static void work(struct worker *w)
{
	char dir[STRESS_PATH];
	double from;

	if (w->stressor->flags & STRESS_WANTS_DIR) {
		snprintf(dir, sizeof dir, "%s/%s-%u", w->dir, w->stressor->name, w->number);
		if (mkdir(dir, 0700)) {
			w->status = stress_errno(w, "mkdir");
			return;
		}
		w->dir = dir;
	}
	from = stress_now();
	w->status = w->stressor->run(w);
	w->seconds = stress_now() - from;
	if (w->failed)
		w->status = STRESS_FAILED;
	if (w->stressor->flags & STRESS_WANTS_DIR && rmdir(dir) && w->status != STRESS_FAILED)
		w->status = stress_fail(w, "rmdir of its folder: %s", strerror(errno));
}

static void *worker(void *arg)
{
	struct worker *w = arg;

	/* Together: the last must not come when the first have ended.  No mutex, at which they would stand in line. */
	pthread_rwlock_rdlock(&gate);
	pthread_rwlock_unlock(&gate);
	work(w);
	pthread_mutex_lock(&lock);
	w->ended = true;
	running--;
	pthread_cond_signal(&ended);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static struct timespec at(double time)
{
	return (struct timespec){ time, (time - (time_t)time) * 1e9 };
}

/* Waits until all have ended, or it is that late; 0: however late. */
static void wait_until(double time)
{
	struct timespec ts = at(time);

	pthread_mutex_lock(&lock);
	while (running) {
		if (!time)
			pthread_cond_wait(&ended, &lock);
		else if (pthread_cond_timedwait(&ended, &lock, &ts) == ETIMEDOUT)
			break;
	}
	pthread_mutex_unlock(&lock);
}

static void add(struct result *r, const struct worker *w)
{
	r->ops += w->done;
	r->refused += w->refused;
	r->seconds += w->seconds / r->workers;
	switch (w->status) {
	case STRESS_PASSED:
		r->passed++;
		return;
	case STRESS_NO_RESOURCE:
		r->no_resource++;
		break;
	case STRESS_NOT_HERE:
		r->not_here++;
		break;
	default:
		r->failed++;
	}
	if (w->why[0])
		memcpy(r->why, w->why, sizeof r->why);
}

void stress_run(const struct stress_group *g, int n, double seconds, double grace, const char *dir, uint32_t seed, struct result *results)
{
	pthread_condattr_t attr;
	struct worker *all, *w;
	unsigned total = 0;
	pthread_t *threads;
	double from;

	for (int i = 0; i < n; i++)
		total += g[i].workers;
	all = calloc(total, sizeof *all);
	threads = calloc(total, sizeof *threads);
	if (!all || !threads) {
		fprintf(stderr, "stress: no memory for %u workers\n", total);
		exit(STRESS_NO_RESOURCE);
	}
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&ended, &attr);
	stopped = false;
	pthread_rwlock_wrlock(&gate);
	w = all;
	for (int i = 0; i < n; i++) {
		results[i] = (struct result){ .stressor = g[i].stressor, .workers = g[i].workers };
		for (unsigned j = 0; j < g[i].workers; j++, w++) {
			w->stressor = g[i].stressor;
			w->number = j;
			w->dir = dir;
			w->limit = g[i].ops;
			w->result = &results[i];
			w->random = (seed + (w - all) + 1) * 2654435761u | 1;
			pthread_mutex_lock(&lock);
			running++;
			pthread_mutex_unlock(&lock);
			if (stress_thread(&threads[w - all], worker, w))
				continue;
			w->status = stress_errno(w, "pthread_create");
			threads[w - all] = 0;
			pthread_mutex_lock(&lock);
			running--;
			pthread_mutex_unlock(&lock);
		}
	}
	from = stress_now();
	pthread_rwlock_unlock(&gate);
	wait_until(seconds ? from + seconds : 0);
	stress_stop();
	wait_until(stress_now() + grace);
	pthread_mutex_lock(&lock);
	if (running) {
		for (w = all; w < all + total; w++)
			if (!w->ended && threads[w - all])
				fprintf(stderr, "stress: %s %u: has not ended %g s after it was told to\n", w->stressor->name, w->number, grace);
		_exit(STRESS_FAILED);
	}
	pthread_mutex_unlock(&lock);
	for (w = all; w < all + total; w++) {
		if (threads[w - all])
			pthread_join(threads[w - all], NULL);
		add(w->result, w);
	}
	pthread_cond_destroy(&ended);
	free(threads);
	free(all);
}
