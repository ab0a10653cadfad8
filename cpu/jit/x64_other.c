/* SPDX-License-Identifier: MIT
 *
 * The x86-64 backend: which instructions it can do, and where those are that are neither
 * arithmetic nor ordinary loads and stores.
 */
#include "cpu/jit/x64.h"

static bool is_fp(const struct insn *in)
{
	return insn_info[in->op].ext == EXT_F || insn_info[in->op].ext == EXT_D;
}

bool host_can(const struct insn *in)
{
	if (is_fp(in))
		return x64_can_fp(in);
	switch (insn_info[in->op].format) {
	case FMT_R: case FMT_R1:
		return x64_can_compute(in->op);
	case FMT_LOAD: case FMT_STORE:
		return x64_can_access(in->op);
	case FMT_B:
		return x64_can_branch(in->op);
	case FMT_LR: case FMT_AMO:
		return x64_can_atomic(in->op);
	}
	return false;
}

void host_other(struct code *c, const struct insn *in)
{
	if (is_fp(in))
		x64_fp(c, in);
	else
		x64_atomic(c, in);
}
