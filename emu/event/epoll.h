/* SPDX-License-Identifier: MIT
 *
 * epoll (fs/eventpoll.c): a file that watches others.
 *
 * Each watch is a waiter that stays on the queues of its file.  A wake-up there puts it on the ready list; only what is on
 * that list is asked when somebody waits, so that a thousand idle descriptors cost nothing.  What turns out not to be ready is
 * dropped from the list, what is ready and level-triggered goes back to its end.
 *
 * A watch is known by descriptor number and open file, both: the same file can be watched under several numbers.  It
 * ends with the open file (epoll_file_closed()), not with the descriptor.
 *
 * An epoll's file can be watched itself, at most four deep and never in a circle: wake-ups go up that way, by recursion.
 */
#ifndef EMU_EVENT_EPOLL_H
#define EMU_EVENT_EPOLL_H

#include <stdbool.h>
#include <stdint.h>
#include "emu/fs/vfs.h"

/* What a watch may ask for beside poll's bits. */
#define EPOLL_EXCLUSIVE	(1u << 28)
#define EPOLL_WAKEUP	(1u << 29)
#define EPOLL_ONESHOT	(1u << 30)
#define EPOLL_ET	(1u << 31)

struct epoll;

/* A new one, for a user's account.  0 or -ENOMEM. */
int epoll_new(struct machine *m, uint32_t uid, struct file **out);
struct epoll *epoll_of(const struct file *f);		/* NULL: it is another kind of file */

/* -EEXIST; -ELOOP: in a circle or too deep; -EINVAL: too many ways up; -ENOSPC: the user has too many; -ENOMEM. */
int epoll_add(struct epoll *ep, struct file *target, int fd, uint32_t events, uint64_t data);
int epoll_change(struct epoll *ep, struct file *target, int fd, uint32_t events, uint64_t data);	/* -ENOENT */
int epoll_remove(struct epoll *ep, struct file *target, int fd);	/* -ENOENT */

/* Takes up to max events: put() stores the n-th and says false when it cannot.  How many, or -EFAULT. */
typedef bool (*epoll_put_fn)(void *ctx, unsigned n, uint32_t events, uint64_t data);
int64_t epoll_take(struct epoll *ep, unsigned max, epoll_put_fn put, void *ctx);
/* Who waits in epoll_wait(2) is woken by what comes onto the ready list. */
struct wait_queue *epoll_waiters(struct epoll *ep);

/* The last reference to f is about to go: nobody watches it any more. */
void epoll_file_closed(struct file *f);

#endif
