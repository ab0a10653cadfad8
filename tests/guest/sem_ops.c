/* SPDX-License-Identifier: MIT
 * System V semaphores: sets, operations, waiting, undoing.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include "tap.h"

#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20
#endif

union semun { int val; struct semid_ds *buf; unsigned short *array; struct seminfo *info; };

static int s;

static int op(int num, int by, int flags)
{
	struct sembuf b = { num, by, flags };

	return semop(s, &b, 1);
}

static int op2(int num, int by, int num2, int by2, int flags)
{
	struct sembuf b[2] = { { num, by, flags }, { num2, by2, flags } };

	return semop(s, b, 2);
}

static int value(int num) { return semctl(s, num, GETVAL); }
static int set(int num, int v) { return semctl(s, num, SETVAL, (union semun){ .val = v }); }

static struct semid_ds stat_of(int id)
{
	struct semid_ds d = { 0 };

	semctl(id, 0, IPC_STAT, (union semun){ .buf = &d });
	return d;
}

static void pause_ms(int ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
}

static void test_get(void)
{
	int id, other;

	tap_errno(semget(4711, 1, 0), ENOENT, "semget: no such key");
	tap_errno(semget(4711, 0, IPC_CREAT | 0600), EINVAL, "semget: no semaphores");
	tap_errno(semget(4711, -1, IPC_CREAT | 0600), EINVAL, "semget: less than none");
	tap_errno(semget(4711, 32001, IPC_CREAT | 0600), EINVAL, "semget: too many");
	id = semget(4711, 3, IPC_CREAT | 0640);
	tap_ok(id >= 0, "semget: makes a set");
	tap_errno(semget(4711, 3, IPC_CREAT | IPC_EXCL | 0600), EEXIST, "semget: IPC_EXCL");
	tap_is(semget(4711, 3, 0), id, "semget: finds it");
	tap_is(semget(4711, 0, 0), id, "semget: whatever its size");
	tap_errno(semget(4711, 4, 0), EINVAL, "semget: more than it has");
	tap_is(stat_of(id).sem_nsems, 3, "its size");
	tap_is(stat_of(id).sem_perm.mode, 0640, "its mode");
	tap_is(stat_of(id).sem_otime, 0, "no operation yet");
	other = semget(IPC_PRIVATE, 1, 0600);
	tap_is(other & 0x7fff, (id & 0x7fff) + 1, "another, with the next index");
	tap_zero(semctl(id, 0, IPC_RMID), "IPC_RMID");
	tap_zero(semctl(other, 0, IPC_RMID), "IPC_RMID of the other");
	tap_errno(semctl(id, 0, GETVAL), EINVAL, "the id is not valid any more");
	tap_errno(semget(4711, 0, 0), ENOENT, "nor the key");
}

static void test_values(void)
{
	unsigned short v[3] = { 1, 2, 32767 };
	union semun all = { .array = v };

	tap_is(value(0), 0, "a new semaphore is 0");
	tap_is(semctl(s, 0, GETPID), 0, "nobody's");
	tap_zero(set(1, 32767), "SETVAL: the most");
	tap_is(value(1), 32767, "GETVAL");
	tap_is(semctl(s, 1, GETPID), getpid(), "GETPID");
	tap_errno(set(1, 32768), ERANGE, "SETVAL: more");
	tap_errno(set(1, -1), ERANGE, "SETVAL: negative");
	tap_errno(set(3, 0), EINVAL, "SETVAL: no such semaphore");
	tap_errno(value(3), EINVAL, "GETVAL: no such semaphore");
	tap_errno(value(-1), EINVAL, "GETVAL: negative number");
	tap_zero(semctl(s, 0, SETALL, all), "SETALL");
	memset(v, 0, sizeof v);
	tap_zero(semctl(s, 0, GETALL, all), "GETALL");
	tap_ok(v[0] == 1 && v[1] == 2 && v[2] == 32767, "the values set");
	v[1] = 32768;
	tap_errno(semctl(s, 0, SETALL, all), ERANGE, "SETALL: one too large");
	tap_is(value(1), 2, "nothing was set");
	tap_errno(semctl(s, 0, 99), EINVAL, "no such command");
	tap_errno(semctl(-1, 0, GETVAL), EINVAL, "negative id");
	all.array = NULL;
	tap_efault(semctl(s, 0, GETALL, all), "GETALL to nowhere");
	tap_efault(semctl(s, 0, SETALL, all), "SETALL from nowhere");
	memset(v, 0, sizeof v);
	all.array = v;
	semctl(s, 0, SETALL, all);
}

static void test_operations(void)
{
	static struct sembuf many[501];
	struct timespec wrong = { .tv_nsec = 1000000000 }, none = { 0 }, some = { .tv_nsec = 20000000 };
	struct sembuf down = { 0, -1, 0 };

	tap_zero(op(0, 5, 0), "up by 5");
	tap_is(value(0), 5, "it is 5");
	tap_zero(op(0, -3, 0), "down by 3");
	tap_errno(op(0, -3, IPC_NOWAIT), EAGAIN, "not by 3 more");
	tap_errno(op(0, 0, IPC_NOWAIT), EAGAIN, "it is not zero");
	tap_zero(op(1, 0, IPC_NOWAIT), "another is");
	tap_errno(op(0, 32766, 0), ERANGE, "too high");
	tap_zero(op2(0, -2, 1, 1, IPC_NOWAIT), "two at once");
	tap_ok(value(0) == 0 && value(1) == 1, "both were done");
	tap_errno(op2(1, -1, 0, -1, IPC_NOWAIT), EAGAIN, "two, of which one cannot be done");
	tap_is(value(1), 1, "neither was");
	tap_zero(op2(0, 1, 0, -1, IPC_NOWAIT), "up and down again");
	tap_errno(op2(0, -1, 0, 1, IPC_NOWAIT), EAGAIN, "but not down and up");
	tap_errno(op(3, 1, 0), EFBIG, "no such semaphore");
	tap_errno(semop(s, many, 0), EINVAL, "no operations");
	tap_errno(semop(s, many, 501), E2BIG, "too many");
	tap_zero(semop(s, many, 500), "as many as may be: all wait for zero");
	tap_errno(semop(-1, many, 1), EINVAL, "negative id");
	tap_efault(semop(s, NULL, 1), "operations from nowhere");
	tap_errno(semtimedop(s, &down, 1, &wrong), EINVAL, "semtimedop: no time");
	tap_errno(semtimedop(s, &down, 1, &none), EAGAIN, "semtimedop: not at once");
	tap_errno(semtimedop(s, &down, 1, &some), EAGAIN, "semtimedop: nor later");
	tap_is(semctl(s, 0, GETNCNT), 0, "it waits no more");
	tap_ok(stat_of(s).sem_otime >= stat_of(s).sem_ctime, "the time of the last one");
	set(1, 0);
}

static void test_control(void)
{
	struct semid_ds d;
	struct seminfo i;
	union semun u = { .info = &i };

	tap_is(semctl(0, 0, IPC_INFO, u), s & 0x7fff, "IPC_INFO: the highest index");
	tap_ok(i.semmni == 32000 && i.semmsl == 32000 && i.semmns == 1024000000 && i.semopm == 500, "the limits");
	tap_ok(i.semvmx == 32767 && i.semaem == 32767 && i.semusz == 20 && i.semume == 500, "and the others");
	tap_is(semctl(0, 0, SEM_INFO, u), s & 0x7fff, "SEM_INFO");
	tap_ok(i.semusz == 1 && i.semaem == 3, "one set of three");
	u.buf = &d;
	tap_is(semctl(s & 0x7fff, 0, SEM_STAT, u), s, "SEM_STAT: by index");
	tap_is(semctl(s & 0x7fff, 0, SEM_STAT_ANY, u), s, "SEM_STAT_ANY");
	tap_errno(semctl((s & 0x7fff) + 1, 0, SEM_STAT, u), EINVAL, "SEM_STAT: nothing there");
	d.sem_perm.uid = 12;
	d.sem_perm.gid = 34;
	d.sem_perm.mode = 0123456;
	tap_zero(semctl(s, 0, IPC_SET, u), "IPC_SET");
	d = stat_of(s);
	tap_ok(d.sem_perm.uid == 12 && d.sem_perm.gid == 34 && d.sem_perm.cuid == 0, "owner and creator");
	tap_is(d.sem_perm.mode, 0456, "mode");
	d.sem_perm.uid = d.sem_perm.gid = 0;
	d.sem_perm.mode = 0600;
	semctl(s, 0, IPC_SET, u);
	u.buf = NULL;
	tap_efault(semctl(s, 0, IPC_SET, u), "IPC_SET from nowhere");
	if (!tap_own_machine() && geteuid()) {
		tap_skip(8, "not root");
		return;
	}
	tap_zero(setegid(100) || seteuid(100), "as user 100");
	u.buf = &d;
	tap_errno(value(0), EACCES, "GETVAL");
	tap_errno(set(0, 1), EACCES, "SETVAL");
	tap_errno(op(0, 1, 0), EACCES, "semop");
	tap_errno(semctl(s, 0, IPC_STAT, u), EACCES, "IPC_STAT");
	tap_errno(semctl(s, 0, IPC_SET, u), EPERM, "IPC_SET");
	tap_errno(semctl(s, 0, IPC_RMID), EPERM, "IPC_RMID");
	tap_zero(seteuid(0) || setegid(0), "as root again");
}

/* --- Waiting --- */

static struct waiter {
	pthread_t thread;
	struct sembuf ops[2];
	int n, err, order;
} w[4];
static volatile int finished;

static void *wait_for(void *arg)
{
	struct waiter *p = arg;

	p->err = semop(s, p->ops, p->n) ? errno : 0;
	p->order = ++finished;
	return NULL;
}

static void start(int i, int num, int by, int num2, int by2)
{
	w[i].ops[0] = (struct sembuf){ num, by, 0 };
	w[i].ops[1] = (struct sembuf){ num2, by2, 0 };
	w[i].n = num2 < 0 ? 1 : 2;
	w[i].err = -1;
	pthread_create(&w[i].thread, NULL, wait_for, &w[i]);
	pause_ms(30);
}

static void join(int i)
{
	pthread_join(w[i].thread, NULL);
}

static void test_waiting(void)
{
	start(0, 0, -2, -1, 0);
	start(1, 0, -1, -1, 0);
	tap_is(semctl(s, 0, GETNCNT), 2, "two wait");
	op(0, 1, 0);
	join(1);
	tap_is(value(0), 0, "one that can be served is, though it came later");
	tap_is(semctl(s, 0, GETNCNT), 1, "the other waits on");
	op(0, 3, 0);
	join(0);
	tap_is(value(0), 1, "until there is enough");
	tap_ok(!w[0].err && !w[1].err, "both are content");

	set(0, 1);
	set(1, 0);
	finished = 0;
	start(0, 0, -1, 1, -1);
	start(1, 1, 1, 2, -1);
	op(2, 1, 0);
	pause_ms(30);
	tap_is(finished, 2, "one that is served makes another possible that came before it");
	if (finished < 2)
		set(1, 1);
	join(0);
	join(1);
	tap_is(value(0) + value(1) + value(2), 0, "and all is taken");
	set(0, 1);

	start(0, 0, 0, -1, 0);
	tap_is(semctl(s, 0, GETZCNT), 1, "one waits for zero");
	op(0, -1, 0);
	join(0);
	tap_is(w[0].err, 0, "and it comes");

	/* Several at once: a set of two, and single ones behind it. */
	start(0, 0, -1, 1, -1);
	start(1, 1, -1, -1, 0);
	tap_is(semctl(s, 0, GETNCNT), 1, "it waits for the first it cannot have");
	tap_is(semctl(s, 1, GETNCNT), 1, "the second has one of its own");
	op(0, 1, 0);
	pause_ms(30);
	tap_is(semctl(s, 1, GETNCNT), 2, "then for the second");
	op(1, 1, 0);
	join(0);
	tap_ok(value(0) == 0 && value(1) == 0, "first come, first served");
	op(1, 1, 0);
	join(1);
	tap_is(value(1), 0, "then the one behind it");

	start(0, 2, 0, -1, 0);
	tap_is(w[0].err, 0, "zero at once");
	join(0);
	op(2, 1, 0);
	start(0, 2, 0, 0, -1);
	start(1, 2, -1, -1, 0);
	join(1);
	tap_is(semctl(s, 0, GETNCNT) + semctl(s, 0, GETZCNT) + semctl(s, 2, GETZCNT), 1, "one waits for two things");
	set(0, 1);
	join(0);
	tap_is(value(0), 0, "SETVAL serves it");
	start(0, 0, -1, -1, 0);
	start(1, 1, -1, 0, -1);
	start(2, 2, -1, -1, 0);
	tap_zero(semctl(s, 0, SETALL, (union semun){ .array = (unsigned short[]){ 2, 1, 1 } }), "SETALL");
	join(0);
	join(1);
	join(2);
	tap_ok(value(0) == 0 && value(1) == 0 && value(2) == 0, "serves all");
}

static volatile int handled;

static void handler(int signo)
{
	(void)signo;
	handled++;
}

static void test_interrupted(void)
{
	struct sigaction act = { .sa_handler = handler, .sa_flags = SA_RESTART };

	sigaction(SIGUSR1, &act, NULL);
	start(0, 0, -1, -1, 0);
	pthread_kill(w[0].thread, SIGUSR1);
	join(0);
	tap_is(w[0].err, EINTR, "a handler interrupts, SA_RESTART or not");
	tap_is(semctl(s, 0, GETNCNT), 0, "it waits no more");
	start(0, 0, -1, -1, 0);
	start(1, 0, -1, 1, -1);
	op(1, 1, 0);
	start(2, 1, 0, -1, 0);
	tap_zero(semctl(s, 0, IPC_RMID), "IPC_RMID while three wait");
	for (int i = 0; i < 3; i++)
		join(i);
	tap_ok(w[0].err == EIDRM && w[1].err == EIDRM && w[2].err == EIDRM, "EIDRM for all");
}

/* --- Undo: in a child, which has adjustments of its own --- */

static int in_child(int by, int flags, int by2)
{
	int status;
	pid_t pid = vfork();

	if (!pid) {
		int bad = op(0, by, flags);

		if (!bad && by2)
			bad = op(0, by2, flags);
		_exit(bad ? errno : value(0) & 0x7f);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

/* A child that takes one, then waits for what does not come until it is killed. */
static int killed_waiting(void)
{
	struct itimerval soon = { .it_value.tv_usec = 50000 };
	int status;
	pid_t pid = vfork();

	if (!pid) {
		op(0, -1, SEM_UNDO);
		setitimer(ITIMER_REAL, &soon, NULL);
		op2(0, -1, 2, -9, SEM_UNDO);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WTERMSIG(status);
}

static void *thread_undo(void *arg)
{
	(void)arg;
	op(1, 4, SEM_UNDO);
	return NULL;
}

static void test_undo(void)
{
	pthread_t t;

	s = semget(IPC_PRIVATE, 3, 0600);
	set(0, 10);
	tap_is(in_child(-3, SEM_UNDO, 0), 7, "a child takes 3");
	tap_is(value(0), 10, "they come back when it ends");
	tap_ok(semctl(s, 0, GETPID) != getpid(), "by its hand");
	tap_is(in_child(-3, 0, 0), 7, "without SEM_UNDO");
	tap_is(value(0), 7, "they do not");
	tap_is(in_child(5, SEM_UNDO, -1), 11, "a child gives 5 and takes 1");
	tap_is(value(0), 7, "all of that is taken back");
	tap_is(in_child(20000, SEM_UNDO, 12768), ERANGE, "more than a semaphore can be");
	tap_is(value(0), 7, "what it did until then is taken back");
	set(0, 0);
	start(0, 0, -1, -1, 0);
	set(1, 0);
	tap_is(in_child(0, IPC_NOWAIT, 0), 0, "a child that only looks");
	op(0, 2, 0);
	join(0);
	tap_is(value(0), 1, "one was taken");
	pthread_create(&t, NULL, thread_undo, NULL);
	pthread_join(t, NULL);
	tap_is(value(1), 4, "a thread's are its process's");
	tap_zero(op(1, -4, SEM_UNDO), "which can level them");
	set(0, 5);
	tap_zero(op(0, -5, SEM_UNDO), "the adjustment of a semaphore");
	set(0, 0);
	tap_zero(op(0, 32767, SEM_UNDO), "an adjustment down to -32767");
	op(0, -32767, 0);
	tap_zero(op(0, 1, SEM_UNDO), "and one more");
	op(0, -1, 0);
	tap_errno(op(0, 1, SEM_UNDO), ERANGE, "but not two");
	tap_is(value(0), 0, "of which nothing is left");
	set(0, 1);
	tap_is(in_child(-1, SEM_UNDO, 0), 0, "somebody takes the last one");
	tap_is(value(0), 1, "and it comes back");
	tap_is(killed_waiting(), SIGALRM, "a child is killed while it waits");
	tap_is(value(0), 1, "what it took comes back");
	tap_is(semctl(s, 0, GETNCNT) + semctl(s, 2, GETNCNT), 0, "and nobody waits");
	tap_zero(semctl(s, 0, IPC_RMID), "a set with adjustments can be removed");
}

int main(void)
{
	tap_plan(0);
	test_get();
	s = semget(IPC_PRIVATE, 3, 0600);
	test_values();
	test_operations();
	test_control();
	test_waiting();
	test_interrupted();
	test_undo();
	return tap_done();
}
