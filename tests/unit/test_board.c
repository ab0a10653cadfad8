/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include "emu/board.h"
#include "emu/kernel/irq.h"
#include "emu/kernel/klog.h"
#include "emu/machine.h"

static struct machine *m;
static struct device *chip;
static char heard[64];		/* a letter for each call of hear() */
static unsigned wants;		/* how often hear() has to be called before the chip's line goes down */

static void setup(void)
{
	struct machine_config c = { .options = { .ram_size = 4u << 20, .log_level = -1, .slice = 1000, .core_dir = -1 },
				    .ramdisk = 1u << 20 };
	int err;

	heard[0] = 0;
	wants = 0;
	m = machine_new(&c, &err);
	ck_assert_ptr_nonnull(m);
}

static void teardown(void)
{
	machine_free(m);
}

static bool load(struct device *d, unsigned window, uint32_t offset, uint32_t size, uint64_t *value)
{
	(void)d;
	*value = window << 16 | offset << 4 | size;
	return true;
}

static void release(struct device *d)
{
	free(d);
}

static const struct device_ops chip_ops = { .compatible = "test,chip", .load = load, .free = release };
static const struct board_entry chip_entry = { .name = "chip0", .addr = { 0x10008000, 0x20000000 } };

static struct device *chip_new(void)
{
	struct device *d = calloc(1, sizeof *d);

	d->ops = &chip_ops;
	strcpy(d->name, chip_entry.name);
	d->windows = 2;
	d->window[0] = (struct device_window){ "registers", chip_entry.addr[0], 0x1000, DEVICE_TRAPPED };
	d->window[1] = (struct device_window){ "array", chip_entry.addr[1], 0x400000, DEVICE_DIRECT };
	return d;
}

static struct device *chip_add(void)
{
	chip = chip_new();
	ck_assert_int_eq(bus_add(board_bus(m), chip), 0);
	irq_connect(m, chip, 5, false);
	return chip;
}

static void hear(void *owner)
{
	ck_assert_str_eq(owner, "me");
	ck_assert_uint_lt(strlen(heard), sizeof heard - 1);
	strcat(heard, "a");
	if (wants && --wants)
		device_set_line(chip, true);	/* as if more had come: no handler is called inside another */
	else
		device_set_line(chip, false);
	strcat(heard, "b");
}

static void ignore(void *owner)
{
	(void)owner;
}

START_TEST(lines_are_heard_and_counted)
{
	struct device *d = chip_add(), *other;

	device_set_line(d, true);			/* nobody hears that yet */
	ck_assert_uint_eq(irq_count(m, 5), 0);
	ck_assert_ptr_null(irq_name(m, 5));
	ck_assert_int_eq(irq_request(m, d, "chip", hear, (void *)"me"), 0);
	ck_assert_str_eq(heard, "ab");			/* but it is up */
	ck_assert_str_eq(irq_name(m, 5), "chip");
	ck_assert_int_eq(irq_request(m, d, "again", hear, NULL), -EBUSY);
	wants = 3;
	device_set_line(d, true);
	ck_assert_str_eq(heard, "abababab");
	ck_assert(!d->line.up);
	ck_assert_uint_eq(irq_count(m, 5), 4);
	ck_assert_uint_eq(irq_total(m), 4);
	other = bus_find(board_bus(m), "ram");
	ck_assert_int_eq(irq_request(m, other, "ram", hear, NULL), -EINVAL);
}
END_TEST

START_TEST(a_line_that_nobody_brings_down_is_masked)
{
	struct device *d = chip_add();
	uint64_t before = klog_next_seq(m), value;
	struct klog_record r;

	ck_assert_int_eq(irq_request(m, d, "chip", ignore, NULL), 0);
	device_set_line(d, true);
	ck_assert_int_eq(klog_read(m, before, &r), 0);
	ck_assert_str_eq(r.text, "irq 5: nobody cared");
	ck_assert_uint_eq(irq_count(m, 5), 1000);
	ck_assert(bus_load(board_bus(m), 0x0c002000, 4, &value));
	ck_assert(!(value >> 5 & 1));
	device_set_line(d, false);
	device_set_line(d, true);
	ck_assert_uint_eq(irq_count(m, 5), 1000);
}
END_TEST

/* What a program with /dev/mem does to the controller. */
START_TEST(what_a_program_has_claimed_is_its)
{
	struct device *d = chip_add();
	uint64_t value;

	ck_assert_int_eq(irq_request(m, d, "chip", hear, (void *)"me"), 0);
	ck_assert(bus_store(board_bus(m), 0x0c200000, 4, 7));
	device_set_line(d, true);
	ck_assert_str_eq(heard, "");
	ck_assert(bus_load(board_bus(m), 0x0c200004, 4, &value));
	ck_assert_uint_eq(value, 5);
	ck_assert(bus_store(board_bus(m), 0x0c200000, 4, 0));
	ck_assert_str_eq(heard, "");
	ck_assert(bus_store(board_bus(m), 0x0c200004, 4, 5));
	ck_assert_str_eq(heard, "ab");
}
END_TEST

START_TEST(a_device_that_does_not_fit_is_refused)
{
	struct device *d = chip_new();

	d->window[1].addr = 0x80000000u;
	ck_assert_int_eq(bus_add(board_bus(m), d), -EEXIST);
	free(d);
}
END_TEST

START_TEST(the_hart_reaches_devices)
{
	uint64_t value;

	ck_assert_int_eq(bus_add(board_bus(m), chip_new()), 0);
	ck_assert(m->hart.bus.load(m->hart.bus.owner, 0x10008010, 4, &value));
	ck_assert_uint_eq(value, 0x104);
	ck_assert(!m->hart.bus.store(m->hart.bus.owner, 0x10008010, 4, 0));
}
END_TEST

START_TEST(everything_is_listed)
{
	struct device *disk = calloc(1, sizeof *disk);
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	disk->ops = &chip_ops;
	strcpy(disk->name, "disk0");
	ck_assert_int_eq(bus_add(board_bus(m), disk), 0);	/* it has no window */
	ck_assert_int_eq(bus_add(board_bus(m), chip_new()), 0);
	irq_connect(m, bus_find(board_bus(m), "chip0"), 5, false);
	board_list(m, f);
	fclose(f);
	ck_assert_str_eq(text, "addresses             size  kind       device      irq  what\n"
			 "00101000-00101fff       4K  registers  rtc0         11  registers\n"
			 "0c000000-0c200fff    2052K  registers  plic          -  registers\n"
			 "10008000-10008fff       4K  registers  chip0         5  registers\n"
			 "20000000-203fffff       4M  memory     chip0         5  array\n"
			 "80000000-803fffff       4M  memory     ram           -  System RAM\n"
			 "  80000000-800fffff     1M  part       ram0          -  RAM disk\n"
			 "-                        -  -          watchdog0     -  flat32,watchdog\n"
			 "-                        -  -          disk0         -  test,chip\n");
	free(text);
}
END_TEST

static uint32_t cell(const void *blob, const char *path, const char *name, unsigned i)
{
	int len;
	const fdt32_t *p = fdt_getprop(blob, fdt_path_offset(blob, path), name, &len);

	ck_assert_msg(p && (unsigned)len >= 4 * (i + 1), "%s of %s", name, path);
	return fdt32_ld(p + i);
}

START_TEST(the_tree_has_every_device)
{
	const char *chip_node = "/soc/chip@10008000";
	void *blob;
	size_t size;
	int plic;

	chip_add();
	ck_assert_int_eq(board_tree(m, &blob, &size), 0);
	ck_assert_int_eq(fdt_check_full(blob, size), 0);
	ck_assert_uint_eq(cell(blob, "/memory@80000000", "reg", 1), 4u << 20);
	ck_assert_uint_eq(cell(blob, "/reserved-memory/ram@80000000", "reg", 1), 1u << 20);
	ck_assert_uint_eq(cell(blob, chip_node, "reg", 2), 0x20000000);
	ck_assert_uint_eq(cell(blob, chip_node, "interrupts", 0), 5);
	plic = fdt_node_offset_by_phandle(blob, cell(blob, chip_node, "interrupt-parent", 0));
	ck_assert_int_gt(plic, 0);
	ck_assert_int_eq(fdt_node_check_compatible(blob, plic, "sifive,plic-1.0.0"), 0);
	ck_assert_int_eq(fdt_node_check_compatible(blob, plic, "riscv,plic0"), 0);
	ck_assert_uint_eq(cell(blob, "/soc/interrupt-controller@c000000", "interrupts-extended", 1), 11);
	ck_assert_int_eq(fdt_stringlist_search(blob, fdt_path_offset(blob, chip_node), "reg-names", "array"), 1);
	ck_assert_int_eq(fdt_stringlist_search(blob, fdt_path_offset(blob, "/cpus/cpu@0"), "riscv,isa-extensions", "zbb"), 10);
	free(blob);
}
END_TEST

START_TEST(what_cannot_be_made_says_why)
{
	char why[BOARD_WHY];
	struct machine_config c = { .options = { .ram_size = 1u << 20, .log_level = -1, .slice = 1000, .core_dir = -1 },
				    .ramdisk = 2u << 20, .why = why };
	int err = 0;

	ck_assert_ptr_null(machine_new(&c, &err));
	ck_assert_int_eq(err, -ENOMEM);
	ck_assert_int_eq(strncmp(why, "ram0: Cannot allocate memory (", 30), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("board");
	TCase *t = tcase_create("board");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, lines_are_heard_and_counted);
	tcase_add_test(t, a_line_that_nobody_brings_down_is_masked);
	tcase_add_test(t, what_a_program_has_claimed_is_its);
	tcase_add_test(t, a_device_that_does_not_fit_is_refused);
	tcase_add_test(t, the_hart_reaches_devices);
	tcase_add_test(t, everything_is_listed);
	tcase_add_test(t, the_tree_has_every_device);
	tcase_add_test(t, what_cannot_be_made_says_why);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
