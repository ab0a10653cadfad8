/* SPDX-License-Identifier: MIT
 *
 * strace's options, once: parsing and the list in `--strace=--help` come from this table.
 */
#include "emu/strace/config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct setting {
	char letter;			/* 0: only long */
	const char *name;
	enum { NOTHING, VALUE, MAYBE } arg;
	/* value: NULL without one. 0, or -EINVAL with nothing in why: the value is no good. */
	int (*set)(struct strace_config *c, const char *value, char *why);
};

static bool number(const char *text, unsigned most, unsigned *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end || *text == '-' || n > most)
		return false;
	*out = (unsigned)n;
	return true;
}

/* "s", "ms", "us", "ns": digits behind the point. */
static bool digits(const char *text, size_t len, unsigned *out)
{
	static const char *const units[] = { "s", "ms", "us", "ns" };

	for (unsigned i = 0; i < 4; i++)
		if (strlen(units[i]) == len && !strncmp(units[i], text, len)) {
			*out = 3 * i;
			return true;
		}
	return false;
}

static int set_text(char **to, const char *v)
{
	char *copy = strdup(v);

	if (!copy)
		return -ENOMEM;
	free(*to);
	*to = copy;
	return 0;
}

#define SETTING(name) static int name(struct strace_config *c, const char *v, char *why)
/* A setting that only switches something on. */
#define SWITCH(name, what) SETTING(name) { (void)v, (void)why; what; return 0; }

SWITCH(set_c, c->summary = SUMMARY_ONLY)
SWITCH(set_C, c->summary = SUMMARY_TOO)
SWITCH(set_w, c->wall = true)
SWITCH(set_A, c->append = true)
SWITCH(set_ff, c->separate = c->follow = true)
SWITCH(set_v, c->verbose = true)
SWITCH(set_i, c->pc = true)
SWITCH(set_n, c->number = true)
SWITCH(set_z, c->status = STRACE_SUCCESSFUL)
SWITCH(set_Z, c->status = STRACE_FAILED)
SETTING(set_o) { (void)why; return set_text(&c->output, v); }
SETTING(set_s) { (void)why; return number(v, 1u << 20, &c->string_limit) ? 0 : -EINVAL; }
SETTING(set_a) { (void)why; return number(v, 1000, &c->column) ? 0 : -EINVAL; }
SETTING(set_e) { return strace_expr(c, v, why); }

/* Given twice it is -ff. Ours: =no follows only the first process, as strace does without the option. */
SETTING(set_f)
{
	(void)why;
	if (v && strcmp(v, "no"))
		return -EINVAL;
	c->follow = !v;
	return 0;
}

SETTING(set_q)
{
	(void)v, (void)why;
	c->quiet_exit = c->quiet_attach;
	c->quiet_attach = true;
	return 0;
}

SETTING(set_x)
{
	(void)v, (void)why;
	c->hex += c->hex < 2;
	return 0;
}

SETTING(set_hex)
{
	(void)why;
	static const char *const values[] = { "none", "non-ascii", "all" };

	for (unsigned i = 0; i < 3; i++)
		if (!strcmp(v ? v : "all", values[i])) {
			c->hex = i;
			return 0;
		}
	return -EINVAL;
}

/* -t, -tt, -ttt */
SETTING(set_t)
{
	(void)v, (void)why;
	if (c->stamp == STAMP_TIME && c->stamp_digits)
		c->stamp = STAMP_UNIX;
	else if (c->stamp == STAMP_TIME)
		c->stamp_digits = 6;
	else
		c->stamp = STAMP_TIME;
	return 0;
}

/* [[format:]time|unix|none][,[precision:]s|ms|us|ns] */
SETTING(set_timestamps)
{
	static const char *const formats[] = { "none", "time", "unix" };

	(void)why;
	c->stamp = STAMP_TIME;
	c->stamp_digits = 0;
	for (; v && *v; v += *v == ',') {
		size_t len = strcspn(v, ","), skip = !strncmp(v, "format:", 7) ? 7 : !strncmp(v, "precision:", 10) ? 10 : 0;
		bool good = digits(v + skip, len - skip, &c->stamp_digits);

		for (int i = 0; i < 3; i++)
			if (strlen(formats[i]) == len - skip && !strncmp(v + skip, formats[i], len - skip)) {
				c->stamp = (enum strace_stamp)i;
				good = true;
			}
		if (!good)
			return -EINVAL;
		v += len;
	}
	return 0;
}

SETTING(set_r)
{
	(void)why;
	c->relative = true;
	c->relative_digits = 6;
	return !v || digits(v, strlen(v), &c->relative_digits) ? 0 : -EINVAL;
}

SETTING(set_T)
{
	(void)why;
	c->duration = true;
	c->duration_digits = 6;
	return !v || digits(v, strlen(v), &c->duration_digits) ? 0 : -EINVAL;
}

/* -y, -yy */
SETTING(set_y)
{
	(void)v, (void)why;
	c->decode_fds = c->decode_fds ? DECODE_ALL : DECODE_PATH;
	return 0;
}

SETTING(set_X)
{
	static const char *const styles[] = { "abbrev", "raw", "verbose" };

	(void)why;
	for (int i = 0; i < 3; i++)
		if (!strcmp(styles[i], v)) {
			c->xlat = (enum strace_xlat)i;
			return 0;
		}
	return -EINVAL;
}

SETTING(set_P)
{
	(void)why;
	if (c->paths == sizeof c->path / sizeof *c->path)
		return -EINVAL;
	return set_text(&c->path[c->paths++], v);
}

SETTING(set_S)
{
	static const struct { const char *name; enum strace_order order; } orders[] = {
		{ "time", ORDER_TIME }, { "time_total", ORDER_TIME }, { "total_time", ORDER_TIME },
		{ "calls", ORDER_CALLS }, { "count", ORDER_CALLS },
		{ "errors", ORDER_ERRORS }, { "error", ORDER_ERRORS },
		{ "name", ORDER_NAME }, { "syscall", ORDER_NAME }, { "syscall_name", ORDER_NAME },
		{ "avg_time", ORDER_AVERAGE }, { "time_avg", ORDER_AVERAGE },
		{ "none", ORDER_NONE }, { "nothing", ORDER_NONE },
	};

	(void)why;
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
		if (!strcmp(orders[i].name, v)) {
			c->order = orders[i].order;
			return 0;
		}
	return -EINVAL;
}

/* --trace=SET and its like are -e trace=SET. */
#define EXPR(key) SETTING(set_##key) \
{ \
	char text[512]; \
	if ((size_t)snprintf(text, sizeof text, #key "=%s", v ? v : "all") >= sizeof text) \
		return -EINVAL; \
	return strace_expr(c, text, why); \
}
EXPR(trace) EXPR(signal) EXPR(status) EXPR(read) EXPR(write) EXPR(raw) EXPR(abbrev) EXPR(quiet) EXPR(inject) EXPR(fault)

SETTING(set_decode_fds)
{
	return strace_decode_parse(&c->decode_fds, v ? v : "all", why);
}

static const struct setting settings[] = {
	{ 'e', "expr", VALUE, set_e }, { 0, "trace", VALUE, set_trace }, { 0, "signal", VALUE, set_signal },
	{ 0, "status", VALUE, set_status }, { 0, "read", VALUE, set_read }, { 0, "write", VALUE, set_write },
	{ 0, "raw", VALUE, set_raw }, { 0, "abbrev", VALUE, set_abbrev },
	{ 0, "inject", VALUE, set_inject }, { 0, "fault", VALUE, set_fault },
	{ 'z', "successful-only", NOTHING, set_z }, { 'Z', "failed-only", NOTHING, set_Z },
	{ 'P', "trace-path", VALUE, set_P },
	{ 'c', "summary-only", NOTHING, set_c }, { 'C', "summary", NOTHING, set_C },
	{ 'w', "summary-wall-clock", NOTHING, set_w }, { 'S', "summary-sort-by", VALUE, set_S },
	{ 'f', "follow-forks", MAYBE, set_f }, { 0, "output-separately", NOTHING, set_ff },
	{ 'o', "output", VALUE, set_o }, { 'A', "output-append-mode", NOTHING, set_A },
	{ 'q', "quiet", MAYBE, set_q }, { 0, "silent", MAYBE, set_quiet },
	{ 't', "timestamps", MAYBE, set_t }, { 'r', "relative-timestamps", MAYBE, set_r },
	{ 'T', "syscall-times", MAYBE, set_T },
	{ 's', "string-limit", VALUE, set_s }, { 'x', "strings-in-hex", MAYBE, set_x },
	{ 'v', "no-abbrev", NOTHING, set_v }, { 'y', "decode-fds", MAYBE, set_y },
	{ 0, "decode-fd", MAYBE, set_decode_fds }, { 'X', "const-print-style", VALUE, set_X },
	{ 'a', "columns", VALUE, set_a }, { 'i', "instruction-pointer", NOTHING, set_i },
	{ 'n', "syscall-number", NOTHING, set_n },
};
#define SETTINGS (sizeof settings / sizeof *settings)

/* One option; is_long: with its long name, where some mean more than with their letter. */
static int apply(struct strace_config *c, const struct setting *s, bool is_long, const char *value, char *why)
{
	int err;

	*why = 0;
	if (s->set == set_t && is_long)
		err = set_timestamps(c, value, why);
	else if (s->set == set_x && is_long)
		err = set_hex(c, value, why);
	else if (s->set == set_y && is_long)
		err = set_decode_fds(c, value, why);
	else if (s->set == set_q && is_long)
		err = set_quiet(c, value, why);
	else
		err = s->set(c, value, why);
	if (err == -EINVAL && !*why)
		snprintf(why, STRACE_WHY, "%s%s%s: '%s' is not a value for it", is_long ? "--" : "-",
			 is_long ? s->name : (char[2]){ s->letter, 0 }, "", value ? value : "");
	return err;
}

static int options(struct strace_config *c, int argc, char **argv, char *why)
{
	struct option longs[SETTINGS + 1] = { 0 };
	char shorts[2 * SETTINGS + 3] = "+:";
	bool forked = false;
	int o, err;

	for (size_t i = 0; i < SETTINGS; i++) {
		size_t len = strlen(shorts);

		longs[i] = (struct option){ settings[i].name, (int)settings[i].arg, NULL, 256 + (int)i };
		if (!settings[i].letter)
			continue;
		shorts[len] = settings[i].letter;
		if (settings[i].arg == VALUE)
			shorts[len + 1] = ':';
	}
	opterr = 0;
	optind = 0;		/* glibc: begin anew */
	while ((o = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		size_t i = o >= 256 ? (size_t)o - 256 : 0;

		if (o == '?' || o == ':') {
			snprintf(why, STRACE_WHY, o == '?' ? "'%s' is no option of strace's that is known here" :
				 "'%s' needs a value", argv[optind - 1]);
			return -EINVAL;
		}
		while (o < 256 && settings[i].letter != o)
			i++;
		err = apply(c, &settings[i], o >= 256, optarg, why);
		if (err)
			return err;
		if (o == 'f' && forked)
			c->separate = true;
		forked |= o == 'f';
	}
	if (optind == argc)
		return 0;
	snprintf(why, STRACE_WHY, "'%s': which program to run stands behind flat32's own options", argv[optind]);
	return -EINVAL;
}

/* Cuts a text into words as a shell does, in place. The number of words, or -1: there are too many, or a quote is open. */
static int split(char *text, char **words, int most)
{
	char *to = text, quote = 0;
	int n = 0;

	while (*text) {
		while (*text == ' ' || *text == '\t' || *text == '\n')
			text++;
		if (!*text)
			break;
		if (n == most)
			return -1;
		words[n++] = to;
		for (; *text && (quote || !strchr(" \t\n", *text)); text++) {
			if (*text == quote)
				quote = 0;
			else if (!quote && (*text == '\'' || *text == '"'))
				quote = *text;
			else if (*text == '\\' && quote != '\'' && text[1])
				*to++ = *++text;
			else
				*to++ = *text;
		}
		text += *text != 0;
		*to++ = 0;
	}
	return quote ? -1 : n;
}

int strace_config_parse(struct strace_config *c, const char *text, char why[STRACE_WHY])
{
	enum { WORDS = 64 };
	char *words[WORDS + 2] = { (char *)"strace" }, *copy;
	int n, err;

	*why = 0;
	if (*text != '-')
		return strace_expr(c, text, why);
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	n = split(copy, words + 1, WORDS);
	if (n < 0)
		snprintf(why, STRACE_WHY, "too many words, or a quote that is not closed");
	err = n < 0 ? -EINVAL : options(c, n + 1, words, why);
	free(copy);
	return err;
}

void strace_config_init(struct strace_config *c)
{
	*c = (struct strace_config){
		.follow = true, .string_limit = STRACE_STRING_LIMIT, .column = STRACE_COLUMN, .signals = ~0ull,
		.status = STRACE_ANY_STATUS, .trace.unknown = true,
	};
	memset(c->trace.bit, 0xff, sizeof c->trace.bit);
}

void strace_config_free(struct strace_config *c)
{
	struct strace_injection *j;

	while ((j = c->injections)) {
		c->injections = j->next;
		free(j);
	}
	for (unsigned i = 0; i < c->paths; i++)
		free(c->path[i]);
	free(c->output);
	c->output = NULL;
	c->paths = 0;
}
