/* SPDX-License-Identifier: MIT */
#include "loader/inspect.h"

#include <errno.h>
#include <limits.h>

#ifndef EF_RISCV_RVE
#define EF_RISCV_RVE 0x8
#endif

static const char *float_abi(uint32_t flags)
{
	switch (flags & EF_RISCV_FLOAT_ABI) {
	case EF_RISCV_FLOAT_ABI_SINGLE: return "single-float ABI";
	case EF_RISCV_FLOAT_ABI_DOUBLE: return "double-float ABI";
	case EF_RISCV_FLOAT_ABI_QUAD: return "quad-float ABI (this hart has none)";
	default: return "soft-float ABI";
	}
}

static const char *type_name(uint32_t type)
{
	switch (type) {
	case PT_NULL: return "NULL";
	case PT_LOAD: return "LOAD";
	case PT_DYNAMIC: return "DYNAMIC";
	case PT_INTERP: return "INTERP";
	case PT_NOTE: return "NOTE";
	case PT_PHDR: return "PHDR";
	case PT_TLS: return "TLS";
	case PT_GNU_EH_FRAME: return "EH_FRAME";
	case PT_GNU_STACK: return "STACK";
	case PT_GNU_RELRO: return "RELRO";
	case 0x70000003: return "ATTRIBUTES";
	default: return "other";
	}
}

static void segments(FILE *out, const struct elf_file *e)
{
	fprintf(out, "  segments     %4s %-10s %10s %10s %10s %10s prot\n", "#", "type", "offset", "address",
		"in file", "in memory");
	for (uint32_t i = 0; i < e->eh.e_phnum; i++) {
		const Elf32_Phdr *ph = &e->ph[i];

		fprintf(out, "               %4u %-10s %#10x %#10x %10u %10u %c%c%c%s\n", i,
			type_name(ph->p_type),
			ph->p_offset, ph->p_vaddr, ph->p_filesz, ph->p_memsz, ph->p_flags & PF_R ? 'r' : '-',
			ph->p_flags & PF_W ? 'w' : '-', ph->p_flags & PF_X ? 'x' : '-',
			ph->p_type == PT_LOAD && ph->p_filesz > ph->p_memsz ?
				"  more in the file than in memory" : "");
	}
}

static void placement_block(FILE *out, const struct elf_file *e, struct inspect_memory *mem)
{
	uint64_t span = e->top - e->base, text = 0;

	for (uint32_t i = 0; i < e->eh.e_phnum; i++)
		if (e->ph[i].p_type == PT_LOAD && !(e->ph[i].p_flags & PF_W))
			text += e->ph[i].p_memsz;
	inspect_row(out, "loading", "constant displacement: one rwx block of %llu bytes, read in",
		    (unsigned long long)span);
	if (e->disordered)
		inspect_row(out, "", "its segments overlap or do not ascend");
	inspect_row(out, "text",
		    "%llu KiB, copied for each process: code reaches its data pc-relative, so they "
		    "stay together", (unsigned long long)text / 1024);
	inspect_row(out, "", "(an FDPIC program would share it)");
	inspect_add(mem, span);
}

static void stack_rows(FILE *out, const struct elf_file *e, bool interp, struct inspect_memory *mem)
{
	const Elf32_Phdr *ph = elf_find(e, PT_GNU_STACK);
	bool exec_stack;
	uint64_t size = elf_stack(e, NULL, 0, &exec_stack);

	if (ph && ph->p_memsz)
		inspect_row(out, "stack", "%llu bytes%s (PT_GNU_STACK: %u)", (unsigned long long)size,
			    exec_stack ? ", executable" : "", ph->p_memsz);
	else
		inspect_row(out, "stack", "%llu bytes%s (the default; the file says nothing%s: link with "
			    "-z stack-size=N)", (unsigned long long)size, exec_stack ? ", executable" : "",
			    interp ? ", its interpreter may" : "");
	inspect_row(out, "brk", "cannot move: malloc must use mmap");
	inspect_row(out, "loadmap", "%u segments, %u bytes on the stack", e->loads, 4 + e->loads * 12);
	inspect_add(mem, size);
}

/* The end of the dynamic section must be in the file for the loader to find it good. */
static int judge_dynamic(const struct elf_file *e, struct elf_why *why)
{
	const Elf32_Phdr *ph = elf_find(e, PT_DYNAMIC);
	const Elf32_Phdr *load = ph ? elf_segment(e, ph->p_vaddr, ph->p_memsz) : NULL;
	Elf32_Dyn last = { .d_tag = DT_NULL };
	uint32_t at;

	why->hint = "";
	if (!load)
		return 0;
	if (ph->p_memsz == 0 || ph->p_memsz % sizeof(last) != 0) {
		snprintf(why->what, sizeof(why->what), "dynamic section of %u bytes", ph->p_memsz);
		return -ENOEXEC;
	}
	at = ph->p_vaddr - load->p_vaddr + ph->p_memsz - (uint32_t)sizeof(last);
	if ((uint64_t)at + sizeof(last) <= load->p_filesz &&
	    loader_read(e->file, &last, sizeof(last), (uint64_t)load->p_offset + at) == 0 &&
		    last.d_tag != DT_NULL) {
		snprintf(why->what, sizeof(why->what), "the dynamic section does not end in DT_NULL");
		return -ENOEXEC;
	}
	return 0;
}

static void add_cost(struct loader_cost *sum, const struct inspect_fdpic *segments, uint64_t stack)
{
	if (!sum)
		return;
	if (!sum->files++)
		sum->each = stack;
	sum->each += segments->each.trimmed;
	sum->once += segments->shared;
}

int inspect_elf(FILE *out, const struct loader_file *file, const struct loader_head *head, struct loader_cost *sum)
{
	struct inspect_fdpic split = { .shared = 0 };
	struct inspect_memory *mem = &split.each, stack = { 0, 0 };
	char interp[PATH_MAX];
	struct elf_why why;
	struct elf_file e;
	int err;

	err = elf_read(&e, file, head, 0, &why);
	if (err)
		return inspect_verdict(out, err, why.what, why.hint);
	inspect_row(out, "flags", "%s%s%s%s%s%s", float_abi(e.eh.e_flags),
		    e.eh.e_flags & EF_RISCV_RVC ? ", compressed instructions" : "",
		    e.eh.e_flags & EF_RISCV_RVE ? ", RVE (16 registers)" : "",
		    e.eh.e_flags & EF_RISCV_FUNCDESC ? ", function descriptors" : "",
		    e.eh.e_flags & EF_RISCV_NONCONSTDISP ? ", segments anywhere" : "",
		    e.eh.e_ident[EI_OSABI] == ELF_OSABI_FDPIC ? ", OSABI FDPIC" : "");
	inspect_row(out, "entry", "0x%x", e.eh.e_entry);
	segments(out, &e);
	err = elf_interp(&e, interp, sizeof(interp), &why);
	if (err)
		goto out;
	if (interp[0])
		inspect_row(out, "interpreter",
			    "%s: must be in the guest; it is loaded beside the program and "
			    "adds to its memory", interp);
	else
		inspect_row(out, "interpreter", "none: statically linked");
	err = elf_plan(&e, &why);
	if (!err)
		err = judge_dynamic(&e, &why);
	if (err && !(e.fdpic && e.loads && e.eh.e_entry == 0))	/* a shared library is explained */
		goto out;
	if (e.fdpic)
		inspect_fdpic(out, &e, &split);
	else
		placement_block(out, &e, mem);
	if (!err)
		stack_rows(out, &e, interp[0], &stack);
	if (e.fdpic)
		add_cost(sum, &split, stack.trimmed);
	mem->trimmed += stack.trimmed;
	mem->rounded += stack.rounded;
	inspect_sections(out, file, &e);
	if (e.fdpic)
		inspect_fdpic_memory(out, &split, interp[0]);
	else
		inspect_memory_rows(out, mem);
	if (err)
		goto out;
	if (interp[0]) {
		inspect_row(out, "would load", "if the guest has %s", interp);
		goto out_free;
	}
out:
	inspect_verdict(out, err, why.what, why.hint);
out_free:
	elf_free(&e);
	return err;
}
