/* SPDX-License-Identifier: MIT
 *
 * The ioctls of a host terminal (and the few of host pipes), as the guest makes them: its structures in and
 * out, the host's settings changed.  Job control stays the guest's own (emu/tty/jobs.c, m->terminal).
 */
#ifndef EMU_TTY_HOSTTTY_H
#define EMU_TTY_HOSTTTY_H

#include <stdbool.h>
#include <stdint.h>

struct file;
struct task;

int64_t hosttty_ioctl(int fd, bool terminal, struct file *f, struct task *t, uint32_t cmd, uint32_t arg);

#endif
