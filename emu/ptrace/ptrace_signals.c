/* SPDX-License-Identifier: MIT
 *
 * What a tracer sees of and does to a tracee's signals (kernel/ptrace.c: ptrace_getsiginfo, ptrace_peek_siginfo, ...).
 */
#include <errno.h>
#include "emu/ptrace/ptrace_internal.h"
#include "emu/signal/signal_internal.h"
#include "emu/sys/user.h"

#define PEEK_SHARED 1u		/* PTRACE_PEEKSIGINFO_SHARED */
#define SIGINFO_BYTES 128u
#define SIGSET_BYTES 8u

/* A group stop has none: that is how one is known. */
int ptrace_getsiginfo(struct task *t, struct task *c, uint32_t data)
{
	return c->ptrace->has_info ? signal_info_to_guest(t, data, &c->ptrace->info) : -EINVAL;
}

int ptrace_setsiginfo(struct task *t, struct task *c, uint32_t data)
{
	struct signal_info info;

	if (signal_info_from_guest(t, data, &info))
		return -EFAULT;
	if (!c->ptrace->has_info)
		return -EINVAL;
	c->ptrace->info = info;
	return 0;
}

int ptrace_peeksiginfo(struct task *t, struct task *c, uint32_t args, uint32_t data)
{
	struct { uint64_t off; uint32_t flags; int32_t nr; } arg;
	const struct signal_pending *e;
	int n = 0;

	if (user_read(t, &arg, args, sizeof arg))
		return -EFAULT;
	if ((arg.flags & ~PEEK_SHARED) || arg.nr < 0)
		return -EINVAL;
	e = (arg.flags & PEEK_SHARED ? &c->process->pending : &c->pending)->first;
	for (; e && arg.off; arg.off--)
		e = e->next;
	for (; e && n < arg.nr; e = e->next, n++)
		if (signal_info_to_guest(t, data + (uint32_t)n * SIGINFO_BYTES, &e->info))
			return n ? n : -EFAULT;
	return n;
}

int ptrace_getsigmask(struct task *t, struct task *c, uint32_t size, uint32_t data)
{
	uint64_t mask = c->restore_blocked ? c->saved_blocked : c->blocked;

	if (size != SIGSET_BYTES)
		return -EINVAL;
	return user_write(t, data, &mask, sizeof mask);
}

int ptrace_setsigmask(struct task *t, struct task *c, uint32_t size, uint32_t data)
{
	uint64_t mask;

	if (size != SIGSET_BYTES)
		return -EINVAL;
	if (user_read(t, &mask, data, sizeof mask))
		return -EFAULT;
	/* What that makes deliverable it looks at when it goes on (ptrace_go_on()). */
	c->blocked = mask & ~SIGNALS_KERNEL_ONLY;
	c->restore_blocked = false;
	return 0;
}
