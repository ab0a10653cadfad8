/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "devices/bus.h"

#define PAGE FLAT_PAGE_SIZE
#define BASE 0x10000000u

static struct flat *flat;
static struct bus *bus;
static char freed[64], done[64];	/* names, in the order of calls */

/* A device of registers that answers with where it was asked, and remembers what was stored. */
struct fake {
	struct device dev;
	unsigned window;
	uint32_t offset, size;
	uint64_t value;
	bool refuses;
};

static struct fake *fake_of(struct device *d)
{
	return (struct fake *)(void *)d;
}

static bool fake_load(struct device *d, unsigned window, uint32_t offset, uint32_t size, uint64_t *value)
{
	*value = 0xa5a5a5a500000000u | window << 28 | offset << 4 | size;
	return !fake_of(d)->refuses;
}

static bool fake_store(struct device *d, unsigned window, uint32_t offset, uint32_t size, uint64_t value)
{
	struct fake *f = fake_of(d);

	f->window = window;
	f->offset = offset;
	f->size = size;
	f->value = value;
	return !f->refuses;
}

static void fake_reset(struct device *d)
{
	strcat(strcat(done, d->name), " ");
}

static void fake_dump(struct device *d, FILE *out)
{
	fprintf(out, "status 0x%02x\nready", (unsigned)fake_of(d)->value);
}

static void fake_free(struct device *d)
{
	strcat(strcat(freed, d->name), " ");
	free(d);
}

static const struct device_ops fake_ops = {
	.compatible = "test,fake", .load = fake_load, .store = fake_store, .reset = fake_reset, .dump = fake_dump, .free = fake_free,
};
static const struct device_ops mute_ops = { .free = fake_free };

static struct device *fake_new(const char *name, const struct device_ops *ops)
{
	struct fake *f = calloc(1, sizeof *f);

	f->dev.ops = ops;
	snprintf(f->dev.name, sizeof f->dev.name, "%s", name);
	return &f->dev;
}

static struct device *with(struct device *d, uint32_t addr, uint32_t size, enum device_window_kind kind)
{
	d->window[d->windows++] = (struct device_window){ .what = "window", .addr = addr, .size = size, .kind = kind };
	return d;
}

static struct device *registers(const char *name, uint32_t addr, uint32_t size)
{
	return with(fake_new(name, &fake_ops), addr, size, DEVICE_TRAPPED);
}

static int added(struct device *d)
{
	int err = bus_add(bus, d);

	if (err)
		d->ops->free(d);
	return err;
}

static void setup(void)
{
	freed[0] = done[0] = 0;
	ck_assert_int_eq(flat_new(&flat), 0);
	ck_assert_int_eq(bus_new(&bus, flat), 0);
}

static void teardown(void)
{
	bus_free(bus);
	flat_free(flat);
}

START_TEST(windows_are_pages_and_apart)
{
	ck_assert_int_eq(added(registers("a", BASE, 2 * PAGE)), 0);
	ck_assert_int_eq(added(registers("", BASE + 4 * PAGE, PAGE)), -EINVAL);
	ck_assert_int_eq(added(registers("b", BASE + 8, PAGE)), -EINVAL);
	ck_assert_int_eq(added(registers("b", BASE, 0)), -EINVAL);
	ck_assert_int_eq(added(registers("b", BASE, 100)), -EINVAL);
	ck_assert_int_eq(added(registers("b", 0xfffff000u, 2 * PAGE)), -EINVAL);
	ck_assert_int_eq(added(registers("a", BASE + 4 * PAGE, PAGE)), -EEXIST);		/* the name */
	ck_assert_int_eq(added(registers("b", BASE, PAGE)), -EEXIST);
	ck_assert_int_eq(added(registers("b", BASE + PAGE, PAGE)), -EEXIST);
	ck_assert_int_eq(added(registers("b", BASE - PAGE, 2 * PAGE)), -EEXIST);
	ck_assert_int_eq(added(registers("b", BASE - PAGE, 4 * PAGE)), -EEXIST);
	ck_assert_int_eq(added(with(fake_new("b", &fake_ops), BASE + PAGE, PAGE, DEVICE_DIRECT)), -EEXIST);
	ck_assert_int_eq(added(registers("b", BASE - PAGE, PAGE)), 0);
	ck_assert_int_eq(added(registers("c", BASE + 2 * PAGE, PAGE)), 0);
	ck_assert_int_eq(added(registers("top", 0xfffff000u, PAGE)), 0);
	ck_assert_int_eq(added(registers("zero", 0, PAGE)), 0);
	ck_assert_int_eq(added(fake_new("none", &fake_ops)), 0);				/* no window at all */
	ck_assert_ptr_eq(bus_device(bus, 0), bus_find(bus, "a"));
	ck_assert_ptr_eq(bus_device(bus, 5), bus_find(bus, "none"));
	ck_assert_ptr_null(bus_device(bus, 6));
	ck_assert_ptr_null(bus_find(bus, "top1"));
}
END_TEST

START_TEST(direct_windows_become_memory)
{
	struct device *d = with(with(fake_new("video", &fake_ops), BASE, PAGE, DEVICE_TRAPPED), 0x50000000u, 4 * PAGE, DEVICE_DIRECT);
	uint64_t value;

	ck_assert_int_eq(added(d), 0);
	ck_assert_ptr_nonnull(flat_span(flat, 0x50000000u, 4 * PAGE));
	ck_assert_ptr_null(flat_span(flat, BASE, 1));
	/* What faults there left it on one side. */
	ck_assert(!bus_load(bus, 0x50000000u + 4 * PAGE - 2, 4, &value));
	ck_assert(!bus_load(bus, 0x50000000u, 4, &value));
	ck_assert(!bus_store(bus, 0x50000000u, 4, 0));
	/* The device commits this itself, or not. */
	ck_assert_int_eq(added(with(fake_new("flash", &fake_ops), 0x20000000u, PAGE, DEVICE_DIRECT_OWN)), 0);
	ck_assert_ptr_null(flat_span(flat, 0x20000000u, 1));
	ck_assert(bus_load(bus, 0x20000000u, 1, &value));
	/* Memory that is not the bus's. */
	ck_assert_int_eq(flat_commit(flat, 0x60000000u, PAGE), 0);
	ck_assert_int_eq(added(with(fake_new("clash", &fake_ops), 0x60000000u, PAGE, DEVICE_DIRECT)), -EEXIST);
}
END_TEST

START_TEST(what_fails_leaves_nothing)
{
	struct device *d = fake_new("two", &fake_ops);
	struct bus_window w;

	ck_assert_int_eq(added(registers("a", BASE, PAGE)), 0);
	with(with(with(d, 0x50000000u, PAGE, DEVICE_DIRECT), BASE + PAGE, PAGE, DEVICE_TRAPPED), BASE, PAGE, DEVICE_TRAPPED);
	ck_assert_int_eq(bus_add(bus, d), -EEXIST);
	ck_assert_ptr_null(flat_span(flat, 0x50000000u, 1));
	ck_assert(!bus_at(bus, BASE + PAGE, &w));
	ck_assert(!bus_at(bus, 0x50000000u, &w));
	ck_assert_ptr_null(bus_find(bus, "two"));
	ck_assert_ptr_null(bus_device(bus, 1));
	d->window[2].addr += 8 * PAGE;
	ck_assert_int_eq(bus_add(bus, d), 0);
	d = fake_new("many", &fake_ops);
	d->windows = DEVICE_WINDOWS + 1;
	ck_assert_int_eq(added(d), -EINVAL);
}
END_TEST

START_TEST(an_access_is_one_windows)
{
	struct device *d = registers("a", BASE, PAGE);
	uint64_t value;

	with(d, BASE + PAGE, PAGE, DEVICE_TRAPPED);
	ck_assert_int_eq(added(d), 0);
	ck_assert(bus_load(bus, BASE + 0x124, 4, &value));
	ck_assert_uint_eq(value, 0x1244);
	ck_assert(bus_load(bus, BASE + PAGE + 0x123, 2, &value));
	ck_assert_uint_eq(value, 0x1232);		/* two bytes of it: 0x1.......... is cut */
	ck_assert(bus_load(bus, BASE + PAGE - 8, 8, &value));
	ck_assert_uint_eq(value, 0xa5a5a5a500000000u | 0xff88);
	ck_assert(bus_store(bus, BASE + PAGE + 1, 1, 0x1234567890abcdefu));
	ck_assert_uint_eq(fake_of(d)->window, 1);
	ck_assert_uint_eq(fake_of(d)->offset, 1);
	ck_assert_uint_eq(fake_of(d)->value, 0xef);
	ck_assert(!bus_load(bus, BASE + PAGE - 2, 4, &value));		/* into the next window */
	ck_assert(!bus_store(bus, BASE + PAGE - 2, 4, 0));
	ck_assert(!bus_load(bus, BASE + 2 * PAGE - 7, 8, &value));	/* over the end */
	ck_assert(!bus_load(bus, BASE - 1, 2, &value));
	ck_assert(!bus_load(bus, BASE + 2 * PAGE, 1, &value));
	ck_assert(!bus_load(bus, 0xfffffffeu, 4, &value));
	fake_of(d)->refuses = true;
	ck_assert(!bus_load(bus, BASE, 4, &value));
	ck_assert(!bus_store(bus, BASE, 4, 0));
	ck_assert_int_eq(added(with(fake_new("mute", &mute_ops), BASE + 4 * PAGE, PAGE, DEVICE_TRAPPED)), 0);
	ck_assert(!bus_load(bus, BASE + 4 * PAGE, 4, &value));
	ck_assert(!bus_store(bus, BASE + 4 * PAGE, 4, 0));
	ck_assert_int_eq(added(registers("top", 0xfffff000u, PAGE)), 0);
	ck_assert(bus_load(bus, 0xfffffffcu, 4, &value));
	ck_assert(!bus_load(bus, 0xfffffffdu, 4, &value));
}
END_TEST

static void free_alone(struct device *d)
{
	free(d);
}

START_TEST(many_are_found)
{
	static const struct device_ops quietly = { .free = free_alone };	/* there are more than `freed` has room for */
	enum { MANY = 500 };
	struct bus_window w;
	uint64_t value;
	char name[16];

	for (unsigned i = 0; i < MANY; i++) {
		unsigned k = i * 7 % MANY;	/* in no order; every other page stays empty */

		snprintf(name, sizeof name, "d%u", k);
		ck_assert_int_eq(added(registers(name, BASE + 2 * PAGE * k, PAGE)), 0);
	}
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "d%u", i);
		ck_assert(bus_window(bus, i, &w));
		ck_assert_str_eq(w.device->name, name);
		ck_assert(bus_at(bus, BASE + 2 * PAGE * i + PAGE - 1, &w));
		ck_assert_str_eq(w.device->name, name);
		ck_assert(!bus_at(bus, BASE + 2 * PAGE * i + PAGE, &w));
		ck_assert(bus_load(bus, BASE + 2 * PAGE * i, 4, &value));
		ck_assert(!bus_load(bus, BASE + 2 * PAGE * i + PAGE, 4, &value));
	}
	ck_assert(!bus_window(bus, MANY, &w));
	freed[0] = 0;
	for (unsigned i = 0; i < MANY; i++)
		bus_device(bus, i)->ops = &quietly;
	bus_free(bus);
	ck_assert_int_eq(bus_new(&bus, flat), 0);
}
END_TEST

START_TEST(parts_are_listed_only)
{
	struct bus_window w;
	uint64_t value;

	ck_assert_int_eq(added(with(fake_new("p", &fake_ops), 0x80001000u, PAGE, DEVICE_PART)), -EINVAL);	/* of nothing */
	ck_assert_int_eq(added(with(fake_new("ram", &mute_ops), 0x80000000u, 16 * PAGE, DEVICE_DIRECT)), 0);
	ck_assert_int_eq(added(registers("a", BASE, 4 * PAGE)), 0);
	ck_assert_int_eq(added(with(fake_new("p", &fake_ops), BASE, PAGE, DEVICE_PART)), -EINVAL);		/* of registers */
	ck_assert_int_eq(added(with(fake_new("p", &fake_ops), 0x8000f000u, 2 * PAGE, DEVICE_PART)), -EINVAL);	/* out of it */
	ck_assert_int_eq(added(with(fake_new("p2", &fake_ops), 0x80004000u, PAGE, DEVICE_PART)), 0);
	ck_assert_int_eq(added(with(fake_new("p1", &fake_ops), 0x80000000u, 2 * PAGE, DEVICE_PART)), 0);
	ck_assert_int_eq(added(registers("z", 0x90000000u, PAGE)), 0);
	for (unsigned i = 0; i < 5; i++) {
		static const char *const order[] = { "a", "ram", "p1", "p2", "z" };

		ck_assert(bus_window(bus, i, &w));
		ck_assert_str_eq(w.device->name, order[i]);
	}
	ck_assert(!bus_window(bus, 5, &w));
	ck_assert(bus_at(bus, 0x80004000u, &w));
	ck_assert_str_eq(w.device->name, "ram");
	ck_assert(!bus_load(bus, 0x80004000u, 4, &value));
}
END_TEST

START_TEST(all_are_reset_dumped_and_freed)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct device *a = registers("a", BASE, PAGE);

	ck_assert_int_eq(added(with(a, 0x50000000u, PAGE, DEVICE_DIRECT)), 0);
	ck_assert_int_eq(added(with(fake_new("mute", &mute_ops), BASE + PAGE, PAGE, DEVICE_DIRECT_OWN)), 0);
	ck_assert_int_eq(added(registers("c", BASE + 2 * PAGE, PAGE)), 0);
	bus_reset(bus);
	ck_assert_str_eq(done, "a c ");
	a->line.number = 3;
	device_set_line(a, true);
	ck_assert(bus_store(bus, BASE, 1, 0x80));
	bus_dump(bus, f);
	fclose(f);
	ck_assert_str_eq(text, "a: test,fake, line 3 up\n"
			 "  10000000-10000fff registers: window\n"
			 "  50000000-50000fff memory: window\n"
			 "  status 0x80\n"
			 "  ready\n"
			 "mute\n"
			 "  10001000-10001fff memory: window\n"
			 "c: test,fake\n"
			 "  10002000-10002fff registers: window\n"
			 "  status 0x00\n"
			 "  ready\n");
	free(text);
	bus_free(bus);
	ck_assert_str_eq(freed, "c mute a ");
	ck_assert_ptr_null(flat_span(flat, 0x50000000u, 1));
	ck_assert_int_eq(bus_new(&bus, flat), 0);
}
END_TEST

/* --- Host memory that is not there --- */

static int allocations_left = -1;	/* -1: any number */

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

static bool may(void)
{
	if (allocations_left > 0)
		allocations_left--;
	else if (!allocations_left)
		return false;
	return true;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return may() ? __real_calloc(n, size) : NULL;
}

void *__wrap_realloc(void *p, size_t size)
{
	return may() ? __real_realloc(p, size) : NULL;
}

START_TEST(no_memory_is_an_error)
{
	struct device *d = with(registers("a", BASE, PAGE), 0x50000000u, PAGE, DEVICE_DIRECT);
	struct bus *other;
	int n = 0, err;

	do {
		ck_assert_ptr_null(bus_device(bus, 0));
		ck_assert_ptr_null(flat_span(flat, 0x50000000u, 1));
		allocations_left = n++;
		err = bus_add(bus, d);
		allocations_left = -1;
		ck_assert(!err || err == -ENOMEM);
	} while (err);
	ck_assert_int_ge(n, 3);
	allocations_left = 0;
	ck_assert_int_eq(bus_new(&other, flat), -ENOMEM);
	allocations_left = -1;
	bus_free(NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("bus");
	TCase *t = tcase_create("bus");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, windows_are_pages_and_apart);
	tcase_add_test(t, direct_windows_become_memory);
	tcase_add_test(t, what_fails_leaves_nothing);
	tcase_add_test(t, an_access_is_one_windows);
	tcase_add_test(t, many_are_found);
	tcase_add_test(t, parts_are_listed_only);
	tcase_add_test(t, all_are_reset_dumped_and_freed);
	tcase_add_test(t, no_memory_is_an_error);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
