/* SPDX-License-Identifier: MIT
 * mmap, munmap, mremap, brk on anonymous memory, by the rules of no-MMU Linux. No addresses are printed: the
 * transcript is the same wherever memory lies.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "fdpic/code.h"
#include "tap.h"

#define PAGE 4096u
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *get(size_t len)
{
	void *p = mmap(NULL, len, RW, ANON, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int all(const char *p, int c, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != c)
			return 0;
	return 1;
}

static long raw(void *addr, size_t len, int prot, int flags, int fd, unsigned long pgoff)
{
	return syscall(SYS_mmap2, addr, len, prot, flags, fd, pgoff);
}

static void test_mmap(void)
{
	static const size_t sizes[] = { 1, 4095, 4096, 4097, 5 * 4096, 9 * 4096 + 1, 100000, 1 << 20 };
	char *p, *q;
	long r;

	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		p = get(sizes[i]);
		tap_ok(p && (uintptr_t)p % PAGE == 0 && all(p, 0, sizes[i]), "%zu bytes: page-aligned, all zero", sizes[i]);
		memset(p, 0x5a, sizes[i]);
		tap_zero(munmap(p, sizes[i]), "%zu bytes: unmapped", sizes[i]);
	}
	p = get(65536);
	memset(p, 1, 65536);
	munmap(p, 65536);
	q = get(65536);
	tap_ok(all(q, 0, 65536), "memory used before is cleared again");
	munmap(q, 65536);

	tap_errno(raw(NULL, 0, RW, ANON, -1, 0), EINVAL, "length 0");
	tap_errno(raw(NULL, 0, RW, MAP_PRIVATE, -1, 0), EBADF, "length 0 and a bad descriptor");
	tap_errno(raw(NULL, 0xfffff001, RW, ANON, -1, 0), ENOMEM, "a length that wraps to 0");
	tap_errno(raw(NULL, 0xc0000000, RW, ANON, -1, 0), ENOMEM, "3 GiB");
	tap_errno(raw(NULL, PAGE, RW, MAP_PRIVATE, 99, 0), EBADF, "a bad descriptor");
	tap_errno(raw(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0), EINVAL, "neither private nor shared");
	tap_errno(raw(NULL, PAGE, RW, MAP_ANONYMOUS | 3, -1, 0), EINVAL, "both private and shared");
	tap_errno(raw((void *)0x80400000, PAGE, RW, ANON | MAP_FIXED, -1, 0), EINVAL, "MAP_FIXED");
	tap_errno(raw((void *)1, PAGE, RW, ANON | MAP_FIXED, -1, 0), EINVAL, "MAP_FIXED, misaligned");
	tap_errno(raw(NULL, 2 * PAGE, RW, ANON, -1, 0xffffffff), EOVERFLOW, "an offset that wraps");
	r = raw(NULL, PAGE, RW, ANON, 99, 0);
	tap_ok(r != -1, "a descriptor does not matter with MAP_ANONYMOUS");
	munmap((void *)r, PAGE);
	r = raw(NULL, PAGE, RW, ANON, -1, 77);
	tap_ok(r != -1, "nor does an offset");
	munmap((void *)r, PAGE);
	r = raw(NULL, PAGE, RW, ANON | MAP_LOCKED | MAP_POPULATE | MAP_NORESERVE | MAP_STACK | 0x40000, -1, 0);
	tap_ok(r != -1, "flags without a meaning here are accepted");
	munmap((void *)r, PAGE);
	p = mmap(NULL, PAGE, PROT_NONE, ANON, -1, 0);
	tap_ok(p != MAP_FAILED && *(volatile char *)p == 0, "PROT_NONE: nothing protects memory");
	*p = 1;
	munmap(p, PAGE);
	p = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	tap_ok(p != MAP_FAILED && all(p, 0, PAGE), "anonymous and shared");
	tap_zero(munmap(p, PAGE), "unmapped");
	p = mmap(NULL, 8 * PAGE, RW, ANON | 0x4000000, -1, 0);
	tap_ok(p != MAP_FAILED, "MAP_UNINITIALIZED");
	munmap(p, 8 * PAGE);
	p = mmap(NULL, PAGE, RW | PROT_EXEC, ANON, -1, 0);
	((uint32_t *)p)[0] = 0x02a00513;	/* li a0, 42 */
	((uint32_t *)p)[1] = 0x00008067;	/* ret */
	__builtin___clear_cache(p, p + 8);
	syscall(259, p, p + 8, 0);
	tap_is(call_code(p), 42, "code can be written and run");
	((uint32_t *)p)[0] = 0x02b00513;
	syscall(259, p, p + 8, 0);
	tap_is(call_code(p), 43, "and changed, after riscv_flush_icache");
	munmap(p, PAGE);
}

/* Asks for a page at a place; 0 if there was one, wherever. */
static int place(uint32_t addr, int flags)
{
	long r = raw((void *)(uintptr_t)addr, PAGE, RW, ANON | flags, -1, 0);

	return r == -1 ? -1 : munmap((void *)r, PAGE);
}

/* The text wants an error; the kernel maps wherever there is room, as flat32 does with --compat linux-6.12. */
static void test_places(void)
{
	static const uint32_t places[] = { 0x12345, 0x1000, 0x80400000 };

	for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
		tap_errno(place(places[i], 0), EINVAL, "an address is asked for: 0x%x", (unsigned)places[i]);
		tap_errno(place(places[i], 0x100000), EINVAL, "MAP_FIXED_NOREPLACE: 0x%x", (unsigned)places[i]);
	}
}

static void test_munmap(void)
{
	char *p = get(8 * PAGE), *q;

	memset(p, 7, 8 * PAGE);
	tap_errno(munmap(p, 0), EINVAL, "munmap: length 0");
	tap_errno(munmap(p + 1, PAGE), EINVAL, "munmap: misaligned");
	tap_errno(munmap(p, 9 * PAGE), EINVAL, "munmap: beyond the end");
	tap_errno(munmap((void *)0x10000, PAGE), EINVAL, "munmap: nothing there");
	tap_zero(munmap(p + 3 * PAGE, PAGE), "munmap: a hole");
	tap_ok(all(p, 7, 3 * PAGE) && all(p + 4 * PAGE, 7, 4 * PAGE), "what is around it stays");
	tap_errno(munmap(p + 3 * PAGE, PAGE), EINVAL, "munmap: the hole is gone");
	tap_errno(munmap(p + 2 * PAGE, 3 * PAGE), EINVAL, "munmap: over the hole");
	tap_zero(munmap(p, PAGE), "munmap: the head");
	tap_zero(munmap(p + 7 * PAGE, PAGE), "munmap: the tail");
	tap_zero(munmap(p + PAGE, 1), "munmap: the length is rounded up");
	tap_errno(munmap(p + PAGE, 1), EINVAL, "once only");
	tap_zero(munmap(p + 2 * PAGE, PAGE), "munmap: what is left before the hole");
	tap_zero(munmap(p + 4 * PAGE, 3 * PAGE), "munmap: what is left behind it");
	p = get(PAGE);
	q = get(PAGE);
	tap_ok(p && q && p != q, "two pages");
	tap_zero(munmap(p, PAGE) | munmap(q, PAGE), "both unmapped");
}

static void test_mremap(void)
{
	char *p = get(4 * PAGE);

	memset(p, 3, 4 * PAGE);
	tap_errno((long)mremap(p, 0, PAGE, 0), EINVAL, "mremap: old length 0");
	tap_errno((long)mremap(p, 4 * PAGE, 0, 0), EINVAL, "mremap: new length 0");
	tap_errno((long)mremap(p + 1, 4 * PAGE, PAGE, 0), EINVAL, "mremap: misaligned");
	tap_errno((long)mremap(p + PAGE, 3 * PAGE, PAGE, 0), EINVAL, "mremap: not a whole mapping");
	tap_errno((long)mremap(p, 3 * PAGE, PAGE, 0), EINVAL, "mremap: another length");
	tap_errno((long)mremap((void *)0x10000, PAGE, PAGE, 0), EINVAL, "mremap: nothing there");
	tap_errno(syscall(SYS_mremap, p, 4 * PAGE, PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, p + PAGE), EINVAL,
		  "mremap: MREMAP_FIXED to another place");
	tap_ok(mremap(p, 4 * PAGE, 4 * PAGE, 0) == p, "mremap: the same length");
	tap_ok((char *)syscall(SYS_mremap, p, 4 * PAGE, 4 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, p) == p,
	       "mremap: MREMAP_FIXED to the same place");
	tap_ok(mremap(p, 4 * PAGE, 2 * PAGE, 0) == p, "mremap: shrinks in place");
	tap_ok(mremap(p, 2 * PAGE, 4 * PAGE, 0) == p, "mremap: grows again");
	tap_ok(all(p, 3, 2 * PAGE), "with what was in it");
	tap_errno((long)mremap(p, 4 * PAGE, 0x80000000, MREMAP_MAYMOVE), ENOMEM, "mremap: 2 GiB");
	tap_zero(munmap(p, 4 * PAGE), "unmapped");
	p = get(2 * PAGE);
	tap_ok(mremap(p, 2 * PAGE, PAGE, 0) == p, "shrunk");
	tap_errno(munmap(p, 2 * PAGE), EINVAL, "the old length is not mapped any more");
	tap_zero(munmap(p, PAGE), "the new one is");
}

static void test_none(void)
{
	char *p = get(PAGE);

	tap_errno(syscall(SYS_mprotect, p, PAGE, PROT_READ), ENOSYS, "mprotect: not without an MMU");
	tap_errno(syscall(SYS_msync, p, PAGE, MS_SYNC), ENOSYS, "msync: not without an MMU");
	tap_errno(syscall(SYS_mlock, p, PAGE), ENOSYS, "mlock: not without an MMU");
	tap_errno(syscall(SYS_munlock, p, PAGE), ENOSYS, "munlock: not without an MMU");
	tap_errno(syscall(SYS_mlockall, 1), ENOSYS, "mlockall: not without an MMU");
	tap_errno(syscall(SYS_munlockall), ENOSYS, "munlockall: not without an MMU");
	tap_errno(syscall(SYS_madvise, p, PAGE, 4), ENOSYS, "madvise: not without an MMU");
	tap_errno(syscall(SYS_mincore, p, PAGE, p), ENOSYS, "mincore: not without an MMU");
	munmap(p, PAGE);
	tap_is(syscall(SYS_brk, 0), syscall(SYS_brk, 0), "brk tells where it is");
	long brk0 = syscall(SYS_brk, 0);
	tap_is(syscall(SYS_brk, brk0 + 0x1000000), brk0, "brk cannot move where there is no room");
	tap_is(syscall(SYS_brk, 16), brk0, "nor down below its start");
}

/* Files: what can be mapped and how is the file system's business; here are the descriptor's rules. */
static void test_files(void)
{
	const char *name = "/tmp/mm_calls.tmp";
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600), ro, wo, fds[2];
	char *p, *q;

	if (fd < 0)
		tap_bail("%s: %s", name, strerror(errno));
	for (int i = 0; i < 3; i++) {
		char block[3000];

		memset(block, 'a' + i, sizeof block);
		if (write(fd, block, sizeof block) != sizeof block)
			tap_bail("write");
	}
	ro = open(name, O_RDONLY);
	wo = open(name, O_WRONLY);
	p = mmap(NULL, 9000, PROT_READ, MAP_PRIVATE, ro, 0);
	tap_ok(p != MAP_FAILED && p[0] == 'a' && p[3000] == 'b' && p[8999] == 'c', "a private mapping shows the file");
	q = mmap(NULL, 9000, PROT_READ, MAP_PRIVATE, fd, 0);
	tap_ok(q == p, "a second one without PROT_WRITE is at the same address");
	tap_zero(munmap(q, 9000), "unmapped");
	tap_zero(munmap(p, 9000), "and the other");
	p = mmap(NULL, 9000, RW, MAP_PRIVATE, ro, 0);
	q = mmap(NULL, 9000, RW, MAP_PRIVATE, ro, 0);
	tap_ok(p != MAP_FAILED && q != MAP_FAILED && p != q, "with PROT_WRITE each has its own copy");
	p[0] = 'x';
	tap_ok(q[0] == 'a', "a write is seen in one only");
	tap_ok(all(p + 9000, 0, 12288 - 9000), "behind the end of the file is zero");
	tap_errno(munmap(q, PAGE), EINVAL, "a file's mapping is unmapped as a whole");
	tap_zero(munmap(p, 9000) | munmap(q, 9000), "both unmapped");
	q = mmap(NULL, PAGE, RW, MAP_PRIVATE, ro, PAGE);
	tap_ok(q != MAP_FAILED && q[0] == 'b', "from an offset");
	munmap(q, PAGE);
	tap_errno((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, wo, 0), EACCES, "a descriptor that cannot be read");
	tap_errno((long)mmap(NULL, PAGE, RW, MAP_SHARED, ro, 0), EACCES, "shared and writable, but opened for reading");
	if (pipe(fds))
		tap_bail("pipe");
	tap_errno((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fds[0], 0), ENODEV, "a pipe");
	close(fds[0]);
	fds[0] = open("/tmp", O_RDONLY);
	tap_errno((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fds[0], 0), ENODEV, "a directory");
	close(fds[0]);
	close(fds[1]);
	p = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
	close(fd);
	close(ro);
	close(wo);
	unlink(name);
	tap_ok(p[0] == 'a', "a mapping outlives descriptor and name");
	tap_zero(munmap(p, PAGE), "unmapped");
}

/* As much as there is in small pieces, and all of it back. */
static void test_much(void)
{
	static char *piece[64];
	int n, ok = 1;

	for (int round = 0; round < 20; round++) {
		for (n = 0; n < 64; n++) {
			piece[n] = get((size_t)(n % 7 + 1) * PAGE);
			if (!piece[n])
				break;
			memset(piece[n], n, (size_t)(n % 7 + 1) * PAGE);
		}
		for (int i = 0; i < n; i++)
			ok &= all(piece[i], i, (size_t)(i % 7 + 1) * PAGE);
		for (int i = round & 1; i < n; i += 2)
			ok &= !munmap(piece[i], (size_t)(i % 7 + 1) * PAGE);
		for (int i = !(round & 1); i < n; i += 2)
			ok &= !munmap(piece[i], (size_t)(i % 7 + 1) * PAGE);
	}
	tap_ok(ok, "1280 mappings, none over another");
}

int main(void)
{
	tap_plan(0);
	test_mmap();
	test_places();
	test_munmap();
	test_mremap();
	test_none();
	test_files();
	test_much();
	return tap_done();
}
