/* SPDX-License-Identifier: MIT */
#include "emu/audio/sink.h"

enum { CHUNK = 512 };	/* frames */
#define ONE (UINT64_C(1) << 32)

static int32_t sample(const struct audio_format *f, const uint8_t *p, uint32_t channel)
{
	p += (channel < f->channels ? channel : 0) * f->bytes;
	return f->bytes == 1 ? (*p - 128) * 256 : (int16_t)(p[0] | p[1] << 8);
}

/*
 * c->at is where the next frame lies between the last one read (0) and this one (1), in 2^-32ths: with a rate of our own each
 * frame is at 1 and stays as it is.
 */
void audio_convert(struct audio_convert *c, const struct audio_format *f, const void *bytes, uint32_t len, struct audio_sink *to)
{
	const uint8_t *p = bytes, *end = p + len;
	uint64_t step = ((uint64_t)f->rate << 32) / AUDIO_RATE;
	int16_t out[2 * CHUNK];
	uint32_t n = 0;

	for (; p < end; p += audio_frame_bytes(f)) {
		int32_t now[2] = { sample(f, p, 0), sample(f, p, 1) };

		for (; c->at <= ONE; c->at += step) {
			for (unsigned i = 0; i < 2; i++)
				out[2 * n + i] = (int16_t)(c->last[i] + (int64_t)(now[i] - c->last[i]) * (int64_t)c->at / (int64_t)ONE);
			if (++n < CHUNK)
				continue;
			to->put(to, out, n);
			n = 0;
		}
		c->at -= ONE;
		c->last[0] = now[0];
		c->last[1] = now[1];
	}
	if (n)
		to->put(to, out, n);
}
