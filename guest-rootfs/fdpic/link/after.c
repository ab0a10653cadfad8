/* SPDX-License-Identifier: MIT
 *
 * When lld has decided where everything lies: the values go into the instructions, the dynamic relocations get their
 * real types, the header its mark. Then a look at it all.
 */
#include "link.h"

#include "image.h"

#include <stdlib.h>
#include <string.h>

#define GONE UINT32_MAX			/* a label whose section was dropped */

struct finish {
	struct link *l;
	struct image m;
	uint32_t *labels;
	struct names symbols;		/* of the symbol table: index */
	struct export {
		uint32_t address, symbol;
	} *exports;			/* functions of the dynamic one */
	uint32_t n_exports;
	uint32_t gp;
};

static void read_labels(struct finish *f)
{
	uint32_t n;
	const Elf32_Sym *s = image_symbols(&f->m, f->m.symtab, &n);

	f->labels = alloc((f->l->n_labels + 1) * sizeof(*f->labels));
	memset(f->labels, 0xff, (f->l->n_labels + 1) * sizeof(*f->labels));
	for (uint32_t i = 1; i < n; i++) {
		const char *name = image_symbol_name(&f->m, f->m.symtab, &s[i]), *number = after(name, LABEL_PREFIX);
		unsigned long label = number ? strtoul(number, NULL, 16) : 0;

		if (number && label && label <= f->l->n_labels)
			f->labels[label] = s[i].st_value;
		else if (*name && !number)
			names_set(&f->symbols, name, i);
	}
	f->gp = f->labels[f->l->gp];
	if (f->gp == GONE)
		die("internal error: " GP_SYMBOL " is gone");
}

static char *where(struct finish *f, const struct site *site)
{
	return object_where(f->l->o, site->section, site->offset);
}

/* The address that a site's pseudo symbol stands for, without its base. */
static uint32_t target_of(struct finish *f, const struct site *site)
{
	const struct pseudo *p = &f->l->pseudos[site->pseudo];
	uint32_t address;

	if (p->target_name) {
		uint32_t i = names_find(&f->symbols, p->target_name), n;

		if (i == NO_NAME)
			die("%s: the linker did not define %s", where(f, site), p->target_name);
		return image_symbols(&f->m, f->m.symtab, &n)[i].st_value;
	}
	if (!p->target)
		return 0;
	address = f->labels[p->target];
	if (address == GONE)
		die("%s: %s was dropped though it is used", where(f, site), p->name);
	return address;
}

static uint32_t value_of(struct finish *f, const struct site *site, uint32_t target, int32_t addend)
{
	const struct pseudo *p = &f->l->pseudos[site->pseudo];
	uint32_t from = 0;

	switch (p->base) {
	case BASE_GP:
		if (!image_within(&f->m, f->m.rw, target, 0))
			die("%s: %s does not lie in the data segment", where(f, site), p->name);
		from = f->gp;
		break;
	case BASE_PC:
		if (!image_within(&f->m, f->m.text, target, 0))
			die("%s: %s does not lie in the text segment", where(f, site), p->name);
		from = f->labels[site->part == PART_HI ? site->label : f->l->sites[site->hi].label];
		break;
	case BASE_TP:
		if (!f->m.tls)
			die("%s: no thread-local storage", where(f, site));
		from = f->m.tls->p_vaddr;
		break;
	case BASE_NONE:
		break;
	}
	return target + (uint32_t)addend - from;
}

/* A load, store or addi with the low part of value. */
static uint32_t with_low(const struct site *site, const struct pseudo *p, uint32_t insn, uint32_t value)
{
	if (site->part == PART_LO_S)
		return (insn & 0x1fff07f) | (value >> 5 & 0x7f) << 25 | (value & 0x1f) << 7;
	if (p->no_load)
		insn = (insn & ~0x707fu) | 0x13;
	return (insn & 0xfffff) | value << 20;
}

/* lld has left the lui and the add out, and made tp the base. */
static void patch_short(struct finish *f, const struct site *site, uint8_t *place, uint32_t insn, uint32_t value)
{
	const struct pseudo *p = &f->l->pseudos[site->pseudo];

	if (abi_hi(value))
		die("internal error: %s: %s is %d bytes from gp", where(f, site), p->name, (int32_t)value);
	if (site->part == PART_HI || site->part == PART_ADD)
		return;			/* gone: its label is at what followed */
	if ((insn >> 15 & 31) != TP)
		die("internal error: %s: %s was not made short", where(f, site), p->name);
	insn = with_low(site, p, (insn & ~(31u << 15)) | (uint32_t)GP << 15, value);
	memcpy(place, &insn, 4);
}

static void patch(struct finish *f, const struct site *site)
{
	const struct pseudo *p = &f->l->pseudos[site->pseudo];
	uint32_t insn, value, at = f->labels[site->label];
	uint8_t *place;

	if (at == GONE)
		return;
	place = image_at(&f->m, at, 4);
	if (!place || !image_within(&f->m, f->m.text, at, 4))
		die("%s: not in the text segment", where(f, site));
	memcpy(&insn, place, 4);
	value = value_of(f, site, target_of(f, site), site->addend);
	if (p->is_short) {
		patch_short(f, site, place, insn, value);
		return;
	}
	if (site->hi != NO_NAME && site->part != PART_ADD) {
		const struct site *hi = &f->l->sites[site->hi];

		if (abi_hi(value_of(f, site, target_of(f, site), hi->addend)) != abi_hi(value))
			die("%s: %s%+d and %s%+d have different upper halves", where(f, site), p->name, site->addend,
			    p->name, hi->addend);
	}
	switch (site->part) {
	case PART_HI:
		insn = (insn & 0xf80) | (p->base == BASE_PC ? 0x17 : 0x37) | abi_hi(value);
		break;
	case PART_ADD:
		insn = (insn & ~(31u << 20)) | (p->base == BASE_GP ? (uint32_t)GP << 20 : 0);
		break;
	default:
		insn = with_low(site, p, insn, value);
		break;
	}
	memcpy(place, &insn, 4);
}

static int by_offset(const void *a, const void *b)
{
	const Elf32_Rela *x = a, *y = b;

	return x->r_offset < y->r_offset ? -1 : x->r_offset > y->r_offset;
}

/* Relocations that need no symbol come first, as DT_RELACOUNT says. */
static int by_kind(const void *a, const void *b)
{
	const Elf32_Rela *x = a, *y = b;
	bool rx = ELF32_R_TYPE(x->r_info) == R_RISCV_RELATIVE, ry = ELF32_R_TYPE(y->r_info) == R_RISCV_RELATIVE;

	if (rx != ry)
		return rx ? -1 : 1;
	if (ELF32_R_SYM(x->r_info) != ELF32_R_SYM(y->r_info))
		return ELF32_R_SYM(x->r_info) < ELF32_R_SYM(y->r_info) ? -1 : 1;
	return by_offset(a, b);
}

static Elf32_Rela *rela_at(struct finish *f, uint32_t address)
{
	Elf32_Rela key = { .r_offset = address };

	return f->m.n_rela ? bsearch(&key, f->m.rela, f->m.n_rela, sizeof(key), by_offset) : NULL;
}

static int by_address(const void *a, const void *b)
{
	const struct export *x = a, *y = b;

	return x->address != y->address ? (x->address < y->address ? -1 : 1) : (int)x->symbol - (int)y->symbol;
}

/* The functions of this file that others can see, by address. */
static void read_exports(struct finish *f)
{
	uint32_t n;
	const Elf32_Sym *s = image_symbols(&f->m, f->m.dynsym, &n);

	f->exports = alloc(n * sizeof(*f->exports));
	for (uint32_t i = 1; i < n; i++)
		if (s[i].st_shndx != SHN_UNDEF && ELF32_ST_TYPE(s[i].st_info) == STT_FUNC)
			f->exports[f->n_exports++] = (struct export){ s[i].st_value, i };
	if (f->n_exports)
		qsort(f->exports, f->n_exports, sizeof(*f->exports), by_address);
}

/* The first of them at an address, or NULL. */
static const struct export *exports_at(const struct finish *f, uint32_t address)
{
	uint32_t low = 0, high = f->n_exports;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (f->exports[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < f->n_exports && f->exports[low].address == address ? &f->exports[low] : NULL;
}

/* The dynamic symbol of the function that our descriptor at an address is of, or 0. */
static uint32_t exported_function(struct finish *f, uint32_t descriptor)
{
	const Elf32_Rela *entry = rela_at(f, descriptor);
	const struct export *e = entry ? exports_at(f, (uint32_t)entry->r_addend) : NULL;

	return e ? e->symbol : 0;
}

/* The dynamic linker need not change gp for them. */
static void mark_any_gp(struct finish *f)
{
	uint32_t n;
	Elf32_Sym *s = image_symbols(&f->m, f->m.dynsym, &n);

	/* lld copies it from libraries. */
	for (uint32_t i = 1; i < n; i++)
		s[i].st_other &= (uint8_t)~STO_RISCV_FDPIC_ANY_GP;
	for (uint32_t i = 0; i < f->l->n_any_gp; i++) {
		const struct export *e = exports_at(f, f->labels[f->l->any_gp[i]]);

		for (; e && e < f->exports + f->n_exports && e->address == f->labels[f->l->any_gp[i]]; e++)
			s[e->symbol].st_other |= STO_RISCV_FDPIC_ANY_GP;
	}
}

static void apply_mark(struct finish *f, const struct mark *mark)
{
	uint32_t at = f->labels[mark->label], symbol;
	Elf32_Rela *rel = at == GONE ? NULL : rela_at(f, at);
	unsigned type, is;
	uint8_t *place;

	if (at == GONE)
		return;
	if (mark->kind == MARK_TPREL_OWN && !rel) {
		uint32_t handle = object_global(f->l->o, mark->name), value;
		const struct thing *t = handle == NO_NAME ? NULL : link_thing(f->l, handle);

		place = image_at(&f->m, at, 4);
		if (!t || !t->label || !place || !f->m.tls)
			die("internal error: the offset of %s is not known", mark->name);
		value = f->labels[t->label] - f->m.tls->p_vaddr;
		memcpy(place, &value, 4);
		return;
	}
	if (!rel)
		die("internal error: no relocation at 0x%x, for %s", at, mark->name);
	is = ELF32_R_TYPE(rel->r_info);
	symbol = ELF32_R_SYM(rel->r_info);
	switch (mark->kind) {
	case MARK_FUNCDESC_OWN:
		/* The dynamic linker's descriptor if others can see the function, else ours. */
		symbol = exported_function(f, (uint32_t)rel->r_addend);
		if (!symbol)
			return;
		rel->r_addend = 0;
		type = R_RISCV_FUNCDESC;
		is = R_RISCV_32;
		break;
	case MARK_FUNCDESC:
		type = R_RISCV_FUNCDESC;
		break;
	case MARK_FUNCDESC_VALUE:
		type = R_RISCV_FUNCDESC_VALUE;
		break;
	case MARK_TLSDESC:
		type = R_RISCV_TLSDESC;
		break;
	default:
		type = R_RISCV_TLS_TPREL32;
		break;
	}
	/* Of a variable of this file that others do not see, the addend is its offset in the TLS segment. */
	if (is == R_RISCV_RELATIVE && (mark->kind == MARK_TPREL_OWN || mark->kind == MARK_TLSDESC) && f->m.tls) {
		is = R_RISCV_32;
		rel->r_addend -= (int32_t)f->m.tls->p_vaddr;
	}
	if (is != R_RISCV_32)
		die("internal error: the relocation for %s at 0x%x is of type %u", mark->name, at, is);
	rel->r_info = ELF32_R_INFO(symbol, type);
}

/* Only lld wanted one (see last_step()). */
static void drop_soname(struct finish *f)
{
	Elf32_Dyn *d = f->m.dynamic, *end = d + f->m.n_dynamic;

	while (d < end && d->d_tag != DT_SONAME)
		d++;
	if (d < end)
		memmove(d, d + 1, (size_t)((char *)end - (char *)(d + 1)));
}

static void fix_dynamic(struct finish *f)
{
	int32_t spare = f->l->args->shared ? DT_AUXILIARY : DT_SONAME;
	bool gp = false;
	uint32_t relative = 0;

	while (relative < f->m.n_rela && ELF32_R_TYPE(f->m.rela[relative].r_info) == R_RISCV_RELATIVE)
		relative++;
	for (uint32_t i = 0; i < f->m.n_dynamic; i++) {
		Elf32_Dyn *d = &f->m.dynamic[i];

		if (d->d_tag == spare && !gp) {	/* asked for to have a place */
			d->d_tag = DT_PLTGOT;
			d->d_un.d_ptr = f->gp;
			gp = true;
		} else if (d->d_tag == DT_RELACOUNT) {
			d->d_un.d_val = relative;
		}
	}
	if (!gp)
		die("internal error: no place for DT_PLTGOT");
	if (f->l->args->shared && !f->l->args->soname)
		drop_soname(f);
}

/* The last look: nothing that this tool promises may depend on its having been right. */
static void verify(struct finish *f)
{
	const struct image *m = &f->m;
	uint32_t n;
	const Elf32_Sym *s = image_symbols(m, m->dynsym, &n);

	for (uint32_t i = 0; i < m->n_rela; i++) {
		const Elf32_Rela *r = &m->rela[i];
		unsigned type = ELF32_R_TYPE(r->r_info);
		uint32_t size = type == R_RISCV_FUNCDESC_VALUE || type == R_RISCV_TLSDESC ? 8 : 4;

		if (!image_within(m, m->rw, r->r_offset, size))
			error("relocation %u lies at 0x%x, outside the data segment", i, r->r_offset);
		if (ELF32_R_SYM(r->r_info) >= n)
			error("relocation %u at 0x%x has no symbol", i, r->r_offset);
		switch (type) {
		case R_RISCV_RELATIVE:
			if (!image_within(m, m->text, (uint32_t)r->r_addend, 0) &&
			    !image_within(m, m->rw, (uint32_t)r->r_addend, 0))
				error("the word at 0x%x points to 0x%x, which is nothing", r->r_offset,
				      (uint32_t)r->r_addend);
			break;
		case R_RISCV_32:
		case R_RISCV_FUNCDESC:
		case R_RISCV_FUNCDESC_VALUE:
		case R_RISCV_TLS_TPREL32:
		case R_RISCV_TLS_DTPMOD32:
		case R_RISCV_TLS_DTPREL32:
		case R_RISCV_TLSDESC:
			break;
		default:
			error("relocation %u at 0x%x is of type %u, which FDPIC does not have", i, r->r_offset, type);
		}
	}
	for (uint32_t i = 1; i < n; i++)
		if (after(image_symbol_name(m, m->dynsym, &s[i]), "__fdpic_"))
			error("%s is among the dynamic symbols", image_symbol_name(m, m->dynsym, &s[i]));
	for (uint32_t i = 1; i < m->eh->e_shnum; i++) {
		const char *name = image_section_name(m, i);
		const Elf32_Shdr *sh = &m->sh[i];

		if (!(sh->sh_flags & SHF_ALLOC) || !sh->sh_size)
			continue;
		if (!strcmp(name, ".plt") || !strcmp(name, ".got.plt") || !strcmp(name, ".iplt"))
			error("lld made %s", name);
		/* .tbss has an address that is others', too. */
		if ((sh->sh_flags & SHF_TLS) && sh->sh_type == SHT_NOBITS)
			continue;
		if (!image_within(m, sh->sh_flags & SHF_WRITE ? m->rw : m->text, sh->sh_addr, sh->sh_size))
			error("section %s lies in the wrong segment", name);
	}
	errors_stop();
}

/* The second name that the compiler's pass gives a static X: X.<12 hexadecimal digits>, hidden. */
static bool second_name(const char *name, const Elf32_Sym *s)
{
	size_t n = strlen(name);

	return ELF32_ST_VISIBILITY(s->st_other) == STV_HIDDEN && n > 13 && name[n - 13] == '.' &&
	       strspn(name + n - 12, "0123456789abcdef") == 12;
}

static bool drop_symbol(const char *name, const Elf32_Sym *s, void *with)
{
	const struct args *a = with;

	if (a->discard_all && ELF32_ST_BIND(s->st_info) == STB_LOCAL && ELF32_ST_TYPE(s->st_info) != STT_FILE)
		return true;
	return second_name(name, s) || after(name, LABEL_PREFIX) || after(name, "__fdpic_gp.") || after(name, "__fdpic_got.") ||
	       after(name, "__fdpic_fn.") || after(name, "__fdpic_call.") || after(name, "__fdpic_tpoff.") ||
	       after(name, "__fdpic_tlsdesc.") ||
	       after(name, "__fdpic_link.");
}

struct names link_near(struct link *l, const char *path)
{
	struct finish f = { .l = l, .m = image_read(path) };
	struct names near = { NULL, 0, 0 };
	uint8_t *far = alloc(l->n_pseudos);
	/* In the second round the data segment begins elsewhere, so that there is more or less between its sections; gp
	 * is as much aligned as any of them. */
	uint32_t reach = l->gp_align < 2048 ? 2048 - l->gp_align : 0;

	read_labels(&f);
	for (uint32_t i = 0; i < l->n_sites; i++) {
		const struct site *site = &l->sites[i];
		uint32_t value;

		if (f.labels[site->label] == GONE || l->pseudos[site->pseudo].base != BASE_GP)
			continue;
		value = value_of(&f, site, target_of(&f, site), site->addend);
		if (value + reach >= 2 * reach)
			far[site->pseudo] = 1;
	}
	for (uint32_t i = 0; i < l->n_pseudos; i++)
		if (!far[i])
			names_set(&near, l->pseudos[i].key, 1);
	return near;
}

void link_finish(struct link *l, const char *path)
{
	struct finish f = { .l = l, .m = image_read(path) };

	f.m.path = l->args->output;
	read_labels(&f);
	for (uint32_t i = 0; i < l->n_sites; i++)
		patch(&f, &l->sites[i]);
	if (f.m.n_rela)
		qsort(f.m.rela, f.m.n_rela, sizeof(*f.m.rela), by_offset);
	read_exports(&f);
	for (uint32_t i = 0; i < l->n_marks; i++)
		apply_mark(&f, &l->marks[i]);
	mark_any_gp(&f);
	if (f.m.n_rela)
		qsort(f.m.rela, f.m.n_rela, sizeof(*f.m.rela), by_kind);
	fix_dynamic(&f);
	f.m.eh->e_flags |= EF_RISCV_FUNCDESC | EF_RISCV_NONCONSTDISP;
	verify(&f);
	image_write(&f.m, l->args->output, drop_symbol, (void *)l->args, l->args->strip_all);
}
