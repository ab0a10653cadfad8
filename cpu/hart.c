/* SPDX-License-Identifier: MIT */
#include "cpu/hart.h"

#include "cpu/engine.h"
#include "cpu/hart_private.h"
#include "cpu/jit/jit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int hart_init(struct hart *h, uint8_t *base)
{
	memset(h, 0, sizeof(*h));
	h->regs = &h->own_regs;
	h->base = base;
	h->host_traps = true;
	h->priv = HART_M;
	h->csr.mcounteren = 7;
	h->csr.mstatus = MSTATUS_FS | MSTATUS_SD;

	/* Large and used from the front: the host gives memory as it fills. */
	h->engine = calloc(1, sizeof(*h->engine));
	if (!h->engine)
		return -ENOMEM;
	engine_init(h->engine);
	return 0;
}

void hart_fini(struct hart *h)
{
	struct hart_engine *e = h->engine;

	if (!e)
		return;
	jit_free(e->jit);
	hooks_free(&e->hooks);
	code_pages_free(&e->code_pages);
	free(e);
	h->engine = NULL;
}

int hart_enable_jit(struct hart *h, const struct jit_config *config)
{
	bool counted = h->engine->hot;
	int err = jit_new(h, config);

	/* Blocks made so far do not count. */
	if (!err && !counted && h->engine->block_count)
		engine_forget_all(h->engine);
	return err;
}

void hart_on_hot(struct hart *h, hart_hot_fn *fn, void *owner)
{
	if (!jit_built_in)
		return;
	h->engine->hot = JIT_HOT;
	h->engine->on_hot = fn;
	h->engine->hot_owner = owner;
}

const char *hart_engines(void)
{
	return jit_built_in ? "jit interp" : "interp";
}

void hart_get_stats(const struct hart *h, struct hart_stats *out)
{
	const struct hart_engine *e = h->engine;

	*out = e->stats;
	out->instructions = h->instret;
	out->cache_used = e->jit ? jit_cache_used(e->jit) : 0;
}

void hart_measure_time(struct hart *h)
{
	h->engine->measure_time = true;
}

uint64_t engine_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void hart_on_translation(struct hart *h, hart_translated_fn *fn, void *owner)
{
	h->engine->on_translation = fn;
	h->engine->translation_owner = owner;
}

uint32_t hart_profile_pc(const struct hart *h, const void *ucontext)
{
	const struct hart_engine *e = h->engine;
	uint32_t pc = e->jit ? jit_guest_pc(e->jit, ucontext) : 0;

	return pc || !e->running ? pc : HART_PC_INTERPRETER;
}

void hart_interrupt(struct hart *h)
{
	__atomic_store_n(&h->engine->interrupted, 1, __ATOMIC_RELAXED);
}

void engine_flush(struct hart *h, uint32_t addr, uint32_t len, bool changed)
{
	struct hart_engine *e = h->engine;
	bool all = addr == 0 && len == 0;

	e->changes++;
	/* Translated code never runs while this is called. */
	if (e->jit && all)
		jit_forget_all(e->jit);
	else if (e->jit && len != 0)
		jit_forget(e->jit, addr, len, changed);
	if (all && !e->running) {
		engine_forget_all(e);
		code_pages_clear(&e->code_pages);
	} else if (all) {
		/* From a bus callback: the records under execution must stay where they are. */
		for (uint32_t i = 0; i < e->block_count; i++)
			engine_make_stale(e, &e->blocks[i]);
		e->reset_wanted = true;
	} else if (len != 0) {
		engine_forget(e, addr, len);
	}
}

void hart_flush(struct hart *h, uint32_t addr, uint32_t len)
{
	engine_flush(h, addr, len, true);
}

void hart_drop_reservation(struct hart *h)
{
	h->resv_valid = false;
}
