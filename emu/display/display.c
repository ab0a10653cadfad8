/* SPDX-License-Identifier: MIT */
#include "emu/display/display.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "emu/display/record.h"
#include "emu/display/window_user.h"
#include "emu/drivers/fbdev.h"
#include "emu/host/clock.h"
#include "emu/kernel/klog.h"
#include "emu/kernel/machine.h"
#include "emu/vt/vt.h"

struct display {
	const struct framebuffer *fb;
	struct window_user user;	/* user.window NULL: there is none */
	struct png_writer *png;
	const char *screenshot;		/* its name */
	FILE *file;
	struct recording *recording;	/* NULL: none, or it has come to an end */
	int failed;			/* what became of it: -errno */
	char why[DISPLAY_WHY];
};

/* --- --display --- */

static bool flag(const char **text, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(*text, name, len) || ((*text)[len] && (*text)[len] != ','))
		return false;
	*text += len;
	return true;
}

static bool number(const char **text, uint32_t most, uint32_t *out)
{
	uint64_t n = 0;
	const char *s = *text;

	while (isdigit((unsigned char)*s) && n <= most)
		n = n * 10 + (uint64_t)(*s++ - '0');
	if (s == *text || n > most)
		return false;
	*text = s;
	*out = (uint32_t)n;
	return true;
}

bool display_parse(const char *text, struct display_config *out, char why[DISPLAY_WHY])
{
	struct framebuffer_mode m = { .bpp = 32 };
	const char *s = text;
	bool good;

	if (!strcmp(text, "none")) {
		out->mode = (struct framebuffer_mode){ 0 };
		return true;
	}
	good = number(&s, FRAMEBUFFER_SIDE_MAX, &m.width) && *s++ == 'x' && number(&s, FRAMEBUFFER_SIDE_MAX, &m.height);
	if (good && *s == 'x') {
		s++;
		good = number(&s, 32, &m.bpp);
	}
	out->headless = out->touch = false;
	while (good && *s) {
		if (flag(&s, ",headless"))
			out->headless = true;
		else if (flag(&s, ",touch"))
			out->touch = true;
		else
			good = false;
	}
	if (!good) {
		snprintf(why, DISPLAY_WHY, "write WIDTHxHEIGHT or WIDTHxHEIGHTxDEPTH, and ,headless for no window, ,touch for a mouse "
			 "that is a finger; or none");
		return false;
	}
	if (m.bpp != 8 && m.bpp != 16 && m.bpp != 24 && m.bpp != 32) {
		snprintf(why, DISPLAY_WHY, "the depth must be 8, 16, 24 or 32 bits");
		return false;
	}
	if (m.width < 8 || m.height < 8 || (uint64_t)m.width * m.height > DISPLAY_PIXELS_MAX) {
		snprintf(why, DISPLAY_WHY, "must be at least 8x8 and at most %u million pixels", DISPLAY_PIXELS_MAX >> 20);
		return false;
	}
	m.virtual_width = m.width;
	m.virtual_height = m.height;
	out->mode = m;
	return true;
}

/* --- Making one --- */

/* It need not be a new file, and keeps what is in it until there is a picture. */
static int open_screenshot(struct display *d, const char *name, char why[DISPLAY_WHY])
{
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666), err;

	d->screenshot = name;
	d->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (d->file)
		return 0;
	err = -errno;
	if (fd >= 0)
		close(fd);
	snprintf(why, DISPLAY_WHY, "cannot write the screenshot %.140s: %s", name, strerror(-err));
	return err;
}

static int open_window(struct machine *m, struct display *d, const struct display_config *c, char why[DISPLAY_WHY])
{
	const struct window_config wc = { .fb = d->fb, .title = c->title ? c->title : "", .touch = c->touch };
	int err = window_new(&d->user.window, &wc, why);

	if (err)
		return err;
	d->user.machine = m;
	return window_user_begin(&d->user);
}

static void close_window(struct display *d)
{
	if (d->user.window)
		window_user_end(&d->user);
	window_free(d->user.window);
	d->user.window = NULL;
}

int display_new(struct machine *m, const struct display_config *c, char why[DISPLAY_WHY])
{
	struct display *d;
	int err;

	if (!m->fbdev || (c->headless && !c->screenshot && !c->record))
		return 0;
	d = m->display = calloc(1, sizeof *d);
	if (!d) {
		snprintf(why, DISPLAY_WHY, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	d->fb = m->fbdev->fb;
	err = c->screenshot || c->record ? png_writer_new(&d->png, why) : 0;
	if (!err && c->screenshot)
		err = open_screenshot(d, c->screenshot, why);
	if (!err && c->record)
		err = recording_new(&d->recording, c->record, why);
	if (d->recording)
		m->frame_due = 0;
	if (!err && !c->headless)
		err = open_window(m, d, c, why);
	if (err)
		display_free(m);
	return err;
}

void display_free(struct machine *m)
{
	struct display *d = m->display;
	char why[DISPLAY_WHY];

	if (!d)
		return;
	m->display = NULL;
	m->frame_due = UINT64_MAX;
	close_window(d);
	recording_end(d->recording, 0, why);
	if (d->file)
		fclose(d->file);
	png_writer_free(d->png);
	free(d);
}

/* --- Pictures --- */

/* What there is now is shown from frame n on. */
static void record(struct machine *m, uint64_t n)
{
	struct display *d = m->display;
	struct framebuffer_view v;
	char why[DISPLAY_WHY];

	framebuffer_look(d->fb, &v);
	d->failed = recording_frame(d->recording, d->png, &v, n, d->why);
	if (!d->failed)
		return;
	klog(m, KLOG_ERR, "recording: %s; it ends here", d->why);
	recording_end(d->recording, n, why);
	d->recording = NULL;
	m->frame_due = UINT64_MAX;
}

/* Called before anything else is done in the frame: it shows what was drawn in the one before. */
void display_frame(struct machine *m, uint64_t now)
{
	uint64_t n = framebuffer_frame_at(now);

	m->frame_due = framebuffer_frame_begin(n + 1);
	record(m, n);
}

int display_screenshot(struct machine *m, char why[DISPLAY_WHY])
{
	struct display *d = m->display;
	struct framebuffer_view v;
	char reason[DISPLAY_WHY];
	int err;

	if (!d || !d->file) {
		snprintf(why, DISPLAY_WHY, "no --screenshot was asked for");
		return -ENOENT;
	}
	vts_flush(m);
	framebuffer_look(d->fb, &v);
	rewind(d->file);
	/* A pipe will not be cut, and need not be. */
	err = ftruncate(fileno(d->file), 0) && errno != EINVAL ? -errno : 0;
	if (err)
		snprintf(reason, sizeof reason, "%s", strerror(-err));
	else
		err = png_write(d->png, &v, d->file, false, reason);
	if (err)
		snprintf(why, DISPLAY_WHY, "%.100s: %.130s", d->screenshot, reason);
	return err;
}

int display_end(struct machine *m, char why[DISPLAY_WHY])
{
	struct display *d = m->display;
	uint64_t next;
	int err;

	if (!d)
		return 0;
	next = framebuffer_frame_at(clock_monotonic(m)) + 1;
	vts_flush(m);
	if (d->recording)
		record(m, next);
	err = d->failed;
	if (d->recording) {
		err = recording_end(d->recording, next + 1, d->why);
		d->recording = NULL;
	}
	memcpy(why, d->why, sizeof d->why);
	if (d->file) {
		int missed = display_screenshot(m, err ? d->why : why);

		err = err ? err : missed;
	}
	display_free(m);
	return err;
}
