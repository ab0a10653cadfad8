/* SPDX-License-Identifier: MIT */
#include "emu/input/action.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/input/input.h"
#include "emu/input/keys.h"

enum { COORDINATE_MAX = 65535 };

static void press(struct machine *m, const struct input_action *a)
{
	for (unsigned i = 0; i < a->count; i++)
		inputs_key(m, a->keys[i], true);
	for (unsigned i = a->count; i-- > 0;)
		inputs_key(m, a->keys[i], false);
}

static void down(struct machine *m, const struct input_action *a) { inputs_key(m, a->keys[0], true); }
static void up(struct machine *m, const struct input_action *a) { inputs_key(m, a->keys[0], false); }
static void move(struct machine *m, const struct input_action *a) { inputs_move(m, a->number[0], a->number[1]); }
static void wheel(struct machine *m, const struct input_action *a) { inputs_wheel(m, 0, a->number[0]); }
static void lift(struct machine *m, const struct input_action *a) { inputs_lift(m, (unsigned)a->number[0]); }

static void touch(struct machine *m, const struct input_action *a)
{
	inputs_touch(m, (unsigned)a->number[0], a->number[1], a->number[2]);
}

static const struct {
	const char *word;
	unsigned keys, numbers;		/* so many follow (at most) */
	bool contact;			/* the first number is a contact's */
	void (*act)(struct machine *m, const struct input_action *a);
} words[] = {
	{ "press", ACTION_KEYS, 0, false, press }, { "down", 1, 0, false, down }, { "up", 1, 0, false, up },
	{ "move", 0, 2, false, move }, { "wheel", 0, 1, false, wheel }, { "touch", 0, 3, true, touch },
	{ "lift", 0, 1, true, lift },
};
#define WORDS (sizeof words / sizeof *words)

static void skip_blanks(const char **p) { *p += strspn(*p, " \t"); }

/* "leftctrl+c" */
static int read_keys(const char **p, unsigned most, struct input_action *out)
{
	for (;;) {
		size_t len = strcspn(*p, "+ \t\r\n");
		unsigned code = key_of_name(*p, len);

		if (!code || out->count == most)
			return -EINVAL;
		out->keys[out->count++] = code;
		*p += len;
		if (**p != '+')
			return 0;
		++*p;
	}
}

static int read_number(const char **p, int32_t *out)
{
	char *end;
	long n = strtol(*p, &end, 10);

	if (end == *p || n < -COORDINATE_MAX || n > COORDINATE_MAX)
		return -EINVAL;
	*p = end;
	*out = (int32_t)n;
	return 0;
}

int input_action_read(const char *word, size_t len, const char **p, struct input_action *out)
{
	unsigned kind = 0;
	int err;

	while (kind < WORDS && (strlen(words[kind].word) != len || strncmp(words[kind].word, word, len)))
		kind++;
	if (kind == WORDS)
		return -ENOENT;
	*out = (struct input_action){ .kind = kind };
	skip_blanks(p);
	err = words[kind].keys ? read_keys(p, words[kind].keys, out) : 0;
	for (unsigned i = 0; i < words[kind].numbers && !err; i++) {
		skip_blanks(p);
		err = read_number(p, &out->number[i]);
	}
	if (!err && words[kind].contact && (out->number[0] < 0 || out->number[0] >= (int32_t)INPUT_CONTACTS))
		err = -EINVAL;
	return err;
}

void input_action_do(struct machine *m, const struct input_action *a)
{
	words[a->kind].act(m, a);
}
