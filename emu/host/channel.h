/* SPDX-License-Identifier: MIT
 *
 * A host descriptor we were given (standard input, output), read and written without ever blocking and
 * without changing it for the others who share it.
 */
#ifndef EMU_HOST_CHANNEL_H
#define EMU_HOST_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum channel_kind {
	CHANNEL_FILE,		/* never blocks for long */
	CHANNEL_OWN,		/* a pipe or device, opened anew with an O_NONBLOCK of our own */
	CHANNEL_SOCKET,		/* each call says that it must not block */
	CHANNEL_SHARED,		/* asked for readiness first, and written in small pieces */
	CHANNEL_UNUSED,		/* a pipe or device nobody has read or written yet: then it is CHANNEL_OWN, if it can be */
};

struct channel {
	int fd;			/* what to poll and use; differs from the given one for CHANNEL_OWN */
	enum channel_kind kind;
	int flags;		/* O_RDONLY or O_WRONLY */
};

/*
 * The first thing of all: those of 0, 1 and 2 that are closed are taken by descriptors that can neither be read nor
 * written (O_PATH), so that no file of ours gets their numbers, and our guest's output.
 */
void channel_reserve_stdio(void);
/* Is it closed, or taken like that? */
bool channel_is_closed(int fd);

/* Leads one of 0, 1 and 2 to /dev/null, instead of where it led. */
void channel_forsake(int fd);

/* flags: O_RDONLY or O_WRONLY.  Cannot fail: at worst it is CHANNEL_SHARED. */
void channel_open(struct channel *c, int fd, int flags);
/* It is going to be used: from now on fd is the one that is.  To be called before anybody is to listen to it. */
void channel_use(struct channel *c);
/* Closes what channel_open() opened, not the given descriptor. */
void channel_close(struct channel *c);
/* Bytes (0: end of file), -EAGAIN, or another -errno. */
int64_t channel_read(struct channel *c, void *buf, size_t len);
int64_t channel_write(struct channel *c, const void *buf, size_t len);
/* Which of `events` (POLLIN, POLLOUT), POLLHUP and POLLERR it is ready for. */
int channel_ready(const struct channel *c, int events);

#endif
