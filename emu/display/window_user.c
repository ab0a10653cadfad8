/* SPDX-License-Identifier: MIT */
#include "emu/display/window_user.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "emu/host/poll.h"
#include "emu/input/input.h"
#include "emu/kernel/klog.h"
#include "emu/kernel/machine.h"

static void close_machine(struct window_user *u)
{
	if (!u->closed++) {
		kill(getpid(), SIGTERM);
		return;
	}
	u->machine->status = 128 + SIGTERM;
	u->machine->halted = true;
}

static void touch(struct machine *m, const struct window_event *e)
{
	const struct input_absinfo *abs = m->inputs->device[INPUT_TOUCH].abs;

	inputs_touch(m, e->code, (int32_t)((int64_t)e->a * ((int64_t)abs[ABS_X].maximum + 1) >> 16),
		     (int32_t)((int64_t)e->b * ((int64_t)abs[ABS_Y].maximum + 1) >> 16));
}

static void happen(struct machine *m, const struct window_event *e)
{
	switch (e->kind) {
	case WINDOW_KEY: inputs_key(m, e->code, e->a); break;
	case WINDOW_MOVE: inputs_move(m, e->a, e->b); break;
	case WINDOW_WHEEL: inputs_wheel(m, e->a, e->b); break;
	case WINDOW_TOUCH: touch(m, e); break;
	case WINDOW_LIFT: inputs_lift(m, e->code); break;
	case WINDOW_RELEASE: inputs_release(m); break;
	case WINDOW_CLOSE: case WINDOW_BLIND: break;
	}
}

static void on_events(void *owner, int events)
{
	struct window_user *u = owner;
	struct window_event e;

	(void)events;
	while (window_queue_take(window_events(u->window), &e)) {
		if (e.kind == WINDOW_CLOSE)
			close_machine(u);
		else if (e.kind == WINDOW_BLIND)
			klog(u->machine, KLOG_ERR, "the window shows nothing any more: %s", strerror((int)e.code));
		else if (u->machine->inputs && !u->machine->options.deterministic)
			happen(u->machine, &e);
	}
}

int window_user_begin(struct window_user *u)
{
	return host_listen(u->machine, window_events(u->window)->fd, POLLIN, on_events, u);
}

void window_user_end(struct window_user *u)
{
	host_listen(u->machine, window_events(u->window)->fd, 0, NULL, NULL);
}
