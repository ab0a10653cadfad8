/* SPDX-License-Identifier: MIT
 * /proc/PID: every file says what the process knows about itself by other ways.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "scratch.h"
#include "tap.h"

extern char **environ;
static char exe[PATH_MAX];	/* absolute: we change directory */
static char text[65536];

/* The file's whole text, in reads of `piece` bytes; "" and errno if there is none. */
static const char *slurp_by(const char *path, size_t piece)
{
	int fd = open(path, O_RDONLY), e;
	ssize_t n;
	size_t len = 0;

	text[0] = 0;
	if (fd < 0)
		return text;
	while ((n = read(fd, text + len, piece < sizeof text - 1 - len ? piece : sizeof text - 1 - len)) > 0)
		len += (size_t)n;
	e = n < 0 ? errno : 0;
	text[len] = 0;
	close(fd);
	errno = e;
	return text;
}

static const char *slurp(const char *path) { return slurp_by(path, sizeof text); }

static const char *of(pid_t pid, const char *name)
{
	static char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	return path;
}

/* Field n of PID/stat, counted as in proc(5): 3 is the state. */
static const char *stat_field(pid_t pid, int n)
{
	char *p = strrchr(slurp(of(pid, "stat")), ')');

	for (int i = 2; p && i < n; i++)
		p = strchr(p + 1, ' ');
	if (!p)
		return "";
	p++;
	p[strcspn(p, " \n")] = 0;
	return p;
}

static long long stat_number(pid_t pid, int n) { return atoll(stat_field(pid, n)); }

/* The rest of a "Name:\tvalue" line. */
static const char *status_of(pid_t pid, const char *name)
{
	static char value[256];
	const char *p = slurp(of(pid, "status"));
	size_t len = strlen(name);

	for (; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (!strncmp(p, name, len) && p[len] == ':') {
			snprintf(value, sizeof value, "%.*s", (int)strcspn(p + len + 2, "\n"), p + len + 2);
			return value;
		}
	return "";
}

static void is_text(const char *got, const char *want, const char *what)
{
	if (!tap_ok(!strcmp(got, want), "%s", what))
		tap_diag("got '%s', want '%s'", got, want);
}

static const char *link_of(const char *path)
{
	static char to[PATH_MAX];
	ssize_t n = readlink(path, to, sizeof to - 1);

	to[n < 0 ? 0 : n] = 0;
	return to;
}

static pid_t spawn(const char *role)
{
	char *argv[] = { exe, (char *)role, NULL };
	pid_t pid;

	return posix_spawn(&pid, exe, NULL, NULL, argv, environ) ? -1 : pid;
}

static void burn(long ms)
{
	struct timespec start, now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	do {
		for (volatile int i = 0; i < 10000; i++)	/* in user mode, most of it */
			;
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < ms);
}

static void names(char **argv)
{
	char want[32];

	snprintf(want, sizeof want, "%d", (int)getpid());
	is_text(link_of("/proc/self"), want, "self is our number");
	snprintf(want, sizeof want, "%d/task/%d", (int)getpid(), (int)getpid());
	is_text(link_of("/proc/thread-self"), want, "thread-self too");
	slurp("/proc/self/cmdline");
	tap_ok(!strcmp(text, argv[0]) && !strcmp(text + strlen(text) + 1, argv[1]), "cmdline is argv");
	is_text(link_of("/proc/self/exe"), exe, "exe is the program");
	prctl(PR_SET_NAME, "a (b) c\nd\\e");
	is_text(slurp("/proc/self/comm"), "a (b) c\nd\\e\n", "comm follows prctl");
	is_text(status_of(getpid(), "Name"), "a (b) c\\nd\\\\e", "status escapes it");
	is_text(stat_field(getpid(), 3), "R", "stat: the state behind the last parenthesis");
	int fd = open("/proc/self/comm", O_WRONLY);

	tap_is(write(fd, "0123456789abcdefghi\n", 20), 20, "comm can be written");
	close(fd);
	is_text(slurp("/proc/self/comm"), "0123456789abcde\n", "and is cut to 15");
	tap_ok(strstr(slurp("/proc/self/environ"), "PROC_TEST=") != NULL ||
	       memmem(text, sizeof text, "PROC_TEST=here", 14), "environ has what we were started with");
}

static void numbers(void)
{
	pid_t me = getpid();

	tap_is(stat_number(me, 4), getppid(), "stat: ppid");
	tap_is(stat_number(me, 5), getpgrp(), "stat: pgrp");
	tap_is(stat_number(me, 6), getsid(0), "stat: session");
	tap_is(stat_number(me, 20), 1, "stat: threads");
	setpriority(PRIO_PROCESS, 0, 5);
	tap_is(stat_number(me, 19), 5, "stat: nice");
	tap_is(stat_number(me, 18), 25, "stat: priority");
	tap_is(atoi(status_of(me, "Tgid")), me, "status: Tgid");
	tap_is(atoi(status_of(me, "PPid")), getppid(), "status: PPid");
	umask(027);
	is_text(status_of(me, "Umask"), "0027", "status: Umask");
	umask(022);
	tap_ok(atoll(status_of(me, "Mem")) >= 4096, "status: Mem");
	tap_ok(stat_number(me, 23) > 0, "stat: vsize");
	tap_ok(stat_number(me, 24) > 0, "stat: rss");
}

static void signals(void)
{
	struct sigaction ign = { .sa_handler = SIG_IGN }, old;
	sigset_t set, oldset;

	sigaction(SIGUSR2, &ign, &old);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &oldset);
	raise(SIGUSR1);
	tap_ok(strtoull(status_of(getpid(), "SigIgn"), NULL, 16) >> (SIGUSR2 - 1) & 1, "status: SigIgn");
	tap_ok(strtoull(status_of(getpid(), "SigBlk"), NULL, 16) >> (SIGUSR1 - 1) & 1, "status: SigBlk");
	tap_ok((strtoull(status_of(getpid(), "SigPnd"), NULL, 16) | strtoull(status_of(getpid(), "ShdPnd"), NULL, 16)) >>
	       (SIGUSR1 - 1) & 1, "status: pending");
	is_text(status_of(getpid(), "SigQ")[0] == '1' ? "1" : "?", "1", "status: SigQ counts it");
	sigaction(SIGUSR1, &ign, NULL);
	sigprocmask(SIG_SETMASK, &oldset, NULL);
	sigaction(SIGUSR1, &old, NULL);
	sigaction(SIGUSR2, &old, NULL);
}

static void *waits(void *arg)
{
	char c;

	prctl(PR_SET_NAME, "waiter");
	if (read(((int *)arg)[0], &c, 1) < 0)
		return NULL;
	return arg;
}

static int count(const char *dir)
{
	DIR *d = opendir(dir);
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n - 2;
}

static void threads(void)
{
	char path[64];
	pthread_t th;
	int p[2], tid = 0;
	struct dirent *e;
	DIR *d;

	if (pipe(p) || pthread_create(&th, NULL, waits, p))
		tap_bail("no thread");
	while (strcmp(status_of(getpid(), "Threads"), "2"))
		;
	tap_is(count("/proc/self/task"), 2, "task/ lists both threads");
	d = opendir("/proc/self/task");
	while ((e = readdir(d)))
		if (atoi(e->d_name) && atoi(e->d_name) != getpid())
			tid = atoi(e->d_name);
	closedir(d);
	snprintf(path, sizeof path, "/proc/self/task/%d/comm", tid);
	for (int i = 0; i < 1000 && strcmp(slurp(path), "waiter\n"); i++)
		sched_yield();
	is_text(slurp(path), "waiter\n", "its comm is its own");
	snprintf(path, sizeof path, "/proc/%d/status", tid);
	tap_ok(strstr(slurp(path), "Threads:\t2") != NULL, "/proc/TID works although it is not listed");
	if (write(p[1], "x", 1) != 1)
		tap_bail("pipe");
	pthread_join(th, NULL);
	for (int i = 0; i < 1000 && count("/proc/self/task") != 1; i++)
		sched_yield();
	tap_is(count("/proc/self/task"), 1, "gone when it has ended");
	snprintf(path, sizeof path, "/proc/self/task/%d/comm", tid);
	tap_errno(open(path, O_RDONLY), ENOENT, "and its files with it");
	close(p[0]);
	close(p[1]);
}

static void mappings(void)
{
	char want[64];
	void *a = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long stack = (unsigned long)&want, start, end;
	unsigned long aux[64], n;
	int in_stack = 0;

	snprintf(want, sizeof want, "%08lx-%08lx rw-p 00000000 00:00 0 \n", (unsigned long)a, (unsigned long)a + 12288);
	tap_ok(strstr(slurp("/proc/self/maps"), want) != NULL, "maps shows an anonymous mapping");
	munmap(a, 12288);
	tap_ok(strstr(slurp("/proc/self/maps"), want) == NULL, "and not when it is gone");
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (sscanf(line, "%lx-%lx", &start, &end) == 2 && strstr(line, "[stack]") && line + 49 == strstr(line, "[stack]"))
			in_stack = stack >= start && stack < end;
	tap_ok(in_stack, "[stack] is where our stack is, its name in column 50");
	n = (unsigned long)syscall(SYS_openat, AT_FDCWD, "/proc/self/auxv", O_RDONLY);
	ssize_t len = read((int)n, aux, sizeof aux);

	close((int)n);
	tap_ok(len > 16 && len % 8 == 0 && aux[len / 4 - 2] == 0, "auxv ends with AT_NULL");
	for (n = 0; n < (unsigned long)len / 4 && aux[n] != AT_ENTRY; n += 2)
		;
	tap_is((long long)aux[n + 1], (long long)getauxval(AT_ENTRY), "auxv: AT_ENTRY is the real one");
}

static void descriptors(void)
{
	struct stat a, b;
	char path[64], want[64];
	int fd, p[2], again;
	char c;

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	tap_ok(strstr(link_of(path), "/file") != NULL && link_of(path)[0] == '/', "fd/N is the path");
	if (write(fd, "hello", 5) != 5)
		tap_bail("write");
	unlink("file");
	tap_ok(strstr(link_of(path), "/file (deleted)") != NULL, "a removed file says so");
	again = open(path, O_RDONLY);
	tap_ok(again >= 0 && read(again, &c, 1) == 1 && c == 'h', "and can be opened again through it");
	tap_ok(!fstat(fd, &a) && !stat(path, &b) && a.st_ino == b.st_ino && a.st_dev == b.st_dev, "stat follows");
	tap_ok(!lstat(path, &b) && (b.st_mode & 07777) == 0700, "the link's mode is how it is open");
	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
	slurp(path);
	tap_ok(strstr(text, "pos:\t5\n") && strstr(text, "flags:\t0102002\n"), "fdinfo: position and flags");
	if (!strstr(text, "flags:\t0102002\n"))
		tap_diag("%s", text);
	close(again);
	close(fd);
	tap_errno(open(path, O_RDONLY), ENOENT, "fdinfo/N goes with the descriptor");
	if (pipe(p))
		tap_bail("pipe");
	fstat(p[0], &a);
	snprintf(path, sizeof path, "/proc/self/fd/%d", p[0]);
	snprintf(want, sizeof want, "pipe:[%llu]", (unsigned long long)a.st_ino);
	is_text(link_of(path), want, "a pipe has no path");
	again = open(path, O_RDONLY);
	tap_ok(again >= 0 && write(p[1], "z", 1) == 1 && read(again, &c, 1) == 1 && c == 'z',
	       "but can be opened again all the same");
	int before = count("/proc/self/fd");

	close(again);
	tap_is(count("/proc/self/fd"), before - 1, "fd/ lists what is open");
	close(p[0]);
	close(p[1]);
}

static void directories(void)
{
	char cwd[PATH_MAX];

	mkdir("deep", 0700);
	tap_zero(chdir("deep"), "a new working directory");
	is_text(link_of("/proc/self/cwd"), getcwd(cwd, sizeof cwd), "cwd follows");
	is_text(link_of("/proc/self/root"), "/", "root");
	if (chdir(".."))
		tap_bail("chdir");
	rmdir("deep");
}

static void reading(void)
{
	static char whole[65536];
	struct rlimit rl = { 77, 88 };
	int fd, status;
	char c;

	setrlimit(RLIMIT_CORE, &rl);
	tap_ok(strstr(slurp("/proc/self/limits"), "Max core file size        77                   88                   bytes") != NULL,
	       "limits");
	strcpy(whole, slurp("/proc/self/status"));
	/* Context switches may happen between the two. */
	char *end = strstr(whole, "voluntary");
	const char *by_one = slurp_by("/proc/self/status", 1);

	tap_ok(end && !strncmp(whole, by_one, (size_t)(end - whole)), "byte by byte is the same text");
	fd = open("/proc/self/comm", O_RDONLY);
	tap_is(read(fd, &c, 1), 1, "a first byte");
	prctl(PR_SET_NAME, "changed-name");
	lseek(fd, 0, SEEK_SET);
	tap_ok(read(fd, whole, 100) == 13 && !memcmp(whole, "changed-name\n", 13), "rewinding reads it anew");
	tap_is(pread(fd, whole, 3, 4), 3, "pread");
	tap_ok(!memcmp(whole, "ged", 3), "in the middle");
	tap_errno(lseek(fd, 0, SEEK_END), EINVAL, "there is no end to seek to");
	close(fd);

	pid_t pid = spawn("exit");

	fd = open(of(pid, "stat"), O_RDONLY);
	int dir = open(of(pid, ""), O_RDONLY | O_DIRECTORY);
	waitpid(pid, &status, 0);
	tap_errno(read(fd, whole, 10), ESRCH, "reading of one that is gone");
	tap_errno(openat(dir, "stat", O_RDONLY), ESRCH, "and opening below its directory");
	close(fd);
	close(dir);
	tap_errno(open(of(pid, "stat"), O_RDONLY), ENOENT, "and from the top");
}

static void memory_file(void)
{
	static char here[100] = "in memory";
	char there[100];
	int fd = open("/proc/self/mem", O_RDWR);

	tap_ok(fd >= 0, "mem opens");
	tap_is(pread(fd, there, 100, (uintptr_t)here), 100, "what is mapped can be read");
	tap_ok(!memcmp(there, here, 100), "and is right");
	tap_is(pwrite(fd, "by file", 7, (uintptr_t)here), 7, "and written");
	tap_ok(!memcmp(*(char (*volatile)[100])here, "by file", 7), "and is written");
	tap_errno(pread(fd, there, 100, 0xf0000000u), EIO, "where nothing is: EIO");
	tap_is(lseek(fd, (uintptr_t)here, SEEK_SET), (uintptr_t)here, "lseek");
	tap_is(read(fd, there, 10), 10, "and read");
	close(fd);
}

static void refusals(void)
{
	tap_errno(open("/proc/sys/kernel/ostype", O_WRONLY), EACCES, "read-only sysctls cannot be opened for writing");
	tap_errno(write(open("/proc/self/cmdline", O_WRONLY), "x", 1), EINVAL, "other files can, by root, but not written");
	tap_errno(write(open("/proc/uptime", O_WRONLY), "x", 1), EIO, "outside of PID/, too");
	tap_errno(open("/proc/new", O_WRONLY | O_CREAT, 0600), ENOENT, "nothing can be made in /proc");
	tap_ok(mkdir("/proc/new", 0700) == -1, "no directories either");
	tap_ok(unlink("/proc/self/comm") == -1, "nor removed");
	tap_ok(rename("/proc/self/comm", "/proc/self/name") == -1, "nor renamed");
	tap_errno(chmod("/proc/self/comm", 0777), EPERM, "modes stay");
	tap_errno(open("/proc/0123", O_RDONLY), ENOENT, "numbers have no leading zeros");
	tap_errno(open("/proc/99999999999", O_RDONLY), ENOENT, "nor too many digits");
	tap_errno(open("/proc/self/status/x", O_RDONLY), ENOTDIR, "files are no directories");
}

static void children(void)
{
	long long before = stat_number(getpid(), 16), own;
	int status;
	pid_t pid = spawn("stop");

	waitpid(pid, &status, WUNTRACED);
	is_text(stat_field(pid, 3), "T", "a stopped child is T");
	is_text(status_of(pid, "State"), "T (stopped)", "in words too");
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);

	pid = spawn("sleep");
	for (int i = 0; i < 2000 && strcmp(stat_field(pid, 3), "S"); i++)
		usleep(1000);
	is_text(stat_field(pid, 3), "S", "a sleeping one is S");
	tap_ok(strstr(slurp(of(pid, "cmdline")), "proc_pid") && !strcmp(text + strlen(text) + 1, "sleep"),
	       "its cmdline is its own");
	kill(pid, SIGKILL);
	siginfo_t si;

	waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT);
	is_text(stat_field(pid, 3), "Z", "a dead one Z");
	is_text(slurp(of(pid, "cmdline")), "", "with an empty cmdline");
	is_text(link_of(of(pid, "exe")), "", "and no exe");
	tap_is(stat_number(pid, 23), 0, "and no memory");
	tap_is(count(of(pid, "fd")), 0, "and no files");
	waitpid(pid, &status, 0);

	pid = spawn("burn");
	waitpid(pid, &status, 0);
	own = stat_number(getpid(), 16) - before;
	if (!tap_ok(own >= 10 && own < 200, "its CPU time is ours once it is reaped"))
		tap_diag("%lld ticks", own);
	own = stat_number(getpid(), 14);
	burn(150);
	tap_ok(stat_number(getpid(), 14) - own >= 14, "our own CPU time grows as we use it");
}

/* A listing while processes come and go has each of the others exactly once. */
static void listing(void)
{
	pid_t stay[5], pid;
	int seen[5] = { 0 }, status, self = 0;
	struct dirent *e;
	DIR *d;

	for (int i = 0; i < 5; i++)
		stay[i] = spawn("sleep");
	d = opendir("/proc");
	while ((e = readdir(d))) {
		int n = atoi(e->d_name);

		for (int i = 0; i < 5; i++)
			seen[i] += n == stay[i];
		self += n == getpid();
		if (n) {
			pid = spawn("exit");
			waitpid(pid, &status, 0);
		}
		if (n > 30000)
			break;
	}
	closedir(d);
	tap_ok(seen[0] == 1 && seen[1] == 1 && seen[2] == 1 && seen[3] == 1 && seen[4] == 1 && self == 1,
	       "each process is listed once");
	for (int i = 0; i < 5; i++) {
		kill(stay[i], SIGKILL);
		waitpid(stay[i], &status, 0);
	}
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "exit"))
		return 0;
	if (argc > 1 && !strcmp(argv[1], "stop"))
		return raise(SIGSTOP);
	if (argc > 1 && !strcmp(argv[1], "sleep"))
		return (int)sleep(60);
	if (argc > 1 && !strcmp(argv[1], "burn")) {
		burn(150);
		return 0;
	}
	if (argc == 1) {
		if (!tap_own_machine()) {
			tap_plan(1);
			tap_skip(1, "/proc is the host's");
			return tap_done();
		}
		/* Once more with an argument and a variable, by a path that stays right. */
		char *again[] = { argv[0], (char *)"with argument", NULL };

		setenv("PROC_TEST", "here", 1);
		setenv("PROC_TEST_EXE", link_of("/proc/self/exe"), 1);
		execve("/proc/self/exe", again, environ);
		return 2;
	}
	snprintf(exe, sizeof exe, "%s", getenv("PROC_TEST_EXE"));
	scratch_enter();
	tap_plan(0);
	names(argv);
	numbers();
	signals();
	threads();
	mappings();
	descriptors();
	directories();
	reading();
	refusals();
	memory_file();
	children();
	listing();
	scratch_leave();
	return tap_done();
}
