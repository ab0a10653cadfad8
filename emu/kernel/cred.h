/* SPDX-License-Identifier: MIT
 *
 * What becomes of credentials (security/commoncap.c): when user ids change, and over execve().
 *
 * A task's capabilities are five sets of 41 bits.  Those in effect are what is asked for (task_capable()); the permitted
 * ones may be put into effect; the inheritable and ambient ones are for programs to come; the bounding set is
 * what root's programs get.  Files have capabilities where their file systems have attributes (emu/fs/file_caps.h).  There are no user
 * namespaces.
 */
#ifndef EMU_KERNEL_CRED_H
#define EMU_KERNEL_CRED_H

#include <stdbool.h>
#include "emu/kernel/task.h"

#define CAP_LAST 40
#define CAP_ALL ((UINT64_C(1) << (CAP_LAST + 1)) - 1)

enum {	/* securebits; each has a lock one bit higher */
	SECURE_NOROOT = 1, SECURE_NO_SETUID_FIXUP = 4, SECURE_KEEP_CAPS = 16, SECURE_NO_AMBIENT_RAISE = 64,
	SECURE_BITS = 0x55, SECURE_LOCKS = 0xaa,
};

/* After the user ids changed from those in *old: root's capabilities come and go with user id 0. */
void cred_follow_uids(struct cred *c, const struct cred *old);
/* After the file system's user id alone did. */
void cred_follow_fsuid(struct cred *c, const struct cred *old);
/*
 * Those of a program that t executes.  1: it gains by it, and its libraries have to be careful (AT_SECURE); 0: it does not.  -EPERM: its file
 * has capabilities that are to be in effect, and not all can be given; -EINVAL: they make no sense.
 */
int cred_exec(struct task *t, struct file *program, struct cred *c);

#endif
