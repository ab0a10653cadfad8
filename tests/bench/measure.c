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
 *					      cpu   processor time (user and system) in milliseconds; all
 *						    contenders must print the same, or the case has failed
 *					      rss   the most memory that was resident, in KiB; less is better
 *	run LABEL COMMAND...		by words, no quoting
 *	note LABEL TEXT...		why this contender has no number here
 * A case is measured when the next line comes that is none of its own.
 *
 * RESULTS.tsv has a line for each contender of each case: the numbers, the resident memory, the command, and the first line
 * of what it printed last.  What failed has "failed" for its median, and "differs" if it only printed something else.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 16, WORDS = 32, ROUNDS = 101, TIME_LIMIT = 300 };

/* What a command did: its processor time in seconds, its memory in KiB, and what it printed. */
struct run {
	double cpu;
	long rss;
	uint64_t hash;			/* of all of it (FNV-1a) */
	char out[256];			/* of its beginning */
};

struct contender {
	char label[32], line[1024];
	char *argv[WORDS];
	double value[ROUNDS];
	int count, failed, absent;	/* absent: line says why */
	int differs;			/* printed something else than the time before */
	struct run last;
};

enum kind { MS, RATE, CPU, RSS };

static struct {
	char name[64], title[256];
	enum kind kind;
	int batch, rounds, runs;
	struct contender run[RUNS];
} now;

static FILE *results;
static int failures;
static pid_t running;
extern char **environ;

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void take_output(int fd, struct run *r)
{
	char buf[65536];
	size_t have = 0;
	ssize_t n;

	r->hash = 0xcbf29ce484222325u;
	while ((n = read(fd, buf, sizeof buf)) > 0) {
		size_t keep = sizeof r->out - 1 - have;

		for (ssize_t i = 0; i < n; i++)
			r->hash = (r->hash ^ (unsigned char)buf[i]) * 0x100000001b3u;
		keep = (size_t)n < keep ? (size_t)n : keep;
		memcpy(r->out + have, buf, keep);
		have += keep;
	}
	r->out[have] = 0;
}

/* A command that does not end is a failure, not the end of the measurement. */
static void out_of_time(int sig)
{
	(void)sig;
	kill(running, SIGKILL);
}

/* Runs once.  False if it failed. */
static int run_once(char **argv, struct run *r)
{
	struct rusage ru;
	posix_spawn_file_actions_t fa;
	int p[2], status = -1, err;

	if (pipe2(p, O_CLOEXEC))
		return 0;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, p[1], 1);
	err = posix_spawnp(&running, argv[0], &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	close(p[1]);
	if (err) {
		close(p[0]);
		return 0;
	}
	alarm(TIME_LIMIT);
	take_output(p[0], r);
	close(p[0]);
	while (wait4(running, &status, 0, &ru) < 0)
		;
	alarm(0);
	r->cpu += (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
		  (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
	if (ru.ru_maxrss > r->rss)
		r->rss = ru.ru_maxrss;
	return status == 0;
}

static void measure(struct contender *c)
{
	struct run r = { .rss = c->last.rss };
	double start = seconds();

	for (int i = 0; i < now.batch; i++)
		if (!run_once(c->argv, &r)) {
			c->failed = 1;
			c->last = r;
			return;
		}
	if (c->count && r.hash != c->last.hash)
		c->differs = 1;
	c->value[c->count++] = now.kind == RATE	 ? atof(r.out)
			       : now.kind == CPU ? r.cpu * 1000
			       : now.kind == RSS ? (double)r.rss
						 : (seconds() - start) * 1000 / now.batch;
	c->last = r;
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

/* A number with three figures that count. */
static const char *figures(double v, char buf[32])
{
	snprintf(buf, 32, "%.*f", v >= 1000 || v == 0 ? 0 : v >= 100 ? 1 : v >= 10 ? 2 : 3, v);
	return buf;
}

/* How C compares with the first contender. */
static void show_ratio(const struct contender *c, double m, double first)
{
	double faster = now.kind == RATE ? first / m : m / first;

	if (first <= 0 || m <= 0 || c == &now.run[0])
		return;
	if (now.kind == CPU || now.kind == RSS)
		printf("   %.2f times %s", m / first, now.run[0].label);
	else
		printf("   %s is %.2f times %s", now.run[0].label, faster >= 1 ? faster : 1 / faster,
		       faster >= 1 ? "faster" : "slower");
}

/* Whether C always printed what the first contender did that ran. */
static int prints_the_same(const struct contender *c)
{
	if (c->differs)
		return 0;
	for (const struct contender *o = now.run; o < c; o++)
		if (!o->absent && !o->failed)
			return o->last.hash == c->last.hash;
	return 1;
}

static void show_contender(struct contender *c, double *first)
{
	const char *status = NULL;
	char a[32], b[32], d[32];
	double m;

	if (c->absent) {
		printf("  %-14s %10s   %s\n", c->label, "n/a", c->line);
		return;
	}
	if (c->failed || !c->count)
		status = "failed";
	else if (now.kind == CPU && !prints_the_same(c))
		status = "differs";
	c->last.out[strcspn(c->last.out, "\n\t")] = 0;
	if (status) {
		printf("  %-14s %s: %s -> %s\n", c->label, status, c->line, c->last.out);
		fprintf(results, "%s\t%s\t%s\t\t\t%d\t\t%s\t%s\n", now.name, c->label, status, c->count, c->line,
			c->last.out);
		failures++;
		return;
	}
	m = median(c);
	printf("  %-14s %10s   [%s .. %s]", c->label, figures(m, a), figures(c->value[0], b),
	       figures(c->value[c->count - 1], d));
	if (c == &now.run[0])
		*first = m;
	show_ratio(c, m, *first);
	printf("\n");
	fprintf(results, "%s\t%s\t%g\t%g\t%g\t%d\t%ld\t%s\t%s\n", now.name, c->label, m, c->value[0],
		c->value[c->count - 1], c->count, c->last.rss, c->line, c->last.out);
}

static void finish_case(void)
{
	static const char *const units[] = { "milliseconds, less is better", "a second, more is better",
					     "milliseconds of processor time, less is better", "KiB, less is better" };
	double first = 0;

	if (!now.runs)
		return;
	printf("\n%s (%s)\n", now.title, units[now.kind]);
	fflush(stdout);
	for (int round = 0; round < now.rounds; round++)
		for (int i = 0; i < now.runs; i++)
			if (!now.run[(i + round) % now.runs].absent)
				measure(&now.run[(i + round) % now.runs]);
	for (int i = 0; i < now.runs; i++)
		show_contender(&now.run[i], &first);
	fflush(stdout);
	fflush(results);
	memset(&now, 0, sizeof now);
}

static enum kind kind_of(const char *word)
{
	now.batch = 1;
	sscanf(word, "ms/%d", &now.batch);
	return !strcmp(word, "rate") ? RATE : !strcmp(word, "cpu") ? CPU : !strcmp(word, "rss") ? RSS : MS;
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
	signal(SIGALRM, out_of_time);
	fprintf(results, "case\tcontender\tmedian\tleast\tmost\trounds\trss\tcommand\toutput\n");
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
		if (sscanf(line, "case %63s %31s %d %n", now.name, kind, &now.rounds, &at) == 3) {
			snprintf(now.title, sizeof now.title, "%.255s", line + at);
			now.kind = kind_of(kind);
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
