/* SPDX-License-Identifier: MIT
 *
 * The form of each address, for all sites of a pseudo symbol alike. Code comes as
 *
 *	lui rd, hi;  add rd, rd, tp;  load, store or addi with lo
 *
 * where one lui may serve many users, in any order. tp becomes gp, and the value X - gp; that is a variable of the data
 * segment, or a slot that holds an address. A slot is saved where the address can be had without one, if all users are
 * lw, which become addi: gp-relative if X, or its descriptor, lies in the data segment; as a constant; pc-relative
 * (lui becomes auipc, add a move) if X lies in the text. A pc-relative value depends on the place of its auipc, so there
 * must be no doubt which of them a user means: one in the function, with the same offset into X.
 *
 * What comes to lie within 2 KiB of gp needs neither lui nor add: gp itself is the base. When a first link has shown which
 * variables and slots do, a second has lld leave the two out. It knows how, from thread-local variables near tp: for it,
 * a short X is one at distance 0.
 */
#include "link.h"

#include <stdlib.h>

static struct link *sorting;

static int by_pseudo(const void *a, const void *b)
{
	const struct site *x = &sorting->sites[*(const uint32_t *)a], *y = &sorting->sites[*(const uint32_t *)b];

	if (x->pseudo != y->pseudo)
		return x->pseudo < y->pseudo ? -1 : 1;
	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->function != y->function)
		return x->function < y->function ? -1 : 1;
	if (x->part != y->part)
		return x->part < y->part ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* The sites of one pseudo symbol in one function: order[from..to), the his first. Each user gets the hi with its
 * addend, or else any. True if pc-relative values would be sound. */
static bool pair(struct link *l, const uint32_t *order, uint32_t from, uint32_t to)
{
	uint32_t his = 0, users = 0;
	bool same = true;

	while (from + his < to && l->sites[order[from + his]].part == PART_HI)
		his++;
	for (uint32_t i = from + his; i < to; i++) {
		struct site *site = &l->sites[order[i]];

		if (site->part != PART_ADD)
			users++;
		if (his)
			site->hi = order[from];
		for (uint32_t h = from; h < from + his; h++)
			if (l->sites[order[h]].addend == site->addend)
				site->hi = order[h];
		same = same && his && l->sites[site->hi].addend == site->addend;
	}
	return his == 1 && users && same;
}

static void relaxed(struct pseudo *p, enum base base, uint32_t target, unsigned *count)
{
	p->base = base;
	p->target = target;
	p->no_load = true;
	++*count;
}

static void choose_got(struct link *l, struct pseudo *p, bool pc)
{
	struct thing *t = link_thing(l, p->x);

	if (p->loads_only && !p->plain) {
		if (t->kind == KIND_NULL) {
			relaxed(p, BASE_NONE, NO_LABEL, &l->counts.constant);
			return;
		}
		if (t->kind == KIND_FUNCTION && (!t->exported || (p->call && !link_interposed(l, p->name)))) {
			relaxed(p, BASE_GP, link_descriptor(l, p->x), &l->counts.relaxed_gp);
			return;
		}
		if (t->kind == KIND_DATA && !(t->exported && l->args->shared)) {
			relaxed(p, BASE_GP, link_label_of(l, p->x), &l->counts.relaxed_gp);
			return;
		}
		if (t->kind == KIND_CONST && !(t->exported && l->args->shared) && pc) {
			relaxed(p, BASE_PC, link_label_of(l, p->x), &l->counts.relaxed_pc);
			return;
		}
	}
	p->base = BASE_GP;
	p->target = link_slot(l, p->x);
}

static void choose_gp(struct link *l, struct pseudo *p, const struct site *first, bool pc)
{
	struct thing *t = link_thing(l, p->x);

	p->base = BASE_GP;
	if (t->kind == KIND_DATA) {
		p->target = link_label_of(l, p->x);
		l->counts.gp++;
	} else if (t->kind == KIND_CONST && pc && !p->plain) {
		p->base = BASE_PC;
		p->target = link_label_of(l, p->x);
	} else if (t->kind == KIND_MISSING) {
		link_missing(l, p->x, first->section, first->offset);
	} else {
		error("%s: %s is taken for a variable in the data segment of this file, which it is not",
		      object_where(l->o, first->section, first->offset), p->name);
	}
}

static void choose_tls(struct link *l, struct pseudo *p, const struct site *first)
{
	struct thing *t = link_thing(l, p->x);

	p->base = BASE_GP;
	if (t->kind == KIND_NULL && p->kind == PSEUDO_TPOFF && p->loads_only && !p->plain) {
		relaxed(p, BASE_NONE, NO_LABEL, &l->counts.constant);
	} else if (t->kind != KIND_TLS && t->kind != KIND_IMPORT_TLS && t->kind != KIND_IMPORT_UNKNOWN &&
		   t->kind != KIND_NULL) {
		if (t->kind == KIND_MISSING)
			link_missing(l, p->x, first->section, first->offset);
		else
			error("%s: %s is not thread-local", object_where(l->o, first->section, first->offset), p->name);
	} else if (p->kind == PSEUDO_TLSDESC) {
		p->target = link_tlsdesc(l, p->x);
	} else if (t->kind == KIND_TLS && !l->args->shared && p->loads_only && !p->plain) {
		relaxed(p, BASE_TP, link_label_of(l, p->x), &l->counts.constant);
	} else {
		p->target = link_tpoff(l, p->x);
	}
}

static void choose_link(struct link *l, struct pseudo *p, const struct site *first)
{
	struct thing *t = link_thing(l, p->x);

	p->base = BASE_NONE;
	if (t->kind == KIND_FUNCTION || t->kind == KIND_DATA || t->kind == KIND_CONST)
		p->target = link_label_of(l, p->x);
	else if (t->kind == KIND_LINKER)
		p->target_name = p->name;
	else
		link_missing(l, p->x, first->section, first->offset);
}

static void choose(struct link *l, struct pseudo *p, const struct site *first, bool pc)
{
	struct thing *t = link_thing(l, p->x);

	if (p->kind == PSEUDO_GOT) {
		if (t->kind == KIND_MISSING || t->kind == KIND_IMPORT_UNKNOWN)
			link_missing(l, p->x, first->section, first->offset);
		else if (t->kind == KIND_TLS || t->kind == KIND_IMPORT_TLS)
			error("%s: %s is thread-local", object_where(l->o, first->section, first->offset), p->name);
		else
			choose_got(l, p, pc);
	} else if (p->kind == PSEUDO_GP) {
		choose_gp(l, p, first, pc);
	} else if (p->kind == PSEUDO_LINK) {
		choose_link(l, p, first);
	} else {
		choose_tls(l, p, first);
	}
}

static void choose_short(struct link *l, struct pseudo *p)
{
	p->is_short = l->near && p->base == BASE_GP && !p->plain && names_find(l->near, p->key) != NO_NAME;
	l->counts.near += p->is_short;
}

/* A relocation that does nothing, but keeps the target's section when unused ones are dropped. */
static void tie(struct link *l, const struct site *site)
{
	static const uint8_t types[] = {
		[PART_HI] = R_RISCV_TPREL_HI20, [PART_ADD] = R_RISCV_TPREL_ADD,
		[PART_LO_I] = R_RISCV_TPREL_LO12_I, [PART_LO_S] = R_RISCV_TPREL_LO12_S,
	};
	Elf32_Rela *rel = &l->o->sections[site->section].rel[site->rel];
	const struct pseudo *p = &l->pseudos[site->pseudo];

	rel->r_info = ELF32_R_INFO(p->target ? l->label_handles[p->target] : p->target_name ? p->x : 0, R_RISCV_NONE);
	rel->r_addend = 0;
	if (p->is_short) {
		object_add_rel(l->o, site->section, site->offset, types[site->part], p->symbol, 0);
		object_add_rel(l->o, site->section, site->offset, R_RISCV_RELAX, 0, 0);
	}
}

void link_choose(struct link *l)
{
	uint32_t n = l->n_sites, *order = alloc(n * sizeof(*order));

	for (uint32_t i = 0; i < n; i++)
		order[i] = i;
	sorting = l;
	if (n)
		qsort(order, n, sizeof(*order), by_pseudo);
	for (uint32_t from = 0, to; from < n; from = to) {
		uint32_t pseudo = l->sites[order[from]].pseudo;
		bool pc = true;

		for (to = from; to < n && l->sites[order[to]].pseudo == pseudo;) {
			const struct site *first = &l->sites[order[to]];
			uint32_t end = to;

			while (end < n && l->sites[order[end]].pseudo == pseudo &&
			       l->sites[order[end]].section == first->section &&
			       l->sites[order[end]].function == first->function)
				end++;
			pc = pair(l, order, to, end) && pc;
			to = end;
		}
		choose(l, &l->pseudos[pseudo], &l->sites[order[from]], pc);
		choose_short(l, &l->pseudos[pseudo]);
	}
	for (uint32_t i = 0; i < n; i++)
		tie(l, &l->sites[i]);
}
