/* SPDX-License-Identifier: MIT
 *
 * The requests of /dev/dsp (sound/core/oss/pcm_oss.c).
 */
#include <errno.h>
#include "emu/audio/audio.h"
#include "emu/host/clock.h"
#include "emu/sys/user.h"

#define IO(nr) ('P' << 8 | (nr))
#define IOR(nr, size) (2u << 30 | (size) << 16 | 'P' << 8 | (nr))
#define IOW(nr, size) (1u << 30 | (size) << 16 | 'P' << 8 | (nr))
#define IOWR(nr, size) (3u << 30 | (size) << 16 | 'P' << 8 | (nr))

enum { FORMAT_U8 = 8, FORMAT_S16 = 16 };
enum { CAP_REALTIME = 0x200, CAP_TRIGGER = 0x1000 };
enum { RATE_LEAST = 1000, RATE_MOST = 192000, BUFFER_MOST = 512 * 1024, FRAGMENT_MOST = 64 * 1024 };

struct space { int32_t fragments, total, size, bytes; };
struct pointer { int32_t bytes, blocks, at; };

static uint64_t now(const struct audio *a) { return clock_monotonic(a->machine); }

/* Another format; what was to be heard before is heard before. Sizes of fragments follow, unless the program has said them. */
static void set_format(struct audio *a, const struct audio_format *f)
{
	const struct audio_format *is = &a->stream.format;

	if (is->rate == f->rate && is->channels == f->channels && is->bytes == f->bytes)
		return;
	audio_stream_set_format(&a->stream, f);
	a->convert = AUDIO_CONVERT_BEGIN;
	if (!a->fragments_set)
		audio_stream_default_fragments(&a->stream);
}

static int64_t speed(struct audio *a, struct task *t, uint32_t arg)
{
	struct audio_format f = a->stream.format;
	uint32_t rate;

	if (user_get32(t, arg, &rate))
		return -EFAULT;
	/* snd_pcm_oss_set_rate() */
	f.rate = (int32_t)rate < RATE_LEAST ? RATE_LEAST : rate > RATE_MOST ? RATE_MOST : rate;
	set_format(a, &f);
	return user_put32(t, arg, f.rate);
}

static int64_t channels(struct audio *a, struct task *t, uint32_t arg, bool stereo)
{
	struct audio_format f = a->stream.format;
	uint32_t n;

	if (user_get32(t, arg, &n))
		return -EFAULT;
	if (stereo)
		n = (int32_t)n > 0 ? 2 : 1;
	if (n > 128)
		return -EINVAL;
	f.channels = n < 1 ? 1 : n > 2 ? 2 : n;
	set_format(a, &f);
	return user_put32(t, arg, stereo ? f.channels - 1 : f.channels);
}

static int64_t format(struct audio *a, struct task *t, uint32_t arg)
{
	struct audio_format f = a->stream.format;
	uint32_t n;

	if (user_get32(t, arg, &n))
		return -EFAULT;
	if (n) {	/* 0 only asks; one there is not becomes one there is */
		f.bytes = n == FORMAT_S16 ? 2 : 1;
		set_format(a, &f);
	}
	return user_put32(t, arg, f.bytes == 2 ? FORMAT_S16 : FORMAT_U8);
}

/* Number of fragments << 16 | log2 of their size; to be said once. */
static int64_t fragment(struct audio *a, struct task *t, uint32_t arg)
{
	uint32_t v, shift, count;

	if (user_get32(t, arg, &v))
		return -EFAULT;
	shift = v & 0xffff;
	if (a->fragments_set || shift >= 25)
		return -EINVAL;
	shift = shift < 4 ? 4 : shift;
	a->stream.fragment = 1u << shift < FRAGMENT_MOST ? 1u << shift : FRAGMENT_MOST;
	count = v >> 16;
	if (count > BUFFER_MOST / a->stream.fragment)
		count = BUFFER_MOST / a->stream.fragment;
	a->stream.fragments = count < 2 ? 2 : count;
	a->fragments_set = true;
	return 0;
}

static int64_t space(struct audio *a, struct task *t, uint32_t arg)
{
	const struct audio_stream *s = &a->stream;
	uint32_t room = audio_stream_room(s, now(a));
	const struct space v = { (int32_t)(room / s->fragment), (int32_t)s->fragments, (int32_t)s->fragment, (int32_t)room };

	return user_write(t, arg, &v, sizeof v);
}

static int64_t pointer(struct audio *a, struct task *t, uint32_t arg)
{
	uint64_t played = audio_stream_played(&a->stream, now(a));
	uint32_t size = a->stream.fragment * a->stream.fragments, blocks = (uint32_t)(played / a->stream.fragment);
	const struct pointer v = { (int32_t)(played & INT32_MAX), (int32_t)(blocks - a->blocks_told), (int32_t)(played % size) };

	a->blocks_told = blocks;
	return user_write(t, arg, &v, sizeof v);
}

static int64_t reset(struct audio *a)
{
	uint64_t at = now(a);
	const struct audio_format *f = &a->stream.format;
	uint64_t left = audio_stream_queued(&a->stream, at) / audio_frame_bytes(f);

	if (a->sink && left)
		a->sink->drop(a->sink, (uint32_t)(left * AUDIO_RATE / f->rate));
	audio_stream_drop(&a->stream, at);
	a->convert = AUDIO_CONVERT_BEGIN;
	if (a->heard)
		a->heard = audio_stream_end(&a->stream);
	wake_all(&a->wait);
	return 0;
}

/* Waits until all has been heard. */
static int64_t sync_op(struct audio *a, struct task *t)
{
	uint64_t end = audio_stream_end(&a->stream);

	if (end <= now(a) || task_deadline_at(t, end))
		return 0;
	return task_block(t);
}

int64_t dsp_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct audio *a = f->private;

	switch (cmd) {
	case IO(0): return reset(a);
	case IO(1): return sync_op(a, t);
	case IOWR(2, 4u): return speed(a, t, arg);
	case IOWR(3, 4u): return channels(a, t, arg, true);
	case IOWR(4, 4u): return user_put32(t, arg, a->stream.fragment);
	case IOWR(5, 4u): return format(a, t, arg);
	case IOWR(6, 4u): return channels(a, t, arg, false);
	case IO(8): return 0;				/* POST: it plays already */
	case IOWR(9, 4u): return user_span(t, arg, 4) ? -EINVAL : -EFAULT;	/* SUBDIVIDE */
	case IOWR(10, 4u): return fragment(a, t, arg);
	case IOR(11, 4u): return user_put32(t, arg, FORMAT_U8 | FORMAT_S16);
	case IOR(12, 16u): return space(a, t, arg);
	case IO(14): f->flags |= 04000 /* O_NONBLOCK */; return 0;
	case IOR(15, 4u): return user_put32(t, arg, CAP_REALTIME | CAP_TRIGGER | 1);
	case IOR(16, 4u): return user_put32(t, arg, 2 /* PCM_ENABLE_OUTPUT */);
	case IOW(16, 4u): return user_span(t, arg, 4) ? 0 : -EFAULT;	/* SETTRIGGER: it always is */
	case IOR(18, 12u): return pointer(a, t, arg);
	case IOR(23, 4u): return user_put32(t, arg, audio_stream_queued(&a->stream, now(a)));
	}
	return (cmd >> 8 & 0xff) == 'M' ? mixer_ioctl(a, t, cmd, arg) : -EINVAL;
}
