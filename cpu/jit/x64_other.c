/* SPDX-License-Identifier: MIT
 *
 * The x86-64 backend: which instructions it can do, and those that are neither arithmetic nor
 * ordinary loads and stores.
 */
#include "cpu/jit/x64.h"

bool host_can(const struct insn *in)
{
	switch (insn_info[in->op].format) {
	case FMT_R: case FMT_R1: case FMT_I: case FMT_SHAMT: case FMT_LOAD: case FMT_STORE: case FMT_B: case FMT_U:
	case FMT_J: case FMT_JALR: case FMT_FENCE:
		break;
	default:
		return false;
	}
	switch (in->op) {
	case OP_CLZ: return x64_features.lzcnt;
	case OP_CTZ: return x64_features.bmi1;
	case OP_CPOP: return x64_features.popcnt;
	}
	return true;
}

void host_other(struct code *c, const struct insn *in)
{
	(void)in;
	c->failed = true;
}
