/* SPDX-License-Identifier: MIT
 *
 * Messages: sendto, recvfrom, sendmsg, recvmsg, and read and write on sockets.
 *
 * The guest's buffers become pieces of host memory (struct sock_msg), what the socket answers with goes back into the
 * guest's structures.  How far a stream got is kept in t->sys.done over the tries of a call; control messages and addresses
 * are read again by each try.
 */
#include "emu/sys/sys_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { IOV_MAX_ = 1024, CONTROL_MAX = 131072 /* net.core.optmem_max */ };
enum { MSG_CMSG_COMPAT_ = (int)0x80000000u };

/* struct msghdr of riscv32 */
struct guest_msghdr {
	uint32_t name, namelen, iov, iovlen, control, controllen, flags;
};

/* --- Buffers --- */

/* Which way the bytes of a message go: from memory, or into it. */
enum way { OUT, IN };

/* Adds one buffer; what is not memory ends the list, and using it is -EFAULT. */
static void add_buffer(struct task *t, struct sock_msg *m, struct iovec *vec, enum way way, uint32_t base, uint32_t len)
{
	uint32_t there = len;
	const void *p;

	m->len += len;
	if (!len || m->len > len + m->done)	/* done: bytes in the list, while it is made */
		return;
	p = way == IN ? files_buffer(t, base, &there) : files_data(t, base, &there);
	if (!p)
		return;
	vec[m->count++] = (struct iovec){ (void *)(uintptr_t)p, there };	/* who sends only reads there */
	m->done += there;
}

/* The guest's vector: 0, -EINVAL, -EFAULT, -EMSGSIZE. */
static int import(struct task *t, struct sock_msg *m, struct iovec vec[IOV_MAX_], enum way way, uint32_t addr, uint32_t count)
{
	struct io_vec v[64];

	if (count > IOV_MAX_)
		return -EMSGSIZE;
	for (uint32_t i = 0; i < count; i += 64) {
		uint32_t n = count - i < 64 ? count - i : 64;

		if (user_read(t, v, addr + i * (uint32_t)sizeof *v, n * sizeof *v))
			return -EFAULT;
		for (uint32_t k = 0; k < n; k++) {
			if ((int32_t)v[k].len < 0)
				return -EINVAL;
			if (v[k].len > MAX_RW_COUNT - m->len)
				v[k].len = (uint32_t)(MAX_RW_COUNT - m->len);
			add_buffer(t, m, vec, way, v[k].base, v[k].len);
		}
	}
	return 0;
}

/* --- Waiting --- */

/* SIGPIPE to the sender itself. */
static void broken_pipe(struct task *t)
{
	struct signal_info info = { .signo = 13, .rt = { .pid = t->process->pid, .uid = t->cred.uid } };

	signal_send_task(t, 13, &info);
}

static uint32_t file_flags(const struct file *f, uint32_t flags)
{
	return f->flags & G_O_NONBLOCK ? flags | MSG_DONTWAIT : flags;
}

/* What a call that ends after `done` bytes answers. */
static int64_t so_far(const struct task *t, int64_t r)
{
	return t->sys.done ? (int64_t)t->sys.done : r;
}

static int64_t wait_more(struct task *t, struct sock *s, const struct sock_msg *m, uint64_t timeout)
{
	int64_t r = m->flags & MSG_DONTWAIT ? -EAGAIN : socket_wait(t, m->wait ? m->wait : &s->wait, timeout);

	return r == SYS_BLOCK ? r : so_far(t, r);
}

static int64_t send_one(struct task *t, struct sock *s, struct sock_msg *m)
{
	int64_t r;

	m->task = t;
	do {
		m->done = (size_t)t->sys.done;
		r = s->ops->send(s, m);
		if (r > 0 && s->ops->streams)
			t->sys.done += (uint64_t)r;
	} while (r > 0 && s->ops->streams && t->sys.done < m->len && !m->broken);
	scm_free(s->net, m->files);
	m->files = NULL;
	if (m->broken && !t->sys.done && !(m->flags & MSG_NOSIGNAL))
		broken_pipe(t);
	if (r == -EAGAIN)
		return wait_more(t, s, m, s->send_timeout);
	return s->ops->streams ? so_far(t, r) : r;
}

/* MSG_PEEK on a connection of TCP waits for as much as any receive does. */
static bool peeks_on(const struct sock *s, const struct sock_msg *m, int64_t r, size_t target)
{
	return s->ops->peek_waits && (m->flags & (MSG_PEEK | MSG_OOB | MSG_DONTWAIT)) == MSG_PEEK && r > 0 && (size_t)r < target &&
	       !(s->shut & SHUT_RECEIVE) && !s->error && s->state == SOCK_CONNECTED && !s->urgent;
}

static int64_t receive_one(struct task *t, struct sock *s, struct sock_msg *m)
{
	size_t target = m->flags & MSG_WAITALL || s->low_water > m->len ? m->len : s->low_water;
	int64_t r;

	m->task = t;
	for (;;) {
		m->done = (size_t)t->sys.done;
		r = s->ops->receive(s, m);
		if (peeks_on(s, m, r, target))
			return socket_wait(t, &s->wait, s->receive_timeout) == SYS_BLOCK ? SYS_BLOCK : r;
		if (!s->ops->streams || (m->flags & (MSG_PEEK | MSG_OOB)) || (r < 0 && r != -EAGAIN))
			break;
		if (r > 0)
			t->sys.done += (uint64_t)r;
		if (r == -EAGAIN)
			break;
		/* What is told with the data would be lost in another try. */
		if (r == 0 || m->stop || m->has_cred || t->sys.done >= target)
			return (int64_t)t->sys.done;
	}
	return r == -EAGAIN ? wait_more(t, s, m, s->receive_timeout) : so_far(t, r);
}

/* --- Control messages that were received: net/core/scm.c put_cmsg() --- */

struct control { uint32_t at, left; };

/* 0: stored, perhaps cut. */
static void put_control(struct task *t, struct control *c, struct sock_msg *m, int level, int type, const void *data,
			uint32_t len)
{
	struct guest_cmsg h = { .len = (uint32_t)sizeof h + len, .level = level, .type = type };
	uint32_t space = (h.len + 3) & ~3u;

	if (!c->at || c->left < sizeof h) {
		m->out_flags |= MSG_CTRUNC;
		return;
	}
	if (c->left < h.len) {
		m->out_flags |= MSG_CTRUNC;
		h.len = c->left;
	}
	if (user_write(t, c->at, &h, sizeof h) ||
	    user_write(t, c->at + (uint32_t)sizeof h, data, h.len - sizeof h))
		return;		/* as in the kernel, where nobody looks at put_cmsg()'s result */
	if (space > c->left)
		space = c->left;
	c->at += space;
	c->left -= space;
}

/* SCM_RIGHTS: as many descriptors as there is room for; the others are closed. */
static void put_files(struct task *t, struct control *c, struct sock_msg *m)
{
	struct scm_files *f = m->files;
	uint32_t max = c->at && c->left > sizeof(struct guest_cmsg) ?
			       (c->left - (uint32_t)sizeof(struct guest_cmsg)) / 4 : 0;
	uint32_t n = 0, data = c->at + (uint32_t)sizeof(struct guest_cmsg);
	struct guest_cmsg h = { .level = GUEST_SOL_SOCKET, .type = GUEST_SCM_RIGHTS };

	for (; n < max && n < f->count; n++) {
		uint32_t fd = fds_lowest(t->fds, 0);

		if (fd >= files_limit(t) || user_put32(t, data + 4 * n, fd))
			break;
		if (files_install(t, file_get(f->file[n]), 0, m->flags & MSG_CMSG_CLOEXEC) < 0)
			break;
	}
	if (n < f->count)
		m->out_flags |= MSG_CTRUNC;
	if (!n)
		return;
	h.len = (uint32_t)sizeof h + 4 * n;
	if (!user_write(t, c->at, &h, sizeof h)) {
		c->at += h.len;
		c->left -= h.len;
	}
}

static void put_stamp(struct task *t, struct control *c, struct sock *s, struct sock_msg *m)
{
	uint32_t rest = (uint32_t)(m->stamp % 1000000000u);
	int64_t sec = (int64_t)(m->stamp / 1000000000u), new[2] = { sec, s->stamp_ns ? rest : rest / 1000 };
	int32_t old[2] = { (int32_t)new[0], (int32_t)new[1] };
	/* SO_TIMESTAMP*, which are the types' numbers as well */
	int type = s->stamp_new ? (s->stamp_ns ? 64 : 63) : s->stamp_ns ? 35 : 29;

	if (s->stamp_new)
		put_control(t, c, m, GUEST_SOL_SOCKET, type, new, sizeof new);
	else
		put_control(t, c, m, GUEST_SOL_SOCKET, type, old, sizeof old);
}

static void put_controls(struct task *t, struct control *c, struct sock *s, struct sock_msg *m)
{
	if (m->stamp)
		put_stamp(t, c, s, m);
	if (m->has_cred)
		put_control(t, c, m, GUEST_SOL_SOCKET, GUEST_SCM_CREDENTIALS, &m->cred, sizeof m->cred);
	for (unsigned i = 0; i < m->extras; i++)
		put_control(t, c, m, m->extra[i].level, m->extra[i].type, m->extra[i].data, m->extra[i].len);
	if (m->files)
		put_files(t, c, m);
}

/* --- The calls --- */

int64_t sys_sendto(struct task *t, const uint32_t a[6])
{
	struct iovec vec[1];
	struct sock_addr name;
	struct sock_msg m = { .vec = vec };
	struct file *f;
	struct sock *s;
	int err = socket_of(t, a[0], &f, &s);

	if (err)
		return err;
	add_buffer(t, &m, vec, OUT, a[1], a[2] > MAX_RW_COUNT ? MAX_RW_COUNT : a[2]);
	if (a[4]) {
		err = socket_get_addr(t, a[4], (int32_t)a[5], &name);
		if (err)
			return err;
		m.name = &name;
	}
	m.flags = file_flags(f, a[3]);
	return send_one(t, s, &m);
}

int64_t sys_recvfrom(struct task *t, const uint32_t a[6])
{
	struct iovec vec[1];
	struct sock_addr name = { 0 };
	struct sock_msg m = { .vec = vec };
	struct file *f;
	struct sock *s;
	int64_t r;
	int err = socket_of(t, a[0], &f, &s);

	if (err)
		return err;
	add_buffer(t, &m, vec, IN, a[1], a[2] > MAX_RW_COUNT ? MAX_RW_COUNT : a[2]);
	m.name = a[4] ? &name : NULL;
	m.flags = file_flags(f, a[3]);
	r = receive_one(t, s, &m);
	scm_free(s->net, m.files);
	if (r >= 0 && a[4]) {
		err = socket_put_addr(t, a[4], a[5], &name);
		if (err)
			return err;
	}
	return r;
}

int64_t socket_io(struct io *io, bool writes)
{
	struct task *t = io->t;
	struct sock *s = sock_of(io->f);
	struct iovec vec[IOV_MAX_];
	struct sock_msg m = { .vec = vec };
	int64_t r;

	for (unsigned i = 0; i < io->count; i++)
		add_buffer(t, &m, vec, writes ? OUT : IN, io->vec[i].base, io->vec[i].len);
	m.flags = file_flags(io->f, io->nowait ? MSG_DONTWAIT : 0);
	if (writes) {
		m.flags |= s->type == SOCK_SEQPACKET ? MSG_EOR : 0;
		return send_one(t, s, &m);
	}
	if (!m.len)
		return 0;
	r = receive_one(t, s, &m);
	scm_free(s->net, m.files);
	return r;
}

/* The header: 0 or -errno, in the order of copy_msghdr_from_user(). */
static int get_header(struct task *t, uint32_t at, struct guest_msghdr *h)
{
	if (user_read(t, h, at, sizeof *h))
		return -EFAULT;
	if (!h->name)
		h->namelen = 0;
	if ((int32_t)h->namelen < 0)
		return -EINVAL;
	if (h->namelen > sizeof(((struct sock_addr *)0)->bytes))
		h->namelen = sizeof(((struct sock_addr *)0)->bytes);
	return 0;
}

int64_t socket_sendmsg(struct task *t, struct file *f, struct sock *s, uint32_t at, uint32_t flags)
{
	struct iovec vec[IOV_MAX_];
	struct sock_msg m = { .vec = vec };
	struct guest_msghdr h;
	struct sock_addr name;
	uint8_t *control = NULL;
	int64_t r;
	int err = get_header(t, at, &h);

	if (!err && h.namelen) {
		err = socket_get_addr(t, h.name, (int32_t)h.namelen, &name);
		m.name = &name;
	}
	if (!err)
		err = import(t, &m, vec, OUT, h.iov, h.iovlen);
	if (!err && h.controllen > CONTROL_MAX)
		err = -ENOBUFS;
	if (err)
		return err;
	if (h.controllen) {
		control = malloc(h.controllen);
		if (!control)
			return -ENOBUFS;
		r = user_read(t, control, h.control, h.controllen) ? -EFAULT : 0;
		if (r)
			goto out;
		m.control = control;
		m.control_len = h.controllen;
	}
	m.flags = file_flags(f, flags);
	r = send_one(t, s, &m);
out:
	free(control);
	return r;
}

int64_t socket_recvmsg(struct task *t, struct file *f, struct sock *s, uint32_t at, uint32_t flags, uint32_t *out_flags)
{
	struct iovec vec[IOV_MAX_];
	struct sock_addr name = { 0 };
	struct sock_msg m = { .vec = vec };
	struct control c;
	struct guest_msghdr h;
	int64_t r;
	int err = get_header(t, at, &h);

	if (!err)
		err = import(t, &m, vec, IN, h.iov, h.iovlen);
	if (err)
		return err;
	if ((int32_t)h.controllen < 0)
		return -ENOBUFS;
	m.name = h.name ? &name : NULL;
	m.flags = file_flags(f, flags);
	m.out_flags = flags & MSG_CMSG_CLOEXEC;
	r = receive_one(t, s, &m);
	if (r < 0) {
		scm_free(s->net, m.files);
		return r;
	}
	c = (struct control){ h.control, h.control ? h.controllen : 0 };
	put_controls(t, &c, s, &m);
	scm_free(s->net, m.files);
	if (h.name && socket_put_addr(t, h.name, at + 4, &name))
		return -EFAULT;
	if (user_put32(t, at + 24, m.out_flags) || user_put32(t, at + 20, c.at ? c.at - h.control : 0))
		return -EFAULT;
	if (out_flags)
		*out_flags = m.out_flags;
	return r;
}

int64_t sys_sendmsg(struct task *t, const uint32_t a[6])
{
	struct file *f;
	struct sock *s;
	int err = a[2] & (uint32_t)MSG_CMSG_COMPAT_ ? -EINVAL : socket_of(t, a[0], &f, &s);

	return err ? err : socket_sendmsg(t, f, s, a[1], a[2]);
}

int64_t sys_recvmsg(struct task *t, const uint32_t a[6])
{
	struct file *f;
	struct sock *s;
	int err = a[2] & (uint32_t)MSG_CMSG_COMPAT_ ? -EINVAL : socket_of(t, a[0], &f, &s);

	return err ? err : socket_recvmsg(t, f, s, a[1], a[2], NULL);
}
