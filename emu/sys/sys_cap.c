/* SPDX-License-Identifier: MIT
 *
 * capget, capset, and prctl's part of them (kernel/capability.c, security/commoncap.c).
 */
#include <errno.h>
#include "emu/kernel/cred.h"
#include "emu/sys/prctl.h"
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

enum { CAP_SETPCAP_ = 8 };
enum { VERSION_1 = 0x19980330, VERSION_2 = 0x20071026, VERSION_3 = 0x20080522 };

/* cap_validate_magic(): how many words a set has, or what the call returns. */
static int check_version(struct task *t, uint32_t addr)
{
	uint32_t version;

	if (user_get32(t, addr, &version))
		return -EFAULT;
	if (version == VERSION_1)
		return 1;
	if (version == VERSION_2 || version == VERSION_3)
		return 2;
	return user_put32(t, addr, VERSION_3) ? -EFAULT : -EINVAL;
}

int64_t sys_capget(struct task *t, const uint32_t a[6])
{
	struct task *who = t;
	uint32_t pid, data[6];
	int words = check_version(t, a[0]);

	if (words < 0 || !a[1])
		return !a[1] && (words > 0 || words == -EINVAL) ? 0 : words;
	if (user_get32(t, a[0] + 4, &pid))
		return -EFAULT;
	if ((int32_t)pid < 0)
		return -EINVAL;
	if (pid && !(who = task_find(t->machine, (int)pid)))
		return -ESRCH;
	for (int i = 0; i < words; i++) {
		data[3 * i] = (uint32_t)(who->cred.cap_effective >> 32 * i);
		data[3 * i + 1] = (uint32_t)(who->cred.cap_permitted >> 32 * i);
		data[3 * i + 2] = (uint32_t)(who->cred.cap_inheritable >> 32 * i);
	}
	return user_write(t, a[1], data, 12u * (unsigned)words);
}

int64_t sys_capset(struct task *t, const uint32_t a[6])
{
	struct cred *c = &t->cred;
	uint32_t pid, data[6] = { 0 };
	uint64_t effective, permitted, inheritable;
	int words = check_version(t, a[0]);

	if (words < 0)
		return words;
	if (user_get32(t, a[0] + 4, &pid))
		return -EFAULT;
	if (pid && (int)pid != t->tid)
		return -EPERM;
	if (user_read(t, data, a[1], 12u * (unsigned)words))
		return -EFAULT;
	effective = ((uint64_t)data[3] << 32 | data[0]) & CAP_ALL;
	permitted = ((uint64_t)data[4] << 32 | data[1]) & CAP_ALL;
	inheritable = ((uint64_t)data[5] << 32 | data[2]) & CAP_ALL;
	if (!task_capable(t, CAP_SETPCAP_) && (inheritable & ~(c->cap_inheritable | c->cap_permitted)))
		return -EPERM;
	if ((inheritable & ~(c->cap_inheritable | c->cap_bounding)) || (permitted & ~c->cap_permitted) ||
	    (effective & ~permitted))
		return -EPERM;
	if (permitted & ~c->cap_permitted)
		t->process->dumpable = 0;
	c->cap_effective = effective;
	c->cap_permitted = permitted;
	c->cap_inheritable = inheritable;
	c->cap_ambient &= permitted & inheritable;
	return 0;
}

/* --- prctl --- */

enum {
	PR_GET_KEEPCAPS_ = 7, PR_SET_KEEPCAPS_ = 8, PR_CAPBSET_READ_ = 23, PR_CAPBSET_DROP_ = 24, PR_GET_SECUREBITS_ = 27,
	PR_SET_SECUREBITS_ = 28, PR_CAP_AMBIENT_ = 47,
};
enum { AMBIENT_IS_SET = 1, AMBIENT_RAISE, AMBIENT_LOWER, AMBIENT_CLEAR_ALL };

static int64_t drop_bounding(struct task *t, uint32_t cap)
{
	if (!task_capable(t, CAP_SETPCAP_))
		return -EPERM;
	if (cap > CAP_LAST)
		return -EINVAL;
	t->cred.cap_bounding &= ~(UINT64_C(1) << cap);
	return 0;
}

static int64_t set_securebits(struct task *t, uint32_t bits)
{
	uint32_t old = t->cred.securebits, locks = old & SECURE_LOCKS;

	if ((locks >> 1 & (old ^ bits)) || (locks & ~bits) || (bits & ~(uint32_t)(SECURE_LOCKS | SECURE_BITS)) ||
	    !task_capable(t, CAP_SETPCAP_))
		return -EPERM;
	t->cred.securebits = bits;
	return 0;
}

static int64_t keep_caps(struct task *t, uint32_t on)
{
	if (on > 1)
		return -EINVAL;
	if (t->cred.securebits & SECURE_KEEP_CAPS << 1)
		return -EPERM;
	t->cred.securebits = (t->cred.securebits & ~(uint32_t)SECURE_KEEP_CAPS) | (on ? SECURE_KEEP_CAPS : 0);
	return 0;
}

static int64_t ambient(struct task *t, const uint32_t a[6])
{
	struct cred *c = &t->cred;
	uint64_t bit;

	if (a[1] == AMBIENT_CLEAR_ALL) {
		if (a[2] | a[3] | a[4])
			return -EINVAL;
		c->cap_ambient = 0;
		return 0;
	}
	if (a[2] > CAP_LAST || (a[3] | a[4]))
		return -EINVAL;
	bit = UINT64_C(1) << a[2];
	switch (a[1]) {
	case AMBIENT_IS_SET:
		return (c->cap_ambient & bit) != 0;
	case AMBIENT_RAISE:
		if (!(c->cap_permitted & c->cap_inheritable & bit) || (c->securebits & SECURE_NO_AMBIENT_RAISE))
			return -EPERM;
		c->cap_ambient |= bit;
		return 0;
	case AMBIENT_LOWER:
		c->cap_ambient &= ~bit;
		return 0;
	}
	return -EINVAL;
}

int64_t prctl_caps(struct task *t, const uint32_t a[6])
{
	switch (a[0]) {
	case PR_GET_KEEPCAPS_:
		return (t->cred.securebits & SECURE_KEEP_CAPS) != 0;
	case PR_SET_KEEPCAPS_:
		return keep_caps(t, a[1]);
	case PR_CAPBSET_READ_:
		return a[1] > CAP_LAST ? -EINVAL : (int64_t)(t->cred.cap_bounding >> a[1] & 1);
	case PR_CAPBSET_DROP_:
		return drop_bounding(t, a[1]);
	case PR_GET_SECUREBITS_:
		return t->cred.securebits;
	case PR_SET_SECUREBITS_:
		return set_securebits(t, a[1]);
	case PR_CAP_AMBIENT_:
		return ambient(t, a);
	}
	return PRCTL_NOT_MINE;
}
