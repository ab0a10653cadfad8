/* SPDX-License-Identifier: MIT
 *
 * prctl(2): the first argument says how many follow and what they are.
 */
#include "emu/strace/internal.h"

#include <string.h>
#include "emu/sys/user.h"

/* The second argument; REST: those behind it follow in hexadecimal. */
enum shape { NOTHING, NUMBER, SIGNED, NAMED, SEVERAL, WORD_AT, SIGNAL_AT, NAMED_AT, SEVERAL_AT, POINTER_AT, NAME_AT, NAME, SIGNAL, CAP_AMBIENT,
	     MCE, VMA, TRACER, SECCOMP, NUMBER_REST, NAMED_REST, REST };

LIST(dumpable) { { 0, "SUID_DUMP_DISABLE" }, { 1, "SUID_DUMP_USER" }, { 2, "SUID_DUMP_ROOT" } };
DEFINE(dumpable, ENUM, "SUID_DUMP_???")
LIST(secbits) {
	{ 1, "SECBIT_NOROOT" }, { 2, "SECBIT_NOROOT_LOCKED" }, { 4, "SECBIT_NO_SETUID_FIXUP" },
	{ 8, "SECBIT_NO_SETUID_FIXUP_LOCKED" }, { 16, "SECBIT_KEEP_CAPS" }, { 32, "SECBIT_KEEP_CAPS_LOCKED" },
	{ 64, "SECBIT_NO_CAP_AMBIENT_RAISE" }, { 128, "SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED" },
};
DEFINE(secbits, 0, "SECBIT_???")
LIST(ambient) {
	{ 1, "PR_CAP_AMBIENT_IS_SET" }, { 2, "PR_CAP_AMBIENT_RAISE" }, { 3, "PR_CAP_AMBIENT_LOWER" },
	{ 4, "PR_CAP_AMBIENT_CLEAR_ALL" },
};
DEFINE(ambient, ENUM, "PR_CAP_AMBIENT_???")
LIST(mcekill) { { 0, "PR_MCE_KILL_CLEAR" }, { 1, "PR_MCE_KILL_SET" } };
DEFINE(mcekill, ENUM, "PR_MCE_KILL_???")
LIST(mcepolicy) { { 0, "PR_MCE_KILL_LATE" }, { 1, "PR_MCE_KILL_EARLY" }, { 2, "PR_MCE_KILL_DEFAULT" } };
DEFINE(mcepolicy, ENUM, "PR_MCE_KILL_???")
LIST(vma) { { 0, "PR_SET_VMA_ANON_NAME" } };
DEFINE(vma, ENUM, "PR_SET_VMA_???")
LIST(setmm) {
	{ 1, "PR_SET_MM_START_CODE" }, { 2, "PR_SET_MM_END_CODE" }, { 3, "PR_SET_MM_START_DATA" }, { 4, "PR_SET_MM_END_DATA" },
	{ 5, "PR_SET_MM_START_STACK" }, { 6, "PR_SET_MM_START_BRK" }, { 7, "PR_SET_MM_BRK" }, { 8, "PR_SET_MM_ARG_START" },
	{ 9, "PR_SET_MM_ARG_END" }, { 10, "PR_SET_MM_ENV_START" }, { 11, "PR_SET_MM_ENV_END" }, { 12, "PR_SET_MM_AUXV" },
	{ 13, "PR_SET_MM_EXE_FILE" }, { 14, "PR_SET_MM_MAP" }, { 15, "PR_SET_MM_MAP_SIZE" },
};
DEFINE(setmm, ENUM, "PR_SET_MM_???")
LIST(tsc) { { 1, "PR_TSC_ENABLE" }, { 2, "PR_TSC_SIGSEGV" } };
DEFINE(tsc, ENUM, "PR_TSC_???")
LIST(unalign) { { 1, "PR_UNALIGN_NOPRINT" }, { 2, "PR_UNALIGN_SIGBUS" } };
DEFINE(unalign, 0, "PR_UNALIGN_???")

static const struct strace_flags *const tables[] = {
	NULL, &flags_dumpable, &flags_cap, &flags_secbits, &flags_setmm, &flags_tsc, &flags_unalign,
};
enum { DUMPABLE = 1, CAP, SECBITS, SETMM, TSC, UNALIGN };

static const struct { uint32_t option; char name[32]; uint8_t shape, table; } options[] = {
	{ 1, "PR_SET_PDEATHSIG", SIGNAL, 0 }, { 2, "PR_GET_PDEATHSIG", SIGNAL_AT, 0 }, { 3, "PR_GET_DUMPABLE", NOTHING, 0 },
	{ 4, "PR_SET_DUMPABLE", NAMED, DUMPABLE }, { 5, "PR_GET_UNALIGN", SEVERAL_AT, UNALIGN },
	{ 6, "PR_SET_UNALIGN", SEVERAL, UNALIGN }, { 7, "PR_GET_KEEPCAPS", NOTHING, 0 }, { 8, "PR_SET_KEEPCAPS", NUMBER, 0 },
	{ 9, "PR_GET_FPEMU", WORD_AT, 0 }, { 10, "PR_SET_FPEMU", NUMBER, 0 }, { 11, "PR_GET_FPEXC", WORD_AT, 0 },
	{ 12, "PR_SET_FPEXC", NUMBER, 0 }, { 13, "PR_GET_TIMING", NOTHING, 0 }, { 14, "PR_SET_TIMING", NUMBER, 0 },
	{ 15, "PR_SET_NAME", NAME, 0 }, { 16, "PR_GET_NAME", NAME_AT, 0 }, { 19, "PR_GET_ENDIAN", WORD_AT, 0 },
	{ 20, "PR_SET_ENDIAN", NUMBER, 0 }, { 21, "PR_GET_SECCOMP", NOTHING, 0 }, { 22, "PR_SET_SECCOMP", SECCOMP, 0 },
	{ 23, "PR_CAPBSET_READ", NAMED, CAP }, { 24, "PR_CAPBSET_DROP", NAMED, CAP }, { 25, "PR_GET_TSC", NAMED_AT, TSC },
	{ 26, "PR_SET_TSC", NAMED, TSC }, { 27, "PR_GET_SECUREBITS", NOTHING, 0 }, { 28, "PR_SET_SECUREBITS", SEVERAL, SECBITS },
	{ 29, "PR_SET_TIMERSLACK", SIGNED, 0 }, { 30, "PR_GET_TIMERSLACK", NOTHING, 0 },
	{ 31, "PR_TASK_PERF_EVENTS_DISABLE", NOTHING, 0 }, { 32, "PR_TASK_PERF_EVENTS_ENABLE", NOTHING, 0 },
	{ 33, "PR_MCE_KILL", MCE, 0 }, { 34, "PR_MCE_KILL_GET", REST, 0 }, { 35, "PR_SET_MM", NAMED_REST, SETMM },
	{ 36, "PR_SET_CHILD_SUBREAPER", NUMBER, 0 }, { 37, "PR_GET_CHILD_SUBREAPER", WORD_AT, 0 },
	{ 38, "PR_SET_NO_NEW_PRIVS", NUMBER_REST, 0 }, { 39, "PR_GET_NO_NEW_PRIVS", REST, 0 },
	{ 40, "PR_GET_TID_ADDRESS", POINTER_AT, 0 }, { 41, "PR_SET_THP_DISABLE", NUMBER_REST, 0 },
	{ 42, "PR_GET_THP_DISABLE", REST, 0 }, { 43, "PR_MPX_ENABLE_MANAGEMENT", REST, 0 },
	{ 44, "PR_MPX_DISABLE_MANAGEMENT", REST, 0 }, { 47, "PR_CAP_AMBIENT", CAP_AMBIENT, 0 },
	{ 57, "PR_SET_IO_FLUSHER", NUMBER_REST, 0 }, { 58, "PR_GET_IO_FLUSHER", REST, 0 },
	{ 69, "PR_RISCV_V_SET_CONTROL", REST, 0 }, { 70, "PR_RISCV_V_GET_CONTROL", REST, 0 },
	{ 71, "PR_RISCV_SET_ICACHE_FLUSH_CTX", REST, 0 }, { 0x53564d41, "PR_SET_VMA", VMA, 0 },
	{ 0x59616d61, "PR_SET_PTRACER", TRACER, 0 },
};
enum { OPTIONS = sizeof options / sizeof *options };

static int find(uint32_t option)
{
	for (int i = 0; i < OPTIONS; i++)
		if (options[i].option == option)
			return i;
	return -1;
}

/* Those that the kernel answers through a pointer. */
bool late_prctlargs(const struct strace_call *c, int i)
{
	int n = find(c->args[i]);

	return n >= 0 && options[n].shape >= WORD_AT && options[n].shape <= NAME_AT;
}

static void rest(struct strace_text *o, const uint32_t *a, int from)
{
	for (int n = from; n < 5; n++)
		text_printf(o, ", %#x", a[n]);
}

/* "[3]": a word that the kernel wrote. */
static void word_at(struct strace_text *o, const struct strace_call *c, uint32_t addr, enum shape shape,
		    const struct strace_flags *f)
{
	uint32_t v;

	if (!addr || (shape != SIGNAL_AT && !c->ok) || user_get32(c->task, addr, &v)) {
		text_pointer(o, addr);
		return;
	}
	text_str(o, "[");
	if (shape == SIGNAL_AT)
		text_signal(o, (int)v);
	else if (shape == POINTER_AT)
		text_pointer(o, v);
	else if (f)
		text_flags(o, f, v);
	else
		text_printf(o, "%u", v);
	text_str(o, "]");
}

static void second(struct strace_text *o, const struct strace_call *c, const uint32_t *a, enum shape shape,
		   const struct strace_flags *f)
{
	switch (shape) {
	case NUMBER: case NUMBER_REST:
		text_printf(o, "%u", a[1]);
		break;
	case SIGNED:
		text_printf(o, "%d", (int32_t)a[1]);
		break;
	case NAMED: case NAMED_REST: case SEVERAL:
		text_flags(o, f, a[1]);
		break;
	case NAME:
		text_bounded_string(o, c->task, a[1], 15);
		break;
	case NAME_AT:
		if (c->ok)
			text_bounded_string(o, c->task, a[1], 16);
		else
			text_pointer(o, a[1]);
		break;
	case SIGNAL:
		if (a[1] > 128)
			text_printf(o, "%u", a[1]);
		else
			text_signal(o, (int)a[1]);
		break;
	case CAP_AMBIENT:
		text_flags(o, &flags_ambient, a[1]);
		if (a[1] >= 1 && a[1] <= 3) {
			text_str(o, ", ");
			text_flags(o, &flags_cap, a[2]);
		}
		rest(o, a, a[1] >= 1 && a[1] <= 3 ? 3 : 2);
		break;
	case MCE:
		text_flags(o, &flags_mcekill, a[1]);
		text_str(o, ", ");
		if (a[1] == 1)
			text_flags(o, &flags_mcepolicy, a[2]);
		else
			text_printf(o, "%#x", a[2]);
		rest(o, a, 3);
		break;
	case VMA:
		text_flags(o, &flags_vma, a[1]);
		if (a[1]) {
			rest(o, a, 2);
			break;
		}
		text_str(o, ", ");
		text_pointer(o, a[2]);
		text_printf(o, ", %u, ", a[3]);
		text_guest_string(o, c->task, a[4], text_string_limit(o));
		break;
	case TRACER:
		if (a[1] == UINT32_MAX)
			text_named(o, "PR_SET_PTRACER_ANY", "%d", -1);
		else
			text_printf(o, "%d", (int32_t)a[1]);
		break;
	case SECCOMP:
		text_flags(o, &flags_seccompmode, a[1]);
		if (a[1] == 2)
			text_str(o, ", "), text_filter(o, c, a[2], true);
		else if (a[1] != 1)
			rest(o, a, 2);
		break;
	default:
		word_at(o, c, a[1], shape, f);
		break;
	}
}

bool print_prctlargs(struct strace_text *o, const struct strace_call *c, int i)
{
	const uint32_t *a = c->args + i;
	int n = find(a[0]);
	enum shape shape = n < 0 ? REST : options[n].shape;

	if (n < 0)
		text_printf(o, "%#x /* PR_??? */", a[0]);
	else
		text_named(o, options[n].name, "%#x", a[0]);
	if (shape != NOTHING && shape != REST) {
		text_str(o, ", ");
		second(o, c, a, shape, tables[options[n].table]);
	}
	if (shape == REST)
		rest(o, a, 1);
	else if (shape == NUMBER_REST || shape == NAMED_REST)
		rest(o, a, 2);
	return true;
}

void ret_prctl(struct strace_text *o, const struct strace_call *c)
{
	uint32_t v = (uint32_t)c->result;
	const struct strace_flags *f = c->args[0] == 3 ? &flags_dumpable : c->args[0] == 27 && v ? &flags_secbits :
				       c->args[0] == 34 ? &flags_mcepolicy : NULL;

	text_printf(o, f == &flags_secbits ? "%#x" : "%d", v);
	/* Only what has a name is said again. */
	if (f && (f == &flags_secbits ? v & 0xff : strace_flag_name(f, v) != NULL)) {
		text_str(o, " (");
		text_flags(o, f, v);
		text_str(o, ")");
	}
}
