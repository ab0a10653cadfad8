/* SPDX-License-Identifier: MIT
 *
 * SysV shared memory (ipc/shm.c, on the no-MMU rules: every attach of a segment is at
 * the same address; a detach drops one attachment).  Ids, permissions and times are
 * the caller's business to pass; mm/ keeps them so that one table holds the facts.
 */
#ifndef MM_SHM_H
#define MM_SHM_H

#include "mm/mm.h"

struct mm_shm_cred {
	uint32_t uid, gid, ngroups;
	const uint32_t *groups;
	int pid;
	int64_t now;
	bool privileged;
};

struct mm_shm_info {
	int32_t key;
	int id;
	uint32_t size;			/* bytes, as asked for */
	uint32_t uid, gid, cuid, cgid, mode, seq;	/* mode has SHM_DEST 01000, SHM_LOCKED 02000 */
	int64_t atime, dtime, ctime;	/* seconds */
	int cpid, lpid;
	uint32_t nattch;
	uint32_t addr, pages;
};

/* All return >= 0 or -errno, in the order and with the errno of ipc/shm.c. */
int mm_shm_get(struct mm *mm, int32_t key, uint32_t size, uint32_t flags, const struct mm_shm_cred *c);
int mm_shm_at(struct mm_space *s, int id, uint32_t addr, uint32_t flags, const struct mm_shm_cred *c,
	      uint32_t *out);
int mm_shm_dt(struct mm_space *s, uint32_t addr, const struct mm_shm_cred *c);
int mm_shm_stat(struct mm *mm, int id, bool by_index, const struct mm_shm_cred *c, struct mm_shm_info *out);
int mm_shm_set(struct mm *mm, int id, uint32_t uid, uint32_t gid, uint32_t mode, const struct mm_shm_cred *c);
/*
 * SHM_LOCK and SHM_UNLOCK: memory is always locked here, so this only marks it (SHM_LOCKED).  c->privileged:
 * CAP_IPC_LOCK.  limited: RLIMIT_MEMLOCK is 0.
 */
int mm_shm_lock(struct mm *mm, int id, bool lock, bool limited, const struct mm_shm_cred *c);
int mm_shm_rmid(struct mm *mm, int id, const struct mm_shm_cred *c);
struct mm_shm_totals { int used_ids, max_index; uint64_t total_pages; };
void mm_shm_totals(struct mm *mm, struct mm_shm_totals *out);
typedef int (*mm_shm_walk_fn)(void *ctx, const struct mm_shm_info *info);
int mm_shm_walk(struct mm *mm, mm_shm_walk_fn fn, void *ctx);

#endif
