/* SPDX-License-Identifier: MIT
 * Calls about memory that a kernel without an MMU does not have: ENOSYS, whatever the arguments.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include "tap.h"

static const struct { int nr; const char *name; } calls[] = {
	{ 224, "swapon" }, { 225, "swapoff" }, { 226, "mprotect" }, { 227, "msync" }, { 228, "mlock" }, { 229, "munlock" },
	{ 230, "mlockall" }, { 231, "munlockall" }, { 232, "mincore" }, { 233, "madvise" }, { 234, "remap_file_pages" },
	{ 235, "mbind" }, { 236, "get_mempolicy" }, { 237, "set_mempolicy" }, { 238, "migrate_pages" },
	{ 239, "move_pages" }, { 282, "userfaultfd" }, { 284, "mlock2" }, { 288, "pkey_mprotect" },
	{ 289, "pkey_alloc" }, { 290, "pkey_free" }, { 440, "process_madvise" }, { 447, "memfd_secret" },
	{ 448, "process_mrelease" }, { 450, "set_mempolicy_home_node" }, { 453, "map_shadow_stack" }, { 462, "mseal" },
};

int main(void)
{
	static char page[8192];
	char *p = (char *)(((unsigned long)page + 4095) & ~4095ul);

	tap_plan(0);
	if (!tap_own_machine()) {
		tap_skip(1, "the host has an MMU");
		return tap_done();
	}
	for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
		tap_errno(syscall(calls[i].nr, p, 4096, 1, 0, 0, 0), ENOSYS, "%s", calls[i].name);
		tap_errno(syscall(calls[i].nr, 1, -1, -1, -1, -1, -1), ENOSYS, "%s with rubbish", calls[i].name);
		tap_errno(syscall(calls[i].nr, 0, 0, 0, 0, 0, 0), ENOSYS, "%s with nothing", calls[i].name);
	}
	return tap_done();
}
