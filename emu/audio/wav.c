/* SPDX-License-Identifier: MIT
 *
 * Sound as a WAV file (RIFF, PCM). Its header says how long it is, so it is written once more at the end; into a pipe it says that
 * the length is not known.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/audio/sink.h"

enum { HEADER = 44, FRAME = 4 };
#define FRAMES_MAX ((UINT32_MAX - HEADER) / FRAME)	/* a WAV file ends before 4 GiB */

struct wav {
	struct audio_sink sink;
	FILE *file;
	uint32_t frames;
	int failed;
};

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static void write_header(struct wav *w, uint32_t bytes)
{
	uint8_t h[HEADER] = "RIFF    WAVEfmt \x10\0\0\0\x01\0\x02\0";

	put32(h + 4, bytes > UINT32_MAX - HEADER ? UINT32_MAX : bytes + HEADER - 8);
	put32(h + 24, AUDIO_RATE);
	put32(h + 28, AUDIO_RATE * FRAME);
	h[32] = FRAME;
	h[34] = 16;
	memcpy(h + 36, "data", 4);
	put32(h + 40, bytes);
	if (fwrite(h, sizeof h, 1, w->file) != 1 && !w->failed)
		w->failed = -errno;
}

static void wav_put(struct audio_sink *s, const int16_t *frames, uint32_t count)
{
	struct wav *w = (struct wav *)(void *)s;

	if (count > FRAMES_MAX - w->frames)
		count = FRAMES_MAX - w->frames;
	if (count && fwrite(frames, FRAME, count, w->file) != count && !w->failed)
		w->failed = -errno;
	w->frames += count;
}

static void wav_silence(struct audio_sink *s, uint32_t count)
{
	static const int16_t quiet[2 * 1024];

	for (; count; count -= count < 1024 ? count : 1024)
		wav_put(s, quiet, count < 1024 ? count : 1024);
}

/* A pipe cannot take it back. */
static void wav_drop(struct audio_sink *s, uint32_t count)
{
	struct wav *w = (struct wav *)(void *)s;

	if (count > w->frames)
		count = w->frames;
	if (!fseek(w->file, -(long)count * FRAME, SEEK_CUR))
		w->frames -= count;
}

static int wav_close(struct audio_sink *s)
{
	struct wav *w = (struct wav *)(void *)s;
	int err;

	if (!fseek(w->file, 0, SEEK_SET))
		write_header(w, w->frames * FRAME);
	err = fclose(w->file) && !w->failed ? -errno : w->failed;
	free(w);
	return err;
}

int wav_sink_new(const char *path, struct audio_sink **out, char why[AUDIO_WHY])
{
	struct wav *w = calloc(1, sizeof *w);
	int err;

	if (w)
		w->file = fopen(path, "we");
	if (!w || !w->file) {
		err = -errno;
		snprintf(why, AUDIO_WHY, "%.150s: %s", path, strerror(-err));
		free(w);
		return err;
	}
	w->sink = (struct audio_sink){ wav_put, wav_silence, wav_drop, wav_close };
	write_header(w, UINT32_MAX);
	*out = &w->sink;
	return 0;
}
