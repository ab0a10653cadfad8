/* SPDX-License-Identifier: MIT
 *
 * The stack as a new program finds it (kernel create_elf_fdpic_tables()), from the top down:
 *
 *	strings (argv, envp, execfn upwards), ending in a zero word at the very top
 *	16 bytes for AT_RANDOM, if asked for: an addition, Linux has none here
 *	loadmap of the executable, below it that of the interpreter: 8-byte aligned
 *	auxv, envp, argv, argc <- sp, 16-byte aligned
 *
 * A loadmap is { u16 version 0, u16 nsegs } and nsegs times { addr, p_vaddr, p_memsz }.
 */
#include "loader/elf_image.h"

#include <errno.h>
#include <string.h>

#define AT_CACHE_FIRST 40u	/* AT_L1I_CACHESIZE up to AT_L3_CACHEGEOMETRY, all 0 */
#define AT_CACHE_LAST 47u
#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif
#define MINSIGSTKSZ_RV32 0x3c0u
#define CLOCK_TICKS 100u
#define AUX_MAX 32u

struct auxv {
	uint32_t pair[AUX_MAX][2];
	uint32_t nr;
};

static void aux(struct auxv *v, uint32_t type, uint32_t value)
{
	v->pair[v->nr][0] = type;
	v->pair[v->nr++][1] = value;
}

static void fill_auxv(struct auxv *v, const struct loader_env *env, const struct elf_image *exec,
		      const struct elf_image *interp, uint32_t execfn, uint32_t random)
{
	v->nr = 0;
	aux(v, AT_SYSINFO_EHDR, 0);
	for (uint32_t type = AT_CACHE_FIRST; type <= AT_CACHE_LAST; type++)
		aux(v, type, 0);
	aux(v, AT_MINSIGSTKSZ, MINSIGSTKSZ_RV32);
	aux(v, AT_HWCAP, env->hwcap);
	aux(v, AT_PAGESZ, FLAT_PAGE_SIZE);
	aux(v, AT_CLKTCK, CLOCK_TICKS);
	aux(v, AT_PHDR, exec->phdr);
	aux(v, AT_PHENT, sizeof(Elf32_Phdr));
	aux(v, AT_PHNUM, exec->file.eh.e_phnum);
	aux(v, AT_BASE, interp ? interp->header : 0);
	aux(v, AT_FLAGS, 0);
	aux(v, AT_ENTRY, exec->entry);
	aux(v, AT_UID, env->uid);
	aux(v, AT_EUID, env->euid);
	aux(v, AT_GID, env->gid);
	aux(v, AT_EGID, env->egid);
	aux(v, AT_SECURE, env->secure);
	if (random)
		aux(v, AT_RANDOM, random);
	aux(v, AT_EXECFN, execfn);
	aux(v, AT_NULL, 0);
}

static uint32_t loadmap_size(const struct elf_image *img)
{
	return 4 + img->nr_segs * (uint32_t)sizeof(struct elf_seg);
}

static int put_loadmap(struct loader *l, struct elf_image *img, uint32_t at)
{
	uint32_t word = img->nr_segs << 16;

	img->loadmap = at;
	if (flat_write(l->flat, at, &word, sizeof(word)) ||
	    flat_write(l->flat, at + 4, img->segs, img->nr_segs * sizeof(struct elf_seg)))
		return -EFAULT;
	return 0;
}

static int too_big(struct loader *l, uint64_t need, const struct mm_layout *lay)
{
	return loader_fail(l, -E2BIG, "arguments and environment do not fit: %llu bytes, stack of %u",
			   (unsigned long long)need, lay->stack_top - lay->stack_bottom);
}

int elf_build_stack(struct loader *l, struct elf_image *exec, struct elf_image *interp,
		    struct mm_layout *lay, uint32_t *sp_out)
{
	struct auxv v = { .nr = 0 };
	uint32_t first, table = args_table_size(&l->args), random = 0, aux_bytes, sp;
	uint64_t need;
	int err;

	/* Everything's size first, with room for each alignment. */
	need = (uint64_t)l->args.bytes + ARGS_TAIL + 15 + (l->env->random ? 16 : 0) + loadmap_size(exec) + 7 +
	       (interp ? loadmap_size(interp) + 7 : 0) + AUX_MAX * 8 + table + 15;
	if (need > lay->stack_top - lay->stack_bottom)
		return too_big(l, need, lay);

	err = args_put_strings(l, lay->stack_top, &first);
	if (err)
		return err;
	sp = first & ~15u;
	if (l->env->random) {
		random = sp -= 16;
		if (flat_write(l->flat, random, l->env->random, 16))
			return -EFAULT;
	}
	sp = (sp - loadmap_size(exec)) & ~7u;
	err = put_loadmap(l, exec, sp);
	if (!err && interp) {
		sp = (sp - loadmap_size(interp)) & ~7u;
		err = put_loadmap(l, interp, sp);
	}
	if (err)
		return err;

	fill_auxv(&v, l->env, exec, interp, args_execfn(&l->args, first), random);
	aux_bytes = v.nr * (uint32_t)sizeof(v.pair[0]);
	sp = (sp - aux_bytes - table) & ~15u;
	err = args_put_table(l, sp, first, lay);
	if (!err)
		err = flat_write(l->flat, sp + table, v.pair, aux_bytes);
	*sp_out = sp;
	return err;
}
