/* SPDX-License-Identifier: MIT
 *
 * signalfd (fs/signalfd.c): pending signals of a set, read from a file.
 *
 * Whose signals: those of the task that reads or asks, whoever made the file.
 */
#ifndef EMU_EVENT_SIGNALFD_H
#define EMU_EVENT_SIGNALFD_H

#include <stdint.h>
#include "emu/fs/vfs.h"

struct signalfd;

int signalfd_new(struct machine *m, uint64_t mask, uint32_t flags, struct file **out);	/* 0 or -ENOMEM */
struct signalfd *signalfd_of(const struct file *f);	/* NULL: it is another kind of file */
void signalfd_set(struct signalfd *sf, uint64_t mask);

#endif
