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
	case FMT_NONE: case FMT_CSR: case FMT_CSRI:
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
	if (is_fp(in))
		x64_fp(c, in);
	else
		x64_atomic(c, in);
}
