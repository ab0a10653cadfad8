/* SPDX-License-Identifier: MIT
 *
 * Measures commands beside each other:  measure RESULTS.tsv <PLAN
 *
 * The contenders of a case are run in turns, in another order each round, so that what else the machine
 * does hits all of them.  Of each the median and the whole spread are shown, and how the first one compares.
 *
 * PLAN, a line each:
 *	case NAME KIND ROUNDS TITLE...	KIND: ms    the time of one run in milliseconds, less is better
 *					      ms/20 the same, of 20 runs in a row for one measurement
 *					      rate  the command prints a number, more is better
 *					      mips:N  processor time (user and system) in milliseconds, and
 *						      what N instructions in that time are, in MIPS
 *	run LABEL COMMAND...		by words, no quoting
 *	note LABEL TEXT...		why this contender has no number here
 * A case is measured when the next line comes that is none of its own.  "mean TEXT" prints the geometric
 * means of the ratios since the last mean; "mean -" only forgets them.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 16, WORDS = 32, ROUNDS = 101 };

struct contender {
	char label[32], line[1024];
	char *argv[WORDS];
	double value[ROUNDS];
	int count, failed, absent;	/* absent: line says why */
};

static struct {
	char name[64], title[256];
	int rate, cpu, batch, rounds, runs;
	double instructions;
	struct contender run[RUNS];
} now;

/* Ratios of each label to the first contender, for the means. */
static struct { char label[32]; double logs; int n; } means[RUNS];
static FILE *results;
static int failures;
extern char **environ;

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Runs once; out gets what it printed, *cpu the processor time in seconds.  False if it failed. */
static int run_once(char **argv, char *out, size_t size, double *cpu)
{
	struct rusage ru;
	posix_spawn_file_actions_t fa;
	int p[2], status = -1, err;
	size_t have = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(p, O_CLOEXEC))
		return 0;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, p[1], 1);
	err = posix_spawnp(&pid, argv[0], &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	close(p[1]);
	while (!err && (n = read(p[0], out + have, size - 1 - have)) > 0)
		have += (size_t)n;
	out[have] = 0;
	close(p[0]);
	if (err || wait4(pid, &status, 0, &ru) != pid)
		return 0;
	*cpu += (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
		(double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
	return status == 0;
}

static void measure(struct contender *c)
{
	char out[4096];
	double start = seconds(), cpu = 0, took;

	for (int i = 0; i < now.batch; i++)
		if (!run_once(c->argv, out, sizeof out, &cpu)) {
			c->failed = 1;
			return;
		}
	took = now.cpu ? cpu : seconds() - start;
	c->value[c->count++] = now.rate ? atof(out) : took * 1000 / now.batch;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(struct contender *c)
{
	qsort(c->value, (size_t)c->count, sizeof *c->value, by_value);
	return c->count % 2 ? c->value[c->count / 2]
			    : (c->value[c->count / 2 - 1] + c->value[c->count / 2]) / 2;
}

static void remember(const char *label, double ratio)
{
	int i = 0;

	while (i < RUNS - 1 && means[i].n && strcmp(means[i].label, label))
		i++;
	snprintf(means[i].label, sizeof means[i].label, "%s", label);
	means[i].logs += log(ratio);
	means[i].n++;
}

/* A number with three figures that count. */
static const char *figures(double v, char buf[32])
{
	snprintf(buf, 32, "%.*f", v >= 1000 || v == 0 ? 0 : v >= 100 ? 1 : v >= 10 ? 2 : 3, v);
	return buf;
}

static void finish_case(void)
{
	double first = 0;

	if (!now.runs)
		return;
	for (int round = 0; round < now.rounds; round++)
		for (int i = 0; i < now.runs; i++)
			if (!now.run[(i + round) % now.runs].absent)
				measure(&now.run[(i + round) % now.runs]);
	printf("\n%s (%s)\n", now.title,
	       now.rate	 ? "a second, more is better"
	       : now.cpu ? "milliseconds of processor time, less is better"
			 : "milliseconds, less is better");
	for (int i = 0; i < now.runs; i++) {
		struct contender *c = &now.run[i];
		char a[32], b[32], d[32];
		double m, ratio;

		if (c->absent) {
			printf("  %-14s %10s   %s\n", c->label, "n/a", c->line);
			continue;
		}
		if (c->failed || !c->count) {
			printf("  %-14s failed: %s\n", c->label, c->line);
			fprintf(results, "%s\t%s\tfailed\n", now.name, c->label);
			failures++;
			continue;
		}
		m = median(c);
		printf("  %-14s %10s   [%s .. %s]", c->label, figures(m, a), figures(c->value[0], b),
		       figures(c->value[c->count - 1], d));
		if (now.instructions && i == 0)
			printf("   %.0f MIPS", now.instructions / m / 1000);
		if (i == 0) {
			first = m;
		} else if (first > 0) {
			/* How many times faster the first one is. */
			ratio = now.rate ? first / m : m / first;
			remember(c->label, ratio);
			if (ratio >= 1)
				printf("   %s is %.2f times faster", now.run[0].label, ratio);
			else
				printf("   %s is %.2f times slower", now.run[0].label, 1 / ratio);
		}
		printf("\n");
		fprintf(results, "%s\t%s\t%g\t%g\t%g\t%d\t%.0f\t%s\n", now.name, c->label, m, c->value[0],
			c->value[c->count - 1], c->count, now.instructions, c->line);
	}
	fflush(stdout);
	memset(&now, 0, sizeof now);
}

static void show_means(const char *text)
{
	if (strcmp(text, "-"))
		printf("\n%s, geometric mean\n", text);
	for (int i = 0; i < RUNS && means[i].n && strcmp(text, "-"); i++) {
		double r = exp(means[i].logs / means[i].n);

		printf("  flat32 is %.2f times %s than %s (%d programs)\n", r >= 1 ? r : 1 / r,
		       r >= 1 ? "faster" : "slower", means[i].label, means[i].n);
	}
	memset(means, 0, sizeof means);
}

static void split(struct contender *c, const char *command)
{
	char *copy = strdup(command), *save, *word;
	int n = 0;

	snprintf(c->line, sizeof c->line, "%s", command);
	for (word = strtok_r(copy, " ", &save); word && n < WORDS - 1; word = strtok_r(NULL, " ", &save))
		c->argv[n++] = word;
}

int main(int argc, char **argv)
{
	char line[2048], kind[32], label[32];
	int at;

	if (argc != 2 || !(results = fopen(argv[1], "w"))) {
		fprintf(stderr, "usage: measure RESULTS.tsv <PLAN\n");
		return 2;
	}
	fprintf(results, "case\tcontender\tmedian\tleast\tmost\trounds\tinstructions\tcommand\n");
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = 0;
		if (sscanf(line, "run %31s %n", label, &at) == 1 && now.runs < RUNS) {
			struct contender *c = &now.run[now.runs++];

			strcpy(c->label, label);
			split(c, line + at);
			continue;
		}
		if (sscanf(line, "note %31s %n", label, &at) == 1 && now.runs < RUNS) {
			struct contender *c = &now.run[now.runs++];

			strcpy(c->label, label);
			snprintf(c->line, sizeof c->line, "%.1000s", line + at);
			c->absent = 1;
			continue;
		}
		finish_case();
		if (!strncmp(line, "mean ", 5)) {
			show_means(line + 5);
		} else if (sscanf(line, "case %63s %31s %d %n", now.name, kind, &now.rounds, &at) == 3) {
			snprintf(now.title, sizeof now.title, "%.255s", line + at);
			now.rate = !strcmp(kind, "rate");
			now.batch = 1;
			sscanf(kind, "ms/%d", &now.batch);
			now.cpu = sscanf(kind, "mips:%lf", &now.instructions) == 1;
			if (now.rounds > ROUNDS)
				now.rounds = ROUNDS;
		} else if (line[0]) {
			fprintf(stderr, "measure: not understood: %s\n", line);
			return 2;
		}
	}
	finish_case();
	fclose(results);
	return failures ? 1 : 0;
}
