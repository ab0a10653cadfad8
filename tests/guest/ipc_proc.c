/* SPDX-License-Identifier: MIT
 * Message queues and semaphores in /proc: /proc/sysvipc, and the limits in /proc/sys.
 */
#include <fcntl.h>
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include "tap.h"

static char buf[4096];

static const char *text_of(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, buf, sizeof buf - 1);

	buf[n < 0 ? 0 : n] = 0;
	close(fd);
	return buf;
}

static void is(const char *path, const char *want)
{
	if (!tap_ok(!strcmp(text_of(path), want), "%s is %.*s", path, (int)strcspn(want, "\n"), want))
		tap_diag("got %s", buf);
}

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	ssize_t n = write(fd, text, strlen(text));
	int err = errno;

	close(fd);
	errno = err;
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* The second line, but for the times, which are its last `times` columns of 11 characters. */
static const char *line(const char *path, int times)
{
	static char out[300];
	const char *l = strchr(text_of(path), '\n');
	size_t n = l ? strcspn(l + 1, "\n") : 0;

	n = n > 11u * times ? n - 11u * times : 0;
	snprintf(out, sizeof out, "%.*s", (int)n, l ? l + 1 : "");
	return out;
}

static void test_queue(void)
{
	int q = msgget(0x1234, IPC_CREAT | 0640);
	struct { long type; char text[5]; } m = { 1, "hello" };
	char want[300];

	snprintf(want, sizeof want, "%10d %10d   640  %10u %10u %5u %5u %5u %5u %5u %5u", 0x1234, q, 5, 1, getpid(), 0,
		 0, 0, 0, 0);
	msgsnd(q, &m, 5, 0);
	if (!tap_ok(!strcmp(line("/proc/sysvipc/msg", 3), want), "a queue"))
		tap_diag("got '%s', want '%s'", line("/proc/sysvipc/msg", 3), want);
	msgctl(q, IPC_RMID, NULL);
	is("/proc/sysvipc/msg",
	   "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime"
	   "      ctime\n");
}

static void test_set(void)
{
	int s = semget(0x1234, 7, IPC_CREAT | 0600);
	char want[300];

	snprintf(want, sizeof want, "%10d %10d   600 %10u %5u %5u %5u %5u", 0x1234, s, 7, 0, 0, 0, 0);
	if (!tap_ok(!strcmp(line("/proc/sysvipc/sem", 2), want), "a set"))
		tap_diag("got '%s', want '%s'", line("/proc/sysvipc/sem", 2), want);
	semctl(s, 0, IPC_RMID);
	is("/proc/sysvipc/sem",
	   "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n");
}

static void test_limits(void)
{
	static char m[20000];
	int q, other, s;

	is("/proc/sys/kernel/msgmax", "8192\n");
	is("/proc/sys/kernel/msgmnb", "16384\n");
	is("/proc/sys/kernel/msgmni", "32000\n");
	is("/proc/sys/kernel/sem", "32000\t1024000000\t500\t32000\n");
	is("/proc/sys/fs/mqueue/msg_default", "10\n");
	is("/proc/sys/fs/mqueue/msg_max", "10\n");
	is("/proc/sys/fs/mqueue/msgsize_default", "8192\n");
	is("/proc/sys/fs/mqueue/msgsize_max", "8192\n");
	is("/proc/sys/fs/mqueue/queues_max", "256\n");

	tap_zero(put("/proc/sys/kernel/msgmax", "100\n"), "msgmax 100");
	tap_zero(put("/proc/sys/kernel/msgmnb", "150"), "msgmnb 150");
	tap_zero(put("/proc/sys/kernel/msgmni", "1"), "msgmni 1");
	tap_errno(put("/proc/sys/kernel/msgmni", "32769"), EINVAL, "msgmni: more than there are ids");
	tap_errno(put("/proc/sys/kernel/msgmax", "-1"), EINVAL, "msgmax: negative");
	tap_errno(put("/proc/sys/kernel/msgmax", "x"), EINVAL, "msgmax: no number");
	q = msgget(IPC_PRIVATE, 0600);
	*(long *)m = 1;
	tap_errno(msgsnd(q, m, 101, 0), EINVAL, "a message of 101");
	tap_zero(msgsnd(q, m, 100, 0), "one of 100");
	tap_errno(msgsnd(q, m, 51, IPC_NOWAIT), EAGAIN, "51 more are too much");
	other = msgget(IPC_PRIVATE, 0600);
	tap_ok(other == -1 && errno == ENOSPC, "a second queue is one too many");
	msgctl(q, IPC_RMID, NULL);
	put("/proc/sys/kernel/msgmax", "8192");
	put("/proc/sys/kernel/msgmnb", "16384");
	put("/proc/sys/kernel/msgmni", "32000");

	tap_zero(put("/proc/sys/kernel/sem", "2 3\t1 1\n"), "sem");
	is("/proc/sys/kernel/sem", "2\t3\t1\t1\n");
	tap_errno(semget(IPC_PRIVATE, 3, 0600), EINVAL, "a set of three");
	s = semget(IPC_PRIVATE, 2, 0600);
	tap_errno(semget(IPC_PRIVATE, 1, 0600), ENOSPC, "a second set");
	put("/proc/sys/kernel/sem", "2 3 1 5");
	tap_errno(semget(IPC_PRIVATE, 2, 0600), ENOSPC, "more than three in all");
	tap_errno(semop(s, (struct sembuf[2]){ { 0, 1, 0 }, { 1, 1, 0 } }, 2), E2BIG, "two operations");
	semctl(s, 0, IPC_RMID);
	tap_zero(put("/proc/sys/kernel/sem", "32000 1024000000 500 32000"), "sem as before");
	tap_errno(put("/proc/sys/fs/mqueue/msg_max", "0"), EINVAL, "msg_max 0");
	tap_errno(put("/proc/sys/fs/mqueue/msgsize_max", "127"), EINVAL, "msgsize_max 127");
	tap_zero(put("/proc/sys/fs/mqueue/msg_default", "3"), "msg_default 3");
	q = mq_open("/limits", O_CREAT | O_RDWR, 0600, NULL);
	struct mq_attr a = { 0 };

	mq_getattr(q, &a);
	tap_is(a.mq_maxmsg, 3, "a new queue takes three");
	put("/proc/sys/fs/mqueue/msg_default", "10");
	mq_unlink("/limits");
}

int main(void)
{
	tap_plan(0);
	if (!tap_own_machine()) {
		tap_skip(1, "not our machine");
		return tap_done();
	}
	test_queue();
	test_set();
	test_limits();
	return tap_done();
}
