/* SPDX-License-Identifier: MIT
 * mremap: complete mappings, in place, within what the memory occupies; shared and shareable ones never. The text lets a
 * mapping grow up to the size of the object it lies in; the kernel up to the length first mapped.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "tap.h"

#define PAGE 4096u
#define RW (PROT_READ | PROT_WRITE)

static char *get(size_t pages)
{
	void *p = mmap(NULL, pages * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		tap_bail("no memory");
	return p;
}

static int all(const char *p, int c, size_t pages)
{
	for (size_t i = 0; i < pages * PAGE; i++)
		if (p[i] != c)
			return 0;
	return 1;
}

/* The errno of mremap(p, from, to); 0: in place; -1: elsewhere. */
static int resize(void *p, size_t from, size_t to, int flags)
{
	long r = syscall(SYS_mremap, p, from, to, flags, p);

	return r == -1 ? errno : (void *)r == p ? 0 : -1;
}

static void trim(const char *pages)
{
	int fd = open("/proc/sys/vm/nr_trim_pages", O_WRONLY);

	if (fd < 0 || write(fd, pages, 1) != 1)
		tap_bail("cannot set vm.nr_trim_pages");
	close(fd);
}

static void anonymous(void)
{
	char *p = get(4);

	memset(p, 3, 4 * PAGE);
	tap_is(resize(p, 4 * PAGE, 4 * PAGE, 0), 0, "the same length");
	tap_is(resize(p, 4 * PAGE - 5, 4 * PAGE - 100, 0), 0, "lengths are rounded up");
	tap_is(resize(p, 4 * PAGE, PAGE, 0), 0, "shorter");
	tap_is(resize(p, PAGE, 4 * PAGE, 0), 0, "as long as it was");
	tap_ok(all(p, 3, 1), "what stayed is untouched");
	tap_is(resize(p, 4 * PAGE, 5 * PAGE, 0), ENOMEM, "no longer");
	tap_is(resize(p, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE), ENOMEM, "nor elsewhere: moving is not supported");
	tap_is(resize(p, 4 * PAGE, 1 << 30, MREMAP_MAYMOVE), ENOMEM, "not by much");
	tap_is(resize(p, 4 * PAGE, 4 * PAGE, 0xfffffffc), 0, "unknown flags do not matter");
	tap_is(resize(p, 4 * PAGE, 3 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE), 0, "MREMAP_FIXED where it is");
	tap_is(resize(p, 3 * PAGE, 4 * PAGE, MREMAP_FIXED), 0, "even without MREMAP_MAYMOVE");
	tap_is(resize(p, 3 * PAGE, 2 * PAGE, 0), EINVAL, "the old length must be exact");
	tap_is(resize(p, 5 * PAGE, 2 * PAGE, 0), EINVAL, "not too long either");
	tap_is(resize(p + PAGE, 3 * PAGE, 2 * PAGE, 0), EINVAL, "no part of a mapping");
	tap_is(resize(p + 1, 4 * PAGE, 2 * PAGE, 0), EINVAL, "no odd address");
	tap_is(resize(p, 0, PAGE, 0), EINVAL, "old length 0");
	tap_is(resize(p, 4 * PAGE, 0, 0), EINVAL, "new length 0");
	tap_is(resize(p, 4 * PAGE, 0xfffff001, 0), EINVAL, "a new length that wraps");
	tap_is(resize(p, 0xfffff001, PAGE, 0), EINVAL, "an old length that wraps");
	tap_errno(syscall(SYS_mremap, p, 4 * PAGE, PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, p + PAGE), EINVAL,
		  "MREMAP_FIXED elsewhere");
	tap_zero(munmap(p, 4 * PAGE), "unmapped");
}

/* Untrimmed, five pages lie in a block of eight. */
static void slack(void)
{
	char *p;

	trim("0");
	p = get(8);
	memset(p, 9, 8 * PAGE);
	munmap(p, 8 * PAGE);
	p = get(5);
	trim("1");
	tap_is(resize(p, 5 * PAGE, 9 * PAGE, 0), ENOMEM, "not beyond the block");
	tap_is(resize(p, 5 * PAGE, 8 * PAGE, 0), 0, "into the slack of the block");
	tap_is(munmap(p, 8 * PAGE), 0, "unmapped at its new length");
	p = get(4);
	memset(p, 9, 4 * PAGE);
	tap_is(resize(p, 4 * PAGE, 2 * PAGE, 0), 0, "shrunk");
	tap_is(resize(p, 2 * PAGE, 4 * PAGE, 0), 0, "and grown");
	tap_ok(all(p, 9, 2) && all(p + 2 * PAGE, 0, 2), "what is regained is cleared");
	munmap(p, 4 * PAGE);
}

static void files(void)
{
	int fd;
	char *p;

	unlink("/dev/shm/mm_remap");
	fd = open("/dev/shm/mm_remap", O_RDWR | O_CREAT, 0600);
	if (ftruncate(fd, 4 * PAGE))
		tap_bail("ftruncate: %s", strerror(errno));
	p = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	tap_is(resize(p, 4 * PAGE, 2 * PAGE, 0), EPERM, "a shared mapping is not resized");
	tap_is(resize(p, 4 * PAGE, 4 * PAGE, 0), EPERM, "not even to its own length");
	tap_is(resize(p, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE), EPERM, "nor moved");
	tap_zero(munmap(p, 4 * PAGE), "unmapped");
	p = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	tap_is(resize(p, 4 * PAGE, 2 * PAGE, 0), EPERM, "nor one that could be shared");
	tap_zero(munmap(p, 4 * PAGE), "unmapped, too");
	p = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
	tap_is(resize(p, 4 * PAGE, 2 * PAGE, 0), 0, "a writable copy is one's own");
	tap_is(resize(p, 2 * PAGE, 4 * PAGE, 0), 0, "and grows back");
	tap_is(resize(p, 4 * PAGE, 5 * PAGE, 0), ENOMEM, "but no further");
	tap_zero(munmap(p, 4 * PAGE), "unmapped as well");
	close(fd);
	unlink("/dev/shm/mm_remap");
}

int main(void)
{
	tap_plan(0);
	if (!tap_own_machine()) {
		tap_skip(1, "the host has an MMU");
		return tap_done();
	}
	anonymous();
	files();
	slack();
	return tap_done();
}
