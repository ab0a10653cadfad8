/* SPDX-License-Identifier: MIT
 *
 * audio_play RATE CHANNELS BITS FRAMES [PAUSE_MS FRAMES]...: plays so many frames, each sample one more than the one before it, with
 * pauses between.
 */
#include <fcntl.h>
#include <linux/soundcard.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd = open("/dev/dsp", O_WRONLY);
	int rate, channels, bits, format;
	int16_t n = 0;

	if (fd < 0 || argc < 5) {
		perror("/dev/dsp");
		return 1;
	}
	rate = atoi(argv[1]);
	channels = atoi(argv[2]);
	bits = atoi(argv[3]);
	format = bits == 8 ? AFMT_U8 : AFMT_S16_LE;
	ioctl(fd, SNDCTL_DSP_SPEED, &rate);
	ioctl(fd, SNDCTL_DSP_CHANNELS, &channels);
	ioctl(fd, SNDCTL_DSP_SETFMT, &format);
	for (int i = 4; i < argc; i += 2) {
		size_t samples = (size_t)atoi(argv[i]) * (size_t)channels;
		uint8_t *buf = malloc(samples * 2);

		for (size_t k = 0; k < samples; k++) {
			if (bits == 8)
				buf[k] = (uint8_t)(n++ & 0xff);
			else
				((int16_t *)buf)[k] = n++;
		}
		if (write(fd, buf, samples * (size_t)bits / 8) < 0)
			perror("write");
		free(buf);
		ioctl(fd, SNDCTL_DSP_SYNC, 0);
		if (i + 1 < argc)
			usleep((useconds_t)atoi(argv[i + 1]) * 1000);
	}
	return 0;
}
