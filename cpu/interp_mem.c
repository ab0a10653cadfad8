/* SPDX-License-Identifier: MIT
 *
 * Handlers of loads, stores and atomics, and what happens when memory is not there.
 */
#include "cpu/hart_private.h"
#include "cpu/interp_fp.h"

#define LOAD(id)                                                                \
OP_FORMS(op_##id, {                                                             \
	if (!LOAD_##id(base, A + (uint32_t)ip->imm, &acc))                      \
		TAIL op_access_failed(ARGS);                                    \
	X(ip->rd) = acc;                                                        \
	NEXT(1);                                                                \
})

#define STORE(id)                                                               \
OP_FORMS(op_##id, {                                                             \
	if (!STORE_##id(base, A + (uint32_t)ip->imm, B))                        \
		TAIL op_access_failed(ARGS);                                    \
	NEXT(1);                                                                \
})

LOAD(LB)
LOAD(LH)
LOAD(LW)
LOAD(LBU)
LOAD(LHU)
STORE(SB)
STORE(SH)
STORE(SW)

/* FP loads and stores move bits; singles are boxed in ones. */
#define FP_ADDRESS (X(ip->rs1) + (uint32_t)ip->imm)

OP(op_FLW)
{
	uint32_t v;

	if (!guest_load_u32(base, FP_ADDRESS, &v))
		TAIL op_access_failed(ARGS);
	sacc = get_s(v);
	store_s(regs, ip->rd, sacc);
	NEXT(1);
}

OP(op_FLD)
{
	uint64_t v;

	if (!guest_load_u64(base, FP_ADDRESS, &v))
		TAIL op_access_failed(ARGS);
	F(ip->rd) = v;
	dacc = get_d(v);
	NEXT(1);
}

OP(op_FSW)
{
	if (!guest_store_u32(base, FP_ADDRESS, (uint32_t)F(ip->rs2)))
		TAIL op_access_failed(ARGS);
	NEXT(1);
}

OP(op_FSD)
{
	if (!guest_store_u64(base, FP_ADDRESS, F(ip->rs2)))
		TAIL op_access_failed(ARGS);
	NEXT(1);
}

/* With the value to store in the accumulator. */
OP(op_FSW_acc2)
{
	if (!guest_store_u32(base, FP_ADDRESS, bits_s(sacc)))
		TAIL op_access_failed(ARGS);
	NEXT(1);
}

OP(op_FSD_acc2)
{
	if (!guest_store_u64(base, FP_ADDRESS, put_d(dacc)))
		TAIL op_access_failed(ARGS);
	NEXT(1);
}

/*
 * One host thread runs all guest code, so an atomic is a load and a store.  A reservation
 * remembers the value seen: sc succeeds if the address is the reserved one and memory still
 * holds that value.
 */
OP(op_LR_W)
{
	uint32_t addr = X(ip->rs1), v;

	if (UNLIKELY(addr & 3))
		TAIL op_misaligned(ARGS);
	if (!guest_load_u32(base, addr, &v))
		TAIL op_access_failed(ARGS);
	h->resv_addr = addr;
	h->resv_value = v;
	h->resv_valid = true;
	RESULT(v);
	NEXT(1);
}

OP(op_SC_W)
{
	uint32_t addr = X(ip->rs1), v;

	if (UNLIKELY(addr & 3))
		TAIL op_misaligned(ARGS);
	if (!h->resv_valid || h->resv_addr != addr) {
		h->resv_valid = false;
		RESULT(1);
		NEXT(1);
	}
	if (!guest_load_u32(base, addr, &v))
		TAIL op_access_failed(ARGS);
	if (v == h->resv_value && !guest_store_u32(base, addr, X(ip->rs2)))
		TAIL op_access_failed(ARGS);
	h->resv_valid = false;
	RESULT(v != h->resv_value);
	NEXT(1);
}

#define AMO(id)                                                                 \
OP(op_##id)                                                                     \
{                                                                               \
	uint32_t addr = X(ip->rs1), old;                                        \
                                                                                \
	if (UNLIKELY(addr & 3))                                                 \
		TAIL op_misaligned(ARGS);                        \
	if (!guest_load_u32(base, addr, &old) ||                                \
	    !guest_store_u32(base, addr, sem_##id(old, X(ip->rs2))))            \
		TAIL op_access_failed(ARGS);                     \
	RESULT(old);                                                            \
	NEXT(1);                                                                \
}

AMO(AMOSWAP_W)
AMO(AMOADD_W)
AMO(AMOXOR_W)
AMO(AMOAND_W)
AMO(AMOOR_W)
AMO(AMOMIN_W)
AMO(AMOMAX_W)
AMO(AMOMINU_W)
AMO(AMOMAXU_W)

static enum hart_access access_kind(int op)
{
	int fmt = insn_info[op].format;

	return fmt == FMT_LOAD || fmt == FMT_FLOAD || op == OP_LR_W ? HART_LOAD : HART_STORE;
}

static uint32_t access_size(int op)
{
	switch (op) {
	case OP_LB: case OP_LBU: case OP_SB:
		return 1;
	case OP_LH: case OP_LHU: case OP_SH:
		return 2;
	case OP_FLD: case OP_FSD:
		return 8;
	}
	return 4;
}

/* Does the access through the bus.  False: nothing there either. */
static bool access_bus(struct hart *h, const struct insn *in, uint32_t addr, uint32_t size)
{
	const struct hart_bus *bus = &h->bus;
	int fmt = insn_info[in->op].format;
	uint64_t v = 0;

	if (!bus->load || !bus->store)
		return false;
	if (fmt == FMT_STORE)
		return bus->store(bus->owner, addr, size, h->regs->x[in->rs2]);
	if (fmt == FMT_FSTORE)
		return bus->store(bus->owner, addr, size, h->regs->f[in->rs2]);
	/* Devices take no atomics: there is no memory to reserve or to modify in place. */
	if (fmt != FMT_LOAD && fmt != FMT_FLOAD)
		return false;
	if (!bus->load(bus->owner, addr, size, &v))
		return false;
	switch (in->op) {
	case OP_FLD:
		h->regs->f[in->rd] = v;
		return true;
	case OP_FLW:
		h->regs->f[in->rd] = fp_box((uint32_t)v);
		return true;
	case OP_LB:
		v = sem_SEXT_B((uint32_t)v, 0);
		break;
	case OP_LBU:
		v = (uint8_t)v;
		break;
	case OP_LH:
		v = sem_SEXT_H((uint32_t)v, 0);
		break;
	case OP_LHU:
		v = (uint16_t)v;
		break;
	}
	if (in->rd)
		h->regs->x[in->rd] = (uint32_t)v;
	return true;
}

static int stop_at(struct hart *h, struct rec *ip, int64_t budget, const struct insn *in, enum run_code code)
{
	struct source src = engine_source_of(h->engine, ip);

	h->trap.access = access_kind(in->op);
	h->trap.size = access_size(in->op);
	h->trap.value = h->regs->x[in->rs1] + (uint32_t)in->imm;
	return leave(h, src.pc, budget, ip->n - 1u, code);
}

/* The instruction has been done. */
static int leave_behind(struct hart *h, struct rec *ip, int64_t budget, const struct insn *in)
{
	struct hooks *k = &h->engine->hooks;
	uint32_t pc = engine_source_of(h->engine, ip).pc;

	hooks_retired(k, pc);
	return leave(h, pc + in->len, budget, ip->n, (k->mask & HOOK_WATCH) && k->hit ? RUN_WATCHPOINT : RUN_LOOKUP);
}

__attribute__((noinline)) OP(op_access_failed)
{
	struct insn in;
	uint32_t addr, size;
	int fp_level = h->engine->fp_level;
	uint32_t changes = h->engine->changes;
	bool done;

	insn_decode(&in, engine_source_of(h->engine, ip).bits);
	addr = h->regs->x[in.rs1] + (uint32_t)in.imm;
	size = access_size(in.op);

	/* A device may use floating point and may look at the hart. */
	fp_end(h);
	done = access_bus(h, &in, addr, size);
	if (!done)
		return stop_at(h, ip, budget, &in, RUN_FAULT);
	/* Hooks may have been set, which hold from here on. */
	if (UNLIKELY(changes != h->engine->changes))
		return leave_behind(h, ip, budget, &in);
	if (fp_level != FP_OFF)
		fp_begin(h);
	if (insn_info[in.op].format == FMT_LOAD)
		acc = h->regs->x[in.rd];
	else if (in.op == OP_FLD)
		dacc = get_d(F(in.rd));
	else if (in.op == OP_FLW)
		sacc = get_s(F(in.rd));
	NEXT(1);
}

__attribute__((noinline)) OP(op_misaligned)
{
	struct insn in;

	insn_decode(&in, engine_source_of(h->engine, ip).bits);
	return stop_at(h, ip, budget, &in, RUN_MISALIGNED);
}
