/* SPDX-License-Identifier: MIT
 *
 * What a person does with keyboard, mouse and touch screen, as a line of an --input script (emu/tty/input_script.h):
 *
 *	press leftctrl+c	keys go down in that order, and up in the other; names are those of emu/input/keys.def
 *	down a, up a		one of the two; btn_left, btn_right, btn_middle, btn_side and btn_extra are the mouse's
 *	move DX DY		the mouse; right and down are positive
 *	wheel N			notches, away from the user
 *	touch N X Y		contact N (0 to 9) is at X, Y
 *	lift N			and is no more
 */
#ifndef EMU_INPUT_ACTION_H
#define EMU_INPUT_ACTION_H

#include <stddef.h>
#include <stdint.h>

struct machine;

enum { ACTION_KEYS = 6 };

struct input_action {
	unsigned kind;			/* index of its word */
	unsigned keys[ACTION_KEYS], count;
	int32_t number[3];
};

/*
 * Reads what follows the word (len bytes) at *p, which is moved behind it. 0; -ENOENT: there is no such word; -EINVAL: not like
 * that.
 */
int input_action_read(const char *word, size_t len, const char **p, struct input_action *out);
void input_action_do(struct machine *m, const struct input_action *a);	/* m->inputs is there */

#endif
