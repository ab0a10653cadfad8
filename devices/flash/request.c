/* SPDX-License-Identifier: MIT
 *
 * The driver's requests: cut into what the chips can do at once, a program of a write buffer or the erase of a block
 * by both chips, and begun one after the other as the chips come free.
 */
#include "devices/flash/internal.h"

#include <errno.h>
#include <string.h>

static int errno_of(enum op_result result)
{
	return result == OP_DONE ? 0 : result == OP_LOCKED ? -EROFS : -EIO;
}

static void finish(struct flash *f, struct flash_request *r, int result)
{
	f->first = r->next;
	if (!f->first)
		f->last = &f->first;
	f->piece = false;
	r->result = result;
	if (r->done)
		r->done(r);
}

void requests_ended(struct chip *c, enum op_result result)
{
	if (c->flash->piece_result == OP_DONE)
		c->flash->piece_result = result;
}

/* Into the chip's buffer, what of [offset, offset+len) goes by its lane; 0xff changes nothing. */
static void load_buffer(struct chip *c, const uint8_t *data, uint32_t offset, uint32_t len)
{
	memset(c->buffer, 0xff, sizeof(c->buffer));
	for (uint32_t i = 0; i < len; i++) {
		uint32_t at = offset + i;

		if (at / 2 % CHIPS == c->lane)
			((uint8_t *)&c->buffer[at / BANK_WIDTH % c->set->buffer])[at % 2] = data[i];
	}
}

static void begin_program(struct flash *f, const struct flash_request *r)
{
	uint32_t offset = r->offset + r->moved, line = f->geometry.buffer, left = r->len - r->moved;
	uint32_t len = left < line - offset % line ? left : line - offset % line;
	uint32_t word = offset / BANK_WIDTH, words = (offset + len - 1) / BANK_WIDTH - word + 1;

	f->piece_len = len;
	for (unsigned i = 0; i < CHIPS; i++) {
		load_buffer(&f->chip[i], r->data + r->moved, offset, len);
		requests_ended(&f->chip[i], chip_program(&f->chip[i], word, words, true));
	}
}

static void begin_erase(struct flash *f, const struct flash_request *r)
{
	f->piece_len = f->geometry.erase;
	for (unsigned i = 0; i < CHIPS; i++)
		requests_ended(&f->chip[i], chip_erase(&f->chip[i], (r->offset + r->moved) / f->geometry.erase, 1, true));
}

static void begin(struct flash *f, const struct flash_request *r)
{
	for (unsigned i = 0; i < CHIPS; i++)
		f->chip[i].set->settle(&f->chip[i]);
	f->piece = true;
	f->piece_result = OP_DONE;
	if (r->kind == FLASH_PROGRAM)
		begin_program(f, r);
	else
		begin_erase(f, r);
}

static void piece_over(struct flash *f, struct flash_request *r)
{
	for (unsigned i = 0; i < CHIPS; i++)
		f->chip[i].set->settle(&f->chip[i]);
	f->piece = false;
	if (f->piece_result != OP_DONE) {
		finish(f, r, errno_of(f->piece_result));
		return;
	}
	r->moved += f->piece_len;
	if (r->moved == r->len)
		finish(f, r, 0);
}

/* Whether nothing is under way; what is suspended goes on first. */
static bool chips_free(struct flash *f)
{
	bool running = false;

	for (unsigned i = 0; i < CHIPS; i++) {
		while (chip_resume(&f->chip[i]))
			;
		running |= chip_running(&f->chip[i]);
	}
	return !running;
}

void requests_step(struct flash *f)
{
	if (f->stepping)
		return;
	f->stepping = true;
	while (!f->dead && f->first && chips_free(f)) {
		if (f->piece)
			piece_over(f, f->first);
		else
			begin(f, f->first);
		power_check(f, flash_now(f));
	}
	f->stepping = false;
}

void requests_fail(struct flash *f)
{
	while (f->first)
		finish(f, f->first, -EIO);
}

static bool sensible(const struct flash *f, const struct flash_request *r)
{
	const struct flash_geometry *g = &f->geometry;

	if (r->offset > g->size || r->len > g->size - r->offset)
		return false;
	return r->kind == FLASH_PROGRAM || (r->offset % g->erase == 0 && r->len % g->erase == 0);
}

void flash_submit(struct flash *f, struct flash_request *r)
{
	r->moved = 0;
	r->next = NULL;
	if (!sensible(f, r) || !r->len || f->dead) {
		r->result = !sensible(f, r) ? -EINVAL : r->len ? -EIO : 0;
		if (r->done)
			r->done(r);
		return;
	}
	r->result = -EINPROGRESS;
	*f->last = r;
	f->last = &r->next;
	flash_run(f);
	flash_service(f);
}

void flash_cancel(struct flash *f, struct flash_request *r)
{
	struct flash_request **at = &f->first;

	while (*at && *at != r)
		at = &(*at)->next;
	if (!*at)
		return;
	if (at == &f->first)
		f->piece = false;
	*at = r->next;
	if (!*at)
		f->last = at;
}
