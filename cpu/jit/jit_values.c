/* SPDX-License-Identifier: MIT
 *
 * Deferred values.  A register's value may be deferred in terms of homes, so a home must not change
 * while another deferred value reads it: before it does, its readers are settled.  Settling
 * never goes in circles, because a value is not deferred if it would close one.
 */
#include "cpu/jit/code.h"

#include "cpu/jit/jit_private.h"

#define BIT(r) (1u << (r))

static void forget(struct code *c, unsigned r)
{
	const struct value *v = &c->value[r];

	if (!(c->pending & BIT(r)))
		return;
	c->pending &= ~BIT(r);
	c->readers[v->a] &= ~BIT(r);
	c->readers[v->b] &= ~BIT(r);
	c->value[r] = (struct value){ .kind = VALUE_HOME, .a = (uint8_t)r };
}

static void remember(struct code *c, unsigned r, struct value v)
{
	c->value[r] = v;
	c->pending |= BIT(r);
	c->readers[v.a] |= BIT(r);
	c->readers[v.b] |= BIT(r);
	c->readers[0] = 0;
}

void code_settle_readers(struct code *c, unsigned r)
{
	uint32_t readers;

	while ((readers = c->readers[r] & ~BIT(r)) != 0)
		code_settle(c, (unsigned)__builtin_ctz(readers));
}

void code_settle(struct code *c, unsigned r)
{
	struct value v;

	if (!(c->pending & BIT(r)))
		return;
	code_settle_readers(c, r);
	v = c->value[r];
	forget(c, r);
	host_set(c, r, v);
}

void code_settle_all(struct code *c)
{
	while (c->pending)
		code_settle(c, (unsigned)__builtin_ctz(c->pending));
}

struct operand code_use(struct code *c, unsigned r)
{
	if (r == 0)
		return CONST_OPERAND(0);
	if (c->value[r].kind == VALUE_CONST)
		return CONST_OPERAND(c->value[r].imm);
	/* A copy is as good as the original. */
	if (c->value[r].kind == VALUE_SUM && c->value[r].b == 0 && c->value[r].imm == 0)
		return REG_OPERAND(c->value[r].a);
	code_settle(c, r);
	return REG_OPERAND(r);
}

void code_define(struct code *c, unsigned rd)
{
	code_settle_readers(c, rd);
	forget(c, rd);
}

void code_operands(struct code *c, unsigned rd, unsigned rs1, unsigned rs2, struct operand *a, struct operand *b)
{
	/* Each step may settle, and so change what the steps before have found; the last ones emit nothing. */
	code_use(c, rs1);
	code_use(c, rs2);
	if (rd)
		code_settle_readers(c, rd);
	*a = code_use(c, rs1);
	*b = code_use(c, rs2);
	if (rd)
		forget(c, rd);
}

struct value code_load_address(struct code *c, unsigned rd, unsigned rs1, int32_t imm)
{
	code_address(c, rs1, imm);
	if (rd)
		code_settle_readers(c, rd);
	return code_address(c, rs1, imm);
}

struct value code_store_address(struct code *c, unsigned rs1, int32_t imm, unsigned rs2, struct operand *data)
{
	code_use(c, rs2);
	code_address(c, rs1, imm);
	*data = code_use(c, rs2);
	return code_address(c, rs1, imm);
}

struct value code_value(const struct code *c, unsigned r)
{
	if (r == 0)
		return (struct value){ .kind = VALUE_CONST };
	return c->value[r];
}

/* Whether register r would have to be settled before and after register s. */
static bool closes_circle(const struct code *c, unsigned r, unsigned s)
{
	uint32_t before = c->readers[r] & ~BIT(r), done = 0;

	while (before & ~done) {
		unsigned x = (unsigned)__builtin_ctz(before & ~done);

		done |= BIT(x);
		before |= c->readers[x] & ~BIT(x);
	}
	return s != r && (before & BIT(s)) && (c->pending & BIT(s));
}

void code_defer(struct code *c, unsigned rd, struct value v)
{
	if (v.kind == VALUE_HOME)
		v = (struct value){ .kind = VALUE_SUM, .a = v.a };
	if (v.kind == VALUE_SUM && v.a == rd && v.b == 0 && v.imm == 0) {
		/* Back to what its home holds. */
		forget(c, rd);
		return;
	}
	if (closes_circle(c, rd, v.a) || closes_circle(c, rd, v.b)) {
		/* By way of the program counter's place, which nobody reads while code runs. */
		host_set(c, REG_DUMMY, v);
		code_define(c, rd);
		host_set(c, rd, (struct value){ .kind = VALUE_SUM, .a = REG_DUMMY });
		return;
	}
	forget(c, rd);
	remember(c, rd, v);
}

/* A value as a sum; false if it is not one. */
static bool as_sum(struct value v, struct value *sum)
{
	switch (v.kind) {
	case VALUE_HOME:
		*sum = (struct value){ .kind = VALUE_SUM, .a = v.a };
		return true;
	case VALUE_CONST:
		*sum = (struct value){ .kind = VALUE_SUM, .imm = v.imm };
		return true;
	case VALUE_SUM:
		*sum = v;
		return true;
	}
	return false;
}

bool code_sum(struct value x, struct value y, struct value *sum)
{
	struct value s;

	if (!as_sum(x, &x) || !as_sum(y, &y))
		return false;
	/* y gives what x has no place for. */
	if (x.a && y.a) {
		struct value *free_b = !x.b ? &x : !y.b ? &y : NULL;

		if (!free_b || (free_b == &x ? y.b : x.b))
			return false;
		s = (struct value){ .kind = VALUE_SUM, .a = x.a, .b = y.a };
	} else {
		if (x.b && y.b)
			return false;
		s = (struct value){
			.kind = VALUE_SUM, .a = x.a | y.a, .b = x.b | y.b, .shift = x.b ? x.shift : y.shift,
		};
		/* Only small shifts are part of an address. */
		if (s.b && s.shift > 3 && (s.a || x.imm || y.imm))
			return false;
	}
	s.imm = (int32_t)((uint32_t)x.imm + (uint32_t)y.imm);
	*sum = s;
	return true;
}

struct value code_address(struct code *c, unsigned r, int32_t imm)
{
	struct value offset = { .kind = VALUE_CONST, .imm = imm }, sum;

	if (!code_sum(code_value(c, r), offset, &sum)) {
		code_settle(c, r);
		code_sum(code_value(c, r), offset, &sum);
	}
	if (!sum.a && !sum.b)
		sum.kind = VALUE_CONST;
	return sum;
}

void code_save(struct code *c, uint32_t *first, uint32_t *count)
{
	*first = c->deferred_count;
	*count = (uint32_t)__builtin_popcount(c->pending);
	if (c->deferred_count + 32 > MAX_DEFERRED) {
		c->failed = true;
		*count = 0;
		return;
	}
	for (uint32_t left = c->pending; left; left &= left - 1) {
		unsigned r = (unsigned)__builtin_ctz(left);

		c->deferred[c->deferred_count++] = (struct deferred){ (uint8_t)r, c->value[r] };
	}
}

void code_restore(struct code *c, uint32_t first, uint32_t count)
{
	c->pending = 0;
	for (unsigned r = 0; r < 32; r++) {
		c->value[r] = (struct value){ .kind = VALUE_HOME, .a = (uint8_t)r };
		c->readers[r] = 0;
	}
	for (uint32_t k = 0; k < count; k++)
		remember(c, c->deferred[first + k].reg, c->deferred[first + k].value);
}
