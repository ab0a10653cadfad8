/* SPDX-License-Identifier: MIT
 *
 * nommu-mmap.txt, statement (7) of the notes: core dumps of ELF-FDPIC programs (the kernel's fs/binfmt_elf_fdpic.c).
 */
#define _GNU_SOURCE
#include <elf.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "nommu.h"

#define MARK 0x5ca1ab1eu
#define FILE_MARK "what a file mapping shows"

/* Has an anonymous mapping and a file's, notes how many mappings there are, and aborts. */
static int crash(void)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	uint32_t *p = (uint32_t *)nommu_anon(2);
	int fd = open("mapped", O_RDWR | O_CREAT, 0600), note;
	char count;

	if (ftruncate(fd, PAGE) || pwrite(fd, FILE_MARK, sizeof FILE_MARK, 0) < 0)
		return 1;
	nommu_map(PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	for (unsigned i = 0; i < 2 * PAGE / 4; i++)
		p[i] = MARK + i;
	setrlimit(RLIMIT_CORE, &all);
	note = open("count", O_WRONLY | O_CREAT, 0600);
	count = (char)nommu_lines("/proc/self/maps", 0, -1ul, NULL);
	if (write(note, &count, 1) != 1)
		return 1;
	abort();
}

static void dumping(void)
{
	Elf32_Ehdr e = { .e_phnum = 0 };
	Elf32_Phdr ph;
	struct stat st = { .st_size = 0 };
	char count = 0, text[sizeof FILE_MARK];
	uint32_t first, last;
	int status = 0, fd, loads = 0, whole = 1, mark = 0, file = 0, notes = 0;
	pid_t pid = nommu_spawn("crash", 0);

	waitpid(pid, &status, 0);
	if (!WIFSIGNALED(status) || !WCOREDUMP(status)) {
		tap_skip(5, "no core dumps");
		return;
	}
	fd = open("count", O_RDONLY);
	if (read(fd, &count, 1) != 1)
		tap_bail("count: %s", strerror(errno));
	close(fd);
	fd = open("core", O_RDONLY);
	fstat(fd, &st);
	tap_ok(pread(fd, &e, sizeof e, 0) == sizeof e && !memcmp(e.e_ident, ELFMAG, SELFMAG) && e.e_type == ET_CORE &&
	       e.e_machine == 243, "S51 a process that aborts leaves an ELF core");
	for (unsigned i = 0; i < e.e_phnum; i++) {
		if (pread(fd, &ph, sizeof ph, (off_t)(e.e_phoff + i * sizeof ph)) != sizeof ph)
			break;
		notes += ph.p_type == PT_NOTE;
		if (ph.p_type != PT_LOAD)
			continue;
		loads++;
		whole &= ph.p_filesz == ph.p_memsz && ph.p_offset + ph.p_filesz <= (uint64_t)st.st_size;
		mark |= pread(fd, &first, 4, ph.p_offset) == 4 && first == MARK && ph.p_filesz == 2 * PAGE &&
			pread(fd, &last, 4, ph.p_offset + 2 * PAGE - 4) == 4 && last == MARK + 2 * PAGE / 4 - 1;
		file |= pread(fd, text, sizeof text, ph.p_offset) == sizeof text && !memcmp(text, FILE_MARK, sizeof text);
	}
	close(fd);
	tap_is(notes, 1, "S51 with notes");
	tap_is(loads, count, "S51 a segment for each mapping: none is an exception");
	tap_ok(whole, "S51 each with all its contents");
	tap_ok(mark && file, "S51 anonymous memory and a file's read-only mapping among them");
	unlink("core");
	unlink("count");
	unlink("mapped");
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 2)
		return crash();
	tap_plan(0);
	nommu_enter();
	dumping();
	nommu_leave();
	return tap_done();
}
