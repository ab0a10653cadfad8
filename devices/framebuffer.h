/* SPDX-License-Identifier: MIT
 *
 * The framebuffer: video memory, and what is shown of it.
 *
 * Two windows. Video memory is a direct one: who stores there is asked by nobody, and nobody is told. Registers are a trapped
 * one; a driver can do everything by them that the functions below do.
 *
 *	offset
 *	000	ID		"FB32" as a little-endian word
 *	004	MEMORY		bytes of video memory
 *	008	WIDTH		\
 *	00c	HEIGHT		 | the mode to come: what is stored here waits for APPLY
 *	010	DEPTH		 | 8, 16, 24 or 32 bits per pixel
 *	014	VIRTUAL_WIDTH	 |
 *	018	VIRTUAL_HEIGHT	/
 *	01c	STRIDE		bytes from a row to the next (of the mode that is)
 *	020	APPLY		any store: the mode to come is taken, panned to 0, 0. Load: 0 if the last one was, else 1 and nothing changed
 *	024	PAN		y << 16 | x: the upper left corner of what is shown, in pixels. What would show something else is ignored
 *	028	BLANK		not 0: the screen is black
 *	02c	FRAME		frames begun since power-on, modulo 2^32
 *	030	STATUS		bit 0: between two frames (vertical blanking)
 *	034	INTERRUPT	bit 0: a frame has begun since any store here. Only while INTERRUPT_ENABLE says so
 *	038	INTERRUPT_ENABLE  bit 0: the line is up while INTERRUPT is set
 *	800	PALETTE		256 entries of 8 bytes: green << 16 | red, then blue
 *
 * All are words, and loaded and stored as such; anything else is a bus error. Stores to those that only tell are ignored.
 *
 * Pixels, in memory as little-endian numbers: 8 bits index the palette; 16 are RGB 565, 24 RGB 888, 32 XRGB 8888, blue in
 * the lowest bits. The palette has 16 bits a channel, of which the upper 8 are shown.
 *
 * The state is changed by one thread (the guest's). framebuffer_look() and what follows it may be called by any thread at any
 * time; a frame that is being drawn may be seen half drawn, as on a real screen.
 */
#ifndef DEVICES_FRAMEBUFFER_H
#define DEVICES_FRAMEBUFFER_H

#include "devices/device.h"
#include "mm/flat.h"

#define FRAMEBUFFER_HZ 60u
#define FRAMEBUFFER_COLOURS 256u
#define FRAMEBUFFER_SIDE_MAX 65535u		/* pixels, virtual ones too: PAN has 16 bits for each */
#define FRAMEBUFFER_REGISTERS_SIZE 4096u
enum { FRAMEBUFFER_REGISTERS, FRAMEBUFFER_MEMORY };	/* its windows */

struct framebuffer;

struct framebuffer_mode {
	uint32_t width, height, bpp;		/* what is shown */
	uint32_t virtual_width, virtual_height;	/* of which picture: at least that */
};
struct framebuffer_colour { uint16_t red, green, blue; };

struct framebuffer_config {
	uint32_t registers, memory;		/* guest addresses of the windows */
	uint32_t memory_size;			/* whole pages */
	struct framebuffer_mode mode;		/* of power-on */
	uint64_t (*now)(void *owner);		/* ns since power-on */
	/* Wants framebuffer_run() to be called at that time (instead of any asked for before); UINT64_MAX: no more. NULL: no interrupts. */
	void (*alarm)(void *owner, uint64_t at);
	void *owner;
};

/*
 * Its memory is committed by the bus (or who stands for it), and looked at only after that. NULL: *err is -ENOMEM, or as
 * framebuffer_check().
 */
struct framebuffer *framebuffer_new(struct flat *flat, const struct framebuffer_config *c, int *err);
struct device *framebuffer_device(struct framebuffer *f);	/* ops->free() frees it */
struct framebuffer *framebuffer_of(struct device *d);		/* the other way */
uint32_t framebuffer_memory(const struct framebuffer *f, uint32_t *size);	/* guest address */

/* Bytes from a row to the next: whole words. */
uint64_t framebuffer_stride(const struct framebuffer_mode *m);
/* 0; -EINVAL: no such depth or size; -ENOMEM: it does not fit into the memory. */
int framebuffer_check(const struct framebuffer *f, const struct framebuffer_mode *m);
/* As above; panned to 0, 0. */
int framebuffer_set_mode(struct framebuffer *f, const struct framebuffer_mode *m);
void framebuffer_get_mode(const struct framebuffer *f, struct framebuffer_mode *m);
int framebuffer_pan(struct framebuffer *f, uint32_t x, uint32_t y);	/* -EINVAL: not all of it would be in the picture */
void framebuffer_set_blank(struct framebuffer *f, bool blank);
void framebuffer_set_colour(struct framebuffer *f, uint8_t index, struct framebuffer_colour c);

/* Whether frames interrupt. Off, as it is at first, they cost nothing. */
void framebuffer_interrupts(struct framebuffer *f, bool on);
void framebuffer_acknowledge(struct framebuffer *f);
/* Lets happen what is due by now. Called for `alarm`; does no harm at other times. */
void framebuffer_run(struct framebuffer *f);

/* --- Time: frame n begins at framebuffer_frame_begin(n), and frame 0 with the machine. --- */
uint64_t framebuffer_frame_at(uint64_t ns);
uint64_t framebuffer_frame_begin(uint64_t n);

/* --- What is shown --- */

struct framebuffer_view {
	const uint8_t *pixels;		/* in host memory: the upper left pixel; there as long as the device is */
	uint32_t width, height, bpp;
	uint32_t stride, row;		/* bytes from a row to the next, and of what is shown of one */
	bool blank;
	uint32_t changes;		/* another number whenever something in here has changed: mode, pan, palette, blank */
	uint32_t palette[FRAMEBUFFER_COLOURS];	/* 0x00RRGGBB */
};

void framebuffer_look(const struct framebuffer *f, struct framebuffer_view *v);
/* Rows [first, first + count) as 0x00RRGGBB, v->width to a row, one after the other. The caller keeps them below v->height. */
void framebuffer_rows(const struct framebuffer_view *v, uint32_t first, uint32_t count, uint32_t *out);

#endif
