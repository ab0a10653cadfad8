/* SPDX-License-Identifier: MIT
 *
 * eventfd (fs/eventfd.c): a 64-bit counter as a file.  A read takes all of it, or with `semaphore` one.
 */
#ifndef EMU_EVENT_EVENTFD_H
#define EMU_EVENT_EVENTFD_H

#include <stdbool.h>
#include <stdint.h>
#include "emu/fs/vfs.h"

int eventfd_new(struct machine *m, uint64_t count, bool semaphore, uint32_t flags, struct file **out);	/* 0 or -ENOMEM */

#endif
