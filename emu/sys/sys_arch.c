/* SPDX-License-Identifier: MIT
 *
 * What depends on the processor: RISC-V's own calls, membarrier, getcpu.
 */
#include <errno.h>
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

/* arch/riscv/kernel/sys_riscv.c; the flag asks for this hart only, and there is one. */
int64_t sys_riscv_flush_icache(struct task *t, const uint32_t a[6])
{
	if (a[2] & ~1u)
		return -EINVAL;
	if (a[1] > a[0])
		hart_flush(&t->machine->hart, a[0], a[1] - a[0]);
	return 0;
}

/* --- riscv_hwprobe(2): Documentation/arch/riscv/hwprobe.rst --- */

#define HWPROBE_WHICH_CPUS 1u

static bool hwprobe(int64_t key, uint64_t *value)
{
	switch (key) {
	case 0:			/* MVENDORID, MARCHID, MIMPID: no commercial implementation */
	case 1:
	case 2:
		*value = 0;
		return true;
	case 3:			/* BASE_BEHAVIOR: IMA */
		*value = 1;
		return true;
	case 4:			/* IMA_EXT_0: FD, C, Zba, Zbb, Zbs */
		*value = 1 | 2 | 8 | 16 | 32;
		return true;
	case 5:			/* CPUPERF_0, MISALIGNED_SCALAR_PERF: misaligned accesses are fast */
	case 9:
		*value = 3;
		return true;
	case 6:			/* ZICBOZ_BLOCK_SIZE: no Zicboz */
		*value = 0;
		return true;
	case 7:			/* HIGHEST_VIRT_ADDRESS */
		*value = 0xffffffff;
		return true;
	case 8:			/* TIME_CSR_FREQ */
		*value = 10000000;
		return true;
	default:
		return false;
	}
}

struct hwprobe_pair { int64_t key; uint64_t value; };

/* The pairs say what is looked for: is it what hart 0 has? */
static int64_t which_cpus(struct task *t, const uint32_t a[6])
{
	uint32_t cpus;
	uint32_t words = a[2] / 4;
	bool match = true;

	if (!a[2] || !a[3])
		return -EINVAL;
	if (user_get32(t, a[3], &cpus) || !user_span(t, a[3], a[2]))
		return -EFAULT;
	if (!cpus)
		cpus = 1;		/* none given: any online one */
	for (uint32_t i = 0; i < a[1]; i++) {
		struct hwprobe_pair p;
		uint64_t value;

		if (user_read(t, &p, a[0] + i * (uint32_t)sizeof p, sizeof p))
			return -EFAULT;
		if (!hwprobe(p.key, &value)) {
			p = (struct hwprobe_pair){ -1, 0 };
			if (user_write(t, a[0] + i * (uint32_t)sizeof p, &p, sizeof p))
				return -EFAULT;
			match = false;
		} else if (p.key == 3 || p.key == 4) {
			match &= (value & p.value) == p.value;	/* bit masks: at least these */
		} else {
			match &= value == p.value;
		}
	}
	for (uint32_t i = 0; i < words; i++)
		if (user_put32(t, a[3] + 4 * i, i == 0 && match ? cpus & 1 : 0))
			return -EFAULT;
	return 0;
}

int64_t sys_riscv_hwprobe(struct task *t, const uint32_t a[6])
{
	if (a[4] == HWPROBE_WHICH_CPUS)
		return which_cpus(t, a);
	if (a[4])
		return -EINVAL;
	/* A set of processors may be given: it must hold ours. */
	if (a[3] || a[2]) {
		uint32_t cpus;

		if (!a[2] || !a[3])
			return a[3] ? -EINVAL : -EFAULT;
		if (user_get32(t, a[3], &cpus))
			return -EFAULT;
		if (!(cpus & 1))
			return -EINVAL;
	}
	for (uint32_t i = 0; i < a[1]; i++) {
		struct hwprobe_pair p;
		uint32_t at = a[0] + i * (uint32_t)sizeof p;

		if (user_read(t, &p, at, sizeof p))
			return -EFAULT;
		p.value = 0;
		if (!hwprobe(p.key, &p.value))
			p.key = -1;
		if (user_write(t, at, &p, sizeof p))
			return -EFAULT;
	}
	return 0;
}

/* --- One processor, in order: every barrier is there already (kernel/sched/membarrier.c) --- */

#define MEMBARRIER_COMMANDS 0x3ffu	/* what a real kernel's query says */
enum {
	MB_QUERY = 0, MB_GLOBAL = 1, MB_GLOBAL_EXPEDITED = 2, MB_REGISTER_GLOBAL_EXPEDITED = 4,
	MB_PRIVATE_EXPEDITED = 8, MB_REGISTER_PRIVATE_EXPEDITED = 16, MB_SYNC_CORE = 32, MB_REGISTER_SYNC_CORE = 64,
	MB_RSEQ = 128, MB_REGISTER_RSEQ = 256, MB_GET_REGISTRATIONS = 512, MB_FLAG_CPU = 1,
};

int64_t sys_membarrier(struct task *t, const uint32_t a[6])
{
	uint32_t *registered = &t->process->membarrier;

	if (a[0] == MB_RSEQ ? a[1] & ~(uint32_t)MB_FLAG_CPU : a[1])
		return -EINVAL;
	switch (a[0]) {
	case MB_QUERY:
		return MEMBARRIER_COMMANDS;
	case MB_GLOBAL:
	case MB_GLOBAL_EXPEDITED:
		return 0;
	case MB_REGISTER_GLOBAL_EXPEDITED:
	case MB_REGISTER_PRIVATE_EXPEDITED:
	case MB_REGISTER_SYNC_CORE:
	case MB_REGISTER_RSEQ:
		*registered |= a[0];
		return 0;
	case MB_PRIVATE_EXPEDITED:
	case MB_SYNC_CORE:
	case MB_RSEQ:
		return *registered & a[0] << 1 ? 0 : -EPERM;	/* the bit of its registration is the next one */
	case MB_GET_REGISTRATIONS:
		return *registered;
	default:
		return -EINVAL;
	}
}

int64_t sys_getcpu(struct task *t, const uint32_t a[6])
{
	if ((a[0] && user_put32(t, a[0], 0)) || (a[1] && user_put32(t, a[1], 0)))
		return -EFAULT;
	return 0;
}
