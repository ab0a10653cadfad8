/* SPDX-License-Identifier: MIT
 *
 * prctl(2) has something of everything; a part of it is asked with all arguments, and says if it does not know the request.
 */
#ifndef EMU_SYS_PRCTL_H
#define EMU_SYS_PRCTL_H

#include <stdint.h>

struct task;

#define PRCTL_NOT_MINE INT64_MAX

int64_t prctl_caps(struct task *t, const uint32_t a[6]);	/* sys_cap.c: bounding and ambient sets, securebits */
int64_t prctl_set_seccomp(struct task *t, uint32_t mode, uint32_t filter);	/* sys_seccomp.c */

#endif
