/* SPDX-License-Identifier: MIT */
#include "emu/tty/input_script.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/host/clock.h"
#include "emu/input/action.h"
#include "emu/kernel/clock_event.h"
#include "emu/kernel/klog.h"
#include "emu/kernel/machine.h"

enum { TEXT_MAX = 1024, STATUS_FAILED = 125 };
#define PATIENCE_NS 60000000000ull
#define SECONDS_MAX 1e9

enum step_kind { STEP_EXPECT, STEP_SEND, STEP_WAIT, STEP_END, STEP_ACTION };

struct step {
	enum step_kind kind;
	unsigned line;
	uint64_t ns;		/* to wait, at most or in all */
	char *text;
	size_t len;
	struct input_action action;
};

struct input_script {
	struct step *steps;
	unsigned count, at;
	struct machine *machine;
	void (*type)(void *owner, const char *bytes, size_t len);
	void *owner;
	struct clock_event timer;
	bool expecting;
	char seen[TEXT_MAX];	/* the last step.len bytes shown */
	size_t seen_len;
};

/* --- Reading --- */

static int digit(char ch)
{
	return isdigit((unsigned char)ch) ? ch - '0' : isxdigit((unsigned char)ch) ? (ch | 32) - 'a' + 10 : 99;
}

/* One character behind a backslash. */
static char escaped(const char **p)
{
	static const char letters[] = "nrteab", values[] = "\n\r\t\033\a\b";
	const char *known = strchr(letters, **p);
	int ch = 0;

	if (**p && known) {
		(*p)++;
		return values[known - letters];
	}
	if (**p == 'x' && digit((*p)[1]) < 16) {
		(*p)++;
		for (int i = 0; i < 2 && digit(**p) < 16; i++)
			ch = ch * 16 + digit(*(*p)++);
		return (char)ch;
	}
	if (digit(**p) < 8) {
		for (int i = 0; i < 3 && digit(**p) < 8; i++)
			ch = ch * 8 + digit(*(*p)++);
		return (char)ch;
	}
	return *(*p)++;
}

/* "text" at *p, into step. */
static int quoted(const char **p, struct step *s)
{
	char text[TEXT_MAX];

	if (*(*p)++ != '"')
		return -EINVAL;
	while (**p && **p != '"') {
		char ch = *(*p)++;

		if (s->len == sizeof text || (ch == '\\' && !**p))
			return -EINVAL;
		text[s->len++] = ch == '\\' ? escaped(p) : ch;
	}
	if (*(*p)++ != '"' || !s->len)
		return -EINVAL;
	s->text = malloc(s->len);
	if (!s->text)
		return -ENOMEM;
	memcpy(s->text, text, s->len);
	return 0;
}

static int seconds(const char **p, uint64_t *ns)
{
	char *end;
	double s = strtod(*p, &end);

	if (end == *p || !(s >= 0 && s <= SECONDS_MAX))
		return -EINVAL;
	*p = end;
	*ns = (uint64_t)(s * 1e9);
	return 0;
}

static void skip_blanks(const char **p)
{
	*p += strspn(*p, " \t\r\n");
}

static int read_step(const char *p, struct step *s)
{
	static const char *const words[] = { "expect", "send", "wait", "end" };
	const char *word = p;
	size_t len = strcspn(p, " \t\r\n");
	int err = 0;
	unsigned kind = 0;

	while (kind < STEP_ACTION && (strlen(words[kind]) != len || strncmp(p, words[kind], len)))
		kind++;
	*s = (struct step){ .kind = (enum step_kind)kind, .line = s->line, .ns = PATIENCE_NS };
	p += len;
	skip_blanks(&p);
	if (kind == STEP_ACTION)
		err = input_action_read(word, len, &p, &s->action);
	if (s->kind == STEP_EXPECT || s->kind == STEP_SEND)
		err = quoted(&p, s);
	skip_blanks(&p);
	if (!err && (s->kind == STEP_WAIT || (s->kind == STEP_EXPECT && *p && *p != '#')))
		err = seconds(&p, &s->ns);
	skip_blanks(&p);
	return err ? err : *p && *p != '#' ? -EINVAL : 0;
}

static int add(struct input_script *s, const char *line, unsigned number)
{
	struct step *grown;

	skip_blanks(&line);
	if (!*line || *line == '#')
		return 0;
	grown = realloc(s->steps, (s->count + 1) * sizeof *grown);
	if (!grown)
		return -ENOMEM;
	s->steps = grown;
	s->steps[s->count] = (struct step){ .line = number };
	return read_step(line, &s->steps[s->count++]);
}

int input_script_read(const char *path, struct input_script **out, char why[INPUT_WHY])
{
	struct input_script *s = calloc(1, sizeof *s);
	FILE *f = s ? fopen(path, "re") : NULL;
	char *line = NULL;
	size_t size = 0;
	unsigned number = 0;
	int err = !s ? -ENOMEM : !f ? -errno : 0;

	snprintf(why, INPUT_WHY, "%s", strerror(-err));
	while (!err && getline(&line, &size, f) > 0) {
		err = add(s, line, ++number);
		if (err)
			snprintf(why, INPUT_WHY, "line %u: %s", number, err == -ENOMEM ? strerror(ENOMEM) :
				 "should be expect \"TEXT\" [SECONDS], send \"TEXT\", wait SECONDS, end, press KEY[+KEY...], "
				 "down KEY, up KEY, move DX DY, wheel N, touch N X Y or lift N");
	}
	free(line);
	if (f)
		fclose(f);
	if (err)
		input_script_free(s);
	else
		*out = s;
	return err;
}

void input_script_free(struct input_script *s)
{
	if (!s)
		return;
	if (s->machine)
		clock_event_remove(s->machine, &s->timer);
	for (unsigned i = 0; i < s->count; i++)
		free(s->steps[i].text);
	free(s->steps);
	free(s);
}

/* --- Running --- */

static void stop(struct input_script *s, const char *why)
{
	klog(s->machine, KLOG_CRIT, "--input: line %u: %s: stopping", s->at < s->count ? s->steps[s->at].line : 0, why);
	s->machine->status = STATUS_FAILED;
	s->machine->halted = true;
}

static void after(struct input_script *s, uint64_t ns)
{
	s->timer.expires = clock_monotonic(s->machine) + ns;
	if (clock_event_add(s->machine, &s->timer))
		stop(s, "out of memory");
}

static void go_on(struct input_script *s)
{
	for (; s->at < s->count; s->at++) {
		const struct step *step = &s->steps[s->at];

		switch (step->kind) {
		case STEP_SEND:
			s->type(s->owner, step->text, step->len);
			break;
		case STEP_WAIT:
			s->at++;
			after(s, step->ns);
			return;
		case STEP_EXPECT:
			s->expecting = true;
			s->seen_len = 0;
			after(s, step->ns);
			return;
		case STEP_ACTION:
			input_action_do(s->machine, &step->action);
			break;
		case STEP_END:
			s->at = s->count - 1;	/* the last there is */
			break;
		}
	}
	if (s->type)
		s->type(s->owner, NULL, 0);
}

/* What was waited for: the start, a time, the end of patience; or, expecting no more, something seen. */
static void fire(struct clock_event *e)
{
	struct input_script *s = (struct input_script *)(void *)((char *)e - offsetof(struct input_script, timer));

	clock_event_remove(s->machine, e);
	if (s->expecting) {
		stop(s, "the console does not show what is expected");
		return;
	}
	go_on(s);
}

unsigned input_script_needs(const struct input_script *s)
{
	unsigned needs = 0;

	for (unsigned i = 0; i < s->count; i++)
		needs |= s->steps[i].kind == STEP_ACTION ? INPUT_NEEDS_DEVICES :
			 s->steps[i].kind == STEP_WAIT ? 0 : INPUT_NEEDS_CONSOLE;
	return needs;
}

int input_script_start(struct input_script *s, struct machine *m,
		       void (*type)(void *owner, const char *bytes, size_t len), void *owner)
{
	s->machine = m;
	s->type = type;
	s->owner = owner;
	s->timer.fire = fire;
	s->timer.expires = clock_monotonic(m);
	return clock_event_add(m, &s->timer);
}

void input_script_saw(struct input_script *s, const void *bytes, size_t len)
{
	const char *p = bytes;

	for (; s->expecting && len; p++, len--) {
		const struct step *step = &s->steps[s->at];

		if (s->seen_len == step->len)
			memmove(s->seen, s->seen + 1, --s->seen_len);
		s->seen[s->seen_len++] = *p;
		if (s->seen_len == step->len && !memcmp(s->seen, step->text, step->len)) {
			s->expecting = false;
			s->at++;
			after(s, 0);	/* not here: somebody is writing */
		}
	}
}
