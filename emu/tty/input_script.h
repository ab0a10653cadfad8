/* SPDX-License-Identifier: MIT
 *
 * --input FILE: what is typed on the console, or done with keyboard, mouse and touch screen, and when, by the guest's clock and
 * the guest's output: so that a run with a user in it is the same each time.  A line each; # begins a comment:
 *
 *	expect "login: "	waits until the console has shown that, from here on; for 60 s at most,
 *	expect "$ " 5		or 5: then the machine stops with status 125
 *	send "root\n"		types it
 *	wait 1.5		lets seconds pass
 *	end			no more input: readers find the end of the file.  So it is behind the last line
 *
 * Texts have C's escapes: \n \r \t \e \\ \" \ooo \xhh.  And the lines of emu/input/action.h: press, down, up, move, wheel,
 * touch, lift.
 */
#ifndef EMU_TTY_INPUT_SCRIPT_H
#define EMU_TTY_INPUT_SCRIPT_H

#include <stddef.h>

struct input_script;
struct machine;

enum { INPUT_WHY = 240 };

/*
 * Reads FILE. 0; -EINVAL or another -errno: why[] says what is wrong, and in which line.
 */
int input_script_read(const char *path, struct input_script **out, char why[INPUT_WHY]);
void input_script_free(struct input_script *s);

/* What it is about: neither, either, both. */
enum { INPUT_NEEDS_CONSOLE = 1, INPUT_NEEDS_DEVICES = 2 };
unsigned input_script_needs(const struct input_script *s);

/*
 * It begins when the machine runs. type(owner, bytes) is the console's keyboard; of no bytes (len 0): the end of the input.
 * NULL: there is none, and the script needs none. If it needs devices, m->inputs is there.  0 or -ENOMEM.
 */
int input_script_start(struct input_script *s, struct machine *m,
		       void (*type)(void *owner, const char *bytes, size_t len), void *owner);
/* The console has shown this. */
void input_script_saw(struct input_script *s, const void *bytes, size_t len);

#endif
