/* SPDX-License-Identifier: MIT
 *
 * A random call: the emulator's own table (syscalls.def) says which there are and what their arguments are; most are such
 * as a program may give, some at the edge, some absurd.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "fuzz.h"

static const struct call { uint16_t nr; uint8_t served; const char *name, *args; } calls[] = {
#define SYSCALL(nr, name, args, ret) { nr, 1, #name, args },
#define SYSCALL_NONE(nr, name, args, ret) { nr, 0, #name, args },
#include "emu/sys/syscalls.def"
};
enum { CALLS = sizeof calls / sizeof *calls };

/* Out of 1000, how often a call that was picked is made; others: always, or 100 if they only answer ENOSYS. */
static const struct { const char *name; int of_1000; } rare[] = {
	{ "exit", 5 }, { "exit_group", 5 }, { "rt_sigreturn", 5 }, { "reboot", 20 }, { "pivot_root", 20 },
	{ "chroot", 50 }, { "umount2", 100 }, { "mount", 200 }, { "setuid", 50 }, { "setresuid", 50 }, { "setreuid", 50 },
	{ "capset", 50 }, { "rt_sigsuspend", 300 }, { "execve", 300 }, { "execveat", 300 }, { "sync", 100 },
	{ "setgroups", 100 }, { "unshare", 300 }, { "close_range", 30 }, { "prlimit64", 100 },
};

static const char *const paths[] = {
	"/tmp/a", "/tmp/b", "/tmp/c", "/tmp/d", "/tmp/d/e", "/tmp/link", "a", "b", "d/../a", "", ".", "..", "/", "/tmp",
	"/dev/null", "/dev/zero", "/dev/full", "/dev/shm/x", "/proc/self/maps", "/proc/self/fd", "/proc/self/fd/3",
	"/proc/self/exe", "/proc/self/mem", "/proc/self/status", "/proc/self/task", "/proc/sys/kernel/hostname",
	"/proc/meminfo", "/dev/mtd0", "/dev/mtd0ro", "/dev/mtdblock0", "mtd0", "romfs", "/none/x", "/tmp/a/x", "//tmp//./b", "/tmp/d/", "fifo", "/mq", "proc", "tmpfs", "ramfs",
};
enum { PATHS = sizeof paths / sizeof *paths };

/* MEMGETINFO and so on, and the block layer's. */
static const uint32_t mtd_ioctls[] = {
	0x80204d01, 0x40084d02, 0x40084d02, 0xc00c4d03, 0xc00c4d04, 0x40084d05, 0x40084d06, 0x80044d07, 0xc0104d08, 0x80c84d0a, 0x40084d0b,
	0x40084d0c, 0x80044d0d, 0x40044d0e, 0x400c4d0f, 0x800c4d10, 0x81484d11, 0x80104d12, 0x4d13, 0x40104d14, 0xc0184d15, 0xc0184d16,
	0x80084d17, 0xc0304d18, 0xc0404d1a, 0x1269, 0x1269, 0x125f, 0x1261, 0x1277,
};

const char *call_name(uint32_t nr)
{
	for (int i = 0; i < CALLS; i++)
		if (calls[i].nr == nr)
			return calls[i].name;
	return NULL;
}

static int is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && !memcmp(word, name, len);
}

static int one_of(const char *word, size_t len, const char *list)
{
	for (; *list; list += strcspn(list, " "), list += *list == ' ')
		if (strcspn(list, " ") == len && !memcmp(word, list, len))
			return 1;
	return 0;
}

/* --- Values --- */

static uint32_t number(struct rng *r)
{
	switch (below(r, 12)) {
	case 0: return rnd(r);
	case 1: return -below(r, 16);
	case 2: return 1u << below(r, 32);
	case 3: return (1u << below(r, 32)) - 1;
	case 4: return below(r, 65536);
	case 5: return below(r, 2) ? 0x7fffffff : 0x80000000;
	default: return below(r, 20);
	}
}

static uint32_t length(struct rng *r)
{
	switch (below(r, 16)) {
	case 0: return rnd(r);
	case 1: return 0x7ffff000 + below(r, 8192);
	case 2: return below(r, ARENA);
	case 3: return 0;
	default: return below(r, 4096);
	}
}

static uint32_t flags(struct rng *r)
{
	uint32_t bits = 0;

	switch (below(r, 6)) {
	case 0: return 0;
	case 1: return rnd(r);
	case 2: return below(r, 64);
	default:
		for (uint32_t n = 1 + below(r, 3); n; n--)
			bits |= 1u << below(r, 24);
		return bits;
	}
}

static uint32_t good(struct rng *r)
{
	return (uint32_t)(uintptr_t)&arena[below(r, 64) * 64 % ARENA];
}

/* A place that is no good: nothing there, its end, not aligned, flash that can only be read; very rarely somebody else's. */
static uint32_t bad(struct rng *r)
{
	switch (below(r, 10)) {
	case 8: return (below(r, 2) ? 0x20000000 : 0x28000000) + below(r, FLASH);
	case 9: return 0x28000000 + FLASH - below(r, 8);
	case 0: return 0;
	case 1: return below(r, 4096);
	case 2: return 0xffffffff - below(r, 64);
	case 3: return 0x7ffffff0 + below(r, 16);
	case 4: return (uint32_t)(uintptr_t)&arena[ARENA - 1 - below(r, 32)];
	case 5: return good(r) + 1 + below(r, 3);
	case 6: return below(r, 4000) ? rnd(r) & 0x7fffffff : 0x80000000 + below(r, 16 << 20);
	default: return maps[below(r, MAPS)];
	}
}

static uint32_t pointer(struct rng *r)
{
	uint32_t at, words = 1 + below(r, 12);

	if (!below(r, 8))
		return bad(r);
	at = good(r);
	/* What it leads to: small numbers, as structures have them, or pointers to more. */
	for (uint32_t i = 0; i < words && at % 4 == 0; i++)
		((uint32_t *)(uintptr_t)at)[i] = below(r, 6) ? number(r) : good(r);
	return at;
}

static uint32_t text(struct rng *r)
{
	const char *s = paths[below(r, PATHS)];
	char *to;

	if (!below(r, 12))
		return bad(r);
	to = (char *)(uintptr_t)good(r);
	if (!below(r, 40)) {
		memset(to, below(r, 2) ? 'x' : '/', 5000);
		to[below(r, 5000)] = 0;
	} else {
		memcpy(to, s, strlen(s) + 1);
	}
	return (uint32_t)(uintptr_t)to;
}

static uint32_t moment(struct rng *r)
{
	int64_t *t = (int64_t *)(uintptr_t)good(r);

	if (!below(r, 8))
		return pointer(r);
	t[0] = below(r, 20) ? 0 : (int32_t)number(r);
	t[1] = below(r, 20) ? (int64_t)below(r, 3000000) : (int32_t)number(r);
	t[2] = 0;
	t[3] = below(r, 3000000);
	return (uint32_t)(uintptr_t)t;
}

static uint32_t vector(struct rng *r)
{
	uint32_t *v = (uint32_t *)(uintptr_t)good(r);

	if (!below(r, 8))
		return pointer(r);
	for (int i = 0; i < 8; i++) {
		v[2 * i] = below(r, 12) ? good(r) : bad(r);
		v[2 * i + 1] = below(r, 12) ? below(r, 600) : length(r);
	}
	return (uint32_t)(uintptr_t)v;
}

/* A name in the file system, or a port of the loopback; the length is another argument. */
static uint32_t address(struct rng *r)
{
	uint8_t *a = (uint8_t *)(uintptr_t)good(r);

	if (!below(r, 8))
		return pointer(r);
	memset(a, 0, 128);
	if (below(r, 2)) {
		a[0] = 1;
		memcpy(a + 2, below(r, 2) ? "/tmp/s1" : "/tmp/s2", 8);
	} else {
		a[0] = 2;
		a[3] = (uint8_t)(80 + below(r, 4));
		a[4] = 127;
		a[7] = 1;
	}
	return (uint32_t)(uintptr_t)a;
}

/* struct clone_args: a thread, or a vfork child. */
static void clone3_args(struct rng *r, uint32_t a[6])
{
	uint64_t *c = (uint64_t *)(uintptr_t)good(r);
	int thread = below(r, 2);

	if (!below(r, 4))
		return;
	memset(c, 0, 88);
	c[0] = thread ? 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000 : 0x100 | 0x4000;
	c[4] = thread ? 0 : 17;
	if (thread) {
		c[5] = (uintptr_t)stacks[below(r, STACKS)];
		c[6] = STACK;
	}
	a[0] = (uint32_t)(uintptr_t)c;
	a[1] = below(r, 2) ? 64 : 88;
}

static uint32_t strings(struct rng *r)
{
	uint32_t *v = (uint32_t *)(uintptr_t)good(r), n = below(r, 4);

	if (!below(r, 6))
		return pointer(r);
	for (uint32_t i = 0; i < n; i++)
		v[i] = text(r);
	v[n] = 0;
	return (uint32_t)(uintptr_t)v;
}

static uint32_t descriptor(struct rng *r)
{
	switch (below(r, 16)) {
	case 0: return number(r);
	case 1: return (uint32_t)-100;
	case 2: return 100 + below(r, 1000);
	case 3: return below(r, 64);
	default: return below(r, 32);
	}
}

/* Ourselves, our children, our group: never everybody, and nobody we were not told of. */
static uint32_t task(struct rng *r)
{
	uint32_t child = children[below(r, CHILDREN)];

	switch (below(r, 6)) {
	case 0: return (uint32_t)getpid();
	case 1: return 0;
	case 2: return 30000 + below(r, 5000);
	default: return child ? child : (uint32_t)getpid();
	}
}

/* --- Arguments by their words --- */

/* The argument at q->args[i]; how many registers it took. */
static int argument(struct rng *r, struct request *q, int i, const char *word, size_t len)
{
	uint32_t *a = &q->args[i];

	if (one_of(word, len, "fd dirfd"))
		*a = descriptor(r);
	else if (one_of(word, len, "path str outstr"))
		*a = text(r);
	else if (one_of(word, len, "argv envp"))
		*a = strings(r);
	else if (one_of(word, len, "iniov outiov remoteiov"))
		*a = vector(r);
	else if (one_of(word, len, "timespec timespec2 itimerspec itimerval"))
		*a = moment(r);
	else if (one_of(word, len, "sockaddr sockaddr_out"))
		*a = address(r);
	else if (one_of(word, len, "epollctlevent epollevents msghdr msghdr_out mmsghdr mmsghdr_out sockoptval sockoptval_out "
			"socklen schedattr schedattr_out pidfdsignal msgctlbuf semctlarg shmget"))
		*a = pointer(r);
	else if (is(word, len, "sig"))
		*a = below(r, 20) ? 1 + below(r, 64) : number(r);
	else if (is(word, len, "u"))
		*a = length(r);
	else if (one_of(word, len, "d x o id mode omode openmode dev"))
		*a = number(r);
	else if (one_of(word, len, "off64 off64hl")) {
		a[is(word, len, "off64hl") && i < 5] = length(r);
		if (i < 5)
			a[is(word, len, "off64")] = below(r, 12) ? 0 : number(r);
		return 2;
	} else if (len > 4 && !memcmp(word + len - 4, "_out", 4))
		*a = pointer(r);
	else if (one_of(word, len, "p inbuf outbuf outhex dents outfds out64 out32 off64p sigset sigaction sigaltstack siginfo "
			"rusage rlimit64 sigevent timer_id tms statx statfs pollfds fdset pselectmask uname sysinfo cpuset "
			"msgbuf sembufs mqattr mqopenattr futexwaitv futexwaitv2 sigreturn"))
		*a = pointer(r);
	else		/* flags, commands, and what we have not heard of */
		*a = below(r, 4) ? flags(r) : below(r, 2) ? number(r) : pointer(r);
	return 1;
}

static void futex(struct rng *r, uint32_t a[6])
{
	a[0] = (uint32_t)(uintptr_t)&arena[4 * below(r, 4)];
	a[1] = below(r, 14) | (below(r, 2) ? 128 : 0) | (below(r, 4) ? 0 : 256);
	a[2] = below(r, 2) ? *(uint32_t *)(uintptr_t)a[0] : below(r, 4);
	a[3] = below(r, 2) ? moment(r) : below(r, 4);
	a[4] = (uint32_t)(uintptr_t)&arena[4 * below(r, 4)];
	a[5] = below(r, 4) ? 0xffffffff : number(r);
}

/* Threads with a stack, vfork children, and what nobody should ask for. */
static void clone_args(struct rng *r, uint32_t a[6])
{
	static const uint32_t thread = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000;

	a[1] = (uint32_t)(uintptr_t)stacks[below(r, STACKS)] + STACK;
	for (int i = 2; i < 5; i++)
		a[i] = good(r) & ~3u;
	switch (below(r, 8)) {
	case 0: case 1: case 2:
		a[0] = thread | (below(r, 2) ? 0x100000 : 0) | (below(r, 2) ? 0x200000 : 0);
		break;
	case 3: case 4: case 5:
		a[0] = 0x100 | 0x4000 | 17;
		a[1] = 0;
		break;
	case 6:
		a[0] = 0x100 | flags(r) | 17;
		break;
	default:
		a[0] = flags(r);
		a[1] = bad(r);
	}
}

static int prefix(const char *s, const char *p) { return !strncmp(s, p, strlen(p)); }

/* What the words do not say. */
static void amend(struct rng *r, const struct call *c, struct request *q)
{
	uint32_t *a = q->args;
	const char *n = c->name;

	if (!strcmp(n, "futex"))
		futex(r, a);
	else if (!strcmp(n, "clone"))
		clone_args(r, a);
	else if (!strcmp(n, "clone3"))
		clone3_args(r, a);
	else if (!strcmp(n, "pidfd_open") || !strcmp(n, "process_vm_readv") || !strcmp(n, "process_vm_writev"))
		a[0] = task(r);
	else if (!strcmp(n, "kill") || !strcmp(n, "tkill") || !strcmp(n, "tgkill") || strstr(n, "sigqueueinfo")) {
		a[0] = task(r);
		if (!strcmp(n, "tgkill") || !strcmp(n, "rt_tgsigqueueinfo"))
			a[1] = task(r);
	} else if (!strcmp(n, "ptrace")) {
		a[0] = below(r, 4) ? below(r, 40) : 0x4200 + below(r, 20);
		a[1] = task(r);
	} else if (!strcmp(n, "munmap") || !strcmp(n, "mremap") || !strcmp(n, "shmdt"))
		a[0] = below(r, 8) ? maps[below(r, MAPS)] : rnd(r) & 0x7fffffff;
	else if (!strcmp(n, "mmap2")) {
		if (below(r, 3))
			a[0] = 0;
		a[1] = below(r, 4) ? 1 + below(r, 65536) : length(r);
		a[2] = below(r, 8);
		if (below(r, 3)) {
			a[3] = 0x20 | (1 + below(r, 2));
			a[4] = (uint32_t)-1;
			a[5] = 0;
		}
	} else if (!strcmp(n, "brk"))
		a[0] = below(r, 2) ? 0 : bad(r);
	else if (!strcmp(n, "ioctl"))
		a[1] = !below(r, 3) ? mtd_ioctls[below(r, sizeof mtd_ioctls / sizeof *mtd_ioctls)] :
		       below(r, 3) ? 0x5400 + below(r, 96) : rnd(r);
	else if (!strcmp(n, "fcntl64"))
		a[1] = below(r, 4) ? below(r, 40) : 1024 + below(r, 20);
	else if (!strcmp(n, "prctl"))
		a[0] = below(r, 70);
	else if (prefix(n, "clock_") && below(r, 4))
		a[0] = below(r, 12);
	else if (!strcmp(n, "waitid") || !strcmp(n, "clock_nanosleep"))
		a[3] = strcmp(n, "waitid") ? a[3] : a[3] | (below(r, 3) ? 1 : 0);
	else if (!strcmp(n, "prlimit64"))
		a[0] = task(r);
	else if (!strcmp(n, "setpriority") || !strcmp(n, "setpgid") || prefix(n, "sched_set"))
		a[!strcmp(n, "setpriority")] = task(r);
}

static int made(struct rng *r, const struct call *c)
{
	for (size_t i = 0; i < sizeof rare / sizeof *rare; i++)
		if (!strcmp(rare[i].name, c->name))
			return below(r, 1000) < (uint32_t)rare[i].of_1000;
	return c->served || below(r, 1000) < 100;
}

void pick(struct rng *r, struct request *q)
{
	const struct call *c;
	int i = 0;

	if (!below(r, 300)) {		/* a number nobody knows */
		for (; i < 6; i++)
			q->args[i] = number(r);
		q->nr = 460 + below(r, 100);
		return;
	}
	do
		c = &calls[below(r, CALLS)];
	while (!made(r, c));
	q->nr = c->nr;
	for (const char *word = c->args; *word && i < 6; ) {
		size_t len = strcspn(word, ",");

		i += argument(r, q, i, word, len);
		word += len;
		word += *word == ',';
	}
	for (; i < 6; i++)
		q->args[i] = number(r);
	if (below(r, 3))
		make_plausible(r, c->name, q->args);
	amend(r, c, q);
}

void learn(const struct request *q, uint32_t result)
{
	static uint32_t at;

	if (result >= (uint32_t)-4095)
		return;
	if (q->nr == 222 || q->nr == 216 || q->nr == 196)
		maps[at++ % MAPS] = result;
	else if ((q->nr == 220 || q->nr == 435) && result)
		children[at++ % CHILDREN] = result;
}
