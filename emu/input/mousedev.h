/* SPDX-License-Identifier: MIT
 *
 * /dev/input/mouse0 (the mouse), mouse1 (the touch screen) and mice (both): motion and buttons by the protocol of a PS/2 mouse,
 * as drivers/input/mousedev.c. A file begins in the plain mode of 3 bytes; the sequences of sample rates that make a
 * PS/2 mouse an IntelliMouse or an Explorer, written to it, give it 4. Positions of the touch screen are made motion on a screen
 * of 1024x768 (CONFIG_INPUT_MOUSEDEV_SCREEN_X, _Y).
 */
#ifndef EMU_INPUT_MOUSEDEV_H
#define EMU_INPUT_MOUSEDEV_H

struct machine;
struct mousedevs;

/* For the machine's inputs, with the files. 0 or -errno; *out is to be freed in any case. */
int mousedev_new(struct machine *m, struct mousedevs **out);
void mousedev_free(struct mousedevs *ms);	/* NULL is fine */

#endif
