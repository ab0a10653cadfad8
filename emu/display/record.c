/* SPDX-License-Identifier: MIT */
#include "emu/display/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct recording {
	int folder;
	FILE *list;
	uint64_t count;			/* pictures so far */
	uint64_t since;			/* frame from which on the last one is shown */
	struct framebuffer_view last;
	uint8_t *bytes;			/* of the last one, rows without a gap: to see whether anything has changed */
	size_t size;
};

static int fail(char why[DISPLAY_WHY], const char *what, int err)
{
	snprintf(why, DISPLAY_WHY, "%s: %s", what, strerror(-err));
	return err;
}

int recording_new(struct recording **out, const char *folder, char why[DISPLAY_WHY])
{
	struct recording *r = calloc(1, sizeof *r);
	int fd, err;

	if (!r)
		return fail(why, folder, -ENOMEM);
	if (mkdir(folder, 0777) && errno != EEXIST) {
		err = fail(why, folder, -errno);
		goto no_folder;
	}
	r->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->folder < 0) {
		err = fail(why, folder, -errno);
		goto no_folder;
	}
	fd = openat(r->folder, "frames.ffconcat", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 && errno == EEXIST) {
		err = -EEXIST;
		snprintf(why, DISPLAY_WHY, "%s: holds a recording already", folder);
		goto no_list;
	}
	r->list = fd < 0 ? NULL : fdopen(fd, "w");
	if (!r->list) {
		err = fail(why, folder, -errno);
		if (fd >= 0)
			close(fd);
		goto no_list;
	}
	fprintf(r->list, "ffconcat version 1.0\n");
	*out = r;
	return 0;
no_list:
	close(r->folder);
no_folder:
	free(r);
	return err;
}

/* Whether the same bytes are the same picture. */
static bool alike(const struct framebuffer_view *a, const struct framebuffer_view *b)
{
	return a->width == b->width && a->height == b->height && a->bpp == b->bpp && a->blank == b->blank &&
	       (a->bpp != 8 || !memcmp(a->palette, b->palette, sizeof a->palette));
}

/* Whether v is another picture than the last one; remembers it. -ENOMEM. What is drawn on a blank screen makes no picture. */
static int differs(struct recording *r, const struct framebuffer_view *v)
{
	bool other = !r->count || !alike(v, &r->last);
	size_t size = (size_t)v->row * v->height;

	if (size > r->size) {
		void *p = realloc(r->bytes, size);

		if (!p)
			return -ENOMEM;
		r->bytes = p;
		r->size = size;
	}
	r->last = *v;
	for (uint32_t y = 0; y < v->height && !v->blank; y++) {
		const uint8_t *row = v->pixels + (size_t)y * v->stride;
		uint8_t *last = r->bytes + (size_t)y * v->row;

		if (other || memcmp(last, row, v->row)) {
			memcpy(last, row, v->row);
			other = true;
		}
	}
	return other;
}

static void end_last(struct recording *r, uint64_t n)
{
	uint64_t us = framebuffer_frame_begin(n) / 1000 - framebuffer_frame_begin(r->since) / 1000;

	if (r->count)
		fprintf(r->list, "duration %llu.%06llu\n", (unsigned long long)us / 1000000, (unsigned long long)us % 1000000);
}

int recording_frame(struct recording *r, struct png_writer *w, const struct framebuffer_view *v, uint64_t n,
		    char why[DISPLAY_WHY])
{
	char name[40];
	FILE *f;
	int fd, err = differs(r, v);

	if (err <= 0)
		return err < 0 ? fail(why, "a frame", err) : 0;
	snprintf(name, sizeof name, "frame-%06llu.png", (unsigned long long)r->count);
	fd = openat(r->folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		err = fail(why, name, -errno);
		if (fd >= 0)
			close(fd);
		return err;
	}
	err = png_write(w, v, f, true, why);
	fclose(f);
	if (err)
		return err;
	end_last(r, n);
	r->count++;
	r->since = n;
	fprintf(r->list, "file %s\n", name);
	return fflush(r->list) ? fail(why, "frames.ffconcat", -errno) : 0;
}

int recording_end(struct recording *r, uint64_t n, char why[DISPLAY_WHY])
{
	int err = 0;

	if (!r)
		return 0;
	end_last(r, n > r->since ? n : r->since + 1);
	if (fclose(r->list))
		err = fail(why, "frames.ffconcat", -errno);
	close(r->folder);
	free(r->bytes);
	free(r);
	return err;
}
