/* SPDX-License-Identifier: MIT
 *
 * `flat32 inspect --gdb CORE`: the commands with which a stock gdb sees a core file of an FDPIC program as it was.
 *
 * gdb knows one displacement for all of an executable, by AT_ENTRY, and one for each library, by the dynamic linker's
 * list, where an FDPIC one has the addresses of loadmaps instead.  So gdb is told to leave libraries alone, gets the
 * executable without its symbols (for the registers it has), and then each file's symbols, section by section
 * (add-symbol-file -s), at the addresses that the loadmaps in the core say.
 */
#include <errno.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/core_file.h"
#include "loader/core_gdb.h"
#include "loader/elf_file.h"

#define WHOLE_MAX (256u << 20)	/* larger files are not looked at */
#define LIBRARIES_MAX 64u	/* a list that goes on is broken */

#define NAME_MAX_ 1024u

struct gdb {
	const struct core_gdb *g;
	FILE *out;
	struct core_file core;
};

/* A file that was mapped: its bytes, where it is here, and where it lay. */
struct module {
	char name[NAME_MAX_], host[PATH_MAX];
	uint8_t *image;			/* owned; NULL: not found */
	uint64_t size;
	Elf *elf;
	struct core_map map;
};

/* gdb reads a name between quotes; what it could not read, or what would be another command, is refused. */
static bool plain(const char *name)
{
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p < ' ' || *p == '"' || *p == '\\' || *p == 127)
			return false;
	return *name;
}

static void note(struct gdb *g, const char *name, const char *what)
{
	fprintf(g->out, "echo flat32: ");
	for (const char *p = name; *p; p++)
		fputc((unsigned char)*p < ' ' || *p == 127 || *p == '\\' || *p == '"' ? '?' : *p, g->out);
	fprintf(g->out, ": %s\\n\n", what);
}

/* --- One file --- */

/* By m->name.  False, and why is noted: it cannot be had. */
static bool find(struct gdb *g, struct module *m)
{
	struct loader_file f;
	int err = -ENOENT;

	if (plain(m->name))
		err = g->g->open(g->g->owner, m->name, &f, m->host);
	if (err) {
		note(g, m->name, "there is no such file here; --root DIR says where the guest's files are");
		return false;
	}
	m->size = f.size;
	if (f.size >= sizeof(Elf32_Ehdr) && f.size <= WHOLE_MAX)
		m->image = malloc((size_t)f.size);
	if (m->image && loader_read(&f, m->image, (uint32_t)f.size, 0) == 0)
		m->elf = elf_memory((char *)m->image, (size_t)f.size);
	loader_close(&f);
	if (m->elf && elf_kind(m->elf) == ELF_K_ELF && gelf_getclass(m->elf) == ELFCLASS32 && plain(m->host))
		return true;
	note(g, m->name, "it cannot be read as an ELF file");
	return false;
}

static void drop(struct module *m)
{
	elf_end(m->elf);
	free(m->image);
	m->elf = NULL;
	m->image = NULL;
}

/* Is this what was in memory?  The first segment begins with the file's headers, and does not change. */
static bool same(const struct gdb *g, const struct module *m)
{
	uint8_t there[512];
	uint32_t addr = core_address(&m->map, 0), len = sizeof there;

	if (!addr)
		return true;
	for (uint32_t i = 0; i < m->map.nr; i++)
		if (m->map.segs[i].vaddr == 0 && m->map.segs[i].memsz < len)
			len = m->map.segs[i].memsz;
	if (m->size < len)
		len = (uint32_t)m->size;
	return core_read(&g->core, there, addr, len) || memcmp(there, m->image, len) == 0;
}

static bool header(const struct module *m, uint32_t type, GElf_Phdr *ph)
{
	size_t n;

	if (elf_getphdrnum(m->elf, &n) != 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (gelf_getphdr(m->elf, (int)i, ph) && ph->p_type == type)
			return true;
	return false;
}

static void add_symbols(struct gdb *g, const struct module *m)
{
	Elf_Scn *scn = NULL;
	size_t names;
	GElf_Shdr sh;

	if (!same(g, m))
		note(g, m->name, "this is not the file that ran; what is said of it may be wrong");
	if (elf_getshdrstrndx(m->elf, &names) != 0 || !elf_nextscn(m->elf, NULL))
		return;
	fprintf(g->out, "add-symbol-file \"%s\"", m->host);
	while ((scn = elf_nextscn(m->elf, scn)) != NULL) {
		const char *name;
		uint32_t addr;

		if (!gelf_getshdr(scn, &sh) || !(sh.sh_flags & SHF_ALLOC) ||
		    ((sh.sh_flags & SHF_TLS) && sh.sh_type == SHT_NOBITS))
			continue;
		name = elf_strptr(m->elf, names, sh.sh_name);
		addr = core_address(&m->map, (uint32_t)sh.sh_addr);
		if (name && addr && plain(name) && !strpbrk(name, " ;#"))
			fprintf(g->out, " -s %s 0x%x", name, addr);
	}
	fprintf(g->out, "\n");
}

/* --- The process --- */

static void add_interp(struct gdb *g, const struct module *exec)
{
	struct module m = { .size = 0 };
	GElf_Phdr ph;

	if (!g->core.interp_loadmap || !header(exec, PT_INTERP, &ph))
		return;
	if (ph.p_filesz < sizeof m.name && ph.p_offset <= exec->size && ph.p_filesz <= exec->size - ph.p_offset)
		memcpy(m.name, exec->image + ph.p_offset, ph.p_filesz);
	if (core_loadmap(&g->core, g->core.interp_loadmap, &m.map))
		note(g, m.name, "its loadmap is gone");
	else if (find(g, &m))
		add_symbols(g, &m);
	drop(&m);
}

struct guest_link { uint32_t addr, name, ld, next, prev; };

/* Where DT_DEBUG of the executable points: { version, first link, ... }. */
static uint32_t first_link(struct gdb *g, const struct module *exec)
{
	struct { uint32_t version, map; } debug;
	Elf32_Dyn dyn;
	GElf_Phdr ph;
	uint32_t at;

	if (!header(exec, PT_DYNAMIC, &ph) || !(at = core_address(&exec->map, (uint32_t)ph.p_vaddr)))
		return 0;
	for (uint32_t i = 0; i < ph.p_memsz / sizeof dyn; i++, at += (uint32_t)sizeof dyn) {
		if (core_read(&g->core, &dyn, at, sizeof dyn) || dyn.d_tag == DT_NULL)
			return 0;
		if (dyn.d_tag == DT_DEBUG)
			return core_read(&g->core, &debug, dyn.d_un.d_ptr, sizeof debug) ? 0 : debug.map;
	}
	return 0;
}

/* The dynamic linker's list; its l_addr is the address of a loadmap.  Executable and interpreter are done. */
static void add_libraries(struct gdb *g, const struct module *exec)
{
	uint32_t at = first_link(g, exec), dynamic = 0;
	struct guest_link link;
	GElf_Phdr ph;

	if (header(exec, PT_DYNAMIC, &ph))
		dynamic = core_address(&exec->map, (uint32_t)ph.p_vaddr);
	for (unsigned n = 0; at && n < LIBRARIES_MAX && !core_read(&g->core, &link, at, sizeof link); n++, at = link.next) {
		struct module m = { .size = 0 };

		if (link.ld == dynamic || link.addr == g->core.interp_loadmap || link.addr == g->core.exec_loadmap ||
		    !core_string(&g->core, m.name, sizeof m.name, link.name) || !m.name[0])
			continue;
		if (core_loadmap(&g->core, link.addr, &m.map))
			note(g, m.name, "it has no loadmap");
		else if (find(g, &m))
			add_symbols(g, &m);
		drop(&m);
	}
}

static bool is_split(const uint8_t *image)
{
	Elf32_Ehdr eh;

	memcpy(&eh, image, sizeof eh);
	return eh.e_ident[EI_OSABI] == ELF_OSABI_FDPIC || (eh.e_flags & EF_RISCV_NONCONSTDISP);
}

static void commands(struct gdb *g, struct module *exec)
{
	fprintf(g->out, "set confirm off\n");
	if (!is_split(exec->image)) {
		/* One displacement: gdb knows what to do. */
		fprintf(g->out, "file \"%s\"\ncore-file %s\n", exec->host, g->g->name);
		return;
	}
	fprintf(g->out, "set auto-solib-add off\nexec-file \"%s\"\ncore-file %s\n", exec->host, g->g->name);
	add_symbols(g, exec);
	add_interp(g, exec);
	add_libraries(g, exec);
	fprintf(g->out, "frame 0\n");
}

int core_gdb(const struct core_gdb *c, void *out, const char **why)
{
	struct gdb g = { .g = c, .out = out };
	struct module exec = { .size = 0 };
	int err;

	*why = "its name has a character that gdb cannot be told";
	if (!plain(c->name) || elf_version(EV_CURRENT) == EV_NONE)
		return -EINVAL;
	err = core_open(&g.core, c->file, why);
	if (err)
		return err;
	*why = "it does not say which program it is of";
	err = -ENOEXEC;
	if (c->program)
		snprintf(exec.name, sizeof exec.name, "%s", c->program);
	else if (!g.core.execfn || !core_string(&g.core, exec.name, sizeof exec.name, g.core.execfn))
		goto out;
	*why = "its loadmap is gone";
	if (!g.core.exec_loadmap || core_loadmap(&g.core, g.core.exec_loadmap, &exec.map))
		goto out;
	*why = "the program is not found: name it behind the core file, or say --root DIR";
	fprintf(g.out, "# gdb-multiarch -x THIS: a core file of %s, by flat32 inspect --gdb\n", plain(exec.name) ? exec.name : "?");
	if (!find(&g, &exec))
		goto out;
	commands(&g, &exec);
	err = 0;
out:
	drop(&exec);
	core_close(&g.core);
	return err;
}
