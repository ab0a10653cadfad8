/* SPDX-License-Identifier: MIT
 *
 * The arguments of futex calls.
 */
#include "emu/strace/internal.h"
#include "emu/sys/user.h"

#define SHOWN 32	/* entries of a list, as strace abbreviates */

/* --- futex: after the address --- */

bool print_futexargs(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t op = c->args[i] & 0x7f, val = c->args[i + 1];
	const uint32_t *a = c->args;
	const char *name = strace_flag_name(&flags_futexop, op);

	if (name)
		text_str(o, name);
	else
		text_printf(o, "%#x /* FUTEX_??? */", op);
	if (a[i] & 128)
		text_str(o, "_PRIVATE");
	if (a[i] & 256)
		text_str(o, "|FUTEX_CLOCK_REALTIME");
	switch (op) {
	case 0: case 9:		/* WAIT, WAIT_BITSET */
		text_printf(o, ", %u, ", val);
		text_timespec(o, c->task, a[i + 2]);
		break;
	case 6: case 13:	/* LOCK_PI */
		text_str(o, ", ");
		text_timespec(o, c->task, a[i + 2]);
		break;
	case 7: case 8:
		break;
	case 3:
		text_printf(o, ", %u, %u, %#x", val, a[i + 2], a[i + 3]);
		break;
	case 4: case 12:
		text_printf(o, ", %u, %u, %#x, %u", val, a[i + 2], a[i + 3], a[i + 4]);
		break;
	case 5:
		text_printf(o, ", %u, %u, %#x, %#x", val, a[i + 2], a[i + 3], a[i + 4]);
		break;
	case 11:
		text_printf(o, ", %u, ", val);
		text_timespec(o, c->task, a[i + 2]);
		text_printf(o, ", %#x", a[i + 3]);
		break;
	default:		/* WAKE, WAKE_BITSET, FD */
		text_printf(o, ", %u", val);
		break;
	}
	if (op == 9 || op == 10) {
		if (a[i + 4] == UINT32_MAX)
			text_str(o, ", FUTEX_BITSET_MATCH_ANY");
		else
			text_printf(o, ", %#x", a[i + 4]);
	}
	return true;
}

/* --- futex_waitv, futex_requeue: struct futex_waitv --- */

struct waitv { uint64_t val, uaddr; uint32_t flags, reserved; };

static bool print_vector(struct strace_text *o, const struct strace_call *c, uint32_t addr, uint32_t count)
{
	struct waitv w;

	if (!addr || user_read(c->task, &w, addr, sizeof w)) {
		text_pointer(o, addr);
		return true;
	}
	for (uint32_t n = 0; n < count; n++, addr += (uint32_t)sizeof w) {
		text_str(o, n ? ", " : "[");
		if (n == SHOWN) {
			text_str(o, "...");
			break;
		}
		if (user_read(c->task, &w, addr, sizeof w)) {
			text_printf(o, "... /* %#x */", addr);
			break;
		}
		text_printf(o, w.val ? "{val=%#llx, uaddr=" : "{val=%llx, uaddr=", (unsigned long long)w.val);
		if (w.uaddr)
			text_printf(o, "%#llx", (unsigned long long)w.uaddr);
		else
			text_str(o, "NULL");
		text_str(o, ", flags=");
		text_flags(o, &flags_futex2flags, w.flags);
		if (w.reserved)
			text_printf(o, ", __reserved=%#x", w.reserved);
		text_str(o, "}");
	}
	text_str(o, "]");
	return true;
}

bool print_futexwaitv(struct strace_text *o, const struct strace_call *c, int i)
{
	if (!c->args[i + 1]) {
		text_str(o, "[]");
		return true;
	}
	return print_vector(o, c, c->args[i], c->args[i + 1]);
}

bool print_futexwaitv2(struct strace_text *o, const struct strace_call *c, int i)
{
	return print_vector(o, c, c->args[i], 2);
}
