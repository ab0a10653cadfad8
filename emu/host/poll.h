/* SPDX-License-Identifier: MIT
 *
 * Host descriptors the machine listens to (the terminal, later sockets): the one place
 * where the emulator sleeps.
 */
#ifndef EMU_HOST_POLL_H
#define EMU_HOST_POLL_H

#include <stdint.h>

struct machine;

/* Called from host_poll() when the descriptor is ready. events: POLLIN ... as poll(2). */
typedef void (*host_ready_fn)(void *owner, int events);
/* Listens to fd for `events`; changes or, with events 0, ends an earlier wish. 0 or -errno. */
int host_listen(struct machine *m, int fd, int events, host_ready_fn ready, void *owner);
/*
 * Serves what is ready.  timeout_ns 0: does not wait; < 0: for ever.  Host signals end the wait early.
 */
void host_poll(struct machine *m, int64_t timeout_ns);
/*
 * Many descriptors that change with every wait, and time-outs of their own: libslirp's.  Before each wait prepare() names
 * them with host_poll_add(), and may lower *timeout_ns (< 0: for ever); after it, finish() asks for what came with
 * host_poll_events().  There is one such group at most; ops NULL: not any more.  -EBUSY, -ENOMEM.
 */
struct host_poll_group {
	void (*prepare)(void *owner, struct machine *m, int64_t *timeout_ns);
	void (*finish)(void *owner, struct machine *m);
};
int host_poll_group(struct machine *m, const struct host_poll_group *ops, void *owner);
int host_poll_add(struct machine *m, int fd, int events);	/* in prepare(): its number; -ENOMEM */
int host_poll_events(struct machine *m, int number);		/* in finish(): POLLIN ... */
/* A descriptor (an eventfd) whose writing ends the wait: for signal handlers. */
int host_wakeup_fd(struct machine *m);
void host_poll_free(struct machine *m);

#endif
