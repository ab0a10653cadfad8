/* SPDX-License-Identifier: MIT */
#include "emu/debug/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "emu/debug/modules.h"
#include "emu/debug/profile_report.h"
#include "emu/debug/symbols.h"
#include "emu/kernel/tasks.h"

#define PLACES 65536u		/* that are told apart; a power of 2 */
#define INTERVAL_US 1000

struct place {
	uint32_t pc, samples;
};

struct profile {
	struct machine *m;
	struct symbols *symbols;
	FILE *report, *exact, *map, *stats;
	uint64_t begun_ns, begun_user_ns, begun_system_ns;
	uint32_t interpreter, other, lost;	/* samples */
	struct place places[PLACES];		/* by pc, open addressing */
};

static struct profile *sampled;		/* by the handler of SIGPROF */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* --- samples */

static void sample(int sig, siginfo_t *info, void *context)
{
	struct profile *p = sampled;
	uint32_t pc = p ? hart_profile_pc(&p->m->hart, context) : 0, i;

	(void)sig;
	(void)info;
	if (!p)
		return;
	if (pc == 0) {
		p->other++;
		return;
	}
	if (pc == HART_PC_INTERPRETER) {
		p->interpreter++;
		return;
	}
	i = (pc >> 1) * 0x9e3779b1u >> 16;
	for (unsigned k = 0; k < 64; k++, i = (i + 1) % PLACES) {
		if (p->places[i].pc == 0)
			p->places[i].pc = pc;
		if (p->places[i].pc == pc) {
			p->places[i].samples++;
			return;
		}
	}
	p->lost++;
}

static int start_sampling(struct profile *p)
{
	/* Translated code runs on a stack of its own, which is not for handlers. */
	struct sigaction sa = { .sa_sigaction = sample, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK };
	struct itimerval every = { { 0, INTERVAL_US }, { 0, INTERVAL_US } };

	sampled = p;
	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGPROF, &sa, NULL) || setitimer(ITIMER_PROF, &every, NULL))
		return -errno;
	return 0;
}

static void stop_sampling(void)
{
	struct itimerval never = { 0 };

	setitimer(ITIMER_PROF, &never, NULL);
	sampled = NULL;
}

/* --- the reports */

static void report_samples(struct profile *p)
{
	struct profile_report r = { .m = p->m, .symbols = p->symbols, .total = p->interpreter + p->other + p->lost };
	FILE *f = p->report;

	r.places = calloc(PLACES, sizeof *r.places);
	if (!r.places)
		return;
	for (size_t i = 0; i < PLACES; i++) {
		r.total += p->places[i].samples;
		if (p->places[i].samples)
			r.places[r.count++] = (struct profile_place){ p->places[i].pc, p->places[i].samples };
	}
	fprintf(f, "# %" PRIu64 " samples of the CPU time used\n", r.total);
	fprintf(f, "%6.2f%%  [interpreter]\n", profile_percent(p->interpreter, r.total));
	fprintf(f, "%6.2f%%  [emulator: system calls, translator, start]\n", profile_percent(p->other + p->lost, r.total));
	profile_report(f, &r);
	free(r.places);
}

/* As an array that grows; out of memory: count stays, and the report lacks the rest. */
static void add_count(void *owner, uint32_t pc, uint64_t count)
{
	struct profile_report *r = owner;

	r->total += count;
	if (!(r->count & (r->count - 1))) {
		void *more = realloc(r->places, (r->count ? 2 * r->count : 1) * sizeof *r->places);

		if (!more)
			return;
		r->places = more;
	}
	r->places[r->count++] = (struct profile_place){ pc, count };
}

static void report_counts(struct profile *p)
{
	struct profile_report r = { .m = p->m, .symbols = p->symbols, .exact = true };

	hart_each_count(&p->m->hart, add_count, &r);
	fprintf(p->exact, "# %" PRIu64 " instructions retired\n", r.total);
	profile_report(p->exact, &r);
	free(r.places);
}

/* --- --perf-map */

static void translated(void *owner, uint32_t pc, uintptr_t address, uint32_t bytes)
{
	struct profile *p = owner;

	fprintf(p->map, "%" PRIxPTR " %" PRIx32 " guest ", address, bytes);
	profile_print_name(p->map, p->symbols, pc);
	fputc('\n', p->map);
}

static int open_map(struct profile *p)
{
	char path[64];
	int fd;

	/* The name that perf(1) looks for; in a folder of everybody's, so no link to elsewhere is followed. */
	snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd < 0)
		return -errno;
	p->map = fdopen(fd, "w");
	if (!p->map) {
		close(fd);
		return -ENOMEM;
	}
	hart_on_translation(&p->m->hart, translated, p);
	return 0;
}

/* --- --stats */

enum unit { COUNT, BYTES, NS };

static void print_stat(FILE *f, const char *text, enum unit unit, uint64_t v)
{
	if (unit == NS)
		fprintf(f, "%16.3f ms  %s\n", (double)v / 1e6, text);
	else
		fprintf(f, "%16" PRIu64 "%s  %s\n", v, unit == BYTES ? " B " : "   ", text);
}

static uint64_t timeval_ns(struct timeval t)
{
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_usec * 1000;
}

/* Of this process so far. */
static void cpu_time(uint64_t *user, uint64_t *system)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	*user = timeval_ns(r.ru_utime);
	*system = timeval_ns(r.ru_stime);
}

static void print_cpu_time(const struct profile *p)
{
	uint64_t user, system;

	cpu_time(&user, &system);
	print_stat(p->stats, "processor time, of guest and emulator", NS, user - p->begun_user_ns);
	print_stat(p->stats, "processor time, of the host's kernel for them", NS, system - p->begun_system_ns);
}

static void print_stats(struct profile *p)
{
	struct hart_stats s;
	uint64_t all = now_ns() - p->begun_ns, engines;

	hart_get_stats(&p->m->hart, &s);
	/* System calls made by translated code are part of its time. */
	engines = s.translated_ns + s.interpreted_ns + s.translating_ns;
	print_stat(p->stats, "in all", NS, all);
	print_cpu_time(p);
	print_stat(p->stats, "in system calls the engines return for, waiting, and around", NS, all > engines ? all - engines : 0);
#define STAT(field, text, unit) print_stat(p->stats, text, unit, s.field);
#include "cpu/stats.def"
#undef STAT
	if (s.region_bytes)
		fprintf(p->stats, "%16.1f     bytes of host code for each of guest code\n",
			(double)s.code_bytes / (double)s.region_bytes);
}

/* --- names of the interpreter and libraries */

static void name_place(void *owner, uint32_t pc, uint64_t count)
{
	(void)count;
	modules_read(owner, pc);
}

/* When the process ends: what it had mapped is known then and gone soon. */
static void take_names(void *owner, struct task *t)
{
	struct profile *p = owner;
	struct modules *ms = modules_of(t);

	for (size_t i = 0; i < PLACES; i++)
		if (p->places[i].samples)
			name_place(ms, p->places[i].pc, 0);
	if (p->exact)
		hart_each_count(&p->m->hart, name_place, ms);
	modules_merge(ms, &p->symbols);
	modules_free(ms);
}

/* --- beginning and end */

static int open_report(const char *path, FILE **out)
{
	int fd;

	/* When the last guest program closes its stderr, 2 leads nowhere. */
	fd = strcmp(path, "-") ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : fcntl(2, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return -errno;
	*out = fdopen(fd, "w");
	if (*out)
		return 0;
	close(fd);
	return -ENOMEM;
}

static void close_all(struct profile *p)
{
	if (p->report)
		fclose(p->report);
	if (p->exact)
		fclose(p->exact);
	if (p->map)
		fclose(p->map);
	if (p->stats)
		fclose(p->stats);
	symbols_free(p->symbols);
	free(p);
}

int profile_begin(struct machine *m, const struct profile_options *o, struct profile **out, const char **failed)
{
	const struct task *first = m->tasks->watched ? m->tasks->watched->leader : NULL;
	struct profile *p;
	int err = 0;

	*out = NULL;
	*failed = NULL;
	if (!o->profile && !o->exact && !o->perf_map && !o->stats)
		return 0;
	p = calloc(1, sizeof *p);
	if (!p)
		return -ENOMEM;
	p->m = m;
	if (o->program && first && first->space)
		p->symbols = symbols_read(o->program, mm_layout(first->space)->start_code);
	*failed = o->profile;
	if (o->profile)
		err = open_report(o->profile, &p->report);
	if (!err && o->exact) {
		*failed = o->exact;
		err = open_report(o->exact, &p->exact);
	}
	if (!err)
		*failed = NULL;
	if (!err && o->exact)
		err = hart_count_insns(&m->hart, true);
	if (!err && o->stats)
		err = open_report("-", &p->stats);
	if (!err && o->perf_map)
		err = open_map(p);
	if (!err && o->profile)
		err = start_sampling(p);
	if (err) {
		close_all(p);
		return err;
	}
	if (o->profile || o->exact) {
		m->on_end = take_names;
		m->on_end_owner = p;
	}
	p->begun_ns = now_ns();
	cpu_time(&p->begun_user_ns, &p->begun_system_ns);
	if (o->stats)
		hart_measure_time(&m->hart);
	*out = p;
	return 0;
}

void profile_end(struct profile *p)
{
	if (!p)
		return;
	p->m->on_end = NULL;
	if (p->report) {
		stop_sampling();
		report_samples(p);
	}
	if (p->exact)
		report_counts(p);
	if (p->stats)
		print_stats(p);
	if (p->map)
		hart_on_translation(&p->m->hart, NULL, NULL);
	close_all(p);
}
