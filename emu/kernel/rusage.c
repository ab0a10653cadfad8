/* SPDX-License-Identifier: MIT */
#include "emu/kernel/rusage.h"

#include <errno.h>
#include <string.h>
#include "emu/sys/syscall.h"
#include "emu/kernel/tasks.h"
#include "emu/sys/user.h"

enum { RUSAGE_SELF_ = 0, RUSAGE_CHILDREN_ = -1, RUSAGE_THREAD_ = 1 };

void process_cpu_time(const struct process *p, uint64_t *utime, uint64_t *stime)
{
	sched_account(p->machine);
	*utime = p->dead_utime;
	*stime = p->dead_stime;
	for (const struct task *t = p->threads; t; t = t->thread_next) {
		*utime += t->utime_ns;
		*stime += t->stime_ns;
	}
}

static void put_times(struct guest_rusage *out, uint64_t utime, uint64_t stime)
{
	out->utime_sec = (int32_t)(utime / 1000000000);
	out->utime_usec = (int32_t)(utime % 1000000000 / 1000);
	out->stime_sec = (int32_t)(stime / 1000000000);
	out->stime_usec = (int32_t)(stime % 1000000000 / 1000);
}

static void put_memory(struct guest_rusage *out, const struct process *p)
{
	struct mm_usage usage;

	/* The kernel counts nothing as resident without an MMU. */
	if (!p->leader || !p->leader->space || p->leader->machine->options.compat_linux)
		return;
	mm_space_usage(p->leader->space, &usage);
	out->maxrss = (int32_t)(usage.bytes / 1024);
}

void rusage_of_process(const struct process *p, struct guest_rusage *out)
{
	uint64_t utime, stime, vol = p->dead_nvcsw, invol = p->dead_nivcsw;

	memset(out, 0, sizeof *out);
	process_cpu_time(p, &utime, &stime);
	put_times(out, utime, stime);
	for (const struct task *t = p->threads; t; t = t->thread_next) {
		if (t->state == TASK_ZOMBIE)
			continue;	/* in dead_nvcsw already */
		vol += t->nvcsw;
		invol += t->nivcsw;
	}
	out->nvcsw = (int32_t)vol;
	out->nivcsw = (int32_t)invol;
	put_memory(out, p);
}

void rusage_of_child(const struct process *p, struct guest_rusage *out)
{
	uint64_t utime, stime;

	rusage_of_process(p, out);
	process_cpu_time(p, &utime, &stime);
	put_times(out, utime + p->child_utime, stime + p->child_stime);
	out->nvcsw += (int32_t)p->child_nvcsw;
	out->nivcsw += (int32_t)p->child_nivcsw;
}

int64_t sys_getrusage(struct task *t, const uint32_t a[6])
{
	struct guest_rusage ru;

	memset(&ru, 0, sizeof ru);
	switch ((int32_t)a[0]) {
	case RUSAGE_SELF_:
		rusage_of_process(t->process, &ru);
		break;
	case RUSAGE_CHILDREN_:
		put_times(&ru, t->process->child_utime, t->process->child_stime);
		ru.nvcsw = (int32_t)t->process->child_nvcsw;
		ru.nivcsw = (int32_t)t->process->child_nivcsw;
		break;
	case RUSAGE_THREAD_:
		sched_account(t->machine);
		put_times(&ru, t->utime_ns, t->stime_ns);
		ru.nvcsw = (int32_t)t->nvcsw;
		ru.nivcsw = (int32_t)t->nivcsw;
		put_memory(&ru, t->process);
		break;
	default:
		return -EINVAL;
	}
	return user_write(t, a[1], &ru, sizeof ru);
}
