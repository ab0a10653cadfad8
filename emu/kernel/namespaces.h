/* SPDX-License-Identifier: MIT
 *
 * The namespaces of a task (kernel/nsproxy.c): new ones for clone(2) and unshare(2).
 *
 * Of the kernel's eight kinds there are those of mounts and of names (emu/fs/nsfs.h).  The others are what a kernel built without
 * them says: EINVAL.
 */
#ifndef EMU_KERNEL_NAMESPACES_H
#define EMU_KERNEL_NAMESPACES_H

#include <stdint.h>

struct fs_context;
struct mount_ns;
struct task;
struct uts_ns;

/* CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID, NET; TIME, which clone(2) has another use of the bit for. */
#define NS_FLAGS	0x7e020000u
#define NS_TIME		0x00000080u

struct namespaces { struct mount_ns *mounts; struct uts_ns *uts; };	/* references */

/*
 * t's own, but new ones where the flags want that.  fs: of who is to be in them, and nobody else's if there are new mounts; its paths lead
 * to those afterwards.  0, -EPERM, -EINVAL, -ENOMEM, -ENOSPC.
 */
int namespaces_new(const struct task *t, uint32_t flags, struct fs_context *fs, struct namespaces *out);
void namespaces_put(struct namespaces *ns);

#endif
