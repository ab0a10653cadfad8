#!/bin/sh
# --strace of queues and semaphores: as strace(1) writes them.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 4

cat >guest.c <<'C'
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <time.h>

int main(void)
{
	struct { long type; char text[64]; } m = { 3, "hello" };
	struct sembuf b[2] = { { 0, 1, SEM_UNDO }, { 1, 0, IPC_NOWAIT | SEM_UNDO } };
	struct mq_attr at = { 0, 5, 64, 0 }, old;
	struct sigevent e = { .sigev_signo = SIGUSR1, .sigev_value.sival_int = 42 };
	struct timespec soon = { 0, 1000 };
	struct msqid_ds d;
	struct msginfo mi;
	struct seminfo si;
	unsigned prio;
	int q, s;

	q = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
	msgget(0x99, IPC_EXCL);
	msgsnd(q, &m, 6, IPC_NOWAIT);
	msgrcv(q, &m, 64, -5, MSG_NOERROR | IPC_NOWAIT);
	msgrcv(q, (void *)16, 64, 7, MSG_EXCEPT | IPC_NOWAIT);
	msgctl(0, MSG_INFO, (void *)&mi);
	msgctl(q, IPC_STAT, &d);
	msgctl(q, IPC_SET, &d);
	msgctl(q, 99, 0);
	msgctl(q, IPC_RMID, 0);
	s = semget(0x1234, 3, IPC_CREAT | 0640);
	semop(s, b, 2);
	b[0].sem_op = -2;
	semtimedop(s, b, 1, &soon);
	semctl(s, 1, SETVAL, 5);
	semctl(s, 0, SEM_INFO, &si);
	semctl(s, 0, IPC_RMID);
	q = mq_open("/abc", O_CREAT | O_RDWR | O_NONBLOCK, 0600, &at);
	mq_send(q, "hello", 5, 7);
	mq_receive(q, m.text, 64, &prio);
	mq_notify(q, &e);
	mq_setattr(q, &at, &old);
	mq_unlink("/abc");
	mq_open("/abc", O_RDONLY);
	return 0;
}
C
"$FLAT32_CC" -o guest guest.c || exit 2
"$FLAT32" run --strace ./guest 2>trace
same "the exit status" $? 0
sed -n '/^msgget/,/^exit_group/ { s/  *= / = /; s/time=[1-9][0-9]*/time=T/g; p }' trace >got

same "System V message queues" "$(grep '^msg' got)" 'msgget(IPC_PRIVATE, IPC_CREAT|0600) = 0
msgget(0x99, IPC_EXCL|000) = -1 ENOENT (No such file or directory)
msgsnd(0, {mtype=3, mtext="hello\0"}, 6, IPC_NOWAIT) = 0
msgrcv(0, {mtype=3, mtext="hello\0"}, 64, -5, MSG_NOERROR|IPC_NOWAIT) = 6
msgrcv(0, 0x10, 64, 7, MSG_EXCEPT|IPC_NOWAIT) = -1 ENOMSG (No message of desired type)
msgctl(0, MSG_INFO, {msgpool=1, msgmap=0, msgmax=8192, msgmnb=16384, msgmni=32000, msgssz=16, msgtql=0, msgseg=65535}) = 0
msgctl(0, IPC_STAT, {msg_perm={uid=0, gid=0, mode=0600, key=0, cuid=0, cgid=0}, msg_stime=T, msg_rtime=T, msg_ctime=T, msg_qnum=0, msg_qbytes=16384, msg_lspid=2, msg_lrpid=2}) = 0
msgctl(0, IPC_SET, {msg_perm={uid=0, gid=0, mode=0600}, msg_qbytes=16384}) = 0
msgctl(0, 0x63 /* MSG_??? */, NULL) = -1 EINVAL (Invalid argument)
msgctl(0, IPC_RMID, NULL) = 0'

same "System V semaphores" "$(grep '^sem' got)" 'semget(0x1234, 3, IPC_CREAT|0640) = 0
semop(0, [{sem_num=0, sem_op=1, sem_flg=SEM_UNDO}, {sem_num=1, sem_op=0, sem_flg=SEM_UNDO|IPC_NOWAIT}], 2) = 0
semtimedop_time64(0, [{sem_num=0, sem_op=-2, sem_flg=SEM_UNDO}], 1, {tv_sec=0, tv_nsec=1000}) = -1 EAGAIN (Resource temporarily unavailable)
semctl(0, 1, SETVAL, 0x5) = 0
semctl(0, 0, SEM_INFO, {semmap=1024000000, semmni=32000, semmns=1024000000, semmnu=1024000000, semmsl=32000, semopm=500, semume=500, semusz=1, semvmx=32767, semaem=3}) = 0
semctl(0, 0, IPC_RMID, NULL) = 0'

same "POSIX message queues" "$(grep '^mq' got)" 'mq_open("abc", O_RDWR|O_CREAT|O_NONBLOCK, 0600, {mq_flags=0, mq_maxmsg=5, mq_msgsize=64, mq_curmsgs=0}) = 3
mq_timedsend_time64(3, "hello", 5, 7, NULL) = 0
mq_timedreceive_time64(3, "hello", 64, [7], NULL) = 5
mq_notify(3, {sigev_value={sival_int=42, sival_ptr=0x2a}, sigev_signo=SIGUSR1, sigev_notify=SIGEV_SIGNAL}) = 0
mq_getsetattr(3, {mq_flags=0, mq_maxmsg=5, mq_msgsize=64, mq_curmsgs=0}, {mq_flags=O_NONBLOCK, mq_maxmsg=5, mq_msgsize=64, mq_curmsgs=0}) = 0
mq_unlink("abc") = 0
mq_open("abc", O_RDONLY) = -1 ENOENT (No such file or directory)'
finish
