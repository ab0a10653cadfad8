/* SPDX-License-Identifier: MIT */
#include "emu/kernel/coredump.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/host/corefile.h"
#include "emu/kernel/files.h"
#include "emu/kernel/klog.h"
#include "emu/ptrace/regset.h"
#include "emu/kernel/rusage.h"
#include "emu/signal/signal_internal.h"
#include "emu/kernel/tasks.h"
#include "emu/sys/user.h"
#include "loader/core.h"

enum { RLIMIT_CORE_ = 4 };

struct dump {
	struct task *t;
	const struct signal_info *info;
	struct task *thread;		/* the last that was described */
	/* Where it goes: a file of the guest, up to a limit, or one of the host. */
	struct file *file;
	uint64_t pos, limit;
	bool cut;
	struct corefile host;
};

/* --- What it is made of --- */

/* The one that got the signal is number 0; the others follow, each behind the one before. */
static struct task *nth_thread(struct dump *d, unsigned n)
{
	struct task *o = n > 1 ? d->thread->thread_next : d->t->process->threads;

	if (!n)
		return d->t;
	while (o == d->t || o->state == TASK_ZOMBIE)
		o = o->thread_next;
	d->thread = o;
	return o;
}

static unsigned count_threads(const struct task *t)
{
	unsigned n = 0;

	for (const struct task *o = t->process->threads; o; o = o->thread_next)
		n += o->state != TASK_ZOMBIE;
	return n;
}

static void describe_thread(void *owner, unsigned n, struct core_thread *out)
{
	struct dump *d = owner;
	const struct task *o = nth_thread(d, n);
	const struct process *p = o->process;
	struct regset_general general;
	struct regset_fp fp;

	*out = (struct core_thread){
		.signo = d->info->signo, .code = n ? 0 : d->info->code, .err = n ? 0 : d->info->err,
		.pending = (uint32_t)o->pending.set, .blocked = (uint32_t)o->blocked,
		.pid = o->tid, .ppid = p->parent ? p->parent->pid : 0, .pgrp = p->pgid, .sid = p->sid,
		.utime = o->utime_ns, .stime = o->stime_ns, .cutime = p->child_utime, .cstime = p->child_stime,
	};
	if (o == p->leader)
		process_cpu_time(p, &out->utime, &out->stime);
	regset_get_general(&o->regs, &general);
	regset_get_fp(&o->regs, &fp);
	memcpy(out->general, &general, sizeof out->general);
	memcpy(out->fp, &fp, sizeof out->fp);
}

static void describe_process(struct task *t, struct core_process *out)
{
	const struct process *p = t->process;
	const struct mm_layout *l = mm_layout(t->space);
	uint32_t len = l->arg_end - l->arg_start;

	*out = (struct core_process){
		.state = 'R', .nice = t->nice, .uid = t->cred.uid, .gid = t->cred.gid,
		.pid = p->pid, .ppid = p->parent ? p->parent->pid : 0, .pgrp = p->pgid, .sid = p->sid,
	};
	memcpy(out->comm, p->leader->comm, sizeof out->comm);
	if (len >= sizeof out->args)
		len = sizeof out->args - 1;
	if (user_read(t, out->args, l->arg_start, len))
		len = 0;
	for (uint32_t i = 0; i < len; i++)
		if (!out->args[i])
			out->args[i] = ' ';
	out->args[len] = 0;
}

/* --- Where it goes --- */

static int write_guest(void *owner, const void *data, uint32_t len)
{
	struct dump *d = owner;
	const char *p = data;

	if (d->pos + len > d->limit) {
		d->cut = true;
		return -EFBIG;
	}
	if (!p)
		d->pos += len;
	while (p && len) {
		int64_t n = file_write(d->file, p, len, &d->pos);

		if (n <= 0)
			return n ? (int)n : -EIO;
		p += n;
		len -= (uint32_t)n;
	}
	return 0;
}

static int write_host(void *owner, const void *data, uint32_t len)
{
	return corefile_write(&((struct dump *)owner)->host, data, len);
}

static int dump(struct dump *d, int (*write)(void *owner, const void *data, uint32_t len))
{
	struct task *t = d->t;
	struct core_source c = {
		.owner = d, .space = t->space, .threads = count_threads(t), .thread = describe_thread, .write = write,
	};

	describe_process(t, &c.process);
	signal_info_bytes(d->info, c.siginfo);
	if (!space_auxv(t->space, &c.auxv, &c.auxv_size))
		c.auxv_size = 0;
	return core_write(&c);
}

static int open_core(struct task *t, const char *name, struct file **out)
{
	struct vfs_cred cred;
	struct walk w;
	int err = task_walk(t, AT_FDCWD, name, 0, &w, &cred);

	if (err)
		return err;
	(void)vfs_unlink(&w, name);	/* a core of earlier; what cannot be unlinked is found out below */
	err = vfs_open(&w, name, O_CREAT | O_EXCL | O_WRONLY | G_O_NOFOLLOW, 0600, out);
	if (err)
		return err;
	if (S_ISREG((*out)->inode->mode))
		return 0;
	file_put(*out);
	return -EACCES;
}

static void remove_core(struct task *t, const char *name)
{
	struct vfs_cred cred;
	struct walk w;

	if (!task_walk(t, AT_FDCWD, name, 0, &w, &cred))
		(void)vfs_unlink(&w, name);
}

/* do_coredump().  A limit on its size cuts the file, as in the kernel; any other failure takes it away. */
static bool dump_in_guest(struct task *t, const struct signal_info *info)
{
	struct machine *m = t->machine;
	struct dump d = { .t = t, .info = info, .limit = task_rlimit(t, RLIMIT_CORE_) };
	char name[CORE_PATTERN_MAX * 2];
	int err;

	if (!t->process->dumpable || d.limit < FLAT_PAGE_SIZE)
		return false;
	if (m->core_pattern[0] == '|') {
		klog(m, KLOG_WARNING, "%s[%d]: core dump: a pipe as kernel.core_pattern is not supported", t->comm, t->tid);
		return false;
	}
	err = core_name(t, info->signo, name, sizeof name);
	if (!err && !name[0])
		err = -ENOENT;
	if (!err)
		err = open_core(t, name, &d.file);
	if (err)
		goto fail;
	err = dump(&d, write_guest);
	if (d.cut) {
		klog(m, KLOG_WARNING, "%s[%d]: core dump: cut to the limit of %llu bytes", t->comm, t->tid,
		     (unsigned long long)d.limit);
		err = 0;
	}
	if (!err && d.pos > d.file->inode->size)
		err = vfs_truncate(d.file->inode, d.file->path.dentry, d.pos);
	file_put(d.file);
	if (!err)
		return true;
	remove_core(t, name);
fail:
	klog(m, KLOG_ERR, "%s[%d]: core dump into %s failed: %s", t->comm, t->tid, name, strerror(-err));
	return false;
}

static bool dump_on_host(struct task *t, const struct signal_info *info)
{
	struct machine *m = t->machine;
	struct dump d = { .t = t, .info = info };
	int err;

	if (m->options.core_dir < 0)
		return false;
	err = corefile_begin(&d.host, m->options.core_dir, m->options.core_name, t->comm, t->process->pid);
	if (!err)
		err = corefile_end(&d.host, dump(&d, write_host));
	if (err)
		klog(m, KLOG_ERR, "%s[%d]: core dump into --core-dir failed: %s", t->comm, t->tid, strerror(-err));
	else if (t->personality & PER_FDPIC_FUNCPTRS)
		klog(m, KLOG_WARNING, "%s[%d]: core dump of an FDPIC program: flat32 inspect --gdb CORE >core.gdb; "
		     "gdb-multiarch -x core.gdb", t->comm, t->tid);
	return !err;
}

bool coredump(struct task *t, const struct signal_info *info)
{
	bool guest, host;

	if (!signal_in(info->signo, SIGNALS_CORE) || !t->space)
		return false;
	guest = dump_in_guest(t, info);
	host = dump_on_host(t, info);
	return guest || host;
}
