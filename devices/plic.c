/* SPDX-License-Identifier: MIT */
#include "devices/plic.h"

#include <stdlib.h>
#include <string.h>
#include "devices/tree.h"

struct plic {
	struct device device;
	uint32_t lines, edge, pending, claimed, enabled;	/* a bit for each source; lines: of one by edge it has gone up */
	uint32_t threshold;
	uint8_t priority[PLIC_SOURCES];
};

static struct plic *of(struct device *d)
{
	return (struct plic *)(void *)d;
}

struct device *plic_device(struct plic *p)
{
	return &p->device;
}

/* The source of those that are wanted whose priority is highest, and above `above`. */
static unsigned highest(const struct plic *p, uint32_t above)
{
	uint32_t wanted = p->pending & p->enabled;
	unsigned found = 0;

	for (unsigned i = 1; i < PLIC_SOURCES; i++)
		if (wanted >> i & 1 && p->priority[i] > above) {
			found = i;
			above = p->priority[i];
		}
	return found;
}

/* After any change. A source that was claimed is not asked before it is completed. */
static void update(struct plic *p)
{
	uint32_t asks = p->lines & ~p->claimed;

	p->pending |= asks;
	p->lines &= ~(asks & p->edge);
	device_set_line(&p->device, highest(p, p->threshold));
}

void plic_by_edge(struct plic *p, unsigned source)
{
	p->edge |= UINT32_C(1) << source;
}

void plic_line(void *plic, unsigned source, bool up)
{
	struct plic *p = plic;
	uint32_t bit = UINT32_C(1) << source;

	if (up)
		p->lines |= bit;
	else
		p->lines &= ~(bit & ~p->edge);
	update(p);
}

/* --- What stores do --- */

void plic_set_priority(struct plic *p, unsigned source, uint32_t priority)
{
	p->priority[source] = (uint8_t)(priority & PLIC_PRIORITIES);
	update(p);
}

static void set_enabled(struct plic *p, uint32_t sources)
{
	p->enabled = sources & ~UINT32_C(1);
	update(p);
}

void plic_enable(struct plic *p, unsigned source, bool on)
{
	uint32_t bit = UINT32_C(1) << source;

	set_enabled(p, on ? p->enabled | bit : p->enabled & ~bit);
}

static void set_threshold(struct plic *p, uint32_t priority)
{
	p->threshold = priority & PLIC_PRIORITIES;
	update(p);
}

unsigned plic_claim(struct plic *p)
{
	unsigned source = highest(p, 0);

	if (source) {
		p->pending &= ~(UINT32_C(1) << source);
		p->claimed |= UINT32_C(1) << source;
		update(p);
	}
	return source;
}

void plic_complete(struct plic *p, unsigned source)
{
	if (source >= PLIC_SOURCES || !(p->enabled >> source & 1))
		return;
	p->claimed &= ~(UINT32_C(1) << source);
	update(p);
}

/* --- Registers --- */

static bool load(struct device *d, unsigned window, uint32_t offset, uint32_t size, uint64_t *value)
{
	struct plic *p = of(d);

	(void)window;
	if (size != 4 || offset % 4)
		return false;
	*value = 0;
	switch (offset) {
	case PLIC_PENDING: *value = p->pending; break;
	case PLIC_ENABLE: *value = p->enabled; break;
	case PLIC_THRESHOLD: *value = p->threshold; break;
	case PLIC_CLAIM: *value = plic_claim(p); break;
	default:
		if (offset / 4 < PLIC_SOURCES)
			*value = p->priority[offset / 4];
	}
	return true;
}

static bool store(struct device *d, unsigned window, uint32_t offset, uint32_t size, uint64_t value)
{
	struct plic *p = of(d);

	(void)window;
	if (size != 4 || offset % 4)
		return false;
	switch (offset) {
	case PLIC_ENABLE: set_enabled(p, (uint32_t)value); break;
	case PLIC_THRESHOLD: set_threshold(p, (uint32_t)value); break;
	case PLIC_CLAIM: plic_complete(p, (uint32_t)value); break;
	default:
		if (offset && offset / 4 < PLIC_SOURCES)
			plic_set_priority(p, offset / 4, (uint32_t)value);
	}
	return true;
}

/* --- The device --- */

/* The lines are others', and stay as they are. */
static void reset(struct device *d)
{
	struct plic *p = of(d);

	p->pending = p->claimed = p->enabled = p->threshold = 0;
	memset(p->priority, 0, sizeof p->priority);
	update(p);
}

static void dump(struct device *d, FILE *out)
{
	const struct plic *p = of(d);

	fprintf(out, "threshold %u\n", p->threshold);
	for (unsigned i = 1; i < PLIC_SOURCES; i++) {
		uint32_t bit = UINT32_C(1) << i;

		if ((p->lines | p->pending | p->claimed | p->enabled) & bit || p->priority[i])
			fprintf(out, "source %u: %s, priority %u%s%s%s\n", i, p->edge & bit ? "by edge" : p->lines & bit ? "up" : "down", p->priority[i],
				p->enabled & bit ? ", enabled" : "", p->pending & bit ? ", pending" : "",
				p->claimed & bit ? ", claimed" : "");
	}
}

/* Documentation/devicetree/bindings/interrupt-controller/sifive,plic-1.0.0.yaml; where its line leads is the board's to say. */
static void describe(struct device *d, struct device_tree *node)
{
	(void)d;
	tree_flag(node, "interrupt-controller");
	tree_cell(node, "#address-cells", 0);
	tree_cell(node, "#interrupt-cells", 1);
	tree_cell(node, "riscv,ndev", PLIC_SOURCES - 1);
}

static void device_free(struct device *d)
{
	free(of(d));
}

static const struct device_ops ops = {
	.compatible = "sifive,plic-1.0.0", .also = "riscv,plic0", .load = load, .store = store, .reset = reset, .dump = dump,
	.describe = describe, .free = device_free,
};

struct plic *plic_new(const char *name, uint32_t addr)
{
	struct plic *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	p->device.ops = &ops;
	snprintf(p->device.name, sizeof p->device.name, "%s", name);
	p->device.windows = 1;
	p->device.window[0] = (struct device_window){ "registers", addr, PLIC_SIZE, DEVICE_TRAPPED };
	return p;
}
