/* SPDX-License-Identifier: MIT
 *
 * strace's -e: KEY=VALUE, or a set of calls alone.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/strace/config.h"
#include "emu/strace/internal.h"

static int complain(char why[STRACE_WHY], const char *what, const char *text)
{
	snprintf(why, STRACE_WHY, "%s: '%s'", what, text);
	return -EINVAL;
}

static int set_trace(struct strace_config *c, const char *v, char *why)
{
	return strace_calls_parse(&c->trace, v, why);
}

static int set_raw(struct strace_config *c, const char *v, char *why)
{
	return strace_calls_parse(&c->raw, v, why);
}

static int set_signal(struct strace_config *c, const char *v, char *why)
{
	return strace_signals_parse(&c->signals, v, why);
}

static int set_read(struct strace_config *c, const char *v, char *why)
{
	return strace_fds_parse(&c->dump_read, v, why);
}

static int set_write(struct strace_config *c, const char *v, char *why)
{
	return strace_fds_parse(&c->dump_write, v, why);
}

/* abbrev=none is -v; a set of calls is more than we can tell apart. */
static int set_abbrev(struct strace_config *c, const char *v, char *why)
{
	if (strcmp(v, "none") && strcmp(v, "all"))
		return complain(why, "abbrev= takes none or all", v);
	c->verbose = !strcmp(v, "none");
	return 0;
}

static int set_status(struct strace_config *c, const char *v, char *why)
{
	static const char *const names[] = { "successful", "failed", "unfinished", "unavailable", "detached" };
	bool inverse = *v == '!';
	unsigned status = 0;

	for (v += inverse; *v; v += *v == ',') {
		size_t len = strcspn(v, ",");
		unsigned bit = 0;

		for (unsigned i = 0; i < 5; i++)
			if (!strncmp(v, names[i], len) && !names[i][len])
				bit = 1u << i;
		if (len == 3 && !strncmp(v, "all", len))
			bit = STRACE_ANY_STATUS;
		if (!bit && (len != 4 || strncmp(v, "none", len)))
			return complain(why, "successful, failed, unfinished, unavailable or detached, not", v);
		status |= bit;
		v += len;
	}
	c->status = inverse ? STRACE_ANY_STATUS & ~status : status;
	return 0;
}

static int set_quiet(struct strace_config *c, const char *v, char *why)
{
	for (; *v; v += *v == ',') {
		size_t len = strcspn(v, ",");
		/* The others say what cannot be here, or is not said. */
		static const char *const names[] = { "none", "attach", "exit", "all", "personality", "path-resolution", "thread-execve",
						     "superseded" };
		unsigned i = 0;

		while (i < 8 && (strncmp(v, names[i], len) || names[i][len]))
			i++;
		if (i == 8)
			return complain(why, "attach, exit or all, not", v);
		c->quiet_attach |= i == 1 || i == 3;
		c->quiet_exit |= i == 2 || i == 3;
		v += len;
	}
	return 0;
}

int strace_decode_parse(unsigned *decode, const char *v, char why[STRACE_WHY])
{
	static const struct { const char *name; unsigned bits; } names[] = {
		{ "path", DECODE_PATH }, { "socket", DECODE_SOCKET }, { "dev", DECODE_DEV }, { "pidfd", DECODE_PIDFD },
		{ "all", DECODE_ALL }, { "none", 0 },
	};
	bool inverse = *v == '!';

	*decode = 0;
	for (v += inverse; *v; v += *v == ',') {
		size_t len = strcspn(v, ","), i = 0;

		while (i < 6 && (strncmp(v, names[i].name, len) || names[i].name[len]))
			i++;
		if (i == 6)
			return complain(why, "path, socket, dev, pidfd, all or none, not", v);
		*decode |= names[i].bits;
		v += len;
	}
	*decode = inverse ? DECODE_ALL & ~*decode : *decode;
	return 0;
}

static int set_decode_fds(struct strace_config *c, const char *v, char *why)
{
	return strace_decode_parse(&c->decode_fds, v, why);
}

/* --- inject=SET[:error=E|:retval=V][:signal=S][:when=FIRST[..LAST][+[STEP]]] --- */

static bool number(const char *text, char **end, unsigned long *n)
{
	*n = strtoul(text, end, 0);
	return *end != text;
}

static bool set_when(struct strace_injection *j, const char *v)
{
	unsigned long n;
	char *end;

	if (!number(v, &end, &n) || n < 1 || n > 65535)
		return false;
	j->first = j->last = (unsigned)n;
	j->step = 1;
	if (!strncmp(end, "..", 2)) {
		if (!number(end + 2, &end, &n) || n < j->first || n > 65535)
			return false;
		j->last = (unsigned)n;
	} else if (*end == '+') {
		j->last = 65535;
	}
	if (*end == '+' && end[1]) {
		if (!number(end + 1, &end, &n) || n < 1 || n > 65535)
			return false;
		j->step = (unsigned)n;
	} else if (*end == '+') {
		end++;
	}
	return !*end;
}

static bool set_error(struct strace_injection *j, const char *v)
{
	unsigned long n = 0;
	char *end;

	if (number(v, &end, &n) && !*end && n >= 1 && n <= 4095) {
		j->result = -(int64_t)n;
		return true;
	}
	for (int err = 1; err < 200; err++) {
		const char *name = strace_errno_name(err);

		if (name && !strcmp(name, v)) {
			j->result = -err;
			return true;
		}
	}
	return false;
}

static bool set_part(struct strace_injection *j, char *part)
{
	char *value = strchr(part, '='), *end;
	unsigned long n;

	if (!value)
		return false;
	*value++ = 0;
	if (!strcmp(part, "when"))
		return set_when(j, value);
	if (!strcmp(part, "signal"))
		return !j->signo && (j->signo = strace_signal_number(value));
	if (strcmp(part, "error") && strcmp(part, "retval"))
		return false;
	if (j->answered)
		return false;
	j->answered = true;
	if (!strcmp(part, "error"))
		return set_error(j, value);
	if (!number(value, &end, &n) || *end || n > UINT32_MAX)
		return false;
	j->result = (int64_t)n;
	return true;
}

static int inject(struct strace_config *c, const char *v, bool fault, char *why)
{
	struct strace_injection *j = calloc(1, sizeof *j);
	char *text = strdup(v), *part, *rest;
	struct strace_calls set;
	int err = j && text ? 0 : -ENOMEM;

	if (err)
		goto fail;
	*j = (struct strace_injection){ .first = 1, .last = UINT32_MAX, .step = 1 };
	rest = text;
	part = strsep(&rest, ":");
	err = strace_calls_parse(&set, part, why);
	while (!err && (part = strsep(&rest, ":")))
		if (!set_part(j, part))
			err = complain(why, "inject= and fault= take SET:error=E:retval=V:signal=S:when=FIRST..LAST+STEP, not",
				       v);
	if (!err && !j->answered && fault) {
		j->answered = true;
		j->result = -ENOSYS;
	}
	if (!err && !j->answered && !j->signo)
		err = complain(why, "inject= needs error=, retval= or signal=", v);
	if (err)
		goto fail;
	for (unsigned nr = 0; nr < SYSCALL_MAX; nr++)
		if (syscall_name(nr) && strace_calls_has(&set, nr))
			c->injection[nr] = j;
	j->next = c->injections;
	c->injections = j;
	free(text);
	return 0;
fail:
	free(text);
	free(j);
	return err;
}

static int set_inject(struct strace_config *c, const char *v, char *why) { return inject(c, v, false, why); }
static int set_fault(struct strace_config *c, const char *v, char *why) { return inject(c, v, true, why); }

static const struct {
	const char *key;
	int (*set)(struct strace_config *c, const char *value, char *why);
} keys[] = {
	{ "trace", set_trace }, { "t", set_trace }, { "raw", set_raw }, { "x", set_raw },
	{ "signal", set_signal }, { "signals", set_signal }, { "s", set_signal },
	{ "read", set_read }, { "reads", set_read }, { "r", set_read },
	{ "write", set_write }, { "writes", set_write }, { "w", set_write },
	{ "abbrev", set_abbrev }, { "a", set_abbrev }, { "status", set_status },
	{ "quiet", set_quiet }, { "silent", set_quiet }, { "q", set_quiet },
	{ "decode-fds", set_decode_fds }, { "decode-fd", set_decode_fds },
	{ "inject", set_inject }, { "fault", set_fault },
};

int strace_expr(struct strace_config *c, const char *text, char why[STRACE_WHY])
{
	size_t len = strcspn(text, "=");

	for (size_t i = 0; text[len] && i < sizeof keys / sizeof *keys; i++)
		if (!strncmp(keys[i].key, text, len) && !keys[i].key[len])
			return keys[i].set(c, text + len + 1, why);
	if (text[len]) {
		snprintf(why, STRACE_WHY, "'%.*s=' is not one of trace, status, signal, read, write, raw, abbrev, quiet, "
			 "decode-fds, inject, fault", (int)(len < 40 ? len : 40), text);
		return -EINVAL;
	}
	return set_trace(c, text, why);
}
