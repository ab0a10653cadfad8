/* SPDX-License-Identifier: MIT
 *
 * /sys/class/input: the input devices (drivers/input/input.c). The files of one are named after it, {N} being "input0".
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/input/input.h"
#include "emu/sysfs/internal.h"

static const struct input_device *dev_of(const struct attribute *a)
{
	return &a->machine->inputs->device[atoi(a->device.name + strlen("input"))];
}

const char *sysfs_input_of(const struct machine *m, const char *node)
{
	static const char *const names[INPUT_DEVICES] = { "input0", "input1", "input2" };

	for (unsigned i = 0; m->inputs && i < INPUT_DEVICES; i++)
		for (const struct input_handle *h = m->inputs->device[i].handles; h; h = h->next)
			if (!strcmp(h->name, node))
				return names[i];
	return NULL;
}

int show_input_name(const struct attribute *a, char *buf, size_t size) { return snprintf(buf, size, "%s\n", dev_of(a)->name); }

int show_input_phys(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%s\n", dev_of(a)->phys ? dev_of(a)->phys : "");
}

int show_input_uniq(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%s\n", dev_of(a)->uniq ? dev_of(a)->uniq : "");
}

#define ID(field) \
	int show_input_##field(const struct attribute *a, char *buf, size_t size) \
	{ \
		return snprintf(buf, size, "%04x\n", dev_of(a)->id.field); \
	}
ID(bus) ID(vendor) ID(product) ID(version)

static int show_bits(char *buf, size_t size, const uint32_t *map, unsigned max)
{
	int n = input_bits_text(buf, size, map, max);

	return n + snprintf((size_t)n < size ? buf + n : NULL, (size_t)n < size ? size - (size_t)n : 0, "\n");
}

int show_input_prop(const struct attribute *a, char *buf, size_t size)
{
	return show_bits(buf, size, dev_of(a)->can_prop, INPUT_PROP_MAX);
}

static int show_can(const struct attribute *a, unsigned type, char *buf, size_t size)
{
	unsigned max = 0;
	const uint32_t *can = input_device_can(dev_of(a), type, &max);

	return show_bits(buf, size, can, max);
}

#define CAN(name, type) \
	int show_input_##name(const struct attribute *a, char *buf, size_t size) { return show_can(a, type, buf, size); }
CAN(ev, EV_SYN) CAN(key, EV_KEY) CAN(rel, EV_REL) CAN(abs, EV_ABS) CAN(msc, EV_MSC) CAN(led, EV_LED) CAN(snd, EV_SND)
CAN(ff, EV_FF) CAN(sw, EV_SW)

/* --- What udev goes by --- */

static const struct { unsigned type; char letter; const char *name; } types[] = {
	{ EV_SYN, 'e', "EV" }, { EV_KEY, 'k', "KEY" }, { EV_REL, 'r', "REL" }, { EV_ABS, 'a', "ABS" }, { EV_MSC, 'm', "MSC" },
	{ EV_LED, 'l', "LED" }, { EV_SND, 's', "SND" }, { EV_FF, 'f', "FF" }, { EV_SW, 'w', "SW" },
};
#define TYPES (sizeof types / sizeof *types)

static FILE *text(char *buf, size_t size) { return fmemopen(buf, size, "w"); }

/* Its length. */
static int end(FILE *f)
{
	int n;

	fflush(f);
	n = (int)ftell(f);
	fclose(f);
	return n;
}

static void put_modalias(FILE *f, const struct input_device *d)
{
	/* Keys that every keyboard has are left out: KEY_MIN_INTERESTING. */
	fprintf(f, "input:b%04Xv%04Xp%04Xe%04X-", d->id.bus, d->id.vendor, d->id.product, d->id.version);
	for (size_t i = 0; i < TYPES; i++) {
		unsigned max = 0;
		const uint32_t *can = input_device_can(d, types[i].type, &max);

		fputc(types[i].letter, f);
		for (unsigned n = types[i].type == EV_KEY ? KEY_MIN_INTERESTING : 0; n < max; n++)
			if (input_bit(can, n))
				fprintf(f, "%X,", n);
	}
	fputc('\n', f);
}

int show_input_modalias(const struct attribute *a, char *buf, size_t size)
{
	FILE *f = text(buf, size);

	if (!f)
		return -ENOMEM;
	put_modalias(f, dev_of(a));
	return end(f);
}

int show_input_uevent(const struct attribute *a, char *buf, size_t size)
{
	const struct input_device *d = dev_of(a);
	char bits[256];
	FILE *f = text(buf, size);

	if (!f)
		return -ENOMEM;
	fprintf(f, "PRODUCT=%x/%x/%x/%x\nNAME=\"%s\"\n", d->id.bus, d->id.vendor, d->id.product, d->id.version, d->name);
	if (d->phys)
		fprintf(f, "PHYS=\"%s\"\n", d->phys);
	if (d->uniq)
		fprintf(f, "UNIQ=\"%s\"\n", d->uniq);
	input_bits_text(bits, sizeof bits, d->can_prop, INPUT_PROP_MAX);
	fprintf(f, "PROP=%s\n", bits);
	for (size_t i = 0; i < TYPES; i++) {
		unsigned max = 0;
		const uint32_t *can = input_device_can(d, types[i].type, &max);

		input_bits_text(bits, sizeof bits, can, max);
		if (input_bit(d->can, types[i].type))
			fprintf(f, "%s=%s\n", types[i].name, bits);
	}
	fputs("MODALIAS=", f);
	put_modalias(f, d);
	return end(f);
}
