/* SPDX-License-Identifier: MIT
 *
 * How many watches and the like each user may have (the kernel's struct user_struct and ucounts); /proc/sys/fs can change the
 * limits.  They live in host memory, and are charged for it (vfs_charge()), whatever the limits are.
 */
#ifndef EMU_EVENT_QUOTA_H
#define EMU_EVENT_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

struct machine;

enum quota_kind {
	QUOTA_EPOLL_WATCHES,		/* fs.epoll.max_user_watches */
	QUOTA_INOTIFY_INSTANCES,	/* fs.inotify.max_user_instances */
	QUOTA_INOTIFY_WATCHES,		/* fs.inotify.max_user_watches */
	QUOTA_INOTIFY_EVENTS,		/* fs.inotify.max_queued_events: in each instance; not counted here */
	QUOTA_SIGNALS,			/* queued, or reserved for a timer: RLIMIT_SIGPENDING, which each process has its own of */
	QUOTA_KINDS,
};

/* 0, -ENOSPC (that would be one too many), -ENOMEM. */
int quota_take(struct machine *m, uint32_t uid, enum quota_kind kind);
/* The same with a limit of the caller's. */
int quota_take_up_to(struct machine *m, uint32_t uid, enum quota_kind kind, uint64_t limit);
void quota_give(struct machine *m, uint32_t uid, enum quota_kind kind);
uint32_t quota_count(struct machine *m, uint32_t uid, enum quota_kind kind);	/* what the user has */
uint32_t quota_limit(struct machine *m, enum quota_kind kind);
/* 0 or -ENOMEM. */
int quota_set_limit(struct machine *m, enum quota_kind kind, uint32_t limit);
void quotas_free(struct machine *m);

#endif
