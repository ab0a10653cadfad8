/* SPDX-License-Identifier: MIT
 *
 * What an mmap(2) asks for, checked: the rules of nommu-mmap.txt about which kind of mapping each
 * kind of file may have, in the kernel's order and with its errors (mm/nommu.c,
 * validate_mmap_request() and determine_vm_flags()).
 */
#ifndef MM_REQUEST_H
#define MM_REQUEST_H

#include "mm/mm.h"

/* Linux's numbers. */
#define LX_PROT_READ 1u
#define LX_PROT_WRITE 2u
#define LX_PROT_EXEC 4u
#define LX_MAP_SHARED 0x1u
#define LX_MAP_PRIVATE 0x2u
#define LX_MAP_TYPE 0xfu
#define LX_MAP_FIXED 0x10u
#define LX_MAP_ANONYMOUS 0x20u
#define LX_MAP_FIXED_NOREPLACE 0x100000u
#define LX_MAP_UNINITIALIZED 0x4000000u
#define LX_MREMAP_FIXED 2u

struct request {
	struct mm_source *source;	/* NULL: anonymous */
	uint64_t len;			/* bytes, whole pages */
	uint64_t pgoff, pgend;		/* pages of the source; 0 for anonymous */
	uint32_t prot;
	bool copy, direct;		/* how it may be backed */
	bool io;			/* directly even where there is no memory */
	bool shared, overlay;		/* VM_SHARED and VM_MAYSHARE; VM_MAYOVERLAY */
	bool clear;			/* anonymous, and to be zeroed */
};

/* 0 and *out, or -errno. */
int request_check(struct mm *mm, const struct mm_map *m, struct request *out);

#endif
