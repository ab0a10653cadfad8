/* SPDX-License-Identifier: MIT
 * /dev/input/eventN: what is written to a device comes back from it, to each reader; requests, masks, grabs, overflow.
 * flat32: --deterministic --input tests/guest/helpers/devices.input
 * qemu: -global virtio-mmio.force-legacy=false -device virtio-keyboard-device -device virtio-mouse-device
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <time.h>
#include "tap.h"

#define BAD ((void *)16)	/* no memory */
struct event { uint32_t sec, usec; uint16_t type, code; int32_t value; };
static int key = -1, mouse = -1;

static int has(const unsigned char *bits, int n) { return bits[n / 8] >> (n % 8) & 1; }

static int open_event(int n, int flags)
{
	char path[32];

	snprintf(path, sizeof path, "/dev/input/event%d", n);
	return open(path, flags);
}

/* The keyboard and the mouse are told apart by what they can, as programs do it. */
static void find_devices(void)
{
	for (int i = 0; i < 8; i++) {
		unsigned char can[4] = { 0 }, keys[KEY_MAX / 8 + 1] = { 0 };
		int fd = open_event(i, O_RDWR | O_NONBLOCK);

		if (fd < 0)
			continue;
		ioctl(fd, EVIOCGBIT(0, sizeof can), can);
		ioctl(fd, EVIOCGBIT(EV_KEY, sizeof keys), keys);
		if (key < 0 && has(keys, KEY_A))
			key = i;
		if (mouse < 0 && has(can, EV_REL) && has(keys, BTN_LEFT))
			mouse = i;
		close(fd);
	}
}

static int put(int fd, int type, int code, int value)
{
	struct event e = { 0, 0, (uint16_t)type, (uint16_t)code, value };

	return (int)write(fd, &e, sizeof e);
}

static void put_key(int fd, int code, int value)
{
	put(fd, EV_KEY, code, value);
	put(fd, EV_SYN, SYN_REPORT, 0);
}

/* All that can be read, as "1:30=1 0:0=0 " */
static const char *take(int fd)
{
	static char text[4096];
	struct event e[64];
	size_t at = 0;
	ssize_t n;

	text[0] = 0;
	while ((n = read(fd, e, sizeof e)) > 0)
		for (ssize_t i = 0; i < n / (ssize_t)sizeof *e && at < sizeof text - 40; i++)
			at += (size_t)sprintf(text + at, "%d:%d=%d ", e[i].type, e[i].code, e[i].value);
	return text;
}

static void is_text(const char *got, const char *want, const char *what)
{
	if (!tap_ok(!strcmp(got, want), "%s", what))
		tap_diag("got '%s', want '%s'", got, want);
}

static void reading(void)
{
	int a = open_event(key, O_RDWR | O_NONBLOCK), b = open_event(key, O_RDONLY | O_NONBLOCK);
	struct event e[4];
	struct pollfd p = { a, POLLIN | POLLOUT, 0 };

	tap_errno(read(a, e, sizeof e), EAGAIN, "nothing yet");
	tap_errno(read(a, e, sizeof *e - 1), EINVAL, "less than an event");
	tap_errno(read(a, e, 0), EAGAIN, "nothing is asked for, and nothing there");
	poll(&p, 1, 0);
	tap_is(p.revents, POLLOUT, "poll: may be written");
	put(a, EV_KEY, KEY_A, 1);
	tap_errno(read(a, e, sizeof e), EAGAIN, "a packet that has not ended");
	put(a, EV_SYN, SYN_REPORT, 0);
	poll(&p, 1, 0);
	tap_is(p.revents, POLLIN | POLLOUT, "poll: may be read");
	tap_is(read(a, e, 0), 0, "nothing is asked for, and something there");
	tap_is(read(a, e, 2 * sizeof *e - 1), sizeof *e, "whole events only");
	tap_ok(e[0].type == EV_KEY && e[0].code == KEY_A && e[0].value == 1, "the key");
	tap_ok(e[0].sec || e[0].usec, "has a time");
	is_text(take(a), "0:0=0 ", "the rest of the packet");
	is_text(take(b), "1:30=1 0:0=0 ", "the other reader has all of it");
	put_key(a, KEY_A, 1);
	is_text(take(a), "", "a key that is down does not go down");
	put_key(a, KEY_A, 2);
	is_text(take(a), "1:30=2 0:0=0 ", "but repeats");
	put_key(a, KEY_A, 0);
	put(a, EV_KEY, KEY_MAX, 1);
	put(a, EV_REL, REL_X, 1);
	put(a, 31, 0, 1);
	put_key(a, 0x400, 1);
	is_text(take(a), "1:30=0 0:0=0 ", "up; what the device cannot do is no event");
	tap_errno(write(a, e, 15), EINVAL, "less than an event is not written");
	tap_is(write(a, e, 0), 0, "nothing is written");
	e[0] = (struct event){ 0, 0, EV_KEY, KEY_B, 1 };
	e[1] = (struct event){ 0, 0, EV_SYN, SYN_REPORT, 0 };
	e[2] = (struct event){ 0, 0, EV_KEY, KEY_B, 0 };
	e[3] = e[1];
	tap_is(write(a, e, sizeof e), sizeof e, "several events");
	tap_is(write(a, e, sizeof *e + 3), sizeof *e, "and a piece of one, which is left");
	put_key(a, KEY_B, 0);
	is_text(take(b), "1:30=2 0:0=0 1:30=0 0:0=0 1:48=1 0:0=0 1:48=0 0:0=0 1:48=1 1:48=0 0:0=0 ", "in order");
	tap_errno(write(b, e, sizeof e), EBADF, "open for reading only");
	tap_errno(lseek(a, 0, SEEK_SET), ESPIPE, "lseek");
	tap_errno(pread(a, e, sizeof e, 0), ESPIPE, "pread");
	close(a);
	close(b);
}

static void relative(void)
{
	int m = open_event(mouse, O_RDWR | O_NONBLOCK);

	put(m, EV_REL, REL_X, 5);
	put(m, EV_REL, REL_Y, -3);
	put(m, EV_REL, REL_X, 0);
	put(m, EV_SYN, SYN_REPORT, 0);
	is_text(take(m), "2:0=5 2:1=-3 0:0=0 ", "motion; none is no event");
	put(m, EV_SYN, SYN_REPORT, 0);
	is_text(take(m), "", "a packet of nothing");
	put_key(m, BTN_LEFT, 1);
	put_key(m, BTN_LEFT, 0);
	is_text(take(m), "1:272=1 0:0=0 1:272=0 0:0=0 ", "a click");
	close(m);
}

static void fixed_requests(void)
{
	int a = open_event(key, O_RDWR | O_NONBLOCK), m = open_event(mouse, O_RDWR | O_NONBLOCK);
	int version = 0, n;
	unsigned rep[2] = { 0 };
	struct input_id id;
	unsigned char bytes[64];

	tap_zero(ioctl(a, EVIOCGVERSION, &version), "EVIOCGVERSION");
	tap_is(version, 0x10001, "1.0.1");
	tap_efault(ioctl(a, EVIOCGVERSION, BAD), "into nowhere");
	tap_zero(ioctl(a, EVIOCGID, &id), "EVIOCGID");
	tap_efault(ioctl(a, EVIOCGID, BAD), "into nowhere");
	tap_zero(ioctl(a, EVIOCGREP, rep), "EVIOCGREP");
	tap_ok(rep[0] == 250 && rep[1] == 33, "250 ms, then every 33");
	tap_errno(ioctl(m, EVIOCGREP, rep), ENOSYS, "a mouse does not repeat");
	tap_errno(ioctl(m, EVIOCSREP, rep), ENOSYS, "and cannot be told to");
	tap_efault(ioctl(a, EVIOCGREP, BAD), "into nowhere");
	tap_efault(ioctl(a, EVIOCSREP, BAD), "from nowhere");
	rep[0] = 500;
	rep[1] = 40;
	tap_zero(ioctl(a, EVIOCSREP, rep), "EVIOCSREP");
	rep[0] = rep[1] = 0;
	ioctl(a, EVIOCGREP, rep);
	tap_ok(rep[0] == 500 && rep[1] == 40, "has changed");
	rep[0] = 250;
	rep[1] = 33;
	ioctl(a, EVIOCSREP, rep);
	put(a, EV_SYN, SYN_REPORT, 0);
	is_text(take(a), "20:0=500 20:1=40 20:0=250 20:1=33 0:0=0 ", "these are events, too");
	tap_efault(ioctl(a, EVIOCGKEYCODE, BAD), "EVIOCGKEYCODE from nowhere");
	memset(bytes, 0, sizeof bytes);
	tap_errno(ioctl(a, EVIOCGKEYCODE, bytes), EINVAL, "no table of scancodes");
	tap_errno(ioctl(a, EVIOCSKEYCODE, bytes), EINVAL, "nor can it be changed");
	tap_errno(ioctl(a, EVIOCGKEYCODE_V2, bytes), EINVAL, "neither by the new request");
	tap_errno(ioctl(a, EVIOCSKEYCODE_V2, bytes), EINVAL, "nor changed by it");
	tap_efault(ioctl(a, EVIOCSKEYCODE_V2, BAD), "from nowhere");
	tap_errno(ioctl(a, EVIOCRMFF, 0), ENOSYS, "no force to be erased");
	n = 9;
	tap_zero(ioctl(a, EVIOCGEFFECTS, &n), "EVIOCGEFFECTS");
	tap_is(n, 0, "there are none");
	tap_errno(ioctl(a, EVIOCSFF, bytes), ENOSYS, "EVIOCSFF");
	tap_efault(ioctl(a, EVIOCSFF, BAD), "from nowhere");
	tap_errno(ioctl(a, _IOW('E', 0x80, char[8]), bytes), EFAULT, "of another size");
	tap_errno(ioctl(a, _IOR('E', 0x7f, int), &n), EINVAL, "no such request");
	tap_errno(ioctl(a, TCGETS, &n), EINVAL, "nor of another kind of file");
	close(a);
	close(m);
}

static void bits(void)
{
	int a = open_event(key, O_RDWR | O_NONBLOCK), m = open_event(mouse, O_RDWR | O_NONBLOCK);
	unsigned char map[128];
	char text[64];
	int n;

	memset(map, 0x55, sizeof map);
	tap_is(ioctl(a, EVIOCGBIT(0, sizeof map), map), 4, "types: a word");
	tap_ok(has(map, EV_SYN) && has(map, EV_KEY) && has(map, EV_REP) && has(map, EV_LED) && map[4] == 0x55, "what a keyboard has");
	tap_is(ioctl(a, EVIOCGBIT(0, 2), map), 2, "of it two bytes");
	tap_is(ioctl(a, EVIOCGBIT(EV_KEY, sizeof map), map), 96, "keys: 24 words");
	tap_ok(has(map, KEY_A) && has(map, KEY_LEFTSHIFT) && has(map, KEY_F12) && !has(map, BTN_LEFT), "of a keyboard");
	tap_is(ioctl(m, EVIOCGBIT(EV_KEY, sizeof map), map), 96, "keys of a mouse");
	tap_ok(!has(map, KEY_A) && has(map, BTN_LEFT) && has(map, BTN_RIGHT) && has(map, BTN_MIDDLE), "are its buttons");
	tap_is(ioctl(m, EVIOCGBIT(EV_REL, sizeof map), map), 4, "relative axes");
	tap_ok(has(map, REL_X) && has(map, REL_Y) && has(map, REL_WHEEL), "of a mouse");
	tap_is(ioctl(m, EVIOCGBIT(EV_ABS, sizeof map), map), 8, "absolute axes");
	tap_is(ioctl(m, EVIOCGBIT(EV_MSC, sizeof map), map), 4, "other events");
	tap_is(ioctl(m, EVIOCGBIT(EV_SW, sizeof map), map), 4, "switches");
	tap_is(ioctl(m, EVIOCGBIT(EV_SND, sizeof map), map), 4, "sounds");
	tap_is(ioctl(m, EVIOCGBIT(EV_FF, sizeof map), map), 16, "forces");
	tap_errno(ioctl(a, EVIOCGBIT(EV_REP, sizeof map), map), EINVAL, "of repeating there are no bits");
	tap_efault(ioctl(a, EVIOCGBIT(EV_KEY, sizeof map), BAD), "into nowhere");
	tap_is(ioctl(a, EVIOCGPROP(sizeof map), map), 4, "EVIOCGPROP");
	tap_is(map[0] | map[1] | map[2] | map[3], 0, "there is nothing special");
	n = ioctl(a, EVIOCGNAME(sizeof text), text);
	tap_ok(n > 4 && n == (int)strlen(text) + 1, "EVIOCGNAME");
	tap_is(ioctl(a, EVIOCGNAME(3), text), 3, "of it three bytes");
	tap_efault(ioctl(a, EVIOCGNAME(sizeof text), BAD), "into nowhere");
	n = ioctl(a, EVIOCGPHYS(sizeof text), text);
	tap_ok(n == (int)strlen(text) + 1, "EVIOCGPHYS");
	put_key(a, KEY_C, 1);
	memset(map, 0, sizeof map);
	tap_is(ioctl(a, EVIOCGKEY(sizeof map), map), 96, "EVIOCGKEY");
	tap_ok(has(map, KEY_C) && !has(map, KEY_D), "the key that is down");
	is_text(take(a), "0:0=0 ", "and its event is no more to be read");
	put_key(a, KEY_C, 0);
	take(a);
	put_key(a, KEY_C, 1);
	if (tap_bad_pointers()) {
		tap_errno(ioctl(a, EVIOCGKEY(sizeof map), BAD), EFAULT, "EVIOCGKEY into nowhere");
		put_key(a, KEY_D, 1);
		is_text(take(a), "0:0=0 0:3=0 1:32=1 0:0=0 ", "the events are lost, and the reader is told");
	}
	put_key(a, KEY_C, 0);
	put_key(a, KEY_D, 0);
	take(a);
	tap_is(ioctl(a, EVIOCGLED(sizeof map), map), 4, "EVIOCGLED");
	tap_ok(!has(map, LED_CAPSL), "the light is off");
	put(a, EV_LED, LED_CAPSL, 1);
	put(a, EV_SYN, SYN_REPORT, 0);
	is_text(take(a), "17:1=1 0:0=0 ", "switched on");
	ioctl(a, EVIOCGLED(sizeof map), map);
	tap_ok(has(map, LED_CAPSL), "it is on");
	put(a, EV_LED, LED_CAPSL, 0);
	put(a, EV_SYN, SYN_REPORT, 0);
	take(a);
	tap_is(ioctl(a, EVIOCGSND(sizeof map), map), 4, "EVIOCGSND");
	tap_is(ioctl(a, EVIOCGSW(sizeof map), map), 4, "EVIOCGSW");
	close(a);
	close(m);
}

static void axes(void)
{
	int a = open_event(key, O_RDWR | O_NONBLOCK);
	struct input_absinfo abs = { 0 };
	int32_t slots[4] = { ABS_MT_POSITION_X };

	tap_errno(ioctl(a, EVIOCGABS(ABS_X), &abs), EINVAL, "a keyboard has no axes");
	tap_errno(ioctl(a, EVIOCSABS(ABS_X), &abs), EINVAL, "to be set");
	tap_errno(ioctl(a, EVIOCGMTSLOTS(sizeof slots), slots), EINVAL, "nor contacts");
	tap_efault(ioctl(a, EVIOCGMTSLOTS(sizeof slots), BAD), "from nowhere");
	close(a);
}

static void grabs(void)
{
	int a = open_event(key, O_RDWR | O_NONBLOCK), b = open_event(key, O_RDWR | O_NONBLOCK);

	tap_errno(ioctl(a, EVIOCGRAB, 0), EINVAL, "nothing to be given back");
	tap_zero(ioctl(a, EVIOCGRAB, 1), "EVIOCGRAB");
	tap_errno(ioctl(a, EVIOCGRAB, 1), EBUSY, "not twice");
	tap_errno(ioctl(b, EVIOCGRAB, 1), EBUSY, "nor by another");
	tap_errno(ioctl(b, EVIOCGRAB, 0), EINVAL, "who cannot end it either");
	put_key(a, KEY_A, 1);
	put_key(a, KEY_A, 0);
	is_text(take(b), "", "others hear nothing");
	is_text(take(a), "1:30=1 0:0=0 1:30=0 0:0=0 ", "than who has it");
	tap_zero(ioctl(a, EVIOCGRAB, 0), "given back");
	tap_zero(ioctl(b, EVIOCGRAB, 1), "another has it");
	close(b);
	tap_zero(ioctl(a, EVIOCGRAB, 1), "until it is closed");
	close(a);
}

static void revoked(void)
{
	int a = open_event(key, O_RDWR | O_NONBLOCK), b = open_event(key, O_RDWR | O_NONBLOCK), n = 1;
	struct pollfd p = { a, POLLIN | POLLOUT, 0 };
	struct event e = { 0, 0, EV_KEY, KEY_A, 1 };

	tap_errno(ioctl(a, EVIOCREVOKE, 1), EINVAL, "EVIOCREVOKE with an argument");
	ioctl(a, EVIOCGRAB, 1);
	tap_zero(ioctl(a, EVIOCREVOKE, 0), "EVIOCREVOKE");
	tap_errno(ioctl(a, EVIOCGVERSION, &n), ENODEV, "no requests any more");
	tap_errno(read(a, &e, sizeof e), ENODEV, "no events");
	tap_errno(write(a, &e, sizeof e), ENODEV, "to be written either");
	poll(&p, 1, 0);
	tap_is(p.revents, POLLHUP | POLLERR, "poll");
	put_key(b, KEY_A, 1);
	put_key(b, KEY_A, 0);
	is_text(take(b), "1:30=1 0:0=0 1:30=0 0:0=0 ", "others go on, and its grab is over");
	close(a);
	close(b);
}

static void masks(void)
{
	int a = open_event(mouse, O_RDWR | O_NONBLOCK);
	unsigned char map[100];
	struct input_mask mask = { EV_KEY, sizeof map, (uint32_t)map };

	memset(map, 0, sizeof map);
	tap_zero(ioctl(a, EVIOCGMASK, &mask), "EVIOCGMASK");
	tap_ok(map[0] == 0xff && map[95] == 0xff && !map[96] && !map[99], "all is wanted; what lies behind is cleared");
	mask.codes_size = 3;
	tap_errno(ioctl(a, EVIOCSMASK, &mask), EINVAL, "EVIOCSMASK: not in words");
	mask.codes_size = 96;
	mask.codes_ptr = 16;
	tap_efault(ioctl(a, EVIOCSMASK, &mask), "from nowhere");
	tap_efault(ioctl(a, EVIOCGMASK, &mask), "EVIOCGMASK into nowhere");
	tap_efault(ioctl(a, EVIOCGMASK, BAD), "all of it");
	tap_efault(ioctl(a, EVIOCSMASK, BAD), "either way");
	mask.codes_ptr = (uint32_t)map;
	memset(map, 0, sizeof map);
	map[BTN_LEFT / 8] = 1 << BTN_LEFT % 8;
	tap_zero(ioctl(a, EVIOCSMASK, &mask), "only one button");
	put_key(a, BTN_RIGHT, 1);
	put_key(a, BTN_RIGHT, 0);
	put(a, EV_KEY, BTN_LEFT, 1);
	put(a, EV_REL, REL_X, 2);
	put(a, EV_SYN, SYN_REPORT, 0);
	is_text(take(a), "1:272=1 2:0=2 0:0=0 ", "others are not told of, and other types are");
	memset(map, 0, sizeof map);
	ioctl(a, EVIOCGMASK, &mask);
	tap_ok(map[BTN_LEFT / 8] == 1 << BTN_LEFT % 8 && !map[BTN_LEFT / 8 + 1], "it can be asked for");
	mask = (struct input_mask){ EV_SYN, 4, (uint32_t)map };
	memset(map, 0, sizeof map);
	map[0] = 1 << EV_SYN | 1 << EV_KEY;
	tap_zero(ioctl(a, EVIOCSMASK, &mask), "of types keys only");
	put(a, EV_REL, REL_X, 2);
	put_key(a, BTN_LEFT, 0);
	is_text(take(a), "1:272=0 0:0=0 ", "no motion");
	mask.type = EV_REP;
	tap_zero(ioctl(a, EVIOCSMASK, &mask), "of a type without masks: ignored");
	memset(map, 0x55, sizeof map);
	tap_zero(ioctl(a, EVIOCGMASK, &mask), "and asked for");
	tap_ok(!map[0] && !map[3] && map[4] == 0x55, "empty");
	close(a);
}

static void clocks(void)
{
	int a = open_event(key, O_RDWR | O_NONBLOCK), id;
	struct event e[2];
	struct timespec now;

	put_key(a, KEY_A, 1);
	id = CLOCK_MONOTONIC;
	tap_zero(ioctl(a, EVIOCSCLOCKID, &id), "EVIOCSCLOCKID");
	put_key(a, KEY_A, 0);
	is_text(take(a), "0:3=0 1:30=0 0:0=0 ", "what was there had the wrong time");
	put_key(a, KEY_A, 1);
	clock_gettime(CLOCK_MONOTONIC, &now);
	read(a, e, sizeof e);
	tap_ok(e[0].sec == now.tv_sec || e[0].sec == now.tv_sec - 1, "monotonic time");
	id = CLOCK_BOOTTIME;
	tap_zero(ioctl(a, EVIOCSCLOCKID, &id), "of an empty queue");
	put_key(a, KEY_A, 0);
	is_text(take(a), "1:30=0 0:0=0 ", "nothing is lost");
	id = CLOCK_REALTIME;
	ioctl(a, EVIOCSCLOCKID, &id);
	put_key(a, KEY_A, 1);
	clock_gettime(CLOCK_REALTIME, &now);
	read(a, e, sizeof e);
	tap_ok(e[0].sec == now.tv_sec || e[0].sec == now.tv_sec - 1, "real time");
	put_key(a, KEY_A, 0);
	id = CLOCK_PROCESS_CPUTIME_ID;
	tap_errno(ioctl(a, EVIOCSCLOCKID, &id), EINVAL, "no such clock for it");
	tap_efault(ioctl(a, EVIOCSCLOCKID, BAD), "from nowhere");
	close(a);
}

static void overflow(void)
{
	int a = open_event(key, O_RDWR | O_NONBLOCK), b = open_event(key, O_RDONLY | O_NONBLOCK);
	char want[1024] = "";

	for (int i = 0; i < 15; i++) {
		put_key(a, KEY_A, 1);
		put_key(a, KEY_A, 0);
		strcat(want, "1:30=1 0:0=0 1:30=0 0:0=0 ");
	}
	is_text(take(b), want, "60 events fit");
	for (int i = 0; i < 15; i++) {
		put_key(a, KEY_A, 1);
		put_key(a, KEY_A, 0);
	}
	put_key(a, KEY_A, 1);
	put(a, EV_KEY, KEY_B, 1);
	put_key(a, KEY_C, 1);
	is_text(take(b), "0:3=0 1:46=1 0:0=0 ", "64 do not: what came last is left, behind SYN_DROPPED");
	put_key(a, KEY_A, 0);
	put_key(a, KEY_B, 0);
	put_key(a, KEY_C, 0);
	is_text(take(b), "1:30=0 0:0=0 1:48=0 0:0=0 1:46=0 0:0=0 ", "and it goes on");
	close(a);
	close(b);
}

static volatile int signals;
static void on_io(int sig) { signals += sig == SIGIO; }

static void waiting(void)
{
	int a = open_event(key, O_RDWR), b = open_event(key, O_RDONLY);
	struct pollfd p = { b, POLLIN, 0 };
	struct event e[2];
	struct iovec v[2] = { { e, sizeof *e }, { e + 1, sizeof *e } };

	signal(SIGIO, on_io);
	fcntl(b, F_SETOWN, getpid());
	tap_zero(fcntl(b, F_SETFL, O_ASYNC), "O_ASYNC");
	put(a, EV_KEY, KEY_A, 1);
	tap_is(signals, 0, "no signal for half a packet");
	put(a, EV_SYN, SYN_REPORT, 0);
	tap_is(signals, 1, "one for a whole");
	tap_is(poll(&p, 1, -1), 1, "poll comes back");
	tap_is(readv(b, v, 2), 2 * sizeof *e, "a read that need not wait");
	tap_ok(e[1].type == EV_SYN && e[1].code == SYN_REPORT, "in two pieces");
	/* The key is still down: it repeats by itself. */
	tap_is(read(b, e, sizeof e), 2 * sizeof *e, "a read that waits");
	tap_ok(e[0].type == EV_KEY && e[0].code == KEY_A && e[0].value == 2 && e[1].value == 1, "until the key repeats");
	tap_is(read(b, e, sizeof e), 2 * sizeof *e, "and again");
	put_key(a, KEY_A, 0);
	signal(SIGIO, SIG_IGN);
	close(a);
	close(b);
}

int main(void)
{
	find_devices();
	if (key < 0 || mouse < 0) {
		printf("1..0 # SKIP no input devices\n");
		return 0;
	}
	tap_plan(0);
	reading();
	relative();
	fixed_requests();
	bits();
	axes();
	grabs();
	revoked();
	masks();
	clocks();
	overflow();
	waiting();
	tap_errno(open("/dev/input/event31", O_RDONLY), ENOENT, "no such device");
	return tap_done();
}
