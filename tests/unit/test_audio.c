/* SPDX-License-Identifier: MIT
 *
 * Sound: how long what was written takes, and what becomes of it on its way to who listens.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/audio/sink.h"

#define MS UINT64_C(1000000)

/* --- Streams --- */

static struct audio_stream s;

static void setup(void)
{
	s = (struct audio_stream){ .format = { 44100, 2, 2 }, .fragment = 4096, .fragments = 4 };
}

START_TEST(room_comes_with_time)
{
	ck_assert_uint_eq(audio_stream_room(&s, 0), 16384);
	ck_assert(!audio_stream_write(&s, 0, 16384) && !audio_stream_room(&s, 0));
	ck_assert_uint_eq(audio_stream_end(&s), UINT64_C(4096) * 1000000000 / 44100);
	ck_assert_uint_eq(audio_stream_queued(&s, 10 * MS), (4096 - 441) * 4);
	for (uint32_t want = 4; want <= 16384; want += 4) {
		uint64_t t = audio_stream_when(&s, want);

		ck_assert_uint_ge(audio_stream_room(&s, t), want);
		ck_assert_uint_lt(audio_stream_room(&s, t - 22676), want);	/* a frame earlier */
	}
	ck_assert_uint_eq(audio_stream_room(&s, 1000 * MS), 16384);
	ck_assert_uint_eq(audio_stream_played(&s, 1000 * MS), 16384);
}
END_TEST

START_TEST(gaps)
{
	ck_assert(audio_stream_write(&s, 5 * MS, 4096));	/* since the beginning */
	ck_assert(!audio_stream_write(&s, 6 * MS, 4096));
	ck_assert(audio_stream_write(&s, 500 * MS, 4096));
	ck_assert_uint_eq(audio_stream_queued(&s, 500 * MS), 4096);
	ck_assert_uint_eq(audio_stream_played(&s, 500 * MS), 8192);
}
END_TEST

START_TEST(dropped)
{
	audio_stream_write(&s, 0, 16384);
	audio_stream_drop(&s, 10 * MS);
	ck_assert_uint_eq(audio_stream_queued(&s, 10 * MS), 0);
	ck_assert_uint_eq(audio_stream_end(&s), 10 * MS);
	ck_assert_uint_eq(audio_stream_played(&s, 10 * MS), 441 * 4);
	audio_stream_drop(&s, 20 * MS);		/* nothing is there to be dropped */
	ck_assert_uint_eq(audio_stream_end(&s), 10 * MS);
}
END_TEST

START_TEST(for_ever)
{
	uint64_t t = 0;

	/* A day, without a gap. */
	for (unsigned i = 0; i < 24 * 60 * 60; i++, t += 1000 * MS) {
		uint32_t n = audio_stream_room(&s, t);

		audio_stream_write(&s, t, n);
		ck_assert_uint_eq(audio_stream_queued(&s, t), 16384);
	}
}
END_TEST

START_TEST(another_format)
{
	const struct audio_format slow = { 4000, 1, 1 };

	audio_stream_write(&s, 0, 16384);
	audio_stream_set_format(&s, &slow);
	audio_stream_default_fragments(&s);
	ck_assert_uint_eq(s.fragment, 128);
	ck_assert_uint_eq(audio_stream_end(&s), UINT64_C(4096) * 1000000000 / 44100);
	ck_assert(!audio_stream_write(&s, 50 * MS, 400));
	ck_assert_uint_eq(audio_stream_end(&s), UINT64_C(4096) * 1000000000 / 44100 + 100 * MS);
}
END_TEST

/* --- Formats --- */

static int16_t got[2 * 65536];
static uint32_t ngot;

static void take(struct audio_sink *k, const int16_t *frames, uint32_t count)
{
	(void)k;
	memcpy(got + 2 * ngot, frames, count * 4);
	ngot += count;
}
static struct audio_sink sink = { .put = take };

static void convert(const struct audio_format *f, const void *bytes, uint32_t len)
{
	struct audio_convert c = AUDIO_CONVERT_BEGIN;

	ngot = 0;
	audio_convert(&c, f, bytes, len, &sink);
}

START_TEST(the_same_rate_stays_as_it_is)
{
	const struct audio_format f = { AUDIO_RATE, 2, 2 };
	int16_t in[2 * 3000];

	for (int i = 0; i < 2 * 3000; i++)
		in[i] = (int16_t)(i * 7919);
	convert(&f, in, sizeof in);
	ck_assert_uint_eq(ngot, 3000);
	ck_assert_int_eq(memcmp(in, got, sizeof in), 0);
}
END_TEST

START_TEST(bytes_and_one_channel)
{
	const struct audio_format f = { AUDIO_RATE, 1, 1 };
	const uint8_t in[] = { 0, 128, 255, 129 };

	convert(&f, in, sizeof in);
	ck_assert_uint_eq(ngot, 4);
	ck_assert(got[0] == -32768 && got[1] == -32768 && got[2] == 0 && got[4] == 127 * 256 && got[7] == 256);
}
END_TEST

START_TEST(other_rates)
{
	static const uint32_t rates[] = { 4000, 8000, 11025, 22050, 32000, 44100, 96000, 192000 };
	uint8_t in[8000];

	for (unsigned i = 0; i < sizeof in; i++)
		in[i] = (uint8_t)(128 + 100 * ((i / 50) & 1));
	for (unsigned i = 0; i < sizeof rates / sizeof *rates; i++) {
		const struct audio_format f = { rates[i], 1, 1 };
		int32_t want = (int32_t)(sizeof in * UINT64_C(48000) / rates[i]);

		if (want > 65536)
			continue;
		convert(&f, in, sizeof in);
		ck_assert_int_le(abs((int32_t)ngot - want), 12);
		for (uint32_t n = 0; n < ngot; n++)
			ck_assert(got[2 * n] >= 0 && got[2 * n] <= 25600 && got[2 * n] == got[2 * n + 1]);
	}
}
END_TEST

START_TEST(half_the_rate_is_a_line)
{
	const struct audio_format f = { AUDIO_RATE / 2, 1, 2 };
	const int16_t in[] = { 0, 1000, -1000 };

	convert(&f, in, sizeof in);
	ck_assert_uint_eq(ngot, 5);
	ck_assert(got[0] == 0 && got[2] == 500 && got[4] == 1000 && got[6] == 0 && got[8] == -1000);
}
END_TEST

/* --- Files --- */

START_TEST(a_wav_file)
{
	const int16_t frames[] = { 1, 2, 3, 4, 5, 6 };
	char name[] = "/tmp/test_audio.XXXXXX", why[AUDIO_WHY];
	struct audio_sink *k;
	uint8_t b[64];
	FILE *f;

	ck_assert_int_ge(mkstemp(name), 0);
	ck_assert_int_eq(wav_sink_new(name, &k, why), 0);
	k->put(k, frames, 3);
	k->silence(k, 1);
	k->drop(k, 2);
	k->put(k, frames, 1);
	ck_assert_int_eq(k->close(k), 0);
	f = fopen(name, "r");
	remove(name);
	ck_assert_uint_ge(fread(b, 1, sizeof b, f), 44 + 12);
	fclose(f);
	ck_assert_int_eq(memcmp(b, "RIFF\x30\0\0\0WAVEfmt \x10\0\0\0\1\0\2\0\x80\xbb\0\0\0\xee\2\0\4\0\x10\0data\x0c\0\0\0", 44), 0);
	ck_assert_int_eq(memcmp(b + 44, "\1\0\2\0\3\0\4\0\1\0\2\0", 12), 0);
	ck_assert_int_lt(wav_sink_new("/nowhere/x", &k, why), 0);
	ck_assert_str_eq(why, "/nowhere/x: No such file or directory");
	ck_assert_int_eq(wav_sink_new("/dev/full", &k, why), 0);
	k->silence(k, 100000);
	ck_assert_int_lt(k->close(k), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("audio");
	TCase *tc = tcase_create("audio");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, room_comes_with_time);
	tcase_add_test(tc, gaps);
	tcase_add_test(tc, dropped);
	tcase_add_test(tc, for_ever);
	tcase_add_test(tc, another_format);
	tcase_add_test(tc, the_same_rate_stays_as_it_is);
	tcase_add_test(tc, bytes_and_one_channel);
	tcase_add_test(tc, other_rates);
	tcase_add_test(tc, half_the_rate_is_a_line);
	tcase_add_test(tc, a_wav_file);
	suite_add_tcase(suite, tc);
	r = srunner_create(suite);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
