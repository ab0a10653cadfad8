/* SPDX-License-Identifier: MIT */
#include "emu/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "cpu/hart.h"
#include "emu/kernel/log.h"
#include "emu/options_flash.h"
#include "mm/page.h"

enum { R = COMMAND_RUN, B = COMMAND_BOOT, I = COMMAND_INSPECT, M = COMMAND_MACHINE };

enum option_id {
#define OPTION(id, name, letter, arg, commands, help) OPT_##id,
#include "emu/options.def"
#undef OPTION
	OPTIONS
};

static const struct {
	const char *name;
	char letter;
	const char *arg;
	int commands;
	const char *help;
} table[OPTIONS] = {
#define OPTION(id, name, letter, arg, commands, help) [OPT_##id] = { name, letter, arg, commands, help },
#include "emu/options.def"
#undef OPTION
};

static const struct {
	const char *name;
	enum command command;
	const char *usage, *what;
} commands[] = {
	{ "run", COMMAND_RUN, "[options] PROGRAM [ARGUMENTS...]",
	  "run one RISC-V program from the host; its input, output and exit status are the command's" },
	{ "boot", COMMAND_BOOT, "[options] [IMAGE] [-- INIT ARGUMENTS...]",
	  "boot a root file system (a cpio archive, romfs, cramfs, ext2, a disk with partitions)" },
	{ "inspect", COMMAND_INSPECT, "FILE...",
	  "say what a program file is, how it would be laid out, and why it would not load" },
	{ "machine", COMMAND_MACHINE, "[options]",
	  "show the devices and the memory map of the machine that run and boot would make, or its device tree" },
};
#define COMMANDS (sizeof commands / sizeof *commands)

void options_help(FILE *f, int command)
{
	if (!command)
		fprintf(f, "flat32 " FLAT32_VERSION ": an RV32 core without an MMU, and the Linux that runs on it\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		if (!command || (int)commands[i].command == command)
			fprintf(f, "%s flat32 %s %s\n           %s\n", !command && i ? "      " : "Usage:",
				commands[i].name, commands[i].usage, commands[i].what);
	fprintf(f, "\nOptions:\n");
	for (int i = 0; i < OPTIONS; i++) {
		char left[64], letter[8] = "    ";

		if (command && !(table[i].commands & command))
			continue;
		if (table[i].letter)
			snprintf(letter, sizeof letter, "-%c, ", table[i].letter);
		snprintf(left, sizeof left, "%s--%s%s%s", letter, table[i].name,
			 table[i].arg && *table[i].arg != '[' ? " " : "", table[i].arg ? table[i].arg : "");
		fprintf(f, "  %-29s %s\n", left, table[i].help);
	}
	fprintf(f, "\nExit status: the guest's own; 128 + N when signal N ended it; 125 when flat32 itself\n"
		   "failed, 126 when the program cannot be run, 127 when it is not there.\n");
	if (!command || command == COMMAND_BOOT)
		fprintf(f, "At the console: Ctrl-A x quits, Ctrl-A h lists the other keys.\n");
}

bool options_size(const char *text, uint64_t *bytes)
{
	char *end;
	unsigned shift = 0;
	unsigned long long n;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	n = strtoull(text, &end, 0);
	switch (*end) {
	case 'k': case 'K': shift = 10; end++; break;
	case 'm': case 'M': shift = 20; end++; break;
	case 'g': case 'G': shift = 30; end++; break;
	}
	if (*end == 'B')
		end++;
	if (*end || errno || n > (UINT64_MAX >> shift))
		return false;
	*bytes = n << shift;
	return true;
}

static int complain(const char *command, const char *what, const char *arg, const char *why)
{
	fprintf(stderr, "flat32: %s '%s': %s\n", what, arg, why);
	fprintf(stderr, "Try 'flat32 %s%s--help'.\n", command ? command : "", command ? " " : "");
	return EXIT_OURS;
}

static int append(char ***list, char *item)
{
	size_t n = 0;
	char **grown;

	while (*list && (*list)[n])
		n++;
	grown = realloc(*list, (n + 2) * sizeof *grown);
	if (!grown) {
		fprintf(stderr, "flat32: out of memory\n");
		return EXIT_OURS;
	}
	grown[n] = item;
	grown[n + 1] = NULL;
	*list = grown;
	return -1;
}

static int set_size(const char *command, const char *name, const char *text, uint64_t least, uint64_t most,
		    const char *range, uint32_t *out)
{
	uint64_t bytes;

	if (!options_size(text, &bytes))
		return complain(command, name, text, "not a size; write for example 64M");
	if (bytes < least || bytes > most)
		return complain(command, name, text, range);
	*out = (uint32_t)((bytes + 4095) & ~4095ull);
	return -1;
}

static int set_log(const char *command, const char *text, struct machine_options *out)
{
	char why[160];

	if (!strcmp(text, "help")) {
		for (int i = 0; i < LOG_CATEGORIES; i++)
			printf("%-8s %s\n", log_categories[i].name, log_categories[i].what);
		return 0;
	}
	return log_parse(out, text, why) ? complain(command, "--log", text, why) : -1;
}

static int set_trim(const char *command, const char *text, uint32_t *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (!isdigit((unsigned char)text[0]) || *end || n > 0x7fffffff)
		return complain(command, "--trim", text, "not a number of pages");
	*out = (uint32_t)n;
	return -1;
}

static int set_alloc(const char *command, const char *text, const char **out)
{
	const struct page_ops *ops;

	if (!strcmp(text, "help")) {
		for (unsigned i = 0; (ops = page_strategy_at(i)) != NULL; i++)
			printf("%-12s %s\n", ops->name, ops->summary);
		return 0;
	}
	ops = page_strategy(text);
	if (!ops)
		return complain(command, "--alloc", text, "no such strategy; --alloc help lists them");
	*out = ops->name;
	return -1;
}

static int set_scatter(const char *command, const char *text, uint32_t *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)text[0]) || *end || n < 1 || n > UINT32_MAX)
		return complain(command, "--scatter", text, "must be 1 to 4294967295");
	/* Neighbours are to give different sequences. */
	*out = (uint32_t)n * 2654435761u;
	return -1;
}

static int set_max_order(const char *command, const char *text, unsigned *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)text[0]) || *end || n < 1 || n >= PAGE_ORDERS)
		return complain(command, "--max-order", text, "must be 1 to 20; Linux has 10 (blocks of 4 MiB)");
	*out = (unsigned)n;
	return -1;
}

static int set_fail_alloc(const char *command, const char *text, struct options *o)
{
	char *end = NULL, *again;
	bool good = isdigit((unsigned char)text[0]);

	errno = 0;
	if (good)
		o->mm.fail_alloc = strtoull(text, &end, 10);
	if (good && *end == ':') {
		good = isdigit((unsigned char)end[1]);
		o->mm.fail_every = strtoull(end + 1, &again, 10);
		good = good && o->mm.fail_alloc && o->mm.fail_every;
		end = again;
	}
	if (!good || *end || errno)
		return complain(command, "--fail-alloc", text, "write N or N:EVERY, counted from 1; 0 alone only counts");
	o->report_allocs = true;
	return -1;
}

static int set_crash_report(const char *command, const char *text, enum crash_reports *out)
{
	static const char *const modes[] = { [CRASH_REPORTS_OFF] = "off", [CRASH_REPORTS_ON] = "on",
					     [CRASH_REPORTS_FULL] = "full" };

	for (int i = 0; i < 3; i++)
		if (!strcmp(text, modes[i])) {
			*out = (enum crash_reports)i;
			return -1;
		}
	return complain(command, "--crash-report", text, "must be off, on or full");
}

static int set_compat(const char *command, const char *text, bool *out)
{
	if (strcmp(text, "linux-6.12") && strcmp(text, "none"))
		return complain(command, "--compat", text, "must be linux-6.12 or none");
	*out = !strcmp(text, "linux-6.12");
	return -1;
}

static int set_engine(const char *command, const char *text, enum machine_engine *out)
{
	if (strcmp(text, "jit") && strcmp(text, "interp"))
		return complain(command, "--engine", text, "must be jit or interp");
	*out = strcmp(text, "jit") ? ENGINE_INTERP : ENGINE_JIT;
	return -1;
}

/* CONFIG_MMAP_ALLOW_UNINITIALIZED. */
static int set_uninitialized(const char *command, const char *text, bool *ignore)
{
	if (strcmp(text, "on") && strcmp(text, "off"))
		return complain(command, "--uninitialized", text, "must be on or off");
	*ignore = !strcmp(text, "off");
	return -1;
}

static int set_net(const char *command, const char *text, struct options *o)
{
	char why[LIBRARY_WHY];

	o->net_host = !strcmp(text, "host");
	o->net_user = !strncmp(text, "user", 4) && (!text[4] || text[4] == ',');
	if (o->net_user)
		return usernet_parse(text + 4, &o->user, why) ? complain(command, "--net", text, why) : -1;
	return o->net_host || !strcmp(text, "none") ? -1 : complain(command, "--net", text, "must be none, host or user[,...]");
}

/* A word that is neither is a slip more often than a name. */
static int set_audio(const char *command, const char *text, const char **out)
{
	if (strcmp(text, "sdl") && strcmp(text, "none") && !strpbrk(text, "./"))
		return complain(command, "--audio", text, "must be sdl, none or a file: sound.wav, ./sound");
	*out = text;
	return -1;
}

static int set_display(const char *command, const char *text, struct display_config *out)
{
	char why[DISPLAY_WHY];

	return display_parse(text, out, why) ? -1 : complain(command, "--display", text, why);
}

static int set(struct options *o, const char *command, int id, char *arg)
{
	const char *why;

	switch (id) {
	case OPT_MEMORY:
		return set_size(command, "--memory", arg, 1u << 20, FLAT_RAM_MAX, "must be from 1M to 2047M",
				&o->memory);
	case OPT_STACK:
		return set_size(command, "--stack-size", arg, 8192, 1u << 30, "must be from 8K to 1G",
				&o->stack_size);
	case OPT_RAMDISK:
		return set_size(command, "--ramdisk", arg, 4096, 1u << 30, "must be from 4K to 1G", &o->ramdisk);
	case OPT_FLASH:
		return option_flash(o, arg, &why) ? -1 : complain(command, "--flash", arg, why);
	case OPT_FLASH_CHIP:
		return option_flash_chip(o, arg, &why) ? -1 : complain(command, "--flash-chip", arg, why);
	case OPT_FLASH_TIME:
		return option_flash_time(o, arg, &why) ? -1 : complain(command, "--flash-time", arg, why);
	case OPT_MTDPARTS:
		return option_mtdparts(o, arg, &why) ? -1 : complain(command, "--mtdparts", arg, why);
	case OPT_FLASH_CUT:
		return option_flash_cut(o, arg, &why) ? -1 : complain(command, "--flash-cut", arg, why);
	case OPT_DISPLAY:
		return set_display(command, arg, &o->display);
	case OPT_AUDIO:
		return set_audio(command, arg, &o->audio);
	case OPT_SCREENSHOT: o->display.screenshot = arg; break;
	case OPT_RECORD: o->display.record = arg; break;
	case OPT_ENV:
		if (!strchr(arg, '=') || arg[0] == '=')
			return complain(command, "--env", arg, "write NAME=VALUE");
		return append(&o->env, arg);
	case OPT_UNSET:
		return append(&o->unset, arg);
	case OPT_DISK:
		return append(&o->disks, arg);
	case OPT_UIO:
		return append(&o->uio, arg);
	case OPT_SHARE:
		return append(&o->shares, arg);
	case OPT_ARGV0: o->argv0 = arg; break;
	case OPT_EXEC: o->exec = arg; break;
	case OPT_INIT: o->init = arg; break;
	case OPT_INPUT: o->input = arg; break;
	case OPT_OUTPUT: o->strace_output = arg; o->strace = true; break;
	case OPT_CORE_DIR: o->core_dir = arg; o->core_file = false; break;
	case OPT_CORE: o->core_dir = arg; o->core_file = true; break;
	case OPT_STRACE:
		o->strace = true;
		return arg ? append(&o->strace_args, arg) : -1;
	case OPT_NET:
		return set_net(command, arg, o);
	case OPT_DETERMINISTIC: o->deterministic = true; break;
	case OPT_ENGINE:
		return set_engine(command, arg, &o->engine);
	case OPT_CRASH_REPORT:
		return set_crash_report(command, arg ? arg : "on", &o->crash_reports);
	case OPT_SELF_CHECK: o->self_check = true; break;
	case OPT_STATS: o->stats = true; break;
	case OPT_PROFILE: o->profile = arg; break;
	case OPT_PROFILE_EXACT: o->profile_exact = arg; break;
	case OPT_PERF_MAP: o->perf_map = true; break;
	case OPT_TRIM:
		return set_trim(command, arg, &o->mm.nr_trim_pages);
	case OPT_ALLOC:
		return set_alloc(command, arg, &o->mm.strategy);
	case OPT_MAX_ORDER:
		return set_max_order(command, arg, &o->mm.max_order);
	case OPT_SCATTER:
		return set_scatter(command, arg, &o->mm.scatter);
	case OPT_POISON: o->mm.poison = true; break;
	case OPT_FAIL_ALLOC:
		return set_fail_alloc(command, arg, o);
	case OPT_UNINITIALIZED:
		return set_uninitialized(command, arg, &o->mm.ignore_uninitialized);
	case OPT_COMPAT:
		return set_compat(command, arg, &o->compat_linux);
	case OPT_LOG:
		return set_log(command, arg, &o->log);
	case OPT_PREFIX: o->prefix = arg; break;
	case OPT_GDB: o->gdb = true; break;
	case OPT_ROOT: o->root = arg; break;
	case OPT_LIST: o->list = true; break;
	case OPT_DTB: o->dtb = arg; break;
	case OPT_DTS: o->dts = arg ? arg : "-"; break;
	case OPT_NO_REBOOT: o->no_reboot = true; break;
	case OPT_DUMP_DEVICES: o->dump_devices = true; o->dump_file = arg; break;
	case OPT_LOG_FILE: o->log_file = arg; break;
	case OPT_HELP:
		options_help(stdout, o->command);
		return 0;
	case OPT_VERSION:
		printf("flat32 " FLAT32_VERSION "\nEngines: %s\n", hart_engines());
		return 0;
	}
	return -1;
}

/* Only now: strace's options are read by getopt as well. */
static int read_strace(struct options *o, const char *command)
{
	char why[STRACE_WHY] = "out of memory";

	for (char **a = o->strace_args; a && *a; a++)
		if (strace_config_parse(&o->trace, *a, why))
			return complain(command, "--strace", *a, *why ? why : strerror(ENOMEM));
	if (!o->strace_output)
		return -1;
	free(o->trace.output);
	o->trace.output = strdup(o->strace_output);
	return o->trace.output ? -1 : complain(command, "--strace-output", o->strace_output, why);
}

/* An option that getopt refuses, as it was written: why? letter: of a short one, else 0. */
static int unknown(const struct options *o, const char *command, const char *word, int letter)
{
	char name[64], why[96] = "not known", shown[4] = { '-', (char)letter, 0 };
	int here = 0, last = -1;

	snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2 * !letter, "="), word + 2 * !letter);
	for (int i = 0; i < OPTIONS; i++) {
		if (letter ? table[i].letter == letter : !strcmp(table[i].name, name)) {
			bool ours = table[i].commands & (int)o->command;
			size_t n = (size_t)snprintf(why, sizeof why, ours ? "takes no value" : "only for");

			for (size_t k = 0; !ours && k < COMMANDS; k++)
				if (table[i].commands & (int)commands[k].command)
					n += (size_t)snprintf(why + n, sizeof why - n, " %s", commands[k].name);
			return complain(command, "option", letter ? shown : word, why);
		}
		if (!letter && (table[i].commands & (int)o->command) && !strncmp(table[i].name, name, strlen(name))) {
			if (here++)
				snprintf(why, sizeof why, "may be --%s, --%s%s", table[last].name, table[i].name, here > 2 ? ", ..." : "");
			else
				last = i;
		}
	}
	return complain(command, "option", letter ? shown : word, why);
}

static int parse(int argc, char **argv, const char *command, struct options *o)
{
	struct option longs[OPTIONS + 1] = { 0 };
	char shorts[2 + 2 * OPTIONS + 1] = "+:";
	int c, index, status, n = 0;

	for (int i = 0; i < OPTIONS; i++) {
		if (!(table[i].commands & (int)o->command))
			continue;
		longs[n++] = (struct option){ table[i].name, !table[i].arg ? no_argument : *table[i].arg == '[' ?
					      optional_argument : required_argument, NULL, 256 + i };
		if (table[i].letter) {
			size_t len = strlen(shorts);

			shorts[len] = table[i].letter;
			shorts[len + 1] = table[i].arg ? ':' : 0;
		}
	}
	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, shorts, longs, &index)) != -1) {
		int id = c - 256;

		if (c == ':')
			return complain(command, "option", argv[optind - 1], "needs a value");
		if (c == '?')
			return unknown(o, command, argv[optind - 1], optopt > 0 && optopt < 256 ? optopt : 0);
		for (int i = 0; c < 256 && i < OPTIONS; i++)
			if (table[i].letter == c)
				id = i;
		status = set(o, command, id, optarg);
		if (status >= 0)
			return status;
	}
	o->rest = argv + optind;
	if ((o->net_host || o->net_user) && o->deterministic)
		return complain(command, "--net", o->net_host ? "host" : "user",
				"cannot be had with --deterministic: what the network does is not in the command");
	if (!o->display.mode.width && (o->display.screenshot || o->display.record))
		return complain(command, o->display.screenshot ? "--screenshot" : "--record", o->display.screenshot ? o->display.screenshot :
				o->display.record, "of what? Give the machine a framebuffer with --display 800x600x32");
	return read_strace(o, command);
}

int options_parse(int argc, char **argv, struct options *out)
{
	*out = (struct options){ .memory = 64u << 20, .mm.nr_trim_pages = 1, .log.log_level = 4, .flash_chip = FLASH_INTEL, .argv = argv };
	strace_config_init(&out->trace);
	if (argc < 2) {
		options_help(stderr, 0);
		return EXIT_OURS;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		options_help(stdout, 0);
		return 0;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V") || !strcmp(argv[1], "version"))
		return set(out, NULL, OPT_VERSION, NULL);
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name)) {
			out->command = commands[i].command;
			out->crash_reports = out->command == COMMAND_RUN ? CRASH_REPORTS_ON : CRASH_REPORTS_OFF;
			return parse(argc - 1, argv + 1, commands[i].name, out);
		}
	return complain(NULL, "command", argv[1], "not known; there are run, boot, inspect and machine");
}

void options_free(struct options *o)
{
	free(o->env);
	free(o->unset);
	free(o->disks);
	free(o->uio);
	free(o->shares);
	free(o->strace_args);
	free(o->flash_file);
	strace_config_free(&o->trace);
}
