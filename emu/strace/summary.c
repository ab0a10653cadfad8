/* SPDX-License-Identifier: MIT */
#include "emu/strace/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/strace/internal.h"

struct row { const char *name; const struct strace_count *count; enum strace_order order; };

void strace_count(struct strace_counts *c, uint32_t nr, bool failed, uint64_t ns)
{
	struct strace_count *n = syscall_name(nr) ? &c->by_nr[nr] : &c->unknown;

	n->calls++;
	n->errors += failed;
	n->ns += ns;
}

static uint64_t key(const struct row *r)
{
	switch (r->order) {
	case ORDER_CALLS: return r->count->calls;
	case ORDER_ERRORS: return r->count->errors;
	case ORDER_AVERAGE: return r->count->ns / r->count->calls;
	case ORDER_TIME: return r->count->ns;
	default: return 0;
	}
}

/* The largest first; what is alike by calls, then by name. */
static int compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (key(x) != key(y))
		return key(x) < key(y) ? 1 : -1;
	if (x->order != ORDER_NAME && x->order != ORDER_NONE && x->count->calls != y->count->calls)
		return x->count->calls < y->count->calls ? 1 : -1;
	return x->order == ORDER_NONE ? 0 : strcmp(x->name, y->name);
}

static void line(struct strace_text *o, const struct strace_count *n, double percent, const char *name)
{
	char errors[16] = "";

	if (n->errors)
		snprintf(errors, sizeof errors, "%u", n->errors);
	text_printf(o, "%6.2f %11.6f %11llu %9u %9s %s\n", percent, (double)n->ns / 1e9, (unsigned long long)(n->ns / 1000 / n->calls), n->calls, errors, name);
}

void strace_summary(struct strace_text *o, const struct strace_counts *c, enum strace_order order)
{
	static const char rule[] = "------ ----------- ----------- --------- --------- ----------------\n";
	struct row rows[SYSCALL_MAX + 1];
	struct strace_count all = { 0 };
	size_t n = 0;

	for (unsigned nr = 0; nr <= SYSCALL_MAX; nr++) {
		const struct strace_count *count = nr < SYSCALL_MAX ? &c->by_nr[nr] : &c->unknown;

		if (!count->calls)
			continue;
		rows[n++] = (struct row){ nr < SYSCALL_MAX ? syscall_name(nr) : "(unknown)", count, order };
		all.calls += count->calls;
		all.errors += count->errors;
		all.ns += count->ns;
	}
	if (!n)
		return;
	if (order != ORDER_NONE)
		qsort(rows, n, sizeof *rows, compare);
	text_str(o, "% time     seconds  usecs/call     calls    errors syscall\n");
	text_str(o, rule);
	for (size_t i = 0; i < n; i++)
		line(o, rows[i].count, all.ns ? 100.0 * (double)rows[i].count->ns / (double)all.ns : 0, rows[i].name);
	text_str(o, rule);
	line(o, &all, 100, "total");
}
