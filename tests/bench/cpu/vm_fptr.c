/* SPDX-License-Identifier: MIT
 * A bytecode interpreter of functions: each instruction holds a pointer to the one that executes it. Calls through
 * registers, and their returns. */
#include "bench.h"

struct vm;
struct insn;
typedef const struct insn *handler(struct vm *vm, const struct insn *in);

struct insn {
	handler *run;
	int32_t a, b, c;
};

struct vm {
	uint32_t r[8], memory[256];
};

#define OP(name) static const struct insn *name(struct vm *vm, const struct insn *in)

OP(set)
{
	vm->r[in->a] = (uint32_t)in->b;
	return in + 1;
}

OP(add)
{
	vm->r[in->a] = vm->r[in->b] + vm->r[in->c];
	return in + 1;
}

OP(add_immediate)
{
	vm->r[in->a] = vm->r[in->b] + (uint32_t)in->c;
	return in + 1;
}

OP(multiply)
{
	vm->r[in->a] = vm->r[in->b] * vm->r[in->c];
	return in + 1;
}

OP(exclusive_or)
{
	vm->r[in->a] = vm->r[in->b] ^ vm->r[in->c];
	return in + 1;
}

OP(shift_right)
{
	vm->r[in->a] = vm->r[in->b] >> in->c;
	return in + 1;
}

OP(load)
{
	vm->r[in->a] = vm->memory[(vm->r[in->b] + (uint32_t)in->c) & 255];
	return in + 1;
}

OP(store)
{
	vm->memory[(vm->r[in->b] + (uint32_t)in->c) & 255] = vm->r[in->a];
	return in + 1;
}

OP(branch_less)
{
	return vm->r[in->a] < vm->r[in->b] ? in + in->c : in + 1;
}

OP(branch_odd)
{
	return vm->r[in->a] & 1 ? in + in->c : in + 1;
}

OP(halt)
{
	(void)vm;
	(void)in;
	return NULL;
}

/* for (i = 0; i < n; i++) { t = m[i] * k ^ sum; if (t odd) sum += t >> 3; else { sum ^= t; m[i + 7] = sum; } m[i] = t + i } */
static const struct insn program[] = {
	{ set, 0, 0, 0 }, { set, 2, 17, 0 }, { set, 3, 0x6255, 0 },
	/* 3 */ { load, 4, 0, 0 }, { multiply, 4, 4, 3 }, { exclusive_or, 4, 4, 2 }, { branch_odd, 4, 0, 4 },
	{ exclusive_or, 2, 2, 4 }, { store, 2, 0, 7 }, { branch_less, 7, 6, 3 },
	/* 10 */ { shift_right, 5, 4, 3 }, { add, 2, 2, 5 },
	/* 12 */ { add, 5, 4, 0 }, { store, 5, 0, 0 }, { add_immediate, 0, 0, 1 }, { branch_less, 0, 1, -12 },
	{ halt, 0, 0, 0 },
};

int main(int argc, char **argv)
{
	struct vm vm = { .r = { [6] = 1 } };
	uint32_t seed = 5, sum;

	vm.r[1] = bench_size(argc, argv, 5000000);
	for (int i = 0; i < 256; i++)
		vm.memory[i] = bench_random(&seed);
	for (const struct insn *in = program; in;)
		in = in->run(&vm, in);
	sum = vm.r[2];
	for (int i = 0; i < 256; i++)
		sum = bench_mix(sum, vm.memory[i]);
	return bench_result("vm_fptr", sum);
}
