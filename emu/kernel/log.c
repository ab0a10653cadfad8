/* SPDX-License-Identifier: MIT */
#include "emu/kernel/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "emu/host/clock.h"
#include "emu/host/terminal.h"

const struct log_category_info log_categories[LOG_CATEGORIES] = {
#define LOG(id, name, what) { name, what },
#include "emu/kernel/log_categories.def"
#undef LOG
};

static const char *const levels[] = { "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug" };

int log_level(const char *text, size_t len)
{
	for (int i = 0; i < 8; i++)
		if ((len == 1 && *text == '0' + i) || (strlen(levels[i]) == len && !strncmp(text, levels[i], len)))
			return i;
	return -1;
}

static int category(const char *text, size_t len)
{
	for (int i = 0; i < LOG_CATEGORIES; i++)
		if (strlen(log_categories[i].name) == len && !strncmp(text, log_categories[i].name, len))
			return i;
	return -1;
}

/* Of the categories waiting for a level. */
static void give(struct machine_options *o, const bool waiting[LOG_CATEGORIES], int level)
{
	for (int i = 0; i < LOG_CATEGORIES; i++)
		if (waiting[i])
			o->log[i] = (uint8_t)(level + 1);
}

int log_parse(struct machine_options *o, const char *text, char why[160])
{
	bool waiting[LOG_CATEGORIES] = { false };
	int level = log_level(text, strlen(text));

	if (level >= 0) {
		o->log_level = level;
		return 0;
	}
	for (;; text++) {
		size_t len = strcspn(text, ",:");
		int c = category(text, len);

		if (c < 0 && !(len == 3 && !strncmp(text, "all", 3))) {
			snprintf(why, 160, "'%.*s' is neither a level (0 to 7, emerg to debug) nor a category; --log help lists "
				 "those", (int)(len < 40 ? len : 40), text);
			return -1;
		}
		for (int i = 0; i < LOG_CATEGORIES; i++)
			waiting[i] |= c < 0 || i == c;
		text += len;
		if (*text == ':') {
			len = strcspn(++text, ",");
			level = log_level(text, len);
			if (level < 0) {
				snprintf(why, 160, "'%.*s' is no level; there are 0 to 7, emerg alert crit err warning notice info "
					 "debug", (int)(len < 40 ? len : 40), text);
				return -1;
			}
			give(o, waiting, level);
			memset(waiting, 0, sizeof waiting);
			text += len;
		}
		if (!*text)
			break;
	}
	give(o, waiting, KLOG_INFO);
	return 0;
}

void log_write(struct machine *m, const char *line)
{
	FILE *f = m->options.log_file ? m->options.log_file : stderr;

	fprintf(f, "flat32: %s%s\n", line, !m->options.log_file && terminal_is_raw() ? "\r" : "");
	if (m->options.log_file)
		fflush(f);
}

void log_say(struct machine *m, enum log_category c, const char *fmt, ...)
{
	char text[512], line[600];
	uint64_t now = m->clocks ? clock_monotonic(m) : 0;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	snprintf(line, sizeof line, "[%llu.%06u] %s: %s", (unsigned long long)(now / 1000000000u),
		 (unsigned)(now % 1000000000u / 1000), log_categories[c].name, text);
	log_write(m, line);
}
