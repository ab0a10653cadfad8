/* SPDX-License-Identifier: MIT */
#include "emu/vt/vt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/host/clock.h"
#include "emu/kernel/machine.h"
#include "emu/kernel/task.h"
#include "emu/vt/font.h"

/* --- Drawing --- */

static bool draws(const struct vts *s)
{
	return s->shown && s->vt[s->active - 1].made && s->vt[s->active - 1].kd_mode == KD_TEXT;
}

static void draw(struct vts *s)
{
	struct vt *v = vt_active(s);

	if (!draws(s))
		return;
	vt_paint(&v->screen, s->fb, v->screen.dirty_from, v->screen.dirty_to);
	v->screen.dirty_from = v->screen.dirty_to = 0;
}

/* All of it, what is no cell included: somebody else has drawn there. */
static void draw_all(struct vts *s)
{
	if (!draws(s))
		return;
	vt_paint_rest(&vt_active(s)->screen, s->fb);
	vt_screen_touch(&vt_active(s)->screen);
	draw(s);
}

static void on_frame(struct clock_event *e)
{
	struct vts *s = (struct vts *)(void *)((char *)e - offsetof(struct vts, frame));

	clock_event_remove(s->machine, e);
	draw(s);
}

/* Something is dirty: it is drawn when the next frame begins. */
static void draw_soon(struct vts *s)
{
	if (clock_event_armed(&s->frame) || !draws(s))
		return;
	s->frame.expires = framebuffer_frame_begin(framebuffer_frame_at(clock_monotonic(s->machine)) + 1);
	if (clock_event_add(s->machine, &s->frame))
		draw(s);
}

void vts_flush(struct machine *m)
{
	if (m->vts)
		draw(m->vts);
}

/* --- The terminal's driver --- */

/* Answers to a program's questions; they are typed once the output is dealt with. What has no room is lost. */
static void reply(void *owner, const char *bytes, size_t len)
{
	struct vt *v = owner;

	if (len > sizeof v->answers - v->answers_len)
		return;
	memcpy(v->answers + v->answers_len, bytes, len);
	v->answers_len += (unsigned)len;
}

static void type_answers(struct vt *v)
{
	char bytes[sizeof v->answers];
	unsigned len = v->answers_len;

	memcpy(bytes, v->answers, len);
	v->answers_len = 0;
	tty_receive(&v->tty, bytes, len);	/* its echo is output again */
}

static void drain(struct tty *tty)
{
	struct vt *v = vt_of(tty);
	const uint8_t *data;
	size_t len;

	while ((data = tty_out_data(tty, &len))) {
		vt_screen_write(&v->screen, data, len);
		tty_out_taken(tty, len);
	}
	if (v->number == v->all->active) {
		if (!v->all->shown) {
			v->all->shown = true;
			draw_all(v->all);
		}
		draw_soon(v->all);
	}
	if (v->answers_len)
		type_answers(v);
}

static void winsize(struct vt *v)
{
	struct tty_winsize w = { .rows = (uint16_t)v->screen.rows, .cols = (uint16_t)v->screen.columns };

	w.xpixel = (uint16_t)(v->screen.columns * FONT_WIDTH);
	w.ypixel = (uint16_t)(v->screen.rows * FONT_HEIGHT);
	tty_set_winsize(&v->tty, &w);
}

static unsigned rows_of(const struct vts *s)
{
	unsigned n = s->fb->var.yres / FONT_HEIGHT;

	return !n ? 1 : n < VT_ROWS_MAX ? n : VT_ROWS_MAX;
}

static unsigned columns_of(const struct vts *s)
{
	unsigned n = s->fb->var.xres / FONT_WIDTH;

	return !n ? 1 : n < VT_COLUMNS_MAX ? n : VT_COLUMNS_MAX;
}

static int open_line(struct tty *tty, struct file *f);
static void closed(struct tty *tty);

static const struct tty_driver driver = { .open = open_line, .drain = drain, .ioctl = vt_ioctl, .closed = closed };

static int make(struct vt *v)
{
	struct machine *m = v->all->machine;
	char name[16];
	int err;

	if (v->made)
		return 0;
	err = vt_screen_init(&v->screen, rows_of(v->all), columns_of(v->all));
	if (err)
		return err;
	snprintf(name, sizeof name, "tty%u", v->number);
	err = tty_init(&v->tty, m, name, vfs_makedev(TTY_MAJOR, v->number), &driver, v);
	if (err) {
		vt_screen_fini(&v->screen);
		return err;
	}
	v->tty.termios.iflag |= TTY_IUTF8;
	v->screen.reply = reply;
	v->screen.owner = v;
	v->kd_mode = KD_TEXT;
	v->kb_mode = K_UNICODE;
	v->meta = 4;			/* K_ESCPREFIX */
	v->made = true;
	winsize(v);
	return 0;
}

int vt_resize(struct vt *v, unsigned rows, unsigned columns)
{
	int err;

	if (v->screen.rows == rows && v->screen.columns == columns)
		return 0;
	err = vt_screen_resize(&v->screen, rows, columns);
	if (!err)
		winsize(v);
	return err;
}

/* Text keeps its old size if there is no memory for another; what does not fit is not drawn. */
void vts_mode_changed(struct machine *m)
{
	struct vts *s = m->vts;

	if (!s)
		return;
	for (unsigned i = 0; i < VT_COUNT; i++)
		if (s->vt[i].made)
			vt_resize(&s->vt[i], rows_of(s), columns_of(s));
	draw_all(s);
}

void vt_set_kd_mode(struct vt *v, unsigned mode)
{
	if (v->kd_mode == mode)
		return;
	v->kd_mode = (uint8_t)mode;
	if (v->number == v->all->active)
		draw_all(v->all);
}

/* --- Switching: change_console(), complete_change_console() --- */

static struct process *owner_of(const struct vt *v)
{
	return v->made && v->mode.mode == VT_PROCESS && v->owner ? process_find(v->all->machine, v->owner) : NULL;
}

static void tell(struct process *p, int signo)
{
	if (p && !p->zombie && signo)
		signal_send_process(p, signo, NULL);
}

static void complete(struct vts *s, unsigned number)
{
	s->wanted = 0;
	if (s->active != number) {
		s->active = number;
		tell(owner_of(vt_active(s)), vt_active(s)->mode.acquire);
		draw_all(s);
	}
	wake_all(&s->switched);
}

int vt_switch(struct vts *s, unsigned number)
{
	struct vt *now = vt_active(s);
	struct process *owner = owner_of(now);
	int err;

	if (!number || number > VT_COUNT)
		return -ENXIO;
	err = make(&s->vt[number - 1]);
	if (err)
		return err;
	if (s->locked || number == s->active)
		return 0;
	if (now->made && now->mode.mode == VT_PROCESS) {
		if (owner && !owner->zombie) {
			s->wanted = number;
			tell(owner, now->mode.release);
			return 0;
		}
		now->mode = (struct vt_mode){ 0 };	/* it has ended without a word: reset_vc() */
		vt_set_kd_mode(now, KD_TEXT);
	} else if (now->made && now->kd_mode == KD_GRAPHICS) {
		return 0;		/* nobody who could be asked to stop drawing */
	}
	complete(s, number);
	return 0;
}

int vt_released(struct vt *v, uint32_t answer)
{
	struct vts *s = v->all;

	if (v->mode.mode != VT_PROCESS)
		return -EINVAL;
	if (v->number == s->active && s->wanted) {
		if (answer)
			complete(s, s->wanted);
		else
			s->wanted = 0;
		return 0;
	}
	return answer == 2 /* VT_ACKACQ */ ? 0 : -EINVAL;
}

/* --- Devices --- */

static int open_line(struct tty *tty, struct file *f)
{
	int err = tty_open(tty, f);

	if (!err)
		vt_of(tty)->opens++;
	return err;
}

/* con_open(): minor 0 is the one in front. */
static int open_vt(struct file *f)
{
	struct vts *s = f->private;
	unsigned minor = vfs_minor(f->inode->rdev);
	struct vt *v = minor ? &s->vt[minor - 1] : vt_active(s);
	int err = make(v);

	return err ? err : open_line(&v->tty, f);
}

static void closed(struct tty *tty)
{
	vt_of(tty)->opens--;
}

static const struct file_ops vt_fops = { .open = open_vt };

int vts_new(struct machine *m)
{
	static const char *const names[VT_COUNT + 1] = { "tty0", "tty1", "tty2", "tty3", "tty4", "tty5", "tty6" };
	struct vts *s = calloc(1, sizeof *s);
	int err;

	if (!s)
		return -ENOMEM;
	s->machine = m;
	s->fb = m->fbdev;
	s->active = 1;
	s->frame.fire = on_frame;
	for (unsigned i = 0; i < VT_COUNT; i++) {
		s->vt[i].all = s;
		s->vt[i].number = i + 1;
	}
	m->vts = s;
	err = tty_register(m);
	for (unsigned i = 0; i <= VT_COUNT && !err; i++) {
		struct vfs_chrdev dev = { .dev = vfs_makedev(TTY_MAJOR, i), .name = names[i], .mode = 0620, .fops = &vt_fops, .private = s };

		err = vfs_register_chrdev(m, &dev);
	}
	if (!err && m->inputs)
		vt_listen(s, &m->inputs->device[INPUT_KEYBOARD]);
	return err;
}

void vts_free(struct machine *m)
{
	struct vts *s = m->vts;

	if (!s)
		return;
	clock_event_remove(m, &s->frame);
	for (unsigned i = 0; i < VT_COUNT; i++)
		if (s->vt[i].made) {
			tty_fini(&s->vt[i].tty);
			vt_screen_fini(&s->vt[i].screen);
		}
	wait_queue_fini(&s->switched);
	free(s);
	m->vts = NULL;
}
