/* SPDX-License-Identifier: MIT
 *
 * The driver contract (mm/source.h; nommu-mmap.txt, "Providing shareable character device support" and the two sections
 * after it): who is asked what, in which order, and what becomes of each answer.  And the flash rule, with two chips.
 */
#include "mm/internal.h"
#include "tests/unit/mm_fake.h"

#define BUS 0x10000000u
#define DEVICE (MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE)
#define MEMORY (DEVICE | MM_CAN_COPY | MM_CAN_EXEC)

static struct fake_machine m;

/* --- A driver that answers as it is told, and writes down what it was asked --- */

struct driver {
	struct fake_source f;
	struct mm_source_ops ops;
	char asked[64];			/* d: direct, i: inaugurate, r: read, u: unmapped */
	int inaugurate_error;
	uint32_t inaugurated_at;
};

static struct driver *driver_of(struct mm_source *s)
{
	return (struct driver *)(void *)fake_of(s);
}

static void note(struct mm_source *s, const char *what)
{
	strncat(driver_of(s)->asked, what, sizeof(driver_of(s)->asked) - strlen(driver_of(s)->asked) - 1);
}

static int driver_direct(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr)
{
	note(s, "d");
	return fake_direct(s, offset, len, shared, addr);
}

static int driver_inaugurate(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t addr)
{
	(void)shared;
	note(s, "i");
	ck_assert_uint_eq(addr, driver_of(s)->f.direct + offset);
	ck_assert_uint_eq(len % PG, 0);
	driver_of(s)->inaugurated_at = addr;
	return driver_of(s)->inaugurate_error;
}

static int64_t driver_read(struct mm_source *s, void *dst, uint32_t len, uint64_t offset)
{
	note(s, "r");
	return fake_read(s, dst, len, offset);
}

static void driver_unmapped(struct mm_source *s)
{
	note(s, "u");
	ck_assert_uint_eq(s->mappings, 0);
	ck_assert_uint_eq(s->direct_regions, 0);
}

static void driver(struct driver *d, enum mm_source_kind kind, unsigned caps, uint32_t size)
{
	memset(d, 0, sizeof(*d));
	fake_source(&d->f, kind, caps, size);
	d->ops = fake_ops;
	d->ops.direct = driver_direct;
	d->ops.inaugurate = driver_inaugurate;
	d->ops.read = driver_read;
	d->ops.unmapped = driver_unmapped;
	d->f.source.ops = &d->ops;
	d->f.direct = BUS;
}

static void asked(struct driver *d, const char *what)
{
	ck_assert_str_eq(d->asked, what);
	d->asked[0] = '\0';
}

static void start(void)
{
	fake_machine(&m, 16 << 20, NULL);
	ck_assert_int_eq(flat_commit(m.flat, BUS, 16 * PG), 0);
}

static void end(struct driver *d)
{
	fake_sound(&m);
	ck_assert_int_eq(d->f.refs, 0);
	ck_assert_uint_eq(d->f.source.direct_regions, 0);
	fake_machine_end(&m);
}

START_TEST(asked_once_for_each_region_and_told_of_the_end)
{
	struct driver d;

	start();
	driver(&d, MM_CHAR, DEVICE, 8 * PG);
	ck_assert_int_eq(map(m.s, 4 * PG, P_R | P_W, M_SHARED, &d.f, 2), BUS + 2 * PG);
	asked(&d, "di");
	ck_assert_uint_eq(d.f.source.direct_regions, 1);
	/* "An existing mapping will be shared, partially or not, if possible without notifying the driver." */
	ck_assert_int_eq(map(m.s, 4 * PG, P_R | P_W, M_SHARED, &d.f, 2), BUS + 2 * PG);
	ck_assert_int_eq(map(m.s, PG, P_R, M_SHARED, &d.f, 3), BUS + 3 * PG);
	asked(&d, "");
	/* Overlapping inexactly is the driver's business. */
	ck_assert_int_eq(map(m.s, 2 * PG, P_R, M_SHARED, &d.f, 1), BUS + PG);
	asked(&d, "di");
	ck_assert_uint_eq(d.f.source.direct_regions, 2);
	fake_sound(&m);
	ck_assert_int_eq(mm_munmap(m.s, BUS + 2 * PG, 4 * PG), 0);
	ck_assert_int_eq(mm_munmap(m.s, BUS + PG, 2 * PG), 0);
	ck_assert_uint_eq(m.code_gone, 2 * PG);
	ck_assert_int_eq(mm_munmap(m.s, BUS + 2 * PG, 4 * PG), 0);
	asked(&d, "");
	ck_assert_int_eq(mm_munmap(m.s, BUS + 3 * PG, PG), 0);
	asked(&d, "u");
	/* What nobody maps may change unseen: no code in it is to be remembered. */
	ck_assert_uint_eq(m.code_gone, 6 * PG);
	end(&d);
}
END_TEST

/* Who wants a mapping, what the two steps answer, and what comes of it. */
START_TEST(each_answer_has_its_consequence)
{
	enum { COPY = 1 };	/* 5000 bytes, read in bites of 3000: two, and one that finds the end */
	static const struct {
		unsigned caps, flags;
		int direct, inaugurate, result;		/* COPY, -errno, or 0: direct */
		const char *asked;
	} rows[] = {
		{ MEMORY, M_SHARED, 0, 0, 0, "di" },
		{ MEMORY, M_PRIVATE, 0, 0, 0, "di" },
		/* -ENOSYS: a copy if that is offered and the mapping is private. */
		{ MEMORY, M_PRIVATE, -ENOSYS, 0, COPY, "drrr" },
		{ MEMORY, M_SHARED, -ENOSYS, 0, -ENODEV, "d" },
		{ DEVICE, M_SHARED, -ENOSYS, 0, -ENODEV, "d" },
		{ MEMORY, M_PRIVATE, 0, -ENOSYS, COPY, "dirrr" },
		{ MEMORY, M_SHARED, 0, -ENOSYS, -ENODEV, "di" },
		{ DEVICE, M_SHARED, 0, -ENOSYS, -ENODEV, "di" },
		/* Any other: refused, as it says. */
		{ MEMORY, M_PRIVATE, -EINVAL, 0, -EINVAL, "d" },
		{ MEMORY, M_SHARED, -E2BIG, 0, -E2BIG, "d" },
		{ MEMORY, M_PRIVATE, 0, -EPERM, -EPERM, "di" },
		{ MEMORY, M_SHARED, 0, -EBUSY, -EBUSY, "di" },
		/* Without MM_CAN_COPY there is no private mapping, wherever the bytes lie. */
		{ DEVICE, M_PRIVATE, 0, 0, -ENODEV, "" },
		/* Without MM_CAN_DIRECT nobody asks. */
		{ MM_CAN_COPY, M_PRIVATE, 0, 0, COPY, "rrr" },
		{ MM_CAN_COPY, M_SHARED, 0, 0, -ENODEV, "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct driver d;
		int64_t a;

		start();
		driver(&d, MM_CHAR, rows[i].caps, 5000);
		d.f.direct_error = rows[i].direct;
		d.inaugurate_error = rows[i].inaugurate;
		a = map(m.s, 2 * PG, P_R, rows[i].flags, &d.f, 0);
		if (rows[i].result == COPY)
			ck_assert(a >= RAM && guest(&m, a, 1)[0] == fake_byte(0));
		else
			ck_assert_int_eq(a, rows[i].result < 0 ? rows[i].result : (int64_t)BUS);
		asked(&d, rows[i].asked);
		ck_assert_uint_eq(d.f.source.direct_regions, a == BUS);
		fake_sound(&m);
		if (a > 0)
			ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, 2 * PG), 0);
		end(&d);
	}
}
END_TEST

/* The defaults of nommu-mmap.txt and of validate_mmap_request(), by kind. */
START_TEST(capabilities_by_default)
{
	static const struct { enum mm_source_kind kind; int shared, exec, private; } rows[] = {
		{ MM_CHAR, 0, -EINVAL, -ENODEV },
		{ MM_REGULAR, -ENODEV, -ENODEV, 0 },
		{ MM_BLOCK, -ENODEV, -ENODEV, 0 },
		{ MM_OTHER, -EINVAL, -EINVAL, -EINVAL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct driver d;

		start();
		driver(&d, rows[i].kind, 0, 8 * PG);
		d.ops.capabilities = NULL;
		ck_assert_int_eq(map(m.s, PG, P_R | P_W, M_SHARED, &d.f, 0), rows[i].shared ? rows[i].shared : (int64_t)BUS);
		ck_assert_int_eq(map(m.s, PG, P_R | P_X, M_SHARED, &d.f, 0), rows[i].exec);
		if (rows[i].private)
			ck_assert_int_eq(map(m.s, PG, P_R, M_PRIVATE, &d.f, 0), rows[i].private);
		else
			ck_assert_int_ge(map(m.s, PG, P_R, M_PRIVATE, &d.f, 0), RAM);
		mm_space_put(m.s);
		ck_assert_int_eq(mm_space_new(m.mm, &m.s), 0);
		end(&d);
	}
}
END_TEST

/* An inaugurated mapping that fails after all is taken back; what others have of the source stays theirs. */
START_TEST(a_mapping_that_fails_late_is_taken_back)
{
	struct driver d;

	start();
	driver(&d, MM_CHAR, MEMORY, 8 * PG);
	d.f.direct = 0xfffff000u;	/* nothing there */
	ck_assert_int_eq(map(m.s, PG, P_R, M_SHARED, &d.f, 0), -ENODEV);
	asked(&d, "d");
	ck_assert_int_ge(map(m.s, PG, P_R, M_PRIVATE, &d.f, 0), RAM);
	d.asked[0] = '\0';
	/* Registers are for those who say so. */
	d.f.caps = DEVICE | MM_CAN_IO;
	ck_assert_int_eq(map(m.s, PG, P_R, M_SHARED, &d.f, 0), 0xfffff000);
	asked(&d, "di");
	mm_space_put(m.s);
	asked(&d, "u");
	ck_assert_int_eq(mm_space_new(m.mm, &m.s), 0);
	end(&d);
}
END_TEST

/* XIP: what lies off the page is mapped there, listed there and unmapped by that address. */
START_TEST(addresses_need_not_be_of_whole_pages)
{
	struct mm_space *other;
	struct driver d;
	uint32_t a, at;

	start();
	driver(&d, MM_REGULAR, MEMORY, 6 * PG);
	d.f.direct = BUS + 0x320;
	for (uint32_t i = 0; i < 6 * PG; i++)
		guest(&m, d.f.direct, 6 * PG)[i] = fake_byte(i);
	a = (uint32_t)map(m.s, 3 * PG - 100, P_R | P_X, M_PRIVATE, &d.f, 1);
	ck_assert_uint_eq(a, BUS + PG + 0x320);
	ck_assert_uint_eq(guest(&m, a, 1)[0], fake_byte(PG));
	ck_assert(mm_mapped(m.s, a, 3 * PG) && !mm_mapped(m.s, a - 1, 2) && !mm_mapped(m.s, a + 3 * PG - 1, 2));
	ck_assert_int_eq(mm_space_new(m.mm, &other), 0);
	ck_assert_int_eq(map(other, PG, P_R, M_PRIVATE, &d.f, 2), a + PG);
	fake_sound(&m);
	ck_assert_int_eq(mm_mremap(m.s, a, 3 * PG, PG, 0, 0, &at), -EINVAL);	/* the address is no page's */
	ck_assert_int_eq(mm_munmap(m.s, a & ~(PG - 1), 3 * PG), -EINVAL);
	ck_assert_int_eq(mm_munmap(m.s, a, PG), -EINVAL);
	ck_assert_int_eq(mm_munmap(m.s, a, 3 * PG - 100), 0);
	fake_sound(&m);
	ck_assert_int_eq(mm_munmap(other, a + PG, PG), 0);
	asked(&d, "diu");
	/* Written to, it is a copy of its own, and that has whole pages. */
	a = (uint32_t)map(m.s, PG, P_R | P_W, M_PRIVATE, &d.f, 1);
	ck_assert_uint_eq(a % PG, 0);
	ck_assert_int_eq(mm_munmap(m.s, a, PG), 0);
	mm_space_put(other);
	end(&d);
}
END_TEST

/* --- The flash rule --- */

#define STATUS 0x80

struct chip {
	struct fake_source f;
	struct mm_source_ops ops;
	bool one_window;	/* the array lies where the status shows; else the status has the bus to itself */
	bool busy, waiting;	/* programming; wants to */
	uint8_t next;		/* what the program writes */
};

static struct chip *chip_of(struct mm_source *s)
{
	return (struct chip *)(void *)fake_of(s);
}

static int chip_direct(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr)
{
	struct chip *c = chip_of(s);

	return c->busy && c->one_window ? -EAGAIN : fake_direct(s, offset, len, shared, addr);
}

/* As the array has it. A chip with one window sees its own status there. */
static int64_t chip_read(struct mm_source *s, void *dst, uint32_t len, uint64_t offset)
{
	struct chip *c = chip_of(s);

	if (c->busy && c->one_window)
		return -EAGAIN;
	if (offset >= c->f.size)
		return 0;
	if (len > c->f.size - offset)
		len = (uint32_t)(c->f.size - offset);
	return flat_read(m.flat, dst, c->f.direct + (uint32_t)offset, len) ? -EIO : (int64_t)len;
}

static void chip_program(struct chip *c)
{
	if (c->one_window && c->f.source.direct_regions) {
		c->waiting = true;
		return;
	}
	c->waiting = false;
	c->busy = true;
	if (c->one_window)
		memset(guest(&m, c->f.direct, c->f.size), STATUS, c->f.size);
}

/* The array takes the new bytes in one step. */
static void chip_done(struct chip *c)
{
	c->busy = false;
	memset(guest(&m, c->f.direct, c->f.size), c->next, c->f.size);
}

static void chip_unmapped(struct mm_source *s)
{
	if (chip_of(s)->waiting)
		chip_program(chip_of(s));
}

static void chip(struct chip *c, bool one_window)
{
	memset(c, 0, sizeof(*c));
	fake_source(&c->f, MM_CHAR, MEMORY, 4 * PG);
	c->ops = fake_ops;
	c->ops.direct = chip_direct;
	c->ops.read = chip_read;
	c->ops.unmapped = chip_unmapped;
	c->f.source.ops = &c->ops;
	c->f.direct = BUS;
	c->one_window = one_window;
	memset(guest(&m, BUS, 4 * PG), 0x11, 4 * PG);
	c->next = 0x22;
}

static bool all(int64_t addr, uint8_t value)
{
	const uint8_t *p = guest(&m, addr, 4 * PG);

	for (uint32_t i = 0; i < 4 * PG; i++)
		if (p[i] != value)
			return false;
	return true;
}

/* Commands and status have a window where there is no memory: mappings show the array, whatever the chip does. */
START_TEST(a_chip_with_two_windows_always_shows_data)
{
	const uint32_t bus = 0x40000000u;
	struct mm_space *other;
	struct chip c, wrong;
	int64_t a, copy;

	start();
	chip(&c, false);
	a = map(m.s, 4 * PG, P_R | P_X, M_PRIVATE, &c.f, 0);
	ck_assert_int_eq(a, BUS);
	ck_assert_int_eq(map(m.s, 4 * PG, P_R, M_SHARED, &c.f, 0), BUS);
	chip_program(&c);
	ck_assert(c.busy && all(a, 0x11));
	ck_assert_int_eq(mm_space_new(m.mm, &other), 0);
	ck_assert_int_eq(map(other, 4 * PG, P_R, M_SHARED, &c.f, 0), BUS);
	copy = map(other, 4 * PG, P_R | P_W, M_PRIVATE, &c.f, 0);
	ck_assert(copy >= RAM && all(copy, 0x11));
	/* Where the status is, nothing can be mapped, even if a driver got it wrong. */
	chip(&wrong, false);
	wrong.f.caps = DEVICE;
	wrong.f.direct = bus;
	ck_assert_int_eq(map(other, PG, P_R, M_SHARED, &wrong.f, 0), -ENODEV);
	ck_assert_int_eq(wrong.f.refs, 0);
	chip_done(&c);
	ck_assert(all(a, 0x22) && all(copy, 0x11));
	mm_space_put(other);
	mm_space_put(m.s);
	ck_assert_int_eq(mm_space_new(m.mm, &m.s), 0);
	ck_assert_int_eq(c.f.refs, 0);
	fake_machine_end(&m);
}
END_TEST

/* One window for both: it stays with its data while it is mapped, and is not mapped or read while it is busy. */
START_TEST(a_chip_with_one_window_waits_and_lets_wait)
{
	struct chip c;
	int64_t a, copy;

	start();
	chip(&c, true);
	a = map(m.s, 4 * PG, P_R, M_SHARED, &c.f, 0);
	ck_assert_int_eq(a, BUS);
	chip_program(&c);
	ck_assert(c.waiting && !c.busy && all(a, 0x11));
	/* A copy does not keep it. */
	copy = map(m.s, 4 * PG, P_R | P_W, M_PRIVATE, &c.f, 0);
	ck_assert(copy >= RAM && all(copy, 0x11));
	ck_assert_int_eq(mm_munmap(m.s, BUS, 4 * PG), 0);
	ck_assert(c.waiting);
	ck_assert_int_eq(mm_munmap(m.s, (uint32_t)copy, 4 * PG), 0);
	ck_assert(c.busy && all(BUS, STATUS));
	ck_assert_int_eq(map(m.s, PG, P_R, M_SHARED, &c.f, 0), -EAGAIN);
	ck_assert_int_eq(map(m.s, PG, P_R, M_PRIVATE, &c.f, 0), -EAGAIN);
	ck_assert_int_eq(map(m.s, PG, P_R | P_W, M_PRIVATE, &c.f, 0), -EAGAIN);
	ck_assert_uint_eq(fake_free(&m), 16 << 20);
	ck_assert_int_eq(c.f.refs, 0);
	chip_done(&c);
	a = map(m.s, 4 * PG, P_R, M_PRIVATE, &c.f, 0);
	ck_assert_int_eq(a, BUS);
	ck_assert(all(a, 0x22));
	mm_space_put(m.s);
	ck_assert_int_eq(mm_space_new(m.mm, &m.s), 0);
	ck_assert_int_eq(c.f.refs, 0);
	fake_machine_end(&m);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		asked_once_for_each_region_and_told_of_the_end, each_answer_has_its_consequence,
		capabilities_by_default, a_mapping_that_fails_late_is_taken_back,
		addresses_need_not_be_of_whole_pages, a_chip_with_two_windows_always_shows_data,
		a_chip_with_one_window_waits_and_lets_wait,
	};

	return run_suite("mm_contract", tests, sizeof(tests) / sizeof(*tests));
}
