/* SPDX-License-Identifier: MIT
 * Who may do what with the kernel's log, and with reboot(2); vhangup(2); calls that no-MMU kernels do not have.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/klog.h>
#include <sys/syscall.h>
#include "tap.h"

#ifndef SYS_vhangup
#define SYS_vhangup 58
#endif

static int console_level(void)
{
	int fd = open("/proc/sys/kernel/printk", O_RDONLY), n;
	char text[40] = "";

	n = (int)read(fd, text, sizeof text - 1);
	close(fd);
	return n > 0 ? atoi(text) : -1;
}

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), r;

	if (fd < 0)
		return -1;
	r = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
	close(fd);
	return r;
}

static int get(const char *path)
{
	int fd = open(path, O_RDONLY), n;
	char text[40] = "";

	n = (int)read(fd, text, sizeof text - 1);
	close(fd);
	return n > 0 ? atoi(text) : -1;
}

static long reboot_with(unsigned one, unsigned two, unsigned cmd, const void *arg)
{
	return syscall(SYS_reboot, one, two, cmd, arg);
}

int main(void)
{
	char buf[4096];
	int was;

	if (!tap_own_machine()) {
		printf("1..0 # SKIP not a machine of our own\n");
		return 0;
	}
	tap_plan(0);
	was = console_level();
	tap_zero(klogctl(0, NULL, 0), "close");
	tap_zero(klogctl(1, NULL, 0), "open");
	tap_is(klogctl(3, buf, 0), 0, "no bytes of it");
	tap_zero(klogctl(8, NULL, 5), "console level 5");
	tap_is(console_level(), 5, "it is");
	tap_errno(klogctl(8, NULL, 0), EINVAL, "level 0");
	tap_errno(klogctl(8, NULL, 9), EINVAL, "level 9");
	tap_zero(klogctl(6, NULL, 0), "console off");
	tap_is(console_level(), 1, "level 1");
	tap_zero(klogctl(7, NULL, 0), "console on");
	tap_is(console_level(), 5, "as it was");
	klogctl(8, NULL, was);
	tap_zero(put("/dev/kmsg", "<5>one line for the log\n"), "a line for the log");
	tap_ok(klogctl(3, buf, sizeof buf) > 0 && memmem(buf, sizeof buf, "one line for the log", 20), "is in it");
	tap_ok(klogctl(4, buf, sizeof buf) > 0, "read and clear");
	tap_is(klogctl(3, buf, sizeof buf), 0, "nothing is left");
	tap_zero(klogctl(5, NULL, 0), "clear");
	seteuid(1000);
	tap_is(klogctl(3, buf, sizeof buf), 0, "a user may read all");
	tap_ok(klogctl(10, NULL, 0) > 0, "and ask for the size");
	tap_errno(klogctl(2, buf, sizeof buf), EPERM, "not read what is new");
	tap_errno(klogctl(4, buf, sizeof buf), EPERM, "nor clear");
	tap_errno(klogctl(8, NULL, 5), EPERM, "nor set a level");
	tap_errno(klogctl(9, NULL, 0), EPERM, "nor count");
	tap_errno(put("/dev/kmsg", "x"), EACCES, "nor write");
	seteuid(0);
	tap_zero(put("/proc/sys/kernel/dmesg_restrict", "1"), "dmesg_restrict");
	seteuid(1000);
	tap_errno(klogctl(3, buf, sizeof buf), EPERM, "a user may not even read");
	tap_errno(klogctl(10, NULL, 0), EPERM, "or ask for the size");
	tap_errno(open("/dev/kmsg", O_RDONLY), EPERM, "or open the device");
	seteuid(0);
	tap_ok(klogctl(10, NULL, 0) > 0, "root may");
	put("/proc/sys/kernel/dmesg_restrict", "0");

	tap_errno(reboot_with(1, 672274793, 0, NULL), EINVAL, "reboot: the first number");
	tap_errno(reboot_with(0xfee1dead, 1, 0, NULL), EINVAL, "the second");
	tap_errno(reboot_with(0xfee1dead, 672274793, 99, NULL), EINVAL, "no such command");
	tap_zero(reboot_with(0xfee1dead, 672274793, 0, NULL), "CAD off");
	tap_is(get("/proc/sys/kernel/ctrl-alt-del"), 0, "it is");
	tap_zero(reboot_with(0xfee1dead, 369367448, 0x89abcdef, NULL), "CAD on");
	tap_is(get("/proc/sys/kernel/ctrl-alt-del"), 1, "it is");
	seteuid(1000);
	tap_errno(reboot_with(0xfee1dead, 672274793, 0, NULL), EPERM, "not for users");
	tap_errno(syscall(SYS_vhangup), EPERM, "vhangup neither");
	seteuid(0);
	tap_zero(syscall(SYS_vhangup), "vhangup without a terminal");
	tap_errno(syscall(89, "x"), ENOSYS, "acct");
	tap_errno(syscall(60, 0, "x", 0, 0), ENOSYS, "quotactl");
	tap_errno(syscall(224, "x", 0), ENOSYS, "swapon");
	tap_errno(syscall(225, "x"), ENOSYS, "swapoff");
	tap_errno(syscall(105, 0, 0, 0), ENOSYS, "init_module");
	tap_errno(syscall(106, "x", 0), ENOSYS, "delete_module");
	return tap_done();
}
