/* SPDX-License-Identifier: MIT */
#include "emu/kernel/rseq.h"

#include <errno.h>
#include <signal.h>
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

enum { ORIGINAL_SIZE = 32, FEATURES_END = 28, ALIGN = 32, FLAG_UNREGISTER = 1 };
enum { AT_CS = 8, AT_FLAGS = 16 };

/* struct rseq, to where we know it: there is one processor, one node, and so one number in each memory. */
struct guest_rseq {
	uint32_t cpu_id_start, cpu_id;
	uint64_t cs;
	uint32_t flags, node_id, mm_cid;
};

struct guest_rseq_cs {
	uint32_t version, flags;
	uint64_t start, length, abort;
};

/* The numbers; cpu_id says UINT32_MAX when there is no registration any more. */
static int put_numbers(struct task *t, uint32_t cpu_id)
{
	uint32_t addr = t->rseq.addr, first[2] = { 0, cpu_id }, last[2] = { 0, 0 };

	return user_write(t, addr, first, sizeof first) || user_write(t, addr + 20, last, sizeof last) ? -EFAULT : 0;
}

/* rseq_get_rseq_cs(): 0 with *cs (length 0: in none), or -EINVAL or -EFAULT. */
static int read_cs(struct task *t, struct guest_rseq_cs *cs)
{
	uint64_t addr;
	uint32_t signature;

	*cs = (struct guest_rseq_cs){ 0 };
	if (user_read(t, &addr, t->rseq.addr + AT_CS, sizeof addr))
		return -EFAULT;
	if (!addr)
		return 0;
	if (addr > UINT32_MAX || user_read(t, cs, (uint32_t)addr, sizeof *cs))
		return -EFAULT;
	if (cs->version || cs->start > UINT32_MAX || cs->abort > UINT32_MAX || cs->length > UINT32_MAX ||
	    cs->start + cs->length > UINT32_MAX || cs->abort - cs->start < cs->length)
		return -EINVAL;
	if (user_get32(t, (uint32_t)cs->abort - 4, &signature))
		return -EFAULT;
	return signature == t->rseq.signature ? 0 : -EINVAL;
}

/* rseq_ip_fixup() */
static int leave_sequence(struct task *t)
{
	static const uint64_t none;
	struct guest_rseq_cs cs;
	uint32_t flags;
	int err = read_cs(t, &cs);

	if (err || !cs.abort)
		return err;
	if (t->regs.pc - (uint32_t)cs.start < (uint32_t)cs.length) {
		/* Flags that once said "do not restart" are refused (rseq_need_restart()). */
		if (cs.flags || user_get32(t, t->rseq.addr + AT_FLAGS, &flags) || flags)
			return -EINVAL;
		t->regs.pc = (uint32_t)cs.abort;
	}
	return user_write(t, t->rseq.addr + AT_CS, &none, sizeof none);
}

void rseq_interrupted(struct task *t)
{
	if (leave_sequence(t) || put_numbers(t, 0))
		signal_force_segv(t, SIGSEGV);
}

static int64_t unregister(struct task *t, const uint32_t a[6])
{
	if (a[2] != FLAG_UNREGISTER || !t->rseq.addr || a[0] != t->rseq.addr || a[1] != t->rseq.len)
		return -EINVAL;
	if (a[3] != t->rseq.signature)
		return -EPERM;
	if (put_numbers(t, UINT32_MAX))
		return -EFAULT;
	t->rseq = (struct task_rseq){ 0 };
	return 0;
}

int64_t sys_rseq(struct task *t, const uint32_t a[6])
{
	if (a[2] & FLAG_UNREGISTER)
		return unregister(t, a);
	if (a[2])
		return -EINVAL;
	if (t->rseq.addr) {
		if (a[0] != t->rseq.addr || a[1] != t->rseq.len)
			return -EINVAL;
		return a[3] != t->rseq.signature ? -EPERM : -EBUSY;
	}
	if (a[1] < ORIGINAL_SIZE || a[0] % ALIGN)
		return -EINVAL;
	if (!user_span_write(t, a[0], a[1]))
		return -EFAULT;
	t->rseq = (struct task_rseq){ .addr = a[0], .len = a[1], .signature = a[3] };
	if (!a[0] || put_numbers(t, 0)) {
		t->rseq = (struct task_rseq){ 0 };
		return -EFAULT;
	}
	return 0;
}
