/* SPDX-License-Identifier: MIT
 *
 * SysV segments and the table of their ids (shm_segment.c), for the calls (shm.c).
 */
#ifndef MM_SHM_INTERNAL_H
#define MM_SHM_INTERNAL_H

#include "mm/internal.h"
#include "mm/shm.h"

#define SHM_KEY_PRIVATE 0	/* IPC_PRIVATE */
#define SHM_DEST 01000u		/* in mode: goes with the last attachment */

struct segment {
	struct mm_source source;
	struct mm *mm;
	struct tree_node by_key;	/* while it has a key */
	uint32_t refs;			/* the table's, and one for each region */
	int32_t name;			/* the key it was made with: /proc/PID/maps goes on showing it */
	struct mm_shm_info info;	/* nattch is filled in when asked for */
};

struct shm_table {
	struct segment **slots;		/* by index */
	int room, used, last;		/* last: the index given out last */
	uint32_t seq;
	uint64_t total_pages;
	struct tree keys;
};

/* The machine's table, made when first asked for.  0 or -ENOMEM. */
int shm_table(struct mm *mm, struct shm_table **out);
/* A segment without an id or pages, with one reference; or NULL. */
struct segment *segment_new(struct mm *mm);
/* Gives it an id and a place in the table.  0, -ENOSPC or -ENOMEM. */
int segment_enter(struct shm_table *t, struct segment *seg);
/* Takes its key away, if it has one: shmget() will not find it. */
void segment_forget_key(struct segment *seg);
/* Takes it out of the table; its pages go with the last region. */
void segment_destroy(struct segment *seg);
struct segment *segment_by_key(const struct shm_table *t, int32_t key);
struct segment *segment_by_id(struct mm *mm, int id);
/* The segment a VMA shows, or NULL if it shows something else. */
struct segment *segment_of_vma(const struct mm_vma *v);
void segment_hold(struct segment *seg);
void segment_drop(struct segment *seg);

#endif
