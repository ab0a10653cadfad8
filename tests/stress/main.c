/* SPDX-License-Identifier: MIT
 * The command line, and what is said in the end.  Options are called as stress-ng's where there are such.
 */
#include <ctype.h>
#include <getopt.h>
#include <sys/stat.h>
#include "stress.h"

#define GRACE 120		/* s */
#define OPS 0x10000		/* --NAME is 256 and the stressor's place in the table, --NAME-ops this more */

struct stress_sizes stress_sizes = { .vm = 256 << 10, .mmap = 256 << 10, .malloc = 64 << 10, .hdd = 256 << 10 };

enum { HELP = 1, LIST, ALL, SEQUENTIAL, CLASS, WITH, OPS_ALL, METRICS, VERIFY, SEED, PATH, VM_BYTES, MMAP_BYTES, MALLOC_BYTES, HDD_BYTES };

static const struct option fixed[] = {
	{ "help", no_argument, NULL, HELP },
	{ "stressors", no_argument, NULL, LIST },
	{ "all", required_argument, NULL, ALL },
	{ "sequential", required_argument, NULL, SEQUENTIAL },
	{ "class", required_argument, NULL, CLASS },
	{ "with", required_argument, NULL, WITH },
	{ "exclude", required_argument, NULL, 'x' },
	{ "timeout", required_argument, NULL, 't' },
	{ "ops", required_argument, NULL, OPS_ALL },
	{ "metrics", no_argument, NULL, METRICS },
	{ "verify", no_argument, NULL, VERIFY },
	{ "seed", required_argument, NULL, SEED },
	{ "temp-path", required_argument, NULL, PATH },
	{ "vm-bytes", required_argument, NULL, VM_BYTES },
	{ "mmap-bytes", required_argument, NULL, MMAP_BYTES },
	{ "malloc-bytes", required_argument, NULL, MALLOC_BYTES },
	{ "hdd-bytes", required_argument, NULL, HDD_BYTES },
};
#define FIXED (sizeof fixed / sizeof *fixed)

static void help(void)
{
	printf("Usage: stress [OPTION]... --STRESSOR N [--STRESSOR-ops N]... | --all N | --sequential N\n"
		"Work of many kinds, done by N workers (threads) each, and checked.\n\n"
		"      --stressors         list the stressors, and what a bogo operation of each is\n"
		"      --all N             N workers of each stressor, all at once\n"
		"      --sequential N      N workers of each stressor, one stressor after the other\n"
		"      --class LIST        of those only the stressors of these classes\n"
		"      --with LIST         of those only these stressors\n"
		"  -x, --exclude LIST      not these\n"
		"  -t, --timeout T         end after T seconds (or 2m, 1h, 1d); of --sequential: each stressor\n"
		"      --ops N             each worker ends after N bogo operations\n"
		"      --metrics           say how many operations were done, how often memory or the like was refused, and how fast\n"
		"      --verify            nothing more: all stressors check what they do\n"
		"      --seed N            what is random is so in another way\n"
		"      --temp-path DIR     files are made in DIR (default: the working folder)\n"
		"      --vm-bytes N        memory of each vm worker (N, Nk, Nm); and so on:\n"
		"      --mmap-bytes N, --malloc-bytes N (the largest block), --hdd-bytes N (the file)\n\n"
		"Ends with 0 if all went well, 1 for a wrong command line, 2 if something was wrong with a result, 3 if memory or the\n"
		"like was short, 4 if there is no such thing here.\n");
}

__attribute__((noreturn))
static void usage(const char *what, const char *value)
{
	fprintf(stderr, "stress: %s%s%s; see --help\n", what, value ? ": " : "", value ? value : "");
	exit(STRESS_USAGE);
}

/* A number and one letter of `letters`, which stands for what is at its place in `units`. */
static unsigned long number(const char *text, const char *letters, const unsigned long *units)
{
	const char *letter;
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	letter = *end ? strchr(letters, tolower((unsigned char)*end)) : NULL;
	if (letter)
		end++;
	if (!isdigit((unsigned char)*text) || *end || errno || (letter && n > ~0ul / units[letter - letters]))
		usage("not a number", text);
	return letter ? n * units[letter - letters] : n;
}

static unsigned long count(const char *text)
{
	return number(text, "", NULL);
}

static size_t bytes(const char *text)
{
	static const unsigned long units[] = { 1, 1 << 10, 1 << 20, 1 << 30 };
	unsigned long n = number(text, "bkmg", units);

	if (n < 4096)
		usage("less than 4096 bytes", text);
	return n;
}

static unsigned long seconds(const char *text)
{
	static const unsigned long units[] = { 1, 60, 3600, 86400 };

	return number(text, "smhd", units);
}

/* Whether a list, whose items are between commas, has it; NULL has none. */
static bool has(const char *list, const char *item)
{
	size_t n = strlen(item);

	for (const char *at = list; at && *at; at += strcspn(at, ","), at += *at == ',')
		if (!strncmp(at, item, n) && (!at[n] || at[n] == ','))
			return true;
	return false;
}

/* Every item of a list must be a stressor's name, or class. */
static void known(const char *list, bool class)
{
	char item[64];

	for (const char *at = list; at && *at; at += strcspn(at, ","), at += *at == ',') {
		bool found = false;

		snprintf(item, sizeof item, "%.*s", (int)strcspn(at, ","), at);
		for (int i = 0; i < stressors_count; i++)
			found = found || !strcmp(item, class ? stressors[i].class : stressors[i].name);
		if (!found)
			usage(class ? "no such class" : "no such stressor", item);
	}
}

static void list_all(void)
{
	for (int i = 0; i < stressors_count; i++)
		printf("%-16s %-8s %s\n", stressors[i].name, stressors[i].class, stressors[i].what);
}

static const char *word(const struct result *r)
{
	return r->failed ? "failed" : r->no_resource == r->workers || r->not_here == r->workers ? "skipped" :
		r->no_resource || r->not_here ? "short" : "passed";
}

static void metrics(const struct result *r, int n)
{
	printf("%-16s %8s %10s %8s %10s %12s  result\n", "stressor", "workers", "bogo ops", "refused", "seconds", "ops/s");
	for (int i = 0; i < n; i++, r++)
		printf("%-16s %8u %10lu %8lu %10.3f %12.1f  %s\n", r->stressor->name, r->workers, r->ops, r->refused, r->seconds,
			r->seconds > 0 ? r->ops / r->seconds : 0, word(r));
}

/* WHAT: N: NAME (WORKERS)... */
static void sum(const char *what, const struct result *r, int n, size_t field)
{
	unsigned total = 0;

#define FIELD(r) (*(const unsigned *)((const char *)(r) + field))
	for (int i = 0; i < n; i++)
		total += FIELD(&r[i]);
	if (!total)
		return;
	printf("stress: %s: %u:", what, total);
	for (int i = 0; i < n; i++)
		if (FIELD(&r[i]))
			printf(" %s (%u)", r[i].stressor->name, FIELD(&r[i]));
	printf("\n");
#undef FIELD
}

static int report(const struct result *r, int n, bool with_metrics)
{
	unsigned failed = 0, no_resource = 0, not_here = 0;

	for (int i = 0; i < n; i++) {
		failed += r[i].failed;
		no_resource += r[i].no_resource;
		not_here += r[i].not_here;
		if (r[i].no_resource + r[i].not_here)
			printf("stress: %s: %u skipped: %s\n", r[i].stressor->name, r[i].no_resource + r[i].not_here, r[i].why);
	}
	if (with_metrics)
		metrics(r, n);
	sum("skipped", r, n, offsetof(struct result, no_resource));
	sum("not here", r, n, offsetof(struct result, not_here));
	sum("passed", r, n, offsetof(struct result, passed));
	sum("failed", r, n, offsetof(struct result, failed));
	return failed ? STRESS_FAILED : no_resource ? STRESS_NO_RESOURCE : not_here ? STRESS_NOT_HERE : STRESS_PASSED;
}

static volatile sig_atomic_t quit;

static void interrupted(int sig)
{
	(void)sig;
	quit = 1;
	stress_stop();
}

int main(int argc, char **argv)
{
	const char *path = ".", *class = NULL, *with = NULL, *exclude = NULL;
	unsigned long timeout = 0, ops = 0, all = 0, sequential = 0, seed = 1;
	struct option *options = calloc(FIXED + 2 * stressors_count + 1, sizeof *options);
	struct stress_group *g = calloc(stressors_count, sizeof *g);
	struct result *results = calloc(stressors_count, sizeof *results);
	char *names = calloc(stressors_count, 32), dir[STRESS_PATH];
	bool with_metrics = false;
	int c, n = 0, status;

	if (argc > 2 && !strcmp(argv[1], "--child"))
		return stress_child(argv + 2);
	if (!options || !g || !results || !names)
		return STRESS_NO_RESOURCE;
	memcpy(options, fixed, sizeof fixed);
	for (int i = 0; i < stressors_count; i++) {
		snprintf(names + 32 * i, 32, "%s-ops", stressors[i].name);
		options[FIXED + 2 * i] = (struct option){ stressors[i].name, required_argument, NULL, 256 + i };
		options[FIXED + 2 * i + 1] = (struct option){ names + 32 * i, required_argument, NULL, OPS + i };
		g[i].stressor = &stressors[i];
	}
	while ((c = getopt_long(argc, argv, "t:x:", options, NULL)) != -1) {
		switch (c) {
		case HELP: help(); return 0;
		case LIST: list_all(); return 0;
		case ALL: all = count(optarg); break;
		case SEQUENTIAL: sequential = count(optarg); break;
		case CLASS: class = optarg; break;
		case WITH: with = optarg; break;
		case 'x': exclude = optarg; break;
		case 't': timeout = seconds(optarg); break;
		case OPS_ALL: ops = count(optarg); break;
		case METRICS: with_metrics = true; break;
		case VERIFY: break;
		case SEED: seed = count(optarg); break;
		case PATH: path = optarg; break;
		case VM_BYTES: stress_sizes.vm = bytes(optarg); break;
		case MMAP_BYTES: stress_sizes.mmap = bytes(optarg); break;
		case MALLOC_BYTES: stress_sizes.malloc = bytes(optarg); break;
		case HDD_BYTES: stress_sizes.hdd = bytes(optarg); break;
		case '?': return STRESS_USAGE;
		default:
			if (c >= OPS)
				g[c - OPS].ops = count(optarg);
			else
				g[c - 256].workers = count(optarg);
		}
	}
	if (optind < argc)
		usage("not an option", argv[optind]);
	known(class, true);
	known(with, false);
	known(exclude, false);
	for (int i = 0; i < stressors_count; i++) {
		const struct stressor *s = g[i].stressor;

		if ((all || sequential) && (!class || has(class, s->class)) && (!with || has(with, s->name)) && !has(exclude, s->name))
			g[i].workers = all ? all : sequential;
		if (!g[i].ops)
			g[i].ops = ops;
		if (g[i].workers)
			g[n++] = g[i];
	}
	if (!n)
		usage("nothing to do", NULL);
	snprintf(dir, sizeof dir - 64, "%s/stress-%d", path, (int)getpid());
	if (mkdir(dir, 0700)) {
		fprintf(stderr, "stress: %s: %s\n", dir, strerror(errno));
		return STRESS_USAGE;
	}
	signal(SIGINT, interrupted);
	signal(SIGTERM, interrupted);
	signal(SIGPIPE, SIG_IGN);
	stress_signals_begin();
	if (sequential && !all) {
		int i = 0;

		for (; i < n && !quit; i++)
			stress_run(&g[i], 1, timeout, GRACE, dir, seed, &results[i]);
		n = i;
	} else {
		stress_run(g, n, timeout, GRACE, dir, seed, results);
	}
	status = report(results, n, with_metrics);
	if (rmdir(dir)) {
		fprintf(stderr, "stress: %s: %s\n", dir, strerror(errno));
		status = STRESS_FAILED;
	}
	return status;
}
