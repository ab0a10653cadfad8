/* SPDX-License-Identifier: MIT
 *
 * A bFLT program into memory (kernel fs/binfmt_flat.c).  One anonymous block holds text, data,
 * bss, what is left to brk(2), and the stack.  A file that does not ask for RAM and whose text
 * needs no relocation shares its text with other processes, where its source allows that.
 * There is no auxv; only sp and pc are set at entry.
 */
#include "loader/bflt.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static uint32_t align_up(uint32_t n, uint32_t to)
{
	return (n + to - 1) & ~(to - 1);
}

/* The header's stack, and what the arguments take (kernel load_flat_binary()). */
static uint32_t stack_size(const struct loader *l, const struct bflt_file *b)
{
	uint32_t args = l->args.bytes + ARGS_TAIL + args_table_size(&l->args) - 4;

	return align_up(b->stack + args, BFLT_STACK_ALIGN);
}

static int map_text(struct loader *l, const struct bflt_file *b, uint32_t *addr)
{
	struct mm_map map = {
		.len = b->text, .prot = PROT_READ | PROT_EXEC, .flags = MAP_PRIVATE,
		.source = b->file->source, .readable = true,
	};
	int err = mm_mmap(l->space, &map, addr);

	if (!err && *addr % 4 != 0) {
		mm_munmap(l->space, *addr, map.len);
		err = -EINVAL;
	}
	return err;
}

static int read_failed(struct loader *l, int err, const char *why)
{
	if (err == -ENOEXEC)
		return loader_fail(l, err, "bFLT: %s", why);
	return loader_fail(l, err, "cannot be read: %s", strerror(-err));
}

/* Text (unless split) and data with the relocation table behind it. */
static int read_parts(struct loader *l, const struct bflt_file *b, const struct bflt_place *at)
{
	const char *why = "";
	int err = 0;

	if (b->flags & BFLT_GZIP) {
		/* One stream: text and data adjoin at first; then the data moves to its alignment. */
		uint32_t len = b->text - BFLT_HEADER + b->packed;
		uint8_t *data;

		err = loader_clear(l, at->text, BFLT_HEADER);
		if (!err)
			err = bflt_inflate(l, b->file, BFLT_HEADER, at->text + BFLT_HEADER, len, &why);
		if (err)
			return read_failed(l, err, why);
		data = flat_span_write(l->flat, at->text + b->text, at->data - (at->text + b->text) + b->packed);
		if (!data)
			return -EFAULT;
		memmove(data + (at->data - (at->text + b->text)), data, b->packed);
		return 0;
	}
	if (!at->split)
		err = loader_read_guest(l, b->file, at->text, b->text, 0);
	if (!err && (b->flags & BFLT_GZDATA))
		err = b->packed ? bflt_inflate(l, b->file, b->text, at->data, b->packed, &why) : 0;
	else if (!err)
		err = loader_read_guest(l, b->file, at->data, b->packed, b->text);
	return err ? read_failed(l, err, why) : 0;
}

/* Block, text, data, relocations.  -ETXTBSY: cannot be split. */
static int place(struct loader *l, const struct bflt_file *b, uint32_t stack, struct bflt_place *at)
{
	uint64_t len = bflt_block(b, stack, at->split);
	uint32_t prot = PROT_READ | PROT_WRITE | PROT_EXEC;
	int err;

	if (at->split) {
		err = map_text(l, b, &at->text);
		if (err)
			return -ETXTBSY;
	}
	err = loader_map(l, len, prot, &at->block);
	if (err) {
		loader_fail(l, err, "bFLT: no room for %llu contiguous bytes", (unsigned long long)len);
		goto unmap_text;
	}
	at->block_len = (uint32_t)len;
	if (!at->split)
		at->text = at->block;
	at->data = at->split ? at->block : align_up(at->block + b->text, BFLT_DATA_ALIGN);
	err = read_parts(l, b, at);
	if (!err)
		err = bflt_relocate(l, b, at);
	if (err)
		goto unmap_block;
	/* bss, room for the break, and the stack; the relocation table goes with it. */
	return loader_clear(l, at->data + b->data, at->block + at->block_len - (at->data + b->data));

unmap_block:
	mm_munmap(l->space, at->block, at->block_len);
unmap_text:
	if (at->split)
		mm_munmap(l->space, at->text, b->text);
	return err;
}

static int build(struct loader *l, const struct bflt_file *b, const struct bflt_place *at, uint32_t stack,
		 struct loader_image *out)
{
	struct mm_layout *lay = mm_layout(l->space);
	uint32_t end = at->block + at->block_len, first, sp;
	int err;

	memset(lay, 0, sizeof(*lay));
	lay->start_code = at->text + BFLT_HEADER;
	lay->end_code = at->text + b->text;
	lay->start_data = at->data;
	lay->end_data = at->data + b->data;
	lay->start_brk = at->data + b->data + b->bss;
	lay->brk = align_up(lay->start_brk, 4);
	lay->end_brk = end - stack;
	lay->stack_bottom = end - stack;
	lay->stack_top = end;

	/* The word above the strings' own tail is the kernel's too: it starts 4 bytes below the end. */
	err = args_put_strings(l, end - 4, &first);
	if (err)
		return err;
	sp = ((first & ~3u) - args_table_size(&l->args)) & ~(BFLT_STACK_ALIGN - 1);
	/* With a stack of 0 bytes the tables can reach below: nothing of the program may be written to. */
	if (sp < lay->start_brk)
		return loader_fail(l, -E2BIG, "arguments and environment do not fit into a stack of %u bytes",
				   stack);
	err = args_put_table(l, sp, first, lay);
	if (err)
		return err;
	lay->start_stack = sp;
	out->pc = at->text + b->entry;
	out->sp = sp;
	out->flat = true;
	return 0;
}

int bflt_load(struct loader *l, const struct loader_file *file, const struct loader_head *head,
	      struct loader_image *out)
{
	struct bflt_place at = { .split = false };
	struct bflt_file b;
	uint32_t stack;
	char why[160];
	int err;

	err = bflt_read(&b, file, head, why, sizeof(why));
	if (err)
		return loader_fail(l, err, "%s", why);
	if (b.flags & BFLT_KTRACE)
		loader_fail(l, 0, "loading (bFLT, KTRACE)");
	stack = stack_size(l, &b);
	at.split = file->source && !(b.flags & (BFLT_RAM | BFLT_GZIP));
	err = place(l, &b, stack, &at);
	if (err == -ETXTBSY) {
		at.split = false;
		err = place(l, &b, stack, &at);
	}
	if (!err)
		err = build(l, &b, &at, stack, out);
	out->too_late = err != 0;
	return err;
}
