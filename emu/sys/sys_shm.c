/* SPDX-License-Identifier: MIT
 *
 * SysV shared memory: structures of riscv32 around mm/shm.h (ipc/shm.c).
 */
#include "mm/shm.h"

#include <errno.h>
#include "emu/host/clock.h"
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

#define CAP_SYS_ADMIN_ 21
#define CAP_IPC_LOCK_ 14
#define CAP_IPC_OWNER_ 15
#define RLIMIT_MEMLOCK_ 8

enum { IPC_RMID_ = 0, IPC_SET_ = 1, IPC_STAT_ = 2, IPC_INFO_ = 3,
       SHM_LOCK_ = 11, SHM_UNLOCK_ = 12, SHM_STAT_ = 13, SHM_INFO_ = 14, SHM_STAT_ANY_ = 15 };

/* struct shmid64_ds */
struct guest_shmid {
	int32_t key;
	uint32_t uid, gid, cuid, cgid, mode;
	uint16_t seq, pad;
	uint32_t unused[2];
	uint32_t segsz;
	uint32_t atime, atime_high, dtime, dtime_high, ctime, ctime_high;
	int32_t cpid, lpid;
	uint32_t nattch, unused4, unused5;
};
_Static_assert(sizeof(struct guest_shmid) == 84, "struct shmid64_ds");

static struct mm_shm_cred cred_of(struct task *t, bool privileged)
{
	return (struct mm_shm_cred){
		.uid = t->cred.euid, .gid = t->cred.fsgid,
		.ngroups = groups_count(t->cred.groups), .groups = groups_ids(t->cred.groups),
		.pid = t->process->pid,
		.now = clock_realtime(t->machine) / 1000000000, .privileged = privileged,
	};
}

int64_t sys_shmget(struct task *t, const uint32_t a[6])
{
	struct mm_shm_cred c = cred_of(t, task_capable(t, CAP_IPC_OWNER_));

	return mm_shm_get(t->machine->mm, (int32_t)a[0], a[1], a[2], &c);
}

int64_t sys_shmat(struct task *t, const uint32_t a[6])
{
	struct mm_shm_cred c = cred_of(t, task_capable(t, CAP_IPC_OWNER_));
	uint32_t addr;
	int err = mm_shm_at(t->space, (int)a[0], a[1], a[2], &c, &addr);

	return err ? err : (int64_t)addr;
}

int64_t sys_shmdt(struct task *t, const uint32_t a[6])
{
	struct mm_shm_cred c = cred_of(t, false);

	return mm_shm_dt(t->space, a[0], &c);
}

static int64_t stat(struct task *t, int id, uint32_t cmd, uint32_t buf)
{
	struct mm_shm_cred c = cred_of(t, cmd == SHM_STAT_ANY_ || task_capable(t, CAP_IPC_OWNER_));
	struct mm_shm_info info;
	struct guest_shmid out;
	int err = mm_shm_stat(t->machine->mm, id, cmd != IPC_STAT_, &c, &info);

	if (err < 0)
		return err;
	out = (struct guest_shmid){
		.key = info.key, .uid = info.uid, .gid = info.gid, .cuid = info.cuid, .cgid = info.cgid,
		.mode = info.mode, .seq = (uint16_t)info.seq, .segsz = info.size,
		.atime = (uint32_t)info.atime, .atime_high = (uint32_t)((uint64_t)info.atime >> 32),
		.dtime = (uint32_t)info.dtime, .dtime_high = (uint32_t)((uint64_t)info.dtime >> 32),
		.ctime = (uint32_t)info.ctime, .ctime_high = (uint32_t)((uint64_t)info.ctime >> 32),
		.cpid = info.cpid, .lpid = info.lpid, .nattch = info.nattch,
	};
	if (user_write(t, buf, &out, sizeof out))
		return -EFAULT;
	return cmd == IPC_STAT_ ? 0 : info.id;
}

/* The limits: the same as /proc/sys/kernel/shm* (struct shminfo64, 9 words). */
static int64_t limits(struct task *t, uint32_t buf)
{
	struct mm_shm_totals totals;
	uint32_t out[9] = { 0xfeffffff, 1, 4096, 4096, 0xfeffffff };	/* max, min, mni, seg, all */

	mm_shm_totals(t->machine->mm, &totals);
	if (user_write(t, buf, out, sizeof out))
		return -EFAULT;
	return totals.max_index < 0 ? 0 : totals.max_index;
}

/* struct shm_info, 6 words; nothing is ever swapped. */
static int64_t usage(struct task *t, uint32_t buf)
{
	struct mm_shm_totals totals;
	uint32_t out[6] = { 0 };

	mm_shm_totals(t->machine->mm, &totals);
	out[0] = (uint32_t)totals.used_ids;
	out[1] = out[2] = (uint32_t)totals.total_pages;
	if (user_write(t, buf, out, sizeof out))
		return -EFAULT;
	return totals.max_index < 0 ? 0 : totals.max_index;
}

static int64_t set(struct task *t, int id, uint32_t buf)
{
	struct mm_shm_cred c = cred_of(t, task_capable(t, CAP_SYS_ADMIN_));
	struct guest_shmid in;

	if (user_read(t, &in, buf, sizeof in))
		return -EFAULT;
	return mm_shm_set(t->machine->mm, id, in.uid, in.gid, in.mode, &c);
}

static int64_t lock(struct task *t, int id, bool on)
{
	struct mm_shm_cred c = cred_of(t, task_capable(t, CAP_IPC_LOCK_));

	return mm_shm_lock(t->machine->mm, id, on, t->process->rlimit[RLIMIT_MEMLOCK_].cur == 0, &c);
}

int64_t sys_shmctl(struct task *t, const uint32_t a[6])
{
	int id = (int)a[0];
	uint32_t cmd = a[1];

	if ((int)cmd < 0 || id < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO_:
		return limits(t, a[2]);
	case SHM_INFO_:
		return usage(t, a[2]);
	case IPC_STAT_:
	case SHM_STAT_:
	case SHM_STAT_ANY_:
		return stat(t, id, cmd, a[2]);
	case IPC_SET_:
		return set(t, id, a[2]);
	case IPC_RMID_: {
		struct mm_shm_cred c = cred_of(t, task_capable(t, CAP_SYS_ADMIN_));

		return mm_shm_rmid(t->machine->mm, id, &c);
	}
	case SHM_LOCK_:
	case SHM_UNLOCK_:
		return lock(t, id, cmd == SHM_LOCK_);
	default:
		return -EINVAL;
	}
}
