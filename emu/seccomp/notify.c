/* SPDX-License-Identifier: MIT
 *
 * kernel/seccomp.c: seccomp_do_user_notification() and what is around it.
 *
 * A descriptor is given to the waiting task at once, while its supervisor is in ioctl(2): nobody can see that the task itself did not
 * do that.
 */
#include "emu/seccomp/notify.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/host/clock.h"
#include "emu/kernel/files.h"

enum request_state { REQUEST_NEW, REQUEST_SENT, REQUEST_ANSWERED, REQUEST_AGAIN };

struct seccomp_request {
	struct task *task;
	struct seccomp_listener *listener;	/* whose list it is in, or NULL */
	struct seccomp_request *next, *prev;
	uint64_t id;
	enum request_state state;
	int32_t error;				/* the answer: this, */
	uint32_t value;				/* or that if it is 0; */
	bool go_on;				/* or that the call is to be made */
	uint32_t data[BPF_DATA_WORDS];
};

struct seccomp_listener {
	struct seccomp_listener **slot;		/* the filter's; NULL: nobody has that any more */
	struct seccomp_request *first, *last;
	unsigned news;				/* requests made and not received: also such as have gone meanwhile */
	uint64_t next_id;
	bool killable;
	struct wait_queue wait;
};

/* --- Requests --- */

static void list_add(struct seccomp_listener *l, struct seccomp_request *r)
{
	r->listener = l;
	r->prev = l->last;
	*(l->last ? &l->last->next : &l->first) = r;
	l->last = r;
}

static void list_remove(struct seccomp_request *r)
{
	struct seccomp_listener *l = r->listener;

	if (!l)
		return;
	*(r->prev ? &r->prev->next : &l->first) = r->next;
	*(r->next ? &r->next->prev : &l->last) = r->prev;
	r->listener = NULL;
	r->next = r->prev = NULL;
}

static void answer(struct seccomp_request *r, int32_t error, uint32_t value, bool go_on)
{
	r->state = REQUEST_ANSWERED;
	r->error = error;
	r->value = value;
	r->go_on = go_on;
	task_wake(r->task);
}

void seccomp_leave(struct task *t)
{
	struct seccomp_request *r = t->asked;

	if (!r)
		return;
	list_remove(r);
	t->asked = NULL;
	free(r);
}

enum seccomp_verdict seccomp_notify(struct task *t, struct seccomp_listener *l, int64_t *result)
{
	struct seccomp_request *r = calloc(1, sizeof *r);

	if (!r) {
		*result = -ENOMEM;
		return SECCOMP_RESULT;
	}
	r->task = t;
	r->id = l->next_id++;
	seccomp_data(t, r->data);
	list_add(l, r);
	t->asked = r;
	l->news++;
	wake_events(&l->wait, POLLIN | POLLRDNORM);
	return seccomp_resume(t, result);
}

/* What goes to a0, even if it looks like one of the kernel's own codes for trying again. */
static int64_t result_of(const struct seccomp_request *r)
{
	uint32_t a0 = r->error ? (uint32_t)r->error : r->value;

	return (int32_t)a0 < 0 && (int32_t)a0 > -ERESTARTSYS ? (int32_t)a0 : (int64_t)a0;
}

enum seccomp_verdict seccomp_resume(struct task *t, int64_t *result)
{
	struct seccomp_request *r = t->asked;

	switch (r->state) {
	case REQUEST_AGAIN:
		seccomp_leave(t);
		return seccomp_check(t, false, result);
	case REQUEST_ANSWERED:
		*result = result_of(r);
		if (r->go_on) {
			seccomp_leave(t);
			return SECCOMP_CALL;
		}
		seccomp_leave(t);
		return SECCOMP_RESULT;
	default:
		if (r->listener->killable && r->state == REQUEST_SENT ? !t->killed : !task_signalled(t))
			return SECCOMP_WAITS;
		list_remove(r);
		r->state = REQUEST_AGAIN;
		*result = -ERESTARTSYS;
		return SECCOMP_RESULT;
	}
}

/* --- Listeners --- */

void seccomp_listener_attach(struct seccomp_listener *l, struct seccomp_listener **slot)
{
	l->slot = slot;
	*slot = l;
}

void seccomp_listener_orphan(struct seccomp_listener *l)
{
	l->slot = NULL;
	wake_events(&l->wait, POLLHUP);
}

static struct seccomp_request *in_state(const struct seccomp_listener *l, enum request_state state)
{
	struct seccomp_request *r = l->first;

	while (r && r->state != state)
		r = r->next;
	return r;
}

static struct seccomp_request *by_id(const struct seccomp_listener *l, uint64_t id)
{
	struct seccomp_request *r = l->first;

	while (r && r->id != id)
		r = r->next;
	return r;
}

static unsigned listener_poll(struct file *f, struct waiter *w)
{
	struct seccomp_listener *l = f->private;

	poll_wait(&l->wait, w);
	return (in_state(l, REQUEST_NEW) ? POLLIN | POLLRDNORM : 0u) | (in_state(l, REQUEST_SENT) ? POLLOUT | POLLWRNORM : 0u) |
	       (l->slot ? 0u : POLLHUP);
}

static void listener_release(struct file *f)
{
	struct seccomp_listener *l = f->private;

	for (struct seccomp_request *r; (r = l->first); ) {
		list_remove(r);
		if (r->state != REQUEST_ANSWERED)
			answer(r, -ENOSYS, 0, false);
	}
	if (l->slot)
		*l->slot = NULL;
	wait_queue_fini(&l->wait);
	free(l);
}

static void listener_describe(struct file *f, char *buf, size_t size)
{
	(void)f;
	snprintf(buf, size, "anon_inode:seccomp notify");
}

/* --- ioctl(2) --- */

struct guest_notif { uint64_t id; uint32_t pid, flags, data[BPF_DATA_WORDS]; };
struct guest_resp { uint64_t id; int64_t value; int32_t error; uint32_t flags; };
struct guest_addfd { uint64_t id; uint32_t flags, from, to, to_flags; };
_Static_assert(sizeof(struct guest_notif) == NOTIF_BYTES && sizeof(struct guest_resp) == NOTIF_RESP_BYTES, "linux/seccomp.h");
_Static_assert(sizeof(struct guest_addfd) == 24, "struct seccomp_notif_addfd");

static int64_t receive(struct seccomp_listener *l, struct task *t, uint32_t addr)
{
	const uint8_t *room = user_span(t, addr, NOTIF_BYTES);
	struct guest_notif n = { 0 };
	struct seccomp_request *r;

	if (!room)
		return -EFAULT;
	for (int i = 0; i < NOTIF_BYTES; i++)
		if (room[i])
			return -EINVAL;
	if (!l->news && l->slot) {
		if (task_signalled(t))
			return -ERESTARTSYS;
		wait_on(&l->wait, t);
		return task_block(t);
	}
	l->news -= l->news != 0;
	r = in_state(l, REQUEST_NEW);
	if (!r)
		return -ENOENT;
	n.id = r->id;
	n.pid = (uint32_t)r->task->tid;
	memcpy(n.data, r->data, sizeof n.data);
	if (user_write(t, addr, &n, sizeof n)) {
		l->news++;
		return -EFAULT;
	}
	r->state = REQUEST_SENT;
	wake_events(&l->wait, POLLOUT | POLLWRNORM);
	return 0;
}

/* The request that may be answered; NULL: *err says why not. */
static struct seccomp_request *received(const struct seccomp_listener *l, uint64_t id, int64_t *err)
{
	struct seccomp_request *r = by_id(l, id);

	*err = !r ? -ENOENT : r->state != REQUEST_SENT ? -EINPROGRESS : 0;
	return *err ? NULL : r;
}

static int64_t send_answer(struct seccomp_listener *l, struct task *t, uint32_t addr)
{
	enum { CONTINUE = 1 };
	struct seccomp_request *r;
	struct guest_resp a;
	int64_t err;

	if (user_read(t, &a, addr, sizeof a))
		return -EFAULT;
	if ((a.flags & ~(uint32_t)CONTINUE) || (a.flags && (a.error || a.value)))
		return -EINVAL;
	r = received(l, a.id, &err);
	if (r)
		answer(r, a.error, (uint32_t)a.value, a.flags & CONTINUE);
	return err;
}

static int64_t is_valid(const struct seccomp_listener *l, struct task *t, uint32_t addr)
{
	const struct seccomp_request *r;
	uint64_t id;

	if (user_read(t, &id, addr, sizeof id))
		return -EFAULT;
	r = by_id(l, id);
	return r && r->state == REQUEST_SENT ? 0 : -ENOENT;
}

static int64_t give_file(struct task *to, struct file *f, const struct guest_addfd *a, bool at)
{
	bool cloexec = a->to_flags & G_O_CLOEXEC;
	int fd = at ? fds_install_at(to->fds, file_get(f), a->to, files_limit(to), cloexec) :
		 fds_install(to->fds, file_get(f), 0, files_limit(to), cloexec);

	if (fd < 0)
		file_put(f);
	return fd;
}

static int64_t add_fd(struct seccomp_listener *l, struct task *t, uint32_t addr, uint32_t size)
{
	enum { SETFD = 1, SEND = 2 };
	struct seccomp_request *r;
	struct guest_addfd a;
	const uint8_t *rest;
	struct file *f;
	int64_t fd;

	if (size < sizeof a || size >= FLAT_PAGE_SIZE)
		return -EINVAL;
	rest = user_span(t, addr, size);
	if (!rest || user_read(t, &a, addr, sizeof a))
		return -EFAULT;
	for (uint32_t i = sizeof a; i < size; i++)
		if (rest[i])
			return -E2BIG;
	if ((a.to_flags & ~(uint32_t)G_O_CLOEXEC) || (a.flags & ~(uint32_t)(SETFD | SEND)) || (a.to && !(a.flags & SETFD)))
		return -EINVAL;
	f = files_io(t, a.from);
	if (!f)
		return -EBADF;
	r = received(l, a.id, &fd);
	if (!r)
		return fd;
	fd = give_file(r->task, f, &a, a.flags & SETFD);
	if (fd >= 0 && (a.flags & SEND))
		answer(r, 0, (uint32_t)fd, false);
	return fd;
}

/* Numbers with a direction and a size in them. */
#define NOTIF_RECV		0xc0502100u
#define NOTIF_SEND		0xc0182101u
#define NOTIF_ID_VALID		0x40082102u
#define NOTIF_ID_VALID_WRONG	0x80082102u
#define NOTIF_SET_FLAGS		0x40082104u
#define NOTIF_ADDFD		0x2103u

static int64_t listener_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	enum { SYNC_WAKE_UP = 1 };
	struct seccomp_listener *l = f->private;

	switch (cmd) {
	case NOTIF_RECV:
		return receive(l, t, arg);
	case NOTIF_SEND:
		return send_answer(l, t, arg);
	case NOTIF_ID_VALID: case NOTIF_ID_VALID_WRONG:
		return is_valid(l, t, arg);
	case NOTIF_SET_FLAGS:	/* who is woken where: there is one processor */
		return arg & ~(uint32_t)SYNC_WAKE_UP ? -EINVAL : 0;
	}
	return (cmd & 0xffff) == NOTIF_ADDFD ? add_fd(l, t, arg, cmd >> 16 & 0x3fff) : -EINVAL;
}

static const struct file_ops listener_ops = {
	.release = listener_release, .poll = listener_poll, .ioctl = listener_ioctl, .describe = listener_describe,
};

int seccomp_listener_new(struct task *t, bool killable, struct seccomp_listener **out, struct file **file)
{
	struct seccomp_listener *l = calloc(1, sizeof *l);

	if (!l)
		return -ENOMEM;
	l->killable = killable;
	entropy_bytes(t->machine, &l->next_id, sizeof l->next_id);
	*file = vfs_anon_file(t->machine, &listener_ops, l, 2u /* O_RDWR */);
	if (!*file) {
		free(l);
		return -ENOMEM;
	}
	*out = l;
	return 0;
}
