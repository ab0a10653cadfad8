/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include "emu/host/clock.h"
#include "emu/input/evdev.h"

enum { QUEUE_LEAST = 64, QUEUE_PACKETS = 8 };

static uint32_t next(const struct evdev_client *c, uint32_t at) { return (at + 1) & (c->size - 1); }

struct evdev_client *evdev_client_new(const struct input_device *d)
{
	uint32_t size = QUEUE_LEAST;
	struct evdev_client *c;

	while (size < d->packet * QUEUE_PACKETS)
		size *= 2;
	c = calloc(1, sizeof *c + size * sizeof *c->queue);
	if (c)
		c->size = size;
	return c;
}

void evdev_client_free(struct evdev_client *c)
{
	for (unsigned i = 0; i < EV_CNT; i++)
		free(c->masks[i]);
	wait_queue_fini(&c->wait);
	free(c);
}

uint64_t evdev_now(struct evdev_client *c, struct machine *m)
{
	return c->clock == EVDEV_REALTIME ? (uint64_t)clock_realtime(m) : clock_monotonic(m);
}

static struct evdev_event stamped(uint64_t ns, unsigned type, unsigned code, int32_t value)
{
	return (struct evdev_event){ (uint32_t)(ns / 1000000000u), (uint32_t)(ns % 1000000000u / 1000), (uint16_t)type,
				     (uint16_t)code, value };
}

/* --- Masks --- */

unsigned evdev_mask_count(unsigned type)
{
	static const uint16_t counts[EV_CNT] = {
		[EV_SYN] = EV_CNT, [EV_KEY] = KEY_CNT, [EV_REL] = REL_CNT, [EV_ABS] = ABS_CNT, [EV_MSC] = MSC_CNT,
		[EV_SW] = SW_CNT, [EV_LED] = LED_CNT, [EV_SND] = SND_CNT, [EV_FF] = FF_CNT,
	};

	return type < EV_CNT ? counts[type] : 0;
}

static bool masked(const struct evdev_client *c, const struct input_value *v)
{
	if (v->type == EV_SYN || v->type >= EV_CNT)
		return false;
	if (c->masks[0] && !input_bit(c->masks[0], v->type))
		return true;
	return v->code < evdev_mask_count(v->type) && c->masks[v->type] && !input_bit(c->masks[v->type], v->code);
}

/* --- In --- */

/*
 * What does not fit takes the place of all there is: SYN_DROPPED and the event itself are left. It can be read when its packet
 * has ended (__pass_event()).
 */
static void put(struct evdev_client *c, struct evdev_event e)
{
	c->queue[c->head] = e;
	c->head = next(c, c->head);
	if (c->head == c->tail) {
		c->tail = (c->head - 2) & (c->size - 1);
		c->queue[c->tail] = e;
		c->queue[c->tail].type = EV_SYN;
		c->queue[c->tail].code = SYN_DROPPED;
		c->queue[c->tail].value = 0;
		c->packet = c->tail;
	}
	if (e.type == EV_SYN && e.code == SYN_REPORT)
		c->packet = c->head;
}

bool evdev_put(struct evdev_client *c, uint64_t ns, const struct input_value *values, unsigned count)
{
	bool whole = false;

	if (c->revoked)
		return false;
	for (const struct input_value *v = values; v < values + count; v++) {
		bool end = v->type == EV_SYN && v->code == SYN_REPORT;

		/* Of a packet that is masked as a whole nothing is told, its end neither. */
		if (masked(c, v) || (end && c->packet == c->head))
			continue;
		put(c, stamped(ns, v->type, v->code, v->value));
		whole |= end;
	}
	return whole;
}

/* It stands there until the next packet ends; where there is no room for it, it is all there is. */
void evdev_dropped(struct evdev_client *c, uint64_t ns)
{
	c->queue[c->head] = stamped(ns, EV_SYN, SYN_DROPPED, 0);
	c->head = next(c, c->head);
	if (c->head == c->tail) {
		c->tail = (c->head - 1) & (c->size - 1);
		c->packet = c->tail;
	}
}

void evdev_set_clock(struct evdev_client *c, enum evdev_clock clock, uint64_t ns)
{
	c->clock = clock;
	if (c->head == c->tail)
		return;
	c->packet = c->head = c->tail;
	evdev_dropped(c, ns);
}

/* --- Out --- */

bool evdev_get(struct evdev_client *c, struct evdev_event *out)
{
	if (!evdev_readable(c))
		return false;
	*out = c->queue[c->tail];
	c->tail = next(c, c->tail);
	return true;
}

/* The state is told another way; packets that are empty then go, too (__evdev_flush_queue()). */
void evdev_forget(struct evdev_client *c, unsigned type)
{
	uint32_t to = c->tail, n = 1;	/* 1: a SYN_REPORT that comes first stays */

	c->packet = c->tail;
	for (uint32_t i = c->tail; i != c->head; i = next(c, i)) {
		struct evdev_event e = c->queue[i];
		bool end = e.type == EV_SYN && e.code == SYN_REPORT;

		if (e.type == type || (end && !n))
			continue;
		c->queue[to] = e;
		to = next(c, to);
		n++;
		if (end) {
			n = 0;
			c->packet = to;
		}
	}
	c->head = to;
}
