/* SPDX-License-Identifier: MIT
 *
 * Hooks of accesses: which bytes are watched, and asking before an access is made.
 */
#include "cpu/access.h"
#include "cpu/engine.h"
#include "cpu/fp.h"
#include "cpu/hooks.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define WORDS (UINT64_C(1) << 30)
#define CHUNKS (WORDS / WATCH_CHUNK)
/* What is looked up may reach a few words beyond the last one. */
#define WATCHED_BYTES (WORDS + 4096)
#define CHUNKS_BYTES (CHUNKS * sizeof(uint32_t))

struct hooks_access hooks_access_of(const struct insn *in)
{
	struct hooks_access a = { .size = 4 };

	if (in->op == OP_ILLEGAL)
		return (struct hooks_access){ 0 };
	switch (insn_info[in->op].format) {
	case FMT_LOAD: case FMT_FLOAD:
		a.kinds = HART_READS;
		break;
	case FMT_STORE: case FMT_FSTORE:
		a.kinds = HART_WRITES;
		break;
	case FMT_LR:
		a.kinds = HART_READS;
		a.atomic = true;
		break;
	case FMT_AMO:
		a.kinds = in->op == OP_SC_W ? HART_WRITES : HART_READS | HART_WRITES;
		a.atomic = true;
		break;
	default:
		return (struct hooks_access){ 0 };
	}
	switch (in->op) {
	case OP_LB: case OP_LBU: case OP_SB:
		a.size = 1;
		break;
	case OP_LH: case OP_LHU: case OP_SH:
		a.size = 2;
		break;
	case OP_FLD: case OP_FSD:
		a.size = 8;
		break;
	}
	return a;
}

/* --- watched bytes */

static unsigned bits_of(uint32_t kinds)
{
	return (kinds & HART_READS ? 0x0f : 0) | (kinds & HART_WRITES ? 0xf0 : 0);
}

bool hooks_watched(const struct hooks *k, uint32_t addr, uint32_t size, uint32_t kinds)
{
	uint64_t mask = (UINT64_C(1) << size) - 1, words = 0;

	/* Four bits for each word: at most three words, read as one number. */
	mask <<= addr & 3;
	for (uint32_t n = 0; n < 3; n++) {
		uint8_t w = k->watched[((uint64_t)addr >> 2) + n];
		unsigned bytes = (kinds & HART_READS ? w & 15u : 0) | (kinds & HART_WRITES ? (unsigned)w >> 4 : 0);

		words |= (uint64_t)bytes << 4 * n;
	}
	return (words & mask) != 0;
}

uint32_t hart_watched(const struct hart *h, uint32_t addr)
{
	const struct hooks *k = &h->engine->hooks;

	if (!k->watched)
		return 0;
	return (hooks_watched(k, addr, 1, HART_READS) ? HART_READS : 0) |
	       (hooks_watched(k, addr, 1, HART_WRITES) ? HART_WRITES : 0);
}

void hooks_free_watched(struct hooks *k)
{
	if (k->watched)
		munmap(k->watched, WATCHED_BYTES);
	if (k->chunks)
		munmap(k->chunks, CHUNKS_BYTES);
}

static int make_table(struct hooks *k)
{
	if (!k->chunks)
		k->chunks = hooks_reserve(CHUNKS_BYTES);
	if (!k->chunks)
		return -ENOMEM;
	if (!k->watched)
		k->watched = hooks_reserve(WATCHED_BYTES);
	return k->watched ? 0 : -ENOMEM;
}

static void set_chunk_count(struct hooks *k, uint64_t chunk, uint32_t count)
{
	k->watched_count = k->watched_count - k->chunks[chunk] + count;
	k->chunks[chunk] = count;
}

/* Bytes of a word, as a mask of four bits. */
static void watch_bytes(struct hooks *k, uint64_t word, unsigned bytes, unsigned bits)
{
	uint8_t *w = &k->watched[word];
	unsigned mask = bytes | bytes << 4, v = (*w & ~mask) | (bits & mask);
	uint64_t chunk = word / WATCH_CHUNK;

	set_chunk_count(k, chunk, k->chunks[chunk] + (uint32_t)__builtin_popcount(v) - (uint32_t)__builtin_popcount(*w));
	*w = (uint8_t)v;
}

static void watch_chunk(struct hooks *k, uint64_t chunk, unsigned bits)
{
	uint8_t *w = k->watched + chunk * WATCH_CHUNK;

	if (bits)
		memset(w, (int)bits, WATCH_CHUNK);
	else if (k->chunks[chunk] && madvise(w, WATCH_CHUNK, MADV_DONTNEED))
		memset(w, 0, WATCH_CHUNK);
	set_chunk_count(k, chunk, WATCH_CHUNK * (uint32_t)__builtin_popcount(bits));
}

int hart_watch(struct hart *h, uint32_t addr, uint64_t len, uint32_t kinds)
{
	struct hooks *k = &h->engine->hooks;
	uint64_t at = addr, end = at + len;
	unsigned bits = bits_of(kinds);
	int err;

	if (end > UINT64_C(1) << 32)
		end = UINT64_C(1) << 32;
	if (!k->watched && !bits)
		return 0;
	err = make_table(k);
	if (err)
		return err;
	while (at < end) {
		uint64_t chunk = at / 4 / WATCH_CHUNK, next = (chunk + 1) * 4 * WATCH_CHUNK;

		if ((at % (4 * WATCH_CHUNK) == 0 && next <= end) || (!bits && !k->chunks[chunk])) {
			watch_chunk(k, chunk, bits);
			at = next;
			continue;
		}
		for (; at < end && at < next; at = (at | 3) + 1) {
			uint64_t to = end - (at & ~UINT64_C(3));

			watch_bytes(k, at / 4, (15u << (at & 3)) & (to < 4 ? (1u << to) - 1 : 15u), bits);
		}
	}
	/* What watches no more goes with the next hart_run(): a debugger often takes all away and puts it back. */
	if (!(k->mask & HOOK_WATCH))
		k->hit = false;
	if (k->watched_count)
		hooks_change(h, HOOK_WATCH, true);
	return 0;
}

void hooks_settle(struct hart *h)
{
	struct hooks *k = &h->engine->hooks;

	if ((k->mask & HOOK_WATCH) && !k->watched_count)
		hooks_change(h, HOOK_WATCH, false);
}

/* --- asking */

void hart_on_access(struct hart *h, hart_access_fn *fn, void *owner)
{
	struct hooks *k = &h->engine->hooks;

	k->on_access = fn;
	k->access_owner = owner;
	hooks_change(h, HOOK_ACCESS, fn != NULL);
}

bool hooks_ask(struct hart *h, const struct hart_data_access *a)
{
	struct hooks *k = &h->engine->hooks;
	bool fp = h->engine->fp_level != FP_OFF, yes;

	h->access = *a;
	h->regs->pc = a->pc;
	/* It may use floating point, and may look at the flags. */
	if (fp)
		fp_end(h);
	yes = k->on_access(k->access_owner, &h->access);
	if (fp)
		fp_begin(h);
	k->held = !yes;
	return yes;
}

/* Whether an sc.w to the address would store: as the handler finds out. */
static bool will_store(const struct hart *h, uint32_t addr)
{
	uint32_t v;

	return h->resv_valid && h->resv_addr == addr && guest_load_u32(h->base, addr, &v) && v == h->resv_value;
}

bool hooks_before_access(struct hart *h, const struct hart_data_access *a, int op, bool ask)
{
	struct hooks *k = &h->engine->hooks;
	uint32_t changes = h->engine->changes;
	int format = insn_info[op].format;

	k->hit = false;
	if ((format == FMT_LR || format == FMT_AMO) && (a->addr & 3))
		return true;
	if (op == OP_SC_W && !will_store(h, a->addr))
		return true;
	if (ask && k->on_access && (!hooks_ask(h, a) || changes != h->engine->changes))
		return false;
	if (k->watched && hooks_watched(k, a->addr, a->size, a->kinds)) {
		k->hit = true;
		h->access = *a;
	}
	return true;
}
