/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "emu/audio/audio.h"
#include "emu/board.h"
#include "emu/commands.h"
#include "emu/debug/profile.h"
#include "emu/strace/strace.h"
#include "emu/host/corefile.h"
#include "emu/host/signals.h"
#include "emu/image.h"
#include "emu/kernel/task.h"
#include "emu/machine.h"
#include "emu/net/inet.h"
#include "emu/tty/input_script.h"

#define SLICE 1000000u		/* instructions: about a millisecond */

/* When the last guest program closes its stderr, 2 leads nowhere (emu/tty/hoststream.c): a descriptor of our own. */
static FILE *open_dump(const char *path)
{
	int fd = path ? -1 : fcntl(2, F_DUPFD_CLOEXEC, 3);

	return path ? fopen(path, "we") : fd < 0 ? NULL : fdopen(fd, "w");
}

/* --audio: a window has sound as well, if nothing else is said. */
static int make_audio(struct machine *m, const struct options *o)
{
	const char *what = o->audio ? o->audio : o->display.mode.width && !o->display.headless ? "sdl" : "none";
	char why[AUDIO_WHY];
	int err = strcmp(what, "none") ? audio_new(m, what, why) : 0;

	if (err)
		fprintf(stderr, "flat32: --audio: %s\n", why);
	return err;
}

/* The disk that is booted from is the first. NULL: none, or no memory, which will be noticed soon. */
static char **list_disks(const struct options *o, const struct image *image)
{
	bool booted = image && image->kind == IMAGE_DISK;
	char **list;
	size_t n = 0;

	while (o->disks && o->disks[n])
		n++;
	list = n || booted ? calloc(n + booted + 1, sizeof *list) : NULL;
	if (list && booted)
		list[0] = (char *)image->path;
	if (list && n)
		memcpy(list + booted, o->disks, n * sizeof *list);
	return list;
}

struct machine *make_machine(const struct options *o, const struct image *image, const struct input_script *script)
{
	struct machine_config config = {
		.options = { .ram_size = o->memory, .deterministic = o->deterministic, .log_level = o->log.log_level,
			     .slice = SLICE, .compat_linux = o->compat_linux,
			     .report_allocs = o->report_allocs, .self_check = o->self_check,
			     .crash_reports = o->crash_reports, .net_host = o->net_host },
		.engine = o->engine,
		.mm = o->mm,
		.stack_size = o->stack_size,
		.ramdisk = o->ramdisk,
		.uio = o->uio,
		.rom = image && (image->kind == IMAGE_ROMFS || image->kind == IMAGE_CRAMFS) ? image->data : NULL,
		.rom_size = image ? image->size : 0,
		.flash = o->flash,
		.display = o->display.mode,
		.mtdparts = o->mtdparts,
	};
	struct display_config display = o->display;
	char why[BOARD_WHY], shown[DISPLAY_WHY];
	int err;
	struct machine *m;
	char **disks;

	config.why = why;
	if (o->display.mode.width)
		config.input = (struct input_config){ o->display.mode.width, o->display.mode.height };
	else if (script && (input_script_needs(script) & INPUT_NEEDS_DEVICES))
		config.input = (struct input_config){ INPUT_WIDTH, INPUT_HEIGHT };
	config.options.core_dir = !o->core_dir ? -1 : o->core_file ? corefile_place(o->core_dir, &config.options.core_name) :
				  corefile_dir(o->core_dir);
	if (o->core_dir && config.options.core_dir < 0) {
		fprintf(stderr, "flat32: --core%s %s: %s\n", o->core_file ? "" : "-dir", o->core_dir, strerror(-config.options.core_dir));
		return NULL;
	}
	memcpy(config.options.log, o->log.log, sizeof config.options.log);
	config.options.log_file = o->log_file ? fopen(o->log_file, "we") : NULL;
	if (o->log_file && !config.options.log_file) {
		fprintf(stderr, "flat32: --log-file %s: %s\n", o->log_file, strerror(errno));
		return NULL;
	}
	config.options.dump_devices = o->dump_devices;
	config.options.dump_file = o->dump_devices ? open_dump(o->dump_file) : NULL;
	if (o->dump_devices && !config.options.dump_file) {
		fprintf(stderr, "flat32: --dump-devices: %s: %s\n", o->dump_file ? o->dump_file : "stderr", strerror(errno));
		return NULL;
	}
	config.disks = disks = list_disks(o, image);
	m = machine_new(&config, &err);
	free(disks);
	if (!m && err == -ENOSYS) {
		fprintf(stderr, "flat32: --engine jit: there is no JIT for this host; --engine interp runs everywhere\n");
		return NULL;
	}
	if (!m) {
		fprintf(stderr, "flat32: cannot make the machine: %s\n", *why ? why : strerror(-err));
		return NULL;
	}
	if (o->net_user && inet_user_start(m->net, &o->user, why)) {
		fprintf(stderr, "flat32: --net user: %s\n", why);
		machine_free(m);
		return NULL;
	}
	err = o->strace ? strace_new(m, &o->trace, false) :
	      o->crash_reports == CRASH_REPORTS_FULL ? strace_new(m, &o->trace, true) : 0;
	if (err) {
		fprintf(stderr, "flat32: cannot write the trace to %s: %s\n",
			o->trace.output ? o->trace.output : "stderr", strerror(-err));
		machine_free(m);
		return NULL;
	}
	if (make_audio(m, o)) {
		machine_free(m);
		return NULL;
	}
	display.title = o->rest[0];
	if (display_new(m, &display, shown)) {
		fprintf(stderr, "flat32: --display: %s\n", shown);
		machine_free(m);
		return NULL;
	}
	return m;
}

int explain_start(const char *program, int err)
{
	fprintf(stderr, "flat32: cannot run %s: %s%s\n", program, strerror(-err),
		err == -ENOEXEC ? " (flat32 inspect says more)" :
		err == -ENOMEM ? " (give the guest more with -m)" : "");
	return err == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

/* What a loop over every N of --fail-alloc needs to know: how many there are. */
static void report_allocs(struct machine *m, int fd)
{
	struct mm_stats st;

	mm_get_stats(m->mm, &st);
	dprintf(fd, "flat32: %llu page allocations, %llu failed\n", (unsigned long long)st.allocations,
		(unsigned long long)st.refused);
}

/* The last pictures. What cannot be written is our failure, unless the guest has one of its own. */
static int end_display(struct machine *m, int status, int fd)
{
	char why[DISPLAY_WHY];

	if (!display_end(m, why))
		return status;
	dprintf(fd, "flat32: the display could not be written: %s\n", why);
	return status ? status : EXIT_OURS;
}

static int end_audio(struct machine *m, int status, int fd)
{
	int err = audio_end(m);

	if (!err)
		return status;
	dprintf(fd, "flat32: the sound could not be written: %s\n", strerror(-err));
	return status ? status : EXIT_OURS;
}

int run_machine(struct machine *m, const struct options *o, const char *program, bool forward)
{
	struct profile_options wanted = {
		.profile = o->profile, .exact = o->profile_exact, .perf_map = o->perf_map, .stats = o->stats, .program = program,
	};
	struct profile *profile;
	const char *failed;
	int err = profile_begin(m, &wanted, &profile, &failed);
	/* When the last guest program closes its stderr, 2 leads nowhere (emu/tty/hoststream.c). */
	int status, report = m->options.report_allocs || m->display || m->audio ? fcntl(2, F_DUPFD_CLOEXEC, 3) : -1;

	if (err) {
		fprintf(stderr, "flat32: cannot write the profile%s%s: %s\n", failed ? " to " : "",
			failed ? failed : "", strerror(-err));
		if (report >= 0)
			close(report);
		machine_free(m);
		return EXIT_OURS;
	}
	err = host_signals_catch(m, forward);
	if (err)
		fprintf(stderr, "flat32: cannot catch faults: %s\n", strerror(-err));
	else
		tasks_run(m);
	status = err ? EXIT_OURS : m->status;
	profile_end(profile);
	if (m->options.dump_devices)
		board_dump(m, m->options.dump_file);
	if (m->options.report_allocs && report >= 0)
		report_allocs(m, report);
	status = end_display(m, status, report);
	status = end_audio(m, status, report);
	if (report >= 0)
		close(report);
	if (m->restarts && !status)
		status = RUN_AGAIN;
	machine_free(m);
	return status;
}

static bool same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return strcspn(b, "=") == n && !strncmp(a, b, n);
}

static bool in_list(char **list, const char *entry)
{
	for (; list && *list; list++)
		if (same_name(*list, entry))
			return true;
	return false;
}

char **make_environment(const struct options *o, char **base)
{
	size_t n = 0, room = 1;
	char **env;

	for (char **e = base; *e; e++)
		room++;
	for (char **e = o->env; e && *e; e++)
		room++;
	env = calloc(room, sizeof *env);
	if (!env)
		return NULL;
	for (char **e = base; *e; e++)
		if (!in_list(o->unset, *e) && !in_list(o->env, *e))
			env[n++] = *e;
	for (char **e = o->env; e && *e; e++)
		if (!in_list(e + 1, *e))	/* of two with one name the last counts */
			env[n++] = *e;
	return env;
}
