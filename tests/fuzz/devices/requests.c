/* SPDX-License-Identifier: MIT
 *
 * What the nodes of /dev are asked and given: requests that they know, some that others know, and some that nobody does; and bytes
 * that mean something where they are written.
 */
#include <linux/blkpg.h>
#include <linux/fb.h>
#include <linux/fs.h>
#include <linux/input.h>
#include <linux/kd.h>
#include <linux/loop.h>
#include <linux/rtc.h>
#include <linux/vt.h>
#include <linux/watchdog.h>
#include <mtd/mtd-user.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/soundcard.h>
#include "fuzz.h"

/* --- What is known by whom --- */

static const uint32_t input[] = {
	EVIOCGVERSION, EVIOCGID, EVIOCGREP, EVIOCSREP, EVIOCGKEYCODE, EVIOCSKEYCODE, EVIOCGKEYCODE_V2, EVIOCSKEYCODE_V2,
	EVIOCGNAME(0), EVIOCGNAME(1), EVIOCGNAME(256), EVIOCGPHYS(256), EVIOCGUNIQ(256), EVIOCGPROP(4), EVIOCGPROP(0),
	EVIOCGMTSLOTS(44), EVIOCGMTSLOTS(4), EVIOCGMTSLOTS(3), EVIOCGMTSLOTS(16383), EVIOCGKEY(96), EVIOCGKEY(1), EVIOCGLED(8),
	EVIOCGSND(8), EVIOCGSW(8), EVIOCGBIT(0, 4), EVIOCGBIT(EV_KEY, 96), EVIOCGBIT(EV_REL, 4), EVIOCGBIT(EV_ABS, 8),
	EVIOCGBIT(EV_MAX, 16383), EVIOCGABS(ABS_X), EVIOCGABS(ABS_MT_SLOT), EVIOCGABS(ABS_MAX), EVIOCSABS(ABS_X),
	EVIOCSABS(ABS_MT_SLOT), EVIOCSABS(ABS_MT_POSITION_X), EVIOCSABS(ABS_MAX), EVIOCSFF, EVIOCRMFF, EVIOCGEFFECTS, EVIOCGRAB,
	EVIOCREVOKE, EVIOCGMASK, EVIOCSMASK, EVIOCSCLOCKID,
};
static const uint32_t sound[] = {
	SNDCTL_DSP_RESET, SNDCTL_DSP_SYNC, SNDCTL_DSP_SPEED, SNDCTL_DSP_STEREO, SNDCTL_DSP_GETBLKSIZE, SNDCTL_DSP_CHANNELS,
	SNDCTL_DSP_POST, SNDCTL_DSP_SUBDIVIDE, SNDCTL_DSP_SETFRAGMENT, SNDCTL_DSP_GETFMTS, SNDCTL_DSP_SETFMT, SNDCTL_DSP_GETOSPACE,
	SNDCTL_DSP_GETISPACE, SNDCTL_DSP_NONBLOCK, SNDCTL_DSP_GETCAPS, SNDCTL_DSP_GETTRIGGER, SNDCTL_DSP_SETTRIGGER,
	SNDCTL_DSP_GETIPTR, SNDCTL_DSP_GETOPTR, SNDCTL_DSP_SETDUPLEX, SNDCTL_DSP_GETODELAY, SOUND_PCM_READ_RATE,
	SOUND_PCM_READ_CHANNELS, SOUND_PCM_READ_BITS, SOUND_MIXER_INFO, SOUND_MIXER_READ_VOLUME, SOUND_MIXER_WRITE_VOLUME,
	SOUND_MIXER_READ_PCM, SOUND_MIXER_WRITE_PCM, SOUND_MIXER_READ_DEVMASK, SOUND_MIXER_READ_RECMASK, SOUND_MIXER_READ_STEREODEVS,
	SOUND_MIXER_READ_CAPS, SOUND_MIXER_READ_RECSRC, SOUND_MIXER_WRITE_RECSRC, OSS_GETVERSION,
};
static const uint32_t screen[] = {
	FBIOGET_VSCREENINFO, FBIOPUT_VSCREENINFO, FBIOGET_FSCREENINFO, FBIOGETCMAP, FBIOPUTCMAP, FBIOPAN_DISPLAY, FBIO_CURSOR,
	FBIOGET_CON2FBMAP, FBIOPUT_CON2FBMAP, FBIOBLANK, FBIOGET_VBLANK, FBIO_WAITFORVSYNC,
};
static const uint32_t terminal[] = {
	VT_OPENQRY, VT_GETMODE, VT_SETMODE, VT_GETSTATE, VT_RELDISP, VT_ACTIVATE, VT_WAITACTIVE, VT_DISALLOCATE, VT_RESIZE,
	VT_RESIZEX, VT_LOCKSWITCH, VT_UNLOCKSWITCH, VT_GETHIFONTMASK, VT_SETACTIVATE, KDGKBTYPE, KDADDIO, KDGETMODE, KDSETMODE,
	KDMAPDISP, KDGKBMODE, KDSKBMODE, KDGKBMETA, KDSKBMETA, KDGKBLED, KDSKBLED, KDGETLED, KDSETLED, KDGKBENT, KDSKBENT, KDGKBSENT,
	KDGKBDIACR, KDMKTONE, KIOCSOUND, KDKBDREP, KDFONTOP, GIO_FONT, GIO_CMAP, PIO_CMAP, GIO_SCRNMAP, GIO_UNIMAP, PIO_UNIMAPCLR,
	TCGETS, TCSETS, TCSETSW, TCSETSF, TCFLSH, TCXONC, TIOCGWINSZ, TIOCSWINSZ, TIOCSTI, TIOCLINUX, TIOCSCTTY, TIOCNOTTY, TIOCGPGRP,
	TIOCSPGRP, TIOCINQ, TIOCOUTQ, TIOCSETD, TIOCGETD, TIOCEXCL, TIOCNXCL, TIOCVHANGUP, FIONREAD, FIONBIO,
};
static const uint32_t flash[] = {
	MEMGETINFO, MEMERASE, MEMERASE64, MEMWRITEOOB, MEMREADOOB, MEMLOCK, MEMUNLOCK, MEMISLOCKED, MEMGETREGIONCOUNT,
	MEMGETREGIONINFO, MEMGETBADBLOCK, MEMSETBADBLOCK, OTPSELECT, OTPGETREGIONCOUNT, OTPGETREGIONINFO, OTPLOCK, ECCGETLAYOUT,
	ECCGETSTATS, MTDFILEMODE, MEMWRITE,
};
static const uint32_t loop[] = {
	LOOP_SET_FD, LOOP_CLR_FD, LOOP_SET_STATUS, LOOP_GET_STATUS, LOOP_SET_STATUS64, LOOP_GET_STATUS64, LOOP_CHANGE_FD,
	LOOP_SET_CAPACITY, LOOP_SET_DIRECT_IO, LOOP_SET_BLOCK_SIZE, LOOP_CONFIGURE, LOOP_CTL_ADD, LOOP_CTL_REMOVE,
	LOOP_CTL_GET_FREE, BLKROSET, BLKRRPART, BLKPG, BLKGETSIZE64,
};
static const uint32_t disk[] = {
	BLKROSET, BLKROGET, BLKRRPART, BLKGETSIZE, BLKFLSBUF, BLKRASET, BLKRAGET, BLKSSZGET, BLKBSZGET, BLKBSZSET, BLKGETSIZE64,
	BLKPG, BLKDISCARD, BLKSECDISCARD, BLKZEROOUT, BLKIOMIN, BLKIOOPT, BLKALIGNOFF, BLKPBSZGET, BLKDISCARDZEROES, BLKROTATIONAL,
};
static const uint32_t clock_[] = {
	RTC_AIE_ON, RTC_AIE_OFF, RTC_UIE_ON, RTC_UIE_OFF, RTC_PIE_ON, RTC_PIE_OFF, RTC_ALM_SET, RTC_ALM_READ, RTC_RD_TIME,
	RTC_SET_TIME, RTC_IRQP_READ, RTC_IRQP_SET, RTC_EPOCH_READ, RTC_EPOCH_SET, RTC_WKALM_SET, RTC_WKALM_RD, RTC_VL_READ,
	RTC_PARAM_GET, RTC_PARAM_SET,
};
static const uint32_t dog[] = {
	WDIOC_GETSUPPORT, WDIOC_GETSTATUS, WDIOC_GETBOOTSTATUS, WDIOC_GETTEMP, WDIOC_SETOPTIONS, WDIOC_KEEPALIVE, WDIOC_GETTIMEOUT,
	WDIOC_SETPRETIMEOUT, WDIOC_GETPRETIMEOUT, WDIOC_GETTIMELEFT,
};

#define LIST(a) a, sizeof (a) / sizeof *(a)
static const struct { const char *nodes; const uint32_t *list; unsigned count; } known[] = {
	{ "/dev/input/", LIST(input) },
	{ "/dev/loop", LIST(loop) },
	{ "/dev/dsp", LIST(sound) },
	{ "/dev/audio", LIST(sound) },
	{ "/dev/mixer", LIST(sound) },
	{ "/dev/fb", LIST(screen) },
	{ "/dev/tty", LIST(terminal) },
	{ "/dev/console", LIST(terminal) },
	{ "/dev/mtdblock", LIST(disk) },
	{ "/dev/mtd", LIST(flash) },
	{ "/dev/vd", LIST(disk) },
	{ "/dev/ram", LIST(disk) },
	{ "/dev/rtc", LIST(clock_) },
	{ "/dev/watchdog", LIST(dog) },
};
enum { KINDS = sizeof known / sizeof *known };

static unsigned kind_of(const char *path)
{
	unsigned k = 0;

	while (k < KINDS && strncmp(path, known[k].nodes, strlen(known[k].nodes)))
		k++;
	return k;
}

/* --- What nobody may know --- */

/* Numbers as they were given before there was a scheme: where they begin, and how many. */
static const struct { uint16_t first, count; } old[] = {
	{ 0x5401, 0x60 },	/* terminals */
	{ 0x4600, 0x22 },	/* frame buffers */
	{ 0x4b2f, 0x50 },	/* keyboards and fonts */
	{ 0x5600, 0x18 },	/* virtual terminals */
	{ 0x125d, 0x40 },	/* block devices */
	{ 0x4c00, 0x12 },	/* loop devices */
	{ 0x0300, 0x40 },	/* disks, and MTD's oldest */
	{ 0x7001, 0x14 },	/* clocks */
};

/* The letters of those with a scheme, and the sizes of what they take. */
static const char letters[] = "TRFEMpWPQBUSkw\x12\x03";
static const uint16_t sizes[] = {
	0, 1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 60, 64, 68, 80, 104, 160, 256, 1024, 4096, 16383,
};

static uint32_t any_request(void)
{
	unsigned i = below(sizeof old / sizeof *old);

	switch (below(8)) {
	case 0:
		return rnd();
	case 1: case 2: case 3:
		return old[i].first + below(old[i].count);
	default:
		return below(4) << 30 | (uint32_t)sizes[below(sizeof sizes / sizeof *sizes)] << 16 |
		       (uint32_t)(uint8_t)letters[below(sizeof letters - 1)] << 8 | (below(4) ? below(40) : below(256));
	}
}

uint32_t request(const char *path)
{
	unsigned k = below(8) ? kind_of(path) : below(KINDS);

	return k == KINDS || !below(3) ? any_request() : known[k].list[below(known[k].count)];
}

/* --- What is written --- */

static void events(uint8_t *buf, unsigned size)
{
	struct input_event e = { 0 };

	for (unsigned at = 0; at + sizeof e <= size; at += sizeof e) {
		e.type = (uint16_t)(below(16) ? below(5) : rnd());
		e.code = (uint16_t)(below(16) ? below(e.type == EV_ABS ? 0x40 : 0x120) : rnd());
		e.value = (int32_t)(below(2) ? below(3) : number());
		memcpy(buf + at, &e, sizeof e);
	}
}

static void sequences(uint8_t *buf, unsigned size)
{
	static const char bits[] = "\033\033\033[[[[?;;;0123456789ABCDEFGHJKLMPXZ@`adefghlmnqrsu()%#78c\n\r\t\b\x0e\x0f\x18\x9b\xe2\x94\x80 ab";

	for (unsigned i = 0; i < size; i++)
		buf[i] = (uint8_t)(below(64) ? bits[below(sizeof bits - 1)] : rnd());
}

void fill(uint8_t *buf, const char *path)
{
	enum { SIZE = 512 };

	switch (kind_of(path)) {
	case 0: events(buf, SIZE); break;
	case 5: sequences(buf, SIZE); break;
	default:
		for (unsigned i = 0; i < 16; i++)
			buf[below(SIZE)] = (uint8_t)rnd();
	}
}
