/* SPDX-License-Identifier: MIT
 *
 * Sound: /dev/dsp and /dev/mixer as OSS has them, played by the guest's clock. What a program writes is taken as fast as it would
 * be heard, whoever listens: the host's loudspeakers, a WAV file, or nobody.
 *
 *	stream.c	how much is still to be heard
 *	convert.c	from the program's format to that of who listens
 *	wav.c, sdl_sink.c	who listens
 *	dsp.c, dsp_ioctl.c, mixer.c	the files
 */
#ifndef EMU_AUDIO_AUDIO_H
#define EMU_AUDIO_AUDIO_H

#include "emu/audio/sink.h"
#include "emu/fs/vfs.h"
#include "emu/kernel/clock_event.h"

struct machine;

#define SOUND_MAJOR 14u

struct audio {
	struct machine *machine;
	bool to_sdl;			/* loudspeakers, which are opened when the first program plays */
	struct audio_sink *sink;	/* NULL: nobody listens (yet) */
	bool open;			/* by a program: one at a time */
	struct audio_stream stream;
	struct audio_convert convert;
	bool fragments_set;		/* SETFRAGMENT, once */
	uint32_t blocks_told;		/* GETOPTR: fragments played by the last time */
	uint64_t heard;			/* ns: when what was last played ended; 0: nothing has been played */
	struct wait_queue wait;
	struct clock_event room;	/* there is room for a fragment */
	uint8_t volume[2][2];		/* of the mixer: master and PCM, left and right, 0 to 100 */
};

/* what: "sdl", or the name of a WAV file. Makes m->audio, with the files. 0 or -errno; why[] says more. */
int audio_new(struct machine *m, const char *what, char why[AUDIO_WHY]);
/* Ends the sound: 0, or -errno if a file could not be written. NULL in m->audio is fine; the files stay. */
int audio_end(struct machine *m);
void audio_free(struct machine *m);		/* after all files, before the clock's events */

/* --- dsp.c --- */
int dsp_register(struct audio *a);
/* --- dsp_ioctl.c --- */
int64_t dsp_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg);
/* --- mixer.c --- */
int mixer_register(struct audio *a);
int64_t mixer_ioctl(struct audio *a, struct task *t, uint32_t cmd, uint32_t arg);	/* the dsp answers them, too */

#endif
