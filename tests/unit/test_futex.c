/* SPDX-License-Identifier: MIT */
#include <time.h>
#include "mm/futex.h"
#include "mm/shm.h"
#include "tests/unit/mm_fake.h"

#define ANY 0xffffffffu

static struct fake_machine m;
static struct mm_futexes *f;
static uint32_t page;			/* an anonymous mapping */
static int woken[64], nr_woken;

struct sleeper {
	struct mm_futex_waiter w;
	int number;
};

static void woke(struct mm_futex_waiter *w)
{
	ck_assert_uint_eq(w->addr, 0);
	woken[nr_woken++] = ((struct sleeper *)(void *)w)->number;
}

static void start(void)
{
	fake_machine(&m, 1 << 20, NULL);
	ck_assert_int_eq(mm_futexes_new(&f), 0);
	page = (uint32_t)map_anon(m.s, PG);
	nr_woken = 0;
}

static void end(void)
{
	mm_futexes_free(f);
	fake_machine_end(&m);
}

static void put(uint32_t addr, uint32_t val)
{
	ck_assert_int_eq(flat_write(m.flat, addr, &val, 4), 0);
}

static uint32_t get(uint32_t addr)
{
	uint32_t val;

	ck_assert_int_eq(flat_read(m.flat, &val, addr, 4), 0);
	return val;
}

static void sleep_at(struct sleeper *s, int number, uint32_t addr, uint32_t bitset)
{
	*s = (struct sleeper){ .w.wake = woke, .number = number };
	ck_assert_int_eq(mm_futex_wait(f, m.s, addr, get(addr), bitset, &s->w), 0);
}

static void expect(const int *order, int nr)
{
	ck_assert_int_eq(nr_woken, nr);
	for (int i = 0; i < nr; i++)
		ck_assert_int_eq(woken[i], order[i]);
	nr_woken = 0;
}

START_TEST(waiting_checks_first)
{
	struct sleeper s = { .w.wake = woke };

	start();
	put(page, 5);
	ck_assert_int_eq(mm_futex_wait(f, m.s, page, 6, ANY, &s.w), -EAGAIN);
	ck_assert_int_eq(mm_futex_wait(f, m.s, page, 5, 0, &s.w), -EINVAL);
	ck_assert_int_eq(mm_futex_wait(f, m.s, page + 2, 5, ANY, &s.w), -EINVAL);
	ck_assert_int_eq(mm_futex_wait(f, m.s, page + PG, 0, ANY, &s.w), -EFAULT);
	ck_assert_int_eq(mm_futex_wait(f, m.s, 0, 0, ANY, &s.w), -EFAULT);
	ck_assert_int_eq(mm_futex_wait(f, m.s, 0xfffffffcu, 0, ANY, &s.w), -EFAULT);
	ck_assert_int_eq(mm_futex_wake(f, m.s, page + 1, 1, ANY), -EINVAL);
	ck_assert_int_eq(mm_futex_wake(f, m.s, page + PG, 1, ANY), -EFAULT);
	ck_assert_int_eq(mm_futex_wake(f, m.s, page, 1, 0), -EINVAL);
	ck_assert_int_eq(mm_futex_wake(f, m.s, page, 1, ANY), 0);
	mm_futex_cancel(f, &s.w);
	ck_assert_int_eq(mm_futex_wait(f, m.s, page, 5, ANY, &s.w), 0);
	ck_assert_uint_eq(s.w.addr, page);
	mm_futex_cancel(f, &s.w);
	ck_assert_uint_eq(s.w.addr, 0);
	ck_assert_int_eq(mm_futex_wake(f, m.s, page, 1, ANY), 0);
	end();
}
END_TEST

START_TEST(the_kernel_does_not_look_at_mappings)
{
	struct sleeper s = { .w.wake = woke };

	fake_machine(&m, 1 << 20, &(struct mm_config){ .compat_linux = true });
	ck_assert_int_eq(mm_futexes_new(&f), 0);
	ck_assert_int_eq(mm_futex_wake(f, m.s, RAM + PG, 1, ANY), 0);
	ck_assert_int_eq(mm_futex_wait(f, m.s, RAM + PG, 1, ANY, &s.w), -EAGAIN);
	ck_assert_int_eq(mm_futex_wait(f, m.s, 0x1000, 1, ANY, &s.w), -EFAULT);
	end();
}
END_TEST

START_TEST(devices_have_no_futexes)
{
	struct fake_source dev;
	struct sleeper s = { .w.wake = woke };

	start();
	fake_source(&dev, MM_CHAR, MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE, PG);
	ck_assert_int_eq(flat_commit(m.flat, 0x10000000u, PG), 0);
	dev.direct = 0x10000000u;
	ck_assert_int_eq(map(m.s, PG, P_R | P_W, M_SHARED, &dev, 0), 0x10000000);
	ck_assert_int_eq(mm_futex_wait(f, m.s, 0x10000000u, 0, ANY, &s.w), -EFAULT);
	end();
}
END_TEST

/* /dev/mem mapped over everything takes nothing away from what is mapped below it. */
START_TEST(memory_under_a_device_has_futexes)
{
	struct fake_source dev, file;
	struct sleeper s = { .w.wake = woke };
	uint32_t at;

	start();
	fake_source(&dev, MM_CHAR, MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE, 256 * PG);
	dev.direct = RAM;
	ck_assert_int_eq(map(m.s, 256 * PG, P_R | P_W, M_SHARED, &dev, 0), RAM);
	fake_source(&file, MM_REGULAR, MM_CAN_COPY, PG);
	at = (uint32_t)map(m.s, PG, P_R | P_W, M_PRIVATE, &file, 0);
	ck_assert_int_eq(mm_futex_wake(f, m.s, at, 1, ANY), 0);
	ck_assert_int_eq(mm_futex_wake(f, m.s, page, 1, ANY), 0);
	ck_assert_int_eq(mm_munmap(m.s, at, PG), 0);
	ck_assert_int_eq(mm_futex_wait(f, m.s, at, 0, ANY, &s.w), -EFAULT);
	end();
}
END_TEST

START_TEST(waking_is_first_in_first_out)
{
	struct sleeper s[8];

	start();
	for (int i = 0; i < 8; i++)
		sleep_at(&s[i], i, page + 4 * (unsigned)(i % 2), i < 4 ? 1 : 2);
	ck_assert_int_eq(mm_futex_wake(f, m.s, page, 1, ANY), 1);
	expect((int[]){ 0 }, 1);
	ck_assert_int_eq(mm_futex_wake(f, m.s, page + 4, 9, 2), 2);
	expect((int[]){ 5, 7 }, 2);
	ck_assert_int_eq(mm_futex_wake(f, m.s, page, 0, ANY), 1);	/* as the kernel */
	expect((int[]){ 2 }, 1);
	mm_futex_cancel(f, &s[4].w);
	ck_assert_int_eq(mm_futex_wake(f, m.s, page, 1 << 30, ANY), 1);
	expect((int[]){ 6 }, 1);
	ck_assert_int_eq(mm_futex_wake(f, m.s, page + 4, 1 << 30, ANY), 2);
	expect((int[]){ 1, 3 }, 2);
	end();
}
END_TEST

START_TEST(another_space_wakes_by_address)
{
	const struct mm_shm_cred root = { .privileged = true };
	struct mm_space *other;
	struct sleeper s;
	uint32_t a, b, n;
	int id;

	/* The dowait and dowake of the text. */
	start();
	ck_assert_int_eq(mm_space_new(m.mm, &other), 0);
	id = mm_shm_get(m.mm, 23, 4, 01666, &root);
	ck_assert_int_eq(mm_shm_at(m.s, id, 0, 0, &root, &a), 0);
	n = get(a);
	ck_assert_uint_eq(n, 0);
	sleep_at(&s, 1, a, ANY);
	ck_assert_int_eq(mm_futex_wake(f, other, a, 1, ANY), -EFAULT);
	ck_assert_int_eq(mm_shm_at(other, mm_shm_get(m.mm, 23, 4, 0666, &root), 0, 0, &root, &b), 0);
	ck_assert_uint_eq(a, b);
	put(b, n + 1);
	ck_assert_int_eq(mm_futex_wake(f, other, b, 1, ANY), 1);
	expect((int[]){ 1 }, 1);
	mm_space_put(other);
	end();
}
END_TEST

START_TEST(requeueing)
{
	struct sleeper s[6];
	uint32_t val = 1;

	start();
	for (int i = 0; i < 6; i++)
		sleep_at(&s[i], i, page, ANY);
	ck_assert_int_eq(mm_futex_requeue(f, m.s, page, page + 64, 1, 1, &val), -EAGAIN);
	ck_assert_int_eq(mm_futex_requeue(f, m.s, page, page + 64, -1, 1, NULL), -EINVAL);
	ck_assert_int_eq(mm_futex_requeue(f, m.s, page, page + 64, 1, -1, NULL), -EINVAL);
	ck_assert_int_eq(mm_futex_requeue(f, m.s, page, page + 65, 1, 1, NULL), -EINVAL);
	ck_assert_int_eq(mm_futex_requeue(f, m.s, page, page + PG, 1, 1, NULL), -EFAULT);
	ck_assert_int_eq(nr_woken, 0);
	val = 0;
	ck_assert_int_eq(mm_futex_requeue(f, m.s, page, page + 64, 1, 3, &val), 4);
	expect((int[]){ 0 }, 1);
	ck_assert_int_eq(mm_futex_requeue(f, m.s, page, page + 64, 0, 1, NULL), 1);
	expect(NULL, 0);
	ck_assert_int_eq(mm_futex_wake(f, m.s, page + 64, 9, ANY), 4);
	expect((int[]){ 1, 2, 3, 4 }, 4);
	ck_assert_int_eq(mm_futex_requeue(f, m.s, page, page, 0, 5, NULL), 1);
	ck_assert_int_eq(mm_futex_wake(f, m.s, page, 9, ANY), 1);
	expect((int[]){ 5 }, 1);
	end();
}
END_TEST

/* Every pair of addresses of a page, so that both the same and different queues come up. */
START_TEST(requeueing_between_any_two_words)
{
	struct sleeper s[3];

	start();
	for (uint32_t to = 4; to < PG; to += 4) {
		for (int i = 0; i < 3; i++)
			sleep_at(&s[i], i, page, ANY);
		ck_assert_int_eq(mm_futex_requeue(f, m.s, page, page + to, 1, 9, NULL), 3);
		expect((int[]){ 0 }, 1);
		ck_assert_int_eq(mm_futex_wake(f, m.s, page, 9, ANY), 0);
		ck_assert_int_eq(mm_futex_wake(f, m.s, page + to, 9, ANY), 2);
		expect((int[]){ 1, 2 }, 2);
	}
	end();
}
END_TEST

static uint32_t op(uint32_t what, uint32_t arg, uint32_t cmp, uint32_t cmp_arg)
{
	return what << 28 | cmp << 24 | (arg & 0xfff) << 12 | (cmp_arg & 0xfff);
}

START_TEST(wake_op_changes_compares_and_wakes)
{
	static const struct { uint32_t before, op, arg, after; } ops[] = {
		{ 7, 0, 3, 3 }, { 7, 0, 0xfff, 0xffffffffu }, { 7, 1, 3, 10 }, { 7, 1, 0xffe, 5 },
		{ 5, 2, 10, 15 }, { 15, 3, 5, 10 }, { 15, 4, 5, 10 }, { 0, 8, 31, 1u << 31 },
		{ 1, 10, 4, 17 }, { 0, 8, 33, 2 },
	};
	static const struct { uint32_t holds, cmp, arg; int met; } cmps[] = {
		{ 5, 0, 5, 1 }, { 5, 0, 6, 0 }, { 5, 1, 5, 0 }, { 5, 1, 6, 1 }, { 5, 2, 6, 1 },
		{ 5, 2, 5, 0 }, { 5, 3, 5, 1 }, { 5, 3, 6, 0 }, { 5, 4, 5, 1 }, { 5, 4, 4, 0 },
		{ 5, 5, 4, 1 }, { 5, 5, 5, 0 }, { 0xffffffffu, 2, 0, 1 }, { 0xffffffffu, 0, 0xfff, 1 },
	};
	struct sleeper s[4];

	start();
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		put(page + 4, ops[i].before);
		ck_assert_int_eq(mm_futex_wake_op(f, m.s, page, page + 4, 1, 1,
						  op(ops[i].op, ops[i].arg, 0, 0)), 0);
		ck_assert_uint_eq(get(page + 4), ops[i].after);
	}
	for (size_t i = 0; i < sizeof(cmps) / sizeof(*cmps); i++) {
		put(page + 4, cmps[i].holds);
		for (int n = 0; n < 4; n++)
			sleep_at(&s[n], n, page + 4 * (unsigned)(n / 2), ANY);
		ck_assert_int_eq(mm_futex_wake_op(f, m.s, page, page + 4, 1, 2,
						  op(1, 0, cmps[i].cmp, cmps[i].arg)), cmps[i].met ? 3 : 1);
		for (int n = 0; n < 4; n++)
			mm_futex_cancel(f, &s[n].w);
		nr_woken = 0;
	}
	ck_assert_int_eq(mm_futex_wake_op(f, m.s, page, page + 4, 1, 1, op(5, 0, 0, 0)), -ENOSYS);
	ck_assert_int_eq(mm_futex_wake_op(f, m.s, page, page + 4, 1, 1, op(0, 0, 6, 0)), -ENOSYS);
	ck_assert_int_eq(mm_futex_wake_op(f, m.s, page, page + PG, 1, 1, 0), -EFAULT);
	ck_assert_int_eq(mm_futex_wake_op(f, m.s, page + 3, page, 1, 1, 0), -EINVAL);
	end();
}
END_TEST

static struct sleeper victim;

static void woke_and_cancelled_another(struct mm_futex_waiter *w)
{
	woke(w);
	mm_futex_cancel(f, &victim.w);
}

START_TEST(a_callback_may_cancel_others)
{
	struct sleeper s[2];

	start();
	sleep_at(&s[0], 0, page, ANY);
	s[0].w.wake = woke_and_cancelled_another;
	sleep_at(&victim, 9, page, ANY);
	sleep_at(&s[1], 1, page, ANY);
	ck_assert_int_eq(mm_futex_wake(f, m.s, page, 9, ANY), 2);
	expect((int[]){ 0, 1 }, 2);
	end();
}
END_TEST

START_TEST(the_highest_priority_comes_first)
{
	struct sleeper s[4];
	static const unsigned prio[4] = { 100, 49, 100, 89 };

	start();
	for (int i = 0; i < 4; i++) {
		s[i] = (struct sleeper){ .w = { .wake = woke, .prio = prio[i] }, .number = i };
		ck_assert_int_eq(mm_futex_wait(f, m.s, page, 0, ANY, &s[i].w), 0);
	}
	ck_assert_ptr_eq(mm_futex_first(f, page), &s[1].w);
	ck_assert_ptr_eq(mm_futex_next(&s[1].w), &s[3].w);
	ck_assert_ptr_null(mm_futex_next(&s[2].w));
	ck_assert_ptr_null(mm_futex_first(f, page + 4));
	mm_futex_queue(f, &s[0].w, page);	/* the last of its priority now */
	ck_assert_int_eq(mm_futex_wake(f, m.s, page, 9, ANY), 4);
	expect((int[]){ 1, 3, 2, 0 }, 4);
	end();
}
END_TEST

START_TEST(who_waits_for_a_lock_is_not_woken)
{
	struct sleeper s[3];

	start();
	sleep_at(&s[0], 0, page, ANY);
	sleep_at(&s[1], 1, page, ANY);
	s[1].w.pi = true;
	sleep_at(&s[2], 2, page + 4, ANY);
	ck_assert_int_eq(mm_futex_requeue(f, m.s, page, page + 8, 0, 2, NULL), -EINVAL);
	ck_assert_uint_eq(s[0].w.addr, page + 8);	/* the one before it was moved */
	mm_futex_queue(f, &s[0].w, page);
	ck_assert_int_eq(mm_futex_wake(f, m.s, page, 1, ANY), -EINVAL);
	ck_assert_int_eq(mm_futex_wake_op(f, m.s, page + 4, page, 1, 1, op(1, 0, 0, 0)), -EINVAL);
	expect((int[]){ 2 }, 1);
	ck_assert_int_eq(mm_futex_requeue(f, m.s, page, page + 8, 1, 1, NULL), -EINVAL);
	mm_futex_cancel(f, &s[1].w);
	ck_assert_int_eq(mm_futex_wake(f, m.s, page, 9, ANY), 1);
	expect((int[]){ 0 }, 1);
	end();
}
END_TEST

static void woke_counting(struct mm_futex_waiter *w)
{
	(void)w;
	nr_woken++;
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Waits and wakes of n waiters, each at its own address: seconds for each. */
static double cost(struct sleeper *s, uint32_t base, uint32_t n)
{
	uint32_t rounds = 400000 / n;
	double began = seconds();

	for (uint32_t r = 0; r < rounds; r++) {
		for (uint32_t i = 0; i < n; i++) {
			s[i] = (struct sleeper){ .w.wake = woke_counting };
			must(!mm_futex_wait(f, m.s, base + i * 4, 0, ANY, &s[i].w));
		}
		for (uint32_t i = 0; i < n; i++)
			must(mm_futex_wake(f, m.s, base + (i * 7919 % n) * 4, 1, ANY) == 1);
	}
	return (seconds() - began) / rounds / n;
}

START_TEST(ten_thousand_waiters_cost_a_logarithm_more_than_ten)
{
	enum { MANY = 10000 };
	struct sleeper *s = calloc(MANY, sizeof *s);
	uint32_t base;
	double few, many;

	start();
	base = (uint32_t)map_anon(m.s, 10 * PG);
	ck_assert_ptr_nonnull(s);
	cost(s, base, MANY);		/* warm */
	few = cost(s, base, 10);
	many = cost(s, base, MANY);
	/* log 10000 / log 10 is 4, and the cache has its share; a walk of them all would be a thousand times as much. */
	ck_assert_msg(many < 40 * few, "%.0f ns with 10 waiters, %.0f with %d", few * 1e9, many * 1e9, MANY);
	ck_assert_int_eq(nr_woken % MANY, 0);
	nr_woken = 0;

	/* And as many at one address: the last one by its bit alone, then all. */
	for (int i = 0; i < MANY; i++) {
		s[i] = (struct sleeper){ .w.wake = woke_counting };
		must(!mm_futex_wait(f, m.s, base, 0, i == MANY - 1 ? 2 : 1, &s[i].w));
	}
	ck_assert_int_eq(mm_futex_wake(f, m.s, base, MANY, 2), 1);
	ck_assert_int_eq(mm_futex_requeue(f, m.s, base, base + 4, 0, MANY, NULL), MANY - 1);
	ck_assert_int_eq(mm_futex_wake(f, m.s, base + 4, MANY, ANY), MANY - 1);
	free(s);
	end();
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		waiting_checks_first, the_kernel_does_not_look_at_mappings, devices_have_no_futexes,
		memory_under_a_device_has_futexes,
		waking_is_first_in_first_out, another_space_wakes_by_address, requeueing,
		requeueing_between_any_two_words, wake_op_changes_compares_and_wakes,
		a_callback_may_cancel_others, the_highest_priority_comes_first,
		who_waits_for_a_lock_is_not_woken, ten_thousand_waiters_cost_a_logarithm_more_than_ten,
	};

	return run_suite("futex", tests, sizeof(tests) / sizeof(*tests));
}
