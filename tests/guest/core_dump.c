/* SPDX-License-Identifier: MIT
 * Core files: who leaves one, what the parent is told, and what is in it.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "tap.h"

static char marker[] = "a marker in the data of the one that dies";

/* The child: role is its RLIMIT_CORE, whether it is dumpable, and its signal. */
static int child(char **argv)
{
	struct rlimit r = { (rlim_t)atoi(argv[1]), RLIM_INFINITY };

	marker[0] = 'A';
	setrlimit(RLIMIT_CORE, &r);
	prctl(PR_SET_DUMPABLE, atoi(argv[2]), 0, 0, 0);
	raise(atoi(argv[3]));
	return 9;
}

/* Runs it. Its wait status; *code is si_code. */
static int die(const char *limit, const char *dumpable, int signo, int *code)
{
	char number[8];
	siginfo_t info;
	int status;
	pid_t pid;

	unlink("core");
	snprintf(number, sizeof number, "%d", signo);
	pid = vfork();
	if (!pid) {
		execl("/proc/self/exe", "core_dump", limit, dumpable, number, (char *)NULL);
		_exit(9);
	}
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	*code = info.si_code;
	waitpid(pid, &status, 0);
	return status;
}

static off_t core_size(void)
{
	struct stat st;

	return stat("core", &st) ? -1 : st.st_size;
}

static void expect(int status, int code, int signo, int cored, const char *what)
{
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == signo, "%s: ends by signal %d", what, signo);
	tap_is(!!WCOREDUMP(status), cored, "%s: the status says %s", what, cored ? "core" : "no core");
	tap_is(code, cored ? CLD_DUMPED : CLD_KILLED, "%s: so does waitid", what);
	tap_is(core_size() > 0, cored, "%s: %s file", what, cored ? "a" : "no");
}

static void test_when(void)
{
	static const int cores[] = { SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS };
	static const int none[] = { SIGKILL, SIGTERM, SIGHUP, SIGINT, SIGPIPE, SIGUSR1 };
	int status, code;
	off_t full;

	for (unsigned i = 0; i < sizeof cores / sizeof *cores; i++) {
		status = die("100000000", "1", cores[i], &code);
		expect(status, code, cores[i], 1, "a signal with a core");
	}
	full = core_size();
	for (unsigned i = 0; i < sizeof none / sizeof *none; i++) {
		status = die("100000000", "1", none[i], &code);
		expect(status, code, none[i], 0, "one without");
	}
	status = die("0", "1", SIGSEGV, &code);
	expect(status, code, SIGSEGV, 0, "RLIMIT_CORE 0");
	status = die("4095", "1", SIGSEGV, &code);
	expect(status, code, SIGSEGV, 0, "less than a page");
	status = die("100000000", "0", SIGSEGV, &code);
	expect(status, code, SIGSEGV, 0, "PR_SET_DUMPABLE 0");
	status = die("20000", "1", SIGSEGV, &code);
	expect(status, code, SIGSEGV, 1, "a limit that is too small");
	tap_ok(core_size() < full, "cuts the file");
}

static unsigned char *read_core(size_t *size)
{
	off_t n = core_size();
	unsigned char *p = n > 0 ? malloc((size_t)n) : NULL;
	int fd = open("core", O_RDONLY);

	*size = 0;
	for (ssize_t got; p && (got = read(fd, p + *size, (size_t)n - *size)) > 0;)
		*size += (size_t)got;
	if (fd >= 0)
		close(fd);
	return p;
}

/* Whether the core's memory holds the marker, as the one that died changed it. */
static int finds_marker(const unsigned char *core, size_t size)
{
	char want[sizeof marker];

	memcpy(want, marker, sizeof want);
	want[0] = 'A';
	return memmem(core, size, want, sizeof want) != NULL;
}

static void test_contents(void)
{
	const Elf32_Ehdr *eh;
	const Elf32_Phdr *ph;
	unsigned char *core;
	int code, loads = 0, in_order = 1, aligned = 1, notes[7] = { 0 };
	size_t size;
	struct stat st;

	die("100000000", "1", SIGABRT, &code);
	stat("core", &st);
	tap_is(st.st_mode & 07777, 0600, "for its owner alone");
	core = read_core(&size);
	if (!core)
		tap_bail("no core");
	eh = (const Elf32_Ehdr *)core;
	tap_ok(!memcmp(eh->e_ident, ELFMAG, SELFMAG) && eh->e_type == ET_CORE, "an ELF core file");
	tap_is(eh->e_machine, EM_RISCV, "of RISC-V");
	tap_is(eh->e_flags, 0, "without flags");
	ph = (const Elf32_Phdr *)(core + eh->e_phoff);
	tap_is(ph->p_type, PT_NOTE, "the notes come first");
	for (int i = 2; i < eh->e_phnum; i++)
		in_order &= ph[i].p_vaddr > ph[i - 1].p_vaddr;
	for (int i = 1; i < eh->e_phnum; i++) {
		loads += ph[i].p_type == PT_LOAD && ph[i].p_filesz == ph[i].p_memsz;
		aligned &= ph[i].p_offset % 4096 == 0 && ph[i].p_vaddr % 4096 == 0;
	}
	tap_ok(loads == eh->e_phnum - 1 && loads >= 2, "then each mapping, with all it holds");
	tap_ok(in_order && aligned, "by address, in whole pages");
	tap_ok(finds_marker(core, size), "the memory of the one that died");
	for (const unsigned char *n = core + ph->p_offset, *end = n + ph->p_filesz; n < end;) {
		const Elf32_Nhdr *nh = (const Elf32_Nhdr *)n;
		const int *desc = (const int *)(n + 12 + ((nh->n_namesz + 3) & ~3u));

		if (nh->n_type < 7)
			notes[nh->n_type]++;
		if (nh->n_type == NT_PRSTATUS && nh->n_descsz == 212)
			tap_ok(desc[0] == SIGABRT && desc[50] != 0, "NT_PRSTATUS: the signal and the loadmap");
		if (nh->n_type == NT_PRPSINFO)
			tap_ok(nh->n_descsz == 128 && strstr((const char *)desc + 48, " 100000000 1 6"),
			       "NT_PRPSINFO: the command line");
		n = (const unsigned char *)desc + ((nh->n_descsz + 3) & ~3u);
	}
	tap_ok(notes[NT_PRSTATUS] && notes[NT_PRFPREG] && notes[NT_PRPSINFO] == 1 && notes[NT_AUXV] == 1,
	       "registers, process and auxiliary vector");
	free(core);
}

int main(int argc, char **argv)
{
	if (argc > 3)
		return child(argv);
	tap_plan(0);
	if (mkdir("/tmp/cores", 0700) && errno != EEXIST)
		tap_bail("mkdir");
	if (chdir("/tmp/cores"))
		tap_bail("chdir");
	test_when();
	test_contents();
	unlink("core");
	chdir("/");
	rmdir("/tmp/cores");
	return tap_done();
}
