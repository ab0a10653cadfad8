/* SPDX-License-Identifier: MIT
 *
 * What is shown is a struct framebuffer_view that the guest's thread rewrites and others copy. A sequence number (odd while it
 * is being written) tells a reader that it has to copy again; so the writer never waits for anybody.
 */
#include "devices/framebuffer.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "devices/tree.h"

enum reg {
	ID = 0x00, MEMORY = 0x04, WIDTH = 0x08, HEIGHT = 0x0c, DEPTH = 0x10, VIRTUAL_WIDTH = 0x14, VIRTUAL_HEIGHT = 0x18,
	STRIDE = 0x1c, APPLY = 0x20, PAN = 0x24, BLANK = 0x28, FRAME = 0x2c, STATUS = 0x30, INTERRUPT = 0x34,
	INTERRUPT_ENABLE = 0x38, PALETTE = 0x800,
};
#define ID_VALUE 0x32334246u		/* "FB32" */
#define PERIOD (1000000000u / FRAMEBUFFER_HZ)
#define BLANKING (PERIOD / 20)		/* of each frame, at its end, nothing is drawn */

struct framebuffer {
	struct device device;
	struct flat *flat;
	uint64_t (*now)(void *owner);
	void (*alarm)(void *owner, uint64_t at);
	void *owner;
	bool interrupts, pending;	/* INTERRUPT_ENABLE, INTERRUPT */
	uint64_t frame, asked;		/* the last one looked at while they are on; what the alarm was asked for */
	struct framebuffer_mode power_on, mode, next;	/* next: what APPLY takes */
	bool refused;			/* by the last APPLY */
	uint32_t x, y;
	bool blank;
	struct framebuffer_colour palette[FRAMEBUFFER_COLOURS];
	atomic_uint sequence;
	struct framebuffer_view view;	/* what the above comes to */
};

struct framebuffer *framebuffer_of(struct device *d)
{
	return (struct framebuffer *)(void *)d;
}

struct device *framebuffer_device(struct framebuffer *f)
{
	return &f->device;
}

uint32_t framebuffer_memory(const struct framebuffer *f, uint32_t *size)
{
	*size = f->device.window[FRAMEBUFFER_MEMORY].size;
	return f->device.window[FRAMEBUFFER_MEMORY].addr;
}

/* --- The view --- */

static void write_begin(struct framebuffer *f)
{
	atomic_store_explicit(&f->sequence, f->sequence + 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
}

static void write_end(struct framebuffer *f)
{
	atomic_store_explicit(&f->sequence, f->sequence + 1, memory_order_release);
}

static uint32_t shown(struct framebuffer_colour c)
{
	return (uint32_t)(c.red >> 8) << 16 | (uint32_t)(c.green >> 8) << 8 | c.blue >> 8;
}

/* All but the palette. */
static void update(struct framebuffer *f)
{
	const struct framebuffer_mode *m = &f->mode;
	uint32_t stride = (uint32_t)framebuffer_stride(m);

	write_begin(f);
	f->view.width = m->width;
	f->view.height = m->height;
	f->view.bpp = m->bpp;
	f->view.stride = stride;
	f->view.row = m->width * m->bpp / 8;
	f->view.blank = f->blank;
	f->view.pixels = flat_base(f->flat) + f->device.window[FRAMEBUFFER_MEMORY].addr + f->y * stride + f->x * m->bpp / 8;
	write_end(f);
}

void framebuffer_look(const struct framebuffer *f, struct framebuffer_view *v)
{
	unsigned before, after;

	do {
		before = atomic_load_explicit(&f->sequence, memory_order_acquire);
		*v = f->view;
		atomic_thread_fence(memory_order_acquire);
		after = atomic_load_explicit(&f->sequence, memory_order_relaxed);
	} while (before != after || before & 1);
	v->changes = before;
}

static void row_8(const uint8_t *in, uint32_t n, const uint32_t *palette, uint32_t *out)
{
	for (uint32_t i = 0; i < n; i++)
		out[i] = palette[in[i]];
}

/* The upper bits of a channel once more in those that it does not have: full is full. */
static void row_16(const uint8_t *in, uint32_t n, uint32_t *out)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t p = (uint32_t)in[2 * i] | (uint32_t)in[2 * i + 1] << 8, r = p >> 11, g = p >> 5 & 63, b = p & 31;

		out[i] = (r << 3 | r >> 2) << 16 | (g << 2 | g >> 4) << 8 | (b << 3 | b >> 2);
	}
}

static void row_24(const uint8_t *in, uint32_t n, uint32_t *out)
{
	for (uint32_t i = 0; i < n; i++)
		out[i] = (uint32_t)in[3 * i] | (uint32_t)in[3 * i + 1] << 8 | (uint32_t)in[3 * i + 2] << 16;
}

static void row_32(const uint8_t *in, uint32_t n, uint32_t *out)
{
	for (uint32_t i = 0; i < n; i++)
		out[i] = (uint32_t)in[4 * i] | (uint32_t)in[4 * i + 1] << 8 | (uint32_t)in[4 * i + 2] << 16;
}

void framebuffer_rows(const struct framebuffer_view *v, uint32_t first, uint32_t count, uint32_t *out)
{
	if (v->blank) {
		memset(out, 0, (size_t)count * v->width * sizeof *out);
		return;
	}
	for (uint32_t y = first; y < first + count; y++, out += v->width) {
		const uint8_t *in = v->pixels + (size_t)y * v->stride;

		switch (v->bpp) {
		case 8: row_8(in, v->width, v->palette, out); break;
		case 16: row_16(in, v->width, out); break;
		case 24: row_24(in, v->width, out); break;
		default: row_32(in, v->width, out); break;
		}
	}
}

/* --- Time. Not in one multiplication: a virtual clock may be centuries ahead. --- */

uint64_t framebuffer_frame_at(uint64_t ns)
{
	return ns / 1000000000u * FRAMEBUFFER_HZ + ns % 1000000000u * FRAMEBUFFER_HZ / 1000000000u;
}

uint64_t framebuffer_frame_begin(uint64_t n)
{
	return n / FRAMEBUFFER_HZ * 1000000000u + (n % FRAMEBUFFER_HZ * 1000000000u + FRAMEBUFFER_HZ - 1) / FRAMEBUFFER_HZ;
}

/* --- The state --- */

uint64_t framebuffer_stride(const struct framebuffer_mode *m)
{
	return ((uint64_t)m->virtual_width * m->bpp + 31) / 32 * 4;
}

int framebuffer_check(const struct framebuffer *f, const struct framebuffer_mode *m)
{
	if (m->bpp % 8 || m->bpp < 8 || m->bpp > 32)
		return -EINVAL;
	if (!m->width || !m->height || m->width > m->virtual_width || m->height > m->virtual_height)
		return -EINVAL;
	if (framebuffer_stride(m) > f->device.window[FRAMEBUFFER_MEMORY].size / m->virtual_height)
		return -ENOMEM;
	return m->virtual_width > FRAMEBUFFER_SIDE_MAX || m->virtual_height > FRAMEBUFFER_SIDE_MAX ? -EINVAL : 0;
}

int framebuffer_set_mode(struct framebuffer *f, const struct framebuffer_mode *m)
{
	int err = framebuffer_check(f, m);

	if (err)
		return err;
	f->mode = f->next = *m;
	f->x = f->y = 0;
	update(f);
	return 0;
}

void framebuffer_get_mode(const struct framebuffer *f, struct framebuffer_mode *m)
{
	*m = f->mode;
}

int framebuffer_pan(struct framebuffer *f, uint32_t x, uint32_t y)
{
	if (x > f->mode.virtual_width - f->mode.width || y > f->mode.virtual_height - f->mode.height)
		return -EINVAL;
	f->x = x;
	f->y = y;
	update(f);
	return 0;
}

void framebuffer_set_blank(struct framebuffer *f, bool blank)
{
	f->blank = blank;
	update(f);
}

void framebuffer_set_colour(struct framebuffer *f, uint8_t index, struct framebuffer_colour c)
{
	f->palette[index] = c;
	write_begin(f);
	f->view.palette[index] = shown(c);
	write_end(f);
}

/* --- Interrupts --- */

static void settle(struct framebuffer *f)
{
	uint64_t next = f->interrupts ? framebuffer_frame_begin(f->frame + 1) : UINT64_MAX;

	if (f->alarm && next != f->asked) {
		f->asked = next;
		f->alarm(f->owner, next);
	}
	device_set_line(&f->device, f->interrupts && f->pending);
}

void framebuffer_run(struct framebuffer *f)
{
	uint64_t frame = framebuffer_frame_at(f->now(f->owner));

	if (f->interrupts && frame > f->frame)
		f->pending = true;
	f->frame = frame;
	settle(f);
}

void framebuffer_interrupts(struct framebuffer *f, bool on)
{
	if (on && !f->interrupts)
		f->frame = framebuffer_frame_at(f->now(f->owner));
	f->interrupts = on;
	settle(f);
}

void framebuffer_acknowledge(struct framebuffer *f)
{
	f->pending = false;
	settle(f);
}

/* --- Registers --- */

static uint32_t load_palette(const struct framebuffer *f, uint32_t offset)
{
	const struct framebuffer_colour *c = &f->palette[offset / 8];

	return offset % 8 ? c->blue : (uint32_t)c->green << 16 | c->red;
}

static void store_palette(struct framebuffer *f, uint32_t offset, uint32_t value)
{
	struct framebuffer_colour c = f->palette[offset / 8];

	if (offset % 8) {
		c.blue = (uint16_t)value;
	} else {
		c.red = (uint16_t)value;
		c.green = (uint16_t)(value >> 16);
	}
	framebuffer_set_colour(f, (uint8_t)(offset / 8), c);
}

static uint32_t load_status(const struct framebuffer *f)
{
	uint64_t now = f->now(f->owner);

	return framebuffer_frame_begin(framebuffer_frame_at(now) + 1) - now <= BLANKING;
}

static bool load(struct device *d, unsigned window, uint32_t offset, uint32_t size, uint64_t *value)
{
	const struct framebuffer *f = framebuffer_of(d);

	if (window != FRAMEBUFFER_REGISTERS || size != 4 || offset % 4)
		return false;
	if (offset >= PALETTE) {
		*value = load_palette(f, offset - PALETTE);
		return true;
	}
	switch (offset) {
	case ID: *value = ID_VALUE; break;
	case MEMORY: *value = d->window[FRAMEBUFFER_MEMORY].size; break;
	case WIDTH: *value = f->next.width; break;
	case HEIGHT: *value = f->next.height; break;
	case DEPTH: *value = f->next.bpp; break;
	case VIRTUAL_WIDTH: *value = f->next.virtual_width; break;
	case VIRTUAL_HEIGHT: *value = f->next.virtual_height; break;
	case STRIDE: *value = framebuffer_stride(&f->mode); break;
	case APPLY: *value = f->refused; break;
	case PAN: *value = f->y << 16 | f->x; break;
	case BLANK: *value = f->blank; break;
	case FRAME: *value = (uint32_t)framebuffer_frame_at(f->now(f->owner)); break;
	case STATUS: *value = load_status(f); break;
	case INTERRUPT: *value = f->pending; break;
	case INTERRUPT_ENABLE: *value = f->interrupts; break;
	default: return false;
	}
	return true;
}

static bool store(struct device *d, unsigned window, uint32_t offset, uint32_t size, uint64_t value64)
{
	struct framebuffer *f = framebuffer_of(d);
	uint32_t value = (uint32_t)value64;

	if (window != FRAMEBUFFER_REGISTERS || size != 4 || offset % 4)
		return false;
	if (offset >= PALETTE) {
		store_palette(f, offset - PALETTE, value);
		return true;
	}
	switch (offset) {
	case WIDTH: f->next.width = value; break;
	case HEIGHT: f->next.height = value; break;
	case DEPTH: f->next.bpp = value; break;
	case VIRTUAL_WIDTH: f->next.virtual_width = value; break;
	case VIRTUAL_HEIGHT: f->next.virtual_height = value; break;
	case APPLY: f->refused = framebuffer_set_mode(f, &f->next) != 0; break;
	case PAN: framebuffer_pan(f, value & 0xffff, value >> 16); break;
	case BLANK: framebuffer_set_blank(f, value != 0); break;
	case INTERRUPT: framebuffer_acknowledge(f); break;
	case INTERRUPT_ENABLE: framebuffer_interrupts(f, value & 1); break;
	case ID: case MEMORY: case STRIDE: case FRAME: case STATUS: break;
	default: return false;
	}
	return true;
}

/* --- As a device --- */

/* Video memory keeps what is in it. */
static void reset(struct device *d)
{
	struct framebuffer *f = framebuffer_of(d);

	f->refused = f->blank = false;
	for (unsigned i = 0; i < FRAMEBUFFER_COLOURS; i++)
		framebuffer_set_colour(f, (uint8_t)i, (struct framebuffer_colour){ 0, 0, 0 });
	framebuffer_set_mode(f, &f->power_on);
	f->pending = f->interrupts = false;
	settle(f);
}

static void dump(struct device *d, FILE *out)
{
	const struct framebuffer *f = framebuffer_of(d);

	fprintf(out, "mode %ux%ux%u of %ux%u, stride %u\n", f->mode.width, f->mode.height, f->mode.bpp, f->mode.virtual_width,
		f->mode.virtual_height, f->view.stride);
	fprintf(out, "shown from %u,%u%s\n", f->x, f->y, f->blank ? ", blank" : "");
	fprintf(out, "frame %llu, interrupts %s%s\n", (unsigned long long)framebuffer_frame_at(f->now(f->owner)),
		f->interrupts ? "on" : "off", f->pending ? ", one pending" : "");
}

/* The mode of power-on, in the words of the simple-framebuffer binding. */
static void describe(struct device *d, struct device_tree *node)
{
	static const char *const formats[] = { "i8", "r5g6b5", "r8g8b8", "x8r8g8b8" };
	const struct framebuffer_mode *m = &framebuffer_of(d)->power_on;

	tree_cell(node, "width", m->width);
	tree_cell(node, "height", m->height);
	tree_cell(node, "stride", (uint32_t)framebuffer_stride(m));
	tree_string(node, "format", formats[m->bpp / 8 - 1]);
}

static void device_free(struct device *d)
{
	free(framebuffer_of(d));
}

static const struct device_ops ops = {
	.compatible = "flat32,framebuffer", .load = load, .store = store, .reset = reset, .dump = dump,
	.describe = describe, .free = device_free,
};

struct framebuffer *framebuffer_new(struct flat *flat, const struct framebuffer_config *c, int *err)
{
	struct framebuffer *f = calloc(1, sizeof *f);

	if (!f) {
		*err = -ENOMEM;
		return NULL;
	}
	f->device = (struct device){
		.ops = &ops, .name = "framebuffer", .windows = 2,
		.window = {
			[FRAMEBUFFER_REGISTERS] = { "registers", c->registers, FRAMEBUFFER_REGISTERS_SIZE, DEVICE_TRAPPED },
			[FRAMEBUFFER_MEMORY] = { "video memory", c->memory, c->memory_size, DEVICE_DIRECT },
		},
	};
	f->flat = flat;
	f->now = c->now;
	f->alarm = c->alarm;
	f->asked = UINT64_MAX;
	f->owner = c->owner;
	f->power_on = c->mode;
	*err = framebuffer_check(f, &c->mode);
	if (*err) {
		free(f);
		return NULL;
	}
	reset(&f->device);
	return f;
}
