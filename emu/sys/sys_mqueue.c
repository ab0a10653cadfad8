/* SPDX-License-Identifier: MIT
 *
 * mq_open, mq_unlink, mq_timedsend, mq_timedreceive, mq_notify, mq_getsetattr: structures of riscv32 around
 * emu/ipc/mqueue.h, in the order of ipc/mqueue.c.
 */
#include "emu/ipc/mqueue.h"

#include <errno.h>
#include <sys/stat.h>
#include "emu/fs/mqueuefs.h"
#include "emu/kernel/files.h"

enum { SIGEV_SIGNAL_ = 0, SIGEV_NONE_ = 1, SIGEV_THREAD_ = 2 };
enum { COOKIE_SIZE = 32 };		/* NOTIFY_COOKIE_LEN */

struct guest_mq_attr { int32_t flags, maxmsg, msgsize, curmsgs, reserved[4]; };
/* struct sigevent: 64 bytes in all */
struct guest_sigevent { uint32_t value; int32_t signo, notify; uint32_t pad[13]; };

/* --- Names --- */

int64_t sys_mq_open(struct task *t, const uint32_t a[6])
{
	struct guest_mq_attr attr;
	struct mqueuefs_size size;
	char name[PATH_MAX_GUEST];
	struct vfs_cred cred;
	struct file *f;
	int64_t n;
	int err;

	if (a[3] && user_read(t, &attr, a[3], sizeof attr))
		return -EFAULT;
	n = user_path(t, name, a[0]);
	if (n <= 0)
		return n < 0 ? n : -ENOENT;
	if (fds_lowest(t->fds, 0) >= files_limit(t))
		return -EMFILE;
	if (a[3])
		size = (struct mqueuefs_size){ attr.maxmsg, attr.msgsize };
	task_vfs_cred(t, &cred);
	err = mqueuefs_open(t->machine, name, a[1], a[2] & ~t->fs->umask, a[3] ? &size : NULL, &cred, &f);
	return err ? err : files_install(t, f, 0, true);
}

int64_t sys_mq_unlink(struct task *t, const uint32_t a[6])
{
	char name[PATH_MAX_GUEST];
	struct vfs_cred cred;
	int64_t n = user_path(t, name, a[0]);

	if (n <= 0)
		return n < 0 ? n : -ENOENT;
	task_vfs_cred(t, &cred);
	return mqueuefs_unlink(t->machine, t->fs, name, &cred);
}

/* --- Messages --- */

struct limit { bool given; uint64_t ns; };	/* CLOCK_REALTIME */

static int get_limit(struct task *t, uint32_t addr, struct limit *out)
{
	*out = (struct limit){ .given = addr };
	return addr ? user_get_limit(t, addr, &out->ns) : 0;
}

/* The queue behind the descriptor if it was opened for that (bit 1: reading, 2: writing), or NULL: -EBADF. */
static struct mqueue *queue_of(struct task *t, uint32_t fd, unsigned access, struct file **out)
{
	struct file *f = files_io(t, fd);
	struct mqueue *q = f ? mqueuefs_queue(f) : NULL;

	*out = f;
	return q && (((f->flags & 3) + 1) & access) == access ? q : NULL;
}

/* In the queue of waiters.  0: it was served. */
static int64_t wait(struct task *t, const struct limit *l)
{
	if (t->ipc->status != IPC_WAITING)
		return t->ipc->status;
	if (task_signalled(t))
		return -ERESTARTSYS;
	return l->given && task_deadline_realtime(t, l->ns) ? -ETIMEDOUT : task_block(t);
}

static int64_t send(struct task *t, struct file *f, struct mqueue *q, const uint32_t a[6], const struct limit *l)
{
	struct message *msg;
	int err = message_load(t, a[1], a[2], &msg);

	if (err)
		return err;
	msg->type = (int32_t)a[3];
	if (q->count < q->maxmsg) {
		mqueue_put(q, msg, t);
		inode_touch(f->inode, 1 | 2 | 4);
		return 0;
	}
	err = -EAGAIN;
	if (!(f->flags & G_O_NONBLOCK))
		err = mqueue_wait(q, t, msg) ? 0 : -ENOMEM;
	if (!err)
		return wait(t, l);
	message_free(t->machine, msg);
	return err;
}

int64_t sys_mq_timedsend_time64(struct task *t, const uint32_t a[6])
{
	struct mqueue *q;
	struct limit l;
	struct file *f;
	int64_t r = get_limit(t, a[4], &l);

	if (r)
		return r;
	if (a[3] >= MQ_PRIO_MAX_)
		return -EINVAL;
	q = queue_of(t, a[0], 2, &f);
	if (!q)
		return -EBADF;
	if (t->ipc)
		r = wait(t, &l);
	else
		r = a[2] > (uint32_t)q->msgsize ? -EMSGSIZE : send(t, f, q, a, &l);
	if (r != SYS_BLOCK)
		ipc_wait_end(t);
	return r;
}

/* As in the kernel the message is gone if there is no memory for it. */
static int64_t deliver(struct task *t, const uint32_t a[6], struct message *msg)
{
	int64_t r = (int64_t)msg->len;

	if ((a[3] && user_put32(t, a[3], (uint32_t)msg->type)) || message_store(t, a[1], msg, msg->len))
		r = -EFAULT;
	message_free(t->machine, msg);
	return r;
}

static int64_t receive(struct task *t, struct file *f, struct mqueue *q, const uint32_t a[6], const struct limit *l)
{
	if (a[2] < (uint32_t)q->msgsize)
		return -EMSGSIZE;
	if (q->count) {
		struct message *msg = mqueue_take(q);

		inode_touch(f->inode, 1 | 2 | 4);
		return deliver(t, a, msg);
	}
	if (f->flags & G_O_NONBLOCK)
		return -EAGAIN;
	return mqueue_wait(q, t, NULL) ? wait(t, l) : -ENOMEM;
}

int64_t sys_mq_timedreceive_time64(struct task *t, const uint32_t a[6])
{
	struct mqueue *q;
	struct limit l;
	struct file *f;
	int64_t r = get_limit(t, a[4], &l);

	if (r)
		return r;
	q = queue_of(t, a[0], 1, &f);
	if (!q)
		return -EBADF;
	if (t->ipc) {
		struct mq_wait *w = list_entry(t->ipc, struct mq_wait, wait);
		struct message *msg = w->msg;

		r = wait(t, &l);
		if (!r) {
			w->msg = NULL;
			r = deliver(t, a, msg);
		}
	} else {
		r = receive(t, f, q, a, &l);
	}
	if (r != SYS_BLOCK)
		ipc_wait_end(t);
	return r;
}

/* --- Notices and attributes --- */

/*
 * SIGEV_THREAD: the C library's thread waits at a netlink socket, named by signo, for a cookie of 32 bytes.  There are
 * no netlink sockets here, so this ends as it does with any other descriptor (netlink_getsockbyfilp()).
 */
static int no_netlink(struct task *t, const struct guest_sigevent *e)
{
	uint8_t cookie[COOKIE_SIZE];
	struct file *f;

	if (user_read(t, cookie, e->value, sizeof cookie))
		return -EFAULT;
	f = fds_look(t->fds, (uint32_t)e->signo);
	if (!f || (f->flags & G_O_PATH))
		return -EBADF;
	return S_ISSOCK(f->inode->mode) ? -EINVAL : -ENOTSOCK;
}

static int check_event(struct task *t, const struct guest_sigevent *e)
{
	switch (e->notify) {
	case SIGEV_NONE_:
		return 0;
	case SIGEV_SIGNAL_:
		return e->signo < 0 || e->signo > SIGNALS ? -EINVAL : 0;
	case SIGEV_THREAD_:
		return no_netlink(t, e);
	default:
		return -EINVAL;
	}
}

int64_t sys_mq_notify(struct task *t, const uint32_t a[6])
{
	struct guest_sigevent e;
	struct mqueue *q;
	struct file *f;
	int err = 0;

	if (a[1] && user_read(t, &e, a[1], sizeof e))
		return -EFAULT;
	if (a[1])
		err = check_event(t, &e);
	if (err)
		return err;
	q = queue_of(t, a[0], 0, &f);
	if (!q)
		return -EBADF;
	if (!a[1]) {
		if (mqueue_notice_of(q, t->process, true))
			inode_touch(f->inode, 1 | 4);
		return 0;
	}
	if (q->notice.pid)
		return -EBUSY;
	q->notice = (struct mq_notice){
		.pid = t->process->pid, .start_ns = t->process->start_ns, .execs = t->process->execs,
		.how = e.notify, .signo = e.signo, .value = e.value,
	};
	inode_touch(f->inode, 1 | 4);
	return 0;
}

int64_t sys_mq_getsetattr(struct task *t, const uint32_t a[6])
{
	struct guest_mq_attr in, out = { 0 };
	struct mqueue *q;
	struct file *f;

	if (a[1] && user_read(t, &in, a[1], sizeof in))
		return -EFAULT;
	if (a[1] && ((uint32_t)in.flags & ~(uint32_t)G_O_NONBLOCK))
		return -EINVAL;
	q = queue_of(t, a[0], 0, &f);
	if (!q)
		return -EBADF;
	out.flags = (int32_t)(f->flags & G_O_NONBLOCK);
	out.maxmsg = q->maxmsg;
	out.msgsize = q->msgsize;
	out.curmsgs = q->count;
	if (a[1]) {
		f->flags = (f->flags & ~(uint32_t)G_O_NONBLOCK) | ((uint32_t)in.flags & G_O_NONBLOCK);
		inode_touch(f->inode, 1 | 4);
	}
	return a[2] && user_write(t, a[2], &out, sizeof out) ? -EFAULT : 0;
}
