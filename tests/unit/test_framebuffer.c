/* SPDX-License-Identifier: MIT
 *
 * The framebuffer as a device: modes, registers, what is shown of the memory, and that a reader beside it sees one state.
 */
#include "devices/framebuffer.h"

#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY 0x50000000u
#define SIZE (1u << 20)

static struct flat *flat;
static struct framebuffer *fb;
static struct device *dev;
static uint64_t clock_ns, asked;
static bool out_of_memory;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *__wrap_calloc(size_t n, size_t size)
{
	return out_of_memory ? NULL : __real_calloc(n, size);
}

static uint64_t now(void *owner)
{
	ck_assert_ptr_eq(owner, &clock_ns);
	return clock_ns;
}

static void alarm_at(void *owner, uint64_t at)
{
	ck_assert_ptr_eq(owner, &clock_ns);
	asked = at;
}

static struct framebuffer_mode mode(uint32_t w, uint32_t h, uint32_t bpp, uint32_t vw, uint32_t vh)
{
	return (struct framebuffer_mode){ .width = w, .height = h, .bpp = bpp, .virtual_width = vw, .virtual_height = vh };
}

static struct framebuffer_config config(struct framebuffer_mode m)
{
	return (struct framebuffer_config){ .registers = 0x10010000, .memory = MEMORY, .memory_size = SIZE, .mode = m, .now = now, .alarm = alarm_at,
					    .owner = &clock_ns };
}

static void up(void)
{
	struct framebuffer_config c = config(mode(16, 8, 32, 16, 8));
	int err = -1;

	clock_ns = 0;
	asked = UINT64_MAX;
	ck_assert_int_eq(flat_new(&flat), 0);
	ck_assert_int_eq(flat_commit(flat, MEMORY, SIZE), 0);
	fb = framebuffer_new(flat, &c, &err);
	ck_assert_ptr_nonnull(fb);
	ck_assert_int_eq(err, 0);
	dev = framebuffer_device(fb);
}

static void down(void)
{
	dev->ops->free(dev);
	flat_free(flat);
}

static uint8_t *at(uint32_t offset)
{
	return flat_base(flat) + MEMORY + offset;
}

static uint32_t load(uint32_t offset)
{
	uint64_t v = UINT64_MAX;

	ck_assert(dev->ops->load(dev, FRAMEBUFFER_REGISTERS, offset, 4, &v));
	ck_assert_uint_le(v, UINT32_MAX);
	return (uint32_t)v;
}

static void store(uint32_t offset, uint32_t value)
{
	ck_assert(dev->ops->store(dev, FRAMEBUFFER_REGISTERS, offset, 4, value));
}

START_TEST(it_has_two_windows)
{
	uint32_t size;

	ck_assert_uint_eq(dev->windows, 2);
	ck_assert_int_eq(dev->window[FRAMEBUFFER_REGISTERS].kind, DEVICE_TRAPPED);
	ck_assert_int_eq(dev->window[FRAMEBUFFER_MEMORY].kind, DEVICE_DIRECT);
	ck_assert_uint_eq(framebuffer_memory(fb, &size), MEMORY);
	ck_assert_uint_eq(size, SIZE);
	ck_assert_ptr_eq(framebuffer_of(dev), fb);
}
END_TEST

START_TEST(modes_must_fit)
{
	static const struct { struct framebuffer_mode m; int err; } cases[] = {
		{ { 16, 8, 32, 16, 8 }, 0 }, { { 1, 1, 8, 1, 1 }, 0 }, { { 512, 512, 32, 512, 512 }, 0 },
		{ { 512, 512, 32, 512, 513 }, -ENOMEM }, { { 512, 512, 32, 513, 512 }, -ENOMEM },
		{ { 512, 512, 16, 1024, 512 }, 0 }, { { 1024, 1024, 8, 1024, 1024 }, 0 }, { { 8, 8, 8, 16, 65535 }, 0 },
		{ { 8, 8, 8, 8, 65536 }, -EINVAL }, { { 8, 8, 8, 65536, 8 }, -EINVAL },
		{ { 16, 8, 0, 16, 8 }, -EINVAL }, { { 16, 8, 1, 16, 8 }, -EINVAL }, { { 16, 8, 15, 16, 8 }, -EINVAL },
		{ { 16, 8, 40, 16, 8 }, -EINVAL }, { { 0, 8, 8, 16, 8 }, -EINVAL }, { { 16, 0, 8, 16, 8 }, -EINVAL },
		{ { 16, 0, 8, 16, 0 }, -EINVAL }, { { 17, 8, 8, 16, 8 }, -EINVAL }, { { 16, 9, 8, 16, 8 }, -EINVAL },
		{ { 16, 8, 32, UINT32_MAX, UINT32_MAX }, -ENOMEM }, { { UINT32_MAX, UINT32_MAX, 32, UINT32_MAX, UINT32_MAX }, -ENOMEM },
	};
	struct framebuffer_mode before, after;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_int_eq(framebuffer_check(fb, &cases[i].m), cases[i].err);
		framebuffer_get_mode(fb, &before);
		ck_assert_int_eq(framebuffer_set_mode(fb, &cases[i].m), cases[i].err);
		framebuffer_get_mode(fb, &after);
		ck_assert(!memcmp(&after, cases[i].err ? &before : &cases[i].m, sizeof after));
	}
	/* Rows are whole words. */
	ck_assert_uint_eq(framebuffer_stride(&(struct framebuffer_mode){ .virtual_width = 5, .bpp = 8 }), 8);
	ck_assert_uint_eq(framebuffer_stride(&(struct framebuffer_mode){ .virtual_width = 5, .bpp = 16 }), 12);
	ck_assert_uint_eq(framebuffer_stride(&(struct framebuffer_mode){ .virtual_width = 5, .bpp = 24 }), 16);
	ck_assert_uint_eq(framebuffer_stride(&(struct framebuffer_mode){ .virtual_width = 5, .bpp = 32 }), 20);
}
END_TEST

START_TEST(panning_stays_in_the_picture)
{
	struct framebuffer_mode m = mode(16, 8, 16, 20, 24);
	struct framebuffer_view v;

	ck_assert_int_eq(framebuffer_pan(fb, 0, 1), -EINVAL);
	ck_assert_int_eq(framebuffer_set_mode(fb, &m), 0);
	ck_assert_int_eq(framebuffer_pan(fb, 4, 16), 0);
	framebuffer_look(fb, &v);
	ck_assert_ptr_eq(v.pixels, at(16 * 40 + 4 * 2));
	ck_assert_int_eq(framebuffer_pan(fb, 5, 16), -EINVAL);
	ck_assert_int_eq(framebuffer_pan(fb, 4, 17), -EINVAL);
	ck_assert_int_eq(framebuffer_pan(fb, UINT32_MAX, 0), -EINVAL);
	framebuffer_look(fb, &v);
	ck_assert_ptr_eq(v.pixels, at(16 * 40 + 4 * 2));
	ck_assert_uint_eq(v.row, 32);
	ck_assert_uint_eq(v.stride, 40);
	ck_assert_int_eq(framebuffer_set_mode(fb, &m), 0);
	framebuffer_look(fb, &v);
	ck_assert_ptr_eq(v.pixels, at(0));
}
END_TEST

/* What 16 pixels of row y show. */
static void rows(uint32_t first, uint32_t count, uint32_t *out)
{
	struct framebuffer_view v;

	framebuffer_look(fb, &v);
	framebuffer_rows(&v, first, count, out);
}

START_TEST(pixels_of_all_depths_are_shown)
{
	static const struct { uint32_t bpp, pixel, shown; } cases[] = {
		{ 16, 0xffff, 0xffffff }, { 16, 0xf800, 0xff0000 }, { 16, 0x07e0, 0x00ff00 }, { 16, 0x001f, 0x0000ff },
		{ 16, 0x0821, 0x080408 }, { 16, 0x8410, 0x848284 },
		{ 24, 0x123456, 0x123456 }, { 24, 0xff0000, 0xff0000 }, { 24, 0x0000ff, 0x0000ff },
		{ 32, 0xff123456, 0x123456 }, { 32, 0x00abcdef, 0xabcdef },
	};
	uint32_t out[2 * 16];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct framebuffer_mode m = mode(16, 8, cases[i].bpp, 17, 9);
		uint32_t bytes = cases[i].bpp / 8, stride = (uint32_t)framebuffer_stride(&m);

		memset(at(0), 0, SIZE);
		ck_assert_int_eq(framebuffer_set_mode(fb, &m), 0);
		memcpy(at(3 * stride + 15 * bytes), &cases[i].pixel, bytes);
		rows(2, 2, out);
		for (unsigned n = 0; n < 32; n++)
			ck_assert_uint_eq(out[n], n == 31 ? cases[i].shown : 0);
		/* Panned to it. */
		ck_assert_int_eq(framebuffer_pan(fb, 1, 1), 0);
		rows(2, 1, out);
		ck_assert_uint_eq(out[14], cases[i].shown);
	}
}
END_TEST

START_TEST(eight_bits_index_the_palette)
{
	struct framebuffer_mode m = mode(16, 8, 8, 16, 8);
	uint32_t out[16 * 8];

	ck_assert_int_eq(framebuffer_set_mode(fb, &m), 0);
	for (unsigned i = 0; i < 128; i++)
		*at(i) = (uint8_t)(2 * i);
	rows(0, 8, out);
	for (unsigned i = 0; i < 128; i++)
		ck_assert_uint_eq(out[i], 0);
	for (unsigned i = 0; i < 256; i++)
		framebuffer_set_colour(fb, (uint8_t)i, (struct framebuffer_colour){ (uint16_t)(i << 8 | 0xff), 0x80ff, (uint16_t)~(i << 8) });
	rows(0, 8, out);
	for (unsigned i = 0; i < 128; i++)
		ck_assert_uint_eq(out[i], (2 * i) << 16 | 0x8000 | (255 - 2 * i));
}
END_TEST

START_TEST(blank_is_black)
{
	uint32_t out[16 * 8];

	memset(at(0), 0x55, 16 * 8 * 4);
	memset(out, 0xff, sizeof out);
	framebuffer_set_blank(fb, true);
	rows(0, 8, out);
	for (unsigned i = 0; i < 128; i++)
		ck_assert_uint_eq(out[i], 0);
	framebuffer_set_blank(fb, false);
	rows(7, 1, out);
	ck_assert_uint_eq(out[15], 0x555555);
}
END_TEST

START_TEST(changes_are_told_apart)
{
	struct framebuffer_mode m = mode(16, 8, 32, 16, 16);
	struct framebuffer_view v;
	uint32_t last;

	framebuffer_look(fb, &v);
	last = v.changes;
	*at(0) = 1;
	framebuffer_look(fb, &v);
	ck_assert_uint_eq(v.changes, last);
	for (int i = 0; i < 4; i++) {
		switch (i) {
		case 0: framebuffer_set_mode(fb, &m); break;
		case 1: framebuffer_pan(fb, 0, 8); break;
		case 2: framebuffer_set_blank(fb, true); break;
		case 3: framebuffer_set_colour(fb, 9, (struct framebuffer_colour){ 1, 2, 3 }); break;
		}
		framebuffer_look(fb, &v);
		ck_assert_uint_ne(v.changes, last);
		last = v.changes;
	}
}
END_TEST

START_TEST(registers_do_what_the_functions_do)
{
	struct framebuffer_mode m;
	struct framebuffer_view v;

	ck_assert(load(0) == 0x32334246 && load(4) == SIZE && load(8) == 16 && load(0xc) == 8 && load(0x10) == 32);
	ck_assert(load(0x14) == 16 && load(0x18) == 8 && load(0x1c) == 64 && load(0x20) == 0 && load(0x24) == 0);
	store(0x08, 20);
	store(0x0c, 10);
	store(0x10, 16);
	store(0x14, 30);
	framebuffer_get_mode(fb, &m);
	ck_assert_uint_eq(m.width, 16);		/* not yet */
	store(0x20, 1);
	ck_assert_uint_eq(load(0x20), 1);	/* 10 of 8 rows */
	framebuffer_get_mode(fb, &m);
	ck_assert_uint_eq(m.width, 16);
	store(0x18, 40);
	store(0x20, 1);
	ck_assert_uint_eq(load(0x20), 0);
	framebuffer_get_mode(fb, &m);
	ck_assert(m.width == 20 && m.height == 10 && m.bpp == 16 && m.virtual_width == 30 && m.virtual_height == 40);
	ck_assert_uint_eq(load(0x1c), 60);
	store(0x24, 30 << 16 | 10);
	ck_assert_uint_eq(load(0x24), 30 << 16 | 10);
	store(0x24, 31 << 16 | 10);
	ck_assert_uint_eq(load(0x24), 30 << 16 | 10);
	store(0x28, 7);
	ck_assert_uint_eq(load(0x28), 1);
	store(0x800 + 8 * 255, 0x12345678);
	store(0x800 + 8 * 255 + 4, 0xffff9abc);
	ck_assert(load(0x800 + 8 * 255) == 0x12345678 && load(0x800 + 8 * 255 + 4) == 0x9abc);
	framebuffer_look(fb, &v);
	ck_assert_uint_eq(v.palette[255], 0x56129a);
	ck_assert(v.blank && v.width == 20 && v.pixels == at(30 * 60 + 20));
	for (unsigned i = 0; i < 0x34; i += 4)
		if (i <= 4 || i == 0x1c || i >= 0x2c) {
			uint32_t was = load(i);

			store(i, ~was);
			ck_assert_uint_eq(load(i), was);
		}
}
END_TEST

START_TEST(any_other_access_is_a_bus_error)
{
	static const uint32_t sizes[] = { 1, 2, 4, 8 };
	struct framebuffer_view before, after;
	unsigned answered = 0;

	framebuffer_look(fb, &before);
	for (unsigned window = 0; window < 2; window++)
		for (uint32_t offset = 0; offset < 4096; offset++)
			for (unsigned s = 0; s < 4; s++) {
				uint64_t v = 0;
				bool good = !window && sizes[s] == 4 && offset % 4 == 0 && (offset <= 0x38 || offset >= 0x800);

				if (offset + sizes[s] > 4096)
					continue;
				ck_assert_int_eq(dev->ops->load(dev, window, offset, sizes[s], &v), good);
				ck_assert_int_eq(dev->ops->store(dev, window, offset, sizes[s], v | UINT64_C(1) << 40), good);
				answered += good;
			}
	ck_assert_uint_eq(answered, 15 + 512);
	framebuffer_look(fb, &after);
	ck_assert(before.width == after.width && before.pixels == after.pixels && before.blank == after.blank);
}
END_TEST

/* Time goes by; what was asked for is called for. */
static void wait_ns(uint64_t ns)
{
	uint64_t until = clock_ns + ns;

	while (asked <= until) {
		clock_ns = asked > clock_ns ? asked : clock_ns;
		framebuffer_run(fb);
	}
	clock_ns = until;
}

START_TEST(frames_interrupt_if_they_may)
{
	const uint64_t frame = 1000000000 / 60 + 1;
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	wait_ns(3 * frame);
	ck_assert_uint_eq(asked, UINT64_MAX);	/* nobody waits, and nothing is asked for */
	ck_assert_uint_eq(load(0x34), 0);
	store(0x38, 3);
	ck_assert_uint_eq(load(0x38), 1);
	ck_assert_uint_eq(asked, framebuffer_frame_begin(framebuffer_frame_at(clock_ns) + 1));
	ck_assert(!dev->line.up);
	wait_ns(frame);
	ck_assert(dev->line.up);
	ck_assert_uint_eq(load(0x34), 1);
	wait_ns(frame);
	dev->ops->dump(dev, f);
	fclose(f);
	ck_assert_ptr_nonnull(strstr(text, "frame 5, interrupts on, one pending\n"));
	free(text);
	store(0x34, 0);
	ck_assert(!dev->line.up);
	wait_ns(frame);
	ck_assert(dev->line.up);
	store(0x38, 0);
	ck_assert(!dev->line.up);
	ck_assert_uint_eq(asked, UINT64_MAX);
	store(0x34, 0);
	wait_ns(5 * frame);
	store(0x38, 1);
	ck_assert(!dev->line.up);		/* what was before does not count */
	wait_ns(frame);
	dev->ops->reset(dev);
	ck_assert(!dev->line.up);
	ck_assert_uint_eq(asked, UINT64_MAX);
}
END_TEST

START_TEST(frames_begin_60_times_a_second)
{
	static const uint64_t days = UINT64_C(400) * 365 * 86400;	/* a virtual clock that has slept for centuries */
	uint64_t s[] = { 0, 1, 59, days };

	for (size_t i = 0; i < sizeof s / sizeof *s; i++) {
		ck_assert_uint_eq(framebuffer_frame_at(s[i] * 1000000000), s[i] * 60);
		ck_assert_uint_eq(framebuffer_frame_begin(s[i] * 60), s[i] * 1000000000);
		for (unsigned n = 1; n < 60; n++) {
			uint64_t begin = framebuffer_frame_begin(s[i] * 60 + n);

			ck_assert_uint_eq(framebuffer_frame_at(begin), s[i] * 60 + n);
			ck_assert_uint_eq(framebuffer_frame_at(begin - 1), s[i] * 60 + n - 1);
		}
	}
	clock_ns = 1000000000;
	ck_assert_uint_eq(load(0x2c), 60);
	ck_assert_uint_eq(load(0x30), 0);
	clock_ns = 1016600000;
	ck_assert_uint_eq(load(0x2c), 60);
	ck_assert_uint_eq(load(0x30), 1);	/* the last twentieth of a frame */
	clock_ns = 1016666667;
	ck_assert_uint_eq(load(0x2c), 61);
	ck_assert_uint_eq(load(0x30), 0);
}
END_TEST

START_TEST(reset_is_power_on_but_for_the_memory)
{
	struct framebuffer_mode m = mode(16, 8, 8, 16, 16);
	struct framebuffer_view v;
	char text[200] = "";
	FILE *f = fmemopen(text, sizeof text - 1, "w");

	*at(5) = 9;
	framebuffer_set_mode(fb, &m);
	framebuffer_pan(fb, 0, 4);
	framebuffer_set_blank(fb, true);
	framebuffer_set_colour(fb, 0, (struct framebuffer_colour){ 0xffff, 0xffff, 0xffff });
	dev->ops->dump(dev, f);
	fclose(f);
	ck_assert_str_eq(text, "mode 16x8x8 of 16x16, stride 16\nshown from 0,4, blank\nframe 0, interrupts off\n");
	dev->ops->reset(dev);
	framebuffer_look(fb, &v);
	ck_assert(v.bpp == 32 && !v.blank && v.pixels == at(0) && v.palette[0] == 0 && *at(5) == 9);
}
END_TEST

START_TEST(what_cannot_be_is_said)
{
	struct framebuffer_config c = config(mode(16, 8, 15, 16, 8));
	int err = 0;

	ck_assert_ptr_null(framebuffer_new(flat, &c, &err));
	ck_assert_int_eq(err, -EINVAL);
	c.mode = mode(1000, 1000, 32, 1000, 1000);
	ck_assert_ptr_null(framebuffer_new(flat, &c, &err));
	ck_assert_int_eq(err, -ENOMEM);
	c.mode = mode(16, 8, 32, 16, 8);
	out_of_memory = true;
	ck_assert_ptr_null(framebuffer_new(flat, &c, &err));
	out_of_memory = false;
	ck_assert_int_eq(err, -ENOMEM);
}
END_TEST

/* --- Beside another thread --- */

static atomic_bool stop;
static atomic_uint looks;

/* One state has a width of 8, is panned to 0 and has no colours; the other is another in all of it. */
static void *look(void *unused)
{
	struct framebuffer_view v;

	while (!atomic_load(&stop)) {
		framebuffer_look(fb, &v);
		if (v.width != 8 && v.width != 16)
			return (void *)"width";
		if (v.stride != v.width * 2 * v.bpp / 8 || v.row != v.width * v.bpp / 8)
			return (void *)"stride and width are not of one mode";
		if ((v.width == 8) != (v.bpp == 8))
			return (void *)"depth and width are not of one mode";
		atomic_fetch_add(&looks, 1);
	}
	return unused;
}

START_TEST(a_reader_sees_one_mode_at_a_time)
{
	struct framebuffer_mode one = mode(8, 8, 8, 16, 8), two = mode(16, 8, 32, 32, 8);
	pthread_t reader;
	void *wrong = NULL;

	framebuffer_set_mode(fb, &one);
	ck_assert_int_eq(pthread_create(&reader, NULL, look, NULL), 0);
	for (unsigned i = 0; i < 100000 || atomic_load(&looks) < 1000; i++)
		framebuffer_set_mode(fb, i & 1 ? &one : &two);
	atomic_store(&stop, true);
	pthread_join(reader, &wrong);
	ck_assert_msg(!wrong, "%s", (const char *)wrong);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("framebuffer");
	TCase *t = tcase_create("framebuffer");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, it_has_two_windows);
	tcase_add_test(t, modes_must_fit);
	tcase_add_test(t, panning_stays_in_the_picture);
	tcase_add_test(t, pixels_of_all_depths_are_shown);
	tcase_add_test(t, eight_bits_index_the_palette);
	tcase_add_test(t, blank_is_black);
	tcase_add_test(t, changes_are_told_apart);
	tcase_add_test(t, registers_do_what_the_functions_do);
	tcase_add_test(t, any_other_access_is_a_bus_error);
	tcase_add_test(t, frames_interrupt_if_they_may);
	tcase_add_test(t, frames_begin_60_times_a_second);
	tcase_add_test(t, reset_is_power_on_but_for_the_memory);
	tcase_add_test(t, what_cannot_be_is_said);
	tcase_add_test(t, a_reader_sees_one_mode_at_a_time);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
