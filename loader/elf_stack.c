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

static int put_loadmap(struct loader *l, const struct elf_image *img)
{
	uint32_t word = img->nr_segs << 16;

	if (flat_write(l->flat, img->loadmap, &word, sizeof(word)) ||
	    flat_write(l->flat, img->loadmap + 4, img->segs, img->nr_segs * sizeof(struct elf_seg)))
		return -EFAULT;
	return 0;
}

/* Where things will lie.  Signed and wide, so that what does not fit ends below the stack. */
struct places {
	int64_t strings, random, exec_map, interp_map, sp;
};

static struct places find_places(const struct loader *l, const struct elf_image *exec,
				 const struct elf_image *interp, uint32_t top, uint32_t below)
{
	struct places p = { .random = 0 };
	int64_t at;

	p.strings = (int64_t)top - ARGS_TAIL - l->args.bytes;
	at = p.strings & ~15;
	if (l->env->random)
		p.random = at -= 16;
	p.exec_map = at = (at - loadmap_size(exec)) & ~7;
	if (interp)
		p.interp_map = at = (at - loadmap_size(interp)) & ~7;
	p.sp = (at - below) & ~15;
	return p;
}

int elf_build_stack(struct loader *l, struct elf_image *exec, struct elf_image *interp,
		    struct mm_layout *lay, uint32_t *sp_out)
{
	uint32_t table = args_table_size(&l->args), aux_bytes, first;
	struct auxv v;
	struct places p;
	int err;

	/* Its values come later, its length is known. */
	fill_auxv(&v, l->env, exec, interp, 0, l->env->random != NULL);
	aux_bytes = v.nr * (uint32_t)sizeof(v.pair[0]);
	p = find_places(l, exec, interp, lay->stack_top, aux_bytes + table);
	if (p.sp < lay->stack_bottom)
		return loader_fail(l, -E2BIG, "arguments and environment do not fit into a stack of %u bytes",
				   lay->stack_top - lay->stack_bottom);

	err = args_put_strings(l, lay->stack_top, &first);
	if (!err && p.random)
		err = flat_write(l->flat, (uint32_t)p.random, l->env->random, 16);
	exec->loadmap = (uint32_t)p.exec_map;
	if (!err)
		err = put_loadmap(l, exec);
	if (!err && interp) {
		interp->loadmap = (uint32_t)p.interp_map;
		err = put_loadmap(l, interp);
	}
	*sp_out = (uint32_t)p.sp;
	if (!err)
		err = args_put_table(l, *sp_out, first, lay);
	if (err)
		return err;
	fill_auxv(&v, l->env, exec, interp, args_execfn(&l->args, first), (uint32_t)p.random);
	return flat_write(l->flat, *sp_out + table, v.pair, aux_bytes);
}
