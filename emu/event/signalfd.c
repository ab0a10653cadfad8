/* SPDX-License-Identifier: MIT */
#include "emu/event/signalfd.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/kernel/task.h"
#include "emu/proc/out.h"

struct signalfd { struct machine *m; uint64_t mask; };

/* struct signalfd_siginfo of uapi/linux/signalfd.h. */
struct signalfd_info {
	uint32_t signo; int32_t err, code; uint32_t pid, uid; int32_t fd; uint32_t tid, band, overrun, trapno;
	int32_t status, value;
	uint64_t ptr, utime, stime, addr;
	uint16_t addr_lsb, pad; int32_t syscall; uint64_t call_addr; uint32_t arch; uint8_t rest[28];
};
_Static_assert(sizeof(struct signalfd_info) == 128, "struct signalfd_siginfo");

/* A pointer as the kernel makes 64 bits of it: by way of long. */
static uint64_t pointer(uint32_t p)
{
	return (uint64_t)(int64_t)(int32_t)p;
}

enum { POLL_CODES = 6 };	/* NSIGPOLL */

/* Signals whose positive codes say more than who sent them, and how many codes each has (sig_sicodes). */
static int own_codes(int signo)
{
	switch (signo) {
	case SIGILL: return 11;
	case SIGFPE: return 15;
	case SIGSEGV: return 10;
	case SIGBUS: return 5;
	case SIGTRAP: return 6;
	case SIGCHLD: return 6;
	case SIGSYS: return 2;
	}
	return 0;
}

static void fill_fault(struct signalfd_info *o, const struct signal_info *s)
{
	switch (s->signo) {
	case SIGCHLD:
		o->pid = (uint32_t)s->child.pid;
		o->uid = s->child.uid;
		o->status = s->child.status;
		o->utime = s->child.utime;
		o->stime = s->child.stime;
		break;
	case SIGSYS:
		o->call_addr = pointer(s->sys.call_addr);
		o->syscall = s->sys.nr;
		o->arch = s->sys.arch;
		break;
	default:
		o->addr = pointer(s->fault.addr);
		break;
	}
}

/* By siginfo_layout() of kernel/signal.c. */
static void fill(struct signalfd_info *o, const struct signal_info *s)
{
	bool by_kernel = s->code > SI_USER && s->code < SI_KERNEL;

	*o = (struct signalfd_info){ .signo = (uint32_t)s->signo, .err = s->err, .code = s->code };
	if (by_kernel && s->signo != SIGPOLL && s->code <= own_codes(s->signo)) {
		fill_fault(o, s);
	} else if (s->code == SI_SIGIO || (by_kernel && s->code <= POLL_CODES)) {
		o->band = (uint32_t)s->poll.band;
		o->fd = s->poll.fd;
	} else if (s->code == SI_TIMER) {
		o->tid = (uint32_t)s->timer.timer_id;
		o->overrun = (uint32_t)s->timer.overrun;
		o->value = (int32_t)s->timer.value;
		o->ptr = pointer(s->timer.value);
	} else {
		o->pid = (uint32_t)s->rt.pid;
		o->uid = s->rt.uid;
		o->value = s->code < SI_USER ? (int32_t)s->rt.value : 0;
		o->ptr = s->code < SI_USER ? pointer(s->rt.value) : 0;
	}
}

/* --- Its file --- */

static int64_t signalfd_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	const struct signalfd *sf = f->private;
	struct task *t = task_current(sf->m);
	struct signal_info info;
	struct signalfd_info one;
	size_t done = 0;

	(void)pos;
	if (len < sizeof one)
		return -EINVAL;
	while (len - done >= sizeof one && t && signal_take(t, sf->mask, &info)) {
		fill(&one, &info);
		memcpy((uint8_t *)buf + done, &one, sizeof one);
		done += sizeof one;
	}
	return done ? (int64_t)done : -EAGAIN;
}

static unsigned signalfd_poll(struct file *f, struct waiter *w)
{
	const struct signalfd *sf = f->private;
	struct task *t = task_current(sf->m);

	if (!t)
		return 0;
	poll_wait(&t->sighand->signalfds, w);
	return (t->pending.set | t->process->pending.set) & sf->mask ? POLLIN : 0;
}

static void signalfd_release(struct file *f)
{
	free(f->private);
}

static void signalfd_describe(struct file *f, char *buf, size_t size)
{
	(void)f;
	snprintf(buf, size, "anon_inode:[signalfd]");
}

static void signalfd_show(struct file *f, struct proc_out *o)
{
	out(o, "sigmask:\t%016llx\n", (unsigned long long)((const struct signalfd *)f->private)->mask);
}

static const struct file_ops signalfd_ops = {
	.release = signalfd_release, .read = signalfd_read, .poll = signalfd_poll, .lseek = file_noop_lseek,
	.describe = signalfd_describe, .show = signalfd_show,
};

struct signalfd *signalfd_of(const struct file *f)
{
	return f->ops == &signalfd_ops ? f->private : NULL;
}

int signalfd_new(struct machine *m, uint64_t mask, uint32_t flags, struct file **out)
{
	struct signalfd *sf = malloc(sizeof *sf);

	if (!sf)
		return -ENOMEM;
	*sf = (struct signalfd){ m, mask };
	*out = vfs_anon_file(m, &signalfd_ops, sf, 2u /* O_RDWR */ | flags);
	if (*out)
		return 0;
	free(sf);
	return -ENOMEM;
}

void signalfd_set(struct signalfd *sf, uint64_t mask)
{
	struct task *t = task_current(sf->m);

	sf->mask = mask;
	if (t)
		wake_all(&t->sighand->signalfds);
}
