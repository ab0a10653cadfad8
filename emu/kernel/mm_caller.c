/* SPDX-License-Identifier: MIT
 *
 * Addresses are given twice: where they lie, and, by the program's loadmap, as its ELF file numbers them: the
 * second is what addr2line and a disassembly want.
 */
#include "emu/kernel/mm_caller.h"

#include <stdio.h>
#include <string.h>
#include "emu/sys/syscall.h"
#include "emu/kernel/tasks.h"
#include "emu/sys/user.h"

#define SEGMENTS_MAX 64u	/* of a loadmap, that are looked at: it lies in the guest's hands */

enum { REG_RA = 1 };

/* The address as the file of this loadmap has it.  False: it lies in none of its segments. */
static bool link_address(const struct task *t, uint32_t loadmap, uint32_t addr, uint32_t *out)
{
	uint16_t head[2];
	uint32_t seg[3];	/* addr, p_vaddr, p_memsz */

	if (!loadmap || flat_read(t->machine->flat, head, loadmap, sizeof head))
		return false;
	for (uint32_t i = 0; i < head[1] && i < SEGMENTS_MAX; i++) {
		if (flat_read(t->machine->flat, seg, loadmap + 4 + i * (uint32_t)sizeof seg, sizeof seg))
			return false;
		if (addr - seg[0] < seg[2]) {
			*out = addr - seg[0] + seg[1];
			return true;
		}
	}
	return false;
}

static void describe(const struct task *t, uint32_t addr, char *out, size_t size)
{
	const struct mm_layout *l = mm_layout(t->space);
	uint32_t at;

	if (link_address(t, l->exec_loadmap, addr, &at))
		snprintf(out, size, "0x%08x (%s+0x%x)", addr, t->comm, at);
	else if (link_address(t, l->interp_loadmap, addr, &at))
		snprintf(out, size, "0x%08x (interpreter+0x%x)", addr, at);
	else
		snprintf(out, size, "0x%08x", addr);
}

void mm_caller_of(void *machine, struct mm_caller *out)
{
	struct machine *m = machine;
	struct task *t = task_current(m);
	char pc[64], ra[64];
	uint32_t nr;

	if (!t)
		return;
	out->pid = t->tid;	/* as the kernel: current->pid */
	snprintf(out->comm, sizeof out->comm, "%s", t->comm);
	nr = t->sys.nr;
	if (syscall_name(nr))
		snprintf(out->call, sizeof out->call, "%s", syscall_name(nr));
	if (!t->space)
		return;
	out->pc = t->regs.pc - 4;	/* it stands behind the ecall */
	describe(t, out->pc, pc, sizeof pc);
	describe(t, t->regs.x[REG_RA], ra, sizeof ra);
	snprintf(out->where, sizeof out->where, "%s, called from %s", pc, ra);
}
