/* SPDX-License-Identifier: MIT */
#include "emu/kernel/cred.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "emu/fs/file_caps.h"
#include "emu/ptrace/ptrace.h"

enum { CAP_SETUID_ = 7, CAP_SYS_PTRACE_ = 19 };
/* CAP_FS_SET: chown, dac_override, dac_read_search, fowner, fsetid, linux_immutable, mknod, mac_override */
#define FS_CAPS (UINT64_C(0x1f) | UINT64_C(1) << 9 | UINT64_C(1) << 27 | UINT64_C(1) << 32)

/* cap_emulate_setxuid() */
void cred_follow_uids(struct cred *c, const struct cred *old)
{
	bool was = !old->uid || !old->euid || !old->suid, is = !c->uid || !c->euid || !c->suid;

	if (c->securebits & SECURE_NO_SETUID_FIXUP)
		return;
	if (was && !is) {
		if (!(c->securebits & SECURE_KEEP_CAPS))
			c->cap_permitted = c->cap_effective = 0;
		c->cap_ambient = 0;
	}
	if (!old->euid && c->euid)
		c->cap_effective = 0;
	if (old->euid && !c->euid)
		c->cap_effective = c->cap_permitted;
}

void cred_follow_fsuid(struct cred *c, const struct cred *old)
{
	if (c->securebits & SECURE_NO_SETUID_FIXUP)
		return;
	if (!old->fsuid && c->fsuid)
		c->cap_effective &= ~FS_CAPS;
	if (old->fsuid && !c->fsuid)
		c->cap_effective |= c->cap_permitted & FS_CAPS;
}

/* Scripts give nothing: it is their interpreter that runs. */
static bool is_script(struct file *program)
{
	uint64_t at = 0;
	char mark[2];

	return file_read(program, mark, sizeof mark, &at) == sizeof mark && mark[0] == '#' && mark[1] == '!';
}

/* bprm_fill_uid(): set-user-ID and set-group-ID bits. */
static void take_ids(const struct task *t, const struct inode *i, struct cred *c)
{
	if (t->no_new_privs)
		return;
	if (i->mode & S_ISUID)
		c->euid = i->uid;
	if ((i->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		c->egid = i->gid;
}

/* get_file_caps(): 1 if the file has some, 0, -EPERM, -EINVAL. */
static int take_file_caps(struct inode *i, struct cred *c, bool *effective)
{
	struct file_caps f;
	int err = file_caps_get(i, &f);

	if (err)
		return err == -ENODATA ? 0 : err;
	c->cap_permitted = (c->cap_bounding & f.permitted) | (c->cap_inheritable & f.inheritable);
	*effective = f.effective;
	return f.effective && (f.permitted & ~c->cap_permitted) ? -EPERM : 1;
}

/* What could let it do more than it should: another root directory, a debugger that could not itself (bprm->unsafe). */
static bool unsafe(const struct task *t)
{
	bool shared = t->fs && t->fs->refs > t->process->nthreads;

	return shared || t->no_new_privs || (task_is_traced(t) && !task_capable(t->ptrace->tracer, CAP_SYS_PTRACE_));
}

/* cap_bprm_creds_from_file() */
int cred_exec(struct task *t, struct file *program, struct cred *c)
{
	const struct cred *old = &t->cred;
	struct inode *i = program->inode;
	bool effective = false, other, gives = (i->mode & (S_ISUID | S_ISGID)) || (i->ops->getxattr && !i->no_caps);
	int has_caps = 0;

	*c = *old;
	c->cap_permitted = 0;
	if (gives && !(program->path.mnt && (program->path.mnt->flags & MS_NOSUID)) && !is_script(program)) {
		take_ids(t, i, c);
		has_caps = take_file_caps(i, c, &effective);
		if (has_caps < 0)
			return has_caps;
	}
	/* Root's program has all, unless it is root's by its bit only and has capabilities of its own (handle_privileged_root()). */
	if (!(c->securebits & SECURE_NOROOT) && !(has_caps && !c->euid && c->uid)) {
		if (!c->euid || !c->uid)
			c->cap_permitted = old->cap_bounding | old->cap_inheritable;
		effective |= !c->euid;
	}
	other = c->euid != old->uid || c->egid != old->gid;
	if ((other || (c->cap_permitted & ~old->cap_permitted)) && unsafe(t)) {
		if (!task_capable(t, CAP_SETUID_) || t->no_new_privs) {
			c->euid = c->uid;
			c->egid = c->gid;
		}
		c->cap_permitted &= old->cap_permitted;
	}
	c->suid = c->fsuid = c->euid;
	c->sgid = c->fsgid = c->egid;
	if (has_caps || other)
		c->cap_ambient = 0;
	c->cap_permitted |= c->cap_ambient;
	c->cap_effective = effective ? c->cap_permitted : c->cap_ambient;
	c->securebits &= ~(uint32_t)SECURE_KEEP_CAPS;
	return other || (c->uid && (effective || (c->cap_permitted & ~c->cap_ambient)));
}
