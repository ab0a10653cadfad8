/* SPDX-License-Identifier: MIT */
#include "emu/seccomp/bpf.h"

#include <linux/filter.h>
#include <string.h>

enum { MEMORY = 16, DATA_BYTES = 4 * BPF_DATA_WORDS };

/* --- Checking --- */

/* Is it a known instruction with a sensible constant?  left: how many instructions follow. */
static bool insn_valid(const struct bpf_insn *i, unsigned left)
{
	switch (i->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return i->k < DATA_BYTES && !(i->k & 3);
	case BPF_LD | BPF_W | BPF_LEN: case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LD | BPF_IMM: case BPF_LDX | BPF_IMM:
	case BPF_MISC | BPF_TAX: case BPF_MISC | BPF_TXA:
	case BPF_RET | BPF_K: case BPF_RET | BPF_A:
	case BPF_ALU | BPF_NEG:
	case BPF_ALU | BPF_ADD | BPF_K: case BPF_ALU | BPF_ADD | BPF_X:
	case BPF_ALU | BPF_SUB | BPF_K: case BPF_ALU | BPF_SUB | BPF_X:
	case BPF_ALU | BPF_MUL | BPF_K: case BPF_ALU | BPF_MUL | BPF_X:
	case BPF_ALU | BPF_AND | BPF_K: case BPF_ALU | BPF_AND | BPF_X:
	case BPF_ALU | BPF_OR | BPF_K: case BPF_ALU | BPF_OR | BPF_X:
	case BPF_ALU | BPF_XOR | BPF_K: case BPF_ALU | BPF_XOR | BPF_X:
	case BPF_ALU | BPF_DIV | BPF_X:
	case BPF_ALU | BPF_LSH | BPF_X: case BPF_ALU | BPF_RSH | BPF_X:
		return true;
	case BPF_ALU | BPF_DIV | BPF_K:
		return i->k;
	case BPF_ALU | BPF_LSH | BPF_K: case BPF_ALU | BPF_RSH | BPF_K:
		return i->k < 32;
	case BPF_LD | BPF_MEM: case BPF_LDX | BPF_MEM: case BPF_ST: case BPF_STX:
		return i->k < MEMORY;
	case BPF_JMP | BPF_JA:
		return i->k < left;
	case BPF_JMP | BPF_JEQ | BPF_K: case BPF_JMP | BPF_JEQ | BPF_X:
	case BPF_JMP | BPF_JGE | BPF_K: case BPF_JMP | BPF_JGE | BPF_X:
	case BPF_JMP | BPF_JGT | BPF_K: case BPF_JMP | BPF_JGT | BPF_X:
	case BPF_JMP | BPF_JSET | BPF_K: case BPF_JMP | BPF_JSET | BPF_X:
		return i->jt < left && i->jf < left;
	default:
		return false;
	}
}

/* Jumps only go forwards: which words are set on every way to an instruction is known when its turn comes. */
static bool loads_follow_stores(const struct bpf_insn *prog, unsigned len)
{
	uint16_t at[BPF_MAX_LEN], set = 0;

	memset(at, 0xff, sizeof *at * len);
	for (unsigned pc = 0; pc < len; pc++) {
		const struct bpf_insn *i = &prog[pc];

		set &= at[pc];
		switch (BPF_CLASS(i->code)) {
		case BPF_ST:
		case BPF_STX:
			set |= (uint16_t)(1u << i->k);
			break;
		case BPF_LD:
		case BPF_LDX:
			if (BPF_MODE(i->code) == BPF_MEM && !(set & 1u << i->k))
				return false;
			break;
		case BPF_JMP:
			if (BPF_OP(i->code) == BPF_JA) {
				at[pc + 1 + i->k] &= set;
			} else {
				at[pc + 1 + i->jt] &= set;
				at[pc + 1 + i->jf] &= set;
			}
			set = 0xffff;
			break;
		}
	}
	return true;
}

bool bpf_valid(const struct bpf_insn *prog, unsigned len)
{
	if (!len || len > BPF_MAX_LEN)
		return false;
	for (unsigned pc = 0; pc < len; pc++)
		if (!insn_valid(&prog[pc], len - 1 - pc))
			return false;
	return BPF_CLASS(prog[len - 1].code) == BPF_RET && loads_follow_stores(prog, len);
}

/* --- Running --- */

/* A division by an X of 0 ends the program: *end. */
static uint32_t compute(const struct bpf_insn *i, uint32_t a, uint32_t x, bool *end)
{
	uint32_t b = BPF_SRC(i->code) == BPF_X ? x : i->k;

	switch (BPF_OP(i->code)) {
	case BPF_ADD: return a + b;
	case BPF_SUB: return a - b;
	case BPF_MUL: return a * b;
	case BPF_AND: return a & b;
	case BPF_OR: return a | b;
	case BPF_XOR: return a ^ b;
	case BPF_LSH: return a << (b & 31);
	case BPF_RSH: return a >> (b & 31);
	case BPF_NEG: return 0 - a;
	default:
		*end = !b;
		return b ? a / b : 0;
	}
}

static bool holds(const struct bpf_insn *i, uint32_t a, uint32_t x)
{
	uint32_t b = BPF_SRC(i->code) == BPF_X ? x : i->k;

	switch (BPF_OP(i->code)) {
	case BPF_JEQ: return a == b;
	case BPF_JGE: return a >= b;
	case BPF_JGT: return a > b;
	default: return a & b;
	}
}

static uint32_t load(const struct bpf_insn *i, const uint32_t *memory, const uint32_t *data)
{
	switch (BPF_MODE(i->code)) {
	case BPF_ABS: return data[i->k / 4];
	case BPF_LEN: return DATA_BYTES;
	case BPF_MEM: return memory[i->k];
	default: return i->k;
	}
}

uint32_t bpf_run(const struct bpf_insn *prog, const uint32_t data[BPF_DATA_WORDS])
{
	uint32_t a = 0, x = 0, memory[MEMORY] = { 0 };
	bool end = false;

	for (const struct bpf_insn *i = prog;; i++) {
		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			a = load(i, memory, data);
			break;
		case BPF_LDX:
			x = load(i, memory, data);
			break;
		case BPF_ST:
			memory[i->k] = a;
			break;
		case BPF_STX:
			memory[i->k] = x;
			break;
		case BPF_ALU:
			a = compute(i, a, x, &end);
			if (end)
				return 0;
			break;
		case BPF_JMP:
			i += BPF_OP(i->code) == BPF_JA ? i->k : holds(i, a, x) ? i->jt : i->jf;
			break;
		case BPF_RET:
			return BPF_RVAL(i->code) == BPF_A ? a : i->k;
		default:
			if (BPF_MISCOP(i->code) == BPF_TXA)
				a = x;
			else
				x = a;
		}
	}
}
