/* SPDX-License-Identifier: MIT
 *
 * Credentials: user and group ids, supplementary groups (kernel/sys.c, kernel/groups.c).  There are no user namespaces:
 * ids are what they say.
 */
#include <errno.h>
#include <string.h>
#include "emu/kernel/cred.h"
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

enum { CAP_SETGID_ = 6, CAP_SETUID_ = 7 };
#define UNCHANGED 0xffffffffu

int64_t sys_getuid(struct task *t, const uint32_t a[6]) { (void)a; return t->cred.uid; }
int64_t sys_geteuid(struct task *t, const uint32_t a[6]) { (void)a; return t->cred.euid; }
int64_t sys_getgid(struct task *t, const uint32_t a[6]) { (void)a; return t->cred.gid; }
int64_t sys_getegid(struct task *t, const uint32_t a[6]) { (void)a; return t->cred.egid; }

/* commit_creds(): who changes what it may do is not to be looked into by what it was (suid_dumpable 0). */
static void protect(struct task *t, const struct cred *old)
{
	const struct cred *c = &t->cred;

	if (c->euid != old->euid || c->egid != old->egid || c->fsuid != old->fsuid || c->fsgid != old->fsgid ||
	    (c->cap_permitted & ~old->cap_permitted))
		t->process->dumpable = 0;
}

static bool among(uint32_t id, uint32_t a, uint32_t b, uint32_t c)
{
	return id == UNCHANGED || id == a || id == b || id == c;
}

static int set_uids(struct task *t, uint32_t ruid, uint32_t euid, uint32_t suid)
{
	struct cred old = t->cred, *c = &t->cred;

	if (ruid != UNCHANGED)
		c->uid = ruid;
	if (euid != UNCHANGED)
		c->euid = euid;
	if (suid != UNCHANGED)
		c->suid = suid;
	c->fsuid = c->euid;
	cred_follow_uids(c, &old);
	protect(t, &old);
	return 0;
}

static int set_gids(struct task *t, uint32_t rgid, uint32_t egid, uint32_t sgid)
{
	struct cred old = t->cred, *c = &t->cred;

	if (rgid != UNCHANGED)
		c->gid = rgid;
	if (egid != UNCHANGED)
		c->egid = egid;
	if (sgid != UNCHANGED)
		c->sgid = sgid;
	c->fsgid = c->egid;
	protect(t, &old);
	return 0;
}

int64_t sys_setuid(struct task *t, const uint32_t a[6])
{
	const struct cred *c = &t->cred;

	if (a[0] == UNCHANGED)
		return -EINVAL;
	if (task_capable(t, CAP_SETUID_))
		return set_uids(t, a[0], a[0], a[0]);
	if (a[0] != c->uid && a[0] != c->suid)
		return -EPERM;
	return set_uids(t, UNCHANGED, a[0], UNCHANGED);
}

int64_t sys_setgid(struct task *t, const uint32_t a[6])
{
	const struct cred *c = &t->cred;

	if (a[0] == UNCHANGED)
		return -EINVAL;
	if (task_capable(t, CAP_SETGID_))
		return set_gids(t, a[0], a[0], a[0]);
	if (a[0] != c->gid && a[0] != c->sgid)
		return -EPERM;
	return set_gids(t, UNCHANGED, a[0], UNCHANGED);
}

int64_t sys_setreuid(struct task *t, const uint32_t a[6])
{
	const struct cred *c = &t->cred;
	uint32_t euid = a[1] != UNCHANGED ? a[1] : c->euid;

	if (!task_capable(t, CAP_SETUID_) &&
	    (!among(a[0], c->uid, c->euid, c->euid) || !among(a[1], c->uid, c->euid, c->suid)))
		return -EPERM;
	/* The saved id follows when the real one is set, or the effective one leaves the real one. */
	return set_uids(t, a[0], a[1],
			a[0] != UNCHANGED || (a[1] != UNCHANGED && a[1] != c->uid) ? euid : UNCHANGED);
}

int64_t sys_setregid(struct task *t, const uint32_t a[6])
{
	const struct cred *c = &t->cred;
	uint32_t egid = a[1] != UNCHANGED ? a[1] : c->egid;

	if (!task_capable(t, CAP_SETGID_) &&
	    (!among(a[0], c->gid, c->egid, c->egid) || !among(a[1], c->gid, c->egid, c->sgid)))
		return -EPERM;
	return set_gids(t, a[0], a[1],
			a[0] != UNCHANGED || (a[1] != UNCHANGED && a[1] != c->gid) ? egid : UNCHANGED);
}

int64_t sys_setresuid(struct task *t, const uint32_t a[6])
{
	const struct cred *c = &t->cred;

	for (int i = 0; i < 3; i++)
		if (!task_capable(t, CAP_SETUID_) && !among(a[i], c->uid, c->euid, c->suid))
			return -EPERM;
	return set_uids(t, a[0], a[1], a[2]);
}

int64_t sys_setresgid(struct task *t, const uint32_t a[6])
{
	const struct cred *c = &t->cred;

	for (int i = 0; i < 3; i++)
		if (!task_capable(t, CAP_SETGID_) && !among(a[i], c->gid, c->egid, c->sgid))
			return -EPERM;
	return set_gids(t, a[0], a[1], a[2]);
}

static int put_three(struct task *t, const uint32_t a[6], uint32_t x, uint32_t y, uint32_t z)
{
	if (user_put32(t, a[0], x) || user_put32(t, a[1], y) || user_put32(t, a[2], z))
		return -EFAULT;
	return 0;
}

int64_t sys_getresuid(struct task *t, const uint32_t a[6])
{
	return put_three(t, a, t->cred.uid, t->cred.euid, t->cred.suid);
}

int64_t sys_getresgid(struct task *t, const uint32_t a[6])
{
	return put_three(t, a, t->cred.gid, t->cred.egid, t->cred.sgid);
}

int64_t sys_setfsuid(struct task *t, const uint32_t a[6])
{
	const struct cred before = t->cred, *c = &t->cred;

	if (a[0] != UNCHANGED &&
	    (task_capable(t, CAP_SETUID_) || a[0] == c->fsuid || among(a[0], c->uid, c->euid, c->suid)))
		t->cred.fsuid = a[0];
	cred_follow_fsuid(&t->cred, &before);
	protect(t, &before);
	return before.fsuid;
}

int64_t sys_setfsgid(struct task *t, const uint32_t a[6])
{
	const struct cred before = t->cred, *c = &t->cred;

	if (a[0] != UNCHANGED &&
	    (task_capable(t, CAP_SETGID_) || a[0] == c->fsgid || among(a[0], c->gid, c->egid, c->sgid)))
		t->cred.fsgid = a[0];
	protect(t, &before);
	return before.fsgid;
}

int64_t sys_getgroups(struct task *t, const uint32_t a[6])
{
	uint32_t count = groups_count(t->cred.groups);

	if ((int32_t)a[0] < 0)
		return -EINVAL;
	if (!a[0])
		return count;
	if (a[0] < count)
		return -EINVAL;
	if (user_write(t, a[1], groups_ids(t->cred.groups), 4ull * count))
		return -EFAULT;
	return count;
}

int64_t sys_setgroups(struct task *t, const uint32_t a[6])
{
	struct groups *g;

	if (!task_capable(t, CAP_SETGID_))
		return -EPERM;
	if (a[0] > GROUPS_MAX)
		return -EINVAL;
	g = groups_new(a[0]);
	if (!g)
		return -ENOMEM;
	if (user_read(t, g->ids, a[1], 4ull * a[0])) {
		groups_put(g);
		return -EFAULT;
	}
	groups_sort(g);
	groups_put(t->cred.groups);
	t->cred.groups = g;
	return 0;
}
