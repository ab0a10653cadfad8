/* SPDX-License-Identifier: MIT
 *
 * From a case's instructions to bytes: addresses are known now, and go into what refers to
 * other instructions.
 */
#include "cpu/decode.h"
#include "tests/fuzz/isa/isa.h"

#include <string.h>

static uint32_t encode_jump(uint32_t bits, uint32_t o, bool compressed)
{
	struct insn in;

	insn_decode(&in, bits);
	if (compressed && in.op == OP_JAL)
		return bits | (o >> 11 & 1) << 12 | (o >> 4 & 1) << 11 | (o >> 8 & 3) << 9 | (o >> 10 & 1) << 8 |
		       (o >> 6 & 1) << 7 | (o >> 7 & 1) << 6 | (o >> 1 & 7) << 3 | (o >> 5 & 1) << 2;
	if (compressed)
		return bits | (o >> 8 & 1) << 12 | (o >> 3 & 3) << 10 | (o >> 6 & 3) << 5 | (o >> 1 & 3) << 3 |
		       (o >> 5 & 1) << 2;
	if (in.op == OP_JAL)
		return bits | (o >> 20 & 1) << 31 | (o >> 1 & 0x3ff) << 21 | (o >> 11 & 1) << 20 |
		       (o >> 12 & 0xff) << 12;
	return bits | (o >> 12 & 1) << 31 | (o >> 5 & 0x3f) << 25 | (o >> 1 & 15) << 8 | (o >> 11 & 1) << 7;
}

static uint32_t encode(const struct fuzz_case *c, unsigned i, const uint32_t *at)
{
	const struct fuzz_insn *fi = &c->insns[i];
	uint32_t target;

	if (fi->ref == REF_NONE)
		return fi->bits;
	target = at[fi->target] + fi->addend;
	switch (fi->ref) {
	case REF_JUMP:
		return encode_jump(fi->bits, target - at[i], fi->len == 2);
	case REF_HI:
		return fi->bits | ((target - at[i] + 0x800) & 0xfffff000);
	case REF_LO:
		return fi->bits | (target - at[i - fi->back]) << 20;
	}
	return target;
}

uint32_t place_case(const struct fuzz_case *c, uint32_t pc, uint8_t code[CODE_SIZE], uint32_t addr[MAX_INSNS + 1])
{
	uint32_t own[MAX_INSNS + 1], *at = addr ? addr : own;

	memset(code, 0, CODE_SIZE);
	at[0] = pc;
	for (unsigned i = 0; i < c->count; i++) {
		/* mtvec has no room for the lowest two bits; nothing runs into the handler. */
		if (c->machine && i == c->handler)
			at[i] = (at[i] + 3) & ~3u;
		at[i + 1] = at[i] + c->insns[i].len;
	}
	for (unsigned i = 0; i < c->count; i++) {
		uint32_t bits = encode(c, i, at);

		memcpy(code + (at[i] - pc), &bits, c->insns[i].len);
	}
	return at[c->count] - pc;
}
