/* SPDX-License-Identifier: MIT
 *
 * The host's loudspeakers. SDL plays from a queue in a thread of its own; we fill that. Its clock is not ours: what is more than
 * QUEUE_MAX ahead is left out, and where nothing is, nothing is heard.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "emu/audio/sink.h"
#define SDL_MAIN_HANDLED
#include <SDL2/SDL.h>
#include "emu/host/library.h"

enum { FRAME = 4 };
#define QUEUE_MAX (2 * AUDIO_RATE * FRAME)

#define FUNCTIONS(F) \
	F(SDL_InitSubSystem) F(SDL_QuitSubSystem) F(SDL_GetError) F(SDL_OpenAudioDevice) F(SDL_CloseAudioDevice) \
	F(SDL_PauseAudioDevice) F(SDL_QueueAudio) F(SDL_GetQueuedAudioSize) F(SDL_ClearQueuedAudio)

struct sdl_sink {
	struct audio_sink sink;
	struct { LIBRARY_POINTERS(FUNCTIONS) } sdl;
	SDL_AudioDeviceID device;
};

static void sdl_put(struct audio_sink *s, const int16_t *frames, uint32_t count)
{
	struct sdl_sink *k = (struct sdl_sink *)(void *)s;

	if (k->sdl.SDL_GetQueuedAudioSize(k->device) < QUEUE_MAX)
		k->sdl.SDL_QueueAudio(k->device, frames, count * FRAME);
}

static void sdl_silence(struct audio_sink *s, uint32_t count)
{
	(void)s;
	(void)count;
}

static void sdl_drop(struct audio_sink *s, uint32_t count)
{
	struct sdl_sink *k = (struct sdl_sink *)(void *)s;

	(void)count;
	k->sdl.SDL_ClearQueuedAudio(k->device);
}

static int sdl_close(struct audio_sink *s)
{
	struct sdl_sink *k = (struct sdl_sink *)(void *)s;

	k->sdl.SDL_CloseAudioDevice(k->device);
	k->sdl.SDL_QuitSubSystem(SDL_INIT_AUDIO);
	free(k);
	return 0;
}

int sdl_sink_new(struct audio_sink **out, char why[AUDIO_WHY])
{
	static const char *const names[] = { LIBRARY_NAMES(FUNCTIONS) };
	static const struct library library = { "libSDL2-2.0.so.0", "libsdl2-2.0-0", names, sizeof names / sizeof *names };
	const SDL_AudioSpec want = { .freq = AUDIO_RATE, .format = AUDIO_S16LSB, .channels = 2, .samples = 1024 };
	struct sdl_sink *k = calloc(1, sizeof *k);
	int err;

	snprintf(why, AUDIO_WHY, "out of memory");
	if (!k)
		return -ENOMEM;
	err = library_load(&library, &k->sdl, sizeof k->sdl, why);
	if (err)
		goto fail;
	err = -ENODEV;
	if (k->sdl.SDL_InitSubSystem(SDL_INIT_AUDIO)) {
		snprintf(why, AUDIO_WHY, "%.150s", k->sdl.SDL_GetError());
		goto fail;
	}
	k->device = k->sdl.SDL_OpenAudioDevice(NULL, 0, &want, NULL, 0);
	if (!k->device) {
		snprintf(why, AUDIO_WHY, "%.150s", k->sdl.SDL_GetError());
		k->sdl.SDL_QuitSubSystem(SDL_INIT_AUDIO);
		goto fail;
	}
	k->sdl.SDL_PauseAudioDevice(k->device, 0);
	k->sink = (struct audio_sink){ sdl_put, sdl_silence, sdl_drop, sdl_close };
	*out = &k->sink;
	return 0;
fail:
	free(k);
	return err;
}
