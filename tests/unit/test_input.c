/* SPDX-License-Identifier: MIT
 *
 * Input devices without a machine around them: what is an event, queues of several readers, masks, and each allocation that fails.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/host/clock.h"
#include "emu/input/evdev.h"
#include "emu/input/keys.h"
#include "emu/machine.h"
#include "tests/unit/oom_kit.h"

static struct machine m;
static struct input_device d;

static void setup(void)
{
	m = (struct machine){ .options.deterministic = true };
	ck_assert_int_eq(clocks_new(&m), 0);
	ck_assert_int_eq(clock_events_new(&m), 0);
	d = (struct input_device){ .machine = &m, .name = "test" };
	input_set_bit(d.can, EV_KEY);
	input_set_bit(d.can, EV_REL);
	input_set_bit(d.can_key, KEY_A);
	input_set_bit(d.can_rel, REL_X);
}

static void teardown(void)
{
	input_device_stop(&d);
	clock_events_free(&m);
	clocks_free(&m);
}

static void packet(struct evdev_client *c, unsigned type, unsigned code, int32_t value)
{
	const struct input_value v[] = { { (uint16_t)type, (uint16_t)code, value }, { EV_SYN, SYN_REPORT, 0 } };

	evdev_put(c, 5000000000u, v, 2);
}

static bool is(struct evdev_client *c, unsigned type, unsigned code, int32_t value)
{
	struct evdev_event e;

	return evdev_get(c, &e) && e.type == type && e.code == code && e.value == value && e.sec == 5;
}

/* --- What is an event --- */

static struct input_value told[64];
static unsigned ntold;
static void tell(struct input_handle *h, const struct input_value *v, unsigned count)
{
	(void)h;
	for (unsigned i = 0; i < count && ntold < 64; i++)
		told[ntold++] = v[i];
}
static const struct input_handler teller = { .name = "teller", .events = tell };

START_TEST(packets_end_by_themselves)
{
	struct input_handle h = { .handler = &teller, .open = 1 };

	ntold = 0;
	ck_assert_int_eq(input_device_start(&d), 0);
	input_handle_add(&h, &d);
	for (unsigned i = 0; i < 2 * d.values_max; i++)
		input_event(&d, EV_REL, REL_X, 1);
	ck_assert_uint_gt(ntold, d.values_max);
	ck_assert_uint_eq(told[d.values_max - 2].type, EV_SYN);
	ck_assert_int_eq(told[d.values_max - 2].value, 1);
}
END_TEST

START_TEST(nobody_is_told_who_is_not_open)
{
	struct input_handle shut = { .handler = &teller }, open = { .handler = &teller, .open = 1 };

	ntold = 0;
	ck_assert_int_eq(input_device_start(&d), 0);
	input_handle_add(&shut, &d);
	input_event(&d, EV_KEY, KEY_A, 1);
	input_sync(&d);
	ck_assert_uint_eq(ntold, 0);
	ck_assert(input_bit(d.key, KEY_A));	/* but it is so */
	input_handle_add(&open, &d);
	ck_assert_int_eq(input_grab(&shut), 0);
	ck_assert_int_eq(input_grab(&open), -EBUSY);
	input_inject(&open, EV_KEY, KEY_A, 0);	/* not by one who has no say */
	ck_assert(input_bit(d.key, KEY_A));
	input_ungrab(&open);
	ck_assert_ptr_eq(d.grab, &shut);
	input_ungrab(&shut);
	input_inject(&open, EV_KEY, KEY_A, 0);
	input_sync(&d);
	ck_assert_uint_eq(ntold, 2);
}
END_TEST

START_TEST(noise_of_an_axis)
{
	struct input_handle h = { .handler = &teller, .open = 1 };

	input_set_bit(d.can, EV_ABS);
	input_set_bit(d.can_abs, ABS_X);
	d.abs = calloc(ABS_CNT, sizeof *d.abs);
	d.abs[ABS_X] = (struct input_absinfo){ .value = 1000, .maximum = 2000, .fuzz = 16 };
	ck_assert_int_eq(input_device_start(&d), 0);
	input_handle_add(&h, &d);
	input_event(&d, EV_ABS, ABS_X, 1007);
	ck_assert_int_eq(d.abs[ABS_X].value, 1000);	/* below half of it */
	input_event(&d, EV_ABS, ABS_X, 1012);
	ck_assert_int_eq(d.abs[ABS_X].value, 1003);	/* a quarter */
	input_event(&d, EV_ABS, ABS_X, 1023);
	ck_assert_int_eq(d.abs[ABS_X].value, 1013);	/* half */
	input_event(&d, EV_ABS, ABS_X, INT32_MIN);
	ck_assert_int_eq(d.abs[ABS_X].value, INT32_MIN);
	input_event(&d, EV_ABS, ABS_X, INT32_MAX);
	ck_assert_int_eq(d.abs[ABS_X].value, INT32_MAX);
}
END_TEST

/* --- Queues --- */

START_TEST(two_readers_one_too_late)
{
	struct evdev_client *a, *b;

	ck_assert_int_eq(input_device_start(&d), 0);
	a = evdev_client_new(&d);
	b = evdev_client_new(&d);
	ck_assert_uint_eq(a->size, 128);	/* eight packets of ten, in a power of two */
	for (int i = 1; i <= 70; i++) {
		packet(a, EV_REL, REL_X, i);
		packet(b, EV_REL, REL_X, i);
		ck_assert(is(a, EV_REL, REL_X, i) && is(a, EV_SYN, SYN_REPORT, 0) && !evdev_readable(a));
	}
	/* The 128th event took the place of all: it, and the 12 that came after. */
	ck_assert(is(b, EV_SYN, SYN_DROPPED, 0) && is(b, EV_SYN, SYN_REPORT, 0));
	for (int i = 65; i <= 70; i++)
		ck_assert(is(b, EV_REL, REL_X, i) && is(b, EV_SYN, SYN_REPORT, 0));
	ck_assert(!evdev_readable(b));
	evdev_client_free(a);
	evdev_client_free(b);
}
END_TEST

START_TEST(half_a_packet_is_not_read)
{
	const struct input_value key = { EV_KEY, KEY_A, 1 }, end = { EV_SYN, SYN_REPORT, 0 };
	struct evdev_client *c;

	ck_assert_int_eq(input_device_start(&d), 0);
	c = evdev_client_new(&d);
	ck_assert(!evdev_put(c, 5000000000u, &key, 1));
	ck_assert(!evdev_readable(c));
	/* In the middle of a packet that is as long as the queue. */
	for (unsigned i = 0; i < 3 * c->size; i++)
		evdev_put(c, 5000000000u, &key, 1);
	ck_assert(!evdev_readable(c));
	ck_assert(evdev_put(c, 5000000000u, &end, 1));
	ck_assert(is(c, EV_SYN, SYN_DROPPED, 0));
	c->revoked = true;
	ck_assert(!evdev_put(c, 5000000000u, &end, 1));
	evdev_client_free(c);
}
END_TEST

START_TEST(the_past_is_forgotten)
{
	struct evdev_client *c;

	ck_assert_int_eq(input_device_start(&d), 0);
	c = evdev_client_new(&d);
	for (unsigned at = 0; at < 2 * c->size; at++) {	/* wherever in the ring it begins */
		packet(c, EV_REL, REL_X, 1);
		packet(c, EV_KEY, KEY_A, 1);
		packet(c, EV_REL, REL_X, 2);
		evdev_forget(c, EV_KEY);
		ck_assert(is(c, EV_REL, REL_X, 1) && is(c, EV_SYN, SYN_REPORT, 0));
		ck_assert(is(c, EV_REL, REL_X, 2) && is(c, EV_SYN, SYN_REPORT, 0) && !evdev_readable(c));
		c->head = c->tail = c->packet = at & (c->size - 1);
	}
	evdev_set_clock(c, EVDEV_MONOTONIC, 5000000000u);
	ck_assert_uint_eq(c->head, c->tail);		/* it was empty */
	for (unsigned i = 0; i < c->size - 1; i++)
		c->queue[i] = (struct evdev_event){ .type = EV_KEY };
	c->tail = 0;
	c->head = c->size - 1;				/* full */
	evdev_dropped(c, 5000000000u);
	packet(c, EV_REL, REL_X, 3);
	ck_assert(is(c, EV_SYN, SYN_DROPPED, 0) && is(c, EV_REL, REL_X, 3));
	evdev_client_free(c);
}
END_TEST

/* --- Names --- */

START_TEST(names_of_keys)
{
	ck_assert_uint_eq(key_of_name("a", 1), KEY_A);
	ck_assert_uint_eq(key_of_name("LeftCtrl+", 8), KEY_LEFTCTRL);
	ck_assert_uint_eq(key_of_name("102nd", 5), KEY_102ND);
	ck_assert_uint_eq(key_of_name("btn_middle", 10), BTN_MIDDLE);
	ck_assert_uint_eq(key_of_name("left", 4), KEY_LEFT);
	ck_assert_uint_eq(key_of_name("", 0), 0);
	ck_assert_uint_eq(key_of_name("leftc", 5), 0);
	ck_assert_uint_eq(key_of_usage(4), KEY_A);
	ck_assert_uint_eq(key_of_usage(231), KEY_RIGHTMETA);
	ck_assert_uint_eq(key_of_usage(0), 0);
	ck_assert_uint_eq(key_of_usage(511), 0);
}
END_TEST

/* --- No memory --- */

START_TEST(a_device_that_cannot_be_had)
{
	fail_in = 1;
	ck_assert_int_eq(input_device_start(&d), -ENOMEM);
	fail_in = 1;
	ck_assert_ptr_null(evdev_client_new(&d));
	fail_in = 0;
}
END_TEST

/* The machine's devices, with the Nth allocation failing: what there is by then goes with the machine. */
START_TEST(devices_that_cannot_be_had)
{
	const struct machine_config plain = { .options = { .ram_size = 1u << 20, .deterministic = true }, .engine = ENGINE_INTERP };
	const struct input_config screen = { 640, 480 };
	unsigned n = 0;
	int err;

	do {
		struct machine *whole = machine_new(&plain, &err);

		ck_assert_ptr_nonnull(whole);
		fail_in = ++n;
		err = inputs_new(whole, &screen);
		fail_in = 0;
		ck_assert(!err || err == -ENOMEM);
		if (!err) {
			ck_assert_int_eq(whole->inputs->device[INPUT_TOUCH].abs[ABS_X].maximum, 639);
			inputs_touch(whole, 3, 5, 6);
			inputs_key(whole, KEY_A, true);
			inputs_release(whole);
			ck_assert(!input_bit(whole->inputs->device[INPUT_KEYBOARD].key, KEY_A));
			ck_assert(!input_bit(whole->inputs->device[INPUT_TOUCH].key, BTN_TOUCH));
		}
		machine_free(whole);
	} while (err);
	ck_assert_uint_gt(n, 15);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("input");
	TCase *tc = tcase_create("input");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, packets_end_by_themselves);
	tcase_add_test(tc, nobody_is_told_who_is_not_open);
	tcase_add_test(tc, noise_of_an_axis);
	tcase_add_test(tc, two_readers_one_too_late);
	tcase_add_test(tc, half_a_packet_is_not_read);
	tcase_add_test(tc, the_past_is_forgotten);
	tcase_add_test(tc, names_of_keys);
	tcase_add_test(tc, a_device_that_cannot_be_had);
	suite_add_tcase(s, tc);
	tc = tcase_create("machine");
	tcase_add_test(tc, devices_that_cannot_be_had);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
