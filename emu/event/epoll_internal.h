/* SPDX-License-Identifier: MIT
 *
 * Between epoll.c and epoll_nest.c.
 */
#ifndef EMU_EVENT_EPOLL_INTERNAL_H
#define EMU_EVENT_EPOLL_INTERNAL_H

#include "emu/event/epoll.h"
#include "mm/tree.h"

enum { EPOLL_NESTS = 4 };

struct epoll_watch {
	struct waiter waiter;
	struct epoll *ep;
	struct file *file;		/* no reference: it takes its watches with it */
	int fd;
	uint32_t events;
	uint64_t data;
	struct tree_node by_fd;
	struct epoll_watch *file_next, **file_link;	/* the file's watches */
	struct epoll_watch *ready_next, *ready_prev;
	bool ready;			/* on the ready list */
};

struct epoll {
	struct file *file;
	uint32_t uid;
	struct tree watches;		/* by descriptor, then file */
	struct epoll_watch *ready_first, *ready_last;
	struct wait_queue waiters, pollers;	/* in epoll_wait(2); of its own file */
	uint64_t visit;			/* epoll_nest.c: the search that was here last, */
	int depth;			/* and what it found */
};

/*
 * Adding `target`, just linked to ep by a watch of its own, or about to be if it is an epoll: 0; -ELOOP, -EINVAL as in
 * epoll.h.
 */
int epoll_check_depth(struct epoll *ep, struct epoll *target);
int epoll_check_paths(struct epoll *ep, struct file *target);

#endif
