/* SPDX-License-Identifier: MIT
 *
 * --log: what the emulator does, by category, for whoever looks at it from outside; on stderr or in --log-file.
 *
 * Not the guest's kernel log (klog.h), which programs read: nothing said here changes a run.  A category that is off costs the
 * test of a byte.
 */
#ifndef EMU_KERNEL_LOG_H
#define EMU_KERNEL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include "emu/kernel/klog.h"
#include "emu/kernel/machine.h"

/* Is anything of this level said?  For what is costly to find out. */
static inline bool log_wants(const struct machine *m, enum log_category c, enum klog_level level)
{
	return __builtin_expect(m->options.log[c] > (int)level, false);
}

/* log_info(m, MM, "...", ...): one line, no newline at its end. */
#define log_info(m, category, ...) log_at(m, LOG_##category, KLOG_INFO, __VA_ARGS__)
#define log_debug(m, category, ...) log_at(m, LOG_##category, KLOG_DEBUG, __VA_ARGS__)
#define log_at(m, category, level, ...) do { \
	if (log_wants(m, category, level)) \
		log_say(m, category, __VA_ARGS__); \
} while (0)

void log_say(struct machine *m, enum log_category c, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* A line as it is, where the log goes; also the kernel's messages (klog.c). */
void log_write(struct machine *m, const char *line);

/*
 * --log's value: LEVEL, of the kernel's messages; or categories, separated by commas, each with or without :LEVEL, which
 * counts for those before it that have none: "mm,exec:debug,signal".  0, or -1: why[] says what is wrong.
 */
int log_parse(struct machine_options *o, const char *text, char why[160]);
/* The level's number: 0 to 7, or emerg ... debug.  -1: it is none. */
int log_level(const char *text, size_t len);
struct log_category_info { const char *name, *what; };
extern const struct log_category_info log_categories[LOG_CATEGORIES];

#endif
