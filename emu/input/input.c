/* SPDX-License-Identifier: MIT */
#include "emu/input/input.h"

#include <errno.h>
#include <stdlib.h>
#include "emu/host/clock.h"
#include "emu/kernel/machine.h"

enum { REPEAT_DELAY = 250, REPEAT_PERIOD = 33 };	/* ms; as input_register_device() has them */
enum { VALUES_LEAST = 10 };

/* What becomes of an event: input_get_disposition(). */
enum { TELL = 1, FLUSH = 2, NEW_SLOT = 4 };

/* --- Repeating --- */

static void repeat_at(struct input_device *d, uint32_t ms)
{
	d->repeat.expires = clock_monotonic(d->machine) + (uint64_t)ms * 1000000u;
	/* Without memory for the timer the key does not repeat: nothing that a program could not live with. */
	(void)clock_event_add(d->machine, &d->repeat);
}

static void handle_event(struct input_device *d, unsigned type, unsigned code, int32_t value);

/* input_repeat_key() */
static void repeat_key(struct clock_event *e)
{
	struct input_device *d = (struct input_device *)(void *)((char *)e - offsetof(struct input_device, repeat));

	clock_event_remove(d->machine, e);
	if (!input_bit(d->key, d->repeat_key))
		return;
	handle_event(d, EV_KEY, d->repeat_key, 2);
	handle_event(d, EV_SYN, SYN_REPORT, 1);
	if (d->rep[REP_PERIOD])
		repeat_at(d, d->rep[REP_PERIOD]);
}

static void see_repeat(struct input_device *d)
{
	for (unsigned i = 0; i < d->nvalues; i++) {
		const struct input_value *v = &d->values[i];

		if (v->type != EV_KEY || v->value == 2)
			continue;
		if (!v->value) {
			clock_event_remove(d->machine, &d->repeat);
		} else if (d->rep[REP_PERIOD] && d->rep[REP_DELAY]) {
			d->repeat_key = v->code;
			repeat_at(d, d->rep[REP_DELAY]);
		}
	}
}

/* --- Passing on --- */

static void pass_values(struct input_device *d)
{
	if (d->grab) {
		d->grab->handler->events(d->grab, d->values, d->nvalues);
	} else {
		for (struct input_handle *h = d->handles; h; h = h->next)
			if (h->open)
				h->handler->events(h, d->values, d->nvalues);
	}
	if (input_bit(d->can, EV_REP) && input_bit(d->can, EV_KEY))
		see_repeat(d);
	d->nvalues = 0;
}

static void add_value(struct input_device *d, unsigned type, unsigned code, int32_t value)
{
	d->values[d->nvalues++] = (struct input_value){ (uint16_t)type, (uint16_t)code, value };
}

/* input_event_dispose() */
static void dispose(struct input_device *d, int what, unsigned type, unsigned code, int32_t value)
{
	if (what & NEW_SLOT)
		add_value(d, EV_ABS, ABS_MT_SLOT, (int32_t)d->slot);
	if (what & TELL)
		add_value(d, type, code, value);
	if (what & FLUSH) {
		if (d->nvalues >= 2)
			pass_values(d);
		d->nvalues = 0;
	} else if (d->nvalues >= d->values_max - 2) {	/* a packet that does not end */
		add_value(d, EV_SYN, SYN_REPORT, 1);
		pass_values(d);
	}
}

/* --- What an event does --- */

/* Noise of an axis, if it has such: input_defuzz_abs_event(). */
static int32_t without_noise(int32_t value, int32_t old, int32_t fuzz)
{
	int64_t off = llabs((int64_t)value - old);

	if (!fuzz)
		return value;
	if (off < fuzz / 2)
		return old;
	if (off < fuzz)
		return (int32_t)(((int64_t)old * 3 + value) / 4);
	return off < (int64_t)fuzz * 2 ? (int32_t)(((int64_t)old + value) / 2) : value;
}

static int absolute(struct input_device *d, unsigned code, int32_t *value)
{
	bool new_slot = false;
	int32_t *old = &d->abs[code].value;

	if (code == ABS_MT_SLOT) {	/* told with what happens there */
		if (d->slots && *value >= 0 && (unsigned)*value < d->nslots)
			d->slot = (unsigned)*value;
		return 0;
	}
	if (input_is_mt(code)) {
		if (!d->slots)
			return TELL;
		old = &d->slots[d->slot].value[code - ABS_MT_TOUCH_MAJOR];
		new_slot = (int32_t)d->slot != d->abs[ABS_MT_SLOT].value;
	}
	*value = without_noise(*value, *old, d->abs[code].fuzz);
	if (*old == *value)
		return 0;
	*old = *value;
	if (!new_slot)
		return TELL;
	d->abs[ABS_MT_SLOT].value = (int32_t)d->slot;
	return TELL | NEW_SLOT;
}

/* A key, switch, light or sound becomes that. */
static int change(uint32_t *state, unsigned code, int32_t value)
{
	if (input_bit(state, code) == (value != 0))
		return 0;
	input_flip_bit(state, code);
	return TELL;
}

static int happen(struct input_device *d, unsigned type, unsigned code, int32_t *value)
{
	unsigned max;
	const uint32_t *can = input_device_can(d, type, &max);

	if (type != EV_SYN && can && (code > max || !input_bit(can, code)))
		return 0;
	switch (type) {
	case EV_SYN:
		return code == SYN_REPORT ? TELL | FLUSH : code == SYN_CONFIG || code == SYN_MT_REPORT ? TELL : 0;
	case EV_KEY:
		return *value == 2 ? TELL : change(d->key, code, *value);
	case EV_SW:
		return change(d->sw, code, *value);
	case EV_ABS:
		return d->abs ? absolute(d, code, value) : 0;
	case EV_REL:
		return *value ? TELL : 0;
	case EV_MSC:
		return TELL;
	case EV_LED:
		return change(d->led, code, *value);
	case EV_SND:
		change(d->snd, code, *value);
		return TELL;
	case EV_REP:
		if (code > REP_MAX || *value < 0 || d->rep[code] == (uint32_t)*value)
			return 0;
		d->rep[code] = (uint32_t)*value;
		return TELL;
	}
	return 0;
}

static void handle_event(struct input_device *d, unsigned type, unsigned code, int32_t value)
{
	int what = happen(d, type, code, &value);

	if (what)
		dispose(d, what, type, code, value);
}

void input_event(struct input_device *d, unsigned type, unsigned code, int32_t value)
{
	if (type <= EV_MAX && input_bit(d->can, type))
		handle_event(d, type, code, value);
}

void input_inject(struct input_handle *h, unsigned type, unsigned code, int32_t value)
{
	if (!h->device->grab || h->device->grab == h)
		input_event(h->device, type, code, value);
}

int input_grab(struct input_handle *h)
{
	if (h->device->grab)
		return -EBUSY;
	h->device->grab = h;
	return 0;
}

void input_ungrab(struct input_handle *h)
{
	if (h->device->grab == h)
		h->device->grab = NULL;
}

/* --- Devices --- */

const uint32_t *input_device_can(const struct input_device *d, unsigned type, unsigned *max)
{
	switch (type) {
	case EV_SYN: *max = EV_MAX; return d->can;
	case EV_KEY: *max = KEY_MAX; return d->can_key;
	case EV_REL: *max = REL_MAX; return d->can_rel;
	case EV_ABS: *max = ABS_MAX; return d->can_abs;
	case EV_MSC: *max = MSC_MAX; return d->can_msc;
	case EV_LED: *max = LED_MAX; return d->can_led;
	case EV_SND: *max = SND_MAX; return d->can_snd;
	case EV_FF: *max = FF_MAX; return d->can_ff;
	case EV_SW: *max = SW_MAX; return d->can_sw;
	}
	return NULL;
}

/* input_estimate_events_per_packet() */
static unsigned packet_size(const struct input_device *d)
{
	unsigned n = d->nslots + 1 + 7;		/* SYN_REPORT, keys and the like */

	for (unsigned code = 0; code < ABS_CNT; code++)
		if (input_bit(d->can_abs, code))
			n += code == ABS_MT_SLOT || input_is_mt(code) ? d->nslots : 1;
	for (unsigned code = 0; code < REL_CNT; code++)
		n += input_bit(d->can_rel, code);
	return n;
}

int input_device_start(struct input_device *d)
{
	d->packet = packet_size(d);
	d->values_max = d->packet + 2 > VALUES_LEAST ? d->packet + 2 : VALUES_LEAST;
	d->values = calloc(d->values_max, sizeof *d->values);
	if (!d->values)
		return -ENOMEM;
	input_set_bit(d->can, EV_SYN);
	d->repeat.fire = repeat_key;
	if (input_bit(d->can, EV_REP)) {
		d->rep[REP_DELAY] = REPEAT_DELAY;
		d->rep[REP_PERIOD] = REPEAT_PERIOD;
	}
	return 0;
}

void input_device_stop(struct input_device *d)
{
	if (d->machine)
		clock_event_remove(d->machine, &d->repeat);
	free(d->values);
	free(d->abs);
	free(d->slots);
}

void input_handle_add(struct input_handle *h, struct input_device *d)
{
	struct input_handle **end = &d->handles;

	while (*end)
		end = &(*end)->next;
	h->device = d;
	*end = h;
}
