/* SPDX-License-Identifier: MIT
 * uname, sysinfo, getrandom, syslog, host name, and what is RISC-V's own.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <sys/klog.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include "tap.h"

static void test_names(void)
{
	struct utsname u, v;
	char old[65];

	tap_zero(uname(&u), "uname");
	tap_ok(!strcmp(u.sysname, "Linux"), "sysname is Linux");
	tap_ok(!strcmp(u.machine, "riscv32"), "machine is riscv32");
	tap_ok(!strncmp(u.release, "6.", 2), "release is a 6");
	tap_ok(u.nodename[0] && u.version[0], "there are a name and a version");
	tap_efault(syscall(SYS_uname, 16), "uname: bad pointer");
	if (!tap_own_machine() || geteuid()) {
		tap_skip(7, "not our name to set");
		return;
	}
	strcpy(old, u.nodename);
	tap_zero(sethostname("abc", 3), "sethostname");
	uname(&v);
	tap_ok(!strcmp(v.nodename, "abc"), "uname tells it");
	tap_errno(sethostname("abc", 65), EINVAL, "sethostname: too long");
	tap_errno(sethostname("abc", (size_t)-1), EINVAL, "sethostname: negative");
	tap_zero(sethostname(old, strlen(old)), "sethostname: back");
	tap_zero(setdomainname("d.e", 3), "setdomainname");
	uname(&v);
	tap_ok(!strcmp(v.domainname, "d.e"), "uname tells it, too");
}

static void test_sysinfo(void)
{
	struct sysinfo s;

	memset(&s, 0xee, sizeof s);
	tap_zero(sysinfo(&s), "sysinfo");
	tap_ok(s.mem_unit >= 1 && s.totalram * (uint64_t)s.mem_unit >= 4 << 20, "there is memory");
	tap_ok(s.freeram > 0 && s.freeram <= s.totalram, "some of it is free");
	tap_ok(s.procs >= 1 && s.procs < 10000, "there are tasks");
	tap_ok(s.uptime >= 0 && s.uptime < 100000000, "it has been up for a while");
}

static void test_random(void)
{
	unsigned char a[64] = { 0 }, b[64] = { 0 };
	int zeros = 0;

	tap_is(getrandom(a, sizeof a, 0), sizeof a, "getrandom");
	tap_is(getrandom(b, sizeof b, GRND_NONBLOCK | GRND_RANDOM), sizeof b, "getrandom: GRND_RANDOM");
	tap_ok(memcmp(a, b, sizeof a) != 0, "twice, not the same");
	for (unsigned i = 0; i < sizeof a; i++)
		zeros += !a[i];
	tap_ok(zeros < 10, "few zeros");
	tap_is(getrandom(a, 0, 0), 0, "getrandom: nothing");
	tap_errno(getrandom(a, 1, 8), EINVAL, "getrandom: unknown flag");
	tap_errno(getrandom(a, 1, GRND_RANDOM | 4), EINVAL, "getrandom: GRND_RANDOM and GRND_INSECURE");
	tap_is(getrandom(a, 1, 4), 1, "getrandom: GRND_INSECURE");
	tap_efault(getrandom((void *)16, 8, 0), "getrandom: bad pointer");
}

static void test_log(void)
{
	static char buf[8192];
	int n;

	if (!tap_own_machine()) {
		tap_skip(6, "not our log");
		return;
	}
	tap_ok(klogctl(10, NULL, 0) >= 4096, "syslog: the buffer's size");
	n = klogctl(3, buf, sizeof buf);
	tap_ok(n >= 0 && n <= (int)sizeof buf, "syslog: all of it");
	tap_ok(!n || (buf[0] == '<' && buf[n - 1] == '\n'), "lines with levels");
	tap_errno(klogctl(3, NULL, 10), EINVAL, "syslog: no buffer");
	tap_errno(klogctl(3, buf, -1), EINVAL, "syslog: negative size");
	tap_errno(klogctl(77, buf, 1), EINVAL, "syslog: no such action");
}

static void test_riscv(void)
{
	struct { int64_t key; uint64_t value; } pair[3] = { { 3, 0 }, { 4, 0 }, { 12345, 7 } };
	unsigned cpu = 9, node = 9;

	tap_zero(syscall(SYS_getcpu, &cpu, &node, NULL), "getcpu");
	tap_ok(cpu < 64 && node == 0, "a processor and a node");
	tap_zero(syscall(259, 0, 0, 0), "riscv_flush_icache");
	tap_zero(syscall(259, 0, 0, 1), "riscv_flush_icache: this thread only");
	tap_errno(syscall(259, 0, 0, 2), EINVAL, "riscv_flush_icache: unknown flag");
	if (!tap_own_machine()) {
		tap_skip(6, "an emulated kernel");
		return;
	}
	tap_zero(syscall(258, pair, 3, 0, NULL, 0), "riscv_hwprobe");
	tap_is((long long)pair[0].value, 1, "base behaviour: IMA");
	tap_is((long long)(pair[1].value & 3), 3, "F, D and C are there");
	tap_ok(pair[2].key == -1 && pair[2].value == 0, "an unknown key is said to be one");
	tap_errno(syscall(258, pair, 3, 0, NULL, 4), EINVAL, "riscv_hwprobe: unknown flag");
	tap_is(syscall(SYS_membarrier, 0, 0, 0), 0x3ff, "membarrier: what there is");
	tap_zero(syscall(SYS_membarrier, 1, 0, 0), "membarrier: global");
	tap_errno(syscall(SYS_membarrier, 1 << 20, 0, 0), EINVAL, "membarrier: no such command");
	tap_errno(syscall(SYS_membarrier, 3, 0, 0), EINVAL, "membarrier: two commands");
	tap_is(syscall(SYS_membarrier, 512, 0, 0), 0, "membarrier: nothing is registered");
	tap_errno(syscall(SYS_membarrier, 8, 0, 0), EPERM, "membarrier: private expedited, without registration");
	tap_zero(syscall(SYS_membarrier, 16, 0, 0), "membarrier: register");
	tap_zero(syscall(SYS_membarrier, 8, 0, 0), "membarrier: now it may be used");
	tap_is(syscall(SYS_membarrier, 512, 0, 0), 16, "membarrier: and is listed");
	tap_zero(syscall(SYS_membarrier, 2, 0, 0), "membarrier: global expedited");
	tap_zero(syscall(SYS_membarrier, 4, 0, 0), "membarrier: register for it");
	tap_zero(syscall(SYS_membarrier, 2, 0, 0), "membarrier: global expedited may be used");
	tap_errno(syscall(SYS_membarrier, 32, 0, 0), EPERM, "membarrier: sync core, without registration");
	tap_zero(syscall(SYS_membarrier, 64, 0, 0), "membarrier: register for sync core");
	tap_zero(syscall(SYS_membarrier, 32, 0, 0), "membarrier: sync core");
	tap_errno(syscall(SYS_membarrier, 128, 0, 0), EPERM, "membarrier: rseq, without registration");
	tap_zero(syscall(SYS_membarrier, 256, 0, 0), "membarrier: register for rseq");
	tap_zero(syscall(SYS_membarrier, 128, 1, 0), "membarrier: rseq on one processor");
	tap_errno(syscall(SYS_membarrier, 128, 2, 0), EINVAL, "membarrier: rseq, unknown flag");
	tap_is(syscall(SYS_membarrier, 512, 0, 0), 4 | 16 | 64 | 256, "membarrier: all are listed");
	tap_errno(syscall(SYS_membarrier, 0, 1, 0), EINVAL, "membarrier: unknown flag");
	tap_errno(syscall(500), ENOSYS, "a call that does not exist");
	tap_errno(syscall(100000), ENOSYS, "nor does this one");
}

int main(void)
{
	tap_plan(0);
	test_names();
	test_sysinfo();
	test_random();
	test_log();
	test_riscv();
	return tap_done();
}
