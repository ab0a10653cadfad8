/* SPDX-License-Identifier: MIT
 * /dev/input/mouse0 and mice: PS/2's protocol, plain, of an IntelliMouse, of an Explorer.
 * flat32: --deterministic --input tests/guest/helpers/devices.input
 * qemu: -global virtio-mmio.force-legacy=false -device virtio-keyboard-device -device virtio-mouse-device
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include "tap.h"

struct event { uint32_t sec, usec; uint16_t type, code; int32_t value; };
static int source = -1, mice;

static void find_mouse(void)
{
	for (int i = 0; i < 8 && source < 0; i++) {
		unsigned char keys[KEY_MAX / 8 + 1] = { 0 };
		char path[32];

		snprintf(path, sizeof path, "/dev/input/event%d", i);
		source = open(path, O_RDWR | O_NONBLOCK);
		ioctl(source, EVIOCGBIT(EV_KEY, sizeof keys), keys);
		if (source >= 0 && !(keys[BTN_LEFT / 8] >> BTN_LEFT % 8 & 1)) {
			close(source);
			source = -1;
		}
	}
	mice = open("/dev/input/mice", O_RDWR | O_NONBLOCK);
}

static void put(int type, int code, int value)
{
	struct event e = { 0, 0, (uint16_t)type, (uint16_t)code, value };

	write(source, &e, sizeof e);
}

static void move(int dx, int dy)
{
	put(EV_REL, REL_X, dx);
	put(EV_REL, REL_Y, dy);
	put(EV_SYN, SYN_REPORT, 0);
}

static void press(int code, int down)
{
	put(EV_KEY, code, down);
	put(EV_SYN, SYN_REPORT, 0);
}

/* What is read, in hex; each read(2) behind a blank. */
static const char *take(int fd, size_t size)
{
	static char text[512];
	unsigned char b[8];
	size_t at = 0;
	ssize_t n;

	text[0] = 0;
	while (at < sizeof text - 40 && (n = read(fd, b, size)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			at += (size_t)sprintf(text + at, "%02x", b[i]);
		at += (size_t)sprintf(text + at, " ");
	}
	return text;
}

static void is_bytes(int fd, const char *want, const char *what)
{
	const char *got = take(fd, 8);

	if (!tap_ok(!strcmp(got, want), "%s", what))
		tap_diag("got '%s', want '%s'", got, want);
}

static void send_bytes(int fd, const unsigned char *b, size_t n) { write(fd, b, n); }
#define SEND(fd, ...) send_bytes(fd, (const unsigned char[]){ __VA_ARGS__ }, sizeof (const unsigned char[]){ __VA_ARGS__ })

static void plain(void)
{
	struct pollfd p = { mice, POLLIN | POLLOUT, 0 };
	char b[8];

	tap_errno(read(mice, b, sizeof b), EAGAIN, "nothing yet");
	poll(&p, 1, 0);
	tap_is(p.revents, POLLOUT, "poll: may be written");
	move(3, 2);
	poll(&p, 1, 0);
	tap_is(p.revents, POLLIN | POLLOUT, "poll: may be read");
	is_bytes(mice, "2803fe ", "right and down");
	move(-3, -2);
	is_bytes(mice, "18fd02 ", "left and up");
	move(300, 0);
	is_bytes(mice, "087f00 087f00 082e00 ", "farther than a packet can say");
	press(BTN_LEFT, 1);
	is_bytes(mice, "090000 ", "a button");
	press(BTN_RIGHT, 1);
	press(BTN_LEFT, 0);
	is_bytes(mice, "0b0000 0a0000 ", "one and the other");
	press(BTN_RIGHT, 0);
	is_bytes(mice, "080000 ", "none");
	press(BTN_SIDE, 1);
	is_bytes(mice, "0c0000 ", "the fourth is the middle one");
	press(BTN_SIDE, 0);
	is_bytes(mice, "080000 ", "released");
	move(1, 0);
	tap_ok(!strcmp(take(mice, 1), "08 01 00 "), "byte by byte");
	for (int i = 0; i < 20; i++)
		move(1, 0);
	is_bytes(mice, "081400 ", "motion that nobody reads is added up");
	for (int i = 0; i < 20; i++) {
		press(BTN_LEFT, 1);
		press(BTN_LEFT, 0);
	}
	tap_is((int)strlen(take(mice, 8)) / 7, 16, "of buttons so many changes are kept");
	put(EV_REL, REL_WHEEL, 1);
	put(EV_SYN, SYN_REPORT, 0);
	is_bytes(mice, "080000 ", "a wheel it has not: a packet of nothing");
	tap_errno(lseek(mice, 5, SEEK_SET), ESPIPE, "lseek");
	tap_errno(ioctl(mice, EVIOCGVERSION, b), ENOTTY, "no ioctl");
}

static void modes(void)
{
	int other = open("/dev/input/mouse0", O_RDWR | O_NONBLOCK);

	SEND(mice, 0xf2);
	is_bytes(mice, "fa00 ", "which mouse is it: a plain one");
	SEND(mice, 0xe9);
	is_bytes(mice, "fa6003c8 ", "its state");
	SEND(mice, 0xf3, 200, 0xf3, 100, 0xf3, 80);
	is_bytes(mice, "fa ", "the sequence is answered");
	SEND(mice, 0xf2);
	is_bytes(mice, "fa03 ", "an IntelliMouse");
	put(EV_REL, REL_WHEEL, -1);
	move(1, 1);
	is_bytes(mice, "2801ff01 ", "has a wheel");
	SEND(mice, 0xf3, 200, 0xf3, 200, 0xf3, 80, 0xf2);
	is_bytes(mice, "fa04 ", "an Explorer");
	press(BTN_SIDE, 1);
	put(EV_REL, REL_WHEEL, 9);
	put(EV_SYN, SYN_REPORT, 0);
	is_bytes(mice, "08000019 0800001e ", "has five buttons, and counts the wheel to seven");
	press(BTN_SIDE, 0);
	is_bytes(mice, "08000000 ", "released");
	move(2, 0);
	SEND(mice, 0xeb);
	is_bytes(mice, "fa08020000 ", "a packet that is asked for");
	SEND(other, 0xf2);
	take(other, 8);
	SEND(other, 0xf2);
	is_bytes(other, "fa00 ", "another file is another mouse");
	SEND(mice, 0xff);
	is_bytes(mice, "faaa00 ", "reset");
	SEND(mice, 0xf2);
	is_bytes(mice, "fa00 ", "plain again");
	close(other);
}

static volatile int signals;
static void on_io(int sig) { signals += sig == SIGIO; }

static void waiting(void)
{
	int fd = open("/dev/input/mouse0", O_RDONLY);
	char b[4];

	signal(SIGIO, on_io);
	fcntl(fd, F_SETOWN, getpid());
	fcntl(fd, F_SETFL, O_ASYNC);
	move(4, 0);
	tap_is(signals, 1, "SIGIO");
	tap_is(read(fd, b, sizeof b), 3, "a read that need not wait");
	tap_ok(b[0] == 8 && b[1] == 4 && b[2] == 0, "motion");
	signal(SIGIO, SIG_IGN);
	close(fd);
}

int main(void)
{
	find_mouse();
	if (source < 0 || mice < 0) {
		printf("1..0 # SKIP no mouse\n");
		return 0;
	}
	tap_plan(0);
	plain();
	modes();
	waiting();
	return tap_done();
}
