/* SPDX-License-Identifier: MIT
 * What programs look for in /sys.
 * flat32: --ramdisk 1M
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include "tap.h"

#define S "/tmp/sys"

/* A file's text with its newlines as blanks, or a link's target. */
static const char *text_of(const char *path)
{
	static char text[600];
	char full[200];
	ssize_t n;
	int fd;

	snprintf(full, sizeof full, S "/%s", path);
	n = readlink(full, text, sizeof text - 1);
	if (n < 0) {
		fd = open(full, O_RDONLY);
		n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
		if (fd >= 0)
			close(fd);
	}
	if (n < 0)
		return strerror(errno);
	text[n] = 0;
	for (char *p = text; (p = strchr(p, '\n')); )
		*p = ' ';
	return text;
}

static void is(const char *path, const char *want)
{
	const char *got = text_of(path);

	if (!tap_ok(!strcmp(got, want), "%s: %s", path, want))
		tap_diag("got %s", got);
}

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC), r;

	if (fd < 0)
		return -1;
	r = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
	if (close(fd))
		return -1;
	return r;
}

int main(void)
{
	struct statfs sf;
	struct stat st;
	DIR *d;
	int n = 0;

	tap_plan(0);
	if (!tap_own_machine()) {
		printf("1..0 # SKIP not a machine of our own\n");
		return 0;
	}
	mkdir(S, 0755);
	tap_zero(mount("sys", S, "sysfs", 0, NULL), "sysfs can be mounted");
	tap_ok(!statfs(S, &sf) && sf.f_type == 0x62656572, "its type");
	tap_ok(!stat(S, &st) && st.st_mode == (S_IFDIR | 0555), "its root");
	for (d = opendir(S "/devices/system/cpu"); d && readdir(d); )
		n++;
	closedir(d);
	tap_ok(n > 5, "folders can be listed");
	is("devices/system/cpu/online", "0 ");
	is("devices/system/cpu/possible", "0 ");
	is("devices/system/cpu/present", "0 ");
	is("devices/system/cpu/offline", " ");
	is("devices/system/cpu/kernel_max", "0 ");
	is("devices/system/cpu/cpu0/topology/core_id", "0 ");
	is("devices/system/cpu/vulnerabilities/spectre_v2", "Not affected ");
	is("bus/cpu/devices/cpu0", "../../../devices/system/cpu/cpu0");
	is("class/mem/null", "../../devices/virtual/mem/null");
	is("class/mem/null/dev", "1:3 ");
	is("class/mem/null/uevent", "MAJOR=1 MINOR=3 DEVNAME=null DEVMODE=0666 ");
	is("class/mem/null/subsystem", "../../../../class/mem");
	is("class/mem/mem/uevent", "MAJOR=1 MINOR=1 DEVNAME=mem ");
	is("class/mem/kmsg/uevent", "MAJOR=1 MINOR=11 DEVNAME=kmsg DEVMODE=0644 ");
	is("class/tty/tty/uevent", "MAJOR=5 MINOR=0 DEVNAME=tty DEVMODE=0666 ");
	is("class/tty/ptmx/uevent", "MAJOR=5 MINOR=2 DEVNAME=ptmx DEVMODE=0666 ");
	is("dev/char/1:5", "../../devices/virtual/mem/zero");
	is("dev/block/1:0", "../../devices/virtual/block/ram0");
	is("block/ram0", "../devices/virtual/block/ram0");
	is("class/block/ram0/size", "2048 ");
	is("class/block/ram0/ro", "0 ");
	is("class/block/ram0/removable", "0 ");
	is("class/block/ram0/uevent", "MAJOR=1 MINOR=0 DEVNAME=ram0 DEVTYPE=disk DISKSEQ=1 ");
	is("class/block/ram0/queue/logical_block_size", "512 ");
	is("class/block/ram0/queue/physical_block_size", "4096 ");
	is("class/block/ram0/queue/rotational", "0 ");
	is("class/block/ram0/inflight", "       0        0 ");
	is("kernel/cpu_byteorder", "little ");
	is("kernel/address_bits", "32 ");
	is("class/net/lo", "../../devices/virtual/net/lo");
	is("class/net/lo/address", "00:00:00:00:00:00 ");
	is("class/net/lo/mtu", "65536 ");
	is("class/net/lo/type", "772 ");
	is("class/net/lo/ifindex", "1 ");
	is("class/net/lo/uevent", "INTERFACE=lo IFINDEX=1 ");
	is("class/net/lo/statistics/rx_errors", "0 ");
	is("firmware/devicetree/base/memory@80000000/device_type", "memory");
	is("firmware/devicetree/base/memory@80000000/name", "memory");
	is("firmware/devicetree/base/cpus/cpu@0/compatible", "riscv");
	tap_ok(!stat(S "/firmware/devicetree/base/name", &st) && st.st_size == 1, "the root's name is empty");
	tap_ok(!stat(S "/firmware/devicetree/base/cpus/cpu@0/reg", &st) && st.st_mode == (S_IFREG | 0444) && st.st_size == 4, "a cell");
	tap_ok(!stat(S "/firmware/fdt", &st) && st.st_mode == (S_IFREG | 0400) && st.st_size > 500, "the tree as a blob");
	is("../../proc/device-tree", "/sys/firmware/devicetree/base");
	is("none", "No such file or directory");
	tap_ok(!stat(S "/class/mem/null/dev", &st) && st.st_mode == (S_IFREG | 0444) && st.st_size == 4096, "a file");
	tap_ok(!stat(S "/class/mem/null/uevent", &st) && st.st_mode == (S_IFREG | 0644), "one that can be written");
	tap_zero(put(S "/class/mem/null/uevent", "add\n"), "with an action");
	tap_errno(put(S "/class/mem/null/uevent", "rubbish\n"), EINVAL, "not with anything else");
	tap_errno(mkdir(S "/class/new", 0755), EPERM, "no folders");
	tap_errno(open(S "/class/new", O_CREAT | O_WRONLY, 0644), EACCES, "no files");
	tap_errno(unlink(S "/class/mem/null/dev"), EPERM, "nothing can be removed");
	tap_zero(umount(S), "unmounted");
	rmdir(S);
	return tap_done();
}
