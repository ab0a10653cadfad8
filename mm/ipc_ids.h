/* SPDX-License-Identifier: MIT
 *
 * The ids of System V IPC (ipc/util.c): what segments, message queues and semaphore sets have in common.
 *
 * An id is an index and a sequence number; the number moves on each time the indices start over, so that a stale id
 * is not taken for a new object.  Indices are given out in turn, keys are found in a tree.  The object embeds a
 * struct ipc_perm and owns its memory.
 *
 * It lies in mm/ because shared memory does; nothing in it is about memory.
 */
#ifndef MM_IPC_IDS_H
#define MM_IPC_IDS_H

#include <stdbool.h>
#include <stdint.h>
#include "mm/tree.h"

#define IPC_KEY_PRIVATE 0	/* IPC_PRIVATE */
#define IPC_FLAG_CREAT 01000u
#define IPC_FLAG_EXCL 02000u
#define IPC_IDS_MAX 32768	/* IPCMNI: what a limit may be set to */

struct ipc_perm {
	int32_t key;
	int id;				/* sequence number << 15 | index */
	uint32_t seq;
	uint32_t uid, gid, cuid, cgid;
	uint32_t mode;			/* permissions; the bits above are the object's own */
	struct tree_node by_key;	/* while it has a key */
};

/* Who asks. */
struct ipc_cred {
	uint32_t uid, gid;		/* effective user, file-system group */
	uint32_t ngroups;
	const uint32_t *groups;		/* in ascending order */
	bool privileged;		/* has the capability the question is about */
};

/* All zero but for keys: see ipc_ids_init(). */
struct ipc_ids {
	struct ipc_perm **slots;	/* by index */
	int room, used;
	int last;			/* the index given out last, -1 before the first */
	int highest;			/* in use, or -1 */
	uint32_t seq;
	struct tree keys;
};

void ipc_ids_init(struct ipc_ids *t);
void ipc_ids_fini(struct ipc_ids *t);		/* the objects are gone already */
/*
 * Gives p, whose key and mode are set, an id, and the asker as owner and creator.  limit: how many there may be.
 * 0, -ENOSPC or -ENOMEM.
 */
int ipc_ids_add(struct ipc_ids *t, struct ipc_perm *p, int limit, const struct ipc_cred *c);
void ipc_ids_remove(struct ipc_ids *t, struct ipc_perm *p);
/* It keeps its id, but no key finds it any more. */
void ipc_ids_forget_key(struct ipc_ids *t, struct ipc_perm *p);
struct ipc_perm *ipc_ids_by_key(const struct ipc_ids *t, int32_t key);	/* or NULL */
struct ipc_perm *ipc_ids_by_id(const struct ipc_ids *t, int id);	/* NULL also for a stale one */
/* For IPC_STAT's relatives: what has this index, or this id's, now, whatever its sequence number. */
struct ipc_perm *ipc_ids_by_index(const struct ipc_ids *t, int index);
/* The first from an index >= 0 on, or NULL. */
struct ipc_perm *ipc_ids_next(const struct ipc_ids *t, int index);
static inline int ipc_index(const struct ipc_perm *p) { return p->id & 0x7fff; }
/* What the INFO commands return: the highest index, 0 if there is none. */
static inline int ipc_ids_highest(const struct ipc_ids *t) { return t->highest < 0 ? 0 : t->highest; }

/* ipcperms(): may c do what the mode bits ask for?  Privileged: CAP_IPC_OWNER. */
bool ipc_permitted(const struct ipc_perm *p, uint32_t mode, const struct ipc_cred *c);
/* May c change or remove it?  Privileged: CAP_SYS_ADMIN. */
bool ipc_owns(const struct ipc_perm *p, const struct ipc_cred *c);
/* IPC_SET (ipc_update_perm()): 0, or -EINVAL for a user or group that cannot be. */
int ipc_set_perm(struct ipc_perm *p, uint32_t uid, uint32_t gid, uint32_t mode);

/* NULL, or what is wrong: for mm_check() and tests. */
const char *ipc_ids_check(const struct ipc_ids *t);

#endif
