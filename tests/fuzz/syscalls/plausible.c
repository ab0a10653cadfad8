/* SPDX-License-Identifier: MIT
 *
 * What programs really ask for: without it most calls would end at their first check.  One word for each argument: a number;
 * "." what chance has made; {a,b,c} one of these.
 */
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"

static const struct { const char *name, *like; } plausible[] = {
	/* files */
	{ "openat", "-100 . {0,1,2,0102,01102,04002,0200000} 0644" }, { "mkdirat", "-100 . 0777" },
	{ "mknodat", "-100 . {0010644,0100644,0140644} 0" }, { "unlinkat", "-100 . {0,0x200}" },
	{ "symlinkat", ". -100 ." }, { "linkat", "-100 . -100 . 0" }, { "renameat2", "-100 . -100 . {0,1,2}" },
	{ "readlinkat", "-100 . . 200" }, { "statx", "{-100,.} . {0,0x1000} 0xfff ." }, { "faccessat", "-100 . {0,4}" },
	{ "utimensat_time64", "-100 . {0,.} 0" }, { "fchmodat", "-100 . {0644,0755}" }, { "statfs64", ". {84,88} ." },
	{ "fstatfs64", ". {84,88} ." }, { "ftruncate64", ". {0,10,10000} 0" }, { "getdents64", ". . {100,4000}" },
	{ "fallocate", ". {0,1,3} {0,100} 0 {100,10000} 0" }, { "umount2", ". {0,2}" }, { "memfd_create", ". {0,1,2}" },
	{ "splice", ". 0 . 0 {1,1000} {0,2}" }, { "tee", ". . 100 2" }, { "vmsplice", ". . {1,3} 2" },
	{ "sendfile64", ". . 0 {1,5000}" }, { "cachestat", ". . . 0" }, { "copy_file_range", ". 0 . 0 {1,5000} 0" }, { "pipe2", ". {0,0x800}" },
	{ "eventfd2", "{0,5} {0,1,0x800}" }, { "flock", ". {1,2,5,6,8}" }, { "_llseek", ". 0 {0,5,100} . {0,1,2}" },
	{ "openat2", "-100 . . 24" }, { "pwritev2", ". . {1,3} {0,-1} {0,-1} 0" }, { "preadv2", ". . {1,3} {0,-1} {0,-1} 0" },
	/* waiting for descriptors */
	{ "epoll_create1", "{0,0x80000}" }, { "epoll_ctl", ". {1,2,3} . ." }, { "epoll_pwait", ". . {1,4} {0,1,-1} {0,.} 8" },
	{ "epoll_pwait2", ". . {1,4} . {0,.} 8" }, { "ppoll_time64", ". {1,3} . {0,.} 8" }, { "pselect6_time64", "{3,30} {0,.} {0,.} 0 . 0" },
	{ "inotify_init1", "{0,0x800}" }, { "inotify_add_watch", ". . {0xfff,2,0x100}" }, { "inotify_rm_watch", ". {1,2}" },
	{ "signalfd4", "{-1,.} . 8 {0,0x800}" }, { "timerfd_create", "{0,1,7} {0,0x800}" },
	{ "timerfd_settime64", ". {0,1} . {0,.}" },
	/* sockets */
	{ "socket", "{1,1,2,10} {1,2,5,2049,2050} 0" }, { "socketpair", "1 {1,2,5,2049} 0 ." }, { "bind", ". . {16,110}" },
	{ "connect", ". . {16,110}" }, { "listen", ". {0,1,8}" }, { "accept", ". 0 0" }, { "accept4", ". 0 0 {0,2048}" },
	{ "getsockname", ". . ." }, { "sendto", ". . {1,10,200} {0,64} {0,.} {0,16}" },
	{ "recvfrom", ". . {1,10,200} {0,64} 0 0" }, { "sendmsg", ". . {0,64}" }, { "recvmsg", ". . {0,64}" },
	{ "sendmmsg", ". . {1,3} {0,64}" }, { "recvmmsg_time64", ". . {1,3} 64 0" }, { "shutdown", ". {0,1,2}" },
	{ "setsockopt", ". {1,6,0,41} {1,2,6,7,8,9,13,15,20} . 4" }, { "getsockopt", ". {1,6,0} {1,3,4,7,8,17,38} . ." },
	/* signals, timers, processes */
	{ "rt_sigaction", ". {0,.} {0,.} 8" }, { "rt_sigprocmask", "{0,1,2} {0,.} {0,.} 8" }, { "rt_sigpending", ". 8" },
	{ "rt_sigtimedwait_time64", ". {0,.} . 8" }, { "rt_sigsuspend", ". 8" }, { "timer_create", "{0,1,2} 0 ." },
	{ "timer_settime64", "{0,1,2} {0,1} . {0,.}" }, { "timer_gettime64", "{0,1} ." }, { "timer_delete", "{0,1,2}" },
	{ "timer_getoverrun", "{0,1}" }, { "setitimer", "{0,1,2} . {0,.}" }, { "setpgid", "0 0" },
	{ "waitid", "{0,1} . . {1,4,5,9,0x1000001} 0" }, { "pidfd_open", ". 0" }, { "pidfd_send_signal", ". {0,10,18} 0 0" },
	{ "pidfd_getfd", ". {0,5} 0" }, { "set_robust_list", ". 12" }, { "futex_wake", ". -1 1 {2,130}" },
	{ "futex_wait", ". . -1 {2,130} . {0,1}" }, { "futex_waitv", ". {1,2} 0 . {0,1}" }, { "futex_requeue", ". 0 1 1" },
	{ "sched_setattr", ". . 0" }, { "sched_getattr", ". . 56 0" }, { "ioprio_set", "1 0 {0,0x4004}" },
	/* memory and System V */
	{ "mremap", ". {1,4096,8192} {1,4096,20000} {0,1}" }, { "munmap", ". {4096,8192}" },
	{ "shmget", "{0,1} {1,4096,100000} {01600,0600}" }, { "shmat", "{0,1,2} 0 {0,010000}" },
	{ "semget", "{0,1} {1,3} 01600" }, { "semop", "{0,1} . {1,2}" }, { "semtimedop_time64", "{0,1} . {1,2} ." },
	{ "semctl", "{0,1} {0,1} {0,2,11,12,13,14,16} ." }, { "msgget", "{0,1} 01600" }, { "msgsnd", "{0,1} . {1,100} {0,04000}" },
	{ "msgrcv", "{0,1} . 100 {0,1} {04000,014000}" }, { "mq_open", ". {0102,0302,04102} 0600 0" },
	{ "mq_timedsend_time64", ". . {1,8} {0,3} {0,.}" }, { "mq_timedreceive_time64", ". . 8192 0 ." }, { "mq_notify", ". 0" },
	{ "process_vm_readv", ". . 1 . 1 0" },
	{ "seccomp", "{2,3} 0 ." },
	/* namespaces */
	{ "unshare", "{0x20000,0x20200,0x4000000,0x4020400,0x200,0x40000,0x10800}" }, { "setns", ". {0,0x20000,0x4000000,0x4020000}" },
};

enum { KNOWN = sizeof plausible / sizeof *plausible };
_Static_assert(KNOWN <= LIKE, "");

uint8_t plausible_for(const char *name)
{
	for (int i = 0; i < KNOWN; i++)
		if (!strcmp(plausible[i].name, name))
			return (uint8_t)(i + 1);
	return 0;
}

/* One word: the values there are to choose from. */
static void read_choices(struct choices *c, const char *word, size_t len)
{
	const char *end = word + len;

	for (word += *word == '{'; word < end && c->n < CHOICES; word += strcspn(word, ", }") + 1) {
		c->keep |= (uint8_t)((*word == '.') << c->n);
		c->values[c->n++] = *word == '.' ? 0 : (uint32_t)strtoll(word, NULL, 0);
	}
}

void read_plausible(struct table *t)
{
	for (int i = 0; i < KNOWN; i++) {
		const char *word = plausible[i].like;

		for (int k = 0; *word && k < 6; k++, word += *word == ' ') {
			size_t len = strcspn(word, " ");

			read_choices(&t->like[i].args[k], word, len);
			word += len;
		}
	}
}

void make_plausible(struct rng *r, const struct like *like, uint32_t args[6])
{
	for (int k = 0; k < 6; k++) {
		const struct choices *c = &like->args[k];
		uint32_t i = c->n > 1 ? below(r, c->n) : 0;

		if (c->n && !(c->keep >> i & 1))
			args[k] = c->values[i];
	}
}
