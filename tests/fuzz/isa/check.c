/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/isa/check.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

/*
 * The address of an access that reaches from memory into nowhere: QEMU shows the host's, the
 * first byte that is not there; ours is that of the access, as mtval would have it.
 */
static bool same_address(uint32_t theirs, uint32_t ours)
{
	return theirs == ours || (theirs % 4096 == 0 && theirs - ours < 8);
}

bool same_outcome(const struct outcome *theirs, const struct outcome *ours)
{
	if (theirs->signal != ours->signal || (ours->signal == SIGSEGV && !same_address(theirs->address, ours->address)))
		return false;
	return memcmp(&theirs->context, &ours->context, offsetof(struct context, unused)) == 0 &&
	       memcmp(theirs->scratch, ours->scratch, SCRATCH_SIZE) == 0;
}

bool case_fails(struct engines *e, const struct fuzz_case *c, bool with_qemu, struct result *r, struct outcome *theirs)
{
	bool skip = false;

	if (machine_start(&e->a, c->seed) || machine_start(&e->b, c->seed))
		return false;
	lockstep(&e->a, &e->b, c, r);
	if (r->error || !with_qemu)
		return r->error != NULL;
	if (!for_qemu(c, r) || run_qemu(c, 1, &skip, theirs))
		return false;
	return !same_outcome(theirs, &r->outcome);
}
