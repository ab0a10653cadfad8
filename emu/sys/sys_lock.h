/* SPDX-License-Identifier: MIT
 *
 * fcntl's record locks, from the guest's struct flock to emu/fs/locks.h.
 */
#ifndef EMU_KERNEL_SYS_LOCK_H
#define EMU_KERNEL_SYS_LOCK_H

#include "emu/fs/locks.h"
#include "emu/kernel/files.h"

/* wide: struct flock64 (64-bit offsets), what libraries use.  ofd: owned by the open file. */
int64_t lock_get(struct task *t, struct file *f, uint32_t addr, bool wide, bool ofd);
int64_t lock_set(struct task *t, struct file *f, uint32_t addr, bool wide, bool ofd, bool wait);

/* The lock that a task in a blocked fcntl() or flock() waits for, and in *want what it asks for. NULL: it is in none. */
const struct file_lock *lock_awaited(struct task *t, struct file_lock *want);

#endif
