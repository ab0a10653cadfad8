/* SPDX-License-Identifier: MIT */
#include "emu/kernel/robust.h"

#include <errno.h>
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

#define LIST_LIMIT 2048		/* ROBUST_LIST_LIMIT: the list is the guest's, and may be a ring */
#define HEAD_SIZE 12u
#define CAP_SYS_PTRACE_ 19

struct list_head { uint32_t next, offset, pending; };

/* handle_futex_death(). False: memory is not what it should be, look no further. */
static bool release(struct task *t, uint32_t entry, uint32_t offset, bool pending)
{
	uint32_t addr = (entry & ~1u) + offset, word;
	bool pi = entry & 1;

	if (addr % 4 || user_get32(t, addr, &word))
		return false;
	/* Unlocked, but the wake-up never came to be made; or we were woken for it, and would have passed it on. */
	if (pending && !pi && !(word & FUTEX_TID_MASK_)) {
		mm_futex_wake(t->machine->futexes, t->space, addr, 1, FUTEX_ANY);
		return true;
	}
	if ((word & FUTEX_TID_MASK_) != (uint32_t)t->tid)
		return true;
	if (user_put32(t, addr, (word & FUTEX_WAITERS_) | FUTEX_OWNER_DIED_))
		return false;
	/* Who waits for a PI lock is given it: futex_release_pi(). */
	if (!pi && (word & FUTEX_WAITERS_))
		mm_futex_wake(t->machine->futexes, t->space, addr, 1, FUTEX_ANY);
	return true;
}

static void walk(struct task *t)
{
	uint32_t list = t->robust_list, entry, next;
	struct list_head head;

	if (user_read(t, &head, list, sizeof head))
		return;
	entry = head.next;
	for (int i = 0; i < LIST_LIMIT && (entry & ~1u) != list; i++) {
		bool readable = !user_get32(t, entry & ~1u, &next);

		/* The one being locked or unlocked may be in the list already, or still. */
		if ((entry & ~1u) != (head.pending & ~1u) && !release(t, entry, head.offset, false))
			return;
		if (!readable)
			return;
		entry = next;
	}
	if (head.pending & ~1u)
		release(t, head.pending, head.offset, true);
}

void robust_exit(struct task *t)
{
	if (t->robust_list)
		walk(t);
	t->robust_list = 0;
	futex_release_pi(t);
}

int64_t sys_set_robust_list(struct task *t, const uint32_t a[6])
{
	if (a[1] != HEAD_SIZE)
		return -EINVAL;
	t->robust_list = a[0];
	return 0;
}

int64_t sys_get_robust_list(struct task *t, const uint32_t a[6])
{
	const struct task *of = a[0] ? task_find(t->machine, (int)a[0]) : t;

	if (!of)
		return -ESRCH;
	if (of->process != t->process && of->cred.uid != t->cred.uid && !task_capable(t, CAP_SYS_PTRACE_))
		return -EPERM;
	if (user_put32(t, a[2], HEAD_SIZE))
		return -EFAULT;
	return user_put32(t, a[1], of->robust_list);
}
