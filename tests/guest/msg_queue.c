/* SPDX-License-Identifier: MIT
 * System V message queues: ids, order, types, limits, waiting.
 */
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/syscall.h>
#include <time.h>
#include "tap.h"

#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif
#define COPY 040000		/* MSG_COPY */

static struct { long type; char text[9000]; } m;
static int q;

static int put(long type, const char *text, int flags)
{
	m.type = type;
	strcpy(m.text, text);
	return msgsnd(q, &m, strlen(text), flags);
}

/* The message got, or "E" and the errno. */
static const char *got(size_t size, long type, int flags)
{
	static char out[64];
	ssize_t n;

	memset(m.text, 0, 64);
	m.type = 0;
	n = msgrcv(q, &m, size, type, flags);
	if (n < 0)
		snprintf(out, sizeof out, "E%d", errno);
	else
		snprintf(out, sizeof out, "%ld:%.*s", m.type, (int)n, m.text);
	return out;
}

static void is(const char *have, const char *want, const char *what)
{
	if (!tap_ok(!strcmp(have, want), "%s", what))
		tap_diag("got %s, want %s", have, want);
}

static struct msqid_ds stat_of(int id)
{
	struct msqid_ds d = { 0 };

	msgctl(id, IPC_STAT, &d);
	return d;
}

static void pause_ms(int ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
}

static void test_get(void)
{
	int id, other;

	tap_errno(msgget(4711, 0), ENOENT, "msgget: no such key");
	id = msgget(4711, IPC_CREAT | 0640);
	tap_ok(id >= 0, "msgget: makes one");
	tap_errno(msgget(4711, IPC_CREAT | IPC_EXCL | 0600), EEXIST, "msgget: IPC_EXCL");
	tap_is(msgget(4711, 0), id, "msgget: finds it");
	tap_is(stat_of(id).msg_perm.mode, 0640, "its mode");
	tap_is(stat_of(id).msg_perm.__key, 4711, "its key");
	tap_is(stat_of(id).msg_qbytes, 16384, "its size");
	tap_is(stat_of(id).msg_stime, 0, "nothing was sent yet");
	other = msgget(IPC_PRIVATE, 0600);
	tap_ok(other >= 0 && other != id, "msgget: IPC_PRIVATE is always new");
	tap_is(other & 0x7fff, (id & 0x7fff) + 1, "with the next index");
	tap_zero(msgctl(id, IPC_RMID, NULL), "IPC_RMID");
	tap_zero(msgctl(other, IPC_RMID, NULL), "IPC_RMID of the other");
	tap_errno(msgctl(id, IPC_RMID, NULL), EINVAL, "the id is not valid any more");
	tap_errno(msgget(4711, 0), ENOENT, "nor the key");
}

static void test_order(void)
{
	is(got(10, 0, IPC_NOWAIT), "E42", "an empty queue: ENOMSG");
	put(3, "three", 0);
	put(1, "one", 0);
	put(2, "two", 0);
	put(3, "drei", 0);
	tap_is(stat_of(q).msg_qnum, 4, "four messages");
	tap_is(stat_of(q).__msg_cbytes, 15, "and their bytes");
	is(got(10, 3, 0), "3:three", "the first of a type");
	is(got(10, -3, 0), "1:one", "the lowest type up to 3");
	is(got(10, 2, MSG_EXCEPT), "3:drei", "the first of any other type");
	is(got(10, 7, IPC_NOWAIT), "E42", "none of that type");
	is(got(10, -1, IPC_NOWAIT), "E42", "none so low");
	put(5, "five", 0);
	put(5, "funf", 0);
	is(got(10, LONG_MIN, 0), "2:two", "the lowest of all");
	is(got(10, -9, 0), "5:five", "the first of the lowest type");
	is(got(2, 0, 0), "E7", "too long: E2BIG");
	is(got(2, 0, MSG_NOERROR), "5:fu", "too long, cut");
	put(1, "", 0);
	is(got(0, 0, 0), "1:", "an empty message");
	tap_is(stat_of(q).msg_qnum, 0, "none are left");
	tap_is(stat_of(q).msg_lspid, getpid(), "the last sender");
	tap_is(stat_of(q).msg_lrpid, getpid(), "the last receiver");
	tap_ok(stat_of(q).msg_stime && stat_of(q).msg_rtime && stat_of(q).msg_ctime, "and when");
}

static void test_errors(void)
{
	tap_errno(put(0, "x", 0), EINVAL, "msgsnd: type 0");
	tap_errno(put(-1, "x", 0), EINVAL, "msgsnd: negative type");
	m.type = 1;
	tap_errno(msgsnd(q, &m, 8193, 0), EINVAL, "msgsnd: longer than msgmax");
	tap_errno(msgsnd(q, &m, (size_t)-1, 0), EINVAL, "msgsnd: negative length");
	tap_errno(msgsnd(-1, &m, 1, 0), EINVAL, "msgsnd: negative id");
	tap_errno(msgsnd(q + 0x8000, &m, 1, 0), EINVAL, "msgsnd: stale id");
	tap_efault(msgsnd(q, NULL, 1, 0), "msgsnd: no message");
	tap_errno(msgrcv(q, &m, (size_t)-1, 0, 0), EINVAL, "msgrcv: negative length");
	tap_errno(msgrcv(-1, &m, 1, 0, 0), EINVAL, "msgrcv: negative id");
	tap_errno(msgrcv(q + 0x8000, &m, 1, 0, IPC_NOWAIT), EINVAL, "msgrcv: stale id");
	tap_errno(msgrcv(q, &m, 1, 0, COPY), EINVAL, "msgrcv: MSG_COPY without IPC_NOWAIT");
	tap_errno(msgrcv(q, &m, 1, 0, COPY | MSG_EXCEPT | IPC_NOWAIT), EINVAL, "msgrcv: MSG_COPY with MSG_EXCEPT");
	tap_errno(msgrcv(q, &m, 1, 0, COPY | IPC_NOWAIT), ENOSYS, "msgrcv: MSG_COPY");
	tap_errno(msgctl(q, 99, NULL), EINVAL, "msgctl: no such command");
	tap_errno(msgctl(-1, IPC_STAT, NULL), EINVAL, "msgctl: negative id");
	tap_efault(syscall(SYS_msgctl, q, 2, NULL), "msgctl: IPC_STAT to nowhere");
	tap_efault(syscall(SYS_msgctl, q, IPC_SET, NULL), "msgctl: IPC_SET from nowhere");
	if (tap_bad_pointers()) {
		put(1, "lost", 0);
		tap_errno(msgrcv(q, NULL, 10, 0, 0), EFAULT, "msgrcv: to nowhere");
		is(got(10, 0, IPC_NOWAIT), "E42", "the message is gone all the same");
	} else {
		tap_left_out("msgrcv: to nowhere");
		tap_left_out("the message is gone all the same");
	}
}

static void test_control(void)
{
	struct msqid_ds d;
	struct msginfo i;

	put(1, "hello", 0);
	tap_is(msgctl(0, IPC_INFO, (void *)&i), q & 0x7fff, "IPC_INFO: the highest index");
	tap_ok(i.msgmax == 8192 && i.msgmnb == 16384 && i.msgmni == 32000, "the limits");
	tap_ok(i.msgpool == 512000 && i.msgmap == 16384 && i.msgssz == 16 && i.msgtql == 16384 && i.msgseg == 65535,
	       "and the historical ones");
	tap_is(msgctl(0, MSG_INFO, (void *)&i), q & 0x7fff, "MSG_INFO");
	tap_ok(i.msgpool == 1 && i.msgmap == 1 && i.msgtql == 5, "one queue, one message, five bytes");
	tap_is(msgctl(q & 0x7fff, MSG_STAT, &d), q, "MSG_STAT: by index");
	tap_is(d.msg_qnum, 1, "it is that one");
	tap_is(msgctl(q & 0x7fff, MSG_STAT_ANY, &d), q, "MSG_STAT_ANY");
	tap_errno(msgctl((q & 0x7fff) + 1, MSG_STAT, &d), EINVAL, "MSG_STAT: nothing there");
	d.msg_perm.mode = 0123456;
	d.msg_perm.uid = 12;
	d.msg_perm.gid = 34;
	d.msg_qbytes = 20000;
	tap_zero(msgctl(q, IPC_SET, &d), "IPC_SET");
	d = stat_of(q);
	tap_ok(d.msg_perm.uid == 12 && d.msg_perm.gid == 34 && d.msg_perm.cuid == 0 && d.msg_perm.cgid == 0,
	       "owner and creator");
	tap_is(d.msg_perm.mode, 0456, "mode");
	tap_is(d.msg_qbytes, 20000, "size");
	d.msg_perm.uid = -1;
	tap_errno(msgctl(q, IPC_SET, &d), EINVAL, "IPC_SET: no such user");
	d.msg_perm.uid = 0;
	d.msg_perm.gid = 0;
	d.msg_perm.mode = 0600;
	d.msg_qbytes = 16384;
	tap_zero(msgctl(q, IPC_SET, &d), "IPC_SET back");
	got(10, 0, 0);
}

/* As somebody else: effective ids only, so that root can come back. */
static void test_permissions(void)
{
	struct msqid_ds d;

	if (!tap_own_machine() && geteuid()) {
		tap_skip(9, "not root");
		return;
	}
	put(1, "x", 0);
	tap_zero(setegid(100) || seteuid(100), "as user 100");
	tap_errno(put(1, "y", 0), EACCES, "msgsnd");
	tap_errno(msgrcv(q, &m, 9, 0, IPC_NOWAIT), EACCES, "msgrcv");
	tap_errno(msgctl(q, IPC_STAT, &d), EACCES, "IPC_STAT");
	tap_errno(msgctl(q & 0x7fff, MSG_STAT, &d), EACCES, "MSG_STAT");
	tap_is(msgctl(q & 0x7fff, MSG_STAT_ANY, &d), q, "MSG_STAT_ANY");
	tap_errno(msgctl(q, IPC_SET, &d), EPERM, "IPC_SET");
	tap_errno(msgctl(q, IPC_RMID, NULL), EPERM, "IPC_RMID");
	tap_zero(seteuid(0) || setegid(0), "as root again");
	got(9, 0, 0);
}

/* --- Waiting --- */

static struct waiter {
	pthread_t thread;
	long type;
	int flags, err;
	ssize_t n;
	size_t size;
	struct { long type; char text[8192]; } m;
} w[4];

static void *receiver(void *arg)
{
	struct waiter *s = arg;

	s->n = msgrcv(q, &s->m, s->size, s->type, s->flags);
	s->err = s->n < 0 ? errno : 0;
	return NULL;
}

static void *sender(void *arg)
{
	struct waiter *s = arg;

	s->m.type = s->type;
	s->n = msgsnd(q, &s->m, s->size, s->flags);
	s->err = s->n < 0 ? errno : 0;
	return NULL;
}

static void start(int i, void *(*fn)(void *), long type, size_t size)
{
	w[i].type = type;
	w[i].size = size;
	w[i].flags = 0;
	pthread_create(&w[i].thread, NULL, fn, &w[i]);
	pause_ms(30);
}

static void join(int i)
{
	pthread_join(w[i].thread, NULL);
}

static void test_receivers_wait(void)
{
	start(0, receiver, 5, 100);
	start(1, receiver, 0, 100);
	start(2, receiver, 0, 2);
	start(3, receiver, 0, 100);
	put(5, "for the first", 0);
	join(0);
	tap_ok(w[0].n == 13 && !memcmp(w[0].m.text, "for the first", 13), "who waits first and wants it gets it");
	put(6, "for the second", 0);
	join(1);
	tap_ok(w[1].n == 14 && w[1].m.type == 6, "then the next");
	put(7, "too long", 0);
	join(2);
	tap_is(w[2].err, E2BIG, "one who cannot take it is told so");
	join(3);
	tap_ok(w[3].n == 8 && w[3].m.type == 7, "and the one behind gets it");
	start(0, receiver, 0, 5);
	put(7, "exact", IPC_NOWAIT);
	join(0);
	tap_ok(w[0].n == 5 && !memcmp(w[0].m.text, "exact", 5), "a buffer as long as the message will do");
	tap_is(stat_of(q).msg_qnum, 0, "nothing was queued");
}

static void test_senders_wait(void)
{
	memset(m.text, 'x', sizeof m.text);
	m.type = 1;
	tap_zero(msgsnd(q, &m, 8192, 0), "half of it full");
	tap_zero(msgsnd(q, &m, 8192, 0), "all of it");
	tap_errno(msgsnd(q, &m, 1, IPC_NOWAIT), EAGAIN, "full: IPC_NOWAIT");
	tap_zero(msgsnd(q, &m, 0, IPC_NOWAIT), "but an empty message fits");
	start(0, sender, 2, 8000);
	start(1, sender, 3, 10);
	tap_is(stat_of(q).msg_qnum, 3, "two more wait");
	is(got(0, 1, MSG_NOERROR), "1:", "one taken");
	join(0);
	join(1);
	tap_ok(!w[0].err && !w[1].err, "both came in");
	tap_is(stat_of(q).__msg_cbytes, 8192 + 8000 + 10, "they are there");
	for (int i = 0; i < 4; i++)
		got(0, 0, MSG_NOERROR | IPC_NOWAIT);
	tap_is(stat_of(q).msg_qnum, 0, "all taken");
}

static volatile int handled;

static void handler(int s)
{
	(void)s;
	handled++;
}

static void test_signals(void)
{
	struct sigaction act = { .sa_handler = handler, .sa_flags = SA_RESTART };
	struct msqid_ds d;

	sigaction(SIGUSR1, &act, NULL);
	start(0, receiver, 0, 10);
	pthread_kill(w[0].thread, SIGUSR1);
	join(0);
	tap_is(w[0].err, EINTR, "msgrcv: a handler interrupts, SA_RESTART or not");
	tap_is(handled, 1, "it ran");
	memset(m.text, 'x', sizeof m.text);
	m.type = 1;
	msgsnd(q, &m, 8192, 0);
	msgsnd(q, &m, 8192, 0);
	start(0, sender, 1, 10);
	pthread_kill(w[0].thread, SIGUSR1);
	join(0);
	tap_is(w[0].err, EINTR, "msgsnd: too");
	start(0, sender, 1, 10);
	d = stat_of(q);
	d.msg_qbytes = 17000;
	tap_zero(msgctl(q, IPC_SET, &d), "a larger queue");
	join(0);
	tap_is(w[0].err, 0, "lets the sender go on");
	start(0, sender, 1, 8192);
	start(1, sender, 1, 8192);
	tap_zero(msgctl(q, IPC_RMID, NULL), "IPC_RMID while two send");
	join(0);
	join(1);
	tap_ok(w[0].err == EIDRM && w[1].err == EIDRM, "EIDRM for both");
	q = msgget(IPC_PRIVATE, 0600);
	start(0, receiver, 0, 10);
	tap_zero(msgctl(q, IPC_RMID, NULL), "IPC_RMID while one receives");
	join(0);
	tap_is(w[0].err, EIDRM, "EIDRM");
}

int main(void)
{
	tap_plan(0);
	test_get();
	q = msgget(IPC_PRIVATE, 0600);
	test_order();
	test_errors();
	test_control();
	test_permissions();
	test_receivers_wait();
	test_senders_wait();
	test_signals();
	return tap_done();
}
