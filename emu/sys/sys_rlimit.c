/* SPDX-License-Identifier: MIT
 *
 * Resource limits (kernel/sys.c).  riscv32 has prlimit64 only.
 */
#include <errno.h>
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

enum { CAP_SYS_RESOURCE_ = 24 };

static int change(struct task *t, struct process *p, uint32_t resource, const struct rlimit_pair *new)
{
	struct rlimit_pair *r = &p->rlimit[resource];

	if (new->cur > new->max)
		return -EINVAL;
	if (resource == 7 && new->max > 1048576)	/* RLIMIT_NOFILE: fs.nr_open */
		return -EPERM;
	if (new->max > r->max && !task_capable(t, CAP_SYS_RESOURCE_))
		return -EPERM;
	*r = *new;
	return 0;
}

int64_t sys_prlimit64(struct task *t, const uint32_t a[6])
{
	struct task *other = a[0] ? task_find(t->machine, (int)a[0]) : t;
	struct rlimit_pair new, old;
	int err;

	if (a[2] && user_read(t, &new, a[2], sizeof new))
		return -EFAULT;
	if (!other)
		return -ESRCH;
	if (other->process != t->process && t->cred.uid != other->cred.uid && !task_capable(t, CAP_SYS_RESOURCE_))
		return -EPERM;
	if (a[1] >= RLIMITS)
		return -EINVAL;
	old = other->process->rlimit[a[1]];
	if (a[2]) {
		err = change(t, other->process, a[1], &new);
		if (err)
			return err;
	}
	return a[3] ? user_write(t, a[3], &old, sizeof old) : 0;
}
