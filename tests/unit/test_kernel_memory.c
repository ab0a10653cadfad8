/* SPDX-License-Identifier: MIT
 *
 * What tasks make the kernel keep costs no page of the guest's, but the host's memory: open files, locks on them, large tables of
 * descriptors, queued signals, timers and filters of seccomp(2) count, and all together may take as much as the guest has RAM.
 */
#include "tests/unit/signal_kit.h"

#include <linux/filter.h>
#include "emu/fs/locks.h"
#include "emu/fs/vfs.h"
#include "emu/kernel/timer.h"
#include "emu/seccomp/seccomp.h"

enum { LARGEST = 1 << 20, LEN = BPF_MAX_LEN, LIMIT = 16 << 20 /* the machine has less RAM: the least there is */ };

static struct file *root(void)
{
	static const struct vfs_cred cred = { .caps = VFS_ALL_CAPS };
	struct fs_context *fs = calloc(1, sizeof *fs);
	struct file *f;
	struct walk w;

	fs_context_root(m, fs);
	fs->refs = 1;
	w = (struct walk){ .fs = fs, .cred = &cred };
	ck_assert_int_eq(vfs_open(&w, "/", 0, 0, &f), 0);
	fs_context_put(fs);
	return f;
}

START_TEST(tables_of_descriptors)
{
	enum { MOST = 64 };
	struct fd_table *t[MOST], *copy;
	struct file *f = root();
	int n, err = 0;

	/* Each as large as can be: some 9 MiB. */
	for (n = 0; n < MOST; n++) {
		t[n] = fds_new(m);
		ck_assert_ptr_nonnull(t[n]);
		err = fds_install_at(t[n], f, LARGEST - 1, LARGEST, false);
		if (err < 0)
			break;
		file_get(f);
	}
	ck_assert_int_eq(err, -ENOMEM);
	ck_assert_int_ge(n, 1);
	ck_assert_int_le(n, LIMIT / (8 << 20));
	/* Small ones there can be still. */
	ck_assert_int_eq(fds_install(t[n], file_get(f), 0, LARGEST, false), 0);
	ck_assert_ptr_null(fds_copy(t[0]));
	/* A copy is as large as what it holds. */
	ck_assert_int_eq(fds_install(t[0], file_get(f), 0, LARGEST, false), 0);
	ck_assert_int_eq(fds_close(t[0], LARGEST - 1), 0);
	copy = fds_copy(t[0]);
	ck_assert_ptr_nonnull(copy);
	ck_assert_ptr_eq(fds_look(copy, 0), f);
	ck_assert_int_eq(fds_install(copy, file_get(f), 0, LARGEST, false), 1);
	ck_assert_int_eq(fds_install_at(copy, file_get(f), 200, LARGEST, false), 200);
	fds_put(copy);
	/* All of it comes back. */
	for (int i = 0; i <= n; i++)
		fds_put(t[i]);
	for (int i = 0; i < 3; i++) {
		t[0] = fds_new(m);
		ck_assert_int_eq(fds_install_at(t[0], file_get(f), LARGEST - 1, LARGEST, false), LARGEST - 1);
		fds_put(t[0]);
	}
	ck_assert_uint_eq(f->refs, 1);
	file_put(f);
}
END_TEST

START_TEST(files)
{
	enum { MOST = LIMIT / 256 };
	static struct file *f[MOST];
	unsigned n;

	f[0] = root();
	for (n = 1; n < MOST && (f[n] = file_new(f[0]->inode, f[0]->ops, 0)); n++)
		;
	ck_assert_uint_gt(n, 1000);
	ck_assert_uint_lt(n, MOST);
	for (int round = 0; round < 3; round++) {
		file_put(f[n - 1]);
		f[n - 1] = file_new(f[0]->inode, f[0]->ops, 0);
		ck_assert_ptr_nonnull(f[n - 1]);
	}
	while (n)
		file_put(f[--n]);
}
END_TEST

START_TEST(signals)
{
	enum { MOST = LIMIT / 32 };
	const struct signal_info info = { .signo = 40, .code = SI_QUEUE }, plain = { .signo = 41, .code = SI_USER };
	int err = 0, n = 0;

	boss->process->rlimit[11] = (struct rlimit_pair){ UINT64_MAX, UINT64_MAX };
	boss->blocked = signal_bit(40) | signal_bit(41);
	for (int round = 0; round < 2; round++) {
		int had = n;

		for (n = 0; n < MOST && !err; n += !err)
			err = signal_send_process(boss->process, 40, &info);
		ck_assert_int_eq(err, -EAGAIN);
		ck_assert_int_gt(n, 1000);
		ck_assert_int_lt(n, MOST);
		ck_assert(!had || had == n);
		/* kill(2) arrives. */
		ck_assert_int_eq(signal_send_process(boss->process, 41, &plain), 0);
		ck_assert(signal_in(41, boss->process->pending.set));
		signal_discard(boss->process, ~0ull);
		err = 0;
	}
	boss->blocked = 0;
}
END_TEST

START_TEST(timers)
{
	enum { MOST = LIMIT / 32 };
	struct timer *t;
	int err = 0, n = 0;

	boss->process->rlimit[11] = (struct rlimit_pair){ UINT64_MAX, UINT64_MAX };
	for (int round = 0; round < 2; round++) {
		int had = n;

		for (n = 0; n < MOST && !(err = timer_new(boss, &t)); n++)
			;
		ck_assert_int_eq(err, -EAGAIN);
		ck_assert_int_gt(n, 1000);
		ck_assert_int_lt(n, MOST);
		ck_assert(!had || had == n);
		timers_exec(boss->process);
	}
}
END_TEST

START_TEST(locks)
{
	enum { MOST = LIMIT / 32 };
	struct file *f = root();
	struct file_lock want = { .owner = f, .type = LOCK_WRITE }, other = { .owner = boss, .type = LOCK_NONE };
	int err = 0, n = 0;

	for (int round = 0; round < 2; round++) {
		int had = n;

		for (n = 0; n < MOST && !err; n += !err) {
			want.start = 4 * (unsigned)n;
			want.end = want.start + 2;
			err = locks_set(f->inode, &want);
		}
		ck_assert_int_eq(err, -ENOLCK);
		ck_assert_int_gt(n, 1000);
		ck_assert_int_lt(n, MOST);
		ck_assert(!had || had == n);
		ck_assert_int_eq(locks_flock(f, LOCK_READ, 1), -ENOLCK);
		ck_assert_ptr_null(locks_check(m));
		/* Two of one is one more; to give up what there is takes none. */
		want = (struct file_lock){ .owner = f, .type = LOCK_NONE, .start = 1, .end = 1 };
		ck_assert_int_eq(locks_set(f->inode, &want), -ENOLCK);
		ck_assert_int_eq(locks_set(f->inode, &other), 0);
		want.start = 0;
		ck_assert_int_eq(locks_set(f->inode, &want), 0);
		want.end = UINT64_MAX;
		ck_assert_int_eq(locks_set(f->inode, &want), 0);
		ck_assert_ptr_null(f->inode->locks);
		want = (struct file_lock){ .owner = f, .type = LOCK_WRITE };
		err = 0;
	}
	file_put(f);
}
END_TEST

static int add_filter(struct task *t)
{
	struct bpf_insn *p = calloc(LEN, sizeof *p);
	int err;

	for (int i = 0; i < LEN; i++)
		p[i] = (struct bpf_insn){ .code = BPF_RET | BPF_K, .k = SECCOMP_ALLOW_ };
	err = seccomp_add(t, p, LEN, false, NULL);
	if (err)
		free(p);
	return err;
}

START_TEST(filters)
{
	enum { MOST = 4096 };
	static struct task other[MOST];
	unsigned n, most = LIMIT / (LEN * sizeof(struct bpf_insn));
	int err = 0;

	/* One for each task: no path is long. */
	for (n = 0; n < MOST; n++) {
		other[n].machine = m;
		err = add_filter(&other[n]);
		if (err)
			break;
	}
	ck_assert_int_eq(err, -ENOMEM);
	ck_assert_uint_ge(n, 1);
	ck_assert_uint_le(n, most);
	/* Shared ones count once, until the last has let go. */
	seccomp_share(&other[0], &other[n]);
	seccomp_put(&other[0]);
	ck_assert_int_eq(add_filter(&other[0]), -ENOMEM);
	seccomp_put(&other[n]);
	ck_assert_int_eq(add_filter(&other[0]), 0);
	for (unsigned i = 0; i < n; i++)
		seccomp_put(&other[i]);
	for (unsigned i = 0; i < n; i++)
		ck_assert_int_eq(add_filter(&other[i]), 0);
	for (unsigned i = 0; i < n; i++)
		seccomp_put(&other[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_memory");
	TCase *t = tcase_create("memory");

	tcase_add_test(t, tables_of_descriptors);
	tcase_add_test(t, files);
	tcase_add_test(t, signals);
	tcase_add_test(t, timers);
	tcase_add_test(t, locks);
	tcase_add_test(t, filters);
	return kit_run(s, t);
}
