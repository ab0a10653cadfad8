/* SPDX-License-Identifier: MIT
 *
 * Operations and their time.  A chip does one at a time; a program may be made while an erase is suspended.  What an
 * operation does, it does when it ends (array.c); until then the array is as before.  Suspending and going on take no
 * time.
 *
 * An operation's time is what the query table says is typical, times the percentage of the configuration; with 0 it
 * ends as it begins.
 */
#include "devices/flash/internal.h"

static const uint64_t US = 1000, MS = 1000000;

bool chip_running(const struct chip *c)
{
	return c->op[OP_PROGRAM].state == OP_RUNNING || c->op[OP_ERASE].state == OP_RUNNING;
}

bool chip_suspended(const struct chip *c, enum op_kind kind)
{
	return c->op[kind].state == OP_SUSPENDED;
}

uint16_t chip_status(const struct chip *c)
{
	uint16_t s = c->io.status;

	if (!chip_running(c))
		s |= SR_READY;
	if (chip_suspended(c, OP_ERASE))
		s |= SR_ERASE_SUSPENDED;
	if (chip_suspended(c, OP_PROGRAM))
		s |= SR_PROGRAM_SUSPENDED;
	return s;
}

static uint64_t scaled(const struct chip *c, uint64_t ns)
{
	return ns / 100 * c->flash->time;
}

/* A full buffer's typical time and that of a word are known; those between lie on a line. */
static uint64_t program_time(const struct chip *c, uint32_t words)
{
	uint64_t one = US << c->set->word_us, full = US << c->set->buffer_us;

	return scaled(c, one + (full - one) * (words - 1) / (c->set->buffer - 1u));
}

static void tell(struct chip *c, enum op_kind kind, const struct op *op, enum op_result result)
{
	if (op->request)
		requests_ended(c, result);
	else
		c->set->ended(c, kind, result);
}

/* The operation in this slot is over; the array is as it leaves it. */
static void end(struct chip *c, enum op_kind kind, enum op_result result)
{
	struct op op = c->op[kind];

	c->op[kind].state = OP_NONE;
	tell(c, kind, &op, result);
}

static bool next_unlocked(const struct chip *c, struct op *op)
{
	while (op->more) {
		op->block++;
		op->more--;
		if (!block_locked(c, op->block))
			return true;
	}
	return false;
}

static void begin(struct chip *c, enum op_kind kind, uint64_t from)
{
	struct op *op = &c->op[kind];

	op->state = OP_RUNNING;
	op->ends = power_begins(c, kind, from) ? UINT64_MAX : from + op->length;
}

/* What was to be done is done. */
static void complete(struct chip *c, enum op_kind kind)
{
	struct op *op = &c->op[kind];
	int err = kind == OP_PROGRAM ? array_program(c, op->word, op->words) : array_erase(c, op->block);

	if (err)
		op->result = OP_FAILED;
	if (kind == OP_ERASE && next_unlocked(c, op))
		begin(c, kind, op->ends);
	else
		end(c, kind, op->result);
}

void chip_advance(struct chip *c, uint64_t now)
{
	for (enum op_kind kind = OP_PROGRAM; kind < OP_KINDS; kind++)
		while (c->op[kind].state == OP_RUNNING && c->op[kind].ends <= now)
			complete(c, kind);
}

uint64_t chip_next(const struct chip *c)
{
	uint64_t next = UINT64_MAX;

	for (enum op_kind kind = OP_PROGRAM; kind < OP_KINDS; kind++)
		if (c->op[kind].state == OP_RUNNING && c->op[kind].ends < next)
			next = c->op[kind].ends;
	return next;
}

static enum op_result start(struct chip *c, enum op_kind kind, const struct op *op)
{
	uint64_t now = flash_now(c->flash);

	c->op[kind] = *op;
	begin(c, kind, now);
	chip_advance(c, now);
	return OP_DONE;
}

enum op_result chip_program(struct chip *c, uint32_t word, uint32_t words, bool request)
{
	const struct op op = { .word = word, .words = words, .request = request, .length = program_time(c, words) };

	if (!c->flash->geometry.writable)
		return OP_NO_VPP;
	if (block_locked(c, block_of(c, word)))
		return OP_LOCKED;
	return start(c, OP_PROGRAM, &op);
}

enum op_result chip_erase(struct chip *c, uint32_t block, uint32_t blocks, bool request)
{
	struct op op = { .block = block, .more = blocks - 1, .request = request, .length = scaled(c, MS << c->set->block_ms) };

	if (!c->flash->geometry.writable)
		return OP_NO_VPP;
	if (block_locked(c, block) && !next_unlocked(c, &op))
		return OP_LOCKED;
	return start(c, OP_ERASE, &op);
}

bool chip_suspend(struct chip *c)
{
	enum op_kind kind = c->op[OP_PROGRAM].state == OP_RUNNING ? OP_PROGRAM : OP_ERASE;
	struct op *op = &c->op[kind];
	uint64_t now = flash_now(c->flash);

	if (op->state != OP_RUNNING)
		return false;
	op->state = OP_SUSPENDED;
	op->left = op->ends > now ? op->ends - now : 0;
	return true;
}

bool chip_resume(struct chip *c)
{
	enum op_kind kind = c->op[OP_PROGRAM].state == OP_SUSPENDED ? OP_PROGRAM : OP_ERASE;
	struct op *op = &c->op[kind];
	uint64_t now = flash_now(c->flash);

	if (op->state != OP_SUSPENDED || chip_running(c))
		return false;
	op->state = OP_RUNNING;
	op->ends = now + op->left;
	chip_advance(c, now);
	return true;
}

unsigned op_progress(const struct op *op, uint64_t now)
{
	uint64_t left = op->state == OP_SUSPENDED ? op->left : op->ends > now ? op->ends - now : 0;

	if (!op->length)
		return 256;
	return left >= op->length ? 0 : (unsigned)((op->length - left) * 256 / op->length);
}
