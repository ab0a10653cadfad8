/* SPDX-License-Identifier: MIT
 *
 * What a tracer sees of a tracee's registers, loadmaps and calls (kernel/ptrace.c: ptrace_regset,
 * ptrace_get_syscall_info).
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include "emu/ptrace/ptrace_internal.h"
#include "emu/ptrace/regset.h"
#include "emu/sys/user.h"

enum { REG_SP = 2, REG_A0 = 10, REG_A7 = 17 };

struct guest_iovec { uint32_t base, len; };

/* The vector, its length cut to the set's; -EFAULT, -EINVAL. */
static int get_iovec(struct task *t, uint32_t note, uint32_t addr, struct guest_iovec *iov)
{
	uint32_t unit = 1, size = regset_size(note, &unit);

	if (user_read(t, iov, addr, sizeof *iov))
		return -EFAULT;
	if (!size || iov->len % unit)
		return -EINVAL;
	if (iov->len > size)
		iov->len = size;
	return 0;
}

int ptrace_getregset(struct task *t, struct task *c, uint32_t note, uint32_t iov_addr)
{
	uint8_t buf[REGSET_MAX];
	struct guest_iovec iov;
	int err = get_iovec(t, note, iov_addr, &iov);

	if (err)
		return err;
	regset_get(&c->regs, note, buf);
	if (user_write(t, iov.base, buf, iov.len))
		return -EFAULT;
	return user_put32(t, iov_addr + 4, iov.len);
}

int ptrace_setregset(struct task *t, struct task *c, uint32_t note, uint32_t iov_addr)
{
	uint8_t buf[REGSET_MAX];
	struct guest_iovec iov;
	int err = get_iovec(t, note, iov_addr, &iov);

	if (err)
		return err;
	if (user_read(t, buf, iov.base, iov.len))
		return -EFAULT;
	regset_set(&c->regs, note, buf, iov.len);
	return user_put32(t, iov_addr + 4, iov.len);
}

int ptrace_getfdpic(struct task *t, struct task *c, uint32_t which, uint32_t data)
{
	const struct mm_layout *l;

	if (!c->space)
		return -ESRCH;
	l = mm_layout(c->space);
	return user_put32(t, data, which == 0 ? l->exec_loadmap : which == 1 ? l->interp_loadmap : 0);
}

/* --- PTRACE_GET_SYSCALL_INFO --- */

#define ARCH_RISCV32 0x400000f3u	/* AUDIT_ARCH_RISCV32 */
#define CODE_CALL (SIGTRAP | 0x80)	/* only with PTRACE_O_TRACESYSGOOD is it known what the stop is */

#define CODE_SECCOMP (SIGTRAP | PTRACE_EVENT_SECCOMP_ << 8)

enum { INFO_NONE, INFO_ENTRY, INFO_EXIT, INFO_SECCOMP };

struct guest_syscall_info {
	uint8_t op, pad[3];
	uint32_t arch;
	uint64_t ip, sp;
	union {
		struct { uint64_t nr, args[6]; } entry;
		struct { int64_t rval; uint8_t is_error; } exit;
		struct { uint64_t nr, args[6]; uint32_t ret_data; } seccomp;
	};
};
_Static_assert(offsetof(struct guest_syscall_info, entry) == 24, "struct ptrace_syscall_info");

int ptrace_get_syscall_info(struct task *t, struct task *c, uint32_t size, uint32_t data)
{
	const struct ptrace *p = c->ptrace;
	const struct hart_regs *r = &c->regs;
	struct guest_syscall_info info;
	size_t actual = offsetof(struct guest_syscall_info, entry);
	int32_t a0 = (int32_t)r->x[REG_A0];
	bool seccomp = p->has_info && p->info.code == CODE_SECCOMP;

	memset(&info, 0, sizeof info);
	info.arch = ARCH_RISCV32;
	info.ip = r->pc;
	info.sp = r->x[REG_SP];
	if (seccomp || (p->has_info && p->info.code == CODE_CALL && p->message == INFO_ENTRY)) {
		info.op = seccomp ? INFO_SECCOMP : INFO_ENTRY;
		info.entry.nr = (uint64_t)(int32_t)r->x[REG_A7];
		info.entry.args[0] = p->first_arg;
		for (int i = 1; i < 6; i++)
			info.entry.args[i] = r->x[REG_A0 + i];
		actual += sizeof info.entry;
		if (seccomp) {
			info.seccomp.ret_data = p->message;
			actual += sizeof info.seccomp.ret_data;
		}
	} else if (p->has_info && p->info.code == CODE_CALL && p->message == INFO_EXIT) {
		info.op = INFO_EXIT;
		info.exit.is_error = a0 < 0 && a0 >= -4095;
		info.exit.rval = info.exit.is_error ? (int64_t)a0 : (int64_t)(uint32_t)a0;
		actual += offsetof(struct guest_syscall_info, exit.is_error) + 1 -
			  offsetof(struct guest_syscall_info, exit);
	}
	if (user_write(t, data, &info, size < actual ? size : actual))
		return -EFAULT;
	return (int)actual;
}
