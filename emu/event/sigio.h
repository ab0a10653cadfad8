/* SPDX-License-Identifier: MIT
 *
 * Files that send a signal when they are ready (fs/fcntl.c: O_ASYNC, F_SETOWN, F_SETSIG).
 *
 * Such a file has a waiter on its own queues that stays there, and sends at each wake-up.  Which files can is said by
 * their file_ops (async).
 */
#ifndef EMU_EVENT_SIGIO_H
#define EMU_EVENT_SIGIO_H

#include <stdbool.h>
#include <stdint.h>
#include "emu/fs/vfs.h"

struct task;

/* F_OWNER_*: who f's signals go to; id 0: nobody.  0, -ESRCH: nobody has the number. */
enum { SIGIO_OWNER_THREAD, SIGIO_OWNER_PROCESS, SIGIO_OWNER_GROUP };
int sigio_set_owner(struct task *t, struct file *f, int type, int id);
/* Its number, 0 if nobody has that any more. */
int sigio_owner(struct machine *m, const struct file *f);
/* The same by one number, a group's negative (f_setown(), f_getown()).  -EINVAL: there is no such number, -ESRCH. */
int sigio_setown(struct task *t, struct file *f, int32_t who);
int sigio_getown(struct machine *m, const struct file *f);
/* O_ASYNC on or off; fd is what the signal names.  0 or -ENOMEM. */
int sigio_switch(struct file *f, int fd, bool on);
/* Urgent data has come: SIGURG to the owner, O_ASYNC or not. */
void sigio_urgent(struct file *f);
void sigio_file_closed(struct file *f);		/* f->sigio is not NULL */

#endif
