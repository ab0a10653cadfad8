/* SPDX-License-Identifier: MIT
 *
 * Random mmap, munmap, mremap, shm, vfork, exec and exit from the inside, for tests/cli/mm_stress.sh.
 *
 *	mm_stress NUMBER STEPS		starts so many of the next line, and removes what they shared when they have ended
 *	mm_stress SEED STEPS DEPTH	DEPTH: generations of children it may start
 *
 * Every page that is mapped is filled, and looked at before it goes. What fails may only fail for want of memory. Status 0,
 * or 1 and a line that begins with "BAD".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096u
#define WORDS (PAGE / 4)
enum { MAPPINGS = 24, CHILDREN = 4, SEGMENTS = 4, KEY = 0x5eed };

/* ANON has a token of its own in each word, FILE_COPY and FILE_SHOWN the program's text, SEGMENT its key. */
enum kind { NONE, ANON, FILE_COPY, FILE_SHOWN, SEGMENT };

struct mapping {
	enum kind kind;
	uint32_t *at;
	size_t len;
	uint32_t token;			/* FILE_*: the page of the file */
};

static struct mapping maps[MAPPINGS];
static uint32_t seed, token;
static pid_t children[CHILDREN];
static const char *self;
extern char **environ;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

__attribute__((noreturn))
static void bad(const char *what)
{
	printf("BAD: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

static void refused(const char *what)
{
	/* The kernel, and flat32 as it, cannot attach segments; others remove them under our hands. */
	if (errno != ENOMEM && errno != EAGAIN && errno != ENODEV && errno != EIDRM && errno != EINVAL)
		bad(what);
}

/* --- Contents --- */

static void fill(struct mapping *m)
{
	m->token = ++token * 2654435761u + (uint32_t)getpid();
	for (size_t i = 0; i < m->len / 4; i++)
		m->at[i] = m->token;
}

static void check(const struct mapping *m)
{
	static uint32_t page[WORDS];
	int fd;

	for (size_t i = 0; i < m->len / 4 && (m->kind == ANON || m->kind == SEGMENT); i++)
		if (m->at[i] != m->token)
			bad("memory lost what was written to it");
	if (m->kind != FILE_COPY && m->kind != FILE_SHOWN)
		return;
	fd = open(self, O_RDONLY);
	for (size_t i = 0; fd >= 0 && i < m->len / PAGE; i++) {
		memset(page, 0, sizeof(page));
		if (pread(fd, page, PAGE, (off_t)(m->token + i) * PAGE) < 0)
			bad("pread");
		if (memcmp(page, m->at + i * WORDS, PAGE))
			bad("a mapping shows something else than its file");
	}
	if (fd >= 0)
		close(fd);
}

static struct mapping *blank(void)
{
	for (int i = 0; i < MAPPINGS; i++)
		if (maps[i].kind == NONE)
			return &maps[i];
	return NULL;
}

static struct mapping *any(void)
{
	struct mapping *m = &maps[rnd(MAPPINGS)];

	return m->kind == NONE ? NULL : m;
}

/* --- Calls --- */

static void map_anon(void)
{
	struct mapping *m = blank();
	size_t len = PAGE * (1 + rnd(1u << rnd(7)));
	void *p;

	if (!m)
		return;
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) {
		refused("mmap");
		return;
	}
	*m = (struct mapping){ ANON, p, len, 0 };
	for (size_t i = 0; i < len / 4; i++)
		if (m->at[i])
			bad("fresh memory is not clear");
	fill(m);
}

static void map_file(void)
{
	struct mapping *m = blank();
	int copy = (int)rnd(2), fd;
	uint32_t page = rnd(3);
	size_t len = PAGE * (1 + rnd(4));
	void *p = MAP_FAILED;

	if (!m)
		return;
	fd = open(self, O_RDONLY);
	if (fd >= 0)
		p = mmap(NULL, len, PROT_READ | (copy ? PROT_WRITE : 0), MAP_PRIVATE, fd, (off_t)page * PAGE);
	if (p == MAP_FAILED)
		refused("mmap of a file");
	else
		*m = (struct mapping){ copy ? FILE_COPY : FILE_SHOWN, p, len, page };
	if (fd >= 0)
		close(fd);
}

static void unmap_whole(struct mapping *m)
{
	check(m);
	if (m->kind == SEGMENT ? shmdt(m->at) : munmap(m->at, m->len))
		bad("munmap");
	m->kind = NONE;
}

/* A part of an anonymous one: its head, its tail, or a hole. */
static void unmap_part(struct mapping *m)
{
	size_t pages = m->len / PAGE, from = rnd((uint32_t)pages), nr = 1 + rnd((uint32_t)(pages - from));
	struct mapping *rest = blank();

	if (m->kind != ANON || nr == pages || (!rest && from && from + nr < pages))
		return;
	check(m);
	if (munmap(m->at + from * WORDS, nr * PAGE)) {
		refused("munmap of a part");
		return;
	}
	if (from && from + nr < pages)
		*rest = (struct mapping){ ANON, m->at + (from + nr) * WORDS, (pages - from - nr) * PAGE, m->token };
	if (from) {
		m->len = from * PAGE;
	} else {
		m->at += nr * WORDS;
		m->len -= nr * PAGE;
	}
}

static void remap(struct mapping *m)
{
	size_t len = PAGE * (1 + rnd((uint32_t)(m->len / PAGE) + 2));
	void *p;

	if (m->kind != ANON)
		return;
	check(m);
	p = mremap(m->at, m->len, len, MREMAP_MAYMOVE);
	if (p == MAP_FAILED) {
		refused("mremap");
		return;
	}
	m->at = p;
	for (size_t i = 0; i < len / 4 && i < m->len / 4; i++)
		if (m->at[i] != m->token)
			bad("mremap lost what was written");
	m->len = len;
	fill(m);
}

static void attach(void)
{
	int key = KEY + (int)rnd(SEGMENTS), id = shmget(key, PAGE * (size_t)(1 + key - KEY), IPC_CREAT | 0600);
	struct mapping *m = blank();
	void *p;

	if (id < 0 || !m) {
		if (id < 0)
			refused("shmget");
		return;
	}
	p = shmat(id, NULL, 0);
	if (p == (void *)-1) {
		refused("shmat");
		return;
	}
	*m = (struct mapping){ SEGMENT, p, PAGE * (size_t)(1 + key - KEY), (uint32_t)key };
	/* Fresh, or as all of us leave it. */
	for (size_t i = 0; i < m->len / 4; i++) {
		if (m->at[i] && m->at[i] != m->token)
			bad("a segment has something else in it");
		m->at[i] = m->token;
	}
	if (rnd(8) == 0)
		shmctl(id, IPC_RMID, NULL);
}

/* Arguments for another one of us; valid until the next call. */
static char **command(uint32_t from, uint32_t steps, uint32_t depth)
{
	static char words[3][16];
	static char *argv[5];

	snprintf(words[0], sizeof(words[0]), "%u", from);
	snprintf(words[1], sizeof(words[1]), "%u", steps);
	snprintf(words[2], sizeof(words[2]), "%u", depth);
	argv[0] = (char *)self;
	for (int i = 0; i < 3; i++)
		argv[i + 1] = words[i];
	return argv;
}

static void end_child(int at)
{
	int status;

	if (!children[at])
		return;
	if (waitpid(children[at], &status, 0) != children[at])
		bad("waitpid");
	children[at] = 0;
	/* On the real kernel an execve() that finds no memory has no program to go back to. */
	if (status == SIGSEGV && getenv("EXEC_KILLS"))
		return;
	if (status) {
		printf("BAD: a child ended with %#x\n", status);
		fflush(stdout);
		_exit(1);
	}
}

static void start_child(int at, char **argv)
{
	end_child(at);
	errno = posix_spawn(&children[at], self, NULL, NULL, argv, environ);
	if (errno) {
		children[at] = 0;
		refused("posix_spawn");
	}
}

/* The program gives itself up for a fresh one, in the middle of everything. */
static void become(char **argv)
{
	for (int i = 0; i < CHILDREN; i++)
		end_child(i);
	execv(self, argv);
	refused("execv");
}

static void step(uint32_t left, uint32_t depth)
{
	uint32_t what = rnd(100);
	struct mapping *m = any();

	if (what < 40)
		map_anon();
	else if (what < 48)
		map_file();
	else if (what < 54)
		attach();
	else if (what < 70 && m)
		unmap_part(m);
	else if (what < 80 && m)
		remap(m);
	else if (what < 97 && m)
		unmap_whole(m);
	else if (what < 99 && depth)
		start_child((int)rnd(CHILDREN), command(rnd(1u << 24), left / 4, depth - 1));
	else if (what == 99 && rnd(4) == 0)
		become(command(rnd(1u << 24), left, depth));
}

static int start(int number, uint32_t steps)
{
	for (int i = 0; i < number && i < CHILDREN; i++)
		start_child(i, command((uint32_t)i, steps, 2));
	for (int i = 0; i < CHILDREN; i++)
		end_child(i);
	for (int i = 0; i < SEGMENTS; i++) {
		int id = shmget(KEY + i, 0, 0);

		if (id >= 0 && shmctl(id, IPC_RMID, NULL))
			bad("shmctl");
	}
	return 0;
}

int main(int argc, char **argv)
{
	uint32_t steps, depth;

	if (argc != 3 && argc != 4)
		return 2;
	self = argv[0];
	seed = (uint32_t)strtoul(argv[1], NULL, 0);
	steps = (uint32_t)strtoul(argv[2], NULL, 0);
	if (argc == 3)
		return start((int)seed, steps);
	depth = (uint32_t)strtoul(argv[3], NULL, 0);
	while (steps--)
		step(steps, depth);
	for (int i = 0; i < CHILDREN; i++)
		end_child(i);
	/* Half of what is left goes with the process. */
	for (int i = 0; i < MAPPINGS; i += 2)
		if (maps[i].kind != NONE)
			unmap_whole(&maps[i]);
	return 0;
}
