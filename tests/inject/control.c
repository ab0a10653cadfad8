/* SPDX-License-Identifier: MIT
 *
 * The guest's hand on the failures of inject.c: a prctl(2) that only flat32-inject knows, so that a guest program can let
 * each host call of one system call fail in turn and look for what it left behind (tests/guest/nth.h).
 *
 *	prctl(INJECT, INJECT_CALL, n)	the nth host call from here fails; 0: none
 *	prctl(INJECT, INJECT_PAGE, n)	the nth allocation of guest pages from here fails; 0: none
 *	prctl(INJECT, INJECT_FIRED)	1: what was armed last came to pass
 *	prctl(INJECT, INJECT_LIVE)	host allocations that live
 *	prctl(INJECT, INJECT_FILES)	descriptors the emulator has open on the host
 *	prctl(INJECT, INJECT_CHECK)	0, or -EIO: mm_check() has found something (on stderr)
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include "emu/kernel/machine.h"
#include "emu/sys/syscall.h"
#include "mm/mm.h"
#include "tests/inject/inject.h"

enum {
	INJECT = 0x4e746831,
	INJECT_CALL = 0, INJECT_PAGE, INJECT_FIRED, INJECT_LIVE, INJECT_FILES, INJECT_CHECK,
};

int64_t __real_sys_prctl(struct task *t, const uint32_t a[6]);
int64_t __wrap_sys_prctl(struct task *t, const uint32_t a[6]);

static bool pages;		/* they were armed last */
static uint64_t refused;	/* page allocations refused when they were */

static uint64_t pages_refused(struct mm *mm)
{
	struct mm_stats s;

	mm_get_stats(mm, &s);
	return s.refused;
}

static int host_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

static int check(struct mm *mm)
{
	const char *broken = mm_check(mm);

	if (broken)
		fprintf(stderr, "flat32-inject: %s\n", broken);
	return broken ? -EIO : 0;
}

int64_t __wrap_sys_prctl(struct task *t, const uint32_t a[6])
{
	struct mm *mm = t->machine->mm;

	if (a[0] != INJECT)
		return __real_sys_prctl(t, a);
	switch (a[1]) {
	case INJECT_CALL:
		pages = false;
		inject_arm(a[2]);
		return 0;
	case INJECT_PAGE:
		pages = true;
		refused = pages_refused(mm);
		mm_fail_after(mm, a[2]);
		return 0;
	case INJECT_FIRED:
		return pages ? pages_refused(mm) > refused : inject_fired();
	case INJECT_LIVE:
		return inject_live();
	case INJECT_FILES:
		return host_files();
	case INJECT_CHECK:
		return check(mm);
	}
	return -EINVAL;
}
