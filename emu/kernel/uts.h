/* SPDX-License-Identifier: MIT
 *
 * What uname(2) and /proc/version say; and what the machine is called, which each namespace has names of its own for
 * (kernel/utsname.c).
 */
#ifndef EMU_KERNEL_UTS_H
#define EMU_KERNEL_UTS_H

#include "emu/fs/nsfs.h"

#define UTS_SYSNAME "Linux"
#define UTS_RELEASE "6.12.0-flat32"
#define UTS_VERSION "#1 no-MMU"
#define UTS_MACHINE "riscv32"

struct uts_ns {
	struct ns ns;
	char hostname[65], domainname[65];
};
static inline struct uts_ns *uts_ns_from(struct ns *n) { return (struct uts_ns *)(void *)n; }

/* m->uts, the machine's own.  0, -ENOMEM, -ENOSPC. */
int uts_begin(struct machine *m);
/* A new one with the same names. */
int uts_ns_copy(struct uts_ns *from, struct uts_ns **out);

#endif
