/* SPDX-License-Identifier: MIT */
#include "emu/audio/audio.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/kernel/machine.h"

int audio_new(struct machine *m, const char *what, char why[AUDIO_WHY])
{
	struct audio *a = m->audio = calloc(1, sizeof *a);
	int err;

	snprintf(why, AUDIO_WHY, "%s", strerror(ENOMEM));
	if (!a)
		return -ENOMEM;
	a->machine = m;
	memset(a->volume, 100, sizeof a->volume);
	a->to_sdl = !strcmp(what, "sdl");
	err = a->to_sdl ? 0 : wav_sink_new(what, &a->sink, why);
	if (!err)
		err = dsp_register(a);
	if (!err)
		err = mixer_register(a);
	return err;
}

int audio_end(struct machine *m)
{
	struct audio *a = m->audio;
	int err = a && a->sink ? a->sink->close(a->sink) : 0;

	if (a) {
		a->sink = NULL;
		a->to_sdl = false;
	}
	return err;
}

void audio_free(struct machine *m)
{
	struct audio *a = m->audio;

	if (!a)
		return;
	audio_end(m);
	clock_event_remove(m, &a->room);
	wait_queue_fini(&a->wait);
	free(a);
	m->audio = NULL;
}
