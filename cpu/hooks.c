/* SPDX-License-Identifier: MIT */
#include "cpu/hooks.h"

#include "cpu/engine.h"

#include <errno.h>
#include <sys/mman.h>

#define COUNTS_BYTES (sizeof(uint64_t) << 31)
#define BREAKPOINTS_BYTES (UINT64_C(1) << 28)

void *hooks_reserve(uint64_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void hooks_free(struct hooks *k)
{
	if (k->counts)
		munmap(k->counts, COUNTS_BYTES);
	if (k->breakpoints)
		munmap(k->breakpoints, BREAKPOINTS_BYTES);
	hooks_free_watched(k);
}

void hooks_change(struct hart *h, uint32_t bit, bool on)
{
	struct hooks *k = &h->engine->hooks;

	if (((k->mask & bit) != 0) == on)
		return;
	k->mask ^= bit;
	hart_flush(h, 0, 0);
}

/* --- counts */

int hart_count_insns(struct hart *h, bool on)
{
	struct hooks *k = &h->engine->hooks;

	if (on && !k->counts) {
		k->counts = hooks_reserve(COUNTS_BYTES);
		if (!k->counts)
			return -ENOMEM;
	}
	hooks_change(h, HOOK_COUNT, on);
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

/* --- breakpoints */

int hart_break(struct hart *h, uint32_t pc, bool on)
{
	struct hooks *k = &h->engine->hooks;

	if (hooks_breakpoint(k, pc) == on)
		return 0;
	if (!k->breakpoints) {
		k->breakpoints = hooks_reserve(BREAKPOINTS_BYTES);
		if (!k->breakpoints)
			return -ENOMEM;
	}
	k->breakpoints[pc >> 7] ^= UINT64_C(1) << (pc >> 1) % 64;
	/* Nothing has changed there that would speak against translating it again. */
	engine_flush(h, pc & ~1u, 2, false);
	return 0;
}

bool hart_has_breakpoint(const struct hart *h, uint32_t pc)
{
	return hooks_breakpoint(&h->engine->hooks, pc);
}

bool hooks_want_interpreter(const struct hooks *k, uint32_t pc, const struct insn *in)
{
	return hooks_breakpoint(k, pc) || ((k->mask & HOOKS_OF_ACCESSES) && hooks_access_of(in).atomic);
}
