/* SPDX-License-Identifier: MIT
 *
 * Scheduling: sched_setattr(2) and sched_getattr(2), ioprio_set(2).
 */
#include "emu/strace/internal.h"

#include <string.h>
#include "emu/kernel/sched_policy.h"
#include "emu/sys/user.h"

LIST(schedflags) {
	{ 0x01, "SCHED_FLAG_RESET_ON_FORK" }, { 0x02, "SCHED_FLAG_RECLAIM" }, { 0x04, "SCHED_FLAG_DL_OVERRUN" },
	{ 0x08, "SCHED_FLAG_KEEP_POLICY" }, { 0x10, "SCHED_FLAG_KEEP_PARAMS" },
	{ 0x20, "SCHED_FLAG_UTIL_CLAMP_MIN" }, { 0x40, "SCHED_FLAG_UTIL_CLAMP_MAX" },
};
DEFINE(schedflags, 0, "SCHED_FLAG_???")
LIST(iopriowho) { { 1, "IOPRIO_WHO_PROCESS" }, { 2, "IOPRIO_WHO_PGRP" }, { 3, "IOPRIO_WHO_USER" } };
DEFINE(iopriowho, ENUM, "IOPRIO_WHO_???")
LIST(ioprioclass) {
	{ 0, "IOPRIO_CLASS_NONE" }, { 1, "IOPRIO_CLASS_RT" }, { 2, "IOPRIO_CLASS_BE" }, { 3, "IOPRIO_CLASS_IDLE" },
};
DEFINE(ioprioclass, ENUM, "IOPRIO_CLASS_???")

bool print_schedattr(struct strace_text *o, const struct strace_call *c, int i)
{
	struct sched_attributes a;
	uint32_t size;

	memset(&a, 0, sizeof a);
	if (!c->args[i] || (c->filled && !c->ok) || user_get32(c->task, c->args[i], &size) ||
	    user_read(c->task, &a, c->args[i], size && size < sizeof a ? size : sizeof a)) {
		text_pointer(o, c->args[i]);
		return true;
	}
	text_printf(o, "{size=%u, sched_policy=", size);
	text_flags(o, &flags_sched, a.policy);
	text_str(o, ", sched_flags=");
	text_flags(o, &flags_schedflags, a.flags);
	text_printf(o, ", sched_nice=%d, sched_priority=%u, sched_runtime=%llu, sched_deadline=%llu, sched_period=%llu",
		    a.nice, a.priority, (unsigned long long)a.runtime, (unsigned long long)a.deadline,
		    (unsigned long long)a.period);
	if (size >= sizeof a)
		text_printf(o, ", sched_util_min=%#x, sched_util_max=%#x", a.util_min, a.util_max);
	text_str(o, size > sizeof a ? ", ...}" : "}");
	return true;
}

/* "2<<13|4": a class, and data of it. */
static void priority(struct strace_text *o, uint32_t v)
{
	text_str(o, "IOPRIO_PRIO_VALUE(");
	text_flags(o, &flags_ioprioclass, v >> 13);
	text_printf(o, ", %u)", v & 0x1fff);
}

bool print_ioprio(struct strace_text *o, const struct strace_call *c, int i)
{
	priority(o, c->args[i]);
	return true;
}

void ret_ioprio(struct strace_text *o, const struct strace_call *c)
{
	text_printf(o, "%#x (", (uint32_t)c->result);
	priority(o, (uint32_t)c->result);
	text_str(o, ")");
}

bool print_schedparam(struct strace_text *o, const struct strace_call *c, int i)
{
	int32_t v;

	if (!text_absent(o, c, i, &v, sizeof v))
		text_printf(o, "[%d]", v);
	return true;
}

void ret_sched(struct strace_text *o, const struct strace_call *c)
{
	text_printf(o, "%#x (", (uint32_t)c->result);
	text_flags(o, &flags_schedpolicy, (uint32_t)c->result);
	text_str(o, ")");
}
