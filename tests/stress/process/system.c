/* SPDX-License-Identifier: MIT
 * What a process asks the system: who it is, what it may, how much there is; the same by system calls and from /proc.
 */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include "../stress.h"

enum stress_status stress_get(struct worker *w)
{
	pid_t pid = getpid(), parent = getppid(), tid = stress_tid();
	struct utsname name, now;
	struct rusage usage;
	struct sysinfo info;
	struct rlimit limit;
	char dir[512];

	uname(&name);
	while (stress_go(w)) {
		if (getpid() != pid || getppid() != parent || stress_tid() != tid || getpgid(0) != getpgrp() || getsid(0) != getsid(pid))
			stress_fail(w, "an id has changed");
		if (getuid() != geteuid() || getgid() != getegid())
			stress_fail(w, "users: %d %d, groups: %d %d", getuid(), geteuid(), getgid(), getegid());
		if (uname(&now) || memcmp(&name, &now, sizeof now))
			stress_fail(w, "the system has another name");
		if (sysinfo(&info) || !info.totalram || info.freeram > info.totalram || !info.procs)
			stress_fail(w, "sysinfo: %lu of %lu are free", info.freeram, info.totalram);
		if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur > limit.rlim_max || !limit.rlim_cur)
			stress_fail(w, "getrlimit: %llu, %llu", (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
		if (getrusage(RUSAGE_SELF, &usage) || usage.ru_utime.tv_usec < 0 || usage.ru_utime.tv_usec >= 1000000)
			stress_fail(w, "getrusage: %s", strerror(errno));
		if (!getcwd(dir, sizeof dir) || dir[0] != '/')
			stress_fail(w, "getcwd: %s", strerror(errno));
		stress_bogo(w);
	}
	return STRESS_PASSED;
}

/* A file of /proc as text, or false if it cannot be had now. */
static bool text(struct worker *w, const char *path, char *to, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_CLOEXEC);
	ssize_t n;

	if (fd < 0) {
		if (!w->done)
			stress_errno(w, path);
		else if (!stress_short(w))
			stress_fail(w, "%s: %s", path, strerror(errno));
		return false;
	}
	n = stress_read(fd, to, size - 1);
	close(fd);
	if (n < 0) {
		if (!stress_short(w))
			stress_fail(w, "%s: %s", path, strerror(errno));
		return false;
	}
	to[n] = 0;
	return true;
}

/* The number behind a word that begins a line; -1: it is not there. */
static long long value(const char *in, const char *word)
{
	const char *at = in;
	size_t n = strlen(word);

	while (at && strncmp(at, word, n)) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return at ? strtoll(at + n, NULL, 10) : -1;
}

enum stress_status stress_procfs(struct worker *w)
{
	char *all = malloc(4096), path[64];
	double last = 0;

	if (!all)
		return stress_errno(w, "malloc");
	while (stress_go(w) && !w->why[0]) {
		if (text(w, "/proc/self/status", all, 4096) && (value(all, "Tgid:") != getpid() || value(all, "PPid:") != getppid() || value(all, "Threads:") < 2))
			stress_fail(w, "/proc/self/status is of another");
		snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)stress_tid());
		if (text(w, path, all, 4096) && (atoi(all) != stress_tid() || !strstr(all, "stress")))
			stress_fail(w, "%s is of another: %.30s", path, all);
		if (text(w, "/proc/meminfo", all, 4096) && (value(all, "MemTotal:") < 1 || value(all, "MemFree:") > value(all, "MemTotal:") ||
							      value(all, "MemFree:") < 0))
			stress_fail(w, "/proc/meminfo: %lld of %lld are free", value(all, "MemFree:"), value(all, "MemTotal:"));
		if (text(w, "/proc/uptime", all, 4096)) {
			if (atof(all) < last)
				stress_fail(w, "/proc/uptime went from %g to %.20s", last, all);
			last = atof(all);
		}
		stress_bogo(w);
	}
	free(all);
	return w->why[0] ? STRESS_NO_RESOURCE : STRESS_PASSED;
}
