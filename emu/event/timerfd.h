/* SPDX-License-Identifier: MIT
 *
 * timerfd (fs/timerfd.c): a timer whose expirations are read from a file, as a count.
 *
 * As the kernel's, a periodic timer stands still from its expiration until somebody looks: then the periods that have
 * passed are counted at once.
 */
#ifndef EMU_EVENT_TIMERFD_H
#define EMU_EVENT_TIMERFD_H

#include <stdint.h>
#include "emu/fs/vfs.h"

struct timerfd;
struct timerfd_setting { uint64_t value, interval; };	/* ns; value 0: not armed */

#define TIMERFD_ABSTIME		1u
#define TIMERFD_CANCEL_ON_SET	2u

/* clockid: one that timerfd_create(2) takes.  0 or -ENOMEM. */
int timerfd_new(struct machine *m, int clockid, uint32_t flags, struct file **out);
struct timerfd *timerfd_of(const struct file *f);	/* NULL: it is another kind of file */
bool timerfd_is_alarm(const struct timerfd *tf);
/*
 * What it was set to goes to *old.  0; -ECANCELED: set, but the clock was set since it was asked last; -ENOMEM: not
 * armed.
 */
int timerfd_set(struct timerfd *tf, uint32_t flags, const struct timerfd_setting *set, struct timerfd_setting *old);
void timerfd_get(struct timerfd *tf, struct timerfd_setting *out);

#endif
