/* SPDX-License-Identifier: MIT
 *
 * Memory: mmap's flags.
 */
#include "emu/strace/config.h"
#include "emu/strace/internal.h"

enum { MAP_TYPE_ = 0xf, MAP_HUGETLB_ = 0x40000, HUGE_SHIFT = 26 };

LIST(maptype) { { 1, "MAP_SHARED" }, { 2, "MAP_PRIVATE" }, { 3, "MAP_SHARED_VALIDATE" } };
DEFINE(maptype, ENUM, "MAP_???")
LIST(mapbits) {
	{ 0x10, "MAP_FIXED" },
	{ 0x20, "MAP_ANONYMOUS" }, { 0x4000, "MAP_NORESERVE" }, { 0x8000, "MAP_POPULATE" },
	{ 0x10000, "MAP_NONBLOCK" }, { 0x100, "MAP_GROWSDOWN" }, { 0x800, "MAP_DENYWRITE" },
	{ 0x1000, "MAP_EXECUTABLE" }, { 0x2000, "MAP_LOCKED" }, { 0x20000, "MAP_STACK" },
	{ 0x40000, "MAP_HUGETLB" }, { 0x80000, "MAP_SYNC" }, { 0x100000, "MAP_FIXED_NOREPLACE" },
	{ 0x4000000, "MAP_UNINITIALIZED" },
};
DEFINE(mapbits, 0, NULL)

/* The type, then bits; with MAP_HUGETLB the uppermost are the size of a page. */
bool print_mapflags(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t v = c->args[i], huge = v & MAP_HUGETLB_ ? v >> HUGE_SHIFT : 0, bits = v & ~MAP_TYPE_;
	enum strace_xlat style = text_xlat(o);

	if (huge)
		bits &= (1u << HUGE_SHIFT) - 1;
	if (style == XLAT_RAW) {
		text_printf(o, "%#x", v);
		return true;
	}
	if (style == XLAT_VERBOSE)
		text_printf(o, "%#x /* ", v);
	text_plainly(o, &flags_maptype, v & MAP_TYPE_);
	if (bits) {
		text_str(o, "|");
		text_plainly(o, &flags_mapbits, bits);
	}
	if (huge)
		text_printf(o, "|%u<<MAP_HUGE_SHIFT", huge);
	text_str(o, style == XLAT_VERBOSE ? " */" : "");
	return true;
}
