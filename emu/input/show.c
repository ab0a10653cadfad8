/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include "emu/input/input.h"
#include "emu/kernel/machine.h"
#include "emu/proc/out.h"

int input_bits_text(char *buf, size_t size, const uint32_t *map, unsigned max)
{
	size_t n = 0;

	for (unsigned i = INPUT_WORDS(max); i-- > 0;)
		if (n || map[i])
			n += (size_t)snprintf(n < size ? buf + n : NULL, n < size ? size - n : 0, "%s%x", n ? " " : "", map[i]);
	if (!n)
		n = (size_t)snprintf(buf, size, "0");
	return (int)n;
}

static void show_bits(struct proc_out *o, const char *name, const uint32_t *map, unsigned max)
{
	char text[INPUT_WORDS(KEY_CNT) * 9 + 1];

	input_bits_text(text, sizeof text, map, max);
	out(o, "B: %s=%s\n", name, text);
}

/* input_devices_seq_show() */
static void show_device(struct proc_out *o, const struct input_device *d)
{
	static const struct { unsigned type; const char *name; } types[] = {
		{ EV_KEY, "KEY" }, { EV_REL, "REL" }, { EV_ABS, "ABS" }, { EV_MSC, "MSC" }, { EV_LED, "LED" }, { EV_SND, "SND" },
		{ EV_FF, "FF" }, { EV_SW, "SW" },
	};
	const uint32_t *can;
	unsigned max;

	out(o, "I: Bus=%04x Vendor=%04x Product=%04x Version=%04x\n", d->id.bus, d->id.vendor, d->id.product, d->id.version);
	out(o, "N: Name=\"%s\"\nP: Phys=%s\nS: Sysfs=/devices/virtual/input/input%u\nU: Uniq=%s\nH: Handlers=", d->name,
	    d->phys ? d->phys : "", d->number, d->uniq ? d->uniq : "");
	for (const struct input_handle *h = d->handles; h; h = h->next)
		out(o, "%s ", h->name);
	out(o, "\n");
	show_bits(o, "PROP", d->can_prop, INPUT_PROP_MAX);
	show_bits(o, "EV", d->can, EV_MAX);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		can = input_device_can(d, types[i].type, &max);
		if (input_bit(d->can, types[i].type))
			show_bits(o, types[i].name, can, max);
	}
	out(o, "\n");
}

void inputs_show(struct machine *m, struct proc_out *o)
{
	for (unsigned i = 0; m->inputs && i < INPUT_DEVICES; i++)
		show_device(o, &m->inputs->device[i]);
}

void inputs_show_handlers(struct machine *m, struct proc_out *o)
{
	if (m->inputs)
		out(o, "N: Number=0 Name=evdev Minor=64\nN: Number=1 Name=mousedev Minor=32\n");
}
