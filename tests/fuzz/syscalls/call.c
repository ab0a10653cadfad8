/* SPDX-License-Identifier: MIT
 *
 * A random call, with arguments as the table (table.c) describes them.
 */
#include <string.h>
#include "fuzz.h"

/* MEMGETINFO and so on, the block layer's, LOOP_SET_FD and so on. */
static const uint32_t disk_ioctls[] = {
	0x80204d01, 0x40084d02, 0x40084d02, 0xc00c4d03, 0xc00c4d04, 0x40084d05, 0x40084d06, 0x80044d07, 0xc0104d08, 0x80c84d0a, 0x40084d0b,
	0x40084d0c, 0x80044d0d, 0x40044d0e, 0x400c4d0f, 0x800c4d10, 0x81484d11, 0x80104d12, 0x4d13, 0x40104d14, 0xc0184d15, 0xc0184d16,
	0x80084d17, 0xc0304d18, 0xc0404d1a, 0x1269, 0x1269, 0x125f, 0x1261, 0x1277,
	0x4c00, 0x4c00, 0x4c01, 0x4c02, 0x4c03, 0x4c04, 0x4c05, 0x4c06, 0x4c07, 0x4c08, 0x4c09, 0x4c0a, 0x4c80, 0x4c81, 0x4c82,
};

/* The argument at q->args[i]; how many registers it took. */
static int argument(struct rng *r, struct request *q, int i, enum kind kind)
{
	uint32_t *a = &q->args[i];
	int high = kind == OFFSET_HIGH_LOW;

	switch (kind) {
	case DESCRIPTOR: *a = some_descriptor(r); break;
	case TEXT: *a = some_text(r); break;
	case STRINGS: *a = some_strings(r); break;
	case VECTOR: *a = some_vector(r); break;
	case MOMENT: *a = some_moment(r); break;
	case ADDRESS: *a = some_address(r); break;
	case POINTER: *a = some_pointer(r); break;
	case SIGNAL: *a = below(r, 20) ? 1 + below(r, 64) : some_number(r); break;
	case LENGTH: *a = some_length(r); break;
	case NUMBER: *a = some_number(r); break;
	case OFFSET:
	case OFFSET_HIGH_LOW:
		a[high && i < 5] = some_length(r);
		if (i < 5)
			a[!high] = below(r, 12) ? 0 : some_number(r);
		return 2;
	default: *a = below(r, 4) ? some_flags(r) : below(r, 2) ? some_number(r) : some_pointer(r);
	}
	return 1;
}

static void futex(struct rng *r, uint32_t a[6])
{
	a[0] = (uint32_t)(uintptr_t)&arena[4 * below(r, 4)];
	a[1] = below(r, 14) | (below(r, 2) ? 128 : 0) | (below(r, 4) ? 0 : 256);
	a[2] = below(r, 2) ? *(uint32_t *)(uintptr_t)a[0] : below(r, 4);
	a[3] = below(r, 2) ? some_moment(r) : below(r, 4);
	a[4] = (uint32_t)(uintptr_t)&arena[4 * below(r, 4)];
	a[5] = below(r, 4) ? 0xffffffff : some_number(r);
}

/* Threads with a stack, vfork children, and what nobody should ask for. */
static void clone_args(struct rng *r, uint32_t a[6])
{
	static const uint32_t thread = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000;

	a[1] = (uint32_t)(uintptr_t)stacks[below(r, STACKS)] + STACK;
	for (int i = 2; i < 5; i++)
		a[i] = some_good(r) & ~3u;
	switch (below(r, 8)) {
	case 0: case 1: case 2:
		a[0] = thread | (below(r, 2) ? 0x100000 : 0) | (below(r, 2) ? 0x200000 : 0);
		break;
	case 3: case 4: case 5:
		a[0] = 0x100 | 0x4000 | 17 | (below(r, 8) ? 0 : 0x20000) | (below(r, 8) ? 0 : 0x4000000);
		a[1] = 0;
		break;
	case 6:
		a[0] = 0x100 | some_flags(r) | 17;
		break;
	default:
		a[0] = some_flags(r);
		a[1] = some_bad(r);
	}
}

/* struct clone_args: a thread, or a vfork child. */
static void clone3_args(struct rng *r, uint32_t a[6])
{
	uint64_t *c = (uint64_t *)(uintptr_t)some_good(r);
	int thread = below(r, 2);

	if (!below(r, 4))
		return;
	memset(c, 0, 88);
	c[0] = thread ? 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000 : 0x100 | 0x4000;
	c[4] = thread ? 0 : 17;
	if (thread) {
		c[5] = (uintptr_t)stacks[below(r, STACKS)];
		c[6] = STACK;
	}
	a[0] = (uint32_t)(uintptr_t)c;
	a[1] = below(r, 2) ? 64 : 88;
}

static void mmap_args(struct rng *r, uint32_t a[6])
{
	if (below(r, 3))
		a[0] = 0;
	a[1] = below(r, 4) ? 1 + below(r, 65536) : some_length(r);
	a[2] = below(r, 8);
	if (below(r, 3)) {
		a[3] = 0x20 | (1 + below(r, 2));
		a[4] = (uint32_t)-1;
		a[5] = 0;
	}
}

/* What the words do not say. */
static void amend(struct rng *r, enum amend what, uint32_t a[6])
{
	switch (what) {
	case A_NOTHING: break;
	case A_FUTEX: futex(r, a); break;
	case A_CLONE: clone_args(r, a); break;
	case A_CLONE3: clone3_args(r, a); break;
	case A_MMAP: mmap_args(r, a); break;
	case A_TASK: a[0] = some_task(r); break;
	case A_SECOND_TASK: a[1] = some_task(r); break;
	case A_TASKS:
		a[0] = some_task(r);
		a[1] = some_task(r);
		break;
	case A_PTRACE:
		a[0] = below(r, 4) ? below(r, 40) : 0x4200 + below(r, 20);
		a[1] = some_task(r);
		break;
	case A_MAPPING: a[0] = below(r, 8) ? maps[below(r, MAPS)] : rnd(r) & 0x7fffffff; break;
	case A_BREAK: a[0] = below(r, 2) ? 0 : some_bad(r); break;
	case A_IOCTL:
		a[1] = !below(r, 3) ? disk_ioctls[below(r, sizeof disk_ioctls / sizeof *disk_ioctls)] :
		       below(r, 3) ? 0x5400 + below(r, 96) : rnd(r);
		break;
	case A_FCNTL: a[1] = below(r, 4) ? below(r, 40) : 1024 + below(r, 20); break;
	case A_PRCTL: a[0] = below(r, 70); break;
	case A_CLOCK:
		if (below(r, 4))
			a[0] = below(r, 12);
		break;
	case A_COUNT:	/* 2 GB from /dev/zero to a terminal are a minute, and none by the guest's clock */
		if (below(r, 100))
			a[3] &= 0x3fffff;
		break;
	case A_WAIT: a[3] |= below(r, 3) ? 1 : 0; break;
	}
}

void pick(struct rng *r, const struct table *t, struct request *q)
{
	const struct call *c;
	int i = 0;

	if (!below(r, 300)) {		/* a number nobody knows */
		for (; i < 6; i++)
			q->args[i] = some_number(r);
		q->nr = 460 + below(r, 100);
		return;
	}
	do
		c = &t->calls[below(r, t->count)];
	while (c->of_1000 < 1000 && below(r, 1000) >= c->of_1000);
	q->nr = c->nr;
	for (int k = 0; k < c->words && i < 6; k++)
		i += argument(r, q, i, (enum kind)c->kinds[k]);
	for (; i < 6; i++)
		q->args[i] = some_number(r);
	if (c->like && below(r, 3))
		make_plausible(r, &t->like[c->like - 1], q->args);
	amend(r, (enum amend)c->amend, q->args);
}

void learn(const struct request *q, uint32_t result)
{
	static uint32_t at;

	if (result >= (uint32_t)-4095)
		return;
	if (q->nr == 222 || q->nr == 216 || q->nr == 196)
		maps[at++ % MAPS] = result;
	else if ((q->nr == 220 || q->nr == 435) && result)
		children[at++ % CHILDREN] = result;
}
