/* SPDX-License-Identifier: MIT
 *
 * Random calls of many tasks against a naive reference (tests/model/model.h), with every page
 * allocation strategy: after each call the answer and all counts must be the reference's and
 * mm_check() finds nothing; at the end of each round everything has come back.
 *
 * By itself it makes a short run.  tests/cli/mm_model.sh makes 10^6 calls per strategy, `make model
 * N=100000000 ALLOC=tlsf` as many as asked.  The environment says what to do:
 *
 *	FLAT32_MODEL_OPS	calls per strategy
 *	FLAT32_MODEL_SEED	the first round's seed; even ones are rounds without, odd ones with --compat
 *	FLAT32_MODEL_ALLOC	only this strategy
 *	FLAT32_MODEL_JOBS	strategies at a time, each a process (default: one per processor)
 *	FLAT32_MODEL_PROGRESS	a line on stderr for so many calls
 *	FLAT32_MODEL_TRACE	every call is printed
 *
 * A failure names strategy, seed and step: with that seed it is the first round that fails, at that step.
 */
#include <stdarg.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/model/model.h"

#define ROUND 5000u		/* calls */
#define RAM_SIZE ((64 + PAGES_MAX) * PG)

struct model model;

static uint64_t wish(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value && *value ? strtoull(value, NULL, 0) : otherwise;
}

void model_fail(const char *format, ...)
{
	va_list args;

	printf("# %s, seed %llu, step %llu: ", model.strategy->name, (unsigned long long)model.seed,
	       (unsigned long long)model.step);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n# again: FLAT32_MODEL_ALLOC=%s FLAT32_MODEL_SEED=%llu FLAT32_MODEL_OPS=%u FLAT32_MODEL_TRACE=1\n",
	       model.strategy->name, (unsigned long long)model.seed, ROUND);
	fflush(stdout);
	_exit(1);
}

static unsigned floor_log2(uint32_t n)
{
	return 31 - (unsigned)__builtin_clz(n);
}

static void sound(void)
{
	const char *broken = mm_check(model.mm);

	if (broken)
		model_fail("%s", broken);
}

/* Poisoned pages tell when somebody wrote to free memory. */
static void log_line(void *owner, int level, const char *line)
{
	(void)owner;
	trace("log: <%d> %s\n", level, line);
	if (strncmp(line, "pagealloc:", 10) == 0)
		model_fail("%s", line);
}

/* A machine as the seed has it. */
static void begin(const struct page_ops *strategy, struct flat *flat, uint64_t seed)
{
	struct mm_config c = { .strategy = strategy->name, .compat_linux = seed & 1, .log = log_line };

	memset(&model, 0, sizeof(model));
	model.strategy = strategy;
	model.flat = flat;
	model.seed = seed;
	model.random = seed * 0x9e3779b97f4a7c15u;
	model.trace = wish("FLAT32_MODEL_TRACE", 0);
	model.compat = c.compat_linux;
	model.trim = c.nr_trim_pages = rnd(4) ? 1 : rnd(20);
	c.ignore_uninitialized = rnd(4) == 0;
	model.uncleared = !c.ignore_uninitialized;
	c.max_order = rnd(4) ? 0 : 3 + rnd(6);
	model.base = FLAT_RAM_BASE / PG + rnd(64);
	model.count = 64 + rnd(rnd(8) ? 192 : PAGES_MAX - 64);
	model.max_order = floor_log2(model.count);
	if (!c.max_order && model.compat && model.max_order > 10)
		model.max_order = 10;
	if (c.max_order && c.max_order < model.max_order)
		model.max_order = c.max_order;
	c.ram_base = model.base * PG;
	c.ram_size = model.count * PG;
	model.poison = c.poison = rnd(8) == 0;
	/* As fresh memory is: the last round has left its own there. */
	must_eq(flat_zero_pages(flat, c.ram_base, c.ram_size), 0);
	for (int i = 0; i < TASKS; i++)
		model.task[i] = NOTHING;
	for (uint32_t i = 0; i < model.count; i++)
		model.pages[i].holder = FREE;
	must_eq(mm_new(&model.mm, flat, &c), 0);
	trace("seed %llu: %u pages at %#x, largest order %u, trim %u%s\n", (unsigned long long)seed, model.count,
	      c.ram_base, model.max_order, model.trim, model.compat ? ", compat" : "");
	files_start();
	model_boot();
}

static void step(void)
{
	int task = model_any(), space = model.task[task];
	uint32_t what = rnd(1000);

	model.failing = rnd(50) == 0;
	mm_fail_after(model.mm, model.failing);
	if (what < 300)
		call_anon(space, 1 + rnd(PG << rnd(rnd(40) ? 6 : 9)), rnd(4) == 0);
	else if (what < 440)
		call_file(space, (int)rnd(FILES), rnd(6), 1 + rnd(6 * PG), (enum kind)(OWN + rnd(3)));
	else if (what < 760)
		call_munmap(space);
	else if (what < 830)
		call_mremap(space);
	else if (what < 850)
		call_brk(space);
	else if (what < 920)
		call_shm(space);
	else if (what < 930)
		file_change((int)rnd(FILES));
	else if (what < 955)
		model_vfork(task);
	else if (what < 975)
		model_exec(task);
	else if (what < 990)
		model_exit(task);
	else
		mm_set_trim(model.mm, model.trim = rnd(3) * rnd(5));
	mm_fail_after(model.mm, 0);
	if (model_any() == NOTHING)
		model_boot();
	sound();
	compare_counts();
	if (model.step % 32 == 0)
		compare_all();
}

/* Everything ends: nothing may be left. */
static void end(void)
{
	struct mm_stats st;

	for (int i = 0; i < TASKS; i++)
		if (model.task[i] != NOTHING)
			model_exit(i);
	for (int i = 0; i < SEGMENTS; i++)
		if (model.segments[i].live && !model.segments[i].removed)
			must_eq(mm_shm_rmid(model.mm, model.segments[i].id, &(struct mm_shm_cred){ .privileged = true }), 0);
	files_end();
	sound();
	mm_get_stats(model.mm, &st);
	must_eq(st.free, st.total);
	must_eq(st.regions + st.vmas, 0);
	mm_free(model.mm);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run(const struct page_ops *strategy, uint64_t ops, uint64_t seed)
{
	uint64_t progress = wish("FLAT32_MODEL_PROGRESS", 0), shown = 0;
	double start = seconds();
	struct flat *flat;

	if (flat_new(&flat) || flat_commit(flat, FLAT_RAM_BASE, RAM_SIZE))
		_exit(2);
	for (uint64_t done = 0; done < ops; seed++) {
		begin(strategy, flat, seed);
		for (model.step = 1; model.step <= ROUND && done < ops; model.step++, done++)
			step();
		end();
		if (progress && done / progress > shown) {
			shown = done / progress;
			fprintf(stderr, "%-12s %llu of %llu calls, %.2f us each, seed %llu\n", strategy->name,
				(unsigned long long)done, (unsigned long long)ops,
				(seconds() - start) * 1e6 / (double)done, (unsigned long long)seed);
		}
	}
	flat_free(flat);
}

/* Waits for one of the strategies' processes and prints its result. */
static int reap(const pid_t *children, unsigned nr, uint64_t ops)
{
	int status;
	pid_t pid = wait(&status);

	for (unsigned i = 0; i < nr; i++) {
		if (children[i] != pid)
			continue;
		if (WIFSIGNALED(status))
			printf("# %s: signal %d\n", page_strategy_at(i)->name, WTERMSIG(status));
		printf("%sok %u - %s: %llu calls, as the reference has it\n", status ? "not " : "", i + 1,
		       page_strategy_at(i)->name, (unsigned long long)ops);
		fflush(stdout);
	}
	return status != 0;
}

int main(void)
{
	uint64_t ops = wish("FLAT32_MODEL_OPS", 20000), seed = wish("FLAT32_MODEL_SEED", 1);
	unsigned jobs = (unsigned)wish("FLAT32_MODEL_JOBS", (uint64_t)sysconf(_SC_NPROCESSORS_ONLN));
	const char *only = getenv("FLAT32_MODEL_ALLOC");
	unsigned nr = 0, running = 0;
	int failed = 0;
	pid_t children[64];

	if (only && *only) {
		const struct page_ops *strategy = page_strategy(only);

		if (!strategy) {
			printf("Bail out! no strategy is called %s\n", only);
			return 2;
		}
		printf("1..1\n# the first seed is %llu\n", (unsigned long long)seed);
		fflush(stdout);
		run(strategy, ops, seed);
		printf("ok 1 - %s: %llu calls, as the reference has it\n", only, (unsigned long long)ops);
		return 0;
	}
	while (page_strategy_at(nr))
		nr++;
	printf("1..%u\n# the first seed is %llu\n", nr, (unsigned long long)seed);
	fflush(stdout);
	for (unsigned i = 0; i < nr; i++) {
		if (running == jobs) {
			failed |= reap(children, i, ops);
			running--;
		}
		children[i] = fork();
		if (children[i] < 0) {
			printf("Bail out! fork failed\n");
			return 2;
		}
		if (children[i] == 0) {
			run(page_strategy_at(i), ops, seed);
			_exit(0);
		}
		running++;
	}
	for (; running; running--)
		failed |= reap(children, nr, ops);
	return failed;
}
