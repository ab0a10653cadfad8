/* SPDX-License-Identifier: MIT
 *
 * /dev/mixer (sound/core/oss/mixer_oss.c), as far as programs look at it that set the volume when they start: master and PCM. Both
 * are kept and told; how loud it is, the host's own mixer says.
 */
#include <errno.h>
#include "emu/audio/audio.h"
#include "emu/kernel/machine.h"
#include "emu/sys/user.h"

enum { VOLUME = 0, PCM = 4, DEVICES = 1 << VOLUME | 1 << PCM, OSS_VERSION = 0x030802 };
enum { CAPS = 0xfc, RECMASK = 0xfd, DEVMASK = 0xfe, STEREODEVS = 0xfb, RECSRC = 0xff, GETVERSION = 118 };

static int64_t channel(struct audio *a, struct task *t, unsigned number, bool set, uint32_t arg)
{
	uint8_t *v = a->volume[number == PCM];
	uint32_t want;

	if (number != VOLUME && number != PCM)
		return -EINVAL;
	if (set) {
		if (user_get32(t, arg, &want))
			return -EFAULT;
		for (unsigned i = 0; i < 2; i++)
			v[i] = (want >> (8 * i) & 0xff) < 100 ? (uint8_t)(want >> (8 * i)) : 100;
	}
	return user_put32(t, arg, v[0] | (uint32_t)v[1] << 8);
}

int64_t mixer_ioctl(struct audio *a, struct task *t, uint32_t cmd, uint32_t arg)
{
	uint32_t number = cmd & 0xff;
	bool set = cmd >> 30 == 3;

	if ((cmd & 0x3fffff00) != (4u << 16 | 'M' << 8) || !(cmd >> 31))
		return -ENXIO;
	switch (number) {
	case DEVMASK: case STEREODEVS: return user_put32(t, arg, DEVICES);
	case CAPS: case RECMASK: case RECSRC: return user_put32(t, arg, 0);
	case GETVERSION: return user_put32(t, arg, OSS_VERSION);
	}
	return channel(a, t, number, set, arg);
}

static int64_t ioctl_op(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	return mixer_ioctl(f->private, t, cmd, arg);
}

static const struct file_ops fops = { .lseek = file_noop_lseek, .ioctl = ioctl_op };

int mixer_register(struct audio *a)
{
	const struct vfs_chrdev dev = {
		.dev = vfs_makedev(SOUND_MAJOR, 0), .name = "mixer", .mode = 0666, .fops = &fops, .private = a,
	};

	return vfs_register_chrdev(a->machine, &dev);
}
