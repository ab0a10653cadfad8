/* SPDX-License-Identifier: MIT
 *
 * The code that calls through descriptors. The address of a descriptor is in t2; t1 is free, and so are t3 to t6.
 *
 * __fdpic_icall	calls what t2 describes; in a static executable gp is right already. Otherwise a function of this
 *			module is jumped to, and one of another is called with its gp, from a frame that keeps ours.
 * __fdpic_icall.N	the same for a call with up to N bytes of arguments on the stack, which go into that frame
 * the TLS resolver	of descriptors whose second word is the offset from tp: returns that; a0 and t0 are all it may touch
 * stubs		call f of a library: t2 = the pair {entry, gp} of f, then __fdpic_icall; if the pair is near gp, t2 and t1
 *			are loaded from it at once, and what changes gp is common to many such stubs
 *
 * A function that looks at its caller's frame (setjmp, vfork) must not find a frame of ours in between that is gone
 * later: its stub jumps to it, with our gp; these functions do not use it.
 */
#include "link.h"

#include <stdlib.h>
#include <string.h>

#define CODE	(SHF_ALLOC | SHF_EXECINSTR)
#define NAME	".text.fdpic"

struct code {
	uint32_t words[64];
	uint32_t n;
	uint8_t cfi[64];
	uint32_t n_cfi, at;		/* at: the offset that the notes have come to */
};

static void emit(struct code *c, uint32_t insn)
{
	c->words[c->n++] = insn;
}

/* Call frame notes: what holds from here on. */
static void cfi_here(struct code *c)
{
	uint32_t by = c->n * 4 - c->at;

	c->cfi[c->n_cfi++] = (uint8_t)(0x40 | by);	/* DW_CFA_advance_loc */
	c->at = c->n * 4;
}

static void uleb(struct code *c, uint32_t v)
{
	do {
		c->cfi[c->n_cfi++] = (uint8_t)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
		v >>= 7;
	} while (v);
}

static void cfi_frame(struct code *c, uint32_t size)
{
	cfi_here(c);
	c->cfi[c->n_cfi++] = 0x0e;			/* DW_CFA_def_cfa_offset */
	uleb(c, size);
}

static void cfi_saved(struct code *c)
{
	cfi_here(c);
	c->cfi[c->n_cfi++] = 0x80 | RA;			/* DW_CFA_offset, in words below the frame */
	uleb(c, 1);
	c->cfi[c->n_cfi++] = 0x80 | GP;
	uleb(c, 2);
}

static void cfi_restored(struct code *c)
{
	cfi_here(c);
	c->cfi[c->n_cfi++] = 0xc0 | RA;			/* DW_CFA_restore */
	c->cfi[c->n_cfi++] = 0xc0 | GP;
}

/* t1 and t2: gp and entry of what t2 points to. A function of ours is jumped to at once. */
static void begin(struct code *c)
{
	emit(c, insn_lw(T1, T2, 4));
	emit(c, insn_lw(T2, T2, 0));
	emit(c, insn_bne(T1, GP, 8));
	emit(c, insn_jalr(ZERO, T2));
}

/* Up to this many bytes are copied without a loop. */
#define UNROLLED 48

static void small(struct code *c, uint32_t bytes)
{
	int32_t frame = (int32_t)bytes + 16;

	emit(c, insn_addi(SP, SP, -frame));
	cfi_frame(c, (uint32_t)frame);
	emit(c, insn_sw(RA, SP, frame - 4));
	emit(c, insn_sw(GP, SP, frame - 8));
	cfi_saved(c);
	emit(c, insn_addi(GP, T1, 0));
	for (int32_t i = 0; i < (int32_t)bytes; i += 4) {
		emit(c, insn_lw(T1, SP, frame + i));
		emit(c, insn_sw(T1, SP, i));
	}
	emit(c, insn_jalr(RA, T2));
	emit(c, insn_lw(RA, SP, frame - 4));
	emit(c, insn_lw(GP, SP, frame - 8));
	cfi_restored(c);
	emit(c, insn_addi(SP, SP, frame));
	cfi_frame(c, 0);
	emit(c, insn_jalr(ZERO, RA));
}

static void large(struct code *c, uint32_t bytes)
{
	uint32_t frame = bytes + 16;

	emit(c, insn_lui(T5, frame));
	emit(c, insn_addi(T5, T5, (int32_t)abi_lo(frame)));
	emit(c, insn_addi(T3, SP, 0));			/* t3: the arguments */
	emit(c, insn_sub(SP, SP, T5));
	cfi_frame(c, frame);
	emit(c, insn_sw(RA, T3, -4));
	emit(c, insn_sw(GP, T3, -8));
	cfi_saved(c);
	emit(c, insn_addi(GP, T1, 0));
	emit(c, insn_addi(T4, SP, 0));			/* t4: where they go, t6: up to where */
	emit(c, insn_addi(T6, T3, -16));
	emit(c, insn_lw(T1, T3, 0));
	emit(c, insn_addi(T3, T3, 4));
	emit(c, insn_sw(T1, T4, 0));
	emit(c, insn_addi(T4, T4, 4));
	emit(c, insn_bne(T4, T6, -16));
	emit(c, insn_jalr(RA, T2));
	emit(c, insn_lui(T5, frame));
	emit(c, insn_addi(T5, T5, (int32_t)abi_lo(frame)));
	emit(c, insn_add(T3, SP, T5));
	emit(c, insn_lw(RA, T3, -4));
	emit(c, insn_lw(GP, T3, -8));
	cfi_restored(c);
	emit(c, insn_addi(SP, T3, 0));
	cfi_frame(c, 0);
	emit(c, insn_jalr(ZERO, RA));
}

static uint32_t add_code(struct link *l, const struct code *c)
{
	l->since_leave += c->n * 4;
	return object_add_section(l->o, NAME, CODE, 4, c->words, c->n * 4);
}

/* .debug_frame: an entry of its own for each thunk that has a frame, with its common part. */
static void add_cfi(struct link *l, const struct code *c, uint32_t code_section)
{
	static const uint8_t cie[] = {
		16, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
		4, 0, 4, 0,		/* version 4, no augmentation, addresses of 4 bytes, no segments */
		1, 0x7c, RA,		/* code in bytes, data in units of -4, the return address */
		0x0c, SP, 0, 0, 0,	/* DW_CFA_def_cfa sp, 0; padding */
	};
	uint8_t frame[128] = { 0 };
	uint32_t size = 20 + 16 + c->n_cfi, length, range = c->n * 4, section, start;

	size = (size + 3) & ~3u;
	length = size - 24;
	memcpy(frame, cie, sizeof(cie));
	memcpy(frame + 20, &length, 4);
	memcpy(frame + 32, &range, 4);
	memcpy(frame + 36, c->cfi, c->n_cfi);
	section = object_add_section(l->o, ".debug_frame", 0, 4, frame, size);
	start = object_add_local(l->o, LABEL_PREFIX "0", section, 0, STT_NOTYPE);
	object_add_rel(l->o, section, 24, R_RISCV_32, start, 0);
	object_add_rel(l->o, section, 28, R_RISCV_32, object_add_local(l->o, LABEL_PREFIX "0", code_section, 0, STT_NOTYPE),
		       0);
}

/* The bytes that __fdpic_icall.N has in its name, or -1. */
static long bytes_of(const char *name)
{
	const char *rest = after(name, "__fdpic_icall");
	char *end;
	long n;

	if (!*rest)
		return 0;
	if (*rest++ != '.' || *rest < '1' || *rest > '9')
		return -1;
	n = strtol(rest, &end, 10);
	return *end || n % 16 || n > 1 << 20 ? -1 : n;
}

static void make_icall(struct link *l, struct symbol *s)
{
	struct code c = { .n = 0 };
	long bytes = bytes_of(s->name);
	uint32_t section;

	if (bytes < 0) {
		error("%s: no such call", s->name);
		return;
	}
	if (l->one_module) {
		emit(&c, insn_lw(T2, T2, 0));
		emit(&c, insn_jalr(ZERO, T2));
	} else {
		begin(&c);
		(bytes > UNROLLED ? large : small)(&c, (uint32_t)bytes);
	}
	section = add_code(l, &c);
	if (c.n_cfi)
		add_cfi(l, &c, section);
	s->sym.st_shndx = (Elf32_Section)section;
	s->sym.st_size = c.n * 4;
	s->sym.st_info = ELF32_ST_INFO(STB_GLOBAL, STT_FUNC);
	s->sym.st_other = STV_HIDDEN;
}

static bool wanted(const struct symbol *s)
{
	return s->sym.st_shndx == SHN_UNDEF && after(s->name, "__fdpic_icall");
}

/* All that are wanted. Comes last: stubs want one, too. */
void link_icalls(struct link *l)
{
	for (uint32_t i = l->o->n_locals; i < l->o->n_symbols; i++)
		if (wanted(&l->o->symbols[i]))
			make_icall(l, &l->o->symbols[i]);
	for (uint32_t i = 0; i < l->o->n_new_globals; i++)
		if (wanted(&l->o->new_globals[i]))
			make_icall(l, &l->o->new_globals[i]);
}

uint32_t link_tls_resolver(struct link *l)
{
	struct code c = { .n = 0 };

	if (!l->tls_resolver) {
		emit(&c, insn_lw(A0, A0, 4));
		emit(&c, insn_jalr(ZERO, T0));
		l->tls_resolver = link_label(l, add_code(l, &c), 0);
	}
	return l->tls_resolver;
}

static bool looks_at_frames(const char *name)
{
	static const char *const names[] = {
		"setjmp", "_setjmp", "__setjmp", "sigsetjmp", "__sigsetjmp", "vfork", "__vfork",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* No farther than this reaches a branch back. */
#define BRANCH 4000

/* Calls t2 with gp = t1: what a frame of ours is wanted for. There is another when the last one is out of a branch's reach. */
static uint32_t leave(struct link *l)
{
	struct code c = { .n = 0 };
	uint32_t section;

	if (!l->leave || l->since_leave > BRANCH) {
		l->since_leave = 0;
		small(&c, 0);
		section = add_code(l, &c);
		add_cfi(l, &c, section);
		l->leave = object_add_local(l->o, "__fdpic_leave", section, 0, STT_FUNC);
	}
	return l->leave;
}

/* The global __fdpic_icall, which link_icalls() defines. */
static uint32_t icall(struct link *l)
{
	uint32_t handle = object_global(l->o, "__fdpic_icall");

	return handle == NO_NAME ? object_add_undefined(l->o, "__fdpic_icall", STB_GLOBAL) : handle;
}

/* The code of a stub, with tp or zeros for what is not known yet. */
static void stub_code(struct code *c, bool near, bool jump)
{
	if (near && !jump) {
		emit(c, insn_lw(T1, TP, 0));
		emit(c, insn_lw(T2, TP, 0));
	} else if (near) {
		emit(c, insn_lw(T2, TP, 0));
	} else {
		emit(c, insn_lui(T2, 0));
		emit(c, insn_add(T2, T2, GP));
		emit(c, jump ? insn_lw(T2, T2, 0) : insn_addi(T2, T2, 0));
	}
	if (jump) {
		emit(c, insn_jalr(ZERO, T2));
	} else if (near) {
		emit(c, insn_bne(T1, GP, 0));
		emit(c, insn_jalr(ZERO, T2));
	} else {
		emit(c, 0x17 | T3 << 7);		/* auipc t3; jalr zero, t3 */
		emit(c, insn_jalr(ZERO, T3));
	}
}

static void stub_sites(struct link *l, uint32_t section, uint32_t pseudo, bool near, bool jump)
{
	if (!near) {
		link_add_site(l, section, 0, PART_HI, pseudo);
		link_add_site(l, section, 4, PART_ADD, pseudo);
		link_add_site(l, section, 8, PART_LO_I, pseudo);
		return;
	}
	link_add_site(l, section, jump ? 0 : 4, PART_LO_I, pseudo);
	if (!jump) {
		link_add_site(l, section, 0, PART_LO_I, pseudo);
		l->sites[l->n_sites - 1].addend = 4;
	}
}

uint32_t link_stub(struct link *l, uint32_t handle)
{
	struct code c = { .n = 0 };
	const char *name = object_symbol(l->o, handle)->name, *key = text("%s@fdpic", name);
	bool jump = looks_at_frames(name), near = l->near && names_find(l->near, key) != NO_NAME;
	uint32_t section, pair;
	struct thing *t = link_thing(l, handle);

	if (t->stub)
		return t->stub;
	pair = link_pair(l, handle);
	if (near && !jump)
		leave(l);
	stub_code(&c, near, jump);
	section = add_code(l, &c);
	ROOM(l->pseudos, l->n_pseudos);
	l->pseudos[l->n_pseudos] = (struct pseudo){
		.name = name, .key = key, .x = handle, .base = BASE_GP, .target = pair, .is_short = near,
	};
	stub_sites(l, section, l->n_pseudos++, near, jump);
	object_add_rel(l->o, section, 0, R_RISCV_NONE, l->label_handles[pair], 0);
	if (!jump && near) {
		object_add_rel(l->o, section, (c.n - 2) * 4, R_RISCV_BRANCH, l->leave, 0);
	} else if (!jump) {
		object_add_rel(l->o, section, (c.n - 2) * 4, R_RISCV_CALL_PLT, icall(l), 0);
		object_add_rel(l->o, section, (c.n - 2) * 4, R_RISCV_RELAX, 0, 0);
	}
	t = link_thing(l, handle);
	t->stub = object_add_local(l->o, key, section, 0, STT_FUNC);
	l->counts.stubs++;
	return t->stub;
}

/* It is not called, but lld would make a PLT for it. */
uint32_t link_nowhere(struct link *l)
{
	struct code c = { .n = 0 };

	if (!l->nowhere) {
		emit(&c, 0xc0001073);			/* unimp */
		l->nowhere = object_add_local(l->o, "nowhere@fdpic", add_code(l, &c), 0, STT_FUNC);
	}
	return l->nowhere;
}
