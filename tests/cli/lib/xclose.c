/* SPDX-License-Identifier: MIT
 *
 * xclose WINDOW: asks a window of X11 to close, as a window manager does when its button is pressed.
 * xclose -f WINDOW: takes it away without asking; the next to draw in it makes an error.
 */
#include <X11/Xlib.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	Display *d = XOpenDisplay(NULL);
	XEvent e = { .xclient = { .type = ClientMessage, .format = 32 } };

	if (d && argc == 3 && !strcmp(argv[1], "-f")) {
		XDestroyWindow(d, strtoul(argv[2], NULL, 0));
		XCloseDisplay(d);
		return 0;
	}
	if (!d || argc != 2)
		return 1;
	e.xclient.window = strtoul(argv[1], NULL, 0);
	e.xclient.message_type = XInternAtom(d, "WM_PROTOCOLS", False);
	e.xclient.data.l[0] = (long)XInternAtom(d, "WM_DELETE_WINDOW", False);
	XSendEvent(d, e.xclient.window, False, NoEventMask, &e);
	XCloseDisplay(d);
	return 0;
}
