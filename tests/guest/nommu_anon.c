/* SPDX-License-Identifier: MIT
 *
 * nommu-mmap.txt, "No-MMU memory mapping support" (the introduction, anonymous mappings) and what "Further notes" says
 * of them.
 */
#define _GNU_SOURCE
#include <sys/shm.h>
#include "nommu.h"

static int at_home;	/* something in the program's own data */

static void introduction(void)
{
	char *p = nommu_anon(1), *q;
	struct nommu_line l;
	int id = shmget(IPC_PRIVATE, PAGE, 0600);

	tap_ok(p && (*p = 1) == 1, "S1 mmap() gives memory that can be written");
	tap_ok(nommu_mine(p, PAGE, NULL) == 1, "S2 what mmap() made is in the list of the process's mappings");
	q = (char *)syscall(SYS_shmat, id, 0, 0);
	tap_ok(q != (char *)-1 && nommu_mine(q, PAGE, NULL) == 1, "S2 what shmat() made, too");
	tap_ok(nommu_mine(&at_home, 4, &l) >= 1, "S2 what execve() made, too: the program itself");
	tap_ok(nommu_mine(&p, 4, &l) == 1 && strstr(l.name, "[stack]"), "S2 and its stack");
	tap_ok(nommu_global(&at_home, 4, NULL) >= 1 && nommu_global(&p, 4, NULL) == 1,
	       "S3 the program and its stack lie in regions as any mapping does");
	syscall(SYS_shmdt, q);
	shmctl(id, IPC_RMID, NULL);
	tap_zero(nommu_unmap(p, PAGE), "S1 and takes it back");
}

/* What is not there, or always succeeds without an MMU: mm/nommu.c and kernel/sys_ni.c. */
static void restricted(void)
{
	char *p = nommu_anon(2);

	tap_errno(syscall(SYS_mprotect, p, PAGE, PROT_READ), ENOSYS, "S6 no mprotect()");
	tap_errno(syscall(SYS_msync, p, PAGE, MS_SYNC), ENOSYS, "S6 no msync()");
	tap_errno(syscall(SYS_mlock, p, PAGE), ENOSYS, "S6 no mlock()");
	tap_errno(syscall(SYS_munlock, p, PAGE), ENOSYS, "S6 no munlock()");
	tap_errno(syscall(SYS_mlockall, 1), ENOSYS, "S6 no mlockall()");
	tap_errno(syscall(SYS_madvise, p, PAGE, MADV_DONTNEED), ENOSYS, "S6 no madvise()");
	tap_errno(syscall(SYS_mincore, p, PAGE, p + PAGE), ENOSYS, "S6 no mincore()");
	tap_errno(syscall(SYS_remap_file_pages, p, PAGE, 0, 0, 0), ENOSYS, "S6 no remap_file_pages()");
	tap_is(syscall(SYS_brk, syscall(SYS_brk, 0) + (1 << 20)), syscall(SYS_brk, 0), "S6 brk() has no room to grow");
	nommu_unmap(p, 2 * PAGE);
	p = nommu_map(PAGE, PROT_NONE, ANON, -1, 0);
	*(volatile char *)p = 5;
	tap_is(*p, 5, "S6 protections are noted, and nothing enforces them");
	nommu_unmap(p, PAGE);
	tap_errno(syscall(SYS_mmap2, 0, 0, RW, ANON, -1, 0), EINVAL, "S6 as with an MMU: length 0 is EINVAL");
	tap_errno(syscall(SYS_mmap2, 0, PAGE, RW, MAP_ANONYMOUS, -1, 0), EINVAL, "S6 so is neither private nor shared");
	tap_errno(syscall(SYS_mmap2, 0, PAGE, RW, MAP_PRIVATE, 99, 0), EBADF, "S6 a bad descriptor is EBADF");
	tap_errno(syscall(SYS_mmap2, 0, 2 * PAGE, RW, ANON, -1, -1), EOVERFLOW, "S6 an offset that wraps is EOVERFLOW");
}

/* The address is the physical one: /dev/mem has the same bytes at that offset, in one run. */
static void contiguous(void)
{
	static char seen[9 * PAGE];
	unsigned pages = 9;
	char *p = nommu_anon(pages);
	int mem = open("/dev/mem", O_RDONLY);

	for (unsigned i = 0; i < pages; i++)
		memset(p + i * PAGE, 'A' + (int)i, PAGE);
	if (mem < 0) {
		tap_skip(1, "S8 no /dev/mem");
	} else {
		ssize_t n = pread(mem, seen, sizeof seen, (uint32_t)(uintptr_t)p);

		tap_ok(n == (ssize_t)sizeof seen && !memcmp(seen, p, sizeof seen),
		       "S8 nine pages are one run of physical memory, at their own addresses");
		close(mem);
	}
	nommu_unmap(p, pages * PAGE);
}

static int by_address(const void *a, const void *b)
{
	char *const *x = a, *const *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* All memory in pieces of 256 KiB, every other of them free: half of it, and no run of 512 KiB. */
static void in_pieces(void)
{
	enum { PIECE = 256 << 10, MOST = 4096 };
	static char *piece[MOST];
	unsigned n = 0, gone = 0;
	char *p;

	while (n < MOST && (p = nommu_map(PIECE, RW, ANON | NOMMU_UNINITIALIZED, -1, 0)))
		piece[n++] = p;
	qsort(piece, n, sizeof *piece, by_address);
	for (unsigned i = 0; i < n; i++)
		if ((uintptr_t)piece[i] / PIECE % 2) {
			nommu_unmap(piece[i], PIECE);
			piece[i] = NULL;
			gone++;
		}
	tap_ok(gone > 32, "S8 more than 8 MiB are free, in pieces of 256 KiB");
	p = nommu_map(PIECE, RW, ANON, -1, 0);
	tap_ok(p != NULL, "S8 256 KiB can be had");
	nommu_unmap(p, PIECE);
	nommu_refused(nommu_map(2 * PIECE, RW, ANON, -1, 0), ENOMEM, "S8 512 KiB cannot: no run is that long");
	for (unsigned i = 0; i < n; i++)
		if (piece[i])
			nommu_unmap(piece[i], PIECE);
	p = nommu_map(2 * PIECE, RW, ANON, -1, 0);
	tap_ok(p != NULL, "S8 with its neighbours free it can");
	nommu_unmap(p, 2 * PIECE);
}

static void anonymous_shared(void)
{
	char *p = nommu_map(5 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0), *q;
	struct nommu_line l;

	tap_ok(p && nommu_all(p, 0, 5 * PAGE), "S9 S10 shared and anonymous: zeroed as a private one");
	q = nommu_map(5 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	tap_ok(q && p != q, "S9 S10 each has memory of its own");
	tap_ok(nommu_mine(p, PAGE, &l) == 1 && !strcmp(l.flags, "rw-p"), "S10 listed as private: rw-p");
	tap_zero(nommu_unmap(p + PAGE, PAGE), "S10 a hole can be punched");
	tap_ok(nommu_remap(q, 5 * PAGE, 4 * PAGE, 0, NULL) == q, "S10 it can be resized");
	*p = 7;
	tap_is(nommu_run("see", (unsigned long)p), 7, "S9 S10 another process sees it: there is no protection");
	/* Shrunk and unmapped it would stay in 6.12's tree, freed: a later panic. */
	nommu_remap(q, 4 * PAGE, 5 * PAGE, 0, NULL);
	nommu_unmap(q, 5 * PAGE);
	tap_zero(nommu_unmap(p, PAGE) | nommu_unmap(p + 2 * PAGE, 3 * PAGE), "S10 and unmapped in parts");
}

static void aligned_and_cleared(void)
{
	static const size_t sizes[] = { 1, 4095, 4096, 4097, 5 * 4096, 100000, 1 << 20 };
	char *p, *q;

	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		p = nommu_map(sizes[i], RW, ANON, -1, 0);
		tap_ok(p && (uintptr_t)p % PAGE == 0, "S59 %zu bytes: page-aligned", sizes[i]);
		tap_ok(p && nommu_all(p, 0, (sizes[i] + PAGE - 1) & -PAGE),
			"S61 S64 %zu bytes: cleared to the page's end",
		       sizes[i]);
		memset(p, 0x5a, sizes[i]);
		nommu_unmap(p, sizes[i]);
	}
	p = nommu_map(65536, RW, ANON, -1, 0);
	memset(p, 0x33, 65536);
	nommu_unmap(p, 65536);
	q = nommu_map(65536, RW, ANON, -1, 0);
	tap_ok(q == p && nommu_all(q, 0, 65536), "S61 S64 memory that was used before is cleared again");
	memset(q, 0x33, 65536);
	nommu_unmap(q, 65536);
	q = nommu_map(65536, RW, ANON | NOMMU_UNINITIALIZED, -1, 0);
	tap_ok(q == p && nommu_all(q, 0x33, 65536), "S66 S67 with MAP_UNINITIALIZED it is not");
	nommu_unmap(q, 65536);
}

static char *at(unsigned long addr, int flags)
{
	long r = syscall(SYS_mmap2, addr, PAGE, RW, ANON | flags, -1, 0);

	return r == -1 ? NULL : (char *)r;
}

static void addresses(void)
{
	char *p = nommu_anon(2);
	int fd = nommu_file("/tmp/at", 1);

	nommu_refused(at((unsigned long)p, MAP_FIXED), EINVAL, "S71 MAP_FIXED where something is mapped");
	nommu_refused(at((unsigned long)p + PAGE / 2, MAP_FIXED), EINVAL, "S71 MAP_FIXED, not page-aligned");
	nommu_unmap(p, 2 * PAGE);
	nommu_refused(at((unsigned long)p, MAP_FIXED), EINVAL, "S71 MAP_FIXED where nothing is");
	nommu_refused(at((unsigned long)p, 0), EINVAL, "S71 an address asked for, where memory is free");
	nommu_refused(at((unsigned long)&at_home & -PAGE, 0), EINVAL, "S71 an address asked for, in use");
	nommu_refused(at((unsigned long)p, 0x100000), EINVAL, "S71 MAP_FIXED_NOREPLACE");
	p = (char *)syscall(SYS_mmap2, p, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	tap_ok(p == (char *)-1, "S71 an address asked for, for a file");
	if (p != (char *)-1)
		nommu_unmap(p, PAGE);
	close(fd);
	unlink("/tmp/at");
}

/* The lowest word of the stack, which nobody has used yet. */
static int own_stack_is(int c)
{
	struct nommu_line l;
	int here;

	if (nommu_mine(&here, 4, &l) != 1)
		return 0;
	return *(volatile unsigned char *)l.start == c;
}

/* Leaves all of memory dirty, so that whatever a new program gets was used before. */
static void dirty_stack(void)
{
	enum { PIECE = 64 << 10, MOST = 1024 };
	static char *piece[MOST];
	unsigned n = 0;

	while (n < 256 && (piece[n] = nommu_map(PIECE, RW, ANON | NOMMU_UNINITIALIZED, -1, 0)))
		memset(piece[n++], 0x33, PIECE);
	while (n)
		nommu_unmap(piece[--n], PIECE);
	tap_is(nommu_run("stack", 0x33), 0, "S68 the stack of a new program is not cleared");
}

int main(int argc, char **argv)
{
	if (argc > 2) {
		unsigned long n = strtoul(argv[2], NULL, 16);

		if (!strcmp(argv[1], "see"))
			return *(volatile char *)n;
		return !own_stack_is((int)n);
	}
	tap_plan(0);
	introduction();
	restricted();
	contiguous();
	in_pieces();
	anonymous_shared();
	aligned_and_cleared();
	addresses();
	dirty_stack();
	return tap_done();
}
