/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "emu/debug/lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "emu/host/library.h"

#define FUNCTIONS(F) F(dwarf_begin) F(dwarf_get_units) F(dwarf_haspc) F(dwarf_getsrc_die) F(dwarf_lineno) F(dwarf_linesrc) \
	F(dwarf_attr) F(dwarf_formstring)

enum { WAIT_MS = 2000, CPU_SECONDS = 10 };

struct dw {
	LIBRARY_POINTERS(FUNCTIONS)
};
static const char *const names[] = { LIBRARY_NAMES(FUNCTIONS) };
static const struct library libdw = { "libdw.so.1", "libdw1", names, sizeof names / sizeof *names };

struct lines {
	int fd;				/* a packet with an address there, a packet with a struct line back */
	pid_t child;
};

/* --- The process that knows --- */

/* Clang gives no table of who covers which address (.debug_aranges): the units are asked one by one. */
static bool find_unit(const struct dw *d, Dwarf *dwarf, uint32_t vaddr, Dwarf_Die *unit)
{
	Dwarf_CU *cu = NULL, *next;

	while (!d->dwarf_get_units(dwarf, cu, &next, NULL, NULL, unit, NULL)) {
		if (d->dwarf_haspc(unit, vaddr) > 0)
			return true;
		cu = next;
	}
	return false;
}

/* The folder it was compiled in says nothing that the reader does not know. */
static const char *without_folder(const struct dw *d, Dwarf_Die *unit, const char *file)
{
	Dwarf_Attribute a;
	const char *folder = d->dwarf_attr(unit, DW_AT_comp_dir, &a) ? d->dwarf_formstring(&a) : NULL;
	size_t n = folder ? strlen(folder) : 0;

	return n && !strncmp(file, folder, n) && file[n] == '/' && file[n + 1] ? file + n + 1 : file;
}

static void look_up(const struct dw *d, Dwarf *dwarf, uint32_t vaddr, struct line *out)
{
	Dwarf_Die unit;
	Dwarf_Line *line;
	const char *file;
	int number;

	if (!find_unit(d, dwarf, vaddr, &unit) || !(line = d->dwarf_getsrc_die(&unit, vaddr)) ||
	    d->dwarf_lineno(line, &number) || number <= 0 || !(file = d->dwarf_linesrc(line, NULL, NULL)))
		return;
	out->number = (uint32_t)number;
	snprintf(out->file, sizeof out->file, "%s", without_folder(d, &unit, file));
}

static _Noreturn void serve(int fd, const void *data, size_t size)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGALRM };
	const struct rlimit cpu = { CPU_SECONDS, CPU_SECONDS }, none = { 0, 0 };
	char why[LIBRARY_WHY];
	int file = -1;
	uint32_t vaddr;
	Dwarf *dwarf;
	struct dw d;

	for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
		signal(fatal[i], SIG_DFL);	/* ours would put the terminal in order */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_CORE, &none);
	if (library_load(&libdw, &d, sizeof d, why) || (file = memfd_create("program", MFD_CLOEXEC)) < 0)
		_exit(1);
	for (size_t at = 0; at < size;) {
		ssize_t n = write(file, (const char *)data + at, size - at);

		if (n <= 0)
			_exit(1);
		at += (size_t)n;
	}
	dwarf = d.dwarf_begin(file, DWARF_C_READ);
	while (dwarf && recv(fd, &vaddr, sizeof vaddr, 0) == sizeof vaddr) {
		struct line answer = { 0 };

		look_up(&d, dwarf, vaddr, &answer);
		if (send(fd, &answer, sizeof answer, MSG_NOSIGNAL) != sizeof answer)
			break;
	}
	_exit(0);
}

/* --- Who asks --- */

static bool has_lines(const void *data, size_t size)
{
	Elf *elf;
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	size_t strings;
	bool found = false;

	elf_version(EV_CURRENT);
	elf = elf_memory((char *)(uintptr_t)data, size);	/* it is only read */
	while (elf && !found && !elf_getshdrstrndx(elf, &strings) && (scn = elf_nextscn(elf, scn))) {
		const char *name = gelf_getshdr(scn, &sh) ? elf_strptr(elf, strings, sh.sh_name) : NULL;

		found = name && (!strcmp(name, ".debug_line") || !strcmp(name, ".zdebug_line"));
	}
	elf_end(elf);
	return found;
}

struct lines *lines_of(const void *data, size_t size)
{
	struct lines *l;
	int ends[2];

	if (!has_lines(data, size) || !(l = calloc(1, sizeof *l)))
		return NULL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
		free(l);
		return NULL;
	}
	l->child = fork();
	if (!l->child) {
		close(ends[0]);
		serve(ends[1], data, size);
	}
	close(ends[1]);
	l->fd = ends[0];
	if (l->child < 0) {
		close(l->fd);
		free(l);
		return NULL;
	}
	return l;
}

static void give_up(struct lines *l)
{
	if (l->fd < 0)
		return;
	close(l->fd);
	l->fd = -1;
	kill(l->child, SIGKILL);
	while (waitpid(l->child, NULL, 0) < 0 && errno == EINTR)
		;
}

void lines_free(struct lines *l)
{
	if (l)
		give_up(l);
	free(l);
}

bool lines_find(struct lines *l, uint32_t vaddr, struct line *out)
{
	struct pollfd p = { .events = POLLIN };
	int n;

	if (!l || l->fd < 0)
		return false;
	p.fd = l->fd;
	if (send(l->fd, &vaddr, sizeof vaddr, MSG_NOSIGNAL) == sizeof vaddr) {
		while ((n = poll(&p, 1, WAIT_MS)) < 0 && errno == EINTR)
			;
		if (n == 1 && recv(l->fd, out, sizeof *out, 0) == sizeof *out) {
			out->file[sizeof out->file - 1] = '\0';
			return out->number != 0;
		}
	}
	give_up(l);
	return false;
}
