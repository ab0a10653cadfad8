/* SPDX-License-Identifier: MIT
 *
 * fuzz-isa [-n CASES] [-s SEED]: compares, reports, shrinks what differs.
 */
#include "cpu/disasm.h"
#include "tests/fuzz/isa/isa.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct fuzz_case cases[MAX_BATCH];
static struct outcome theirs[MAX_BATCH], ours[MAX_BATCH];
static const char *errors[MAX_BATCH];

static bool same(unsigned k)
{
	struct outcome *a = &theirs[k], *b = &ours[k];

	if (errors[k])
		return false;
	if (a->signal != b->signal || (a->signal == 11 && a->address != b->address))
		return false;
	return memcmp(&a->context, &b->context, offsetof(struct context, unused)) == 0 &&
	       memcmp(a->scratch, b->scratch, SCRATCH_SIZE) == 0;
}

static int run_both(unsigned count)
{
	int err = run_qemu(cases, count, theirs);

	return err ? err : run_hart(cases, count, ours, errors);
}

static void print_case(const struct fuzz_case *c, uint32_t pc, uint32_t stop)
{
	uint8_t code[CODE_SIZE];
	uint32_t at = pc;

	place_case(c, pc, code);
	for (unsigned i = 0; i < c->count; i++) {
		char text[DISASM_MAX];
		uint32_t bits = 0;

		memcpy(&bits, code + (at - pc), c->insns[i].len);
		disasm(text, sizeof(text), at, bits);
		/* Not those that shrinking erased. */
		if (bits != 0x0001 && bits != 0x13)
			printf("#  %s %08x:  %0*x%*s  %s\n", at == stop ? "=>" : "  ", at, c->insns[i].len * 2, bits,
			       8 - c->insns[i].len * 2, "", text);
		at += c->insns[i].len;
	}
}

static void print_difference(unsigned k)
{
	const struct outcome *a = &theirs[k], *b = &ours[k];
	const struct state *s = &cases[k].state;

	if (errors[k])
		printf("#  %s\n", errors[k]);
	if (a->signal != b->signal || a->address != b->address || a->context.pc != b->context.pc)
		printf("#  qemu: signal %u at pc %08x, address %08x; hart: signal %u at pc %08x, address %08x\n",
		       a->signal, a->context.pc, a->address, b->signal, b->context.pc, b->address);
	for (int i = 0; i < 31; i++) {
		if (a->context.x[i] != b->context.x[i])
			printf("#  %s: start %08x, qemu %08x, hart %08x\n", disasm_xreg((unsigned)i + 1), s->context.x[i],
			       a->context.x[i], b->context.x[i]);
	}
	for (int i = 0; i < 32; i++) {
		if (a->context.f[i] != b->context.f[i])
			printf("#  %s: start %016" PRIx64 ", qemu %016" PRIx64 ", hart %016" PRIx64 "\n",
			       disasm_freg((unsigned)i), s->context.f[i], a->context.f[i], b->context.f[i]);
	}
	if (a->context.fcsr != b->context.fcsr)
		printf("#  fcsr: start %02x, qemu %02x, hart %02x\n", s->context.fcsr, a->context.fcsr, b->context.fcsr);
	for (unsigned i = 0; i < SCRATCH_SIZE; i++) {
		if (a->scratch[i] != b->scratch[i])
			printf("#  memory %08x: start %02x, qemu %02x, hart %02x\n", SCRATCH + i, s->scratch[i],
			       a->scratch[i], b->scratch[i]);
	}
}

/* Replaces instruction i by one that does nothing, of the same length. */
static void erase(struct fuzz_case *c, unsigned i)
{
	c->insns[i].bits = c->insns[i].len == 2 ? 0x0001 : 0x13;
	c->insns[i].target = -1;
}

/* Leaves only the instructions that the difference needs, as far as removing single ones finds. */
static int shrink(struct fuzz_case *c)
{
	for (;;) {
		unsigned count = 0, i;
		int err;

		for (i = 0; i + 1 < c->count; i++) {
			uint32_t bits = c->insns[i].bits;

			/* Counting stays, or loops would never end. */
			if (bits == 0x0001 || bits == 0x13 || (bits & 0xfff) == (0x13 | REG_COUNT << 7))
				continue;
			cases[count] = *c;
			erase(&cases[count++], i);
		}
		if (count == 0)
			return 0;
		err = run_both(count);
		if (err)
			return err;
		for (i = 0; i < count && same(i); i++)
			;
		if (i == count)
			return 0;
		*c = cases[i];
	}
}

/* Reports the case; cases[] is overwritten. */
static void report(unsigned k)
{
	static struct fuzz_case small;
	uint64_t seed = cases[k].seed;

	printf("# seed %" PRIu64 " differs:\n", seed);
	print_difference(k);
	small = cases[k];
	if (shrink(&small) != 0)
		return;
	cases[0] = small;
	if (run_both(1) != 0 || same(0)) {
		printf("# it does not differ when run alone\n");
		return;
	}
	printf("# shrunk:\n");
	print_case(&small, CODE, ours[0].context.pc);
	print_difference(0);
}

static int parse(int argc, char **argv, uint64_t *count, uint64_t *seed)
{
	*count = 10000;
	*seed = (uint64_t)time(NULL) * 1000003;
	for (int i = 1; i < argc; i += 2) {
		char *end;
		uint64_t v;

		if (i + 1 == argc || argv[i][0] != '-' || argv[i][1] == 0 || argv[i][2] != 0)
			return -EINVAL;
		v = strtoull(argv[i + 1], &end, 0);
		if (*end != 0 || end == argv[i + 1])
			return -EINVAL;
		if (argv[i][1] == 'n')
			*count = v;
		else if (argv[i][1] == 's')
			*seed = v;
		else
			return -EINVAL;
	}
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t count, seed, done = 0, different = 0;
	struct timespec start, end;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (parse(argc, argv, &count, &seed) != 0) {
		fprintf(stderr, "usage: fuzz-isa [-n CASES] [-s FIRST-SEED]\n");
		return 2;
	}
	if (hart_side_start() != 0) {
		fprintf(stderr, "fuzz-isa: cannot start the hart\n");
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &start);
	printf("1..1\n# cases %" PRIu64 ", first seed %" PRIu64 "\n", count, seed);
	while (done < count && different < 10) {
		unsigned batch = count - done < MAX_BATCH ? (unsigned)(count - done) : MAX_BATCH;
		int err;

		for (unsigned k = 0; k < batch; k++)
			generate_case(&cases[k], seed + done + k);
		err = run_both(batch);
		if (err == -ENOENT) {
			printf("ok 1 - hart and qemu-riscv32 agree # SKIP qemu-riscv32 is not installed\n");
			return 0;
		}
		if (err) {
			printf("# seeds %" PRIu64 "..%" PRIu64 ": the batch failed: %s\n", seed + done,
			       seed + done + batch - 1, strerror(-err));
			different++;
		}
		for (unsigned k = 0; k < batch && !err && different < 10; k++) {
			if (same(k))
				continue;
			different++;
			report(k);
			/* Reporting used the arrays up. */
			for (unsigned j = 0; j < batch; j++)
				generate_case(&cases[j], seed + done + j);
			err = run_both(batch);
		}
		done += batch;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("# %" PRIu64 " cases, %" PRIu64 " different, %.1f s\n", done, different,
	       (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
	printf("%sok 1 - hart and qemu-riscv32 agree\n", different ? "not " : "");
	return different != 0;
}
