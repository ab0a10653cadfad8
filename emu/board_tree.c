/* SPDX-License-Identifier: MIT
 *
 * The board as a device tree: what a kernel would be told of it, by the bindings of Devicetree Specification 0.4 and of Linux
 * (Documentation/devicetree/bindings/riscv).  A device says the rest of itself in device_ops.describe.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include "devices/tree.h"
#include "emu/board.h"
#include "emu/kernel/machine.h"

enum { PHANDLE_HART = 1, PHANDLE_PLIC };

#define TIMEBASE 10000000u	/* of the time CSR: 10 MHz */
#define EXTERNAL 11u		/* the hart's interrupt that the controller's line is: machine external */

/* "rv32imafdc_zicsr" as the list that riscv,isa-extensions wants: each with its NUL. Its size. */
static size_t extensions(const char *isa, char *out)
{
	size_t n = 0;

	for (isa += strlen("rv32"); *isa && *isa != '_'; isa++) {
		out[n++] = *isa;
		out[n++] = 0;
	}
	while (*isa++ == '_') {
		size_t len = strcspn(isa, "_");

		memcpy(out + n, isa, len);
		out[n + len] = 0;
		n += len + 1;
		isa += len;
	}
	return n;
}

static void add_hart(struct device_tree *t)
{
	static const char isa[] = BOARD_ISA;
	char list[2 * sizeof isa];

	tree_node(t, "cpus");
	tree_cell(t, "#address-cells", 1);
	tree_cell(t, "#size-cells", 0);
	tree_cell(t, "timebase-frequency", TIMEBASE);
	tree_node_at(t, "cpu", 0);
	tree_string(t, "device_type", "cpu");
	tree_cell(t, "reg", 0);
	tree_string(t, "status", "okay");
	tree_string(t, "compatible", "riscv");
	tree_string(t, "riscv,isa", isa);
	tree_string(t, "riscv,isa-base", "rv32i");
	tree_strings(t, "riscv,isa-extensions", list, extensions(isa, list));
	tree_string(t, "mmu-type", "riscv,none");
	tree_node(t, "interrupt-controller");
	tree_cell(t, "#address-cells", 0);
	tree_cell(t, "#interrupt-cells", 1);
	tree_flag(t, "interrupt-controller");
	tree_string(t, "compatible", "riscv,cpu-intc");
	tree_cell(t, "phandle", PHANDLE_HART);
	tree_end(t);
	tree_end(t);
	tree_end(t);
}

static bool is_ram(const struct device *d)
{
	return !strcmp(d->name, "ram");
}

static bool is_plic(const struct device *d)
{
	return !strcmp(d->name, "plic");
}

/* "flash0" is flash@...: nodes are named after what they are. */
static void begin_node(struct device_tree *t, const struct device *d)
{
	char name[sizeof d->name];
	size_t n = strlen(d->name);

	while (n > 1 && isdigit((unsigned char)d->name[n - 1]))
		n--;
	snprintf(name, sizeof name, "%.*s", (int)n, d->name);
	tree_node_at(t, is_ram(d) ? "memory" : is_plic(d) ? "interrupt-controller" : name, d->window[0].addr);
}

static void add_compatible(struct device_tree *t, const struct device_ops *ops)
{
	char list[128];
	int n;

	if (!ops->compatible)
		return;
	n = snprintf(list, sizeof list, "%s%c%s", ops->compatible, 0, ops->also ? ops->also : "");
	tree_strings(t, "compatible", list, (size_t)n + (ops->also ? 1 : 0));
}

/* Where the device's line leads. */
static void add_line(struct device_tree *t, const struct device *d)
{
	const uint32_t hart[] = { PHANDLE_HART, EXTERNAL };

	if (is_plic(d)) {
		tree_cells(t, "interrupts-extended", hart, 2);
		tree_cell(t, "phandle", PHANDLE_PLIC);
	} else if (d->line.number) {
		tree_cell(t, "interrupts", d->line.number);
		tree_cell(t, "interrupt-parent", PHANDLE_PLIC);
	}
}

static void add_device(struct device_tree *t, struct device *d)
{
	char names[DEVICE_WINDOWS * 64];
	uint32_t reg[2 * DEVICE_WINDOWS];
	size_t size = 0;
	unsigned n = 0;

	begin_node(t, d);
	for (unsigned i = 0; i < d->windows; i++) {
		if (d->window[i].kind == DEVICE_VIEW)
			continue;
		reg[2 * n] = d->window[i].addr;
		reg[2 * n++ + 1] = d->window[i].size;
		size += (size_t)snprintf(names + size, 64, "%.60s", d->window[i].what) + 1;
	}
	tree_cells(t, "reg", reg, 2 * n);
	if (n > 1)
		tree_strings(t, "reg-names", names, size);
	add_compatible(t, d->ops);
	add_line(t, d);
	if (d->ops->describe)
		d->ops->describe(d, t);
	tree_end(t);
}

static bool is_part(const struct device *d)
{
	return d->windows && d->window[0].kind == DEVICE_PART;
}

/* The devices that lie in memory of others, for a kernel to keep away from. */
static void add_parts(struct device_tree *t, const struct bus *b)
{
	struct device *d;
	bool begun = false;

	for (size_t i = 0; (d = bus_device(b, i)) != NULL; i++) {
		if (!is_part(d))
			continue;
		if (!begun) {
			tree_node(t, "reserved-memory");
			tree_cell(t, "#address-cells", 1);
			tree_cell(t, "#size-cells", 1);
			tree_flag(t, "ranges");
			begun = true;
		}
		add_device(t, d);
	}
	if (begun)
		tree_end(t);
}

static void add_soc(struct device_tree *t, const struct bus *b)
{
	struct device *d;

	tree_node(t, "soc");
	tree_cell(t, "#address-cells", 1);
	tree_cell(t, "#size-cells", 1);
	tree_string(t, "compatible", "simple-bus");
	tree_flag(t, "ranges");
	for (size_t i = 0; (d = bus_device(b, i)) != NULL; i++)
		if (d->windows && !is_ram(d) && !is_part(d))
			add_device(t, d);
	tree_end(t);
}

int board_tree(const struct machine *m, void **blob, size_t *size)
{
	const struct bus *b = board_bus(m);
	struct device_tree *t = tree_new();

	if (!t)
		return -ENOMEM;
	tree_cell(t, "#address-cells", 1);
	tree_cell(t, "#size-cells", 1);
	tree_string(t, "compatible", "flat32,board");
	tree_string(t, "model", "flat32");
	tree_node(t, "chosen");
	tree_string(t, "bootargs", BOARD_BOOTARGS);
	tree_end(t);
	add_hart(t);
	add_device(t, bus_find(b, "ram"));
	add_parts(t, b);
	add_soc(t, b);
	return tree_finish(t, blob, size);
}
