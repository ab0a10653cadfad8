/* SPDX-License-Identifier: MIT */
#include "emu/audio/stream.h"

#define SECOND 1000000000u

void audio_stream_default_fragments(struct audio_stream *s)
{
	uint32_t twentieth = s->format.rate * audio_frame_bytes(&s->format) / 20;

	s->fragment = 16;
	while (s->fragment * 2 <= twentieth)
		s->fragment *= 2;
	s->fragments = 8;
}

uint64_t audio_stream_end(const struct audio_stream *s)
{
	return s->base + s->frames * SECOND / s->format.rate;
}

/* Frames played of those since base. */
static uint64_t played(const struct audio_stream *s, uint64_t now)
{
	uint64_t n = now > s->base ? (now - s->base) / SECOND * s->format.rate + (now - s->base) % SECOND * s->format.rate / SECOND : 0;

	return n < s->frames ? n : s->frames;
}

uint32_t audio_stream_queued(const struct audio_stream *s, uint64_t now)
{
	return (uint32_t)(s->frames - played(s, now)) * audio_frame_bytes(&s->format);
}

/* Of another format, there may be more than now would fit. */
uint32_t audio_stream_room(const struct audio_stream *s, uint64_t now)
{
	uint32_t size = s->fragment * s->fragments, queued = audio_stream_queued(s, now);

	return queued < size ? size - queued : 0;
}

uint64_t audio_stream_when(const struct audio_stream *s, uint32_t room)
{
	uint32_t frame = audio_frame_bytes(&s->format);
	uint64_t may_stay = (s->fragment * s->fragments - room) / frame;

	return s->frames <= may_stay ? s->base : s->base + ((s->frames - may_stay) * SECOND + s->format.rate - 1) / s->format.rate;
}

/* Counting begins anew: numbers stay small however long a stream is. */
static void rebase(struct audio_stream *s, uint64_t at)
{
	s->before += s->frames * audio_frame_bytes(&s->format);
	s->frames = 0;
	s->base = at;
}

bool audio_stream_write(struct audio_stream *s, uint64_t now, uint32_t len)
{
	bool gap = audio_stream_end(s) < now;

	if (gap)
		rebase(s, now);
	else if (s->frames > UINT32_MAX / 2)
		rebase(s, audio_stream_end(s));
	s->frames += len / audio_frame_bytes(&s->format);
	return gap;
}

void audio_stream_drop(struct audio_stream *s, uint64_t now)
{
	s->frames = played(s, now);
	rebase(s, now < audio_stream_end(s) ? now : audio_stream_end(s));
}

void audio_stream_set_format(struct audio_stream *s, const struct audio_format *f)
{
	rebase(s, audio_stream_end(s));
	s->format = *f;
}

/* What is before base is played by then, but for what was queued when the format changed or counting began anew. */
uint64_t audio_stream_played(const struct audio_stream *s, uint64_t now)
{
	return s->before + played(s, now) * audio_frame_bytes(&s->format);
}
