/* SPDX-License-Identifier: MIT
 * /dev/dsp and /dev/mixer: formats, fragments, writes that take the time they sound, what is still to be heard.
 * flat32: --deterministic --audio /dev/null
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/soundcard.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include "tap.h"

#define BAD ((void *)16)
static unsigned char buf[65536];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int set(int fd, unsigned long request, int value)
{
	return ioctl(fd, request, &value) ? -1 : value;
}

static void formats(void)
{
	int fd = open("/dev/dsp", O_WRONLY), v;

	tap_ok(fd >= 0, "open");
	tap_errno(open("/dev/dsp", O_WRONLY), EBUSY, "one at a time");
	tap_is(set(fd, SNDCTL_DSP_SPEED, 22050), 22050, "SPEED");
	tap_is(set(fd, SNDCTL_DSP_SPEED, 1), 1000, "as slow as it can");
	tap_is(set(fd, SNDCTL_DSP_SPEED, 10000000), 192000, "as fast");
	tap_is(set(fd, SNDCTL_DSP_SPEED, -1), 1000, "not backwards");
	tap_is(set(fd, SNDCTL_DSP_CHANNELS, 2), 2, "CHANNELS");
	tap_is(set(fd, SNDCTL_DSP_CHANNELS, 6), 2, "more than there are");
	tap_errno(set(fd, SNDCTL_DSP_CHANNELS, 129), EINVAL, "more than anybody has");
	tap_is(set(fd, SNDCTL_DSP_STEREO, 0), 0, "STEREO: not");
	tap_is(set(fd, SNDCTL_DSP_STEREO, 1), 1, "STEREO");
	tap_is(set(fd, SNDCTL_DSP_SETFMT, AFMT_S16_LE), AFMT_S16_LE, "SETFMT");
	tap_is(set(fd, SNDCTL_DSP_SETFMT, AFMT_QUERY), AFMT_S16_LE, "asked for");
	tap_is(set(fd, SNDCTL_DSP_SETFMT, AFMT_MPEG), AFMT_U8, "one there is not");
	tap_zero(ioctl(fd, SNDCTL_DSP_GETFMTS, &v), "GETFMTS");
	tap_is(v & (AFMT_U8 | AFMT_S16_LE), AFMT_U8 | AFMT_S16_LE, "those two");
	tap_zero(ioctl(fd, SNDCTL_DSP_GETCAPS, &v), "GETCAPS");
	tap_zero(ioctl(fd, OSS_GETVERSION, &v), "OSS_GETVERSION");
	tap_efault(ioctl(fd, SNDCTL_DSP_SPEED, BAD), "SPEED from nowhere");
	tap_efault(ioctl(fd, SNDCTL_DSP_CHANNELS, BAD), "CHANNELS");
	tap_efault(ioctl(fd, SNDCTL_DSP_SETFMT, BAD), "SETFMT");
	tap_efault(ioctl(fd, SNDCTL_DSP_SETFRAGMENT, BAD), "SETFRAGMENT");
	tap_efault(ioctl(fd, SNDCTL_DSP_GETOSPACE, BAD), "GETOSPACE");
	tap_errno(ioctl(fd, _IO('P', 99), 0), EINVAL, "no such request");
	tap_errno(ioctl(fd, _IO('T', 1), 0), EINVAL, "nor of another kind");
	tap_errno(read(fd, buf, 1), EBADF, "not read");
	tap_ok(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED, "not mapped");
	close(fd);
	tap_errno(open("/dev/dsp", O_RDONLY), ENODEV, "nothing can be recorded");
}

static void playing(void)
{
	int fd = open("/dev/dsp", O_WRONLY), v;
	audio_buf_info info;
	count_info at;
	struct pollfd p = { fd, POLLOUT, 0 };
	double start;

	set(fd, SNDCTL_DSP_SPEED, 44100);
	set(fd, SNDCTL_DSP_CHANNELS, 2);
	set(fd, SNDCTL_DSP_SETFMT, AFMT_S16_LE);
	tap_is(set(fd, SNDCTL_DSP_SETFRAGMENT, 4 << 16 | 12), 4 << 16 | 12, "SETFRAGMENT");
	tap_errno(set(fd, SNDCTL_DSP_SETFRAGMENT, 4 << 16 | 12), EINVAL, "only once");
	ioctl(fd, SNDCTL_DSP_GETBLKSIZE, &v);
	tap_is(v, 4096, "GETBLKSIZE");
	tap_zero(ioctl(fd, SNDCTL_DSP_GETOSPACE, &info), "GETOSPACE");
	tap_ok(info.fragments == 4 && info.fragstotal == 4 && info.fragsize == 4096 && info.bytes == 16384, "all of it");
	start = now();
	tap_is(write(fd, buf, 16384), 16384, "what fits");
	tap_ok(now() - start < 0.05, "at once");
	poll(&p, 1, 0);
	tap_is(p.revents, 0, "poll: no room");
	ioctl(fd, SNDCTL_DSP_GETOSPACE, &info);
	tap_ok(info.fragments == 0 && info.bytes < 16384, "full");
	ioctl(fd, SNDCTL_DSP_GETODELAY, &v);
	tap_ok(v > 8192 && v <= 16384, "GETODELAY");
	tap_is(poll(&p, 1, 5000), 1, "poll waits for room");
	tap_is(write(fd, buf, 44100 * 4 / 2), 44100 * 4 / 2, "half a second");
	tap_ok(now() - start > 0.45 && now() - start < 3, "is taken as fast as it is heard");
	tap_zero(ioctl(fd, SNDCTL_DSP_SYNC, 0), "SYNC");
	tap_ok(now() - start > 0.57, "waits until all is heard");
	ioctl(fd, SNDCTL_DSP_GETODELAY, &v);
	tap_is(v, 0, "nothing is left");
	tap_zero(ioctl(fd, SNDCTL_DSP_GETOPTR, &at), "GETOPTR");
	tap_ok(at.bytes == 16384 + 88200 && at.blocks == (16384 + 88200) / 4096 && at.ptr == (16384 + 88200) % 16384, "what was played");
	ioctl(fd, SNDCTL_DSP_GETOPTR, &at);
	tap_is(at.blocks, 0, "fragments since the last time");
	write(fd, buf, 8192);
	tap_zero(ioctl(fd, SNDCTL_DSP_RESET, 0), "RESET");
	ioctl(fd, SNDCTL_DSP_GETODELAY, &v);
	tap_is(v, 0, "is not heard any more");
	tap_zero(ioctl(fd, SNDCTL_DSP_POST, 0), "POST");
	tap_zero(ioctl(fd, SNDCTL_DSP_NONBLOCK, 0), "NONBLOCK");
	tap_is(write(fd, buf, 65536), 16384, "as much as there is room for");
	tap_errno(write(fd, buf, 4096), EAGAIN, "no more");
	close(fd);
}

static void volume(void)
{
	int fd = open("/dev/mixer", O_RDWR), v;

	tap_ok(fd >= 0, "the mixer");
	ioctl(fd, SOUND_MIXER_READ_DEVMASK, &v);
	tap_ok(v & SOUND_MASK_VOLUME && v & SOUND_MASK_PCM, "master and PCM");
	tap_is(set(fd, SOUND_MIXER_WRITE_PCM, 30 | 70 << 8), 30 | 70 << 8, "left and right");
	ioctl(fd, SOUND_MIXER_READ_PCM, &v);
	tap_is(v, 30 | 70 << 8, "kept");
	tap_is(set(fd, SOUND_MIXER_WRITE_VOLUME, 255 | 255 << 8), 100 | 100 << 8, "100 is the most");
	tap_errno(ioctl(fd, SOUND_MIXER_READ_MIC, &v), EINVAL, "no microphone");
	ioctl(fd, SOUND_MIXER_READ_RECMASK, &v);
	tap_is(v, 0, "nothing to record from");
	tap_efault(ioctl(fd, SOUND_MIXER_READ_PCM, BAD), "into nowhere");
	tap_errno(ioctl(fd, _IO('P', 0), 0), ENXIO, "no request of the other");
	close(fd);
}

int main(void)
{
	if (access("/dev/dsp", F_OK)) {
		printf("1..0 # SKIP no sound\n");
		return 0;
	}
	tap_plan(0);
	formats();
	playing();
	volume();
	return tap_done();
}
