/* SPDX-License-Identifier: MIT
 *
 * When an allocation of pages fails: why, into the log.
 *
 * First what Linux 6.12 prints, word for word: the line of mm/page_alloc.c warn_alloc() and, for a mapping, that of
 * mm/nommu.c do_mmap_private(); then the start and the end of its Mem-Info.  Then the post-mortem: who asked
 * for what, what rounding made of it, how much is free, one verdict, a map, who is in the way at the best place, and what
 * would have made it fit.  Last one line of key=value pairs, for programs.  docs/postmortem.md explains each.
 *
 * The kernel's line, Mem-Info and the post-mortem are warnings, the rest is information (mm_config.log).
 *
 * A program may fail all day: of the post-mortems POSTMORTEM_BURST are shown in POSTMORTEM_SECONDS of the
 * guest's time, and the next one tells how many were not.  Without mm_config.now all are shown.
 */
#ifndef MM_POSTMORTEM_H
#define MM_POSTMORTEM_H

#include "mm/internal.h"

#define POSTMORTEM_SECONDS 10
#define POSTMORTEM_BURST 3

/* A private mapping of len bytes (whole pages) for the space. */
void postmortem_mapping(struct mm_space *s, uint64_t len);
/* A run of pages that is no mapping: a memory file's, a segment's. */
void postmortem_pages(struct mm *mm, uint32_t pages);

#endif
