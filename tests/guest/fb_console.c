/* SPDX-License-Identifier: MIT
 * Virtual terminals on the framebuffer: what is written is drawn; text and graphics mode, switching, and the ioctls of both.
 * flat32: --display 320x200x32,headless
 * linux: video=vfb:320x200M-32 vfb.videomemorysize=4194304
 */
#include "fb.h"
#include <linux/kd.h>
#include <linux/keyboard.h>
#include <linux/vt.h>
#include <poll.h>
#include <signal.h>
#include <sys/sysmacros.h>
#include <termios.h>

static int tty1;
static uint32_t *memory;

static void next_frame(void)
{
	uint32_t zero = 0;

	ioctl(fd, FBIO_WAITFORVSYNC, &zero);
	ioctl(fd, FBIO_WAITFORVSYNC, &zero);
}

/* How many pixels of a cell are not black. */
static int lit(unsigned row, unsigned column)
{
	int n = 0;

	for (unsigned y = 0; y < 16; y++)
		for (unsigned x = 0; x < 8; x++)
			n += (memory[(row * 16 + y) * 320 + column * 8 + x] & 0xffffff) != 0;
	return n;
}

static void say(int tty, const char *text)
{
	if (write(tty, text, strlen(text)) != (ssize_t)strlen(text))
		tap_diag("not all was written");
}

static void drawn(void)
{
	struct winsize w;

	memory[10 * 320 + 10] = 0x123456;
	tty1 = open("/dev/tty1", O_RDWR | O_NOCTTY);
	tap_ok(tty1 >= 0, "/dev/tty1");
	tap_ok(memory[10 * 320 + 10] == 0x123456, "nothing is drawn for being opened");
	tap_zero(ioctl(tty1, TIOCGWINSZ, &w), "TIOCGWINSZ");
	tap_ok(w.ws_row == 12 && w.ws_col == 40, "12 rows of 40");
	say(tty1, "A\033[31mB\033[0m\r\n\033[44m \033[0m");
	next_frame();
	tap_ok(memory[10 * 320 + 10] != 0x123456, "what was there is gone");
	tap_ok(lit(0, 0) > 20 && lit(0, 0) < 70, "a letter");
	tap_ok(lit(0, 1) > 20 && !lit(0, 2) && !lit(2, 0), "a second one, and nothing else");
	tap_is(memory[16 * 320] & 0xffffff, 0xaa << var.blue.offset, "a blue cell");
	tap_ok(lit(1, 1) == 16, "the cursor behind it");
	say(tty1, "\033[?25l");
	next_frame();
	tap_is(lit(1, 1), 0, "and without one");
}

static void modes(void)
{
	unsigned dummy = 77;

	tap_ok(!ioctl(tty1, KDGETMODE, &dummy) && dummy == KD_TEXT, "KD_TEXT");
	tap_zero(ioctl(tty1, KDSETMODE, KD_GRAPHICS), "KD_GRAPHICS");
	memory[0] = 0xabcdef;
	say(tty1, "\033[Hhidden");
	next_frame();
	tap_is(memory[0], 0xabcdef, "nobody draws there but us");
	tap_zero(ioctl(tty1, KDSETMODE, KD_TEXT), "KD_TEXT again");
	tap_ok((memory[0] & 0xffffff) == 0 && lit(0, 0) > 20 && lit(0, 5) > 20, "the text is back, with what was written meanwhile");
	tap_errno(ioctl(tty1, KDSETMODE, 4), EINVAL, "no such mode");
	tap_zero(fb_mode(160, 160, 16, 160, 160), "another mode of the framebuffer");
	struct winsize w = { 0 };
	ioctl(tty1, TIOCGWINSZ, &w);
	tap_ok(w.ws_row == 10 && w.ws_col == 20, "10 rows of 20");
	tap_ok((((uint16_t *)memory)[0] & 0x7fff) == 0 && ((uint16_t *)memory)[7 * 160 + 2] & 0x7fff, "the text is there in that");
	tap_zero(fb_mode(320, 200, 32, 320, 200), "and back");
	tap_ok(lit(0, 0) > 20, "still");
}

static void keyboard(void)
{
	struct kbentry e = { 0, 30, 0 };
	int mode = 77;
	char c = 77;

	tap_ok(!ioctl(tty1, KDGKBTYPE, &c) && c == KB_101, "KDGKBTYPE");
	tap_ok(!ioctl(tty1, KDGKBMODE, &mode) && mode == K_UNICODE, "KDGKBMODE");
	tap_zero(ioctl(tty1, KDSKBMODE, K_MEDIUMRAW), "KDSKBMODE");
	tap_ok(!ioctl(tty1, KDGKBMODE, &mode) && mode == K_MEDIUMRAW, "is set");
	tap_errno(ioctl(tty1, KDSKBMODE, 5), EINVAL, "no such mode");
	ioctl(tty1, KDSKBMODE, K_UNICODE);
	tap_ok(!ioctl(tty1, KDGKBENT, &e) && e.kb_value == K(KT_LETTER, 'a'), "the key of a");
	e.kb_table = 1;
	tap_ok(!ioctl(tty1, KDGKBENT, &e) && e.kb_value == K(KT_LETTER, 'A'), "with Shift");
	e.kb_table = 100;
	tap_ok(!ioctl(tty1, KDGKBENT, &e) && e.kb_value == K_HOLE, "nothing in a table there is not");
	e.kb_index = 0;
	tap_ok(!ioctl(tty1, KDGKBENT, &e) && e.kb_value == K_NOSUCHMAP, "whose first entry says so");
	tap_ok(!ioctl(tty1, KDGKBMETA, &mode) && mode == K_ESCPREFIX, "KDGKBMETA");
	tap_errno(ioctl(tty1, KDSKBMETA, 5), EINVAL, "no such meta mode");
	tap_ok(!ioctl(tty1, KDGKBLED, &c) && c == 0, "KDGKBLED");
	tap_zero(ioctl(tty1, KDSKBLED, LED_CAP), "KDSKBLED");
	tap_ok(!ioctl(tty1, KDGETLED, &c) && c == LED_CAP, "the LED of Caps Lock");
	tap_errno(ioctl(tty1, KDSKBLED, 0x100), EINVAL, "no such lock");
	ioctl(tty1, KDSKBLED, 0);
	tap_errno(ioctl(tty1, 0x4b99, 0), ENOTTY, "no such ioctl");
	tap_efault(ioctl(tty1, KDGKBMODE, (void *)16), "KDGKBMODE to nowhere");
}

static volatile int came;

/* Switching is another task's business on the real kernel. */
static int comes(int sig)
{
	for (int i = 0; i < 100 && came != sig; i++)
		usleep(10000);
	return came;
}

static int in_front(int tty)
{
	struct vt_stat state = { 0 };

	for (int i = 0; i < 100 && state.v_active != tty; i++) {
		if (ioctl(tty1, VT_GETSTATE, &state))
			return -1;
		usleep(10000);
	}
	return state.v_active;
}

static void on_signal(int sig)
{
	came = sig;
}

static void terminals(void)
{
	struct vt_stat state = { 0 };
	struct vt_mode mode = { .mode = VT_PROCESS, .relsig = SIGUSR1, .acqsig = SIGUSR2 };
	struct stat st;
	int free_one = 0, tty2, tty0;

	tap_zero(fstat(tty1, &st), "fstat");
	tap_is(st.st_rdev, makedev(4, 1), "4:1");
	tap_ok(!ioctl(tty1, VT_OPENQRY, &free_one) && free_one == 2, "the next free one is 2");
	tty2 = open("/dev/tty2", O_RDWR | O_NOCTTY);
	tap_ok(!ioctl(tty1, VT_GETSTATE, &state) && state.v_active == 1 && state.v_state == 7, "1 is in front, 1 and 2 are open");
	say(tty2, "\033[?25l\033[5;1H#");
	next_frame();
	tap_is(lit(4, 0), 0, "what is written to the second is not seen");
	tap_zero(ioctl(tty1, VT_ACTIVATE, 2), "VT_ACTIVATE");
	tap_zero(ioctl(tty1, VT_WAITACTIVE, 2), "VT_WAITACTIVE");
	tap_ok(lit(4, 0) > 20 && !lit(0, 0), "now it is, and the first is not");
	tty0 = open("/dev/tty0", O_RDWR | O_NOCTTY);
	say(tty0, "@");
	next_frame();
	tap_ok(lit(4, 1) > 20, "/dev/tty0 is the one in front");
	close(tty0);
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	tap_zero(ioctl(tty2, VT_SETMODE, &mode), "VT_SETMODE");
	tap_zero(ioctl(tty1, VT_ACTIVATE, 1), "the first is wanted");
	tap_is(comes(SIGUSR1), SIGUSR1, "the second's owner is asked");
	tap_ok(!ioctl(tty1, VT_GETSTATE, &state) && state.v_active == 2, "and still in front");
	tap_zero(ioctl(tty2, VT_RELDISP, 0), "it does not let go");
	came = 0;
	tap_zero(ioctl(tty1, VT_ACTIVATE, 1), "once more");
	comes(SIGUSR1);
	tap_zero(ioctl(tty2, VT_RELDISP, 1), "it does");
	tap_ok(in_front(1) == 1 && lit(0, 0) > 20, "the first is there");
	tap_zero(ioctl(tty1, VT_ACTIVATE, 2), "and back");
	tap_is(comes(SIGUSR2), SIGUSR2, "of which its owner is told");
	tap_zero(ioctl(tty2, VT_RELDISP, VT_ACKACQ), "and says so");
	tap_errno(ioctl(tty2, VT_RELDISP, 1), EINVAL, "nobody wants it");
	memset(&mode, 0, sizeof mode);
	tap_ok(!ioctl(tty2, VT_GETMODE, &mode) && mode.mode == VT_PROCESS && mode.relsig == SIGUSR1, "VT_GETMODE");
	mode.mode = 2;
	tap_errno(ioctl(tty2, VT_SETMODE, &mode), EINVAL, "no such mode");
	mode.mode = VT_AUTO;
	tap_zero(ioctl(tty2, VT_SETMODE, &mode), "VT_AUTO");
	tap_zero(ioctl(tty1, VT_LOCKSWITCH, 0), "VT_LOCKSWITCH");
	ioctl(tty1, VT_ACTIVATE, 1);
	usleep(50000);
	tap_ok(!ioctl(tty1, VT_GETSTATE, &state) && state.v_active == 2, "nobody gets past it");
	tap_zero(ioctl(tty1, VT_UNLOCKSWITCH, 0), "VT_UNLOCKSWITCH");
	tap_zero(ioctl(tty1, VT_ACTIVATE, 1), "the first again");
	tap_is(in_front(1), 1, "is in front");
	tap_errno(ioctl(tty1, VT_ACTIVATE, 0), ENXIO, "there is no 0");
	tap_errno(ioctl(tty1, VT_ACTIVATE, 64), ENXIO, "and no 64");
	tap_errno(ioctl(tty1, VT_WAITACTIVE, 64), ENXIO, "nor to wait for");
	tap_errno(ioctl(tty1, VT_DISALLOCATE, 2), EBUSY, "2 is open");
	close(tty2);
	usleep(100000);		/* the real kernel takes a moment to see that nobody has it */
	tap_zero(ioctl(tty1, VT_DISALLOCATE, 2), "and not any more");
}

/* All terminals are on the one framebuffer there is. */
static void map(void)
{
	struct fb_con2fbmap map = { 1, 77 };

	tap_ok(!ioctl(fd, FBIOGET_CON2FBMAP, &map) && map.framebuffer == 0, "FBIOGET_CON2FBMAP");
	map.console = 63;
	tap_ok(!ioctl(fd, FBIOGET_CON2FBMAP, &map) && map.framebuffer == 0, "of one that nobody has opened");
	tap_zero(ioctl(fd, FBIOPUT_CON2FBMAP, &(struct fb_con2fbmap){ 1, 0 }), "FBIOPUT_CON2FBMAP");
	tap_errno(ioctl(fd, FBIOPUT_CON2FBMAP, &(struct fb_con2fbmap){ 1, 1 }), EINVAL, "there is no second");
	tap_errno(ioctl(fd, FBIOPUT_CON2FBMAP, &(struct fb_con2fbmap){ 1, 77 }), EINVAL, "nor could be so many");
	tap_errno(ioctl(fd, FBIOPUT_CON2FBMAP, &(struct fb_con2fbmap){ 0, 0 }), EINVAL, "there is no terminal 0");
	map.console = 64;
	tap_errno(ioctl(fd, FBIOGET_CON2FBMAP, &map), EINVAL, "and no 64");
	tap_efault(ioctl(fd, FBIOGET_CON2FBMAP, (void *)16), "FBIOGET_CON2FBMAP to nowhere");
}

/* What a terminal answers comes as if it were typed. */
static void answers(void)
{
	struct termios raw;
	struct pollfd p = { .fd = tty1, .events = POLLIN };
	char text[20] = "";

	tcgetattr(tty1, &raw);
	cfmakeraw(&raw);
	tcsetattr(tty1, TCSANOW, &raw);
	say(tty1, "\033[3;4H\033[6n");
	tap_is(poll(&p, 1, 1000), 1, "an answer");
	tap_ok(read(tty1, text, sizeof text - 1) == 6 && !strcmp(text, "\033[3;4R"), "where the cursor is");
}

int main(void)
{
	if (!fb_open())
		return tap_done();
	fb_get();
	memory = mmap(NULL, fix.smem_len, RW, MAP_SHARED, fd, 0);
	drawn();
	modes();
	keyboard();
	terminals();
	map();
	answers();
	close(tty1);
	close(fd);
	return tap_done();
}
