/* SPDX-License-Identifier: MIT
 *
 * unshare(2) and setns(2) (kernel/fork.c: ksys_unshare(), kernel/nsproxy.c).
 */
#include <errno.h>
#include "emu/event/pidfd.h"
#include "emu/ipc/sem.h"
#include "emu/kernel/files.h"
#include "emu/kernel/namespaces.h"
#include "emu/kernel/tasks.h"
#include "emu/kernel/uts.h"
#include "emu/ptrace/ptrace.h"

enum {
	CLONE_VM = 0x100, CLONE_FS = 0x200, CLONE_FILES = 0x400, CLONE_SIGHAND = 0x800, CLONE_THREAD = 0x10000,
	CLONE_SYSVSEM = 0x40000,
};

/* --- unshare --- */

/* Memory, signal actions and threads cannot be parted; but who has them for himself need not (check_unshare_flags()). */
static int check_unshare(const struct task *t, uint32_t flags)
{
	if (flags & ~(NS_FLAGS | NS_TIME | CLONE_THREAD | CLONE_FS | CLONE_SIGHAND | CLONE_VM | CLONE_FILES | CLONE_SYSVSEM))
		return -EINVAL;
	if ((flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)) && t->process->nthreads > 1)
		return -EINVAL;
	if ((flags & (CLONE_SIGHAND | CLONE_VM)) && t->sighand->refs > 1)
		return -EINVAL;
	return (flags & CLONE_VM) && mm_space_shared(t->space) ? -EINVAL : 0;
}

int64_t sys_unshare(struct task *t, const uint32_t a[6])
{
	uint32_t flags = a[0];
	struct fs_context *fs = NULL;
	struct fd_table *fds = NULL;
	struct namespaces ns;
	int err;

	flags |= flags & CLONE_VM ? CLONE_SIGHAND : 0;
	flags |= flags & CLONE_NEWNS_ ? CLONE_FS : 0;
	err = check_unshare(t, flags);
	if (err)
		return err;
	if ((flags & CLONE_FS) && t->fs->refs > 1) {
		fs = fs_context_copy(t->fs);
		if (!fs)
			return -ENOMEM;
	}
	if (flags & CLONE_FILES) {
		fds = fds_copy(t->fds);
		err = fds ? 0 : -ENOMEM;
	}
	if (!err)
		err = namespaces_new(t, flags & (NS_FLAGS | NS_TIME), fs ? fs : t->fs, &ns);
	if (err) {
		fs_context_put(fs);
		if (fds)
			fds_put(fds);
		return err;
	}
	if (flags & CLONE_SYSVSEM)
		sem_undo_exit(t);
	if (fs) {
		fs_context_put(t->fs);
		t->fs = fs;
	}
	if (fds) {
		fds_put(t->fds);
		t->fds = fds;
	}
	task_enter(t, ns.mounts, ns.uts);
	namespaces_put(&ns);
	return 0;
}

/* --- setns --- */

/* mntns_install(), utsns_install(): whether t may. */
static int may_enter(const struct task *t, uint32_t flags)
{
	if (!task_capable(t, CAP_SYS_ADMIN_))
		return -EPERM;
	if (!(flags & CLONE_NEWNS_))
		return 0;
	if (!task_capable(t, CAP_SYS_CHROOT_))
		return -EPERM;
	return t->fs->refs > 1 ? -EINVAL : 0;
}

static void move_to_root(struct task *t, const struct mount_ns *ns)
{
	struct path_ref old[2] = { t->fs->root, t->fs->cwd };

	mount_ns_root(ns, &t->fs->root);
	t->fs->cwd = t->fs->root;
	path_get(&t->fs->cwd);
	path_put(&old[0]);
	path_put(&old[1]);
}

static int64_t enter(struct task *t, uint32_t flags, struct mount_ns *mounts, struct uts_ns *uts)
{
	int err = may_enter(t, flags);

	if (err)
		return err;
	if (flags & CLONE_NEWNS_)
		move_to_root(t, mounts);
	task_enter(t, flags & CLONE_NEWNS_ ? mounts : t->mounts, flags & CLONE_NEWUTS_ ? uts : t->uts);
	return 0;
}

/* Those of somebody else, all at once. */
static int64_t enter_those_of(struct task *t, const struct task *other, uint32_t flags)
{
	if (!flags || (flags & ~(CLONE_NEWNS_ | CLONE_NEWUTS_)))
		return -EINVAL;
	if (!other)
		return -ESRCH;
	if (ptrace_may_access(t, other, PTRACE_REALCREDS))
		return -EPERM;
	return other->mounts ? enter(t, flags, other->mounts, other->uts) : -ESRCH;
}

int64_t sys_setns(struct task *t, const uint32_t a[6])
{
	struct file *f = files_io(t, a[0]);
	struct ns *n;

	if (!f)
		return fds_look(t->fds, a[0]) ? -EINVAL : -EBADF;
	n = nsfs_of_file(f);
	if (!n)
		return file_is_pidfd(f) ? enter_those_of(t, pidfd_task(f), a[1]) : -EINVAL;
	if (a[1] && a[1] != n->ops->flag)
		return -EINVAL;
	return n->ops == &mount_ns_ops ? enter(t, CLONE_NEWNS_, mount_ns_from(n), NULL) :
	       enter(t, CLONE_NEWUTS_, NULL, uts_ns_from(n));
}
