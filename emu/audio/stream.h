/* SPDX-License-Identifier: MIT
 *
 * A stream of sound that is being played: how much of what was written is still to be heard, by the clock. Nothing is kept of
 * the sound itself; times are ns of one clock that the caller reads.
 */
#ifndef EMU_AUDIO_STREAM_H
#define EMU_AUDIO_STREAM_H

#include <stdbool.h>
#include <stdint.h>

struct audio_format { uint32_t rate, channels, bytes; };	/* frames a second; channels; bytes of a sample: 1 (unsigned) or 2 (signed) */

struct audio_stream {
	struct audio_format format;
	uint32_t fragment, fragments;	/* bytes of one; how many the buffer has */
	uint64_t base, frames;		/* since then so many have been written without a gap */
	uint64_t before;		/* bytes written before that, since it was opened */
};

static inline uint32_t audio_frame_bytes(const struct audio_format *f) { return f->channels * f->bytes; }
/* Fragments of about a twentieth of a second, eight of them. */
void audio_stream_default_fragments(struct audio_stream *s);
/* The time when all that was written has been played. */
uint64_t audio_stream_end(const struct audio_stream *s);
uint32_t audio_stream_queued(const struct audio_stream *s, uint64_t now);	/* bytes still to be played */
uint32_t audio_stream_room(const struct audio_stream *s, uint64_t now);		/* bytes that can be written */
/* When there is room for so many (at most the buffer). */
uint64_t audio_stream_when(const struct audio_stream *s, uint32_t room);
/* So many bytes, whole frames, are written now. True: there was a gap before them, from the old audio_stream_end() on. */
bool audio_stream_write(struct audio_stream *s, uint64_t now, uint32_t len);
/* What has not been played never is. */
void audio_stream_drop(struct audio_stream *s, uint64_t now);
/* What is written from now on has another format. */
void audio_stream_set_format(struct audio_stream *s, const struct audio_format *f);
uint64_t audio_stream_played(const struct audio_stream *s, uint64_t now);	/* bytes since it was opened */

#endif
