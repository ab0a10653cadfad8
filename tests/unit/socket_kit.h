/* SPDX-License-Identifier: MIT
 *
 * Socket calls as a task of a machine makes them, and allocations that fail: what the tests of emu/net share.
 */
#ifndef TESTS_UNIT_SOCKET_KIT_H
#define TESTS_UNIT_SOCKET_KIT_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "emu/net/inet.h"
#include "emu/net/unix.h"
#include "emu/sys/sys_socket.h"
#include "tests/unit/oom_kit.h"
#include "tests/unit/signal_kit.h"

/* rules.mk puts these before the library's. */
static uint32_t room;			/* guest memory for arguments: 32 KiB */
enum { AT_ADDR = 0, AT_LEN = 256, AT_DATA = 4096, AT_MSG = 512, AT_IOV = 600, AT_CONTROL = 1024, AT_FDS = 300 };

static void begin(void)
{
	boss->fds = fds_new(m);
	boss->fs = calloc(1, sizeof *boss->fs);
	fs_context_root(m, boss->fs);
	boss->fs->refs = 1;
	boss->cred.cap_effective = UINT64_MAX;
	boss->process->rlimit[7] = (struct rlimit_pair){ 1024, 1024 };
	boss->state = TASK_RUNNABLE;
	m->tasks->current = boss;
	room = stack;
}

/* Everything is closed and given back. */
static void end(void)
{
	for (int fd; (fd = fds_next(boss->fds, 0)) >= 0; )
		fds_close(boss->fds, (unsigned)fd);
	inet_tw_clear(m->net);
	ck_assert_uint_eq(m->net->count, 0);
	ck_assert_uint_eq(m->net->bytes, 0);
	ck_assert_uint_eq(m->net->unix_->in_flight, 0);
	ck_assert_uint_eq(m->net->unix_->files, 0);
	ck_assert_ptr_null(m->net->unix_->users.root);
	ck_assert_ptr_null(m->net->doomed);
	m->tasks->current = NULL;
}

typedef int64_t (*call_fn)(struct task *t, const uint32_t a[6]);

/*
 * No checks in what follows: libcheck allocates for them, too.
 *
 * One try, after which nothing of the call is left. */
static int64_t call(call_fn fn, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f)
{
	const uint32_t args[6] = { a, b, c, d, e, f };
	int64_t r = fn(boss, args);
	struct file *file = boss->sys.file;

	wait_cancel(boss);
	boss->sys = (struct sys_state){ .nr = ~0u };
	boss->state = TASK_RUNNABLE;
	if (file)
		file_put(file);
	return r;
}
#define CALL6(fn, a, b, c, d, e, f, ...) \
	call(fn, (uint32_t)(a), (uint32_t)(b), (uint32_t)(c), (uint32_t)(d), (uint32_t)(e), (uint32_t)(f))
#define CALL(...) CALL6(__VA_ARGS__, 0, 0, 0, 0, 0, 0)

static int64_t __attribute__((unused)) pair(int type, int fd[2])
{
	int64_t r = CALL(sys_socketpair, AF_UNIX, type | SOCK_NONBLOCK, 0, room + AT_FDS);

	if (!r)
		user_read(boss, fd, room + AT_FDS, 2 * sizeof *fd);
	return r;
}

static uint32_t __attribute__((unused)) unix_name(const char *text)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	strcpy(a.sun_path, text);
	if (*text == '@')
		a.sun_path[0] = 0;
	user_write(boss, room + AT_ADDR, &a, sizeof a);
	return (uint32_t)(offsetof(struct sockaddr_un, sun_path) + strlen(text) + (*text != '@'));
}

/* A struct sockaddr_in in guest memory; ip as it lies there.  Its length. */
static uint32_t __attribute__((unused)) inet_name(uint32_t ip, unsigned port)
{
	uint16_t a[8] = { AF_INET, (uint16_t)(port << 8 | port >> 8) };

	memcpy(a + 2, &ip, 4);
	user_write(boss, room + AT_ADDR, a, sizeof a);
	return sizeof a;
}

static int __attribute__((unused)) make(int type)
{
	return (int)CALL(sys_socket, AF_INET, type | SOCK_NONBLOCK, 0);
}

static struct inet_sock __attribute__((unused)) *sk(int fd)
{
	return inet_sk(sock_of(fds_look(boss->fds, (unsigned)fd)));
}

static int64_t __attribute__((unused)) bind_to(int fd, uint32_t ip, unsigned port)
{
	uint32_t len = inet_name(ip, port);

	return CALL(sys_bind, fd, room + AT_ADDR, len);
}

static int64_t __attribute__((unused)) connect_to(int fd, uint32_t ip, unsigned port)
{
	uint32_t len = inet_name(ip, port);

	return CALL(sys_connect, fd, room + AT_ADDR, len);
}

/* What end() does not: for a test that begins more than once. */
static void __attribute__((unused)) give_back(void)
{
	fds_put(boss->fds);
	boss->fds = NULL;
	fs_context_put(boss->fs);
	boss->fs = NULL;
}

/* One byte and some descriptors. */
static int64_t __attribute__((unused)) give(int s, const int *fd, uint32_t n)
{
	uint32_t iov[2] = { room + AT_DATA, 1 };
	uint32_t h[7] = { 0, 0, room + AT_IOV, 1, room + AT_CONTROL, n ? 12 + 4 * n : 0, 0 };
	struct guest_cmsg c = { 12 + 4 * n, 1, 1 };

	user_write(boss, room + AT_IOV, iov, sizeof iov);
	user_write(boss, room + AT_MSG, h, sizeof h);
	user_write(boss, room + AT_CONTROL, &c, sizeof c);
	user_write(boss, room + AT_CONTROL + 12, fd, 4 * n);
	return CALL(sys_sendmsg, s, room + AT_MSG, 0);
}

/* The first descriptor received, or -1. */
static int __attribute__((unused)) take_fd(int s)
{
	uint32_t iov[2] = { room + AT_DATA, 1 }, h[7] = { 0, 0, room + AT_IOV, 1, room + AT_CONTROL, 100, 0 };
	int fd = -1;

	user_write(boss, room + AT_IOV, iov, sizeof iov);
	user_write(boss, room + AT_MSG, h, sizeof h);
	if (CALL(sys_recvmsg, s, room + AT_MSG, 0) < 0)
		return -1;
	user_read(boss, h, room + AT_MSG, sizeof h);
	if (h[5] >= 16)
		user_read(boss, &fd, room + AT_CONTROL + 12, 4);
	return fd;
}

static void shut(int fd)
{
	if (fd >= 0)
		fds_close(boss->fds, (unsigned)fd);
}

#endif
