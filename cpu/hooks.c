/* SPDX-License-Identifier: MIT */
#include "cpu/hooks.h"

#include "cpu/engine.h"

#include <errno.h>
#include <sys/mman.h>

#define COUNTS_BYTES (sizeof(uint64_t) << 31)

void hooks_free(struct hooks *k)
{
	if (k->counts)
		munmap(k->counts, COUNTS_BYTES);
}

int hart_count_insns(struct hart *h, bool on)
{
	struct hooks *k = &h->engine->hooks;
	void *p;

	if (on && !k->counts) {
		p = mmap(NULL, COUNTS_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (p == MAP_FAILED)
			return -ENOMEM;
		k->counts = p;
	}
	k->mask = on ? k->mask | HOOK_COUNT : k->mask & ~HOOK_COUNT;
	hart_flush(h, 0, 0);
	return 0;
}

void hart_each_count(const struct hart *h, hart_count_fn *fn, void *owner)
{
	const struct hooks *k = &h->engine->hooks;

	for (uint32_t page = 0; k->counts && page < 1u << 20; page++) {
		if (!(k->pages[page / 64] >> page % 64 & 1))
			continue;
		for (uint32_t pc = page << 12, n = 0; n < 2048; n++, pc += 2) {
			if (k->counts[pc >> 1])
				fn(owner, pc, k->counts[pc >> 1]);
		}
	}
}
