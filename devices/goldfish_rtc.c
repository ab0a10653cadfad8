/* SPDX-License-Identifier: MIT */
#include "devices/goldfish_rtc.h"

#include <stdlib.h>
#include <time.h>

struct goldfish {
	struct device device;
	uint64_t (*now)(void *owner);
	void (*alarm_at)(void *owner, uint64_t at);
	void (*gone)(void *owner);
	void *owner;
	uint64_t offset;		/* its time is this plus now(), modulo 2^64 */
	uint64_t alarm, asked;		/* ns since 1970; of now(), UINT64_MAX: nothing is asked for */
	uint32_t time_high, alarm_high;	/* what was kept of the last TIME_LOW, and for the next ALARM_LOW */
	bool on, pending, enabled;	/* the alarm is on, its interrupt is pending, may interrupt */
};

struct goldfish *goldfish_of(struct device *d)
{
	return (struct goldfish *)(void *)d;
}

struct device *goldfish_device(struct goldfish *g)
{
	return &g->device;
}

void *goldfish_owner(const struct goldfish *g)
{
	return g->owner;
}

uint64_t goldfish_time(const struct goldfish *g)
{
	return g->offset + g->now(g->owner);
}

/* When the alarm is due, in the time of now(); not for ever as far as anybody can tell. */
static uint64_t due(const struct goldfish *g)
{
	uint64_t now = g->now(g->owner), left = g->alarm - (g->offset + now);

	return left < UINT64_MAX - 1 - now ? now + left : UINT64_MAX - 1;
}

void goldfish_run(struct goldfish *g)
{
	uint64_t next;

	if (g->on && goldfish_time(g) >= g->alarm) {
		g->on = false;
		g->pending = true;
	}
	next = g->on ? due(g) : UINT64_MAX;
	if (next != g->asked) {
		g->asked = next;
		g->alarm_at(g->owner, next);
	}
	device_set_line(&g->device, g->pending && g->enabled);
}

/* --- What stores do --- */

void goldfish_set_time(struct goldfish *g, uint64_t time)
{
	g->offset = time - g->now(g->owner);
	goldfish_run(g);
}

void goldfish_set_alarm(struct goldfish *g, uint64_t time)
{
	g->alarm = time;
	g->on = true;
	goldfish_run(g);
}

void goldfish_clear_alarm(struct goldfish *g)
{
	g->on = false;
	goldfish_run(g);
}

void goldfish_enable(struct goldfish *g, bool on)
{
	g->enabled = on;
	goldfish_run(g);
}

void goldfish_clear_interrupt(struct goldfish *g)
{
	g->pending = false;
	goldfish_run(g);
}

/* --- Registers --- */

static uint32_t load_time_low(struct goldfish *g)
{
	uint64_t time = goldfish_time(g);

	g->time_high = (uint32_t)(time >> 32);
	return (uint32_t)time;
}

static bool load(struct device *d, unsigned window, uint32_t offset, uint32_t size, uint64_t *value)
{
	struct goldfish *g = goldfish_of(d);

	(void)window;
	if (size != 4 || offset % 4)
		return false;
	switch (offset) {
	case GOLDFISH_TIME_LOW: *value = load_time_low(g); break;
	case GOLDFISH_TIME_HIGH: *value = g->time_high; break;
	case GOLDFISH_ALARM_LOW: *value = (uint32_t)g->alarm; break;
	case GOLDFISH_ALARM_HIGH: *value = g->alarm_high; break;
	case GOLDFISH_IRQ_ENABLED: *value = g->enabled; break;
	case GOLDFISH_ALARM_STATUS:
		goldfish_run(g);
		*value = g->on;
		break;
	case GOLDFISH_CLEAR_ALARM: case GOLDFISH_CLEAR_INTERRUPT: *value = 0; break;
	default: return false;
	}
	return true;
}

static bool store(struct device *d, unsigned window, uint32_t offset, uint32_t size, uint64_t value)
{
	struct goldfish *g = goldfish_of(d);
	uint64_t time;

	(void)window;
	if (size != 4 || offset % 4)
		return false;
	time = goldfish_time(g);
	switch (offset) {
	case GOLDFISH_TIME_LOW: goldfish_set_time(g, time >> 32 << 32 | value); break;
	case GOLDFISH_TIME_HIGH: goldfish_set_time(g, value << 32 | (uint32_t)time); break;
	case GOLDFISH_ALARM_LOW: goldfish_set_alarm(g, (uint64_t)g->alarm_high << 32 | value); break;
	case GOLDFISH_ALARM_HIGH: g->alarm_high = (uint32_t)value; break;
	case GOLDFISH_IRQ_ENABLED: goldfish_enable(g, value & 1); break;
	case GOLDFISH_CLEAR_ALARM: goldfish_clear_alarm(g); break;
	case GOLDFISH_CLEAR_INTERRUPT: goldfish_clear_interrupt(g); break;
	case GOLDFISH_ALARM_STATUS: break;
	default: return false;
	}
	return true;
}

/* --- The device --- */

static void reset(struct device *d)
{
	struct goldfish *g = goldfish_of(d);

	g->on = g->pending = g->enabled = false;
	g->alarm = g->time_high = g->alarm_high = 0;
	goldfish_run(g);
}

static void dump_time(const char *what, uint64_t time, FILE *out)
{
	time_t seconds = (time_t)(time / 1000000000u);
	struct tm tm;
	char text[40];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
	fprintf(out, "%s %s\n", what, text);
}

static void dump(struct device *d, FILE *out)
{
	const struct goldfish *g = goldfish_of(d);

	dump_time("time ", goldfish_time(g), out);
	dump_time("alarm", g->alarm, out);
	fprintf(out, "alarm %s, interrupt %s%s\n", g->on ? "on" : "off", g->enabled ? "enabled" : "disabled", g->pending ? ", pending" : "");
}

static void device_free(struct device *d)
{
	struct goldfish *g = goldfish_of(d);

	if (g->gone)
		g->gone(g->owner);
	free(g);
}

static const struct device_ops ops = {
	.compatible = "google,goldfish-rtc", .load = load, .store = store, .reset = reset, .dump = dump, .free = device_free,
};

struct goldfish *goldfish_new(const struct goldfish_config *c)
{
	struct goldfish *g = calloc(1, sizeof *g);

	if (!g)
		return NULL;
	g->device.ops = &ops;
	snprintf(g->device.name, sizeof g->device.name, "%s", c->name);
	g->device.windows = 1;
	g->device.window[0] = (struct device_window){ "registers", c->addr, GOLDFISH_SIZE, DEVICE_TRAPPED };
	g->now = c->now;
	g->alarm_at = c->alarm;
	g->gone = c->gone;
	g->owner = c->owner;
	g->asked = UINT64_MAX;
	g->offset = c->time - c->now(c->owner);
	return g;
}
