/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/isa/machine.h"

#include "cpu/decode.h"
#include "tests/fuzz/isa/watch.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

/* Pages that pointers near 0 reach. */
#define PAGE		4096u
#define LAST_PAGE	0xfffff000u
#define DEVICE_SIZE	0x10000u

static int allow(uint8_t *base, uint32_t addr, uint32_t len)
{
	return mprotect(base + addr, len, PROT_READ | PROT_WRITE) ? -errno : 0;
}

int machine_open(struct machine *m, const char *name, bool jit)
{
	int err = hart_catch_host_faults(watch_crash);

	if (err)
		return err;
	m->name = name;
	m->jit = jit;
	m->base = mmap(NULL, (UINT64_C(1) << 32) + 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		       -1, 0);
	if (m->base == MAP_FAILED)
		return -errno;
	err = allow(m->base, IMAGE, IMAGE_END - IMAGE);
	if (!err)
		err = allow(m->base, SCRATCH_PAGE, PAGE);
	if (!err)
		err = allow(m->base, CLIFF - PAGE, PAGE);
	if (!err)
		err = allow(m->base, 0, PAGE);
	return err ? err : allow(m->base, LAST_PAGE, PAGE);
}

static uint64_t mixed(uint64_t v)
{
	struct rng r = { v };

	return rng_next(&r);
}

/* Something is there but for the last of every eight pieces of 64 bytes. */
static bool device_at(uint32_t addr)
{
	return addr - NOWHERE < DEVICE_SIZE && (addr >> 6 & 7) != 7;
}

static void device_event(struct machine *m)
{
	uint16_t events = m->c->events;
	/* Its flags must not be seen by the guest. */
	volatile double third = 1.0 / (double)(3 + (m->device & 1));
	uint32_t n = ++m->device_accesses;

	(void)third;
	if ((events & EVENT_DEVICE_FLUSH) && n % 5 == 0)
		hart_flush(&m->hart, m->addr[0] + (uint32_t)(m->device >> 40) % 512, 4u << (m->device >> 32) % 10);
	if ((events & EVENT_DEVICE_FLUSH) && n % 97 == 0)
		hart_flush(&m->hart, 0, 0);
	if ((events & EVENT_DEVICE_INTERRUPT) && n % 11 == 0)
		hart_interrupt(&m->hart);
}

static bool device_load(void *owner, uint32_t addr, uint32_t size, uint64_t *value)
{
	struct machine *m = owner;

	if (!device_at(addr))
		return false;
	m->device = mixed(m->device + addr * 8 + size);
	*value = size == 8 ? m->device : m->device & ((UINT64_C(1) << size * 8) - 1);
	device_event(m);
	return true;
}

static bool device_store(void *owner, uint32_t addr, uint32_t size, uint64_t value)
{
	struct machine *m = owner;

	if (!device_at(addr))
		return false;
	if (size < 8)
		value &= (UINT64_C(1) << size * 8) - 1;
	m->device = mixed(m->device ^ mixed(value + addr) ^ size);
	device_event(m);
	return true;
}

/* Soon hot, small regions, tiny caches, any register: each of these in some groups. */
static int start_jit(struct hart *h, uint64_t group)
{
	struct rng r = { group * 3 + 1 };
	struct jit_config config = {
		.hot = 1 + rng_below(&r, rng_chance(&r, 50) ? 4 : 50),
		.region_max = rng_chance(&r, 50) ? 0 : 1 + rng_below(&r, 200),
		.cache_bytes = rng_chance(&r, 50) ? 0 : 4096u << rng_below(&r, 6),
		.shuffle = rng_chance(&r, 40) ? 0 : 1 + rng_below(&r, 1000000),
		.plain = rng_chance(&r, 25),
	};

	return hart_enable_jit(h, &config);
}

/* A system call: registers change, code is forgotten; sometimes it is for hart_run()'s caller. */
static enum hart_call on_ecall(void *owner)
{
	struct machine *m = owner;
	struct hart_regs *regs = m->hart.regs;
	uint64_t v = mixed(m->device + regs->pc + regs->x[10] + m->hart.instret);
	uint32_t choice = (uint32_t)(v >> 32) % 16;

	/* Nothing has changed: asked again, it is the same. */
	if (choice == 0)
		return HART_CALL_NOT;
	m->device = v;
	if (choice == 1 && (m->c->events & EVENT_DEVICE_FLUSH))
		hart_flush(&m->hart, m->addr[0] + (uint32_t)(m->device >> 40) % 512, 4u << (m->device >> 36) % 10);
	if (choice == 2)
		regs->fcsr = (uint32_t)m->device % 5 << 5 | ((uint32_t)m->device >> 8 & 31);
	regs->x[10] = (uint32_t)m->device;
	regs->pc += 4;
	return choice == 3 ? HART_CALL_LOOK : HART_CALL_DONE;
}

enum hart_stop machine_run(struct machine *m, uint64_t budget)
{
	uint64_t end = m->hart.instret + budget;
	enum hart_stop stop;

	do {
		stop = hart_run(&m->hart, end - m->hart.instret);
		if (stop != HART_ECALL || !m->hart.on_ecall)
			return stop;
		switch (on_ecall(m)) {
		case HART_CALL_NOT:
			return HART_ECALL;
		case HART_CALL_LOOK:
			return HART_CALLED;
		case HART_CALL_DONE:
			break;
		}
	} while (m->hart.instret < end);
	return HART_BUDGET;
}

int machine_start(struct machine *m, uint64_t seed)
{
	int err;

	if (m->started)
		hart_fini(&m->hart);
	m->started = false;
	err = hart_init(&m->hart, m->base);
	if (err)
		return err;
	m->started = true;
	return m->jit ? start_jit(&m->hart, seed / GROUP) : 0;
}

static void reset_hart(struct machine *m)
{
	const struct fuzz_case *c = m->c;
	struct hart *h = &m->hart;
	struct rng r = { c->seed ^ 0xc5a };

	h->regs = &m->places[0];
	/* What an interrupt has left. */
	h->host_traps = true;
	hart_run(h, 0);
	memset(m->places, 0, sizeof(m->places));
	memset(&h->trap, 0, sizeof(h->trap));
	memset(&h->csr, 0, sizeof(h->csr));
	h->instret = c->events & EVENT_CARRY ? UINT64_C(0x100000000) - rng_below(&r, 3000) : 0;
	h->host_traps = !c->machine;
	h->priv = c->user ? HART_U : HART_M;
	h->csr.mcounteren = 7;
	h->csr.mstatus = 3u << 13 | 1u << 31;	/* FS, SD */
	if (c->machine) {
		h->csr.mtvec = m->addr[c->handler];
		h->csr.mie = (uint32_t)rng_next(&r) & 0x888;
		h->csr.mstatus |= (uint32_t)rng_next(&r) & 0x88;	/* MIE, MPIE */
	}
	memset(&h->bus, 0, sizeof(h->bus));
	if (c->events & EVENT_DEVICE)
		h->bus = (struct hart_bus){ m, device_load, device_store };
	h->on_ecall = c->events & EVENT_ECALL ? on_ecall : NULL;
	h->ecall_owner = m;
	m->device = c->seed;
	m->device_accesses = 0;
	hart_drop_reservation(h);
}

static uint32_t slot_of(const struct fuzz_case *c)
{
	return c->cliff ? CLIFF - SLOT_SIZE : CODE + c->slot * SLOT_SIZE;
}

void machine_load(struct machine *m, const struct fuzz_case *c)
{
	uint32_t pc = case_pc(c), bytes, room = c->cliff ? CLIFF - pc : CODE_SIZE;
	uint8_t code[CODE_SIZE];
	struct hart_regs *regs;

	m->c = c;
	memset(m->base + slot_of(c), 0, SLOT_SIZE);
	bytes = place_case(c, pc, code, m->addr);
	memcpy(m->base + pc, code, bytes < room ? bytes : room);
	hart_flush(&m->hart, slot_of(c), SLOT_SIZE);
	reset_hart(m);
	regs = m->hart.regs;
	memcpy(&regs->x[1], c->state.context.x, sizeof(c->state.context.x));
	memcpy(regs->f, c->state.context.f, sizeof(c->state.context.f));
	regs->fcsr = c->state.context.fcsr;
	regs->pc = pc;
	memcpy(m->base + SCRATCH, c->state.scratch, SCRATCH_SIZE);
	if (c->alone) {
		memset(m->base, 0, PAGE);
		memset(m->base + LAST_PAGE, 0, PAGE);
	}
}

static bool same_trap(const struct hart_trap *a, const struct hart_trap *b)
{
	return a->access == b->access && a->value == b->value && a->size == b->size;
}

const char *machine_compare_memory(const struct machine *a, const struct machine *b)
{
	uint32_t slot = slot_of(a->c);

	if (memcmp(a->base + SCRATCH, b->base + SCRATCH, SCRATCH_SIZE) != 0)
		return "memory";
	if (memcmp(a->base + slot, b->base + slot, SLOT_SIZE) != 0)
		return "code";
	if (a->c->alone && (memcmp(a->base, b->base, PAGE) != 0 ||
			    memcmp(a->base + LAST_PAGE, b->base + LAST_PAGE, PAGE) != 0))
		return "memory around address 0";
	return NULL;
}

const char *machine_compare(const struct machine *a, const struct machine *b, enum hart_stop stop)
{
	const struct hart *x = &a->hart, *y = &b->hart;

	if (x->regs->pc != y->regs->pc)
		return "pc";
	if (x->instret != y->instret)
		return "count of instructions";
	if (memcmp(x->regs->x, y->regs->x, sizeof(x->regs->x)) != 0)
		return "integer registers";
	if (memcmp(x->regs->f, y->regs->f, sizeof(x->regs->f)) != 0)
		return "floating-point registers";
	if (x->regs->fcsr != y->regs->fcsr)
		return "fcsr";
	if ((stop == HART_FAULT || stop == HART_ILLEGAL || stop == HART_MISALIGNED) && !same_trap(&x->trap, &y->trap))
		return "trap";
	if (x->resv_valid != y->resv_valid ||
	    (x->resv_valid && (x->resv_addr != y->resv_addr || x->resv_value != y->resv_value)))
		return "reservation";
	if (x->priv != y->priv || memcmp(&x->csr, &y->csr, sizeof(x->csr)) != 0)
		return "privileged state";
	if (a->device != b->device)
		return "accesses of devices";
	return NULL;
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

void machine_outcome(const struct machine *m, enum hart_stop stop, struct outcome *o)
{
	const struct hart_regs *regs = m->hart.regs;

	memset(o, 0, sizeof(*o));
	o->signal = signal_of(stop);
	o->address = stop == HART_FAULT ? m->hart.trap.value : 0;
	o->context.pc = regs->pc;
	memcpy(o->context.x, &regs->x[1], sizeof(o->context.x));
	memcpy(o->context.f, regs->f, sizeof(o->context.f));
	o->context.fcsr = regs->fcsr;
	memcpy(o->scratch, m->base + SCRATCH, SCRATCH_SIZE);
}

void machine_continue(struct machine *m, enum hart_stop stop)
{
	struct hart_regs *regs = m->hart.regs;
	uint16_t low;

	if (stop == HART_WAIT || stop == HART_CALLED)
		return;
	if (regs->pc == m->addr[m->c->end] || (stop == HART_FAULT && m->hart.trap.access == HART_FETCH)) {
		regs->pc = m->addr[0];
		regs->x[m->c->sp] = SP_START;
		return;
	}
	memcpy(&low, m->base + regs->pc, sizeof(low));
	regs->pc += insn_is_wide(low) ? 4 : 2;
	if (stop == HART_ECALL)
		regs->x[10] ^= 1;
}
