/* SPDX-License-Identifier: MIT */
#include "loader/bflt.h"
#include "loader/inspect.h"

#include <time.h>

static void flag_rows(FILE *out, const struct bflt_file *b)
{
	static const struct { uint32_t bit; const char *text; } flags[] = {
		{ BFLT_RAM, "RAM: all of it in one block of RAM" },
		{ BFLT_GOTPIC, "GOTPIC: position-independent, with a GOT" },
		{ BFLT_GZIP, "GZIP: text and data are compressed" },
		{ BFLT_GZDATA, "GZDATA: data is compressed" },
		{ BFLT_KTRACE, "KTRACE: loading it is logged" },
		{ BFLT_L1STK, "L1STK: stack in on-chip memory, which is not there" },
	};
	const char *label = "flags";

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (!(b->flags & flags[i].bit))
			continue;
		inspect_row(out, label, "%s", flags[i].text);
		label = "";
	}
}

/* Whether a relocation of an uncompressed file lies in the text: then it cannot be shared. */
static bool relocates_text(const struct bflt_file *b)
{
	uint8_t w[4096];
	uint32_t left = b->relocs * 4, n;

	for (uint64_t at = b->reloc_start; left > 0; at += n, left -= n) {
		n = left < sizeof(w) ? left : (uint32_t)sizeof(w);
		if (loader_read(b->file, w, n, at))
			return true;
		for (uint32_t i = 0; i < n; i += 4)
			if (((uint32_t)w[i] << 24 | w[i + 1] << 16 | w[i + 2] << 8 | w[i + 3]) <
			    b->text - BFLT_HEADER)
				return true;
	}
	return false;
}

int inspect_bflt(FILE *out, const struct loader_file *file, const struct loader_head *head)
{
	struct inspect_memory mem = { 0, 0 };
	struct bflt_file b;
	bool split = false;
	char why[160];
	int err;

	err = bflt_read(&b, file, head, why, sizeof(why));
	if (err)
		return inspect_verdict(out, err, why, "");
	flag_rows(out, &b);
	if (b.build_date) {
		time_t when = b.build_date;
		struct tm tm;
		char date[32];

		if (gmtime_r(&when, &tm) && strftime(date, sizeof(date), "%Y-%m-%d %H:%M", &tm))
			inspect_row(out, "built", "%s UTC", date);
	}
	inspect_row(out, "entry", "0x%x", b.entry);
	inspect_row(out, "text", "%u bytes", b.text - BFLT_HEADER);
	if (b.flags & (BFLT_RAM | BFLT_GZIP)) {
		inspect_row(out, "", "not shared: it %s", b.flags & BFLT_RAM ? "asks for RAM" :
			    "is compressed");
	} else if (b.flags & BFLT_GZDATA) {
		inspect_row(out, "", "shared if no relocation lies in it");
	} else if (relocates_text(&b)) {
		inspect_row(out, "", "not shared: relocations lie in it (compile with -fpic)");
	} else {
		inspect_row(out, "", "shared by all processes, where the file system can");
		split = true;
	}
	inspect_row(out, "data", "%u bytes", b.data);
	inspect_row(out, "bss", "%u bytes", b.bss);
	inspect_row(out, "stack", "%u bytes, and what the arguments take", b.stack);
	inspect_row(out, "relocations", "%u%s", b.relocs, b.flags & BFLT_GOTPIC ? ", and the GOT" : "");
	inspect_row(out, "loading", "%s", split ?
		    "text from the file; one rwx block for data, bss and stack" :
		    "one rwx block for text, data, bss and stack");
	inspect_row(out, "brk", "from the end of the bss to the stack, in what is left of the last page");
	inspect_row(out, "auxv", "none, and no loadmap");
	inspect_add(&mem, bflt_block(&b, b.stack, split));
	inspect_memory_rows(out, &mem);
	return inspect_verdict(out, 0, "", "");
}
