/* SPDX-License-Identifier: MIT
 * POSIX shared memory: files in /dev/shm, mapped.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include "tap.h"

static void test_posix(void)
{
	int fd = shm_open("/flat32-test", O_RDWR | O_CREAT | O_EXCL, 0600), fd2;
	char *p, *q;

	if (fd < 0) {
		tap_skip(8, "no /dev/shm");
		return;
	}
	tap_errno((long)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), ENODEV, "shm_open: empty, nothing to map");
	tap_zero(ftruncate(fd, 40000), "ftruncate gathers the pages");
	p = mmap(NULL, 40000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	tap_ok(p != MAP_FAILED, "mapped, shared");
	fd2 = shm_open("/flat32-test", O_RDWR, 0);
	q = mmap(NULL, 40000, PROT_READ | PROT_WRITE, MAP_SHARED, fd2, 0);
	tap_ok(q == p, "mapped again: the same address");
	p[39999] = 'z';
	tap_ok(pread(fd2, q, 1, 39999) == 1 && q[0] == 'z', "read() sees what was stored");
	tap_errno(ftruncate(fd, 0), ETXTBSY, "it cannot be cut while it is mapped");
	shm_unlink("/flat32-test");
	tap_zero(munmap(p, 40000), "unmapped");
	tap_zero(munmap(q, 40000), "and the other");
	close(fd);
	close(fd2);
}

int main(void)
{
	tap_plan(0);
	test_posix();
	return tap_done();
}
