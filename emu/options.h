/* SPDX-License-Identifier: MIT
 *
 * The command line: `flat32 COMMAND [options] ...`.  Options are listed once, in options.def.
 */
#ifndef EMU_OPTIONS_H
#define EMU_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "emu/display/display.h"
#include "emu/strace/config.h"
#include "emu/machine.h"
#include "emu/usernet/usernet.h"

#define FLAT32_VERSION "0.1"

/* Exit statuses of our own, as env(1) has them; otherwise the guest's, or 128 + signal. */
enum { EXIT_OURS = 125, EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127 };

enum command { COMMAND_RUN = 1, COMMAND_BOOT = 2, COMMAND_INSPECT = 4, COMMAND_MACHINE = 8 };

struct options {
	enum command command;
	uint32_t memory;	/* bytes */
	uint32_t stack_size;	/* bytes; 0: the loader's default */
	uint32_t ramdisk;	/* bytes; 0: none */
	struct flash_config flash;	/* --flash; set 0: none */
	enum flash_set flash_chip;
	char *flash_file;	/* of flash.file; owned */
	const char *audio;		/* --audio; NULL: not said */
	struct display_config display;	/* --display, --screenshot, --record */
	const char *mtdparts;	/* NULL: none */
	char **env;		/* NAME=VALUE of --env, in order; NULL-terminated; owned */
	char **unset;		/* names of --unset-env; owned */
	char **uio;		/* names of --uio; owned (the list) */
	char **disks;		/* texts of --disk; owned (the list) */
	char **shares;		/* texts of --share; owned (the list) */
	const char *core_dir;	/* host folder for core files, or with --core a file; NULL: none */
	bool core_file;		/* --core */
	const char *prefix;	/* --prefix; NULL: none */
	const char *argv0, *exec, *init, *input, *strace_output;
	char **strace_args;	/* of --strace=, as given; owned */
	struct strace_config trace;	/* what these two say */
	bool self_check;
	enum crash_reports crash_reports;
	bool strace, deterministic, stats, perf_map;
	const char *profile, *profile_exact;	/* a file, "-": stderr; NULL: none */
	enum machine_engine engine;
	bool compat_linux;
	bool net_host, net_user;	/* --net host, user */
	struct usernet_config user;	/* what follows --net user */
	bool gdb;		/* --gdb */
	const char *root;	/* --root; NULL: the host's */
	bool list;		/* --list */
	const char *dtb, *dts;	/* a file, "-": stdout; NULL: none */
	bool report_allocs;	/* --fail-alloc: say at the end how many there were */
	struct mm_config mm;	/* the knobs of memory management: --trim, --alloc, --max-order, --poison, --fail-alloc */
	struct machine_options log;	/* of these only what --log says */
	const char *log_file;
	bool dump_devices;
	const char *dump_file;	/* of --dump-devices=; NULL: stderr */
	bool no_reboot;		/* --no-reboot */
	char **argv;		/* the whole command line; not owned */
	char **rest;		/* what follows the options: NULL-terminated, part of argv */
};

/*
 * Reads the command line.  -1: go on with *out.  Otherwise the exit status: --help, --version, or a mistake, which
 * was explained on stderr.
 */
int options_parse(int argc, char **argv, struct options *out);
void options_free(struct options *o);
void options_help(FILE *f, int command);	/* 0: the overview */
/* "64M" to bytes; false if it is not a size. */
bool options_size(const char *text, uint64_t *bytes);

#endif
