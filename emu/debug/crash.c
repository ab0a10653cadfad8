/* SPDX-License-Identifier: MIT */
#include "emu/debug/crash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cpu/decode.h"
#include "cpu/disasm.h"
#include "emu/strace/strace.h"
#include "emu/strace/internal.h"
#include "emu/debug/modules.h"
#include "emu/host/terminal.h"
#include "emu/kernel/klog.h"
#include "emu/signal/signal_internal.h"
#include "emu/sys/user.h"

/* Not SIGQUIT and the limits: those are somebody's wish. */
#define REPORTED (SIGNALS_SYNC | SBIT(SIGABRT))

enum { RA = 1, SP = 2, FOLLOWED_CALLS = 12, STACK_LOOKED_AT = 8192, SHOWN_FIRST = 3 };

struct report {
	struct task *t;
	const struct signal_info *info;
	struct strace_text o;
	struct modules *modules;
};

/* " <function+0x12> at file.c:34"; a return address is behind the call that is meant. */
static void name_of(struct report *r, uint32_t addr, bool returns_here)
{
	struct code_place p;

	modules_find(r->modules, returns_here ? addr - 1 : addr, &p);
	if (p.function)
		text_printf(&r->o, " <%s+%#x", p.function, p.offset + returns_here);
	else if (p.module)
		text_str(&r->o, " <?");
	if (p.module)
		text_printf(&r->o, " in %s", p.module);
	if (p.function || p.module)
		text_str(&r->o, ">");
	if (p.line.number)
		text_printf(&r->o, " at %s:%u", p.line.file, p.line.number);
}

/* --- Parts --- */

static void head(struct report *r)
{
	const struct task *t = r->t;
	char access[64];
	const char *what = crash_of_access(r->info) ? crash_access(r->t, access) : NULL;

	text_printf(&r->o, "%s[%d] was ended by %s: ", t->comm, t->tid, signal_name(r->info->signo));
	text_siginfo(&r->o, r->info);
	text_str(&r->o, "\n  pc");
	text_printf(&r->o, " %08x", t->regs.pc);
	name_of(r, t->regs.pc, false);
	if (what)
		text_printf(&r->o, ": %s", what);
	text_str(&r->o, "\n");
}

static void registers(struct report *r)
{
	for (unsigned i = 1; i < 32; i++)
		text_printf(&r->o, "%s%5s %08x", i % 8 == 1 ? "  " : "", disasm_xreg(i), r->t->regs.x[i]),
		text_str(&r->o, i % 8 == 0 || i == 31 ? "\n" : "");
}

static unsigned fetch(struct task *t, uint32_t pc, uint32_t *bits)
{
	uint16_t low, high;

	if (user_read(t, &low, pc, 2))
		return 0;
	*bits = low;
	if ((low & 3) != 3)
		return 2;
	if (user_read(t, &high, pc + 2, 2))
		return 0;
	*bits |= (uint32_t)high << 16;
	return 4;
}

/*
 * Some instructions before pc and after.  Backwards nothing says where an instruction begins, but from the function's
 * beginning on they can be counted.
 */
static void code(struct report *r)
{
	uint32_t pc = r->t->regs.pc, at = pc, before[4], known = 0, bits;
	char text[DISASM_MAX];
	struct code_place p;
	unsigned len;

	modules_find(r->modules, pc, &p);
	if (p.function && p.offset <= 65536)
		for (at = pc - p.offset; at < pc && (len = fetch(r->t, at, &bits)); at += len) {
			memmove(before, before + 1, sizeof before - sizeof *before);
			before[3] = at;
			known += known < 4;
		}
	at = at == pc && known ? before[4 - known] : pc;
	for (int after = 0; after < 4 && (len = fetch(r->t, at, &bits)); at += len) {
		disasm(text, sizeof text, at, bits);
		text_printf(&r->o, "  %s %08x:  %s\n", at == pc ? "=>" : "  ", at, text);
		after += at >= pc;
	}
}

/* Does a call end right before this address, so that it may be where one returns to? */
static bool follows_call(struct task *t, uint32_t addr)
{
	uint32_t i;
	uint16_t c;

	if (addr & 1)
		return false;
	if (!user_read(t, &i, addr - 4, 4) && ((i & 0xfff) == 0x0ef || (i & 0x7fff) == 0x00e7))
		return true;					/* jal ra, jalr ra with rd = ra */
	if (user_read(t, &c, addr - 2, 2))
		return false;
	return ((c & 0xf07f) == 0x9002 && c >> 7 & 31) || (c & 0xe003) == 0x2001;	/* c.jalr, c.jal */
}

static bool in_code(struct task *t, uint32_t addr)
{
	return addr && mm_reach(t->space, addr, 1, 4 /* PROT_EXEC */) == 1;
}

/*
 * Without frame pointers nothing on the stack says what it is.  What could be return addresses is shown, newest first;
 * some may be left over from calls that are over.
 */
static void stack(struct report *r)
{
	uint32_t sp = r->t->regs.x[SP] & ~3u, word, shown = 0, last = 0;

	for (uint32_t at = sp; at - sp < STACK_LOOKED_AT && shown < FOLLOWED_CALLS; at += 4) {
		if (user_get32(r->t, at, &word))
			break;
		if (word == last || !in_code(r->t, word) || !follows_call(r->t, word))
			continue;
		if (!shown++)
			text_str(&r->o, "return addresses found on the stack (some may be stale):\n");
		text_printf(&r->o, "  sp+%#-6x %08x", at - sp, word);
		name_of(r, word, true);
		text_str(&r->o, "\n");
		last = word;
	}
}

static void last_calls(struct report *r)
{
	struct strace_text calls = { 0 };

	strace_last(r->t, &calls, CRASH_CALLS);
	if (calls.len) {
		text_str(&r->o, "its last system calls:\n");
		text_append(&r->o, &calls);
	}
	free(calls.buf);
}

static void write_report(struct report *r)
{
	const char *end = terminal_is_raw() ? "\r\n" : "\n";

	for (size_t i = 0, len; i < r->o.len; i += len + 1) {
		const char *line = r->o.buf + i, *stop = memchr(line, '\n', r->o.len - i);

		len = stop ? (size_t)(stop - line) : r->o.len - i;
		fprintf(stderr, "flat32: %.*s%s", (int)len, line, end);
	}
}

/* Whether this one is to be told; says once that the next ones are not. */
static bool wanted(struct machine *m)
{
	enum crash_reports mode = m->options.crash_reports;

	if (mode == CRASH_REPORTS_OFF || m->options.log_level < KLOG_WARNING)
		return false;
	if (mode == CRASH_REPORTS_FULL || m->crashes < SHOWN_FIRST) {
		m->crashes++;
		return true;
	}
	if (m->crashes++ == SHOWN_FIRST)
		fprintf(stderr, "flat32: there are more crashes; --crash-report=full reports all of them%s\n",
			terminal_is_raw() ? "\r" : "");
	return false;
}

void crash_report(struct task *t, const struct signal_info *info)
{
	struct report r = { .t = t, .info = info };

	if (!t->space || !signal_in(info->signo, REPORTED) || !wanted(t->machine))
		return;
	r.modules = modules_of(t);
	head(&r);
	crash_verdict(&r.o, t, info);
	registers(&r);
	text_printf(&r.o, "  ra %08x", t->regs.x[RA]);
	name_of(&r, t->regs.x[RA], true);
	text_str(&r.o, "\n");
	code(&r);
	stack(&r);
	last_calls(&r);
	write_report(&r);
	modules_free(r.modules);
	free(r.o.buf);
}
