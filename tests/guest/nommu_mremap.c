/* SPDX-License-Identifier: MIT
 *
 * nommu-mmap.txt, "No-MMU mremap". A mapping is brought back to its first length before it is unmapped: 6.12 keeps a
 * freed entry in its tree otherwise.
 */
#define _GNU_SOURCE
#include <sys/shm.h>
#include "nommu.h"

static void resizing(void)
{
	char *p = nommu_anon(4);
	struct nommu_line l;

	memset(p, 3, 4 * PAGE);
	tap_ok(nommu_remap(p, 4 * PAGE, 4 * PAGE, 0, NULL) == p, "S85 S86 the same size");
	tap_ok(nommu_remap(p, 4 * PAGE, 2 * PAGE, 0, NULL) == p, "S85 S86 smaller, in place");
	tap_ok(nommu_mine(p, PAGE, &l) == 1 && l.end == (unsigned long)p + 2 * PAGE,
		"S86 the list of mappings says so");
	tap_ok(nommu_remap(p, 2 * PAGE, 4 * PAGE, 0, NULL) == p, "S85 S86 larger again, in place");
	tap_ok(nommu_all(p, 3, 2 * PAGE), "S86 with what was in it");
	tap_ok(nommu_remap(p, 4 * PAGE, 2 * PAGE + 1, MREMAP_MAYMOVE, NULL) == p,
		"S86 lengths are rounded up to pages");
	tap_ok(nommu_remap(p, 2 * PAGE + 1, 4 * PAGE, MREMAP_MAYMOVE, NULL) == p, "S86 so is the old one");
	nommu_unmap(p, 4 * PAGE);
}

static void not_moved(void)
{
	char *p = nommu_anon(4), *q;
	struct nommu_line l;

	nommu_refused(nommu_remap(p, 4 * PAGE, 5 * PAGE, 0, NULL), ENOMEM, "S86 larger than what it lies in");
	nommu_refused(nommu_remap(p, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE, NULL), ENOMEM,
		      "S86 S93 with MREMAP_MAYMOVE neither: moving is not supported");
	nommu_refused(nommu_remap(p, 4 * PAGE, 0x80000000, MREMAP_MAYMOVE, NULL), ENOMEM, "S86 S93 nor to 2 GiB");
	q = nommu_remap(p, 4 * PAGE, PAGE, MREMAP_MAYMOVE, NULL);
	tap_ok(q == p, "S86 S93 made smaller it is not moved to a smaller object");
	nommu_remap(p, PAGE, 4 * PAGE, 0, NULL);
	tap_ok(nommu_mine(p, PAGE, &l) == 1 && l.end == (unsigned long)p + 4 * PAGE,
		"S86 what failed has changed nothing");
	nommu_refused(nommu_remap(p, 4 * PAGE, 4 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, p + 4 * PAGE), EINVAL,
		      "S87 MREMAP_FIXED to another address");
	tap_ok(nommu_remap(p, 4 * PAGE, 4 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, p) == p,
		"S87 MREMAP_FIXED to where it is");
	tap_ok(nommu_remap(p, 4 * PAGE, 3 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, p) == p, "S87 smaller, where it is");
	nommu_remap(p, 3 * PAGE, 4 * PAGE, 0, NULL);
	nommu_unmap(p, 4 * PAGE);
}

/* Slack: what a power of two left behind the mapping belongs to the object it lies in. */
static void into_slack(void)
{
	FILE *f = fopen("/proc/sys/vm/nr_trim_pages", "r+");
	int was = 1;
	char *p;

	if (!f || fscanf(f, "%d", &was) != 1)
		tap_bail("no vm.nr_trim_pages");
	rewind(f);
	fputs("0\n", f);
	fflush(f);
	p = nommu_anon(5);
	rewind(f);
	fprintf(f, "%d\n", was);
	fclose(f);
	tap_ok(nommu_remap(p, 5 * PAGE, 8 * PAGE, 0, NULL) == p,
		"S86 larger, within the object of eight pages that it lies in");
	nommu_refused(nommu_remap(p, 8 * PAGE, 9 * PAGE, MREMAP_MAYMOVE, NULL), errno == EINVAL ? EINVAL : ENOMEM,
		      "S86 S93 and no further");
	if (nommu_unmap(p, 8 * PAGE))
		nommu_unmap(p, 5 * PAGE);
}

static void shared(void)
{
	int fd = nommu_file("file", 4), id;
	char *p = nommu_map(4 * PAGE, RW, MAP_SHARED, fd, 0);

	nommu_refused(nommu_remap(p, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE, NULL), EPERM,
		"S88 a shared mapping is not enlarged");
	nommu_refused(nommu_remap(p, 4 * PAGE, 2 * PAGE, 0, NULL), EPERM, "S88 nor made smaller");
	tap_zero(nommu_unmap(p, 4 * PAGE), "S88 it is as it was");
	p = nommu_map(4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	nommu_refused(nommu_remap(p, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE, NULL), EPERM,
		      "S89 one that could be shared (private, read-only) neither, though nobody shares it");
	nommu_refused(nommu_remap(p, 4 * PAGE, 2 * PAGE, 0, NULL), EPERM, "S89 nor made smaller");
	nommu_unmap(p, 4 * PAGE);
	p = nommu_map(4 * PAGE, RW, MAP_PRIVATE, fd, 0);
	tap_ok(nommu_remap(p, 4 * PAGE, 2 * PAGE, 0, NULL) == p,
		"S89 a private, writable one is nobody else's: smaller");
	tap_ok(nommu_remap(p, 2 * PAGE, 4 * PAGE, 0, NULL) == p && p[3 * PAGE] == 'd', "S89 and larger again");
	nommu_unmap(p, 4 * PAGE);
	close(fd);
	unlink("file");
	id = shmget(IPC_PRIVATE, 4 * PAGE, 0600);
	p = (char *)syscall(SYS_shmat, id, 0, 0);
	nommu_refused(nommu_remap(p, 4 * PAGE, 2 * PAGE, 0, NULL), EPERM, "S88 a SysV segment is shared");
	syscall(SYS_shmdt, p);
	shmctl(id, IPC_RMID, NULL);
}

static void complete(void)
{
	char *p = nommu_anon(4), *q = nommu_anon(4);

	nommu_refused(nommu_remap(p + PAGE, 3 * PAGE, PAGE, 0, NULL), EINVAL, "S90 S92 another base address");
	nommu_refused(nommu_remap(p, 3 * PAGE, 2 * PAGE, 0, NULL), EINVAL,
		"S90 S91 S92 another size: a part would be resized");
	nommu_refused(nommu_remap(p, 5 * PAGE, 4 * PAGE, 0, NULL), EINVAL, "S90 S92 a larger size");
	nommu_refused(nommu_remap(p, 8 * PAGE, 4 * PAGE, 0, NULL), EINVAL, "S92 two mappings at once");
	nommu_refused(nommu_remap(p + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE, NULL), EINVAL, "S91 a part is not moved");
	nommu_refused(nommu_remap(p + PAGE, 2 * PAGE, PAGE, 0, NULL), EINVAL, "S91 no hole is made");
	nommu_refused(nommu_remap(p + 1, 4 * PAGE, PAGE, 0, NULL), EINVAL, "S90 not page-aligned");
	nommu_refused(nommu_remap(p, 0, PAGE, 0, NULL), EINVAL, "S90 old size 0");
	nommu_refused(nommu_remap(p, 4 * PAGE, 0, 0, NULL), EINVAL, "S90 new size 0");
	nommu_unmap(q, 4 * PAGE);
	nommu_refused(nommu_remap(q, 4 * PAGE, PAGE, 0, NULL), EINVAL, "S90 nothing is mapped there");
	nommu_unmap(p + PAGE, PAGE);
	nommu_refused(nommu_remap(p, 4 * PAGE, 2 * PAGE, 0, NULL), EINVAL,
		"S90 S92 what was one before a hole was punched");
	tap_ok(nommu_remap(p + 2 * PAGE, 2 * PAGE, PAGE, 0, NULL) == p + 2 * PAGE,
		"S92 what is left behind the hole is one now");
	nommu_remap(p + 2 * PAGE, PAGE, 2 * PAGE, 0, NULL);
	nommu_unmap(p + 2 * PAGE, 2 * PAGE);
	nommu_unmap(p, PAGE);
}

int main(void)
{
	tap_plan(0);
	nommu_enter();
	resizing();
	not_moved();
	into_slack();
	shared();
	complete();
	nommu_leave();
	return tap_done();
}
