/* SPDX-License-Identifier: MIT
 *
 * The Intel/Sharp extended command set, as the StrataFlash K3 family has it (28F640K3, 28F128K3, 28F256K3: equal
 * blocks, single locks that are all set after power-on).  A chip has a status register, which every load shows once
 * an operation has begun, until another mode is asked for.
 *
 * The WP# pin is low: blocks that are locked down stay locked.  VPP is as the host's file allows.  Commands that are
 * no commands change nothing; a second cycle that does not fit is a sequence error (program and erase error both), as
 * is a wrong buffer load.
 */
#include "devices/flash/internal.h"

#include <string.h>

enum mode { ARRAY, STATUS, ID, QUERY };

enum state {
	READY,
	PROGRAM_SETUP,		/* 0x40, 0x10: a word follows */
	ERASE_SETUP,		/* 0x20: 0xd0 follows */
	LOCK_SETUP,		/* 0x60 */
	BUFFER_COUNT,		/* 0xe8: the number of words less one follows */
	BUFFER_LOAD,
	BUFFER_CONFIRM,		/* 0xd0 follows */
};

enum command {
	CMD_PROGRAM_ALT = 0x10, CMD_ERASE = 0x20, CMD_PROGRAM = 0x40, CMD_CLEAR_STATUS = 0x50, CMD_LOCK_SETUP = 0x60,
	CMD_READ_STATUS = 0x70, CMD_READ_ID = 0x90, CMD_QUERY = 0x98, CMD_SUSPEND = 0xb0, CMD_CONFIRM = 0xd0,
	CMD_BUFFER = 0xe8, CMD_READ_ARRAY = 0xff,
	/* behind CMD_LOCK_SETUP */
	LOCK = 0x01, LOCK_CONFIG = 0x03, LOCK_DOWN = 0x2f, UNLOCK = 0xd0,
};

enum { SR_VPP = 0x08, SR_SEQUENCE = SR_PROGRAM | SR_ERASE };

#define MANUFACTURER 0x0089u
#define DEVICE_64MBIT 0x8801u		/* 0x8802: 128 Mbit, 0x8803: 256 Mbit */
#define CONFIG_RESET 0xbfcfu		/* asynchronous page mode */
#define PRI 0x31u			/* the extended query table */

static void describe(const struct flash *f, uint8_t q[QUERY_END])
{
	(void)f;
	q[0x15] = PRI;
	memcpy(q + PRI, "PRI11", 5);
	q[PRI + 5] = 0xa6;	/* page mode reads, single instant locks, both kinds of suspend */
	q[PRI + 9] = 0x01;	/* programs while an erase is suspended */
	q[PRI + 10] = 0x03;	/* in the block's status: lock and lock-down */
	q[PRI + 12] = 0x30;	/* Vcc 3.0 V; programs with that, too */
	q[PRI + 18] = 0x03;	/* pages of 8 bytes */
}

static void reset(struct chip *c)
{
	c->io = (struct interface){ .mode = ARRAY, .state = READY, .config = CONFIG_RESET };
}

static void settle(struct chip *c)
{
	c->io.mode = ARRAY;
	c->io.state = READY;
}

static uint16_t device_id(const struct chip *c)
{
	uint32_t mbit = chip_words(c) >> 16;

	return mbit >= 256 ? DEVICE_64MBIT + 2 : mbit >= 128 ? DEVICE_64MBIT + 1 : DEVICE_64MBIT;
}

/* Identifier codes, in each block. */
static uint16_t identifier(const struct chip *c, uint32_t word)
{
	uint8_t locks = c->block[block_of(c, word)].locks;

	switch (word % block_words(c)) {
	case 0: return MANUFACTURER;
	case 1: return device_id(c);
	case 2: return (uint16_t)((locks ? BLOCK_LOCKED : 0) | (locks & BLOCK_DOWN));
	case 5: return c->io.config;
	}
	return 0;
}

static uint16_t load(struct chip *c, uint32_t word)
{
	uint32_t in_block = word % block_words(c);

	if (chip_running(c))
		return chip_status(c);
	switch ((enum mode)c->io.mode) {
	case ARRAY: return array_word(c, word);
	case STATUS: return chip_status(c);
	case ID: return identifier(c, word);
	case QUERY: return in_block < QUERY_END ? c->flash->query[in_block] : 0;
	}
	return 0;
}

static bool reads_array(const struct chip *c)
{
	return c->io.mode == ARRAY;
}

/* --- Operations --- */

static void fail(struct chip *c, uint8_t bits)
{
	c->io.status |= bits;
	c->io.state = READY;
}

static void ended(struct chip *c, enum op_kind kind, enum op_result result)
{
	uint8_t failed = kind == OP_PROGRAM ? SR_PROGRAM : SR_ERASE;

	if (result == OP_DONE)
		return;
	c->io.status |= failed | (result == OP_LOCKED ? SR_LOCKED : result == OP_NO_VPP ? SR_VPP : 0);
}

static void program(struct chip *c, uint32_t word, uint32_t words)
{
	c->io.state = READY;
	if (chip_suspended(c, OP_ERASE) && block_of(c, word) == c->op[OP_ERASE].block) {
		fail(c, SR_PROGRAM);
		return;
	}
	enum op_result r = chip_program(c, word, words, false);

	if (r != OP_DONE)
		ended(c, OP_PROGRAM, r);
}

static void erase(struct chip *c, uint32_t word)
{
	enum op_result r = chip_erase(c, block_of(c, word), 1, false);

	if (r != OP_DONE)
		ended(c, OP_ERASE, r);
}

static void lock(struct chip *c, uint32_t word, uint8_t command)
{
	uint8_t *locks = &c->block[block_of(c, word)].locks;

	switch (command) {
	case LOCK: *locks |= BLOCK_LOCKED; break;
	case LOCK_DOWN: *locks |= BLOCK_LOCKED | BLOCK_DOWN; break;
	case LOCK_CONFIG: c->io.config = (uint16_t)word; break;
	case UNLOCK:
		if (!(*locks & BLOCK_DOWN))
			*locks = 0;
		break;
	default:
		fail(c, SR_SEQUENCE);
	}
}

/* --- Buffered programs --- */

static void buffer_count(struct chip *c, uint32_t word, uint16_t data)
{
	struct interface *io = &c->io;

	if (data >= c->set->buffer) {
		fail(c, SR_SEQUENCE);
		return;
	}
	io->block = block_of(c, word);
	io->count = data + 1u;
	io->line = UINT32_MAX;
	memset(c->buffer, 0xff, sizeof(c->buffer));
	io->state = BUFFER_LOAD;
}

/* The first address decides on the line of the buffer; all words are in it. */
static void buffer_load(struct chip *c, uint32_t word, uint16_t data)
{
	struct interface *io = &c->io;

	if (io->line == UINT32_MAX) {
		io->line = word - word % c->set->buffer;
		io->low = io->high = word;
	}
	if (block_of(c, word) != io->block || word - word % c->set->buffer != io->line) {
		fail(c, SR_SEQUENCE);
		return;
	}
	c->buffer[word % c->set->buffer] = data;
	io->low = word < io->low ? word : io->low;
	io->high = word > io->high ? word : io->high;
	if (--io->count == 0)
		io->state = BUFFER_CONFIRM;
}

/* --- Cycles --- */

/* The first cycle of a command. */
static void command(struct chip *c, uint32_t word, uint8_t cmd)
{
	struct interface *io = &c->io;
	bool may_program = !chip_suspended(c, OP_PROGRAM);

	(void)word;
	switch (cmd) {
	case CMD_READ_ARRAY: io->mode = ARRAY; return;
	case CMD_READ_STATUS: io->mode = STATUS; return;
	case CMD_READ_ID: io->mode = ID; return;
	case CMD_QUERY: io->mode = QUERY; return;
	case CMD_CLEAR_STATUS: io->status = 0; return;
	case CMD_CONFIRM:
		if (chip_resume(c))
			io->mode = STATUS;
		return;
	case CMD_PROGRAM: case CMD_PROGRAM_ALT: io->state = may_program ? PROGRAM_SETUP : READY; break;
	case CMD_BUFFER: io->state = may_program ? BUFFER_COUNT : READY; break;
	case CMD_LOCK_SETUP: io->state = may_program ? LOCK_SETUP : READY; break;
	case CMD_ERASE: io->state = may_program ? ERASE_SETUP : READY; break;
	}
	if (io->state != READY)
		io->mode = STATUS;
}

static void store(struct chip *c, uint32_t word, uint16_t data)
{
	struct interface *io = &c->io;
	uint8_t cmd = (uint8_t)data;

	if (chip_running(c)) {
		if (cmd == CMD_SUSPEND) {
			chip_suspend(c);
			io->mode = STATUS;
		}
		return;
	}
	switch ((enum state)io->state) {
	case READY:
		command(c, word, cmd);
		break;
	case PROGRAM_SETUP:
		c->buffer[word % c->set->buffer] = data;
		program(c, word, 1);
		break;
	case ERASE_SETUP:
		io->state = READY;
		if (cmd == CMD_CONFIRM && !chip_suspended(c, OP_ERASE))
			erase(c, word);
		else
			fail(c, SR_SEQUENCE);
		break;
	case LOCK_SETUP:
		io->state = READY;
		lock(c, word, cmd);
		break;
	case BUFFER_COUNT:
		buffer_count(c, word, data);
		break;
	case BUFFER_LOAD:
		buffer_load(c, word, data);
		break;
	case BUFFER_CONFIRM:
		if (cmd == CMD_CONFIRM && block_of(c, word) == io->block)
			program(c, io->low, io->high - io->low + 1);
		else
			fail(c, SR_SEQUENCE);
		break;
	}
}

static void dump(const struct chip *c, FILE *out)
{
	static const char *const modes[] = { "array", "status", "identifiers", "query" };
	static const char *const states[] = { "", ", in a program", ", in an erase", ", in a lock", ", in a buffer's count",
					      ", in a buffer's load", ", before a buffer's confirm" };

	fprintf(out, "reads %s, status 0x%02x%s\n", modes[c->io.mode], chip_status(c), states[c->io.state]);
}

const struct chip_set flash_intel = {
	.id = FLASH_INTEL, .name = "Intel/Sharp", .compatible = "cfi-flash",
	.buffer = 32, .word_us = 7, .buffer_us = 9, .block_ms = 10,
	.lock_bit = BLOCK_LOCKED, .reset_locks = BLOCK_LOCKED,
	.describe = describe, .reset = reset, .settle = settle, .load = load, .store = store, .reads_array = reads_array,
	.ended = ended, .dump = dump,
};
