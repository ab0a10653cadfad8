/* SPDX-License-Identifier: MIT
 *
 * Filters whose calls a supervisor decides (SECCOMP_RET_USER_NOTIF): a listener is a file that the filter's maker gets; each call
 * of a filtered task is a request there, and the task waits until it is answered.
 *
 * Listener and filter know of each other as long as both are there.  Without a listener a call is ENOSYS; without tasks that
 * have the filter the listener hangs up.  A request belongs to its task, and is in the listener's list until it is answered or the
 * task is interrupted; then the call is tried again from its start, and is another request.
 */
#ifndef EMU_SECCOMP_NOTIFY_H
#define EMU_SECCOMP_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include "emu/seccomp/seccomp.h"

struct file;

/* A listener and the file it goes with.  killable: who waits, and has been received, is interrupted only by what kills it. 0 or -ENOMEM. */
int seccomp_listener_new(struct task *t, bool killable, struct seccomp_listener **out, struct file **file);
/* It is the filter's now, which has it in *slot; that is cleared when the file is closed. */
void seccomp_listener_attach(struct seccomp_listener *l, struct seccomp_listener **slot);
/* Nobody has the filter any more. */
void seccomp_listener_orphan(struct seccomp_listener *l);
/* The call in t->sys becomes a request.  SECCOMP_WAITS, or how it ends: as seccomp_resume(). */
enum seccomp_verdict seccomp_notify(struct task *t, struct seccomp_listener *l, int64_t *result);

/* struct seccomp_notif, _resp, _data: SECCOMP_GET_NOTIF_SIZES. */
enum { NOTIF_BYTES = 80, NOTIF_RESP_BYTES = 24, NOTIF_DATA_BYTES = 64 };

#endif
