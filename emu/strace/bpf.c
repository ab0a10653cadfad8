/* SPDX-License-Identifier: MIT
 *
 * Filters in the classic BPF, of seccomp and of sockets: struct sock_fprog, with -v each instruction.
 */
#include "emu/strace/internal.h"

#include <string.h>
#include "emu/strace/config.h"
#include "emu/sys/user.h"

/* struct sock_filter */
struct instruction { uint16_t code; uint8_t jt, jf; uint32_t k; };

static const struct strace_flag class_list[] = {
	{ 0, "BPF_LD" }, { 1, "BPF_LDX" }, { 2, "BPF_ST" }, { 3, "BPF_STX" }, { 4, "BPF_ALU" }, { 5, "BPF_JMP" }, { 6, "BPF_RET" },
	{ 7, "BPF_MISC" },
};
static const struct strace_flag size_list[] = { { 0, "BPF_W" }, { 8, "BPF_H" }, { 0x10, "BPF_B" }, { 0x18, "BPF_DW" } };
static const struct strace_flag mode_list[] = {
	{ 0, "BPF_IMM" }, { 0x20, "BPF_ABS" }, { 0x40, "BPF_IND" }, { 0x60, "BPF_MEM" }, { 0x80, "BPF_LEN" }, { 0xa0, "BPF_MSH" },
	{ 0xc0, "BPF_XADD" },
};
static const struct strace_flag source_list[] = { { 0, "BPF_K" }, { 8, "BPF_X" } };
static const struct strace_flag alu_list[] = {
	{ 0, "BPF_ADD" }, { 0x10, "BPF_SUB" }, { 0x20, "BPF_MUL" }, { 0x30, "BPF_DIV" }, { 0x40, "BPF_OR" }, { 0x50, "BPF_AND" },
	{ 0x60, "BPF_LSH" }, { 0x70, "BPF_RSH" }, { 0x80, "BPF_NEG" }, { 0x90, "BPF_MOD" }, { 0xa0, "BPF_XOR" },
};
static const struct strace_flag jump_list[] = {
	{ 0, "BPF_JA" }, { 0x10, "BPF_JEQ" }, { 0x20, "BPF_JGT" }, { 0x30, "BPF_JGE" }, { 0x40, "BPF_JSET" },
};
static const struct strace_flag return_list[] = { { 0, "BPF_K" }, { 8, "BPF_X" }, { 0x10, "BPF_A" } };
static const struct strace_flag misc_list[] = { { 0, "BPF_TAX" }, { 0x80, "BPF_TXA" } };

#define NAMES(list, none) &(const struct strace_flags){ list, sizeof list / sizeof *list, ENUM, none }

static void code(struct strace_text *o, uint16_t v)
{
	uint16_t rest = v & ~7u;

	text_flags(o, NAMES(class_list, NULL), v & 7);
	switch (v & 7) {
	case 0: case 1:		/* LD, LDX */
		text_str(o, "|");
		text_flags(o, NAMES(size_list, "BPF_???"), v & 0x18);
		text_str(o, "|");
		text_flags(o, NAMES(mode_list, "BPF_???"), v & 0xe0);
		rest = v & 0xff00;
		break;
	case 4: case 5:		/* ALU, JMP */
		text_str(o, "|");
		text_flags(o, NAMES(source_list, NULL), v & 8);
		text_str(o, "|");
		if ((v & 7) == 4)
			text_flags(o, NAMES(alu_list, "BPF_???"), v & 0xf0);
		else
			text_flags(o, NAMES(jump_list, "BPF_???"), v & 0xf0);
		rest = v & 0xff00;
		break;
	case 6:			/* RET */
		text_str(o, "|");
		text_flags(o, NAMES(return_list, "BPF_???"), v & 0x18);
		rest = v & ~0x1fu;
		break;
	case 7:
		text_str(o, "|");
		text_flags(o, NAMES(misc_list, "BPF_???"), v & 0xf8);
		rest = v & 0xff00;
		break;
	}
	if (rest)
		text_printf(o, "|%#x", rest);
}

/* *ctx: whether it is seccomp's, whose results are actions. */
static void instruction(struct strace_text *o, const struct strace_call *c, const void *entry, void *ctx)
{
	const bool *seccomp = ctx;
	struct instruction in;

	(void)c;
	memcpy(&in, entry, sizeof in);
	text_str(o, in.jt || in.jf ? "BPF_JUMP(" : "BPF_STMT(");
	code(o, in.code);
	text_str(o, ", ");
	if (*seccomp && (in.code & 0x1f) == 6) {
		text_flags(o, &flags_seccompret, in.k & 0xffff0000u);
		if (in.k & 0xffff)
			text_printf(o, "|%#x", in.k & 0xffff);
	} else {
		text_printf(o, "%#x", in.k);
	}
	if (in.jt || in.jf)
		text_printf(o, ", %#x, %#x", in.jt, in.jf);
	text_str(o, ")");
}

void text_filter(struct strace_text *o, const struct strace_call *c, uint32_t addr, bool seccomp)
{
	struct { uint16_t len, pad; uint32_t filter; } p;

	if (!addr || user_read(c->task, &p, addr, sizeof p)) {
		text_pointer(o, addr);
		return;
	}
	text_printf(o, "{len=%u, filter=", p.len);
	if (o->config && o->config->verbose && p.len <= 4096)
		text_array(o, c, p.filter, p.len, sizeof(struct instruction), instruction, &seccomp);
	else
		text_pointer(o, p.filter);
	text_str(o, "}");
}
