/* SPDX-License-Identifier: MIT
 * /proc outside PID/: memory, time, mounts and parameters, compared with what system calls say.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <time.h>
#include "tap.h"

static char text[65536];

static const char *slurp(const char *path)
{
	int fd = open(path, O_RDONLY), e;
	ssize_t n = -1;
	size_t len = 0;

	while (fd >= 0 && (n = read(fd, text + len, sizeof text - 1 - len)) > 0)
		len += (size_t)n;
	e = n < 0 ? errno : 0;
	text[len] = 0;
	if (fd >= 0)
		close(fd);
	errno = e;
	return text;
}

static void is_text(const char *got, const char *want, const char *what)
{
	if (!tap_ok(!strcmp(got, want), "%s", what))
		tap_diag("got '%s', want '%s'", got, want);
}

static long long kb(const char *name)
{
	const char *p = strstr(slurp("/proc/meminfo"), name);

	return p ? atoll(p + strlen(name)) : -1;
}

/* Writes and says what came of it: 0 or errno. */
static int put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_TRUNC), e = 0;

	if (fd < 0)
		return errno;
	if (write(fd, value, strlen(value)) != (ssize_t)strlen(value))
		e = errno;
	close(fd);
	return e;
}

static void memory(void)
{
	struct sysinfo si;
	long long free_before, copy_before;
	void *a;

	sysinfo(&si);
	tap_is(kb("MemTotal:"), (long long)si.totalram * si.mem_unit / 1024, "MemTotal is sysinfo's");
	free_before = kb("MemFree:");
	copy_before = kb("MmapCopy:");
	tap_ok(free_before > 0 && free_before < kb("MemTotal:"), "MemFree is between nothing and all");
	a = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	tap_is(free_before - kb("MemFree:"), 1024, "a mapping of 1 MiB takes that from MemFree");
	tap_is(kb("MmapCopy:") - copy_before, 1024, "and adds it to MmapCopy");
	munmap(a, 1 << 20);
	tap_is(kb("MemFree:"), free_before, "and gives it back");

	/* Free blocks of all orders together are what is free. */
	long long pages = 0, n;
	int order = 0, len;
	char *p;

	slurp("/proc/buddyinfo");
	p = strstr(text, "Normal");
	for (p = p ? p + 6 : text; sscanf(p, "%lld%n", &n, &len) == 1; p += len)
		pages += n << order++;
	tap_ok(order >= 11, "buddyinfo has 11 orders or more");
	tap_is(pages * 4, kb("MemFree:"), "buddyinfo adds up to MemFree");
}

static void time_and_load(void)
{
	double up, idle;
	struct timespec ts;
	unsigned run, all, last;
	unsigned long long user, nice, sys, idle_ticks, btime;
	const char *p;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	tap_ok(sscanf(slurp("/proc/uptime"), "%lf %lf", &up, &idle) == 2 && up - (double)ts.tv_sec < 1.5 && idle <= up,
	       "uptime is the monotonic clock's");
	tap_ok(sscanf(slurp("/proc/loadavg"), "%*f %*f %*f %u/%u %u", &run, &all, &last) == 3 && run >= 1 && all >= run &&
	       last >= (unsigned)getpid(), "loadavg: running, all, last number");
	tap_ok(sscanf(slurp("/proc/stat"), "cpu  %llu %llu %llu %llu", &user, &nice, &sys, &idle_ticks) == 4, "stat: cpu");
	p = strstr(text, "btime ");
	btime = p ? strtoull(p + 6, NULL, 10) : 0;
	clock_gettime(CLOCK_REALTIME, &ts);
	tap_ok(llabs((long long)ts.tv_sec - (long long)btime - (long long)up) <= 2, "btime is now less uptime");
	tap_ok(strstr(text, "\nctxt ") && strstr(text, "\nprocesses ") && strstr(text, "\nprocs_running "),
	       "context switches, forks, running");
	double now;

	sscanf(slurp("/proc/uptime"), "%lf", &now);
	tap_ok((double)(user + nice + sys + idle_ticks) / 100 <= now + 0.02, "CPU times add up to no more than the time there was");
}

static void machine(void)
{
	struct utsname u;
	char want[512];

	uname(&u);
	slurp("/proc/version");
	snprintf(want, sizeof want, "Linux version %s ", u.release);
	tap_ok(!strncmp(text, want, strlen(want)) && strstr(text, u.version), "version is uname's");
	snprintf(want, sizeof want, "%s\n", u.release);
	is_text(slurp("/proc/sys/kernel/osrelease"), want, "so is osrelease");
	tap_ok(strstr(slurp("/proc/cpuinfo"), "\nmmu\t\t: none\n") && strstr(text, "isa\t\t: rv32ima"), "cpuinfo: rv32, no MMU");
	tap_ok(strstr(slurp("/proc/filesystems"), "nodev\ttmpfs\n") && strstr(text, "nodev\tproc\n"), "filesystems");
	tap_ok(strstr(slurp("/proc/devices"), "  1 mem\n") && strstr(text, "\nBlock devices:\n"), "devices");
	tap_ok(strstr(slurp("/proc/maps"), "-") != NULL, "maps lists regions");
}

static void mounts(void)
{
	char dir[] = "/tmp/proc system.XXXXXX", want[128];

	if (!mkdtemp(dir))
		tap_bail("no directory");
	tap_ok(strstr(slurp("/proc/mounts"), "proc /proc proc rw,relatime 0 0\n") != NULL, "mounts has proc");
	tap_zero(mount("a b", dir, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOATIME, NULL), "mounting one");
	snprintf(want, sizeof want, "a\\040b /tmp/proc\\040system.%s tmpfs rw,nosuid,nodev,noatime 0 0\n", strrchr(dir, '.') + 1);
	tap_ok(strstr(slurp("/proc/mounts"), want) != NULL, "it is there, blanks escaped, with its options");
	snprintf(want, sizeof want, " / /tmp/proc\\040system.%s rw,nosuid,nodev,noatime - tmpfs a\\040b rw\n", strrchr(dir, '.') + 1);
	tap_ok(strstr(slurp("/proc/self/mountinfo"), want) != NULL, "in mountinfo too");
	tap_zero(umount(dir), "unmounting it");
	tap_ok(strstr(slurp("/proc/mounts"), strrchr(dir, '.')) == NULL, "and it is gone");
	rmdir(dir);
}

static void parameters(void)
{
	char name[65], old[65];
	FILE *f;

	gethostname(old, sizeof old);
	tap_is(put("/proc/sys/kernel/hostname", "other\n"), 0, "hostname can be set");
	gethostname(name, sizeof name);
	is_text(name, "other", "and is what gethostname says");
	sethostname(old, strlen(old));

	tap_is(put("/proc/sys/vm/nr_trim_pages", "16\n"), 0, "nr_trim_pages can be set");
	is_text(slurp("/proc/sys/vm/nr_trim_pages"), "16\n", "and reads back");
	tap_is(put("/proc/sys/vm/nr_trim_pages", "-1"), EINVAL, "but not to -1");
	tap_is(put("/proc/sys/vm/nr_trim_pages", "much"), EINVAL, "nor to words");
	tap_is(put("/proc/sys/vm/nr_trim_pages", " 1 \n"), 0, "blanks do not matter");
	is_text(slurp("/proc/sys/vm/nr_trim_pages"), "1\n", "1 again");
	tap_is(put("/proc/sys/kernel/ostype", "Windows"), EACCES, "constants cannot be written");

	char one[40], two[40];

	snprintf(one, sizeof one, "%s", slurp("/proc/sys/kernel/random/uuid"));
	snprintf(two, sizeof two, "%s", slurp("/proc/sys/kernel/random/uuid"));
	tap_ok(strlen(one) == 37 && one[14] == '4' && strcmp(one, two), "uuid is a new one each time");
	snprintf(one, sizeof one, "%s", slurp("/proc/sys/kernel/random/boot_id"));
	is_text(slurp("/proc/sys/kernel/random/boot_id"), one, "boot_id stays");

	tap_is(put("/proc/self/oom_score_adj", "500"), 0, "oom_score_adj");
	is_text(slurp("/proc/self/oom_score_adj"), "500\n", "reads back");
	tap_is(put("/proc/self/oom_score_adj", "1001"), EINVAL, "up to 1000");
	f = fopen("/proc/self/oom_score", "r");
	int score = 0;

	tap_ok(f && fscanf(f, "%d", &score) == 1 && score > 900, "oom_score has it in it");
	fclose(f);
}

static void segments(void)
{
	char want[128];
	int id = shmget(0x1234, 10000, IPC_CREAT | 0640);

	if (id < 0)
		tap_bail("shmget: %s", strerror(errno));
	snprintf(want, sizeof want, "%10d %10d  %4o %10u %5d ", 0x1234, id, 0640, 10000, (int)getpid());
	tap_ok(strstr(slurp("/proc/sysvipc/shm"), want) != NULL, "sysvipc/shm lists a segment");
	shmctl(id, IPC_RMID, NULL);
	tap_ok(strstr(slurp("/proc/sysvipc/shm"), want) == NULL, "until it is removed");
}

/* Everything the table has can be opened and read to its end. */
static int walk(const char *dir, int depth)
{
	int bad = 0;
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d))) {
		char path[512];
		struct stat st;

		if (e->d_name[0] == '.' || (depth == 0 && atoi(e->d_name)))
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (lstat(path, &st) || (st.st_mode & S_IFMT) >> 12 != e->d_type || st.st_ino != e->d_ino) {
			tap_diag("%s: listed as type %d, inode %llu; found %o, %llu", path, e->d_type,
				 (unsigned long long)e->d_ino, st.st_mode, (unsigned long long)st.st_ino);
			bad++;
		} else if (S_ISDIR(st.st_mode)) {
			bad += walk(path, depth + 1);
		} else if (S_ISREG(st.st_mode) && st.st_mode & 0444 && strcmp(e->d_name, "kmsg") &&
			   strcmp(e->d_name, "mem") && strcmp(e->d_name, "stable_secret")) {	/* EIO until there is one */
			slurp(path);
			if (errno) {
				tap_diag("%s: %s", path, strerror(errno));
				bad++;
			}
		}
	}
	if (d)
		closedir(d);
	return bad + !d;
}

static void log(void)
{
	struct pollfd p = { .events = POLLIN };
	char line[2048];

	p.fd = open("/proc/kmsg", O_RDONLY | O_NONBLOCK);
	tap_ok(p.fd >= 0, "kmsg opens");
	while (read(p.fd, line, sizeof line) > 0)
		;
	tap_ok(errno == EAGAIN && poll(&p, 1, 0) == 0, "it has an end for the moment");
	int fd = open("/dev/kmsg", O_WRONLY);

	if (write(fd, "<5>proc test\n", 13) != 13)
		tap_diag("cannot write /dev/kmsg");
	close(fd);
	tap_is(poll(&p, 1, 1000), 1, "something new wakes its reader");
	ssize_t n = read(p.fd, line, sizeof line - 1);

	line[n < 0 ? 0 : n] = 0;
	tap_ok(strstr(line, "] proc test\n") != NULL && line[0] == '<', "and is there");
	close(p.fd);
}

int main(void)
{
	if (!tap_own_machine()) {
		tap_plan(1);
		tap_skip(1, "/proc is the host's");
		return tap_done();
	}
	tap_plan(0);
	memory();
	time_and_load();
	machine();
	mounts();
	parameters();
	segments();
	tap_is(walk("/proc", 0), 0, "all that is listed outside PID/ is there and can be read");
	tap_is(walk("/proc/self", 1), 0, "and all of self/");
	log();
	return tap_done();
}
