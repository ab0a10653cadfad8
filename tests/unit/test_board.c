/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include "emu/board.h"
#include "emu/machine.h"

static struct machine *m;

static void setup(void)
{
	struct machine_config c = { .options = { .ram_size = 4u << 20, .log_level = -1, .slice = 1000, .core_dir = -1 },
				    .ramdisk = 1u << 20 };
	int err;

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
	board_list(m, f);
	fclose(f);
	ck_assert_str_eq(text, "addresses             size  kind       device      what\n"
			 "10008000-10008fff       4K  registers  chip0       registers\n"
			 "20000000-203fffff       4M  memory     chip0       array\n"
			 "80000000-803fffff       4M  memory     ram         System RAM\n"
			 "  80000000-800fffff     1M  part       ram0        RAM disk\n"
			 "-                        -  -          rtc0        flat32,rtc\n"
			 "-                        -  -          watchdog0   flat32,watchdog\n"
			 "-                        -  -          disk0       test,chip\n");
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
	const char *chip = "/soc/chip@10008000";
	void *blob;
	size_t size;

	ck_assert_int_eq(bus_add(board_bus(m), chip_new()), 0);
	ck_assert_int_eq(board_tree(m, &blob, &size), 0);
	ck_assert_int_eq(fdt_check_full(blob, size), 0);
	ck_assert_uint_eq(cell(blob, "/memory@80000000", "reg", 1), 4u << 20);
	ck_assert_uint_eq(cell(blob, "/reserved-memory/ram@80000000", "reg", 1), 1u << 20);
	ck_assert_uint_eq(cell(blob, chip, "reg", 2), 0x20000000);
	ck_assert_int_eq(fdt_stringlist_search(blob, fdt_path_offset(blob, chip), "reg-names", "array"), 1);
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
