/* SPDX-License-Identifier: MIT
 *
 * What an operation leaves that ends in its midst, because the power failed or the chip was reset.
 *
 * A program draws all its bits to 0 at once; a cell has got there or not.  An erase first programs the whole block,
 * so that no cell is erased twice, and then draws all cells to 1: in its first quarter bits of what was there go to
 * 0, afterwards bits of zeros go to 1. So a block whose erase was cut may look like data, like nothing, or be erased
 * but for one bit.
 *
 * With operations that take no time, the one to be cut ends with the cycle that began it: the other chip, which sees
 * the same cycle, is in the midst of its own then, too.
 */
#include "devices/flash/internal.h"

#include <string.h>

#define PREPROGRAM 64u		/* of 256 parts of an erase */

/* Steele and others, "Fast splittable pseudorandom number generators". */
static uint64_t random64(struct flash *f)
{
	uint64_t z = f->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* Bits that are each 1 with a chance of `chance` in 256. */
static uint64_t random_bits(struct flash *f, unsigned chance)
{
	uint64_t mask = 0;

	if (chance >= 256)
		return UINT64_MAX;
	for (unsigned i = 0; i < 8; i++)
		mask = chance >> i & 1 ? mask | random64(f) : mask & random64(f);
	return mask;
}

static uint16_t half_erased(struct flash *f, uint16_t old, unsigned progress)
{
	if (progress < PREPROGRAM)
		return (uint16_t)(old & ~random_bits(f, progress * 256 / PREPROGRAM));
	return (uint16_t)random_bits(f, (progress - PREPROGRAM) * 256 / (256 - PREPROGRAM));
}

static uint16_t half_programmed(struct flash *f, uint16_t old, uint16_t data, unsigned progress)
{
	return (uint16_t)(old & (data | ~random_bits(f, progress)));
}

static void interrupt_op(struct chip *c, enum op_kind kind, uint64_t now)
{
	struct flash *f = c->flash;
	struct op *op = &c->op[kind];
	uint32_t first = kind == OP_PROGRAM ? op->word : op->block * block_words(c);
	uint32_t words = kind == OP_PROGRAM ? op->words : block_words(c);
	unsigned progress = op->length ? op_progress(op, now) : (unsigned)(random64(f) % 256);

	op->state = OP_NONE;
	if (kind == OP_ERASE)
		c->block[op->block].wear++;
	memcpy(f->stage, f->array + first * BANK_WIDTH, words * BANK_WIDTH);
	for (uint32_t i = 0; i < words; i++) {
		uint16_t old = array_word(c, first + i);

		if (kind == OP_PROGRAM)
			old = half_programmed(f, old, c->buffer[(first + i) % c->set->buffer], progress);
		else
			old = half_erased(f, old, progress);
		memcpy(f->stage + i * BANK_WIDTH + 2 * c->lane, &old, sizeof(old));
	}
	array_commit(f, first * BANK_WIDTH, words * BANK_WIDTH);
	flash_log(f, "chip %u was stopped in %s at 0x%x, %u%% done", c->lane,
		  kind == OP_PROGRAM ? "a program" : "the erase of the block", first * BANK_WIDTH, progress * 100 / 256);
}

void power_interrupt(struct flash *f)
{
	uint64_t now = flash_now(f);

	for (unsigned i = 0; i < CHIPS; i++)
		for (enum op_kind kind = OP_PROGRAM; kind < OP_KINDS; kind++)
			if (f->chip[i].op[kind].state != OP_NONE)
				interrupt_op(&f->chip[i], kind, now < f->cut_at ? now : f->cut_at);
}

bool power_begins(struct chip *c, enum op_kind kind, uint64_t from)
{
	struct flash *f = c->flash;
	uint64_t length = c->op[kind].length;

	f->begun++;
	if (f->begun == f->cut && length)
		f->cut_at = from + length / 256 * (random64(f) % 256);
	else if (f->begun == f->cut)
		f->cut_due = true;
	return f->cut_due;
}

void power_check(struct flash *f, uint64_t now)
{
	if (!f->dead && (f->cut_due || now >= f->cut_at))
		flash_cut_power(f, random64(f));
}

void flash_cut_power(struct flash *f, uint64_t seed)
{
	if (f->dead)
		return;
	f->random = seed;
	power_interrupt(f);
	f->dead = true;
	f->cut_due = false;
	f->cut_at = UINT64_MAX;
	requests_fail(f);
	flash_settle(f);
	if (f->host.power_lost)
		f->host.power_lost(f->host.owner);
}
