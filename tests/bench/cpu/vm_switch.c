/* SPDX-License-Identifier: MIT
 * A bytecode interpreter with a switch: unpredictable indirect jumps. */
#include "bench.h"

enum op { PUSH, ADD, SUB, MUL, DUP, SWAP, DROP, LOAD, STORE, LESS, JUMP, JUMP_IF_NOT, XOR, SHIFT, HALT };

struct insn {
	uint8_t op;
	int32_t arg;
};

/* sum = 0; for (i = 0; i < n; i++) { t = i * 3 ^ sum; if (t < sum) sum = sum - i; else sum = (sum >> 1) + t; } */
static const struct insn program[] = {
	{ PUSH, 0 }, { STORE, 0 }, { PUSH, 0 }, { STORE, 1 },
	/* 4 */ { LOAD, 1 }, { LOAD, 2 }, { LESS, 0 }, { JUMP_IF_NOT, 33 },
	{ LOAD, 1 }, { PUSH, 3 }, { MUL, 0 }, { LOAD, 0 }, { XOR, 0 }, { STORE, 3 },
	{ LOAD, 3 }, { LOAD, 0 }, { LESS, 0 }, { JUMP_IF_NOT, 23 },
	{ LOAD, 0 }, { LOAD, 1 }, { SUB, 0 }, { STORE, 0 }, { JUMP, 28 },
	/* 23 */ { LOAD, 0 }, { SHIFT, 1 }, { LOAD, 3 }, { ADD, 0 }, { STORE, 0 },
	/* 28 */ { LOAD, 1 }, { PUSH, 1 }, { ADD, 0 }, { STORE, 1 }, { JUMP, 4 },
	/* 33 */ { LOAD, 0 }, { DUP, 0 }, { SWAP, 0 }, { DROP, 0 }, { HALT, 0 },
};

static uint32_t run(uint32_t n)
{
	uint32_t stack[16], vars[4] = { 0, 0, n, 0 }, *sp = stack, t;
	const struct insn *pc = program;

	for (;;) {
		const struct insn *in = pc++;

		switch (in->op) {
		case PUSH:
			*sp++ = (uint32_t)in->arg;
			break;
		case ADD:
			sp--;
			sp[-1] += sp[0];
			break;
		case SUB:
			sp--;
			sp[-1] -= sp[0];
			break;
		case MUL:
			sp--;
			sp[-1] *= sp[0];
			break;
		case DUP:
			*sp = sp[-1];
			sp++;
			break;
		case SWAP:
			t = sp[-1];
			sp[-1] = sp[-2];
			sp[-2] = t;
			break;
		case DROP:
			sp--;
			break;
		case LOAD:
			*sp++ = vars[in->arg];
			break;
		case STORE:
			vars[in->arg] = *--sp;
			break;
		case LESS:
			sp--;
			sp[-1] = sp[-1] < sp[0];
			break;
		case JUMP:
			pc = program + in->arg;
			break;
		case JUMP_IF_NOT:
			if (!*--sp)
				pc = program + in->arg;
			break;
		case XOR:
			sp--;
			sp[-1] ^= sp[0];
			break;
		case SHIFT:
			sp[-1] >>= in->arg;
			break;
		case HALT:
			return *--sp;
		}
	}
}

int main(int argc, char **argv)
{
	return bench_result("vm_switch", run(bench_size(argc, argv, 3000000)));
}
