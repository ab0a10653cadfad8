/* SPDX-License-Identifier: MIT
 *
 * Socket calls without messages: making sockets, connecting them, names, options (net/socket.c).
 */
#include "emu/sys/sys_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/net/sockopt.h"

enum { TYPE_MASK = 15, SOMAXCONN_ = 4096, OPTION_MAX = 1024 };

int socket_of(struct task *t, uint32_t fd, struct file **f, struct sock **s)
{
	*f = files_io(t, fd);
	if (!*f)
		return -EBADF;
	*s = sock_of(*f);
	return *s ? 0 : -ENOTSOCK;
}

int socket_get_addr(struct task *t, uint32_t addr, int32_t len, struct sock_addr *out)
{
	if (len < 0 || (uint32_t)len > sizeof out->bytes)
		return -EINVAL;
	memset(out, 0, sizeof *out);
	out->len = (uint32_t)len;
	return len && user_read(t, out->bytes, addr, out->len) ? -EFAULT : 0;
}

int socket_put_addr(struct task *t, uint32_t addr, uint32_t len_addr, const struct sock_addr *a)
{
	uint32_t room;

	if (user_get32(t, len_addr, &room))
		return -EFAULT;
	if ((int32_t)room < 0)
		return -EINVAL;
	if (room > a->len)
		room = a->len;
	if (room && user_write(t, addr, a->bytes, room))
		return -EFAULT;
	return user_put32(t, len_addr, a->len);
}

int64_t socket_wait(struct task *t, struct wait_queue *q, uint64_t timeout)
{
	if (!timeout || t->sys.timed_out || (timeout != UINT64_MAX && task_deadline(t, timeout)))
		return -EAGAIN;
	if (task_signalled(t))
		return timeout == UINT64_MAX ? -ERESTARTSYS : -EINTR;
	wait_on(q, t);
	return task_block(t);
}

/* --- Making --- */

/* It got no file. */
static void sock_drop(struct sock *s)
{
	s->ops->release(s);
	sock_put(s);
}


static int64_t install(struct task *t, struct sock *s, uint32_t flags)
{
	struct file *f;
	int err = sock_open(s, flags & SOCK_NONBLOCK, &f);

	if (err) {
		sock_drop(s);
		return err;
	}
	return files_install(t, f, 0, flags & SOCK_CLOEXEC);
}

static int type_flags(uint32_t type)
{
	return type & ~(uint32_t)(TYPE_MASK | SOCK_NONBLOCK | SOCK_CLOEXEC) ? -EINVAL : 0;
}

int64_t sys_socket(struct task *t, const uint32_t a[6])
{
	struct sock *s;
	int err = type_flags(a[1]);

	if (!err)
		err = sock_create(t, (int)a[0], a[1] & TYPE_MASK, (int)a[2], &s);
	return err ? err : install(t, s, a[1]);
}

int64_t sys_socketpair(struct task *t, const uint32_t a[6])
{
	struct sock *s[2] = { NULL, NULL };
	int32_t fd[2];
	int err = type_flags(a[1]);

	if (err)
		return err;
	fd[0] = (int32_t)fds_lowest(t->fds, 0);
	fd[1] = (int32_t)fds_lowest(t->fds, (unsigned)fd[0] + 1);
	if ((unsigned)fd[1] >= files_limit(t))
		return -EMFILE;
	if (user_write(t, a[3], fd, sizeof fd))
		return -EFAULT;
	err = sock_create(t, (int)a[0], a[1] & TYPE_MASK, (int)a[2], &s[0]);
	if (!err)
		err = sock_create(t, (int)a[0], a[1] & TYPE_MASK, (int)a[2], &s[1]);
	if (!err)
		err = s[0]->ops->pair ? s[0]->ops->pair(s[0], s[1], t) : -EOPNOTSUPP;
	for (int i = 0; i < 2 && s[i]; i++) {
		int64_t r;

		if (err) {
			sock_drop(s[i]);
			continue;
		}
		r = install(t, s[i], a[1]);
		err = r < 0 ? (int)r : 0;
		if (err && i)
			fds_close(t->fds, (unsigned)fd[0]);
	}
	return err;
}

/* --- Connecting --- */

int64_t sys_bind(struct task *t, const uint32_t a[6])
{
	struct sock_addr addr;
	struct file *f;
	struct sock *s;
	int err = socket_of(t, a[0], &f, &s);

	if (!err)
		err = socket_get_addr(t, a[1], (int32_t)a[2], &addr);
	return err ? err : s->ops->bind(s, t, &addr);
}

int64_t sys_listen(struct task *t, const uint32_t a[6])
{
	struct file *f;
	struct sock *s;
	int err = socket_of(t, a[0], &f, &s);

	if (err)
		return err;
	return s->ops->listen ? s->ops->listen(s, t, a[1] > SOMAXCONN_ ? SOMAXCONN_ : (int)a[1]) : -EOPNOTSUPP;
}

int64_t sys_connect(struct task *t, const uint32_t a[6])
{
	struct wait_queue *q = NULL;
	struct sock_addr addr;
	struct file *f = files_io(t, a[0]);
	struct sock *s;
	bool waits;
	int64_t r;
	int err;

	if (!f)
		return -EBADF;
	err = socket_get_addr(t, a[1], (int32_t)a[2], &addr);
	if (err)
		return err;
	s = sock_of(f);
	if (!s)
		return -ENOTSOCK;
	err = s->ops->connect(s, t, &addr, &q);
	waits = !(f->flags & G_O_NONBLOCK) && s->send_timeout;
	if (err == -EINPROGRESS && waits) {
		t->sys.flag = 1;	/* it was this call that began it */
		err = s->ops->connect(s, t, &addr, &q);
	}
	if (!waits || (err != -EAGAIN && err != -EALREADY))
		return err;
	r = socket_wait(t, q ? q : &s->wait, s->send_timeout);
	return r == -EAGAIN && err == -EALREADY && t->sys.flag ? -EINPROGRESS : r == -EAGAIN ? err : r;
}

static int64_t take_connection(struct task *t, const uint32_t a[6], uint32_t flags)
{
	struct sock_addr addr = { 0 };
	struct sock *s, *new;
	struct file *f;
	int64_t fd;
	int err;

	if (flags & ~(uint32_t)(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	f = files_io(t, a[0]);
	if (!f)
		return -EBADF;
	if (fds_lowest(t->fds, 0) >= files_limit(t))
		return -EMFILE;
	s = sock_of(f);
	if (!s)
		return -ENOTSOCK;
	err = s->ops->accept ? s->ops->accept(s, &new) : -EOPNOTSUPP;
	if (err == -EAGAIN && !(f->flags & G_O_NONBLOCK))
		return socket_wait(t, &s->wait, s->receive_timeout);
	if (err)
		return err;
	if (a[1] && new->ops->name_of(new, true, &addr) < 0)
		err = -ECONNABORTED;
	fd = install(t, new, flags);
	if (fd >= 0 && !err && a[1])
		err = socket_put_addr(t, a[1], a[2], &addr);
	if (fd >= 0 && err)
		fds_close(t->fds, (unsigned)fd);
	return err ? err : fd;
}

int64_t sys_accept(struct task *t, const uint32_t a[6]) { return take_connection(t, a, 0); }
int64_t sys_accept4(struct task *t, const uint32_t a[6]) { return take_connection(t, a, a[3]); }

int64_t sys_shutdown(struct task *t, const uint32_t a[6])
{
	struct file *f;
	struct sock *s;
	int err = socket_of(t, a[0], &f, &s);

	if (err)
		return err;
	/* SHUT_RD, SHUT_WR, SHUT_RDWR are the bits less one. */
	return a[1] > 2 ? -EINVAL : s->ops->shutdown(s, (int)a[1] + 1);
}

/* --- Names --- */

static int64_t name(struct task *t, const uint32_t a[6], bool peer)
{
	struct sock_addr addr = { 0 };
	struct file *f;
	struct sock *s;
	int err = socket_of(t, a[0], &f, &s);

	if (!err)
		err = s->ops->name_of(s, peer, &addr);
	return err ? err : socket_put_addr(t, a[1], a[2], &addr);
}

int64_t sys_getsockname(struct task *t, const uint32_t a[6]) { return name(t, a, false); }
int64_t sys_getpeername(struct task *t, const uint32_t a[6]) { return name(t, a, true); }

/* --- Options --- */

int64_t sys_setsockopt(struct task *t, const uint32_t a[6])
{
	uint8_t val[OPTION_MAX];
	uint32_t len = a[4], there;
	struct file *f;
	struct sock *s;
	const void *p;
	int err = socket_of(t, a[0], &f, &s);

	if (err)
		return err;
	if ((int32_t)len < 0)
		return -EINVAL;
	/* What an option has no use for need not be there. */
	there = len < sizeof val ? len : (uint32_t)sizeof val;
	p = there ? files_data(t, a[3], &there) : NULL;
	if (!p)
		there = 0;
	else
		memcpy(val, p, there);
	if (there < len && there < 4)
		return len < 4 ? -EINVAL : -EFAULT;
	if (len > there)
		len = there;
	if (a[1] == GUEST_SOL_SOCKET)
		return sock_set_option(s, t, (int)a[2], val, len);
	return s->ops->set_option ? s->ops->set_option(s, t, (int)a[1], (int)a[2], val, len) : -EOPNOTSUPP;
}

int64_t sys_getsockopt(struct task *t, const uint32_t a[6])
{
	uint8_t val[OPTION_MAX];
	uint32_t len;
	struct file *f;
	struct sock *s;
	int err = socket_of(t, a[0], &f, &s);

	if (err)
		return err;
	if (a[1] != GUEST_SOL_SOCKET && !s->ops->get_option)
		return -EOPNOTSUPP;
	if (user_get32(t, a[4], &len))
		return -EFAULT;
	if ((int32_t)len < 0)
		return -EINVAL;
	if (len > sizeof val)
		len = sizeof val;
	if (a[1] == GUEST_SOL_SOCKET)
		err = sock_get_option(s, t, (int)a[2], val, &len);
	else
		err = s->ops->get_option(s, t, (int)a[1], (int)a[2], val, &len);
	if (err == -ERANGE)	/* SO_PEERGROUPS says how much room it wants */
		return user_put32(t, a[4], len) ? -EFAULT : err;
	if (err)
		return err;
	if (len && user_write(t, a[3], val, len))
		return -EFAULT;
	return user_put32(t, a[4], len);
}
