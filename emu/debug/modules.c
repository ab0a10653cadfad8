/* SPDX-License-Identifier: MIT */
#include "emu/debug/modules.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "emu/debug/symbols.h"
#include "emu/kernel/task.h"
#include "emu/sys/user.h"

enum { FILE_MAX = 64 << 20, MODULES_MAX = 32, SEGMENTS_MAX = 16 };

struct module {
	char *path;			/* NULL: the program */
	uint64_t inode;			/* of a mapped file; 0: the interpreter */
	uint32_t major, minor;
	uint32_t add;			/* to an address of the file to have the guest's */
	void *data;
	size_t size;
	struct symbols *symbols;
	struct lines *lines;
};

/* As struct elf32_fdpic_loadmap has them. */
struct segment { uint32_t addr, vaddr, memsz; };

struct modules {
	struct task *t;
	struct module list[MODULES_MAX];	/* the program is the first */
	unsigned count;
	char *interp;			/* its name in the program; NULL: none */
	struct segment segs[SEGMENTS_MAX];	/* the interpreter's */
	unsigned nsegs;
};

/* --- Files --- */

/* All of a file in host memory, the caller's.  NULL: it cannot be read, or is too large to be looked at. */
static void *read_file(const struct path_ref *p, size_t *size)
{
	struct file *f;
	uint64_t at = 0;
	uint8_t *data;
	int64_t n = 1;

	if (!p->dentry || vfs_open_path(p, O_RDONLY, NULL, &f))
		return NULL;
	*size = f->inode->size <= FILE_MAX ? (size_t)f->inode->size : 0;
	data = *size ? malloc(*size) : NULL;
	while (data && at < *size && n > 0)
		n = file_read(f, data + at, *size - at, &at);
	file_put(f);
	if (data && at < *size) {
		free(data);
		return NULL;
	}
	return data;
}

/* The regular file of that name; if `inode` is not 0, only the one with that number. */
static void *read_named(struct task *t, const char *path, uint64_t inode, size_t *size)
{
	struct vfs_cred cred;
	struct path_ref p;
	struct walk w;
	void *data = NULL;

	if (task_walk(t, AT_FDCWD, path, WALK_FOLLOW, &w, &cred) || vfs_walk(&w, path, &p, NULL))
		return NULL;
	if (S_ISREG(p.dentry->inode->mode) && (!inode || p.dentry->inode->ino == inode))
		data = read_file(&p, size);
	path_put(&p);
	return data;
}

/* --- Program headers --- */

typedef bool (*phdr_fn)(void *ctx, Elf *elf, const GElf_Phdr *ph);

/* Calls fn for each until it says true. */
static void walk_phdrs(const struct module *m, phdr_fn fn, void *ctx)
{
	Elf *elf;
	size_t n;
	GElf_Phdr ph;

	elf_version(EV_CURRENT);
	elf = elf_memory(m->data, m->size);
	if (elf && !elf_getphdrnum(elf, &n)) {
		for (size_t i = 0; i < n; i++) {
			if (gelf_getphdr(elf, (int)i, &ph) && fn(ctx, elf, &ph))
				break;
		}
	}
	elf_end(elf);
}

static bool first_code(void *ctx, Elf *elf, const GElf_Phdr *ph)
{
	uint32_t *vaddr = ctx;

	(void)elf;
	if (ph->p_type != PT_LOAD || !(ph->p_flags & PF_X))
		return false;
	*vaddr = (uint32_t)ph->p_vaddr;
	return true;
}

static bool interp_name(void *ctx, Elf *elf, const GElf_Phdr *ph)
{
	struct modules *ms = ctx;
	size_t size;
	const char *raw = elf_rawfile(elf, &size);

	if (ph->p_type != PT_INTERP || !raw || ph->p_offset >= size || ph->p_filesz > size - ph->p_offset)
		return false;
	ms->interp = strndup(raw + ph->p_offset, ph->p_filesz);
	return true;
}

/*
 * A mapping shows a segment from its page on, and all others lie as far from it as in the file; or, if each segment is mapped on
 * its own, it shows just that one.  Pages that two segments share are decided by where the address then is: in code.
 */
struct search {
	uint32_t addr, start, offset;	/* of the mapping */
	uint32_t vaddr[SEGMENTS_MAX];	/* what may be shown there */
	unsigned n;
	uint32_t candidate, add;
	bool found;
};

static bool shown_at(void *ctx, Elf *elf, const GElf_Phdr *ph)
{
	struct search *s = ctx;

	(void)elf;
	if (ph->p_type == PT_LOAD && ((uint32_t)ph->p_offset & -FLAT_PAGE_SIZE) == s->offset && s->n < SEGMENTS_MAX)
		s->vaddr[s->n++] = (uint32_t)ph->p_vaddr & -FLAT_PAGE_SIZE;
	return false;
}

static bool in_code(void *ctx, Elf *elf, const GElf_Phdr *ph)
{
	struct search *s = ctx;

	(void)elf;
	if (ph->p_type != PT_LOAD || !(ph->p_flags & PF_X) || s->addr - s->candidate - (uint32_t)ph->p_vaddr >= ph->p_memsz)
		return false;
	s->add = s->candidate;
	return s->found = true;
}

/* --- Modules --- */

/* data is the module's from here on.  NULL: no room; it is freed. */
static struct module *add_module(struct modules *ms, const char *path, void *data, size_t size)
{
	struct module *m = &ms->list[ms->count];
	char *copy = path ? strdup(path) : NULL;

	if (ms->count == MODULES_MAX || (path && !copy)) {
		free(copy);
		free(data);
		return NULL;
	}
	*m = (struct module){ .path = copy, .data = data, .size = size };
	ms->count++;
	return m;
}

/* libelf may change what it is given: lines first. */
static void read_names(struct module *m)
{
	if (!m->data)
		return;
	m->lines = lines_of(m->data, m->size);
	m->symbols = symbols_of(m->data, m->size, m->add);
}

static void take_interp(struct modules *ms)
{
	uint32_t map = mm_layout(ms->t->space)->interp_loadmap;
	struct { uint16_t version, nsegs; } head;

	if (!map || !ms->interp || user_read(ms->t, &head, map, sizeof head) || head.version || !head.nsegs ||
	    head.nsegs > SEGMENTS_MAX || user_read(ms->t, ms->segs, map + sizeof head, head.nsegs * sizeof *ms->segs))
		return;
	ms->nsegs = head.nsegs;
}

struct modules *modules_of(struct task *t)
{
	struct modules *ms = calloc(1, sizeof *ms);
	struct module *m;
	uint32_t vaddr;
	size_t size = 0;
	void *data;

	if (!ms)
		return NULL;
	ms->t = t;
	data = read_file(&t->process->exe, &size);
	m = add_module(ms, NULL, data, size);
	if (m && m->data) {
		vaddr = mm_layout(t->space)->start_code;
		walk_phdrs(m, first_code, &vaddr);
		m->add = mm_layout(t->space)->start_code - vaddr;
		walk_phdrs(m, interp_name, ms);
		take_interp(ms);
		read_names(m);
	}
	return ms;
}

void modules_free(struct modules *ms)
{
	if (!ms)
		return;
	for (unsigned i = 0; i < ms->count; i++) {
		symbols_free(ms->list[i].symbols);
		lines_free(ms->list[i].lines);
		free(ms->list[i].data);
		free(ms->list[i].path);
	}
	free(ms->interp);
	free(ms);
}

/* Each segment of the interpreter may lie apart, but its code is one. */
static struct module *interpreter(struct modules *ms, uint32_t addr)
{
	struct module *m;
	size_t size = 0;
	unsigned i;
	void *data;

	for (i = 0; i < ms->nsegs && addr - ms->segs[i].addr >= ms->segs[i].memsz; i++)
		;
	if (i == ms->nsegs)
		return NULL;
	for (unsigned k = 1; k < ms->count; k++) {
		if (!ms->list[k].inode)
			return &ms->list[k];
	}
	data = read_named(ms->t, ms->interp, 0, &size);
	m = add_module(ms, ms->interp, data, size);
	if (m) {
		m->add = ms->segs[i].addr - ms->segs[i].vaddr;
		read_names(m);
	}
	return m;
}

struct found { uint32_t addr; struct mm_vma_info vma; };

static int look(void *ctx, const struct mm_vma_info *v)
{
	struct found *f = ctx;

	if (f->addr < v->start || f->addr >= v->end)
		return 0;
	f->vma = *v;
	return 1;
}

static bool is_program(const struct modules *ms, const struct mm_vma_info *v)
{
	const struct dentry *exe = ms->t->process->exe.dentry;

	return exe && exe->inode->ino == v->inode && vfs_major(exe->inode->super->dev) == v->major &&
	       vfs_minor(exe->inode->super->dev) == v->minor;
}

static struct module *mapped(struct modules *ms, uint32_t addr)
{
	struct found f = { .addr = addr };
	struct mm_vma_info *v = &f.vma;
	struct search s;
	struct module *m;
	size_t size = 0;
	void *data;

	if (!mm_space_walk(ms->t->space, look, &f) || v->anonymous || v->device || !v->path[0] || !v->inode || is_program(ms, v))
		return NULL;
	s = (struct search){ .addr = addr, .start = v->start, .offset = (uint32_t)v->offset };
	for (unsigned k = 1; k < ms->count; k++) {
		m = &ms->list[k];
		s.candidate = m->add;
		if (m->inode == v->inode && m->major == v->major && m->minor == v->minor)
			walk_phdrs(m, in_code, &s);
		if (s.found)
			return m;
	}
	data = read_named(ms->t, v->path, v->inode, &size);
	m = data ? add_module(ms, v->path, data, size) : NULL;
	if (!m)
		return NULL;
	m->inode = v->inode;
	m->major = v->major;
	m->minor = v->minor;
	walk_phdrs(m, shown_at, &s);
	for (unsigned i = 0; i < s.n && !s.found; i++) {
		s.candidate = s.start - s.vaddr[i];
		walk_phdrs(m, in_code, &s);
	}
	m->add = s.add;
	if (s.found)
		read_names(m);
	return m;
}

/* The module that addr lies in, read now if it was not; NULL: no code. */
static struct module *module_at(struct modules *ms, uint32_t addr)
{
	struct module *m;

	if (!ms || !ms->count || mm_reach(ms->t->space, addr, 1, PROT_EXEC) != 1)
		return NULL;
	if (!(m = interpreter(ms, addr)) && !(m = mapped(ms, addr)))
		m = &ms->list[0];
	return m;
}

void modules_read(struct modules *ms, uint32_t addr)
{
	(void)module_at(ms, addr);
}

void modules_find(struct modules *ms, uint32_t addr, struct code_place *out)
{
	struct module *m = module_at(ms, addr);

	*out = (struct code_place){ 0 };
	if (!m)
		return;
	out->function = symbols_find(m->symbols, addr, &out->offset);
	if (m->path) {
		const char *slash = strrchr(m->path, '/');

		out->module = slash ? slash + 1 : m->path;
	}
	if (!lines_find(m->lines, addr - m->add, &out->line))
		out->line.number = 0;
}

void modules_merge(const struct modules *ms, struct symbols **s)
{
	for (unsigned i = 1; ms && i < ms->count; i++) {
		const struct module *m = &ms->list[i];
		const char *slash = m->path ? strrchr(m->path, '/') : NULL;

		if (m->symbols)
			symbols_merge(s, m->symbols, slash ? slash + 1 : m->path);
	}
}
