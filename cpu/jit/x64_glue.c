/* SPDX-License-Identifier: MIT
 *
 * The x86-64 backend: getting into translated code, out of it, and from region to region.
 */
#define _GNU_SOURCE	/* register names of ucontext_t */
#include "cpu/fp.h"
#include "cpu/host_features.h"
#include "cpu/jit/x64.h"

#include <asm/prctl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

const struct host_convention host_convention = {
	/* Those that compilers use most, in registers that need no REX prefix. */
	.home = {
		NO_REG, R12, R14, NO_REG, NO_REG, NO_REG, NO_REG, NO_REG,	/* zero ra sp gp tp t0-t2 */
		R10, R11, RDI, R8, RDX, R9, RBX, RSI,				/* s0 s1 a0-a5 */
		NO_REG, NO_REG, R13, NO_REG, NO_REG, NO_REG, NO_REG, NO_REG,	/* a6 a7 s2-s7 */
		NO_REG, NO_REG, NO_REG, NO_REG, NO_REG, NO_REG, NO_REG, NO_REG,	/* s8-s11 t3-t6 */
	},
	.count = 11,
	.regs = { RBX, RSI, RDI, RDX, R8, R9, R10, R11, R12, R13, R14 },
	.fcount = 14,
	.fregs = { 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
};

struct x64_features x64_features;

bool host_supported(bool plain)
{
	x64_features = (struct x64_features){ 0 };
	if (plain)
		return true;
	x64_features = (struct x64_features){
		.bmi1 = HOST_HAS(BMI1), .bmi2 = HOST_HAS(BMI2), .popcnt = HOST_HAS(POPCNT), .fma = HOST_HAS(FMA),
		.lzcnt = HOST_HAS(LZCNT),
	};
	return true;
}

/* Those that the System V ABI has functions preserve. */
static const uint8_t saved[] = { RBX, RBP, R12, R13, R14, R15 };

static bool is_saved(int8_t reg)
{
	for (unsigned k = 0; k < sizeof(saved); k++)
		if (saved[k] == reg)
			return true;
	return false;
}

/* Brings the registers of the convention home, or back to struct hart_regs; perhaps not those that functions preserve. */
static void move_homes(struct emitter *e, bool load, bool all)
{
	for (unsigned r = 1; r < 32; r++) {
		if (host_convention.home[r] == NO_REG || (!all && is_saved(host_convention.home[r])))
			continue;
		if (load)
			x64_load(e, (unsigned)host_convention.home[r], slot(r));
		else
			x64_store(e, slot(r), (unsigned)host_convention.home[r]);
	}
}

static void convention(struct emitter *e, bool load)
{
	move_homes(e, load, true);
}

/* int enter(regs, code, budget, context): runs the code until it leaves; returns its run_code. */
static void emit_enter(struct emitter *e)
{
	for (unsigned k = 0; k < sizeof(saved); k++)
		x64_push(e, saved[k]);
	x64_mov64(e, RBP, RDI);
	x64_mov64(e, RAX, RSI);
	x64_mov64(e, BUDGET, RDX);
	x64_store64(e, CONTEXT(host_sp), RSP);
	x64_load64(e, RSP, CONTEXT(jit_sp));
	convention(e, true);
	x64_jmp_reg(e, RAX);
}

/* To jit_run()'s caller with the run_code in eax and aux in ecx. */
static void emit_leave(struct emitter *e, struct jit *j)
{
	convention(e, false);
	x64_mov(e, RDX, RCX);
	x64_mov_imm64(e, RCX, (uintptr_t)&j->context);
	x64_store(e, CONTEXT(aux), RDX);
	x64_store64(e, CONTEXT(left), BUDGET);
	x64_store64(e, CONTEXT(jit_sp), RSP);
	x64_load64(e, RSP, CONTEXT(host_sp));
	for (unsigned k = sizeof(saved); k-- > 0; )
		x64_pop(e, saved[k]);
	x64_ret(e);
}

/*
 * Called with the convention's homes and regs.pc at an ecall: does the system call, on the host's
 * stack, and comes back or leaves.  Calls and returns of the host stay in pairs, as it predicts them.
 */
static void emit_ecall(struct emitter *e, struct jit *j)
{
	uint8_t *leave;

	convention(e, false);
	x64_mov_imm64(e, RCX, (uintptr_t)&j->context);
	x64_store64(e, CONTEXT(left), BUDGET);
	x64_store64(e, CONTEXT(jit_sp), RSP);
	x64_load64(e, RSP, CONTEXT(host_sp));
	/* After a return address and an even number of registers, the ABI wants 8 bytes more. */
	x64_alu64_imm(e, ALU_SUB, RSP, 8);
	x64_mov_imm64(e, RDI, (uintptr_t)j);
	x64_mov_imm64(e, RAX, (uintptr_t)jit_ecall);
	x64_call_reg(e, RAX);
	x64_mov_imm64(e, RCX, (uintptr_t)&j->context);
	x64_load64(e, RSP, CONTEXT(jit_sp));
	x64_test(e, RAX, RAX);
	leave = x64_jcc(e, CC_NS, 0);
	move_homes(e, true, false);
	x64_ret(e);
	x64_patch(e, leave, emit_here(e));
	convention(e, true);
	x64_mov_imm(e, RCX, 0);
	x64_jmp(e, jit_address(j, j->leave));
}

/* rcx = the code for the guest pc in eax; a jump if there is none, to be patched. */
static uint8_t *look_up(struct emitter *e, const struct jit *j)
{
	uintptr_t table = (uintptr_t)j->table;

	/* An entry is 4 bytes for each 2 of guest code. */
	if (table <= INT32_MAX) {
		x64_load(e, RCX, (struct x64_mem){ .base = NO_REG, .index = RAX, .scale = 1, .disp = (int32_t)table });
	} else {
		x64_mov_imm64(e, RCX, table);
		x64_load(e, RCX, (struct x64_mem){ .base = RCX, .index = RAX, .scale = 1 });
	}
	x64_test(e, RCX, RCX);
	return x64_jcc(e, CC_E, 0);
}

void host_prologue(struct jit *j)
{
	struct emitter e = { .p = j->rw, .end = j->rw + j->size, .view = j->rx - j->rw };
	uint8_t *miss;

	x64_fp_constants(&e, j);
	j->enter = jit_offset(j, e.p);
	emit_enter(&e);
	j->leave = jit_offset(j, e.p);
	emit_leave(&e, j);
	/* A return to the bottom of the stack: the place has to be looked up, and stays at the bottom. */
	j->return_bottom = jit_offset(j, e.p);
	x64_alu64_imm(&e, ALU_SUB, RSP, 8);
	x64_alu_imm(&e, ALU_AND, RAX, -2);
	miss = look_up(&e, j);
	x64_jmp_reg(&e, RCX);
	x64_patch(&e, miss, emit_here(&e));
	/* There is no code for the pc in eax. */
	j->lookup = jit_offset(j, e.p);
	x64_store(&e, REGS_PC, RAX);
	x64_mov_imm(&e, RAX, RUN_LOOKUP);
	x64_jmp(&e, jit_address(j, j->leave));
	/* A return to the wrong place: perhaps the next on the stack is right. */
	j->return_other = jit_offset(j, e.p);
	x64_ret(&e);
	j->ecall = jit_offset(j, e.p);
	emit_ecall(&e, j);
	j->prologue = jit_offset(j, e.p);
}

int host_run(struct jit *j, struct hart_regs *regs, uintptr_t entry, int64_t budget, uint8_t *base)
{
	static __thread uint8_t *gs_base;
	typedef int enter_fn(struct hart_regs *, uintptr_t, int64_t, struct jit_context *);

	if (gs_base != base) {
		syscall(SYS_arch_prctl, ARCH_SET_GS, base);
		gs_base = base;
	}
	return ((enter_fn *)jit_address(j, j->enter))(regs, entry, budget, &j->context);
}

void host_relink(struct jit *j, uint32_t site, uint32_t target_offset)
{
	uint32_t rel = target_offset - (site + 4);

	memcpy(j->rw + site, &rel, 4);
}

/* --- homes */

/* The region's FP instructions rely on a level. */
static void check_fp(struct code *c, uint32_t pc)
{
	x64_mov_imm64(&c->e, RCX, (uintptr_t)&c->h->engine->fp_level);
	x64_alu_mem_imm(&c->e, ALU_CMP, (struct x64_mem){ .base = RCX, .index = NO_REG }, FP_RNE);
	if (c->fp_count == sizeof(c->fps) / sizeof(c->fps[0]))
		c->failed = true;
	else
		c->fps[c->fp_count++] = (struct late_fp){ x64_jcc(&c->e, CC_L, 0), pc };
}

void host_enter_homes(struct code *c, uint32_t pc)
{
	if (c->has_fp) {
		check_fp(c, pc);
		x64_enter_fhomes(c);
	}
	for (unsigned r = 1; r < 32; r++) {
		if (c->home[r] == NO_REG && host_convention.home[r] != NO_REG)
			x64_store(&c->e, slot(r), (unsigned)host_convention.home[r]);
	}
	for (unsigned r = 1; r < 32; r++) {
		if (c->home[r] != NO_REG && host_convention.home[r] == NO_REG)
			x64_load(&c->e, (unsigned)c->home[r], slot(r));
	}
}

void host_leave_homes(struct code *c)
{
	if (c->has_fp)
		x64_leave_fhomes(c);
	for (unsigned r = 1; r < 32; r++) {
		if (c->home[r] != NO_REG && host_convention.home[r] == NO_REG && (c->dirty & 1u << r))
			x64_store(&c->e, slot(r), (unsigned)c->home[r]);
	}
	for (unsigned r = 1; r < 32; r++) {
		if (c->home[r] == NO_REG && host_convention.home[r] != NO_REG)
			x64_load(&c->e, (unsigned)host_convention.home[r], slot(r));
	}
}

/* --- counting */

void host_count(struct code *c, int32_t n)
{
	if (n)
		x64_alu64_imm(&c->e, ALU_SUB, BUDGET, n);
}

uint8_t *host_count_and_check(struct code *c, int32_t n)
{
	x64_alu64_imm(&c->e, ALU_SUB, BUDGET, n);
	return x64_jcc(&c->e, CC_L, 0);
}

/* --- leaving */

void host_leave(struct code *c, unsigned run_code, uint32_t pc, uint32_t bits)
{
	x64_store_imm(&c->e, REGS_PC, pc);
	host_leave_homes(c);
	/* Of an instruction; 0 is one, too. */
	x64_mov_imm(&c->e, RCX, bits);
	x64_mov_imm(&c->e, RAX, run_code);
	x64_jmp(&c->e, jit_address(c->jit, c->jit->leave));
}

void host_leave_step(struct code *c)
{
	host_leave_homes(c);
	x64_mov_imm(&c->e, RAX, RUN_STEP);
	x64_jmp(&c->e, jit_address(c->jit, c->jit->leave));
}

/* Where an exit goes while its target has no code: leaves, saying which exit it was. */
static void emit_unlinked(struct code *c, struct jit_exit *x, uint32_t pc)
{
	struct jit *j = c->jit;

	x->unlinked = jit_offset(j, c->e.p);
	x64_store_imm(&c->e, REGS_PC, pc);
	x64_mov_imm(&c->e, RCX, (uint32_t)(x - j->exits));
	x64_mov_imm(&c->e, RAX, RUN_LINK);
	x64_jmp(&c->e, jit_address(j, j->leave));
}

static struct jit_exit *new_exit(struct code *c, uint32_t pc)
{
	struct jit_exit *x = jit_add_exit(c->jit);

	if (x)
		*x = (struct jit_exit){ .pc = pc, .region = c->region };
	else
		c->failed = true;
	return x;
}

void host_exit(struct code *c, uint32_t pc)
{
	struct jit_exit *x = new_exit(c, pc);

	if (!x)
		return;
	x->site = jit_offset(c->jit, x64_jmp(&c->e, emit_here(&c->e) + 5));
}

void host_finish(struct code *c, uint32_t first_exit)
{
	struct jit *j = c->jit;

	for (uint32_t i = first_exit; i < j->exits_count && !c->e.overflow; i++) {
		emit_unlinked(c, &j->exits[i], j->exits[i].pc);
		host_relink(j, j->exits[i].site, j->exits[i].unlinked);
	}
	x64_finish_fp(c);
	for (uint32_t i = 0; i < c->fp_count; i++) {
		host_patch(c, c->fps[i].site, c->e.p);
		x64_store_imm(&c->e, REGS_PC, c->fps[i].pc);
		x64_mov_imm(&c->e, RAX, RUN_FP);
		x64_jmp(&c->e, jit_address(j, j->leave));
	}
	for (uint32_t i = 0; i < c->late_count; i++) {
		host_patch(c, c->late[i].miss, c->e.p);
		x64_call(&c->e, jit_address(j, j->lookup));
		x64_jmp(&c->e, (uintptr_t)((intptr_t)c->late[i].back + c->e.view));
	}
}

/* Behind a call: eax is where the guest wants to return to. */
static void emit_return_check(struct code *c, uint32_t return_pc)
{
	x64_alu_imm(&c->e, ALU_CMP, RAX, (int32_t)return_pc);
	x64_jcc(&c->e, CC_NE, jit_address(c->jit, c->jit->return_other));
}

void host_call(struct code *c, uint32_t pc, uint32_t return_pc)
{
	struct jit_exit *x = new_exit(c, pc);

	if (!x)
		return;
	x->site = jit_offset(c->jit, x64_call(&c->e, emit_here(&c->e) + 5));
	emit_return_check(c, return_pc);
}

void host_ecall(struct code *c, uint32_t pc)
{
	x64_store_imm(&c->e, REGS_PC, pc);
	x64_call(&c->e, jit_address(c->jit, c->jit->ecall));
}

void host_set_target(struct code *c, struct value address, bool even)
{
	x64_target(c, address);
	if (even)
		x64_alu_imm(&c->e, ALU_AND, RAX, -2);
}

void host_jump_target(struct code *c)
{
	uint8_t *miss = look_up(&c->e, c->jit);

	x64_jmp_reg(&c->e, RCX);
	x64_patch(&c->e, miss, jit_address(c->jit, c->jit->lookup));
}

void host_call_target(struct code *c, uint32_t return_pc)
{
	uint8_t *miss = look_up(&c->e, c->jit);

	x64_call_reg(&c->e, RCX);
	if (c->late_count == REGION_BLOCKS)
		c->failed = true;
	else
		c->late[c->late_count++] = (struct late_call){ miss, c->e.p };
	emit_return_check(c, return_pc);
}

void host_return_target(struct code *c)
{
	x64_ret(&c->e);
}

/* --- the context of a host fault */

uintptr_t host_context_pc(const void *context)
{
	return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
}

void host_context_set_sp(void *context, uintptr_t sp)
{
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RSP] = (greg_t)sp;
}

void host_context_jump(void *context, uintptr_t pc)
{
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] = (greg_t)pc;
}

void host_context_step(void *context, uintptr_t pc, uint32_t guest_pc, int32_t count)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
	struct hart_regs *regs = (struct hart_regs *)r[REG_RBP];

	regs->pc = guest_pc;
	r[REG_R15] -= count;
	r[REG_RIP] = (greg_t)pc;
}
