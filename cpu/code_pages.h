/* SPDX-License-Identifier: MIT
 *
 * Private to cpu/: what fence.i has to look at.
 *
 * fence.i does not say which code was changed.  So both engines note the pages they translate
 * from, a copy of each is kept, and fence.i compares: it costs as much as there are pages with
 * translated code (a fraction of a microsecond each), and translations are lost only
 * where bytes have changed.  Programs that never execute fence.i pay nothing: noting begins with
 * the first one, which forgets everything.
 */
#ifndef CPU_CODE_PAGES_H
#define CPU_CODE_PAGES_H

#include <stdbool.h>
#include <stdint.h>

struct hart;

#define CODE_PAGES_HASH 1024u

struct code_page {
	uint32_t page;		/* address >> 12 */
	uint32_t next;		/* with the same hash; index + 1, 0: none */
	bool mixed;		/* something was translated that is not what the copy has */
	uint8_t copy[4096];
};

struct code_pages {
	bool on;
	bool incomplete;	/* no memory for one: fence.i forgets everything */
	struct code_page *pages;
	uint32_t count, room;
	uint32_t hash[CODE_PAGES_HASH];
};

/* [pc, pc+bytes) has been translated as it now is. */
void code_pages_note(struct hart *h, uint32_t pc, uint32_t bytes);
/* fence.i: calls hart_flush() for what has changed since. */
void code_pages_fence(struct hart *h);
/* There are no translations any more. */
void code_pages_clear(struct code_pages *c);
void code_pages_free(struct code_pages *c);

#endif
