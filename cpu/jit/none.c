/* SPDX-License-Identifier: MIT
 *
 * In place of the other files here where there is no backend for the host, and with JIT=no: a JIT
 * that cannot be had.  jit_new() says so, nobody ever has a struct jit, and the interpreter runs everything.
 */
#include "cpu/jit/jit.h"

#include <errno.h>

const bool jit_built_in = false;

int jit_new(struct hart *h, const struct jit_config *config)
{
	(void)h;
	(void)config;
	return -ENOSYS;
}

void jit_free(struct jit *j)
{
	(void)j;
}

bool jit_compile(struct jit *j, struct hart *h, uint32_t pc)
{
	(void)j;
	(void)h;
	(void)pc;
	return false;
}

enum run_code jit_run(struct jit *j, struct hart *h, int64_t budget)
{
	(void)j;
	(void)h;
	(void)budget;
	return RUN_LOOKUP;
}

uint32_t jit_guest_pc(struct jit *j, const void *context)
{
	(void)j;
	(void)context;
	return 0;
}

uint32_t jit_cache_used(const struct jit *j)
{
	(void)j;
	return 0;
}

void jit_forget(struct jit *j, uint32_t addr, uint32_t len, bool changed)
{
	(void)j;
	(void)addr;
	(void)len;
	(void)changed;
}

void jit_forget_all(struct jit *j)
{
	(void)j;
}

bool jit_on_fault(void *context, uintptr_t address)
{
	(void)context;
	(void)address;
	return false;
}
