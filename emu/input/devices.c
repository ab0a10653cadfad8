/* SPDX-License-Identifier: MIT
 *
 * The three devices. They stand for what a person at the machine has: no bus that a program could look at is between.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/input/evdev.h"
#include "emu/input/keys.h"
#include "emu/input/mousedev.h"
#include "emu/kernel/machine.h"
#include "emu/tty/input_script.h"

enum { BUS_HOST = 0x19, CONTACT_ID_MAX = 0xffff };

static struct input_device *device(struct machine *m, unsigned which) { return &m->inputs->device[which]; }

/* --- What they can --- */

static void can_key(struct input_device *d, unsigned code)
{
	input_set_bit(d->can, EV_KEY);
	input_set_bit(d->can_key, code);
}

static void can_rel(struct input_device *d, unsigned code)
{
	input_set_bit(d->can, EV_REL);
	input_set_bit(d->can_rel, code);
}

static void can_abs(struct input_device *d, unsigned code, int32_t maximum)
{
	input_set_bit(d->can, EV_ABS);
	input_set_bit(d->can_abs, code);
	d->abs[code].maximum = maximum;
}

static int keyboard(struct input_device *d)
{
	d->name = "flat32 keyboard";
	input_set_bit(d->can, EV_KEY);
	keys_all(d->can_key);
	input_set_bit(d->can, EV_REP);
	input_set_bit(d->can, EV_LED);
	for (unsigned led = LED_NUML; led <= LED_SCROLLL; led++)
		input_set_bit(d->can_led, led);
	return 0;
}

static int mouse(struct input_device *d)
{
	d->name = "flat32 mouse";
	for (unsigned code = BTN_LEFT; code <= BTN_EXTRA; code++)
		can_key(d, code);
	can_rel(d, REL_X);
	can_rel(d, REL_Y);
	can_rel(d, REL_WHEEL);
	can_rel(d, REL_HWHEEL);
	return 0;
}

static int touch(struct input_device *d, const struct input_config *c)
{
	d->name = "flat32 touchscreen";
	d->abs = calloc(ABS_CNT, sizeof *d->abs);
	d->slots = calloc(INPUT_CONTACTS, sizeof *d->slots);
	if (!d->abs || !d->slots)
		return -ENOMEM;
	d->nslots = INPUT_CONTACTS;
	for (unsigned i = 0; i < INPUT_CONTACTS; i++)
		d->slots[i].value[ABS_MT_TRACKING_ID - ABS_MT_TOUCH_MAJOR] = -1;
	input_set_bit(d->can_prop, INPUT_PROP_DIRECT);
	can_key(d, BTN_TOUCH);
	can_abs(d, ABS_X, (int32_t)c->width - 1);
	can_abs(d, ABS_Y, (int32_t)c->height - 1);
	can_abs(d, ABS_MT_SLOT, INPUT_CONTACTS - 1);
	can_abs(d, ABS_MT_TRACKING_ID, CONTACT_ID_MAX);
	can_abs(d, ABS_MT_POSITION_X, (int32_t)c->width - 1);
	can_abs(d, ABS_MT_POSITION_Y, (int32_t)c->height - 1);
	return 0;
}

/* --- Life --- */

static int start(struct machine *m, unsigned which, const struct input_config *c)
{
	static const char *const phys[] = { "flat32/input0", "flat32/input1", "flat32/input2" };
	struct input_device *d = device(m, which);
	int err;

	d->machine = m;
	d->number = which;
	d->phys = phys[which];
	d->id = (struct input_id){ .bus = BUS_HOST, .product = (uint16_t)(which + 1), .version = 1 };
	err = which == INPUT_KEYBOARD ? keyboard(d) : which == INPUT_MOUSE ? mouse(d) : touch(d, c);
	if (!err)
		err = input_device_start(d);
	return err;
}

int inputs_new(struct machine *m, const struct input_config *c)
{
	int err = 0;

	m->inputs = calloc(1, sizeof *m->inputs);
	if (!m->inputs)
		return -ENOMEM;
	for (unsigned i = 0; i < INPUT_DEVICES && !err; i++)
		err = start(m, i, c);
	if (!err)
		err = mousedev_new(m, &m->inputs->mousedevs);
	for (unsigned i = 0; i < INPUT_DEVICES && !err; i++)
		err = evdev_new(device(m, i), &m->inputs->evdev[i]);
	return err;
}

void inputs_free(struct machine *m)
{
	if (!m->inputs)
		return;
	input_script_free(m->inputs->script);
	for (unsigned i = 0; i < INPUT_DEVICES; i++) {
		evdev_free(m->inputs->evdev[i]);
		input_device_stop(device(m, i));
	}
	mousedev_free(m->inputs->mousedevs);
	free(m->inputs);
	m->inputs = NULL;
}

int inputs_play(struct machine *m, struct input_script *s)
{
	int err = input_script_start(s, m, NULL, NULL);

	if (!err)
		m->inputs->script = s;
	return err;
}

/* --- The ways in --- */

static bool is_button(unsigned code) { return code >= BTN_MOUSE && code < BTN_JOYSTICK; }

void inputs_key(struct machine *m, unsigned code, bool down)
{
	struct input_device *d = device(m, is_button(code) ? INPUT_MOUSE : INPUT_KEYBOARD);

	input_event(d, EV_KEY, code, down);
	input_sync(d);
}

void inputs_move(struct machine *m, int32_t dx, int32_t dy)
{
	struct input_device *d = device(m, INPUT_MOUSE);

	input_event(d, EV_REL, REL_X, dx);
	input_event(d, EV_REL, REL_Y, dy);
	input_sync(d);
}

void inputs_wheel(struct machine *m, int32_t dx, int32_t dy)
{
	struct input_device *d = device(m, INPUT_MOUSE);

	input_event(d, EV_REL, REL_WHEEL, dy);
	input_event(d, EV_REL, REL_HWHEEL, dx);
	input_sync(d);
}

static int32_t slot_value(const struct input_slot *s, unsigned code) { return s->value[code - ABS_MT_TOUCH_MAJOR]; }

/*
 * For programs that know one finger only: BTN_TOUCH, ABS_X, ABS_Y are of the contact that has been there longest
 * (input_mt_report_pointer_emulation()).
 */
static void report_pointer(struct input_device *d)
{
	const struct input_slot *oldest = NULL;

	for (const struct input_slot *s = d->slots; s < d->slots + d->nslots; s++) {
		int32_t id = slot_value(s, ABS_MT_TRACKING_ID);

		/* Numbers go round: the lesser is the one that is behind by less than half of all. */
		if (id >= 0 && (!oldest || ((id - slot_value(oldest, ABS_MT_TRACKING_ID)) & 0x8000)))
			oldest = s;
	}
	input_event(d, EV_KEY, BTN_TOUCH, oldest != NULL);
	if (oldest) {
		input_event(d, EV_ABS, ABS_X, slot_value(oldest, ABS_MT_POSITION_X));
		input_event(d, EV_ABS, ABS_Y, slot_value(oldest, ABS_MT_POSITION_Y));
	}
	input_sync(d);
}

static int32_t within(const struct input_device *d, unsigned code, int32_t value)
{
	const struct input_absinfo *a = &d->abs[code];

	return value < a->minimum ? a->minimum : value > a->maximum ? a->maximum : value;
}

void inputs_touch(struct machine *m, unsigned contact, int32_t x, int32_t y)
{
	struct input_device *d = device(m, INPUT_TOUCH);

	input_event(d, EV_ABS, ABS_MT_SLOT, (int32_t)contact);
	if (slot_value(&d->slots[contact], ABS_MT_TRACKING_ID) < 0) {
		input_event(d, EV_ABS, ABS_MT_TRACKING_ID, d->next_contact);
		d->next_contact = (d->next_contact + 1) & CONTACT_ID_MAX;
	}
	input_event(d, EV_ABS, ABS_MT_POSITION_X, within(d, ABS_MT_POSITION_X, x));
	input_event(d, EV_ABS, ABS_MT_POSITION_Y, within(d, ABS_MT_POSITION_Y, y));
	report_pointer(d);
}

void inputs_lift(struct machine *m, unsigned contact)
{
	struct input_device *d = device(m, INPUT_TOUCH);

	input_event(d, EV_ABS, ABS_MT_SLOT, (int32_t)contact);
	input_event(d, EV_ABS, ABS_MT_TRACKING_ID, -1);
	report_pointer(d);
}

void inputs_release(struct machine *m)
{
	for (unsigned i = 0; i < INPUT_DEVICES; i++) {
		struct input_device *d = device(m, i);

		for (unsigned code = 0; i != INPUT_TOUCH && code < KEY_CNT; code++)
			if (input_bit(d->key, code))
				input_event(d, EV_KEY, code, 0);
		input_sync(d);
	}
	for (unsigned i = 0; i < INPUT_CONTACTS; i++)
		if (slot_value(&device(m, INPUT_TOUCH)->slots[i], ABS_MT_TRACKING_ID) >= 0)
			inputs_lift(m, i);
}
