/* SPDX-License-Identifier: MIT
 *
 * Where a program's auxiliary vector lies: behind argv and envp on its initial stack.
 */
#include "emu/kernel/task.h"

#define ENTRIES_MAX 64
#define KEY_MAX 64

bool space_auxv(struct mm_space *s, uint32_t *addr, uint32_t *size)
{
	const struct flat *flat = mm_flat(mm_space_mm(s));
	const struct mm_layout *l = mm_layout(s);
	uint32_t sp = l->start_stack, word, pair[2], at;
	unsigned n;

	if (flat_read(flat, &word, sp, 4) || word > 65536)
		return false;
	sp += 4 * (word + 2);
	do {
		if (sp >= l->stack_top || flat_read(flat, &word, sp, 4))
			return false;
		sp += 4;
	} while (word);
	for (n = 0, at = sp; ; n++, at += 8) {
		if (n == ENTRIES_MAX || flat_read(flat, pair, at, 8) || pair[0] > KEY_MAX)
			return false;
		if (!pair[0])
			break;
	}
	*addr = sp;
	*size = at + 8 - sp;
	return true;
}
