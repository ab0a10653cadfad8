/* SPDX-License-Identifier: MIT
 *
 * SysV segments and the table of their ids (shm_segment.c), for the calls (shm.c).
 */
#ifndef MM_SHM_INTERNAL_H
#define MM_SHM_INTERNAL_H

#include "mm/internal.h"
#include "mm/ipc_ids.h"
#include "mm/shm.h"

#define SHM_DEST 01000u		/* in mode: goes with the last attachment */
#define SHM_LOCKED 02000u	/* in mode: SHM_LOCK was called */

struct segment {
	struct mm_source source;
	struct mm *mm;
	struct ipc_perm perm;
	uint32_t refs;			/* the table's, and one for each region */
	int32_t name;			/* the key it was made with: /proc/PID/maps goes on showing it */
	struct mm_shm_info info;	/* what perm has, and nattch, is filled in when asked for */
};

struct shm_table {
	struct ipc_ids ids;
	uint64_t total_pages;
};

/* The machine's table, made when first asked for.  0 or -ENOMEM. */
int shm_table(struct mm *mm, struct shm_table **out);
/* A segment without an id or pages, with one reference; or NULL. */
struct segment *segment_new(struct mm *mm);
/* Gives it an id, a place in the table and its owner.  0, -ENOSPC or -ENOMEM. */
int segment_enter(struct shm_table *t, struct segment *seg, const struct ipc_cred *c);
/* Takes its key away, if it has one: shmget() will not find it. */
void segment_forget_key(struct segment *seg);
/* Takes it out of the table; its pages go with the last region. */
void segment_destroy(struct segment *seg);
struct segment *segment_by_key(const struct shm_table *t, int32_t key);
struct segment *segment_by_id(struct mm *mm, int id);
struct segment *segment_by_index(struct mm *mm, int index);
/* The first one from an index on, or NULL. */
struct segment *segment_from_index(struct mm *mm, int index);
/* The segment a VMA shows, or NULL if it shows something else. */
struct segment *segment_of_vma(const struct mm_vma *v);
void segment_hold(struct segment *seg);
void segment_drop(struct segment *seg);

#endif
