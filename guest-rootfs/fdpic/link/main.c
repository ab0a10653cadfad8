/* SPDX-License-Identifier: MIT
 *
 * flat32-ld-fdpic: the linker for -mfdpic. It takes the command line of a Unix linker; clang runs it as --ld-path=.
 * lld joins all objects into one, this tool rewrites that one (link.h), lld links it, and this tool finishes the file.
 *
 *	--fdpic-keep-temps	leave the objects in between, and say where
 *	--fdpic-stats		say what became of the addresses in the code
 *	FLAT32_LLD=PATH		another lld than ld.lld-19
 */
#include "link.h"

#include "inputs.h"
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void only_lld(char **argv)
{
	argv[0] = (char *)run_lld();
	execvp(argv[0], argv);
	die("cannot run %s: %s", argv[0], strerror(errno));
}

static void join(const struct args *a, const char *object, const char *map, const struct texts *wanted)
{
	struct texts words = { NULL, 0 };
	bool whole = false;

	texts_add(&words, run_lld());
	texts_add(&words, "-r");
	texts_add(&words, "--unique");
	texts_add(&words, text("-Map=%s", map));
	texts_join(&words, &a->join);
	for (size_t i = 0; i < wanted->n; i++) {
		texts_add(&words, "-u");
		texts_add(&words, wanted->v[i]);
	}
	for (size_t i = 0; i < a->n_inputs; i++) {
		if (a->inputs[i].kind == INPUT_SHARED)
			continue;
		if (a->inputs[i].whole != whole)
			texts_add(&words, a->inputs[i].whole ? "--whole-archive" : "--no-whole-archive");
		whole = a->inputs[i].whole;
		texts_add(&words, a->inputs[i].path);
	}
	texts_add(&words, "-o");
	texts_add(&words, object);
	run(&words);
}

/* Code that takes the address of X refers to __fdpic_got.X, for which lld looks into no archive. So the names that are
 * wanted this way are asked for, until no new ones come up. True if there were any. */
static bool more_wanted(const struct object *o, const struct shared *shared, struct names *known, struct texts *wanted)
{
	size_t before = wanted->n;

	for (uint32_t i = o->n_locals; i < o->n_symbols; i++) {
		const struct symbol *s = &o->symbols[i];
		static const char *const prefixes[] = { "__fdpic_got.", "__fdpic_fn.", "__fdpic_call.", "__fdpic_tpoff.",
							"__fdpic_tlsdesc." };
		const char *x = NULL;

		if (s->sym.st_shndx != SHN_UNDEF || ELF32_ST_BIND(s->sym.st_info) == STB_WEAK)
			continue;
		for (size_t p = 0; !x && p < sizeof(prefixes) / sizeof(*prefixes); p++)
			x = after(s->name, prefixes[p]);
		if (!x || object_global(o, x) != NO_NAME || names_find(known, x) != NO_NAME ||
		    names_find(&shared->types, x) != NO_NAME)
			continue;
		x = text("%s", x);
		names_set(known, x, 1);
		texts_add(wanted, x);
	}
	return wanted->n > before;
}

static void join_all(const struct args *a, const struct shared *shared, const char *object, const char *map)
{
	struct names known = { NULL, 0, 0 };
	struct texts wanted = { NULL, 0 };
	struct object *o;

	/* One more archive member may come with each round; there are no more of them than symbols. */
	do {
		join(a, object, map, &wanted);
		o = object_read(object, map);
	} while (more_wanted(o, shared, &known, &wanted));
}

/* What stands for an address has no meaning to lld, which must not take it for an undefined symbol. */
static void neutralise(struct link *l)
{
	for (uint32_t i = 0; i < l->n_pseudos; i++) {
		Elf32_Sym *s = &object_symbol(l->o, l->pseudos[i].symbol)->sym;

		if (!l->pseudos[i].symbol)
			continue;
		s->st_shndx = SHN_ABS;
		s->st_info = ELF32_ST_INFO(STB_GLOBAL, STT_NOTYPE);
		s->st_other = STV_HIDDEN;
	}
}

static void last_step(const struct args *a, const char *object, const char *output)
{
	static const char *const ours[] = {
		"--no-rosegment", "-z", "norelro", "-z", "noseparate-code", "-z", "text", "-z", "nocopyreloc",
		"--no-relax-gp", "--icf=none",
	};
	struct texts words = { NULL, 0 };
	const char *slash = strrchr(a->output, '/');
	bool as_needed = false;

	texts_add(&words, run_lld());
	texts_add(&words, a->shared ? "-shared" : "-pie");
	texts_join(&words, &a->last);
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		texts_add(&words, ours[i]);
	/* An entry of the dynamic section that nobody wants, for DT_PLTGOT: see after.c. */
	texts_add(&words, a->shared ? "--auxiliary=" : "-soname=-");
	/* A library with versions names itself; without a soname by its file, which for lld is a temporary one. */
	if (a->shared && !a->soname)
		texts_add(&words, text("-soname=%s", slash ? slash + 1 : a->output));
	texts_add(&words, object);
	for (size_t i = 0; i < a->search.n; i++)
		texts_add(&words, text("-L%s", a->search.v[i]));
	for (size_t i = 0; i < a->n_inputs; i++) {
		const struct input *in = &a->inputs[i];

		if (in->kind != INPUT_SHARED)
			continue;
		if (in->as_needed != as_needed)
			texts_add(&words, in->as_needed ? "--as-needed" : "--no-as-needed");
		as_needed = in->as_needed;
		/* A library without a soname is needed by the name it was asked for: lld has to be asked so, too. */
		texts_add(&words, in->name ? text("-l:%s", in->name) : in->path);
	}
	texts_add(&words, "-o");
	texts_add(&words, output);
	run(&words);
}

static void print_stats(const struct link *l)
{
	const struct link_counts *c = &l->counts;

	fprintf(stderr, "flat32-ld-fdpic: %s: gp-relative %u; without a slot: %u gp-relative, %u pc-relative, %u constants; "
		"%u slots, %u descriptors, %u stubs; near gp: %u\n", l->args->output, c->gp, c->relaxed_gp, c->relaxed_pc,
		c->constant, c->slots, c->descriptors, c->stubs, c->near);
}

/* From the joined object to what lld makes of it, rewritten. near: see link.h. */
static struct link *round_of(const struct args *a, const struct shared *shared, const char *object, const char *map,
			     const struct names *near, const char *linked)
{
	struct link *l = alloc(sizeof(*l));

	l->args = a;
	l->shared = *shared;
	l->one_module = !a->shared && !shared->n;
	l->near = near;
	l->o = object_read(object, map);
	link_make_commons(l);
	link_make_gp(l);
	link_scan(l);
	link_check_foreign(l);
	errors_stop();
	link_choose(l);
	link_words(l);
	link_icalls(l);
	link_any_gp(l);
	errors_stop();
	neutralise(l);
	object_write(l->o);
	last_step(a, object, linked);
	return l;
}

int main(int argc, char **argv)
{
	struct args a = args_read(argc, argv);
	const char *joined, *map, *again, *linked;
	struct shared shared;
	struct names near;
	struct link *l;

	if (a.just_lld)
		only_lld(argv);
	shared = shared_read(&a);
	joined = run_temp("joined.o");
	map = run_temp("joined.map");
	again = run_temp("again.o");
	linked = run_temp("linked");
	if (a.keep_temps)
		run_keep();
	join_all(&a, &shared, joined, map);
	file_copy(joined, again);
	l = round_of(&a, &shared, joined, map, NULL, linked);
	if (a.relax) {
		near = link_near(l, linked);
		if (near.used)
			l = round_of(&a, &shared, again, map, &near, linked);
	}
	link_finish(l, linked);
	if (a.stats)
		print_stats(l);
	return 0;
}
