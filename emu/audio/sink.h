/* SPDX-License-Identifier: MIT
 *
 * Where sound goes: 48000 frames a second of two signed 16-bit samples. A WAV file (wav.c), or the host's loudspeakers by SDL
 * (sdl_sink.c).
 */
#ifndef EMU_AUDIO_SINK_H
#define EMU_AUDIO_SINK_H

#include <stdint.h>
#include "emu/audio/stream.h"

#define AUDIO_RATE 48000u
#define AUDIO_WHY 200

struct audio_sink {
	void (*put)(struct audio_sink *s, const int16_t *frames, uint32_t count);
	void (*silence)(struct audio_sink *s, uint32_t count);	/* so long nothing was played */
	void (*drop)(struct audio_sink *s, uint32_t count);	/* the last so many frames are not to be heard after all */
	int (*close)(struct audio_sink *s);			/* and frees it. 0 or -errno: not all could be written */
};

/* 0 or -errno; why[] says more. */
int wav_sink_new(const char *path, struct audio_sink **out, char why[AUDIO_WHY]);
/* Sound that the host does not take is lost, at the speed it would have had. */
int sdl_sink_new(struct audio_sink **out, char why[AUDIO_WHY]);

/* Makes frames for a sink of a stream's; between two of them lies a straight line. All zero but `at`: AUDIO_CONVERT_BEGIN. */
struct audio_convert { uint64_t at; int32_t last[2]; };
#define AUDIO_CONVERT_BEGIN ((struct audio_convert){ .at = UINT64_C(1) << 32 })
/* len bytes, whole frames of format f. */
void audio_convert(struct audio_convert *c, const struct audio_format *f, const void *bytes, uint32_t len, struct audio_sink *to);

#endif
