/* SPDX-License-Identifier: MIT
 *
 * Virtual terminals on the framebuffer: /dev/tty1 to /dev/tty6, and /dev/tty0, the one in front (drivers/tty/vt of Linux 6.12, with
 * fbcon below it).
 *
 *	screen.c, escape.c	what a terminal shows, as cells
 *	font.c			characters as pixels
 *	paint.c			cells as pixels in video memory
 *	vt.c			the terminals: made, opened, switched, written to
 *	vt_ioctl.c		KD* and VT* of ioctl(2)
 *	keyboard.c, keymap.def	keys as bytes, in the modes there are
 *
 * A terminal costs nothing until it is opened. Video memory is drawn in from the first byte that is written to the one in front,
 * as long as that is in text mode: whoever draws himself on a machine without such bytes is alone there. What is written is drawn
 * when the next frame begins, all at once, so that a terminal that scrolls costs no more than a frame each frame.
 */
#ifndef EMU_VT_VT_H
#define EMU_VT_VT_H

#include "emu/drivers/fbdev.h"
#include "emu/input/input.h"
#include "emu/kernel/clock_event.h"
#include "emu/tty/tty.h"
#include "emu/vt/screen.h"

#define VT_COUNT 6u
#define TTY_MAJOR 4u

enum { KD_TEXT = 0, KD_GRAPHICS = 1 };
enum { K_RAW = 0, K_XLATE = 1, K_MEDIUMRAW = 2, K_UNICODE = 3, K_OFF = 4 };
enum { VT_AUTO = 0, VT_PROCESS = 1 };

/* The guest's struct vt_mode. */
struct vt_mode { uint8_t mode, wait; int16_t release, acquire, unused; };

struct vt {
	struct vts *all;
	unsigned number;		/* 1.. */
	bool made;			/* tty and screen are there */
	unsigned opens;			/* files of it */
	struct tty tty;
	struct vt_screen screen;
	char answers[64];		/* of its screen, to be typed */
	unsigned answers_len;
	uint8_t kd_mode, kb_mode, leds, meta;
	bool leds_set;			/* KDSETLED: they do not show the locks */
	struct vt_mode mode;
	int owner;			/* VT_PROCESS: the process that is asked; 0: none */
};

struct vts {
	struct machine *machine;
	struct fbdev *fb;
	struct vt vt[VT_COUNT];
	unsigned active;		/* the one in front: 1.. */
	unsigned wanted;		/* who is to be in front once its owner lets go (VT_RELDISP); 0: nobody */
	bool locked;			/* VT_LOCKSWITCH */
	bool shown;			/* the screen is the console's */
	struct clock_event frame;	/* when what is dirty is drawn */
	struct wait_queue switched;	/* VT_WAITACTIVE */
	struct input_handle keyboard;	/* where keys come from: emu/input/input.h */
	/* The keyboard's, one for all. */
	uint8_t shifts, locks;		/* KEY_SHIFT_*, by keyboard.c */
};

/* Makes m->vts and the devices; m->fbdev must be there, and m->inputs if there is a keyboard. 0 or -errno. */
int vts_new(struct machine *m);
void vts_free(struct machine *m);		/* after all files, and after what is typed on */
/* What was written is drawn now. Nothing happens where there are none. */
void vts_flush(struct machine *m);
/* The framebuffer has another mode: the text is laid out anew. */
void vts_mode_changed(struct machine *m);

static inline struct vt *vt_active(struct vts *s) { return &s->vt[s->active - 1]; }
static inline struct vt *vt_of(struct tty *t) { return t->owner; }

/* --- vt.c --- */
/* Brings it to the front, or asks who is there. 0, -ENXIO (there is no such terminal). */
int vt_switch(struct vts *s, unsigned number);
/* VT_RELDISP: its owner lets go (or not). 0 or -EINVAL. */
int vt_released(struct vt *v, uint32_t answer);
void vt_set_kd_mode(struct vt *v, unsigned mode);
int vt_resize(struct vt *v, unsigned rows, unsigned columns);
static inline bool vt_in_use(const struct vt *v) { return v->opens; }

/* --- vt_ioctl.c: driver->ioctl --- */
int64_t vt_ioctl(struct tty *tty, struct file *f, struct task *t, uint32_t cmd, uint32_t arg);

/* --- keyboard.c --- */
/* A key of the keyboard (KEY_* of linux/input-event-codes.h): 0 up, 1 down, 2 still down. */
void vt_key(struct vts *s, unsigned code, int value);
void vt_listen(struct vts *s, struct input_device *d);	/* d's keys are ours from now on */
/* What KDGKBENT says of an entry of the key map; -1: there is no such table. */
int vt_key_entry(unsigned table, unsigned code);

/* --- paint.c --- */
/* Rows [from, to) of the screen, and the cursor, in the framebuffer's mode, where it is shown from. */
void vt_paint(const struct vt_screen *s, const struct fbdev *fb, unsigned from, unsigned to);
void vt_paint_rest(const struct vt_screen *s, const struct fbdev *fb);	/* what is right of and below the cells: black */

#endif
