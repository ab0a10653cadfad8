/* SPDX-License-Identifier: MIT
 *
 * pidfd (fs/pidfs.c, kernel/pid.c): a file that stands for a task or a process, whoever gets its number later.
 *
 * A task that somebody has a pidfd of has a struct pid_ref; it belongs to the number: when a thread takes over its
 * leader's at execve(2), the two change hands.
 */
#ifndef EMU_EVENT_PIDFD_H
#define EMU_EVENT_PIDFD_H

#include <stdbool.h>
#include <stdint.h>
#include "emu/fs/vfs.h"

struct task;

#define PIDFD_THREAD 0200u	/* O_EXCL: of this thread, whatever becomes of its process */

/* A file for t; flags: O_NONBLOCK, PIDFD_THREAD.  0 or -ENOMEM. */
int pidfd_new(struct task *t, uint32_t flags, struct file **out);
bool file_is_pidfd(const struct file *f);
/* The task, zombies included; NULL: it is gone. */
struct task *pidfd_task(const struct file *f);

/* --- For those who end tasks --- */
/* t, which is a zombie now, is over as far as pidfds are concerned: of a main thread that means its process. */
void pidfd_task_ended(struct task *t);
/* t has given up its number. */
void pidfd_task_gone(struct task *t);
void pidfd_exchange(struct task *a, struct task *b);

#endif
