/* SPDX-License-Identifier: MIT
 *
 * Names and numbers of the machine.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "emu/host/clock.h"
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"
#include "emu/kernel/uts.h"

#define CAP_SYS_ADMIN_ 21
#define NAME_SIZE 65		/* __NEW_UTS_LEN + 1 */

int64_t sys_uname(struct task *t, const uint32_t a[6])
{
	char out[6][NAME_SIZE];

	memset(out, 0, sizeof out);
	strcpy(out[0], UTS_SYSNAME);
	strcpy(out[1], t->uts->hostname);
	strcpy(out[2], UTS_RELEASE);
	strcpy(out[3], UTS_VERSION);
	strcpy(out[4], UTS_MACHINE);
	strcpy(out[5], t->uts->domainname);
	return user_write(t, a[0], out, sizeof out);
}

static int64_t set_name(struct task *t, uint32_t addr, uint32_t len, char name[NAME_SIZE])
{
	char buf[NAME_SIZE] = { 0 };

	if (!task_capable(t, CAP_SYS_ADMIN_))
		return -EPERM;
	if (len >= NAME_SIZE)
		return -EINVAL;
	if (user_read(t, buf, addr, len))
		return -EFAULT;
	memcpy(name, buf, NAME_SIZE);
	return 0;
}

int64_t sys_sethostname(struct task *t, const uint32_t a[6])
{
	return set_name(t, a[0], a[1], t->uts->hostname);
}

int64_t sys_setdomainname(struct task *t, const uint32_t a[6])
{
	return set_name(t, a[0], a[1], t->uts->domainname);
}

/* struct sysinfo with 32-bit longs */
struct guest_sysinfo {
	uint32_t uptime, loads[3], totalram, freeram, sharedram, bufferram, totalswap, freeswap;
	uint16_t procs, pad;
	uint32_t totalhigh, freehigh, mem_unit;
	uint8_t fill[8];
};
_Static_assert(sizeof(struct guest_sysinfo) == 64, "struct sysinfo");

int64_t sys_sysinfo(struct task *t, const uint32_t a[6])
{
	struct machine *m = t->machine;
	struct guest_sysinfo s;
	struct mm_stats mem;
	uint32_t tasks = task_count(m);

	memset(&s, 0, sizeof s);
	mm_get_stats(m->mm, &mem);
	s.uptime = (uint32_t)((clock_monotonic(m) + 999999999) / 1000000000);
	task_loadavg(m, s.loads);
	for (int i = 0; i < 3; i++)
		s.loads[i] <<= 5;		/* 11 fraction bits to 16 */
	/* RAM of 4 GiB does not fit the words: counted in pages then, as the kernel does. */
	s.mem_unit = mem.total >> 32 ? FLAT_PAGE_SIZE : 1;
	s.totalram = (uint32_t)(mem.total / s.mem_unit);
	s.freeram = (uint32_t)(mem.free / s.mem_unit);
	s.sharedram = (uint32_t)(mem.shmem / s.mem_unit);
	s.procs = (uint16_t)(tasks > UINT16_MAX ? UINT16_MAX : tasks);
	return user_write(t, a[0], &s, sizeof s);
}
