/* SPDX-License-Identifier: MIT */
#include "emu/display/png.h"

#include <errno.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include "emu/host/library.h"

struct png_functions {
	int (*write_to_stdio)(png_image *image, FILE *file, int to_8_bit, const void *buffer, png_int_32 stride,
			      const void *colours);
	void (*free)(png_image *image);
};

static const char *const names[] = { "png_image_write_to_stdio", "png_image_free" };
static const struct library libpng = { "libpng16.so.16", "libpng16-16", names, sizeof names / sizeof *names };

struct png_writer {
	struct png_functions png;
	uint8_t *rgb;			/* a picture: 3 bytes a pixel */
	uint32_t *row;			/* one of it, as the device gives it */
	size_t size, width;		/* of these two */
};

int png_writer_new(struct png_writer **out, char why[DISPLAY_WHY])
{
	struct png_writer *w = calloc(1, sizeof *w);
	int err;

	if (!w) {
		snprintf(why, DISPLAY_WHY, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	err = library_load(&libpng, &w->png, sizeof w->png, why);
	if (err)
		free(w);
	else
		*out = w;
	return err;
}

void png_writer_free(struct png_writer *w)
{
	if (!w)
		return;
	free(w->rgb);
	free(w->row);
	free(w);
}

static int make_room(struct png_writer *w, const struct framebuffer_view *v)
{
	size_t size = (size_t)v->width * v->height * 3;
	void *p;

	if (size > w->size) {
		p = realloc(w->rgb, size);
		if (!p)
			return -ENOMEM;
		w->rgb = p;
		w->size = size;
	}
	if (v->width > w->width) {
		p = realloc(w->row, v->width * sizeof *w->row);
		if (!p)
			return -ENOMEM;
		w->row = p;
		w->width = v->width;
	}
	return 0;
}

static void convert(struct png_writer *w, const struct framebuffer_view *v)
{
	uint8_t *out = w->rgb;

	for (uint32_t y = 0; y < v->height; y++) {
		framebuffer_rows(v, y, 1, w->row);
		for (uint32_t x = 0; x < v->width; x++) {
			*out++ = (uint8_t)(w->row[x] >> 16);
			*out++ = (uint8_t)(w->row[x] >> 8);
			*out++ = (uint8_t)w->row[x];
		}
	}
}

int png_write(struct png_writer *w, const struct framebuffer_view *v, FILE *f, bool fast, char why[DISPLAY_WHY])
{
	png_image image = {
		.version = PNG_IMAGE_VERSION, .width = v->width, .height = v->height, .format = PNG_FORMAT_RGB,
		.flags = fast ? PNG_IMAGE_FLAG_FAST : 0,
	};
	int err = make_room(w, v);

	if (err) {
		snprintf(why, DISPLAY_WHY, "%s", strerror(-err));
		return err;
	}
	convert(w, v);
	errno = 0;
	if (!w->png.write_to_stdio(&image, f, 0, w->rgb, 0, NULL) || fflush(f)) {
		snprintf(why, DISPLAY_WHY, "%s", errno ? strerror(errno) : image.message);
		w->png.free(&image);
		return errno ? -errno : -EIO;
	}
	return 0;
}
