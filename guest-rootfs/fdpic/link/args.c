/* SPDX-License-Identifier: MIT */
#include "args.h"

#include "inputs.h"

#include <stdlib.h>
#include <string.h>

/* Options with a value, "--name=VALUE" or "--name VALUE", one dash or two. Of the single letters, -nVALUE too. */
static const char *const valued[] = {
	"auxiliary", "b", "dT", "defsym", "dynamic-linker", "dynamic-list", "e", "entry", "exclude-libs",
	"export-dynamic-symbol", "export-dynamic-symbol-list", "F", "f", "filter", "fini", "format", "h", "hash-style",
	"I", "image-base", "init", "L", "l", "library", "library-path", "m", "Map", "mllvm", "o", "orphan-handling",
	"output", "pack-dyn-relocs", "plugin", "plugin-opt", "R", "reproduce", "retain-symbols-file", "rpath", "rpath-link", "script",
	"section-start", "soname", "sort-section", "symbol-ordering-file", "sysroot", "T", "Tbss", "Tdata", "Ttext",
	"trace-symbol", "u", "undefined", "version-script", "wrap", "y", "z",
};

/* Some lld takes only with "=" or not at all, so that the next word is never theirs: --build-id, --threads... */

static const char *const refused[][2] = {
	{ "T", "the tool lays the file out itself" },
	{ "script", "the tool lays the file out itself" },
	{ "dT", "the tool lays the file out itself" },
	{ "section-start", "a program has no fixed addresses" },
	{ "Ttext", "a program has no fixed addresses" },
	{ "Tdata", "a program has no fixed addresses" },
	{ "Tbss", "a program has no fixed addresses" },
	{ "image-base", "a program has no fixed addresses" },
	{ "no-pie", "a program has no fixed addresses" },
	{ "emit-relocs", "it would describe code that is no more" },
	{ "q", "it would describe code that is no more" },
	{ "retain-symbols-file", "not supported" },
	{ "exclude-libs", "not supported; a version script can hide symbols" },
	{ "relax-gp", "gp is the FDPIC register" },
};

/* Said by us in the last step, or without meaning there. */
static const char *const ignored[] = {
	"pie", "pic-executable", "rosegment", "no-rosegment", "no-relax-gp", "start-group", "end-group", "start-lib",
	"end-lib", "omagic", "nmagic", "no-omagic", "no-nmagic", "icf=all", "icf=safe", "icf=none", "g", "(", ")",
};

static const char *const ignored_z[] = {
	"relro", "norelro", "separate-code", "noseparate-code", "separate-loadable-segments", "text", "notext",
	"copyreloc", "nocopyreloc", "rodynamic", "pack-relative-relocs", "nopack-relative-relocs",
};

/* What --push-state keeps. */
struct state {
	bool whole, as_needed, only_static;
};

struct reader {
	struct args a;
	struct texts words;
	size_t next;
	struct state now, pushed[16];
	size_t n_pushed;
	struct texts libraries;		/* -l names and plain files, in order; looked up when all -L are known */
	struct state *states;
	bool *by_name;
};

static bool is_one_of(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(s, list[i]))
			return true;
	return false;
}
#define ONE_OF(s, list) is_one_of(s, list, sizeof(list) / sizeof((list)[0]))

static void add_input(struct reader *r, const char *name, bool by_name)
{
	size_t n = r->libraries.n;

	texts_add(&r->libraries, name);
	r->states = grow(r->states, (n + 1) * sizeof(*r->states));
	r->by_name = grow(r->by_name, (n + 1) * sizeof(*r->by_name));
	r->states[n] = r->now;
	r->by_name[n] = by_name;
}

static void find_inputs(struct reader *r)
{
	struct args *a = &r->a;

	a->inputs = alloc(r->libraries.n * sizeof(*a->inputs));
	for (size_t i = 0; i < r->libraries.n; i++) {
		struct input *in = &a->inputs[a->n_inputs++];
		char *name = r->libraries.v[i];

		in->path = name;
		if (r->by_name[i]) {
			in->path = input_library(a, name, !r->states[i].only_static);
			in->name = name[0] == ':' ? name + 1 : strrchr(in->path, '/') + 1;
		}
		in->kind = input_kind(in->path);
		in->whole = r->states[i].whole;
		in->as_needed = r->states[i].as_needed;
	}
}

static void both(struct texts *to, const char *option, const char *value)
{
	texts_add(to, option);
	texts_add(to, value);
}

static void take_z(struct args *a, const char *value)
{
	if (ONE_OF(value, ignored_z))
		return;
	if (!strcmp(value, "defs"))
		a->strict = true;
	else if (!strcmp(value, "undefs"))
		a->loose = true;
	both(&a->last, "-z", value);
}

/* True if this option with a value is dealt with. */
static bool take_value(struct reader *r, const char *name, const char *value)
{
	struct args *a = &r->a;

	if (!strcmp(name, "o") || !strcmp(name, "output")) {
		a->output = (char *)value;
	} else if (!strcmp(name, "L") || !strcmp(name, "library-path")) {
		texts_add(&a->search, value);
	} else if (!strcmp(name, "l") || !strcmp(name, "library")) {
		add_input(r, value, true);
	} else if (!strcmp(name, "sysroot")) {
		a->sysroot = (char *)value;
	} else if (!strcmp(name, "wrap")) {
		texts_add(&a->wrap, value);
		texts_add(&a->join, text("--wrap=%s", value));
	} else if (!strcmp(name, "m")) {
		both(&a->join, "-m", value);
		both(&a->last, "-m", value);
	} else if (!strcmp(name, "u") || !strcmp(name, "undefined")) {
		both(&a->join, "-u", value);
		both(&a->last, "-u", value);
	} else if (!strcmp(name, "e") || !strcmp(name, "entry")) {
		both(&a->join, "-u", value);
		both(&a->last, "-e", value);
	} else if (!strcmp(name, "init") || !strcmp(name, "fini")) {
		both(&a->join, "-u", value);
		both(&a->last, text("-%s", name), value);
	} else if (!strcmp(name, "z")) {
		take_z(a, value);
	} else if (!strcmp(name, "defsym")) {
		texts_add(&a->defined, text("%.*s", (int)strcspn(value, "= "), value));
		texts_add(&a->last, text("--defsym=%s", value));
	} else if (!strcmp(name, "soname") || !strcmp(name, "h")) {
		a->soname = true;
		texts_add(&a->last, text("-soname=%s", value));
	} else if (!strcmp(name, "pack-dyn-relocs")) {
		return true;		/* DT_RELR adds one distance to all words: there is none here */
	} else if (!strcmp(name, "dynamic-list")) {
		a->export_dynamic = true;
		input_dynamic_list(value, &a->interposed);
		texts_add(&a->last, text("--dynamic-list=%s", value));
	} else if (!strcmp(name, "export-dynamic-symbol") || !strcmp(name, "export-dynamic-symbol-list")) {
		a->export_dynamic = true;
		texts_add(&a->last, text("--%s=%s", name, value));
	} else {
		return false;
	}
	return true;
}

/* True if this option without a value is dealt with. */
static bool take_flag(struct reader *r, const char *name)
{
	struct args *a = &r->a;

	if (!strcmp(name, "r") || !strcmp(name, "relocatable") || !strcmp(name, "v") || !strcmp(name, "V") ||
	    !strcmp(name, "version") || !strcmp(name, "help"))
		a->just_lld = true;
	else if (!strcmp(name, "shared") || !strcmp(name, "Bshareable"))
		a->shared = true;
	else if (!strcmp(name, "static") || !strcmp(name, "Bstatic") || !strcmp(name, "dn") ||
		 !strcmp(name, "non_shared"))
		r->now.only_static = true;
	else if (!strcmp(name, "Bdynamic") || !strcmp(name, "dy") || !strcmp(name, "call_shared"))
		r->now.only_static = false;
	else if (!strcmp(name, "whole-archive"))
		r->now.whole = true;
	else if (!strcmp(name, "no-whole-archive"))
		r->now.whole = false;
	else if (!strcmp(name, "as-needed"))
		r->now.as_needed = true;
	else if (!strcmp(name, "no-as-needed"))
		r->now.as_needed = false;
	else if (!strcmp(name, "push-state") && r->n_pushed < 16)
		r->pushed[r->n_pushed++] = r->now;
	else if (!strcmp(name, "pop-state") && r->n_pushed)
		r->now = r->pushed[--r->n_pushed];
	else if (!strcmp(name, "s") || !strcmp(name, "strip-all"))
		a->strip_all = true;
	else if (!strcmp(name, "x") || !strcmp(name, "discard-all"))
		a->discard_all = true;
	else if (!strcmp(name, "fdpic-keep-temps"))
		a->keep_temps = true;
	else if (!strcmp(name, "fdpic-stats"))
		a->stats = true;
	else if (!strcmp(name, "no-undefined"))
		take_z(a, "defs");
	else if (!ONE_OF(name, ignored))
		return false;
	return true;
}

static void take_also(struct args *a, const char *name)
{
	if (!strcmp(name, "E") || !strcmp(name, "export-dynamic"))
		a->export_dynamic = true;
	else if (!strcmp(name, "no-relax") || !strcmp(name, "relax"))
		a->relax = name[0] == 'r';
	else if (!strcmp(name, "no-export-dynamic"))
		a->export_dynamic = false;
	else if (!strcmp(name, "unresolved-symbols=ignore-all") || !strcmp(name, "warn-unresolved-symbols") ||
		 !strcmp(name, "noinhibit-exec"))
		a->loose = true;
}

static void refuse(const char *word, const char *name)
{
	size_t n = strcspn(name, "=");

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (strlen(refused[i][0]) == n && !strncmp(name, refused[i][0], n))
			die("%s: %s", word, refused[i][1]);
}

/* The value of the option in word, if it has one: behind "=", in the next word, or behind a single letter. */
static const char *value_of(struct reader *r, const char *word, const char **name)
{
	const char *bare = word + 1 + (word[1] == '-'), *equal = strchr(bare, '=');
	char *head = text("%.*s", (int)(equal ? (size_t)(equal - bare) : strlen(bare)), bare);

	*name = bare;
	if (ONE_OF(head, valued) && !(equal && strlen(head) == 1)) {
		*name = head;
		if (equal)
			return equal + 1;
		if (r->next >= r->words.n)
			die("%s: argument missing", word);
		return r->words.v[r->next++];
	}
	if (word[1] != '-' && strchr("oLluezmIhyR", word[1]) && word[2] && !ONE_OF(bare, ignored)) {
		*name = text("%c", word[1]);
		return word + 2;
	}
	return NULL;
}

static void take(struct reader *r, const char *word)
{
	const char *name, *value;

	if (word[0] != '-' || !word[1]) {
		add_input(r, word, false);
		return;
	}
	/* Words that begin as a single letter with its value would. */
	if ((after(word, "-export-dynamic") && !after(word, "-export-dynamic-symbol")) || !strcmp(word, "-omagic") ||
	    !strcmp(word, "-execute-only") || after(word, "-lto") || after(word, "-error") || after(word, "-end")) {
		value = NULL;
		name = word + 1;
	} else {
		value = value_of(r, word, &name);
	}
	refuse(word, name);
	if (value ? take_value(r, name, value) : take_flag(r, name))
		return;
	if (!value) {
		take_also(&r->a, name);
		texts_add(&r->a.last, word);
	} else if (strlen(name) == 1) {
		both(&r->a.last, text("-%s", name), value);
	} else if (!strcmp(name, "mllvm")) {
		both(&r->a.last, "-mllvm", value);
	} else {
		texts_add(&r->a.last, text("--%s=%s", name, value));
	}
}

struct args args_read(int argc, char **argv)
{
	struct reader r = { .a = { .output = "a.out", .relax = true } };

	r.words = input_words(argc - 1, argv + 1);
	while (r.next < r.words.n)
		take(&r, r.words.v[r.next++]);
	if (r.a.just_lld)
		return r.a;
	for (size_t i = 0; i < r.a.search.n; i++) {
		const char *rest = after(r.a.search.v[i], "=");

		if (rest)
			r.a.search.v[i] = text("%s%s", r.a.sysroot ? r.a.sysroot : "", rest);
	}
	find_inputs(&r);
	if (!r.a.n_inputs)
		die("no input files");
	return r.a;
}
