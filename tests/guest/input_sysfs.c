/* SPDX-License-Identifier: MIT
 * Input devices in /proc/bus/input and in /sys/class/input: the same as their own requests say.
 * flat32: --deterministic --input tests/guest/helpers/devices.input
 * qemu: -global virtio-mmio.force-legacy=false -device virtio-keyboard-device -device virtio-mouse-device
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/input.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "tap.h"

#define S "/tmp/sys_input"
static char devices[8192];
static int key = -1;

static const char *text_of(const char *path)
{
	static char text[1024];
	char full[160];
	int fd;
	ssize_t n;

	snprintf(full, sizeof full, S "/%s", path);
	fd = open(full, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	close(fd);
	if (n < 0)
		return strerror(errno);
	text[n] = 0;
	return text;
}

static void is(const char *path, const char *want)
{
	const char *got = text_of(path);

	if (!tap_ok(!strcmp(got, want), "%s", path))
		tap_diag("got '%s', want '%s'", got, want);
}

/* As /proc and /sys print a bitmap. */
static const char *bits(int fd, unsigned request, unsigned words)
{
	static char text[300];
	uint32_t map[24] = { 0 };
	size_t n = 0;

	text[0] = 0;
	ioctl(fd, request, map);
	for (unsigned i = words; i-- > 0;)
		if (n || map[i])
			n += (size_t)sprintf(text + n, "%s%x", n ? " " : "", map[i]);
	if (!n)
		strcpy(text, "0");
	return text;
}

static void of_keyboard(int fd)
{
	static const struct { const char *name; unsigned type, words; } kinds[] = {
		{ "ev", 0, 1 }, { "key", EV_KEY, 24 }, { "rel", EV_REL, 1 }, { "abs", EV_ABS, 2 }, { "msc", EV_MSC, 1 },
		{ "led", EV_LED, 1 }, { "snd", EV_SND, 1 }, { "ff", EV_FF, 4 }, { "sw", EV_SW, 1 },
	};
	char path[80], want[400], name[80];
	struct input_id id;
	const char *got;

	ioctl(fd, EVIOCGNAME(sizeof name), name);
	snprintf(want, sizeof want, "N: Name=\"%s\"\n", name);
	tap_ok(strstr(devices, want) != NULL, "/proc/bus/input/devices has its name");
	snprintf(want, sizeof want, "B: KEY=%s\n", bits(fd, EVIOCGBIT(EV_KEY, 96), 24));
	tap_ok(strstr(devices, want) != NULL, "and its keys");
	snprintf(path, sizeof path, "class/input/event%d/device/name", key);
	strcat(name, "\n");
	got = text_of(path);
	tap_ok(!strcmp(got, name), "sysfs has its name");
	ioctl(fd, EVIOCGID, &id);
	snprintf(path, sizeof path, "class/input/event%d/device/id/bustype", key);
	snprintf(want, sizeof want, "%04x\n", id.bustype);
	tap_ok(!strcmp(text_of(path), want), "its bus");
	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		snprintf(path, sizeof path, "class/input/event%d/device/capabilities/%s", key, kinds[i].name);
		snprintf(want, sizeof want, "%s\n", bits(fd, EVIOCGBIT(kinds[i].type, 96), kinds[i].words));
		tap_ok(!strcmp(text_of(path), want), "capabilities/%s", kinds[i].name);
	}
	snprintf(path, sizeof path, "class/input/event%d/device/uevent", key);
	snprintf(want, sizeof want, "PRODUCT=%x/%x/%x/%x\n", id.bustype, id.vendor, id.product, id.version);
	got = text_of(path);
	tap_ok(!strncmp(got, want, strlen(want)), "uevent begins with its number");
	tap_ok(strstr(got, "\nMODALIAS=input:b") != NULL, "and has the name its driver goes by");
	snprintf(path, sizeof path, "class/input/event%d/uevent", key);
	snprintf(want, sizeof want, "MAJOR=13\nMINOR=%d\nDEVNAME=input/event%d\n", 64 + key, key);
	tap_ok(!strcmp(text_of(path), want), "the file's uevent");
	snprintf(path, sizeof path, "class/input/event%d/dev", key);
	snprintf(want, sizeof want, "13:%d\n", 64 + key);
	tap_ok(!strcmp(text_of(path), want), "and number");
}

int main(void)
{
	unsigned char keys[96] = { 0 };
	int fd = -1, list;

	for (int i = 0; i < 8 && key < 0; i++) {
		char path[32];

		snprintf(path, sizeof path, "/dev/input/event%d", i);
		fd = open(path, O_RDONLY);
		if (fd >= 0 && ioctl(fd, EVIOCGBIT(EV_KEY, sizeof keys), keys) > 0 && (keys[KEY_A / 8] >> KEY_A % 8 & 1))
			key = i;
	}
	if (key < 0) {
		printf("1..0 # SKIP no keyboard\n");
		return 0;
	}
	tap_plan(0);
	list = open("/proc/bus/input/devices", O_RDONLY);
	tap_ok(list >= 0 && read(list, devices, sizeof devices - 1) > 0, "/proc/bus/input/devices");
	close(list);
	mkdir(S, 0755);
	if (mount("sysfs", S, "sysfs", 0, NULL)) {
		tap_skip(1, "no sysfs");
		return tap_done();
	}
	of_keyboard(fd);
	is("class/input/mice/uevent", "MAJOR=13\nMINOR=63\nDEVNAME=input/mice\n");
	is("class/input/mice/dev", "13:63\n");
	umount(S);
	rmdir(S);
	return tap_done();
}
