/* SPDX-License-Identifier: MIT */
#include "cpu/code_pages.h"

#include "cpu/access.h"
#include "cpu/engine.h"

#include <stdlib.h>
#include <string.h>

/* What is compared at a time; changes are told in multiples of it. */
#define PIECE 64u

/* Bytes of memory; what is not there reads as 0. */
static void read_piece(const struct hart *h, uint32_t addr, uint8_t *out)
{
	for (uint32_t k = 0; k < PIECE; k += 8) {
		uint64_t v = 0;

		guest_load_u64(h->base, addr + k, &v);
		memcpy(out + k, &v, 8);
	}
}

static struct code_page *find(struct code_pages *c, uint32_t page)
{
	for (uint32_t i = c->hash[page % CODE_PAGES_HASH]; i; i = c->pages[i - 1].next) {
		if (c->pages[i - 1].page == page)
			return &c->pages[i - 1];
	}
	return NULL;
}

static void add(struct hart *h, uint32_t page)
{
	struct code_pages *c = &h->engine->code_pages;
	struct code_page *p;

	if (c->count == c->room) {
		uint32_t room = c->room ? 2 * c->room : 16;

		p = realloc(c->pages, room * sizeof(*p));
		if (!p) {
			c->incomplete = true;
			return;
		}
		c->pages = p;
		c->room = room;
	}
	p = &c->pages[c->count];
	p->page = page;
	p->mixed = false;
	p->next = c->hash[page % CODE_PAGES_HASH];
	c->hash[page % CODE_PAGES_HASH] = ++c->count;
	for (uint32_t k = 0; k < sizeof(p->copy); k += PIECE)
		read_piece(h, (page << 12) + k, p->copy + k);
}

/* Whether memory at [addr, addr+len), within the page, is as in its copy. */
static bool same(struct hart *h, const struct code_page *p, uint32_t addr, uint32_t len)
{
	uint32_t at = (addr & 4095) & ~(PIECE - 1), end = (addr & 4095) + len;
	uint8_t now[PIECE];

	for (; at < end; at += PIECE) {
		read_piece(h, (p->page << 12) + at, now);
		if (memcmp(now, p->copy + at, PIECE) != 0)
			return false;
	}
	return true;
}

void code_pages_note(struct hart *h, uint32_t pc, uint32_t bytes)
{
	struct code_pages *c = &h->engine->code_pages;

	if (!c->on)
		return;
	while (bytes) {
		uint32_t here = 4096 - (pc & 4095);
		struct code_page *p = find(c, pc >> 12);

		if (here > bytes)
			here = bytes;
		if (!p)
			add(h, pc >> 12);
		else if (!p->mixed && !same(h, p, pc, here))
			p->mixed = true;
		pc += here;
		bytes -= here;
	}
}

/* Compares a page; what has changed is forgotten and copied anew. */
static void compare(struct hart *h, uint32_t index)
{
	struct code_page *p = &h->engine->code_pages.pages[index];
	uint32_t base = p->page << 12;
	uint8_t now[PIECE];

	if (p->mixed)
		hart_flush(h, base, 4096);
	p->mixed = false;
	for (uint32_t at = 0; at < 4096; at += PIECE) {
		read_piece(h, base + at, now);
		if (memcmp(now, p->copy + at, PIECE) == 0)
			continue;
		memcpy(p->copy + at, now, PIECE);
		hart_flush(h, base + at, PIECE);
	}
}

void code_pages_fence(struct hart *h)
{
	struct code_pages *c = &h->engine->code_pages;

	if (!c->on || c->incomplete) {
		hart_flush(h, 0, 0);
		c->on = true;
		c->incomplete = false;
		return;
	}
	for (uint32_t i = 0; i < c->count; i++)
		compare(h, i);
}

void code_pages_clear(struct code_pages *c)
{
	c->count = 0;
	c->incomplete = false;
	memset(c->hash, 0, sizeof(c->hash));
}

void code_pages_free(struct code_pages *c)
{
	free(c->pages);
}
