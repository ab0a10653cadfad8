/* SPDX-License-Identifier: MIT
 *
 * What tasks make the kernel keep costs no page of the guest's, but the host's memory: large tables of descriptors and filters of
 * seccomp(2) count, and all together may take as much as the guest has RAM.
 */
#include "tests/unit/signal_kit.h"

#include <linux/filter.h>
#include "emu/fs/vfs.h"
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

static int add_filter(struct task *t)
{
	struct bpf_insn *p = calloc(LEN, sizeof *p);
	int err;

	for (int i = 0; i < LEN; i++)
		p[i] = (struct bpf_insn){ .code = BPF_RET | BPF_K, .k = SECCOMP_ALLOW_ };
	err = seccomp_add(t, p, LEN, false);
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
	tcase_add_test(t, filters);
	return kit_run(s, t);
}
