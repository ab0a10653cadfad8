/* SPDX-License-Identifier: MIT
 *
 * Namespaces, and the files that stand for them (kernel/nsproxy.c, fs/nsfs.c).  There are two kinds: what is mounted
 * (struct mount_ns, emu/fs/mount_ns.c) and what the machine is called (struct uts_ns, emu/kernel/uts.h).
 *
 * A task is in one of each.  A namespace lives as long as a task is in it or a file of it is open or mounted: /proc/PID/ns/mnt
 * leads to an inode of nsfs, a file system that is mounted nowhere, and that has a reference.
 */
#ifndef EMU_FS_NSFS_H
#define EMU_FS_NSFS_H

#include <stdbool.h>
#include <stdint.h>
#include "emu/fs/vfs.h"

#define CLONE_NEWNS_	0x00020000u
#define CLONE_NEWUTS_	0x04000000u

struct ns;
struct ns_ops {
	const char *name;		/* in /proc/PID/ns */
	uint32_t flag;			/* CLONE_NEWNS_ ... */
	void (*free)(struct ns *n);	/* nobody is in it any more */
};

/* Begins each kind. */
struct ns {
	unsigned refs;
	const struct ns_ops *ops;
	struct machine *machine;
	uint32_t ino;			/* its file's, in this machine nobody else's: "mnt:[4026531841]" */
	struct inode *inode;		/* that file, while somebody uses it; no reference */
	struct ns *next_gone;
};

extern const struct ns_ops mount_ns_ops, uts_ns_ops;

/* A new one with a reference, and a number: ino, or 0 for the next.  0 or -ENOSPC (vfs_charge()). */
int ns_init(struct ns *n, struct machine *m, const struct ns_ops *ops, uint32_t ino);
struct ns *ns_get(struct ns *n);
/* NULL is fine.  The last one frees it, if not at once then before the outermost ns_put() returns: no recursion. */
void ns_put(struct ns *n);

/* What /proc/PID/ns/NAME leads to: references.  0 or -ENOMEM. */
int nsfs_path(struct ns *n, struct path_ref *out);
/* A descriptor of t's for it, close-on-exec, or -errno. */
int64_t nsfs_install(struct task *t, struct ns *n);
/* What an open file stands for; NULL: it is no namespace's. */
struct ns *nsfs_of_file(const struct file *f);
/* The same of a name. */
struct ns *nsfs_of_dentry(const struct dentry *d);

/* --- What is mounted --- */
struct mount_ns {
	struct ns ns;
	struct mount *root;		/* a reference */
	uint64_t id;			/* rises: statmount(2), NS_GET_MNTNS_ID */
	struct mount_ns *next, *prev;	/* all there are, by id: vfs->namespaces */
};
static inline struct mount_ns *mount_ns_from(struct ns *n) { return (struct mount_ns *)(void *)n; }

/* Where a mount can be seen; NULL: it hangs nowhere, or not any more. */
struct mount_ns *mount_ns_of(const struct mount *m);
/*
 * A copy of all that is mounted in `from`, shared mounts being each other's peers; fs, which nobody else uses, has its root and working
 * directory there afterwards.  0, -ENOMEM, -ENOSPC.
 */
int mount_ns_copy(struct mount_ns *from, struct fs_context *fs, struct mount_ns **out);
/* Its root directory, under all that is mounted over it there; references. */
void mount_ns_root(const struct mount_ns *ns, struct path_ref *out);
struct mount_ns *mount_ns_first(struct machine *m);	/* the machine's own, which always is there */
struct mount_ns *mount_ns_by_id(struct machine *m, uint64_t id);	/* or NULL */

#endif
