/* SPDX-License-Identifier: MIT
 *
 * Pictures and recordings of a framebuffer, and what becomes of them when memory or files fail. (What is in a picture, pixel by
 * pixel, is cli/display's.)
 */
#include "emu/display/record.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "emu/host/library.h"
#include "tests/unit/oom_kit.h"

#define MEMORY 0x50000000u
#define SIZE (1u << 20)

static struct flat *flat;
static struct framebuffer *fb;
static struct png_writer *writer;
static char folder[100], why[DISPLAY_WHY];

static uint64_t now(void *owner)
{
	(void)owner;
	return 0;
}

static void set_mode(uint32_t w, uint32_t h, uint32_t bpp)
{
	struct framebuffer_mode m = { .width = w, .height = h, .bpp = bpp, .virtual_width = w, .virtual_height = 2 * h };

	ck_assert_int_eq(framebuffer_set_mode(fb, &m), 0);
}

static void up(void)
{
	const char *tmp = getenv("TMPDIR");
	struct framebuffer_config c = {
		.memory = MEMORY, .memory_size = SIZE, .now = now,
		.mode = { .width = 16, .height = 8, .bpp = 32, .virtual_width = 16, .virtual_height = 16 },
	};
	int err;

	ck_assert_int_eq(flat_new(&flat), 0);
	ck_assert_int_eq(flat_commit(flat, MEMORY, SIZE), 0);
	fb = framebuffer_new(flat, &c, &err);
	ck_assert_ptr_nonnull(fb);
	ck_assert_int_eq(png_writer_new(&writer, why), 0);
	snprintf(folder, sizeof folder, "%s/display.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void down(void)
{
	char command[120];

	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
	png_writer_free(writer);
	framebuffer_device(fb)->ops->free(framebuffer_device(fb));
	flat_free(flat);
}

static uint8_t *at(uint32_t offset)
{
	return flat_base(flat) + MEMORY + offset;
}

/* --- --display --- */

START_TEST(sizes_are_read)
{
	static const struct { const char *text; uint32_t w, h, bpp; bool headless; } good[] = {
		{ "800x600x32", 800, 600, 32, false }, { "800x600", 800, 600, 32, false }, { "8x8x8", 8, 8, 8, false },
		{ "320x200x16,headless", 320, 200, 16, true }, { "65535x1024x24", 65535, 1024, 24, false },
		{ "640x480,headless", 640, 480, 32, true }, { "none", 0, 0, 0, false },
	};
	static const char *const bad[] = {
		"", "x", "800", "800x", "x600", "800x600x", "800x600x32x", "800x600,", "800x600,head", "800x600,headless,", "800*600",
		"-8x8", "8x-8", " 8x8", "8x8 ", "7x8", "8x7", "800x600x1", "800x600x15", "800x600x33", "800x600x100", "65536x8", "8x65536",
		"65535x65535", "4294967304x8", "0x10x10", "None",
	};
	struct display_config c;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		memset(&c, 0x55, sizeof c);
		c.headless = false;
		ck_assert_msg(display_parse(good[i].text, &c, why), "%s", good[i].text);
		ck_assert(c.mode.width == good[i].w && c.mode.height == good[i].h && c.mode.bpp == good[i].bpp);
		ck_assert(c.mode.virtual_width == good[i].w && c.mode.virtual_height == good[i].h && c.headless == good[i].headless);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		why[0] = 0;
		ck_assert_msg(!display_parse(bad[i], &c, why), "%s", bad[i]);
		ck_assert_msg(why[0], "%s", bad[i]);
	}
}
END_TEST

/* --- Libraries --- */

START_TEST(what_cannot_be_loaded_is_said)
{
	static const char *const names[] = { "strlen", "no_such_function_42" };
	static const struct library absent = { "libnothing42.so.1", "libnothing42-1", names, 1 };
	static const struct library old = { "libc.so.6", "libc6", names, 2 }, libc = { "libc.so.6", "libc6", names, 1 };
	struct { size_t (*length)(const char *s); void *none; } f = { NULL, NULL };

	ck_assert_int_eq(library_load(&absent, &f, sizeof f.length, why), -ENOENT);
	ck_assert_str_eq(why, "libnothing42.so.1 cannot be loaded (Debian has it in the package libnothing42-1)");
	ck_assert_int_eq(library_load(&old, &f, sizeof f, why), -ENOSYS);
	ck_assert_str_eq(why, "libc.so.6 has no no_such_function_42: it is too old");
	f.length = NULL;
	ck_assert_int_eq(library_load(&libc, &f, sizeof f.length, why), 0);
	ck_assert_uint_eq(f.length("five5"), 5);
}
END_TEST

/* --- Recordings --- */

static struct recording *r;

static int frame(uint64_t n)
{
	struct framebuffer_view v;

	framebuffer_look(fb, &v);
	return recording_frame(r, writer, &v, n, why);
}

static unsigned pictures(void)
{
	char name[160];
	unsigned n = 0;

	do
		snprintf(name, sizeof name, "%s/frame-%06u.png", folder, n++);
	while (!access(name, R_OK));
	return n - 1;
}

static void list_is(const char *want)
{
	char name[160], text[2000];
	FILE *f;

	snprintf(name, sizeof name, "%s/frames.ffconcat", folder);
	f = fopen(name, "r");
	ck_assert_ptr_nonnull(f);
	text[fread(text, 1, sizeof text - 1, f)] = 0;
	fclose(f);
	ck_assert_str_eq(text, want);
}

START_TEST(only_what_differs_makes_a_picture)
{
	struct framebuffer_colour grey = { 0x8000, 0x8000, 0x8000 }, nearly = { 0x80ff, 0x8000, 0x8000 };

	ck_assert_int_eq(recording_new(&r, folder, why), 0);
	ck_assert_int_eq(frame(0), 0);
	ck_assert_int_eq(frame(1), 0);
	ck_assert_uint_eq(pictures(), 1);
	*at(7 * 64 + 63) = 1;			/* the byte that nobody sees of the last pixel: it counts as another picture */
	ck_assert_int_eq(frame(2), 0);
	ck_assert_uint_eq(pictures(), 2);
	*at(8 * 64) = 1;			/* below what is shown */
	ck_assert_int_eq(frame(3), 0);
	ck_assert_uint_eq(pictures(), 2);
	ck_assert_int_eq(framebuffer_pan(fb, 0, 8), 0);
	ck_assert_int_eq(frame(4), 0);
	ck_assert_uint_eq(pictures(), 3);
	memcpy(at(0), at(8 * 64), 8 * 64);	/* panned to the same picture */
	ck_assert_int_eq(framebuffer_pan(fb, 0, 0), 0);
	ck_assert_int_eq(frame(5), 0);
	ck_assert_uint_eq(pictures(), 3);
	framebuffer_set_colour(fb, 1, grey);	/* true colour has none */
	ck_assert_int_eq(frame(6), 0);
	ck_assert_uint_eq(pictures(), 3);
	set_mode(16, 8, 8);
	ck_assert_int_eq(frame(7), 0);
	ck_assert_uint_eq(pictures(), 4);
	framebuffer_set_colour(fb, 1, nearly);	/* what is shown of it is the same */
	ck_assert_int_eq(frame(8), 0);
	ck_assert_uint_eq(pictures(), 4);
	framebuffer_set_colour(fb, 2, grey);
	ck_assert_int_eq(frame(9), 0);
	ck_assert_uint_eq(pictures(), 5);
	framebuffer_set_blank(fb, true);
	ck_assert_int_eq(frame(10), 0);
	ck_assert_uint_eq(pictures(), 6);
	*at(0) = 77;
	ck_assert_int_eq(frame(11), 0);
	ck_assert_uint_eq(pictures(), 6);
	framebuffer_set_blank(fb, false);
	ck_assert_int_eq(frame(12), 0);
	ck_assert_uint_eq(pictures(), 7);
	set_mode(200, 100, 24);			/* larger than what was there */
	ck_assert_int_eq(frame(13), 0);
	ck_assert_uint_eq(pictures(), 8);
	set_mode(8, 8, 24);
	ck_assert_int_eq(frame(73), 0);
	ck_assert_int_eq(recording_end(r, 70, why), 0);	/* before it began: it is shown for a frame */
	list_is("ffconcat version 1.0\nfile frame-000000.png\nduration 0.033333\nfile frame-000001.png\nduration 0.033333\n"
		"file frame-000002.png\nduration 0.050000\nfile frame-000003.png\nduration 0.033334\nfile frame-000004.png\n"
		"duration 0.016666\nfile frame-000005.png\nduration 0.033334\nfile frame-000006.png\nduration 0.016666\n"
		"file frame-000007.png\nduration 1.000000\nfile frame-000008.png\nduration 0.016667\n");
}
END_TEST

START_TEST(folders_are_made_and_not_used_twice)
{
	char name[160];

	ck_assert_int_eq(recording_new(&r, folder, why), 0);
	ck_assert_int_eq(recording_end(r, 0, why), 0);
	list_is("ffconcat version 1.0\n");
	ck_assert_int_eq(recording_new(&r, folder, why), -EEXIST);
	ck_assert_ptr_nonnull(strstr(why, "holds a recording already"));
	snprintf(name, sizeof name, "%s/new", folder);
	ck_assert_int_eq(recording_new(&r, name, why), 0);
	ck_assert_int_eq(recording_end(r, 0, why), 0);
	snprintf(name, sizeof name, "%s/not/there", folder);
	ck_assert_int_eq(recording_new(&r, name, why), -ENOENT);
	snprintf(name, sizeof name, "%s/frames.ffconcat", folder);
	ck_assert_int_eq(recording_new(&r, name, why), -ENOTDIR);
	ck_assert_int_eq(recording_end(NULL, 0, why), 0);
}
END_TEST

START_TEST(frames_that_cannot_be_written_are_said)
{
	char name[200], aside[160];

	ck_assert_int_eq(recording_new(&r, folder, why), 0);
	snprintf(name, sizeof name, "%s/frame-000000.png", folder);
	ck_assert_int_eq(mkdir(name, 0755), 0);
	ck_assert_int_eq(frame(0), -EISDIR);
	ck_assert_ptr_nonnull(strstr(why, "frame-000000.png: Is a directory"));
	ck_assert_int_eq(rmdir(name), 0);
	ck_assert_int_eq(symlink("/dev/full", name), 0);
	ck_assert_int_eq(frame(1), -ENOSPC);
	ck_assert_int_eq(unlink(name), 0);
	/* A folder of which nothing is left. */
	ck_assert_int_eq(recording_end(r, 2, why), 0);
	snprintf(aside, sizeof aside, "%s/gone", folder);
	ck_assert_int_eq(recording_new(&r, aside, why), 0);
	snprintf(name, sizeof name, "%s/frames.ffconcat", aside);
	ck_assert_int_eq(unlink(name), 0);
	ck_assert_int_eq(rmdir(aside), 0);
	ck_assert_int_eq(frame(0), -ENOENT);
	ck_assert_int_eq(recording_end(r, 2, why), 0);
}
END_TEST

START_TEST(no_memory_is_said)
{
	struct png_writer *other = NULL;

	fail_in = 1;
	ck_assert_int_eq(png_writer_new(&other, why), -ENOMEM);
	fail_in = 1;
	ck_assert_int_eq(recording_new(&r, folder, why), -ENOMEM);
	ck_assert_int_eq(recording_new(&r, folder, why), 0);
	for (int n = 0; n < 3; n++) {	/* for the bytes of the last picture; for a picture; for a row of it */
		why[0] = 0;
		fail_in = n ? 2 : 1;
		ck_assert_int_eq(frame(0), -ENOMEM);
		ck_assert_int_eq(fail_in, 0);
		ck_assert_ptr_nonnull(strstr(why, "annot allocate"));
	}
	*at(0) ^= 1;
	ck_assert_int_eq(frame(1), 0);
	ck_assert_int_eq(recording_end(r, 2, why), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("display");
	TCase *t = tcase_create("display");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, sizes_are_read);
	tcase_add_test(t, what_cannot_be_loaded_is_said);
	tcase_add_test(t, only_what_differs_makes_a_picture);
	tcase_add_test(t, folders_are_made_and_not_used_twice);
	tcase_add_test(t, frames_that_cannot_be_written_are_said);
	tcase_add_test(t, no_memory_is_said);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
