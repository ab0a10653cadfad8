/* SPDX-License-Identifier: MIT
 *
 * What is around the calls: the files that are mapped, and tasks that come and go.
 */
#include "tests/model/model.h"

/* --- Files: on a disk (they can be read only), or in memory --- */

static struct model_file *of(struct mm_source *s)
{
	return (struct model_file *)(void *)((char *)s - offsetof(struct model_file, source));
}

static unsigned file_capabilities(struct mm_source *s)
{
	return MM_CAN_COPY |
	       (of(s)->memory ? MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE | MM_CAN_EXEC : 0);
}

static int file_direct(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr)
{
	const struct model_file *f = of(s);

	(void)shared;
	if (!f->memory || offset + len > page_up(f->bytes))
		return -ENOSYS;
	*addr = f->addr + (uint32_t)offset;
	return 0;
}

static uint8_t text_byte(const struct model_file *f, uint64_t at)
{
	return (uint8_t)(at * 7 + (at >> 12) + f->text + 1);
}

/* In bites, so that the caller must go on asking. */
static int64_t file_read(struct mm_source *s, void *dst, uint32_t len, uint64_t offset)
{
	const struct model_file *f = of(s);
	uint8_t *out = dst;
	uint32_t n = 0;

	for (; n < len && n < 9000 && offset + n < f->bytes; n++)
		out[n] = text_byte(f, offset + n);
	return n;
}

static void file_get(struct mm_source *s)
{
	of(s)->refs++;
}

static void file_put(struct mm_source *s)
{
	of(s)->refs--;
}

static const struct mm_source_ops file_ops = {
	.capabilities = file_capabilities, .direct = file_direct, .read = file_read,
	.get = file_get, .put = file_put,
};

/* The file gets another length and text; a memory file in pages it has got for it. False: there are none. */
static bool rewrite(int file, uint32_t bytes)
{
	struct model_file *f = &model.files[file];
	uint32_t pages = page_up(bytes) / PG, addr = 0;

	if (f->memory && pages) {
		int err = mm_pages_get(model.mm, pages, &addr);

		if (err) {
			must_eq(err, ref_too_large(pages) ? -EFBIG : -ENOMEM);
			ref_refused(pages);
			return false;
		}
		ref_hold(addr, addr + pages * PG, SOURCE + file);
	}
	f->bytes = bytes;
	f->addr = addr;
	f->text++;
	for (uint32_t i = 0; f->memory && i < pages; i++) {
		uint8_t *g = flat_span_write(model.flat, addr + i * PG, PG);

		must(g);
		for (uint32_t b = 0; b < PG; b++)
			g[b] = i * PG + b < bytes ? text_byte(f, i * PG + b) : 0;
	}
	return true;
}

/*
 * A file is cut and written anew.  What is mapped of it stays as it was, in pages that only the
 * mappings hold from now on, and is not shared with later mappings.
 */
void file_change(int file)
{
	struct model_file was = model.files[file];

	trace("file %d is rewritten\n", file);
	if (!rewrite(file, rnd(8) ? rnd(10 * PG) : 0))
		return;
	mm_source_moved(&model.files[file].source);
	for (int i = 0; i < MAPPINGS; i++)
		if (model.regions[i].source == file)
			model.regions[i].source = NOTHING;
	if (was.memory && was.bytes) {
		mm_pages_put(model.mm, was.addr, page_up(was.bytes) / PG);
		ref_release(was.addr, was.addr + page_up(was.bytes));
	}
}

void files_start(void)
{
	for (int i = 0; i < FILES; i++) {
		struct model_file *f = &model.files[i];

		*f = (struct model_file){ .source = { .ops = &file_ops, .kind = MM_REGULAR }, .memory = i % 2 };
		must(rewrite(i, 1 + rnd(10 * PG)) || f->memory);
	}
}

void files_end(void)
{
	for (int i = 0; i < FILES; i++) {
		struct model_file *f = &model.files[i];

		must_eq(f->refs, 0);
		must_eq(f->source.mappings, 0);
		if (f->memory && f->bytes)
			mm_pages_put(model.mm, f->addr, page_up(f->bytes) / PG);
	}
}

/* --- Tasks --- */

static int blank_space(void)
{
	for (int i = 0; i < SPACES; i++) {
		struct space *sp = &model.spaces[i];

		if (sp->tasks)
			continue;
		*sp = (struct space){ .tasks = 1 };
		must_eq(mm_space_new(model.mm, &sp->s), 0);
		mm_space_owner(sp->s, 100 + i, "model");
		return i;
	}
	model_fail("no space is left");
}

static void leave(int space)
{
	struct space *sp = &model.spaces[space];

	mm_space_put(sp->s);
	if (--sp->tasks)
		return;
	for (int i = 0; i < MAPPINGS; i++)
		if (model.maps[i].live && model.maps[i].space == space)
			ref_unmap(&model.maps[i]);
}

int model_any(void)
{
	int from = (int)rnd(TASKS);

	for (int i = 0; i < TASKS; i++)
		if (model.task[(from + i) % TASKS] != NOTHING)
			return (from + i) % TASKS;
	return NOTHING;
}

void model_boot(void)
{
	model.task[0] = blank_space();
}

/* The child lives in its parent's space until it execs or exits; a thread never leaves it. */
void model_vfork(int task)
{
	for (int i = 0; i < TASKS; i++) {
		struct space *sp = &model.spaces[model.task[task]];

		if (model.task[i] != NOTHING)
			continue;
		trace("task %d forks %d\n", task, i);
		model.task[i] = model.task[task];
		sp->tasks++;
		must(mm_space_get(sp->s) == sp->s);
		return;
	}
}

/* What a loader maps: text, which others may share, data of its own, memory with stack and heap in it. */
static bool load(int space)
{
	struct space *sp = &model.spaces[space];
	int program = (int)rnd(FILES);
	uint32_t pages = page_up(model.files[program].bytes) / PG, heap;

	if (pages && !call_file(space, program, 0, pages * PG, RO))
		return false;
	if (pages && !call_file(space, program, rnd(pages), 1 + rnd(2 * PG), OWN))
		return false;
	if (!call_anon(space, 1 + rnd(6 * PG), true))
		return false;
	heap = ref_next(space, NULL)->start;
	sp->start_brk = sp->brk = heap;
	sp->end_brk = heap + rnd(4 * PG);
	mm_layout(sp->s)->start_brk = mm_layout(sp->s)->brk = heap;
	mm_layout(sp->s)->end_brk = sp->end_brk;
	return true;
}

void model_exec(int task)
{
	int fresh = blank_space(), old = model.task[task];

	trace("task %d execs: from space %d to %d\n", task, old, fresh);
	/* The old program is given up only when the new one is complete. */
	if (!load(fresh)) {
		leave(fresh);
		return;
	}
	model.task[task] = fresh;
	leave(old);
}

void model_exit(int task)
{
	int space = model.task[task];

	trace("task %d exits\n", task);
	for (int i = 0; i < MAPPINGS; i++)
		if (model.maps[i].live && model.maps[i].space == space)
			check_contents(&model.maps[i]);
	leave(space);
	model.task[task] = NOTHING;
}
