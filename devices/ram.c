/* SPDX-License-Identifier: MIT */
#include "devices/ram.h"

#include <stdlib.h>
#include "devices/tree.h"

static void ram_free(struct device *d)
{
	free(d);
}

static void ram_describe(struct device *d, struct device_tree *node)
{
	(void)d;
	tree_string(node, "device_type", "memory");
}

static const struct device_ops ram_ops = { .describe = ram_describe, .free = ram_free };

struct device *ram_new(const char *name, uint32_t addr, uint32_t size)
{
	struct device *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->ops = &ram_ops;
	snprintf(d->name, sizeof d->name, "%s", name);
	d->windows = 1;
	d->window[0] = (struct device_window){ .what = "System RAM", .addr = addr, .size = size, .kind = DEVICE_DIRECT };
	return d;
}
