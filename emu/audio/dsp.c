/* SPDX-License-Identifier: MIT
 *
 * /dev/dsp. One program at a time has it (EBUSY for others). It begins with 8000 samples a second of 8 bits, as always.
 */
#include <errno.h>
#include <poll.h>
#include "emu/audio/audio.h"
#include "emu/host/clock.h"
#include "emu/kernel/klog.h"
#include "emu/kernel/machine.h"

#define GAP_MAX (10u * 1000000000ull)	/* longer silence is cut: a file need not have an hour of it */

static struct audio *audio_of(const struct file *f) { return f->private; }

static void open_sink(struct audio *a)
{
	char why[AUDIO_WHY];

	if (!a->to_sdl || a->sink)
		return;
	a->to_sdl = false;
	if (sdl_sink_new(&a->sink, why))
		klog(a->machine, KLOG_WARNING, "no sound: %s", why);
}

static int open_op(struct file *f)
{
	struct audio *a = f->private;

	if (!file_writable(f))
		return -ENODEV;		/* there is nothing to record from */
	if (a->open)
		return -EBUSY;
	open_sink(a);
	a->open = true;
	a->stream = (struct audio_stream){ .format = { 8000, 1, 1 } };
	a->convert = AUDIO_CONVERT_BEGIN;
	a->fragments_set = false;
	a->blocks_told = 0;
	audio_stream_default_fragments(&a->stream);
	return 0;
}

/* What is still to be heard is heard. */
static void release_op(struct file *f)
{
	struct audio *a = audio_of(f);

	clock_event_remove(a->machine, &a->room);
	a->open = false;
}

/* --- Waiting --- */

static void room(struct clock_event *e)
{
	struct audio *a = (struct audio *)(void *)((char *)e - offsetof(struct audio, room));

	clock_event_remove(a->machine, e);
	wake_events(&a->wait, POLLOUT | POLLWRNORM);
}

static void wait_for_room(struct audio *a)
{
	a->room.fire = room;
	a->room.expires = audio_stream_when(&a->stream, a->stream.fragment);
	if (clock_event_add(a->machine, &a->room))
		wake_events(&a->wait, POLLOUT | POLLWRNORM);	/* no memory: he looks again, and again */
}

static unsigned poll_op(struct file *f, struct waiter *w)
{
	struct audio *a = audio_of(f);
	bool ready = audio_stream_room(&a->stream, clock_monotonic(a->machine)) >= a->stream.fragment;

	poll_wait(&a->wait, w);
	if (w && !ready)
		wait_for_room(a);
	return ready ? POLLOUT | POLLWRNORM : 0;
}

/* --- Playing --- */

/* The time between what was heard last and now. */
static void fill_gap(struct audio *a, uint64_t now)
{
	uint64_t gap = a->heard && now > a->heard ? now - a->heard : 0;

	a->convert = AUDIO_CONVERT_BEGIN;
	if (a->sink && gap)
		a->sink->silence(a->sink, (uint32_t)((gap < GAP_MAX ? gap : GAP_MAX) * AUDIO_RATE / 1000000000u));
}

static int64_t write_op(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct audio *a = audio_of(f);
	uint32_t frame = audio_frame_bytes(&a->stream.format), least, space;
	uint64_t now = clock_monotonic(a->machine);

	(void)pos;
	space = audio_stream_room(&a->stream, now);
	/* Room comes by fragments: else a program that waits would be woken for each frame. */
	least = len < a->stream.fragment ? (uint32_t)len : a->stream.fragment;
	if (space < least)
		return -EAGAIN;
	if (len > space)
		len = space;
	if (len < frame)
		return (int64_t)len;	/* less than a frame is nothing to be heard */
	len -= len % frame;
	if (audio_stream_write(&a->stream, now, (uint32_t)len))
		fill_gap(a, now);
	if (a->sink)
		audio_convert(&a->convert, &a->stream.format, buf, (uint32_t)len, a->sink);
	a->heard = audio_stream_end(&a->stream);
	return (int64_t)len;
}

static const struct file_ops fops = {
	.open = open_op, .release = release_op, .write = write_op, .poll = poll_op, .lseek = file_noop_lseek, .ioctl = dsp_ioctl,
};

int dsp_register(struct audio *a)
{
	const struct vfs_chrdev dev = {
		.dev = vfs_makedev(SOUND_MAJOR, 3), .name = "dsp", .mode = 0666, .fops = &fops, .private = a,
	};

	return vfs_register_chrdev(a->machine, &dev);
}
