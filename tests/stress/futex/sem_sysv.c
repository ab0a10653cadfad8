/* SPDX-License-Identifier: MIT
 * Semaphores of System V: two threads take turns, operations on several at once are done whole or not at all.
 */
#include <sys/ipc.h>
#include <sys/sem.h>
#include "../stress.h"

struct set {
	struct worker *w;
	int id;
	uint32_t inside, count;
	_Atomic bool end;
};

static int operate(int id, int a, int b, int flags)
{
	struct sembuf ops[2] = { { 0, a, flags }, { 1, b, flags } };
	int r;

	do
		r = semop(id, ops, 2);
	while (r && errno == EINTR);
	return r;
}

static void inside(struct set *s)
{
	if (operate(s->id, -1, 1, 0)) {
		stress_fail(s->w, "semop: %s", strerror(errno));
		return;
	}
	if (s->inside++)
		stress_fail(s->w, "two have the semaphore");
	s->count++;
	s->inside--;
	if (operate(s->id, 1, -1, 0))
		stress_fail(s->w, "semop: %s", strerror(errno));
}

static void *rival(void *arg)
{
	struct set *s = arg;

	while (!s->end)
		inside(s);
	return NULL;
}

enum stress_status stress_sem_sysv(struct worker *w)
{
	struct set s = { .w = w, .id = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600) };
	enum stress_status status = STRESS_PASSED;
	pthread_t t;

	if (s.id < 0)
		return stress_errno(w, "semget");
	if (semctl(s.id, 0, SETVAL, 1) || semctl(s.id, 1, SETVAL, 0))
		stress_fail(w, "SETVAL: %s", strerror(errno));
	if (stress_thread(&t, rival, &s)) {
		while (stress_go(w)) {
			inside(&s);
			/* The first could be done, the second not: neither is. */
			if (!operate(s.id, 0x100, -0x100, IPC_NOWAIT) || errno != EAGAIN || semctl(s.id, 0, GETVAL) > 1)
				stress_fail(w, "half an operation was done");
			stress_bogo(w);
		}
		s.end = true;
		pthread_join(t, NULL);
		if (semctl(s.id, 0, GETVAL) != 1 || semctl(s.id, 1, GETVAL) || s.count < w->done)
			stress_fail(w, "in the end they are %d and %d", semctl(s.id, 0, GETVAL), semctl(s.id, 1, GETVAL));
	} else {
		status = stress_errno(w, "pthread_create");
	}
	semctl(s.id, 0, IPC_RMID);
	return status;
}
