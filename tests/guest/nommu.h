/* SPDX-License-Identifier: MIT
 *
 * What the nommu_* tests share. Each of their lines begins with the numbers of the sentences of nommu-mmap.txt that it
 * tests ("S12 S38 ..."); tests/conformance/sentences.txt has the sentences.
 *
 * Nothing printed depends on where memory lies, and every call goes past the C library, whose mmap() and shmat() have
 * ideas of their own.
 */
#ifndef NOMMU_H
#define NOMMU_H

#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "tap.h"

#define PAGE 4096u
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define NOMMU_UNINITIALIZED 0x4000000

extern char **environ;

/* mmap2(2) itself: the address, or NULL and errno. */
static inline char *nommu_map(size_t len, int prot, int flags, int fd, unsigned long pgoff)
{
	long r = syscall(SYS_mmap2, 0, len, prot, flags, fd, pgoff);

	return r == -1 ? NULL : (char *)r;
}

static inline char *nommu_anon(unsigned pages)
{
	return nommu_map(pages * PAGE, RW, ANON, -1, 0);
}

/* munmap(2): 0 or -1 and errno. */
static inline long nommu_unmap(void *p, size_t len)
{
	return syscall(SYS_munmap, p, len);
}

/* mremap(2): the address, or NULL and errno. */
static inline char *nommu_remap(void *p, size_t old_len, size_t new_len, int flags, void *fixed)
{
	long r = syscall(SYS_mremap, p, old_len, new_len, flags, fixed);

	return r == -1 ? NULL : (char *)r;
}

/* The call gave no mapping, and this errno. */
#define nommu_refused(call, want, ...) do {					\
	errno = 0;								\
	char *nommu_p_ = (call);						\
	int nommu_e_ = errno;							\
	if (!tap_ok(!nommu_p_ && nommu_e_ == (want), __VA_ARGS__))		\
		tap_diag("got %s, %s", nommu_p_ ? "a mapping" : "none", strerror(nommu_e_));	\
} while (0)

static inline int nommu_all(const char *p, int c, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != (char)c)
			return 0;
	return 1;
}

/*
 * Kilobytes in a line of /proc/meminfo; -1 if there is none. Read with a buffer of our own: stdio would allocate, and
 * the first read of a file in /proc makes the kernel allocate, so call it once before it counts.
 */
static inline long nommu_meminfo(const char *name)
{
	static char buf[4096];
	int fd = open("/proc/meminfo", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof buf - 1);
	char *at;

	close(fd);
	if (n < 0)
		return -1;
	buf[n] = 0;
	at = strstr(buf, name);
	return at ? strtol(at + strlen(name) + 1, NULL, 10) : -1;
}

static inline long nommu_mmap_copy(void)
{
	return nommu_meminfo("MmapCopy");
}

/* A line of a maps file. */
struct nommu_line {
	unsigned long start, end, ino;
	char flags[5];
	char name[128];
};

/*
 * The lines of a maps file ("/proc/maps", "/proc/PID/maps") whose range touches [start, end), counted; the first of
 * them in *out. The whole file is read before it is looked at: what reading allocates is not seen.
 */
static inline int nommu_lines(const char *path, uintptr_t start, uintptr_t end, struct nommu_line *out)
{
	static char buf[65536];
	size_t have = 0;
	ssize_t n;
	int fd = open(path, O_RDONLY), count = 0;

	if (fd < 0)
		return -1;
	while (have < sizeof buf - 1 && (n = read(fd, buf + have, sizeof buf - 1 - have)) > 0)
		have += (size_t)n;
	close(fd);
	buf[have] = 0;
	for (char *line = strtok(buf, "\n"); line; line = strtok(NULL, "\n")) {
		struct nommu_line l = { .name = "" };

		if (sscanf(line, "%lx-%lx %4s %*x %*x:%*x %lu %127[^\n]", &l.start, &l.end, l.flags, &l.ino, l.name) < 4)
			continue;
		if (l.start < end && start < l.end && count++ == 0 && out)
			*out = l;
	}
	return count;
}

/* As nommu_lines() of this process, and of the machine. */
static inline int nommu_mine(const void *p, size_t len, struct nommu_line *out)
{
	return nommu_lines("/proc/self/maps", (uintptr_t)p, (uintptr_t)p + len, out);
}

static inline int nommu_global(const void *p, size_t len, struct nommu_line *out)
{
	return nommu_lines("/proc/maps", (uintptr_t)p, (uintptr_t)p + len, out);
}

/* Runs this program again as ROLE with a number; its pid. */
static inline pid_t nommu_spawn(const char *role, unsigned long number)
{
	char text[16];
	char *argv[] = { (char *)"nommu", (char *)role, text, NULL };
	pid_t pid;

	snprintf(text, sizeof text, "%lx", number);
	return posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ) ? -1 : pid;
}

static inline int nommu_status(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Runs ROLE to its end: its exit status. */
static inline int nommu_run(const char *role, unsigned long number)
{
	return nommu_status(nommu_spawn(role, number));
}

/* A new file whose pages are one run (ftruncate on an empty one); each page is filled with its own letter. */
static inline int nommu_file(const char *name, unsigned pages)
{
	static char block[PAGE];
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || ftruncate(fd, pages * PAGE))
		tap_bail("%s: %s", name, strerror(errno));
	for (unsigned i = 0; i < pages; i++) {
		memset(block, 'a' + (int)(i % 26), PAGE);
		if (pwrite(fd, block, PAGE, i * PAGE) != (ssize_t)PAGE)
			tap_bail("%s: %s", name, strerror(errno));
	}
	return fd;
}

/* A new file whose pages lie apart: it and another one were written page by page, last page first. */
static inline int nommu_scattered(const char *name, unsigned pages)
{
	static char block[PAGE];
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
	int other = open("between", O_RDWR | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || other < 0)
		tap_bail("%s: %s", name, strerror(errno));
	for (unsigned i = pages; i-- > 0;) {
		memset(block, 'a' + (int)(i % 26), PAGE);
		if (pwrite(fd, block, PAGE, i * PAGE) != (ssize_t)PAGE || write(other, block, PAGE) != (ssize_t)PAGE)
			tap_bail("%s: %s", name, strerror(errno));
	}
	close(other);
	unlink("between");
	return fd;
}

/* Goes to a memory file system of its own, and back: the test has removed what it made there. */
static char nommu_dir[128];

static inline void nommu_enter(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(nommu_dir, sizeof nommu_dir, "%s/nommu.XXXXXX", tmp ? tmp : "/tmp");
	if (!tap_own_machine() || !mkdtemp(nommu_dir) || mount("nommu", nommu_dir, "tmpfs", 0, NULL) || chdir(nommu_dir))
		tap_bail("%s: %s", nommu_dir, strerror(errno));
}

static inline void nommu_leave(void)
{
	if (chdir("/") || umount(nommu_dir))
		tap_diag("%s: %s", nommu_dir, strerror(errno));
	rmdir(nommu_dir);
}

#endif
