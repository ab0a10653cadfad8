/* SPDX-License-Identifier: MIT
 * File calls with random arguments, right and wrong ones, from three processes at once in one small file
 * system.  They must all come to their end, and nothing of it may be left behind.	timeout: 120
 *
 * "file_garbage SEED COUNT" is one of the processes; its calls are the same every time.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include "scratch.h"

extern char **environ;

/*
 * Arguments: f descriptor, d directory descriptor, p path, b buffer and its length, s a structure, v a vector
 * and its count, i any number, m mode, o open flags, a at-flags, 8 a 64-bit offset in two registers, c small
 * number,
 * t time-out, F fcntl's command and argument, 0 zero
 */
static const struct { int nr; const char *args; } calls[] = {
	{ 17, "b" }, { 19, "ci" }, { 23, "f" }, { 24, "ffo" }, { 25, "fF" }, { 29, "fis" },
	{ 32, "fc" }, { 33, "dpmi" }, { 34, "dpm" }, { 35, "dpa" }, { 36, "pdp" }, { 37, "dpdpa" },
	{ 43, "p" }, { 44, "fis" }, { 45, "p8" }, { 46, "f8" }, { 47, "fc88" }, { 48, "dpc" },
	{ 49, "p" }, { 50, "f" }, { 52, "fm" }, { 53, "dpm" }, { 54, "dpiia" }, { 55, "fii" },
	{ 56, "dpom" }, { 56, "dpom" }, { 56, "dpom" }, { 57, "f" }, { 59, "so" }, { 61, "fb" },
	{ 62, "fiisc" }, { 63, "fb" }, { 64, "fb" }, { 65, "fv" }, { 66, "fv" }, { 67, "fb8" },
	{ 68, "fb8" }, { 69, "fv8" }, { 70, "fv8" }, { 71, "ffsi" }, { 413, "csssts" },
	{ 414, "sctsi" }, { 78, "dpb" }, { 81, "" }, { 82, "f" }, { 83, "f" }, { 166, "m" },
	{ 223, "f88c" }, { 267, "f" }, { 276, "dpdpc" }, { 279, "pi" }, { 285, "fsfsic" },
	{ 286, "fv8c" }, { 287, "fv8c" }, { 291, "dpais" }, { 412, "dpsa" }, { 436, "iic" },
	{ 439, "dpca" }, { 452, "dpma" }, { 291, "dpa0s" }, { 40, "ppsis" }, { 39, "pc" },
};

static uint64_t state;
static uint32_t rnd(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33);
}
static uint32_t below(uint32_t n) { return rnd() % n; }

enum { AREA = 65536 };
static char area[AREA] __attribute__((aligned(16)));
static const char *const names[] = {
	"a", "b", "c", "d", "d/a", "d/b", "d/e", "d/e/f", ".", "..", "d/..", "", "link", "dlink",
	"dlink/a", "loop", "fifo", "a/", "d/", "a/b", "/", "/a", "/d", "nothing/x", "d//./e", "m",
	"m/a",
};

static uint32_t pointer(uint32_t len)
{
	static const uint32_t bad[] = { 0, 1, 8, 0xfff, 0x7fffffff, 0xfffffff0, 0xffffffff, 0x40000000 };

	if (below(16) == 0)
		return bad[below(8)];
	return (uint32_t)(uintptr_t)area + below(AREA - 4096 - len);
}

static uint32_t number(void)
{
	static const uint32_t some[] = { 0, 1, 2, 3, 4, 7, 8, 100, 255, 4095, 4096, 65535, 0x7fffffff,
					 0x80000000, 0xffffffff, 0xffffff9c, 0x100, 0x1000, 0x200, 0x400 };

	return below(4) ? some[below(20)] : rnd() << 1;
}

static uint32_t string(void)
{
	static unsigned next;
	char *at = area + AREA - 4096 + (next++ % 16) * 64;

	if (below(40) == 0)
		return pointer(0);
	strcpy(at, names[below(sizeof names / sizeof *names)]);
	return (uint32_t)(uintptr_t)at;
}

static uint32_t descriptor(void) { return below(20) ? below(40) : number(); }

static uint32_t vector(uint32_t count)
{
	uint32_t at = pointer(count * 8 + 8) & ~3u;

	if (at >= (uint32_t)(uintptr_t)area && at < (uint32_t)(uintptr_t)area + AREA - 4096)
		for (uint32_t i = 0; i < count; i++) {
			uint32_t v[2] = { pointer(5000), below(5000) };

			if (at + i * 8 + 8 <= (uint32_t)(uintptr_t)area + AREA - 4096)
				memcpy((char *)(uintptr_t)at + i * 8, v, 8);
		}
	return at;
}

/* A structure: numbers of a kind that some structure may be made of. */
static uint32_t structure(void)
{
	uint32_t at = pointer(512);

	if (at >= (uint32_t)(uintptr_t)area && at < (uint32_t)(uintptr_t)area + AREA - 4096)
		for (int i = 0; i < 16; i++) {
			uint32_t v = below(3) ? below(50) : number();

			memcpy((char *)(uintptr_t)at + 4 * i, &v, 4);
		}
	return at;
}

static uint32_t timeout(void)
{
	uint32_t at = pointer(16);
	long long ts[2] = { 0, below(2) ? 0 : below(2000000) };

	if (at >= (uint32_t)(uintptr_t)area && at < (uint32_t)(uintptr_t)area + AREA - 4096)
		memcpy((char *)(uintptr_t)at, ts, 16);
	return at;
}

static uint32_t open_flags(void)
{
	uint32_t flags = below(3);

	if (!below(4))
		return number();
	flags |= below(2) ? O_CREAT : 0;
	flags |= below(4) ? O_NONBLOCK : 0;
	flags |= below(4) ? 0 : O_TRUNC;
	flags |= below(4) ? 0 : O_APPEND;
	flags |= below(9) ? 0 : O_DIRECTORY;
	return flags | (below(9) ? 0 : O_PATH);
}

static void one_call(void)
{
	static const uint32_t commands[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 36, 37,
					     38, 1024, 1025, 1030, 1031, 1032, 1033, 1034 };
	uint32_t a[8] = { 0 }, n = 0;
	unsigned which = below(sizeof calls / sizeof *calls);

	for (const char *p = calls[which].args; *p && n < 6; p++)
		switch (*p) {
		case 'f': a[n++] = descriptor(); break;
		case 'd': a[n++] = below(3) ? (uint32_t)AT_FDCWD : descriptor(); break;
		case 'p': a[n++] = string(); break;
		case 'b': a[n + 1] = below(8) ? below(9000) : 0; a[n] = pointer(a[n + 1]); n += 2; break;
		case 's': a[n++] = structure(); break;
		case 'v': a[n + 1] = below(10); a[n] = vector(a[n + 1]); n += 2; break;
		case 'i': a[n++] = number(); break;
		case 'm': a[n++] = below(2) ? 0777 : number(); break;
		case 'o': a[n++] = open_flags(); break;
		case 'a': a[n++] = below(2) ? 0 : below(3) ? 1u << (8 + below(6)) : number(); break;
		case '8':
			a[n++] = below(3) ? below(200000) : number();
			a[n++] = below(6) ? 0 : number();
			break;
		case 'c': a[n++] = below(8); break;
		case 't': a[n++] = timeout(); break;
		case 'F':
			a[n++] = commands[below(sizeof commands / sizeof *commands)];
			a[n++] = below(3) ? structure() : number();
			break;
		default: a[n++] = 0; break;
		}
	syscall(calls[which].nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static volatile sig_atomic_t rings;
static void ring(int sig) { (void)sig; rings++; }

static int garbage(uint64_t seed, long count)
{
	struct sigaction sa = { .sa_handler = ring };
	struct itimerval it = { { 0, 1000 }, { 0, 1000 } };

	state = seed * 977 + 1;
	if (chroot(".") || chdir("/"))
		return 3;
	sigaction(SIGALRM, &sa, NULL);
	/* Whatever else may be sent by what is asked for. */
	for (int s = 1; s <= 31; s++)
		if (s != SIGALRM && s != SIGKILL && s != SIGSTOP && s != SIGSEGV && s != SIGBUS &&
		    s != SIGILL)
			signal(s, SIG_IGN);
	setitimer(ITIMER_REAL, &it, NULL);
	for (long i = 0; i < count; i++)
		one_call();
	_exit(0);
}

static pid_t start(const char *self, int seed, const char *count)
{
	char number_of[16];
	char *argv[] = { (char *)self, number_of, (char *)count, NULL };
	posix_spawn_file_actions_t fa;
	pid_t pid;
	int err;

	snprintf(number_of, sizeof number_of, "%d", seed);
	posix_spawn_file_actions_init(&fa);
	for (int fd = 0; fd < 3; fd++)	/* not ours: they would be written to */
		posix_spawn_file_actions_addopen(&fa, fd, "/dev/null", O_RDWR, 0);
	err = posix_spawn(&pid, self, &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	return err ? -1 : pid;
}

int main(int argc, char **argv)
{
	static char exe[PATH_MAX];
	const char *count = getenv("GARBAGE") ? getenv("GARBAGE") : "4000", *self = argv[0];
	struct sysinfo before, after;

	if (argc == 3)
		return garbage((uint64_t)atoll(argv[1]), atol(argv[2]));
	if (!tap_own_machine() || !tap_bad_pointers()) {
		printf("1..0 # SKIP not here: bad pointers, foreign files\n");
		return 0;
	}
	if (self[0] != '/' && readlink("/proc/self/exe", exe, sizeof exe - 1) > 0)
		self = exe;
	unsetenv("SCRATCH");		/* this one needs mounts of its own */
	tap_plan(0);
	scratch_enter();
	mkdir("t", 0777);
	/* Their root is a folder in it, for its own root they could unmount. */
	if (!scratch_mounted || mount("t", "t", "tmpfs", 0, "size=8m") || mkdir("t/root", 0777) ||
	    chdir("t/root"))
		tap_bail("no tmpfs to play in");
	sysinfo(&before);
	for (int round = 0; round < 5; round++) {
		pid_t pid[3];
		int ok = 1;

		/* What the last round left under these names may be anything. */
		mkdir("d", 0777), mkdir("d/e", 0777), mkdir("m", 0777);
		close(open("a", O_RDWR | O_CREAT | O_NONBLOCK, 0666));
		close(open("d/a", O_RDWR | O_CREAT | O_NONBLOCK, 0666));
		symlink("a", "link"), symlink("d", "dlink"), symlink("loop", "loop");
		mkfifo("fifo", 0666);
		for (int i = 0; i < 3; i++)
			pid[i] = start(self, round * 3 + i + 1, count);
		for (int i = 0; i < 3; i++) {
			int status = -1;

			ok &= pid[i] > 0 && waitpid(pid[i], &status, 0) == pid[i] && status == 0;
			if (status)
				tap_diag("process %d of round %d: status 0x%x", i, round, status);
		}
		tap_ok(ok, "round %d: three processes", round + 1);
	}
	/* What they mounted goes first; then the whole of it. */
	chdir(scratch_dir);
	tap_zero(umount2("t", MNT_DETACH), "the playground goes");
	rmdir("t");
	sysinfo(&after);
	long lost = (long)before.freeram - (long)after.freeram;
	if (lost > 65536) {
		FILE *f = fopen("/proc/mounts", "r");
		char line[256];

		while (f && fgets(line, sizeof line, f))
			tap_diag("still mounted: %.*s", (int)strcspn(line, "\n"), line);
		if (f)
			fclose(f);
	}
	tap_ok(lost <= 65536, "and gives all memory back (%ld bytes missing)", lost > 0 ? lost : 0);
	scratch_leave();
	return tap_done();
}
