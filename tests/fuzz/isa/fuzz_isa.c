/* SPDX-License-Identifier: MIT
 *
 * fuzz-isa [-n CASES] [-s FIRST-SEED] [-e ENGINES]
 *
 * ENGINES: which to compare, of interp, jit and qemu; default: all there are.
 */
#include "tests/fuzz/isa/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_REPORTS 10

static struct fuzz_case cases[MAX_BATCH];
static struct result results[MAX_BATCH];
static struct outcome theirs[MAX_BATCH];
static struct engines engines;

static struct {
	uint64_t cases, retired, with_qemu, different;
} total;

static int start_group(uint64_t seed)
{
	int err = machine_start(&engines.a, seed);

	return err ? err : machine_start(&engines.b, seed);
}

static void found(unsigned k, const struct outcome *qemu)
{
	if (total.different++ < MAX_REPORTS)
		report(&engines, &cases[k], &results[k], qemu);
}

static int run_harts(uint64_t seed, unsigned count, bool fresh)
{
	for (unsigned k = 0; k < count && total.different < MAX_REPORTS; k++) {
		int err = 0;

		generate_case(&cases[k], seed + k);
		if (fresh || cases[k].seed % GROUP == 0)
			err = start_group(cases[k].seed);
		if (err)
			return err;
		lockstep(&engines.a, &engines.b, &cases[k], &results[k]);
		total.cases++;
		total.retired += results[k].retired;
		fresh = results[k].error != NULL;
		if (results[k].error)
			found(k, NULL);
	}
	return 0;
}

static int compare_with_qemu(unsigned count)
{
	static bool skip[MAX_BATCH];
	unsigned left = 0;
	int err;

	for (unsigned k = 0; k < count; k++) {
		skip[k] = !for_qemu(&cases[k], &results[k]);
		left += !skip[k];
	}
	if (left == 0)
		return 0;
	err = run_qemu(cases, count, skip, theirs);
	if (err)
		return err;
	total.with_qemu += left;
	for (unsigned k = 0; k < count && total.different < MAX_REPORTS; k++) {
		if (!skip[k] && !same_outcome(&theirs[k], &results[k].outcome))
			found(k, &theirs[k]);
	}
	return 0;
}

static int run_all(uint64_t seed, uint64_t count)
{
	for (uint64_t done = 0; done < count && total.different < MAX_REPORTS; ) {
		unsigned batch = count - done < MAX_BATCH ? (unsigned)(count - done) : MAX_BATCH;
		int err = run_harts(seed + done, batch, done == 0);

		if (!err && engines.qemu && total.different < MAX_REPORTS)
			err = compare_with_qemu(batch);
		if (err == -EIO) {
			printf("# seeds %" PRIu64 "..%" PRIu64 ": the batch failed under qemu\n", seed + done,
			       seed + done + batch - 1);
			total.different++;
		} else if (err) {
			return err;
		}
		done += batch;
	}
	return 0;
}

struct options {
	uint64_t count, seed;
	bool jit, qemu;
	bool chosen;	/* engines were named: they must be there */
};

static int parse_engines(char *list, struct options *o)
{
	o->jit = o->qemu = false;
	o->chosen = true;
	for (char *name = strtok(list, ","); name; name = strtok(NULL, ",")) {
		if (strcmp(name, "jit") == 0)
			o->jit = true;
		else if (strcmp(name, "qemu") == 0)
			o->qemu = true;
		else if (strcmp(name, "interp") != 0)
			return -EINVAL;
	}
	return 0;
}

static int parse(int argc, char **argv, struct options *o)
{
	int c;

	*o = (struct options){ .count = 10000, .seed = (uint64_t)time(NULL) * 1000003, .jit = true, .qemu = true };
	while ((c = getopt(argc, argv, "n:s:e:")) != -1) {
		char *end = optarg;

		if (c == 'n')
			o->count = strtoull(optarg, &end, 0);
		else if (c == 's')
			o->seed = strtoull(optarg, &end, 0);
		else if (c != 'e' || parse_engines(optarg, o) != 0)
			return -EINVAL;
		if (c != 'e' && (*end != 0 || end == optarg))
			return -EINVAL;
	}
	return optind == argc ? 0 : -EINVAL;
}

/* The machines: the interpreter, and the JIT or, where there is none, the interpreter again. */
static int open_engines(struct options *o)
{
	int err = machine_open(&engines.a, "interp", false);

	if (!err)
		err = machine_open(&engines.b, o->jit ? "jit" : "pieces", o->jit);
	if (!err)
		err = start_group(o->seed);
	if (err == -ENOSYS && !o->chosen) {
		engines.b.name = "pieces";
		engines.b.jit = false;
		err = start_group(o->seed);
	}
	engines.qemu = o->qemu;
	return err;
}

int main(int argc, char **argv)
{
	struct timespec start, end;
	struct options o;
	int err;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (parse(argc, argv, &o) != 0) {
		fprintf(stderr, "usage: fuzz-isa [-n CASES] [-s FIRST-SEED] [-e interp,jit,qemu]\n");
		return 2;
	}
	err = open_engines(&o);
	if (err) {
		fprintf(stderr, "fuzz-isa: cannot start the engines: %s\n", strerror(-err));
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &start);
	printf("1..1\n# cases %" PRIu64 ", first seed %" PRIu64 ", engines %s, %s%s\n", o.count, o.seed, engines.a.name,
	       engines.b.name, engines.qemu ? ", qemu" : "");
	err = run_all(o.seed, o.count);
	if (err == -ENOENT && !o.chosen) {
		printf("# qemu-riscv32 is not installed\n");
		engines.qemu = false;
		memset(&total, 0, sizeof(total));
		err = run_all(o.seed, o.count);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("# %" PRIu64 " cases, %" PRIu64 " of them with qemu, %" PRIu64 " instructions, %" PRIu64 " different, %.1f s\n",
	       total.cases, total.with_qemu, total.retired, total.different,
	       (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
	if (err)
		printf("# %s\n", strerror(-err));
	printf("%sok 1 - the engines agree\n", total.different || err ? "not " : "");
	return total.different != 0 || err != 0;
}
