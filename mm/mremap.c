/* SPDX-License-Identifier: MIT
 *
 * mremap(2), as nommu-mmap.txt and mm/nommu.c do_mremap() have it: on complete mappings, in place,
 * never on shared or shareable ones.  Moving is "not currently supported" in the text, so
 * MREMAP_MAYMOVE changes nothing.
 *
 * In place, a mapping may be as long as the object its memory lies in ("the slab object currently
 * occupied"): the pages its region holds, slack included.  The kernel stops at the length first
 * mapped, and leaves in the regained part what was there; here it reads as zero, as mmap(2) says.
 */
#include "mm/internal.h"

#include <errno.h>

#include "mm/request.h"

int mm_mremap(struct mm_space *s, uint32_t addr, uint32_t old_len, uint32_t new_len, uint32_t flags,
	      uint32_t fixed, uint32_t *new_addr)
{
	MM_OPERATION(s->mm, "mremap");
	uint64_t was = page_up(old_len), want = page_up(new_len), room;
	bool compat = s->mm->config.compat_linux;
	struct mm_region *r;
	struct mm_vma *v;

	/* A length that rounds up past the last address wraps to nothing in the kernel. */
	if (was == 0 || want == 0 || was > UINT32_MAX || want > UINT32_MAX)
		return -EINVAL;
	if (!page_aligned(addr))
		return -EINVAL;
	if ((flags & LX_MREMAP_FIXED) && fixed != addr)
		return -EINVAL;
	v = vma_exact(s, addr, addr + was);
	if (!v)
		return -EINVAL;
	if (v->shared || v->overlay)
		return -EPERM;
	r = v->region;
	/* Behind the end of a file's copy there is nothing that was read from it. */
	room = (compat || r->source ? r->end : r->top) - r->start;
	if (want > room)
		return -ENOMEM;
	if (want > was && !compat && !r->source) {
		int err = flat_zero_pages(s->mm->flat, (uint32_t)(addr + was), want - was);

		if (err)
			return err;
		mm_code_gone(s->mm, (uint32_t)(addr + was), (uint32_t)(want - was));
	}
	if (addr + want > r->end)
		region_set(s->mm, r, r->start, addr + want, r->top);
	vma_set(s, v, addr, addr + want);
	*new_addr = addr;
	return 0;
}
