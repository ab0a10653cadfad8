/* SPDX-License-Identifier: MIT
 *
 * Names of a program's functions, by address.
 */
#ifndef EMU_DEBUG_SYMBOLS_H
#define EMU_DEBUG_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

struct symbols;

/*
 * Reads the symbol table of an ELF file of the host, whose executable segment is in the guest at
 * start_code.  NULL: there is no such file, no table or no memory; the functions below take that.
 */
struct symbols *symbols_read(const char *path, uint32_t start_code);
/*
 * The same of a file that is in memory already (which it may change), whose addresses are the guest's if `add` is added to them.
 * A file without a symbol table, as stripped libraries are, has the names it exports.
 */
struct symbols *symbols_of(void *data, size_t size, uint32_t add);
/*
 * Adds to *s (which may be NULL) those of `from`, with "PREFIX:" before their names if prefix is not NULL.  Without memory for
 * all, *s stays as it is.
 */
void symbols_merge(struct symbols **s, const struct symbols *from, const char *prefix);
void symbols_free(struct symbols *s);

/* The function that the guest address lies in, NULL: none known; *offset bytes from its beginning. */
const char *symbols_find(const struct symbols *s, uint32_t addr, uint32_t *offset);

#endif
