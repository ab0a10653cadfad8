/* SPDX-License-Identifier: MIT
 *
 * The query table of the Common Flash Interface (JEDEC JESD68.01 and JEP137): what a driver finds at words 0x10 and
 * up after command 0x98. Of a 16-bit chip each word has one byte of it.  A chip's sizes are half of the bank's.
 */
#include "devices/flash/internal.h"

#include <string.h>

/* Where typical times become limits: 2 to the power of this times as long. */
enum { WORD_MOST = 3, BUFFER_MOST = 3, BLOCK_MOST = 3 };

static void put16(uint8_t *q, unsigned at, uint32_t value)
{
	q[at] = (uint8_t)value;
	q[at + 1] = (uint8_t)(value >> 8);
}

static uint8_t log2_of(uint32_t n)
{
	return (uint8_t)(31 - __builtin_clz(n));
}

void cfi_make(struct flash *f)
{
	const struct chip_set *set = f->chip[0].set;
	uint8_t *q = f->query;

	memset(q, 0, QUERY_END);
	memcpy(q + 0x10, "QRY", 3);
	put16(q, 0x13, set->id);
	q[0x1b] = 0x27;				/* Vcc 2.7 to 3.6 V */
	q[0x1c] = 0x36;
	q[0x1f] = set->word_us;
	q[0x20] = set->buffer_us;
	q[0x21] = set->block_ms;
	q[0x23] = WORD_MOST;
	q[0x24] = BUFFER_MOST;
	q[0x25] = BLOCK_MOST;
	q[0x27] = log2_of(f->geometry.size / CHIPS);
	put16(q, 0x28, 1);			/* x16 */
	put16(q, 0x2a, log2_of(2u * set->buffer));
	q[0x2c] = 1;				/* regions of equal blocks */
	put16(q, 0x2d, f->geometry.blocks - 1);
	put16(q, 0x2f, f->geometry.erase / CHIPS >> 8);
	set->describe(f, q);
}
