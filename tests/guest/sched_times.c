/* SPDX-License-Identifier: MIT
 * Who used how much of the processor: getrusage, times, /proc; and the limits of it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include "tap.h"

#define MS 1000000ll

static const char *self;

static long long cpu(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

static long long in_ns(struct timeval tv)
{
	return tv.tv_sec * 1000000000ll + tv.tv_usec * 1000ll;
}

static void burn(long ms)
{
	long long end = cpu(CLOCK_THREAD_CPUTIME_ID) + ms * MS;
	volatile int x = 0;

	while (cpu(CLOCK_THREAD_CPUTIME_ID) < end)
		for (int i = 0; i < 10000; i++)
			x += i;
}

/*
 * In the kernel, nearly all of it.  False where calls take no time, because the clock counts instructions
 * (--deterministic): 4 GB in 10 ms are no machine's.
 */
static bool burn_calls(long ms)
{
	long long start = cpu(CLOCK_THREAD_CPUTIME_ID), now = start;
	static char buffer[1 << 20];		/* with 4 MiB the program is larger than a block of the kernel's */
	int fd = open("/dev/zero", O_RDONLY);

	for (int calls = 0; now < start + ms * MS && (calls < 4000 || now > start + 10 * MS); calls++) {
		if (read(fd, buffer, sizeof buffer) != sizeof buffer)
			break;
		now = cpu(CLOCK_THREAD_CPUTIME_ID);
	}
	close(fd);
	return now >= start + ms * MS;
}

static struct rusage usage(int who)
{
	struct rusage ru;

	getrusage(who, &ru);
	return ru;
}

static void user_and_system(void)
{
	struct rusage a, b;
	long long user, system, all;
	struct tms t;
	long tick = sysconf(_SC_CLK_TCK);
	bool timed;

	a = usage(RUSAGE_SELF);
	burn(400);
	b = usage(RUSAGE_SELF);
	user = in_ns(b.ru_utime) - in_ns(a.ru_utime);
	system = in_ns(b.ru_stime) - in_ns(a.ru_stime);
	tap_diag("computing: %lld ms user, %lld ms system", user / MS, system / MS);
	tap_ok(user > 250 * MS && user > 3 * system, "computing is user time");
	a = usage(RUSAGE_SELF);
	timed = burn_calls(400);
	b = usage(RUSAGE_SELF);
	user = in_ns(b.ru_utime) - in_ns(a.ru_utime);
	system = in_ns(b.ru_stime) - in_ns(a.ru_stime);
	tap_diag("reading: %lld ms user, %lld ms system", user / MS, system / MS);
	if (timed)
		tap_ok(system > 250 * MS && system > 2 * user, "reading is system time");
	else
		tap_skip(1, "calls take no time here");
	b = usage(RUSAGE_SELF);
	all = cpu(CLOCK_PROCESS_CPUTIME_ID) - in_ns(b.ru_utime) - in_ns(b.ru_stime);
	tap_ok(all >= -10 * MS && all < 50 * MS, "their sum is the process's clock");
	times(&t);
	user = in_ns(b.ru_utime) * tick / 1000000000;
	system = in_ns(b.ru_stime) * tick / 1000000000;
	tap_ok(t.tms_utime >= user && t.tms_utime <= user + 5 && t.tms_stime >= system && t.tms_stime <= system + 5,
	       "times() says the same in ticks");
	a = usage(RUSAGE_SELF);
	usleep(300000);
	b = usage(RUSAGE_SELF);
	tap_ok(in_ns(b.ru_utime) + in_ns(b.ru_stime) - in_ns(a.ru_utime) - in_ns(a.ru_stime) < 50 * MS,
	       "sleeping is neither");
}

static void *burner(void *ms)
{
	burn((long)(intptr_t)ms);
	return NULL;
}

static long status_value(const char *name)
{
	char line[128];
	long v = -1;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, name, strlen(name)))
			v = atol(line + strlen(name) + 1);
	if (f)
		fclose(f);
	return v;
}

static void switches(void)
{
	struct rusage a = usage(RUSAGE_THREAD), b;
	pthread_t t;

	for (int i = 0; i < 20; i++)
		usleep(1000);
	b = usage(RUSAGE_THREAD);
	tap_ok(b.ru_nvcsw - a.ru_nvcsw >= 20 && b.ru_nvcsw - a.ru_nvcsw < 40, "20 sleeps are as many voluntary switches");
	a = usage(RUSAGE_THREAD);
	burn(100);
	b = usage(RUSAGE_THREAD);
	tap_ok(b.ru_nvcsw == a.ru_nvcsw, "computing is none");
	a = b;
	pthread_create(&t, NULL, burner, (void *)200);
	burn(200);
	b = usage(RUSAGE_THREAD);
	pthread_join(t, NULL);
	tap_ok(b.ru_nivcsw - a.ru_nivcsw >= 10, "beside another it is involuntary ones");
	b = usage(RUSAGE_THREAD);
	a.ru_nvcsw = status_value("voluntary_ctxt_switches:");
	a.ru_nivcsw = status_value("nonvoluntary_ctxt_switches:");
	tap_ok(a.ru_nvcsw >= b.ru_nvcsw && a.ru_nvcsw < b.ru_nvcsw + 10 && a.ru_nivcsw >= b.ru_nivcsw &&
	       a.ru_nivcsw < b.ru_nivcsw + 50, "/proc/self/status has both");
}

/* Runs this program anew with an argument; how it ends. */
static int child(const char *what)
{
	int status = -1;
	pid_t pid = vfork();

	if (!pid) {
		execl(self, self, what, (char *)NULL);
		_exit(99);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static void children(void)
{
	struct rusage a = usage(RUSAGE_CHILDREN), b;

	child("burn");
	b = usage(RUSAGE_CHILDREN);
	tap_ok(in_ns(b.ru_utime) - in_ns(a.ru_utime) > 200 * MS, "a child's time is counted when it has been waited for");
	tap_ok(b.ru_nvcsw + b.ru_nivcsw > a.ru_nvcsw + a.ru_nivcsw, "and its switches");
	signal(SIGCHLD, SIG_IGN);
	a = b;
	child("burn");
	b = usage(RUSAGE_CHILDREN);
	tap_ok(in_ns(b.ru_utime) == in_ns(a.ru_utime), "but not if nobody waits");
	signal(SIGCHLD, SIG_DFL);
}

/* user + nice + system, and idle, in ms. */
static void machine_times(long *busy, long *idle)
{
	unsigned long user = 0, nice_ = 0, system = 0, rest = 0;
	FILE *f = fopen("/proc/stat", "r");

	if (!f || fscanf(f, "cpu %lu %lu %lu %lu", &user, &nice_, &system, &rest) != 4)
		tap_diag("no /proc/stat");
	if (f)
		fclose(f);
	*busy = (long)(user + nice_ + system) * 10;
	*idle = (long)rest * 10;
}

static long uptime_idle(void)
{
	unsigned long s = 0, hundredths = 0;
	FILE *f = fopen("/proc/uptime", "r");

	if (!f || fscanf(f, "%*s %lu.%lu", &s, &hundredths) != 2)
		tap_diag("no /proc/uptime");
	if (f)
		fclose(f);
	return (long)(s * 100 + hundredths) * 10;
}

static void machine(void)
{
	long busy[3], idle[3], up[3];

	machine_times(&busy[0], &idle[0]);
	up[0] = uptime_idle();
	burn(400);
	machine_times(&busy[1], &idle[1]);
	up[1] = uptime_idle();
	usleep(400000);
	machine_times(&busy[2], &idle[2]);
	up[2] = uptime_idle();
	tap_diag("busy %ld and %ld ms, idle %ld and %ld, by uptime %ld and %ld", busy[1] - busy[0], busy[2] - busy[1],
		 idle[1] - idle[0], idle[2] - idle[1], up[1] - up[0], up[2] - up[1]);
	tap_ok(busy[1] - busy[0] >= 300 && idle[1] - idle[0] < 100, "while something computes /proc/stat says busy");
	tap_ok(busy[2] - busy[1] < 100 && idle[2] - idle[1] >= 300, "while all sleep it says idle");
	tap_ok(up[1] - up[0] < 100 && up[2] - up[1] >= 300, "and so does /proc/uptime");
}

/* --- Limits: in a process of their own --- */

static volatile int warned;
static volatile long long warned_at;

static void warn(int sig)
{
	(void)sig;
	if (!warned)
		warned_at = cpu(CLOCK_PROCESS_CPUTIME_ID);
	warned++;
}

static int limited(const char *what)
{
	struct rlimit cpu_limit = { 1, 2 }, rt_limit = { 200000, 600000 };
	struct sched_param p = { .sched_priority = 3 };

	if (!strcmp(what, "burn")) {
		burn(300);
		return 0;
	}
	if (!strncmp(what, "rt", 2)) {
		if (setrlimit(RLIMIT_RTTIME, &rt_limit) || syscall(SYS_sched_setscheduler, 0, 1, &p))
			return 98;
		/* Sleeping begins it anew. */
		for (int i = 0; i < 4; i++) {
			burn(100);
			usleep(1000);
		}
	} else if (setrlimit(RLIMIT_CPU, &cpu_limit)) {
		return 98;
	}
	if (strstr(what, "ignored"))
		signal(SIGXCPU, SIG_IGN);
	if (strstr(what, "caught")) {
		signal(SIGXCPU, warn);
		while (!warned)
			burn(10);
		getrlimit(RLIMIT_CPU, &cpu_limit);
		return warned_at > 900 * MS && warned_at < 1500 * MS && cpu_limit.rlim_cur == 2 ? 7 : 8;
	}
	burn(5000);
	return 0;
}

static void limits(void)
{
	int status = child("cpu");

	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU, "a second is used up: SIGXCPU (%#x)", status & 0x7f);
	status = child("cpu ignored");
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "ignored, until the hard limit: SIGKILL (%#x)", status);
	status = child("cpu caught");
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 7, "caught, and the limit is a second more (%#x)", status);
	status = child("rt");
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU, "real-time without sleeping: SIGXCPU (%#x)",
	       status & 0x7f);
	status = child("rt ignored");
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "ignored, until the hard limit: SIGKILL (%#x)", status);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return limited(argv[1]);
	self = argv[0];
	tap_plan(0);
	user_and_system();
	switches();
	children();
	machine();
	limits();
	return tap_done();
}
