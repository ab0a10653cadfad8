/* SPDX-License-Identifier: MIT
 *
 * The AMD/Fujitsu standard command set, as Spansion's S29GL-S family has it: equal sectors, a write buffer of 512
 * bytes, no unlock bypass, no time in which more sectors could be added to an erase.  Commands that could do harm
 * begin with two unlock cycles, of which the low 11 bits of the address count.  A cycle that does not fit in a
 * sequence returns the chip to reading.
 *
 * While an operation runs each load shows what it does: DQ7 is the complement of the data's, DQ6 toggles; DQ2 toggles
 * for loads from a sector that is being erased or whose erase is suspended; DQ5 says that it failed, DQ1 that a
 * buffer load was wrong, DQ3 that an erase has begun.  There is a status register besides (0x70), for one load.
 *
 * Sectors are protected by a bit that is lost with the power (DYB), or one that is not on the real chip (PPB; here it
 * is).  A program or erase of a protected sector does nothing.
 */
#include "devices/flash/internal.h"

#include <string.h>

enum mode { ARRAY, AUTOSELECT, QUERY, PPB, DYB };

enum state {
	READY,
	UNLOCK1, UNLOCK2,		/* 0xaa, 0x55 have been seen */
	PROGRAM,			/* 0xa0 */
	ERASE,				/* 0x80 */
	ERASE_UNLOCK1, ERASE_UNLOCK2,	/* and the unlock cycles again */
	BUFFER_COUNT,			/* 0x25 */
	BUFFER_LOAD,
	BUFFER_CONFIRM,			/* 0x29 follows */
	PROTECT,			/* PPB, DYB: 0xa0 */
	PROTECT_ERASE,			/* PPB: 0x80 */
	PROTECT_EXIT,			/* PPB, DYB: 0x90 */
};

enum command {
	CMD_CHIP_ERASE = 0x10, CMD_BUFFER = 0x25, CMD_BUFFER_CONFIRM = 0x29, CMD_ERASE = 0x30, CMD_RESUME = 0x30,
	CMD_PROGRAM_RESUME = 0x50, CMD_PROGRAM_SUSPEND = 0x51, CMD_UNLOCK2 = 0x55, CMD_READ_STATUS = 0x70,
	CMD_CLEAR_STATUS = 0x71, CMD_ERASE_SETUP = 0x80, CMD_AUTOSELECT = 0x90, CMD_QUERY = 0x98, CMD_PROGRAM = 0xa0, CMD_UNLOCK1 = 0xaa,
	CMD_SUSPEND = 0xb0, CMD_PPB = 0xc0, CMD_DYB = 0xe0, CMD_RESET = 0xf0,
};

enum { DQ7 = 0x80, DQ6 = 0x40, DQ5 = 0x20, DQ3 = 0x08, DQ2 = 0x04, DQ1 = 0x02 };

enum { SR_BUFFER = 0x08 };

#define MANUFACTURER 0x0001u
#define DEVICE1 0x227eu
#define DEVICE2_128MBIT 0x2221u		/* 0x2222: 256 Mbit, 0x2223: 512 Mbit */
#define DEVICE3 0x2201u
#define UNLOCK_BITS 0x7ffu
#define PRI 0x40u			/* the extended query table */

static void describe(const struct flash *f, uint8_t q[QUERY_END])
{
	(void)f;
	q[0x15] = PRI;
	memcpy(q + PRI, "PRI15", 5);
	q[PRI + 5] = 0x1c;	/* unlock cycles at their addresses; 65 nm */
	q[PRI + 6] = 2;		/* an erase can be suspended to read and to program */
	q[PRI + 7] = 1;		/* sectors are protected one by one */
	q[PRI + 9] = 8;		/* by PPB and DYB */
	q[PRI + 12] = 3;	/* pages of 16 words */
	q[PRI + 15] = 4;	/* equal sectors */
	q[PRI + 16] = 1;	/* a program can be suspended */
	q[PRI + 19] = 3;	/* status register and data polling */
}

static void reset(struct chip *c)
{
	c->io = (struct interface){ .mode = ARRAY, .state = READY };
}

static void settle(struct chip *c)
{
	c->io.mode = ARRAY;
	c->io.state = READY;
	c->io.failed = c->io.aborted = c->io.status_next = false;
}

/* --- Loads --- */

static uint16_t not_dq7(const struct chip *c)
{
	return (uint16_t)(~c->io.last & DQ7);
}

static uint16_t toggled(struct chip *c, uint16_t bits)
{
	c->io.toggle ^= bits;
	return c->io.toggle & bits;
}

/* An operation of this kind runs, or has failed. */
static uint16_t poll_of(struct chip *c, enum op_kind kind, bool in_sector)
{
	if (kind == OP_PROGRAM)
		return not_dq7(c) | toggled(c, DQ6);
	return DQ3 | toggled(c, in_sector ? DQ6 | DQ2 : DQ6);
}

static uint16_t device_id2(const struct chip *c)
{
	uint32_t mbit = chip_words(c) >> 16;

	return mbit >= 512 ? DEVICE2_128MBIT + 2 : mbit >= 256 ? DEVICE2_128MBIT + 1 : DEVICE2_128MBIT;
}

static uint16_t identifier(const struct chip *c, uint32_t word)
{
	uint32_t in_block = word % block_words(c);

	switch (in_block) {
	case 0: return MANUFACTURER;
	case 1: return DEVICE1;
	case 2: return block_locked(c, block_of(c, word));
	case 0xe: return device_id2(c);
	case 0xf: return DEVICE3;
	}
	return in_block >= 0x10 && in_block < QUERY_END ? c->flash->query[in_block] : 0;
}

static uint16_t load(struct chip *c, uint32_t word)
{
	const struct op *erase = &c->op[OP_ERASE];
	struct interface *io = &c->io;
	uint32_t block = block_of(c, word);
	bool protects = !(c->block[block].locks & (io->mode == PPB ? BLOCK_PPB : BLOCK_LOCKED));

	if (io->status_next) {
		io->status_next = false;
		return chip_status(c);
	}
	if (chip_running(c))
		return poll_of(c, erase->state == OP_RUNNING ? OP_ERASE : OP_PROGRAM, block == erase->block);
	if (io->failed)
		return DQ5 | poll_of(c, io->failed_kind, block == io->failed_block);
	if (io->aborted)
		return DQ1 | not_dq7(c) | toggled(c, DQ6);
	switch ((enum mode)io->mode) {
	case ARRAY: break;
	case AUTOSELECT: return identifier(c, word);
	case QUERY: return word % block_words(c) < 0x10 ? 0 : identifier(c, word);
	case PPB: case DYB: return protects;
	}
	if (erase->state == OP_SUSPENDED && block == erase->block)
		return DQ7 | toggled(c, DQ2);
	return array_word(c, word);
}

static bool reads_array(const struct chip *c)
{
	const struct interface *io = &c->io;

	return io->mode == ARRAY && !io->status_next && !io->failed && !io->aborted && !chip_suspended(c, OP_ERASE);
}

/* --- Operations --- */

static void to_reading(struct chip *c)
{
	c->io.mode = ARRAY;
	c->io.state = READY;
}

static void ended(struct chip *c, enum op_kind kind, enum op_result result)
{
	struct interface *io = &c->io;

	if (result == OP_DONE)
		return;
	io->status |= kind == OP_PROGRAM ? SR_PROGRAM : SR_ERASE;
	if (result == OP_LOCKED || result == OP_NO_VPP) {
		io->status |= SR_LOCKED;
		return;
	}
	io->failed = true;
	io->failed_kind = (uint8_t)kind;
	io->failed_block = c->op[kind].block;
}

static void program(struct chip *c, uint32_t word, uint32_t words)
{
	enum op_result r = OP_LOCKED;

	to_reading(c);
	if (!chip_suspended(c, OP_ERASE) || block_of(c, word) != c->op[OP_ERASE].block)
		r = chip_program(c, word, words, false);
	if (r != OP_DONE)
		ended(c, OP_PROGRAM, r);
}

static void erase(struct chip *c, uint32_t block, uint32_t blocks)
{
	enum op_result r;

	to_reading(c);
	r = chip_erase(c, block, blocks, false);
	if (r != OP_DONE)
		ended(c, OP_ERASE, r);
}

/* --- Buffered programs --- */

static void abort_buffer(struct chip *c)
{
	to_reading(c);
	c->io.aborted = true;
	c->io.status |= SR_BUFFER | SR_PROGRAM;
}

static void buffer_count(struct chip *c, uint32_t word, uint16_t data)
{
	struct interface *io = &c->io;

	if (data >= c->set->buffer || block_of(c, word) != io->block) {
		abort_buffer(c);
		return;
	}
	io->count = data + 1u;
	io->line = UINT32_MAX;
	memset(c->buffer, 0xff, sizeof(c->buffer));
	io->state = BUFFER_LOAD;
}

static void buffer_load(struct chip *c, uint32_t word, uint16_t data)
{
	struct interface *io = &c->io;

	io->last = data;
	if (io->line == UINT32_MAX) {
		io->line = word - word % c->set->buffer;
		io->low = io->high = word;
	}
	if (block_of(c, word) != io->block || word - word % c->set->buffer != io->line) {
		abort_buffer(c);
		return;
	}
	c->buffer[word % c->set->buffer] = data;
	io->low = word < io->low ? word : io->low;
	io->high = word > io->high ? word : io->high;
	if (--io->count == 0)
		io->state = BUFFER_CONFIRM;
}

/* --- Cycles --- */

static bool at(uint32_t word, uint32_t address)
{
	return (word & UNLOCK_BITS) == address;
}

static void clear(struct chip *c)
{
	c->io.failed = c->io.aborted = false;
	c->io.status = 0;
}

/* The status register can be asked for at any time, and be cleared while nothing runs.  False: it was something else. */
static bool status_command(struct chip *c, uint32_t word, uint8_t cmd)
{
	if (!at(word, 0x555) || (cmd != CMD_READ_STATUS && cmd != CMD_CLEAR_STATUS))
		return false;
	if (cmd == CMD_READ_STATUS)
		c->io.status_next = true;
	else if (!chip_running(c))
		clear(c);
	return true;
}

/* The third cycle, behind 0xaa and 0x55. */
static void unlocked(struct chip *c, uint32_t word, uint8_t cmd)
{
	struct interface *io = &c->io;
	bool may_program = !chip_suspended(c, OP_PROGRAM), may_erase = may_program && !chip_suspended(c, OP_ERASE);

	to_reading(c);
	if (cmd == CMD_BUFFER && may_program) {		/* anywhere in the sector */
		io->block = block_of(c, word);
		io->state = BUFFER_COUNT;
		return;
	}
	if (!at(word, 0x555))
		return;
	switch (cmd) {
	case CMD_AUTOSELECT: io->mode = AUTOSELECT; break;
	case CMD_PROGRAM: io->state = may_program ? PROGRAM : READY; break;
	case CMD_ERASE_SETUP: io->state = may_erase ? ERASE : READY; break;
	case CMD_PPB: io->mode = may_program ? PPB : ARRAY; break;
	case CMD_DYB: io->mode = may_program ? DYB : ARRAY; break;
	}
}

/* The first cycle in the modes in which protection bits are seen. */
static void protection(struct chip *c, uint8_t cmd)
{
	struct interface *io = &c->io;

	switch (cmd) {
	case CMD_PROGRAM: io->state = PROTECT; break;
	case CMD_ERASE_SETUP: io->state = io->mode == PPB ? PROTECT_ERASE : READY; break;
	case CMD_AUTOSELECT: io->state = PROTECT_EXIT; break;
	}
}

static void protect(struct chip *c, uint32_t word, uint16_t data)
{
	uint8_t *locks = &c->block[block_of(c, word)].locks;

	if (!(data & 0xff))
		*locks |= c->io.mode == PPB ? BLOCK_PPB : BLOCK_LOCKED;
	else if (c->io.mode == DYB && (data & 0xff) == 1)
		*locks &= (uint8_t)~BLOCK_LOCKED;
	c->io.state = READY;
}

/* All at once: single bits cannot be erased. */
static void protect_erase(struct chip *c, uint8_t cmd)
{
	if (cmd == CMD_ERASE)
		for (uint32_t i = 0; i < c->flash->geometry.blocks; i++)
			c->block[i].locks &= (uint8_t)~BLOCK_PPB;
	c->io.state = READY;
}

/* The first cycle of a command. */
static void command(struct chip *c, uint32_t word, uint8_t cmd)
{
	struct interface *io = &c->io;

	if (cmd == CMD_RESET)
		to_reading(c);
	else if (io->mode == PPB || io->mode == DYB)
		protection(c, cmd);
	else if (cmd == CMD_UNLOCK1 && at(word, 0x555))
		io->state = UNLOCK1;
	else if (cmd == CMD_QUERY && (word & 0xff) == 0x55)
		io->mode = QUERY;
	else if (cmd == CMD_RESUME || (cmd == CMD_PROGRAM_RESUME && chip_suspended(c, OP_PROGRAM)))
		chip_resume(c);
}

static void store_running(struct chip *c, uint8_t cmd)
{
	bool program = c->op[OP_PROGRAM].state == OP_RUNNING;

	if ((cmd == CMD_SUSPEND || (cmd == CMD_PROGRAM_SUSPEND && program)) && !c->op[OP_ERASE].more)
		chip_suspend(c);
}

/* After a failure only these lead out: reset; for a wrong buffer load reset behind unlock cycles. */
static void store_failed(struct chip *c, uint32_t word, uint8_t cmd)
{
	struct interface *io = &c->io;

	if (io->failed) {
		if (cmd == CMD_RESET)
			clear(c);
		return;
	}
	if (io->state == READY && cmd == CMD_UNLOCK1 && at(word, 0x555))
		io->state = UNLOCK1;
	else if (io->state == UNLOCK1 && cmd == CMD_UNLOCK2 && at(word, 0x2aa))
		io->state = UNLOCK2;
	else if (io->state == UNLOCK2 && cmd == CMD_RESET && at(word, 0x555)) {
		clear(c);
		to_reading(c);
	} else {
		io->state = READY;
	}
}

static void expect(struct chip *c, bool fits, enum state next)
{
	if (fits)
		c->io.state = (uint8_t)next;
	else
		to_reading(c);
}

/* The cycles behind the first. */
static void sequence(struct chip *c, uint32_t word, uint16_t data)
{
	uint8_t cmd = (uint8_t)data;

	switch ((enum state)c->io.state) {
	case READY: command(c, word, cmd); break;
	case UNLOCK1: expect(c, cmd == CMD_UNLOCK2 && at(word, 0x2aa), UNLOCK2); break;
	case UNLOCK2: unlocked(c, word, cmd); break;
	case PROGRAM:
		c->io.last = data;
		c->buffer[word % c->set->buffer] = data;
		program(c, word, 1);
		break;
	case ERASE: expect(c, cmd == CMD_UNLOCK1 && at(word, 0x555), ERASE_UNLOCK1); break;
	case ERASE_UNLOCK1: expect(c, cmd == CMD_UNLOCK2 && at(word, 0x2aa), ERASE_UNLOCK2); break;
	case ERASE_UNLOCK2:
		if (cmd == CMD_ERASE)
			erase(c, block_of(c, word), 1);
		else if (cmd == CMD_CHIP_ERASE && at(word, 0x555))
			erase(c, 0, c->flash->geometry.blocks);
		else
			to_reading(c);
		break;
	case BUFFER_COUNT: buffer_count(c, word, data); break;
	case BUFFER_LOAD: buffer_load(c, word, data); break;
	case BUFFER_CONFIRM:
		if (cmd == CMD_BUFFER_CONFIRM && block_of(c, word) == c->io.block)
			program(c, c->io.low, c->io.high - c->io.low + 1);
		else
			abort_buffer(c);
		break;
	case PROTECT: protect(c, word, data); break;
	case PROTECT_ERASE: protect_erase(c, cmd); break;
	case PROTECT_EXIT:
		if (cmd == 0)
			to_reading(c);
		c->io.state = READY;
		break;
	}
}

static void store(struct chip *c, uint32_t word, uint16_t data)
{
	struct interface *io = &c->io;
	uint8_t cmd = (uint8_t)data;
	/* What is data is not looked at for commands. */
	bool is_data = io->state == PROGRAM || (io->state >= BUFFER_COUNT && io->state <= PROTECT);

	if ((chip_running(c) || !is_data) && status_command(c, word, cmd))
		return;
	io->status_next = false;
	if (chip_running(c))
		store_running(c, cmd);
	else if (io->failed || io->aborted)
		store_failed(c, word, cmd);
	else
		sequence(c, word, data);
}

static void dump(const struct chip *c, FILE *out)
{
	static const char *const modes[] = { "array", "identifiers", "query", "persistent protection", "dynamic protection" };

	fprintf(out, "reads %s, status 0x%02x%s%s%s\n", modes[c->io.mode], chip_status(c), c->io.state ? ", in a command" : "",
		c->io.failed ? ", failed" : "", c->io.aborted ? ", buffer load aborted" : "");
}

const struct chip_set flash_amd = {
	.id = FLASH_AMD, .name = "AMD/Fujitsu", .compatible = "cfi-flash",
	.buffer = 256, .word_us = 7, .buffer_us = 9, .block_ms = 8,
	.lock_bit = BLOCK_PPB,
	.describe = describe, .reset = reset, .settle = settle, .load = load, .store = store, .reads_array = reads_array,
	.ended = ended, .dump = dump,
};
