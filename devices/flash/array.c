/* SPDX-License-Identifier: MIT
 *
 * The array, and the rules of NOR flash: a program can only clear bits, an erase sets all of a block.  Every change
 * goes by the file, if there is one, before it can be seen, so that what a status or the array itself has told is
 * there after any end of the emulator.
 */
#include "devices/flash/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

uint16_t array_word(const struct chip *c, uint32_t word)
{
	uint16_t value;

	memcpy(&value, c->flash->array + bank_byte(c, word), sizeof(value));
	return value;
}

uint32_t block_words(const struct chip *c)
{
	return c->flash->geometry.erase / BANK_WIDTH;
}

uint32_t chip_words(const struct chip *c)
{
	return c->flash->geometry.size / BANK_WIDTH;
}

uint32_t block_of(const struct chip *c, uint32_t word)
{
	return word / block_words(c);
}

bool block_locked(const struct chip *c, uint32_t block)
{
	return c->block[block].locks != 0;
}

int array_commit(struct flash *f, uint32_t offset, uint32_t len)
{
	uint32_t done = len;
	int err = f->store.fd < 0 ? 0 : store_write(&f->store, f->stage, len, offset, &done);

	memcpy(f->array + offset, f->stage, done);
	if (done && f->host.changed)
		for (unsigned i = 0; i < f->device.windows; i++)
			f->host.changed(f->host.owner, f->device.window[i].addr + offset, done);
	if (err)
		flash_log(f, "writing %u bytes at 0x%x of the file: %s", len, offset, strerror(-err));
	return err;
}

int array_program(struct chip *c, uint32_t word, uint32_t words)
{
	struct flash *f = c->flash;
	uint32_t offset = word * BANK_WIDTH, len = words * BANK_WIDTH;

	memcpy(f->stage, f->array + offset, len);
	for (uint32_t i = 0; i < words; i++) {
		uint8_t *p = f->stage + i * BANK_WIDTH + 2 * c->lane;
		uint16_t data = c->buffer[(word + i) % c->set->buffer], value;

		memcpy(&value, p, sizeof(value));
		value &= data;
		memcpy(p, &value, sizeof(value));
	}
	return array_commit(f, offset, len);
}

int array_erase(struct chip *c, uint32_t block)
{
	struct flash *f = c->flash;
	uint32_t len = f->geometry.erase, offset = block * len;

	c->block[block].wear++;
	memcpy(f->stage, f->array + offset, len);
	for (uint32_t i = 2 * c->lane; i < len; i += BANK_WIDTH)
		memset(f->stage + i, 0xff, 2);
	return array_commit(f, offset, len);
}

int array_new(struct flash *f)
{
	const struct flash_geometry *g = &f->geometry;
	int err = flat_bytes_new(g->size, &f->bytes);

	if (err)
		return err;
	f->array = flat_bytes_view(f->bytes);
	f->stage = malloc(g->erase);
	if (!f->stage)
		return -ENOMEM;
	for (unsigned i = 0; i < CHIPS; i++) {
		f->chip[i].block = calloc(g->blocks, sizeof(struct block));
		if (!f->chip[i].block)
			return -ENOMEM;
	}
	return 0;
}

void array_free(struct flash *f)
{
	for (unsigned i = 0; i < CHIPS; i++)
		free(f->chip[i].block);
	free(f->stage);
	flat_bytes_free(f->bytes);
}
