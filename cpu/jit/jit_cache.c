/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE	/* mremap() */
#include "cpu/jit/jit_private.h"

#include <errno.h>
#include <sys/mman.h>

#define TABLE_BYTES (UINT64_C(8) << 30)
#define TABLE_ADDRESS UINT64_C(0x60000000)	/* behind where MAP_32BIT begins */

/* Room for one more in an array; its address, or NULL. */
static void *grow(void **array, uint32_t *count, uint32_t *room, size_t size, uint32_t more)
{
	if (*count + more > *room) {
		uint32_t wanted = 2 * (*count + more) + 64;
		void *p = realloc(*array, wanted * size);

		if (!p)
			return NULL;
		*array = p;
		*room = wanted;
	}
	*count += more;
	return (char *)*array + (*count - more) * size;
}

#define GROW(j, name, more) \
	grow((void **)&(j)->name, &(j)->name##_count, &(j)->name##_room, sizeof(*(j)->name), more)

void jit_reset_stack(struct jit *j)
{
	uint64_t *bottom = (uint64_t *)(void *)(j->stack + JIT_STACK_SIZE) - 2;

	j->stack_stale = false;
	*bottom = jit_address(j, j->return_bottom);
	j->context.jit_sp = bottom;
	j->code.h->engine->code_killed = true;
}

/*
 * The cache's memory, seen twice: mremap() of no bytes maps what is shared once more.  It is no memory file
 * because perf(1) looks for names in its map only where memory is anonymous.
 */
static int map_code(struct jit *j)
{
	const int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE | MAP_32BIT;
	void *p = mmap(NULL, j->size, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (p == MAP_FAILED)
		return -ENOMEM;
	j->rx = p;
	p = mremap(j->rx, 0, j->size, MREMAP_MAYMOVE);
	if (p == MAP_FAILED)
		return -ENOMEM;
	j->rw = p;
	/* From here on this view is the other's opposite. */
	return mprotect(j->rx, j->size, PROT_READ | PROT_EXEC) ? -errno : 0;
}

/* If possible at an address of 31 bits: it can then be part of an instruction. */
static uint32_t *map_table(void)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	void *p = mmap((void *)TABLE_ADDRESS, TABLE_BYTES, PROT_READ | PROT_WRITE, flags | MAP_FIXED_NOREPLACE, -1, 0);

	if (p == MAP_FAILED)
		p = mmap(NULL, TABLE_BYTES, PROT_READ | PROT_WRITE, flags, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

int jit_cache_new(struct jit *j)
{
	void *p;
	int err;

	j->size = j->config.cache_bytes;
	err = map_code(j);
	if (err)
		return err;
	j->table = map_table();
	if (!j->table)
		return -ENOMEM;
	p = mmap(NULL, JIT_STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return -ENOMEM;
	j->stack = p;
	if (mprotect(j->stack, JIT_STACK_GUARD, PROT_NONE) != 0)
		return -errno;
	host_prologue(j);
	j->used = j->prologue;
	jit_reset_stack(j);
	return 0;
}

void jit_cache_free(struct jit *j)
{
	if (j->stack)
		munmap(j->stack, JIT_STACK_SIZE);
	if (j->table)
		munmap(j->table, TABLE_BYTES);
	if (j->rx)
		munmap(j->rx, j->size);
	if (j->rw)
		munmap(j->rw, j->size);
	free(j->regions);
	free(j->faults);
	free(j->entries);
	free(j->exits);
	free(j->sources);
	free(j->refs);
	free(j->places);
}

struct jit_fault *jit_add_fault(struct jit *j)
{
	return GROW(j, faults, 1);
}

struct jit_exit *jit_add_exit(struct jit *j)
{
	return GROW(j, exits, 1);
}

void jit_add_entry(struct jit *j, uint32_t pc, const uint8_t *p)
{
	struct jit_entry *e = GROW(j, entries, 1);

	/* Without it the place is merely not found. */
	if (e)
		*e = (struct jit_entry){ pc, jit_offset(j, p) };
}

void jit_add_place(struct jit *j, uint32_t pc, const uint8_t *p)
{
	struct jit_entry *e = GROW(j, places, 1);

	/* Without it a profile is less exact. */
	if (e)
		*e = (struct jit_entry){ pc, jit_offset(j, p) };
}

static bool add_source(struct jit *j, struct hart *h, uint32_t pc, uint32_t bytes, uint32_t region)
{
	struct jit_source *s = GROW(j, sources, 1);

	if (!s)
		return false;
	*s = (struct jit_source){ pc, bytes };
	h->engine->stats.region_bytes += bytes;
	code_pages_note(h, pc, bytes);
	for (uint32_t page = pc >> 12; page <= (pc + bytes - 1) >> 12; page++) {
		uint32_t *head = &j->page_hash[page % JIT_PAGE_HASH];
		struct jit_page_ref *ref;

		/* Blocks of a region come in a row. */
		if (*head && j->refs[*head - 1].page == page && j->refs[*head - 1].region == region)
			continue;
		ref = GROW(j, refs, 1);
		if (!ref)
			return false;
		*ref = (struct jit_page_ref){ page, region, *head };
		*head = j->refs_count;
		j->has_code[page / 64] |= UINT64_C(1) << page % 64;
	}
	return true;
}

bool jit_publish(struct jit *j, const struct region *r, const struct jit_region *made)
{
	uint32_t index = j->regions_count;
	struct jit_region *m = GROW(j, regions, 1);

	if (!m)
		return false;
	*m = *made;
	m->source = j->sources_count;
	for (uint32_t i = 0; i < r->order_count; i++) {
		const struct region_block *b = &r->blocks[r->order[i]];
		const struct region_insn *last = region_last(r, b);

		if (!add_source(j, j->code.h, b->pc, last->pc + last->in.len - b->pc, index)) {
			j->regions_count--;
			return false;
		}
	}
	m->source_count = j->sources_count - m->source;
	for (uint32_t i = m->entry; i < m->entry + m->entry_count; i++) {
		uint32_t *slot = &j->table[j->entries[i].pc >> 1];

		if (!*slot)
			*slot = (uint32_t)jit_address(j, j->entries[i].offset);
	}
	return true;
}

struct jit_region *jit_region_at(struct jit *j, uint32_t offset)
{
	uint32_t lo = 0, hi = j->regions_count;

	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (j->regions[mid].start <= offset)
			lo = mid;
		else
			hi = mid;
	}
	if (lo == hi || offset < j->regions[lo].start || offset >= j->regions[lo].end)
		return NULL;
	return &j->regions[lo];
}

void jit_link(struct jit *j, uint32_t exit)
{
	struct jit_exit *x = &j->exits[exit];
	uint32_t address = j->table[x->pc >> 1];
	struct jit_region *target;

	if (!address || x->linked)
		return;
	target = jit_region_at(j, address - (uint32_t)(uintptr_t)j->rx);
	if (!target)
		return;
	host_relink(j, x->site, address - (uint32_t)(uintptr_t)j->rx);
	x->linked = true;
	x->next = target->exits_in;
	target->exits_in = exit + 1;
	j->code.h->engine->stats.links++;
}

/* --- forgetting */

static void kill_region(struct jit *j, struct jit_region *r)
{
	r->dead = true;
	for (uint32_t i = r->entry; i < r->entry + r->entry_count; i++) {
		uint32_t *slot = &j->table[j->entries[i].pc >> 1];

		if (*slot == (uint32_t)jit_address(j, j->entries[i].offset))
			*slot = 0;
	}
	for (uint32_t i = r->exits_in; i; i = j->exits[i - 1].next) {
		struct jit_exit *x = &j->exits[i - 1];

		host_relink(j, x->site, x->unlinked);
		x->linked = false;
	}
	r->exits_in = 0;
	/* Calls may still be waiting to come back to it. */
	jit_reset_stack(j);
	j->code.h->engine->stats.regions_killed++;
}

static bool region_overlaps(const struct jit *j, const struct jit_region *r, uint32_t addr, uint32_t len)
{
	for (uint32_t i = r->source; i < r->source + r->source_count; i++) {
		const struct jit_source *s = &j->sources[i];

		if (s->pc - addr < len || addr - s->pc < s->bytes)
			return true;
	}
	return false;
}

/* A translation that was there for so many instructions was worth it, whatever becomes of its page. */
#define WORTH 200000

/* Translations of code in the page were forgotten, all of them made after instret since. */
static void note_change(struct jit *j, uint32_t page, uint64_t since)
{
	uint8_t *kills = &j->page_kills[page % JIT_PAGE_HASH];

	if (j->code.h->instret - since >= WORTH) {
		*kills = 0;
		j->page_patience[page % JIT_PAGE_HASH] = 0;
		return;
	}
	if (*kills < 10)
		++*kills;
	j->page_patience[page % JIT_PAGE_HASH] = (uint16_t)((1u << *kills) - 2);
}

static void forget_in_page(struct jit *j, uint32_t page, uint32_t addr, uint32_t len, bool changed)
{
	uint32_t *p = &j->page_hash[page % JIT_PAGE_HASH];
	uint64_t oldest = UINT64_MAX;
	bool left = false;

	while (*p) {
		struct jit_page_ref *ref = &j->refs[*p - 1];
		struct jit_region *r = &j->regions[ref->region];

		if (ref->page == page && !r->dead && region_overlaps(j, r, addr, len)) {
			kill_region(j, r);
			if (r->made < oldest)
				oldest = r->made;
		}
		if (r->dead) {
			*p = ref->next;
		} else {
			left |= ref->page == page;
			p = &ref->next;
		}
	}
	if (oldest != UINT64_MAX && changed)
		note_change(j, page, oldest);
	if (!left)
		j->has_code[page / 64] &= ~(UINT64_C(1) << page % 64);
}

void jit_forget(struct jit *j, uint32_t addr, uint32_t len, bool changed)
{
	uint64_t last = ((uint64_t)addr + len - 1) >> 12;

	if (last > 0xfffff)
		last = 0xfffff;
	for (uint64_t page = addr >> 12; page <= last; page++) {
		uint64_t bits = j->has_code[page / 64] >> page % 64;

		if (!bits) {
			page |= 63;
			continue;
		}
		page += (unsigned)__builtin_ctzll(bits);
		if (page <= last)
			forget_in_page(j, (uint32_t)page, addr, len, changed);
	}
}

void jit_forget_all(struct jit *j)
{
	for (uint32_t i = 0; i < j->entries_count; i++)
		j->table[j->entries[i].pc >> 1] = 0;
	j->used = j->prologue;
	host_hooks(j);
	j->regions_count = j->faults_count = j->entries_count = j->exits_count = 0;
	j->sources_count = j->refs_count = j->places_count = 0;
	memset(j->page_hash, 0, sizeof(j->page_hash));
	memset(j->has_code, 0, sizeof(j->has_code));
	jit_reset_stack(j);
	j->code.h->engine->stats.regions_flushes++;
}
