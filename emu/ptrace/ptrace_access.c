/* SPDX-License-Identifier: MIT
 *
 * Who may look into a process, and its memory (kernel/ptrace.c: __ptrace_may_access, ptrace_access_vm;
 * mm/nommu.c: __access_remote_vm).
 */
#include <errno.h>
#include "emu/ptrace/ptrace_internal.h"
#include "emu/sys/user.h"

#define CAP_SYS_PTRACE_ 19

int ptrace_may_access(const struct task *who, const struct task *t, enum ptrace_creds creds)
{
	const struct cred *a = &who->cred, *b = &t->cred;
	uint32_t uid = creds == PTRACE_FSCREDS ? a->fsuid : a->uid, gid = creds == PTRACE_FSCREDS ? a->fsgid : a->gid;
	uint64_t caps = creds == PTRACE_FSCREDS ? a->cap_effective : a->cap_permitted;

	if (who->process == t->process || task_capable(who, CAP_SYS_PTRACE_))
		return 0;
	if (uid != b->euid || uid != b->suid || uid != b->uid || gid != b->egid || gid != b->sgid || gid != b->gid)
		return -EPERM;
	if (t->space && t->process->dumpable != 1)
		return -EPERM;
	/* cap_ptrace_access_check(): it must not be able to do more than we. */
	return b->cap_permitted & ~caps ? -EPERM : 0;
}

uint32_t ptrace_read(struct task *t, uint32_t addr, void *dst, uint32_t len, uint32_t prot)
{
	uint32_t n = t->space ? mm_reach(t->space, addr, len, prot) : 0;

	return n && !user_read(t, dst, addr, n) ? n : 0;
}

uint32_t ptrace_write(struct task *t, uint32_t addr, const void *src, uint32_t len, uint32_t prot)
{
	uint32_t n = t->space ? mm_reach(t->space, addr, len, prot) : 0;

	if (!n || user_write(t, addr, src, n))
		return 0;
	hart_flush(&t->machine->hart, addr, n);
	return n;
}

/* A word has to lie in one mapping: the kernel does not look at the next one. */
static bool reachable(struct task *t, struct task *c, uint32_t addr)
{
	const struct process *p = c->process;

	if (p->dumpable != 1 && !task_capable(t, CAP_SYS_PTRACE_))
		return false;
	return c->space && mm_mapped(c->space, addr, 4);
}

int ptrace_peek(struct task *t, struct task *c, uint32_t addr, uint32_t data)
{
	uint32_t word;

	if (!reachable(t, c, addr) || ptrace_read(c, addr, &word, sizeof word, 0) != sizeof word)
		return -EIO;
	return user_put32(t, data, word);
}

int ptrace_poke(struct task *t, struct task *c, uint32_t addr, uint32_t data)
{
	if (!reachable(t, c, addr) || ptrace_write(c, addr, &data, sizeof data, 0) != sizeof data)
		return -EIO;
	return 0;
}
