/* SPDX-License-Identifier: MIT */
#include "emu/kernel/namespaces.h"

#include <errno.h>
#include "emu/kernel/files.h"
#include "emu/kernel/task.h"
#include "emu/kernel/uts.h"

#define NS_USER 0x10000000u
#define NS_SERVED (CLONE_NEWNS_ | CLONE_NEWUTS_)

void namespaces_put(struct namespaces *ns)
{
	if (ns->mounts)
		ns_put(&ns->mounts->ns);
	if (ns->uts)
		ns_put(&ns->uts->ns);
}

static struct uts_ns *same_names(struct uts_ns *u)
{
	ns_get(&u->ns);
	return u;
}

static struct mount_ns *same_mounts(struct mount_ns *ns)
{
	ns_get(&ns->ns);
	return ns;
}

int namespaces_new(const struct task *t, uint32_t flags, struct fs_context *fs, struct namespaces *out)
{
	int err = 0;

	*out = (struct namespaces){ NULL, NULL };
	if (flags & NS_USER)
		return -EINVAL;		/* before anybody asks what the caller may */
	if (flags && !task_capable(t, CAP_SYS_ADMIN_))
		return -EPERM;
	if (flags & ~NS_SERVED)
		return -EINVAL;
	if (!(flags & CLONE_NEWUTS_))
		out->uts = same_names(t->uts);
	else
		err = uts_ns_copy(t->uts, &out->uts);
	/* The last one: what it does to fs is not undone. */
	if (!(flags & CLONE_NEWNS_))
		out->mounts = same_mounts(t->mounts);
	else if (!err)
		err = mount_ns_copy(t->mounts, fs, &out->mounts);
	if (err) {
		namespaces_put(out);
		*out = (struct namespaces){ NULL, NULL };
	}
	return err;
}
