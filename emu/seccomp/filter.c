/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/fs/vfs.h"
#include "emu/kernel/task.h"
#include "emu/seccomp/notify.h"

/* MAX_INSNS_PER_PATH, and what each filter costs there beside its instructions. */
enum { PATH_MAX_INSNS = (1 << 18) / 8, PATH_COST = 4 };

#define ARCH_RISCV32 0x400000f3u	/* AUDIT_ARCH_RISCV32 */

struct seccomp_filter {
	unsigned refs;			/* tasks, and filters put before it */
	struct seccomp_filter *older;
	unsigned len;
	bool log;			/* SECCOMP_FILTER_FLAG_LOG */
	struct seccomp_listener *listener;	/* or NULL: notify.h */
	struct bpf_insn *prog;
};

static uint64_t cost(unsigned len)
{
	return sizeof(struct seccomp_filter) + (uint64_t)len * sizeof(struct bpf_insn);
}

static void put(struct machine *m, struct seccomp_filter *f)
{
	struct seccomp_filter *older;

	for (; f && !--f->refs; f = older) {
		older = f->older;
		if (f->listener)
			seccomp_listener_orphan(f->listener);
		vfs_uncharge(m, cost(f->len));
		free(f->prog);
		free(f);
	}
}

int seccomp_add(struct task *t, struct bpf_insn *prog, unsigned len, bool log, struct seccomp_listener *l)
{
	struct seccomp_filter *f;
	unsigned total = len;

	for (f = t->filters; f; f = f->older)
		total += f->len + PATH_COST;
	if (total > PATH_MAX_INSNS || vfs_charge(t->machine, cost(len)))
		return -ENOMEM;
	f = malloc(sizeof *f);
	if (!f) {
		vfs_uncharge(t->machine, cost(len));
		return -ENOMEM;
	}
	*f = (struct seccomp_filter){ .refs = 1, .older = t->filters, .len = len, .log = log, .prog = prog };
	if (l)
		seccomp_listener_attach(l, &f->listener);
	t->filters = f;
	t->filtered = SECCOMP_FILTER_;
	return 0;
}

bool seccomp_listened(const struct task *t)
{
	const struct seccomp_filter *f = t->filters;

	while (f && !f->listener)
		f = f->older;
	return f;
}

void seccomp_share(const struct task *t, struct task *c)
{
	struct seccomp_filter *old = c->filters;

	if (t->filters)
		t->filters->refs++;
	c->filters = t->filters;
	c->filtered = t->filtered;
	put(t->machine, old);
}

void seccomp_put(struct task *t)
{
	put(t->machine, t->filters);
	t->filters = NULL;
}

bool seccomp_is_ancestor(const struct task *c, const struct task *t)
{
	const struct seccomp_filter *f = t->filters;

	if (!c->filters)
		return true;
	while (f && f != c->filters)
		f = f->older;
	return f;
}

unsigned seccomp_count(const struct task *t)
{
	unsigned n = 0;

	for (const struct seccomp_filter *f = t->filters; f; f = f->older)
		n++;
	return n;
}

void seccomp_data(const struct task *t, uint32_t data[BPF_DATA_WORDS])
{
	memset(data, 0, BPF_DATA_WORDS * sizeof *data);
	data[0] = t->sys.nr;
	data[1] = ARCH_RISCV32;
	data[2] = t->regs.pc;
	for (unsigned i = 0; i < 6; i++)
		data[4 + 2 * i] = t->sys.args[i];
}

uint32_t seccomp_ask(const struct task *t, bool *log, struct seccomp_listener **l)
{
	uint32_t data[BPF_DATA_WORDS], answer = SECCOMP_ALLOW_;

	seccomp_data(t, data);
	*log = false;
	*l = NULL;
	for (const struct seccomp_filter *f = t->filters; f; f = f->older) {
		uint32_t r = bpf_run(f->prog, data);

		if ((int32_t)(r & 0xffff0000) < (int32_t)(answer & 0xffff0000)) {
			answer = r;
			*log = f->log;
			*l = f->listener;
		}
	}
	return answer;
}
