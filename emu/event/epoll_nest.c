/* SPDX-License-Identifier: MIT
 *
 * Epolls that watch epolls.  A wake-up goes up from a file to all epolls above it, so before a link is made it is seen
 * that there is no circle, no chain of more than five, and that not too many paths lead up from any file
 * (ep_loop_check() and reverse_path_check() of fs/eventpoll.c).
 */
#include "emu/event/epoll_internal.h"

#include <errno.h>

enum { TOO_DEEP = EPOLL_NESTS + 1 };

static int max(int a, int b)
{
	return a > b ? a : b;
}

/* How many epolls are below ep in a row; TOO_DEEP also if `top` is among them.  Each is looked at once per search. */
static int depth_below(struct epoll *ep, const struct epoll *top, int depth, uint64_t visit)
{
	int deepest = 0;

	if (ep->visit == visit)
		return ep->depth;
	ep->visit = visit;
	for (struct tree_node *n = tree_first(&ep->watches); n && deepest < TOO_DEEP; n = tree_next(n)) {
		struct epoll *inner = epoll_of(tree_entry(n, struct epoll_watch, by_fd)->file);

		if (!inner)
			continue;
		if (inner == top || depth > EPOLL_NESTS)
			deepest = TOO_DEEP;
		else
			deepest = max(deepest, depth_below(inner, top, depth + 1, visit) + 1);
	}
	return ep->depth = deepest;
}

static int depth_above(struct epoll *ep, uint64_t visit)
{
	int highest = 0;

	if (ep->visit == visit)
		return ep->depth;
	for (struct epoll_watch *w = ep->file->watches; w; w = w->file_next)
		highest = max(highest, depth_above(w->ep, visit) + 1);
	ep->visit = visit;
	return ep->depth = highest;
}

int epoll_check_depth(struct epoll *ep, struct epoll *target)
{
	uint64_t visit = vfs_serial(ep->file->inode->super->machine);
	int below = depth_below(target, ep, 0, visit);

	if (below >= TOO_DEEP || below + 1 + depth_above(ep, visit) > EPOLL_NESTS)
		return -ELOOP;
	return 0;
}

/* --- Paths --- */

/* Those of each length that may lead up from one file; of the shortest any number. */
static const int path_limits[EPOLL_NESTS + 1] = { 1000, 500, 100, 50, 10 };

static bool few_paths(const struct file *f, int depth, int counts[EPOLL_NESTS + 1])
{
	if (depth > EPOLL_NESTS)
		return false;
	for (const struct epoll_watch *w = f->watches; w; w = w->file_next) {
		if (w->ep->file->watches) {
			if (!few_paths(w->ep->file, depth + 1, counts))
				return false;
		} else if (depth && ++counts[depth] > path_limits[depth]) {
			return false;
		}
	}
	return true;
}

/* The same for all files below. */
static bool few_paths_below(struct file *f, uint64_t visit)
{
	int counts[EPOLL_NESTS + 1] = { 0 };
	struct epoll *ep = epoll_of(f);

	if (!ep)
		return few_paths(f, 0, counts);
	if (ep->visit == visit)
		return true;
	ep->visit = visit;
	for (struct tree_node *n = tree_first(&ep->watches); n; n = tree_next(n))
		if (!few_paths_below(tree_entry(n, struct epoll_watch, by_fd)->file, visit))
			return false;
	return true;
}

int epoll_check_paths(struct epoll *ep, struct file *target)
{
	return few_paths_below(target, vfs_serial(ep->file->inode->super->machine)) ? 0 : -EINVAL;
}
