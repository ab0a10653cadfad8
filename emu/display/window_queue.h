/* SPDX-License-Identifier: MIT
 *
 * What the window has to say to the machine, from the window's thread to the guest's: a queue of fixed size, with a descriptor
 * that is ready while there is something in it.
 *
 * A guest that does not get on (the emulator is suspended, say) must not make it grow: motion is added to motion, and
 * what does not fit is lost as a whole: then keys may be down for ever whose release is lost, so the last event is WINDOW_RELEASE.
 */
#ifndef EMU_DISPLAY_WINDOW_QUEUE_H
#define EMU_DISPLAY_WINDOW_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum window_event_kind {
	WINDOW_KEY,		/* code: KEY_* or BTN_*; a: down or not */
	WINDOW_MOVE,		/* a, b: by so many pixels of the guest's */
	WINDOW_WHEEL,		/* a, b: notches to the right, up */
	WINDOW_TOUCH,		/* code: which contact; a, b: where, in 65536ths of the picture's width and height */
	WINDOW_LIFT,		/* code */
	WINDOW_RELEASE,		/* nothing is pressed or touched any more */
	WINDOW_CLOSE,		/* the user wants the machine to stop */
	WINDOW_BLIND,		/* code, an errno: why the picture is not shown any more */
};
struct window_event { enum window_event_kind kind; uint32_t code; int32_t a, b; };

#define WINDOW_QUEUE 256u

struct window_queue {
	pthread_mutex_t lock;
	int fd;				/* eventfd */
	bool lost;
	unsigned first, count;
	struct window_event events[WINDOW_QUEUE];
};

int window_queue_init(struct window_queue *q);		/* 0 or -errno */
void window_queue_fini(struct window_queue *q);
void window_queue_put(struct window_queue *q, const struct window_event *e);
/* False: there are none (and the descriptor is not ready until there are). */
bool window_queue_take(struct window_queue *q, struct window_event *e);

#endif
