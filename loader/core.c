/* SPDX-License-Identifier: MIT */
#include "loader/core.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#ifndef NT_SIGINFO
#define NT_SIGINFO 0x53494749
#endif
#define NS 1000000000u

/* struct elf_prstatus of riscv32, and what the FDPIC form has behind the registers. */
struct prstatus {
	int32_t signo, code, err;
	int16_t cursig, pad;
	uint32_t sigpend, sighold;
	int32_t pid, ppid, pgrp, sid;
	int32_t utime[2], stime[2], cutime[2], cstime[2];	/* seconds, microseconds */
	uint32_t general[32];
	union {
		struct { int32_t fpvalid; } plain;
		struct { uint32_t exec_loadmap, interp_loadmap; int32_t fpvalid; } fdpic;
	};
};
#define PRSTATUS_SIZE 204u
#define PRSTATUS_FDPIC_SIZE 212u
_Static_assert(sizeof(struct prstatus) == PRSTATUS_FDPIC_SIZE, "struct elf_prstatus_fdpic");

struct prpsinfo {
	char state, sname, zomb, nice;
	uint32_t flag, uid, gid;
	int32_t pid, ppid, pgrp, sid;
	char fname[16], psargs[80];
};
_Static_assert(sizeof(struct prpsinfo) == 128, "struct elf_prpsinfo");

#define NOTE_NAME 8u			/* "CORE", padded */

struct out {
	const struct core_source *c;
	const struct flat *flat;
	uint32_t segments;
	uint64_t at;			/* bytes written, or the next segment's offset */
};

static int put(struct out *o, const void *data, uint32_t len)
{
	o->at += len;
	return len ? o->c->write(o->c->owner, data, len) : 0;
}

static uint32_t note_size(uint32_t len)
{
	return (uint32_t)sizeof(Elf32_Nhdr) + NOTE_NAME + ((len + 3) & ~3u);
}

static int put_note_header(struct out *o, uint32_t type, uint32_t len)
{
	const Elf32_Nhdr h = { .n_namesz = 5, .n_descsz = len, .n_type = type };
	int err = put(o, &h, sizeof h);

	return err ? err : put(o, "CORE\0\0\0", NOTE_NAME);
}

static int put_note(struct out *o, uint32_t type, const void *data, uint32_t len)
{
	int err = put_note_header(o, type, len);

	return err ? err : put(o, data, len);
}

/* --- Notes --- */

static void timeval(int32_t out[2], uint64_t ns)
{
	out[0] = (int32_t)(ns / NS);
	out[1] = (int32_t)(ns % NS / 1000);
}

static uint32_t thread_notes_size(void)
{
	return note_size(PRSTATUS_SIZE) + note_size(PRSTATUS_FDPIC_SIZE) + note_size(CORE_FP_SIZE);
}

static uint32_t notes_size(const struct core_source *c)
{
	uint32_t size = c->threads * thread_notes_size() + note_size(sizeof(struct prpsinfo)) + note_size(128);

	return c->auxv_size ? size + note_size(c->auxv_size) : size;
}

static int put_prstatus(struct out *o, const struct core_thread *t)
{
	const struct mm_layout *l = mm_layout(o->c->space);
	struct prstatus s = {
		.signo = t->signo, .code = t->code, .err = t->err, .cursig = (int16_t)t->signo,
		.sigpend = t->pending, .sighold = t->blocked,
		.pid = t->pid, .ppid = t->ppid, .pgrp = t->pgrp, .sid = t->sid,
		.plain.fpvalid = 1,
	};
	int err;

	timeval(s.utime, t->utime);
	timeval(s.stime, t->stime);
	timeval(s.cutime, t->cutime);
	timeval(s.cstime, t->cstime);
	memcpy(s.general, t->general, sizeof s.general);
	err = put_note(o, NT_PRSTATUS, &s, PRSTATUS_SIZE);
	if (err)
		return err;
	s.fdpic.exec_loadmap = l->exec_loadmap;
	s.fdpic.interp_loadmap = l->interp_loadmap;
	s.fdpic.fpvalid = 1;
	return put_note(o, NT_PRSTATUS, &s, PRSTATUS_FDPIC_SIZE);
}

static int put_prpsinfo(struct out *o)
{
	static const char states[] = "RSDTZW";
	const struct core_process *p = &o->c->process;
	const char *state = strchr(states, p->state);
	struct prpsinfo s = {
		.sname = p->state, .state = (char)(state ? state - states : 0), .nice = (char)p->nice,
		.zomb = p->state == 'Z', .uid = p->uid, .gid = p->gid,
		.pid = p->pid, .ppid = p->ppid, .pgrp = p->pgrp, .sid = p->sid,
	};

	memcpy(s.fname, p->comm, sizeof s.fname);
	memcpy(s.psargs, p->args, sizeof s.psargs);
	return put_note(o, NT_PRPSINFO, &s, sizeof s);
}

static int put_auxv(struct out *o)
{
	const void *auxv = flat_span(o->flat, o->c->auxv, o->c->auxv_size);

	if (!o->c->auxv_size)
		return 0;
	return auxv ? put_note(o, NT_AUXV, auxv, o->c->auxv_size) : -EFAULT;
}

/* In the kernel's order: the first thread's state, the process, the other threads. */
static int put_notes(struct out *o)
{
	struct core_thread t;
	int err = 0;

	for (unsigned n = 0; !err && n < o->c->threads; n++) {
		o->c->thread(o->c->owner, n, &t);
		err = put_prstatus(o, &t);
		if (!err && !n) {
			err = put_prpsinfo(o);
			if (!err)
				err = put_note(o, NT_SIGINFO, o->c->siginfo, sizeof o->c->siginfo);
			if (!err)
				err = put_auxv(o);
		}
		if (!err)
			err = put_note(o, NT_PRFPREG, t.fp, CORE_FP_SIZE);
	}
	return err;
}

/* --- Segments --- */

static int count_segment(void *ctx, const struct mm_vma_info *v)
{
	(void)v;
	((struct out *)ctx)->segments++;
	return 0;
}

/* Bytes of the VMA that are memory: registers of a device are not read. */
static uint32_t dumped(const struct out *o, const struct mm_vma_info *v)
{
	return flat_span(o->flat, v->start, v->end - v->start) ? v->end - v->start : 0;
}

static int put_phdr(void *ctx, const struct mm_vma_info *v)
{
	struct out *o = ctx;
	const Elf32_Phdr ph = {
		.p_type = PT_LOAD, .p_offset = (Elf32_Off)o->at, .p_vaddr = v->start, .p_filesz = dumped(o, v),
		.p_memsz = v->end - v->start, .p_align = FLAT_PAGE_SIZE,
		.p_flags = (v->prot & 1 ? PF_R : 0) | (v->prot & 2 ? PF_W : 0) | (v->prot & 4 ? PF_X : 0),
	};

	o->at += ph.p_filesz;
	if (o->at > UINT32_MAX)
		return -EFBIG;
	return o->c->write(o->c->owner, &ph, sizeof ph);
}

static int put_contents(void *ctx, const struct mm_vma_info *v)
{
	static const uint8_t zero[FLAT_PAGE_SIZE];
	struct out *o = ctx;
	uint32_t size = dumped(o, v);
	const uint8_t *p = flat_span(o->flat, v->start, size);
	int err = 0;

	for (uint32_t n = 0; !err && n < size; n += FLAT_PAGE_SIZE) {
		uint32_t len = size - n < FLAT_PAGE_SIZE ? size - n : FLAT_PAGE_SIZE;

		err = put(o, memcmp(p + n, zero, len) ? p + n : NULL, len);
	}
	return err;
}

/* --- The file --- */

static int put_headers(struct out *o, uint32_t data)
{
	uint32_t notes = notes_size(o->c);
	uint32_t headers = (uint32_t)(sizeof(Elf32_Ehdr) + (o->segments + 1) * sizeof(Elf32_Phdr));
	const Elf32_Ehdr eh = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_CORE, .e_machine = EM_RISCV, .e_version = EV_CURRENT, .e_phoff = sizeof eh,
		.e_ehsize = sizeof eh, .e_phentsize = sizeof(Elf32_Phdr), .e_phnum = (Elf32_Half)(o->segments + 1),
	};
	const Elf32_Phdr ph = { .p_type = PT_NOTE, .p_offset = headers, .p_filesz = notes, .p_align = 4 };
	int err = put(o, &eh, sizeof eh);

	if (!err)
		err = put(o, &ph, sizeof ph);
	o->at = data;
	if (!err)
		err = mm_space_walk(o->c->space, put_phdr, o);
	o->at = headers;
	return err;
}

int core_write(const struct core_source *c)
{
	struct out o = { .c = c, .flat = mm_flat(mm_space_mm(c->space)) };
	uint32_t data;
	int err;

	mm_space_walk(c->space, count_segment, &o);
	if (o.segments >= PN_XNUM - 1)
		return -EFBIG;		/* more than 65,000 mappings: the header has no room for their number */
	data = (uint32_t)(sizeof(Elf32_Ehdr) + (o.segments + 1) * sizeof(Elf32_Phdr)) + notes_size(c);
	data = (data + FLAT_PAGE_SIZE - 1) & ~(FLAT_PAGE_SIZE - 1);
	err = put_headers(&o, data);
	if (!err)
		err = put_notes(&o);
	if (!err)
		err = put(&o, NULL, data - (uint32_t)o.at);
	return err ? err : mm_space_walk(c->space, put_contents, &o);
}
