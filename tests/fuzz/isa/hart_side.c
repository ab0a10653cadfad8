/* SPDX-License-Identifier: MIT
 *
 * The same cases on our hart, in this process.
 */
#include "cpu/hart.h"
#include "tests/fuzz/isa/isa.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* No case runs longer, unless something is wrong. */
#define BUDGET 100000

static uint8_t *base;
static struct hart hart;

int hart_side_start(void)
{
	int err = hart_catch_host_faults(NULL);

	if (err)
		return err;
	base = mmap(NULL, (UINT64_C(1) << 32) + 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		    -1, 0);
	if (base == MAP_FAILED)
		return -errno;
	if (mprotect(base + IMAGE, IMAGE_END - IMAGE, PROT_READ | PROT_WRITE) != 0)
		return -errno;
	err = hart_init(&hart, base);
	hart.priv = HART_U;
	return err;
}

static void set_state(const struct state *s, uint32_t pc)
{
	hart.regs->x[0] = 0;
	memcpy(&hart.regs->x[1], s->context.x, sizeof(s->context.x));
	memcpy(hart.regs->f, s->context.f, sizeof(s->context.f));
	hart.regs->fcsr = s->context.fcsr;
	hart.regs->pc = pc;
	memcpy(base + SCRATCH, s->scratch, SCRATCH_SIZE);
	hart_drop_reservation(&hart);
}

static uint32_t signal_of(enum hart_stop stop)
{
	switch (stop) {
	case HART_ILLEGAL:
		return SIGILL;
	case HART_EBREAK:
		return SIGTRAP;
	case HART_FAULT:
		return SIGSEGV;
	case HART_MISALIGNED:
		return SIGBUS;
	default:
		return 0;
	}
}

static void get_outcome(enum hart_stop stop, struct outcome *o)
{
	memset(o, 0, sizeof(*o));
	o->signal = signal_of(stop);
	o->address = stop == HART_FAULT ? hart.trap.value : 0;
	o->context.pc = hart.regs->pc;
	memcpy(o->context.x, &hart.regs->x[1], sizeof(o->context.x));
	memcpy(o->context.f, hart.regs->f, sizeof(o->context.f));
	o->context.fcsr = hart.regs->fcsr;
	memcpy(o->scratch, base + SCRATCH, SCRATCH_SIZE);
}

/* Runs with budgets of at most limit; checks that each is kept exactly. */
static enum hart_stop run(struct rng *r, uint32_t limit, uint64_t *retired, const char **error)
{
	uint64_t start = hart.instret;
	enum hart_stop stop = HART_BUDGET;

	while (stop == HART_BUDGET && hart.instret - start < BUDGET) {
		uint64_t before = hart.instret, budget = limit ? 1 + rng_below(r, limit) : BUDGET;

		stop = hart_run(&hart, budget);
		if (hart.instret - before > budget || (stop == HART_BUDGET && hart.instret - before != budget))
			*error = "budget not kept";
	}
	*retired = hart.instret - start;
	return stop;
}

static bool check_illegal(enum hart_stop stop)
{
	uint32_t bits = 0;

	if (stop != HART_ILLEGAL)
		return true;
	memcpy(&bits, base + hart.regs->pc, 4);
	if ((bits & 3) != 3)
		bits &= 0xffff;
	return hart.trap.value == bits;
}

int run_hart(const struct fuzz_case *cases, unsigned count, struct outcome *out, const char **error)
{
	uint8_t *image = make_image(cases, count);

	if (!image)
		return -ENOMEM;
	memcpy(base + IMAGE, image, IMAGE_END - IMAGE);
	hart_flush(&hart, 0, 0);
	for (unsigned k = 0; k < count; k++) {
		struct rng r = { cases[k].seed ^ 0x5eed };
		uint32_t pc = CODE + k * CODE_SIZE;
		struct outcome again;
		uint64_t retired, retired_again;
		enum hart_stop stop;

		error[k] = NULL;
		set_state(&cases[k].state, pc);
		stop = run(&r, 0, &retired, &error[k]);
		get_outcome(stop, &out[k]);
		if (!check_illegal(stop))
			error[k] = "wrong bits for the illegal instruction";

		/* Again, in small pieces, and from a fresh copy of code that may have changed itself. */
		memcpy(base + pc, image + (pc - IMAGE), CODE_SIZE);
		hart_flush(&hart, pc, CODE_SIZE);
		set_state(&cases[k].state, pc);
		stop = run(&r, rng_chance(&r, 50) ? 3 : 100, &retired_again, &error[k]);
		get_outcome(stop, &again);
		if (memcmp(&again, &out[k], sizeof(again)) != 0)
			error[k] = "differs when run in pieces";
		else if (retired != retired_again)
			error[k] = "instruction counts differ when run in pieces";
	}
	free(image);
	return 0;
}
