/* SPDX-License-Identifier: MIT
 * Robust lists: what becomes of the locks of one who ends.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/wait.h>
#include "futex.h"

struct entry { struct entry *next; word lock; };
struct head { struct entry *next; long offset; struct entry *pending; };

#define OFFSET ((long)offsetof(struct entry, lock))
#define MANY 2050

static struct head head;
static struct entry e[MANY];
static struct actor one, two;
static volatile unsigned owner;

static struct entry *pi(struct entry *x)
{
	return (struct entry *)((uintptr_t)x | 1);
}

/* Puts its number into the locks that hold 1, and the waiters bit into those that hold WAITERS | 1. */
static void *take_and_end(void *arg)
{
	unsigned self = gettid_();

	for (int i = 0; i < MANY; i++)
		if ((e[i].lock & 0x3fffffff) == 1)
			e[i].lock = (e[i].lock & WAITERS) | self;
	syscall(SYS_set_robust_list, &head, sizeof head);
	owner = self;
	usleep(40000);
	return arg;
}

static pthread_t begin(void)
{
	pthread_t th;

	owner = 0;
	if (pthread_create(&th, NULL, take_and_end, NULL))
		tap_bail("pthread_create");
	while (!owner)
		usleep(1000);
	return th;
}

/* A list of the first n entries, each locked. */
static void list(int n)
{
	memset(e, 0, sizeof e);
	for (int i = 0; i < n; i++)
		e[i] = (struct entry){ .next = i + 1 < n ? &e[i + 1] : (struct entry *)&head, .lock = 1 };
	head = (struct head){ .next = n ? &e[0] : (struct entry *)&head, .offset = OFFSET };
}

static void test_list(void)
{
	pthread_t th;

	list(4);
	e[1].lock = WAITERS | 1;
	e[2].lock = 2;
	th = begin();
	actor_block(&one, &e[1].lock, WAIT, e[1].lock, NULL, NULL, 0);
	actor_block(&two, &e[1].lock, WAIT, e[1].lock, NULL, NULL, 0);
	pthread_join(th, NULL);
	tap_ok(e[0].lock == OWNER_DIED, "a lock of one who ended");
	tap_ok(e[1].lock == (OWNER_DIED | WAITERS), "one that others wait for");
	tap_ok(actor_wait(&one) && !one.err && two.busy, "one of them is woken");
	tap_ok(e[2].lock == 2, "somebody else's is left alone");
	tap_ok(e[3].lock == OWNER_DIED, "the list goes on behind it");
	futex(&e[1].lock, WAKE, 1, NULL, NULL, 0);
	actor_wait(&two);
}

static void test_pending(void)
{
	pthread_t th;

	list(1);
	head.pending = &e[1];
	e[1].lock = 1;
	pthread_join(begin(), NULL);
	tap_ok(e[0].lock == OWNER_DIED && e[1].lock == OWNER_DIED, "a lock that is just being taken");
	list(2);
	head.pending = &e[0];
	pthread_join(begin(), NULL);
	tap_ok(e[0].lock == OWNER_DIED && e[1].lock == OWNER_DIED, "which may be in the list as well");
	list(0);
	head.pending = &e[0];
	th = begin();
	actor_block(&one, &e[0].lock, WAIT, 0, NULL, NULL, 0);
	pthread_join(th, NULL);
	tap_ok(actor_wait(&one) && !one.err, "one that was unlocked without the wake-up: it is made up for");
	tap_ok(e[0].lock == 0, "nobody died over it");
	list(0);
	head.pending = pi(&e[0]);
	th = begin();
	actor_block(&one, &e[0].lock, WAIT, 0, NULL, NULL, 0);
	pthread_join(th, NULL);
	usleep(20000);
	tap_ok(one.busy, "but not for a PI lock: the kernel itself passes that on");
	futex(&e[0].lock, WAKE, 1, NULL, NULL, 0);
	actor_wait(&one);
}

static void test_pi_entry(void)
{
	pthread_t th;

	list(2);
	head.next = pi(&e[0]);
	e[1].lock = 0;
	th = begin();
	actor_block(&one, &e[0].lock, LOCK_PI, 0, NULL, NULL, 0);
	tap_ok(e[0].lock == (owner | WAITERS), "a PI lock");
	pthread_join(th, NULL);
	tap_ok(actor_wait(&one) && !one.err, "goes to who waits for it");
	tap_ok(e[0].lock == (one.tid | WAITERS | OWNER_DIED), "who can see why");
	actor_do(&one, &e[0].lock, UNLOCK_PI, 0, NULL, NULL, 0);
	list(1);
	head.next = pi(&e[0]);
	pthread_join(begin(), NULL);
	tap_ok(e[0].lock == OWNER_DIED, "a PI lock nobody waits for");
	tap_zero(futex(&e[0].lock, LOCK_PI, 0, NULL, NULL, 0), "can be taken");
	tap_ok(e[0].lock == (gettid_() | OWNER_DIED), "and says what happened");
}

static void test_bad_lists(void)
{
	pthread_t th;

	list(3);
	e[2].next = &e[0];
	head.pending = &e[3];
	e[3].lock = 1;
	pthread_join(begin(), NULL);
	tap_ok(e[2].lock == OWNER_DIED && e[3].lock == OWNER_DIED, "a list that runs in a circle ends");
	list(MANY);
	pthread_join(begin(), NULL);
	tap_ok(e[2047].lock == OWNER_DIED, "2048 entries are looked at");
	tap_ok(e[2048].lock == owner, "and no more");
	list(3);
	head.offset = OFFSET + 1;
	head.pending = &e[0];
	pthread_join(begin(), NULL);
	tap_ok(e[0].lock == owner && e[2].lock == owner, "a misaligned lock: nothing is done");
	if (!tap_bad_pointers()) {
		for (int i = 0; i < 2; i++)
			tap_left_out("lists that lead out of memory");
		return;
	}
	list(3);
	e[1].next = (struct entry *)0xf0000000;
	head.pending = &e[3];
	e[3].lock = 1;
	pthread_join(begin(), NULL);
	tap_ok(e[1].lock == OWNER_DIED && e[2].lock == owner && e[3].lock == owner, "a list that leads out of memory");
	list(1);
	th = begin();
	head.next = NULL;
	pthread_join(th, NULL);
	tap_ok(e[0].lock == owner, "a list that begins nowhere");
}

/* vfork: the child has our memory. */
static void test_exec(void)
{
	int status;
	pid_t pid;

	list(1);
	pid = vfork();
	if (!pid) {
		e[0].lock = gettid_();
		syscall(SYS_set_robust_list, &head, sizeof head);
		execl("/proc/self/exe", "futex_robust", "child", (char *)NULL);
		_exit(9);
	}
	tap_ok(e[0].lock == OWNER_DIED, "execve leaves the locks as well");
	waitpid(pid, &status, 0);
	tap_is(status, 0, "the program does not know of them");
}

static int child(void)
{
	void *list_now;
	size_t len;

	return syscall(SYS_get_robust_list, 0, &list_now, &len) || list_now == &head;
}

/* --- As a program sees it --- */

static pthread_mutex_t mutex;

static void *lock_and_end(void *arg)
{
	pthread_mutex_lock(&mutex);
	return arg;
}

static void test_mutex(int protocol, const char *name)
{
	pthread_mutexattr_t attr;
	pthread_t th;
	int err;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setprotocol(&attr, protocol);
	pthread_mutex_init(&mutex, &attr);
	pthread_create(&th, NULL, lock_and_end, NULL);
	pthread_join(th, NULL);
	err = pthread_mutex_lock(&mutex);
	tap_is(err, EOWNERDEAD, "%s: the owner died", name);
	pthread_mutex_consistent(&mutex);
	pthread_mutex_unlock(&mutex);
	tap_zero(pthread_mutex_lock(&mutex), "%s: consistent again", name);
	pthread_mutex_unlock(&mutex);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "child"))
		return child();
	tap_plan(0);
	actor_start(&one);
	actor_start(&two);
	test_list();
	test_pending();
	test_pi_entry();
	test_bad_lists();
	test_exec();
	test_mutex(PTHREAD_PRIO_NONE, "robust mutex");
	test_mutex(PTHREAD_PRIO_INHERIT, "robust PI mutex");
	actor_end(&one);
	actor_end(&two);
	return tap_done();
}
