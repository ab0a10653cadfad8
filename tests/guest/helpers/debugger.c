/* SPDX-License-Identifier: MIT
 * A small debugger that runs inside of the guest, as gdbserver would: starts a program, stops at a function, says where it
 * is and by whom it was called, takes some steps and lets it go on.
 *
 *	debugger PROGRAM FUNCTION STEPS
 *
 * It finds functions in the program's symbol table, and where they lie by PTRACE_GETFDPIC.  Frames are followed by s0.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "../tracer.h"

#define C_EBREAK 0x9002u

static const Elf32_Ehdr *elf;
static const Elf32_Sym *symbols;
static const char *names;
static unsigned count;
static pid_t pid;
static uint32_t displacement;		/* where the first segment lies, less where it was linked */

static int read_symbols(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	const char *bytes;
	const Elf32_Shdr *sh;

	if (fd < 0 || fstat(fd, &st))
		return -1;
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		return -1;
	elf = (const void *)bytes;
	sh = (const void *)(bytes + elf->e_shoff);
	for (int i = 0; i < elf->e_shnum; i++)
		if (sh[i].sh_type == SHT_SYMTAB) {
			symbols = (const void *)(bytes + sh[i].sh_offset);
			count = sh[i].sh_size / sizeof *symbols;
			names = bytes + sh[sh[i].sh_link].sh_offset;
		}
	return count ? 0 : -1;
}

static uint32_t address_of(const char *function)
{
	for (unsigned i = 0; i < count; i++)
		if (ELF32_ST_TYPE(symbols[i].st_info) == STT_FUNC && !strcmp(names + symbols[i].st_name, function))
			return symbols[i].st_value + displacement;
	return 0;
}

/* "inner", with its offset in *offset; NULL: in no function. */
static const char *function_at(uint32_t addr, uint32_t *offset)
{
	for (unsigned i = 0; i < count; i++) {
		const Elf32_Sym *s = &symbols[i];

		*offset = addr - displacement - s->st_value;
		if (ELF32_ST_TYPE(s->st_info) == STT_FUNC && *offset < s->st_size)
			return names + s->st_name;
	}
	return NULL;
}

static void print_frame(int n, uint32_t addr)
{
	uint32_t offset;
	const char *name = function_at(addr, &offset);

	if (n && name)
		printf("#%d in %s\n", n, name);
	else
		printf("#%d %s%s\n", n, name ? name : "?", offset ? "+" : "");
}

/* At a function's first instruction: its caller is in ra, the caller's frame in s0. */
static void backtrace(void)
{
	struct regs r;
	uint32_t fp, offset;
	const char *name;

	get_regs(pid, &r);
	print_frame(0, r.pc);
	print_frame(1, r.ra);
	fp = r.s0;
	for (int n = 2; n < 10; n++) {
		uint32_t ra = peek(pid, fp - 4);

		print_frame(n, ra);
		name = function_at(ra, &offset);
		if (!name || !strcmp(name, "main"))
			break;
		fp = peek(pid, fp - 8);
	}
}

static void locate(void)
{
	uint32_t map = 0;

	if (trace(PTRACE_GETFDPIC_, pid, 0, (unsigned long)&map))
		perror("PTRACE_GETFDPIC");
	/* { version, nsegs }, then { addr, p_vaddr, p_memsz } */
	displacement = peek(pid, map + 4) - peek(pid, map + 8);
}

static void step(int steps)
{
	struct regs r;
	uint32_t last = 0;
	int status, moved = 0;

	for (int i = 0; i < steps; i++) {
		status = go(PTRACE_SINGLESTEP, pid, 0);
		if (status != STOP(SIGTRAP)) {
			printf("step: status %#x\n", (unsigned)status);
			return;
		}
		get_regs(pid, &r);
		moved += r.pc != last;
		last = r.pc;
	}
	printf("%d steps, %d moves\n", steps, moved);
}

int main(int argc, char **argv)
{
	char *args[] = { argv[1], NULL }, *env[] = { NULL };
	uint32_t at, saved;
	struct regs r;
	int status;

	if (argc != 4 || read_symbols(argv[1])) {
		fprintf(stderr, "usage: debugger PROGRAM FUNCTION STEPS (a program with symbols)\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	pid = vfork();
	if (pid == 0) {
		syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
		execve(argv[1], args, env);
		_exit(127);
	}
	if (wait_for(pid, 0) != STOP(SIGTRAP))
		return 1;
	locate();
	at = address_of(argv[2]);
	saved = peek(pid, at);
	trace(PTRACE_POKETEXT, pid, at, (saved & 0xffff0000) | C_EBREAK);
	status = go(PTRACE_CONT, pid, 0);
	get_regs(pid, &r);
	printf("breakpoint: %s, argument %d\n", status == STOP(SIGTRAP) && r.pc == at ? argv[2] : "missed", (int)r.a0);
	backtrace();
	trace(PTRACE_POKETEXT, pid, at, saved);
	step(atoi(argv[3]));
	status = go(PTRACE_CONT, pid, 0);
	printf("it ends with %d\n", (status & 0x7f) ? -status : status >> 8);
	return 0;
}
