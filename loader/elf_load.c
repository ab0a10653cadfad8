/* SPDX-License-Identifier: MIT
 *
 * An ELF program into memory: executable, interpreter, stack, in this order, since it decides
 * how memory looks afterwards (kernel fs/binfmt_elf_fdpic.c load_elf_fdpic_binary()).
 *
 * Where Linux passes its point of no return and then kills the program (nothing to load, no
 * memory, a stack too small for its arguments) the caller gets an errno here, and is told.
 */
#include "loader/elf_image.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static unsigned how(const struct loader *l, unsigned as)
{
	return as | (l->env->ignore_fdpic ? ELF_PLAIN : 0);
}

static int refused(struct loader *l, const char *name, int err, const struct elf_why *why)
{
	if (name == l->path)
		return loader_fail(l, err, "%s%s%s", why->what, *why->hint ? ": " : "", why->hint);
	return loader_fail(l, err, "interpreter %s: %s%s%s", name, why->what, *why->hint ? ": " : "",
			   why->hint);
}

/* Opens and reads the interpreter called name.  On success file and *img are the caller's. */
static int open_interp(struct loader *l, const char *name, struct loader_file *file, struct elf_image *img)
{
	struct loader_head head;
	struct elf_why why;
	int err;

	if (!l->env->open)
		return loader_fail(l, -ENOENT, "interpreter %s not found", name);
	err = l->env->open(l->env->owner, name, file);
	if (err)
		return loader_fail(l, err, "interpreter %s: %s", name, strerror(-err));
	err = loader_read_head(file, &head);
	if (err) {
		loader_fail(l, err, "interpreter %s cannot be read: %s", name, strerror(-err));
		goto fail;
	}
	if (head.have < LOADER_PREP) {
		char what[128];

		loader_describe(&head, what, sizeof(what));
		err = loader_fail(l, -ENOEXEC, "interpreter %s: too short (%s)", name, what);
		goto fail;
	}
	img->name = name;
	err = elf_read(&img->file, file, &head, how(l, ELF_INTERP), &why);
	if (err) {
		refused(l, name, err, &why);
		goto fail;
	}
	err = elf_plan(&img->file, &why);
	if (err) {
		refused(l, name, err, &why);
		elf_free(&img->file);
		goto fail;
	}
	return 0;
fail:
	loader_close(file);
	return err;
}

static int map_stack(struct loader *l, const struct elf_image *exec, const struct elf_image *interp)
{
	struct mm_layout *lay = mm_layout(l->space);
	bool exec_stack;
	uint64_t size = elf_stack(&exec->file, interp ? &interp->file : NULL, l->env->stack_size,
				  &exec_stack);
	int err;

	err = loader_map(l, size, PROT_READ | PROT_WRITE | (exec_stack ? PROT_EXEC : 0), &lay->stack_bottom);
	if (err)
		return loader_fail(l, err, "no room for a stack of %llu bytes", (unsigned long long)size);
	lay->stack_top = lay->stack_bottom + (uint32_t)size;
	/* The break begins where the stack's block does and has no room to move in. */
	lay->start_brk = lay->brk = lay->end_brk = lay->stack_bottom;
	return 0;
}

/* start_code and start_data: the first segment of each kind. */
static void note_layout(const struct elf_image *exec, struct mm_layout *lay)
{
	bool code = false, data = false;

	for (uint32_t i = 0; i < exec->file.eh.e_phnum; i++) {
		const Elf32_Phdr *ph = &exec->file.ph[i];
		uint32_t addr = ph->p_type == PT_LOAD ? elf_address(exec, ph->p_vaddr, ph->p_memsz) : 0;

		if (!addr)
			continue;
		if ((ph->p_flags & PF_X) && !code) {
			lay->start_code = addr;
			lay->end_code = addr + ph->p_memsz;
			code = true;
		} else if (!(ph->p_flags & PF_X) && !data) {
			lay->start_data = addr;
			lay->end_data = addr + ph->p_memsz;
			data = true;
		}
	}
}

static int build(struct loader *l, struct elf_image *exec, struct elf_image *interp, struct loader_image *out)
{
	struct mm_layout *lay = mm_layout(l->space);
	int err;

	memset(lay, 0, sizeof(*lay));
	err = elf_map(l, exec);
	if (!err && interp)
		err = elf_map(l, interp);
	if (!err)
		err = map_stack(l, exec, interp);
	if (!err)
		err = elf_build_stack(l, exec, interp, lay, &out->sp);
	if (err)
		return err;

	note_layout(exec, lay);
	lay->start_stack = out->sp;
	lay->exec_loadmap = exec->loadmap;
	lay->interp_loadmap = interp ? interp->loadmap : 0;
	out->pc = interp ? interp->entry : exec->entry;
	out->a1 = exec->loadmap;
	out->a2 = interp ? interp->loadmap : 0;
	out->a3 = interp && interp->dynamic ? interp->dynamic : exec->dynamic;
	out->fdpic = exec->file.fdpic;
	out->descriptors = exec->file.descriptors;
	return 0;
}

int elf_load(struct loader *l, const struct loader_file *file, const struct loader_head *head,
	     struct loader_image *out)
{
	struct elf_image exec = { .name = l->path }, interp = { .name = NULL };
	struct loader_file interp_file;
	char interp_name[PATH_MAX];
	struct elf_why why;
	int err;

	err = elf_read(&exec.file, file, head, how(l, 0), &why);
	if (err)
		return refused(l, l->path, err, &why);
	err = elf_interp(&exec.file, interp_name, sizeof(interp_name), &why);
	if (err) {
		refused(l, l->path, err, &why);
		goto out_exec;
	}
	if (interp_name[0]) {
		err = open_interp(l, interp_name, &interp_file, &interp);
		if (err)
			goto out_exec;
	}
	err = elf_plan(&exec.file, &why);
	if (err)
		refused(l, l->path, err, &why);
	else
		err = build(l, &exec, interp.name ? &interp : NULL, out);
	out->too_late = err != 0;

	free(exec.segs);
	if (interp.name) {
		free(interp.segs);
		elf_free(&interp.file);
		loader_close(&interp_file);
	}
out_exec:
	elf_free(&exec.file);
	return err;
}
