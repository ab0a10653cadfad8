/* SPDX-License-Identifier: MIT
 * /dev/watchdog: kept alive, stopped, asked. What it does to who lets it starve is in cli/rtc_watchdog.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/watchdog.h>
#include <sys/ioctl.h>
#include "tap.h"

int main(void)
{
	struct watchdog_info info;
	int fd, v;
	char c;

	tap_plan(0);
	fd = tap_own_machine() ? open("/dev/watchdog", O_RDWR) : -1;
	if (fd < 0) {
		printf("1..0 # SKIP no watchdog that is ours\n");
		return 0;
	}
	tap_errno(open("/dev/watchdog0", O_WRONLY), EBUSY, "one at a time, by whichever name");
	tap_zero(ioctl(fd, WDIOC_GETSUPPORT, &info), "WDIOC_GETSUPPORT");
	tap_is(info.options, WDIOF_SETTIMEOUT | WDIOF_MAGICCLOSE | WDIOF_KEEPALIVEPING, "what it can do");
	tap_ok(memchr(info.identity, 0, sizeof info.identity) && info.identity[0], "its name");
	tap_ok(!ioctl(fd, WDIOC_GETSTATUS, &v) && v == WDIOF_KEEPALIVEPING, "opening it has started it");
	tap_ok(!ioctl(fd, WDIOC_GETSTATUS, &v) && v == 0, "which is told once");
	tap_ok(!ioctl(fd, WDIOC_GETBOOTSTATUS, &v) && v == 0, "it has not reset the machine before");
	tap_ok(!ioctl(fd, WDIOC_GETTIMEOUT, &v) && v == 60, "a minute is the default");
	v = 30;
	tap_zero(ioctl(fd, WDIOC_SETTIMEOUT, &v), "WDIOC_SETTIMEOUT");
	tap_ok(!ioctl(fd, WDIOC_GETTIMEOUT, &v) && v == 30, "half a minute");
	tap_ok(!ioctl(fd, WDIOC_GETTIMELEFT, &v) && v >= 28 && v <= 30, "of which all is left");
	v = 0;
	tap_errno(ioctl(fd, WDIOC_SETTIMEOUT, &v), EINVAL, "no time at all");
	v = 65536;
	tap_errno(ioctl(fd, WDIOC_SETTIMEOUT, &v), EINVAL, "too much");
	tap_errno(ioctl(fd, WDIOC_SETPRETIMEOUT, &v), EOPNOTSUPP, "it does not warn before");
	tap_zero(ioctl(fd, WDIOC_KEEPALIVE, 0), "WDIOC_KEEPALIVE");
	tap_is(write(fd, "some", 4), 4, "anything that is written will do");
	tap_ok(!ioctl(fd, WDIOC_GETSTATUS, &v) && v == WDIOF_KEEPALIVEPING, "and is seen");
	tap_is(write(fd, "", 0), 0, "nothing is nothing");
	tap_is(write(fd, "aVb", 3), 3, "a V among it");
	tap_ok(!ioctl(fd, WDIOC_GETSTATUS, &v) && v == (WDIOF_KEEPALIVEPING | WDIOF_MAGICCLOSE), "lets it be closed");
	write(fd, "x", 1);
	tap_ok(!ioctl(fd, WDIOC_GETSTATUS, &v) && v == WDIOF_KEEPALIVEPING, "unless something else follows");
	v = WDIOS_DISABLECARD;
	tap_zero(ioctl(fd, WDIOC_SETOPTIONS, &v), "stopped");
	tap_ok(!ioctl(fd, WDIOC_KEEPALIVE, 0) && !ioctl(fd, WDIOC_GETSTATUS, &v) && v == 0, "there is nothing to keep alive");
	v = WDIOS_ENABLECARD;
	tap_zero(ioctl(fd, WDIOC_SETOPTIONS, &v), "and started");
	tap_errno(read(fd, &c, 1), EINVAL, "read");
	tap_errno(lseek(fd, 0, SEEK_SET), ESPIPE, "lseek");
	tap_errno(ioctl(fd, 0x5799, &v), ENOTTY, "an ioctl that nobody knows");
	tap_efault(ioctl(fd, WDIOC_GETSUPPORT, 8), "WDIOC_GETSUPPORT to nowhere");
	tap_efault(ioctl(fd, WDIOC_SETTIMEOUT, 8), "WDIOC_SETTIMEOUT from nowhere");
	write(fd, "V", 1);
	close(fd);
	fd = open("/dev/watchdog0", O_WRONLY);
	tap_ok(fd >= 0, "closed, it can be opened again");
	write(fd, "V", 1);
	close(fd);
	return tap_done();
}
