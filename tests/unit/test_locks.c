/* SPDX-License-Identifier: MIT
 *
 * Locks of one inode (emu/fs/locks.c): against arrays of bytes, and by the thousand.
 */
#include <time.h>
#include "tests/unit/fs_kit.h"
#include "emu/fs/locks.h"

enum { OWNERS = 5, BYTES = 48, NONE = 0, READ = 1, WRITE = 2, MANY = 10000 };

static struct inode *inode;
static struct file *file;
static uint8_t held[OWNERS][BYTES];	/* the model: what each owner has of each byte; the last one stands for all behind it */

static void up(void)
{
	kit_up();
	put_text("/f", "");
	file = must_open("/f", FO_RDWR);
	inode = file->inode;
	memset(held, 0, sizeof held);
}

static void down(void)
{
	file_put(file);
	kit_down();
}

static const void *owner(int i) { return &held[i]; }

static struct file_lock want_of(int who, enum lock_type type, unsigned from, unsigned to)
{
	return (struct file_lock){ owner(who), type, from, to == BYTES - 1 ? UINT64_MAX : to, who };
}

static bool model_conflicts(int who, enum lock_type type, unsigned from, unsigned to)
{
	for (int o = 0; o < OWNERS && type != LOCK_NONE; o++)
		for (unsigned b = from; b <= to && o != who; b++)
			if (held[o][b] == WRITE || (held[o][b] && type == LOCK_WRITE))
				return true;
	return false;
}

/* Each lock of the list is as long as the model says, and as a run can be. */
static void one_lock(void *ctx, const struct inode *i, const struct file_lock *l, bool flock)
{
	int who = l->pid;
	unsigned from = (unsigned)l->start, to = l->end == UINT64_MAX ? BYTES - 1 : (unsigned)l->end;
	uint8_t type = l->type == LOCK_READ ? READ : WRITE;

	ck_assert(i == inode && !flock && l->owner == owner(who));
	for (unsigned b = from; b <= to; b++)
		ck_assert_uint_eq(held[who][b], type);
	ck_assert(!from || held[who][from - 1] != type);
	ck_assert(to == BYTES - 1 || held[who][to + 1] != type);
	*(unsigned *)ctx += to - from + 1;
}

static void compare(void)
{
	unsigned bytes = 0, expected = 0;

	for (int o = 0; o < OWNERS; o++)
		for (unsigned b = 0; b < BYTES; b++)
			expected += held[o][b] != NONE;
	locks_walk(m, one_lock, &bytes);
	ck_assert_uint_eq(bytes, expected);
	ck_assert_ptr_null(locks_check(m));
}

START_TEST(model)
{
	srand(1);
	for (int n = 0; n < 60000; n++) {
		int who = rand() % OWNERS;
		unsigned a = (unsigned)rand() % BYTES, b = (unsigned)rand() % BYTES;
		unsigned from = a < b ? a : b, to = a < b ? b : a;
		enum lock_type type = (enum lock_type)(rand() % 3);
		struct file_lock want;
		const struct file_lock *in_way;
		bool conflicts;

		if (rand() % 4)
			to = from + (to - from) % 6;
		want = want_of(who, type, from, to);
		conflicts = model_conflicts(who, type, from, to);
		in_way = locks_conflict(inode, &want);
		ck_assert_int_eq(in_way != NULL, conflicts);
		/* The first there is: nothing in the way starts before it. */
		if (in_way && in_way->start > from)
			ck_assert(!model_conflicts(who, type, from, (unsigned)in_way->start - 1));
		ck_assert_int_eq(locks_set(inode, &want), conflicts ? -EAGAIN : 0);
		if (!conflicts)
			memset(&held[who][from], type == LOCK_NONE ? NONE : type == LOCK_READ ? READ : WRITE, to - from + 1);
		if (!(rand() % 50)) {
			locks_drop_owner(inode, owner(who));
			memset(held[who], NONE, BYTES);
		}
		compare();
	}
	for (int o = 0; o < OWNERS; o++)
		locks_drop_owner(inode, owner(o));
	ck_assert_ptr_null(inode->locks);
}
END_TEST

START_TEST(flocks)
{
	struct file *f[3];

	for (int i = 0; i < 3; i++)
		f[i] = must_open("/f", FO_RDWR);
	ck_assert_int_eq(locks_flock(f[0], LOCK_READ, 1), 0);
	ck_assert_int_eq(locks_flock(f[1], LOCK_READ, 2), 0);
	ck_assert_int_eq(locks_flock(f[1], LOCK_READ, 2), 0);
	ck_assert_ptr_null(locks_flock_conflict(f[2], LOCK_READ));
	ck_assert_int_eq(locks_flock_conflict(f[2], LOCK_WRITE)->pid, 1);
	ck_assert_int_eq(locks_flock_conflict(f[0], LOCK_WRITE)->pid, 2);
	/* To change it is to give it up first. */
	ck_assert_int_eq(locks_flock(f[0], LOCK_WRITE, 1), -EAGAIN);
	ck_assert_ptr_null(locks_flock_conflict(f[1], LOCK_WRITE));
	ck_assert_int_eq(locks_flock(f[1], LOCK_WRITE, 2), 0);
	ck_assert_int_eq(locks_flock_conflict(f[0], LOCK_READ)->pid, 2);
	ck_assert_int_eq(locks_flock(f[0], LOCK_READ, 1), -EAGAIN);
	ck_assert_ptr_null(locks_check(m));
	file_put(f[1]);
	ck_assert_int_eq(locks_flock(f[0], LOCK_WRITE, 1), 0);
	file_put(f[0]);
	ck_assert_ptr_null(inode->locks);
	file_put(f[2]);
}
END_TEST

/* --- Many --- */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/*
 * The second half takes about as long as the first.  If each step walked what is there it would take three times as long, and some
 * tenths of a second: so a delay of the machine's does not count.
 */
static void in_halves(void (*step)(unsigned n))
{
	double first, second, at = now();

	for (unsigned n = 0; n < MANY; n++)
		step(n);
	first = now() - at;
	at = now();
	for (unsigned n = MANY; n < 2 * MANY; n++)
		step(n);
	second = now() - at;
	ck_assert_msg(second < 2 * first + 0.05, "%f s, then %f s", first, second);
	ck_assert_ptr_null(locks_check(m));
}

/* Each of another owner, all over each other, and nobody in the way of whom. */
static char many[2 * MANY];

static void shared_by_all(unsigned n)
{
	const struct file_lock want = { &many[n], LOCK_READ, 0, UINT64_MAX, 1 };

	ck_assert_int_eq(locks_set(inode, &want), 0);
}

/* One owner's, with gaps; asked what is in its way, it is none of its own. */
static void by_one(unsigned n)
{
	const struct file_lock want = { many, LOCK_WRITE, 2 * n, 2 * n, 1 }, all = { many, LOCK_WRITE, 0, UINT64_MAX, 1 };
	const struct file_lock other = { many + 1, LOCK_READ, 2 * n, UINT64_MAX, 2 };

	ck_assert_int_eq(locks_set(inode, &want), 0);
	ck_assert_ptr_null(locks_conflict(inode, &all));
	ck_assert_uint_eq(locks_conflict(inode, &other)->start, 2 * n);
}

static void gone(unsigned n)
{
	locks_drop_owner(inode, &many[2 * MANY - 1 - n]);
}

START_TEST(many_owners)
{
	in_halves(shared_by_all);
	in_halves(gone);
	ck_assert_ptr_null(inode->locks);
}
END_TEST

START_TEST(many_records)
{
	in_halves(by_one);
	locks_drop_owner(inode, many);
	ck_assert_ptr_null(inode->locks);
}
END_TEST

static struct file *files[2 * MANY];

static void flock_one(unsigned n)
{
	files[n] = must_open("/f", FO_RDONLY);
	ck_assert_int_eq(locks_flock(files[n], LOCK_READ, 1), 0);
	ck_assert_ptr_null(locks_flock_conflict(files[n], LOCK_READ));
}

static void close_one(unsigned n)
{
	file_put(files[n]);
}

START_TEST(many_flocks)
{
	in_halves(flock_one);
	in_halves(close_one);
	ck_assert_ptr_null(inode->locks);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("locks");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, up, down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, model);
	tcase_add_test(t, flocks);
	tcase_add_test(t, many_owners);
	tcase_add_test(t, many_records);
	tcase_add_test(t, many_flocks);
	suite_add_tcase(s, t);
	return kit_run(s);
}
