/* SPDX-License-Identifier: MIT
 *
 * What the newer mount calls share: their attributes of mounts, and files that stand for trees of mounts.
 */
#ifndef EMU_SYS_MOUNT_ATTR_H
#define EMU_SYS_MOUNT_ATTR_H

#include <stdbool.h>
#include <stdint.h>

struct path_ref;
struct task;

enum {	/* MOUNT_ATTR_* */
	ATTR_RDONLY = 1, ATTR_NOSUID = 2, ATTR_NODEV = 4, ATTR_NOEXEC = 8, ATTR_ATIME = 0x70, ATTR_RELATIME = 0,
	ATTR_NOATIME = 0x10, ATTR_STRICTATIME = 0x20, ATTR_NODIRATIME = 0x80, ATTR_IDMAP = 0x100000,
	ATTR_NOSYMFOLLOW = 0x200000,
};

/* Those of fsmount() as a mount's flags (MS_*).  0 or -EINVAL. */
int mount_attr_flags(uint32_t attr, uint32_t *flags);
uint32_t mount_flags_attr(uint32_t flags);	/* and back */
/*
 * A descriptor (O_PATH) for the tree at *p, whose references it takes; with it goes a tree that hangs nowhere.  The
 * descriptor, or -errno.
 */
int64_t mount_tree_file(struct task *t, struct path_ref *p, bool cloexec);
/* What is mounted there is in a namespace, but another one than t's: most of what changes mounts is EINVAL then (check_mnt()). */
bool mount_is_elsewhere(const struct task *t, const struct path_ref *p);

#endif
